"""Bytes in, an upright picture of plain pixels out, or the code of a refusal.

What is opened: JPEG, PNG, still WebP, still GIF. What is never opened: SVG (a document with scripts), HEIC (its decoder
is encumbered by patents; telephones save JPEG when asked), animations (each frame would have to be looked at), files
that are two things at once, and whatever is larger than a school's camera makes.
"""

import io
import warnings
from dataclasses import dataclass
from enum import StrEnum

from PIL import Image, ImageCms, ImageFile, UnidentifiedImageError

from darbaza.publication.pictures.container import (
    JPEG,
    MOST_SCANS,
    WEBP,
    Container,
    container_of,
    format_of,
    is_heic,
    is_polyglot,
    is_svg,
)

MOST_BYTES = 30 * 2**20
MOST_PIXELS = 50_000_000
"""The largest picture that telephones make without being told to."""

LONGEST_SIDE = 20_000
LEAST_SIDE = 8

OPENED = ("JPEG", "PNG", "GIF", "WEBP")
FAULTS = (
    OSError,
    ValueError,
    SyntaxError,
    KeyError,
    IndexError,
    TypeError,
    EOFError,
    ArithmeticError,
    AttributeError,
    NotImplementedError,
    RuntimeError,
    UnidentifiedImageError,
)
"""What Pillow's readers raise on broken files."""

TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""What brings a picture upright, by the tag `Orientation` (Exif 2.32, 4.6.4.A)."""


class Refusal(StrEnum):
    """Why bytes are not taken as a picture. The portal says each in the reader's language, with its remedy."""

    EMPTY = "empty"
    TOO_MANY_BYTES = "too-many-bytes"
    TOO_MANY_PIXELS = "too-many-pixels"
    TOO_SMALL = "too-small"
    NO_PICTURE = "no-picture"
    HEIC = "heic"
    SVG = "svg"
    ANIMATED = "animated"
    TWO_THINGS = "two-things"
    CUT_OFF = "cut-off"
    BROKEN = "broken"
    TOO_LONG = "too-long"
    """Looking at it took more time than there is."""
    NOTHING_LEFT = "nothing-left"
    """The edit's crop lies outside the picture."""
    NO_DETECTOR = "no-detector"
    """This machine has no face detector, so nothing may be said of faces."""


@dataclass(frozen=True, slots=True)
class Refused:
    """A picture that is not taken. `shown` is the number or word that the reader may want: a size, a format."""

    why: Refusal
    shown: str = ""


class RefusedError(Exception):
    """Carries a `Refused` out of the depth of a reader; never leaves this package."""

    def __init__(self, why: Refusal, shown: str = "") -> None:
        super().__init__(why)
        self.refused = Refused(why, shown)


@dataclass(frozen=True, slots=True)
class Opened:
    """A picture that was opened: as it is in the file, upright in plain RGB, and where it ends in its file."""

    raw: ImageFile.ImageFile
    upright: Image.Image
    container: Container


def opened(data: bytes) -> Opened:
    """Open a picture whole. Raises `RefusedError`, and nothing else."""
    container = judged(data)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of odd notes in the file; what matters is an error
            return decoded(data, container)
    except (MemoryError, Image.DecompressionBombError) as error:
        raise RefusedError(Refusal.TOO_MANY_PIXELS) from error
    except FAULTS as error:
        raise RefusedError(Refusal.BROKEN) from error


def judged(data: bytes) -> Container:
    """What can be said of a file before anything of it is decoded. Raises `RefusedError`."""
    if not data:
        raise RefusedError(Refusal.EMPTY)
    if len(data) > MOST_BYTES:
        raise RefusedError(Refusal.TOO_MANY_BYTES)
    format_ = format_of(data)
    if format_ is None:
        raise RefusedError(Refusal.HEIC if is_heic(data) else Refusal.SVG if is_svg(data) else Refusal.NO_PICTURE)
    container = container_of(data, format_)
    if container is None:
        raise RefusedError(Refusal.CUT_OFF)
    if is_polyglot(data, container):
        raise RefusedError(Refusal.TWO_THINGS)
    if container.scans > MOST_SCANS:
        raise RefusedError(Refusal.BROKEN)
    return container


def decoded(data: bytes, container: Container) -> Opened:
    """Decode one still picture; sizes are known before a pixel is."""
    ImageFile.LOAD_TRUNCATED_IMAGES = False  # another library of the same process may have turned it on
    # What follows the picture is not given to the reader: a second picture there would be taken for a page of this one.
    raw = Image.open(io.BytesIO(data[: container.end]), formats=OPENED)
    check_size(raw)
    if is_animated(raw, container.format):
        raise RefusedError(Refusal.ANIMATED)
    raw.load()
    return Opened(raw, upright(raw), container)


def check_size(image: Image.Image) -> None:
    """Refuse what is too large to decode, or too small to show anything. Raises `RefusedError`."""
    size = f"{image.width} × {image.height}"
    if image.width * image.height > MOST_PIXELS or max(image.size) > LONGEST_SIDE:
        raise RefusedError(Refusal.TOO_MANY_PIXELS, size)
    if min(image.size) < LEAST_SIDE:
        raise RefusedError(Refusal.TOO_SMALL, size)


def is_animated(image: Image.Image, format_: str) -> bool:
    """Whether there is more than one frame, also where the file claims an animation of one.

    A JPEG has one: stereo cameras and telephones of today (for bright screens) announce a second picture behind it.
    """
    if format_ == JPEG:
        return False
    return int(getattr(image, "n_frames", 1)) > 1 or (format_ == WEBP and bool(getattr(image, "is_animated", False)))


def upright(raw: Image.Image) -> Image.Image:
    """Plain RGB in the screen's colours, turned as the file's tag says; an unknown turn is none."""
    image = in_srgb(raw, flattened(raw))
    turn = TURNS.get(orientation_of(raw))
    return image if turn is None else image.transpose(turn)


def orientation_of(raw: Image.Image) -> int:
    """The tag `Orientation` of Exif, or 1 where it is no number or can't be read."""
    try:
        return int(raw.getexif().get(0x0112, 1))
    except FAULTS:
        return 1


def flattened(raw: Image.Image) -> Image.Image:
    """RGB of any mode: sixteen bits are scaled, palettes looked up, and what is transparent stands on white."""
    if raw.mode.startswith(("I", "F")):
        raw = eight_bits(raw)
    if raw.has_transparency_data:
        with_alpha = raw.convert("RGBA")
        ground = Image.new("RGBA", raw.size, "white")
        return Image.alpha_composite(ground, with_alpha).convert("RGB")
    return raw.convert("RGB")


def eight_bits(raw: Image.Image) -> Image.Image:
    """The upper eight of sixteen bits; Pillow by itself would cut off all that is brighter than 255."""
    return raw.convert("I").point(lambda value: value * (1 / 256)).convert("L")


def in_srgb(raw: Image.Image, image: Image.Image) -> Image.Image:
    """In sRGB, since the profile will not go along; a profile that does not fit is left out."""
    profile = raw.info.get("icc_profile")
    if not profile or raw.mode not in {"RGB", "RGBA"}:
        return image
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        return ImageCms.profileToProfile(image, source, ImageCms.createProfile("sRGB"), outputMode="RGB") or image
    except (ImageCms.PyCMSError, *FAULTS):
        return image
