"""*Why?* in the reader's language: the verdict, every rule that was considered, and where each ground can be read."""

from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils.translation import get_language

from darbaza.catalogue import categories
from darbaza.policy.decide import Explanation, Step, explain
from darbaza.policy.request import AccessRequest
from darbaza.policy.resource import Resource
from darbaza.policy.verdict import Ground, GroundKind, Verdict
from darbaza.portal.council.models import Decision
from darbaza.portal.council.regulation.in_force import text_of
from darbaza.portal.gateways.situation import Situation
from darbaza.snapshot import wording

STATES = {"allow": "ok", "deny": "bad", "ask": "warn"}


@dataclass(frozen=True, slots=True)
class ToldVerdict:
    """One verdict in words. `url` leads to the act behind it, or is empty."""

    outcome: str
    state: str
    sentence: str
    clause: str
    ground: str
    url: str
    category: str


@dataclass(frozen=True, slots=True)
class ToldStep:
    """One rule in words; `verdict` is None where it did not apply."""

    rank: int
    name: str
    verdict: ToldVerdict | None
    won: bool


@dataclass(frozen=True, slots=True)
class Told:
    """The whole explanation."""

    verdict: ToldVerdict
    clause_text: str
    decides: str
    next_step: str
    steps: tuple[ToldStep, ...]
    listings: tuple[tuple[str, str, str], ...]
    regulation: str


def told(situation: Situation, resource: Resource, at: datetime) -> Told:
    """What the policy core says of a request, by the same function that judges live traffic."""
    explanation = explain(AccessRequest(situation.asker, resource, at), situation.rulebook)
    language = get_language() or "ky"
    verdict = explanation.verdict
    return Told(
        verdict=told_verdict(verdict, language),
        clause_text=text_of(verdict.clause, situation.rulebook.regulation, language),
        decides=wording.who_decides(verdict.message, language),
        next_step=wording.next_step(verdict.message, language),
        steps=tuple(_step(step, language) for step in explanation.steps),
        listings=_listings(explanation, language),
        regulation=situation.rulebook.regulation,
    )


def told_verdict(verdict: Verdict, language: str) -> ToldVerdict:
    """A verdict in words."""
    return ToldVerdict(
        outcome=wording.outcome_text(verdict.outcome, language),
        state=STATES[verdict.outcome],
        sentence=wording.sentence(verdict.message, language),
        clause=verdict.clause,
        ground=wording.ground_text(verdict.ground, language),
        url=ground_url(verdict.ground),
        category=category_name(verdict.category, language),
    )


def _step(step: Step, language: str) -> ToldStep:
    verdict = told_verdict(step.verdict, language) if step.verdict is not None else None
    return ToldStep(int(step.rank), wording.rank_text(step.rank, language), verdict, step.won)


def _listings(explanation: Explanation, language: str) -> tuple[tuple[str, str, str], ...]:
    return tuple((category_name(one.category, language), one.source, one.entry) for one in explanation.listings)


def category_name(category: str, language: str) -> str:
    """A resource category's name; the id itself for one that this version does not know."""
    known = categories.load().by_id.get(category)
    return known.names[wording.language_of(language)] if known else category


def ground_url(ground: Ground) -> str:
    """Where the act behind a verdict can be read, or nothing."""
    if ground.kind is GroundKind.DECISION:
        year, _, number = ground.ref.partition("-")
        found = Decision.objects.filter(year=year, number=number).first() if _numeric(year, number) else None
        return reverse("council:decision", args=[found.pk]) if found else ""
    if ground.kind is GroundKind.PERMIT and ground.ref:
        return reverse("permits:by-ref", args=[ground.ref])
    if ground.kind is GroundKind.ORDER and ground.ref:
        return reverse("council:order-by-ref", args=[ground.ref])
    if ground.kind is GroundKind.REPORT and ground.ref:
        return reverse("council:holds")
    return reverse("timetable:week") if ground.kind is GroundKind.SCHEDULE else ""


def _numeric(*texts: str) -> bool:
    return all(text.isdecimal() and len(text) < 10 for text in texts)
