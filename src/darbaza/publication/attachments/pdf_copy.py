"""A PDF made anew: the marks on its pages and nothing else (ISO 32000-2).

Pages, fonts and pictures are kept, each by a list of what may stay. What people wrote beside is left behind: authors,
remarks, forms, files inside, scripts, outlines, tags with other texts than those that are seen, notes within pictures.
What of a filled form or a stamp is seen is drawn onto its page first.
"""

import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name, Object, Operator, Pdf, Stream

from darbaza.publication.attachments.passages import AttachmentError, Trouble
from darbaza.publication.pictures.container import container_of

MOST_PAGES = 100
MOST_OPERATORS = 400_000
"""Of all pages together: some hundred dense ones."""
DEEPEST = 12
MANY_STROKES = 1_500
"""Lines and curves of a page, from which on they may be letters that no text says."""

PAGE = ("/Type", "/MediaBox", "/CropBox", "/Rotate", "/Contents", "/Resources", "/UserUnit")
RESOURCES = ("/Font", "/XObject", "/ColorSpace", "/Pattern", "/Shading", "/ExtGState", "/ProcSet")
IMAGE = (
    "/Type", "/Subtype", "/Width", "/Height", "/ColorSpace", "/BitsPerComponent", "/Decode", "/DecodeParms", "/Filter",
    "/ImageMask", "/Mask", "/SMask", "/Interpolate", "/Matte", "/Length",
)  # fmt: skip
FORM = (
    "/Type",
    "/Subtype",
    "/FormType",
    "/BBox",
    "/Matrix",
    "/Resources",
    "/Group",
    "/Length",
    "/Filter",
    "/DecodeParms",
)
NOWHERE = (
    "/Metadata",
    "/PieceInfo",
    "/LastModified",
    "/AA",
    "/A",
    "/OpenAction",
    "/Thumb",
    "/OPI",
    "/Alternates",
    "/OC",
)
STROKES = frozenset({"l", "c", "v", "y"})
SHOWS = frozenset({"Tj", "TJ", "'", '"'})
JPEG_END_OF_HEADER = 0xDA
JPEG_KEPT = 0xEE
"""APP14 of a JPEG says how its colours are stored; all other such segments and remarks are notes."""


@dataclass(frozen=True, slots=True)
class Copy:
    """A PDF made anew, and the pages (from 1 on) of which text does not tell all: pictures, drawings, odd fonts."""

    data: bytes
    pages: int
    to_be_looked_at: tuple[int, ...]


@dataclass
class Eyes:
    """What of a page its text does not tell."""

    pictures: int = 0
    strokes: int = 0
    texts: int = 0
    odd_fonts: int = 0

    @property
    def needed(self) -> bool:
        """Whether the page has to be looked at as a picture."""
        return bool(self.pictures or self.odd_fonts or not self.texts or self.strokes >= MANY_STROKES)


def copied(data: bytes) -> Copy:
    """The PDF made anew. Raises `AttachmentError`."""
    try:
        with Pdf.open(io.BytesIO(data)) as source:
            return _copied(source)
    except AttachmentError:
        raise
    except pikepdf.PasswordError as error:
        raise AttachmentError(Trouble.LOCKED) from error
    except (pikepdf.PdfError, ValueError, KeyError, TypeError, AttributeError, RuntimeError, OverflowError) as error:
        raise AttachmentError(Trouble.BROKEN, f"{type(error).__name__}: {error}") from error


def _copied(source: Pdf) -> Copy:
    if "/OCProperties" in source.Root:
        raise AttachmentError(Trouble.LAYERS)
    if not 0 < len(source.pages) <= MOST_PAGES:
        raise AttachmentError(Trouble.TOO_MANY_PAGES if source.pages else Trouble.EMPTY, str(len(source.pages)))
    if "/AcroForm" in source.Root and _is_undrawn(source):
        raise AttachmentError(Trouble.FORM)
    source.flatten_annotations("print")
    made = pikepdf.new()
    for page in source.pages:
        made.pages.append(page)
    scribe = Scribe(made)
    eyes = [scribe.page(page.obj) for page in made.pages]
    _sweep(made)
    out = io.BytesIO()
    made.save(out, deterministic_id=True, object_stream_mode=pikepdf.ObjectStreamMode.generate)
    looked_at = tuple(number for number, one in enumerate(eyes, start=1) if one.needed)
    return Copy(out.getvalue(), len(eyes), looked_at)


def _is_undrawn(source: Pdf) -> bool:
    """Whether a form's entries are drawn by each program in its own way: then nobody knows what is seen."""
    form = source.Root.AcroForm
    if "/XFA" in form or bool(form.get("/NeedAppearances", False)):
        return True
    fields = (one for page in source.pages for one in page.obj.get("/Annots") or ())
    return any("/V" in one and "/AP" not in one and str(one.V).strip() for one in fields)


class Scribe:
    """Writes pages, and whatever they draw, anew. Each object once."""

    def __init__(self, pdf: Pdf) -> None:
        self.pdf = pdf
        self.left = MOST_OPERATORS
        self.done: dict[tuple[int, int], Eyes] = {}

    def page(self, page: Object) -> Eyes:
        """A page of the new file."""
        _only(page, (*PAGE, "/Parent"))
        eyes = Eyes()
        written, names = self._written(page, eyes)
        page.Contents = self.pdf.make_stream(written)
        self._resources(page, names, eyes, 0)
        return eyes

    def _written(self, drawn: Object, eyes: Eyes) -> tuple[bytes, set[str]]:
        """A content stream again, without marks that say other things than are seen; and the names of what it draws."""
        kept: list[Any] = []
        names: set[str] = set()
        for instruction in pikepdf.parse_content_stream(drawn):
            self.left -= 1
            if self.left < 0:
                raise AttachmentError(Trouble.TOO_MUCH_INSIDE, "content streams")
            name = str(instruction.operator)
            eyes.pictures += name == "INLINE IMAGE"
            eyes.strokes += name in STROKES
            eyes.texts += name in SHOWS
            if name == "Do":
                names.add(str(instruction.operands[0]))
            if name in {"DP", "MP"}:
                continue
            if name in {"BDC", "BMC"}:
                kept.append(([Name.Span], Operator("BMC")))
            else:
                kept.append(instruction)
        return pikepdf.unparse_content_stream(kept), names

    def _resources(self, holder: Object, names: set[str], eyes: Eyes, depth: int) -> None:
        """What is drawn goes along; a picture that only lies there, also because pages share their lists, does not."""
        if "/Resources" not in holder:
            return
        resources = Dictionary({key: value for key, value in holder.Resources.items() if key in RESOURCES})
        if isinstance(objects := resources.get("/XObject"), Dictionary):
            resources.XObject = Dictionary({key: value for key, value in objects.items() if key in names})
        holder.Resources = resources
        if depth > DEEPEST:
            raise AttachmentError(Trouble.TOO_MUCH_INSIDE, "drawings within drawings")
        for entry in _values(resources.get("/XObject")):
            self._drawn(entry, eyes, depth)
        for entry in _values(resources.get("/Pattern")):
            if isinstance(entry, Stream):
                self._form(entry, eyes, depth, (*FORM, "/PatternType", "/PaintType", "/TilingType", "/XStep", "/YStep"))
        for entry in _values(resources.get("/ExtGState")):
            if isinstance(mask := entry.get("/SMask"), Dictionary) and isinstance(mask.get("/G"), Stream):
                self._form(mask.G, eyes, depth, FORM)
        for entry in _values(resources.get("/Font")):
            eyes.odd_fonts += _is_odd(entry)

    def _drawn(self, entry: Object, eyes: Eyes, depth: int) -> None:
        kind = entry.get("/Subtype")
        if kind == Name.Image:
            eyes.pictures += 1
            self._image(entry)
        elif kind == Name.Form:
            self._form(entry, eyes, depth, FORM)
        else:
            raise AttachmentError(Trouble.BROKEN, f"draws {kind}")

    def _form(self, form: Object, eyes: Eyes, depth: int, keys: tuple[str, ...]) -> None:
        before = self.done.get(form.objgen)
        if before is None or form.objgen == (0, 0):
            before = self.done[form.objgen] = Eyes()
            own = Eyes()
            _only(form, keys)
            written, names = self._written(form, own)
            form.write(written)
            self._resources(form, names, own, depth + 1)
            before.pictures, before.strokes, before.texts, before.odd_fonts = (
                own.pictures, own.strokes, own.texts, own.odd_fonts,
            )  # fmt: skip
        eyes.pictures += before.pictures
        eyes.strokes += before.strokes
        eyes.texts += before.texts
        eyes.odd_fonts += before.odd_fonts

    def _image(self, image: Object) -> None:
        if image.objgen in self.done and image.objgen != (0, 0):
            return
        self.done[image.objgen] = Eyes()
        _only(image, IMAGE)
        filters = image.get("/Filter")
        names = [str(one) for one in filters] if isinstance(filters, Array) else [str(filters)] if filters else []
        if "/JPXDecode" in names:
            raise AttachmentError(Trouble.BROKEN, "a picture in JPEG 2000, which may hold notes")
        if names == ["/DCTDecode"]:
            parms = image.get("/DecodeParms")
            bare = bare_jpeg(image.read_raw_bytes())
            image.write(bare, filter=Name.DCTDecode, decode_parms=parms if isinstance(parms, Dictionary) else None)
        elif "/DCTDecode" in names:
            raise AttachmentError(Trouble.BROKEN, "a JPEG within another coding")
        for key in ("/SMask", "/Mask"):
            if isinstance(mask := image.get(key), Stream):
                self._image(mask)


def bare_jpeg(data: bytes) -> bytes:
    """A JPEG without its notes and without what follows it. Raises `AttachmentError`."""
    container = container_of(data, "JPEG") if data.startswith(b"\xff\xd8") else None
    if container is None:
        raise AttachmentError(Trouble.BROKEN, "a JPEG that ends too soon")
    data, kept, at = data[: container.end], [b"\xff\xd8"], 2
    while at + 4 <= len(data):
        marker, length = data[at + 1], int.from_bytes(data[at + 2 : at + 4])
        if data[at] != 0xFF:
            raise AttachmentError(Trouble.BROKEN, "a JPEG without its markers")
        if marker == JPEG_END_OF_HEADER:
            return b"".join((*kept, data[at:]))
        is_note = marker == 0xFE or (0xE0 <= marker <= 0xEF and marker != JPEG_KEPT)
        if not is_note:
            kept.append(data[at : at + 2 + length])
        at += 2 + length
    raise AttachmentError(Trouble.BROKEN, "a JPEG without a picture")


def _only(holder: Object, keys: tuple[str, ...]) -> None:
    for key in list(holder.keys()):
        if key not in keys:
            del holder[key]


def _values(found: Object | None) -> Iterator[Object]:
    for entry in found.values() if isinstance(found, Dictionary) else ():
        if isinstance(entry, Dictionary | Stream):
            yield entry


def _is_odd(font: Object) -> bool:
    """Whether a font may draw other letters than its text says: drawn by hand, or without a table of its letters."""
    if font.get("/Subtype") == Name.Type3:
        return True
    return "/ToUnicode" not in font and not isinstance(font.get("/Encoding"), Name)


def _sweep(pdf: Pdf) -> None:
    """Whatever says when, by whom or with what, wherever it stands."""
    for one in pdf.objects:
        if isinstance(one, Dictionary | Stream):
            for key in NOWHERE:
                if key in one:
                    del one[key]
