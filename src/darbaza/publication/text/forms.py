"""Which endings a name takes: Kyrgyz suffixes and Russian cases, over folded words (see `folding`).

A form says in which cases it may stand: `n g d a i p` are Russian, `k` any Kyrgyz suffix, and `*` a word that Russian
does not decline. Letters are folded, so that ы, й and и are one, and ь is nothing.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

Cases = frozenset[str]

BASE: Cases = frozenset("n")
INDECLINABLE: Cases = frozenset("ngdaip*")
KYRGYZ: Cases = frozenset("k")
PLURAL = "P"
KYRGYZ_PLURAL: Cases = frozenset({"k", PLURAL})

# Kyrgyz: plural, possessive, case, and what follows a case. Harmony is not asked for: haste breaks it.
_PLURAL_ENDING = re.compile("[лдт][аео]р")
_PLURAL = "(?:[лдт][аео]р)?"
_POSSESSIVE = "(?:[иу]?м|[иу]?н|с?[иу]|[иу]?б[иу]з|[иу]?н[иу]з|[иу]?н[аео]р)?"
_RELATIVE = "(?:(?:[ндт][иу]к[иу]|н?[дт][аео]г[иу])" + _PLURAL + _POSSESSIVE + ")?"  # whose, where it is; then anew
_CASE = (
    "(?:[ндт][иу]н|[ндт][иу]|н|[гк][аео]|н?[аео](?<=[мниус][аео])|н?[дт][аео]|[днт][аео]н"  # the six cases
    "|н?[дт][аео]и|ч[аео]|[гк][аео]ч[аео]|с[иу]з)?"  # like, as, up to, without
)
_AFTER = "(?:[бпм][иу]|м[иу]н|с[иу]н|б[иу]з|ч[аеоиу]к|ч[иу]|жан|[дт][иу]р)?"
SUFFIXES = re.compile(_PLURAL + _POSSESSIVE + _RELATIVE + _CASE + _AFTER)
VOICED = {"к": "г", "п": "б"}

_CONSONANT = {
    "": "n", "а": "ga", "я": "ga", "у": "d", "ю": "di", "ом": "i", "ем": "i", "е": "p", "и": "gdpP", "ам": "P",
    "ами": "P", "ах": "P",
}  # fmt: skip
_VOWEL_A = {
    "а": "n", "я": "n", "и": "gdp", "е": "dp", "у": "a", "ю": "a", "ои": "i", "ою": "i", "еи": "i", "ею": "i",
    "ам": "P", "ами": "P", "ах": "P", "ям": "P", "ями": "P", "ях": "P",
}  # fmt: skip
_SHORT_I = {"и": "np", "я": "ga", "ю": "d", "ем": "i", "е": "p"}
_MASCULINE_OV = {"": "n", "а": "ga", "у": "d", "им": "i", "ом": "i", "е": "p", "и": "P", "их": "P", "ими": "P"}
_FEMININE_OV = {
    "а": "n",
    "ои": "gdip",
    "еи": "gdip",
    "у": "a",
    "ою": "i",
    "ею": "i",
    "и": "P",
    "их": "P",
    "им": "P",
    "ими": "P",
}
_MASCULINE_SK = {"ии": "n", "и": "n", "ого": "ga", "ому": "d", "им": "i", "ом": "p", "ие": "P", "их": "P", "ими": "P"}
_FEMININE_SK = {"ая": "n", "ои": "gdip", "ую": "a", "ою": "i", "ие": "P", "их": "P", "ими": "P"}


def _table(endings: Mapping[str, str]) -> Mapping[str, Cases]:
    return {ending: frozenset(cases) for ending, cases in endings.items()}


ENDINGS: Mapping[str, Mapping[str, Cases]] = {
    "base": {"": BASE},
    "indeclinable": {"": INDECLINABLE},
    "voiced": {},
    "consonant": _table(_CONSONANT),
    "a": _table(_VOWEL_A),
    "short-i": _table(_SHORT_I),
    "ov": _table(_MASCULINE_OV),
    "ova": _table(_FEMININE_OV),
    "sky": _table(_MASCULINE_SK),
    "skaya": _table(_FEMININE_SK),
}
FLEETING = {"павел": "павл", "лев": "лв"}
SURNAME_OV = re.compile(r"..(?:ов|ев|ин)")
SURNAME_OVA = re.compile(r"..(?:ов|ев|ин)а")


@dataclass(frozen=True, slots=True)
class Stem:
    """What a form begins with, its Russian endings (a key of `ENDINGS`), and whether Kyrgyz suffixes may follow.

    `several` is a woman's surname as a family has it, "Асановдор": only the plural is hers as well.
    """

    text: str
    russian: str
    kyrgyz: bool = False
    voiced: bool = False
    several: bool = False

    def cases(self, ending: str) -> Cases:
        """In which cases the stem with this ending may stand: none if it is no form of the name."""
        found = ENDINGS[self.russian].get(ending, frozenset())
        if self.several and not _PLURAL_ENDING.match(ending):
            return frozenset()
        if ending and self.kyrgyz and self._takes(ending):
            return found | (KYRGYZ_PLURAL if _PLURAL_ENDING.match(ending) else KYRGYZ)
        return found

    def _takes(self, ending: str) -> bool:
        """Whether a Kyrgyz ending may follow. "Ивановка" is a village, not somebody's dative: that is Ивановго."""
        if self.voiced and ending[0] not in "иу":
            return False
        village = ending[0] == "к" and ending != "ко" and self.text.endswith(("ов", "ев", "ин"))
        return not village and is_suffix(ending)


@lru_cache(maxsize=1 << 16)
def is_suffix(ending: str) -> bool:
    """Whether these folded letters are Kyrgyz suffixes, or nothing."""
    return SUFFIXES.fullmatch(ending) is not None


def stems(name: str, *, written: str, surname: bool, declined: bool) -> tuple[Stem, ...]:
    """The stems of a folded name. `written` is its lower-case original; `declined` if its bearer is surely a man."""
    bare = "base" if declined or _declines(name, surname) else "indeclinable"
    base = Stem(name, bare, kyrgyz=True)
    voiced = (Stem(name[:-1] + VOICED[name[-1]], "voiced", kyrgyz=True, voiced=True),) if name[-1:] in VOICED else ()
    return (base, *voiced, *_russian(name, written, surname=surname))


def _declines(name: str, surname: bool) -> bool:
    return name.endswith(("а", "я")) or (surname and bool(SURNAME_OV.search(name)))


def _russian(name: str, written: str, *, surname: bool) -> tuple[Stem, ...]:
    if surname:
        if SURNAME_OV.fullmatch(name[-4:]):
            return (Stem(name, "ov"),)
        if SURNAME_OVA.fullmatch(name[-5:]):
            return (Stem(name[:-1], "ova"), Stem(name[:-1], "base", kyrgyz=True, several=True))
        if name.endswith(("скии", "цкии")):
            return (Stem(name[:-2], "sky"),)
        if name.endswith(("ская", "цкая")):
            return (Stem(name[:-2], "skaya"),)
        if name.endswith("ец"):
            return (Stem(name[:-2] + "ц", "consonant"),)
    return _russian_noun(name, written)


def _russian_noun(name: str, written: str) -> tuple[Stem, ...]:
    if name.endswith(("а", "я")):
        return (Stem(name[:-1], "a"),)
    if written.endswith("й"):
        return (Stem(name[:-1], "short-i"),)
    if name in FLEETING:
        return (Stem(FLEETING[name], "consonant"),)
    return () if name[-1:] in "аеиоуюя" else (Stem(name, "consonant"),)
