"""The matrix: every clause of the register judged on what the records say, and the same as facts for paper."""

from datetime import datetime, timedelta
from typing import Any

from darbaza.policy.clauses import CLAUSES
from darbaza.portal.evidence import register
from darbaza.portal.evidence.gathering import gather
from darbaza.portal.evidence.judging import JudgedControl, Judgement, Proof, judge
from darbaza.portal.papers.documents import day_text


def matrix(at: datetime) -> list[Judgement]:
    """Every clause, in the order of the regulation."""
    evidence = gather(at)
    terms = {kind: term for kind in register.kinds_needed() if (term := register.term_of(kind)) is not None}
    return [judge(one.number, register.BY_CLAUSE.get(one.number, ()), evidence, terms, at) for one in CLAUSES]


def facts_of(judged: list[Judgement], at: datetime) -> dict[str, Any]:
    """The matrix as facts: codes and ISO dates, no words and no names of people."""
    return {"at": day_text(at), "rows": [row_facts(one) for one in judged]}


def row_facts(one: Judgement) -> dict[str, Any]:
    """One clause."""
    return {"clause": one.clause, "state": str(one.state), "controls": [control_facts(each) for each in one.controls]}


def control_facts(one: JudgedControl) -> dict[str, Any]:
    """One control with its proofs."""
    return {"control": one.control.code, "proved": one.proved, "proofs": [proof_facts(each) for each in one.proofs]}


def proof_facts(proof: Proof) -> dict[str, Any]:
    """One piece of evidence: its kind and standing, what was found, when, and for how long it counts (seconds)."""
    term, found = register.term_of(proof.kind), proof.evidence
    return {
        "kind": proof.kind,
        "standing": str(proof.standing),
        "what": found.what if found else "",
        "values": dict(found.values) if found else {},
        "at": day_text(found.at) if found else "",
        "term": int((term or timedelta()).total_seconds()),
        "url": found.url if found else "",
    }
