"""What a download is, whatever it says of itself."""

import gzip
import io
import tarfile
import zipfile

import pytest

from darbaza.engines.squid.content import Kind, kind_of

EXE = b"MZ\x90\x00\x03\x00\x00\x00" + b"\x00" * 100


def zipped(**members: bytes) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return made.getvalue()


def tarred(name: str, data: bytes) -> bytes:
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w") as archive:
        member = tarfile.TarInfo(name)
        member.size = len(data)
        archive.addfile(member, io.BytesIO(data))
    return made.getvalue()


@pytest.mark.bypass("W14")
@pytest.mark.parametrize(
    ("data", "path", "kind"),
    [
        (EXE, "/a.jpg", Kind.PROGRAM),
        (b"\x7fELF\x02\x01", "/picture.png", Kind.PROGRAM),
        (b"#!/bin/sh\necho\n", "/readme.txt", Kind.PROGRAM),
        (b"WScript.Echo 1", "/report.pdf.vbs", Kind.PROGRAM),
        (b"<html><hta:application>", "/page.hta", Kind.PROGRAM),
        (b"L\x00\x00\x00\x01\x14\x02\x00" + b"\x00" * 60, "/lesson", Kind.PROGRAM),
        (zipped(**{"a/setup.exe": EXE}), "/homework.zip", Kind.ARCHIVE),
        (zipped(**{"picture.jpg": EXE}), "/homework.docx", Kind.ARCHIVE),
        (zipped(**{"more.zip": zipped(**{"a.exe": EXE})}), "/homework.zip", Kind.ARCHIVE),
        (tarred("setup.msi", b"x"), "/a.txt", Kind.ARCHIVE),
        (gzip.compress(tarred("setup.exe", EXE), mtime=0), "/a.txt", Kind.ARCHIVE),
        (gzip.compress(EXE, mtime=0), "/a.jpg", Kind.ARCHIVE),
        (b"Rar!\x1a\x07\x01\x00", "/a.jpg", Kind.ARCHIVE),
        (b"7z\xbc\xaf'\x1c\x00\x04", "/a.jpg", Kind.ARCHIVE),
        (b"\x00\x00\x00\x18ftypmp42", "/a.jpg", Kind.MULTIMEDIA),
        (b"ID3\x04\x00", "/a.txt", Kind.MULTIMEDIA),
        (b"\xff\xfb\x90\x64" + b"\x00" * 40, "/a.txt", Kind.MULTIMEDIA),
        (b"RIFF\x00\x00\x00\x00AVI LIST", "/a.txt", Kind.MULTIMEDIA),
        (b"\x1aE\xdf\xa3", "/a.txt", Kind.MULTIMEDIA),
    ],
)
def test_bytes_count_and_not_the_name(data: bytes, path: str, kind: Kind):
    assert kind_of(data, path) is kind


@pytest.mark.parametrize(
    ("data", "path"),
    [
        (b"<!DOCTYPE html><title>x</title>", "/about/setup.exe"),
        (b"\xff\xd8\xff\xe0\x00\x10JFIF", "/a.jpg"),
        (b"\x89PNG\r\n\x1a\n", "/a.png"),
        (b"RIFF\x00\x00\x00\x00WEBPVP8 ", "/a.webp"),
        (b"\x00\x00\x00\x1cftypavif", "/a.avif"),
        (b"%PDF-1.7", "/a.pdf"),
        (b"function a() {}", "/site.js"),
        (b"\xff\xfe<\x00h\x00t\x00m\x00l\x00", "/"),
        (zipped(**{"[Content_Types].xml": b"<x/>", "word/document.xml": b"<x/>"}), "/a.docx"),
        (zipped(**{"poem.txt": b"x"}), "/a.zip"),
        (gzip.compress(b"a,b\n1,2\n", mtime=0), "/a.csv.gz"),
        (b"MZ is a country code", "/a.txt"),
        (b"", "/"),
    ],
)
def test_ordinary_lessons_material_passes(data: bytes, path: str):
    assert kind_of(data, path) is None


@pytest.mark.bypass("L06")
def test_a_bomb_is_an_archive():
    assert kind_of(gzip.compress(b"\0" * 100_000_000, mtime=0)) is Kind.ARCHIVE


def test_an_archive_that_goes_on_is_not_believed():
    assert kind_of(zipped(**{"poem.txt": b"x"})[:40], is_whole=False) is Kind.ARCHIVE


def test_a_document_that_goes_on_passes_unless_its_beginning_holds_a_program():
    begins = zipped(**{"[Content_Types].xml": b"<x/>", "word/document.xml": b"<x/>", "word/macro.exe": EXE})
    assert kind_of(begins[: begins.index(b"macro.exe") - 30], is_whole=False) is None
    assert kind_of(begins[: begins.index(b"macro.exe") + 9], is_whole=False) is Kind.ARCHIVE
