"""Where a picture ends within its file, what follows, and whether another program would take the file for its own.

Sources: ITU-T T.81 annex B (JPEG), PNG 3rd edition section 5, GIF89a, the WebP container specification. Only lengths
and markers are read here; nothing is decoded.
"""

import io
import re
import struct
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

JPEG, PNG, GIF, WEBP = "JPEG", "PNG", "GIF", "WEBP"

MOST_SCANS = 64
"""A progressive JPEG of a camera has about ten; each of hundreds would be decoded over the whole picture."""

FOREIGN = (b"<script", b"<?php", b"<html", b"<!doctype", b"<iframe", b"javascript:")
"""What is code to a browser or a server, in small letters."""

TRAILERS = (b"pk\x03\x04", b"pk\x05\x06", b"%pdf-", b"mz", b"\x7felf", b"rar!", b"7z\xbc\xaf", b"#!/", b"\x1f\x8b")
"""How archives, documents and programs begin, in small letters."""

PDF_HEAD = 1024
"""Bytes within which readers of PDF look for its beginning."""


PICTURES_BEGIN = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF87a", b"GIF89a", b"WEBPVP8")
VIDEO_BEGINS = re.compile(rb"ftyp(?:mp4|iso|avc|qt  |3gp|M4V|MSNV|heic|hevc)|MotionPhoto_Data")
"""How the seconds of video begin that telephones keep behind a photo (ISO/IEC 14496-12 and makers' brands)."""

HEVC = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx"})
"""Brands of HEIF pictures whose codec browsers don't have."""


class Tail(StrEnum):
    """What follows the end of a picture in its file."""

    PICTURE = "picture"
    VIDEO = "video"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Container:
    """A picture's file: its format, the first byte after the picture, and all that stands there."""

    format: str
    end: int
    tails: tuple[Tail, ...]
    scans: int = 1


def format_of(data: bytes) -> str | None:
    """The format that the first bytes say, of those that are opened at all."""
    if data.startswith(b"\xff\xd8\xff"):
        return JPEG
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return PNG
    if data.startswith((b"GIF87a", b"GIF89a")):
        return GIF
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return WEBP
    return None


def is_heic(data: bytes) -> bool:
    """Whether these are the first bytes of a HEIF picture (ISO/IEC 23008-12), as iPhones keep them; AVIF is another."""
    brands = data[8 : min(256, int.from_bytes(data[:4], "big"))]
    return data[4:8] == b"ftyp" and any(brands[at : at + 4] in HEVC for at in range(0, len(brands), 4))


def is_svg(data: bytes) -> bool:
    """Whether this is a drawing in SVG, packed or not by its name."""
    head = data[:4096].lstrip(b"\xef\xbb\xbf\r\n\t ").lower()
    return head.startswith(b"<") and b"<svg" in head


def container_of(data: bytes, format_: str) -> Container | None:
    """Where the picture ends; None where the file ends before it does."""
    end, scans = ENDS[format_](data)
    if end is None:
        return None
    return Container(format_, end, tails_of(data[end:]), scans)


def tails_of(rest: bytes) -> tuple[Tail, ...]:
    """What the bytes after a picture are: cameras add a preview, a depth or gain map, a second of video, or all."""
    if not rest.strip(b"\0\r\n\t "):
        return ()
    has_picture = any(begin in rest for begin in PICTURES_BEGIN)
    found = (Tail.PICTURE,) * has_picture + (Tail.VIDEO,) * (VIDEO_BEGINS.search(rest) is not None)
    return found or (Tail.OTHER,)


def is_polyglot(data: bytes, container: Container) -> bool:
    """Whether the file is something else besides a picture to any program that may be asked to open it."""
    rest = data[container.end :].lstrip(b"\0\r\n\t ")
    if rest[:8].lower().startswith(TRAILERS) or b"%PDF-" in data[:PDF_HEAD] or b"%PDF-" in rest or b"<svg" in rest:
        return True
    small = data.lower()
    return any(mark in small for mark in FOREIGN) or zipfile.is_zipfile(io.BytesIO(data))


def end_of_jpeg(data: bytes) -> tuple[int | None, int]:
    """The first byte after the marker EOI, and the number of scans before it."""
    at, scans = 2, 0
    while at + 2 <= len(data):
        if data[at] != 0xFF:
            at = data.find(b"\xff", at) if scans else -1
            if at < 0:
                return None, scans
            continue
        marker = data[at + 1]
        if marker == 0xD9:
            return at + 2, scans
        if marker == 0xFF:
            at += 1
        elif marker in {0x00, 0x01} or 0xD0 <= marker <= 0xD8:
            at += 2
        else:
            scans += marker == 0xDA
            at += 2 + int.from_bytes(data[at + 2 : at + 4], "big")
    return None, scans


def end_of_png(data: bytes) -> tuple[int | None, int]:
    """The first byte after the chunk IEND."""
    at = 8
    while at + 12 <= len(data):
        length, kind = struct.unpack_from(">I4s", data, at)
        at += 12 + length
        if kind == b"IEND":
            return (at if at <= len(data) else None), 1
    return None, 1


def end_of_gif(data: bytes) -> tuple[int | None, int]:
    """The first byte after the trailer; blocks are walked, since any byte may stand within one."""
    if len(data) < 13:
        return None, 1
    at = 13 + colours(data[10])
    while at < len(data):
        if data[at] == 0x3B:
            return at + 1, 1
        if data[at] == 0x2C and at + 10 <= len(data):
            at = end_of_blocks(data, at + 11 + colours(data[at + 9]))
        elif data[at] == 0x21:
            at = end_of_blocks(data, at + 2)
        else:
            break
    return None, 1


def colours(flags: int) -> int:
    """Bytes of the table of colours that a GIF's flags announce."""
    return 3 << ((flags & 7) + 1) if flags & 0x80 else 0


def end_of_blocks(data: bytes, at: int) -> int:
    """The first byte after a GIF's chain of sub-blocks."""
    while at < len(data) and data[at]:
        at += 1 + data[at]
    return at + 1


def end_of_webp(data: bytes) -> tuple[int | None, int]:
    """The first byte after the RIFF chunk."""
    end = 8 + int.from_bytes(data[4:8], "little")
    return (end if end <= len(data) else None), 1


ENDS: dict[str, Callable[[bytes], tuple[int | None, int]]] = {
    JPEG: end_of_jpeg,
    PNG: end_of_png,
    GIF: end_of_gif,
    WEBP: end_of_webp,
}
