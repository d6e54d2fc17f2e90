"""Opens one document: its bytes on stdin, JSON on stdout. A process of its own, run by `handling`.

    python -m darbaza.portal.documents.worker open ky
    python -m darbaza.portal.documents.worker look 1,4

As with pictures: no Django, no environment, and neither memory nor time to spare. Pages are drawn by poppler.
"""

import contextlib
import os
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

import msgspec
from pypdf import PdfReader

from darbaza.portal.documents.said import Answer, Pages, PageSeen, Refused
from darbaza.portal.pictures import worker as pictures
from darbaza.publication.attachments import AttachmentError, Trouble, read_attachment
from darbaza.publication.attachments.anew import made_anew
from darbaza.publication.pictures import Picture, look

DOTS_FOR_FACES, DOTS_FOR_LETTERS = "90", "150"
"""Dots per inch in which a page is drawn: a face of 24 pixels is 7 mm wide, letters of 8 points are 17 pixels high."""

DRAWING_SECONDS = 30.0
LARGEST_SIDE = "2400"
LARGEST_POINTS = 1_200
"""A little more than the longer side of A3."""

BESIDE = ("comment", "field:", "deleted", "metadata:author")


def opened(data: bytes, language: str) -> Answer:
    """What goes out of a document."""
    return Answer(anew=made_anew(data, language))


def looked(data: bytes, wanted: str) -> Answer:
    """The text of each page of what goes out, and what is seen on some of them."""
    read = read_attachment(data)
    if any(one.place.startswith(BESIDE) for one in read.passages):
        raise AttachmentError(Trouble.BROKEN, "what was made anew says more than its pages")
    texts = {one.place: one.text for one in read.passages}
    numbers = [int(one) for one in wanted.split(",") if one]
    last = max((int(place.removeprefix("page:")) for place in texts if place.startswith("page:")), default=0)
    every = tuple(texts.get(f"page:{number}", "") for number in range(1, max([last, *numbers], default=0) + 1))
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "out.pdf"
        file.write_bytes(data)
        return Answer(pages=Pages(every, tuple(seen(file, number) for number in numbers)))


def seen(file: Path, number: int) -> PageSeen:
    """A page, looked at as a picture. Raises `AttachmentError` where it can't be drawn."""
    picture = look(draw(file, number, DOTS_FOR_FACES))
    if not isinstance(picture, Picture):
        raise AttachmentError(Trouble.UNREADABLE_PAGE, str(number))
    read = pictures.read(draw(file, number, DOTS_FOR_LETTERS))
    return PageSeen(number, len(picture.faces), None if read is None else read.text)


def draw(file: Path, number: int, dots: str) -> bytes:
    """A page as PNG."""
    command = ["pdftoppm", "-png", "-singlefile", "-r", dots, "-f", str(number), "-l", str(number), str(file)]
    if tall(file, number):
        command[3:3] = ["-scale-to", LARGEST_SIDE]
    try:
        return subprocess.run(command, capture_output=True, timeout=DRAWING_SECONDS, check=True).stdout
    except (OSError, subprocess.SubprocessError) as error:
        sys.stderr.write(f"`pdftoppm` did not draw page {number}: {error}\n")
        raise AttachmentError(Trouble.UNREADABLE_PAGE, str(number)) from error


def tall(file: Path, number: int) -> bool:
    """Whether a page is larger than a sheet of A3, so that its dots have to be bounded."""
    page = PdfReader(file).pages[number - 1]
    return max(float(page.mediabox.width), float(page.mediabox.height)) * float(page.user_unit) > LARGEST_POINTS


def answered(arguments: list[str], data: bytes) -> Answer:
    """What was asked for, or why not."""
    try:
        act = opened if arguments[0] == "open" else looked
        return act(data, arguments[1] if len(arguments) > 1 else "")
    except AttachmentError as error:
        sys.stderr.write(f"{error}\n")
        return Answer(refused=Refused(error.trouble, error.detail if error.detail.isdigit() else ""))
    except MemoryError:
        return Answer(refused=Refused(Trouble.TOO_MUCH_INSIDE))


def main() -> None:
    """Open stdin; say what was found or made."""
    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_AS, (pictures.MEMORY, pictures.MEMORY))
    os.nice(5)
    sys.stdout.buffer.write(msgspec.json.encode(answered(sys.argv[1:], sys.stdin.buffer.read())))


if __name__ == "__main__":
    main()
