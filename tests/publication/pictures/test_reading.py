"""Which bytes are taken as a picture, and which are refused with a word."""

import gzip
import io
import zipfile
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import ExifTags, Image

from darbaza.publication.pictures import Edits, Picture, Refusal, Refused, cleaned, look
from tests.publication.pictures.files import (
    drawn,
    of_many_scans,
    png_bomb,
    png_of_sixteen_bits,
    saved,
    told,
    with_chunk,
)

ARCHIVE = io.BytesIO()
with zipfile.ZipFile(ARCHIVE, "w") as _archive:
    _archive.writestr("a.txt", "a")

ARTIST = Image.Exif()
ARTIST[ExifTags.Base.Artist] = "<html><body>"
FRAMES = [drawn(), drawn().transpose(Image.Transpose.ROTATE_180)]
REFUSED = {
    "nothing": (b"", Refusal.EMPTY),
    "a text": (b"Hello", Refusal.NO_PICTURE),
    "a drawing with a script": (b'<?xml version="1.0"?><svg xmlns="x"><script>1</script></svg>', Refusal.SVG),
    "an iPhone's HEIC": (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + b"\0" * 99, Refusal.HEIC),
    "a JPEG with an archive behind": (saved(drawn()) + ARCHIVE.getvalue(), Refusal.TWO_THINGS),
    "a JPEG with an archive far behind": (saved(drawn()) + b"x" * 999 + ARCHIVE.getvalue(), Refusal.TWO_THINGS),
    "a JPEG with a page behind": (saved(drawn()) + b"<HTML><body>", Refusal.TWO_THINGS),
    "a JPEG with a script in its comment": (saved(drawn(), comment=b"<script>1</script>"), Refusal.TWO_THINGS),
    "a PNG with PHP behind": (saved(drawn(), "PNG") + b"\n<?php 1;", Refusal.TWO_THINGS),
    "a GIF with a PDF behind": (saved(drawn(), "GIF") + b"%PDF-1.4", Refusal.TWO_THINGS),
    "a JPEG with a program behind": (saved(drawn()) + b"MZ\x90\0", Refusal.TWO_THINGS),
    "an animated GIF": (saved(FRAMES[0], "GIF", save_all=True, append_images=FRAMES[1:]), Refusal.ANIMATED),
    "an animated PNG": (saved(FRAMES[0], "PNG", save_all=True, append_images=FRAMES[1:]), Refusal.ANIMATED),
    "an animated WebP": (saved(FRAMES[0], "WEBP", save_all=True, append_images=FRAMES[1:]), Refusal.ANIMATED),
    "a JPEG cut off": (saved(drawn((400, 400)))[:-200], Refusal.CUT_OFF),
    "a PNG whose pixels are no pixels": (saved(drawn(), "PNG").replace(b"IDATx", b"IDAT\0"), Refusal.BROKEN),
    "a PNG cut off": (saved(drawn(), "PNG")[:-20], Refusal.CUT_OFF),
    "a GIF cut off": (saved(drawn(), "GIF")[:-20], Refusal.CUT_OFF),
    "a WebP cut off": (saved(drawn(), "WEBP")[:-20], Refusal.CUT_OFF),
    "a bomb of 400 million pixels": (png_bomb(19_999, 19_999), Refusal.TOO_MANY_PIXELS),
    "a strip of forty thousand pixels": (png_bomb(40_000, 10), Refusal.TOO_MANY_PIXELS),
    "a point that counts visitors": (saved(Image.new("L", (1, 1)), "GIF"), Refusal.TOO_SMALL),
    "a TIFF": (saved(drawn(), "TIFF"), Refusal.NO_PICTURE),
    "an AVIF": (b"\0\0\0\x1cftypavif\0\0\0\0avifmif1" + bytes(99), Refusal.NO_PICTURE),
    "an AVIF that calls itself a HEIF": (b"\0\0\0\x20ftypmif1\0\0\0\0mif1avifmiaf" + bytes(99), Refusal.NO_PICTURE),
    "a HEIC that calls itself a HEIF": (b"\0\0\0\x1cftypmif1\0\0\0\0mif1heic" + bytes(99), Refusal.HEIC),
    "a burst of HEIC": (b"\0\0\0\x18ftyphevc\0\0\0\0msf1hevc" + bytes(99), Refusal.HEIC),
    "a drawing that is packed": (gzip.compress(b"<svg xmlns='x'><script>1</script></svg>"), Refusal.NO_PICTURE),
    "a drawing with a mark of its letters": (b"\xef\xbb\xbf <!-- x --><svg onload='1'/>", Refusal.SVG),
    "a drawing behind a picture": (saved(drawn()) + b"<svg onload='1'/>", Refusal.TWO_THINGS),
    "a JPEG with a page in its Exif": (saved(drawn(), exif=ARTIST), Refusal.TWO_THINGS),
    "a JPEG with a document in its comment": (saved(drawn(), comment=b"%PDF-1.4 x"), Refusal.TWO_THINGS),
    "a PNG with an archive in a chunk": (with_chunk(b"prVt", ARCHIVE.getvalue()), Refusal.TWO_THINGS),
    "a PNG with a script in a chunk": (with_chunk(b"prVt", b"<SCRIPT>1"), Refusal.TWO_THINGS),
    "a WebP with an archive behind": (saved(drawn(), "WEBP") + ARCHIVE.getvalue(), Refusal.TWO_THINGS),
    "a GIF whose screen is four milliard pixels": (
        b"GIF89a" + b"\xff" * 4 + saved(drawn(), "GIF")[10:],
        Refusal.TOO_MANY_PIXELS,
    ),
    "a JPEG of a hundred scans": (of_many_scans(), Refusal.BROKEN),
    "a text that unpacks to a hundred megabytes": (
        with_chunk(b"zTXt", b"Comment\0\0" + zlib.compress(bytes(100_000_000), 9)),
        Refusal.BROKEN,
    ),
}


@pytest.mark.parametrize(("data", "why"), REFUSED.values(), ids=REFUSED)
def test_what_is_no_still_picture_is_refused_with_its_word(data: bytes, why: Refusal) -> None:
    said = look(data)
    assert isinstance(said, Refused)
    assert said.why is why
    assert cleaned(data, Edits()) == said


@pytest.mark.parametrize("last", [b"\xff\0", b"\xff\0\x11", b"\xff\0\x11\x22", b"\xff\xd0\x11", b"\x11\xff"])
def test_a_photo_is_whole_whatever_the_last_bytes_before_its_end_are(last: bytes) -> None:
    data = saved(drawn())[:-2] + last + b"\xff\xd9"
    assert isinstance(look(data), Picture)
    assert isinstance(cleaned(data, Edits()), bytes)


def test_more_than_thirty_megabytes_are_refused_unread() -> None:
    said = look(b"\xff\xd8\xff" + b"\0" * (30 * 2**20))
    assert isinstance(said, Refused)
    assert said.why is Refusal.TOO_MANY_BYTES


@pytest.mark.parametrize(
    ("kind", "mode"),
    [
        *(("JPEG", mode) for mode in ("RGB", "L", "CMYK")),
        *(("PNG", mode) for mode in ("RGB", "L", "P", "1", "RGBA", "LA", "I;16")),
        *(("GIF", mode) for mode in ("P", "L", "1")),
        *(("WEBP", mode) for mode in ("RGB", "RGBA")),
    ],
)
def test_every_mode_of_pixels_comes_out_as_it_looked(kind: str, mode: str) -> None:
    grey = mode in {"L", "LA", "1", "I;16"}
    image = drawn().convert("L").convert(mode) if grey else drawn(mode=mode)
    if mode == "I;16":
        image = Image.frombytes("I;16", (120, 80), b"".join(bytes((0, value)) for value in drawn(mode="L").tobytes()))
    data = saved(image, kind)
    out = cleaned(data, Edits())
    assert isinstance(out, bytes)
    shown = Image.open(io.BytesIO(out))
    assert (shown.mode, shown.size) == ("RGB", (120, 80))
    assert min(shown.getpixel((100, 60))) > 200
    assert max(shown.getpixel((20, 60))) < 250


@pytest.mark.parametrize("tag", [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 77])
def test_a_picture_stands_upright_whatever_its_tag_says(tag: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = tag
    back = {2: 0, 3: 3, 4: 1, 5: 5, 6: 2, 7: 6, 8: 4}  # Pillow's numbers of the transpositions that undo the tag
    lying = drawn().transpose(Image.Transpose(back[tag])) if tag in back else drawn()
    out = cleaned(saved(lying, exif=exif, quality=95), Edits())
    assert isinstance(out, bytes)
    shown = Image.open(io.BytesIO(out)).convert("RGB")
    assert shown.size == (120, 80)
    red, green, blue = (shown.getpixel(at) for at in ((20, 20), (100, 20), (20, 60)))
    assert (red[0] > 150, green[1] > 150, blue[2] > 150) == (True, True, True)


@pytest.mark.parametrize("alpha", [False, True])
def test_sixteen_bits_of_each_colour_come_out_as_they_looked(alpha: bool) -> None:
    out = cleaned(png_of_sixteen_bits(alpha), Edits())
    assert isinstance(out, bytes)
    shown = Image.open(io.BytesIO(out)).convert("RGB")
    red, white = shown.getpixel((4, 15)), shown.getpixel((36, 15))
    assert 140 < red[0] < 170
    assert max(red[1:]) < 25
    assert min(white) > 240


@pytest.mark.parametrize(("kind", "tag"), [("PNG", 6), ("WEBP", 6), ("WEBP", 3)])
def test_the_tag_of_a_png_or_webp_is_obeyed_too(kind: str, tag: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = tag
    how = {"lossless": True} if kind == "WEBP" else {}
    turn = Image.Transpose.ROTATE_90 if tag == 6 else Image.Transpose.ROTATE_180
    out = cleaned(saved(drawn().transpose(turn), kind, exif=exif, **how), Edits())
    assert out == cleaned(saved(drawn(), kind, **how), Edits())


def test_what_is_transparent_is_white_and_hides_nothing() -> None:
    image = Image.new("RGBA", (40, 40), (255, 0, 0, 0))
    out = cleaned(saved(image, "PNG"), Edits())
    assert isinstance(out, bytes)
    assert min(Image.open(io.BytesIO(out)).getpixel((20, 20))) > 250


@given(
    st.binary(max_size=400),
    st.sampled_from([b"", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF89a", b"RIFF\x20\0\0\0WEBP"]),
)
def test_any_bytes_are_a_picture_or_a_refusal(data: bytes, begins: bytes) -> None:
    assert isinstance(look(begins + data), Picture | Refused)


SMALL = drawn((24, 16))
FILES = [told(SMALL), saved(SMALL, "PNG"), saved(SMALL, "GIF"), saved(SMALL, "WEBP")]


@given(st.sampled_from(FILES), st.lists(st.tuples(st.integers(0, 5000), st.integers(0, 255)), max_size=12))
def test_a_file_with_bytes_changed_is_a_picture_or_a_refusal(data: bytes, changes: list[tuple[int, int]]) -> None:
    broken = bytearray(data)
    for at, value in changes:
        broken[at % len(broken)] = value
    assert isinstance(cleaned(bytes(broken), Edits()), bytes | Refused)
    assert isinstance(look(bytes(broken)), Picture | Refused)
