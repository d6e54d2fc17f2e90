"""What a name looks like, whoever bears it: for people whom the roster does not know, and for surnames beside names."""

import re
from functools import cache, lru_cache

from darbaza.publication.text import vocabulary
from darbaza.publication.text.forms import ENDINGS, SUFFIXES
from darbaza.publication.text.roster import Hit, Named, NamePart, Roster

SURNAME_SHAPE = re.compile(r"(.{2,}?(?:ов|ев))(а?)(\w{0,12})")
IN_SHAPE = re.compile(r"(.{2,}?ин)(а?)(\w{0,12})")
OTHER_SHAPE = re.compile(r".{3,}(?:скои|цкои|нскои|скии|цкии|омец|омц\w{1,3})|донск\w+")
PATRONYMIC_SHAPE = re.compile(r".{3,}(?:ович|евич|овн|евн)\w{0,6}")
GENITIVE = re.compile(r".{2,}[ндт][иу]н(?:[дк]\w{0,8})?")
"""Any Kyrgyz word in the genitive looks like a surname in -ин: "биздин", "мектептин"."""


@cache
def known_names() -> Roster:
    """Given names that are common in Kyrgyzstan, as people without surnames."""
    names = dict.fromkeys(vocabulary.GIVEN_NAMES)
    return Roster.of(Named(name, "", name) for name in names)


@lru_cache(maxsize=1 << 14)
def is_known_name(folded: str) -> bool:
    """Whether it is a form of a common given name, and not only of a short one."""
    return bool(given_hits(folded))


@lru_cache(maxsize=1 << 14)
def given_hits(folded: str) -> tuple[Hit, ...]:
    """Of which common given names it is a form."""
    return tuple(hit for hit in known_names().hits(folded) if hit.part is NamePart.GIVEN)


@lru_cache(maxsize=1 << 14)
def surname_shaped(folded: str, *, strict: bool) -> bool:
    """Whether it may be a surname by its look; `strict` asks for -ов or -ев, since many words end in -ин."""
    if PATRONYMIC_SHAPE.fullmatch(folded) or folded in vocabulary.ALSO_WORDS or folded.startswith(vocabulary.CITIES):
        return False
    for shape in (SURNAME_SHAPE,) if strict else (SURNAME_SHAPE, IN_SHAPE):
        found = shape.fullmatch(folded)
        if found and not _is_village(found) and _ends_as_surname(found[2] + found[3]):
            return shape is SURNAME_SHAPE or GENITIVE.fullmatch(folded) is None
    return False


def _is_village(found: re.Match[str]) -> bool:
    """A name such as "Ивановка": after a surname Kyrgyz says -го."""
    return not found[2] and found[3][:1] == "к" and found[3] != "ко"


def _ends_as_surname(ending: str) -> bool:
    suffix = ending.removeprefix("а")
    return ending in ENDINGS["ov"] or ending in ENDINGS["ova"] or SUFFIXES.fullmatch(suffix) is not None


def is_surname_like(folded: str) -> bool:
    """Whether it looks like anybody's surname."""
    return surname_shaped(folded, strict=False) or OTHER_SHAPE.fullmatch(folded) is not None


def is_womans(folded: str) -> bool | None:
    """Whether a surname's form is a woman's; None if it may be anybody's."""
    for shape in (SURNAME_SHAPE, IN_SHAPE):
        found = shape.fullmatch(folded)
        if found and found[2] and found[3] not in ENDINGS["consonant"]:
            return True
        if found and not found[2]:
            return False if found[3] == "" or found[3] not in ENDINGS["ova"] else None
    return None


def ends_with_kyrgyz_case(folded: str) -> bool:
    """Whether a surname has a Kyrgyz suffix that no Russian case looks like: what stands after it is not its own."""
    found = SURNAME_SHAPE.fullmatch(folded) or IN_SHAPE.fullmatch(folded)
    ending = found[3] if found else ""
    return len(ending) > 1 and ending not in ENDINGS["ov"] and ending not in ENDINGS["ova"]


@lru_cache(maxsize=1 << 14)
def famous(folded: str) -> tuple[str, ...] | None:
    """How the given names of the famous begin who bear this surname, in whatever form; None if nobody famous does."""
    for surname, names in vocabulary.FAMOUS.items():
        if folded.startswith(surname) and SUFFIXES.fullmatch(folded[len(surname) :].removeprefix("а")):
            return names
        if folded.startswith(surname) and any(folded[len(surname) :] in table for table in ENDINGS.values()):
            return names
    stem = next(
        (name for name in vocabulary.FAMOUS if name.endswith(("ои", "ии")) and folded.startswith(name[:-2])), ""
    )
    return (
        vocabulary.FAMOUS[stem] if stem and re.fullmatch(r"(?:ого|ому|им|ом|ои)\w*", folded[len(stem) - 2 :]) else None
    )


def famous_pair(surname: str, given: str) -> bool:
    """Whether the two are somebody famous."""
    names = famous(surname)
    return any(given.startswith(name) for name in names or ())
