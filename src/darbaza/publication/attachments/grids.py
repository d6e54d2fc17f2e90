"""Tables: rows of named cells, as one text in which each cell's place is known."""

import re
from collections.abc import Iterable, Iterator
from itertools import groupby

from darbaza.publication.attachments.passages import Passage
from darbaza.publication.kinds import DataKind
from darbaza.publication.text.columns import kind_of, tells_of_people

Cells = list[tuple[int, int, str]]
"""Row and column from 0, and the cell's text."""

HEADING_ROWS = 12


def column_name(column: int) -> str:
    """A column's letters, as a sheet shows them: 0 is `A`, 26 is `AA`."""
    name, left = "", column + 1
    while left:
        left, letter = divmod(left - 1, 26)
        name = chr(ord("A") + letter) + name
    return name


def column_number(letters: str) -> int:
    """The column of its letters, from 0."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number - 1


def passage_of(place: str, cells: Cells) -> Passage:
    """A table as one text: a row is a line, and a tab parts its cells."""
    text, where, length = [], [], 0
    for row, line in groupby(sorted(cells), key=lambda cell: cell[0]):
        for _, column, written in line:
            plain = written.replace("\n", " ").replace("\t", " ").replace("\r", " ").strip()
            where.append((length, f"{place}!{column_name(column)}{row + 1}"))
            text.append(plain + "\t")
            length += len(plain) + 1
        text[-1] = text[-1][:-1] + "\n"
    return Passage(place, "".join(text), tuple(where))


def headed(passage: Passage) -> Iterator[tuple[DataKind, str, str]]:
    """What stands below a heading such as "Телефон": its kind, cell and text."""
    kinds: dict[str, DataKind] = {}
    of_people = tells_of_people(written for place, written in _written(passage) if _parted(place)[1] <= HEADING_ROWS)
    for place, written in _written(passage):
        letters, row = _parted(place)
        kind = kind_of(written, of_people=of_people)
        heading = kind is not None and row <= HEADING_ROWS and len(written) < 60 and not re.search(r"\d{4}", written)
        if heading and kind is not None:
            kinds[letters] = kind
        elif letters in kinds and len(written) > 1:
            yield kinds[letters], place, written


def _written(passage: Passage) -> Iterable[tuple[str, str]]:
    ends = [*(start for start, _ in passage.cells[1:]), len(passage.text)][: len(passage.cells)]
    for (start, place), end in zip(passage.cells, ends, strict=True):
        if written := passage.text[start:end].strip():
            yield place, written


def _parted(place: str) -> tuple[str, int]:
    found = re.search(r"!([A-Z]+)(\d+)$", place)
    return (found[1], int(found[2])) if found else ("", 0)
