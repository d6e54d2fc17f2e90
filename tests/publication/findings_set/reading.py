"""Reads the measured set and judges a finder by it."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from darbaza.publication.findings import Finding, Span
from darbaza.publication.kinds import DataKind
from darbaza.publication.text import Named, Roster, find_in_text

HERE = Path(__file__).parent
MARK = re.compile(r"\[([\w,]+)\|((?:[^\[\]]|\[at\])*)\]")
ESCAPE = re.compile(r"\\u([0-9a-f]{4})|\\n|\\t")
NAMES = frozenset({DataKind.SURNAME, DataKind.GIVEN_NAME, DataKind.PATRONYMIC})
KINDS = {
    "phone": DataKind.PHONE,
    "email": DataKind.EMAIL,
    "birth": DataKind.AGE,
    "age": DataKind.AGE,
    "class": DataKind.SCHOOL_CLASS,
    "address": DataKind.RESIDENCE,
    "document": DataKind.DOCUMENT_NUMBER,
}


@dataclass(frozen=True)
class Mark:
    """What is to be found: characters `start` to `end`, of some people (names) or of a kind."""

    start: int
    end: int
    what: str

    @property
    def people(self) -> frozenset[str]:
        """Whose name it is; nobody's for a phone."""
        return frozenset() if self.what in KINDS else frozenset(self.what.split(","))


@dataclass(frozen=True)
class Sentence:
    """A text of the set, and what is to be found in it."""

    text: str
    marks: tuple[Mark, ...]


@dataclass
class Score:
    """How a finder did: for each kind what was there, found, and reported though it was not there."""

    there: Counter[str] = field(default_factory=Counter)
    found: Counter[str] = field(default_factory=Counter)
    false: Counter[str] = field(default_factory=Counter)
    right: Counter[str] = field(default_factory=Counter)
    notes: list[str] = field(default_factory=list)

    def recall(self, kind: str) -> float:
        """The share of what was there that was found."""
        return self.found[kind] / self.there[kind] if self.there[kind] else 1.0

    def precision(self, kind: str) -> float:
        """The share of what was found that was there."""
        all_found = self.right[kind] + self.false[kind]
        return self.right[kind] / all_found if all_found else 1.0


def lines(name: str) -> Iterator[str]:
    """The lines of a file of the set, without its comments."""
    for line in (HERE / name).read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            yield line


def roster(name: str = "people.tsv") -> Roster:
    """The invented school of a file."""
    return Roster.of(Named(*line.split("\t")) for line in lines(name))


def parsed(line: str) -> Sentence:
    """A line with its marks taken out."""
    line = ESCAPE.sub(lambda found: chr(int(found[1], 16)) if found[1] else {"\\n": "\n", "\\t": "\t"}[found[0]], line)
    text, marks, at = "", [], 0
    for found in MARK.finditer(line):
        text += line[at : found.start()]
        marks.append(Mark(len(text), len(text) + len(found[2]), found[1]))
        text += found[2]
        at = found.end()
    return Sentence(text + line[at:], tuple(marks))


def sentences(name: str) -> tuple[Sentence, ...]:
    """The sentences of one file."""
    return tuple(parsed(line) for line in lines(name))


def declined() -> tuple[Sentence, ...]:
    """Every hand-written form in every sentence of its language and case."""
    frames = [line.split("\t") for line in lines("frames.tsv")]
    made = []
    for line in lines("forms.tsv"):
        person, language, case, form = line.split("\t")
        for frame_language, frame_case, frame in frames:
            if (language, case) == (frame_language, frame_case):
                made.append(parsed(frame.replace("{}", f"[{person}|{form}]")))
    return tuple(made)


def measure(texts: tuple[Sentence, ...], people: Roster) -> Score:
    """How `find_in_text` does on these. A hint about nobody of the roster is counted apart, as `hint`."""
    score = Score()
    for sentence in texts:
        _judge(sentence, find_in_text(sentence.text, people, "body"), score)
    return score


def _judge(sentence: Sentence, findings: tuple[Finding, ...], score: Score) -> None:
    for mark in sentence.marks:
        kind = mark.what if mark.what in KINDS else "name"
        score.there[kind] += 1
        if any(_answers(finding, mark) for finding in findings):
            score.found[kind] += 1
        else:
            score.notes.append(f"missed {kind}: {sentence.text[mark.start : mark.end]!r} in {sentence.text!r}")
    for finding in findings:
        kind = _kind(finding, sentence)
        if any(_answers(finding, mark) for mark in sentence.marks):
            score.right[kind] += 1
        else:
            score.false[kind] += 1
            score.notes.append(f"false {kind}: {finding.shown!r} {finding.people} in {sentence.text!r}")


def _kind(finding: Finding, sentence: Sentence) -> str:
    if finding.kind in NAMES:
        return "name" if finding.people else "hint"
    if finding.kind is DataKind.AGE:
        return "birth" if re.search(r"\d{4}|\d\d\.\d", finding.shown) else "age"
    return next((name for name, kind in KINDS.items() if kind is finding.kind), "other")


def _answers(finding: Finding, mark: Mark) -> bool:
    where = finding.where
    if not isinstance(where, Span) or where.end <= mark.start or where.start >= mark.end:
        return False
    if mark.what in KINDS:
        return finding.kind is KINDS[mark.what]
    return finding.kind in NAMES and mark.people <= frozenset(finding.people)
