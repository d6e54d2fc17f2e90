"""A week of the schedule as a grid: hours down, days across."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from darbaza.portal.timetable.models import Slot, Weekday

SCHOOL_WEEK = 6
"""Monday to Saturday stand in the grid always, Sunday if it has a lesson."""


@dataclass(frozen=True, slots=True)
class Row:
    """One stretch of hours, with the lessons of each day in it."""

    hours: str
    days: tuple[tuple[Slot, ...], ...]


@dataclass(frozen=True, slots=True)
class Week:
    """The grid."""

    days: tuple[str, ...]
    rows: tuple[Row, ...]


def week_of(slots: Iterable[Slot]) -> Week:
    """The grid of some lessons."""
    found = list(slots)
    count = max([SCHOOL_WEEK, *(slot.weekday + 1 for slot in found)])
    by_hours: defaultdict[tuple[str, str], list[Slot]] = defaultdict(list)
    for slot in found:
        by_hours[f"{slot.starts:%H:%M}", slot.hours].append(slot)
    rows = tuple(_row(hours, by_hours[start, hours], count) for start, hours in sorted(by_hours))
    return Week(tuple(str(label) for _, label in Weekday.choices[:count]), rows)


def _row(hours: str, slots: list[Slot], count: int) -> Row:
    days = tuple(tuple(slot for slot in slots if slot.weekday == day) for day in range(count))
    return Row(hours, days)
