"""Faces are found by the real detector, small, turned and in the dark, where they are; and nothing of them but that.

The faces are drawn, so that nobody's is in the repository; how many real ones are found is measured by bench/faces.py.
"""

import dataclasses
from random import Random

import pytest
from PIL import Image, ImageChops, ImageEnhance

from darbaza.publication.findings import Box, Certainty
from darbaza.publication.kinds import DataKind
from darbaza.publication.pictures import Edits, Picture, Refusal, Refused, cleaned, faces, findings, look
from tests.publication.pictures.files import drawn, face, saved

PLACES = ((30, 20), (200, 60), (60, 150))


def wall(patch: Image.Image, places: tuple[tuple[int, int], ...] = PLACES) -> Image.Image:
    """A plain wall with the same face in some places."""
    image = Image.new("RGB", (320, 260), (120, 150, 170))
    for place in places:
        image.paste(patch, place)
    return image


def seen(image: Image.Image, **how: object) -> tuple[Box, ...]:
    picture = look(saved(image, "PNG", **how))
    assert isinstance(picture, Picture)
    return picture.faces


def covers(box: Box, x: float, y: float, width: float) -> bool:
    """Whether a rectangle holds most of a face of some width around a point, and little beside it."""
    width *= 0.8
    holds = box.left <= x - width / 2 and x + width / 2 <= box.left + box.width and box.top <= y <= box.top + box.height
    return holds and box.width < 2.6 * width


@pytest.mark.parametrize("angle", [0, 30, -45, 90, 180, -90])
@pytest.mark.parametrize("width", [24, 36])
def test_every_face_is_found_small_and_turned(width: int, angle: int) -> None:
    patch = face(width).rotate(angle, Image.Resampling.BICUBIC, fillcolor=(120, 150, 170))
    boxes = seen(wall(patch))
    middle = patch.width / 2
    for left, top in PLACES:
        assert any(covers(box, left + middle, top + middle, width) for box in boxes), (left, top, boxes)


@pytest.mark.parametrize("light", [0.15, 1.6])
def test_a_face_is_found_in_the_dark_and_in_glaring_light(light: float) -> None:
    assert len(seen(ImageEnhance.Brightness(wall(face(36))).enhance(light))) >= len(PLACES)


def grained(image: Image.Image, much: int) -> Image.Image:
    """A picture with the grain of a dark room: each pixel up to so much lighter or darker."""
    noise = Image.frombytes("L", image.size, Random(84).randbytes(image.width * image.height))  # noqa: S311 - no secret
    grain = noise.point(lambda value: 128 + (value - 128) * much // 128)
    return ImageChops.add(image, Image.merge("RGB", (grain, grain, grain)), offset=-128)


@pytest.mark.parametrize("angle", [0, 90])
def test_a_small_face_is_found_through_the_grain_of_a_dark_room(angle: int) -> None:
    patch = face(30).rotate(angle)
    boxes = seen(grained(ImageEnhance.Brightness(wall(patch)).enhance(0.4), 40))
    middle = patch.width / 2
    for left, top in PLACES:
        assert any(covers(box, left + middle, top + middle, 30) for box in boxes), (left, top, boxes)


def test_only_a_grainy_picture_is_looked_at_smoothed() -> None:
    still = wall(face(36))
    assert [faces.is_grainy(image) for image in (still, drawn((8, 9)), grained(still, 40))] == [False, False, True]


def test_a_face_that_fills_the_picture_is_found_whole() -> None:
    assert any(covers(box, 300, 300, 240) for box in seen(face(240)))


def test_a_large_face_in_a_small_picture_is_found() -> None:
    assert any(covers(box, 120, 120, 96) for box in seen(face(96)))


@pytest.mark.parametrize(
    ("width", "confidence", "is_enlarged", "taken"),
    [(11, 90, True, False), (24, 30, True, True), (80, 30, True, True), (81, 99, True, False), (81, 39, False, False),
     (81, 40, False, True)],
)  # fmt: skip
def test_a_large_face_must_be_surer_and_is_not_asked_of_the_enlarged_picture(
    width: int, confidence: int, is_enlarged: bool, taken: bool
) -> None:
    assert faces.is_taken(faces.Seen(0, 0, width, width, confidence), is_enlarged) is taken


def test_a_huge_picture_is_looked_at_turned_in_its_smaller_sizes_only() -> None:
    huge, small = (Image.new("L", size).convert("RGB") for size in ((5000, 4000), (500, 400)))
    assert [len(list(faces.views(image, 1.0))) for image in (huge, small)] == [1, 5]
    assert len(list(faces.views(small, 2.5))) == 1


def test_faces_lie_where_the_upright_picture_shows_them() -> None:
    lying = wall(face(36), ((30, 20),)).transpose(Image.Transpose.ROTATE_90)
    exif = Image.Exif()
    exif[0x0112] = 6
    (box,) = seen(lying, exif=exif)
    assert covers(box, 30 + 45, 20 + 45, 36)


def test_a_wall_without_anybody_has_no_face() -> None:
    assert seen(drawn((320, 260))) == ()


def test_a_covered_face_is_no_longer_found() -> None:
    data = saved(wall(face(48), ((30, 20),)))
    picture = look(data)
    assert isinstance(picture, Picture)
    assert picture.faces
    out = cleaned(data, Edits(picture.faces))
    assert isinstance(out, bytes)
    again = look(out)
    assert isinstance(again, Picture)
    assert again.faces == ()


def test_of_a_face_nothing_is_kept_but_its_rectangle() -> None:
    picture = look(saved(face(48)))
    assert isinstance(picture, Picture)
    assert {field.name for field in dataclasses.fields(picture.faces[0])} == {"left", "top", "width", "height"}
    (found,) = findings(picture, "photo-1")
    assert (found.kind, found.people, found.certainty) == (DataKind.PHOTO, (), Certainty.LIKELY)
    assert found.where == picture.faces[0]


def test_without_a_detector_no_picture_passes_as_free_of_faces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(faces, "detector", None)
    assert look(saved(drawn())) == Refused(Refusal.NO_DETECTOR)
