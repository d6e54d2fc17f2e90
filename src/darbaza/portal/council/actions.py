"""Orders signed and decisions adopted. One function, one transaction, one audit entry.

Everything that an order or a decision changes is changed here, in the same transaction as the act itself.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import NamedTuple

from django.db import transaction
from django.db.models import Max, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from darbaza.portal.audit.actions import record
from darbaza.portal.council.groups import GroupDraft, make_group
from darbaza.portal.council.holds.actions import ratify
from darbaza.portal.council.models import (
    Council,
    Decision,
    DefaultRule,
    Order,
    OrderAct,
    OrderKind,
    OrderPoint,
    Ruling,
    UserCategory,
)
from darbaza.portal.council.targets import RulingDraft, check_draft
from darbaza.portal.people.actions import make_user
from darbaza.portal.people.duties import Duty
from darbaza.portal.people.models import Appointment, Person, PersonKind, SchoolClass, in_force_on
from darbaza.portal.people.refusals import ActRefusedError
from darbaza.portal.people.rights import Right, demand
from darbaza.portal.rooms.models import Room
from darbaza.portal.school_time import school_day


@dataclass(frozen=True, slots=True)
class Point:
    """One point of an order to be signed: a person with a duty (and a class for a class teacher), or a room."""

    act: OrderAct
    person: Person | None = None
    duty: str = ""
    school_class: SchoolClass | None = None
    room: Room | None = None


class Signing(NamedTuple):
    """What every point of an order that is being signed shares."""

    order: Order
    by: Person


@transaction.atomic
def sign_order(
    *,
    kind: OrderKind,
    text: str,
    points: Sequence[Point] = (),
    in_force_from: date,
    in_force_until: date | None = None,
    repeals: Order | None = None,
    number: int | None = None,
    by: Person,
    at: datetime,
) -> Order:
    """The director signs an order; what it says is in force from its day on (1.3, 2.5).

    `number` is the next of the year unless given. Refused: an order for oneself, a point without effect, and the end
    of the last director's duty.
    """
    demand(by, Right.COUNCIL_ORDER_SIGN, at)
    order = new_order(kind=kind, text=text, number=number, in_force_from=in_force_from, by=by, at=at)
    order.in_force_until = in_force_until
    if in_force_until is not None and in_force_until <= in_force_from:
        raise ActRefusedError(_("The order ends before it begins."), "2.5")
    order.save()
    for position, point in enumerate(points, start=1):
        carry_out(Signing(order, by), position, point)
    if repeals is not None:
        repeal(repeals, order)
    demand_a_director(in_force_from)
    record(act=Right.COUNCIL_ORDER_SIGN, by=by, at=at, subject=order.ref, detail=detail_of(order, points, repeals))
    return order


def new_order(
    *, kind: OrderKind, text: str, number: int | None, in_force_from: date, by: Person, at: datetime
) -> Order:
    """An unsaved order with its number. A number that is taken is refused."""
    day = school_day(at)
    taken = Order.objects.filter(year=day.year)
    if number is None:
        number = (taken.aggregate(last=Max("number"))["last"] or 0) + 1
    elif taken.filter(number=number).exists():
        raise ActRefusedError(_("There is an order with this number already."), "2.5")
    return Order(
        year=day.year,
        number=number,
        date=day,
        kind=kind,
        text=text.strip(),
        signed_by=by,
        signed_at=at,
        in_force_from=in_force_from,
    )


def carry_out(signing: Signing, position: int, point: Point) -> None:
    """Store one point and do what it says."""
    if point.person is not None and point.person == signing.by:
        raise ActRefusedError(
            _("Nobody signs an order for themselves. Another director or the education authority does."), "2.5"
        )
    OrderPoint.objects.create(
        order=signing.order,
        position=position,
        act=point.act,
        person=point.person,
        duty=point.duty,
        school_class=point.school_class,
        room=point.room,
    )
    EFFECTS[point.act](signing.order, point)


def appoint(order: Order, point: Point) -> None:
    """Give a duty from the order's day on."""
    person = point.person
    if person is None or person.kind != PersonKind.STAFF or not person.active:
        raise ActRefusedError(_("A duty is given to a member of staff."), "2.5")
    if (point.duty == Duty.CLASS_TEACHER) != (point.school_class is not None):
        raise ActRefusedError(_("A class teacher is appointed to a class, and nobody else is."), "2.7")
    if held(point, order.in_force_from).exists():
        raise ActRefusedError(_("This person has this duty already."), "2.5")
    Appointment.objects.create(
        person=person,
        duty=point.duty,
        school_class=point.school_class,
        since=order.in_force_from,
        until=order.in_force_until,
        order_number=order.ref,
        order_date=order.date,
    )


def dismiss(order: Order, point: Point) -> None:
    """End a duty on the order's day."""
    ending = held(point, order.in_force_from)
    if not ending.exists():
        raise ActRefusedError(_("This person does not have this duty, so nothing ends."), "2.5")
    end_on(ending, order.in_force_from)


def held(point: Point, day: date) -> QuerySet[Appointment]:
    """Appointments of a point's person to its duty that are in force on a day or begin later."""
    same = Appointment.objects.filter(person=point.person, duty=point.duty, school_class=point.school_class)
    return same.filter(Q(until__isnull=True) | Q(until__gt=day))


def end_on(appointments: QuerySet[Appointment], day: date) -> None:
    """End appointments on a day; one that has not begun by then lasts no day."""
    for appointment in appointments:
        appointment.until = max(day, appointment.since)
        appointment.save(update_fields=["until"])


def equip(order: Order, point: Point) -> None:
    """Name a room as equipped from the order's day on."""
    room = point.room
    if room is None:
        raise ActRefusedError(_("Name the room."), "2.5")
    room.order_number, room.order_date = order.ref, order.date
    room.equipped_since, room.equipped_until = order.in_force_from, order.in_force_until
    room.save(update_fields=["order_number", "order_date", "equipped_since", "equipped_until"])


def unequip(order: Order, point: Point) -> None:
    """A room is no longer equipped from the order's day on."""
    room = point.room
    if room is None or not room.equipped_on(order.in_force_from):
        raise ActRefusedError(_("This room is not equipped, so nothing ends."), "2.5")
    room.equipped_until = order.in_force_from
    room.save(update_fields=["equipped_until"])


EFFECTS = {OrderAct.APPOINT: appoint, OrderAct.DISMISS: dismiss, OrderAct.EQUIP: equip, OrderAct.UNEQUIP: unequip}


def repeal(repealed: Order, order: Order) -> None:
    """End everything that the repealed order brought into force."""
    if repealed.repealed_by_id is not None:
        raise ActRefusedError(_("This order has been repealed already."), "2.5")
    if Appointment.objects.filter(order_number=repealed.ref, person=order.signed_by).filter(open_on(order)).exists():
        raise ActRefusedError(
            _("Nobody signs an order for themselves. Another director or the education authority does."), "2.5"
        )
    end_on(Appointment.objects.filter(order_number=repealed.ref).filter(open_on(order)), order.in_force_from)
    for room in Room.objects.filter(order_number=repealed.ref):
        if room.equipped_on(order.in_force_from):
            room.equipped_until = order.in_force_from
            room.save(update_fields=["equipped_until"])
    repealed.repealed_by, repealed.in_force_until = order, max(order.in_force_from, repealed.in_force_from)
    repealed.save(update_fields=["repealed_by", "in_force_until"])


def open_on(order: Order) -> Q:
    """What has not ended by the day an order comes into force."""
    return Q(until__isnull=True) | Q(until__gt=order.in_force_from)


def demand_a_director(day: date) -> None:
    """Refuse an act after which nobody would be director, on its day or ever after."""
    directors = Appointment.objects.filter(duty=Duty.DIRECTOR, person__active=True)
    if not directors.filter(in_force_on(day)).exists() or not directors.filter(until__isnull=True).exists():
        raise ActRefusedError(_("The school would be without a director. Appoint the next director first."), "2.5")


def detail_of(order: Order, points: Sequence[Point], repeals: Order | None) -> dict[str, object]:
    """What the audit keeps of an order."""
    detail: dict[str, object] = {"kind": order.kind, "from": order.in_force_from.isoformat()}
    if order.in_force_until is not None:
        detail["until"] = order.in_force_until.isoformat()
    if repeals is not None:
        detail["repeals"] = repeals.ref
    detail["points"] = [point_detail(point) for point in points]
    return detail


def point_detail(point: Point) -> dict[str, str]:
    """One point, people by their public ids."""
    detail = {"act": str(point.act)}
    if point.person is not None:
        detail |= {"person": point.person.public_id, "duty": point.duty}
    if point.school_class is not None:
        detail["class"] = point.school_class.name
    if point.room is not None:
        detail["room"] = point.room.code
    return detail


@transaction.atomic
def enrol_director(
    *, surname: str, given_name: str, patronymic: str = "", username: str, e_mail: str = "", at: datetime
) -> tuple[Person, str]:
    """Enrol the first director at installation: the one duty that no order gives. Returns person and first password.

    Refused once the school has ever had a director: from then on duties come from orders.
    """
    if Appointment.objects.filter(duty=Duty.DIRECTOR).exists():
        raise ActRefusedError(_("The school has a director; duties come from orders now."), "2.5")
    director = Person.objects.create(
        kind=PersonKind.STAFF, surname=surname, given_name=given_name, patronymic=patronymic
    )
    password = make_user(director, username, e_mail)
    Appointment.objects.create(person=director, duty=Duty.DIRECTOR, since=school_day(at))
    record(act="council:director:enrol", by=None, at=at, subject=director.public_id)
    return director, password


@dataclass(frozen=True, slots=True)
class DecisionDraft:
    """What a decision would change: rulings that begin and end, defaults of user categories, new groups (2.6)."""

    rulings: Sequence[RulingDraft] = ()
    ends: Sequence[Ruling] = ()
    defaults: Mapping[UserCategory, DefaultRule] = field(default_factory=dict)
    groups: Sequence[GroupDraft] = ()


class Enacted(NamedTuple):
    """What a decision brought into being."""

    rulings: list[Ruling]
    groups: list[UserCategory]


@transaction.atomic
def adopt_decision(
    *,
    text: str,
    minutes_number: str,
    date: date,
    in_force_from: date,
    rulings: Sequence[RulingDraft] = (),
    ends: Sequence[Ruling] = (),
    defaults: Mapping[UserCategory, DefaultRule] | None = None,
    groups: Sequence[GroupDraft] = (),
    council: Council = Council.METHODOLOGICAL,
    by: Person,
    at: datetime,
) -> Decision:
    """Enter what the council adopted: rulings that begin and end, defaults of user categories, new groups (2.6).

    All or nothing: one ruling that cannot stand refuses the decision. `date` is the sitting's and lies not ahead.
    """
    demand(by, Right.COUNCIL_DECISION_ADOPT, at)
    if date > school_day(at):
        raise ActRefusedError(_("The council has not sat yet on that day."), "2.6")
    if not (rulings or ends or defaults or groups):
        raise ActRefusedError(_("A decision rules on something: add a ruling."), "2.6")
    decision = new_decision(text, minutes_number, date, in_force_from, council, by, at)
    made = enact(decision, DecisionDraft(rulings, ends, defaults or {}, groups))
    detail = {
        "minutes": minutes_number,
        "from": in_force_from.isoformat(),
        "rulings": [ruling_detail(ruling) for ruling in made.rulings],
        "ends": [ruling.pk for ruling in ends],
        "defaults": {category.code: str(default) for category, default in (defaults or {}).items()},
        "groups": [group.code for group in made.groups],
    }
    record(act=Right.COUNCIL_DECISION_ADOPT, by=by, at=at, subject=decision.ref, detail=detail)
    return decision


def enact(decision: Decision, draft: DecisionDraft) -> Enacted:
    """Do all that a decision says. Raises `ActRefusedError` for what cannot stand."""
    groups = [make_group(decision, group) for group in draft.groups]
    rulings = [rule(decision, one) for one in draft.rulings]
    for ruling in draft.ends:
        end_ruling(decision, ruling)
    for category, default in draft.defaults.items():
        category.default_rule, category.decision = default, decision
        category.save(update_fields=["default_rule", "decision"])
    return Enacted(rulings, groups)


def ruling_detail(ruling: Ruling) -> dict[str, str]:
    """One ruling as it stands."""
    return {"for": ruling.user_category.code, "effect": ruling.effect, "on": ruling.subject}


def new_decision(
    text: str, minutes_number: str, date: date, in_force_from: date, council: Council, by: Person, at: datetime
) -> Decision:
    """A stored decision with the next number of its year; it comes into force no earlier than the sitting's day."""
    if in_force_from < date:
        raise ActRefusedError(_("A decision is in force from the day of the sitting or later."), "2.6")
    last = Decision.objects.filter(year=date.year).aggregate(last=Max("number"))["last"] or 0
    return Decision.objects.create(
        year=date.year,
        number=last + 1,
        date=date,
        council=council,
        text=text.strip(),
        minutes_number=minutes_number.strip(),
        in_force_from=in_force_from,
        entered_by=by,
        entered_at=at,
    )


def rule(decision: Decision, draft: RulingDraft) -> Ruling:
    """Store one ruling of a decision after checking that it can stand."""
    checked = check_draft(draft)
    if checked.until is not None and checked.until <= decision.in_force_from:
        raise ActRefusedError(_("A ruling ends before it begins."), "2.6")
    ruling = Ruling.objects.create(
        decision=decision,
        user_category=checked.user_category,
        effect=checked.effect,
        target_host=checked.host,
        target_path=checked.path,
        subdomains=checked.subdomains,
        category=checked.category,
        since=decision.in_force_from,
        until=checked.until,
        review_date=checked.review_date,
    )
    ratify(decision, ruling, decision.entered_at)
    return ruling


def end_ruling(decision: Decision, ruling: Ruling) -> None:
    """End an earlier ruling on the day this decision comes into force."""
    if ruling.ended_by_id is not None or ruling.decision_id == decision.pk:
        raise ActRefusedError(_("This ruling has been ended already."), "2.6")
    ruling.until = max(decision.in_force_from, ruling.since)
    ruling.ended_by = decision
    ruling.save(update_fields=["until", "ended_by"])
