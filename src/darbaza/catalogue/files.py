"""List files as published: plain, gzip, xz or inside a tar archive; read in blocks of whole lines, never at once.

What is no list of text is refused with its reason: a web page, UTF-16, a truncated archive, one that unpacks without
end. Nobody is asked to trust the size that a file claims.
"""

import gzip
import lzma
import tarfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Protocol

MAX_OCTETS = 256 << 20
"""How much a list may be when unpacked."""

MAX_LINE = 1 << 16
"""The longest line, in octets: longer ones are no list."""

BLOCK = 1 << 20
MEMORY = 128 << 20

_WEB = (b"<!doctype", b"<html", b"<head", b"<body", b"<script", b"<?xml", b"<!--")
_KINDS = {b"\xff\xfe": "UTF-16 text", b"\xfe\xff": "UTF-16 text", b"PK\x03\x04": "a zip archive", b"%PDF": "a PDF"}


class ListError(ValueError):
    """A file is no readable list. The message names the file and what it is instead."""


class _Readable(Protocol):
    def read(self, size: int = -1, /) -> bytes:
        """Up to `size` octets, none at the end."""


def blocks(path: Path, member: str = "", limit: int = MAX_OCTETS) -> Iterator[bytes]:
    """Whole lines, about a megabyte at a time, each line ended by one LF. Raises `ListError`.

    `member` names a file inside a tar archive; `limit` is the most octets that are unpacked.
    """
    try:
        with path.open("rb") as raw:
            yield from _lines(path, _unpacked(raw, member), limit)
    except (EOFError, lzma.LZMAError, gzip.BadGzipFile, zlib.error, tarfile.TarError) as error:
        raise ListError(f"list `{path.name}` is truncated or damaged ({error}); fetch it again") from error
    except KeyError as error:
        raise ListError(f"archive `{path.name}` holds no `{member}`; correct sources.toml") from error


def archive_files(path: Path, folder: str, limit: int = MAX_OCTETS) -> Iterator[tuple[str, bytes]]:
    """Name and content of each file directly in a folder `folder` of a tar archive, sorted as they stand there."""
    left = limit
    try:
        with tarfile.open(path, "r|*") as archive:
            for entry in archive:
                above, _, name = entry.name.rpartition("/")
                if not entry.isfile() or above.rpartition("/")[2] != folder:
                    continue
                left -= entry.size
                if left < 0:
                    raise ListError(f"archive `{path.name}` unpacks to over {limit} octets; it is refused")
                stream = archive.extractfile(entry)
                yield name, stream.read() if stream else b""
    except (tarfile.TarError, EOFError, zlib.error, lzma.LZMAError, gzip.BadGzipFile) as error:
        raise ListError(f"archive `{path.name}` is truncated or damaged ({error}); fetch it again") from error


def is_archive(path: Path) -> bool:
    """Whether the file is a tar archive, compressed or not."""
    return tarfile.is_tarfile(path)


def _unpacked(raw: IO[bytes], member: str) -> _Readable:
    if member:
        archive = tarfile.open(fileobj=raw, mode="r:*")  # noqa: SIM115  # lives as long as the file it reads
        stream = archive.extractfile(member)
        if stream is None:
            raise KeyError(member)
        return stream
    magic = raw.read(6)
    raw.seek(0)
    if magic.startswith(b"\x1f\x8b"):
        return gzip.GzipFile(fileobj=raw)
    return _Xz(raw) if magic == b"\xfd7zXZ\x00" else raw


class _Xz:
    """xz with a bound on memory, which `lzma.open` has not, and an error where a stream ends early."""

    def __init__(self, raw: IO[bytes]) -> None:
        self._raw = raw
        self._decoder = lzma.LZMADecompressor(memlimit=MEMORY)

    def read(self, size: int = -1, /) -> bytes:
        while not self._decoder.eof:
            fed = self._raw.read(BLOCK // 4) if self._decoder.needs_input else b""
            if self._decoder.needs_input and not fed:
                raise EOFError("the stream ends early")
            if octets := self._decoder.decompress(fed, size):
                return octets
        return b""


def _lines(path: Path, stream: _Readable, limit: int) -> Iterator[bytes]:
    rest, total, is_first = b"", 0, True
    while octets := stream.read(BLOCK):
        total += len(octets)
        if total > limit:
            raise ListError(f"list `{path.name}` unpacks to over {limit} octets; it is refused")
        if is_first:
            octets, is_first = _sniffed(path, octets), False
        if b"\x00" in octets:
            raise ListError(f"list `{path.name}` holds NUL octets; it is no text in UTF-8")
        head, newline, tail = octets.rpartition(b"\n")
        if not newline:
            rest += octets
        else:
            yield _unix(rest + head + b"\n")
            rest = tail
        if len(rest) > MAX_LINE:
            raise ListError(f"list `{path.name}` has a line of over {MAX_LINE} octets; it is no list")
    if rest:
        yield _unix(rest + b"\n")


def _sniffed(path: Path, octets: bytes) -> bytes:
    """The first octets without a byte order mark; `ListError` if they are the start of something else."""
    for magic, kind in _KINDS.items():
        if octets.startswith(magic):
            raise ListError(f"list `{path.name}` is {kind}; a list is plain text in UTF-8")
    octets = octets.removeprefix(b"\xef\xbb\xbf")
    start = octets[:512].lstrip().lower()
    if start.startswith(_WEB):
        raise ListError(f"list `{path.name}` is a web page; perhaps a sign-in or a notice stands before the publisher")
    if start.startswith((b"{", b"[{", b'["')):
        raise ListError(f"list `{path.name}` is JSON; a list is plain text in UTF-8")
    return octets


def _unix(octets: bytes) -> bytes:
    return octets.replace(b"\r\n", b"\n").replace(b"\r", b"\n") if b"\r" in octets else octets
