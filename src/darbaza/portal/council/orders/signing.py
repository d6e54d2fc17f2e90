"""An order signed: all that it changes, changed in one transaction with it. Two that are signed at once take turns."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from darbaza.portal.audit.actions import record
from darbaza.portal.audit.seals import name_of, sealing
from darbaza.portal.council.models import (
    Emergency,
    Order,
    OrderAct,
    OrderKind,
    OrderPoint,
    Proposal,
    RegulationVersion,
    Seat,
)
from darbaza.portal.council.orders.points import EFFECTS, Point, end_at, open_after
from darbaza.portal.council.seals import names_of_duties
from darbaza.portal.people import duty_changes
from darbaza.portal.people.duties import Duty
from darbaza.portal.people.models import Appointment, Person
from darbaza.portal.people.refusals import ActRefusedError
from darbaza.portal.people.rights import Right, demand
from darbaza.portal.people.terms import in_force_at
from darbaza.portal.rooms.models import Room
from darbaza.portal.school_time import instant_of, school_day

SMALLEST_COMMISSION = 3


@dataclass(frozen=True, slots=True)
class Wording:
    """What is put before the director. `in_force_from` None means: from the instant of signing."""

    kind: OrderKind
    text: str
    points: Sequence[Point] = ()
    in_force_from: date | None = None
    in_force_until: date | None = None
    repeals: Order | None = None
    proposal: Proposal | None = None
    ratifies: Emergency | None = None
    number: int | None = None


@transaction.atomic
def sign_order(
    *,
    kind: OrderKind,
    text: str,
    points: Sequence[Point] = (),
    in_force_from: date | None,
    in_force_until: date | None = None,
    repeals: Order | None = None,
    number: int | None = None,
    by: Person,
    at: datetime,
) -> Order:
    """The director signs an order; what it says is in force from its instant on (1.3, 2.5).

    Terms are instants, or days, which stand for their first instant; today stands for now. `number` is the next of
    the year unless given. Refused: an order for oneself, one from the past, a point without effect, and the end of the
    last director's duty.
    """
    wording = Wording(kind, text, points, in_force_from, in_force_until, repeals, number=number)
    return put_into_force(wording, by, at)


def put_into_force(wording: Wording, by: Person, at: datetime) -> Order:
    """Sign, inside an act's transaction; the row of duties is locked before anything is asked."""
    duty_changes.changing(at)
    demand(by, Right.COUNCIL_ORDER_SIGN, at)
    order = new_order(wording, by, at)
    check_form(wording, order)
    order.save()
    if wording.ratifies is not None:
        take_over(wording.ratifies, order)
    for position, point in enumerate(wording.points, start=1):
        carry_out(order, position, point)
    if wording.repeals is not None:
        repeal(wording.repeals, order)
    demand_a_director(order.in_force_from)
    duty_changes.changed(at)
    detail = detail_of(order, wording) | sealing(*written_by(order, wording))
    record(act=Right.COUNCIL_ORDER_SIGN, by=by, at=at, subject=order.ref, detail=detail)
    return order


def new_order(wording: Wording, by: Person, at: datetime) -> Order:
    """An unsaved order with its number and its term. A number that is taken is refused."""
    day, number = school_day(at), wording.number
    taken = Order.objects.filter(year=day.year)
    if number is None:
        number = (taken.aggregate(last=Max("number"))["last"] or 0) + 1
    elif taken.filter(number=number).exists():
        raise ActRefusedError(_("There is an order with this number already."), "2.5")
    until = wording.in_force_until
    return Order(
        year=day.year,
        number=number,
        date=day,
        kind=wording.kind,
        text=wording.text.strip(),
        signed_by=by,
        signed_at=at,
        in_force_from=beginning_of(wording.in_force_from, at),
        in_force_until=instant_of(until) if until is not None else None,
        proposal=wording.proposal,
    )


def beginning_of(term: date | None, at: datetime) -> datetime:
    """When an order that is signed at an instant begins: then, or later. Nothing is ordered for the past."""
    if term is None or (not isinstance(term, datetime) and term == school_day(at)):
        return at
    begins = instant_of(term)
    if begins < at:
        raise ActRefusedError(
            _("An order cannot begin in the past. Leave the beginning empty: then it begins when it is signed."), "2.5"
        )
    return begins


def check_form(wording: Wording, order: Order) -> None:
    """What every order must be: ending after it begins, and complete for its kind."""
    if order.in_force_until is not None and order.in_force_until <= order.in_force_from:
        raise ActRefusedError(_("The order ends before it begins."), "2.5")
    seats = [point.seat for point in wording.points if point.act == OrderAct.COMMISSION]
    if (wording.kind == OrderKind.COMMISSION) != bool(seats):
        raise ActRefusedError(_("An order on a commission names its members, and no other order does."), "2.5")
    people = {point.person for point in wording.points if point.act == OrderAct.COMMISSION}
    if seats and (len(people) < SMALLEST_COMMISSION or len(people) != len(seats) or seats.count(Seat.CHAIR) != 1):
        raise ActRefusedError(_("A commission has a chair and at least two members, three people in all."), "2.5")


def carry_out(order: Order, position: int, point: Point) -> None:
    """Store one point and do what it says."""
    if point.person is not None and point.person == order.signed_by:
        raise not_for_oneself()
    OrderPoint.objects.create(order=order, position=position, **point.columns())
    EFFECTS[point.act](order, point)


def not_for_oneself() -> ActRefusedError:
    """The refusal of an order that concerns whoever signs it."""
    return ActRefusedError(
        _("Nobody signs an order for themselves. Another director or the education authority does."), "2.5"
    )


def repeal(repealed: Order, order: Order) -> None:
    """End everything that the repealed order brought into force."""
    repealed = Order.objects.select_for_update().get(pk=repealed.pk)
    if repealed.repealed_by_id is not None:
        raise ActRefusedError(_("This order has been repealed already."), "2.5")
    given = Appointment.objects.filter(order_number=repealed.ref).filter(open_after(order.in_force_from))
    if given.filter(person=order.signed_by).exists():
        raise not_for_oneself()
    end_at(given, order.in_force_from)
    approved = repealed.points.filter(regulation__isnull=False).values("regulation")
    for version in RegulationVersion.objects.filter(pk__in=approved, until=None, since__isnull=False):
        version.until = max(order.in_force_from, version.since or order.in_force_from)
        version.save(update_fields=["until"])
    day = school_day(order.in_force_from)
    for room in Room.objects.filter(order_number=repealed.ref):
        if room.equipped_on(day):
            room.equipped_until = day
            room.save(update_fields=["equipped_until"])
    repealed.repealed_by, repealed.in_force_until = order, max(order.in_force_from, repealed.in_force_from)
    repealed.save(update_fields=["repealed_by", "in_force_until"])


def take_over(emergency: Emergency, order: Order) -> None:
    """The order takes the place of a duty given in an emergency, without a gap; one that has lapsed stays lapsed."""
    standing = Emergency.objects.select_for_update().get(pk=emergency.pk)
    if not standing.stands(order.signed_at):
        raise ActRefusedError(
            _("What was done in the emergency is no longer in force, so nothing can be ratified."), "2.5"
        )
    if order.in_force_from > standing.lapses_at:
        raise ActRefusedError(_("The emergency lapses before the order begins."), "2.5")
    end_at(Appointment.objects.filter(emergency_number=standing.ref), order.in_force_from)
    standing.ratified_by = order
    standing.save(update_fields=["ratified_by"])


def demand_a_director(at: datetime) -> None:
    """Refuse an act after which nobody would be director, at its instant or whenever a director's duty ends later."""
    directors = Appointment.objects.filter(duty=Duty.DIRECTOR, person__active=True)
    ends = {one.until for one in directors.filter(until__gt=at) if one.until is not None}
    if not all(directors.filter(in_force_at(instant)).exists() for instant in {at, *ends}):
        raise ActRefusedError(_("The school would be without a director. Appoint the next director first."), "2.5")


def detail_of(order: Order, wording: Wording) -> dict[str, object]:
    """What the audit keeps of an order."""
    detail: dict[str, object] = {"kind": order.kind, "from": order.in_force_from.isoformat()}
    if order.in_force_until is not None:
        detail["until"] = order.in_force_until.isoformat()
    for name, act in (("repeals", wording.repeals), ("proposal", wording.proposal), ("ratifies", wording.ratifies)):
        if act is not None:
            detail[name] = act.ref
    detail["points"] = [point.detail() for point in wording.points]
    return detail


def written_by(order: Order, wording: Wording) -> list[str]:
    """The records that an order writes: itself, what it repeals, and the duties, rooms and texts that it is about."""
    points = wording.points
    people = {point.person for point in points if point.person is not None and point.duty}
    rooms = {point.room for point in points if point.room is not None}
    names = [name_of("order", order.ref)]
    names += [name_of("regulation", point.regulation.pk) for point in points if point.regulation is not None]
    if wording.repeals is not None:
        names.append(name_of("order", wording.repeals.ref))
        people |= set(Person.objects.filter(appointments__order_number=wording.repeals.ref))
        rooms |= set(Room.objects.filter(order_number=wording.repeals.ref))
    if wording.ratifies is not None:
        people.add(wording.ratifies.person)
    return [*names, *names_of_duties(people), *(name_of("room", room.pk) for room in rooms)]
