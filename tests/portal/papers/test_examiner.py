"""What is a scan, and what only looks like one."""

import io
import zipfile
from collections.abc import Callable

import pikepdf
import pytest
from asgiref.sync import async_to_sync
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from darbaza.portal.papers import examination, examiner
from darbaza.portal.papers.actions import Examined
from darbaza.portal.papers.examiner import Refusal


def picture(form: str, pages: int = 1, size: tuple[int, int] = (120, 160)) -> bytes:
    """A page as a scanner saves it."""
    made, more = Image.new("L", size, 230), [Image.new("L", size, 200) for _ in range(pages - 1)]
    out = io.BytesIO()
    given = {"save_all": True, "append_images": more} if more else {}
    made.save(out, form, **given)
    return out.getvalue()


def pdf(change: Callable[[pikepdf.Pdf], object] | None = None, pages: int = 1, **saving: object) -> bytes:
    """A PDF with empty pages, and what a test puts into it."""
    with pikepdf.new() as made:
        for _ in range(pages):
            made.add_blank_page()
        if change is not None:
            change(made)
        out = io.BytesIO()
        made.save(out, **saving)  # type: ignore[arg-type] # a test's keywords
    return out.getvalue()


def script(made: pikepdf.Pdf) -> None:
    made.Root.OpenAction = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS=pikepdf.String("app.alert(1)"))


def script_on_page(made: pikepdf.Pdf) -> None:
    made.pages[0].AA = pikepdf.Dictionary(O=pikepdf.Dictionary(S=pikepdf.Name.Named))


def launch(made: pikepdf.Pdf) -> None:
    action = pikepdf.Dictionary(S=pikepdf.Name.Launch, F=pikepdf.String("cmd.exe"))
    made.pages[0].Annots = pikepdf.Array([made.make_indirect(pikepdf.Dictionary(Subtype=pikepdf.Name.Link, A=action))])


def attachment(made: pikepdf.Pdf) -> None:
    made.attachments["a.exe"] = pikepdf.AttachedFileSpec(made, b"MZ", filename="a.exe")


def zipped() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("a.js", "alert(1)")
    return out.getvalue()


def outcome(data: bytes) -> str:
    """One word, whatever comes of it."""
    try:
        examiner.examine(data)
    except Refusal as refused:
        return str(refused)
    return "taken"


@pytest.mark.parametrize(
    ("data", "media_type", "pages"),
    [
        (pdf(), "application/pdf", 1),
        (pdf(pages=7, object_stream_mode=pikepdf.ObjectStreamMode.generate), "application/pdf", 7),
        (picture("JPEG"), "image/jpeg", 1),
        (picture("JPEG") + b"Image_UTC_Data1764300000SEFT", "image/jpeg", 1),
        (picture("PNG"), "image/png", 1),
        (picture("TIFF", pages=3), "image/tiff", 3),
    ],
)
def test_a_scan_is_known_by_its_content(data: bytes, media_type: str, pages: int) -> None:
    assert examiner.examine(data) == {"media_type": media_type, "pages": pages}


SVG = b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


@pytest.mark.parametrize(
    ("data", "word"),
    [
        (SVG, "type"),
        (b"<html>", "type"),
        (b"MZ\x90\x00", "type"),
        (b"GIF89a" + bytes(100), "type"),
        (b"\n" + pdf(), "type"),
        (b"%PDF-1.7\nthis is none\n%%EOF\n", "damaged"),
        (b"%PDF-1.7\nno end", "damaged"),
        (pdf(script), "script"),
        (pdf(script, object_stream_mode=pikepdf.ObjectStreamMode.generate), "script"),
        (pdf(script_on_page), "script"),
        (pdf(launch), "script"),
        (pdf(attachment), "files"),
        (pdf(encryption=pikepdf.Encryption(owner="a", user="b")), "locked"),
        (pdf(encryption=pikepdf.Encryption(owner="a", user="")), "locked"),
        (pdf(pages=201), "pages"),
        (pdf() + zipped(), "mixed"),
        (pdf() + b"<script>alert(1)</script>", "mixed"),
        (picture("JPEG") + zipped(), "mixed"),
        (picture("PNG") + pdf(), "mixed"),
        (picture("PNG") + bytes(5000), "mixed"),
        (picture("JPEG")[:-2] + b"\xff\xfe\x00\x0a<script>" + b"\xff\xd9", "mixed"),
        (picture("TIFF") + SVG, "mixed"),
        (picture("PNG")[:-30], "damaged"),
        (picture("JPEG")[:300], "damaged"),
        (picture("PNG", size=(20000, 6000)), "pixels"),
    ],
)
def test_what_is_no_scan_is_told_by_one_word(data: bytes, word: str) -> None:
    assert outcome(data) == word


@given(st.binary(max_size=300), st.sampled_from(sorted(examiner.BEGINNINGS)))
def test_whatever_comes_is_a_scan_or_refused_by_a_known_word(rest: bytes, begins: bytes) -> None:
    assert outcome(begins + rest) in {"taken", *examination.REASONS}


def test_a_file_is_examined_in_a_process_of_its_own() -> None:
    data = picture("PNG")
    found = async_to_sync(examination.examined)("a.png", len(data), lambda: data)
    assert isinstance(found, Examined)
    assert (found.media_type, found.pages, len(found.sha256)) == ("image/png", 1, 64)


def test_nothing_of_a_file_that_is_too_large_is_read() -> None:
    def read() -> bytes:
        raise AssertionError("it was read")

    found = async_to_sync(examination.examined)("scan.pdf", 40 * 2**20, read)
    assert isinstance(found, examination.Refused)
    assert found.word == "large"
    assert "200 dots per inch" in str(found.remedy)


def test_a_file_that_breaks_the_examiner_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(examination, "SECONDS", 0.001)
    found = async_to_sync(examination.examined)("a.png", 10, lambda: picture("PNG"))
    assert isinstance(found, examination.Refused)
    assert found.word == "failed"
