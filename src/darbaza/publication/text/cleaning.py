"""A text without what the eye does not see (soft hyphens, stress, tags); each character knows its place."""

import re
import unicodedata
from bisect import bisect_left
from dataclasses import dataclass

from darbaza.publication.findings import Span

TAG = re.compile(r"</?([a-zA-Z][a-zA-Z0-9:]*)\b[^<>]{0,2000}>|<!--.{0,5000}?-->", re.DOTALL)
INLINE_TAGS = frozenset(
    {"a", "abbr", "b", "em", "font", "i", "mark", "s", "small", "span", "strong", "sub", "sup", "u"}
)
ENTITIES = {"&nbsp;": " ", "&#160;": " ", "&#xa0;": " ", "&shy;": "", "&#173;": "", "&zwnj;": "", "&zwj;": ""}
ENTITY = re.compile("|".join(ENTITIES), re.IGNORECASE)
DASHES = frozenset("‐‑‒–—―−⁃﹣-")
LINE_ENDS = frozenset("\r\n\v\f\x1c\x1d\x1e\x85\u2028\u2029")
INVISIBLE_LETTERS = frozenset("\u115f\u1160\u3164\uffa0\u2800\u180e")
QUOTES = frozenset("«»„“”‟‹›″〝〞＂")
APOSTROPHES = frozenset("’‘ʼʻ`´‛′")
LIKE_DIGITS = str.maketrans("ЗзОоOolIІб", "3300001116")
"""Letters that stand for the digits that they look like."""
BROKEN_WORD = re.compile(r"(?<=[^\W\d_])[-¬][ \t]*\n\s*(?=[^\W\d_])")


@dataclass(frozen=True, slots=True)
class Cleaned:
    """A text as it is read. `first[i]` up to `past[i]` is what its i-th character stands for in the text as given."""

    text: str
    first: tuple[int, ...]
    past: tuple[int, ...]

    def span(self, start: int, end: int) -> Span:
        """Where the characters `start` up to `end` stand in the text as it was given."""
        return Span(self.first[start], self.past[end - 1])

    def index_of(self, original: int) -> int:
        """The first character that stands for the `original`-th one of the text as given, or for a later one."""
        return bisect_left(self.first, original)


def clean(text: str) -> Cleaned:
    """The text as it is read. Total: any string has one; spans of it point at the text as it was given."""
    return _joined(_visible(text, _hidden(text)))


def _hidden(text: str) -> dict[int, tuple[int, str]]:
    """Where tags and entities begin: where each ends, and what is read in its place."""
    found = {}
    if "<" in text:
        for tag in TAG.finditer(text):
            inline = (tag[1] or "span").lower() in INLINE_TAGS
            found[tag.start()] = (tag.end(), "" if inline else "\n")
    if "&" in text:
        for entity in ENTITY.finditer(text):
            found[entity.start()] = (entity.end(), ENTITIES[entity[0].lower()])
    return found


def _visible(text: str, hidden: dict[int, tuple[int, str]]) -> tuple[list[str], list[int], list[int]]:
    letters: list[str] = []
    first: list[int] = []
    past: list[int] = []
    at = 0
    while at < len(text):
        end, read = hidden.get(at) or (at + 1, "")
        marked = not read and end == at + 1 and unicodedata.category(text[at]) in {"Mn", "Me"}
        if marked and letters and past[-1] == at:
            letters[-1], past[-1] = _marked(letters[-1], text[at]), end
        elif not marked:
            for letter in read if at in hidden else _read(text[at]):
                letters.append(letter)
                first.append(at)
                past.append(end)
        at = end
    return letters, first, past


def _marked(letter: str, mark: str) -> str:
    """A letter with its mark, where the two are one letter of an alphabet (й, ё); else the letter alone."""
    both = unicodedata.normalize("NFC", letter + mark)
    return both if both in "йЙёЁ" else letter


def _read(character: str) -> str:
    """What one character is read as; nothing if it is not seen."""
    if character < "\x7f" and character >= " ":
        return character
    if character == "\t" or "\u0400" <= character <= "\u0481":
        return character
    if character in LINE_ENDS:
        return "\n"
    if character in DASHES:
        return "-"
    if character in QUOTES:
        return '"'
    if character in APOSTROPHES:
        return "'"
    return _read_by_category(character)


def _read_by_category(character: str) -> str:
    category = unicodedata.category(character)
    if category in {"Cf", "Cc", "Cs", "Cn", "Co"} or character in INVISIBLE_LETTERS:
        return ""
    if category == "Zs":
        return " "
    if category == "Nd":
        return str(unicodedata.decimal(character))
    plain = unicodedata.normalize("NFKC", character)
    return plain if plain.isalnum() and character != "№" else character


def _joined(read: tuple[list[str], list[int], list[int]]) -> Cleaned:
    """Words that a line's end broke in two, whole again."""
    letters, first, past = read
    text = "".join(letters)
    if "\n" not in text:
        return Cleaned(text, tuple(first), tuple(past))
    kept = [True] * len(text)
    for broken in BROKEN_WORD.finditer(text):
        kept[broken.start() : broken.end()] = [False] * (broken.end() - broken.start())
    chosen = [index for index, keep in enumerate(kept) if keep]
    return Cleaned(
        "".join(text[index] for index in chosen),
        tuple(first[index] for index in chosen),
        tuple(past[index] for index in chosen),
    )
