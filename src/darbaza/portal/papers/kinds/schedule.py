"""A version of the schedule with its year, and one week of what is in force (2.1-2.4)."""

from collections.abc import Iterable
from datetime import date, time, timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _

from darbaza.portal.papers.documents import Document, Kind, Repeal, day_text
from darbaza.portal.people.rights import Right
from darbaza.portal.timetable.in_force import Stretch
from darbaza.portal.timetable.models import Calendar, ScheduleVersion, Slot, Stage
from darbaza.portal.timetable.values import Lesson, VersionWeek, VersionYear, week_value, year_value
from darbaza.portal.timetable.week import Week, monday_of, week_from


def version_of(ref: str) -> ScheduleVersion | None:
    """The version that a document names by its number in the portal."""
    if not (ref.isascii() and ref.isdigit() and len(ref) < 10):
        return None
    versions = ScheduleVersion.objects.select_related("order", "order__signed_by", "calendar", "drafted_by")
    return versions.filter(pk=int(ref)).first()


def gather(ref: str) -> Document | None:
    """The school year's schedule: who worked on it, what guides it, its days, and its lessons every week."""
    version = version_of(ref)
    if version is None:
        return None
    order = version.order
    facts = {
        "school_year": version.school_year,
        "title": version.title,
        "stage": version.stage,
        "order": {"ref": order.ref, "date": day_text(order.date)} if order else None,
        "minutes": {"ref": version.minutes, "date": day_text(version.considered_on)} if version.considered_on else None,
        "since": day_text(version.since),
        "until": day_text(version.until),
        "guides": {
            "law": version.by_law,
            "experience": version.by_experience,
            "interests": version.by_interests,
            "aims": version.by_aims,
        },
        "people": [version.drafted_by.short_name, *(one.name for one in version.contributors.all())],
        "drafted_by": version.drafted_by.short_name,
        "signed_by": order.signed_by.short_name if order else "",
        "year": year_facts(year_value(version), version.calendar),
        "week": version_week_facts(week_value(version)),
    }
    return Document("schedule", ref, facts, order.ref if order else "", order.date if order else None)


def year_facts(year: VersionYear, calendar: Calendar | None) -> dict[str, Any]:
    """The school year: its first and last day, quarters, days off, bells, and how many lessons each class gets."""
    bells = calendar.bells.all() if calendar else ()
    return {
        "first": day_text(year.first),
        "last": day_text(year.last),
        "quarters": [span(number, first, last) for number, first, last in year.quarters],
        "days_off": [span(one.name, one.first, one.last) for one in year.days_off],
        "classes": [
            {"class": one.school_class, "week": one.lessons_a_week, "quarters": list(one.lessons_a_quarter)}
            for one in year.classes
        ],
        "bells": [
            {"shift": one.shift, "number": one.number, "weekday": one.weekday, "hours": hours(one.starts, one.ends)}
            for one in bells
        ],
    }


def version_week_facts(week: VersionWeek) -> dict[str, Any]:
    """The grid of a version: days across by their number from Monday, hours down."""
    return {
        "days": [{"weekday": place, "day": "", "off": ""} for place in range(len(week.days))],
        "rows": [{"hours": stretch, "days": [values(day) for day in days]} for stretch, days in week.rows],
    }


def values(lessons: Iterable[Lesson]) -> list[dict[str, str]]:
    """The lessons of one hour on one day, as a version's values have them."""
    return [
        {"class": one.taught, "subject": one.subject, "room": one.room, "teacher": one.teacher}
        | ({"weeks": one.weeks} if one.weeks else {})
        for one in lessons
    ]


def span(name: object, first: date, last: date) -> dict[str, str]:
    """Some days with a name."""
    return {"name": str(name), "first": day_text(first), "last": day_text(last)}


def hours(starts: time, ends: time) -> str:
    """`08:00–08:45`."""
    return f"{starts:%H:%M}–{ends:%H:%M}"


def week_facts(week: Week) -> dict[str, Any]:
    """The grid of one week, with dates and days off."""
    return {
        "days": [
            {"weekday": place, "day": day_text(column.day), "off": column.off} for place, column in enumerate(week.days)
        ],
        "rows": [{"hours": row.hours, "days": [lessons(day) for day in row.days]} for row in week.rows],
    }


def lessons(slots: Iterable[Slot]) -> list[dict[str, str]]:
    """The lessons of one hour on one day."""
    return [
        {
            "class": slot.taught,
            "subject": slot.subject,
            "room": slot.room.name,
            "teacher": slot.teacher.short_name,
        }
        for slot in slots
    ]


def superseded(ref: str) -> Repeal | None:
    """The order that approved the version which took this one's place."""
    version = version_of(ref)
    day = version.superseded_on() if version else None
    later = ScheduleVersion.objects.filter(stage=Stage.APPROVED, since=day).select_related("order").first()
    return Repeal(later.order.ref, later.order.date) if day and later and later.order else None


def gather_week(ref: str) -> Document | None:
    """One week of the year, named by any of its days: what the schedule in force has on each of them."""
    try:
        monday = monday_of(date.fromisoformat(ref))
    except ValueError:
        return None
    version = ScheduleVersion.in_force_on(monday)
    order = version.order if version else None
    days = [monday + timedelta(days=number) for number in range(7)]
    stretch = Stretch(days[0], days[-1])
    letters = [str(letter) for day in days if (letter := stretch.letter_on(day))]
    facts = {
        "monday": day_text(monday),
        "order": {"ref": order.ref, "date": day_text(order.date)} if order else None,
        "week": week_facts(week_from(monday)),
    } | ({"letter": letters[0]} if letters else {})
    return Document("week", monday.isoformat(), facts, date=monday)


SCHEDULE = Kind(
    "schedule",
    _("Schedule of internet use"),
    Right.TIMETABLE_SCHEDULE_READ,
    gather,
    "papers/print/schedule.html",
    landscape=True,
    takes_scans=True,
    repealed=superseded,
)
WEEK = Kind(
    "week",
    _("Internet use in the week"),
    Right.TIMETABLE_SCHEDULE_READ,
    gather_week,
    "papers/print/week.html",
    landscape=True,
)
