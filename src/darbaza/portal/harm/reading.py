"""Who may read an incident, which commissions there are, and when an incident is forgotten."""

from datetime import date, datetime, timedelta

from django.conf import settings
from django.db.models import Q, QuerySet

from darbaza.portal.council.models import Order, OrderAct, OrderKind, Seat
from darbaza.portal.harm.models import HarmIncident, HarmState
from darbaza.portal.people.duties import Duty
from darbaza.portal.people.models import Person
from darbaza.portal.people.rights import Right, duties_of, holds
from darbaza.portal.school_time import day_begins

KEPT = timedelta(days=365)
"""How long an incident is kept after its end. One that has not ended is kept until it has."""


def commissions(at: datetime) -> QuerySet[Order]:
    """The orders in force that name a commission."""
    named = Order.objects.filter(kind=OrderKind.COMMISSION, repealed_by__isnull=True, in_force_from__lte=at)
    return named.filter(Q(in_force_until__isnull=True) | Q(in_force_until__gt=at))


def members_of(commission: Order, seat: str = "") -> QuerySet[Person]:
    """Who sits on a commission; with a seat, only who has that one."""
    points = commission.points.filter(act=OrderAct.COMMISSION)
    chosen = points.filter(seat=seat) if seat else points
    return Person.objects.filter(pk__in=chosen.values("person"), active=True)


def commission_of(incident: HarmIncident, at: datetime) -> Order | None:
    """The commission before which an incident is, as long as its order is in force."""
    return commissions(at).filter(pk=incident.commission_id).first() if incident.commission_id else None


def is_chair(person: Person, incident: HarmIncident, at: datetime) -> bool:
    """Whether a person chairs the commission before which an incident is."""
    found = commission_of(incident, at)
    return found is not None and members_of(found, Seat.CHAIR).filter(pk=person.pk).exists()


def is_in_charge(person: Person, incident: HarmIncident, at: datetime) -> bool:
    """Whether a person takes an incident further: whoever recorded it, or the director once no order lets them."""
    if holds(incident.recorded_by, Right.HARM_INCIDENT_RECORD, at):
        return incident.recorded_by_id == person.pk
    return _directs(person, at)


def awaits_commission(incident: HarmIncident, at: datetime) -> bool:
    """Whether no commission has it: none had, or the order that named it is no longer in force."""
    return incident.state == HarmState.NOTED or (
        incident.state == HarmState.REFERRED and commission_of(incident, at) is None
    )


def readable_by(person: Person, at: datetime) -> QuerySet[HarmIncident]:
    """What a person may read: their own, what is before a commission in force that they sit on, the director all."""
    found = HarmIncident.objects.select_related("about", "recorded_by", "commission", "ended_by", "report")
    if _directs(person, at):
        return found
    seats = commissions(at).filter(points__act=OrderAct.COMMISSION, points__person=person)
    return found.filter(Q(recorded_by=person) | Q(commission__in=seats)).distinct()


def readers_of(incident: HarmIncident, at: datetime) -> list[Person]:
    """By name, whoever may read an incident: its own page says so."""
    directors = Person.objects.filter(appointments__duty=Duty.DIRECTOR, active=True).distinct()
    people = {incident.recorded_by, *(one for one in directors if _directs(one, at))}
    commission = commission_of(incident, at)
    if commission is not None:
        people |= set(members_of(commission))
    return sorted(people, key=lambda one: (one.surname, one.given_name, one.pk))


def _directs(person: Person, at: datetime) -> bool:
    return any(one.duty == Duty.DIRECTOR for one in duties_of(person, at))


def forget_before(day: date) -> int:
    """Delete incidents that ended a year ago; `day` is the first of which the log is kept. How many."""
    today = day + timedelta(days=settings.VERDICT_LOG_DAYS)
    over = HarmIncident.objects.filter(ended_at__lt=day_begins(today) - KEPT)
    return over.exclude(state__in=[HarmState.NOTED, HarmState.REFERRED]).delete()[0]
