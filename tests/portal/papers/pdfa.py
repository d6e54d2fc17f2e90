"""What PDF/A-2u asks of a file, as far as its objects show it (ISO 19005-2: 6.1, 6.2, 6.3, 6.5 to 6.7).

No kept validator of PDF/A-2 comes from the registries that this project installs from: veraPDF is published elsewhere,
and the preflight of Debian's PDFBox knows PDF/A-1b only. So what can be read off the objects is read off them here.
"""

import io
from collections.abc import Iterator

import pikepdf

FORBIDDEN = {"/JavaScript", "/JS", "/Launch", "/AA", "/XFA", "/EmbeddedFiles", "/Encrypt", "/RichMedia"}


def faults_of(data: bytes) -> list[str]:
    """What keeps a file from being PDF/A-2u with tags; empty if nothing was found."""
    with pikepdf.open(io.BytesIO(data)) as pdf:
        return [*head_faults(data, pdf), *font_faults(pdf), *name_faults(pdf), *stream_faults(pdf), *note_faults(pdf)]


def head_faults(data: bytes, pdf: pikepdf.Pdf) -> Iterator[str]:
    """The header, the identification, the colour space of the output, tags and language."""
    if not (data.startswith(b"%PDF-1.7\n%") and all(byte > 127 for byte in data[10:14])):
        yield "header"
    with pdf.open_metadata() as metadata:
        if (metadata.get("pdfaid:part"), metadata.get("pdfaid:conformance")) != ("2", "U"):
            yield "identification"
        if not metadata.get("dc:title"):
            yield "title"
        if "/Title" in pdf.docinfo and str(pdf.docinfo["/Title"]) != metadata.get("dc:title"):
            yield "title in two wordings"
    intents = [one for one in pdf.Root.get("/OutputIntents", []) if one.S == "/GTS_PDFA1"]
    if len(intents) != 1 or not is_profile(intents[0].DestOutputProfile):
        yield "output intent"
    if pdf.is_encrypted or "/ID" not in pdf.trailer:
        yield "trailer"
    if not (pdf.Root.get("/MarkInfo", {}).get("/Marked") and "/StructTreeRoot" in pdf.Root and "/Lang" in pdf.Root):
        yield "tags"


def is_profile(stream: pikepdf.Object) -> bool:
    """Whether a stream is an ICC profile for output or a screen with as many colours as it says (ICC.1, 7.2)."""
    profile, colours = stream.read_bytes(), {b"RGB ": 3, b"GRAY": 1, b"CMYK": 4}
    signed = profile[36:40] == b"acsp" and profile[12:16] in {b"mntr", b"prtr"}
    return signed and colours.get(profile[16:20]) == int(stream.N)


def stream_faults(pdf: pikepdf.Pdf) -> Iterator[str]:
    """No stream lies outside the file, is packed by LZW or encrypted, or smooths a picture that had fewer points."""
    for one in pdf.objects:
        if not isinstance(one, pikepdf.Stream):
            continue
        packed = one.get("/Filter", [])
        filters = {str(packed)} if isinstance(packed, pikepdf.Name) else {str(each) for each in packed}
        if filters & {"/LZWDecode", "/Crypt"} or {"/F", "/FFilter", "/FDecodeParms"} & set(one.keys()):
            yield f"stream by {sorted(filters)}"
        if one.get("/Interpolate") or {"/Alternates", "/OPI"} & set(one.keys()):
            yield "picture with alternatives"


def note_faults(pdf: pikepdf.Pdf) -> Iterator[str]:
    """What stands on a page beside its content is printed with it, and a link only leads somewhere."""
    hidden = 1 | 2 | 32 | 256  # invisible, hidden, no view, toggle no view
    for page in pdf.pages:
        for note in page.get("/Annots", []):
            flags = int(note.get("/F", 0))
            if note.Subtype == "/Popup" or not flags & 4 or flags & hidden:
                yield f"annotation {note.Subtype} with flags {flags}"
            if note.get("/A", {}).get("/S", "/GoTo") not in {"/GoTo", "/URI"}:
                yield f"action {note.A.S}"


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
