"""Looking into encrypted pages: only by a sitting's decision, for named students' computers, a term, a review (2.6)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from darbaza.policy import rulebook
from darbaza.policy.names import InvalidHost, canonical_host
from darbaza.policy.resource import Target
from darbaza.portal.council.in_force import beginning, decision_ground
from darbaza.portal.council.models import Decision, Inspection, Proposal
from darbaza.portal.people.refusals import ActRefusedError
from darbaza.portal.people.terms import in_force_at
from darbaza.portal.rooms.models import Device, DeviceKind
from darbaza.portal.school_time import school_day

LONGEST = timedelta(days=366)
MOST_HOSTS = 200


@dataclass(frozen=True, slots=True)
class InspectionDraft:
    """What is asked for: computers, what for, and hosts as people write them that are spared. The term is resolved."""

    devices: Sequence[Device]
    reason: str
    spared: str = ""


@dataclass(frozen=True, slots=True)
class InspectionTerm:
    """Until which day, and on which day the council looks again."""

    until: date | None
    review_date: date | None


def check_asked(draft: InspectionDraft) -> InspectionDraft:
    """The draft in canonical form. Raises `ActRefusedError` for what cannot stand."""
    if not draft.devices or any(one.kind != DeviceKind.STUDENT for one in draft.devices):
        raise ActRefusedError(_("Name the students' computers; those of staff are never looked into."), "2.10")
    if not draft.reason.strip():
        raise ActRefusedError(_("Say what encrypted pages are looked into for."), "2.6")
    return InspectionDraft(draft.devices, draft.reason.strip(), "\n".join(spared_hosts(draft.spared)))


def asked_by(proposal: Proposal) -> InspectionDraft:
    """What a proposal on looking into encrypted pages asks for."""
    return InspectionDraft(list(proposal.devices.all()), proposal.purpose, proposal.spared)


def inspect(decision: Decision, draft: InspectionDraft, term: InspectionTerm) -> Inspection:
    """Store it, inside the act that decides. Raises `ActRefusedError` for what cannot stand."""
    until, review = check_term(term, school_day(decision.in_force_from))
    checked = check_asked(draft)
    made = Inspection.objects.create(
        decision=decision, reason=checked.reason, spared=checked.spared,
        since=decision.in_force_from, until=until, review_date=review,
    )  # fmt: skip
    made.devices.set(checked.devices)
    return made


def check_term(term: InspectionTerm, since: date) -> tuple[date, date]:
    """Last day and day of review of what begins on a day. Raises `ActRefusedError` where one is missing or too late."""
    until, review = term.until, term.review_date
    if until is None or not since < until <= since + LONGEST:
        raise ActRefusedError(_("Looking into encrypted pages ends by a day, at the latest after one year."), "2.6")
    if review is None or not since < review <= until:
        raise ActRefusedError(_("Set a day before the end on which the council looks again."), "2.6")
    return until, review


def spared_hosts(text: str) -> list[str]:
    """Hosts in canonical form, sorted. Raises `ActRefusedError` naming the one that can't be read."""
    found = set()
    for word in text.replace(",", " ").split()[:MOST_HOSTS]:
        try:
            name, is_address, *_rest = canonical_host(
                word.removeprefix("https://").removeprefix("http://").split("/")[0]
            )
        except InvalidHost:
            name, is_address = "", False
        if not name or is_address or "." not in name:
            raise ActRefusedError(_("“%(host)s” cannot be read as a host.") % {"host": word[:80]}, "2.6")
        found.add(name)
    return sorted(found)


def end_inspection(decision: Decision, inspection: Inspection) -> None:
    """End an earlier one on the day this decision comes into force."""
    if inspection.ended_by_id is not None or inspection.decision_id == decision.pk:
        raise ActRefusedError(_("This has been ended already."), "2.6")
    inspection.until, inspection.ended_by = max(decision.in_force_from, inspection.since), decision
    inspection.save(update_fields=["until", "ended_by"])


def standing(at: datetime) -> QuerySet[Inspection]:
    """Those in force at an instant."""
    return Inspection.objects.filter(in_force_at(at)).select_related("decision")


def on_device(device: Device | None, at: datetime) -> Inspection | None:
    """The one by which a computer's encrypted pages are looked into at an instant, the one that ends last.

    Not where the school's certificate is not noted: there nothing is decrypted, whatever a decision says.
    """
    if device is None or not device.trusts.exists():
        return None
    return standing(at).filter(devices=device).order_by("-until").first()


def detail_of_inspections(made: Sequence[Inspection], ended: Sequence[Inspection]) -> dict[str, object]:
    """What the audit keeps."""
    detail: dict[str, object] = {}
    if made:
        detail["inspections"] = [
            {
                "devices": [device.address for device in one.devices.all()],
                "until": one.until.isoformat(),
                "review": one.review_date.isoformat(),
                "reason": one.reason,
            }
            for one in made
        ]
    if ended:
        detail["inspections_ended"] = [one.pk for one in ended]
    return detail


def inspections(midnight: datetime) -> tuple[rulebook.Inspection, ...]:
    """All whose term was not over at a day's beginning, for the rulebook; each carries its own term."""
    found = Inspection.objects.exclude(until__lte=midnight).select_related("decision").prefetch_related("devices")
    return tuple(
        rulebook.Inspection(
            devices=tuple(sorted(device.address for device in one.devices.all() if device.kind == DeviceKind.STUDENT)),
            ground=decision_ground(one.decision),
            since=beginning(one.since),
            until=beginning(one.until),
            spared=tuple(Target(host) for host in one.hosts),
        )
        for one in found.order_by("pk")
    )
