"""What waits for the director or the council, and how the rules stand, for the home page."""

from datetime import datetime

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from darbaza.portal.council.models import Order, Ruling
from darbaza.portal.navigation import Fact, HomePart, ToDo
from darbaza.portal.people.duties import CLAUSES, Duty
from darbaza.portal.people.models import Appointment, Person, in_force_on
from darbaza.portal.people.rights import Right, rights_of
from darbaza.portal.rooms.models import Room
from darbaza.portal.school_time import school_day

NEEDED = (Duty.ICT_RESPONSIBLE, Duty.INTERNET_RESPONSIBLE, Duty.CLASSIFICATION_OFFICER, Duty.COUNCIL_MEMBER)
"""Duties that the regulation wants filled."""


def home_part_of(person: Person, at: datetime) -> HomePart:
    """The part of a person's home page that concerns orders and decisions."""
    rights, to_do = rights_of(person, at), []
    if Right.COUNCIL_ORDER_SIGN in rights:
        to_do += [*unfilled_duties(at), *unequipped_rooms(at)]
    if Right.COUNCIL_DECISION_ADOPT in rights:
        to_do += due_reviews(at)
    facts = (rules_fact(at),) if Right.COUNCIL_DECISION_READ in rights else ()
    return HomePart(to_do=tuple(to_do), facts=facts)


def unfilled_duties(at: datetime) -> list[ToDo]:
    """Duties that no order in force gives to anybody."""
    filled = set(
        Appointment.objects.filter(in_force_on(school_day(at)), person__active=True).values_list("duty", flat=True)
    )
    return [
        ToDo(_("Nobody is appointed: %(duty)s") % {"duty": duty.label}, reverse("council:new-order"), CLAUSES[duty])
        for duty in NEEDED
        if duty not in filled
    ]


def unequipped_rooms(at: datetime) -> list[ToDo]:
    """Whether no room is equipped, so that no lesson can be opened."""
    if any(room.equipped_on(school_day(at)) for room in Room.objects.all()):
        return []
    return [ToDo(_("No order names an equipped room"), reverse("council:new-order") + "?room", "2.5")]


def due_reviews(at: datetime) -> list[ToDo]:
    """Rulings whose day of review has come."""
    day = school_day(at)
    due = Ruling.objects.filter(review_date__lte=day).filter(Q(until__isnull=True) | Q(until__gt=day)).count()
    if not due:
        return []
    text = ngettext("%(count)d ruling is due for review", "%(count)d rulings are due for review", due) % {"count": due}
    return [ToDo(text, reverse("council:in-force"), "2.6")]


def rules_fact(at: datetime) -> Fact:
    """How many rulings are in force and since which order."""
    day = school_day(at)
    count = Ruling.objects.filter(Q(since__lte=day) & (Q(until__isnull=True) | Q(until__gt=day))).count()
    url = reverse("council:in-force")
    if not count:
        return Fact(_("The council has ruled on nothing yet: students reach nothing"), "warn", url)
    latest = Order.objects.first()
    rulings = ngettext("%(count)d ruling in force", "%(count)d rulings in force", count) % {"count": count}
    order = _("latest order № %(ref)s") % {"ref": latest.ref} if latest else ""
    return Fact(" · ".join(part for part in (rulings, order) if part), "ok", url)
