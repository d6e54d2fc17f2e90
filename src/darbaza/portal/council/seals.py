"""What is sealed of orders, duties, rooms, decisions, minutes and the regulation: what gives a power, or proves it."""

from collections.abc import Iterable, Iterator
from typing import TypeVar

from django.db.models import Model, QuerySet
from django.utils.translation import gettext_lazy as _

from darbaza.portal.audit.seals import Content, Kind, columns, name_of, rows
from darbaza.portal.council.models import (
    Decision,
    Inspection,
    Order,
    PublicationRule,
    RegulationVersion,
    Ruling,
    Sitting,
    SittingState,
)
from darbaza.portal.people.models import Appointment, Person
from darbaza.portal.rooms.models import Room

ORDER = (
    "year", "number", "date", "kind", "text", "signed_by_id", "signed_at", "in_force_from", "in_force_until",
    "repealed_by_id", "proposal_id",
)  # fmt: skip
POINT = (
    "position", "act", "person_id", "instead_of_id", "duty", "school_class_id", "seat", "room_id", "regulation_id",
)  # fmt: skip
APPOINTMENT = (
    "duty", "school_class_id", "instead_of_id", "since", "until", "emergency_number", "order_number", "order_date",
)  # fmt: skip
ROOM = ("code", "order_number", "order_date", "equipped_since", "equipped_until")
DECISION = (
    "year", "number", "date", "council", "text", "minutes_number", "in_force_from", "entered_by_id", "entered_at",
)  # fmt: skip
RULING = (
    "user_category_id", "effect", "target_host", "target_path", "subdomains", "category", "since", "until",
    "review_date", "ended_by_id",
)  # fmt: skip
DEFAULT = ("user_category_id", "default_rule", "since")
INSPECTION = ("reason", "spared", "since", "until", "review_date", "ended_by_id")
PUBLICATION = (
    "allows", "channel", "purpose", "most_words", "most_pictures", "most_a_week", "since", "until", "ended_by_id",
)  # fmt: skip
SITTING = (
    "council", "year", "number", "date", "place", "chair_id", "secretary_id", "tie_rule", "called_at", "opened_at",
    "closed_at", "decision_id",
)  # fmt: skip
ITEM = (
    "position", "proposal_id", "discussion", "resolution", "outcome", "ballot", "votes_for", "votes_against",
    "abstained", "tied", "user_category_id", "effect", "until", "review_date", "replay",
)  # fmt: skip
REGULATION = ("language", "act_kind", "act_number", "act_date", "approved_by_id", "approved_at", "since")

M = TypeVar("M", bound=Model)


def by_ref(model: type[M], ref: str) -> M | None:
    """The order or decision of a year and number: `2026-14`."""
    year, _dash, number = ref.partition("-")
    found = model._default_manager.filter(year=year, number=number) if f"{year}{number}".isdecimal() else None
    return found.first() if found is not None else None


def of_order(ref: str) -> Content | None:
    """An order and its points."""
    order = by_ref(Order, ref)
    return columns(order, ORDER) | {"points": rows(order.points.all(), POINT)} if order else None


def of_duties(public_id: str) -> Content | None:
    """All duties that one person was ever given, with the acts that gave them."""
    person = Person.objects.filter(public_id=public_id).first()
    if person is None or not person.appointments.exists():
        return None
    return {"person": person.pk, "duties": rows(person.appointments.all(), APPOINTMENT)}


def of_room(key: str) -> Content | None:
    """By which order a room is equipped, from when and until when."""
    room = Room.objects.filter(pk=key).first()
    return columns(room, ROOM) if room else None


def of_decision(ref: str) -> Content | None:
    """A decision and all that it rules."""
    decision = by_ref(Decision, ref)
    if decision is None:
        return None
    return columns(decision, DECISION) | {
        "rulings": rows(decision.rulings.all(), RULING),
        "defaults": rows(decision.defaults.all(), DEFAULT),
        "inspections": rows(decision.inspections.all(), INSPECTION),
        "publication": rows(decision.publication_rules.all(), PUBLICATION),
    }


def of_minutes(key: str) -> Content | None:
    """The minutes of a closed sitting, by `methodological-2026-3`: who was there, what was said, who voted how."""
    council, _dash, ref = key.partition("-")
    year, _dash, number = ref.partition("-")
    closed = Sitting.objects.filter(state=SittingState.CLOSED, council=council)
    sitting = closed.filter(year=year, number=number).first() if f"{year}{number}".isdecimal() else None
    if sitting is None:
        return None
    items = [
        columns(item, ITEM) | {"votes": rows(item.votes.all(), ("member_id", "voice"))}
        for item in sitting.items.order_by("position")
    ]
    attended = rows(sitting.attendances.all(), ("member_id", "present"))
    return columns(sitting, SITTING) | {"attendances": attended, "items": items}


def of_regulation(key: str) -> Content | None:
    """An approved version of the regulation, word by word."""
    version = RegulationVersion.objects.exclude(act_kind="").filter(pk=key).first()
    clauses = ("number", "text", "position")
    return columns(version, REGULATION) | {"clauses": rows(version.clauses.all(), clauses)} if version else None


def refs(model: type[Order | Decision]) -> Iterator[str]:
    """All orders, or all decisions, the oldest first."""
    return (one.ref for one in model._default_manager.order_by("year", "number"))


KINDS = (
    Kind("order", _("order"), of_order, lambda: refs(Order)),
    Kind("duties", _("duties of a person"), of_duties, lambda: holders()),
    Kind("room", _("equipped room"), of_room, lambda: keys_of(Room.objects.exclude(order_number=""))),
    Kind("decision", _("decision"), of_decision, lambda: refs(Decision)),
    Kind("minutes", _("minutes"), of_minutes, lambda: map(minutes_key, closed_sittings())),
    Kind(
        "regulation",
        _("version of the regulation"),
        of_regulation,
        lambda: keys_of(RegulationVersion.objects.exclude(act_kind="")),
    ),
)


def holders() -> list[str]:
    """The public ids of all who were ever given a duty."""
    people = Appointment.objects.values("person")
    return list(Person.objects.filter(pk__in=people).order_by("pk").values_list("public_id", flat=True))


def keys_of(found: QuerySet[Room] | QuerySet[RegulationVersion]) -> list[str]:
    """The keys of rows as text."""
    return [str(pk) for pk in found.order_by("pk").values_list("pk", flat=True)]


def closed_sittings() -> Iterable[Sitting]:
    """All sittings with minutes."""
    return Sitting.objects.filter(state=SittingState.CLOSED).order_by("closed_at")


def minutes_key(sitting: Sitting) -> str:
    """How seals name minutes."""
    return f"{sitting.council}-{sitting.ref}"


def names_of_decisions(decision: Decision, ended: Iterable[Ruling | Inspection | PublicationRule] = ()) -> list[str]:
    """A decision, and those of which it ends something: its act wrote to all of them."""
    return [name_of("decision", one.ref) for one in {decision, *(row.decision for row in ended)}]


def names_of_duties(people: Iterable[Person]) -> list[str]:
    """The duties of some people."""
    return [name_of("duties", person.public_id) for person in people]
