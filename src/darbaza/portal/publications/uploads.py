"""A file that an author hands in: what it is by its bytes, and what is found in it before a draft has it."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from darbaza.portal.documents import handling as documents
from darbaza.portal.documents.said import Document
from darbaza.portal.people.refusals import ActRefusedError
from darbaza.portal.pictures import handling
from darbaza.portal.pictures.said import Looked
from darbaza.portal.pictures.words import words_of
from darbaza.portal.publications.models import DraftFile, FileKind
from darbaza.portal.publications.records import JSON
from darbaza.publication.attachments import (
    Attachment,
    AttachmentError,
    Passage,
    Trouble,
    find_in_attachment,
    read_attachment,
)
from darbaza.publication.attachments.plain import decoded
from darbaza.publication.findings import Box, Cell, Certainty, Finding, Span
from darbaza.publication.kinds import DataKind
from darbaza.publication.pictures import Refused, Word, Written, findings
from darbaza.publication.recordings import recording_in
from darbaza.publication.text import Roster, find_in_text

MOST_TEXT_BYTES = 256 * 1024
"""Bytes of a text or a table: some hundred pages."""

TEXT_ENDINGS = (".txt", ".csv")
DOCUMENT_ENDINGS = ".pdf,.docx,.xlsx,.odt,.ods,.txt,.csv"
"""What a browser offers to attach; what a file is, its bytes say."""

DOCUMENTS = (b"%PDF-", b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"{\\rtf")
"""How PDF, Office files of today and of old, and RTF begin."""

TROUBLES: dict[Trouble, Promise] = {
    Trouble.EMPTY: _("The file is empty, or shows no text. Choose another."),
    Trouble.TOO_LARGE: _("The document is larger than 20 MB. Save it with smaller pictures, or split it."),
    Trouble.TOO_MUCH_INSIDE: _("There is more in the document than anybody can check. Split it."),
    Trouble.UNKNOWN: _("By its content the file is no PDF, Word, Excel or OpenDocument file. Save it anew as PDF."),
    Trouble.OLD_OFFICE: _("The document is in an old format (DOC, XLS, PPT, RTF). Save it as DOCX, XLSX or PDF."),
    Trouble.LOCKED: _("The document is locked by a password. Save it without one."),
    Trouble.BROKEN: _("The document is damaged, or took too long. Open it and save it anew as PDF."),
    Trouble.TWO_FORMATS: _("The file is two things at once. Open it and save it anew as PDF."),
    Trouble.PROGRAMS: _("The document holds macros, which are programs. Save it without them, as DOCX or XLSX."),
    Trouble.PICTURES: _("The document holds pictures. Attach the pictures themselves, or save the document as PDF."),
    Trouble.OBJECTS: _("The document holds a chart or another program's object. Save the document as PDF."),
    Trouble.SLIDES: _("A presentation is attached as PDF: save it as PDF."),
    Trouble.LAYERS: _("The PDF has layers that can be shown and hidden. Print it into a new PDF."),
    Trouble.FORM: _("The PDF is a form whose entries each program draws in its own way. Print it into a new PDF."),
    Trouble.TOO_MANY_PAGES: _("The document has at most 100 pages, of which 15 with pictures. Split it."),
    Trouble.UNREADABLE_PAGE: _("A page of the document cannot be drawn. Print it into a new PDF."),
}
TOO_LONG_TEXT = _("The text is larger than 256 KB. Attach a shorter one.")
WHO = _("Either name whoever can be recognised, or say that nobody can.")
NO_TEXT = _("By its content the file is no plain text. Save it anew as TXT or CSV.")
RECORDINGS: dict[DataKind, Promise] = {
    DataKind.VIDEO: _(
        "Videos are not published from here: in each of their seconds somebody may be seen or heard. "
        "Save one moment of it as a picture, JPEG or PNG, and attach that; or tell in words what happened."
    ),
    DataKind.VOICE: _(
        "Sound recordings are not published from here: a voice is known again, and nothing can cover it. "
        "Write down what was said, and put it into the text."
    ),
}


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that was examined: `seen` is a picture's look, a text's passages, or a document made anew.

    `data` is what is kept: of a document the PDF that was made of it, and never the file as it was handed in.
    """

    name: str
    caption: str
    data: bytes
    seen: Looked | Attachment | Document

    @property
    def kind(self) -> FileKind:
        """What it is."""
        return FileKind.PICTURE if isinstance(self.seen, Looked) else FileKind.ATTACHMENT

    @property
    def facts(self) -> JSON:
        """What else was seen of it: of a picture its size in pixels, and what was read on it, if it could be read."""
        if isinstance(self.seen, Looked):
            one, read = self.seen.picture, self.seen.written
            said = {"written": asdict(read)} if read else {}
            return {"width": one.width, "height": one.height, "unread": read is None, **said}
        facts: JSON = {"format": str(self.seen.format), "passages": [asdict(one) for one in self.seen.passages]}
        if isinstance(self.seen, Document):
            facts |= {"pages": self.seen.pages, "left": list(map(str, self.seen.left))}
            facts |= {"pictured": list(self.seen.pictured), "unread": list(self.seen.unread)}
        return facts

    def findings(self, roster: Roster, part: str) -> tuple[Finding, ...]:
        """What is found of people: faces, notes, and names wherever they are written."""
        if isinstance(self.seen, Document):
            read = Attachment(self.seen.format, self.seen.passages)
            return (*find_in_attachment(read, roster, part), *faces_in(self.seen, part))
        if isinstance(self.seen, Attachment):
            return find_in_attachment(self.seen, roster, part)
        words = self.seen.written
        return (*findings(self.seen.picture, part), *(written_findings(words, roster, part) if words else ()))


def faces_in(seen: Document, part: str) -> list[Finding]:
    """The faces on a document's pages: nothing of a document can be covered, so each is answered for."""
    return [Finding(DataKind.PHOTO, (), Certainty.LIKELY, part, Cell(f"page:{number}")) for number in seen.faces]


def passages_of(file: DraftFile, sha256: str) -> tuple[Passage, ...]:
    """What a document says that stands, or stood, in a file's place: it may have been replaced since it went out."""
    if file.sha256 == sha256:
        return passages_from(file.facts)
    earlier: JSON = file.facts.get("earlier", {})
    return passages_from({"passages": earlier.get(sha256, [])})


def passages_from(facts: Mapping[str, object]) -> tuple[Passage, ...]:
    """What an attachment says, as it was stored with its draft."""
    stored: list[JSON] = facts.get("passages", [])  # type: ignore[assignment] # as `facts` above writes it
    return tuple(
        Passage(one["place"], one["text"], tuple((start, name) for start, name in one["cells"]), one["personal"])
        for one in stored
    )


def written_from(facts: Mapping[str, object]) -> Written | None:
    """What was read on a picture, as it was stored with its draft; None of one that was not read, or not kept so."""
    stored: JSON | None = facts.get("written")  # type: ignore[assignment] # as `facts` above writes it
    if stored is None:
        return None
    words = tuple(Word(Span(**one["where"]), Box(**one["box"])) for one in stored["words"])
    return Written(stored["text"], words)


def written_findings(read: Written, roster: Roster, part: str) -> list[Finding]:
    """What the words on a picture say of people, each where it stands."""
    made = []
    for one in find_in_text(read.text, roster, part):
        boxes = read.boxes(one.where)  # type: ignore[arg-type] # of a text every place is a span
        if boxes:
            certainty = one.certainty if one.people else Certainty.LIKELY
            made.append(Finding(one.kind, one.people, certainty, part, around(boxes), one.shown))
    return made


def around(boxes: tuple[Box, ...]) -> Box:
    """The smallest rectangle around some."""
    left, top = min(one.left for one in boxes), min(one.top for one in boxes)
    right, bottom = max(one.left + one.width for one in boxes), max(one.top + one.height for one in boxes)
    return Box(left, top, right - left, bottom - top)


async def examined(name: str, caption: str, data: bytes, language: str) -> Upload:
    """A file by its bytes. Raises `ActRefusedError` with the reason and the remedy for what is not taken.

    `language` is that of what a document says, for whoever has it read aloud.
    """
    if recording := recording_in(data):
        raise ActRefusedError(RECORDINGS[recording], "2.15")
    if data.startswith(DOCUMENTS) or b"%PDF-" in data[:1024]:
        made = await documents.document(data, language)
        if not isinstance(made, Document):
            raise ActRefusedError(TROUBLES[made.why], "2.15")
        return Upload(name, caption, made.data, made)
    if name.lower().endswith(TEXT_ENDINGS):
        return plain_upload(name, caption, data)
    seen = await handling.looked(data)
    if isinstance(seen, Refused):
        raise ActRefusedError(" ".join(words_of(seen)), "2.15")
    return Upload(name, caption, data, seen)


def plain_upload(name: str, caption: str, data: bytes) -> Upload:
    """A text or a table as it will go out, and what that says: no name is read otherwise than it is published.

    Raises `ActRefusedError` for anything else.
    """
    if len(data) > MOST_TEXT_BYTES:
        raise ActRefusedError(TOO_LONG_TEXT, "2.15")
    text_of(data)
    plain = plain_bytes(data)
    return Upload(name, caption, plain, text_of(plain))


def text_of(data: bytes) -> Attachment:
    """What a text or a table says. Raises `ActRefusedError` for anything else."""
    try:
        return read_attachment(data)
    except AttachmentError as error:
        known = {Trouble.EMPTY: TROUBLES[Trouble.EMPTY]}
        raise ActRefusedError(known.get(error.trouble, NO_TEXT), "2.15") from error


def plain_bytes(data: bytes) -> bytes:
    """A text as it goes out: UTF-8 with its mark, so that tables open with their letters, and no control characters.

    Whatever parts words or lines goes on parting them. Made of its own outcome it is the same.
    """
    lines = decoded(data).lstrip("\ufeff").splitlines()
    return "".join(f"{plain_line(line)}\r\n" for line in lines).encode("utf-8-sig")


def plain_line(line: str) -> str:
    """A line with each kind of blank as a common one, and without what nobody sees."""
    spaced = (" " if char.isspace() and char != "\t" else char for char in line)
    return "".join(char for char in spaced if char == "\t" or char.isprintable())
