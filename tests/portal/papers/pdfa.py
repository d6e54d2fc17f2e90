"""What PDF/A-2u asks of a file, as far as its objects show it (ISO 19005-2: 6.1 to 6.11).

No kept validator of PDF/A-2 comes from the registries that this project installs from: veraPDF is published elsewhere,
and the preflight of Debian's PDFBox knows PDF/A-1b only. So what can be read off the objects is read off them here: the
file's frame and what it must not hold in this module, fonts in `pdfa_fonts`, what is drawn in `pdfa_content`.
"""

import io
from collections.abc import Iterator

import pikepdf

from tests.portal.papers import pdfa_content, pdfa_fonts

FORBIDDEN = {
    "/JavaScript", "/JS", "/Launch", "/AA", "/XFA", "/EmbeddedFiles", "/Encrypt", "/RichMedia", "/AF", "/PresSteps",
    "/AlternatePresentations", "/Requirements", "/NeedAppearances", "/OpenAction", "/OCProperties", "/Perms", "/Ref",
}  # fmt: skip
"""Keys that no object of ours has: what acts, what is inside or elsewhere, what shows now and not then."""

INFO = {
    "/Title": "dc:title", "/Author": "dc:creator", "/Subject": "dc:description", "/Keywords": "pdf:Keywords",
    "/Creator": "xmp:CreatorTool", "/Producer": "pdf:Producer", "/CreationDate": "xmp:CreateDate",
    "/ModDate": "xmp:ModifyDate",
}  # fmt: skip
"""What the information dictionary may say, and where the metadata say the same."""

LISTED = (
    "Document Part Art Sect Div BlockQuote Caption TOC TOCI Index NonStruct Private P H H1 H2 H3 H4 H5 H6 L LI Lbl"
    " LBody Table TR TH TD THead TBody TFoot Span Quote Note Reference BibEntry Code Link Annot Ruby Warichu Figure"
    " Formula Form"
)
STANDARD_TAGS = frozenset(LISTED.split())
"""ISO 32000-1, 14.8.4."""

LONGEST_STRING, LONGEST_NAME, LARGEST_INTEGER, MOST_OBJECTS = 32767, 127, 2**31 - 1, 8_388_607
"""ISO 19005-2, 6.1.13."""


def faults_of(data: bytes) -> list[str]:
    """What keeps a file from being PDF/A-2u with tags; empty if nothing was found."""
    with pikepdf.open(io.BytesIO(data)) as pdf:
        own = (head_faults(data, pdf), frame_faults(data, pdf), info_faults(pdf), name_faults(pdf), stream_faults(pdf))
        more = (note_faults(pdf), limit_faults(pdf), tag_faults(pdf))
        others = (pdfa_fonts.faults_of(pdf), pdfa_content.faults_of(pdf))
        return [fault for found in (*own, *more, *others) for fault in found]


def frame_faults(data: bytes, pdf: pikepdf.Pdf) -> Iterator[str]:
    """The file reads without repairs, ends where it ends, and its metadata are one plain stream of XML."""
    yield from (f"syntax: {one}" for one in pdf.check_pdf_syntax())
    if data[data.rfind(b"%%EOF") + 5 :] not in {b"", b"\n", b"\r\n", b"\r"}:
        yield "something after the end"
    stream = pdf.Root.get("/Metadata")
    if stream is None or stream.get("/Type") != "/Metadata" or stream.get("/Subtype") != "/XML":
        yield "metadata"
    elif any(word in stream.read_bytes().split(b"?>", 1)[0] for word in (b"bytes=", b"encoding=")):
        yield "metadata packet"


def info_faults(pdf: pikepdf.Pdf) -> Iterator[str]:
    """What the information dictionary says, the metadata say too."""
    with pdf.open_metadata() as metadata:
        for key, name in INFO.items():
            if key not in pdf.docinfo:
                continue
            said, meant = str(pdf.docinfo[key]), metadata.get(name)
            if "Date" in key:
                said, meant = digits(said), digits(str(meant or ""))
            if said != (", ".join(meant) if isinstance(meant, list) else meant):
                yield f"{key} is not what {name} says"


def digits(text: str) -> str:
    """Year to second of a date in either form."""
    return "".join(one for one in text if one.isdigit())[:14]


def limit_faults(pdf: pikepdf.Pdf) -> Iterator[str]:
    """No string, name, number or count is larger than every reader can hold; pages are of a size that printers know."""
    if len(pdf.objects) > MOST_OBJECTS:
        yield "objects"
    for page in pdf.pages:
        left, bottom, right, top = (float(one) for one in page.mediabox)
        if not (3 <= right - left <= 14400 and 3 <= top - bottom <= 14400):
            yield "size of a page"
    for value in pdf.objects:
        yield from (f"limit: {one}" for one in too_large(value))


def too_large(value: object, depth: int = 0) -> Iterator[str]:
    """What of one object, down to the next numbered one, is larger than allowed."""
    if isinstance(value, pikepdf.String) and len(bytes(value)) > LONGEST_STRING:
        yield "string"
    elif isinstance(value, pikepdf.Name) and len(str(value).encode()) - 1 > LONGEST_NAME:
        yield f"name {value}"
    elif isinstance(value, int) and not isinstance(value, bool) and abs(value) > LARGEST_INTEGER:
        yield f"integer {value}"
    inner: list[object] = []
    if isinstance(value, (pikepdf.Dictionary, pikepdf.Stream)):
        inner = [pikepdf.Name(one) for one in value.keys()] + list(value.values())  # noqa: SIM118 - no mapping of Python's
    elif isinstance(value, pikepdf.Array):
        inner = list(value)
    for one in inner:
        if not (isinstance(one, pikepdf.Object) and one.is_indirect) and depth < 64:
            yield from too_large(one, depth + 1)


def tag_faults(pdf: pikepdf.Pdf) -> Iterator[str]:
    """Every element of the structure is of a kind that readers know, and the way from the page to it is there."""
    root = pdf.Root.get("/StructTreeRoot", {})
    roles = {str(one)[1:] for one in root.get("/RoleMap", {})}
    for one in pdf.objects:
        if isinstance(one, pikepdf.Dictionary) and one.get("/Type") == "/StructElem":
            tag = str(one.get("/S", "/"))[1:]
            if tag not in STANDARD_TAGS | roles:
                yield f"tag {tag}"
    if "/ParentTree" not in root:
        yield "no way from the page to its tags"
    if any("/StructParents" not in page.obj for page in pdf.pages):
        yield "a page without tags"


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


def name_faults(pdf: pikepdf.Pdf) -> Iterator[str]:
    """Nothing acts, and nothing is inside."""
    for one in pdf.objects:
        yield from FORBIDDEN & set(keys_in(one))


def keys_in(value: object, depth: int = 0) -> Iterator[str]:
    """All keys of one object, down to the next numbered ones."""
    inner: list[object] = []
    if isinstance(value, (pikepdf.Dictionary, pikepdf.Stream)):
        yield from value.keys()
        inner = list(value.values())
    elif isinstance(value, pikepdf.Array):
        inner = list(value)
    for one in inner:
        if isinstance(one, pikepdf.Object) and not one.is_indirect and depth < 64:
            yield from keys_in(one, depth + 1)


def fonts_of(data: bytes) -> set[str]:
    """The names of the fonts, without the marks of their subsets."""
    with pikepdf.open(io.BytesIO(data)) as pdf:
        found = [one for one in pdf.objects if isinstance(one, pikepdf.Dictionary)]
        return {str(one.FontName)[8:] for one in found if one.get("/Type") == "/FontDescriptor"}


def pages_of(data: bytes) -> int:
    """How many pages there are."""
    with pikepdf.open(io.BytesIO(data)) as pdf:
        return len(pdf.pages)
