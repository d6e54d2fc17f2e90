"""The words of a text, each as it may be looked up."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from darbaza.publication.text.cleaning import Cleaned
from darbaza.publication.text.folding import HAS_CYRILLIC, HAS_LATIN, fold, folded_look_alike, skeleton

WORD = re.compile(r"[^\W\d_]+(?:(?:[03]+|(?<=[a-zA-Z])'(?=[a-z]{2}))[^\W\d_]+)*")
"""Letters; with digits that look like them, or the apostrophe that stands for a soft sign: "Kuz'min"."""
RUN_TOGETHER = re.compile(r"[^\W\d_]*?[а-яөүңёa-z](?=[А-ЯӨҮҢЁA-Z][а-яөүңёa-z]{2})")
LONGEST_WORD = 80
SPELLED_OUT = re.compile(r"(?<!\w)[^\W\d_](?: [^\W\d_]){3,}(?!\w)")
NEXT_SPREAD = re.compile(r"(?<=[а-яөүңёa-z] )[А-ЯӨҮҢЁA-Z]")
SENTENCE_END = re.compile(r"[.!?…:;][\s\"')\]]*$|\n\s*\n\s*$|[\n•·*●▪]\s*[\"(]*$|^\s*[\"(]*$")
ABBREVIATED = re.compile(
    r"\b(?:отв|зам|рук|дир|муг|жооп|кл|ст|инж|зав|авт|сост|проф|доц|тов|преп|восп|мед|нач)\.\s*$", re.IGNORECASE
)
"""What a name stands after rather than a sentence."""


@dataclass(frozen=True, slots=True)
class Word:
    """A word: where it stands in the cleaned text, as it is written, and its two look-ups (empty if there is none)."""

    start: int
    end: int
    written: str
    folded: str
    latin: str

    @property
    def capital(self) -> bool:
        """Whether it begins with a capital letter."""
        return self.written[:1].isupper()


def words_of(cleaned: Cleaned) -> tuple[Word, ...]:
    """The words of a text, in their order. Letters that are spread by single spaces are one word."""
    spelled = {match.start(): match for match in SPELLED_OUT.finditer(cleaned.text)}
    found: list[Word] = []
    past = 0
    for match in WORD.finditer(cleaned.text):
        if match.start() < past:
            continue
        spread = spelled.get(match.start())
        if spread is not None:
            found += _spread(spread.start(), spread[0])
            past = spread.end()
        else:
            found += _pieces(match.start(), match[0])
    return tuple(found)


def _spread(start: int, written: str) -> Iterator[Word]:
    """The words of letters that stand apart: a capital after a small letter begins another."""
    cuts = [0, *(match.start() for match in NEXT_SPREAD.finditer(written)), len(written)]
    for left, right in pairwise(cuts):
        piece = written[left:right].rstrip()
        yield _word(start + left, start + left + len(piece), piece.replace(" ", ""))


def _pieces(start: int, written: str) -> list[Word]:
    """A word, or the words of which one was run together: "АсановАйбек". What no name is as long as is no word."""
    if len(written) > LONGEST_WORD:
        return []
    cuts = [0, *(match.end() for match in RUN_TOGETHER.finditer(written)), len(written)]
    pieces = [written[left:right] for left, right in pairwise(cuts) if left < right]
    if len(pieces) > 1 and any(
        len(piece) < 3 or not piece[:1].isupper() or not piece[1:].islower() for piece in pieces
    ):
        pieces = [written]
    made, at = [], start
    for piece in pieces:
        made.append(_word(at, at + len(piece), piece))
        at += len(piece)
    return made


def _word(start: int, end: int, written: str) -> Word:
    if HAS_CYRILLIC.search(written):
        latin = skeleton(written) if HAS_LATIN.search(written) else ""
        return Word(start, end, written, fold(written), latin)
    return Word(start, end, written, folded_look_alike(written), skeleton(written))


def begins_sentence(text: str, start: int) -> bool:
    """Whether a word at `start` begins a sentence, a line of a list or a heading, so that its capital says nothing."""
    ended = SENTENCE_END.search(text, max(0, start - 40), start) is not None
    return ended and ABBREVIATED.search(text, max(0, start - 8), start) is None
