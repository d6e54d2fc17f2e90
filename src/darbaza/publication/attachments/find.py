"""The personal data in a file that was read."""

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import replace

from darbaza.publication.attachments.grids import headed
from darbaza.publication.attachments.passages import Attachment, Passage
from darbaza.publication.findings import Cell, Certainty, Finding, Span
from darbaza.publication.kinds import DataKind
from darbaza.publication.text import Roster, find_in_text


def find_in_attachment(attachment: Attachment, roster: Roster, part: str) -> tuple[Finding, ...]:
    """What a file says of people. `where` is a `Cell`: the passage's place, or the cell of a table."""
    found: dict[Finding, None] = {}
    for passage in attachment.passages:
        for finding in _in_passage(passage, roster, part):
            found[finding] = None
    return tuple(found)


def _in_passage(passage: Passage, roster: Roster, part: str) -> Iterator[Finding]:
    known = set()
    for finding in find_in_text(passage.text, roster, part):
        placed = replace(finding, where=Cell(_place(passage, finding)))
        known.add((placed.where, placed.kind))
        yield placed
    for kind, place, written in headed(passage):
        if (Cell(place), kind) not in known:
            yield Finding(
                kind, _people_of_row(passage, place, roster, part), Certainty.LIKELY, part, Cell(place), written
            )
    if passage.personal and not known:
        yield Finding(DataKind.OTHER, (), Certainty.HINT, part, Cell(passage.place), passage.text)


def _place(passage: Passage, finding: Finding) -> str:
    if not passage.cells or not isinstance(finding.where, Span):
        return passage.place
    starts = [start for start, _ in passage.cells]
    return passage.cells[bisect_right(starts, finding.where.start) - 1][1]


def _people_of_row(passage: Passage, place: str, roster: Roster, part: str) -> tuple[str, ...]:
    """Whose row it is: the first people whose names stand in it."""
    start = next(start for start, name in passage.cells if name == place)
    begin, end = passage.text.rfind("\n", 0, start) + 1, passage.text.find("\n", start)
    row = passage.text[begin : end if end >= 0 else len(passage.text)]
    return next((finding.people for finding in find_in_text(row, roster, part) if finding.people), ())
