"""A resource closed at once by one responsible person, and opened again. A decision may make it last."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from darbaza.portal.audit.actions import record
from darbaza.portal.council.models import Decision, Hold, Ruling, RulingEffect
from darbaza.portal.council.models.holds import standing
from darbaza.portal.council.targets import read_target
from darbaza.portal.people.models import Person
from darbaza.portal.people.refusals import ActRefusedError
from darbaza.portal.people.rights import Right, demand
from darbaza.portal.school_time import school_day

LAPSES_AFTER = timedelta(hours=48)
"""How long one person's word closes a resource without a decision."""


@transaction.atomic
def hold_resource(*, resource: str, subdomains: bool = True, reason: str, by: Person, at: datetime) -> Hold:
    """Close a resource to the whole school at once, for 48 hours. The council decides whether it stays closed."""
    demand(by, Right.COUNCIL_HOLD_PLACE, at)
    host, path = read_target(resource)
    if not reason.strip():
        raise ActRefusedError(_("Say why this resource must be closed at once."), "2.6")
    if Hold.objects.filter(standing(at), target_host=host, target_path=path).exists():
        raise ActRefusedError(_("This resource is held already."), "3.4")
    hold = enter_hold(host, path, subdomains=subdomains, reason=reason, by=by, at=at)
    detail = {"on": hold.resource, "until": hold.lapses_at.isoformat()}
    record(act=Right.COUNCIL_HOLD_PLACE, by=by, at=at, subject=hold.ref, detail=detail)
    return hold


def enter_hold(
    host: str,
    path: str,
    *,
    subdomains: bool,
    reason: str,
    by: Person | None,
    at: datetime,
    from_report: bool = False,
) -> Hold:
    """The hold of a resource under the year's next number, inside the act that places it; `by` None for a student."""
    year = school_day(at).year
    last = Hold.objects.filter(year=year).aggregate(last=Max("number"))["last"] or 0
    return Hold.objects.create(
        year=year,
        number=last + 1,
        target_host=host,
        target_path=path,
        subdomains=subdomains and not path,
        reason=reason.strip(),
        placed_by=by,
        from_report=from_report,
        at=at,
        lapses_at=at + LAPSES_AFTER,
    )


@transaction.atomic
def release_hold(*, hold: Hold, reason: str, by: Person, at: datetime) -> None:
    """Open a held resource again, with the reason on record; what the rules say of it holds from then on."""
    demand(by, Right.COUNCIL_HOLD_PLACE, at)
    held = Hold.objects.select_for_update().get(pk=hold.pk)
    if not held.stands(at):
        raise ActRefusedError(_("This resource is not held any more."), "3.4")
    if not reason.strip():
        raise ActRefusedError(_("Say why this resource may be opened again."), "3.4")
    held.released_at, held.released_by, held.release_reason = at, by, reason.strip()
    held.save(update_fields=["released_at", "released_by", "release_reason"])
    record(act="council:hold:release", by=by, at=at, subject=held.ref, detail={"on": held.resource})


def release_reported(hosts: Sequence[str], reason: str, by: Person, at: datetime) -> None:
    """Open what only reports hold, inside the act that judges the reports."""
    held = Hold.objects.filter(standing(at), from_report=True, ratified_by=None, target_host__in=hosts)
    held.update(released_at=at, released_by=by, release_reason=reason.strip())


def ratify(decision: Decision, ruling: Ruling, at: datetime) -> None:
    """Let a decision that denies a held resource stand behind the hold, inside the act that enters the decision.

    The hold then lasts until the ruling is in force, so that nothing opens in between.
    """
    if ruling.effect != RulingEffect.DENY or not ruling.target_host:
        return
    same = Hold.objects.filter(standing(at), target_host=ruling.target_host, target_path=ruling.target_path)
    for hold in same.filter(ratified_by=None):
        hold.ratified_by, hold.lapses_at = decision, max(hold.lapses_at, ruling.since)
        hold.save(update_fields=["ratified_by", "lapses_at"])
