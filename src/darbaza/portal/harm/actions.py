"""Acts on incidents between people. One function, one transaction, one audit entry: without names, without the text."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from darbaza.portal.audit.actions import record
from darbaza.portal.classification.actions import due
from darbaza.portal.council.models import Order
from darbaza.portal.harm.models import HarmIncident, HarmKind, HarmState, Outcome
from darbaza.portal.harm.reading import awaits_commission, commissions, is_chair, is_in_charge, members_of
from darbaza.portal.incidents.models import ReportKind, StudentReport
from darbaza.portal.people.models import Person
from darbaza.portal.people.refusals import ActRefusedError
from darbaza.portal.people.rights import Right, demand
from darbaza.portal.school_time import school_day

SHORTEST = 5
LONGEST = 1000
SCHOOL_DAYS = 6
"""School days within which the commission concludes: a week of lessons."""


@transaction.atomic
def record_incident(
    *, kind: str, text: str, about: Person | None = None, report: StudentReport | None = None, by: Person, at: datetime
) -> HarmIncident:
    """Record that somebody is said to have threatened or insulted somebody. `report` is what a student told `by`."""
    demand(by, Right.HARM_INCIDENT_RECORD, at)
    if kind not in HarmKind:
        raise ActRefusedError(_("Choose what kind of incident it is."), "3.3")
    if report is not None:
        about = _told_by(report, by)
    made = HarmIncident.objects.create(
        kind=kind, text=_written(text), about=about, report=report, recorded_by=by, recorded_at=at
    )
    record(act=Right.HARM_INCIDENT_RECORD, by=by, at=at, subject=made.public_id, detail={"kind": made.kind})
    return made


def _told_by(report: StudentReport, by: Person) -> Person:
    """The student who told it; only the adult who was told makes an incident of it, once."""
    if report.kind != ReportKind.URGENT or report.adult_id != by.pk:
        raise ActRefusedError(_("Somebody else was told of this."), "3.4")
    if HarmIncident.objects.filter(report=report).exists():
        raise ActRefusedError(_("This has been recorded as an incident already."), "3.3")
    return report.student


def _written(text: str) -> str:
    text = text.strip()[:LONGEST]
    if len(text) < SHORTEST:
        raise ActRefusedError(_("Say in a few sentences what happened."), "3.3")
    return text


def _locked(incident: HarmIncident) -> HarmIncident:
    return HarmIncident.objects.select_for_update(of=("self",)).get(pk=incident.pk)


def _demand(is_there: bool, found: HarmIncident) -> None:
    if not is_there:
        message = _("This incident is no longer where it was: %(state)s.")
        raise ActRefusedError(message % {"state": found.get_state_display()}, "3.3")


@transaction.atomic
def refer(*, incident: HarmIncident, commission: Order, by: Person, at: datetime) -> HarmIncident:
    """Put an incident before a commission that an order in force names. From then on its members read it.

    Once that order is no longer in force, it is put before another.
    """
    found = _locked(incident)
    _demand(awaits_commission(found, at), found)
    if not is_in_charge(by, found, at):
        raise ActRefusedError(_("Only whoever recorded it puts it before a commission."), "3.3")
    if not commissions(at).filter(pk=commission.pk).exists():
        raise ActRefusedError(_("This commission is not in force. The director names one by order."), "2.5")
    if found.about_id and members_of(commission).filter(pk=found.about_id).exists():
        raise ActRefusedError(_("Whom it concerns does not sit on the commission that looks at it."), "3.3")
    found.state, found.commission, found.referred_at = HarmState.REFERRED, commission, at
    found.due = due(school_day(at), SCHOOL_DAYS)
    found.save()
    detail = {"commission": commission.ref, "due": found.due.isoformat()}
    record(act="harm:incident:refer", by=by, at=at, subject=found.public_id, detail=detail)
    return found


@transaction.atomic
def conclude(*, incident: HarmIncident, outcome: str, finding: str, by: Person, at: datetime) -> HarmIncident:
    """The chair enters what the commission concluded."""
    found = _locked(incident)
    _demand(found.state == HarmState.REFERRED, found)
    if not is_chair(by, found, at):
        raise ActRefusedError(_("The chair of the commission enters what it concluded."), "3.3")
    if outcome not in Outcome:
        raise ActRefusedError(_("Say what the commission found."), "3.3")
    found.state, found.outcome, found.finding = HarmState.CONCLUDED, outcome, _written(finding)
    found.ended_by, found.ended_at = by, at
    found.save()
    record(act="harm:incident:conclude", by=by, at=at, subject=found.public_id, detail={"outcome": found.outcome})
    return found


@transaction.atomic
def settle(*, incident: HarmIncident, reason: str, by: Person, at: datetime) -> HarmIncident:
    """Whoever recorded it settles it without a commission, and says how."""
    found = _locked(incident)
    _demand(found.state == HarmState.NOTED, found)
    if not is_in_charge(by, found, at):
        raise ActRefusedError(_("Only whoever recorded it settles it."), "3.3")
    found.state, found.finding = HarmState.SETTLED, _written(reason)
    found.ended_by, found.ended_at = by, at
    found.save()
    record(act="harm:incident:settle", by=by, at=at, subject=found.public_id)
    return found
