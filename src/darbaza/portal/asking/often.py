"""What teachers open often becomes a proposal to the council by itself, by a rule that the school reads and sets (2.6).

Counted is each lesson in which a teacher opened a resource, by an ask or by hand. What the council was asked already is
counted anew from then on, so that no answer is followed by the same question the next day.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Count, Max
from django.utils import translation
from django.utils.translation import gettext as _

from darbaza.portal.asking.models import OftenRule
from darbaza.portal.audit.actions import record
from darbaza.portal.council.categories import STUDENTS, category_of_grade
from darbaza.portal.council.models import Proposal, ProposalState, ProposalSubject, RulingEffect, UserCategory
from darbaza.portal.council.models.sittings import Proposer
from darbaza.portal.council.sittings.actions import Asked, enter_proposal
from darbaza.portal.council.targets import RulingDraft
from darbaza.portal.lessons.delegation import is_delegated
from darbaza.portal.lessons.models import Measure, MeasureKind
from darbaza.portal.people.models import Person
from darbaza.portal.people.refusals import ActRefusedError
from darbaza.portal.people.rights import Right, demand

MOST_LESSONS, MOST_TEACHERS, MOST_DAYS = 100, 50, 366


@dataclass(frozen=True, slots=True)
class Rule:
    """Opened in so many lessons by so many different teachers within so many days."""

    lessons: int = 3
    teachers: int = 2
    days: int = 30


@dataclass(frozen=True, slots=True)
class Opened:
    """How often a resource was opened since it was last put before the council."""

    resource: str
    lessons: int
    teachers: int
    latest: datetime


def rule_now() -> Rule:
    """The rule in force: the latest that the school set, or the first one."""
    found = OftenRule.objects.first()
    return Rule(found.lessons, found.teachers, found.days) if found else Rule()


@transaction.atomic
def set_rule(*, rule: Rule, by: Person, at: datetime) -> OftenRule:
    """Set from when on the council is asked. Whoever holds its sittings says what it wants to see."""
    demand(by, Right.COUNCIL_SITTING_HOLD, at)
    if not (
        0 < rule.lessons <= MOST_LESSONS
        and 0 < rule.teachers <= min(rule.lessons, MOST_TEACHERS)
        and 0 < rule.days <= MOST_DAYS
    ):
        raise ActRefusedError(_("At least one lesson, no more teachers than lessons, and at most a year."), "2.6")
    made = OftenRule.objects.create(lessons=rule.lessons, teachers=rule.teachers, days=rule.days, by=by, at=at)
    detail: dict[str, object] = {"lessons": rule.lessons, "teachers": rule.teachers, "days": rule.days}
    record(act="asking:rule:set", by=by, at=at, subject=str(made.pk), detail=detail)
    return made


def counts(at: datetime) -> list[Opened]:
    """What was opened within the rule's days, the most often first."""
    since = at - timedelta(days=rule_now().days)
    opened = Measure.objects.filter(kind=MeasureKind.OPEN, at__gt=since, at__lte=at).values("host", "path")
    found = [count_of(one["host"], one["path"], since, at) for one in opened.distinct().order_by("host", "path")]
    return sorted((one for one in found if one), key=lambda one: (-one.lessons, -one.teachers, one.resource))


def count_of(host: str, path: str, since: datetime, at: datetime) -> Opened | None:
    """How often a resource was opened since an instant, or since the council was last asked; None for never."""
    asked = Proposal.objects.filter(subject=ProposalSubject.ACCESS, target_host=host, target_path=path)
    latest = asked.aggregate(entered=Max("entered_at"), answered=Max("answered_at"))
    since = max([since, *(one for one in latest.values() if one is not None)])
    opened = Measure.objects.filter(kind=MeasureKind.OPEN, host=host, path=path, at__gt=since, at__lte=at)
    sums = opened.aggregate(
        lessons=Count("session", distinct=True), teachers=Count("by", distinct=True), latest=Max("at")
    )
    return Opened(host + path, sums["lessons"], sums["teachers"], sums["latest"]) if sums["lessons"] else None


def propose_if_often(measure: Measure, at: datetime) -> Proposal | None:
    """Put before the council what teachers open often, inside the act that opens it once more.

    Called with the row of `live` locked, so that two teachers at once make one proposal.
    """
    if not is_delegated(measure.host, measure.path, measure.session.school_class, at):
        return None  # taken into a scene, and open anyway
    rule = rule_now()
    count = count_of(measure.host, measure.path, at - timedelta(days=rule.days), at)
    if count is None or count.lessons < rule.lessons or count.teachers < rule.teachers:
        return None
    waiting = Proposal.objects.filter(
        subject=ProposalSubject.ACCESS,
        state=ProposalState.OPEN,
        target_host=measure.host,
        target_path=measure.path,
    )
    return None if waiting.exists() else _proposed(measure, rule, count, at)


def _proposed(measure: Measure, rule: Rule, count: Opened, at: datetime) -> Proposal | None:
    group = _group_of(measure, at - timedelta(days=rule.days))
    with translation.override(settings.LANGUAGE_CODE):
        text = _("Teachers opened it in %(lessons)d lessons within %(days)d days; different teachers: %(teachers)d.")
        values = {"lessons": count.lessons, "days": rule.days, "teachers": count.teachers}
        name = _("by the rule on what teachers open often")
    try:
        with transaction.atomic():
            made = enter_proposal(
                subject=ProposalSubject.ACCESS,
                proposer=Proposer.TEACHER,
                from_name=name,
                text=text % values,
                asked=Asked(RulingDraft(group, RulingEffect.ALLOW, measure.host, measure.path)),
                by=measure.by,
                at=at,
            )
    except ActRefusedError:
        return None  # what no ruling can stand on is no proposal; the lesson goes on
    record(act="asking:rule:propose", by=None, at=at, subject=made.ref, detail={"on": count.resource, **values})
    return made


def _group_of(measure: Measure, since: datetime) -> UserCategory:
    """The user category of all classes for which it was opened, or students as a whole if they differ."""
    opened = Measure.objects.filter(
        kind=MeasureKind.OPEN, host=measure.host, path=measure.path, at__gt=since
    ).values_list("session__school_class__grade", flat=True)
    codes = {category_of_grade(grade) for grade in opened.distinct()}
    return UserCategory.objects.get(code=codes.pop() if len(codes) == 1 else STUDENTS)
