"""What PDF/A-2u asks of a file, as far as its objects show it (ISO 19005-2: 6.1.3, 6.2.2, 6.2.11, 6.6, 6.7)."""

import io
from collections.abc import Iterator

import pikepdf

FORBIDDEN = {"/JavaScript", "/JS", "/Launch", "/AA", "/XFA", "/EmbeddedFiles", "/Encrypt", "/RichMedia"}


def faults_of(data: bytes) -> list[str]:
    """What keeps a file from being PDF/A-2u with tags; empty if nothing was found."""
    with pikepdf.open(io.BytesIO(data)) as pdf:
        return [*head_faults(data, pdf), *font_faults(pdf), *name_faults(pdf)]


def head_faults(data: bytes, pdf: pikepdf.Pdf) -> Iterator[str]:
    """The header, the identification, the colour space of the output, tags and language."""
    if not (data.startswith(b"%PDF-1.7\n%") and all(byte > 127 for byte in data[10:14])):
        yield "header"
    with pdf.open_metadata() as metadata:
        if (metadata.get("pdfaid:part"), metadata.get("pdfaid:conformance")) != ("2", "U"):
            yield "identification"
        if not metadata.get("dc:title"):
            yield "title"
    intents = pdf.Root.get("/OutputIntents", [])
    if not any(one.S == "/GTS_PDFA1" and len(one.DestOutputProfile.read_bytes()) > 128 for one in intents):
        yield "output intent"
    if pdf.is_encrypted or "/ID" not in pdf.trailer:
        yield "trailer"
    if not (pdf.Root.get("/MarkInfo", {}).get("/Marked") and "/StructTreeRoot" in pdf.Root and "/Lang" in pdf.Root):
        yield "tags"


def font_faults(pdf: pikepdf.Pdf) -> Iterator[str]:
    """Every font is embedded, and every glyph is a known letter."""
    for one in pdf.objects:
        if not isinstance(one, pikepdf.Dictionary):
            continue
        if one.get("/Type") == "/FontDescriptor" and not {"/FontFile", "/FontFile2", "/FontFile3"} & set(one.keys()):
            yield f"font {one.get('/FontName')} is not embedded"
        if one.get("/Subtype") == "/Type0" and "/ToUnicode" not in one:
            yield f"font {one.get('/BaseFont')} has no letters"


def name_faults(pdf: pikepdf.Pdf) -> Iterator[str]:
    """Nothing acts, and nothing is inside."""
    for one in pdf.objects:
        if isinstance(one, pikepdf.Dictionary):
            yield from FORBIDDEN & set(one.keys())


def fonts_of(data: bytes) -> set[str]:
    """The names of the fonts, without the marks of their subsets."""
    with pikepdf.open(io.BytesIO(data)) as pdf:
        found = [one for one in pdf.objects if isinstance(one, pikepdf.Dictionary)]
        return {str(one.FontName)[8:] for one in found if one.get("/Type") == "/FontDescriptor"}


def pages_of(data: bytes) -> int:
    """How many pages there are."""
    with pikepdf.open(io.BytesIO(data)) as pdf:
        return len(pdf.pages)
