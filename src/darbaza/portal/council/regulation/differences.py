"""What one version of the regulation says otherwise than another, clause by clause and word by word."""

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum

from darbaza.portal.council.regulation.in_force import by_number


class Kind(StrEnum):
    """What became of some words."""

    SAME = "same"
    GONE = "gone"
    NEW = "new"


@dataclass(frozen=True, slots=True)
class Difference:
    """One clause that differs; `words` are runs of words with what became of them."""

    number: str
    words: tuple[tuple[Kind, str], ...]


def differences(before: Mapping[str, str], after: Mapping[str, str]) -> list[Difference]:
    """The clauses that differ, in their order; one that is missing on a side counts as empty there."""
    return [
        Difference(number, tuple(words(before.get(number, ""), after.get(number, ""))))
        for number in sorted({*before, *after}, key=by_number)
        if before.get(number, "").split() != after.get(number, "").split()
    ]


def words(before: str, after: str) -> list[tuple[Kind, str]]:
    """Runs of words that stayed, went or came. All of `before` is told in its order, and so is all of `after`."""
    old, new = before.split(), after.split()
    told: list[tuple[Kind, str]] = []
    for tag, first, last, begin, end in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            told.append((Kind.SAME, " ".join(old[first:last])))
            continue
        told += [(Kind.GONE, " ".join(old[first:last]))] if first < last else []
        told += [(Kind.NEW, " ".join(new[begin:end]))] if begin < end else []
    return told
