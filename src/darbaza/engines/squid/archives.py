"""What lies in an archive, as far as it can be seen: members' names, and how each begins.

An archive that can be read in two ways is read in both. No more is unpacked than a limit, whatever it claims to hold.
"""

import contextlib
import io
import re
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import IO

UNPACKED_BYTES = 8 * 1024 * 1024
"""What is packed and unpacks to more is not looked into."""

MEMBER_BYTES, WITHIN_BYTES = 4 * 1024, 64 * 1024
"""What is looked at of each member, and of one that is an archive itself."""

MOST_MEMBERS = 1_000

ZIP, GZIP = (b"PK\x03\x04", b"PK\x05\x06"), b"\x1f\x8b"
_HEADER = re.compile(rb"PK\x03\x04")
_OPEN_DOCUMENT = (b"application/vnd.oasis.opendocument.", b"application/vnd.sun.xml.", b"application/epub+zip")
_OFFICE_PARTS = ("[Content_Types].xml", "_rels/", "word/", "xl/", "ppt/", "docProps/", "customXml/")
_PART = re.compile(rb"(\xef\xbb\xbf)?\s*<(\?xml|(\w+:)?(Types|Relationships)\b)")

UNREADABLE = (
    zipfile.BadZipFile, tarfile.TarError, zlib.error, EOFError, ValueError, OverflowError, OSError, NotImplementedError,
)  # fmt: skip
"""What `members` raises for an archive that can't be looked into: damaged, cut off, larger than can be by its own word,
locked, or packed in a way that is not looked into."""

_WAYS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
"""How members of ordinary archives are packed. Others take as much memory as the archive says that they need."""


@dataclass(frozen=True, slots=True)
class Member:
    """One member: its name, its beginning, and whether that is all of it."""

    name: str
    data: bytes
    is_whole: bool = False


def is_archive(data: bytes) -> bool:
    """Whether this is an archive that is looked into: ZIP, gzip, tar."""
    return data.startswith((*ZIP, GZIP)) or is_tar(data)


def is_tar(data: bytes) -> bool:
    """A tar archive by its mark, or, of the oldest kind, by the sum in its first header."""
    if data[257:262] == b"ustar":
        return True
    said = data[148:156].strip(b" \0")
    if len(data) < 512 or not said or any(byte not in b"01234567" for byte in said):
        return False
    return int(said, 8) == sum(data[:148]) + 8 * ord(" ") + sum(data[156:512])


def members(data: bytes) -> list[Member]:
    """All members of an archive that is there as a whole. Raises one of `UNREADABLE`."""
    if data.startswith(GZIP):
        return [_of_gzip(data)]
    if is_tar(data):
        with tarfile.open(fileobj=io.BytesIO(data), mode="r:") as archive:
            return list(_of_tar(archive))
    return [*_of_zip(data), *first_members(data)]


def _of_gzip(data: bytes) -> Member:
    """What is packed: in one piece, for programs differ in what they make of more."""
    unpacker = zlib.decompressobj(31)
    inside = unpacker.decompress(data, UNPACKED_BYTES)
    if unpacker.unconsumed_tail or not unpacker.eof or unpacker.unused_data.strip(b"\0"):
        raise ValueError("too much, cut off, or in pieces")
    return Member("", inside, is_whole=True)


def _of_tar(archive: tarfile.TarFile) -> Iterator[Member]:
    for number, member in enumerate(archive):
        if number >= MOST_MEMBERS:
            raise ValueError("too many members")
        inside = archive.extractfile(member) if member.isfile() else None
        yield _begun(member.name, inside or io.BytesIO(), member.size)


def _begun(name: str, inside: IO[bytes], size: int) -> Member:
    start = inside.read(MEMBER_BYTES)
    if is_archive(start):
        start += inside.read(WITHIN_BYTES)
    return Member(name, start, len(start) == size)


def _of_zip(data: bytes) -> Iterator[Member]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        found = archive.infolist()
        if len(found) > MOST_MEMBERS:
            raise ValueError("too many members")
        if any(member.flag_bits & 1 for member in found):
            raise ValueError("a password")
        if any(member.compress_type not in _WAYS for member in found):
            raise ValueError("packed in an unusual way")
        for member in found:
            with archive.open(member) as inside:
                yield _begun(member.filename, inside, member.file_size)


def first_members(data: bytes) -> list[Member]:
    """The members that stand in a ZIP archive's beginning, by the headers before each: also of those that its table of
    contents, which comes last, does not name."""
    places = (header.start() for header in islice(_HEADER.finditer(data), MOST_MEMBERS))
    return [_member_at(data, at) for at in places if len(data) >= at + 30]


def _member_at(data: bytes, at: int) -> Member:
    method, packed, *sizes = (
        int.from_bytes(data[at + start : at + end], "little") for start, end in ((8, 10), (18, 22), (26, 28), (28, 30))
    )
    begin = at + 30 + sum(sizes)
    name = data[at + 30 : at + 30 + sizes[0]].decode("utf-8", "replace")
    body = data[begin : begin + packed] if packed else data[begin:]
    if method == zipfile.ZIP_STORED:
        return Member(name, body[:MEMBER_BYTES])
    start = b""
    if method == zipfile.ZIP_DEFLATED:
        with contextlib.suppress(zlib.error):
            start = zlib.decompressobj(-15).decompress(body, MEMBER_BYTES)
    return Member(name, start)


def begins_a_document(found: list[Member]) -> bool:
    """Whether these are the first members of an office document or an e-book, by what its format wants there."""
    if not found:
        return False
    first = found[0]
    if first.name == "mimetype":
        return first.data.startswith(_OPEN_DOCUMENT)
    return first.name.startswith(_OFFICE_PARTS) and bool(_PART.match(first.data))
