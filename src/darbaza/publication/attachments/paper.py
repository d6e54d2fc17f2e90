"""A document as it goes out: its lines and tables, and nothing of what its file carries besides.

What Word, Excel and OpenDocument files show is read into these blocks; the blocks are searched for people, and the
blocks alone are set anew as a PDF. So what was not searched does not go out, whatever the file held.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from html import escape

from darbaza.publication.attachments.grids import Cells, passage_of
from darbaza.publication.attachments.passages import MOST_TEXT, AttachmentError, Passage, Trouble

MOST_BLOCKS = 20_000
DEEPEST_HEADING = 6
WIDE = 7
"""Columns from which on a table is set across the sheet."""
VERY_WIDE = 14


@dataclass(frozen=True, slots=True)
class Run:
    """Characters of one look."""

    text: str
    bold: bool = False
    italic: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """A paragraph, with its number or bullet; `level` is 1 to 6 for a heading, 0 for any other."""

    runs: tuple[Run, ...]
    level: int = 0
    label: str = ""

    @property
    def text(self) -> str:
        """What is read."""
        return f"{self.label} {''.join(run.text for run in self.runs)}".strip()


@dataclass(frozen=True, slots=True)
class TableCell:
    """A cell of a table: its lines, and over how many columns it reaches."""

    lines: tuple[Line, ...] = ()
    across: int = 1

    @property
    def text(self) -> str:
        """What is read, on one line."""
        return " ".join(line.text for line in self.lines if line.text)


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of cells; of a workbook `title` is the sheet's name."""

    rows: tuple[tuple[TableCell, ...], ...]
    title: str = ""

    @property
    def wide(self) -> int:
        """Its columns."""
        return max((sum(box.across for box in row) for row in self.rows), default=0)


Block = Line | Table


@dataclass
class Builder:
    """Takes lines and tables as a file's elements go by; a table within a cell becomes lines of that cell."""

    blocks: list[Block] = field(default_factory=list)
    lines: list[tuple[list[Run], int, str]] = field(default_factory=list)
    rows: list[list[TableCell]] = field(default_factory=list)
    cells: list[tuple[list[Line], int]] = field(default_factory=list)
    depth: int = 0
    size: int = 0

    def begin_line(self, level: int = 0, label: str = "") -> None:
        """A paragraph begins; one may begin within another, in a box of text."""
        self.lines.append(([], level, label))

    def end_line(self) -> None:
        """It ends."""
        if self.lines:
            runs, level, label = self.lines.pop()
            self._put(Line(tuple(runs), level, label))

    def add(self, text: str, *, bold: bool = False, italic: bool = False) -> None:
        """Characters within the paragraph that is open; others belong to nothing that is shown."""
        if self.lines and text:
            self.size += len(text)
            if self.size > MOST_TEXT:
                raise AttachmentError(Trouble.TOO_MUCH_INSIDE, f"more than {MOST_TEXT} characters")
            self.lines[-1][0].append(Run(text, bold, italic))

    def begin_table(self) -> None:
        """A table begins."""
        self.depth += 1
        if self.depth == 1:
            self.rows = []

    def begin_row(self) -> None:
        """A row begins."""
        if self.depth == 1:
            self.rows.append([])

    def begin_cell(self, across: int = 1) -> None:
        """A cell begins."""
        if self.depth == 1:
            self.cells = [([], across)]

    def end_cell(self, times: int = 1) -> None:
        """It ends; it may stand there several times."""
        if self.depth == 1 and self.cells and self.rows:
            lines, across = self.cells.pop()
            self.rows[-1] += [TableCell(tuple(lines), across)] * times

    def end_table(self, title: str = "", *, shown: bool = True) -> None:
        """The table ends."""
        self.depth -= 1
        if self.depth == 0 and shown:
            rows = [_trimmed(row) for row in self.rows]
            while rows and not rows[-1]:
                rows.pop()
            self._keep(Table(tuple(rows), title))

    def _put(self, line: Line) -> None:
        if self.depth and self.cells:
            self.cells[-1][0].append(line)
        elif not self.depth:
            self._keep(line)

    def _keep(self, block: Block) -> None:
        if len(self.blocks) >= MOST_BLOCKS:
            raise AttachmentError(Trouble.TOO_MUCH_INSIDE, f"more than {MOST_BLOCKS} blocks")
        self.blocks.append(block)


def _trimmed(row: list[TableCell]) -> tuple[TableCell, ...]:
    """A row without the empty cells at its end."""
    end = len(row)
    while end and not row[end - 1].text:
        end -= 1
    return tuple(row[:end])


def passages_of(blocks: Iterable[Block]) -> Iterator[Passage]:
    """What the blocks say: lines that follow one another as one text, each table by its cells."""
    lines: list[str] = []
    number = 0
    for block in blocks:
        if isinstance(block, Line):
            lines.append(block.text)
            continue
        yield from _lines(lines)
        lines, number = [], number + 1
        yield passage_of(f"sheet:{block.title}" if block.title else f"table:{number}", _cells(block))
    yield from _lines(lines)


def _lines(lines: list[str]) -> Iterator[Passage]:
    if any(lines):
        yield Passage("body", "\n".join(lines))


def _cells(table: Table) -> Cells:
    found: Cells = []
    for number, row in enumerate(table.rows):
        column = 0
        for box in row:
            if box.text:
                found.append((number, column, box.text))
            column += box.across
    return found


STYLE = """
@page { size: A4 SIDE; margin: 18mm 15mm; @bottom-right { content: counter(page) " / " counter(pages);
  font: 9pt "PT Sans", sans-serif; } }
body { font: 11pt/1.4 "PT Serif", serif; } h1 { font-size: 16pt } h2 { font-size: 14pt }
h3, h4, h5, h6 { font-size: 12pt } p { margin: 0 0 5pt; white-space: pre-wrap; overflow-wrap: anywhere }
table { border-collapse: collapse; width: 100%; margin: 6pt 0 12pt; font-size: SIZEpt }
td { border: .5pt solid #444; padding: 2pt 4pt; vertical-align: top; overflow-wrap: anywhere } td p { margin: 0 }
"""


def html_of(blocks: Iterable[Block], language: str) -> str:
    """The blocks as a page to be set: every character of them escaped, without a title that would tell more."""
    kept = tuple(blocks)
    wide = max((block.wide for block in kept if isinstance(block, Table)), default=0)
    side = "landscape" if wide >= WIDE else "portrait"
    style = STYLE.replace("SIDE", side).replace("SIZE", "7" if wide >= VERY_WIDE else "9.5")
    body = "".join(_line(block) if isinstance(block, Line) else _table(block) for block in kept)
    head = f'<meta charset="utf-8"><title>—</title><style>{style}</style>'
    return f'<!DOCTYPE html><html lang="{escape(language)}"><head>{head}</head><body>{body}</body></html>'


def _line(line: Line) -> str:
    tag = f"h{min(line.level, DEEPEST_HEADING)}" if line.level and line.text else "p"
    label = f"{escape(line.label)} " if line.label else ""
    return f"<{tag}>{label}{''.join(map(_run, line.runs)) or ' '}</{tag}>"


def _run(run: Run) -> str:
    text = escape(run.text)
    text = f"<b>{text}</b>" if run.bold else text
    return f"<i>{text}</i>" if run.italic else text


def _table(table: Table) -> str:
    title = f"<h2>{escape(table.title)}</h2>" if table.title else ""
    rows = "".join(f"<tr>{''.join(map(_box, row)) or '<td></td>'}</tr>" for row in table.rows)
    return f"{title}<table>{rows}</table>" if rows else title


def _box(box: TableCell) -> str:
    across = f' colspan="{min(box.across, 1000)}"' if box.across > 1 else ""
    return f"<td{across}>{''.join(_line(line) for line in box.lines)}</td>"
