"""The regulation's clauses: number, wording, duty, and what carries each of them out.

The Kyrgyz wording is the regulation itself and the authority; Russian and English are translations. Every verdict
cites a number of this register, and so do the refusal page, the audit and the clause corpus.
"""

from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from darbaza.policy.clauses_text import DUTIES, WORDINGS, Words


class Enforcement(StrEnum):
    """What carries a clause out: a verdict that cites it, a process of the portal, or the gate for publications."""

    VERDICT = "verdict"
    PORTAL = "portal"
    PUBLICATION = "publication"


@dataclass(frozen=True, slots=True)
class Text:
    """One text in Kyrgyz, Russian and English; a line that starts with `– ` is an item of a list."""

    ky: str
    ru: str
    en: str

    def in_language(self, language: str) -> str:
        """The text in a language given as a tag such as `ky` or `ru-RU`; Kyrgyz, the authority, for any other."""
        return {"ru": self.ru, "en": self.en}.get(language[:2].lower(), self.ky)


@dataclass(frozen=True, slots=True)
class Clause:
    """One clause: `wording` is what it says, `duty` who must do what, `enforced_by` what carries it out."""

    number: str
    wording: Text
    duty: Text
    enforced_by: Enforcement

    @property
    def chapter(self) -> int:
        """The chapter of the regulation: 1 general, 2 organising, 3 using."""
        return int(self.number.partition(".")[0])


BY_VERDICT = frozenset({"2.4", "2.5", "2.6", "2.7", "2.8", "2.9", "2.10", "2.11", "2.12", "3.2", "3.3", "3.4"})
BY_PUBLICATION = frozenset({"2.14", "2.15", "2.16", "2.17"})


def _enforcement(number: str) -> Enforcement:
    if number in BY_VERDICT:
        return Enforcement.VERDICT
    return Enforcement.PUBLICATION if number in BY_PUBLICATION else Enforcement.PORTAL


def _flow(text: str) -> str:
    """A text of wrapped source lines as people read it: one line, and one more for each item of a list."""
    return " ".join(text.split()).replace(" – • ", "\n– ")


def _text(words: Words) -> Text:
    return Text(*(_flow(language) for language in words))


CLAUSES: tuple[Clause, ...] = tuple(
    Clause(number, _text(words), _text(DUTIES[number]), _enforcement(number)) for number, words in WORDINGS.items()
)
"""Every clause, in the order of the regulation."""

_BY_NUMBER = MappingProxyType({clause.number: clause for clause in CLAUSES})


def clause(number: str) -> Clause:
    """The clause of a number such as `2.9`. Raises `KeyError` for a number that the regulation does not have."""
    try:
        return _BY_NUMBER[number]
    except KeyError:
        raise KeyError(f"the regulation has no clause `{number}`: cite one of {', '.join(_BY_NUMBER)}") from None


def is_clause(number: str) -> bool:
    """Whether the regulation has a clause of this number."""
    return number in _BY_NUMBER
