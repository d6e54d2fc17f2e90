"""Word files as a reader sees them: what was deleted, hidden or noted beside stays behind (ECMA-376, part 1)."""

import re
from collections import defaultdict
from collections.abc import Iterator
from xml.sax.handler import ContentHandler

from darbaza.publication.attachments.archives import Archive
from darbaza.publication.attachments.attributes import attributes_of, whole_number
from darbaza.publication.attachments.paper import Block, Builder, Line, Run
from darbaza.publication.attachments.passages import AttachmentError, Trouble

DOCUMENT = "word/document.xml"
LEFT_OUT = frozenset({"del", "moveFrom", "Fallback", "instrText", "delText"})
PICTURES = frozenset({"blip", "imagedata"})
OBJECTS = frozenset({"OLEObject", "chart", "relIds", "control", "contentPart", "altChunk", "subDoc"})
OFF = frozenset({"0", "false", "off", "none"})
HEADING = re.compile(r"heading (\d)|(title)", re.IGNORECASE)
REFERENCES = frozenset({"footnoteReference", "endnoteReference"})
NOTES = (("footnote", "word/footnotes.xml"), ("endnote", "word/endnotes.xml"))
DEEPEST_LIST = 9


class Headings(ContentHandler):
    """Which of a file's styles are headings, of which level."""

    def __init__(self) -> None:
        super().__init__()
        self.levels: dict[str, int] = {}
        self.style = ""

    def startElement(self, name: str, attrs: object) -> None:  # noqa: N802 - the parser's name
        """A style, its name, or its place in the outline."""
        tag, given = name.rpartition(":")[2], attributes_of(attrs)
        if tag == "style":
            self.style = given.get("styleId", "")
        elif tag == "name" and self.style and (found := HEADING.fullmatch(given.get("val", ""))):
            self.levels[self.style] = int(found[1] or 1)
        elif tag == "outlineLvl" and self.style and given.get("val", "9") in "012345":
            self.levels.setdefault(self.style, int(given["val"]) + 1)


class Lists(ContentHandler):
    """How lists are numbered: for each list and depth the pattern (`%1.%2.`), or a bullet."""

    def __init__(self) -> None:
        super().__init__()
        self.abstract: dict[str, dict[int, tuple[str, str]]] = defaultdict(dict)
        self.of: dict[str, str] = {}
        self.at = ("", 0)
        self.list = ""
        self.counts: dict[str, list[int]] = defaultdict(lambda: [0] * DEEPEST_LIST)

    def startElement(self, name: str, attrs: object) -> None:  # noqa: N802 - the parser's name
        """A pattern, or a list that uses one."""
        tag, given = name.rpartition(":")[2], attributes_of(attrs)
        if tag == "abstractNum":
            self.at = (given.get("abstractNumId", ""), 0)
        elif tag == "lvl" and given.get("ilvl", "") in tuple("012345678"):
            self.at = (self.at[0], int(given["ilvl"]))
        elif tag in {"numFmt", "lvlText"}:
            kind, text = self.abstract[self.at[0]].get(self.at[1], ("", ""))
            value = given.get("val", "")
            self.abstract[self.at[0]][self.at[1]] = (value, text) if tag == "numFmt" else (kind, value)
        elif tag == "num":
            self.list = given.get("numId", "")
        elif tag == "abstractNumId":
            self.of[self.list] = given.get("val", "")

    def label(self, list_: str, depth: int) -> str:
        """The next number of a list at a depth, or its bullet."""
        kind, text = self.abstract.get(self.of.get(list_, ""), {}).get(depth, ("", ""))
        if not kind or kind == "none":
            return ""
        if kind == "bullet":
            return "•"
        counts = self.counts[list_]
        counts[depth] += 1
        counts[depth + 1 :] = [0] * (DEEPEST_LIST - depth - 1)
        return re.sub(r"%([1-9])", lambda found: str(max(1, counts[int(found[1]) - 1])), text) or f"{counts[depth]}."


class Paragraphs(ContentHandler):
    """Takes a member's paragraphs and tables as they are shown."""

    def __init__(self, headings: Headings, lists: Lists) -> None:
        super().__init__()
        self.headings, self.lists = headings, lists
        self.made = Builder()
        self.hidden = 0
        self.look = {"b": False, "i": False, "vanish": False}
        self.in_run = 0
        self.reads = False
        self.style, self.list, self.list_depth = "", "", 0
        self.noted: list[tuple[str, str]] = []

    def startElement(self, name: str, attrs: object) -> None:  # noqa: N802 - the parser's name
        """An element begins."""
        tag, given = name.rpartition(":")[2], attributes_of(attrs)
        if tag in PICTURES or tag in OBJECTS:
            raise AttachmentError(Trouble.PICTURES if tag in PICTURES else Trouble.OBJECTS, tag)
        self.hidden += tag in LEFT_OUT
        if tag in {"p", "tbl", "tr", "tc", "gridSpan"}:
            self._block(tag, given)
        elif tag in {"pStyle", "numId", "ilvl"}:
            self._paragraph(tag, given.get("val", ""))
        elif tag in {"r", "rPr", *self.look}:
            self._run(tag, given)
        else:
            self._within(tag, given)

    def _block(self, tag: str, given: dict[str, str]) -> None:
        if tag == "p":
            self.style, self.list, self.list_depth = "", "", 0
            self.made.begin_line()
        elif tag == "tbl":
            self.made.begin_table()
        elif tag == "tr":
            self.made.begin_row()
        elif tag == "tc":
            self.made.begin_cell()
        elif self.made.cells:
            lines, _ = self.made.cells[-1]
            self.made.cells[-1] = (lines, max(1, min(whole_number(given.get("val")), 1000)))

    def _paragraph(self, tag: str, value: str) -> None:
        if tag == "pStyle":
            self.style = value
        elif tag == "numId":
            self.list = value
        else:
            self.list_depth = min(whole_number(value), DEEPEST_LIST - 1)

    def _run(self, tag: str, given: dict[str, str]) -> None:
        if tag == "r":
            self.in_run += 1
            self.look = dict.fromkeys(self.look, False)
        elif tag in self.look and self.in_run:
            self.look[tag] = given.get("val", "1") not in OFF

    def _within(self, tag: str, given: dict[str, str]) -> None:
        self.reads = tag == "t"
        if tag in {"tab", "ptab"} and self.in_run:
            self._add(" ")
        elif tag in {"br", "cr"}:
            self._add("\n")
        elif tag == "noBreakHyphen":
            self._add("-")
        elif tag in REFERENCES:
            self.noted.append((tag.removesuffix("Reference"), given.get("id", "")))
            self._add(f"[{len(self.noted)}]")

    def characters(self, content: str) -> None:
        """Text, if it is shown."""
        if self.reads:
            self._add(content)

    def _add(self, text: str) -> None:
        if not self.hidden and not self.look["vanish"]:
            self.made.add(text, bold=self.look["b"], italic=self.look["i"])

    def endElement(self, name: str) -> None:  # noqa: N802 - the parser's name
        """An element ends."""
        tag = name.rpartition(":")[2]
        self.hidden -= tag in LEFT_OUT
        self.reads = False
        if tag == "r":
            self.in_run -= 1
            self.look = dict.fromkeys(self.look, False)
        elif tag == "p":
            self._end_line()
        elif tag == "tc":
            self.made.end_cell()
        elif tag == "tbl":
            self.made.end_table()

    def _end_line(self) -> None:
        if self.made.lines:
            runs, _, _ = self.made.lines[-1]
            shown = any(run.text.strip() for run in runs)
            label = self.lists.label(self.list, self.list_depth) if self.list and shown else ""
            self.made.lines[-1] = (runs, self.headings.levels.get(self.style, 0), label)
        self.made.end_line()


class Notes(Paragraphs):
    """Footnotes, each by its id."""

    def __init__(self, headings: Headings, lists: Lists, tag: str) -> None:
        super().__init__(headings, lists)
        self.tag, self.note = tag, ""
        self.found: dict[str, list[Block]] = {}

    def startElement(self, name: str, attrs: object) -> None:  # noqa: N802 - the parser's name
        """A note begins."""
        if name.rpartition(":")[2] == self.tag:
            self.note = attributes_of(attrs).get("id", "")
            self.made = Builder()
        super().startElement(name, attrs)

    def endElement(self, name: str) -> None:  # noqa: N802 - the parser's name
        """It ends."""
        super().endElement(name)
        if name.rpartition(":")[2] == self.tag:
            self.found[self.note] = self.made.blocks


def word_blocks(archive: Archive) -> tuple[Block, ...]:
    """What a Word file shows, its footnotes at the end. Raises `AttachmentError`, also for pictures and objects."""
    headings, lists = Headings(), Lists()
    for member, handler in (("word/styles.xml", headings), ("word/numbering.xml", lists)):
        if member in archive.names:
            archive.walk(member, handler)
    body = Paragraphs(headings, lists)
    if DOCUMENT not in archive.names:
        raise AttachmentError(Trouble.BROKEN, f"without {DOCUMENT}")
    archive.walk(DOCUMENT, body)
    return (*body.made.blocks, *_notes(archive, body, headings, lists))


def _notes(archive: Archive, body: Paragraphs, headings: Headings, lists: Lists) -> Iterator[Block]:
    found: dict[tuple[str, str], list[Block]] = {}
    for tag, member in NOTES:
        if member in archive.names:
            notes = Notes(headings, lists, tag)
            archive.walk(member, notes)
            found |= {(tag, number): blocks for number, blocks in notes.found.items()}
    for number, noted in enumerate(body.noted, start=1):
        blocks = found.get(noted, [])
        text = " ".join(block.text for block in blocks if isinstance(block, Line))
        yield Line((Run(text),), label=f"[{number}]")
        yield from (block for block in blocks if not isinstance(block, Line))
