"""Everything in a text that says who somebody is."""

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import combinations

from darbaza.publication.findings import Certainty, Finding, Span
from darbaza.publication.kinds import DataKind
from darbaza.publication.text.ages import CLASS, ages, classes
from darbaza.publication.text.beside import dates_beside, dates_of_strangers, numbers_beside
from darbaza.publication.text.births import birth_dates, dates, is_an_events, may_be_of_a_birth
from darbaza.publication.text.cleaning import Cleaned, clean
from darbaza.publication.text.columns import told_by_headings
from darbaza.publication.text.contacts import contacts
from darbaza.publication.text.days import with_digits
from darbaza.publication.text.folding import fold
from darbaza.publication.text.houses import streets_and_houses
from darbaza.publication.text.judging import alone, is_the_famous, somebody_elses
from darbaza.publication.text.names import Item, Mention, mentions, read
from darbaza.publication.text.residence import houses_beside, residences
from darbaza.publication.text.roster import Roster
from darbaza.publication.text.shapes import famous, famous_pair

LONGEST_PIECE = 20_000
ALSO_ABOUT = 160
"""How many characters from a name a number or an address may still be that person's."""
LONGEST_NAME = 160
"""Characters of a name with all its parts, spread out."""
WHERE_TO = re.compile(r"\s\d{1,3}[а-я]?\s?(?:[гк][аеоө]|[дт][аеоө]н?)$")
GROWS = re.compile(r"\s(?:чык|чыг|тол|кара)\w*")
"""What is said of an age and of no house: "17ге чыкты"."""
CLAUSE_ENDS = re.compile(r"(?<!\b[^\W\d_])\.(?=\s|$)|[;!?\n)]")
"""What parts what is said of one person from what is said of the next; no stop of "г. р."."""
FAMOUS_NAME = re.compile(r"(?P<name>(?:[А-ЯӨҮҢЁ][\w\-]*\.?\s?){2,3})(?:[^.!?\n\dА-ЯӨҮҢЁ]{0,20})$")
BEFORE_A_DATE = 70
"""Characters before a date in which it may be said whose it is."""
REACHING = frozenset({DataKind.PHONE, DataKind.DOCUMENT_NUMBER, DataKind.EMAIL})
HOUSE_FOLLOWS = re.compile(r",?\s*\d")
BETWEEN_NAME_AND_BIRTH = re.compile(r"[\s,(\-:|;.]{1,12}(?:" + CLASS.pattern + r")?[\s,(\-:|;]{0,12}")
LONGEST_BETWEEN = 40
DATE_UNTIL = re.compile(r"\s?-\s?\d")
"""What makes the beginning of a term of a date: "01.07.2025–28.08.2025"."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A finding before it is one: the characters `start` to `end` of the cleaned text, and whose they may be."""

    kind: DataKind
    start: int
    end: int
    certainty: Certainty
    people: frozenset[str] = frozenset()


def find_in_text(text: str, roster: Roster, part: str) -> tuple[Finding, ...]:
    """The personal data in a text, in the order in which it stands there. Total: any string has an answer.

    Spans count code points of `text` as it was given; `shown` is what stands there, marks and soft hyphens included.
    Phones, ages and the like name the person whose name stands nearest in the same paragraph, if there is one.
    """
    found: list[Finding] = []
    for start, end in _pieces_of(text):
        found += _find(text, start, end, roster, part)
    return tuple(sorted(found, key=_position))


def _pieces_of(text: str) -> Iterator[tuple[int, int]]:
    """A long text in pieces that end with a line, or with a word: what is looked for stands close together."""
    start = 0
    while len(text) - start > LONGEST_PIECE:
        limit = start + LONGEST_PIECE
        end = max(text.rfind("\n", start + LONGEST_PIECE // 2, limit), text.rfind(" ", limit - 200, limit)) + 1
        end = end or limit
        yield start, end
        start = end
    yield start, len(text)


def _find(text: str, start: int, end: int, roster: Roster, part: str) -> set[Finding]:
    cleaned = clean(text[start:end])
    tabled = tuple(Piece(*told, Certainty.LIKELY) for told in told_by_headings(cleaned.text))
    names = tuple(_names(cleaned, roster))
    addresses = _addresses(cleaned.text, names, tabled)
    names = tuple(name for name in names if not _is_of_address(name, addresses, cleaned.text))
    numbers = _numbers(cleaned.text, names, addresses, tabled)
    homes = tuple(piece for piece in numbers if piece.kind is DataKind.RESIDENCE)
    names = tuple(name for name in names if not _is_of_address(name, homes, cleaned.text))
    letters = tuple(piece for piece in numbers if piece.kind is DataKind.EMAIL)
    shown = _beyond(letters, names)
    ordered = tuple(sorted(names, key=_start))
    pieces = (*shown, *(_of_somebody(piece, ordered, cleaned.text) for piece in numbers))
    return {_finding(piece, cleaned, text, start, part) for piece in pieces if piece.end > piece.start}


def _addresses(text: str, names: tuple[Piece, ...], tabled: tuple[Piece, ...]) -> tuple[Piece, ...]:
    """Addresses that say so, then cells below such a heading, then houses right after names."""
    found = tuple(Piece(DataKind.RESIDENCE, start, end, certainty) for start, end, certainty in residences(text))
    found += _beyond(found, (one for one in tabled if one.kind is DataKind.RESIDENCE))
    return found + _beyond(found, _houses(text, names))


def _numbers(
    text: str, names: tuple[Piece, ...], addresses: tuple[Piece, ...], tabled: tuple[Piece, ...]
) -> tuple[Piece, ...]:
    """All that is no name: what reaches somebody, where they live, how old they are, which class they are in."""
    reached = tuple(_contacts(text))
    reached += _beyond(reached, (one for one in tabled if one.kind in REACHING))
    aged = tuple(one for one in _ages(text, names) if not _within(one, reached))
    aged += _beyond(aged, (one for one in tabled if one.kind is DataKind.AGE))
    homes = tuple(one for one in addresses if not _within(one, reached))
    houses = _beyond((*homes, *reached), _houses_anywhere(text, names))
    aged = tuple(one for one in aged if not _is_a_houses_number(one, houses))
    homes += _beyond(aged, houses)
    taught = (one for one in _classes(text) if not _within(one, reached))
    return (*homes, *reached, *aged, *taught)


def _houses(text: str, names: tuple[Piece, ...]) -> Iterator[Piece]:
    for name in names:
        if name.people:
            for start, end in houses_beside(text, _past_initials(text, name.end)):
                yield Piece(DataKind.RESIDENCE, start, end, Certainty.HINT)


def _is_a_houses_number(aged: Piece, houses: tuple[Piece, ...]) -> bool:
    """Whether an age is the number behind a street's name: "Бөкөнбаев, 36да"."""
    return any(house.start < aged.start and aged.end <= house.end for house in houses)


def _houses_anywhere(text: str, names: tuple[Piece, ...]) -> Iterator[Piece]:
    """What may be a street and a house, unless somebody's name is in it: then the number is their age.

    One goes to a street called like a surname, too: "Осмонов 28ге".
    """
    named = [piece for piece in names if piece.people]
    for begun, end in streets_and_houses(text):
        start = _past_names(text, begun, end, named)
        within = [name.kind for name in named if start <= name.start and name.end <= end]
        if not within or (within == [DataKind.SURNAME] and _is_gone_to(text, start, end)):
            yield Piece(DataKind.RESIDENCE, start, end, Certainty.HINT)


def _past_names(text: str, start: int, end: int, named: list[Piece]) -> int:
    """Where the street begins if a name stands before it with nothing between: "Айпери Аламедин-1, 40-үйдөн"."""
    past = max((name.end + 1 for name in named if start <= name.start and name.end < end), default=start)
    return past if text[past : past + 1].isupper() else start


def _is_gone_to(text: str, start: int, end: int) -> bool:
    return WHERE_TO.search(text, start, end) is not None and not GROWS.match(text, end)


def _beyond(found: tuple[Piece, ...], more: Iterable[Piece]) -> tuple[Piece, ...]:
    """Those of `more` that touch nothing found already."""
    return tuple(one for one in more if not any(one.start < other.end and one.end > other.start for other in found))


def _position(finding: Finding) -> tuple[int, int, str]:
    where = finding.where
    return (where.start, where.end, finding.kind) if isinstance(where, Span) else (0, 0, finding.kind)


def _finding(piece: Piece, cleaned: Cleaned, text: str, offset: int, part: str) -> Finding:
    within = cleaned.span(piece.start, piece.end)
    span = Span(within.start + offset, within.end + offset)
    people = tuple(sorted(piece.people))
    return Finding(piece.kind, people, piece.certainty, part, span, text[span.start : span.end])


def _is_of_address(name: Piece, addresses: tuple[Piece, ...], text: str) -> bool:
    """Whether a name is the street's and nobody's: a stranger's in an address, or one right before a house's number."""
    if not _within(name, addresses):
        return False
    numbered = HOUSE_FOLLOWS.match(text, name.end) is not None
    sure = (address for address in addresses if address.certainty is Certainty.SURE)
    return not name.people or (numbered and name.certainty is not Certainty.SURE and _within(name, tuple(sure)))


def _within(name: Piece, addresses: tuple[Piece, ...]) -> bool:
    return any(address.start <= name.start and name.end <= address.end for address in addresses)


def _names(cleaned: Cleaned, roster: Roster) -> Iterator[Piece]:
    """Each part of each name once: a surname that siblings share is all of theirs."""
    merged: dict[tuple[DataKind, int, int], Piece] = {}
    for piece in _read_names(cleaned, roster):
        key = piece.kind, piece.start, piece.end
        earlier = merged.get(key, piece)
        merged[key] = replace(earlier, people=earlier.people | piece.people)
    yield from merged.values()


def _read_names(cleaned: Cleaned, roster: Roster) -> Iterator[Piece]:
    reading = read(cleaned, roster)
    read_first = mentions(reading, roster)
    taken = frozenset().union(*(one.words for one in read_first))
    famous = tuple(one for one in read_first if is_the_famous(reading, one))
    found = tuple(one for one in read_first if one not in famous and not somebody_elses(reading, one, taken))
    for mention in found:
        certainty = Certainty.SURE if mention.surname and mention.given else Certainty.LIKELY
        for kind, start, end in _parts(mention):
            yield Piece(kind, start, end, certainty, mention.people)
    for judged in alone(reading, found, roster):
        yield Piece(judged.kind, judged.item.start, judged.item.end, judged.certainty, judged.people)


def _parts(mention: Mention) -> Iterator[tuple[DataKind, int, int]]:
    """The parts of a name. Initials belong to the name beside which they stand: "А. Асанов" is one surname."""
    for kind, item in (
        (DataKind.SURNAME, mention.surname),
        (DataKind.GIVEN_NAME, mention.given),
        (DataKind.PATRONYMIC, mention.patronymic),
    ):
        if item is not None:
            yield kind, *_with_initials(item, mention.initials)


def _with_initials(item: Item, initials: Item | None) -> tuple[int, int]:
    if initials is None:
        return item.start, item.end
    return min(item.start, initials.start), max(item.end, initials.end)


def _contacts(text: str) -> Iterator[Piece]:
    for kind, start, end, certainty in contacts(text):
        yield Piece(kind, start, end, certainty)


def _ages(text: str, names: tuple[Piece, ...]) -> Iterator[Piece]:
    """Births, ages, and days and numbers that may be such; each character once."""
    text = with_digits(text)
    found: list[Piece] = []
    for piece in _ages_in_turn(text, names):
        if not any(piece.start < one.end and piece.end > one.start for one in found):
            found.append(piece)
    return iter(found)


def _ages_in_turn(text: str, names: tuple[Piece, ...]) -> Iterator[Piece]:
    for start, end, certainty in birth_dates(text):
        if not _is_of_the_famous(text, start, names):
            yield Piece(DataKind.AGE, start, end, certainty)
    for start, end in ages(text):
        yield Piece(DataKind.AGE, start, end, Certainty.LIKELY)
    for start, end in dates(text):
        certainty_of_it = None if _is_of_the_famous(text, start, names) else _may_be_a_birth(text, start, end, names)
        if certainty_of_it is not None:
            yield Piece(DataKind.AGE, start, end, certainty_of_it)
    for name in names:
        yield from _bare_beside(text, name)
    for start, end in dates_of_strangers(text):
        yield Piece(DataKind.AGE, start, end, Certainty.HINT)


def _is_of_the_famous(text: str, start: int, names: tuple[Piece, ...]) -> bool:
    """Whether a date follows the name of somebody famous who has no namesake here: "Чыңгыз Айтматов 1928-жылы"."""
    begun = max(0, start - BEFORE_A_DATE)
    found = FAMOUS_NAME.search(text, begun, start)
    if found is None or any(name.people and name.start < start and name.end > found.start() for name in names):
        return False
    pairs = list(combinations((fold(word) for word in re.findall(r"\w+", found["name"])), 2))
    by_initial = any(len(first) == 1 and famous(last) is not None for first, last in pairs)
    return by_initial or any(famous_pair(first, last) or famous_pair(last, first) for first, last in pairs)


def _may_be_a_birth(text: str, start: int, end: int, names: tuple[Piece, ...]) -> Certainty | None:
    """How surely a date is somebody's of which nothing says so: it stands beside a name, or is of such a year."""
    is_of_such_a_year = may_be_of_a_birth(text[start:end])
    if _follows_name(text, start, names):
        if is_of_such_a_year:
            return Certainty.LIKELY
        elsewhere = "\n" in text[max(0, start - 3) : start] or DATE_UNTIL.match(text, end)
        return None if elsewhere else Certainty.HINT
    return Certainty.HINT if is_of_such_a_year and not is_an_events(text, start, end) else None


def _bare_beside(text: str, name: Piece) -> Iterator[Piece]:
    """A day, a year or an age that stands right after somebody's name, without a word that says what it is."""
    past = _past_initials(text, name.end)
    for start, end in dates_beside(text, past):
        yield Piece(DataKind.AGE, start, end, Certainty.HINT)
    if name.people:
        for start, end in numbers_beside(text, past):
            yield Piece(DataKind.AGE, start, end, Certainty.HINT)


def _past_initials(text: str, end: int) -> int:
    """Where a name ends with the initial's stop."""
    return end + 1 if text[end : end + 1] == "." else end


def _follows_name(text: str, start: int, names: tuple[Piece, ...]) -> bool:
    return any(
        name.people
        and 0 < start - name.end <= LONGEST_BETWEEN
        and BETWEEN_NAME_AND_BIRTH.fullmatch(text, name.end, start)
        for name in names
    )


def _classes(text: str) -> Iterator[Piece]:
    for start, end in classes(text):
        yield Piece(DataKind.SCHOOL_CLASS, start, end, Certainty.LIKELY)


def _of_somebody(piece: Piece, names: tuple[Piece, ...], text: str) -> Piece:
    """The piece as the nearest name's. Nobody's age or class is no more than a hint."""
    first = bisect_left(names, piece.start - ALSO_ABOUT - LONGEST_NAME, key=_start)
    past = bisect_left(names, piece.end + ALSO_ABOUT, lo=first, key=_start)
    near = [name for name in names[first:past] if name.people and _distance(piece, name, text) <= ALSO_ABOUT]
    if near:
        return Piece(piece.kind, piece.start, piece.end, piece.certainty, _whose(piece, near, text))
    says_nothing = piece.kind in {DataKind.AGE, DataKind.SCHOOL_CLASS} and piece.certainty is Certainty.LIKELY
    return Piece(piece.kind, piece.start, piece.end, Certainty.HINT if says_nothing else piece.certainty)


def _whose(piece: Piece, near: list[Piece], text: str) -> frozenset[str]:
    """Whose it is of those named near: before it, unless more parts it from them than from who is named after it.

    Where nothing tells them apart it may be either's, and a person says whose it is (2.15).
    """
    before = [name for name in near if name.start <= piece.start]
    after = [name for name in near if name.start > piece.start]
    if not before or not after:
        return min(near, key=lambda name: (_distance(piece, name, text), name.start)).people
    last, following = max(before, key=lambda name: name.end), min(after, key=_start)
    behind, ahead = _parting(text[last.end : piece.start]), _parting(text[piece.end : following.start])
    if behind == ahead:
        return last.people | following.people
    return last.people if behind < ahead else following.people


def _parting(between: str) -> int:
    """How much parts two things by the marks between them: nothing, a dash or a comma, the end of a clause."""
    if CLAUSE_ENDS.search(between):
        return 3
    return 2 if "," in between else 1 if re.search(r"[:\-]", between) else 0


def _start(piece: Piece) -> int:
    return piece.start


def _distance(piece: Piece, name: Piece, text: str) -> int:
    """How far apart they stand; a line's end parts them, and what comes before a name is less likely its own."""
    left, right = min(piece.end, name.end), max(piece.start, name.start)
    if left < right and "\n" in text[left:right]:
        return ALSO_ABOUT + 1
    gap = max(0, right - left)
    return gap if name.start <= piece.start else gap + gap // 2
