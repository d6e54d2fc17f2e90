"""The table in force: the school's own lines, or those that the program brings until the school enters its own."""

from collections.abc import Iterable
from dataclasses import dataclass

from darbaza.portal.timetable.models import ScreenLimit

SOURCE = (
    "СанПиН 1.2.3685-21 (РФ), 6.8-таблица: жеке компьютер. КР: Өкмөттүн 2016-ж. 11-апрелиндеги № 201 токтому менен "
    "бекитилген санитардык эрежелер менен салыштыруу керек / сверить с санитарными правилами КР"
)
"""Where the program's own lines come from. A school checks them against the rules that bind it and enters its own.

Looked at on 28 November 2026: public reprints of the Russian table say the same minutes a day for grades 1 to 11, and
20 minutes a lesson for the youngest; the other minutes a lesson and grade 12 are not verified. In Kyrgyzstan the
sanitary rules for schools stand in resolution № 201 of 11 April 2016, changed by № 295 of 17 June 2019 and later: their
numbers for computers could not be read, so nothing here claims to be theirs.
"""


@dataclass(frozen=True, slots=True)
class Limit:
    """Minutes at a screen for grades from `grade_from` to `grade_to`: in one lesson, and in a school day."""

    grade_from: int
    grade_to: int
    in_lesson: int
    in_day: int
    source: str


DEFAULTS = (
    Limit(1, 2, 20, 40, SOURCE),
    Limit(3, 4, 25, 50, SOURCE),
    Limit(5, 9, 30, 60, SOURCE),
    Limit(10, 12, 35, 70, SOURCE),
)
"""In force until the school enters a table."""


def limits() -> tuple[Limit, ...]:
    """The table in force."""
    own = tuple(
        Limit(one.grade_from, one.grade_to, one.in_lesson, one.in_day, one.source) for one in ScreenLimit.objects.all()
    )
    return own or DEFAULTS


def limit_of(grade: int, table: Iterable[Limit]) -> Limit | None:
    """The line of a grade; None where the table has none."""
    return next((one for one in table if one.grade_from <= grade <= one.grade_to), None)
