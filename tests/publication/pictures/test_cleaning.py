"""What goes out is upright, covered where it must be, and holds nothing but pixels."""

import io
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from darbaza.publication.findings import Box
from darbaza.publication.pictures import Edits, Refusal, Refused, Rendition, cleaned, look, renditions
from tests.publication.pictures.files import NAME, drawn, png_with_text, saved, told

EXPECTED_SEGMENTS = {0xD8, 0xE0, 0xDB, 0xC2, 0xC4, 0xDA, 0xD9}
"""Beginning, JFIF, tables, a progressive frame, scans, the end."""


def segments(data: bytes) -> set[int]:
    """The markers of a JPEG."""
    return {data[at + 1] for at in range(len(data) - 1) if data[at] == 0xFF and data[at + 1] not in {0, 0xFF}}


def shown(data: bytes | Refused) -> Image.Image:
    """A clean copy, opened."""
    assert isinstance(data, bytes)
    return Image.open(io.BytesIO(data)).convert("RGB")


def noise(seed: int, size: tuple[int, int] = (60, 60)) -> Image.Image:
    """A picture in which every pixel differs."""
    return Image.frombytes("RGB", size, Random(seed).randbytes(size[0] * size[1] * 3))  # noqa: S311 - a picture, no secret


def test_nothing_that_the_file_said_goes_out() -> None:
    given_ = told()
    out = cleaned(given_, Edits())
    assert isinstance(out, bytes)
    assert segments(out) <= EXPECTED_SEGMENTS
    for word in (NAME.encode(), NAME.encode("utf-16-le"), b"Asanova", b"Owner", b"Exif", b"xmp", b"Photoshop", b"ICC_"):
        assert word not in out


@given(st.text(min_size=4, max_size=60), st.sampled_from(["Author", "Comment", "Title"]))
def test_no_text_of_a_png_goes_out(text: str, name: str) -> None:
    out = cleaned(png_with_text([(name, text)]), Edits())
    if isinstance(out, Refused):
        assert out.why is Refusal.TWO_THINGS
    else:
        assert segments(out) <= EXPECTED_SEGMENTS
        assert len(out) == len(cleaned(saved(drawn(), "PNG"), Edits()))


@settings(max_examples=20)
@given(st.integers(0, 9), st.integers(10, 99))
def test_what_is_covered_leaves_no_trace(one: int, other: int) -> None:
    """Pictures that differ only beneath the cover are the same when they go out: nothing of it can be restored."""
    box = Box(40, 30, 60, 60)
    pictures = [drawn((160, 120)) for _ in range(2)]
    for picture, seed in zip(pictures, (one, other), strict=True):
        picture.paste(noise(seed), (40, 30))
    before = [saved(picture, "PNG") for picture in pictures]
    assert before[0] != before[1]
    assert cleaned(before[0], Edits((box,))) == cleaned(before[1], Edits((box,)))


def test_what_one_cover_is_filled_with_comes_from_beneath_no_other() -> None:
    boxes = (Box(40, 30, 60, 60), Box(90, 30, 40, 60))
    pictures = [drawn((160, 120)) for _ in range(2)]
    pictures[1].paste(noise(5, (90, 60)), (40, 30))
    one, other = (cleaned(saved(picture, "PNG"), Edits(boxes)) for picture in pictures)
    assert one == other


def test_a_cover_takes_on_the_colours_around_it() -> None:
    picture = Image.new("RGB", (100, 100), (30, 120, 60))
    picture.paste((255, 255, 255), (40, 40, 60, 60))
    seen = shown(cleaned(saved(picture, "PNG"), Edits((Box(38, 38, 24, 24),))))
    assert max(abs(a - b) for a, b in zip(seen.getpixel((50, 50)), (30, 120, 60), strict=True)) < 8


def test_a_picture_that_is_all_covered_is_grey() -> None:
    seen = shown(cleaned(saved(drawn()), Edits((Box(-5, -5, 500, 500),))))
    assert all(abs(low - 128) < 4 and abs(high - 128) < 4 for low, high in seen.getextrema())


@settings(max_examples=50)
@given(
    st.lists(st.tuples(*[st.integers(-300, 300)] * 4), max_size=4), st.none() | st.tuples(*[st.integers(-300, 300)] * 4)
)
def test_any_rectangles_give_a_picture_or_a_refusal(cover: list[tuple[int, ...]], crop: tuple[int, ...] | None) -> None:
    edits = Edits(tuple(Box(*box) for box in cover), Box(*crop) if crop else None)
    out = cleaned(saved(drawn()), edits)
    assert isinstance(out, bytes) or out.why is Refusal.NOTHING_LEFT


def test_a_crop_keeps_what_lies_within_it() -> None:
    seen = shown(cleaned(saved(drawn(), "PNG"), Edits(crop=Box(60, 0, 60, 40))))
    assert seen.size == (60, 40)
    assert seen.getpixel((30, 20))[1] > 150


def test_sizes_for_a_weak_line_are_never_larger_than_the_picture() -> None:
    made = renditions(saved(noise(3, (1200, 800)), "PNG"), Edits())
    assert isinstance(made, tuple)
    assert [(one.width, one.height) for one in made] == [(480, 320), (960, 640), (1200, 800)]
    assert all(isinstance(one, Rendition) and shown(one.data).size == (one.width, one.height) for one in made)


def test_a_clean_picture_has_nothing_to_say() -> None:
    out = cleaned(told(), Edits())
    assert isinstance(out, bytes)
    picture = look(out)
    assert not isinstance(picture, Refused)
    assert picture.notes == ()
