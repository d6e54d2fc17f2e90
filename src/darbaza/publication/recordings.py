"""Whether a file is a video or a sound recording, by its first bytes; nothing of it is decoded.

Sources: ISO/IEC 14496-12 (MP4 and its kin), Matroska and Ogg (RFC 9559, RFC 3533), RIFF, ISO/IEC 11172-3 (MP3),
ISO/IEC 13818-1 (transport streams), RFC 4867 (AMR), RFC 9639 (FLAC), ASF 1.20.
"""

from darbaza.publication.kinds import DataKind

BOXES = frozenset({b"ftyp", b"moov", b"mdat", b"wide", b"skip"})
"""What an MP4, MOV or 3GP begins with, after the length of its first box."""

PICTURES = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1", b"avif", b"avis"})
SOUNDS = frozenset({b"M4A ", b"M4B ", b"M4P ", b"f4a "})
"""Brands of an MP4's kin that are still pictures, or sound only."""

ASF = bytes.fromhex("3026b2758e66cf11")
VIDEO_BEGINS = (b"\x1aE\xdf\xa3", b"FLV\x01", b"\x00\x00\x01\xba", b"\x00\x00\x01\xb3", ASF)
VOICE_BEGINS = (b"ID3", b"fLaC", b"#!AMR", b"caff", b".snd", b"\xff\xf1", b"\xff\xf9")
MP3_FRAMES = frozenset({0xFA, 0xFB, 0xF2, 0xF3, 0xE2, 0xE3})
TS_PACKET = 188
HEAD = 4096
"""Bytes at the beginning within which Ogg says what it carries."""


def recording_in(data: bytes) -> DataKind | None:
    """`VIDEO` or `VOICE` if a file is a recording of what moves or sounds; None for anything else. Total."""
    if data[4:8] in BOXES:
        return in_boxes(data)
    if data[:4] in (b"RIFF", b"FORM"):
        return in_chunks(data[8:12])
    if data.startswith(b"OggS"):
        return DataKind.VIDEO if b"theora" in data[:HEAD] else DataKind.VOICE
    if data.startswith(VIDEO_BEGINS) or is_transport_stream(data):
        return DataKind.VIDEO
    is_mp3 = len(data) > 1 and data[0] == 0xFF and data[1] in MP3_FRAMES
    return DataKind.VOICE if is_mp3 or data.startswith(VOICE_BEGINS) else None


def in_boxes(data: bytes) -> DataKind | None:
    """What an MP4 or one of its kin holds, by its brand; a still picture is no recording."""
    brand = data[8:12] if data[4:8] == b"ftyp" else b""
    if brand in PICTURES:
        return None
    return DataKind.VOICE if brand in SOUNDS else DataKind.VIDEO


def in_chunks(kind: bytes) -> DataKind | None:
    """What a RIFF or an IFF holds; a WebP is no recording."""
    if kind == b"AVI ":
        return DataKind.VIDEO
    return DataKind.VOICE if kind in (b"WAVE", b"AIFF", b"AIFC") else None


def is_transport_stream(data: bytes) -> bool:
    """Whether packets of a transport stream follow one another, as camcorders write them."""
    for start in (0, 4):  # four bytes of time stand before each packet on some
        step = TS_PACKET + start
        if len(data) > start + 2 * step and all(data[start + turn * step] == 0x47 for turn in range(3)):
            return True
    return False
