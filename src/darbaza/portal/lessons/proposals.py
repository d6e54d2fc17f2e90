"""What the schedule says should be under way now: the lesson that a teacher would open with one button."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from darbaza.portal.lessons.models import SupervisedSession, open_at
from darbaza.portal.people.duties import Duty
from darbaza.portal.people.models import Person, SchoolClass
from darbaza.portal.people.terms import in_force_at
from darbaza.portal.rooms.models import Room
from darbaza.portal.school_time import zone
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
    slot: Slot | None = None
    exception: ScheduleException | None = None

    @property
    def place(self) -> Slot | ScheduleException:
        """What the lesson rests on: one of both."""
        found = self.slot or self.exception
        assert found is not None  # noqa: S101 - made from one of them only; for the type checker
        return found

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
    return Proposal(slot.room, slot.school_class, slot.teacher, slot.subject, begins, ends, slot=slot)


def _exceptions(at: datetime) -> list[Proposal]:
    found = ScheduleException.objects.filter(since__lte=at + EARLY, until__gt=at, open_hours=False)
    return [
        Proposal(one.room, one.school_class, one.teacher, one.subject, one.since, one.until, exception=one)
        for one in found.select_related("room", "school_class", "teacher")
    ]
