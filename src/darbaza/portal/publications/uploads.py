"""A file that an author hands in: what it is by its bytes, and what is found in it before a draft has it."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from darbaza.portal.people.refusals import ActRefusedError
from darbaza.portal.pictures import handling
from darbaza.portal.pictures.said import Looked
from darbaza.portal.pictures.words import words_of
from darbaza.portal.publications.models import FileKind
from darbaza.portal.publications.records import JSON
from darbaza.publication.attachments import (
    Attachment,
    AttachmentError,
    Trouble,
    find_in_attachment,
    read_attachment,
)
from darbaza.publication.attachments.plain import decoded
from darbaza.publication.findings import Box, Certainty, Finding
from darbaza.publication.kinds import DataKind
from darbaza.publication.pictures import Refused, findings
from darbaza.publication.recordings import recording_in
from darbaza.publication.text import Roster, find_in_text

MOST_TEXT_BYTES = 256 * 1024
"""Bytes of a text or a table: some hundred pages."""

TEXT_ENDINGS = (".txt", ".csv")
DOCUMENTS = (b"%PDF-", b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"{\\rtf")
"""How PDF, Office files of today and of old, and RTF begin."""

TROUBLES: dict[Trouble, Promise] = {
    Trouble.EMPTY: _("The file is empty. Choose another."),
    Trouble.TOO_LARGE: _("The text is larger than 256 KB. Attach a shorter one."),
}
WHO = _("Either name whoever can be recognised, or say that nobody can.")
WHICH = _("Somebody named stands in no list, or several have that name. Write surname, given name and patronymic.")
NO_TEXT = _("By its content the file is no plain text. Save it anew as TXT or CSV.")
DOCUMENT = _(
    "PDF, Word and Excel files carry their author and earlier text with them, and are not published as files. "
    "Put the text into the page, or save it as TXT or CSV."
)
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
    """A file as it was handed in and examined: `seen` is a picture's look or a text's passages."""

    name: str
    caption: str
    data: bytes
    seen: Looked | Attachment

    @property
    def kind(self) -> FileKind:
        """What it is."""
        return FileKind.PICTURE if isinstance(self.seen, Looked) else FileKind.ATTACHMENT

    @property
    def facts(self) -> JSON:
        """What else was seen of it: of a picture its size in pixels, and whether its writing could be read."""
        if isinstance(self.seen, Looked):
            one = self.seen.picture
            return {"width": one.width, "height": one.height, "unread": self.seen.written is None}
        return {"format": str(self.seen.format)}

    def findings(self, roster: Roster, part: str) -> tuple[Finding, ...]:
        """What is found of people: faces, notes, and names wherever they are written."""
        if isinstance(self.seen, Attachment):
            return find_in_attachment(self.seen, roster, part)
        return (*findings(self.seen.picture, part), *written_findings(self.seen, roster, part))


def written_findings(seen: Looked, roster: Roster, part: str) -> list[Finding]:
    """What the words on a picture say of people, each where it stands."""
    if seen.written is None:
        return []
    made = []
    for one in find_in_text(seen.written.text, roster, part):
        boxes = seen.written.boxes(one.where)  # type: ignore[arg-type] # of a text every place is a span
        if boxes:
            certainty = one.certainty if one.people else Certainty.LIKELY
            made.append(Finding(one.kind, one.people, certainty, part, around(boxes), one.shown))
    return made


def around(boxes: tuple[Box, ...]) -> Box:
    """The smallest rectangle around some."""
    left, top = min(one.left for one in boxes), min(one.top for one in boxes)
    right, bottom = max(one.left + one.width for one in boxes), max(one.top + one.height for one in boxes)
    return Box(left, top, right - left, bottom - top)


async def examined(name: str, caption: str, data: bytes) -> Upload:
    """A file by its bytes. Raises `ActRefusedError` with the reason and the remedy for what is not taken."""
    if recording := recording_in(data):
        raise ActRefusedError(RECORDINGS[recording], "2.15")
    if data.startswith(DOCUMENTS) or b"%PDF-" in data[:1024]:
        raise ActRefusedError(DOCUMENT, "2.15")
    if name.lower().endswith(TEXT_ENDINGS):
        return Upload(name, caption, data, text_of(data))
    seen = await handling.looked(data)
    if isinstance(seen, Refused):
        raise ActRefusedError(" ".join(words_of(seen)), "2.15")
    return Upload(name, caption, data, seen)


def text_of(data: bytes) -> Attachment:
    """A text or a table. Raises `ActRefusedError` for anything else."""
    if len(data) > MOST_TEXT_BYTES:
        raise ActRefusedError(TROUBLES[Trouble.TOO_LARGE], "2.15")
    try:
        return read_attachment(data)
    except AttachmentError as error:
        raise ActRefusedError(TROUBLES.get(error.trouble, NO_TEXT), "2.15") from error


def plain_bytes(data: bytes) -> bytes:
    """A text as it goes out: UTF-8 with its mark, so that tables open with their letters, and no control characters."""
    text = decoded(data).replace("\r\n", "\n").replace("\r", "\n").lstrip("\ufeff")
    kept = "".join(char for char in text if char in "\n\t" or char.isprintable())
    return kept.replace("\n", "\r\n").encode("utf-8-sig")
