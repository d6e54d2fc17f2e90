"""The matrix in words: states, reasons, evidence and terms, in the reader's language."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from babel.dates import format_timedelta
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from darbaza.policy import clauses
from darbaza.portal.evidence import register
from darbaza.portal.evidence.judging import Standing, State
from darbaza.portal.papers.templatetags.paper_tags import day
from darbaza.portal.tags import locale

STATES: dict[State, tuple[str, Promise]] = {
    State.MET: ("ok", gettext_lazy("met")),
    State.PARTLY: ("warn", gettext_lazy("partly met")),
    State.NOT: ("bad", gettext_lazy("not met")),
}
STANDINGS: dict[Standing, tuple[str, Promise]] = {
    Standing.FRESH: ("ok", gettext_lazy("stands")),
    Standing.STALE: ("warn", gettext_lazy("too old")),
    Standing.FAILING: ("bad", gettext_lazy("does not hold")),
    Standing.MISSING: ("bad", gettext_lazy("missing")),
}
"""The look and the word of each state."""


@dataclass(frozen=True, slots=True)
class ToldProof:
    """One piece of evidence in words."""

    name: str
    look: str
    word: str
    text: str
    term: str
    url: str


@dataclass(frozen=True, slots=True)
class ToldControl:
    """A control in words; one that is not built has no proofs and says so."""

    name: str
    proved: bool
    proofs: tuple[ToldProof, ...]


@dataclass(frozen=True, slots=True)
class ToldRow:
    """A clause in words: what it asks, how it stands, and why."""

    clause: str
    duty: str
    look: str
    word: str
    reason: str
    controls: tuple[ToldControl, ...]
    stale: bool


def told(facts: Mapping[str, Any]) -> list[ToldRow]:
    """Every row in the reader's language."""
    return [told_row(row) for row in facts["rows"]]


def told_row(row: Mapping[str, Any]) -> ToldRow:
    """One clause."""
    look, word = STATES[State(row["state"])]
    stale = any(proof["standing"] == Standing.STALE for one in row["controls"] for proof in one["proofs"])
    duty = clauses.clause(row["clause"]).duty.in_language(locale())
    reason = " ".join(reasons(row)) or _("Every control is proved.")
    controls = tuple(told_control(one) for one in row["controls"])
    return ToldRow(row["clause"], duty, look, str(word), reason, controls, stale)


def reasons(row: Mapping[str, Any]) -> Iterator[str]:
    """What keeps a clause from being met, a sentence for each thing."""
    for one in row["controls"]:
        if not one["proofs"]:
            yield _("This version has nothing that proves it: %(control)s") % {"control": name_of(one["control"])}
        for proof in one["proofs"]:
            if proof["standing"] != Standing.FRESH:
                word = str(STANDINGS[Standing(proof["standing"])][1])
                yield _("%(kind)s: %(word)s.") % {"kind": first_capital(kind_name(proof["kind"])), "word": word}


def told_control(one: Mapping[str, Any]) -> ToldControl:
    """One control."""
    return ToldControl(name_of(one["control"]), one["proved"], tuple(told_proof(proof) for proof in one["proofs"]))


def told_proof(proof: Mapping[str, Any]) -> ToldProof:
    """One piece of evidence, with its date and its term."""
    look, word = STANDINGS[Standing(proof["standing"])]
    text = said(proof["what"], proof["values"]) if proof["what"] else ""
    return ToldProof(kind_name(proof["kind"]), look, str(word), text, term_text(proof["term"]), proof["url"])


def said(what: str, values: Mapping[str, Any]) -> str:
    """The sentence of a piece of evidence; what it no longer knows stands as it is."""
    sentence = register.WORDS.get(what)
    filled = {name: day(value) if name == "day" else value for name, value in values.items()}
    return str(sentence) % filled if sentence is not None else what


def kind_name(kind: str) -> str:
    """What a kind of evidence is called."""
    if kind.startswith(register.CORPUS):
        clause = kind.removeprefix(register.CORPUS)
        return (
            _("examples of all clauses") if clause == "all" else _("examples of clause %(clause)s") % {"clause": clause}
        )
    if kind.startswith(register.GATE):
        return _("examples of publications, clause %(clause)s") % {"clause": kind.removeprefix(register.GATE)}
    return str(register.KINDS.get(kind, kind))


def name_of(control: str) -> str:
    """A control in words."""
    return str(register.CONTROLS.get(control, control))


def term_text(seconds: int) -> str:
    """For how long evidence counts: `31 күн`."""
    unit: Literal["minute", "day"] = "minute" if seconds < 3600 else "day"
    return format_timedelta(seconds, granularity=unit, threshold=1000, locale=locale())


def first_capital(text: str) -> str:
    """A text as the beginning of a sentence."""
    return text[:1].upper() + text[1:]
