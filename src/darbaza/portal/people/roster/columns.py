"""Which column of a roster is which, by Kyrgyz, Russian and English headings."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from django.utils.translation import gettext_lazy as _

from darbaza.portal.people.roster.reading import UnreadableRosterError

HEADING_WITHIN = 15
"""Headings stand among the first rows, below a title perhaps."""


class Column(StrEnum):
    """What a column can hold."""

    SURNAME = "surname"
    GIVEN_NAME = "given-name"
    PATRONYMIC = "patronymic"
    FULL_NAME = "full-name"
    CLASS = "class"
    GRADE = "grade"
    LETTER = "letter"
    REGISTER_NUMBER = "register-number"


HEADINGS: dict[Column, frozenset[str]] = {
    Column.SURNAME: frozenset(
        {"фамилия", "фамилиясы", "окуучунун фамилиясы", "фамилия учащегося", "фамилия ученика", "surname", "last name"}
        | {"family name", "lastname"}
    ),
    Column.GIVEN_NAME: frozenset(
        {"аты", "ысымы", "окуучунун аты", "имя", "имя учащегося", "имя ученика", "given name", "first name", "name"}
        | {"firstname"}
    ),
    Column.PATRONYMIC: frozenset({"атасынын аты", "отчество", "отчество учащегося", "patronymic", "middle name"}),
    Column.FULL_NAME: frozenset(
        {"аты-жөнү", "аты жөнү", "окуучунун аты-жөнү", "фамилиясы, аты", "фамилиясы аты", "фамилия, аты", "окуучу"}
        | {"фио", "ф.и.о", "фио учащегося", "фио ученика", "фамилия, имя", "фамилия имя", "фамилия имя отчество"}
        | {"фамилия, имя, отчество", "учащийся", "ученик", "full name", "student", "фаа", "ф.а.а", "аты-жону"}
    ),
    Column.CLASS: frozenset({"класс", "классы", "окуган классы", "class", "form", "тайпасы"}),
    Column.GRADE: frozenset({"параллель", "grade", "класстын номери", "номер класса"}),
    Column.LETTER: frozenset({"литера", "буква", "тамга", "тамгасы", "letter", "буква класса", "литера класса"}),
    Column.REGISTER_NUMBER: frozenset(
        {"каттоо номери", "катталуу номери", "өздүк иштин номери", "өздүк иш №", "№ личного дела", "личное дело"}
        | {"номер личного дела", "register number", "student id", "номер в алфавитной книге", "register no"}
    ),
}
"""Headings as `folded` writes them. A bare `№` is a row's number and is not read."""

KNOWN = {heading: column for column, headings in HEADINGS.items() for heading in headings}


@dataclass(frozen=True, slots=True)
class Mapping:
    """Which column holds what, and the row (from 0) in which the headings stand."""

    heading_row: int
    columns: dict[Column, int]
    headings: tuple[str, ...]

    def cell(self, row: Sequence[str], column: Column) -> str:
        """A row's text in a column, empty where the file has no such column or the row is short."""
        place = self.columns.get(column)
        return row[place] if place is not None and place < len(row) else ""

    def heading(self, column: Column) -> str:
        """How the file itself calls a column."""
        place = self.columns.get(column)
        return self.headings[place] if place is not None else ""


def guess(rows: Sequence[Sequence[str]]) -> Mapping:
    """The mapping by the row that names most columns. Raises `UnreadableRosterError` without names or classes."""
    best = Mapping(0, {}, ())
    for number, row in enumerate(rows[:HEADING_WITHIN]):
        found = columns_of(row)
        if len(found) > len(best.columns):
            best = Mapping(number, found, tuple(row))
    if not is_sufficient(best.columns):
        found_headings = ", ".join(f"«{cell}»" for cell in (best.headings or first_filled(rows)) if cell) or "-"
        message = _(
            "The columns were not recognised. Needed: surname and given name (or full name), and class. "
            "Found: %(found)s. Rename the headings in the file."
        )
        raise UnreadableRosterError(message % {"found": found_headings[:300]})
    return best


def columns_of(row: Sequence[str]) -> dict[Column, int]:
    """The columns that a row's cells name; the first cell that names one wins."""
    found: dict[Column, int] = {}
    for place, cell in enumerate(row):
        column = KNOWN.get(folded(cell))
        if column is not None:
            found.setdefault(column, place)
    return found


def is_sufficient(columns: dict[Column, int]) -> bool:
    """Whether names and classes can be read."""
    names = Column.FULL_NAME in columns or {Column.SURNAME, Column.GIVEN_NAME} <= columns.keys()
    classes = Column.CLASS in columns or {Column.GRADE, Column.LETTER} <= columns.keys()
    return names and classes


def first_filled(rows: Sequence[Sequence[str]]) -> Sequence[str]:
    """The first row that is not empty."""
    return next((row for row in rows if any(row)), ())


def folded(heading: str) -> str:
    """A heading without case, final dots and colons, and doubled blanks."""
    return re.sub(r"\s+", " ", heading.casefold()).strip(" .:*")
