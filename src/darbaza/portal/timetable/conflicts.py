"""Where a version of the schedule contradicts itself: one room, teacher or class in two places at once.

Lessons of week A never meet those of week B, and groups of one division of a class have no student in common.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from darbaza.portal.timetable.models import ScheduleVersion, Slot


class Contested(TextChoices):
    """What two slots both claim."""

    ROOM = "room", _("room")
    TEACHER = "teacher", _("teacher")
    SCHOOL_CLASS = "school_class", _("class")


@dataclass(frozen=True, slots=True)
class Conflict:
    """Two slots that overlap, and what both of them claim."""

    contested: Contested
    first: Slot
    second: Slot

    @property
    def about(self) -> str:
        """The room, teacher or class in question."""
        return str(getattr(self.first, self.contested.value))


def conflicts(version: ScheduleVersion) -> list[Conflict]:
    """All contradictions of a version, in the order of the week."""
    slots = version.slots.select_related("room", "teacher", "school_class").order_by("weekday", "starts", "pk")
    found = []
    for _weekday, day in groupby(slots, key=lambda slot: slot.weekday):
        found += [
            Conflict(contested, first, second)
            for first, second in _overlapping(list(day))
            for contested in both_claim(first, second)
        ]
    return found


def _overlapping(slots: list[Slot]) -> Iterator[tuple[Slot, Slot]]:
    """Pairs of one day's slots, ordered by their start, that share a moment."""
    for position, first in enumerate(slots):
        for second in slots[position + 1 :]:
            if second.starts >= first.ends:
                break
            if first.meets(second):
                yield first, second


def both_claim(first: Slot, second: Slot) -> list[Contested]:
    """What two lessons at one time both claim."""
    claims = {
        Contested.ROOM: first.room_id == second.room_id,
        Contested.TEACHER: first.teacher_id == second.teacher_id,
        Contested.SCHOOL_CLASS: first.shares_students(second),
    }
    return [contested for contested, is_claimed in claims.items() if is_claimed]


def contested_with(slot: Slot, others: Iterable[Slot]) -> list[Contested]:
    """What a new slot would take from those that stand on its day already."""
    overlapping = [one for one in others if one.starts < slot.ends and slot.starts < one.ends and one.pk != slot.pk]
    claimed = {contested for one in overlapping if one.meets(slot) for contested in both_claim(one, slot)}
    return [contested for contested in Contested if contested in claimed]
