"""What goes out is upright, covered where it must be, and holds nothing but pixels."""

import io
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms

from darbaza.publication.findings import Box
from darbaza.publication.pictures import Edits, Refusal, Refused, Rendition, cleaned, look, renditions
from tests.publication.pictures.files import (
    NAME,
    XMP,
    drawn,
    of_a_telephone,
    png_with_text,
    saved,
    told,
    with_chunk,
    with_hidden_picture,
)

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


def srgb() -> bytes:
    """The colours of all screens, as a profile: with it or without, a picture looks the same."""
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


LOUD = {
    "a JPEG with every kind of note": (told(), saved(drawn(), exif=Image.Exif())),
    "a JPEG with a second picture, as stereo cameras write": (
        saved(drawn(), "MPO", save_all=True, append_images=[noise(4, (120, 80))]),
        saved(drawn()),
    ),
    "a JPEG with a profile": (saved(drawn(), icc_profile=srgb()), saved(drawn())),
    "a PNG with texts": (png_with_text([("Author", NAME), ("XML:com.adobe.xmp", XMP)]), saved(drawn(), "PNG")),
    "a PNG with a chunk that nobody knows": (with_chunk(b"prVt", NAME.encode()), saved(drawn(), "PNG")),
    "a WebP with XMP": (
        saved(drawn(), "WEBP", lossless=True, xmp=XMP.encode()),
        saved(drawn(), "WEBP", lossless=True),
    ),
    "a GIF with a comment": (saved(drawn(), "GIF", comment=NAME.encode()), saved(drawn(), "GIF")),
    "a JPEG with something behind": (saved(drawn()) + b"\0" * 9 + NAME.encode() * 99, saved(drawn())),
    "a telephone's photo with its map and video": (of_a_telephone(saved(noise(6))), saved(drawn())),
    "a PNG with a picture in its credentials": (with_chunk(b"caBX", saved(noise(6))), saved(drawn(), "PNG")),
    **{
        f"a JPEG with another picture in {where}": (with_hidden_picture(where, saved(noise(6))), saved(drawn()))
        for where in ("Exif", "Photoshop", "XMP", "JFXX", "C2PA")
    },
}


@pytest.mark.parametrize(("loud", "silent"), LOUD.values(), ids=LOUD)
def test_whatever_a_file_says_the_same_bytes_go_out_as_if_it_said_nothing(loud: bytes, silent: bytes) -> None:
    assert len(loud) > len(silent)
    out = cleaned(loud, Edits())
    assert isinstance(out, bytes)
    assert out == cleaned(silent, Edits())


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


def test_what_is_cut_away_leaves_no_trace() -> None:
    """Pictures that differ only outside of the part that is kept are the same when they go out."""
    pictures = [drawn((160, 120)) for _ in range(2)]
    pictures[1].paste(noise(7, (70, 120)), (90, 0))
    one, other = (cleaned(saved(picture, "PNG"), Edits(crop=Box(0, 0, 90, 120))) for picture in pictures)
    assert isinstance(one, bytes)
    assert one == other


def test_a_checkers_copy_bears_a_scale_and_what_goes_out_does_not() -> None:
    plain = saved(Image.new("RGB", (600, 400), (90, 90, 90)), "PNG")
    (scaled,), (bare,) = renditions(plain, Edits(), (600,), ()), renditions(plain, Edits(), (600,))  # type: ignore[misc]
    for tenth in range(1, 10):
        light = [sum(shown(one.data).getpixel((60 * tenth, 2))) for one in (scaled, bare)]
        assert abs(light[0] - light[1]) > 100, tenth


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
