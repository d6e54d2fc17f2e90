"""A picture is opened in a process of its own, with a real OCR program beside it, and stays within time and memory."""

import resource
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest
from PIL import Image, ImageDraw, ImageFont

from darbaza.portal.papers import press
from darbaza.portal.pictures import handling
from darbaza.portal.pictures.said import Answer, Looked
from darbaza.publication.findings import Box, Span
from darbaza.publication.pictures import MOST_BYTES, Edits, Refusal, Refused
from tests.publication.pictures.files import drawn, png_bomb, saved, told

FONT = next(Path("/usr/share/fonts/truetype/paratype").glob("PTS55F*.ttf"))
LINES = {"Асанова Айгүл": (60, 60), "Өмүрбек уулу Эрлан": (60, 160), "Петров Сергей, 9 класс": (60, 260)}


def board() -> bytes:
    """A photo of a board with names in Kyrgyz and Russian."""
    image = Image.new("RGB", (900, 380), (235, 232, 220))
    draw = ImageDraw.Draw(image)
    for line, place in LINES.items():
        draw.text(place, line, fill=(30, 30, 60), font=ImageFont.truetype(FONT, 42))
    return saved(image, quality=85)


async def test_names_on_a_picture_are_read_in_kyrgyz_and_russian_with_their_places() -> None:
    seen = await handling.looked(board())
    assert isinstance(seen, Looked)
    assert seen.written is not None
    for line in LINES:
        assert line.replace(",", "") in seen.written.text.replace(",", "")
    start = seen.written.text.index("Асанова")
    (box,) = seen.written.boxes(Span(start, start + len("Асанова")))
    assert 40 < box.left < 80
    assert 50 < box.top < 90
    assert 100 < box.width < 260


async def test_one_line_on_a_sign_in_a_large_picture_is_read() -> None:
    image = Image.new("RGB", (900, 600), (120, 160, 120))
    draw = ImageDraw.Draw(image)
    draw.rectangle((60, 60, 840, 200), fill=(255, 255, 255))
    draw.text((90, 90), "Жээнбаева Акылай, 8-Б", fill=(0, 0, 0), font=ImageFont.truetype(FONT, 56))
    seen = await handling.looked(saved(image, quality=92))
    assert isinstance(seen, Looked)
    assert seen.written is not None
    assert "Жээнбаева Акылай" in seen.written.text


async def test_a_word_that_is_covered_is_no_longer_read() -> None:
    made = await handling.cleaned(board(), Edits((Box(40, 40, 500, 90),)), (900,))
    assert isinstance(made, tuple)
    seen = await handling.looked(made[0].data)
    assert isinstance(seen, Looked)
    assert seen.written is not None
    assert "Айгүл" not in seen.written.text
    assert "Сергей" in seen.written.text


async def test_notes_of_a_picture_come_through_the_process() -> None:
    seen = await handling.looked(told())
    assert isinstance(seen, Looked)
    assert "Exif: GPS" in {note.name for note in seen.picture.notes}


async def test_a_refusal_comes_through_the_process() -> None:
    assert await handling.looked(b"\0\0\0\x18ftypheic" + b"\0" * 99) == Refused(Refusal.HEIC)
    assert await handling.cleaned(b"no picture", Edits()) == Refused(Refusal.NO_PICTURE)


async def test_too_many_bytes_are_refused_before_a_process_is_started(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(press, "run", None)
    said = await handling.looked(b"\xff" * (MOST_BYTES + 1))
    assert isinstance(said, Refused)
    assert said.why is Refusal.TOO_MANY_BYTES


async def test_a_process_that_takes_too_long_is_ended_and_has_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(handling, "SECONDS", 0.01)
    assert await handling.looked(saved(drawn())) == Refused(Refusal.TOO_LONG)


@pytest.mark.parametrize("wish", [["look"], ["clean", '{"edits": {}, "sides": [480]}']])
@pytest.mark.parametrize("bomb", [png_bomb(19_999, 19_999), png_bomb(10_000, 5_000)], ids=["claimed", "unpacked"])
def test_a_bomb_costs_neither_memory_nor_time(wish: list[str], bomb: bytes) -> None:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    ended = subprocess.run(
        [sys.executable, "-m", handling.WORKER, *wish],
        input=bomb,
        capture_output=True,
        env=press.environment(),
        check=True,
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert msgspec.json.decode(ended.stdout, type=Answer).refused is not None
    assert after.ru_utime - before.ru_utime < 20
    assert after.ru_maxrss < (3 << 29) / 1024


async def test_a_portal_without_the_ocr_program_says_that_nothing_was_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(press, "environment", lambda: {"PATH": "/nowhere", "PYTHONPATH": ":".join(sys.path)})
    seen = await handling.looked(saved(drawn()))
    assert isinstance(seen, Looked)
    assert seen.written is None
