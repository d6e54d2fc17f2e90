"""Decisions on the nature and volume of what is published (2.6): adopted, ended by a later one, asked by the gate."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from darbaza.portal.audit.actions import record
from darbaza.portal.audit.seals import sealing
from darbaza.portal.council.actions import new_decision
from darbaza.portal.council.models import Council, Decision, PublicationRule
from darbaza.portal.council.seals import names_of_decisions
from darbaza.portal.people.models import Person
from darbaza.portal.people.refusals import ActRefusedError
from darbaza.portal.people.rights import Right, demand
from darbaza.portal.people.terms import in_force_at
from darbaza.portal.school_time import school_day
from darbaza.publication.matter import CouncilRule


@dataclass(frozen=True, slots=True)
class RuleDraft:
    """One rule as the council resolved it; empty `channel` or `purpose` is every one, None no limit."""

    allows: bool = True
    channel: str = ""
    purpose: str = ""
    most_words: int | None = None
    most_pictures: int | None = None
    most_a_week: int | None = None


@transaction.atomic
def adopt_publication_rules(
    *,
    text: str,
    minutes_number: str,
    date: date,
    in_force_from: date,
    rules: Sequence[RuleDraft],
    ends: Sequence[PublicationRule] = (),
    council: Council = Council.METHODOLOGICAL,
    by: Person,
    at: datetime,
) -> Decision:
    """Enter what the council adopted on nature and volume: rules that begin, and earlier ones that end with them."""
    demand(by, Right.COUNCIL_DECISION_ADOPT, at)
    if date > school_day(at):
        raise ActRefusedError(_("The council has not sat yet on that day."), "2.6")
    if not (rules or ends):
        raise ActRefusedError(_("A decision rules on something: add a ruling."), "2.6")
    decision = new_decision(text, minutes_number, date, in_force_from, council, by, at)
    for draft in rules:
        keep_rule(decision, draft)
    for one in ends:
        end_rule(decision, one)
    detail = {
        "minutes": minutes_number,
        "from": in_force_from.isoformat(),
        "publishing": [[one.allows, one.channel, one.purpose] for one in rules],
        "ends": [one.pk for one in ends],
        **sealing(*names_of_decisions(decision, ends)),
    }
    record(act="council:publishing:rule", by=by, at=at, subject=decision.ref, detail=detail)
    return decision


def keep_rule(decision: Decision, draft: RuleDraft) -> None:
    """Store one rule. One that allows nothing has no limits."""
    limits = (draft.most_words, draft.most_pictures, draft.most_a_week)
    if not draft.allows and any(one is not None for one in limits):
        raise ActRefusedError(_("What is not published has no limits: leave them out."), "2.6")
    PublicationRule.objects.create(
        decision=decision,
        allows=draft.allows,
        channel=draft.channel,
        purpose=draft.purpose,
        most_words=draft.most_words,
        most_pictures=draft.most_pictures,
        most_a_week=draft.most_a_week,
        since=decision.in_force_from,
    )


def end_rule(decision: Decision, rule: PublicationRule) -> None:
    """End an earlier rule on the day this decision comes into force."""
    if rule.ended_by_id is not None or rule.decision_id == decision.pk:
        raise ActRefusedError(_("This ruling has been ended already."), "2.6")
    rule.until, rule.ended_by = max(decision.in_force_from, rule.since), decision
    rule.save(update_fields=["until", "ended_by"])


def standing_rules(at: datetime) -> QuerySet[PublicationRule]:
    """The rules in force at an instant, each with its decision."""
    return PublicationRule.objects.filter(in_force_at(at)).select_related("decision")


def rules_at(at: datetime) -> tuple[CouncilRule, ...]:
    """The rules in force at an instant, as the gate reads them."""
    return tuple(one.value for one in standing_rules(at))
