"""A part of a name that stands alone, judged by the words around it.

What is a part of somebody's name here is found unless something says that it is none: a street, a famous pair, a
surname that nobody of that name has, an ordinary word. To ask once too often costs a click.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from darbaza.publication.findings import Certainty
from darbaza.publication.kinds import DataKind
from darbaza.publication.text import vocabulary
from darbaza.publication.text.ages import told_beside
from darbaza.publication.text.context import (
    acts,
    also_word,
    begins_entry,
    beside,
    beside_capital,
    capital_says_nothing,
    has_close_cue,
    has_cue,
    has_kyrgyz_case,
    is_a_streets,
    is_addressed,
    is_bare,
    is_called,
    is_place,
    is_praised,
    quoted,
    speaks_of_works,
    spoken_of,
    titled,
)
from darbaza.publication.text.forms import PLURAL
from darbaza.publication.text.guessing import guessed
from darbaza.publication.text.names import Item, Mention, Reading, initials_beside, links
from darbaza.publication.text.roster import NamePart, Roster
from darbaza.publication.text.shapes import (
    PATRONYMIC_SHAPE,
    ends_with_kyrgyz_case,
    famous,
    famous_pair,
    is_known_name,
    is_surname_like,
    is_womans,
    surname_shaped,
)
from darbaza.publication.text.strangers import strangers
from darbaza.publication.text.words import begins_sentence

SMALL_AT_LEAST = 5
"""Letters of a name that is found in small letters without a word for a person beside it."""
DAUGHTER_OR_SON = re.compile(r"киз(?:[дгл]\w*)?|(?:кизи|уулу)(?:м|б[иу]з)\w*|уул(?:[дгл]\w*)?")
WORDS = vocabulary.ALSO_WORDS | vocabulary.SHORT_WORDS | vocabulary.SURNAMES_ALSO_WORDS
PREPOSITIONS = frozenset("свкуоиая")
"""Russian words of one letter, which stand before a name without being its initial."""
OF_A_WOMAN = ("овна", "евна", "ична", "кизи", "инична")


@dataclass(frozen=True, slots=True)
class Judged:
    """A name, or a part of one, with how surely it is one."""

    kind: DataKind
    item: Item
    people: frozenset[str]
    certainty: Certainty


@dataclass(frozen=True)
class Bench:
    """What the parts that stand alone are judged by: the text, and what was found in it before."""

    reading: Reading
    taken: frozenset[int]
    named: frozenset[str]


def alone(reading: Reading, found: tuple[Mention, ...], roster: Roster) -> Iterator[Judged]:
    """What names stand outside the mentions that were found: of the roster's people, then of others."""
    taken = frozenset().union(*(mention.words for mention in found))
    bench = Bench(reading, taken, frozenset().union(*(mention.people for mention in found)))
    seen = set(taken)
    for judged in _of_the_roster(bench, roster):
        if not _words(judged.item) & seen:
            seen |= _words(judged.item)
            yield judged
    for kind, item in strangers(reading, seen):
        yield Judged(kind, item, frozenset(), Certainty.HINT)


def _of_the_roster(bench: Bench, roster: Roster) -> Iterator[Judged]:
    reading = bench.reading
    for kind, item, people in guessed(reading, roster, bench.taken):
        yield Judged(kind, item, people, Certainty.HINT)
    for item in _free(reading.surnames, bench.taken):
        if (judged := _surname(bench, roster, item)) is not None:
            yield judged
    for item in _free(reading.givens, bench.taken):
        if (judged := _given(bench, item)) is not None:
            yield judged
    for item in _free(reading.patronymics, bench.taken):
        if (judged := _patronymic(bench, item)) is not None:
            yield judged


def _free(items: tuple[Item, ...], taken: frozenset[int]) -> Iterator[Item]:
    """Items of which no word is taken, whole names before their halves."""
    free = [item for item in items if not _words(item) & taken]
    return iter(sorted(free, key=lambda item: (item.first - item.last, item.start)))


def _words(item: Item) -> set[int]:
    return set(range(item.first, item.last + 1))


def _surname(bench: Bench, roster: Roster, item: Item) -> Judged | None:
    reading = bench.reading
    found = Judged(DataKind.SURNAME, item, item.people, Certainty.LIKELY)
    if is_called(reading, item):
        return found
    if _unlikely_small(reading, item) or is_place(reading, item):
        return None
    if (others := _with_other_initials(reading, roster, item)) is not None:
        people = others or (item.people if _are_loose(reading, item) else frozenset())
        return None if not people and _is_famous(item) else replace(found, people=people, certainty=Certainty.HINT)
    if _is_anothers(bench, item):
        return None if _is_famous(item) else replace(found, people=frozenset(), certainty=Certainty.HINT)
    if has_cue(reading, item):
        return found
    if _is_famous(item):
        hidden = speaks_of_works(reading, item) and not _is_common(item)
        return None if hidden else replace(found, certainty=Certainty.HINT)
    if _is_word_for_somebody(reading, item):
        return None
    doubtful = _may_be_a_word(item) and capital_says_nothing(reading, item)
    return None if doubtful and not _surname_is_meant(bench, item) else found


def _is_word_for_somebody(reading: Reading, item: Item) -> bool:
    """Whether it is a word such as "Мама", and no surname as it stands."""
    folded = reading.words[item.first].folded
    known = any(hit.name == folded for hit in item.hits) or surname_shaped(folded, strict=True)
    return not known and vocabulary.PERSON.fullmatch(folded) is not None


def _surname_is_meant(bench: Bench, item: Item) -> bool:
    reading = bench.reading
    told = told_beside(reading.cleaned.text, item.start, item.end) or is_praised(reading, item)
    return told or acts(reading, item) or _listed(bench, item)


def _given(bench: Bench, item: Item) -> Judged | None:
    reading = bench.reading
    known_here = item.capital and item.people & bench.named
    if not is_called(reading, item) and not known_here:
        if _unlikely_small(reading, item) or is_place(reading, item) or titled(reading, item):
            return None
        if spoken_of(reading, item) or _has_another_surname(bench, item) or _is_a_fathers(reading, item):
            return None
        if also_word(item) and not _word_is_meant_as_name(bench, item):
            return None
    people = _called_so(item)
    return Judged(DataKind.GIVEN_NAME, item, people & bench.named or people, Certainty.HINT)


def _called_so(item: Item) -> frozenset[str]:
    """Whose given name it is; if nobody's, whose pet name."""
    given = frozenset().union(*(hit.people for hit in item.hits if hit.part is NamePart.GIVEN))
    return given or item.people


def _patronymic(bench: Bench, item: Item) -> Judged | None:
    """A patronymic without its name: "Степановна айтты"."""
    reading = bench.reading
    near = [reading.words[index].folded for index in beside(reading, item)]
    alone_there = item.capital and not any(
        is_known_name(word) or is_surname_like(word) or famous(word) for word in near
    )
    if item.first != item.last or not alone_there or any(hit.part is NamePart.FATHER for hit in item.hits):
        return None
    return Judged(DataKind.PATRONYMIC, item, item.people, Certainty.HINT)


def _is_a_fathers(reading: Reading, item: Item) -> bool:
    """Whether *уулу* or *кызы* follows, so that it is the name of somebody's father; "кыз" and "кызым" are a girl."""
    if item.last + 1 >= len(reading.words) or not links(reading, item.last):
        return False
    return DAUGHTER_OR_SON.fullmatch(reading.words[item.last + 1].folded) is None


def _word_is_meant_as_name(bench: Bench, item: Item) -> bool:
    reading = bench.reading
    if has_cue(reading, item, addressed=False) or _listed(bench, item):
        return True
    if told_beside(reading.cleaned.text, item.start, item.end) or is_praised(reading, item):
        return True
    if is_addressed(reading, item) or begins_entry(reading, item):
        return True
    if quoted(reading, item):
        return False
    if capital_says_nothing(reading, item):
        return acts(reading, item)
    return not beside_capital(reading, item) or acts(reading, item)


def _listed(bench: Bench, item: Item) -> bool:
    """Whether a name that surely is one is joined to it: "Азамат жана Айдар", "Бермет, Тынчтык"."""
    reading = bench.reading
    beside_it = (item.last + 1,) if item.last + 1 in beside(reading, item) else ()
    return any(
        at in bench.taken or _is_name(reading, other)
        for at in (_joined_to(reading, item.last, 1), _joined_to(reading, item.first, -1), *beside_it)
        if at is not None
        for other in (*reading.givens_at.get(at, ()), *reading.surnames_at.get(at, ()))
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
    return item.capital and not (also_word(item) and capital_says_nothing(reading, item))


def _unlikely_small(reading: Reading, item: Item) -> bool:
    """Whether it is written small where a name would have a capital, and nothing says that it is one all the same."""
    if item.capital:
        return False
    if not reading.has_capitals:
        return also_word(item)
    if has_close_cue(reading, item):
        twice = has_cue(reading, item) and told_beside(reading.cleaned.text, item.start, item.end)
        return also_word(item) and not twice
    return also_word(item) or not _nothing_but_a_name(item)


def _nothing_but_a_name(item: Item) -> bool:
    return any(
        len(hit.name) >= SMALL_AT_LEAST
        and hit.whole
        and hit.name not in vocabulary.SURNAMES_ALSO_WORDS
        and (is_known_name(hit.name) or surname_shaped(hit.name, strict=True))
        for hit in item.hits
    )


def _may_be_a_word(item: Item) -> bool:
    """Whether every surname that it may be is a word, too, or an adjective's plural such as "Черных"."""
    return all(
        hit.part is not NamePart.FATHER_OF_SURNAME
        and _is_word(hit.name)
        and not (PLURAL in hit.cases and hit.name in vocabulary.SHORT_WORDS)
        for hit in item.hits
    )


def _is_word(name: str) -> bool:
    return name in WORDS or len(name) < vocabulary.SHORTEST or name.endswith("их")


def _is_famous(item: Item) -> bool:
    return any(hit.name.removesuffix("а") in vocabulary.FAMOUS or hit.name in vocabulary.FAMOUS for hit in item.hits)


def _is_common(item: Item) -> bool:
    return any(hit.name.removesuffix("а") in vocabulary.COMMON_SURNAMES for hit in item.hits)


def _with_other_initials(reading: Reading, roster: Roster, item: Item) -> frozenset[str] | None:
    """Whose surname it may still be though initials stand by it that fit nobody whole; None if none stand there."""
    beside_it = [one for one in initials_beside(reading, item) if not _is_preposition(reading, one, item)]
    if not beside_it:
        return None
    letters = {letter.lower() for initials in beside_it for letter in initials.initials}
    return frozenset(person for person in item.people if roster.initials[person][1] & letters)


def _are_loose(reading: Reading, item: Item) -> bool:
    """Whether the letters beside a surname have no stop, so that they may be a size or a class: "Асанов L"."""
    return all(one.end == reading.words[one.last].end for one in initials_beside(reading, item))


def _is_preposition(reading: Reading, initials: Item, item: Item) -> bool:
    """Whether a single letter before a name is a Russian word: "С Асановым говорил тренер"."""
    written = reading.words[initials.first].written
    dotted = initials.end > reading.words[initials.last].end
    return initials.first == initials.last < item.first and not dotted and written.lower() in PREPOSITIONS


def _is_anothers(bench: Bench, item: Item) -> bool:
    """Whether a surname stands beside a given name which no bearer of the surname has."""
    reading = bench.reading
    for index in beside(reading, item):
        word = reading.words[index]
        if any(famous_pair(hit.name, word.folded) for hit in item.hits):
            return True
        if index in bench.taken or not is_known_name(word.folded) or surname_shaped(word.folded, strict=True):
            continue
        given = next(iter(reading.givens_at.get(index, ())), None)
        if not _are_two_people(item, given, given is not None and index > item.last):
            return True
    return False


def _are_two_people(surname: Item, given: Item | None, surname_first: bool) -> bool:
    """Whether a surname and a given name of others here stand side by side by chance: "Айбек Асановго берди"."""
    if surname_first:
        return has_kyrgyz_case(surname)
    if given is None:
        return False
    return has_kyrgyz_case(given) or (is_bare(given) and has_kyrgyz_case(surname))


def _has_another_surname(bench: Bench, item: Item) -> bool:
    """Whether a surname stands beside a given name that none of its bearers has."""
    reading = bench.reading
    for index in beside(reading, item):
        word = reading.words[index].folded
        if index in bench.taken or (index > item.last and is_a_streets(reading, index)):
            continue
        if famous(word) is not None and _is_famous_one(item, word):
            return True
        anybodys = famous(word) is None or _is_common_word(word)
        opening = index < item.first and begins_sentence(reading.cleaned.text, reading.words[index].start)
        strict = opening or is_known_name(word)
        alike = surname_shaped(word, strict=True) if strict else is_surname_like(word)
        fathers = index > item.last and PATRONYMIC_SHAPE.fullmatch(word) is not None
        if anybodys and (alike or fathers) and not _goes_without(bench, item, index):
            return True
    return False


def _is_common_word(folded: str) -> bool:
    return any(folded.startswith(name) for name in vocabulary.COMMON_SURNAMES)


def _is_famous_one(item: Item, surname: str) -> bool:
    return any(famous_pair(surname, hit.name) for hit in item.hits)


def _goes_without(bench: Bench, item: Item, index: int) -> bool:
    """Whether a surname beside a given name belongs to a part of the sentence of its own."""
    word = bench.reading.words[index].folded
    if index < item.first:
        return ends_with_kyrgyz_case(word)
    surname = next(iter(bench.reading.surnames_at.get(index, ())), None)
    return has_kyrgyz_case(item) or (surname is not None and is_bare(item) and has_kyrgyz_case(surname))


def is_the_famous(reading: Reading, mention: Mention) -> bool:
    """Whether somebody famous is meant who has a namesake here: a book or a street is spoken of."""
    surname, given = mention.surname, mention.given
    if surname is None or given is None or not any(_is_famous_one(given, hit.name) for hit in surname.hits):
        return False
    first, last = sorted((surname, given), key=lambda item: item.start)
    called = is_called(reading, last) or has_close_cue(reading, first)
    return not called and (speaks_of_works(reading, last) or is_place(reading, first) or is_place(reading, last))


def somebody_elses(reading: Reading, mention: Mention, taken: frozenset[int]) -> bool:
    """Whether a surname that is none of its bearers' stands beside a given name with its patronymic."""
    if mention.surname is not None or mention.given is None or mention.patronymic is None:
        return False
    near = {index for item in mention.items for index in beside(reading, item)} - mention.words - taken
    return any(_may_be_of(mention, reading.words[index].folded) for index in near)


def _may_be_of(mention: Mention, surname: str) -> bool:
    """Whether a surname may be this person's by its gender, and not that of somebody famous with another name."""
    given, patronymic = mention.given, mention.patronymic
    if given is None or patronymic is None or not (is_surname_like(surname) or famous(surname)):
        return False
    if famous(surname) is not None and not _is_common_word(surname):
        return _is_famous_one(given, surname)
    woman = any(hit.name.endswith(OF_A_WOMAN) for hit in patronymic.hits)
    return is_womans(surname) in {None, woman}
