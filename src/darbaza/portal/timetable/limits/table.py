"""The table in force: the school's own lines, or those that the program brings until the school enters its own."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _

from darbaza.portal.timetable.models import ScreenLimit

MINUTES = ((1, 2, 20, 40), (3, 4, 25, 50), (5, 9, 30, 60), (10, 12, 35, 70))
"""From grade, to grade, minutes in a lesson, minutes in a school day: Russia's SanPiN 1.2.3685-21, table 6.8,
personal computers, as public reprints have them (looked at on 28 November 2026); they end at grade 11.

In Kyrgyzstan the sanitary rules for schools stand in resolution № 201 of 11 April 2016, changed by № 295 of 17 June
2019 and later. Their text, with whatever it says of computers, could not be read: nothing here claims to be theirs.
"""


@dataclass(frozen=True, slots=True)
class Limit:
    """Minutes at a screen for grades from `grade_from` to `grade_to`: in one lesson, and in a school day."""

    grade_from: int
    grade_to: int
    in_lesson: int
    in_day: int
    source: str


def brought() -> tuple[Limit, ...]:
    """What is in force until the school enters a table; every line says in the reader's language that it must check."""
    source = _(
        "SanPiN 1.2.3685-21 of the Russian Federation, table 6.8, personal computers; grade 12 as grade 11. "
        "Not compared with the sanitary rules of the Kyrgyz Republic (resolution № 201 of 11 April 2016 with its "
        "changes): compare, and enter your own."
    )
    return tuple(Limit(*minutes, source) for minutes in MINUTES)


def limits() -> tuple[Limit, ...]:
    """The table in force."""
    own = tuple(
        Limit(one.grade_from, one.grade_to, one.in_lesson, one.in_day, one.source) for one in ScreenLimit.objects.all()
    )
    return own or brought()


def limit_of(grade: int, table: Iterable[Limit]) -> Limit | None:
    """The line of a grade; None where the table has none."""
    return next((one for one in table if one.grade_from <= grade <= one.grade_to), None)
