"""A version as a value, for paper and other readers: its week, its year, and the acts behind it. No rows, no queries.

`week_value` and `year_value` are what a printed schedule needs; names are as documents write them.
"""

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from datetime import date, time, timedelta
from fractions import Fraction
from typing import TypeVar

from darbaza.portal.timetable.models import Calendar, ScheduleVersion, Slot, Weekday, Weeks
from darbaza.portal.timetable.models.calendars import Span


@dataclass(frozen=True, slots=True)
class Lesson:
    """One weekly lesson. `teacher` is surname and initials; `screen_minutes` None where the whole lesson counts.

    `group` is empty for a whole class; `weeks` is `a` or `b` for a lesson of every other week, else empty.
    """

    weekday: int
    starts: time
    ends: time
    school_class: str
    subject: str
    purpose: str
    teacher: str
    room: str
    screen_minutes: int | None
    group: str = ""
    division: int = 0
    weeks: str = ""

    @property
    def hours(self) -> str:
        """`08:00–08:45`."""
        return f"{self.starts:%H:%M}–{self.ends:%H:%M}"

    @property
    def taught(self) -> str:
        """Who is taught: `7-А`, or `7-А (1-топ)`."""
        return f"{self.school_class} ({self.group})" if self.group else self.school_class

    def get_weeks_display(self) -> str:
        """In which weeks it stands, in the active language."""
        return str(Weeks(self.weeks).label)


L = TypeVar("L", Lesson, Slot)


@dataclass(frozen=True, slots=True)
class VersionWeek:
    """A version's week. `rows` are stretches of hours, each with the lessons of every day in the order of `days`."""

    days: tuple[str, ...]
    rows: tuple[tuple[str, tuple[tuple[Lesson, ...], ...]], ...]
    lessons: tuple[Lesson, ...]


@dataclass(frozen=True, slots=True)
class ClassYear:
    """What each student of a class gets: lessons a week, and lessons in each quarter after days off.

    A lesson of every other week is half a lesson a week; one of a group counts for its part of the class.
    """

    school_class: str
    lessons_a_week: float
    lessons_a_quarter: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class VersionYear:
    """A version's school year. Quarters and days off hold first and last day, both included.

    Without a calendar `first` and `last` are None and the rest but the classes is empty. `guided_by` answers the four
    considerations of 2.3, `contributors` are name and kind (2.2), `minutes` the staff meeting's (2.1).
    """

    school_year: str
    title: str
    first: date | None
    last: date | None
    week_length: int
    quarters: tuple[tuple[int, date, date], ...]
    days_off: tuple[Span, ...]
    classes: tuple[ClassYear, ...]
    guided_by: tuple[str, str, str, str]
    contributors: tuple[tuple[str, str], ...]
    considered_on: date | None
    minutes: str


def lessons_of(version: ScheduleVersion) -> tuple[Lesson, ...]:
    """Every lesson of a version, in the order of the week."""
    slots = version.slots.select_related("room", "teacher", "school_class")
    return tuple(
        Lesson(
            weekday=slot.weekday,
            starts=slot.starts,
            ends=slot.ends,
            school_class=slot.school_class.name,
            subject=slot.subject,
            purpose=slot.purpose,
            teacher=slot.teacher.short_name,
            room=slot.room.name,
            screen_minutes=slot.screen_minutes,
            group=slot.group,
            division=slot.division,
            weeks=slot.weeks,
        )
        for slot in slots.order_by("weekday", "starts", "room__code", "pk")
    )


def week_value(version: ScheduleVersion) -> VersionWeek:
    """The week of a version, in the active language."""
    lessons = lessons_of(version)
    length = version.calendar.week_length if version.calendar else 6
    count = max([length, *(one.weekday + 1 for one in lessons)])
    hours = sorted({one.hours for one in lessons})
    rows = tuple(
        (
            stretch,
            tuple(tuple(one for one in lessons if one.hours == stretch and one.weekday == day) for day in range(count)),
        )
        for stretch in hours
    )
    return VersionWeek(tuple(str(label) for _number, label in Weekday.choices[:count]), rows, lessons)


def year_value(version: ScheduleVersion) -> VersionYear:
    """The school year of a version, in the active language."""
    calendar, lessons = version.calendar, lessons_of(version)
    quarters = tuple((one.number, one.first, one.last) for one in calendar.quarters.all()) if calendar else ()
    return VersionYear(
        school_year=version.school_year,
        title=version.title,
        first=calendar.first if calendar else None,
        last=calendar.last if calendar else None,
        week_length=calendar.week_length if calendar else 6,
        quarters=quarters,
        days_off=tuple(sorted(calendar.spans_off(), key=lambda span: span.first)) if calendar else (),
        classes=_classes(lessons, quarters, calendar),
        guided_by=(version.by_law, version.by_experience, version.by_interests, version.by_aims),
        contributors=tuple((one.name, one.get_kind_display()) for one in version.contributors.all()),
        considered_on=version.considered_on,
        minutes=version.minutes,
    )


def _classes(
    lessons: tuple[Lesson, ...], quarters: tuple[tuple[int, date, date], ...], calendar: Calendar | None
) -> tuple[ClassYear, ...]:
    letters, school_days = (calendar.letters(), list(calendar.school_days())) if calendar else ({}, [])
    letter_of = {day: letters.get(day - timedelta(days=day.weekday()), Weeks.EVERY) for day in school_days}
    days = [
        Counter((day.weekday(), letter_of[day]) for day in school_days if first <= day <= last)
        for _number, first, last in quarters
    ]
    parts = parts_of(lessons)
    names = list(dict.fromkeys(one.school_class for one in sorted(lessons, key=_grade)))
    made = []
    for name in names:
        own = [one for one in lessons if one.school_class == name]
        week = sum(parts[one] * (Fraction(1, 2) if one.weeks else 1) for one in own)
        quarter = [sum(parts[one] * _times(one, of) for one in own) for of in days]
        made.append(ClassYear(name, plain(week), tuple(map(plain, quarter))))
    return tuple(made)


def _times(lesson: Lesson, days: Counter[tuple[int, Weeks]]) -> int:
    """How often a lesson takes place on these days."""
    letters = [Weeks(lesson.weeks)] if lesson.weeks else list(Weeks)
    return sum(days[lesson.weekday, letter] for letter in letters)


def parts_of(lessons: Iterable[L]) -> dict[L, Fraction]:
    """Which part of its class each lesson is for: one group of as many as the division has, of two at least."""
    lessons = list(lessons)
    groups: defaultdict[tuple[Hashable, int], set[str]] = defaultdict(set)
    for one in lessons:
        if one.group:
            groups[one.school_class, one.division].add(one.group)
    return {
        one: Fraction(1, max(2, len(groups[one.school_class, one.division]))) if one.group else Fraction(1)
        for one in lessons
    }


def plain(number: Fraction | int) -> float:
    """A number of lessons as people write it: whole where it is, else with one decimal."""
    return int(number) if number == int(number) else round(float(number), 1)


def _grade(lesson: Lesson) -> tuple[int, str]:
    grade, _dash, letter = lesson.school_class.partition("-")
    return (int(grade) if grade.isdecimal() else 0, letter)
