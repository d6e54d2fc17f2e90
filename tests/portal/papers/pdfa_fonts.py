"""What PDF/A-2u asks of fonts (ISO 19005-2, 6.2.11): embedded, as wide as it says, every glyph drawn a known letter."""

import io
import re
from collections.abc import Iterator

import pikepdf
from fontTools.ttLib import TTFont

PROGRAMS = ("/FontFile", "/FontFile2", "/FontFile3")
NO_LETTERS = {0, 0xFEFF, 0xFFFE}
HEX = re.compile(rb"<([0-9A-Fa-f]+)>")
BLOCK = re.compile(rb"begin(bfchar|bfrange)(.*?)end\1", re.DOTALL)
TOLERANCE = 1.0
"""Thousandths of an em by which a width may differ from the font's own."""


def faults_of(pdf: pikepdf.Pdf) -> Iterator[str]:
    """Faults of the fonts, and of what the pages draw with them."""
    yield from descriptor_faults(pdf)
    fonts = [one for one in pdf.objects if isinstance(one, pikepdf.Dictionary) and one.get("/Type") == "/Font"]
    drawn = drawn_glyphs(pdf)
    for font in fonts:
        name = font.get("/BaseFont")
        if font.get("/Subtype") not in {"/Type0", "/CIDFontType0", "/CIDFontType2"}:
            yield f"font {name} is of kind {font.get('/Subtype')}"
        if font.get("/Subtype") == "/Type0":
            yield from (f"font {name}: {fault}" for fault in composite_faults(font, drawn.get(font.objgen, set())))


def descriptor_faults(pdf: pikepdf.Pdf) -> Iterator[str]:
    """Every font is embedded, once."""
    for one in pdf.objects:
        if isinstance(one, pikepdf.Dictionary) and one.get("/Type") == "/FontDescriptor":
            programs = [key for key in PROGRAMS if key in one]
            if len(programs) != 1:
                yield f"font {one.get('/FontName')} is embedded {len(programs)} times"


def composite_faults(font: pikepdf.Object, drawn: set[int]) -> Iterator[str]:
    """One font as pages use it, with the numbers of the glyphs that they draw."""
    if font.get("/Encoding") != "/Identity-H" or len(font.DescendantFonts) != 1:
        yield "its encoding is not its own order of glyphs"
    inner = font.DescendantFonts[0]
    if inner.BaseFont != font.BaseFont or "/CIDSystemInfo" not in inner:
        yield "its parts do not belong together"
    if inner.Subtype == "/CIDFontType2" and inner.get("/CIDToGIDMap") != "/Identity":
        yield "its glyphs are named by no map"
    if 0 in drawn:
        yield "the glyph that stands for none is drawn"
    if "/ToUnicode" not in font:
        yield "its glyphs are no letters"
        return
    letters = letters_of(font.ToUnicode.read_bytes())
    yield from (f"glyph {glyph} is no letter" for glyph in sorted(drawn) if not letters.get(glyph))
    yield from (f"glyph {glyph} is no letter" for glyph in sorted(drawn) if set(letters.get(glyph, ())) & NO_LETTERS)
    yield from width_faults(inner, drawn)


def letters_of(program: bytes) -> dict[int, list[int]]:
    """What a ToUnicode map makes of each glyph: letters by their numbers."""
    found: dict[int, list[int]] = {}
    for kind, block in BLOCK.findall(program):
        words = [bytes.fromhex(one.decode()) for one in HEX.findall(block)]
        if kind == b"bfchar":
            for code, text in zip(words[::2], words[1::2], strict=True):
                found[int.from_bytes(code)] = [ord(one) for one in text.decode("utf-16-be")]
        else:
            for first, last, text in zip(words[::3], words[1::3], words[2::3], strict=True):
                start = ord(text.decode("utf-16-be"))
                for place, code in enumerate(range(int.from_bytes(first), int.from_bytes(last) + 1)):
                    found[code] = [start + place]
    return found


def width_faults(inner: pikepdf.Object, drawn: set[int]) -> Iterator[str]:
    """Every glyph that is drawn is as wide as the embedded font says."""
    descriptor = inner.FontDescriptor
    key = next((one for one in PROGRAMS if one in descriptor), None)
    if key is None:
        return
    program = TTFont(io.BytesIO(descriptor[key].read_bytes()), lazy=True)
    scale, order = 1000 / program["head"].unitsPerEm, program.getGlyphOrder()
    said, usual = widths_of(inner), float(inner.get("/DW", 1000))
    for glyph in sorted(drawn):
        if glyph >= len(order):
            yield f"glyph {glyph} is not in the file"
            continue
        own = program["hmtx"][order[glyph]][0] * scale
        if abs(said.get(glyph, usual) - own) > TOLERANCE:
            yield f"glyph {glyph} is {said.get(glyph, usual):g} wide and the font says {own:g}"


def widths_of(inner: pikepdf.Object) -> dict[int, float]:
    """The widths that a font's dictionary gives, by glyph (ISO 32000-1, 9.7.4.3)."""
    found: dict[int, float] = {}
    entries = list(inner.get("/W", []))
    while entries:
        first, following = int(entries.pop(0)), entries.pop(0)
        if isinstance(following, pikepdf.Array):
            found |= {first + place: float(width) for place, width in enumerate(following)}
        else:
            width = float(entries.pop(0))
            found |= dict.fromkeys(range(first, int(following) + 1), width)
    return found


def drawn_glyphs(pdf: pikepdf.Pdf) -> dict[tuple[int, int], set[int]]:
    """The glyphs that pages and their parts draw, by font."""
    found: dict[tuple[int, int], set[int]] = {}
    for owner, resources in drawings_of(pdf):
        fonts, current = resources.get("/Font", {}), None
        for operands, operator in pikepdf.parse_content_stream(owner):
            if str(operator) == "Tf":
                current = fonts[str(operands[0])].objgen
            elif str(operator) in {"Tj", "TJ", "'", '"'} and current is not None:
                texts = operands[0] if str(operator) == "TJ" else [operands[-1]]
                for text in texts:
                    if isinstance(text, pikepdf.String):
                        codes = bytes(text)
                        pairs = zip(codes[::2], codes[1::2], strict=True)
                        found.setdefault(current, set()).update(high << 8 | low for high, low in pairs)
    return found


def drawings_of(pdf: pikepdf.Pdf) -> Iterator[tuple[pikepdf.Page | pikepdf.Object, pikepdf.Object]]:
    """Everything with a content of its own, and its resources: pages and forms."""
    for page in pdf.pages:
        yield page, page.obj.get("/Resources", pikepdf.Dictionary())
    for one in pdf.objects:
        if isinstance(one, pikepdf.Stream) and one.get("/Subtype") == "/Form":
            yield one, one.get("/Resources", pikepdf.Dictionary())
