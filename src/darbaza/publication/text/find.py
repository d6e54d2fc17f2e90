"""Everything in a text that says who somebody is."""

import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, replace

from darbaza.publication.findings import Certainty, Finding, Span
from darbaza.publication.kinds import DataKind
from darbaza.publication.text.ages import (
    CLASS,
    YEAR_BESIDE_A_NAME,
    ages,
    birth_dates,
    classes,
    dates,
    is_an_events,
    may_be_of_a_birth,
)
from darbaza.publication.text.cleaning import Cleaned, clean
from darbaza.publication.text.contacts import contacts
from darbaza.publication.text.judging import alone, is_the_famous, somebody_elses
from darbaza.publication.text.names import Item, Mention, mentions, read
from darbaza.publication.text.residence import residences
from darbaza.publication.text.roster import Roster

LONGEST_PIECE = 20_000
ALSO_ABOUT = 160
"""How many characters from a name a number or an address may still be that person's."""
LONGEST_NAME = 160
"""Characters of a name with all its parts, spread out."""
BARE_AGE = re.compile(r",\s?(?P<age>[5-9]|1\d)(?=\s*(?:\.(?!\d)|[;)\n]|$))")
"""An age as newspapers put it: "Асанов Айбек, 13"."""
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
    names = tuple(_names(cleaned, roster))
    addresses = tuple(
        Piece(DataKind.RESIDENCE, start, end, certainty) for start, end, certainty in residences(cleaned.text)
    )
    names = tuple(name for name in names if not _is_of_address(name, addresses, cleaned.text))
    reached = tuple(_contacts(cleaned.text))
    addresses = tuple(one for one in addresses if not _within(one, reached))
    taught = (one for one in _classes(cleaned.text) if not _within(one, reached))
    aged = (one for one in _ages(cleaned.text, names) if not _within(one, reached))
    numbers = (*addresses, *reached, *aged, *taught)
    letters = tuple(piece for piece in reached if piece.kind is DataKind.EMAIL)
    shown = (name for name in names if not _within(name, letters))
    ordered = tuple(sorted(names, key=_start))
    pieces = (*shown, *(_of_somebody(piece, ordered, cleaned.text) for piece in numbers))
    return {_finding(piece, cleaned, text, start, part) for piece in pieces if piece.end > piece.start}


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
    return not name.people or (numbered and name.certainty is not Certainty.SURE)


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
    born = tuple(birth_dates(text))
    for start, end, certainty in born:
        yield Piece(DataKind.AGE, start, end, certainty)
    for start, end in dates(text):
        known = any(start < past and end > begun for begun, past, _ in born)
        certainty_of_it = None if known else _may_be_a_birth(text, start, end, names)
        if certainty_of_it is not None:
            yield Piece(DataKind.AGE, start, end, certainty_of_it)
    for name in names:
        yield from _bare_beside(text, name)
    for start, end in ages(text):
        yield Piece(DataKind.AGE, start, end, Certainty.LIKELY)


def _may_be_a_birth(text: str, start: int, end: int, names: tuple[Piece, ...]) -> Certainty | None:
    """How surely a date is somebody's of which nothing says so: it stands beside a name, or is of such a year."""
    is_of_such_a_year = may_be_of_a_birth(text[start:end])
    if _follows_name(text, start, names):
        if is_of_such_a_year:
            return Certainty.LIKELY
        return None if DATE_UNTIL.match(text, end) else Certainty.HINT
    return Certainty.HINT if is_of_such_a_year and not is_an_events(text, start, end) else None


def _bare_beside(text: str, name: Piece) -> Iterator[Piece]:
    """A year or an age that stands right after somebody's name, without a word that says what it is."""
    if name.people:
        year = YEAR_BESIDE_A_NAME.match(text, _past_initials(text, name.end))
        age = BARE_AGE.match(text, name.end)
        year = year if year and may_be_of_a_birth(year["year"]) else None
        spans = [found.span(what) for found, what in ((year, "year"), (age, "age")) if found]
        yield from (Piece(DataKind.AGE, start, end, Certainty.HINT) for start, end in spans)


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
        nearest = min(near, key=lambda name: (_distance(piece, name, text), name.start))
        return Piece(piece.kind, piece.start, piece.end, piece.certainty, nearest.people)
    says_nothing = piece.kind in {DataKind.AGE, DataKind.SCHOOL_CLASS} and piece.certainty is Certainty.LIKELY
    return Piece(piece.kind, piece.start, piece.end, Certainty.HINT if says_nothing else piece.certainty)


def _start(piece: Piece) -> int:
    return piece.start


def _distance(piece: Piece, name: Piece, text: str) -> int:
    """How far apart they stand; a line's end parts them, and what comes before a name is less likely its own."""
    left, right = min(piece.end, name.end), max(piece.start, name.start)
    if left < right and "\n" in text[left:right]:
        return ALSO_ABOUT + 1
    gap = max(0, right - left)
    return gap if name.start <= piece.start else gap + gap // 2
