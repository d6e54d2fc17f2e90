"""What a file is, by its bytes, and who reads it."""

import zipfile
from io import BytesIO

from darbaza.publication.attachments.archives import Archive, opened
from darbaza.publication.attachments.office import EMBEDDED, notices_of, read_member
from darbaza.publication.attachments.passages import (
    LARGEST_FILE,
    Attachment,
    AttachmentError,
    Format,
    Passage,
    Trouble,
    bounded,
)
from darbaza.publication.attachments.pdf import read_pdf
from darbaza.publication.attachments.plain import read_plain
from darbaza.publication.attachments.sheets import SHEET, read_sheets, sheet_notices

PDF_WITHIN = 1024
OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ENCRYPTED_PACKAGE = "EncryptedPackage".encode("utf-16-le")
OTHERS = (
    b"\xff\xd8\xff",
    b"\x89PNG",
    b"GIF8",
    b"RIFF",
    b"BM",
    b"II*\0",
    b"MM\0*",
    b"MZ",
    b"\x7fELF",
    b"Rar!",
    b"7z\xbc\xaf",
    b"\x1f\x8b",
)
ALREADY_READ = frozenset({"xl/sharedStrings.xml", "xl/styles.xml", "xl/workbook.xml"})
DEEPEST_FILE = 2


def read_attachment(data: bytes) -> Attachment:
    """The texts of a file with their places. Raises `AttachmentError` with the reason why not."""
    return _read(data, 0)


def _read(data: bytes, depth: int) -> Attachment:
    if not data.strip():
        raise AttachmentError(Trouble.EMPTY)
    if len(data) > LARGEST_FILE:
        raise AttachmentError(Trouble.TOO_LARGE, f"{len(data)} bytes")
    if b"%PDF-" in data[:PDF_WITHIN]:
        if not data.startswith(b"%PDF-") or zipfile.is_zipfile(BytesIO(data)):
            raise AttachmentError(Trouble.TWO_FORMATS, "PDF and something else")
        return read_pdf(data)
    if data.startswith(OLD_OFFICE):
        raise AttachmentError(Trouble.LOCKED if ENCRYPTED_PACKAGE in data else Trouble.OLD_OFFICE)
    if data.startswith(b"{\\rtf"):
        raise AttachmentError(Trouble.OLD_OFFICE, "RTF")
    if data.startswith(b"PK"):
        return _office(opened(data), depth)
    if zipfile.is_zipfile(BytesIO(data)):
        raise AttachmentError(Trouble.TWO_FORMATS, "an archive behind something else")
    if data.startswith(OTHERS):
        raise AttachmentError(Trouble.UNKNOWN)
    return read_plain(data)


def _office(archive: Archive, depth: int) -> Attachment:
    kind = _kind(archive)
    passages: list[Passage] = []
    notices = notices_of(archive.names)
    if kind is Format.SHEET:
        passages += read_sheets(archive)
        notices |= sheet_notices(archive)
    for name in archive.names:
        if name.endswith((".xml", ".rels", ".vml")) and not _is_read(name, kind):
            found, noticed = read_member(archive, name)
            passages += found
            notices |= noticed
        elif EMBEDDED.fullmatch(name) and depth < DEEPEST_FILE and not name.endswith(".bin"):
            passages += _inside(archive.read(name), name, depth)
    return Attachment(kind, bounded(passages), frozenset(notices))


def _is_read(name: str, kind: Format) -> bool:
    return name == "[Content_Types].xml" or (
        kind is Format.SHEET and (name in ALREADY_READ or bool(SHEET.fullmatch(name)))
    )


def _kind(archive: Archive) -> Format:
    names = archive.names
    if "mimetype" in names and archive.read("mimetype").startswith(b"application/vnd.oasis.opendocument"):
        if "META-INF/manifest.xml" in names and b"encryption-data" in archive.read("META-INF/manifest.xml"):
            raise AttachmentError(Trouble.LOCKED)
        return Format.OPEN_DOCUMENT
    for begin, kind in (("word/", Format.WORD), ("xl/", Format.SHEET), ("ppt/", Format.SLIDES)):
        if "[Content_Types].xml" in names and any(name.startswith(begin) for name in names):
            return kind
    raise AttachmentError(Trouble.UNKNOWN, "an archive of no Office program")


def _inside(data: bytes, name: str, depth: int) -> list[Passage]:
    """The passages of a file within the file, with its name before their places."""
    inner = _read(data, depth + 1)
    return [
        Passage(
            f"{name} > {passage.place}",
            passage.text,
            tuple((start, f"{name} > {cell}") for start, cell in passage.cells),
            passage.personal,
        )
        for passage in inner.passages
    ]
