"""A feed as iCalendar (RFC 5545): weekly lessons with their days off left out, moved lessons and events beside them."""

from datetime import UTC, date, datetime, timedelta
from itertools import dropwhile

from django.conf import settings
from django.db.models import Q
from icalendar import Calendar, Event

from darbaza.portal.school_time import school_day, zone
from darbaza.portal.timetable.in_force import Term, terms
from darbaza.portal.timetable.models import Closure, Feed, FeedKind, ScheduleException, Slot

KEPT = timedelta(days=35)
"""How long events stay in the feed after they were over."""
REFRESH = timedelta(hours=1)


def render(feed: Feed, at: datetime) -> bytes:
    """The feed as it stands at an instant. Times bear the school's zone, whose rules travel with the file."""
    calendar = Calendar()
    calendar.add("prodid", "-//Darbaza//schedule//")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", f"{settings.SCHOOL}: {feed}")
    calendar.add("x-wr-timezone", settings.TIME_ZONE)
    calendar.add("refresh-interval", REFRESH, parameters={"value": "DURATION"})
    since = school_day(at) - KEPT
    closed = [(one.first, one.last) for one in Closure.objects.filter(last__gte=since)]
    for term in terms(since):
        for slot in _slots(feed, term):
            if event := _weekly(slot, term, closed):
                calendar.add_component(event)
    for exception in _exceptions(feed, at - KEPT):
        calendar.add_component(_single(exception))
    calendar.add_missing_timezones()
    return bytes(calendar.to_ical())


def _narrowing(feed: Feed) -> Q:
    if feed.kind == FeedKind.SCHOOL_CLASS:
        return Q(school_class=feed.school_class)
    return Q(room=feed.room) if feed.kind == FeedKind.ROOM else Q(teacher=feed.owner)


def _slots(feed: Feed, term: Term) -> list[Slot]:
    found = term.version.slots.filter(_narrowing(feed)).select_related("room", "teacher", "school_class")
    return list(found.prefetch_related("cancellations").order_by("pk"))


def _exceptions(feed: Feed, since: datetime) -> list[ScheduleException]:
    found = ScheduleException.objects.filter(_narrowing(feed), until__gt=since)
    return list(found.select_related("room", "teacher", "school_class").order_by("pk"))


def _weekly(slot: Slot, term: Term, closed: list[tuple[date, date]]) -> Event | None:
    """One weekly lesson from its first day of the term to its last, but for days off; None if none is left."""
    others, off = _other_weeks(slot, term), _off(slot, term, closed)
    days = list(dropwhile(others.__contains__, _days(slot, term)))
    if not days or not set(days) - off:
        return None
    event = Event()
    event.add("uid", f"{slot.key}@darbaza")
    event.add("dtstamp", (term.version.approved_at or datetime(2000, 1, 1, tzinfo=UTC)).astimezone(UTC))
    event.add("dtstart", datetime.combine(days[0], slot.starts, zone()))
    event.add("dtend", datetime.combine(days[0], slot.ends, zone()))
    last = datetime.combine(days[-1], slot.starts, zone()).astimezone(UTC)
    event.add("rrule", {"freq": "weekly", "until": last})
    for day in sorted(set(days) & off):
        event.add("exdate", datetime.combine(day, slot.starts, zone()))
    _describe(event, slot, slot.purpose)
    return event


def _days(slot: Slot, term: Term) -> list[date]:
    """The days of a term on which the slot falls, days off among them."""
    calendar = term.version.calendar
    first = max(term.first, calendar.first) if calendar else term.first
    last = min(term.last, calendar.last) if calendar else term.last
    day = first + timedelta(days=(slot.weekday - first.weekday()) % 7)
    return (
        [day + timedelta(weeks=number) for number in range(max(0, (last - day).days // 7 + 1))] if day <= last else []
    )


def _off(slot: Slot, term: Term, closed: list[tuple[date, date]]) -> set[date]:
    spans = term.version.calendar.spans_off() if term.version.calendar else []
    stretches = [(span.first, span.last) for span in spans] + closed
    off = {day for day in _days(slot, term) if any(first <= day <= last for first, last in stretches)}
    return off | {one.day for one in slot.cancellations.all()} | _other_weeks(slot, term)


def _other_weeks(slot: Slot, term: Term) -> set[date]:
    """The days of a lesson of every other week on which it is the other week's turn.

    They are left out one by one: after a vacation the turn may go on otherwise than by counting two weeks.
    """
    if not slot.weeks:
        return set()
    letters = term.version.calendar.letters() if term.version.calendar else {}
    return {day for day in _days(slot, term) if letters.get(day - timedelta(days=slot.weekday)) != slot.weeks}


def _single(exception: ScheduleException) -> Event:
    event = Event()
    event.add("uid", f"{exception.key}@darbaza")
    event.add("dtstamp", exception.recorded_at.astimezone(UTC))
    event.add("dtstart", exception.since.astimezone(zone()))
    event.add("dtend", exception.until.astimezone(zone()))
    _describe(event, exception, exception.reason)
    return event


def _describe(event: Event, lesson: Slot | ScheduleException, why: str) -> None:
    event.add("summary", f"{lesson.taught} · {lesson.subject}".strip(" ·"))
    event.add("location", str(lesson.room))
    event.add("description", f"{lesson.teacher.short_name}\n{why}".strip())
