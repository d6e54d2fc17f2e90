"""An order as it is signed (2.5)."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from darbaza.portal.council.models import Order, OrderPoint
from darbaza.portal.council.regulation.in_force import ref_at
from darbaza.portal.papers.documents import Document, Kind, Repeal, day_text, split_ref
from darbaza.portal.people.rights import Right


def order_of(ref: str) -> Order | None:
    """The order that people cite as `2026-14`."""
    key = split_ref(ref)
    orders = Order.objects.select_related("signed_by", "repealed_by")
    return orders.filter(year=key[0], number=key[1]).first() if key else None


def gather(ref: str) -> Document | None:
    """What an order says, and, where it was repealed, by which."""
    order = order_of(ref)
    if order is None:
        return None
    points = order.points.select_related("person", "instead_of", "school_class", "room", "regulation")
    facts = {
        "number": order.ref,
        "date": day_text(order.date),
        "kind": order.kind,
        "text": order.text,
        "points": [point_facts(point) for point in points],
        "repeals": [{"ref": one.ref, "date": day_text(one.date)} for one in order.repeals.order_by("year", "number")],
        "ratifies": [{"ref": one.ref, "by": one.by.short_name} for one in order.ratifies.order_by("year", "number")],
        "from": day_text(order.in_force_from),
        "until": day_text(order.in_force_until),
        "signed_by": order.signed_by.short_name,
        "regulation": ref_at(order.signed_at),
        "acquainted": list(dict.fromkeys(point.person.short_name for point in points if point.person)),
        "repealed_by": repeal_facts(repealed(ref)),
    }
    return Document("order", order.ref, facts, order.ref, order.date)


def point_facts(point: OrderPoint) -> dict[str, str]:
    """One point: a person with a duty or a seat in a commission, a room, or the regulation."""
    return {
        "act": point.act,
        "person": point.person.full_name if point.person else "",
        "instead_of": point.instead_of.full_name if point.instead_of else "",
        "duty": point.duty,
        "seat": point.seat,
        "class": point.school_class.name if point.school_class else "",
        "room": point.room.name if point.room else "",
        "regulation": point.regulation.ref if point.regulation else "",
    }


def repealed(ref: str) -> Repeal | None:
    """The order that repealed this one."""
    order = order_of(ref)
    later = order.repealed_by if order else None
    return Repeal(later.ref, later.date) if later else None


def repeal_facts(repeal: Repeal | None) -> dict[str, Any] | None:
    """A repeal as facts."""
    return {"ref": repeal.ref, "date": day_text(repeal.date)} if repeal else None


ORDER = Kind(
    "order",
    _("Order"),
    Right.COUNCIL_ORDER_READ,
    gather,
    "papers/print/order.html",
    takes_scans=True,
    repealed=repealed,
)
