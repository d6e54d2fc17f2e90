"""Acts that depart from the schedule in force. Each is recorded with its reason and reaches the gateway at once."""

from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from darbaza.portal.audit.actions import record
from darbaza.portal.audit.seals import name_of, sealing
from darbaza.portal.people.models import Person
from darbaza.portal.people.refusals import ActRefusedError
from darbaza.portal.people.rights import Right, demand
from darbaza.portal.rooms.models import Room
from darbaza.portal.school_time import school_day, zone
from darbaza.portal.timetable.actions import LONGEST_EXCEPTION
from darbaza.portal.timetable.conflicts import Contested, contested_with
from darbaza.portal.timetable.in_force import slots_on
from darbaza.portal.timetable.models import Cancellation, Closure, ScheduleException, Slot

LONGEST_CLOSURE_DAYS = 92


@dataclass(frozen=True, slots=True)
class Place:
    """Where and when a moved lesson takes place; aware instants, the end exclusive."""

    room: Room
    since: datetime
    until: datetime


@transaction.atomic
def cancel_lesson(
    *, slot: Slot, day: date, reason: str, moved_to: Place | None = None, by: Person, at: datetime
) -> Cancellation:
    """Take one day's lesson from its place, and put it elsewhere if a place is given: both or neither (2.7)."""
    demand(by, Right.TIMETABLE_SCHEDULE_EDIT, at)
    reason = reason.strip()
    if not reason:
        raise ActRefusedError(_("Say why: an exception without a reason is not recorded."), "2.7")
    if day < school_day(at):
        raise ActRefusedError(_("This day is over."), "2.7")
    if slot not in slots_on(day):
        raise ActRefusedError(_("The schedule in force has no such lesson on that day."), "2.4")
    exception = _exception(slot, moved_to, reason, by, at) if moved_to else None
    cancellation = Cancellation.objects.create(
        slot=slot, day=day, reason=reason, moved_to=exception, recorded_by=by, recorded_at=at
    )
    detail: dict[str, object] = {"slot": slot.key, "day": day.isoformat(), "reason": reason}
    if moved_to is not None:
        detail |= {
            "room": moved_to.room.code,
            "since": moved_to.since.isoformat(),
            "until": moved_to.until.isoformat(),
        }
    if exception is not None:
        detail |= sealing(name_of("exception", exception.pk))
    act = "timetable:lesson:move" if moved_to else "timetable:lesson:cancel"
    record(act=act, by=by, at=at, subject=f"cancellation-{cancellation.pk}", detail=detail)
    return cancellation


def _exception(slot: Slot, place: Place, reason: str, by: Person, at: datetime) -> ScheduleException:
    if not place.since < place.until <= place.since + LONGEST_EXCEPTION:
        raise ActRefusedError(_("An exception lasts at most twelve hours and ends after it begins."), "2.7")
    if place.until <= at:
        raise ActRefusedError(_("This day is over."), "2.7")
    _demand_free(slot, place)
    return ScheduleException.objects.create(
        room=place.room,
        school_class=slot.school_class,
        group=slot.group,
        division=slot.division,
        teacher=slot.teacher,
        subject=slot.subject,
        since=place.since,
        until=place.until,
        reason=reason,
        recorded_by=by,
        recorded_at=at,
    )


def _demand_free(slot: Slot, place: Place) -> None:
    """Refuse a place where the schedule or another exception has the room, the teacher or the class."""
    since, until = place.since.astimezone(zone()), place.until.astimezone(zone())
    wanted = Slot(
        room=place.room,
        school_class=slot.school_class,
        group=slot.group,
        division=slot.division,
        teacher=slot.teacher,
    )
    wanted.starts, wanted.ends = since.time(), until.time()
    standing = [one for one in slots_on(since.date()) if one.pk != slot.pk or since.date() != until.date()]
    taken = contested_with(wanted, standing)
    recorded = ScheduleException.objects.filter(since__lt=place.until, until__gt=place.since)
    same = recorded.filter(Q(room=place.room) | Q(teacher=slot.teacher)).exists()
    if taken or same or any(slot.shares_students(one) for one in recorded.filter(school_class=slot.school_class)):
        names = ", ".join(str(one.label) for one in taken or [Contested.ROOM])
        raise ActRefusedError(_("Taken at this time already: %(what)s.") % {"what": names}, "2.4")


@transaction.atomic
def close_days(*, name: str, first: date, last: date, reason: str, by: Person, at: datetime) -> Closure:
    """Close days to all lessons of the schedule: frost, quarantine, an event of the whole school."""
    demand(by, Right.TIMETABLE_SCHEDULE_EDIT, at)
    name, reason = name.strip(), reason.strip()
    if not (name and reason):
        raise ActRefusedError(_("Say why: an exception without a reason is not recorded."), "2.7")
    if last < first or (last - first).days >= LONGEST_CLOSURE_DAYS:
        raise ActRefusedError(_("At most 92 days are closed at once, and the last day is not before the first."), "2.7")
    if last < school_day(at):
        raise ActRefusedError(_("This day is over."), "2.7")
    closure = Closure.objects.create(name=name, first=first, last=last, reason=reason, recorded_by=by, recorded_at=at)
    detail: dict[str, object] = {
        "name": name,
        "first": first.isoformat(),
        "last": last.isoformat(),
        "reason": reason,
    }
    record(act="timetable:day:close", by=by, at=at, subject=closure.key, detail=detail)
    return closure
