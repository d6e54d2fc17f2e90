"""What the schedule puts into the rulebook: slots of approved versions with their days, days off, exceptions.

Everything rests on versions that an order approved (2.4) and on departures that were recorded with a reason (2.7).
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from typing import NamedTuple

from django.conf import settings

from darbaza.policy import rulebook
from darbaza.policy.verdict import Ground, GroundKind
from darbaza.portal.timetable.models import (
    Cancellation,
    Closure,
    ScheduleException,
    ScheduleVersion,
    Slot,
    Stage,
    Weeks,
)
from darbaza.portal.timetable.models import minutes as minute_of

ONE_DAY = timedelta(days=1)
MINUTES_A_DAY = 24 * 60


class Term(NamedTuple):
    """The days on which a version is in force: `first` and `last` belong to it."""

    version: ScheduleVersion
    first: date
    last: date


def terms(day: date) -> Iterator[Term]:
    """The terms of all approved versions that are not over on a day; those to come are among them."""
    approved = ScheduleVersion.objects.filter(stage=Stage.APPROVED).select_related("order", "calendar")
    for version in approved.order_by("since"):
        end = version.end()
        if version.has_term() and version.since is not None and end is not None and max(day, version.since) < end:
            yield Term(version, version.since, end - ONE_DAY)


def slots(day: date) -> tuple[rulebook.Slot, ...]:
    """Slots of every approved version whose term is not over on a day; those that begin later carry their own days."""
    return tuple(slot for term in terms(day) for slot in _slots_of(term))


def _slots_of(term: Term) -> Iterator[rulebook.Slot]:
    calendar = term.version.calendar
    first = max(term.first, calendar.first) if calendar else term.first
    last = min(term.last, calendar.last) if calendar else term.last
    if last < first:
        return
    ground = ground_of(term.version)
    taken = _cancelled(term.version)
    letters = calendar.letters() if calendar else {}
    mondays = {each: tuple(sorted(day for day, letter in letters.items() if letter == each)) for each in Weeks.values}
    for slot in term.version.slots.select_related("room").order_by("pk"):
        weeks = mondays[slot.weeks] if slot.weeks else None
        yield _slot(slot, ground, first, last, tuple(sorted(taken.get(slot.pk, ()))), weeks)


def _cancelled(version: ScheduleVersion) -> dict[int, list[date]]:
    """The days from which lessons of a version were taken, by their slots: one question for a whole schedule."""
    taken: dict[int, list[date]] = {}
    for slot, day in Cancellation.objects.filter(slot__version=version).values_list("slot", "day"):
        taken.setdefault(slot, []).append(day)
    return taken


def _slot(
    slot: Slot, ground: Ground, first: date, last: date, not_on: tuple[date, ...], weeks: tuple[date, ...] | None
) -> rulebook.Slot:
    return rulebook.Slot(
        id=slot.key,
        room=slot.room.code,
        weekday=slot.weekday,
        starts=minute_of(slot.starts),
        ends=min(minute_of(slot.ends) + settings.MINUTES_AFTER_BELL, MINUTES_A_DAY),
        ground=ground,
        since=first,
        until=last,
        not_on=not_on,
        weeks=weeks,
    )


def ground_of(version: ScheduleVersion) -> Ground:
    """The order that approved a version, as verdicts cite it."""
    order = version.order
    return Ground(GroundKind.SCHEDULE, order.ref if order else "", order.date.isoformat() if order else "")


def days_off(day: date) -> tuple[rulebook.DayOff, ...]:
    """Holidays and vacations of versions in force or to come, within their terms, and days closed since."""
    return (*_of_calendars(day), *_closed(day))


def _of_calendars(day: date) -> Iterator[rulebook.DayOff]:
    for term in terms(day):
        spans = term.version.calendar.spans_off() if term.version.calendar else []
        for number, span in enumerate(spans, start=1):
            first, last = max(span.first, term.first), min(span.last, term.last)
            if max(first, day) <= last:
                key = f"day-off-{term.version.pk}-{number}"
                yield rulebook.DayOff(key, span.name, first, last, ground_of(term.version))


def _closed(day: date) -> Iterator[rulebook.DayOff]:
    for one in Closure.objects.filter(last__gte=day).order_by("pk"):
        ground = Ground(GroundKind.SCHEDULE, one.key, one.recorded_at.astimezone(UTC).date().isoformat())
        yield rulebook.DayOff(one.key, one.name, one.first, one.last, ground)


def exceptions(since: datetime) -> tuple[rulebook.LessonException, ...]:
    """Recorded exceptions that are not over at an instant."""
    found = ScheduleException.objects.filter(until__gt=since).select_related("room").order_by("pk")
    return tuple(_exception(one) for one in found)


def _exception(one: ScheduleException) -> rulebook.LessonException:
    ground = Ground(GroundKind.SCHEDULE, one.key, one.since.astimezone(UTC).date().isoformat())
    return rulebook.LessonException(
        one.key, one.room.code, one.since.astimezone(UTC), one.until.astimezone(UTC), ground
    )


class Stretch:
    """The schedule on some days that follow one another, asked for together: the questions to the database are as many
    for a week as for a day, and for a school of sixty classes as for one of three."""

    def __init__(self, first: date, last: date) -> None:
        """`last` belongs to it. Nothing is asked yet."""
        self.first, self.last = first, last

    @cached_property
    def _closures(self) -> list[Closure]:
        return list(Closure.objects.filter(first__lte=self.last, last__gte=self.first))

    @cached_property
    def _begun(self) -> list[ScheduleVersion]:
        found = ScheduleVersion.objects.filter(stage=Stage.APPROVED, since__lte=self.last).order_by("-since")
        found = found.select_related("order", "calendar")
        return list(found.prefetch_related("calendar__days_off", "calendar__quarters"))

    @cached_property
    def _in_force(self) -> dict[date, ScheduleVersion | None]:
        count = (self.last - self.first).days + 1
        return {day: self._in_force_on(day) for day in (self.first + ONE_DAY * number for number in range(count))}

    def _in_force_on(self, day: date) -> ScheduleVersion | None:
        begun = (one for one in self._begun if one.since is not None and one.since <= day)
        return ScheduleVersion.in_force_among(begun, day)

    @cached_property
    def _slots(self) -> list[Slot]:
        found = Slot.objects.filter(version__in=self._versions, weekday__in={day.weekday() for day in self._in_force})
        return list(found.select_related("room", "school_class", "teacher").order_by("starts", "room__code"))

    @cached_property
    def _versions(self) -> set[int]:
        return {one.pk for one in self._in_force.values() if one is not None}

    @cached_property
    def _taking_turns(self) -> set[int]:
        found = Slot.objects.filter(version__in=self._versions).exclude(weeks=Weeks.EVERY).order_by()
        return set(found.values_list("version", flat=True).distinct())

    @cached_property
    def _gone(self) -> set[tuple[int, date]]:
        found = Cancellation.objects.filter(day__range=(self.first, self.last))
        return set(found.values_list("slot", "day"))

    def off_on(self, day: date) -> str:
        """What a day off is called by the schedule in force or a closure; empty where slots stand."""
        closed = next((one for one in self._closures if one.first <= day <= one.last), None)
        if closed is not None:
            return closed.name
        version = self._in_force[day]
        return version.calendar.off_on(day) if version and version.calendar else ""

    def letter_on(self, day: date) -> Weeks:
        """The letter of a day's week by the schedule in force; `EVERY` where no lesson of it takes turns by weeks."""
        version = self._in_force[day]
        if version is None or version.calendar is None or version.pk not in self._taking_turns:
            return Weeks.EVERY
        return version.calendar.letter_on(day)

    def slots_on(self, day: date) -> list[Slot]:
        """The lessons that the schedule has on one day, by their hour; none on days off and beyond the year."""
        version = self._in_force[day]
        if version is None or self.off_on(day):
            return []
        calendar = version.calendar
        if calendar is not None and not calendar.first <= day <= calendar.last:
            return []
        weeks = {Weeks.EVERY, calendar.letter_on(day) if calendar is not None else Weeks.EVERY}
        every = (one for one in self._slots if (one.version_id, one.weekday) == (version.pk, day.weekday()))
        return [one for one in every if one.weeks in weeks and (one.pk, day) not in self._gone]


def off_on(day: date) -> str:
    """What a day off is called by the schedule in force or a closure; empty where slots stand."""
    return Stretch(day, day).off_on(day)


def letter_on(day: date) -> Weeks:
    """The letter of a day's week by the schedule in force; `EVERY` where no lesson of it takes turns by weeks."""
    return Stretch(day, day).letter_on(day)


def slots_on(day: date) -> list[Slot]:
    """The lessons that the schedule has on one day, by their hour; none on days off and beyond the year."""
    return Stretch(day, day).slots_on(day)
