"""What PDF/A-2 asks of what is drawn (ISO 19005-2, 6.2.2 to 6.2.10): known operators, colours, states, pictures."""

from collections.abc import Iterator

import pikepdf

from tests.portal.papers.pdfa_fonts import drawings_of

LISTED = (
    "b B b* B* BDC BI BMC BT BX c cm CS cs d d0 d1 Do DP EI EMC ET EX f F f* G g gs h i ID j J K k l m M MP n q Q re RG"
    " rg ri s S SC sc SCN scn sh T* Tc Td TD Tf Tj TJ TL Tm Tr Ts Tw Tz v w W W* y ' \""
)
OPERATORS = frozenset(LISTED.split())
"""ISO 32000-1, annex A."""

BLENDS = {
    "/Normal", "/Compatible", "/Multiply", "/Screen", "/Overlay", "/Darken", "/Lighten", "/ColorDodge", "/ColorBurn",
    "/HardLight", "/SoftLight", "/Difference", "/Exclusion", "/Hue", "/Saturation", "/Color", "/Luminosity",
}  # fmt: skip
INTENTS = {"/RelativeColorimetric", "/AbsoluteColorimetric", "/Perceptual", "/Saturation"}
DEEPEST = 28
"""Saved states within one another."""

FOUR_INKS = {"k", "K"}
"""Operators of colours that the output's profile, which is of three, does not know."""


def faults_of(pdf: pikepdf.Pdf) -> Iterator[str]:
    """Faults of contents, graphic states, colours and pictures."""
    for page in pdf.pages:
        if "/Resources" not in page.obj:
            yield "a page whose fonts and pictures stand elsewhere"
    for owner, _resources in drawings_of(pdf):
        yield from operator_faults(owner)
    for one in pdf.objects:
        if isinstance(one, (pikepdf.Dictionary, pikepdf.Stream)):
            yield from state_faults(one)
            yield from picture_faults(one)
            yield from colour_faults(one)


def operator_faults(owner: pikepdf.Page | pikepdf.Object) -> Iterator[str]:
    """Only known operators; states saved and taken back in pairs, not too deep; no colours of four inks."""
    depth = 0
    for operands, operator in pikepdf.parse_content_stream(owner):
        name = str(operator) if not isinstance(operator, str) else operator
        if name == "INLINE IMAGE":
            continue
        depth += {"q": 1, "Q": -1}.get(name, 0)
        if name not in OPERATORS:
            yield f"operator {name}"
        if not 0 <= depth <= DEEPEST:
            yield f"states {depth} deep"
        if name in FOUR_INKS or (name in {"cs", "CS"} and operands[0] == "/DeviceCMYK"):
            yield "a colour that the profile does not know"
        if name == "ri" and str(operands[0]) not in INTENTS:
            yield f"rendering intent {operands[0]}"
    if depth:
        yield "a state that is never taken back"


def state_faults(one: pikepdf.Object) -> Iterator[str]:
    """A graphic state has no transfer function and no halftone of its own, and blends in a known way."""
    if one.get("/Type") != "/ExtGState":
        return
    if {"/TR", "/HTP"} & set(one.keys()) or one.get("/TR2", "/Default") != "/Default":
        yield "a transfer function"
    blends = one.get("/BM", "/Normal")
    for blend in [blends] if isinstance(blends, (pikepdf.Name, str)) else list(blends):
        if str(blend) not in BLENDS:
            yield f"blend {blend}"
    if str(one.get("/RI", "/Perceptual")) not in INTENTS:
        yield "rendering intent"


def picture_faults(one: pikepdf.Object) -> Iterator[str]:
    """No PostScript, and no part of another file."""
    if one.get("/Type") == "/XObject" or one.get("/Subtype") in {"/PS", "/Form", "/Image"}:
        if one.get("/Subtype") == "/PS" or one.get("/Subtype2") == "/PS":
            yield "PostScript"
        if one.get("/Subtype") == "/Image" and int(one.get("/BitsPerComponent", 1)) not in {1, 2, 4, 8, 16}:
            yield "a picture's depth"


def colour_faults(one: pikepdf.Object) -> Iterator[str]:
    """No picture, group or resource is in colours of four inks."""
    spaces = [one.get("/ColorSpace"), one.get("/CS")]
    named = one.get("/ColorSpace")
    if isinstance(named, pikepdf.Dictionary):
        spaces = list(named.values())
    if any(space == "/DeviceCMYK" for space in spaces):
        yield "a colour that the profile does not know"
