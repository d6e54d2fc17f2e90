"""What a supervisor makes of a suspicion, and the school of the rule (2.7). One act, one transaction, one entry."""

from dataclasses import dataclass, fields
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from darbaza.policy.attempts import Suspicion
from darbaza.portal.audit.actions import record
from darbaza.portal.incidents import actions
from darbaza.portal.incidents.models import AttemptRuleVersion, Judgement
from darbaza.portal.incidents.suspicions import suspicion_of, version_in_force
from darbaza.portal.lessons import live
from darbaza.portal.lessons.models import SupervisedSession
from darbaza.portal.people.models import Person
from darbaza.portal.people.refusals import ActRefusedError
from darbaza.portal.people.rights import Right, demand

LEAST_MINUTES, MOST_MINUTES, MOST = 2, 45, 20
MOST_EVIDENCE = 20
"""Pages of one part that a finding keeps."""


@dataclass(frozen=True, slots=True)
class Numbers:
    """The numbers of a rule: minutes of the window, and how many of each part; 0 leaves a part out."""

    minutes: int
    one_after_another: int
    again: int
    way_round: int
    mirror: int
    port: int
    address: int


@transaction.atomic
def confirm(*, session: SupervisedSession, student: Person, word: str, by: Person, at: datetime) -> Judgement:
    """The supervisor, who was there, says that it was a deliberate attempt: the class teacher gets a notice."""
    live.changing(at, narrows=False)
    found = _standing(session, student, by, at)
    references = [one.reference for one in found.asked if one.reference]
    notice = actions.written(session, student, word, references, by, at)
    made = Judgement.objects.create(
        session=session,
        student=student,
        by=by,
        at=at,
        deliberate=True,
        word=notice.text,
        evidence=evidence_of(found),
        rule=version_in_force(),
        notice=notice,
    )
    live.changed(at)
    parts: list[object] = [one.part.value for one in found.evidence]
    detail = {"student": student.public_id, "class": notice.school_class.name, "parts": parts}
    record(act="incidents:attempt:confirm", by=by, at=at, subject=notice.public_id, detail=detail)
    return made


@transaction.atomic
def dismiss(*, session: SupervisedSession, student: Person, word: str, by: Person, at: datetime) -> Judgement:
    """The supervisor says that it was no attempt: it is told to nobody, and stays dismissed."""
    live.changing(at, narrows=False)
    _standing(session, student, by, at)
    word = " ".join(word.split())[: actions.LONGEST]
    made = Judgement.objects.create(
        session=session, student=student, by=by, at=at, deliberate=False, word=word, rule=version_in_force()
    )
    live.changed(at)
    record(act="incidents:attempt:dismiss", by=by, at=at, subject=made.public_id)
    return made


def _standing(session: SupervisedSession, student: Person, by: Person, at: datetime) -> Suspicion:
    """The suspicion as it stands, for the supervisor of the lesson."""
    actions.check_supervisor(session, by, at)
    found = suspicion_of(session, student, at)
    if found is None:
        raise ActRefusedError(
            _("There is nothing to judge: it was judged already, or the student told an adult."), "2.7"
        )
    return found


def evidence_of(found: Suspicion) -> list[dict[str, object]]:
    """A suspicion's evidence as it is kept and shown: by part, the pages with instants."""
    return [
        {
            "part": one.part.value,
            "pages": [
                {
                    "at": each.at.isoformat(),
                    "host": each.host if each.port in {80, 443} else f"{each.host}:{each.port}",
                    "category": each.category,
                    "reference": each.reference,
                }
                for each in one.asked[-MOST_EVIDENCE:]
            ],
        }
        for one in found.evidence
    ]


@transaction.atomic
def set_rule(*, numbers: Numbers, why: str, by: Person, at: datetime) -> AttemptRuleVersion:
    """The person responsible for the internet sets the numbers of the rule, from now on, with the reason."""
    demand(by, Right.INCIDENTS_RULE_SET, at)
    why = " ".join(why.split())
    if not actions.SHORTEST <= len(why) <= actions.LONGEST:
        raise ActRefusedError(_("Say in a few words why the rule changes."), "2.7")
    if not LEAST_MINUTES <= numbers.minutes <= MOST_MINUTES:
        raise ActRefusedError(_("The minutes are from 2 to 45."), "2.7")
    values = {one.name: getattr(numbers, one.name) for one in fields(numbers)}
    if any(value == 1 or not 0 <= value <= MOST for name, value in values.items() if name != "minutes"):
        raise ActRefusedError(
            _("Each number is from 2 to 20, or 0 to leave the part out: one refusal alone is no attempt."), "2.7"
        )
    made = AttemptRuleVersion.objects.create(since=at, by=by, why=why, **values)
    record(act="incidents:rule:set", by=by, at=at, subject=str(made.pk), detail={**values, "why": why})
    return made
