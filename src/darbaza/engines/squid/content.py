"""What a download is, told from its bytes: a program, sound or film, an archive, or nothing that clause 3.3 names.

Names and Content-Type are what a site says of itself, and count only against it. Only the beginning is seen, for
Squid 5.7 stalls when an ICAP service waits for the whole of an answer. Archives are looked into where that is all of
them; one that goes on, or can't be looked into (RAR, 7-Zip, one with a password), counts as an archive with programs.
Office documents are ZIP archives too and pass, unless their beginning holds a program. No byte is unpacked beyond a
limit.
"""

import re
from collections.abc import Iterable
from enum import StrEnum

from darbaza.engines.squid.archives import (
    UNREADABLE,
    Member,
    begins_a_document,
    first_members,
    is_archive,
    is_tar,
    members,
)
from darbaza.engines.squid.signatures import hides_a_zip, is_multimedia, is_packed, is_program

FIRST_BYTES = 33 * 1024
"""What is looked at of everything: a CD's image names itself behind 32 KB."""

DEEPEST, MOST_WITHIN = 2, 16
"""How deep it is looked for archives within archives, and how many of those an archive may hold."""


class Kind(StrEnum):
    """What clause 3.3 asks a permission for; the value goes into the log as the entry that matched."""

    PROGRAM = "program"
    MULTIMEDIA = "multimedia"
    ARCHIVE = "archive"


PROGRAM_SUFFIXES = (
    ".exe", ".com", ".scr", ".pif", ".cpl", ".msi", ".msp", ".mst", ".dll", ".ocx", ".drv", ".sys", ".bat", ".cmd",
    ".ps1", ".psm1", ".psd1", ".vb", ".vbs", ".vbe", ".js", ".jse", ".ws", ".wsf", ".wsc", ".wsh", ".sct", ".hta",
    ".msc", ".lnk", ".reg", ".jar", ".jnlp", ".apk", ".apks", ".aab", ".xapk", ".ipa", ".appx", ".appxbundle", ".msix",
    ".msixbundle", ".appinstaller", ".application", ".appref-ms", ".settingcontent-ms", ".search-ms", ".library-ms",
    ".deb", ".rpm", ".snap", ".flatpak", ".flatpakref", ".appimage", ".run", ".sh", ".bash", ".zsh", ".csh", ".ksh",
    ".command", ".desktop", ".dmg", ".pkg", ".crx", ".xpi", ".vsix", ".iso", ".img", ".vhd", ".vhdx", ".vmdk", ".vdi",
    ".wim", ".chm", ".hlp", ".gadget", ".inf", ".scf", ".url", ".pyc", ".pyz", ".pyzw", ".class", ".air", ".ahk",
    ".xll", ".docm", ".dotm", ".xlsm", ".xltm", ".xlam", ".xlsb", ".pptm", ".potm", ".ppam", ".ppsm", ".sldm",
)  # fmt: skip
"""Of systems, scripts, packages, images of disks; and of documents that hold programs (macros)."""

_MACROS = "vbaproject.bin"
_PAGE_SCRIPTS = (".js",)
"""Parts of every page when they come by themselves; programs when they lie in an archive."""

_MARKED_UP = (".hta", ".wsf", ".sct")
"""Programs that are written like a page."""

_TAG = re.compile(rb"(\xef\xbb\xbf)?\s*<[!/?A-Za-z]")


def kind_of(
    data: bytes, names: Iterable[str] = (), *, is_whole: bool = True, is_page: bool = False, depth: int = DEEPEST
) -> Kind | None:
    """What the bytes are, or None for nothing that needs a permission.

    `names` are those under which it may be stored, for what only a name tells (scripts are text); `is_whole` says that
    nothing follows, `is_page` that a browser shows it as a page, so that it may be about something and not the thing;
    archives are looked into `depth` deep.
    """
    if is_multimedia(data):
        return Kind.MULTIMEDIA
    if is_program(data):
        return Kind.PROGRAM
    if is_archive(data):
        return _of_archive(data, is_whole, depth)
    if is_packed(data):
        return Kind.ARCHIVE
    if hides_a_zip(data):
        return Kind.PROGRAM
    suffixes = _MARKED_UP if is_page and _TAG.match(data) else PROGRAM_SUFFIXES
    named = (name.lower() for name in names)
    return Kind.PROGRAM if any(n.endswith(suffixes) and not n.endswith(_PAGE_SCRIPTS) for n in named) else None


def _of_archive(data: bytes, is_whole: bool, depth: int) -> Kind | None:
    """Within another archive only a document is looked into, and a tar archive that was packed."""
    is_document = begins_a_document(first_members(data))
    if depth == 0 or (depth < DEEPEST and not is_document and not is_tar(data)):
        return Kind.ARCHIVE
    if not is_whole:
        return _of_beginning(data)
    try:
        found = members(data)
    except UNREADABLE:
        return Kind.ARCHIVE
    too_many = sum(is_archive(member.data) for member in found) > MOST_WITHIN
    return Kind.ARCHIVE if too_many or any(_is_refused(member, depth) for member in found) else None


def _is_refused(member: Member, depth: int) -> bool:
    """Whether a member needs a permission by its name, or by what it is."""
    inside = kind_of(member.data, is_whole=member.is_whole, depth=depth - 1)
    return _is_programs_name(member.name) or inside is not None


def _of_beginning(data: bytes) -> Kind | None:
    """An archive that goes on: a document passes by the members that are seen, anything else does not."""
    found = first_members(data)
    if not begins_a_document(found):
        return Kind.ARCHIVE
    return Kind.ARCHIVE if any(_is_programs_name(one.name) or is_program(one.data) for one in found) else None


def _is_programs_name(name: str) -> bool:
    return name.lower().endswith((*PROGRAM_SUFFIXES, _MACROS))
