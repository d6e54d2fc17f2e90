"""Video and sound are known by their first bytes, whatever their name says; pictures and texts are no recordings."""

import io
import struct
import wave

import pytest
from hypothesis import given
from hypothesis import strategies as st

from darbaza.publication.kinds import DataKind
from darbaza.publication.recordings import recording_in
from tests.publication.pictures.files import drawn, saved


def mp4(brand: bytes) -> bytes:
    return struct.pack(">I4s4sI", 20, b"ftyp", brand, 0) + b"isom" + struct.pack(">I4s", 8, b"mdat")


def spoken() -> bytes:
    """A tenth of a second of silence, as Python's own library writes it."""
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(bytes(1600))
    return out.getvalue()


VIDEO = {
    "a telephone's MP4": mp4(b"mp42"),
    "an iPhone's MOV": mp4(b"qt  "),
    "an old MOV": struct.pack(">I4s", 8, b"wide") + struct.pack(">I4s", 8, b"mdat"),
    "a 3GP": mp4(b"3gp5"),
    "a WebM": b"\x1aE\xdf\xa3\x9fB\x86\x81\x01B\x82\x84webm",
    "an AVI": b"RIFF\x20\0\0\0AVI LIST",
    "a WMV": bytes.fromhex("3026b2758e66cf11a6d900aa0062ce6c"),
    "an Ogg with pictures": b"OggS\0\2" + bytes(22) + b"\x80theora",
    "a camcorder's stream": (b"\x47" + bytes(187)) * 4,
    "a camcorder's stream with times": (bytes(4) + b"\x47" + bytes(187)) * 4,
}
VOICE = {
    "an MP3 with a title": b"ID3\x04\0\0\0\0\0\0",
    "a bare MP3": b"\xff\xfb\x90\x64",
    "a telephone's M4A": mp4(b"M4A "),
    "a WAV": spoken(),
    "an Ogg": b"OggS\0\2" + bytes(22) + b"OpusHead",
    "a FLAC": b"fLaC\0\0\0\x22",
    "an AMR": b"#!AMR\n",
}
NEITHER = {
    "a JPEG": saved(drawn()),
    "a PNG": saved(drawn(), "PNG"),
    "a WebP": saved(drawn(), "WEBP"),
    "an iPhone's HEIC": mp4(b"heic"),
    "an AVIF": mp4(b"avif"),
    "a text": "Кабар".encode(),
    "nothing": b"",
}


@pytest.mark.parametrize("data", VIDEO.values(), ids=VIDEO)
def test_a_video_is_known(data: bytes) -> None:
    assert recording_in(data) is DataKind.VIDEO


@pytest.mark.parametrize("data", VOICE.values(), ids=VOICE)
def test_a_sound_recording_is_known(data: bytes) -> None:
    assert recording_in(data) is DataKind.VOICE


@pytest.mark.parametrize("data", NEITHER.values(), ids=NEITHER)
def test_anything_else_is_no_recording(data: bytes) -> None:
    assert recording_in(data) is None


@given(st.binary(max_size=600))
def test_any_bytes_have_an_answer(data: bytes) -> None:
    assert recording_in(data) in {None, DataKind.VIDEO, DataKind.VOICE}
