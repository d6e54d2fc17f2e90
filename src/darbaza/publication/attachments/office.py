"""Word, PowerPoint and OpenDocument: paragraphs, and what travels with them."""

import re
from collections.abc import Iterator
from xml.sax.handler import ContentHandler

from darbaza.publication.attachments.archives import Archive
from darbaza.publication.attachments.passages import Notice, Passage

TEXTS = frozenset({"t", "delText", "instrText", "text", "delInstrText"})
MIXED = frozenset({"text:p", "text:h", "dc:creator"})
PARAGRAPHS = frozenset({"p", "h", "text"})
CELLS = frozenset({"tc", "table-cell", "covered-table-cell"})
ROWS = frozenset({"tr", "table-row"})
BREAKS = {"tab": "\t", "br": "\n", "cr": "\n", "line-break": "\n", "s": " ", "noBreakHyphen": "-", "softHyphen": ""}
DELETED = frozenset({"moveFrom", "tracked-changes"})
CHANGES = frozenset({"del", "ins", "moveFrom", "moveTo", "changed-region"})
CONCEALED = frozenset({("show", "0"), ("display", "none"), ("visibility", "hidden"), ("visibility", "collapse")})
TOLD = frozenset({"descr", "title", "alt", "tooltip", "userId", "label"})
SOMEBODY = frozenset(
    {"author", "creator", "lastModifiedBy", "initial-creator", "printed-by", "displayName", "manager", "Manager"}
)
METADATA = re.compile(r"docProps/.*\.xml|meta\.xml")
PLACES = (
    (re.compile(r"word/document\w*\.xml|content\.xml|Object.*/content\.xml"), "body"),
    (re.compile(r"(?:word/)?(?:header|footer)\d*\.xml|styles\.xml|ppt/slideMasters/.*|ppt/slideLayouts/.*"), "header"),
    (re.compile(r"word/(?:footnotes|endnotes)\.xml"), "footnote"),
    (re.compile(r".*comments?.*\.xml|.*threadedComments/.*"), "comment"),
    (re.compile(r"ppt/slides/slide(\d+)\.xml"), "slide"),
    (re.compile(r"ppt/notesSlides/notesSlide(\d+)\.xml"), "notes"),
)
LINK = re.compile(r"(?:mailto|tel|sms|whatsapp|file|https?):", re.IGNORECASE)
EMBEDDED = re.compile(
    r".*(?:embeddings|Object \d+)/.*\.(?:docx|xlsx|pptx|xlsm|docm|odt|ods|odp|bin|pdf)", re.IGNORECASE
)
PICTURE = re.compile(r".*\.(?:jpe?g|png|gif|bmp|tiff?|emf|wmf|webp|svg|heic)", re.IGNORECASE)


class Walk(ContentHandler):
    """What an XML member says, while its elements go by. Deleted text stands apart: its neighbours are others now."""

    def __init__(self, place: str) -> None:
        super().__init__()
        self.place = place
        self.written: list[str] = []
        self.deleted: list[str] = []
        self.told: list[str] = []
        self.people: set[str] = set()
        self.person = ""
        self.notices: set[Notice] = set()
        self.open: dict[str, int] = {"text": 0, "deleted": 0, "cell": 0, "creator": 0}

    def passages(self) -> Iterator[Passage]:
        """The passages of the member."""
        yield Passage(self.place, "".join(self.written))
        yield Passage("deleted", "".join(self.deleted))
        yield Passage("attributes", "\n".join(dict.fromkeys(self.told)))
        for person in sorted(self.people):
            yield Passage("metadata:author", person, personal=True)

    def startElement(self, name: str, attrs: object) -> None:  # noqa: N802 - the parser's name
        """An element begins."""
        tag = name.rpartition(":")[2]
        for group in _groups(name, tag):
            self.open[group] += 1
        if tag in CHANGES:
            self.notices.add(Notice.TRACKED_CHANGES)
        if tag == "annotation":
            self.notices.add(Notice.COMMENTS)
        if tag == "vanish":
            self.notices.add(Notice.HIDDEN)
        for attribute, value in dict(attrs.items()).items():  # type: ignore[attr-defined]
            self._attribute(tag, attribute.rpartition(":")[2], value)

    def characters(self, content: str) -> None:
        """Text, if it stands where text is shown."""
        if self.open["creator"]:
            self.person += content
        elif self.open["text"]:
            self._sink().append(content)

    def endElement(self, name: str) -> None:  # noqa: N802 - the parser's name
        """An element ends: a cell, a row, a paragraph part what they hold from what follows."""
        tag = name.rpartition(":")[2]
        sink = self._sink()
        if tag in BREAKS:
            sink.append(BREAKS[tag])
        elif tag in CELLS:
            sink.append("\t")
        elif tag in ROWS:
            sink.append("\n")
        elif tag in PARAGRAPHS:
            sink.append(" " if self.open["cell"] else "\n")
        if tag == "creator":
            self.people.add(self.person)
            self.person = ""
        for group in _groups(name, tag):
            self.open[group] -= 1

    def _sink(self) -> list[str]:
        return self.deleted if self.open["deleted"] else self.written

    def _attribute(self, tag: str, attribute: str, value: str) -> None:
        if attribute in SOMEBODY or (tag in {"cmAuthor", "author"} and attribute == "name"):
            self.people.add(value)
        elif attribute in TOLD or (attribute in {"Target", "href"} and LINK.match(value)):
            self.told.append(value)
        if (attribute, value) in CONCEALED:
            self.notices.add(Notice.HIDDEN)


def _groups(name: str, tag: str) -> Iterator[str]:
    """What an element opens: a run of text, something deleted, a cell, somebody's name."""
    if tag in TEXTS or name in MIXED:
        yield "text"
    if tag in DELETED or tag.startswith("del"):
        yield "deleted"
    if tag in CELLS:
        yield "cell"
    if tag == "creator":
        yield "creator"


class Fields(ContentHandler):
    """A file's properties: each element that holds text is one of them."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, str]] = []
        self.tag = ""
        self.text = ""

    def startElement(self, name: str, attrs: object) -> None:  # noqa: N802 - the parser's name
        """A property begins; the name that its maker gave it counts more than its type's."""
        given = dict(attrs.items()).get("name") or dict(attrs.items()).get("meta:name")  # type: ignore[attr-defined]
        self.tag, self.text = given or (self.tag if name.startswith("vt:") else name.rpartition(":")[2]), ""

    def characters(self, content: str) -> None:
        """The property's text."""
        self.text += content

    def endElement(self, name: str) -> None:  # noqa: ARG002, N802 - the parser's name
        """The property ends."""
        if self.text.strip():
            self.found.append((self.tag, self.text.strip()))
        self.text = ""


def place_of(name: str) -> str:
    """Where a member of an Office file stands, in words of no language."""
    for pattern, place in PLACES:
        if (found := pattern.fullmatch(name)) is not None:
            return f"{place}:{found[1]}" if found.groups() else place
    return "other"


def read_member(archive: Archive, name: str) -> tuple[list[Passage], set[Notice]]:
    """What one XML member of an Office file says."""
    if METADATA.fullmatch(name):
        fields = Fields()
        archive.walk(name, fields)
        return [_field(tag, text) for tag, text in fields.found], set()
    walk = Walk(place_of(name))
    archive.walk(name, walk)
    if walk.place == "comment" and any(text.strip() for text in walk.written):
        walk.notices.add(Notice.COMMENTS)
    return list(walk.passages()), walk.notices


def _field(tag: str, text: str) -> Passage:
    return Passage(f"metadata:{tag}", text, personal=tag in SOMEBODY)


def notices_of(names: tuple[str, ...]) -> set[Notice]:
    """What the members of an archive are by their names: pictures, files within the file, programs."""
    found = set()
    if any(PICTURE.fullmatch(name) for name in names):
        found.add(Notice.PICTURES)
    if any(EMBEDDED.fullmatch(name) for name in names):
        found.add(Notice.FILES_INSIDE)
    if any(name.endswith("vbaProject.bin") or name.startswith(("Basic/", "Scripts/")) for name in names):
        found.add(Notice.PROGRAMS)
    return found
