"""People whom the roster does not know: hints without an id, by what their names look like."""

from collections.abc import Iterator

from darbaza.publication.kinds import DataKind
from darbaza.publication.text import vocabulary
from darbaza.publication.text.context import beside, beside_capital, capital_says_nothing, is_place, titled
from darbaza.publication.text.forms import PLURAL
from darbaza.publication.text.names import LINKER, Item, Reading, initials_beside
from darbaza.publication.text.shapes import PATRONYMIC_SHAPE, famous, given_hits, surname_shaped

GAP = " \n"


def strangers(reading: Reading, seen: set[int]) -> Iterator[tuple[DataKind, Item]]:
    """Parts of names of people whom the roster does not know, outside the words that were seen."""
    for index, word in enumerate(reading.words):
        if index in seen or not word.capital or not word.folded or vocabulary.PERSON.fullmatch(word.folded):
            continue
        item = Item(index, index, word.start, word.end, given_hits(word.folded), True)
        kind = _stranger(reading, item, word.folded)
        if kind is not None and not is_place(reading, item):
            yield kind, item


def _stranger(reading: Reading, item: Item, folded: str) -> DataKind | None:
    near = [reading.words[index].folded for index in beside(reading, item, GAP)]
    if PATRONYMIC_SHAPE.fullmatch(folded):
        return None if any(famous(other) is not None for other in near) else DataKind.PATRONYMIC
    if surname_shaped(folded, strict=not _name_beside(reading, item, near)):
        a_word = not surname_shaped(folded, strict=True) or folded in vocabulary.SURNAMES_ALSO_WORDS
        shouted = capital_says_nothing(reading, item) and a_word
        return None if famous(folded) is not None or shouted else DataKind.SURNAME
    hits = item.hits
    if folded in vocabulary.HEROES and not near:
        return None
    if all(PLURAL in hit.cases for hit in hits) or any(famous(other) is not None for other in near):
        return None
    followed = item.last + 1 < len(reading.words) and LINKER.fullmatch(reading.words[item.last + 1].folded)
    if followed or any(surname_shaped(other, strict=False) or PATRONYMIC_SHAPE.fullmatch(other) for other in near):
        return DataKind.GIVEN_NAME
    plain = not any(hit.name in vocabulary.ALSO_WORDS for hit in hits) and not titled(reading, item)
    return DataKind.GIVEN_NAME if plain and not beside_capital(reading, item) else None


def _name_beside(reading: Reading, item: Item, near: list[str]) -> bool:
    return any(given_hits(other) for other in near) or any(True for _ in initials_beside(reading, item))
