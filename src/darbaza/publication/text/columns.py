"""What a table's headings say of its cells, in a cleaned text: a bare "51" below "жашы" is somebody's age."""

import re
from collections.abc import Iterable, Iterator

from darbaza.publication.kinds import DataKind

OF_PEOPLE = re.compile(
    r"\bф\.?\s?и\.?(?:\s?о\.?)?(?!\w)|\bф\.?\s?а\.?\s?а\.?(?!\w)|\bаты\b|\bимя|фамил|окуучу|учени|учащ|\bбала"
    r"|\bкто\b|\bname|мугалим|учител"
    r"|катышуучу|участни|ата-эне"
    r"|родител|сотрудни|кызматкер|спортсмен|выпускни|бүтүрүүчү|familiya",
    re.IGNORECASE,
)
"""A heading below which people stand: only then does a bare "year" or "number" tell of people."""
OF_PEOPLE_ALONE = re.compile(
    r"\bжаш(?:ы|т\w*)?\b|\bкурак|\bкураг|возраст|туул|рожд|\bпин\b|жашаган|прожива", re.IGNORECASE
)
"""A heading that tells of people by itself."""
HEADINGS = (
    (DataKind.PHONE, re.compile(r"\bтел\b|\bтел\.|телефон|байланыш|phone|\bмоб|ватсап|whats|уюлдук", re.IGNORECASE)),
    (
        DataKind.RESIDENCE,
        re.compile(
            r"даре[гк]|адрес|жашаган|турак|прописк|прожива|место жит|address|айыл|көчө|улиц|manzil", re.IGNORECASE
        ),
    ),
    (
        DataKind.DOCUMENT_NUMBER,
        re.compile(r"\bпин\b|\bинн\b|\bжск\b|паспорт|күбөлүк|свидетельств|метрик|документ|\bсерия", re.IGNORECASE),
    ),
    (
        DataKind.AGE,
        re.compile(
            r"^(?!.*(?:берил|выда|кабыл|при[её]м|окуу|учебн)).*(?:\bжаш(?:ы|т\w*)?\b|\bкура[кг]|возраст|\bлет\b"
            r"|туул|төрөл|рожд"
            r"|\bг\.?\s?р\b|\bд\.?\s?р\b|\bж\.?\s?т\b|\bт\.?\s?[кж]\b|\b[тж]/[тжк]\b|birth|\bage\b|\bdob\b)",
            re.IGNORECASE,
        ),
    ),
    (DataKind.EMAIL, re.compile(r"e-?mail|почта|электрондук", re.IGNORECASE)),
)
A_TIME = re.compile(r"\s*(?:күнү?|день|айы?|месяц|жылы?|год|число)\s*", re.IGNORECASE)
"""A heading that is somebody's birth only in a table of people."""
CELLS = {
    DataKind.AGE: re.compile(r"\s*\D{0,3}(?P<cell>\d[^\t\n]{0,30}?)\s*"),
    DataKind.RESIDENCE: re.compile(r"\s*(?P<cell>[^\t\n]{3,120}?)\s*"),
    DataKind.PHONE: re.compile(r"\s*(?P<cell>\(?\+?\d[\d ().\-/]{4,24})\s*"),
    DataKind.DOCUMENT_NUMBER: re.compile(r"\s*(?P<cell>[^\t\n]{0,10}\d[^\t\n]{3,30}?)\s*"),
    DataKind.EMAIL: re.compile(r"\s*(?P<cell>[^\t\n]*@[^\t\n]*)\s*"),
}
MOST_CELLS = 40


def kind_of(heading: str, *, of_people: bool) -> DataKind | None:
    """What stands below a heading; `of_people` if the table's headings say that it tells of people."""
    if of_people and A_TIME.fullmatch(heading):
        return DataKind.AGE
    return next((kind for kind, pattern in HEADINGS if pattern.search(heading)), None)


def tells_of_people(headings: Iterable[str]) -> bool:
    """Whether a table with these headings tells of people."""
    return any(OF_PEOPLE.search(heading) or OF_PEOPLE_ALONE.search(heading) for heading in headings)


def told_by_headings(text: str) -> Iterator[tuple[DataKind, int, int]]:
    """Cells of tables (tabs between them) below a heading that says what they tell of people."""
    if "\t" not in text:
        return
    kinds: dict[int, DataKind] = {}
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


def _kinds(headings: list[str]) -> dict[int, DataKind]:
    """What the columns hold, by their places; nothing unless it is said that they tell of people."""
    if not tells_of_people(headings):
        return {}
    found = {place: kind_of(heading, of_people=True) for place, heading in enumerate(headings)}
    return {place: kind for place, kind in found.items() if kind is not None}


def _told(cells: list[str], start: int, kinds: dict[int, DataKind]) -> Iterator[tuple[DataKind, int, int]]:
    for place, cell in enumerate(cells):
        kind = kinds.get(place)
        found = CELLS[kind].fullmatch(cell) if kind is not None else None
        if kind is not None and found is not None:
            yield kind, start + found.start("cell"), start + found.end("cell")
        start += len(cell) + 1
