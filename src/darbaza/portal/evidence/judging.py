"""Met, partly, or not: decided on values alone. No evidence, or evidence past its term, never makes a clause met."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

SLACK = timedelta(minutes=5)
"""How far ahead of the clock evidence may lie: machines' clocks differ. What lies further ahead proves nothing."""


class State(StrEnum):
    """How a clause stands."""

    MET = "met"
    PARTLY = "partly"
    NOT = "not"


class Standing(StrEnum):
    """How one piece of evidence stands."""

    FRESH = "fresh"
    STALE = "stale"
    FAILING = "failing"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the records say on one question: when it was so, whether it speaks for the control, and in which words.

    `what` names a sentence and `values` fill it, so that the same evidence is told in every language.
    """

    kind: str
    at: datetime | None
    holds: bool
    what: str
    values: Mapping[str, Any] = field(default_factory=dict)
    url: str = ""


@dataclass(frozen=True, slots=True)
class Control:
    """What carries a clause out, and the kinds of evidence of which each must stand. None: it is not built yet."""

    code: str
    kinds: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Proof:
    """One kind of evidence that a control needs, and how it stands. `evidence` is None where there is none."""

    kind: str
    standing: Standing
    evidence: Evidence | None


@dataclass(frozen=True, slots=True)
class JudgedControl:
    """A control with its proofs. It is proved if there are any and each is fresh."""

    control: Control
    proofs: tuple[Proof, ...]

    @property
    def proved(self) -> bool:
        """Whether every kind of evidence that it needs is there, speaks for it, and is young enough."""
        return bool(self.proofs) and all(proof.standing is Standing.FRESH for proof in self.proofs)


@dataclass(frozen=True, slots=True)
class Judgement:
    """A clause with its state and why."""

    clause: str
    state: State
    controls: tuple[JudgedControl, ...]

    @property
    def stale(self) -> bool:
        """Whether anything that it rests on is past its term."""
        return any(proof.standing is Standing.STALE for one in self.controls for proof in one.proofs)


def judge(
    clause: str,
    controls: Sequence[Control],
    evidence: Mapping[str, Evidence],
    terms: Mapping[str, timedelta],
    at: datetime,
) -> Judgement:
    """How a clause stands at an instant. A clause without controls, or a kind without a term, is never met."""
    judged = tuple(JudgedControl(one, proofs_of(one, evidence, terms, at)) for one in controls)
    proved = sum(one.proved for one in judged)
    state = State.MET if judged and proved == len(judged) else State.PARTLY if proved else State.NOT
    return Judgement(clause, state, judged)


def proofs_of(
    control: Control, evidence: Mapping[str, Evidence], terms: Mapping[str, timedelta], at: datetime
) -> tuple[Proof, ...]:
    """The proofs of a control."""
    return tuple(
        Proof(kind, standing_of(evidence.get(kind), terms.get(kind), at), evidence.get(kind)) for kind in control.kinds
    )


def standing_of(evidence: Evidence | None, term: timedelta | None, at: datetime) -> Standing:
    """How evidence stands at an instant, given for how long it counts."""
    if evidence is None or evidence.at is None or term is None:
        return Standing.MISSING if evidence is None or evidence.holds else Standing.FAILING
    if not evidence.holds:
        return Standing.FAILING
    return Standing.FRESH if -SLACK <= at - evidence.at <= term else Standing.STALE
