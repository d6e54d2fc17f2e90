"""What a download is, told from its bytes: a program, sound or film, an archive, or nothing that clause 3.3 names.

Names and Content-Type are what a site says of itself, and count only against it. Only the beginning is seen, for
Squid 5.7 stalls when an ICAP service waits for the whole of an answer. Archives are looked into where that is all of
them; one that goes on, or can't be looked into (RAR, 7-Zip, one with a password), counts as an archive with programs.
Office documents are ZIP archives too and pass, unless their beginning holds a program. No byte is unpacked beyond a
limit.
"""

import io
import tarfile
import zipfile
import zlib
from collections.abc import Iterable
from enum import StrEnum

FIRST_BYTES = 32 * 1024
"""What is looked at of everything."""

UNPACKED_BYTES = 32 * 1024 * 1024
"""An archive that unpacks to more is not looked into."""

MOST_MEMBERS = 10_000


class Kind(StrEnum):
    """What clause 3.3 asks a permission for; the value goes into the log as the entry that matched."""

    PROGRAM = "program"
    MULTIMEDIA = "multimedia"
    ARCHIVE = "archive"


PROGRAM_SUFFIXES = (
    ".exe", ".com", ".scr", ".pif", ".cpl", ".msi", ".msp", ".mst", ".dll", ".sys", ".bat", ".cmd", ".ps1", ".psm1",
    ".vbs", ".vbe", ".js", ".jse", ".wsf", ".wsh", ".hta", ".lnk", ".reg", ".jar", ".apk", ".aab", ".xapk", ".ipa",
    ".appx", ".msix", ".appinstaller", ".deb", ".rpm", ".appimage", ".run", ".sh", ".dmg", ".pkg", ".crx", ".xpi",
    ".iso", ".img", ".vhd", ".vhdx", ".chm", ".gadget", ".inf", ".scf", ".url",
)  # fmt: skip
_PAGE_SCRIPTS = (".js",)
"""Parts of every page when they come by themselves; programs when they lie in an archive."""

_MARKED_UP = (".hta", ".wsf")
"""Programs that are written like a page."""

_PROGRAMS = (
    b"\x7fELF", b"\xca\xfe\xba\xbe", b"\xfe\xed\xfa\xce", b"\xfe\xed\xfa\xcf", b"\xce\xfa\xed\xfe",
    b"\xcf\xfa\xed\xfe", b"dex\n", b"L\x00\x00\x00\x01\x14\x02\x00", b"#!", b"!<arch>\n", b"\xed\xab\xee\xdb",
    b"Cr24", b"ITSF", b"xar!", b"regf", b"Windows Registry Editor", b"REGEDIT4", b"@echo off", b"@ECHO OFF",
)  # fmt: skip
_MULTIMEDIA = (
    b"ID3", b"OggS", b"fLaC", b"\x1aE\xdf\xa3", b"FLV\x01", b"0&\xb2u\x8ef\xcf\x11", b"\x00\x00\x01\xba",
    b"\x00\x00\x01\xb3", b"MThd", b"#!AMR", b".RMF", b"wvPK", b".snd\x00", b"#EXTM3U",
)  # fmt: skip
_ARCHIVES = (
    b"Rar!\x1a\x07", b"7z\xbc\xaf'\x1c", b"MSCF", b"ISc(", b"\xfd7zXZ\x00", b"BZh", b"(\xb5/\xfd", b"\x04\"M\x18",
    b"LZIP", b"\x1f\x9d", b"\x1f\xa0",
)  # fmt: skip
_PICTURES_IN_RIFF = (b"WEBP",)
_PICTURES_IN_MP4 = (b"avif", b"avis", b"heic", b"heix", b"mif1", b"msf1")
_OFFICE = ("[Content_Types].xml", "mimetype", "_rels/.rels")
_OLE, _INSTALLER_CLASS = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", bytes.fromhex("84100c0000000000c000000000000046")


def _is_archive(first: bytes) -> bool:
    return first.startswith((b"PK\x03\x04", b"PK\x05\x06", b"\x1f\x8b")) or _is_tar(first)


def kind_of(data: bytes, path: str = "", *, is_whole: bool = True) -> Kind | None:
    """What the bytes are, or None for nothing that needs a permission. `path` is the URL's, for what only a name tells
    (scripts are text); `is_whole` says that nothing follows."""
    if data.startswith(_MULTIMEDIA) or _is_film(data):
        return Kind.MULTIMEDIA
    if (
        data.startswith(_PROGRAMS)
        or (data.startswith(b"MZ") and b"\0" in data[:64])
        or (data.startswith(_OLE) and _INSTALLER_CLASS in data)
    ):
        return Kind.PROGRAM
    if _is_archive(data):
        return _of_archive(data, is_whole=is_whole)
    if data.startswith(_ARCHIVES):
        return Kind.ARCHIVE
    if _hides_a_zip(data):
        return Kind.PROGRAM
    name = path.lower().rpartition("/")[2]
    if data.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<") and not name.endswith(_MARKED_UP):
        return None  # a page about something, not the thing
    return Kind.PROGRAM if name.endswith(PROGRAM_SUFFIXES) and not name.endswith(_PAGE_SCRIPTS) else None


def _is_film(data: bytes) -> bool:
    if data[4:8] == b"ftyp":
        return data[8:12] not in _PICTURES_IN_MP4
    if data.startswith((b"RIFF", b"RIFX", b"RF64")):
        return data[8:12] not in _PICTURES_IN_RIFF
    if len(data) > 376 and data[0] == data[188] == data[376] == 0x47:
        return True  # an MPEG transport stream
    if data.startswith(b"FORM"):
        return data[8:12] in {b"AIFF", b"AIFC", b"8SVX"}
    return (
        len(data) > 3
        and not data.startswith(b"\xff\xfe")
        and data[0] == 0xFF
        and data[1] & 0xE6 in {0xE2, 0xE4, 0xE6}
        and data[2] & 0xF0 != 0xF0
    )


def _of_archive(data: bytes, *, is_whole: bool) -> Kind | None:
    if not is_whole:
        return _of_beginning(data)
    try:
        if data.startswith(b"\x1f\x8b"):
            return _of_gzip(data)
        names = _tar_names(data) if _is_tar(data) else _zip_names(data)
    except (zipfile.BadZipFile, tarfile.TarError, zlib.error, EOFError, ValueError, OSError, NotImplementedError):
        return Kind.ARCHIVE
    return Kind.ARCHIVE if _holds_programs(names) else None


def _of_beginning(data: bytes) -> Kind | None:
    """An archive that goes on: a document passes by the members that are seen, anything else does not."""
    names = _first_names(data)
    return None if names and names[0] in _OFFICE and not _holds_programs(names) else Kind.ARCHIVE


def _first_names(data: bytes) -> list[str]:
    """The names in a ZIP archive's beginning; where a member's end is not told, all that look like another's."""
    names, at = [], 0
    while (at := data.find(b"PK\x03\x04", at)) >= 0 and len(data) >= at + 30:
        size = int.from_bytes(data[at + 26 : at + 28], "little")
        names.append(data[at + 30 : at + 30 + size].decode("utf-8", "replace"))
        at += 30
    return names


def _of_gzip(data: bytes) -> Kind | None:
    unpacker = zlib.decompressobj(31)
    inside = unpacker.decompress(data, UNPACKED_BYTES)
    if unpacker.unconsumed_tail or not unpacker.eof:
        return Kind.ARCHIVE
    return Kind.ARCHIVE if inside.startswith(b"\x1f\x8b") or kind_of(inside) else None


def _is_tar(data: bytes) -> bool:
    return data[257:262] == b"ustar"


def _tar_names(data: bytes) -> list[str]:
    with tarfile.open(fileobj=io.BytesIO(data), mode="r:") as archive:
        return [f"{member.name}" for member in _at_most(archive)]


def _at_most(archive: Iterable[tarfile.TarInfo]) -> Iterable[tarfile.TarInfo]:
    for number, member in enumerate(archive):
        if number >= MOST_MEMBERS:
            raise ValueError("too many members")
        yield member


def _zip_names(data: bytes) -> list[str]:
    """The members' names; those that begin like a program count under a name that says so."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        members = archive.infolist()
        if len(members) > MOST_MEMBERS:
            raise ValueError("too many members")
        if any(member.flag_bits & 1 for member in members):
            raise ValueError("a password")
        is_office = any(member.filename in _OFFICE for member in members[:3])
        names = [member.filename for member in members]
        for member in members:
            if not member.is_dir():
                with archive.open(member) as inside:
                    start = inside.read(512)
                if kind_of(start, is_whole=False) and not (is_office and start.startswith(b"PK")):
                    names.append("within.exe")
        return names


def _holds_programs(names: Iterable[str]) -> bool:
    return any(name.lower().endswith(PROGRAM_SUFFIXES) for name in names)


def _hides_a_zip(data: bytes) -> bool:
    """Something else in front of a ZIP archive: a picture to whoever looks at its head, an archive to whoever opens."""
    at = data.find(b"PK\x03\x04\x14")
    return at > 0 and data[at + 26 : at + 28] != b"\x00\x00" and data[at + 5 : at + 6] == b"\x00"
