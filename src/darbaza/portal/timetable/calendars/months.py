"""A school year as months of weeks, for the yearly view on screen and paper."""

import calendar as weeks
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from darbaza.portal.timetable.models import Calendar, Weeks

LETTERS: dict[Weeks, str | Promise] = {Weeks.A: _("A"), Weeks.B: _("B"), Weeks.EVERY: ""}
"""The letters alone, as they stand beside the weeks of a month."""


@dataclass(frozen=True, slots=True)
class Day:
    """A day of a month: `off` is what a day off is called; `is_school` that lessons take place."""

    day: date
    off: str
    is_school: bool


@dataclass(frozen=True, slots=True)
class MonthWeek:
    """A week from Monday; None where it reaches into another month. `letter` is `A` or `B`, or empty."""

    letter: str
    days: tuple[Day | None, ...]


@dataclass(frozen=True, slots=True)
class Month:
    """The weeks of a month."""

    first: date
    weeks: tuple[MonthWeek, ...]


def months_of(calendar: Calendar) -> tuple[Month, ...]:
    """Every month of the school year."""
    school, spans = frozenset(calendar.school_days()), calendar.spans_off()
    named = {day: span.name for span in reversed(spans) for day in _days(span.first, span.last)}
    letters = {monday: str(LETTERS[letter]) for monday, letter in calendar.letters().items()}
    return tuple(_month(first, school, named, letters) for first in _firsts(calendar.first, calendar.last))


def _days(first: date, last: date) -> Iterator[date]:
    for ordinal in range(first.toordinal(), last.toordinal() + 1):
        yield date.fromordinal(ordinal)


def _firsts(first: date, last: date) -> Iterator[date]:
    day = first.replace(day=1)
    while day <= last:
        yield day
        day = date(day.year + day.month // 12, day.month % 12 + 1, 1)


def _month(first: date, school: frozenset[date], named: dict[date, str], letters: dict[date, str]) -> Month:
    rows = weeks.Calendar().monthdatescalendar(first.year, first.month)
    return Month(first, tuple(_week(row, first, school, named, letters.get(row[0], "")) for row in rows))


def _week(row: list[date], first: date, school: frozenset[date], named: dict[date, str], letter: str) -> MonthWeek:
    return MonthWeek(letter, tuple(_day(day, first, school, named) for day in row))


def _day(day: date, first: date, school: frozenset[date], named: dict[date, str]) -> Day | None:
    return Day(day, named.get(day, ""), day in school) if day.month == first.month else None
