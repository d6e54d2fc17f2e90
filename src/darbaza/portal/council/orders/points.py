"""One point of an order, and what it does to duties and rooms once the order is signed."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from darbaza.portal.council.models import ActKind, Order, OrderAct, PointFields, RegulationVersion, Seat
from darbaza.portal.council.regulation.approval import Approval, approve_version
from darbaza.portal.people.duties import Duty
from darbaza.portal.people.models import Appointment, Person, PersonKind, SchoolClass
from darbaza.portal.people.refusals import ActRefusedError
from darbaza.portal.rooms.models import Room
from darbaza.portal.school_time import day_begins, school_day


@dataclass(frozen=True, slots=True)
class Point:
    """A person with a duty (and a class for a class teacher) or with a seat in a commission, or a room.

    `instead_of` is set where somebody stands in for an absent person.
    """

    act: OrderAct
    person: Person | None = None
    duty: str = ""
    school_class: SchoolClass | None = None
    room: Room | None = None
    instead_of: Person | None = None
    seat: str = ""
    regulation: RegulationVersion | None = None

    @classmethod
    def stored(cls, one: PointFields) -> "Point":
        """The point that a row of a draft or an order holds."""
        return cls(
            OrderAct(one.act),
            one.person,
            one.duty,
            one.school_class,
            one.room,
            one.instead_of,
            one.seat,
            one.regulation,
        )

    def columns(self) -> dict[str, object]:
        """The point as a row holds it."""
        names = ("act", "person", "duty", "school_class", "room", "instead_of", "seat", "regulation")
        return {name: getattr(self, name) for name in names}

    def detail(self) -> dict[str, str]:
        """The point as the audit keeps it: people by their public ids."""
        detail = {"act": str(self.act)}
        if self.person is not None:
            detail["person"] = self.person.public_id
            detail |= {"seat": self.seat} if self.seat else {"duty": self.duty}
        if self.instead_of is not None:
            detail["instead_of"] = self.instead_of.public_id
        if self.school_class is not None:
            detail["class"] = self.school_class.name
        if self.room is not None:
            detail["room"] = self.room.code
        if self.regulation is not None:
            detail["regulation"] = f"regulation-{self.regulation.pk}"
        return detail


def appoint(order: Order, point: Point) -> None:
    """Give a duty from the order's instant on."""
    person = staff_of(point)
    if held(point).filter(open_after(order.in_force_from)).exists():
        raise ActRefusedError(
            _("%(name)s has this duty already: %(duty)s.") % {"name": person, "duty": Duty(point.duty).label}, "2.5"
        )
    Appointment.objects.create(
        person=person,
        duty=point.duty,
        school_class=point.school_class,
        instead_of=point.instead_of,
        since=order.in_force_from,
        until=order.in_force_until,
        order_number=order.ref,
        order_date=order.date,
    )


def staff_of(point: Point) -> Person:
    """Whom a point gives a duty, if a duty can be given to them."""
    person = point.person
    if person is None or person.kind != PersonKind.STAFF or not person.active:
        raise ActRefusedError(_("A duty is given to a member of staff."), "2.5")
    if (point.duty == Duty.CLASS_TEACHER) != (point.school_class is not None):
        raise ActRefusedError(_("A class teacher is appointed to a class, and nobody else is."), "2.7")
    return person


def substitute(order: Order, point: Point) -> None:
    """Give an absent person's duty to somebody else for a time; the absent person keeps it."""
    if order.in_force_until is None:
        raise ActRefusedError(_("Say until when somebody stands in."), "2.9")
    check_absent(point, order.in_force_from)
    appoint(order, point)


def check_absent(point: Point, at: datetime) -> None:
    """Refuse standing in for oneself, and for a duty that the absent person does not have by an order of their own."""
    absent = point.instead_of
    if absent is None or absent == point.person:
        raise ActRefusedError(_("Name who is absent, and somebody else who stands in."), "2.9")
    own = Appointment.objects.filter(person=absent, duty=point.duty, school_class=point.school_class, instead_of=None)
    if not own.filter(since__lte=at).filter(open_after(at)).exists():
        raise ActRefusedError(_("%(name)s does not have this duty.") % {"name": absent}, "2.9")


def dismiss(order: Order, point: Point) -> None:
    """End a duty at the order's instant."""
    ending = held(point).filter(open_after(order.in_force_from))
    if not ending.exists():
        raise ActRefusedError(_("This person does not have this duty, so nothing ends."), "2.5")
    end_at(ending, order.in_force_from)


def held(point: Point) -> QuerySet[Appointment]:
    """All appointments of a point's person to its duty, for themselves or in the same person's stead."""
    same = Appointment.objects.filter(person=point.person, duty=point.duty, school_class=point.school_class)
    return same if point.act == OrderAct.DISMISS else same.filter(instead_of=point.instead_of)


def open_after(at: datetime) -> Q:
    """What has not ended by an instant."""
    return Q(until__isnull=True) | Q(until__gt=at)


def end_at(appointments: QuerySet[Appointment], at: datetime) -> None:
    """End appointments at an instant; one that has not begun by then lasts no moment."""
    for appointment in appointments:
        appointment.until = max(at, appointment.since)
        appointment.save(update_fields=["until"])


def seat(_order: Order, point: Point) -> None:
    """Put somebody into a commission. It gives no right: the commission's findings are decided on by others."""
    if point.person is None or not point.person.active or point.person.kind == PersonKind.STUDENT:
        raise ActRefusedError(_("A commission has adults as members."), "2.5")
    if point.seat not in Seat.values:
        raise ActRefusedError(_("Say who chairs the commission and who are its members."), "2.5")


def equip(order: Order, point: Point) -> None:
    """Name a room as equipped from the order's day on."""
    room = room_of(order, point)
    room.order_number, room.order_date = order.ref, order.date
    room.equipped_since, room.equipped_until = school_day(order.in_force_from), day_of(order.in_force_until)
    room.save(update_fields=["order_number", "order_date", "equipped_since", "equipped_until"])


def unequip(order: Order, point: Point) -> None:
    """A room is no longer equipped from the order's day on."""
    room = room_of(order, point)
    day = school_day(order.in_force_from)
    if not room.equipped_on(day):
        raise ActRefusedError(_("This room is not equipped, so nothing ends."), "2.5")
    room.equipped_until = day
    room.save(update_fields=["equipped_until"])


def room_of(order: Order, point: Point) -> Room:
    """The room of a point. Rooms are equipped by whole days; only "from now on" may fall within one."""
    if point.room is None:
        raise ActRefusedError(_("Name the room."), "2.5")
    for term in (order.in_force_from, order.in_force_until):
        if term not in {None, order.signed_at} and term != day_begins(school_day(term)):
            raise ActRefusedError(_("Rooms are equipped for whole days: leave out the hour."), "2.5")
    return point.room


def approve(order: Order, point: Point) -> None:
    """A version of the regulation is approved, and in force from the order's instant on (1.1)."""
    version = point.regulation
    if version is None:
        raise ActRefusedError(_("Name the version of the regulation."), "1.1")
    if order.in_force_until is not None:
        raise ActRefusedError(_("The regulation is approved without an end: the next version ends it."), "1.1")
    act = Approval(ActKind.ORDER, str(order.number), order.date, order.in_force_from)
    approve_version(version, act, order.signed_by, order.signed_at)


def day_of(term: datetime | None) -> date | None:
    """The school day of an instant, if there is one."""
    return school_day(term) if term is not None else None


EFFECTS: dict[OrderAct, Callable[[Order, Point], None]] = {
    OrderAct.APPOINT: appoint,
    OrderAct.SUBSTITUTE: substitute,
    OrderAct.DISMISS: dismiss,
    OrderAct.COMMISSION: seat,
    OrderAct.EQUIP: equip,
    OrderAct.UNEQUIP: unequip,
    OrderAct.APPROVE: approve,
}
