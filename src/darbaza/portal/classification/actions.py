"""Resources assigned to categories and taken out again; reports made and answered (2.13, 3.4)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from darbaza.catalogue import categories as classifier
from darbaza.portal.audit.actions import record
from darbaza.portal.audit.seals import sealing
from darbaza.portal.classification.models import AssignedResource, Assignment, Report, ReportKind, ReportOutcome
from darbaza.portal.classification.seals import names
from darbaza.portal.council.holds.actions import release_reported
from darbaza.portal.council.targets import read_target
from darbaza.portal.people.duties import Duty
from darbaza.portal.people.models import Person
from darbaza.portal.people.refusals import ActRefusedError
from darbaza.portal.people.rights import Right, demand, duties_of
from darbaza.portal.school_time import school_day

MOST_AT_ONCE = 200
ANSWER_WITHIN = 3
"""School days within which a report is answered: Sundays are none."""
SUNDAY = 6


@dataclass(frozen=True, slots=True)
class Named:
    """A resource as it was typed or chosen."""

    resource: str
    subdomains: bool = True


@transaction.atomic
def assign(
    *, resources: Sequence[Named], categories: Sequence[str], reason: str, by: Person, at: datetime
) -> Assignment:
    """Put resources into categories, in place of what lists say; what stood for one of them before ends.

    Nothing of the statutory layer is opened by it: a list's statutory category stays whatever the officer says.
    """
    demand(by, Right.CLASSIFICATION_RESOURCE_ASSIGN, at)
    targets = {read_target(one.resource): one.subdomains for one in resources}
    check(list(targets), categories, reason)
    day = school_day(at)
    last = Assignment.objects.filter(year=day.year).aggregate(last=Max("number"))["last"] or 0
    made = Assignment.objects.create(
        year=day.year,
        number=last + 1,
        categories=sorted(set(categories)),
        reason=reason.strip(),
        order_number=order_of(by, at),
        by=by,
        at=at,
    )
    written = {made.pk}
    for (host, path), subdomains in targets.items():
        standing = AssignedResource.objects.filter(target_host=host, target_path=path, until__isnull=True)
        written |= set(standing.values_list("assignment_id", flat=True))
        standing.update(until=at)
        AssignedResource.objects.create(
            assignment=made, target_host=host, target_path=path, subdomains=subdomains and not path
        )
    answer_reports([host for host, _path in targets], ReportOutcome.ASSIGNED, made.reason, by, at)
    detail: dict[str, object] = {"on": [host + path for host, path in targets], "categories": made.categories}
    detail |= sealing(*names("assignment", written))
    record(act=Right.CLASSIFICATION_RESOURCE_ASSIGN, by=by, at=at, subject=made.ref, detail=detail)
    return made


def check(targets: Sequence[tuple[str, str]], categories: Sequence[str], reason: str) -> None:
    """Refuse an assignment of nothing, to nothing, without a reason, or to categories that do not exist."""
    if not targets:
        raise ActRefusedError(_("Choose the resources."), "2.13")
    if len(targets) > MOST_AT_ONCE:
        raise ActRefusedError(_("At most %(most)d resources are assigned at once.") % {"most": MOST_AT_ONCE}, "2.13")
    if not categories:
        raise ActRefusedError(_("Choose a category."), "2.13")
    if unknown := set(categories) - set(classifier.load().by_id):
        message = _("There is no category %(name)s.") % {"name": ", ".join(sorted(unknown))[:80]}
        raise ActRefusedError(message, "2.13")
    if not reason.strip():
        raise ActRefusedError(_("Say why the resources belong there."), "2.13")


def instant(at_us: int) -> datetime:
    """Microseconds since 1970 UTC as an aware instant."""
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=at_us)


def order_of(officer: Person, at: datetime) -> str:
    """The order in force by which a person classifies resources."""
    held = [one for one in duties_of(officer, at) if one.duty == Duty.CLASSIFICATION_OFFICER]
    return held[0].order_number if held else ""


@transaction.atomic
def take_back(*, assignment: Assignment, reason: str, by: Person, at: datetime) -> None:
    """Take an assignment back: of its resources that still stand by it, what lists say holds again."""
    demand(by, Right.CLASSIFICATION_RESOURCE_ASSIGN, at)
    held = Assignment.objects.select_for_update().get(pk=assignment.pk)
    if held.undone_at is not None:
        raise ActRefusedError(_("This assignment has been taken back already."), "2.13")
    if not reason.strip():
        raise ActRefusedError(_("Say why the assignment is taken back."), "2.13")
    held.undone_at, held.undone_by, held.undo_reason = at, by, reason.strip()
    held.save(update_fields=["undone_at", "undone_by", "undo_reason"])
    ended = held.resources.filter(until__isnull=True)
    detail: dict[str, object] = {"on": [str(one) for one in ended], "reason": held.undo_reason}
    ended.update(until=at)
    detail |= sealing(*names("assignment", [held.pk]))
    record(act="classification:resource:take-back", by=by, at=at, subject=held.ref, detail=detail)


@transaction.atomic
def report(*, kind: str, resource: str, text: str = "", by: Person | None, at: datetime) -> Report:
    """Tell the officer of a resource. The same said again of what waits already is not a second report.

    `by` is None for a report without a name; a member of staff needs a duty in force.
    """
    if by is not None:
        demand(by, Right.CLASSIFICATION_REPORT_MAKE, at)
    made, is_new = enter_report(kind, *read_target(resource), text=text, by=by, at=at)
    if not is_new:
        return made
    detail = {"on": str(made), "kind": kind, "due": made.due.isoformat()}
    record(act=Right.CLASSIFICATION_REPORT_MAKE, by=by, at=at, subject=str(made.pk), detail=detail)
    return made


def enter_report(kind: str, host: str, path: str, *, text: str, by: Person | None, at: datetime) -> tuple[Report, bool]:
    """The report that waits of a resource, inside the act that makes it, and whether it is a new one."""
    waiting = Report.objects.filter(kind=kind, host=host, path=path, outcome=ReportOutcome.WAITING).first()
    if waiting is not None:
        return waiting, False
    made = Report.objects.create(
        kind=ReportKind(kind), host=host, path=path, text=text.strip()[:500], by=by, at=at, due=due(school_day(at))
    )
    return made, True


def due(day: date, within: int = ANSWER_WITHIN) -> date:
    """The day by which a report of a day is answered: so many school days later."""
    left = within
    while left:
        day += timedelta(days=1)
        left -= day.weekday() != SUNDAY
    return day


@transaction.atomic
def answer(*, report: Report, outcome: str, text: str, by: Person, at: datetime) -> None:
    """Answer a report: left as it is, or put before the council. Assigning its resource answers it by itself."""
    demand(by, Right.CLASSIFICATION_RESOURCE_ASSIGN, at)
    if outcome not in {ReportOutcome.KEPT, ReportOutcome.PROPOSED}:
        raise ActRefusedError(_("Say what came of the report."), "2.13")
    if not text.strip():
        raise ActRefusedError(_("A report is answered with a reason."), "2.13")
    if Report.objects.select_for_update().get(pk=report.pk).outcome != ReportOutcome.WAITING:
        raise ActRefusedError(_("This report has been answered already."), "2.13")
    answer_reports([report.host], ReportOutcome(outcome), text, by, at, only=report)
    detail = {"on": str(report), "outcome": outcome}
    record(act="classification:report:answer", by=by, at=at, subject=str(report.pk), detail=detail)


def answer_reports(
    hosts: Sequence[str], outcome: ReportOutcome, text: str, by: Person, at: datetime, only: Report | None = None
) -> None:
    """Give waiting reports of these hosts their answer, inside the act that is it.

    What reports alone hold is judged by it and opens; where the council is asked, it stays closed until it lapses.
    """
    waiting = Report.objects.filter(outcome=ReportOutcome.WAITING, host__in=hosts)
    if only is not None:
        waiting = waiting.filter(pk=only.pk)
    waiting.update(outcome=outcome, answer=text.strip(), answered_by=by, answered_at=at)
    judges = only is None or only.kind == ReportKind.UNSUITABLE
    if judges and outcome != ReportOutcome.PROPOSED:
        release_reported(hosts, text, by, at)
