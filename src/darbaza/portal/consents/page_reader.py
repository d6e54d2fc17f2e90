"""Reads the QR codes of scanned forms: a PDF or picture on stdin, one line of JSON on stdout: the codes of each page.

A process of its own, as the examiner of scans is: whatever comes from outside may be made to break what opens it. A
page of a PDF is the pictures that a scanner put on it; a page that was drawn otherwise has no code here, and is asked
about.
"""

import contextlib
import io
import json
import resource
import sys
from collections.abc import Iterator

import pikepdf
import zxingcpp
from PIL import Image, ImageFilter, ImageSequence

MEMORY = 2 << 30
Image.MAX_IMAGE_PIXELS = 110_000_000
LARGEST = 3000
"""Pixels of the longer side at which a code is looked for: A4 at 250 dots per inch; more finds nothing more."""


def codes_of(data: bytes) -> list[list[str]]:
    """What the QR codes of each page say."""
    return [sorted({text for picture in pages for text in read(picture)}) for pages in pictures(data)]


def pictures(data: bytes) -> Iterator[list[Image.Image]]:
    """The pictures of each page."""
    if data.startswith(b"%PDF-"):
        with pikepdf.open(io.BytesIO(data)) as document:
            for page in document.pages:
                yield list(on_page(page))
        return
    with Image.open(io.BytesIO(data)) as image:
        for frame in ImageSequence.Iterator(image):
            yield [frame.copy()]


def on_page(page: pikepdf.Page) -> Iterator[Image.Image]:
    """The pictures of a page that can be opened."""
    for raw in page.get_images().values():
        with contextlib.suppress(Exception):  # a picture in a form that is not known: the page is asked about
            yield pikepdf.PdfImage(raw).as_pil_image()  # type: ignore[arg-type] # an image is a stream


def read(picture: Image.Image) -> Iterator[str]:
    """What the QR codes of a picture say, however the page lay on the glass."""
    for look in looks(picture):
        found = zxingcpp.read_barcodes(look, formats=zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode))
        if found:
            yield from (one.text for one in found)
            return


def looks(picture: Image.Image) -> Iterator[Image.Image]:
    """The picture in grey; and where that shows nothing: sharpened for what is out of focus, smoothed for the grain of
    a dark room, smaller for both."""
    grey = picture.convert("L")
    grey.thumbnail((LARGEST, LARGEST))
    yield grey
    yield grey.filter(ImageFilter.UnsharpMask(4, 250, 0))
    yield grey.filter(ImageFilter.MedianFilter(5))
    grey.thumbnail((max(grey.width // 3, 1), max(grey.height // 3, 1)))
    yield grey


if __name__ == "__main__":
    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    sys.stdout.write(json.dumps(codes_of(sys.stdin.buffer.read())))
