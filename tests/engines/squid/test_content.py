"""What a download is, whatever it says of itself."""

import gzip
import io
import tarfile
import zipfile

import pytest

from darbaza.engines.squid.content import FIRST_BYTES, Kind, kind_of
from darbaza.engines.squid.stored import stored_names

TYPES = b'<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>'
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + b">\0\x03\0\xfe\xff\x09\0"
INSTALLER = OLE + bytes(2000) + bytes.fromhex("84100c0000000000c000000000000046")
EXE = b"MZ\x90\x00\x03\x00\x00\x00" + b"\x00" * 100


def zipped(**members: bytes) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return made.getvalue()


def small_zip(version: int = 10) -> bytes:
    """An archive that needs this version of the format and holds a text."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("poem.txt", b"x")
    return made.getvalue().replace(b"PK\3\4\x14", b"PK\3\4" + bytes([version]))


def tarred(name: str, data: bytes) -> bytes:
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w", format=tarfile.USTAR_FORMAT) as archive:
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
    assert kind_of(data, [path]) is kind


def old_tar(data: bytes) -> bytes:
    """A tar archive as before there was a mark in it."""
    head = tarred("a", data).replace(b"ustar\x0000", bytes(8))
    said = sum(head[:148]) + 8 * ord(" ") + sum(head[156:512])
    return head[:148] + b"%06o\0 " % said + head[156:]


PICTURE = b"\xff\xd8\xff\xe0\x00\x10JFIF" + bytes(600)
DRESSED = {
    "compiled Python": b"\xa7\r\r\n" + bytes(60),
    "a program whose head has no zero": b"MZ" + b"\x01" * 100,
    "a registry file as regedit writes it": "\ufeffWindows Registry Editor Version 5.00".encode("utf-16-le"),
    "a script behind a mark": b"\xef\xbb\xbf@Echo Off\r\n",
    "a shortcut to a site": b"[InternetShortcut]\r\nURL=file://x/y.exe",
    "a starter": b"[Desktop Entry]\nExec=x",
    "a Windows installer": INSTALLER,
    "one whose directory lies behind": OLE.replace(b"\x09\0", b"\x0c\0") + bytes(5000),
    "a disc": bytes(0x8001) + b"CD001\x01" + bytes(700),
    "a disc of another kind": bytes(0x8001) + b"BEA01\x01" + bytes(700),
    "a disk": b"\xeb\x3c\x90MSDOS5.0" + bytes(499) + b"\x55\xaa" + bytes(60),
    "a disk with a table": bytes(512) + b"EFI PART" + bytes(60),
    "a package of snap": b"hsqs" + bytes(60),
    "a game in Flash": b"CWS\x0a" + bytes(60),
    "a film that begins with its frames": b"\0\0\0\x08mdat" + bytes(60),
    "a piece of a stream": b"\0\0\0\x18styp" + bytes(60),
    "a disc's film": (b"\0\0\0\0\x47" + bytes(187)) * 4,
    "sound in AAC": b"\xff\xf1\x50\x80" + bytes(60),
    "a picture and an archive": PICTURE + small_zip(10),
    "a picture and a newer archive": PICTURE + small_zip(45),
    "a picture and an archive's table": PICTURE + small_zip()[50:],
    "a picture and RAR": PICTURE + b"Rar!\x1a\x07\x01\x00" + bytes(60),
    "a picture and 7-Zip": PICTURE + b"7z\xbc\xaf'\x1c\x00\x04" + bytes(60),
    "a part of an archive": b"PK\x07\x08PK\x03\x04" + bytes(60),
    "LHA": b"\x20\x00-lh5-" + bytes(60),
    "cpio": b"070701" + bytes(60),
    "packed as text": b"begin 644 setup.exe\n" + bytes(60),
    "two pieces, the first empty": gzip.compress(b"", mtime=0) + gzip.compress(EXE, mtime=0),
    "tar without its mark": old_tar(EXE),
    "tar of an innocent name": tarred("poem.txt", EXE),
    "an archive beside what is no document": zipped(**{"mimetype": b"x", "more.zip": zipped(**{"a.exe": EXE})}),
    "an archive within a document": zipped(**{"[Content_Types].xml": TYPES, "more.zip": zipped(**{"a.exe": EXE})}),
    "macros": zipped(**{"[Content_Types].xml": TYPES, "word/vbaProject.bin": OLE}),
    "a member that the table does not name": zipped(**{"a.exe": EXE, "b": b"x"})[:150] + zipped(poem=b"x"),
}


@pytest.mark.bypass("W14")
@pytest.mark.parametrize("what", DRESSED)
def test_nothing_is_hidden_by_how_it_is_packed_or_what_stands_before_it(what: str):
    data = DRESSED[what]
    if b"PK" not in data and b"ustar" not in data:
        assert kind_of(data[:FIRST_BYTES], is_whole=False)
    assert kind_of(data)


def test_no_document_is_believed_that_only_calls_itself_one():
    for first, said in (("mimetype", b"x"), ("[Content_Types].xml", b"x"), ("word/document.xml", b"MZ")):
        assert kind_of(zipped(**{first: said, "poem.txt": b"x" * 99})[:-20], is_whole=False) is Kind.ARCHIVE
    hidden = zipped(**{"[Content_Types].xml": TYPES, "word/x.bin": EXE, "z": b"x"})
    assert kind_of(hidden[:-20], is_whole=False) is Kind.ARCHIVE


def test_an_archive_that_holds_itself_ends():
    inner = zipped(**{"[Content_Types].xml": TYPES, "poem.txt": b"x"})
    for _ in range(5):
        inner = zipped(**{"[Content_Types].xml": TYPES, "more.docx": inner})
    assert kind_of(inner) is Kind.ARCHIVE


NAMES = {
    "escaped": ("/run%2evbs", {}),
    "escaped twice": ("/run%252evbs", {}),
    "with a dot at its end": ("/run.vbs.", {}),
    "with a blank at its end": ("/run.vbs%20", {}),
    "cut off by a zero": ("/run.vbs%00.txt", {}),
    "with a parameter": ("/run.vbs;v=1", {}),
    "a letter that nobody sees": ("/run.vb%E2%80%8Bs", {}),
    "in quotes, behind a semicolon": ("/", {"content-disposition": 'attachment; filename="a;b.vbs"'}),
    "the better one": ("/", {"content-disposition": "attachment; filename=\"a.txt\"; filename*=UTF-8''run%2Evbs"}),
    "in parts": ("/", {"content-disposition": 'attachment; filename*0="run.v"; filename*1="bs"'}),
    "as in mail": ("/", {"content-disposition": 'attachment; filename="=?UTF-8?B?cnVuLnZicw==?="'}),
    "without a word before it": ("/", {"content-disposition": "run.vbs"}),
    "in a folder": ("/", {"content-disposition": 'attachment; filename="..\\\\x/run.vbs"'}),
    "said twice": ("/", {"content-disposition": 'inline; filename="a.txt", attachment; filename="run.vbs"'}),
    "beside the type": ("/", {"content-type": 'application/octet-stream; name="run.vbs"'}),
    "of the address, whatever else is said": ("/run.vbs", {"content-disposition": 'attachment; filename=""'}),
}


@pytest.mark.bypass("W14")
@pytest.mark.parametrize("how", NAMES)
def test_a_programs_name_is_found_however_it_is_said(how: str):
    path, fields = NAMES[how]
    assert kind_of(b"WScript.Echo 1", stored_names(path, fields)) is Kind.PROGRAM


def test_a_page_about_a_program_is_none_and_a_program_that_begins_like_one_is():
    about, shell = b"<!DOCTYPE html><title>x</title>", b"<#\n.SYNOPSIS\n#>\nGet-Process"
    assert kind_of(about, ["setup.exe"], is_page=True) is None
    assert kind_of(about, ["setup.exe"]) is Kind.PROGRAM
    for is_page in (True, False):
        assert kind_of(shell, ["run.ps1"], is_page=is_page) is Kind.PROGRAM
        assert kind_of(b"<html><hta:application>", ["page.hta"], is_page=is_page) is Kind.PROGRAM


@pytest.mark.parametrize(
    ("data", "path"),
    [
        (b"<!DOCTYPE html><title>x</title>", "/about/setup.html"),
        (b"\xff\xd8\xff\xe0\x00\x10JFIF", "/a.jpg"),
        (b"\x89PNG\r\n\x1a\n", "/a.png"),
        (b"RIFF\x00\x00\x00\x00WEBPVP8 ", "/a.webp"),
        (b"\x00\x00\x00\x1cftypavif", "/a.avif"),
        (b"%PDF-1.7", "/a.pdf"),
        (b"function a() {}", "/site.js"),
        (b"\xff\xfe<\x00h\x00t\x00m\x00l\x00", "/"),
        (zipped(**{"[Content_Types].xml": TYPES, "word/document.xml": b"<x/>"}), "/a.docx"),
        (zipped(**{"[Content_Types].xml": TYPES, "word/a.xlsx": zipped(**{"_rels/.rels": TYPES})}), "/a.docx"),
        (zipped(**{"mimetype": b"application/vnd.oasis.opendocument.text", "content.xml": b"<x/>"}), "/a.odt"),
        (zipped(**{"essay.docx": zipped(**{"[Content_Types].xml": TYPES})}), "/homework.zip"),
        (gzip.compress(tarred("poem.txt", b"x"), mtime=0), "/a.tgz"),
        (OLE + bytes(480) + b"\xec\xa5\xc1\0" + bytes(900), "/a.doc"),
        (b"BM\x36\0" + bytes(2000), "/a.bmp"),
        (b"II*\0" + bytes(2000), "/a.tif"),
        (b"GIF89a" + bytes(600), "/a.gif"),
        (bytes(40_000), "/a.bin"),
        (b'{"file": "setup.exe"}', "/list.json"),
        (b"print(1)\n", "/lesson.py"),
        (zipped(**{"poem.txt": b"x"}), "/a.zip"),
        (gzip.compress(b"a,b\n1,2\n", mtime=0), "/a.csv.gz"),
        (b"MZ is a country code", "/a.txt"),
        (b"", "/"),
    ],
)
def test_ordinary_lessons_material_passes(data: bytes, path: str):
    assert kind_of(data, [path]) is None


@pytest.mark.bypass("L06")
def test_a_bomb_is_an_archive():
    assert kind_of(gzip.compress(b"\0" * 100_000_000, mtime=0)) is Kind.ARCHIVE


def test_an_archive_that_goes_on_is_not_believed():
    assert kind_of(zipped(**{"poem.txt": b"x"})[:40], is_whole=False) is Kind.ARCHIVE


def test_a_document_that_goes_on_passes_unless_its_beginning_holds_a_program():
    begins = zipped(**{"[Content_Types].xml": TYPES, "word/document.xml": b"<x/>", "word/macro.exe": EXE})
    assert kind_of(begins[: begins.index(b"macro.exe") - 30], is_whole=False) is None
    assert kind_of(begins[: begins.index(b"macro.exe") + 9], is_whole=False) is Kind.ARCHIVE


def packed_by(method: int) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", method) as archive:
        archive.writestr("a.txt", "хат " * 400)
    return made.getvalue()


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_what_is_packed_in_an_unusual_way_is_not_unpacked(method: int) -> None:
    data = packed_by(method)
    assert kind_of(data) is Kind.ARCHIVE
    assert kind_of(data.replace(data[60:70], b"\xff" * 10, 1)) is Kind.ARCHIVE
    assert kind_of(packed_by(zipfile.ZIP_DEFLATED)) is None


def test_a_member_that_is_larger_than_can_be_by_its_own_word_is_not_looked_into() -> None:
    data = bytearray(tarred("a.txt", b"x"))
    data[124:136] = b"\x80" + b"\x7f" * 11
    data[148:156] = b" " * 8
    data[148:156] = b"%06o\0 " % sum(data[:512])
    assert kind_of(bytes(data)) is Kind.ARCHIVE
