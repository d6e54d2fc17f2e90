"""The clause corpus, run in this very program: every example is asked of `decide` and must be answered as it says.

`corpus.json` is made from `tests/clauses/` by `script/generate-docs`. Parts of rulebooks that examples share stand in
it once.
"""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import msgspec

from darbaza.policy.decide import decide
from darbaza.policy.request import AccessRequest
from darbaza.policy.rulebook import Rulebook

FILE = Path(__file__).with_name("corpus.json")
ALL = "all"


@dataclass(frozen=True, slots=True)
class Example:
    """One example: its clause, what is asked under which rules, and what must be answered."""

    clause: str
    request: AccessRequest
    rulebook: Rulebook
    expected: Mapping[str, str]

    def holds(self) -> bool:
        """Whether this program answers as it must."""
        verdict = decide(self.request, self.rulebook)
        given = {
            "outcome": verdict.outcome,
            "clause": verdict.clause,
            "rank": verdict.rank.name,
            "message": str(verdict.message),
        }
        return given == dict(self.expected)


@cache
def examples() -> tuple[Example, ...]:
    """All examples. The file is part of the program; one that can't be read is a broken installation."""
    return tuple(read(json.loads(FILE.read_text("utf-8"))))


def read(data: Mapping[str, Any]) -> Iterator[Example]:
    """The examples in a corpus file."""
    parts: Mapping[str, Any] = data["parts"]
    for one in data["examples"]:
        rules = {name: parts[name][place] for name, place in one["rulebook"].items()}
        yield Example(
            one["clause"],
            msgspec.convert(one["request"], AccessRequest),
            msgspec.convert(rules, Rulebook),
            one["expected"],
        )


def run() -> dict[str, tuple[int, int]]:
    """How many examples of each clause, and of all, were answered as they must be, and how many there are."""
    passed, every = Counter[str](), Counter[str]()
    for one in examples():
        for clause in (one.clause, ALL):
            every[clause] += 1
            passed[clause] += one.holds()
    return {clause: (passed[clause], every[clause]) for clause in every}
