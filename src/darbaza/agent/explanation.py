"""What *Why?* tells a device: the facts of one refusal, or how things stand for it now. Words, no markup."""

import re
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

from darbaza.agent.refusals import Refusal
from darbaza.catalogue import categories
from darbaza.policy import clauses
from darbaza.policy.decide import explain
from darbaza.policy.inspection import inspection_of
from darbaza.policy.request import AccessRequest, Asker
from darbaza.policy.resource import Resource
from darbaza.policy.rulebook import Rulebook
from darbaza.policy.verdict import FOR_A_PERMIT, Ground, GroundKind, Message, Rank
from darbaza.snapshot import wording
from darbaza.snapshot.spool import VerdictEvent

SCHOOL_ZONE = "Asia/Bishkek"
PORTAL = "http://darbaza"
"""The portal as devices of the school reach it, through the gate."""

FOR_A_TEACHER = frozenset(
    {
        Message.TEACHER_MAY_OPEN,
        Message.RULED_DENIED,
        Message.NOT_RULED_ON,
        Message.DENIED_FOR_LESSON,
        Message.OUTSIDE_SCENE,
    }
)
"""Refusals with which a student goes to the teacher, who opens what may be opened and passes on the rest."""
HTTP, HTTPS = 80, 443

DECISION_REF = re.compile(r"\d{4}-\d{1,9}")
STANDING_RANKS = frozenset({Rank.SUPERVISION, Rank.PLACE_AND_TIME})
"""The rules that do not depend on what is asked for."""


@cache
def texts() -> wording.Texts:
    """The page's own words."""
    return wording.read_texts(Path(__file__).with_name("texts.toml"))


def text(key: str, language: str) -> str:
    """One of the page's own words."""
    return texts()["page"][key][wording.language_of(language)]


@dataclass(frozen=True, slots=True)
class Fact:
    """One line of the explanation: its name, as a key and in words, and what it says."""

    key: str
    label: str
    value: str


@dataclass(frozen=True, slots=True)
class Told:
    """An explanation in one language, ready to be set as page, text or JSON.

    `clause_text` is the regulation's, `regulation` the version in force, by its approving act. `decision` is the
    council's decision behind a refusal, as people cite it: everybody may read it at the portal.
    """

    language: str
    title: str
    sentence: str
    next_step: str = ""
    facts: tuple[Fact, ...] = ()
    clause: str = ""
    clause_text: str = ""
    regulation: str = ""
    reference: str = ""
    retry: str = ""
    ask: str = ""
    """The host for which a permission can be asked; empty where none would help."""
    teacher: str = ""
    """Scheme, host and port of what the teacher of the lesson can be asked to open; empty where no teacher helps."""
    decision: str = ""
    others: tuple[tuple[str, str], ...] = ()
    """Host and reference of what else was refused here lately."""

    @property
    def decision_page(self) -> str:
        """Where the decision is read; empty if no decision is behind it."""
        return f"{PORTAL}/text/decision/{self.decision}" if self.decision else ""


def of_refusal(refusal: Refusal, language: str, zone: tzinfo, regulation: str = "") -> Told:
    """What a refusal rests on, who can change it and what to do next."""
    event = refusal.event
    values = {
        "asked": event.host,
        "clause": event.clause,
        "ground": wording.ground_text(_ground(refusal), language),
        "category": category_name(event.category, language),
        "decides": wording.who_decides(event.message, language),
        "when": when(event.at, zone),
        "reference": refusal.reference,
    }
    return Told(
        language=language,
        title=text("title-refused", language),
        sentence=wording.sentence(event.message, language),
        next_step=wording.next_step(event.message, language),
        facts=tuple(Fact(key, text(key, language), value) for key, value in values.items() if value),
        clause=event.clause,
        clause_text=clause_text(event.clause, language),
        regulation=regulation,
        reference=refusal.reference,
        decision=_decision(_ground(refusal)),
        ask=event.host if event.message in FOR_A_PERMIT else "",
        teacher=origin_of(event) if event.session and event.message in FOR_A_TEACHER else "",
    )


def origin_of(event: VerdictEvent) -> str:
    """Where the refused request was going, without its path: `https://host:port/`, the usual port left out."""
    scheme = "https" if event.method == "CONNECT" or event.port == HTTPS else "http"
    shown = "" if event.port in {0, HTTPS if scheme == "https" else HTTP} else f":{event.port}"
    return f"{scheme}://{event.host}{shown}/"


def _decision(ground: Ground) -> str:
    """The decision that a ground is, if it is one and has the form by which it is found."""
    return ground.ref if ground.kind is GroundKind.DECISION and DECISION_REF.fullmatch(ground.ref) else ""


def _ground(refusal: Refusal) -> Ground:
    event = refusal.event
    known = event.ground_kind in list(GroundKind)
    return Ground(
        GroundKind(event.ground_kind) if known else GroundKind.REGULATION, event.ground_ref, "", event.ground_entry
    )


def of_state(asker: Asker, rulebook: Rulebook | None, at: datetime, language: str) -> Told:
    """How things stand for a device that nothing was refused to: its lesson, and whether anybody has signed in."""
    if rulebook is None:
        return Told(language, text("title-state", language), text("no-rulebook", language))
    steps = explain(AccessRequest(asker, Resource("why.invalid"), at), rulebook).steps
    closed = next((s.verdict for s in steps if s.rank in STANDING_RANKS and s.verdict and not s.verdict.allows), None)
    if closed is not None:
        return Told(
            language=language,
            title=text("title-state", language),
            sentence=wording.sentence(closed.message, language),
            next_step=wording.next_step(closed.message, language),
            facts=(Fact("clause", text("clause", language), closed.clause),),
            clause=closed.clause,
            clause_text=clause_text(closed.clause, language),
        )
    return Told(language, text("title-state", language), _standing(asker, rulebook, at, language))


def _standing(asker: Asker, rulebook: Rulebook, at: datetime, language: str) -> str:
    said, zone = [], zone_of(rulebook)
    if asker.session is not None:
        said.append(text("lesson-open", language).format(ends=asker.session.ends.astimezone(zone).strftime("%H:%M")))
    if asker.person:
        said.append(text("signed-in", language))
    inspection = inspection_of(rulebook, asker.device, at)
    if inspection is not None:
        ends = inspection.until.astimezone(zone).strftime("%d.%m.%Y")
        said.append(text("looked-into", language).format(ref=inspection.ground.ref, ends=ends))
    return " ".join([*said, text("nothing-refused", language)])


def clause_text(number: str, language: str) -> str:
    """The wording of a clause, or nothing for a number that the regulation has not."""
    return clauses.clause(number).wording.in_language(language) if clauses.is_clause(number) else ""


def category_name(category: str, language: str) -> str:
    """A category's name, or its id if this version does not know it."""
    known = categories.load().by_id.get(category)
    return known.names[wording.language_of(language)] if known else category


def zone_of(rulebook: Rulebook | None) -> tzinfo:
    """The school's time zone."""
    return ZoneInfo(rulebook.zone if rulebook else SCHOOL_ZONE)


def when(at: datetime, zone: tzinfo) -> str:
    """An instant as the school's clock shows it, to the second."""
    return at.astimezone(zone).strftime("%d.%m.%Y %H:%M:%S")


def with_retry(told: Told) -> Told:
    """The same explanation, saying that the resource is open by now."""
    return replace(told, retry=text("open-now", told.language))
