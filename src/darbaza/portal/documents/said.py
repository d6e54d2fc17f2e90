"""What the portal and the process that opens documents say to one another, as JSON."""

from dataclasses import dataclass

from darbaza.publication.attachments import Format, Notice, Passage, Trouble
from darbaza.publication.attachments.anew import Anew


@dataclass(frozen=True, slots=True)
class Refused:
    """A document that is not taken. `shown` is a page's number, or how many there are."""

    why: Trouble
    shown: str = ""


@dataclass(frozen=True, slots=True)
class PageSeen:
    """A page that was looked at as a picture: how many faces, and what is written; None if it could not be read."""

    number: int
    faces: int
    written: str | None


@dataclass(frozen=True, slots=True)
class Pages:
    """A PDF as it goes out: the text of each page, and those that were looked at."""

    texts: tuple[str, ...]
    seen: tuple[PageSeen, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """One of the three."""

    anew: Anew | None = None
    pages: Pages | None = None
    refused: Refused | None = None


@dataclass(frozen=True, slots=True)
class Document:
    """A document as it goes out. `data` is a PDF of ours; `passages` what it says, each with its page or cells.

    `left` is what the file held besides; `pictured` are the pages with pictures or drawings, `faces` one page's number
    for each face, `unread` the pages whose writing no program could read.
    """

    format: Format
    data: bytes
    passages: tuple[Passage, ...]
    left: tuple[Notice, ...]
    pages: int
    pictured: tuple[int, ...] = ()
    faces: tuple[int, ...] = ()
    unread: tuple[int, ...] = ()
