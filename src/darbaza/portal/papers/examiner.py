"""Examines one file: its bytes on stdin, one line of JSON on stdout. A process of its own, run by `examination`.

A file is a scan if it begins as what it is, ends where it should, opens whole, and holds nothing but pages.
"""

import contextlib
import io
import json
import resource
import sys
import warnings
from collections.abc import Iterator
from typing import Any

import pikepdf
from PIL import Image, ImageFile, ImageSequence

MEMORY = 1 << 30
MOST_PAGES = 200
MOST_PIXELS = Image.MAX_IMAGE_PIXELS = 110_000_000
"""A3 at 600 dots per inch, and a little more."""

PDF = "application/pdf"
FORMATS = ("JPEG", "PNG", "TIFF")
IMAGES = {"JPEG": "image/jpeg", "MPO": "image/jpeg", "PNG": "image/png", "TIFF": "image/tiff"}
BEGINNINGS = {
    b"%PDF-": PDF,
    b"\xff\xd8\xff": "image/jpeg",
    b"\x89PNG\r\n\x1a\n": "image/png",
    b"II*\x00": "image/tiff",
    b"MM\x00*": "image/tiff",
}
ANYWHERE = (b"%pdf-", b"<script")
EDGES = (b"<svg", b"<html", b"<?php", b"pk\x05\x06")
"""What a picture does not hold, in small letters: by these other programs know other files. The short ones are looked
for near the beginning and the end only; in twenty megabytes of a picture any four bytes turn up by chance."""

EDGE = 66_000
"""Bytes: the furthest from its end that a ZIP archive is recognised."""

SCRIPTS = {"/JavaScript", "/JS", "/Launch", "/AA", "/XFA", "/RichMedia", "/SubmitForm", "/ImportData", "/Rendition"}
FILES = {"/EmbeddedFile", "/EmbeddedFiles", "/AF", "/GoToE", "/Filespec"}
SLACK = 1024
"""Bytes that scanners and telephones leave after the end of a file."""


class Refusal(Exception):  # noqa: N818 - a finding, not a fault
    """The one word that says why the file is no scan."""


def examine(data: bytes) -> dict[str, Any]:
    """Media type and pages of a scan. Raises `Refusal`."""
    media_type = next((kind for begins, kind in BEGINNINGS.items() if data.startswith(begins)), None)
    if media_type is None:
        raise Refusal("type")
    pages = pages_of_pdf(data) if media_type == PDF else pages_of_image(data, media_type)
    if not 1 <= pages <= MOST_PAGES:
        raise Refusal("pages")
    return {"media_type": media_type, "pages": pages}


def pages_of_pdf(data: bytes) -> int:
    """The pages of a PDF that holds nothing but pages."""
    end = data.rfind(b"%%EOF")
    if end < 0:
        raise Refusal("damaged")
    if len(data) - end > SLACK or data[end + 5 :].strip(b"\r\n\0 \t"):
        raise Refusal("mixed")
    try:
        with pikepdf.open(io.BytesIO(data)) as pdf:
            return examined_pages(pdf)
    except pikepdf.PasswordError as error:
        raise Refusal("locked") from error
    except (pikepdf.PdfError, ValueError, RuntimeError) as error:
        raise Refusal("damaged") from error


def examined_pages(pdf: pikepdf.Pdf) -> int:
    """Look at every object of a PDF, also in its streams of objects; its pages."""
    if pdf.is_encrypted:
        raise Refusal("locked")
    for names in (names_in(value) for value in pdf.objects):
        found = set(names)
        if found & SCRIPTS:
            raise Refusal("script")
        if found & FILES:
            raise Refusal("files")
    return len(pdf.pages)


def names_in(value: Any, depth: int = 0) -> Iterator[str]:
    """All keys and names in one object, down to what has an object number of its own."""
    if depth > 64:
        raise Refusal("damaged")
    if isinstance(value, pikepdf.Name):
        yield str(value)
    elif isinstance(value, (pikepdf.Dictionary, pikepdf.Stream)):
        yield from value.keys()
        for inner in value.values():
            yield from inner_names(inner, depth)
    elif isinstance(value, pikepdf.Array):
        for inner in value:
            yield from inner_names(inner, depth)


def inner_names(value: Any, depth: int) -> Iterator[str]:
    """As `names_in`, for a value inside another: one with a number is looked at by itself."""
    if isinstance(value, pikepdf.Object) and not value.is_indirect:
        yield from names_in(value, depth + 1)


def pages_of_image(data: bytes, media_type: str) -> int:
    """The pages of a picture that opens whole and is nothing else besides."""
    if is_something_else(data) or ends_too_late(data, media_type):
        raise Refusal("mixed")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of a scanner's odd notes; what matters is an error
            return opened_pages(data, media_type)
    except Image.DecompressionBombError as error:
        raise Refusal("pixels") from error
    except (OSError, ValueError, SyntaxError, KeyError, EOFError) as error:
        raise Refusal("damaged") from error


def opened_pages(data: bytes, media_type: str) -> int:
    """Open a picture as what it begins as, and decode each of its pages."""
    ImageFile.LOAD_TRUNCATED_IMAGES = False  # another library of the same process may have turned it on
    with Image.open(io.BytesIO(data), formats=FORMATS) as image:
        if IMAGES[image.format or ""] != media_type:
            raise Refusal("type")
        return sum(1 for frame in ImageSequence.Iterator(image) if opened(frame))


def opened(frame: Image.Image) -> bool:
    """Decode one page whole; one that is too large is refused before."""
    if frame.width * frame.height > MOST_PIXELS:
        raise Refusal("pixels")
    frame.load()
    return True


def is_something_else(data: bytes) -> bool:
    """Whether a picture would be known as another kind of file as well."""
    small = data.lower()
    edges = small[:EDGE] + b" " + small[-EDGE:]
    return any(mark in small for mark in ANYWHERE) or any(mark in edges for mark in EDGES)


def ends_too_late(data: bytes, media_type: str) -> bool:
    """Whether a JPEG or PNG goes on after its end. A TIFF has no end: its parts lie where its directory says."""
    last = {"image/jpeg": b"\xff\xd9", "image/png": b"IEND\xaeB`\x82"}.get(media_type)
    return last is not None and len(data) - data.rfind(last) > SLACK


def main() -> None:
    """Examine stdin; say what was found."""
    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    try:
        said = examine(sys.stdin.buffer.read())
    except Refusal as refusal:
        said = {"refused": str(refusal)}
    except MemoryError:
        said = {"refused": "pixels"}
    sys.stdout.write(json.dumps(said))


if __name__ == "__main__":
    main()
