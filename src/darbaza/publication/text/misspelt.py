"""Names with one letter wrong, missing, too many or out of its place, or with other vowels."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

from darbaza.publication.text.forms import Cases, Stem

Entry = TypeVar("Entry")
SHORTEST = 5
"""Letters of a stem in which one may be wrong: of a shorter one too little is left."""
LONGEST_ENDING = 8
LONGEST = 40
VOWELS = "аеиоуюя"
FEWEST_CONSONANTS = 4


def without_a_letter(word: str) -> Iterator[str]:
    """The word without each of its letters in turn."""
    for index in range(len(word)):
        yield word[:index] + word[index + 1 :]


@dataclass(frozen=True)
class Misspelt(Generic[Entry]):
    """Entries by their stems, and by their stems without a letter."""

    entries: Mapping[str, tuple[tuple[Stem, Entry], ...]]

    @classmethod
    def of(cls, stems: Iterable[tuple[Stem, Entry]]) -> "Misspelt[Entry]":
        """Those of these stems that are long enough."""
        found: dict[str, list[tuple[Stem, Entry]]] = defaultdict(list)
        for stem, entry in stems:
            if len(stem.text) >= SHORTEST:
                for key in dict.fromkeys((stem.text, *without_a_letter(stem.text), _of_consonants(stem.text))):
                    found[key].append((stem, entry))
        return cls({key: tuple(entries) for key, entries in found.items()})

    def hits(self, word: str) -> Iterator[tuple[Entry, Cases]]:
        """Entries of which the word is a form but for one letter or for vowels, with the cases of that form."""
        if len(word) > LONGEST:
            return
        found: dict[Entry, Cases] = {}
        for length in range(max(SHORTEST - 1, len(word) - LONGEST_ENDING), len(word) + 1):
            for stem, entry in self._near(word[:length]):
                if cases := stem.cases(word[length:]):
                    found[entry] = found.get(entry, frozenset()) | cases
        yield from found.items()

    def _near(self, written: str) -> Iterator[tuple[Stem, Entry]]:
        for key in dict.fromkeys((written, *without_a_letter(written))):
            for stem, entry in self.entries.get(key, ()):
                if is_one_letter_off(written, stem.text):
                    yield stem, entry
        if written[-1:] not in VOWELS:
            yield from self.entries.get(_of_consonants(written), ())


def _of_consonants(word: str) -> str:
    """A key of a word's consonants, since vowels are what ears and papers mistake; the word itself if they are few."""
    consonants = "".join(letter for letter in word if letter not in VOWELS)
    return f"{word[0]}.{consonants}" if len(consonants) >= FEWEST_CONSONANTS else word


def is_one_letter_off(one: str, two: str) -> bool:
    """Whether one letter has to be changed, put in or left out, or two neighbours be exchanged."""
    start = next((at for at, (left, right) in enumerate(zip(one, two, strict=False)) if left != right), None)
    if start is None:
        return abs(len(one) - len(two)) == 1
    one, two = one[start:], two[start:]
    exchanged = one[1:2] + one[:1] + one[2:]
    return two in {one[1:], exchanged} or one == two[1:] or one[1:] == two[1:]
