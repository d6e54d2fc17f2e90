"""OpenDocument texts and sheets as a reader sees them (OASIS, OpenDocument 1.3, part 3)."""

from xml.sax.handler import ContentHandler

from darbaza.publication.attachments.archives import Archive
from darbaza.publication.attachments.attributes import attributes_of, whole_number
from darbaza.publication.attachments.paper import Block, Builder, Line, Run
from darbaza.publication.attachments.passages import AttachmentError, Trouble

LEFT_OUT = frozenset(
    {
        "office:annotation", "text:tracked-changes", "text:hidden-text", "text:hidden-paragraph", "office:scripts",
        "office:forms", "table:tracked-changes", "table:content-validations", "svg:desc", "svg:title",
        "table:dde-links", "table:consolidation", "table:label-ranges", "text:ruby-text",
    }
)  # fmt: skip
PICTURES = frozenset({"draw:image"})
OBJECTS = frozenset({"draw:object", "draw:object-ole", "draw:plugin", "draw:applet", "draw:floating-frame"})
HIDDEN = frozenset({"collapse", "filter"})
MOST_REPEATED = 1_000
BREAKS = {"text:tab": " ", "text:line-break": "\n", "text:s": " "}


class Paragraphs(ContentHandler):
    """Takes paragraphs, lists and tables; notes are put behind."""

    def __init__(self, *, is_sheet: bool) -> None:
        super().__init__()
        self.is_sheet = is_sheet
        self.made = Builder()
        self.notes: list[Line] = []
        self.looks: dict[str, tuple[bool, bool, bool]] = {}
        self.style = ""
        self.spans: list[tuple[bool, bool, bool]] = []
        self.skipped = 0
        self.rows: tuple[int, bool] = (1, True)
        self.columns: list[bool] = []
        self.column = 0
        self.cell = (1, True)
        self.table = ("", True)
        self.hidden_tables: set[str] = set()
        self.lists: list[int] = []
        self.label = ""
        self.note: Builder | None = None

    def startElement(self, name: str, attrs: object) -> None:  # noqa: N802 - the parser's name
        """An element begins."""
        given = attributes_of(attrs)
        if name in PICTURES or name in OBJECTS:
            raise AttachmentError(Trouble.PICTURES if name in PICTURES else Trouble.OBJECTS, name)
        self.skipped += name in LEFT_OUT
        if name.startswith("style:"):
            self.style_of(name, given)
        elif name.startswith("table:"):
            self._table(name, given)
        elif name.startswith("text:"):
            self._text(name, given)

    def style_of(self, name: str, given: dict[str, str]) -> None:
        """A style's name, and how what bears it looks."""
        if name == "style:style":
            self.style = given.get("name", "")
        elif name == "style:text-properties":
            bold, italic = given.get("font-weight") == "bold", given.get("font-style") == "italic"
            self.looks[self.style] = (bold, italic, given.get("display") == "none")
        elif name == "style:table-properties" and given.get("display") == "false":
            self.hidden_tables.add(self.style)

    def _table(self, name: str, given: dict[str, str]) -> None:
        match name:
            case "table:table":
                self.table = (given.get("name", ""), given.get("style-name", "") not in self.hidden_tables)
                self.columns = []
                self.made.begin_table()
            case "table:table-column":
                times = min(repeated(given, "columns"), MOST_REPEATED)
                self.columns += [given.get("visibility") not in HIDDEN] * times
            case "table:table-row":
                self.rows, self.column = (repeated(given, "rows"), given.get("visibility") not in HIDDEN), 0
                self.made.begin_row()
            case "table:table-cell" | "table:covered-table-cell":
                self._cell(given)

    def _cell(self, given: dict[str, str]) -> None:
        times = repeated(given, "columns")
        shown = self.columns[self.column] if self.column < len(self.columns) else True
        self.column = min(self.column + times, 1 << 20)
        self.cell = (times, shown)
        self.made.begin_cell()

    def _text(self, name: str, given: dict[str, str]) -> None:
        match name:
            case "text:h" | "text:p":
                level = int(given["outline-level"]) if given.get("outline-level", "") in tuple("123456") else 0
                self.spans = [self.looks.get(given.get("style-name", ""), (False, False, False))]
                self.made.begin_line(level if name == "text:h" else 0, self.label)
                self.label = ""
            case "text:span" | "text:a":
                self.spans.append(self.looks.get(given.get("style-name", ""), self.spans[-1] if self.spans else PLAIN))
            case "text:list":
                self.lists.append(0)
            case "text:list-item" if self.lists:
                self.lists[-1] += 1
                self.label = "•"
            case "text:note":
                self._add(f"[{len(self.notes) + 1}]")
                self.note, self.made = self.made, Builder()
            case _ if name in BREAKS:
                self._add(BREAKS[name] * min(max(1, whole_number(given.get("c"))), 100))

    def characters(self, content: str) -> None:
        """Text, if it is shown."""
        self._add(content)

    def _add(self, text: str) -> None:
        bold, italic, hidden = self.spans[-1] if self.spans else PLAIN
        if not self.skipped and not hidden:
            self.made.add(text, bold=bold, italic=italic)

    def endElement(self, name: str) -> None:  # noqa: N802 - the parser's name
        """An element ends."""
        self.skipped -= name in LEFT_OUT
        match name:
            case "text:h" | "text:p":
                self.made.end_line()
            case "text:span" | "text:a" if len(self.spans) > 1:
                self.spans.pop()
            case "text:list" if self.lists:
                self.lists.pop()
            case "text:note":
                self._end_note()
            case "table:table-cell" | "table:covered-table-cell":
                self._end_cell()
            case "table:table-row":
                self._end_row()
            case "table:table":
                title, shown = self.table
                self.made.end_table(title if self.is_sheet else "", shown=shown)

    def _end_note(self) -> None:
        if self.note is not None:
            text = " ".join(block.text for block in self.made.blocks if isinstance(block, Line))
            self.notes.append(Line((Run(text),), label=f"[{len(self.notes) + 1}]"))
            self.made, self.note = self.note, None

    def _end_cell(self) -> None:
        """A cell that is repeated without end is an empty one; of a hidden column nothing is left."""
        times, shown = self.cell
        if not shown:
            self.made.cells = [([], 1)]
        empty = not (self.made.cells and self.made.cells[-1][0])
        if not empty and times > MOST_REPEATED:
            raise AttachmentError(Trouble.TOO_MUCH_INSIDE, f"a cell {times} times")
        self.made.end_cell(min(times, MOST_REPEATED))

    def _end_row(self) -> None:
        times, shown = self.rows
        if self.made.depth != 1 or not self.made.rows:
            return
        row = self.made.rows[-1]
        if not shown:
            self.made.rows.pop()
        elif times > 1 and any(box.text for box in row):
            if times > MOST_REPEATED:
                raise AttachmentError(Trouble.TOO_MUCH_INSIDE, f"a row {times} times")
            self.made.rows += [list(row) for _ in range(times - 1)]


PLAIN = (False, False, False)


def repeated(given: dict[str, str], what: str) -> int:
    """How many times a row, a column or a cell stands there."""
    return max(1, whole_number(given.get(f"number-{what}-repeated")))


def opendocument_blocks(archive: Archive) -> tuple[Block, ...]:
    """What an OpenDocument text or workbook shows. Raises `AttachmentError`, also for pictures and objects."""
    kind = archive.read("mimetype").decode("ascii", "replace").strip()
    if kind.removesuffix("-template") not in KINDS:
        raise AttachmentError(Trouble.UNKNOWN, kind[:80])
    walk = Paragraphs(is_sheet=kind.endswith(("spreadsheet", "spreadsheet-template")))
    for member in ("styles.xml", "content.xml"):
        if member in archive.names:
            archive.walk(member, walk if member == "content.xml" else _StylesOnly(walk))
    return (*walk.made.blocks, *walk.notes)


KINDS = frozenset({"application/vnd.oasis.opendocument.text", "application/vnd.oasis.opendocument.spreadsheet"})


class _StylesOnly(ContentHandler):
    """The looks of a file's named styles; its headers and footers stay behind."""

    def __init__(self, walk: Paragraphs) -> None:
        super().__init__()
        self.walk = walk

    def startElement(self, name: str, attrs: object) -> None:  # noqa: N802 - the parser's name
        """A style or its properties."""
        if name.startswith("style:"):
            self.walk.style_of(name, attributes_of(attrs))
