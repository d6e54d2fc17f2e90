"""What waits for the director or the council, and how the rules stand, for the home page."""

from datetime import datetime

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from darbaza.portal.council.models import (
    Emergency,
    Order,
    OrderDraft,
    Proposal,
    ProposalState,
    Ruling,
    Sitting,
    SittingState,
)
from darbaza.portal.council.regulation.in_force import fit_of, texts_of, version_at
from darbaza.portal.navigation import Fact, HomePart, ToDo
from darbaza.portal.people.duties import CLAUSES, Duty
from darbaza.portal.people.models import Appointment, Person
from darbaza.portal.people.rights import Right, rights_of
from darbaza.portal.people.terms import in_force_at
from darbaza.portal.rooms.models import Room
from darbaza.portal.school_time import school_day
from darbaza.portal.tags import moment

NEEDED = (Duty.ICT_RESPONSIBLE, Duty.INTERNET_RESPONSIBLE, Duty.CLASSIFICATION_OFFICER, Duty.COUNCIL_MEMBER)
"""Duties that the regulation wants filled."""


def home_part_of(person: Person, at: datetime) -> HomePart:
    """The part of a person's home page that concerns orders and decisions."""
    rights, to_do = rights_of(person, at), []
    if Right.COUNCIL_ORDER_SIGN in rights:
        to_do += [*unratified(at), *unsigned()]
        to_do += [*unfilled_duties(at), *unequipped_rooms(at)]
    if Right.COUNCIL_SITTING_HOLD in rights:
        to_do += [*open_sittings(person, at), *unanswered()]
    if Right.COUNCIL_DECISION_ADOPT in rights:
        to_do += due_reviews(at)
    facts = [rules_fact(at)] if Right.COUNCIL_DECISION_READ in rights else []
    if Right.COUNCIL_ORDER_DRAFT in rights:
        facts += regulation_fact(at)
    return HomePart(to_do=tuple(to_do), facts=tuple(facts))


def unratified(at: datetime) -> list[ToDo]:
    """What was done in an emergency and lapses unless the director signs an order."""
    standing = Emergency.objects.filter(ratified_by=None, ended_at=None, at__lte=at, lapses_at__gt=at)
    return [
        ToDo(
            _("Without you a duty was given: %(name)s, %(duty)s. It lapses on %(when)s unless you ratify it")
            % {"name": one.person.short_name, "duty": one.get_duty_display(), "when": moment(one.lapses_at)},
            reverse("council:emergencies"),
            "2.5",
        )
        for one in standing.select_related("person").order_by("lapses_at")
    ]


def unsigned() -> list[ToDo]:
    """Drafts that wait for a signature."""
    drafts = list(OrderDraft.objects.filter(order=None, discarded_at=None))
    if len(drafts) == 1:
        text = _("An order waits for your signature: %(kind)s") % {"kind": drafts[0].get_kind_display()}
        return [ToDo(text, reverse("council:draft", args=[drafts[0].pk]), "2.5")]
    count = len(drafts)
    text = ngettext("%(count)d order waits for your signature", "%(count)d orders wait for your signature", count)
    return [ToDo(text % {"count": count}, reverse("council:orders"), "2.5")] if drafts else []


def unfilled_duties(at: datetime) -> list[ToDo]:
    """Duties that no order in force gives to anybody."""
    filled = set(Appointment.objects.filter(in_force_at(at), person__active=True).values_list("duty", flat=True))
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


def open_sittings(person: Person, at: datetime) -> list[ToDo]:
    """Sittings to come; those whose day has passed, for who keeps their minutes."""
    officer, sittings = Q(chair=person) | Q(secretary=person), Sitting.objects.exclude(state=SittingState.CLOSED)
    return [
        ToDo(
            _("Sitting № %(ref)s: %(council)s") % {"ref": one.ref, "council": one.get_council_display()},
            reverse("council:sitting", args=[one.pk]),
            "2.6",
            one.date,
        )
        for one in sittings.filter(Q(date__gte=school_day(at)) | officer).order_by("date", "pk")
    ]


def unanswered() -> list[ToDo]:
    """Proposals that stand on no agenda yet."""
    waiting = Proposal.objects.filter(state=ProposalState.OPEN)
    count = waiting.exclude(items__sitting__state__in=[SittingState.CALLED, SittingState.OPEN]).count()
    text = ngettext("%(count)d proposal waits for a sitting", "%(count)d proposals wait for a sitting", count)
    url = f"{reverse('council:proposals')}?state={ProposalState.OPEN}"
    return [ToDo(text % {"count": count}, url, "2.6")] if count else []


def due_reviews(at: datetime) -> list[ToDo]:
    """Rulings whose day of review has come."""
    due = Ruling.objects.filter(review_date__lte=school_day(at)).filter(Q(until__isnull=True) | Q(until__gt=at)).count()
    if not due:
        return []
    text = ngettext("%(count)d ruling is due for review", "%(count)d rulings are due for review", due) % {"count": due}
    return [ToDo(text, reverse("council:in-force"), "2.6")]


def regulation_fact(at: datetime) -> list[Fact]:
    """What the gate enforces although the version in force has no such clause."""
    version = version_at(at)
    missing = fit_of(texts_of(version)).missing if version else ()
    if version is None or not missing:
        return []
    text = _("The regulation in force lacks clauses that the gate enforces: %(numbers)s") % {
        "numbers": ", ".join(missing)
    }
    return [Fact(text, "warn", reverse("council:regulation", args=[version.pk]))]


def rules_fact(at: datetime) -> Fact:
    """How many rulings are in force and since which order."""
    count = Ruling.objects.filter(in_force_at(at)).count()
    url = reverse("council:in-force")
    if not count:
        return Fact(_("The council has ruled on nothing yet: students reach nothing"), "warn", url)
    latest = Order.objects.first()
    rulings = ngettext("%(count)d ruling in force", "%(count)d rulings in force", count) % {"count": count}
    order = _("latest order № %(ref)s") % {"ref": latest.ref} if latest else ""
    return Fact(" · ".join(part for part in (rulings, order) if part), "ok", url)
