"""What is read from a file: passages of text with their places, notices, or the reason why it is not read."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

LARGEST_FILE = 50_000_000
"""Bytes of a file."""
MOST_TEXT = 4_000_000
"""Characters that are read from one file."""


class Format(StrEnum):
    """What a file is, by what stands in it, whatever it is called."""

    PDF = "pdf"
    WORD = "docx"
    SHEET = "xlsx"
    SLIDES = "pptx"
    OPEN_DOCUMENT = "odf"
    TABLE = "csv"
    TEXT = "txt"


class Trouble(StrEnum):
    """Why a file is not read, or not made anew, and thus not published."""

    EMPTY = "empty"
    TOO_LARGE = "too-large"
    TOO_MUCH_INSIDE = "too-much-inside"
    UNKNOWN = "unknown"
    OLD_OFFICE = "old-office"
    LOCKED = "locked"
    BROKEN = "broken"
    TWO_FORMATS = "two-formats"
    PROGRAMS = "programs"
    PICTURES = "pictures"
    OBJECTS = "objects"
    SLIDES = "slides"
    LAYERS = "layers"
    FORM = "form"
    TOO_MANY_PAGES = "too-many-pages"
    UNREADABLE_PAGE = "unreadable-page"


class Notice(StrEnum):
    """What a person must look at, because no reading of text shows it."""

    PICTURES = "pictures"
    SCANNED = "scanned"
    FILES_INSIDE = "files-inside"
    PROGRAMS = "programs"
    HIDDEN = "hidden"
    MARGINS = "margins"
    METADATA = "metadata"
    TRACKED_CHANGES = "tracked-changes"
    COMMENTS = "comments"
    EARLIER_VERSIONS = "earlier-versions"


class AttachmentError(ValueError):
    """A file that is not read. `trouble` says why; `detail` is for the log, never for a reader."""

    def __init__(self, trouble: Trouble, detail: str = "") -> None:
        super().__init__(f"{trouble}: {detail}" if detail else str(trouble))
        self.trouble = trouble
        self.detail = detail


@dataclass(frozen=True, slots=True)
class Passage:
    """A text within a file.

    `place` names where, in words of no language: `body`, `page:3`, `slide:2`, `notes:2`, `comment`, `deleted`,
    `metadata:creator`, `sheet:NAME`; a file within the file puts its name and ` > ` before. `cells` are the places of
    a table's cells: where each begins in the text, and its name (`sheet:NAME!B7`). `personal` if the whole of it is
    somebody's name by its nature, as an author's is.
    """

    place: str
    text: str
    cells: tuple[tuple[int, str], ...] = ()
    personal: bool = False


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file as it is read."""

    format: Format
    passages: tuple[Passage, ...]
    notices: frozenset[Notice] = frozenset()


def bounded(passages: Iterable[Passage]) -> tuple[Passage, ...]:
    """The passages that hold text. Raises `AttachmentError` if there is more of it than anybody checks."""
    kept, length = [], 0
    for passage in passages:
        if passage.text.strip():
            length += len(passage.text)
            if length > MOST_TEXT:
                raise AttachmentError(Trouble.TOO_MUCH_INSIDE, f"more than {MOST_TEXT} characters")
            kept.append(passage)
    return tuple(kept)
