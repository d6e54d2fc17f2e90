"""First bytes by which programs, sound and film, and packed files are told from everything else.

Only what begins a file for certain, or nearly so, stands here: a wrong guess takes a lesson's material away.
"""

import re

_PROGRAMS = (
    b"\x7fELF", b"\xca\xfe\xba\xbe", b"\xca\xfe\xd0\x0d", b"\xfe\xed\xfa\xce", b"\xfe\xed\xfa\xcf", b"\xce\xfa\xed\xfe",
    b"\xcf\xfa\xed\xfe", b"dex\n", b"dey\n", b"\x1bLua", b"BC\xc0\xde", b"L\x00\x00\x00\x01\x14\x02\x00", b"!<arch>\n",
    b"\xed\xab\xee\xdb", b"Cr24", b"ITSF", b"?_\x03\x00", b"xar!", b"regf", b"hsqs", b"sqsh", b"MSWIM\x00\x00\x00",
    b"vhdxfile", b"conectix", b"KDMV", b"QFI\xfb", b"<<< Oracle VM", b"<<< Sun", b"<<< QEMU VM",
)  # fmt: skip
"""Of Windows, Linux, Android, macOS, Java; shortcuts, help files, packages; images of disks with programs on them."""

_SCRIPTS = (
    "#!", "@echo off", "windows registry editor", "regedit4", "[internetshortcut]", "[desktop entry]", "[autorun]",
    "<scriptlet", "<job",
)  # fmt: skip
"""How text begins that a system runs or follows, in small letters."""

_MULTIMEDIA = (
    b"ID3", b"OggS", b"fLaC", b"\x1aE\xdf\xa3", b"FLV\x01", b"0&\xb2u\x8ef\xcf\x11", b"\x00\x00\x01\xba",
    b"\x00\x00\x01\xb3", b"MThd", b"#!AMR", b".RMF", b".ra\xfd", b"wvPK", b".snd\x00", b"#EXTM3U", b"caff\x00\x01",
    b"TTA1", b"MPCK", b"DSD ", b"\x0bw", b"\x7f\xfe\x80\x01", b"NSVf", b"IMPM", b"Extended Module: ", b"YUV4MPEG2",
)  # fmt: skip
_PICTURES_IN_RIFF = (b"WEBP",)
_PICTURES_IN_MP4 = (b"avif", b"avis", b"heic", b"heix", b"mif1", b"msf1")
_QUICKTIME = (b"moov", b"mdat", b"moof", b"styp", b"sidx", b"wide", b"pnot")
_FLASH = re.compile(rb"[FCZ]WS[\x01-\x40]")

_PACKED = (
    b"Rar!\x1a\x07", b"7z\xbc\xaf'\x1c", b"MSCF", b"ISc(", b"\xfd7zXZ\x00", b"BZh", b"(\xb5/\xfd", b"\x04\"M\x18",
    b"LZIP", b"\x1f\x9d", b"\x1f\xa0", b"]\x00\x00", b"`\xea", b"PK\x07\x08", b"PK00PK", b"7kSt", b"zPQ", b"ZOO ",
    b"EGGA", b"ALZ\x01", b"SIT!", b"StuffIt", b"070701", b"070702", b"070707", b"\xc7q", b"q\xc7",
)  # fmt: skip
"""Archives that are not looked into; some of them always hold programs, as images of disks do."""

_PACKED_TEXT = re.compile(rb"begin [0-7]{3,4} |=ybegin |\(This file must be converted with BinHex")
_PACKED_WITHIN = re.compile(rb"Rar!\x1a\x07[\x00\x01]|7z\xbc\xaf'\x1c\x00[\x00-\x09]")
_ZIP_MARKS = (b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06")
_ZIP_WITHIN = re.compile(
    rb"PK\x03\x04[\x00-\x3f]\x00..[\x00-\x63]\x00.{16}[\x01-\xff]\x00|PK\x01\x02.{42}|PK\x05\x06.{18}", re.DOTALL
)

_CONTROL = frozenset({*range(9), *range(14, 32)} - {27})
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_INSTALLER = b"\x10\x0c\x00\x00\x00\x00\x00\xc0\x00\x00\x00\x00\x00\x00F"
"""What the classes of Windows installers, their patches and transforms have in common."""

_DISC_AT, _DISC = 0x8001, (b"CD001", b"BEA01")
_BOOTS_BY = b"\xeb\xe9\xfa\xfc\x33\x31\x0e\x00"
"""How the first sector of a bootable disk begins: jumps, and what real ones do instead."""


def is_multimedia(data: bytes) -> bool:
    """Sound or film."""
    return data.startswith(_MULTIMEDIA) or _is_film(data) or _is_stream(data) or _is_frame(data)


def _is_film(data: bytes) -> bool:
    if data[4:8] == b"ftyp":
        return data[8:12] not in _PICTURES_IN_MP4
    if data.startswith((b"RIFF", b"RIFX", b"RF64")):
        return data[8:12] not in _PICTURES_IN_RIFF
    if data.startswith(b"FORM"):
        return data[8:12] in {b"AIFF", b"AIFC", b"8SVX"}
    return data[4:8] in _QUICKTIME or bool(_FLASH.match(data))


def _is_stream(data: bytes) -> bool:
    """An MPEG transport stream, with the clock of a disc's before each packet or without."""
    plain = len(data) > 376 and data[0] == data[188] == data[376] == 0x47
    return plain or (len(data) > 388 and data[4] == data[196] == data[388] == 0x47)


def _is_frame(data: bytes) -> bool:
    """Frames of MPEG sound, and of AAC."""
    if len(data) < 4 or data.startswith(b"\xff\xfe") or data[0] != 0xFF:
        return False
    return data[1] & 0xF6 == 0xF0 or (data[1] & 0xE6 in {0xE2, 0xE4, 0xE6} and data[2] & 0xF0 != 0xF0)


def is_program(data: bytes) -> bool:
    """A program, a script that says what runs it, or the image of a disk."""
    return (
        data.startswith(_PROGRAMS)
        or (data.startswith((b"MZ", b"ZM")) and not _CONTROL.isdisjoint(data[:64]))
        or data[1:4] == b"\r\r\n"  # compiled Python
        or _text(data).startswith(_SCRIPTS)
        or _is_installer(data)
        or _is_disk(data)
    )


def _text(data: bytes) -> str:
    """How a text begins, in small letters."""
    first = data[:256]
    if first.startswith((b"\xff\xfe", b"\xfe\xff")):
        return first.decode("utf-16", "ignore").lstrip().lower()
    return first.removeprefix(b"\xef\xbb\xbf").decode("latin-1").lstrip().lower()


def _is_installer(data: bytes) -> bool:
    """A Windows installer, by the class in its directory; or, where that lies too far behind, by sectors of 4096 bytes,
    which installers have and documents of the same format have not."""
    return data.startswith(_OLE) and (_INSTALLER in data or data[30:32] == b"\x0c\x00")


def _is_disk(data: bytes) -> bool:
    """The image of a disc or a disk: ISO 9660 or UDF, a boot sector, a partition table, ext."""
    boots = data[510:512] == b"\x55\xaa" and data[:1] in {bytes([one]) for one in _BOOTS_BY}
    is_ext = data[0x438:0x43A] == b"\x53\xef" and not any(data[:16])
    return data[_DISC_AT : _DISC_AT + 5] in _DISC or data[512:520] == b"EFI PART" or boots or is_ext


def is_packed(data: bytes) -> bool:
    """An archive of a kind that is not looked into, or what carries one as text."""
    return (
        data.startswith(_PACKED)
        or data[2:5] in {b"-lh", b"-lz", b"-pm"}
        or data[7:14] == b"**ACE**"
        or bool(_PACKED_TEXT.match(data))
        or bool(_PACKED_WITHIN.search(data))
    )


def hides_a_zip(data: bytes) -> bool:
    """Something else in front of a ZIP archive: a picture to whoever looks at its head, an archive to whoever opens."""
    return any(mark in data for mark in _ZIP_MARKS) and bool(_ZIP_WITHIN.search(data))
