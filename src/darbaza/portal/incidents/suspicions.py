"""What students of a lesson opened, read by the school's rule of attempts (2.7). A suspicion is computed, never stored.

It is shown to the supervisor of the lesson alone, who judges it (`judging`); nobody's list holds it, and what nobody
judges is gone with the log.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.db.models import Max

from darbaza.policy.attempts import Asked, AttemptRule, Manner, Part, Suspicion, suspicion
from darbaza.policy.names import InvalidHost
from darbaza.portal.asking.models import StudentAsk
from darbaza.portal.incidents.models import AttemptRuleVersion, Judgement, StudentReport
from darbaza.portal.lessons.models import SupervisedSession
from darbaza.portal.people.models import Person
from darbaza.portal.resources import classify
from darbaza.portal.verdicts.log import log
from darbaza.portal.verdicts.rows import LoggedVerdict, microseconds

FEWEST = 2
"""Refused pages below which no part of the rule can be met."""
MOST_ROWS = 3000
"""Latest rows of one student that are looked at."""
PARTS = tuple(Part)


@dataclass(frozen=True, slots=True)
class Suspected:
    """What one student's pages of a lesson look like."""

    student: Person
    found: Suspicion


def version_in_force() -> AttemptRuleVersion | None:
    """The version that counts now, or None while the school has set nothing."""
    return AttemptRuleVersion.objects.first()


def rule_of(version: AttemptRuleVersion | None) -> AttemptRule:
    """The rule with a version's numbers; as it is by default without one."""
    if version is None:
        return AttemptRule()
    numbers = {field_of(part): getattr(version, field_of(part)) for part in PARTS}
    return replace(AttemptRule(), window=timedelta(minutes=version.minutes), **numbers)


def field_of(part: Part) -> str:
    """The name of a part's number."""
    return part.replace("-", "_")


def suspected_in(session: SupervisedSession, at: datetime) -> list[Suspected]:
    """The students of a lesson whose pages look like a deliberate attempt, whoever was judged last coming last."""
    refused: dict[str, int] = {}
    for row in log().today.opened(session.public_id, microseconds(session.opened)):
        if row.manner != Manner.PAGE and not row.allows:
            refused[row.person] = refused.get(row.person, 0) + 1
    likely = [person for person, count in refused.items() if count >= FEWEST]
    students = Person.objects.filter(public_id__in=likely).order_by("pk") if likely else []
    found = ((student, suspicion_of(session, student, at)) for student in students)
    return [Suspected(student, one) for student, one in found if one is not None]


def suspicion_of(session: SupervisedSession, student: Person, at: datetime) -> Suspicion | None:
    """What one student's pages look like, counted from when a supervisor last judged this student in this lesson."""
    where = "session = ? AND person = ? AND at_us >= ?"
    rows = log().today.select(where, [session.public_id, student.public_id, microseconds(session.opened)], MOST_ROWS)
    judged = Judgement.objects.filter(session=session, student=student).aggregate(last=Max("at"))["last"]
    rule = rule_of(version_in_force())
    return suspicion(asked_of(rows, rule), rule, at=at, judged=judged, told=told_by(session, student))


def told_by(session: SupervisedSession, student: Person) -> frozenset[str]:
    """The hosts that a student reported or asked for in a lesson: that is never an attempt (3.4)."""
    reported = StudentReport.objects.filter(session=session, student=student).values_list("host", flat=True)
    asked = StudentAsk.objects.filter(card__session=session, student=student).values_list("card__host", flat=True)
    return frozenset({*reported, *asked})


def asked_of(rows: Iterable[LoggedVerdict], rule: AttemptRule) -> list[Asked]:
    """Rows as the rule reads them; a page that was opened bears a category that matters to the rule, if it has one."""
    return [
        Asked(
            row.at,
            row.host,
            row.port,
            row.manner,
            row.allows,
            row.message,
            _category(row, rule) if row.manner and not row.allows else row.category,
            row.reference,
            row.method == "CONNECT",
        )
        for row in rows
    ]


def _category(row: LoggedVerdict, rule: AttemptRule) -> str:
    if row.category in rule.harmless | rule.round_about:
        return row.category
    try:
        listed = {one.category for one in classify(row.host).listings}
    except InvalidHost:
        return row.category
    return next(iter(sorted(listed & rule.harmless) or sorted(listed & rule.round_about)), row.category)
