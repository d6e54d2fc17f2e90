"""Excel's sheets: all of them cell by cell, for the search; and as a reader sees them, without what is hidden."""

import posixpath
import re
from collections.abc import Iterator
from datetime import date, timedelta
from xml.sax.handler import ContentHandler

from darbaza.publication.attachments.archives import Archive
from darbaza.publication.attachments.attributes import attributes_of
from darbaza.publication.attachments.grids import Cells, column_number, passage_of
from darbaza.publication.attachments.paper import Line, Run, Table, TableCell
from darbaza.publication.attachments.passages import AttachmentError, Notice, Passage, Trouble

SHEET = re.compile(r"xl/worksheets/[^/]+\.xml")
MOST_CELLS = 400_000
FIRST_DAY = date(1899, 12, 30)
LAST_DAY = 80_000
DATE_FORMATS = frozenset({*range(14, 18), 22, *range(27, 37), *range(50, 59)})
DATE_LETTERS = re.compile(r"[dy]", re.IGNORECASE)
CLOCK_LETTERS = re.compile(r"[hs]", re.IGNORECASE)
CLOCK_FORMATS = frozenset({*range(18, 22), *range(45, 48)})
LITERALS = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]')
PICTURES = re.compile(r"xl/media/.*")
OBJECTS = re.compile(r"xl/(?:embeddings|charts|activeX|ctrlProps|diagrams)/.*")
WIDEST = 200
"""Columns of a sheet that is set on paper."""
MOST_ROWS = 20_000


class Strings(ContentHandler):
    """The texts that cells share."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.parts: list[str] = []
        self.reads = False

    def startElement(self, name: str, attrs: object) -> None:  # noqa: ARG002, N802 - the parser's name
        """An entry, or a run of its text, begins."""
        tag = name.rpartition(":")[2]
        if tag == "si":
            self.parts = []
        self.reads = tag == "t"

    def characters(self, content: str) -> None:
        """A run of text."""
        if self.reads:
            self.parts.append(content)

    def endElement(self, name: str) -> None:  # noqa: N802 - the parser's name
        """An entry ends."""
        self.reads = False
        if name.rpartition(":")[2] == "si":
            self.found.append("".join(self.parts))


class Styles(ContentHandler):
    """Which of the cells' styles show a number as a day."""

    def __init__(self) -> None:
        super().__init__()
        self.formats: dict[int, bool] = {}
        self.clocks: dict[int, bool] = {}
        self.percents: dict[int, bool] = {9: True, 10: True}
        self.days: list[bool] = []
        self.shapes: list[str] = []
        self.within = False

    def startElement(self, name: str, attrs: object) -> None:  # noqa: N802 - the parser's name
        """A number's format, or a style that uses one."""
        tag, given = name.rpartition(":")[2], dict(attrs.items())  # type: ignore[attr-defined]
        if tag == "numFmt":
            shown = LITERALS.sub("", given.get("formatCode", ""))
            number = _number(given.get("numFmtId"))
            self.formats[number] = bool(DATE_LETTERS.search(shown))
            self.clocks[number] = not self.formats[number] and bool(CLOCK_LETTERS.search(shown))
            self.percents[number] = "%" in shown
        elif tag == "cellXfs":
            self.within = True
        elif tag == "xf" and self.within:
            number = _number(given.get("numFmtId"))
            self.days.append(self.formats.get(number, number in DATE_FORMATS))
            clock = self.clocks.get(number, number in CLOCK_FORMATS)
            self.shapes.append("clock" if clock else "percent" if self.percents.get(number) else "")

    def endElement(self, name: str) -> None:  # noqa: N802 - the parser's name
        """The cells' styles end."""
        if name.rpartition(":")[2] == "cellXfs":
            self.within = False


class Sheet(ContentHandler):
    """The cells of one sheet, and the texts around them."""

    def __init__(self, strings: list[str], days: list[bool]) -> None:
        super().__init__()
        self.strings, self.days = strings, days
        self.cells: Cells = []
        self.around: list[str] = []
        self.at = (0, -1)
        self.kind = ""
        self.style = 0
        self.text = ""
        self.reads = ""

    def startElement(self, name: str, attrs: object) -> None:  # noqa: N802 - the parser's name
        """A cell, its value, or a header or footer begins."""
        tag, given = name.rpartition(":")[2], dict(attrs.items())  # type: ignore[attr-defined]
        if tag == "row":
            self.at = (_number(given.get("r"), self.at[0] + 2) - 1, -1)
        elif tag == "c":
            self.at = _place(given.get("r", ""), self.at)
            self.kind, self.style, self.text = given.get("t", "n"), _number(given.get("s")), ""
        self.reads = {"v": "cell", "t": "cell"}.get(tag, "around" if "Header" in tag or "Footer" in tag else "")

    def characters(self, content: str) -> None:
        """A value, or a text around the cells."""
        if self.reads == "cell":
            self.text += content
        elif self.reads == "around":
            self.around.append(content + "\n")

    def endElement(self, name: str) -> None:  # noqa: N802 - the parser's name
        """A cell ends."""
        self.reads = ""
        if name.rpartition(":")[2] == "c" and self.text:
            if len(self.cells) >= MOST_CELLS:
                raise AttachmentError(Trouble.TOO_MUCH_INSIDE, f"more than {MOST_CELLS} cells")
            self.cells.append((*self.at, self._shown()))

    def _shown(self) -> str:
        if self.kind == "s":
            index = _number(self.text, -1)
            return self.strings[index] if 0 <= index < len(self.strings) else ""
        if self.kind == "n" and self.style < len(self.days) and self.days[self.style]:
            return _day(self.text)
        return _plain(self.text) if self.kind == "n" else self.text


def _number(written: object, otherwise: int = 0) -> int:
    try:
        return int(str(written))
    except ValueError:
        return otherwise


def _place(reference: str, before: tuple[int, int]) -> tuple[int, int]:
    found = re.fullmatch(r"([A-Z]{1,3})(\d{1,7})", reference)
    return (int(found[2]) - 1, column_number(found[1])) if found else (before[0], before[1] + 1)


def _day(written: str) -> str:
    try:
        number = float(written)
    except ValueError:
        return written
    return f"{FIRST_DAY + timedelta(days=int(number)):%d.%m.%Y}" if 0 < number < LAST_DAY else written


def _plain(written: str) -> str:
    """A number with all its digits: a personal number is no measurement."""
    if "e" not in written.lower() or len(written) > 32:
        return written
    try:
        number = float(written)
    except ValueError:
        return written
    return str(int(number)) if number.is_integer() and abs(number) < 1e17 else written


def read_sheets(archive: Archive) -> Iterator[Passage]:
    """The sheets of a workbook, by their names."""
    strings, styles = Strings(), Styles()
    if "xl/sharedStrings.xml" in archive.names:
        archive.walk("xl/sharedStrings.xml", strings)
    if "xl/styles.xml" in archive.names:
        archive.walk("xl/styles.xml", styles)
    titles = _titles(archive)
    for name in archive.names:
        if SHEET.fullmatch(name):
            sheet = Sheet(strings.found, styles.days)
            archive.walk(name, sheet)
            title = titles.get(name, posixpath.basename(name))
            yield passage_of(f"sheet:{title}", sheet.cells)
            yield Passage("header", "".join(sheet.around))
    yield Passage("title", "\n".join(titles.values()))


class _Book(ContentHandler):
    """Sheets by the ids of their relations, names that formulas use, and what is hidden."""

    def __init__(self) -> None:
        super().__init__()
        self.sheets: dict[str, str] = {}
        self.targets: dict[str, str] = {}
        self.hidden = False
        self.concealed: set[str] = set()

    def startElement(self, name: str, attrs: object) -> None:  # noqa: N802 - the parser's name
        """A sheet, or where a relation leads."""
        tag, given = name.rpartition(":")[2], dict(attrs.items())  # type: ignore[attr-defined]
        if tag == "sheet":
            self.sheets[given.get("r:id", given.get("sheetId", ""))] = given.get("name", "")
            if given.get("state", "visible") != "visible":
                self.hidden = True
                self.concealed.add(given.get("r:id", given.get("sheetId", "")))
        elif tag == "Relationship":
            self.targets[given.get("Id", "")] = given.get("Target", "")


def _book(archive: Archive) -> _Book:
    book = _Book()
    for name in ("xl/workbook.xml", "xl/_rels/workbook.xml.rels"):
        if name in archive.names:
            archive.walk(name, book)
    return book


def _titles(archive: Archive) -> dict[str, str]:
    book = _book(archive)
    found = {}
    for relation, title in book.sheets.items():
        found[_member(book.targets.get(relation, ""))] = title
    return found


def _member(target: str) -> str:
    """The member that a relation of the workbook leads to."""
    return posixpath.normpath(posixpath.join("/xl", target)).lstrip("/")


def sheet_notices(archive: Archive) -> set[Notice]:
    """Whether sheets are hidden."""
    return {Notice.HIDDEN} if _book(archive).hidden else set()


class Seen(Sheet):
    """The cells of a sheet that a reader sees: not those of hidden rows and columns."""

    def __init__(self, strings: list[str], styles: Styles) -> None:
        super().__init__(strings, styles.days)
        self.shapes = styles.shapes
        self.hidden_columns: set[int] = set()
        self.hidden_rows: set[int] = set()
        self.reaches: dict[tuple[int, int], int] = {}

    def startElement(self, name: str, attrs: object) -> None:  # noqa: N802 - the parser's name
        """What is hidden, and which cells reach over several columns."""
        super().startElement(name, attrs)
        tag, given = name.rpartition(":")[2], attributes_of(attrs)
        if tag == "col" and given.get("hidden") in {"1", "true"}:
            first = _number(given.get("min"), 1)
            self.hidden_columns |= set(range(first - 1, min(_number(given.get("max"), first), first + 20_000)))
        elif tag == "row" and given.get("hidden") in {"1", "true"}:
            self.hidden_rows.add(self.at[0])
        elif tag == "mergeCell":
            self._merged(given.get("ref", ""))

    def _merged(self, reference: str) -> None:
        begin, _, end = reference.partition(":")
        first, last = _place(begin, (-1, -2)), _place(end, (-1, -2))
        if first[0] >= 0 and last[1] > first[1]:
            self.reaches[first] = last[1] - first[1] + 1

    def _shown(self) -> str:
        shown = super()._shown()
        shape = self.shapes[self.style] if self.style < len(self.shapes) else ""
        if self.kind == "b":
            return {"1": "TRUE", "0": "FALSE"}.get(shown, shown)
        return _rounded(shown, shape) if self.kind == "n" else shown

    def table(self, title: str) -> Table:
        """What is seen, as a table."""
        seen = {
            (row, column): text
            for row, column, text in self.cells
            if row not in self.hidden_rows and column not in self.hidden_columns and text.strip()
        }
        columns = [at for at in range(max((c for _, c in seen), default=-1) + 1) if at not in self.hidden_columns]
        rows = sorted({row for row, _ in seen})
        if len(columns) > WIDEST or len(rows) > MOST_ROWS:
            raise AttachmentError(Trouble.TOO_MUCH_INSIDE, f"{len(rows)} rows of {len(columns)} columns")
        return Table(tuple(self._row(row, columns, seen) for row in rows), title)

    def _row(self, row: int, columns: list[int], seen: dict[tuple[int, int], str]) -> tuple[TableCell, ...]:
        boxes, covered = [], -1
        last = max(column for at, column in seen if at == row)
        for column in columns:
            if covered < column <= last:
                reach = self.reaches.get((row, column), 1)
                across = sum(column <= one < column + reach for one in columns)
                text = seen.get((row, column), "")
                boxes.append(TableCell((Line((Run(text),)),) if text else (), max(1, across)))
                covered = column + reach - 1
        return tuple(boxes)


def _rounded(written: str, shape: str) -> str:
    """A number as sheets show it: ten digits, a share in percent, a time of day as one."""
    try:
        number = float(written)
    except ValueError:
        return written
    if shape == "clock" and 0 <= number < LAST_DAY:
        minutes = round(number % 1 * 1440)
        return f"{minutes // 60:02}:{minutes % 60:02}"
    if shape == "percent":
        return f"{number * 100:.6g} %"
    return written if "." not in written else f"{number:.10g}"


def sheet_tables(archive: Archive) -> Iterator[Table]:
    """The sheets that are shown. Raises `AttachmentError`, also for pictures, charts and other objects."""
    for name in archive.names:
        if PICTURES.fullmatch(name) or OBJECTS.fullmatch(name):
            raise AttachmentError(Trouble.PICTURES if PICTURES.fullmatch(name) else Trouble.OBJECTS, name)
    strings, styles = Strings(), Styles()
    for member, handler in (("xl/sharedStrings.xml", strings), ("xl/styles.xml", styles)):
        if member in archive.names:
            archive.walk(member, handler)
    titles, hidden = _titles(archive), _hidden_sheets(archive)
    for name in archive.names:
        if SHEET.fullmatch(name) and name in titles and name not in hidden:
            sheet = Seen(strings.found, styles)
            archive.walk(name, sheet)
            yield sheet.table(titles[name])


def _hidden_sheets(archive: Archive) -> set[str]:
    book = _book(archive)
    return {_member(book.targets.get(relation, "")) for relation in book.concealed}
