"""A week of the schedule as a grid: hours down, days across; of a version as such, or of certain days."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from darbaza.portal.timetable.in_force import Stretch
from darbaza.portal.timetable.models import Slot, Weekday

SCHOOL_WEEK = 6
"""Monday to Saturday stand in the grid always, Sunday if it has a lesson."""


@dataclass(frozen=True, slots=True)
class Column:
    """A day of the week; in a week of the year with its date, and what it is called if it is a day off."""

    label: str
    day: date | None = None
    off: str = ""

    def __str__(self) -> str:
        """The day's name."""
        return self.label


@dataclass(frozen=True, slots=True)
class Row:
    """One stretch of hours, with the lessons of each day in it."""

    hours: str
    days: tuple[tuple[Slot, ...], ...]


@dataclass(frozen=True, slots=True)
class Week:
    """The grid. `letter` says of a week of the year whether it is A or B, where lessons take turns by weeks."""

    days: tuple[Column, ...]
    rows: tuple[Row, ...]
    letter: str = ""


def week_of(slots: Iterable[Slot]) -> Week:
    """The grid of some lessons, as they stand every week."""
    found = list(slots)
    count = max([SCHOOL_WEEK, *(slot.weekday + 1 for slot in found)])
    return Week(tuple(Column(str(label)) for _, label in Weekday.choices[:count]), _rows(found, count))


def monday_of(day: date) -> date:
    """The Monday of a day's week."""
    return day - timedelta(days=day.weekday())


def week_from(monday: date) -> Week:
    """The grid of one week of the year: what the schedule in force has on each of its days."""
    days = [monday + timedelta(days=number) for number in range(len(Weekday.choices))]
    stretch = Stretch(days[0], days[-1])
    lessons = [stretch.slots_on(day) for day in days]
    count = max([SCHOOL_WEEK, *(number + 1 for number, slots in enumerate(lessons) if slots)])
    columns = tuple(_column(day, stretch.off_on(day)) for day in days[:count])
    letters = [str(letter.label) for day in days if (letter := stretch.letter_on(day))]
    return Week(columns, _rows([slot for slots in lessons for slot in slots], count), *letters[:1])


def _column(day: date, off: str) -> Column:
    return Column(str(Weekday(day.weekday()).label), day, off)


def narrowed(week: Week, keep: Iterable[Slot]) -> Week:
    """The same days with these lessons only."""
    kept = {slot.pk for slot in keep}
    found = [slot for row in week.rows for day in row.days for slot in day if slot.pk in kept]
    return replace(week, rows=_rows(found, len(week.days)))


def _rows(slots: Sequence[Slot], count: int) -> tuple[Row, ...]:
    by_hours: defaultdict[tuple[str, str], list[Slot]] = defaultdict(list)
    for slot in slots:
        by_hours[f"{slot.starts:%H:%M}", slot.hours].append(slot)
    return tuple(_row(hours, by_hours[start, hours], count) for start, hours in sorted(by_hours))


def _row(hours: str, slots: list[Slot], count: int) -> Row:
    days = tuple(tuple(slot for slot in slots if slot.weekday == day) for day in range(count))
    return Row(hours, days)
