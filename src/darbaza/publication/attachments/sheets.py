"""Excel's sheets, hidden ones too, cell by cell, as they are written and not as far as a window shows them."""

import posixpath
import re
from collections.abc import Iterator
from datetime import date, timedelta
from xml.sax.handler import ContentHandler

from darbaza.publication.attachments.archives import Archive
from darbaza.publication.attachments.grids import Cells, column_number, passage_of
from darbaza.publication.attachments.passages import AttachmentError, Notice, Passage, Trouble

SHEET = re.compile(r"xl/worksheets/[^/]+\.xml")
MOST_CELLS = 400_000
FIRST_DAY = date(1899, 12, 30)
LAST_DAY = 80_000
DATE_FORMATS = frozenset({*range(14, 18), 22, *range(27, 37), *range(50, 59)})
DATE_LETTERS = re.compile(r"[dy]", re.IGNORECASE)
LITERALS = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]')


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
        self.days: list[bool] = []
        self.within = False

    def startElement(self, name: str, attrs: object) -> None:  # noqa: N802 - the parser's name
        """A number's format, or a style that uses one."""
        tag, given = name.rpartition(":")[2], dict(attrs.items())  # type: ignore[attr-defined]
        if tag == "numFmt":
            shown = LITERALS.sub("", given.get("formatCode", ""))
            self.formats[_number(given.get("numFmtId"))] = bool(DATE_LETTERS.search(shown))
        elif tag == "cellXfs":
            self.within = True
        elif tag == "xf" and self.within:
            number = _number(given.get("numFmtId"))
            self.days.append(self.formats.get(number, number in DATE_FORMATS))

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

    def startElement(self, name: str, attrs: object) -> None:  # noqa: N802 - the parser's name
        """A sheet, or where a relation leads."""
        tag, given = name.rpartition(":")[2], dict(attrs.items())  # type: ignore[attr-defined]
        if tag == "sheet":
            self.sheets[given.get("r:id", given.get("sheetId", ""))] = given.get("name", "")
            self.hidden = self.hidden or given.get("state", "visible") != "visible"
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
        target = book.targets.get(relation, "")
        found[posixpath.normpath(posixpath.join("/xl", target)).lstrip("/")] = title
    return found


def sheet_notices(archive: Archive) -> set[Notice]:
    """Whether sheets are hidden."""
    return {Notice.HIDDEN} if _book(archive).hidden else set()
