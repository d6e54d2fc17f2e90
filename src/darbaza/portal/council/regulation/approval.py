"""What an act that approves a version of the regulation does to it: from then on nothing of it is changed."""

from datetime import date, datetime
from typing import NamedTuple

from django.utils.translation import gettext_lazy as _

from darbaza.portal.council.models import RegulationVersion
from darbaza.portal.people.models import Person
from darbaza.portal.people.refusals import ActRefusedError
from darbaza.portal.school_time import instant_of


class Approval(NamedTuple):
    """The act: what it is, its number and date, and from when the version is in force."""

    kind: str
    number: str
    day: date
    since: datetime


def approve_version(version: RegulationVersion, act: Approval, by: Person, at: datetime) -> None:
    """Let an act approve a version, inside the act's own transaction."""
    found = still_draft(version)
    if act.since < instant_of(act.day):
        raise ActRefusedError(_("A version cannot be in force before the act that approves it."), "1.1")
    if not found.clauses.exists():
        raise ActRefusedError(_("This version has no clauses yet."), "1.1")
    approved = RegulationVersion.objects.exclude(act_kind="")
    if approved.filter(act_date=act.day, act_number=act.number).exists():
        raise ActRefusedError(_("A version is approved by this act already."), "1.1")
    if approved.filter(since__gte=act.since).exists():
        raise ActRefusedError(_("A version that begins then or later is approved already."), "1.1")
    found.act_kind, found.act_number, found.act_date = act.kind, act.number, act.day
    found.approved_by, found.approved_at, found.since = by, at, act.since
    found.save()


def still_draft(version: RegulationVersion) -> RegulationVersion:
    """The version, locked, if no act has approved it: what is approved is never changed."""
    found = RegulationVersion.objects.select_for_update().get(pk=version.pk)
    if not found.is_draft:
        raise ActRefusedError(_("An approved version is never changed. Draft a new one."), "1.1")
    return found
