"""The examination of PDF/A finds what it is for: a sound sheet has no fault, and each damage to it has its own."""

import io
from collections.abc import Callable
from typing import Any

import pikepdf
import pytest

from darbaza.portal.papers import setter
from tests.portal.papers import pdfa

pytestmark = pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning")

Damage = Callable[[pikepdf.Pdf], Any]


@pytest.fixture(scope="module")
def sheet() -> bytes:
    """A small sheet with two fonts and a picture made of lines."""
    style = 'body { font: 12pt "PT Serif" } b { font-family: "PT Sans" }'
    lines = '<svg width="9" height="9"><rect width="5" height="5" fill-opacity=".5"/></svg>'
    return setter.pdf(f"<html lang=ky><title>Өң</title><style>{style}</style><p>Өүң <b>7-А</b> {lines}</html>")


def of_type(pdf: pikepdf.Pdf, key: str, value: str) -> pikepdf.Object:
    """The first object of a type."""
    return next(one for one in pdf.objects if isinstance(one, pikepdf.Dictionary) and one.get(key) == value)


def draw(operators: bytes) -> Damage:
    """Draw something more on the page."""

    def damage(pdf: pikepdf.Pdf) -> None:
        pdf.pages[0].contents_add(operators)

    return damage


def narrow(pdf: pikepdf.Pdf) -> None:
    font = (
        of_type(pdf, "/Subtype", "/CIDFontType2")
        if has(pdf, "/CIDFontType2")
        else of_type(pdf, "/Subtype", "/CIDFontType0")
    )
    font.W, font.DW = pikepdf.Array(), 1


def has(pdf: pikepdf.Pdf, subtype: str) -> bool:
    return any(isinstance(one, pikepdf.Dictionary) and one.get("/Subtype") == subtype for one in pdf.objects)


def forget_letters(pdf: pikepdf.Pdf) -> None:
    of_type(pdf, "/Subtype", "/Type0").ToUnicode = pdf.make_stream(b"1 beginbfchar <0000> <0041> endbfchar")


def rename_tag(pdf: pikepdf.Pdf) -> None:
    of_type(pdf, "/Type", "/StructElem").S = pikepdf.Name("/Abzac")


def inform_otherwise(pdf: pikepdf.Pdf) -> None:
    pdf.docinfo["/Title"] = "башка"


def take_out_program(pdf: pikepdf.Pdf) -> None:
    descriptor = of_type(pdf, "/Type", "/FontDescriptor")
    for key in ("/FontFile2", "/FontFile3"):
        if key in descriptor:
            del descriptor[key]


def take_out_id(pdf: pikepdf.Pdf) -> None:
    pdf.Root.OutputIntents = pikepdf.Array()


def blend(pdf: pikepdf.Pdf) -> None:
    state = (
        of_type(pdf, "/Type", "/ExtGState")
        if any(isinstance(one, pikepdf.Dictionary) and one.get("/Type") == "/ExtGState" for one in pdf.objects)
        else pdf.make_indirect(pikepdf.Dictionary(Type=pikepdf.Name.ExtGState))
    )
    state.BM = pikepdf.Name("/Shine")
    pdf.Root.Kept = state


def keep(key: str, value: Callable[[pikepdf.Pdf], Any]) -> Damage:
    """Put something into the catalogue."""

    def damage(pdf: pikepdf.Pdf) -> None:
        pdf.Root[key] = value(pdf)

    return damage


DAMAGES: list[tuple[str, Damage]] = [
    ("a colour that the profile does not know", draw(b" 0 0 0 1 k")),
    ("operator", draw(b" 1 2 mystery")),
    ("never taken back", draw(b" q")),
    ("states 29 deep", draw(b" " + b"q " * 29 + b"Q " * 29)),
    ("wide and the font says", narrow),
    ("is no letter", forget_letters),
    ("is embedded 0 times", take_out_program),
    ("output intent", take_out_id),
    ("tag Abzac", rename_tag),
    ("title in two wordings", inform_otherwise),
    ("blend /Shine", blend),
    ("/OpenAction", keep("/OpenAction", lambda _pdf: pikepdf.Dictionary(S=pikepdf.Name.GoTo))),
    ("/JavaScript", keep("/Names", lambda _pdf: pikepdf.Dictionary(JavaScript=pikepdf.Dictionary()))),
    ("/XFA", keep("/AcroForm", lambda _pdf: pikepdf.Dictionary(XFA=pikepdf.Array()))),
    ("limit: string", keep("/Long", lambda _pdf: pikepdf.String("a" * 32768))),
    ("limit: integer", keep("/Large", lambda _pdf: 2**31)),
    ("picture with alternatives", keep("/Kept", lambda pdf: pdf.make_stream(b"a", Interpolate=True))),
]


def test_a_sound_sheet_has_no_fault(sheet: bytes) -> None:
    assert pdfa.faults_of(sheet) == []


@pytest.mark.parametrize(("fault", "damage"), DAMAGES, ids=[fault for fault, _damage in DAMAGES])
def test_each_damage_is_found(sheet: bytes, fault: str, damage: Damage) -> None:
    pdf, out = pikepdf.open(io.BytesIO(sheet)), io.BytesIO()
    damage(pdf)
    pdf.save(out, fix_metadata_version=False, static_id=True)
    assert any(fault in found for found in pdfa.faults_of(out.getvalue())), pdfa.faults_of(out.getvalue())


def test_what_stands_after_the_end_or_is_encrypted_is_found(sheet: bytes) -> None:
    assert "something after the end" in pdfa.faults_of(sheet + b"%%more")
    out = io.BytesIO()
    pikepdf.open(io.BytesIO(sheet)).save(out, encryption=pikepdf.Encryption(owner="a", user=""))
    assert "trailer" in pdfa.faults_of(out.getvalue())
