"""Broken computers: whoever teaches marks a seat of the plan, whoever keeps the plan sets it right (2.5)."""

from collections.abc import Iterable
from datetime import date, datetime

from django.db import transaction
from django.db.models import QuerySet
from django.dispatch import Signal
from django.utils.translation import gettext_lazy as _

from darbaza.portal.audit.actions import record
from darbaza.portal.people.models import Person
from darbaza.portal.people.refusals import ActRefusedError
from darbaza.portal.people.rights import Right, RightMissingError, holds
from darbaza.portal.rooms.models import Fault, Seat
from darbaza.portal.school_time import day_begins

LONGEST = 120
faults_changed = Signal()
"""Sent with `at` inside the transaction of an act, before anything else is locked."""


def may_report(person: Person | None, at: datetime) -> bool:
    """Whoever may supervise lessons, and whoever keeps the plan of the rooms."""
    return holds(person, Right.LESSONS_SESSION_OPEN, at) or holds(person, Right.ROOMS_PLAN_EDIT, at)


@transaction.atomic
def report_fault(*, seat: Seat, text: str, by: Person, at: datetime) -> Fault:
    """Mark a seat broken, with a word on what is wrong. The audit has which seat, not what was written."""
    if not may_report(by, at):
        raise RightMissingError(Right.LESSONS_SESSION_OPEN)
    text = " ".join(text.split())[:LONGEST]
    if not text:
        raise ActRefusedError(_("Write in a word what is broken."), "2.5")
    faults_changed.send(Fault, at=at)
    if standing().filter(seat=seat).exists():
        raise ActRefusedError(_("This seat is marked broken already."), "2.5")
    made = Fault.objects.create(seat=seat, text=text, by=by, at=at)
    record(act="rooms:fault:report", by=by, at=at, subject=seat.room.code, detail={"seat": seat.number})
    return made


@transaction.atomic
def mend_fault(*, fault: Fault, by: Person, at: datetime) -> None:
    """The computer works again: whoever keeps the plan says so, or whoever marked it."""
    if fault.by_id != by.pk and not holds(by, Right.ROOMS_PLAN_EDIT, at):
        raise RightMissingError(Right.ROOMS_PLAN_EDIT)
    faults_changed.send(Fault, at=at)
    if not standing().filter(pk=fault.pk).update(mended_at=at, mended_by=by):
        raise ActRefusedError(_("This computer was set right already."), "2.5")
    seat = fault.seat
    record(act="rooms:fault:mend", by=by, at=at, subject=seat.room.code, detail={"seat": seat.number})


def standing() -> QuerySet[Fault]:
    """What is broken now, oldest first."""
    return Fault.objects.filter(mended_at=None).select_related("seat__room", "seat__device", "by")


def faults_of(seats: Iterable[int]) -> dict[int, Fault]:
    """What is broken at these seats, by the seat's key."""
    return {one.seat_id: one for one in standing().filter(seat__in=list(seats))}


def forget_before(day: date) -> int:
    """Delete what was set right before a day, with the log of those days; how much."""
    return Fault.objects.filter(mended_at__lt=day_begins(day)).delete()[0]
