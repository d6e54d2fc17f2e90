"""Spellings of one name that folding does not make alike: Kyrgyz names on Russian papers, and back again."""

import re
from collections.abc import Iterator
from itertools import product

FRONT_SURNAME = re.compile(r"(?=.*[уюү])(?P<stem>.{4,})(?:ов|ев)а?")
SAME_ENDING = (("ия", "ья"), ("ья", "ия"), ("бек", "бег"), ("иевич", "ьевич"), ("ьевич", "иевич"))
BEK = re.compile(r"бек(?=ов|ев|ович|евич|овн|евн)")
BAI = re.compile(r"баев(?=а?$|ич|н)")
FRONT = {"ө": "е", "ү": "ю"}
MOST_FRONT = 4
SPOKEN = re.compile(r"(?P<root>.{2,}?)(?P<ending>ович|евич|овна|евна)")


def spellings(written: str, *, surname: bool) -> tuple[str, ...]:
    """A name in small letters, first as it is written, then as other papers have it.

    Үсөнов is Усенов and Дүйшөнов is Дюйшенов in Russian, Айгүл is Айгюль; Наталья is Наталия; and back again.
    """
    found = dict.fromkeys((written, *_fronted(written), *_unfronted(written, surname=surname)))
    return tuple(dict.fromkeys((*found, *(other for one in found for other in _endings(one)))))


def _fronted(written: str) -> Iterator[str]:
    """Each ө as о (by folding) or е, each ү as у (by folding) or ю: Төлөгөнович is Толегонович on some papers."""
    fronts = [index for index, letter in enumerate(written) if letter in FRONT][:MOST_FRONT]
    for chosen in product((False, True), repeat=len(fronts)):
        letters = list(written)
        for index, change in zip(fronts, chosen, strict=True):
            letters[index] = FRONT[letters[index]] if change else letters[index]
        yield "".join(letters)


def _unfronted(written: str, *, surname: bool) -> Iterator[str]:
    back = re.sub(r"(?<=[бвгджзйклмнпрстфхцчшщ])ю", "ү", written)
    yield back
    if surname and (found := FRONT_SURNAME.fullmatch(written)):
        stem, ending = back[: found.end("stem")], back[found.end("stem") :]
        yield stem.replace("е", "ө") + ending.replace("ев", "өв")
        yield stem.replace("е", "ө") + ending


def _endings(written: str) -> Iterator[str]:
    for one, other in SAME_ENDING:
        if written.endswith(one):
            yield written.removesuffix(one) + other
    if BEK.search(written):
        yield BEK.sub("бег", written)
    if "бегов" in written:
        yield written.replace("бегов", "беков")
    if BAI.search(written):
        yield BAI.sub("баиев", written)


def colloquial_patronymics(name: str) -> Iterator[str]:
    """A folded patronymic as it is spoken: Сергеич, Иваныч, Борисна."""
    found = SPOKEN.fullmatch(name)
    if found is None:
        return
    root, ending = found["root"], found["ending"]
    yield root + {"ович": "ич", "евич": "ич", "овна": "на", "евна": "вна" if root[-1:] in "аеиоу" else "на"}[ending]
