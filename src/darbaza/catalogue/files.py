"""List files as published: plain, gzip, xz or inside a tar archive; read in blocks of whole lines, never at once.

What is no list of text is refused with its reason: a web page, UTF-16, a truncated archive, one that unpacks without
end. Nobody is asked to trust the size that a file claims: everything that is unpacked passes one counter. Archives are
read as they stream by, and nothing is ever written under a name that an archive gives.
"""

import gzip
import lzma
import tarfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Protocol

from darbaza.catalogue.wording import ListsError

MAX_OCTETS = 256 << 20
"""How much a file may be when unpacked, all of an archive included."""

MAX_LINE = 1 << 16
"""The longest line, in octets: longer ones are no list."""

MAX_MEMBERS = 100_000
"""The most files in one archive; the largest that is used has under 40,000."""

BLOCK = 1 << 20
MEMORY = 128 << 20

_WEB = (b"<!doctype", b"<html", b"<head", b"<body", b"<script", b"<?xml", b"<!--")
_KINDS = {b"\xff\xfe": "UTF-16", b"\xfe\xff": "UTF-16", b"PK\x03\x04": "ZIP", b"%PDF": "PDF"}
_TAR_MAGIC = slice(257, 262)


class ListError(ListsError):
    """A file is no readable list. The message names the file and what it is instead."""


class _Readable(Protocol):
    def read(self, size: int = -1, /) -> bytes:
        """Up to `size` octets, none at the end."""


def blocks(path: Path, member: str = "", limit: int = MAX_OCTETS) -> Iterator[bytes]:
    """Whole lines, about a megabyte at a time, each line ended by one LF. Raises `ListError`.

    `member` names a file inside a tar archive; `limit` is the most octets that are unpacked.
    """
    with _opened(path, limit) as stream:
        if member and _is_tar(path):
            yield from _lines(path, _member(path, stream, member))
            _finish(stream)
        else:
            yield from _lines(path, stream)


def archive_files(path: Path, folder: str, limit: int = MAX_OCTETS) -> Iterator[tuple[str, bytes]]:
    """Path below a folder `folder` and content of each file there in a tar archive, in the archive's order."""
    with _opened(path, limit) as stream:
        for entry, content in _members(path, stream):
            above, found, name = f"/{entry}".partition(f"/{folder}/")
            if found and above.count("/") <= 1:
                yield name, content.read()
        _finish(stream)


def _finish(stream: "_Bounded") -> None:
    """Read on to the end: only there does an archive say whether it is whole."""
    while stream.read(BLOCK):
        continue


def whole(path: Path, limit: int = MAX_OCTETS) -> bytes:
    """All octets of a file, unpacked. Raises `ListError`."""
    with _opened(path, limit) as stream:
        pieces = list(iter(lambda: stream.read(BLOCK), b""))
    return _sniffed(path, b"".join(pieces), is_json_welcome=True)


def unpacked_pieces(path: Path, limit: int = MAX_OCTETS) -> Iterator[bytes]:
    """A file's octets, unpacked, as they come; for checksums. Raises `ListError`."""
    with _opened(path, limit) as stream:
        while piece := stream.read(BLOCK):
            yield piece


def is_archive(path: Path) -> bool:
    """Whether the file is a tar archive, compressed or not."""
    return _is_tar(path)


@contextmanager
def _opened(path: Path, limit: int) -> Iterator["_Bounded"]:
    """A file unpacked within its limit; everything that damaged octets can raise becomes a `ListError`."""
    try:
        with path.open("rb") as raw:
            yield _Bounded(path, _unpacked(raw), limit)
    except (EOFError, lzma.LZMAError, gzip.BadGzipFile, zlib.error, tarfile.TarError) as error:
        raise ListError("damaged", list=path.name, reason=str(error)) from error


class _Bounded:
    """Counts what is unpacked and stops at the limit, whatever asks for it."""

    def __init__(self, path: Path, stream: _Readable, limit: int) -> None:
        self._path, self._stream, self._limit = path, stream, limit
        self._left = limit

    def read(self, size: int = -1, /) -> bytes:
        octets = self._stream.read(size)
        self._left -= len(octets)
        if self._left < 0:
            raise ListError("unpacks-too-big", list=self._path.name, limit=self._limit >> 20)
        return octets


def _unpacked(raw: IO[bytes]) -> _Readable:
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


# Archives.


def _is_tar(path: Path) -> bool:
    """By its magic: `tarfile` itself would unpack an xz archive with whatever memory that demands."""
    try:
        with _opened(path, BLOCK) as stream:
            head = b""
            while len(head) < _TAR_MAGIC.stop and (piece := stream.read(_TAR_MAGIC.stop - len(head))):
                head += piece
    except ListError:
        return False
    return head[_TAR_MAGIC] == b"ustar"


def _members(path: Path, stream: _Readable) -> Iterator[tuple[str, IO[bytes]]]:
    """Name and content of each ordinary file; the content must be read before the next one."""
    with tarfile.open(fileobj=stream, mode="r|") as archive:  # type: ignore[call-overload]  # it only reads
        for number, entry in enumerate(archive):
            archive.members.clear()  # it would keep every header in memory
            if number >= MAX_MEMBERS:
                raise ListError("too-many-members", list=path.name, limit=MAX_MEMBERS)
            name = entry.name.removeprefix("./")
            if name.startswith("/") or ".." in name.split("/"):
                raise ListError("unsafe-name", list=path.name, name=name[:80])
            content = archive.extractfile(entry) if entry.isreg() and not entry.issparse() else None
            if content is not None:
                yield name, content


def _member(path: Path, stream: _Readable, member: str) -> _Readable:
    for name, content in _members(path, stream):
        if f"/{name}".endswith(f"/{member}"):
            return content
    raise ListError("no-member", list=path.name, member=member)


# Lines.


def _lines(path: Path, stream: _Readable) -> Iterator[bytes]:
    rest, is_first = b"", True
    while octets := stream.read(BLOCK):
        if is_first:
            octets, is_first = _sniffed(path, octets), False
        if b"\x00" in octets:
            raise ListError("nul", list=path.name)
        head, newline, tail = octets.rpartition(b"\n")
        if not newline:
            rest += octets
        else:
            yield _unix(rest + head + b"\n")
            rest = tail
        if len(rest) > MAX_LINE:
            raise ListError("long-line", list=path.name, limit=MAX_LINE)
    if rest:
        yield _unix(rest + b"\n")


def _sniffed(path: Path, octets: bytes, *, is_json_welcome: bool = False) -> bytes:
    """The first octets without a byte order mark; `ListError` if they are the start of something else."""
    for magic, kind in _KINDS.items():
        if octets.startswith(magic):
            raise ListError("another-kind", list=path.name, kind=kind)
    octets = octets.removeprefix(b"\xef\xbb\xbf")
    start = octets[:512].lstrip().lower()
    if start.startswith(_WEB):
        raise ListError("web-page", list=path.name)
    if start.startswith((b"{", b"[{", b'["')) and not is_json_welcome:
        raise ListError("another-kind", list=path.name, kind="JSON")
    return octets


def _unix(octets: bytes) -> bytes:
    return octets.replace(b"\r\n", b"\n").replace(b"\r", b"\n") if b"\r" in octets else octets
