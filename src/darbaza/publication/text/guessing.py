"""Names that are misspelt by a letter: put before a person where something beside them says whose they may be."""

from collections.abc import Iterator

from darbaza.publication.kinds import DataKind
from darbaza.publication.text import vocabulary
from darbaza.publication.text.context import beside, has_close_cue, is_called, is_place
from darbaza.publication.text.names import Item, Reading, initials_beside
from darbaza.publication.text.roster import Hit, NamePart, Roster
from darbaza.publication.text.shapes import famous, is_known_name
from darbaza.publication.text.words import Word

Guess = tuple[DataKind, Item, frozenset[str]]
SHORTEST = 5
KINDS = {
    NamePart.PATRONYMIC: DataKind.PATRONYMIC,
    NamePart.SURNAME: DataKind.SURNAME,
    NamePart.GIVEN: DataKind.GIVEN_NAME,
}


def guessed(reading: Reading, roster: Roster, taken: frozenset[int]) -> Iterator[Guess]:
    """Words that are nobody's name as they stand, but somebody's with one letter changed, and the name beside them."""
    known = {index for item in (*reading.surnames, *reading.givens, *reading.patronymics) for index in _words(item)}
    for index, word in enumerate(reading.words):
        if index in taken or index in known or not _may_be_misspelt(reading, word):
            continue
        item = Item(index, index, word.start, word.end, (), word.capital)
        yield from _guess(reading, roster, item, word)


def _may_be_misspelt(reading: Reading, word: Word) -> bool:
    name = word.capital or not reading.has_capitals
    return name and len(word.folded) >= SHORTEST


def _words(item: Item) -> range:
    return range(item.first, item.last + 1)


def _guess(reading: Reading, roster: Roster, item: Item, word: Word) -> Iterator[Guess]:
    names = [other for index in beside(reading, item, " \n") for other in _names_at(reading, index)]
    initials = list(initials_beside(reading, item))
    cue = has_close_cue(reading, item) or is_called(reading, item)
    if not (names or initials or cue) or is_place(reading, item):
        return
    hits = roster.misspelt(word.folded)
    for other in names:
        if people := _people(hits) & other.people:
            yield _kind(hits, people), item, people
            yield (
                DataKind.SURNAME if other in reading.surnames_at.get(other.first, ()) else DataKind.GIVEN_NAME,
                other,
                people,
            )
            return
    surnames = tuple(hit for hit in hits if hit.part is NamePart.SURNAME)
    for one in initials:
        letters = {letter.lower() for letter in one.initials}
        if people := frozenset(person for person in _people(surnames) if roster.initials[person][1] & letters):
            yield DataKind.SURNAME, item, people
            return
    hits = tuple(hit for hit in hits if hit.part is not NamePart.PATRONYMIC)
    if cue and hits and not is_known_name(word.folded) and not _is_else(word.folded):
        yield _kind(hits, _people(hits)), item, _people(hits)


def _is_else(folded: str) -> bool:
    """Whether it is a word, or somebody famous."""
    if famous(folded) is not None:
        return True
    return folded in vocabulary.ALSO_WORDS or vocabulary.PERSON.fullmatch(folded) is not None


def _names_at(reading: Reading, index: int) -> tuple[Item, ...]:
    return (*reading.givens_at.get(index, ()), *reading.surnames_at.get(index, ()))


def _people(hits: tuple[Hit, ...]) -> frozenset[str]:
    return frozenset().union(*(hit.people for hit in hits))


def _kind(hits: tuple[Hit, ...], people: frozenset[str]) -> DataKind:
    return next(KINDS[hit.part] for hit in hits if hit.people & people)
