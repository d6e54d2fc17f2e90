"""A copy of a picture that may go out: upright, cropped, covered where it must be, and nothing but pixels.

What is covered is not blurred: a blur can be undone, and even a coarse mosaic can be matched against known faces. The
rectangle is filled with colours that lead over from one edge to the other, taken from outside of all covered rectangles
only; so what goes out is the same whatever was beneath.
"""

import io
from collections.abc import Iterable
from dataclasses import dataclass

from PIL import Image, ImageDraw, ImageFont, ImageStat

from darbaza.publication.findings import Box
from darbaza.publication.pictures.reading import Refusal, Refused, RefusedError, opened

QUALITY = 80
LONGEST = 1600
"""Pixels of the longer side of what goes out: a screen's width, and some 300 KB."""

WIDTHS = (480, 960, 1600)
"""Pixels of the longer side for a telephone, a page, and a screen."""

GREY = (128, 128, 128)
WHITE = (255, 255, 255)
BLACK = (0, 0, 0)
YELLOW = (255, 221, 0)


@dataclass(frozen=True, slots=True)
class Edits:
    """What a person decided: what is kept, and which rectangles are covered, all in pixels of the upright original.

    `longest` is the longer side of what goes out, in pixels; a smaller picture is never enlarged.
    """

    cover: tuple[Box, ...] = ()
    crop: Box | None = None
    longest: int = LONGEST


@dataclass(frozen=True, slots=True)
class Rendition:
    """A clean JPEG and its size in pixels."""

    width: int
    height: int
    data: bytes


def cleaned(data: bytes, edits: Edits) -> bytes | Refused:
    """The clean JPEG of a picture. Total: whatever the bytes and rectangles are, a JPEG or a refusal comes back."""
    made = renditions(data, edits, (edits.longest,))
    return made if isinstance(made, Refused) else made[0].data


def renditions(
    data: bytes, edits: Edits, sides: Iterable[int] = WIDTHS, marks: Iterable[Box] | None = None
) -> tuple[Rendition, ...] | Refused:
    """Clean JPEGs of several sizes, smallest first; each size once, none larger than the picture or `edits.longest`.

    With `marks`, these places of a picture that is not cropped are framed and numbered, and its edges bear a scale in
    per cent: for whoever decides what becomes of each.
    """
    try:
        image = edited(opened(data).upright, edits)
        if marks is not None:
            image = marked(ruled(image), marks)
    except RefusedError as error:
        return error.refused
    wanted = sorted({min(side, edits.longest, max(image.size)) for side in sides})
    return tuple(rendition(image, max(1, side)) for side in wanted)


def edited(upright: Image.Image, edits: Edits) -> Image.Image:
    """Covered first, then cropped. Raises `RefusedError` if nothing is left."""
    image = covered(upright, edits.cover)
    if edits.crop is None:
        return image
    edges = clipped(edits.crop, image.size)
    if edges is None:
        raise RefusedError(Refusal.NOTHING_LEFT)
    return image.crop(edges)


def clipped(box: Box, size: tuple[int, int]) -> tuple[int, int, int, int] | None:
    """Left, top, right and bottom of a rectangle within a picture; None where they have no pixel in common."""
    left, top = max(0, box.left), max(0, box.top)
    right, bottom = min(size[0], box.left + box.width), min(size[1], box.top + box.height)
    return (left, top, right, bottom) if left < right and top < bottom else None


def covered(upright: Image.Image, boxes: Iterable[Box]) -> Image.Image:
    """The picture with each rectangle filled from what lies around all of them."""
    places = [edges for box in boxes if (edges := clipped(box, upright.size))]
    open_to_view = Image.new("L", upright.size, 255)
    for edges in places:
        ImageDraw.Draw(open_to_view).rectangle((edges[0], edges[1], edges[2] - 1, edges[3] - 1), fill=0)
    image = upright.copy()
    for edges in places:
        image.paste(cover(upright, open_to_view, edges), edges[:2])
    return image


def cover(upright: Image.Image, open_to_view: Image.Image, edges: tuple[int, int, int, int]) -> Image.Image:
    """What one rectangle is filled with: its four corners' surroundings, leading over into one another."""
    left, top, right, bottom = edges
    reach = max(4, (right - left) // 3, (bottom - top) // 3)
    corners = Image.new("RGB", (2, 2))
    for x, y in ((0, 0), (1, 0), (0, 1), (1, 1)):
        at = (right if x else left, bottom if y else top)
        corners.putpixel((x, y), around(upright, open_to_view, at, reach))
    return corners.resize((right - left, bottom - top), Image.Resampling.BILINEAR)


def around(upright: Image.Image, open_to_view: Image.Image, at: tuple[int, int], reach: int) -> tuple[int, ...]:
    """The mean colour near a point, of pixels that are not covered; grey where there is none."""
    edges = clipped(Box(at[0] - reach, at[1] - reach, 2 * reach, 2 * reach), upright.size)
    if edges is None:
        return GREY
    mask = open_to_view.crop(edges)
    if mask.getbbox() is None:
        return GREY
    return tuple(round(mean) for mean in ImageStat.Stat(upright.crop(edges), mask).mean)


def marked(image: Image.Image, marks: Iterable[Box]) -> Image.Image:
    """A picture with numbered frames, from 1 on: black and yellow, to be seen on whatever lies below."""
    draw, high = ImageDraw.Draw(image), max(12, max(image.size) // 32)
    font, wide = ImageFont.load_default(high), max(2, max(image.size) // 320)
    for number, box in enumerate(marks, start=1):
        edges = (box.left, box.top, box.left + box.width - 1, box.top + box.height - 1)
        draw.rectangle(edges, outline=BLACK, width=2 * wide)
        draw.rectangle(edges, outline=YELLOW, width=wide)
        said = str(number)
        label = (box.left, box.top, box.left + round(high * (0.4 + 0.6 * len(said))), box.top + round(1.2 * high))
        draw.rectangle(label, fill=YELLOW, outline=BLACK)
        draw.text((box.left + high // 5, box.top), said, fill=BLACK, font=font)
    return image


def ruled(image: Image.Image) -> Image.Image:
    """A picture with a scale along its upper and left edge, a mark at each tenth: places are said in per cent."""
    draw, high = ImageDraw.Draw(image), max(11, max(image.size) // 36)
    font, wide = ImageFont.load_default(high), max(1, max(image.size) // 640)
    for tenth in range(1, 10):
        x, y = image.width * tenth // 10, image.height * tenth // 10
        for place, end in (((x, 0), (x, high)), ((0, y), (high, y))):
            draw.line((place, end), fill=BLACK, width=3 * wide)
            draw.line((place, end), fill=WHITE, width=wide)
        for left, top in ((x + 2 * wide, 0), (0, y + 2 * wide)):
            draw.rectangle((left, top, left + round(1.3 * high), top + round(1.1 * high)), fill=WHITE)
            draw.text((left + wide, top), str(10 * tenth), fill=BLACK, font=font)
    return image


def rendition(image: Image.Image, longest: int) -> Rendition:
    """One size as JPEG, encoded from bare pixels: no profile, no notes, no thumbnail."""
    factor = min(1.0, longest / max(image.size))
    size = (max(1, round(image.width * factor)), max(1, round(image.height * factor)))
    sized = image if size == image.size else image.resize(size, Image.Resampling.LANCZOS)
    bare = Image.frombytes("RGB", sized.size, sized.tobytes())
    out = io.BytesIO()
    bare.save(out, "JPEG", quality=QUALITY, optimize=True, progressive=True)
    return Rendition(*size, out.getvalue())
