"""A part of a name that stands alone, and people whom the roster does not know: judged by the words around them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from darbaza.publication.findings import Certainty
from darbaza.publication.kinds import DataKind
from darbaza.publication.text import vocabulary
from darbaza.publication.text.ages import told_beside
from darbaza.publication.text.forms import ENDINGS, PLURAL, SUFFIXES
from darbaza.publication.text.names import (
    LINKER,
    Item,
    Mention,
    Reading,
    initials_beside,
    links,
)
from darbaza.publication.text.roster import Named, NamePart, Roster
from darbaza.publication.text.words import begins_sentence

SURNAME_SHAPE = re.compile(r"(.{2,}?(?:ов|ев))(а?)(\w{0,12})")
OTHER_SHAPE = re.compile(r".{3,}(?:скои|цкои|нскои|скии|цкии|омец|омц\w{1,3})|донск\w+|.{3,}ск(?:ого|ому|им|ом)")
IN_SHAPE = re.compile(r"(.{2,}?ин)(а?)(\w{0,12})")
PATRONYMIC_SHAPE = re.compile(r".{3,}(?:ович|евич|овн|евн)\w{0,6}")
SHORTEST = 3
LONGEST_WORD = 4


@dataclass(frozen=True, slots=True)
class Judged:
    """A name, or a part of one, with how surely it is one."""

    kind: DataKind
    item: Item
    people: frozenset[str]
    certainty: Certainty


@cache
def _known_names() -> Roster:
    """Given names that are common in Kyrgyzstan, as people without surnames."""
    names = dict.fromkeys(vocabulary.GIVEN_NAMES)
    return Roster.of(Named(name, "", name) for name in names)


def alone(reading: Reading, found: tuple[Mention, ...]) -> Iterator[Judged]:
    """What names stand outside the mentions that were found: of the roster's people, then of others."""
    taken = frozenset().union(*(mention.words for mention in found))
    named = frozenset().union(*(mention.people for mention in found))
    seen = set(taken)
    for item in _free(reading.surnames, taken):
        judged = _surname(reading, item)
        if judged is not None and not _words(item) & seen:
            seen |= _words(item)
            yield judged
    for item in _free(reading.givens, taken):
        if not _words(item) & seen and (judged := _given(reading, item, named)) is not None:
            seen |= _words(item)
            yield judged
    yield from _strangers(reading, seen)


def _free(items: tuple[Item, ...], taken: frozenset[int]) -> Iterator[Item]:
    """Items of which no word is taken, whole names before their halves."""
    free = [item for item in items if not _words(item) & taken]
    return iter(sorted(free, key=lambda item: (item.first - item.last, item.start)))


def _words(item: Item) -> set[int]:
    return set(range(item.first, item.last + 1))


def _surname(reading: Reading, item: Item) -> Judged | None:
    if _written_small(reading, item) or _is_place(reading, item):
        return None
    nobody = Judged(DataKind.SURNAME, item, frozenset(), Certainty.HINT)
    if any(True for _ in initials_beside(reading, item)) or _is_anothers(reading, item):
        return None if _is_famous(item) else nobody
    if _is_famous(item) and not _has_cue(reading, item):
        return None if _speaks_of_works(reading, item) else Judged(DataKind.SURNAME, item, item.people, Certainty.HINT)
    if not _surely_surname(item) and _capital_says_nothing(reading, item) and not _has_cue(reading, item):
        return None
    return Judged(DataKind.SURNAME, item, item.people, Certainty.LIKELY)


def _given(reading: Reading, item: Item, named: frozenset[str]) -> Judged | None:
    if _written_small(reading, item) or _is_place(reading, item) or _titled(reading, item):
        return None
    if _beside_surname(reading, item) or (item.last + 1 < len(reading.words) and links(reading, item.last)):
        return None
    if _also_word(item) and not _word_is_meant_as_name(reading, item):
        return None
    if any(vocabulary.SPOKEN_OF.fullmatch(word) for word in _next_words(reading, item, 3)):
        return None
    people = item.people & named or item.people
    return Judged(DataKind.GIVEN_NAME, item, people, Certainty.HINT)


def _also_word(item: Item) -> bool:
    return any(hit.name in vocabulary.ALSO_WORDS or len(hit.name) < SHORTEST for hit in item.hits)


def _word_is_meant_as_name(reading: Reading, item: Item) -> bool:
    if _has_cue(reading, item, addressed=False) or _among_names(reading, item):
        return True
    if told_beside(reading.cleaned.text, item.start, item.end):
        return True
    return not (_capital_says_nothing(reading, item) or _quoted(reading, item) or _beside_capital(reading, item))


def _among_names(reading: Reading, item: Item) -> bool:
    """Whether a name that surely is one is joined to it: "Азамат жана Айдар", "Бермет, Тынчтык"."""
    return any(
        _is_name(reading, other)
        for at in (_joined_to(reading, item.last, 1), _joined_to(reading, item.first, -1))
        if at is not None
        for other in reading.givens
        if other.first <= at <= other.last
    )


def _joined_to(reading: Reading, index: int, step: int) -> int | None:
    """The word that a comma or a word such as "жана" joins to another."""
    seen = ""
    for at in (index + step, index + 2 * step):
        if not 0 <= at < len(reading.words):
            return None
        seen += reading.between(*sorted((at, at - step)))
        if reading.words[at].folded not in vocabulary.JOINED:
            is_joined = at != index + step or "," in seen
            return at if is_joined and not seen.strip(" ,-") else None
    return None


def _is_name(reading: Reading, item: Item) -> bool:
    return item.capital and not (_also_word(item) and _capital_says_nothing(reading, item))


def _written_small(reading: Reading, item: Item) -> bool:
    if not reading.has_capitals:
        return _also_word(item)
    return not item.capital


def _capital_says_nothing(reading: Reading, item: Item) -> bool:
    written = reading.words[item.first].written
    return reading.at_sentence_start(item) or (len(written) > 1 and written.isupper())


def _quoted(reading: Reading, item: Item) -> bool:
    text = reading.cleaned.text
    return text[item.start - 1 : item.start] == '"' or text[item.end : item.end + 1] == '"'


def _beside_capital(reading: Reading, item: Item) -> bool:
    """Whether a word with a capital letter stands beside it, as in "Эркин Тоо"."""
    for index, left in ((item.last + 1, item.last), (item.first - 1, item.first - 1)):
        if 0 <= index < len(reading.words) and reading.between(left, left + 1).strip(" -") == "":
            word = reading.words[index]
            says_nothing = index < item.first and begins_sentence(reading.cleaned.text, word.start)
            if word.capital and not says_nothing and not vocabulary.PERSON.fullmatch(word.folded):
                return True
    return False


def _surely_surname(item: Item) -> bool:
    """Whether it is nothing else: neither a word, nor a given name, nor an adjective's plural such as "Черных"."""
    return any(hit.part is NamePart.FATHER_OF_SURNAME or not _may_be_else(hit.name) for hit in item.hits)


def _may_be_else(name: str) -> bool:
    short = len(name) <= LONGEST_WORD
    return short or name in vocabulary.ALSO_WORDS or name.endswith("их") or bool(_known_names().hits(name))


def _is_famous(item: Item) -> bool:
    return any(hit.name.removesuffix("а") in vocabulary.FAMOUS_SURNAMES for hit in item.hits)


def _unsuffixed(item: Item) -> bool:
    return not item.hits or any("n" in hit.cases or "*" in hit.cases for hit in item.hits)


def _is_place(reading: Reading, item: Item) -> bool:
    """Whether it names a street, a village, a school, a book: "Асан көпүрө", "улица Асанова", "Токтогул району"."""
    after = _next_words(reading, item, 2)
    if after and vocabulary.NAMED_AFTER.fullmatch(after[0]):
        return True
    if after and _unsuffixed(item):
        if vocabulary.PLACE.fullmatch(after[0]) or vocabulary.PLACE_BARE.fullmatch(after[0]):
            return True
        if len(after) > 1 and vocabulary.NAMED_AFTER.fullmatch(after[1]):
            return True
    return _after_place(reading, item)


def _after_place(reading: Reading, item: Item) -> bool:
    index = item.first - 1
    while index >= 0 and len(reading.words[index].written) == 1 and reading.words[index].capital:
        index -= 1
    if index < 0 or reading.between(index, index + 1).strip(' ."') != "":
        return False
    word = reading.words[index]
    short = word.folded in vocabulary.PLACE_BEFORE_SHORT and reading.between(index, index + 1).startswith(".")
    return short or vocabulary.PLACE_BEFORE.fullmatch(word.folded) is not None


def _next_words(reading: Reading, item: Item, count: int) -> list[str]:
    found: list[str] = []
    for index in range(item.last + 1, min(item.last + 1 + count, len(reading.words))):
        if reading.between(index - 1, index).strip(' "-\n'):
            break
        found.append(reading.words[index].folded)
    return found


def _near_words(reading: Reading, item: Item, reach: int) -> Iterator[str]:
    for index in range(max(0, item.first - reach), min(len(reading.words), item.last + reach + 1)):
        if index < item.first or index > item.last:
            yield reading.words[index].folded


def _has_cue(reading: Reading, item: Item, *, addressed: bool = True) -> bool:
    """Whether a word for a person stands beside it; without `addressed`, not several who are spoken to: "Рахмат,
    мугалимдер!"."""
    near = [word for word in _near_words(reading, item, 2) if vocabulary.PERSON.fullmatch(word)]
    spoken_to = not addressed and "," in reading.cleaned.text[item.end : item.end + 2]
    return any(not (spoken_to and vocabulary.SEVERAL.fullmatch(word)) for word in near)


def _speaks_of_works(reading: Reading, item: Item) -> bool:
    return _quoted_beside(reading, item) or any(
        vocabulary.WORKS.fullmatch(word) for word in _near_words(reading, item, 3)
    )


def _quoted_beside(reading: Reading, item: Item) -> bool:
    return '"' in reading.cleaned.text[max(0, item.start - 2) : item.end + 2]


def _titled(reading: Reading, item: Item) -> bool:
    after = _next_words(reading, item, 1)
    return bool(after) and vocabulary.TITLES.fullmatch(after[0]) is not None


def _beside_surname(reading: Reading, item: Item) -> bool:
    """Whether a surname stands beside it that none of its bearers has."""
    return any(_is_surname_like(reading.words[index].folded) for index in _beside(reading, item))


def _is_surname_like(folded: str) -> bool:
    return _surname_shaped(folded, strict=False) or bool(OTHER_SHAPE.fullmatch(folded)) or _famous(folded)


def _famous(folded: str) -> bool:
    return any(folded.startswith(famous) for famous in vocabulary.FAMOUS_SURNAMES)


def somebody_elses(reading: Reading, mention: Mention) -> bool:
    """Whether a surname that is none of its bearers' stands beside a given name with its patronymic."""
    if mention.surname is not None or mention.given is None or mention.patronymic is None:
        return False
    beside = {index for item in mention.items for index in _beside(reading, item)} - mention.words
    return any(_is_surname_like(reading.words[index].folded) for index in beside)


def _is_anothers(reading: Reading, item: Item) -> bool:
    """Whether a given name stands beside a surname which no bearer of the surname has."""
    return any(_known_names().hits(reading.words[index].folded) for index in _beside(reading, item))


def _beside(reading: Reading, item: Item) -> Iterator[int]:
    """The capitalised words right before and after."""
    for index, left in ((item.last + 1, item.last), (item.first - 1, item.first - 1)):
        inside = 0 <= index < len(reading.words) and not reading.between(left, left + 1).strip(" \n")
        if inside and (reading.words[index].capital or not reading.has_capitals):
            yield index


def _surname_shaped(folded: str, *, strict: bool) -> bool:
    if folded in vocabulary.ALSO_WORDS:
        return False
    for shape in (SURNAME_SHAPE,) if strict else (SURNAME_SHAPE, IN_SHAPE):
        found = shape.fullmatch(folded)
        if found and _ends_as_surname(found[2] + found[3]):
            return True
    return False


def _ends_as_surname(ending: str) -> bool:
    suffix = ending.removeprefix("а")
    return ending in ENDINGS["ov"] or ending in ENDINGS["ova"] or SUFFIXES.fullmatch(suffix) is not None


def _strangers(reading: Reading, seen: set[int]) -> Iterator[Judged]:
    """Names of people whom the roster does not know."""
    for index, word in enumerate(reading.words):
        if index in seen or not word.capital or not word.folded or vocabulary.PERSON.fullmatch(word.folded):
            continue
        item = Item(index, index, word.start, word.end, _known_names().hits(word.folded), True)
        kind = _stranger(reading, item, word.folded)
        if kind is not None and not _is_place(reading, item):
            yield Judged(kind, item, frozenset(), Certainty.HINT)


def _stranger(reading: Reading, item: Item, folded: str) -> DataKind | None:
    beside = [reading.words[index].folded for index in _beside(reading, item)]
    if PATRONYMIC_SHAPE.fullmatch(folded):
        return DataKind.PATRONYMIC
    if _surname_shaped(folded, strict=not _name_beside(reading, item, beside)):
        return None if _famous(folded) else DataKind.SURNAME
    hits = _known_names().hits(folded)
    if all(PLURAL in hit.cases for hit in hits) or any(_famous(other) for other in beside):
        return None
    followed = item.last + 1 < len(reading.words) and LINKER.fullmatch(reading.words[item.last + 1].folded)
    if followed or any(_surname_shaped(other, strict=False) or PATRONYMIC_SHAPE.fullmatch(other) for other in beside):
        return DataKind.GIVEN_NAME
    plain = not any(hit.name in vocabulary.ALSO_WORDS for hit in hits) and not _titled(reading, item)
    return DataKind.GIVEN_NAME if plain and not _beside_capital(reading, item) else None


def _name_beside(reading: Reading, item: Item, beside: list[str]) -> bool:
    return any(_known_names().hits(other) for other in beside) or any(True for _ in initials_beside(reading, item))
