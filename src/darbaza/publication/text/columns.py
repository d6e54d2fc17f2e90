"""What a table's headings say of its cells, in a cleaned text: a bare "51" below "жашы" is somebody's age."""

import re
from collections.abc import Iterator

from darbaza.publication.kinds import DataKind

OF_PEOPLE = re.compile(
    r"\bф\.?\s?и\.?(?:\s?о\.?)?(?!\w)|\bф\.?\s?а\.?\s?а\.?(?!\w)|\bаты\b|\bимя|фамил|окуучу|учени|учащ|\bбала|\bкто\b|\bname|мугалим|учител"
    r"|катышуучу|участни|ата-эне"
    r"|родител|сотрудни|кызматкер|спортсмен|выпускни|бүтүрүүчү|familiya",
    re.IGNORECASE,
)
"""A heading below which people stand: only then does a bare "year" or "number" tell of people."""
OF_PEOPLE_ALONE = re.compile(
    r"\bжаш(?:ы|т\w*)?\b|\bкурак|\bкураг|возраст|туул|рожд|\bпин\b|жашаган|прожива", re.IGNORECASE
)
"""A heading that tells of people by itself."""
TELLING = (
    (
        DataKind.AGE,
        re.compile(
            r"(?!.*(?:берил|выда|кабыл|приём|прием|окуу|учебн))(?:.*(?:\bжаш(?:ы|т\w*)?\b|\bкурак|\bкураг"
            r"|возраст|\bлет\b|туул|төрөл"
            r"|рожд|\bг\.?\s?р\b|\bд\.?\s?р\b|\bж\.?\s?т\b|\bт\.?\s?[кж]\b|\b[тж]/[тжк]\b|birth|\bage\b|\bdob\b)"
            r"|\s*(?:күнү?|день|айы?|месяц|жылы?|год|число)\s*$)",
            re.IGNORECASE,
        ),
        re.compile(r"\s*\D{0,3}(?P<cell>\d[^\t\n]{0,30}?)\s*"),
    ),
    (
        DataKind.RESIDENCE,
        re.compile(r".*(?:адрес|даре[кг]|жашаган|прожива|көчө|улиц|address|manzil)", re.IGNORECASE),
        re.compile(r"\s*(?P<cell>[^\t\n]{3,120}?)\s*"),
    ),
    (
        DataKind.PHONE,
        re.compile(r".*(?:\bтел|байланыш|\bномер|phone|уюлдук|whats|ватсап)", re.IGNORECASE),
        re.compile(r"\s*(?P<cell>\(?\+?\d[\d ().\-/]{4,24})\s*"),
    ),
    (
        DataKind.DOCUMENT_NUMBER,
        re.compile(r".*(?:\bпин\b|\bинн\b|\bжск\b|паспорт|күбөлүк|свидетельств|документ|серия)", re.IGNORECASE),
        re.compile(r"\s*(?P<cell>[^\t\n]{0,10}\d[^\t\n]{3,30}?)\s*"),
    ),
)
MOST_CELLS = 40


def told_by_headings(text: str) -> Iterator[tuple[DataKind, int, int]]:
    """Cells of tables (tabs between them) below a heading that says what they tell of people."""
    if "\t" not in text:
        return
    kinds: dict[int, tuple[DataKind, re.Pattern[str]]] = {}
    start = 0
    for line in text.split("\n"):
        cells = line.split("\t", MOST_CELLS)
        if len(cells) < 2:
            kinds = {}
        elif headed := _kinds(cells):
            kinds = headed
        else:
            yield from _told(cells, start, kinds)
        start += len(line) + 1


def _kinds(headings: list[str]) -> dict[int, tuple[DataKind, re.Pattern[str]]]:
    """What the columns hold, by their places; nothing unless it is said that they tell of people."""
    found: dict[int, tuple[DataKind, re.Pattern[str]]] = {}
    if not any(OF_PEOPLE.search(heading) or OF_PEOPLE_ALONE.search(heading) for heading in headings):
        return found
    for place, heading in enumerate(headings):
        for kind, telling, cell in TELLING:
            if telling.match(heading):
                found[place] = (kind, cell)
                break
    return found


def _told(
    cells: list[str], start: int, kinds: dict[int, tuple[DataKind, re.Pattern[str]]]
) -> Iterator[tuple[DataKind, int, int]]:
    for place, cell in enumerate(cells):
        kind, shape = kinds.get(place, (None, None))
        if kind is not None and shape is not None and (found := shape.fullmatch(cell)):
            yield kind, start + found.start("cell"), start + found.end("cell")
        start += len(cell) + 1
