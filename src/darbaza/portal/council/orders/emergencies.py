"""A duty given when the director cannot be reached: at once, for a limited time, until an order ratifies it (2.5)."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import Max, Q
from django.utils.translation import gettext_lazy as _

from darbaza.portal.audit.actions import record
from darbaza.portal.audit.seals import sealing
from darbaza.portal.council.models import Emergency, OrderAct
from darbaza.portal.council.orders.points import Point, check_absent, end_at, open_after, staff_of
from darbaza.portal.council.seals import names_of_duties
from darbaza.portal.people import duty_changes
from darbaza.portal.people.duties import Duty
from darbaza.portal.people.models import Appointment, Person
from darbaza.portal.people.refusals import ActRefusedError
from darbaza.portal.people.rights import Right, demand, holds
from darbaza.portal.school_time import instant_of, school_day

LAPSES_AFTER = timedelta(hours=48)
"""How long a duty lasts that no director has signed for."""

NOT_AGAIN = timedelta(days=7)
"""For how long the same duty is not given to the same person again without an order, once it has lapsed."""

GIVEN_IN_EMERGENCY = (
    Duty.TEACHER,
    Duty.CLASS_TEACHER,
    Duty.INTERNET_RESPONSIBLE,
    Duty.ICT_RESPONSIBLE,
    Duty.CLASSIFICATION_OFFICER,
    Duty.TRUSTED_ADULT,
)
"""Duties without which lessons stop. Who directs, decides or comes from outside is for orders alone."""


@transaction.atomic
def give_all_in_emergency(
    *, points: Sequence[Point], reason: str, until: date | None = None, by: Person, at: datetime
) -> list[Emergency]:
    """Several duties at once, all of them or none; each is an act of its own, with its own entry."""
    return [give_in_emergency(point=point, reason=reason, until=until, by=by, at=at) for point in points]


@transaction.atomic
def give_in_emergency(*, point: Point, reason: str, until: date | None = None, by: Person, at: datetime) -> Emergency:
    """The deputy or whoever is responsible for ICT gives somebody a duty at once, with a reason, for 48 hours at most.

    It lapses unless the director signs an order in its place. Nobody gives a duty to themselves, and what has lapsed is
    not given again.
    """
    duty_changes.changing(at)
    demand(by, Right.COUNCIL_EMERGENCY_ACT, at)
    person = check_point(point, by, at)
    lapses_at = min(instant_of(until), at + LAPSES_AFTER) if until is not None else at + LAPSES_AFTER
    if not reason.strip():
        raise ActRefusedError(_("Say why this cannot wait for the director."), "2.5")
    if lapses_at <= at:
        raise ActRefusedError(_("The emergency ends before it begins."), "2.5")
    emergency = new_emergency(point, person, reason, lapses_at, by, at)
    Appointment.objects.create(
        person=person,
        duty=point.duty,
        school_class=point.school_class,
        instead_of=point.instead_of,
        since=at,
        until=lapses_at,
        emergency_number=emergency.ref,
    )
    duty_changes.changed(at)
    detail: dict[str, object] = {**point.detail(), "reason": emergency.reason, "until": lapses_at.isoformat()}
    detail |= sealing(*names_of_duties([person]))
    record(act=Right.COUNCIL_EMERGENCY_ACT, by=by, at=at, subject=emergency.ref, detail=detail)
    return emergency


def check_point(point: Point, by: Person, at: datetime) -> Person:
    """Whom an emergency gives a duty, if it can."""
    person = staff_of(point)
    if person == by:
        raise ActRefusedError(_("Nobody gives a duty to themselves, in an emergency neither."), "2.5")
    if point.duty not in GIVEN_IN_EMERGENCY:
        raise ActRefusedError(_("This duty is given by an order of the director only."), "2.5")
    if point.act == OrderAct.SUBSTITUTE:
        check_absent(point, at)
    same = Q(person=person, duty=point.duty, school_class=point.school_class)
    standing = Appointment.objects.filter(same, instead_of=point.instead_of).filter(open_after(at))
    if standing.exists():
        raise ActRefusedError(
            _("%(name)s has this duty already: %(duty)s.") % {"name": person, "duty": Duty(point.duty).label}, "2.5"
        )
    lapsed = Emergency.objects.filter(same, ratified_by=None, at__gt=at - LAPSES_AFTER - NOT_AGAIN)
    if lapsed.exists():
        raise ActRefusedError(
            _("This duty was given in an emergency and not ratified. Now only an order gives it."), "2.5"
        )
    return person


def new_emergency(
    point: Point, person: Person, reason: str, lapses_at: datetime, by: Person, at: datetime
) -> Emergency:
    """A stored emergency with the next number of its year."""
    year = school_day(at).year
    last = Emergency.objects.filter(year=year).aggregate(last=Max("number"))["last"] or 0
    return Emergency.objects.create(
        year=year,
        number=last + 1,
        person=person,
        duty=point.duty,
        school_class=point.school_class,
        instead_of=point.instead_of,
        reason=reason.strip(),
        by=by,
        at=at,
        lapses_at=lapses_at,
    )


@transaction.atomic
def end_emergency(*, emergency: Emergency, by: Person, at: datetime) -> None:
    """End at once what was given in an emergency: the director does, or whoever gave it."""
    duty_changes.changing(at)
    found = Emergency.objects.select_for_update().get(pk=emergency.pk)
    if found.by_id != by.pk or not holds(by, Right.COUNCIL_EMERGENCY_ACT, at):
        demand(by, Right.COUNCIL_ORDER_SIGN, at)
    if not found.stands(at):
        raise ActRefusedError(_("What was done in the emergency is no longer in force."), "2.5")
    end_at(Appointment.objects.filter(emergency_number=found.ref), at)
    found.ended_at, found.ended_by = at, by
    found.save(update_fields=["ended_at", "ended_by"])
    duty_changes.changed(at)
    detail = sealing(*names_of_duties([found.person]))
    record(act="council:emergency:end", by=by, at=at, subject=found.ref, detail=detail)
