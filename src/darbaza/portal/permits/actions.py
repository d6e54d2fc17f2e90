"""Permissions asked for, given, declined, withdrawn and taken back (3.2, 3.3). Nobody decides on their own request."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from darbaza.policy.resource import Target
from darbaza.policy.rulebook import FileScope
from darbaza.portal.audit.actions import record
from darbaza.portal.audit.seals import name_of, sealing
from darbaza.portal.council.targets import read_target
from darbaza.portal.people.models import Person, PersonKind
from darbaza.portal.people.refusals import ActRefusedError
from darbaza.portal.people.rights import Right, demand, demand_for_class
from darbaza.portal.permits.models import CLAUSES, Permit, PermitKind, PermitResource, PermitState, lies_within
from darbaza.portal.school_time import school_day

LONGEST_TERM = timedelta(days=366)
MOST_RESOURCES = 10
MOST_WAITING = 5
"""Requests for one person that may wait at a time: a thousand of them must not bury the others."""
SHORTEST = 3
ANY_FILE = FileScope()


@dataclass(frozen=True, slots=True)
class Scope:
    """Which resources, as they were typed or chosen, and the term: both instants aware, `until` no longer included."""

    resources: Sequence[str]
    since: datetime
    until: datetime
    subdomains: bool = False


@transaction.atomic
def ask(
    *,
    kind: str,
    person: Person,
    scope: Scope,
    purpose: str,
    file_kind: str = "",
    file_size: str = "",
    form: str = "",
    by: Person,
    at: datetime,
) -> Permit:
    """Ask for a permission: for oneself, or as the teacher of a student. A `form` that was sent before gives what it
    gave then."""
    if form and (known := Permit.objects.filter(form=form, asked_by=by).first()):
        return known
    if kind not in PermitKind.values:
        raise ActRefusedError(_("Choose what the permission is for."), "3.2")
    demand_may_ask(person, by, at)
    purpose = " ".join(purpose.split())
    if len(purpose) < SHORTEST:
        raise ActRefusedError(_("Say what it is needed for."), CLAUSES[kind])
    targets = read_targets(scope, CLAUSES[kind])
    check_term(scope, at, CLAUSES[kind])
    waiting = Permit.objects.filter(person=person, state=PermitState.ASKED)
    if waiting.count() >= MOST_WAITING:
        raise ActRefusedError(_("Other requests wait already. Ask again when they are answered."), CLAUSES[kind])
    since = max(scope.since, at)
    made = Permit.objects.create(
        kind=kind,
        person=person,
        asked_by=by,
        asked_at=at,
        form=form,
        purpose=purpose[:300],
        file_kind=" ".join(file_kind.split())[:80] if kind == PermitKind.DOWNLOAD else "",
        file_size=" ".join(file_size.split())[:40] if kind == PermitKind.DOWNLOAD else "",
        asked_since=since,
        asked_until=scope.until,
        since=since,
        until=scope.until,
    )
    keep(made, targets, granted=False)
    record(act=Right.PERMITS_PERMIT_ASK, by=by, at=at, subject=str(made.pk), detail=detail_of(made, targets))
    return made


def demand_may_ask(person: Person, by: Person, at: datetime) -> None:
    """A student asks for themselves, a member of staff too; for a student somebody who teaches or leads the class."""
    enrolment = person.enrolment_on(school_day(at))
    if (
        not person.active
        or (person.kind == PersonKind.STUDENT and enrolment is None)
        or person.kind == PersonKind.GUEST
    ):
        raise ActRefusedError(_("Permissions are for students and staff of the school."), "3.2")
    if person == by and person.kind == PersonKind.STUDENT:
        return
    demand(by, Right.PERMITS_PERMIT_ASK, at)
    if person.kind == PersonKind.STUDENT:
        demand_for_class(by, Right.PERMITS_PERMIT_ENTER, at, enrolment.school_class if enrolment else None)
    elif person != by:
        raise ActRefusedError(_("Staff ask for themselves."), "3.2")


def read_targets(scope: Scope, clause: str) -> list[Target]:
    """The resources in canonical form. Raises `ActRefusedError` for none, for too many, and for what is none."""
    named = {read_target(one) for one in scope.resources if one.strip()}
    if not named:
        raise ActRefusedError(_("Name the resources: a permission opens exactly these."), clause)
    if len(named) > MOST_RESOURCES:
        message = _("A permission names at most %(most)d resources.") % {"most": MOST_RESOURCES}
        raise ActRefusedError(message, clause)
    return [Target(host, path, scope.subdomains and not path) for host, path in sorted(named)]


def check_term(scope: Scope, at: datetime, clause: str) -> None:
    """A permission ends, after it begins and after now, and lasts a year at most."""
    if scope.until <= max(scope.since, at):
        raise ActRefusedError(_("The end lies before the beginning, or is over."), clause)
    if scope.until - max(scope.since, at) > LONGEST_TERM:
        raise ActRefusedError(_("A permission lasts a year at most."), clause)


def keep(permit: Permit, targets: Sequence[Target], *, granted: bool) -> None:
    """Store the resources of a permission."""
    PermitResource.objects.bulk_create(
        PermitResource(
            permit=permit, target_host=one.host, target_path=one.path, subdomains=one.subdomains, granted=granted
        )
        for one in targets
    )


def detail_of(permit: Permit, targets: Sequence[Target]) -> dict[str, object]:
    """What the audit keeps of a permission: for whom, what and until when; no purpose, which may tell of a child."""
    return {
        "kind": permit.kind,
        "person": permit.person.public_id,
        "on": [str(one) for one in targets],
        "since": permit.since.isoformat(),
        "until": permit.until.isoformat(),
    }


def waiting_permit(permit: Permit) -> Permit:
    """The permission, locked. Raises `ActRefusedError` if it has been answered or withdrawn."""
    found = Permit.objects.select_for_update().get(pk=permit.pk)
    if found.state != PermitState.ASKED:
        raise ActRefusedError(_("This request has been answered or withdrawn already."), found.clause)
    return found


def demand_may_decide(permit: Permit, by: Person, at: datetime) -> None:
    """The person responsible decides, and never on a request of their own."""
    demand(by, Right.PERMITS_PERMIT_DECIDE, at)
    if by.pk in (permit.person_id, permit.asked_by_id):
        raise ActRefusedError(
            _("Nobody decides on their own request. Whoever stands in by an order of the director decides on it."),
            permit.clause,
        )


@transaction.atomic
def grant(
    *, permit: Permit, scope: Scope, files: FileScope = ANY_FILE, answer: str = "", by: Person, at: datetime
) -> Permit:
    """Give a permission, all of what was asked for or less of it: the gateway opens exactly that within a second.

    A download may be narrowed to `files` of one kind and size, or to the one that the gateway saw.
    """
    demand_may_decide(permit, by, at)
    given = waiting_permit(permit)
    check_term(scope, at, given.clause)
    since = max(scope.since, at)
    if scope.since < given.asked_since or scope.until > given.asked_until:
        raise ActRefusedError(_("The term may be shorter than what was asked for, not longer."), given.clause)
    targets = chosen_targets(given, scope)
    year = school_day(at).year
    last = Permit.objects.filter(year=year).aggregate(last=Max("number"))["last"] or 0
    given.year, given.number, given.state = year, last + 1, PermitState.GRANTED
    given.since, given.until = since, scope.until
    given.decided_by, given.decided_at, given.answer = by, at, answer.strip()[:300]
    if given.kind == PermitKind.DOWNLOAD:
        given.only_kind, given.least_bytes, given.most_bytes = files.kind, files.least, files.most
    given.save()
    keep(given, targets, granted=True)
    detail = detail_of(given, targets) | sealing(name_of("permit", given.pk))
    if given.files:
        detail["files"] = [given.only_kind, given.least_bytes, given.most_bytes]
    record(act=Right.PERMITS_PERMIT_DECIDE, by=by, at=at, subject=given.ref, detail=detail)
    return given


def chosen_targets(permit: Permit, scope: Scope) -> list[Target]:
    """The resources to grant, each within one that was asked for. `subdomains` of the scope may only be taken away."""
    asked = [one.target for one in permit.asked_resources]
    wide = {one.host: one.subdomains for one in asked}
    chosen = [
        Target(one.host, one.path, scope.subdomains and not one.path and wide.get(one.host, False))
        for one in read_targets(scope, permit.clause)
    ]
    for one in chosen:
        if not any(lies_within(one, outer) for outer in asked):
            message = _("%(resource)s was not asked for. A permission may be narrower than the request, not wider.")
            raise ActRefusedError(message % {"resource": one.host + one.path}, permit.clause)
    return chosen


@transaction.atomic
def decline(*, permit: Permit, reason: str, by: Person, at: datetime) -> None:
    """Decline a request, with a reason."""
    demand_may_decide(permit, by, at)
    found = waiting_permit(permit)
    if len(reason.strip()) < SHORTEST:
        raise ActRefusedError(_("A request is declined with a reason."), found.clause)
    found.state, found.decided_by, found.decided_at, found.answer = PermitState.DECLINED, by, at, reason.strip()[:300]
    found.save()
    record(act="permits:permit:decline", by=by, at=at, subject=str(found.pk), detail={"kind": found.kind})


@transaction.atomic
def withdraw(*, permit: Permit, by: Person, at: datetime) -> None:
    """Whoever asked, or for whom it was asked, withdraws the request before it is answered."""
    found = waiting_permit(permit)
    if by.pk not in (found.person_id, found.asked_by_id):
        raise ActRefusedError(_("Only whoever asked withdraws a request."), found.clause)
    found.state, found.ended_by, found.ended_at = PermitState.WITHDRAWN, by, at
    found.save()
    record(act="permits:permit:withdraw", by=by, at=at, subject=str(found.pk), detail={"kind": found.kind})


@transaction.atomic
def take_back(*, permit: Permit, reason: str, by: Person, at: datetime) -> None:
    """Take a permission back at once, with a reason: the gateway closes within a second what it opened."""
    demand(by, Right.PERMITS_PERMIT_DECIDE, at)
    found = Permit.objects.select_for_update().get(pk=permit.pk)
    if found.state != PermitState.GRANTED or found.until <= at:
        raise ActRefusedError(_("This permission is not in force any more."), found.clause)
    if len(reason.strip()) < SHORTEST:
        raise ActRefusedError(_("Say why the permission is taken back."), found.clause)
    found.state, found.ended_by, found.ended_at, found.end_reason = (
        PermitState.TAKEN_BACK, by, at, reason.strip()[:300],
    )  # fmt: skip
    found.save()
    detail = {"kind": found.kind} | sealing(name_of("permit", found.pk))
    record(act="permits:permit:take-back", by=by, at=at, subject=found.ref, detail=detail)
