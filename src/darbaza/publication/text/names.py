"""Whose names stand in a text: parts of names are found one by one, then read together."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from darbaza.publication.text.cleaning import Cleaned
from darbaza.publication.text.folding import fold
from darbaza.publication.text.forms import KYRGYZ, PLURAL, Cases
from darbaza.publication.text.roster import Hit, NamePart, Roster
from darbaza.publication.text.vocabulary import ALSO_WORDS
from darbaza.publication.text.words import Word, begins_sentence, words_of

SURNAMES = frozenset({NamePart.SURNAME, NamePart.FATHER_OF_SURNAME})
PATRONYMICS = frozenset({NamePart.PATRONYMIC, NamePart.FATHER})
FATHERS = frozenset({NamePart.FATHER, NamePart.FATHER_OF_SURNAME})
LINKER = re.compile(
    r"(?:уулу|уул|улу|огли|угли)(?:м|н|нун|нин|на|нда|нан|ндаи|нча|га|да|дан|ну|лар\w{0,6}|луу)?"
    r"|(?:кизи|киз)(?:м|н|нин|на|нда|нан|ндаи|нча|га|да|дан|ни|лар\w{0,6})?"
    r"|тегин(?:а|у|ом|га|да|дан|лар\w{0,6}|е|и|дер|ди|дин|ге|де|ден|деи|дик|дики)?(?:н|нин|не|нде|нен)?"
)
LATIN_LINKER = re.compile(r"(?:ulu|ul|ogli|kizi|kiz|tegin)(?:nun|nin|na|n|ge|di|din|de|den|dei|a|u|om|e)?")
LINKED = re.compile(r"(.{3,}?)((?:уулу|кизи|тегин)\w{0,5})")
LATIN_LINKED = re.compile(r"(.{3,}?)((?:ulu|kizi|tegin)\w{0,4})")
SHORT_LINKER = frozenset("ук")
SENTENCE_BREAK = re.compile(r"[!?…;]|\.(?!\s*[a-zа-яөүңё,])")
INITIAL = re.compile(r"(?:дж|дз|ch|sh|zh|kh|ya|yu|ts|dj)|[^\W\d_]", re.IGNORECASE)
FURTHEST = 2
WITHOUT_BOTH = 6


@dataclass(frozen=True, slots=True)
class Item:
    """A part of a name in the text: the words `first` to `last`, and what they may be."""

    first: int
    last: int
    start: int
    end: int
    hits: tuple[Hit, ...]
    capital: bool
    initials: tuple[str, ...] = ()

    @property
    def people(self) -> frozenset[str]:
        """Everybody whom it may belong to."""
        return frozenset().union(*(hit.people for hit in self.hits))

    def cases_for(self, person: str) -> Cases:
        """The cases in which it may stand if it is this person's."""
        return frozenset().union(*(hit.cases for hit in self.hits if person in hit.people))


@dataclass(frozen=True, slots=True)
class Mention:
    """Parts of names that are read as one person's, or as one of several people's."""

    people: frozenset[str]
    surname: Item | None = None
    given: Item | None = None
    patronymic: Item | None = None
    initials: Item | None = None

    @property
    def items(self) -> tuple[Item, ...]:
        """Its parts, as they stand in the text."""
        parts = (self.surname, self.given, self.patronymic, self.initials)
        return tuple(sorted((part for part in parts if part is not None), key=lambda item: item.start))

    @property
    def words(self) -> frozenset[int]:
        """The words that it is made of."""
        return frozenset(index for item in self.items for index in range(item.first, item.last + 1))


@dataclass(frozen=True)
class Reading:
    """A text with its words, and the parts of names among them."""

    cleaned: Cleaned
    words: tuple[Word, ...]
    surnames: tuple[Item, ...] = ()
    givens: tuple[Item, ...] = ()
    patronymics: tuple[Item, ...] = ()
    joined: tuple[Item, ...] = ()
    has_capitals: bool = field(default=True)

    @cached_property
    def surnames_at(self) -> Mapping[int, tuple[Item, ...]]:
        """The surnames of which a word is part, by the word."""
        return _by_word(self.surnames)

    @cached_property
    def givens_at(self) -> Mapping[int, tuple[Item, ...]]:
        """The given names of which a word is part, by the word."""
        return _by_word(self.givens)

    def between(self, left: int, right: int) -> str:
        """What stands between two words."""
        return self.cleaned.text[self.words[left].end : self.words[right].start]

    def at_sentence_start(self, item: Item) -> bool:
        """Whether a capital letter says nothing there."""
        return begins_sentence(self.cleaned.text, item.start)


def _by_word(items: tuple[Item, ...]) -> Mapping[int, tuple[Item, ...]]:
    found: dict[int, list[Item]] = defaultdict(list)
    for item in items:
        for index in range(item.first, item.last + 1):
            found[index].append(item)
    return {index: tuple(several) for index, several in found.items()}


def read(cleaned: Cleaned, roster: Roster) -> Reading:
    """The parts of names in a text."""
    words = words_of(cleaned)
    reading = Reading(cleaned, words, has_capitals=cleaned.text != cleaned.text.lower())
    hits = [_hits(word, roster) for word in words]
    items = [*_single_items(words, hits), *_joined_items(reading, roster), *_father_items(reading, hits, roster)]
    chosen: dict[str, list[Item]] = defaultdict(list)
    for item in items:
        for group, parts in (("s", SURNAMES), ("g", {NamePart.GIVEN, NamePart.SHORT}), ("p", PATRONYMICS)):
            if of_kind := tuple(hit for hit in item.hits if hit.part in parts):
                chosen[group].append(replace(item, hits=of_kind))
    return replace(
        reading,
        surnames=tuple(chosen["s"]),
        givens=tuple(chosen["g"]),
        patronymics=tuple(chosen["p"]),
        joined=tuple(_run_together(words, hits, roster)),
    )


def _run_together(words: Sequence[Word], hits: Sequence[tuple[Hit, ...]], roster: Roster) -> Iterator[Item]:
    """Surname and given name in one word: "асановайбек", "#АЙБЕКАСАНОВ"."""
    for index, (word, found) in enumerate(zip(words, hits, strict=True)):
        if found:
            continue
        people = roster.run_together(word.folded, latin=False) | roster.run_together(word.latin, latin=True)
        if people:
            yield _item(words, index, index, (Hit(NamePart.SURNAME, word.folded, people, frozenset("n")),))


def _hits(word: Word, roster: Roster) -> tuple[Hit, ...]:
    cyrillic = roster.hits(word.folded) if word.folded else ()
    if "3" in word.written:
        cyrillic += roster.hits(fold(word.written.replace("3", "е")))
    return cyrillic + roster.latin_hits(word.latin) if word.latin else cyrillic


def _item(words: Sequence[Word], first: int, last: int, hits: tuple[Hit, ...]) -> Item:
    capital = words[first].capital
    return Item(first, last, words[first].start, words[last].end, hits, capital)


def _single_items(words: Sequence[Word], hits: Sequence[tuple[Hit, ...]]) -> Iterator[Item]:
    for index, found in enumerate(hits):
        if named := tuple(hit for hit in found if hit.part not in FATHERS):
            yield _item(words, index, index, named)


def _joined_items(reading: Reading, roster: Roster) -> Iterator[Item]:
    """Names of two words, and names that a hyphen or a line's end parts."""
    for index in range(len(reading.words) - 1):
        between = reading.between(index, index + 1)
        if between.strip(" \n") not in {"", "-"} or len(between) > 2:
            continue
        left, right = reading.words[index], reading.words[index + 1]
        if "-" not in between and (left.capital != right.capital or len(right.written) == 1):
            continue
        joined = Word(
            left.start, right.end, left.written + right.written, left.folded + right.folded, left.latin + right.latin
        )
        if found := tuple(hit for hit in _hits(joined, roster) if hit.part not in FATHERS and hit.whole):
            yield _item(reading.words, index, index + 1, found)


def _father_items(reading: Reading, hits: Sequence[tuple[Hit, ...]], roster: Roster) -> Iterator[Item]:
    """A father's name with *уулу*, *кызы* or *тегин*, apart or in one word."""
    words = reading.words
    for index, found in enumerate(hits):
        fathers = tuple(hit for hit in found if hit.part in FATHERS)
        if fathers and index + 1 < len(words) and links(reading, index):
            yield _item(words, index, index + 1, fathers)
        word = words[index]
        if (linked := LINKED.fullmatch(word.folded)) and LINKER.fullmatch(linked[2]):
            fathers = tuple(hit for hit in roster.hits(linked[1]) if hit.part in FATHERS)
        elif (linked := LATIN_LINKED.fullmatch(word.latin)) and LATIN_LINKER.fullmatch(linked[2]):
            fathers = tuple(hit for hit in roster.latin_hits(linked[1]) if hit.part in FATHERS)
        else:
            continue
        if fathers:
            yield _item(words, index, index, fathers)


def links(reading: Reading, index: int) -> bool:
    """Whether the word after `index` is a linker."""
    word, between = reading.words[index + 1], reading.between(index, index + 1)
    if between.strip() not in {"", "-"}:
        return False
    if LINKER.fullmatch(word.folded) or LATIN_LINKER.fullmatch(word.latin):
        return True
    short = word.folded in SHORT_LINKER and word.end < len(reading.cleaned.text)
    return short and reading.cleaned.text[word.end] == "."


def mentions(reading: Reading, roster: Roster) -> tuple[Mention, ...]:
    """Names of which two parts agree on somebody: surname and given name or initials, given name and patronymic."""
    taken: set[int] = set()
    found: list[Mention] = []
    for _, mention in sorted(_candidates(reading, roster), key=lambda scored: scored[0]):
        shared = mention.surname if mention.surname is not None and _is_plural(mention.surname) else None
        own = mention.words - (frozenset(range(shared.first, shared.last + 1)) if shared else frozenset())
        if own & taken or (shared is None and mention.words & taken):
            continue
        taken |= mention.words if shared is None else own
        found.append(mention)
    return tuple(sorted((_with_patronymic(m, reading, taken) for m in found), key=lambda m: m.items[0].start))


Scored = tuple[tuple[int, ...], Mention]


def _candidates(reading: Reading, roster: Roster) -> Iterator[Scored]:
    for item in reading.joined:
        yield (0, 0, 0, item.start), Mention(item.people, surname=item)
    for surname in reading.surnames:
        yield from _with_surname(reading, roster, surname)
    for given in reading.givens:
        for patronymic in _near(given, reading.patronymics, 1):
            mention = Mention(frozenset(), given=given, patronymic=patronymic)
            yield from _later(_pair(reading, given, patronymic, mention))
        for initials in initials_beside(reading, given):
            if people := _fitting(given.people, initials, roster, (0,)):
                yield (9, 0, 0, given.start), Mention(people, given=given, initials=initials)


def _with_surname(reading: Reading, roster: Roster, surname: Item) -> Iterator[Scored]:
    reach = 4 if _is_plural(surname) else FURTHEST
    for given in _near(surname, reading.givens, reach):
        yield from _pair(reading, surname, given, Mention(frozenset(), surname=surname, given=given))
    for initials in initials_beside(reading, surname):
        if people := _fitting(surname.people, initials, roster, (1, 2)):
            yield (1, 0, 0, surname.start), Mention(people, surname=surname, initials=initials)
    for patronymic in _near(surname, reading.patronymics, 1):
        mention = Mention(frozenset(), surname=surname, patronymic=patronymic)
        yield from _later(_pair(reading, surname, patronymic, mention))


def _later(scored: Iterable[Scored]) -> Iterator[Scored]:
    """Pairs that count only where no surname with a given name claims their words."""
    for score, mention in scored:
        yield (score[0] + WITHOUT_BOTH, *score[1:]), mention


def _near(item: Item, others: Iterable[Item], reach: int) -> Iterator[Item]:
    for other in others:
        gap = max(other.first - item.last, item.first - other.last) - 1
        if 0 <= gap <= reach:
            yield other


def _pair(reading: Reading, one: Item, two: Item, mention: Mention) -> Iterator[tuple[tuple[int, ...], Mention]]:
    people = one.people & two.people
    left, right = sorted((one, two), key=lambda item: item.start)
    between = reading.cleaned.text[left.end : right.start]
    if not people or SENTENCE_BREAK.search(_without_initials(between)) or _only_a_word(reading, one, two):
        return
    agreeing = frozenset(person for person in people if _agree(left.cases_for(person), right.cases_for(person)))
    parted = between.count(",") + between.count("\n") * (between.strip(" \n") == "") + ("\t" in between)
    gap = right.first - left.last - 1
    whole = sum(not any(hit.whole and hit.people & people for hit in item.hits) for item in (one, two))
    score = (
        gap * 2 + parted * 3 + (0 if agreeing else 2) + whole,
        0 if agreeing else 1,
        left.last - right.first,
        left.start,
    )
    yield score, replace(mention, people=agreeing or people)


def _without_initials(between: str) -> str:
    return re.sub(r"(?:^|\b)[^\W\d_]{1,2}\.", "", between)


def _only_a_word(reading: Reading, one: Item, two: Item) -> bool:
    """Whether one of two is written small though the other is not: a word that happens to be somebody's name."""
    small = [item for item in (one, two) if not item.capital]
    return len(small) == 1 and reading.words[small[0].first].written.islower() and _is_word(small[0])


def _is_word(item: Item) -> bool:
    return any(hit.name in ALSO_WORDS for hit in item.hits)


def _agree(first: Cases, second: Cases) -> bool:
    """Whether two parts of one name may stand beside each other: Kyrgyz declines the last, Russian each."""
    russian = (first & second) - {PLURAL, "*"}
    return bool(russian) or ("n" in first and bool(second & KYRGYZ)) or (PLURAL in first | second)


def _is_plural(item: Item) -> bool:
    return any(PLURAL in hit.cases for hit in item.hits)


def _fitting(people: frozenset[str], initials: Item, roster: Roster, order: tuple[int, ...]) -> frozenset[str]:
    """Those whose names begin with these initials. A second initial is asked for only of who has a patronymic."""

    def fits(person: str) -> bool:
        letters = roster.initials[person]
        return all(
            not letters[position] or fold(initial) in letters[position] or initial.lower() in letters[position]
            for position, initial in zip(order, initials.initials, strict=False)
        )

    return frozenset(person for person in people if fits(person))


def initials_beside(reading: Reading, item: Item) -> Iterator[Item]:
    """Up to two initials before or after: "А. Б. Асанов", "Асанов А.Б.", "Асанов АБ"."""
    for step in (1, -1):
        run = _run_of_initials(reading, item, step)
        if run:
            first, last = min(run), max(run)
            words = reading.words[first : last + 1]
            letters = tuple(letter for word in words for letter in _letters_of(word.written))
            end = _past_dot(reading, words[-1].end)
            yield Item(first, last, words[0].start, end, (), True, letters[:2])


def _run_of_initials(reading: Reading, item: Item, step: int) -> list[int]:
    run: list[int] = []
    at = (item.last if step > 0 else item.first) + step
    while 0 <= at < len(reading.words) and len(run) < 2:
        word = reading.words[at]
        left, right = sorted((at, at - step))
        between = reading.between(left, right)
        small = item.capital and reading.has_capitals and word.written.islower()
        if small or between.strip(" \n.,_-") or len(between) > 3 or not _is_initial(reading, word, between, step):
            break
        run.append(at)
        at += step
    return run


def _is_initial(reading: Reading, word: Word, between: str, step: int) -> bool:
    """A capital letter, or any single letter with a dot; two capitals together if nothing else stands by them."""
    dotted = reading.cleaned.text[word.end : word.end + 1] == "."
    if len(word.written) == 1:
        if "," in between or (step > 0 and "." in between and not dotted):
            return False
        return dotted or word.written.isupper() or not reading.has_capitals
    digraph = INITIAL.fullmatch(word.written) is not None and dotted
    return "." not in between and (digraph or (len(word.written) == 2 and word.written.isupper()))


def _letters_of(written: str) -> tuple[str, ...]:
    if INITIAL.fullmatch(written):
        return (written.lower(),)
    return tuple(written.lower())


def _past_dot(reading: Reading, end: int) -> int:
    return end + 1 if reading.cleaned.text[end : end + 1] == "." else end


def _with_patronymic(mention: Mention, reading: Reading, taken: set[int]) -> Mention:
    """The mention with the patronymic that stands beside it, which also tells namesakes apart."""
    if mention.patronymic is not None:
        return mention
    for item in reading.patronymics:
        words = set(range(item.first, item.last + 1))
        beside = any(0 <= max(item.first - part.last, part.first - item.last) - 1 <= 1 for part in mention.items)
        if not beside or words & taken or not item.people & mention.people:
            continue
        taken |= words
        return replace(mention, people=item.people & mention.people, patronymic=item)
    return mention
