"""The people of a school, ready to be looked for in any case form, spelling and alphabet."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

from darbaza.publication.text.folding import fold, from_skeleton, transliterated
from darbaza.publication.text.forms import Cases, Stem, is_suffix, stems
from darbaza.publication.text.misspelt import Misspelt
from darbaza.publication.text.short_names import short_names
from darbaza.publication.text.spelling import colloquial_patronymics, spellings

MAN, WOMAN = "m", "f"
LINKERS = re.compile(r"(уулу|уул|огли|угли|улу)|(кизи|киз)|(тегин)")
PATRONYMIC = re.compile(r"(.{2,}?)(?:ович|евич|ич|овна|евна|ична|инична|инишна|ишна)")
SURNAME_OF_FATHER = re.compile(r"(.{3,}?)(?:ов|ев|ова|ева)")
LONGEST_NAME = 40
SHORTEST_JOINED = 9
"""Letters of a surname and a given name in one run: fewer may be any word."""
PARTS = re.compile(r"[\s\-]+")


class NamePart(StrEnum):
    """Which part of a name something is; `SHORT` is a pet name.

    A father's name counts as one only with *уулу*, *кызы* or *тегин*.
    """

    SURNAME = "surname"
    GIVEN = "given"
    SHORT = "short"
    PATRONYMIC = "patronymic"
    FATHER_OF_SURNAME = "father-of-surname"
    FATHER = "father"


@dataclass(frozen=True, slots=True)
class Named:
    """A person of the roster: the id that findings name, and the name as the class register has it.

    `sex` is `m`, `f`, or empty if unknown; it is then read off the surname and the patronymic.
    """

    id: str
    surname: str
    given_name: str
    patronymic: str = ""
    school_class: str = ""
    sex: str = ""


@dataclass(frozen=True, slots=True)
class Hit:
    """What a word of a text may be: a part of some people's names, and the cases in which it stands there."""

    part: NamePart
    name: str
    people: frozenset[str]
    cases: Cases
    whole: bool = True


@dataclass(frozen=True, slots=True)
class _Entry:
    part: NamePart
    name: str
    stem: Stem
    whole: bool
    declined: bool = False


@dataclass(frozen=True)
class Roster:
    """People by every stem of their names. Made by `Roster.of`; equal input makes an equal roster."""

    people: Mapping[str, Named]
    cyrillic: Mapping[str, tuple[_Entry, ...]]
    latin: Mapping[str, tuple[_Entry, ...]]
    bearers: Mapping[tuple[NamePart, str, bool, bool], frozenset[str]]
    initials: Mapping[str, tuple[frozenset[str], frozenset[str], frozenset[str]]]

    @classmethod
    def of(cls, people: Iterable[Named]) -> "Roster":
        """The roster of these people. Raises `ValueError` if two of them have one id."""
        known: dict[str, Named] = {}
        for person in people:
            if person.id in known:
                raise ValueError(f"two people of the roster have the id `{person.id}`")
            known[person.id] = person
        return _indexed(known)

    def hits(self, word: str) -> tuple[Hit, ...]:
        """What a folded Cyrillic word may be."""
        return tuple(self._found(self.cyrillic, word, latin=False))

    def latin_hits(self, word: str) -> tuple[Hit, ...]:
        """What the skeleton of a Latin word may be."""
        return tuple(self._found(self.latin, word, latin=True))

    def misspelt(self, word: str) -> tuple[Hit, ...]:
        """What a folded Cyrillic word may be if one letter of it is wrong, or its vowels."""
        return tuple(self._hit(entry, cases) for entry, cases in self._misspelt.hits(word))

    def _hit(self, entry: _Entry, cases: Cases) -> Hit:
        key = entry.part, entry.name, entry.whole, entry.declined
        return Hit(entry.part, entry.name, self.bearers[key], cases, entry.whole)

    @cached_property
    def _misspelt(self) -> Misspelt[_Entry]:
        parts = {NamePart.SURNAME, NamePart.GIVEN, NamePart.PATRONYMIC}
        entries = (entry for found in self.cyrillic.values() for entry in found if entry.part in parts)
        return Misspelt.of((entry.stem, entry) for entry in entries)

    def run_together(self, word: str, *, latin: bool) -> frozenset[str]:
        """Whose surname and given name a folded word, or a Latin skeleton, is when nothing parts them."""
        index = self._joined[latin]
        for length in range(SHORTEST_JOINED, min(len(word), 2 * LONGEST_NAME) + 1):
            if (people := index.get(word[:length])) and is_suffix(word[length:]):
                return people
        return frozenset()

    @cached_property
    def _joined(self) -> tuple[Mapping[str, frozenset[str]], Mapping[str, frozenset[str]]]:
        joined: tuple[dict[str, frozenset[str]], ...] = ({}, {})
        for person in self.people.values():
            surname, given = fold(_letters_only(person.surname)), fold(_letters_only(person.given_name))
            for name in (surname + given, given + surname):
                for index, key in ((0, name), (1, transliterated(name))):
                    if surname and given and len(key) >= SHORTEST_JOINED:
                        joined[index][key] = joined[index].get(key, frozenset()) | {person.id}
        return joined[0], joined[1]

    @cached_property
    def given_names(self) -> frozenset[str]:
        """The folded given names that somebody here bears."""
        return frozenset(name for part, name, *_ in self.bearers if part is NamePart.GIVEN)

    def _found(self, index: Mapping[str, tuple[_Entry, ...]], word: str, *, latin: bool) -> Iterator[Hit]:
        cases: dict[tuple[NamePart, str, bool, bool], Cases] = {}
        for length in range(2, min(len(word), LONGEST_NAME) + 1):
            for entry in index.get(word[:length], ()):
                ending = from_skeleton(word[length:]) if latin else word[length:]
                if found := entry.stem.cases(ending):
                    key = entry.part, entry.name, entry.whole, entry.declined
                    cases[key] = cases.get(key, frozenset()) | found
        for (part, name, whole, declined), found in cases.items():
            yield Hit(part, name, self.bearers[part, name, whole, declined], found, whole)


def _indexed(known: Mapping[str, Named]) -> Roster:
    bearers: dict[tuple[NamePart, str, bool, bool], set[str]] = defaultdict(set)
    entries: dict[_Entry, None] = {}
    for person in known.values():
        for entry in _entries(person):
            entries[entry] = None
            bearers[entry.part, entry.name, entry.whole, entry.declined].add(person.id)
    cyrillic: dict[str, list[_Entry]] = defaultdict(list)
    latin: dict[str, list[_Entry]] = defaultdict(list)
    for entry in entries:
        cyrillic[entry.stem.text].append(entry)
        latin[transliterated(entry.stem.text)].append(entry)
    return Roster(
        known,
        {stem: tuple(found) for stem, found in cyrillic.items()},
        {stem: tuple(found) for stem, found in latin.items()},
        {key: frozenset(people) for key, people in bearers.items()},
        {id_: _initials(person) for id_, person in known.items()},
    )


def sex_of(person: Named) -> str:
    """`m`, `f`, or empty if neither the register nor the name tells."""
    if person.sex:
        return person.sex
    for written in (person.patronymic, person.surname):
        folded = fold(written)
        if re.search(r"(?:ович|евич|ич|уулу|ов|ев|[^а]ин|скии)$", folded):
            return MAN
        if re.search(r"(?:овна|евна|ична|кизи|ова|ева|ина|ская)$", folded):
            return WOMAN
    return ""


def _entries(person: Named) -> Iterator[_Entry]:
    man = sex_of(person) == MAN
    yield from _surname_entries(person.surname, declined=man)
    yield from _plain_entries(NamePart.GIVEN, person.given_name, declined=man)
    yield from _short_entries(person.given_name)
    yield from _patronymic_entries(person.patronymic, sex_of(person))


def _plain_entries(part: NamePart, written: str, *, declined: bool) -> Iterator[_Entry]:
    """A name whole, and the halves of a double name, each of which may stand for it."""
    pieces = [piece for piece in PARTS.split(written.strip().lower()) if piece]
    pieces = ["".join(pieces), *(pieces if len(pieces) > 1 else ())]
    for piece in pieces:
        for spelled in spellings(piece, surname=part is NamePart.SURNAME):
            name = fold(spelled)
            for stem in stems(name, written=spelled, surname=part is NamePart.SURNAME, declined=declined):
                if len(name) > 1:
                    yield _Entry(part, name, stem, piece is pieces[0], declined)


def _short_entries(written: str) -> Iterator[_Entry]:
    for short in short_names(written):
        name = fold(short)
        for stem in stems(name, written=short.lower(), surname=False, declined=True):
            yield _Entry(NamePart.SHORT, name, stem, whole=False)


def _surname_entries(written: str, *, declined: bool) -> Iterator[_Entry]:
    words = fold(" ".join(PARTS.split(written.strip()))).split()
    if len(words) > 1 and LINKERS.fullmatch(words[-1]):
        yield from _father_entries(NamePart.FATHER_OF_SURNAME, "".join(words[:-1]))
        yield from _made_surnames("".join(words[:-1]), declined=declined)
        return
    joined = "".join(words)
    if (linked := re.fullmatch(r"(.{3,})(?:уулу|кизи|тегин)", joined)) is not None:
        yield from _father_entries(NamePart.FATHER_OF_SURNAME, linked[1])
    yield from _plain_entries(NamePart.SURNAME, written, declined=declined)
    if (father := SURNAME_OF_FATHER.fullmatch(joined)) is not None:
        yield from _father_entries(NamePart.FATHER_OF_SURNAME, father[1])


def _made_surnames(father: str, *, declined: bool) -> Iterator[_Entry]:
    """The surnames that papers make of "Өмүрбек кызы"."""
    for name in (father + "ов", father + "ев", father + "ова", father + "ева"):
        for stem in stems(name, written=name, surname=True, declined=declined):
            yield _Entry(NamePart.SURNAME, name, stem, whole=False)


def _father_entries(part: NamePart, father: str) -> Iterator[_Entry]:
    """A father's name as it stands before *уулу*: not declined."""
    for spelled in dict.fromkeys((father, father + "и")):
        if len(spelled) > 1:
            yield _Entry(part, father, Stem(spelled, "base"), whole=True)


def _patronymic_entries(written: str, sex: str) -> Iterator[_Entry]:
    words = fold(" ".join(PARTS.split(written.strip()))).split()
    if not words:
        return
    joined = "".join(words)
    if len(words) > 1 and LINKERS.fullmatch(words[-1]):
        father = "".join(words[:-1])
    elif (linked := re.fullmatch(r"(.{3,})(?:уулу|кизи|тегин)", joined)) is not None:
        father = linked[1]
    else:
        yield from _plain_entries(NamePart.PATRONYMIC, written, declined=sex == MAN)
        found = PATRONYMIC.fullmatch(joined)
        if found is None:
            return
        father = found[1]
    yield from _father_entries(NamePart.FATHER, father)
    yield from _russian_patronymics(father, sex)


def _russian_patronymics(father: str, sex: str) -> Iterator[_Entry]:
    """The patronymics that Russian makes of a father's name."""
    root = father[:-1] if father[-1:] in "аиоуея" and len(father) > 2 else father
    endings = {MAN: ("ович", "евич"), WOMAN: ("овна", "евна")}.get(sex, ("ович", "евич", "овна", "евна"))
    names = [base + ending for base in dict.fromkeys((root, father)) for ending in endings]
    for name in [*names, *(spoken for full in names for spoken in colloquial_patronymics(full))]:
        for stem in stems(name, written=name, surname=False, declined=sex == MAN):
            yield _Entry(NamePart.PATRONYMIC, name, stem, whole=True)


def _letters_only(written: str) -> str:
    return PARTS.sub("", written.strip())


def _initials(person: Named) -> tuple[frozenset[str], frozenset[str], frozenset[str]]:
    """The letters by which surname, given name and patronymic may be abbreviated, Cyrillic and Latin."""
    return (_letters(person.surname), _letters(person.given_name), _letters(person.patronymic))


def _letters(written: str) -> frozenset[str]:
    folded = fold(written.strip())
    if not folded:
        return frozenset()
    latin = transliterated(folded)
    digraph = {latin[:2], latin[0] + "h"} if latin[:2] in {"ch", "sh", "ia", "iu"} else set()
    more = {"д", "d", "zh", "dzh", "dj"} if folded[0] == "ж" else set()
    return frozenset(
        {folded[0], fold(written.strip()[0]), latin[0], "y" if latin[0] == "i" else latin[0]} | digraph | more
    )
