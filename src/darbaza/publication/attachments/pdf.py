"""PDF: its pages, and what lies beside them."""

import io
from collections.abc import Iterator
from typing import Any, cast

from pypdf import PdfReader
from pypdf.errors import PyPdfError
from pypdf.generic import DictionaryObject

from darbaza.publication.attachments.archives import walk_xml
from darbaza.publication.attachments.office import SOMEBODY, Fields
from darbaza.publication.attachments.passages import (
    Attachment,
    AttachmentError,
    Format,
    Notice,
    Passage,
    Trouble,
    bounded,
)

MOST_PAGES = 400
LARGEST_PAGE = 12_000_000
AUTHORS = frozenset({"author", "creator"}) | SOMEBODY
BROKEN = (
    PyPdfError,
    ValueError,
    KeyError,
    TypeError,
    AttributeError,
    IndexError,
    RecursionError,
    OSError,
    AssertionError,
)


def read_pdf(data: bytes) -> Attachment:
    """A PDF file. Raises `AttachmentError`."""
    try:
        reader = PdfReader(io.BytesIO(data), strict=False)
        _unlocked(reader)
        passages = [*_pages(reader), *_fields(reader), *_metadata(reader)]
        notices = _notices(reader, data, passages)
    except AttachmentError:
        raise
    except (*BROKEN, NotImplementedError, MemoryError) as error:
        raise AttachmentError(Trouble.BROKEN, f"{type(error).__name__}: {error}") from error
    return Attachment(Format.PDF, bounded(passages), frozenset(notices))


def _unlocked(reader: PdfReader) -> None:
    if reader.is_encrypted and not reader.decrypt(""):
        raise AttachmentError(Trouble.LOCKED)
    if len(reader.pages) > MOST_PAGES:
        raise AttachmentError(Trouble.TOO_MUCH_INSIDE, f"{len(reader.pages)} pages")


def _pages(reader: PdfReader) -> Iterator[Passage]:
    for number, page in enumerate(reader.pages, start=1):
        contents = page.get_contents()
        if contents is not None and len(contents.get_data()) > LARGEST_PAGE:
            raise AttachmentError(Trouble.TOO_MUCH_INSIDE, f"page {number}")
        yield Passage(f"page:{number}", page.extract_text() or "")
        yield from _annotations(page, number)


def _annotations(page: Any, number: int) -> Iterator[Passage]:
    for reference in page.get("/Annots") or ():
        annotation = reference.get_object()
        if annotation is None:
            continue
        written = [str(annotation[key]) for key in ("/Contents", "/V", "/TU") if key in annotation]
        action = annotation.get("/A")
        if action is not None and "/URI" in action.get_object():
            written.append(str(action.get_object()["/URI"]))
        yield Passage(f"comment:{number}", "\n".join(written))
        if "/T" in annotation and annotation.get("/Subtype") != "/Widget":
            yield Passage("metadata:author", str(annotation["/T"]), personal=True)


def _fields(reader: PdfReader) -> Iterator[Passage]:
    for name, value in (reader.get_form_text_fields() or {}).items():
        yield Passage(f"field:{name}", str(value or ""))


def _metadata(reader: PdfReader) -> Iterator[Passage]:
    for key, value in (reader.metadata or {}).items():
        name = str(key).lstrip("/")
        yield Passage(f"metadata:{name}", str(value), personal=name == "Author")
    packet = cast(DictionaryObject, reader.trailer["/Root"]).get("/Metadata")
    if packet is not None:
        fields = Fields()
        walk_xml(packet.get_object().get_data(), "XMP", fields)
        for tag, text in fields.found:
            yield Passage(f"metadata:{tag}", text)
    for name in _outline(reader.outline):
        yield Passage("title", name)


def _outline(entries: Any) -> Iterator[str]:
    for entry in entries:
        if isinstance(entry, list):
            yield from _outline(entry)
        else:
            yield str(entry.title)


def _notices(reader: PdfReader, data: bytes, passages: list[Passage]) -> set[Notice]:
    found = set()
    shown = {passage.place for passage in passages if passage.place.startswith("page:") and passage.text.strip()}
    pictured = {f"page:{number}" for number, page in enumerate(reader.pages, start=1) if _has_picture(page)}
    if pictured:
        found.add(Notice.PICTURES)
    if len(shown) < len(reader.pages):
        found.add(Notice.SCANNED)
    if any(passage.place.startswith("comment") and passage.text for passage in passages):
        found.add(Notice.COMMENTS)
    if reader.attachments:
        found.add(Notice.FILES_INSIDE)
    if b"/JavaScript" in data or b"/Launch" in data:
        found.add(Notice.PROGRAMS)
    if data.count(b"%%EOF") > 1 and b"/Linearized" not in data[:2048]:
        found.add(Notice.EARLIER_VERSIONS)
    return found


def _has_picture(page: Any) -> bool:
    resources = page.get("/Resources")
    objects = resources.get_object().get("/XObject") if resources is not None else None
    if objects is None:
        return False
    return any(entry.get_object().get("/Subtype") == "/Image" for entry in objects.get_object().values())
