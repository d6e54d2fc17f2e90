"""What goes out of a document: text to be set anew, or a PDF made anew. The file itself never goes out."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from darbaza.publication.attachments.archives import opened
from darbaza.publication.attachments.opendocument import opendocument_blocks
from darbaza.publication.attachments.paper import Block, html_of, passages_of
from darbaza.publication.attachments.passages import (
    Attachment,
    AttachmentError,
    Format,
    Notice,
    Passage,
    Trouble,
    bounded,
)
from darbaza.publication.attachments.pdf_copy import copied
from darbaza.publication.attachments.reading import read_attachment
from darbaza.publication.attachments.sheets import sheet_tables
from darbaza.publication.attachments.word import word_blocks

LEFT_BEHIND = (
    Notice.COMMENTS,
    Notice.TRACKED_CHANGES,
    Notice.HIDDEN,
    Notice.FILES_INSIDE,
    Notice.EARLIER_VERSIONS,
    Notice.MARGINS,
    Notice.METADATA,
)


@dataclass(frozen=True, slots=True)
class Anew:
    """A document as it goes out: `html` to be set, or `pdf` that was made; `passages` is what it says.

    `left` is what the file held and what goes out does not; `look` are the pages that must be looked at as pictures.
    """

    format: Format
    left: tuple[Notice, ...]
    html: str = ""
    passages: tuple[Passage, ...] = ()
    pdf: bytes = b""
    look: tuple[int, ...] = ()


def made_anew(data: bytes, language: str) -> Anew:
    """What goes out of a document. Raises `AttachmentError` for what can't be read, or can't be made anew, wholly."""
    read = read_attachment(data)
    if read.format is Format.SLIDES:
        raise AttachmentError(Trouble.SLIDES)
    if read.format is Format.PDF:
        copy = copied(data)
        return Anew(read.format, _left(read), pdf=copy.data, look=copy.to_be_looked_at)
    if Notice.PROGRAMS in read.notices:
        raise AttachmentError(Trouble.PROGRAMS)
    blocks = _blocks(data, read.format)
    passages = bounded(passages_of(blocks))
    if not passages:
        raise AttachmentError(Trouble.EMPTY)
    return Anew(read.format, _left(read), html_of(blocks, language), passages)


def _blocks(data: bytes, kind: Format) -> tuple[Block, ...]:
    match kind:
        case Format.WORD:
            return word_blocks(opened(data))
        case Format.SHEET:
            return tuple(sheet_tables(opened(data)))
        case Format.OPEN_DOCUMENT:
            return opendocument_blocks(opened(data))
    raise AttachmentError(Trouble.UNKNOWN, kind)


def _left(read: Attachment) -> tuple[Notice, ...]:
    found = set(read.notices)
    for passage in read.passages:
        if passage.place.startswith("metadata:") and passage.personal:
            found.add(Notice.METADATA)
        elif passage.place == "header":
            found.add(Notice.MARGINS)
        elif passage.place.startswith("comment"):
            found.add(Notice.COMMENTS)
    return tuple(one for one in LEFT_BEHIND if one in found)


SPACE = re.compile(r"\s+")
ENOUGH = 60
"""Characters by which a line is found on its page."""


def placed(passages: Iterable[Passage], pages: Sequence[str]) -> tuple[Passage, ...]:
    """The passages with the pages on which they were set; sheets and tables keep the names of their cells."""
    squeezed = [SPACE.sub("", page) for page in pages]
    made: list[Passage] = []
    at = 0
    for passage in passages:
        if passage.cells or not pages:
            made.append(passage)
            continue
        numbered = []
        for line in passage.text.split("\n"):
            at = _page_of(line, squeezed, at)
            numbered.append((at, line))
        made += _by_page(numbered)
    return tuple(made)


def _page_of(line: str, squeezed: Sequence[str], at: int) -> int:
    wanted = SPACE.sub("", line)[:ENOUGH]
    return next((number for number in range(at, len(squeezed)) if wanted in squeezed[number]), at)


def _by_page(numbered: Iterable[tuple[int, str]]) -> Iterator[Passage]:
    for number, lines in groupby(numbered, key=lambda one: one[0]):
        yield Passage(f"page:{number + 1}", "\n".join(line for _, line in lines))


def with_writing(passages: Iterable[Passage], written: Iterable[tuple[int, str]]) -> tuple[Passage, ...]:
    """Pages, each with what was read on it as on a picture and is not in its text."""
    more = dict(written)
    return tuple(
        Passage(one.place, f"{one.text}\n\n{unread}") if unread else one
        for one in passages
        for unread in [_unread(one.text, more.get(_number(one.place), ""))]
    )


def _number(place: str) -> int:
    return int(place.removeprefix("page:")) if place.startswith("page:") else 0


def _unread(text: str, written: str) -> str:
    """The lines of a reading that hold a word which the text has not."""
    known = set(re.findall(r"\w+", text.lower()))
    lines = (line for line in written.split("\n") if set(re.findall(r"\w+", line.lower())) - known)
    return "\n".join(lines)
