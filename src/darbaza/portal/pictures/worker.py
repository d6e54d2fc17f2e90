"""Opens one picture: its bytes on stdin, JSON on stdout. A process of its own, run by `handling`.

    python -m darbaza.portal.pictures.worker look
    python -m darbaza.portal.pictures.worker clean '{"edits": …, "sides": [480, 960]}'

Whatever comes from outside may be made to break the program that opens it; so this one has no Django, no environment,
and neither memory nor time to spare.
"""

import os

# Before any library starts threads: two of them waiting for one another would take a whole core from the lessons.
os.environ.update(OMP_NUM_THREADS="1", OMP_THREAD_LIMIT="1", OMP_WAIT_POLICY="passive")

import contextlib
import resource
import subprocess
import sys

import msgspec

from darbaza.portal.pictures.said import Answer, Looked, Wish
from darbaza.publication.pictures import Refusal, Refused, Written, joined, look, readable, renditions, written

MEMORY = 3 << 29
"""Bytes of address space, 1.5 GiB: a picture of fifty million pixels, upright and once more."""

READING_SECONDS = 60.0
LANGUAGES = "kir+rus+eng"
MODES = ("11", "3")
"""Tesseract's modes: text anywhere, in no order (signs, certificates on a wall), and a page with its lines. A single
line in a large picture is found by the second only."""


def looked(data: bytes) -> Answer:
    """What a picture shows, says, and has written on it."""
    picture = look(data)
    if isinstance(picture, Refused):
        return Answer(refused=picture)
    return Answer(looked=Looked(picture, read(data)))


def read(data: bytes) -> Written | None:
    """The words on a picture; None where the program that reads is missing, fails, or takes too long."""
    page = readable(data)
    if isinstance(page, Refused):
        return None
    try:
        readings = [written(tesseract(page.png, mode), page.scale) for mode in MODES]
    except (OSError, subprocess.SubprocessError) as error:
        sys.stderr.write(f"`tesseract` did not read the picture: {error}; {getattr(error, 'stderr', b'')!r}\n")
        return None
    return joined(*readings)


def tesseract(png: bytes, mode: str) -> str:
    """The table of words that Tesseract reads in one of its modes."""
    command = ["tesseract", "stdin", "stdout", "-l", LANGUAGES, "--psm", mode, "tsv"]
    ended = subprocess.run(command, input=png, capture_output=True, timeout=READING_SECONDS, check=True)
    return ended.stdout.decode(errors="replace")


def cleaned(data: bytes, wish: bytes) -> Answer:
    """Clean copies of a picture."""
    asked = msgspec.json.decode(wish, type=Wish)
    made = renditions(data, asked.edits, asked.sides, asked.marks)
    return Answer(refused=made) if isinstance(made, Refused) else Answer(renditions=made)


def answered(arguments: list[str], data: bytes) -> Answer:
    """What was asked for, or a refusal where there is not memory enough for it."""
    try:
        return looked(data) if arguments[0] == "look" else cleaned(data, arguments[1].encode())
    except MemoryError:
        return Answer(refused=Refused(Refusal.TOO_MANY_PIXELS))


def main() -> None:
    """Open stdin; say what was found or made."""
    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    os.nice(5)
    sys.stdout.buffer.write(msgspec.json.encode(answered(sys.argv[1:], sys.stdin.buffer.read())))


if __name__ == "__main__":
    main()
