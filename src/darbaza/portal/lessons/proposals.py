"""What the schedule says should be under way now: the lesson that a teacher would open with one button."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings

from darbaza.portal.lessons.models import SupervisedSession, open_at
from darbaza.portal.people.duties import Duty
from darbaza.portal.people.models import Person, SchoolClass
from darbaza.portal.people.terms import in_force_at
from darbaza.portal.rooms.models import Room
from darbaza.portal.school_time import day_begins, zone
from darbaza.portal.timetable.in_force import slots_on
from darbaza.portal.timetable.models import ScheduleException, Slot

EARLY = timedelta(minutes=10)
"""How long before the bell a lesson may be opened; access begins with the bell all the same (2.4)."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """A lesson that may be opened now, from a slot of the schedule in force or a recorded exception."""

    room: Room
    school_class: SchoolClass
    teacher: Person
    subject: str
    begins: datetime
    ends: datetime
    place: Slot | ScheduleException
    """What the lesson rests on."""

    @property
    def slot(self) -> Slot | None:
        """The slot of the schedule, unless it is an exception."""
        return self.place if isinstance(self.place, Slot) else None

    @property
    def exception(self) -> ScheduleException | None:
        """The recorded exception, if it is one."""
        return self.place if isinstance(self.place, ScheduleException) else None

    @property
    def text(self) -> str:
        """Who is taught and in what: `7-А · Informatics`, or why where an exception names no subject."""
        return f"{self.taught} · {self.subject or (self.exception and self.exception.reason)}"

    @property
    def taught(self) -> str:
        """The class, with its group if the lesson is for one."""
        return self.place.taught

    @property
    def key(self) -> str:
        """What a form calls this proposal."""
        return self.place.key


def proposals(at: datetime) -> list[Proposal]:
    """All lessons that may be opened at an instant, exceptions first."""
    return [*_exceptions(at), *_slots(at)]


def proposal(key: str, at: datetime) -> Proposal | None:
    """The proposal that a form names, if it still stands."""
    return next((one for one in proposals(at) if one.key == key), None)


def own_proposals(teacher: Person, at: datetime) -> list[Proposal]:
    """Those of a teacher and of whom the teacher stands in for by order, the one that has begun first."""
    own = [one for one in proposals(at) if one.teacher.pk in answered_by(teacher, at)]
    return sorted(own, key=lambda one: (one.begins > at, one.begins))


def answered_by(teacher: Person, at: datetime) -> set[int]:
    """The teacher, and those whose lessons an order in force gives to the teacher (2.9)."""
    standing_in = teacher.appointments.filter(in_force_at(at), duty=Duty.TEACHER, instead_of__isnull=False)
    return {teacher.pk, *standing_in.values_list("instead_of", flat=True)}


def standing_in_for(teacher: Person, at: datetime) -> list[Proposal]:
    """Lessons of others that are under way and that nobody has opened: a colleague may stand in (2.9)."""
    taken = set(SupervisedSession.objects.filter(open_at(at)).values_list("room_id", flat=True))
    own = answered_by(teacher, at)
    others = [one for one in proposals(at) if one.teacher.pk not in own and one.room.pk not in taken]
    return sorted(others, key=lambda one: (one.begins, one.room.code))


def _slots(at: datetime) -> list[Proposal]:
    local = at.astimezone(zone())
    made = [_of_slot(slot, local) for slot in slots_on(local.date())]
    return [one for one in made if one.begins - EARLY <= at < one.ends]


def _of_slot(slot: Slot, local: datetime) -> Proposal:
    begins = datetime.combine(local.date(), slot.starts, zone())
    ends = datetime.combine(local.date(), slot.ends, zone())
    return Proposal(slot.room, slot.school_class, slot.teacher, slot.subject, begins, ends, slot)


def still_to_come(at: datetime) -> list[Proposal]:
    """The lessons of the day that are not over at an instant, by their beginning; open hours are none."""
    local = at.astimezone(zone())
    slots = [_of_slot(slot, local) for slot in slots_on(local.date())]
    found = [*slots, *_recorded(day_begins(local.date() + timedelta(days=1)), at)]
    return sorted((one for one in found if one.ends > at), key=lambda one: (one.begins, one.room.code))


def end_of(proposed: Proposal, at: datetime) -> datetime:
    """When a lesson ends: at its bell, or as many minutes after it as the school leaves to finish what was begun.

    Never into the next lesson of its room, its class or its teacher, and never past what an exception says.
    """
    if proposed.slot is None or not settings.MINUTES_AFTER_BELL:
        return proposed.ends
    latest = proposed.ends + timedelta(minutes=settings.MINUTES_AFTER_BELL)
    midnight = day_begins(at.astimezone(zone()).date() + timedelta(days=1))
    following = [one.begins for one in still_to_come(at) if one.begins >= proposed.ends and _meets(one, proposed)]
    return min(latest, midnight, *following)


def _meets(one: Proposal, other: Proposal) -> bool:
    return one.room == other.room or one.school_class == other.school_class or one.teacher == other.teacher


def _exceptions(at: datetime) -> list[Proposal]:
    return _recorded(at + EARLY + timedelta(microseconds=1), at)


def _recorded(begun_before: datetime, at: datetime) -> list[Proposal]:
    found = ScheduleException.objects.filter(since__lt=begun_before, until__gt=at, open_hours=False)
    return [
        Proposal(one.room, one.school_class, one.teacher, one.subject, one.since, one.until, one)
        for one in found.select_related("room", "school_class", "teacher")
    ]
