"""Sheets as they come from the press: PDF/A, the same for the same record, in each language, with nothing fetched."""

import io
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from babel.messages.pofile import read_po
from django.utils import translation

import darbaza
from darbaza.portal.papers import press, rendering, setter
from darbaza.portal.papers.documents import KINDS, gather
from darbaza.portal.papers.kinds import minutes
from tests.people import Cast
from tests.portal.papers import pdfa, records

# WeasyPrint leaves the colour profile that it ships open until it is collected.
pytestmark = pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning")

PARATYPE = {"PT-Serif", "PT-Serif-Bold", "PT-Sans", "PT-Sans-Bold"}


@pytest.fixture
def refs(cast: Cast, at: datetime) -> dict[str, str]:
    """A record of each kind."""
    order = records.make_order(cast, at)
    sitting = records.hold_sitting(cast, at)
    assert sitting.decision is not None
    return {
        "order": order.ref,
        "minutes": minutes.ref_of(sitting),
        "decision": sitting.decision.ref,
        "extract": sitting.decision.ref,
        "duties": "2026-11-23",
        "proposals": "2026",
        "acts": "2026-11",
    }


def html_of(kind: str, ref: str, language: str = "ky") -> str:
    document = gather(kind, ref)
    assert document is not None
    return rendering.html_of(document, language)


@pytest.mark.parametrize("language", ["ky", "ru", "en"])
def test_every_kind_of_sheet_is_pdf_a_with_every_letter_of_paratype(refs: dict[str, str], language: str) -> None:
    for kind, ref in refs.items():
        data = setter.pdf(html_of(kind, ref, language))
        assert pdfa.faults_of(data) == [], kind
        assert pdfa.fonts_of(data) <= PARATYPE, kind


def test_the_same_record_gives_the_same_bytes_also_from_another_process(refs: dict[str, str]) -> None:
    html = html_of("order", refs["order"])
    here = setter.pdf(html)
    there = async_to_sync(press.run)("darbaza.portal.papers.setter", html.encode())
    assert here == there == setter.pdf(html_of("order", refs["order"]))


def test_languages_share_one_code_and_differ_in_words(refs: dict[str, str]) -> None:
    document = gather("order", refs["order"])
    assert document is not None
    pages = {language: html_of("order", refs["order"], language) for language in ("ky", "ru", "en")}
    assert "БУЙРУК КЫЛАМ" in pages["ky"]
    assert "ПРИКАЗЫВАЮ" in pages["ru"]
    assert all(rendering.seal_of(document).code in page for page in pages.values())
    assert translation.get_language() == "en", "the reader's own language is left alone"


@pytest.mark.parametrize("language", ["ky", "ru"])
def test_the_title_of_a_paper_has_one_translation_in_all_apps(language: str) -> None:
    """Django puts all catalogues into one: the minutes of a sitting once bore the word for sixty seconds."""
    with translation.override("en"):
        titles = {str(kind.title) for kind in KINDS.values()}
    said: dict[str, set[str]] = {title: set() for title in titles}
    for path in Path(darbaza.__file__).parent.rglob(f"locale/{language}/LC_MESSAGES/django.po"):
        for message in read_po(io.BytesIO(path.read_bytes())):
            if message.id in titles:
                said[str(message.id)].add(str(message.string))
    assert {title for title, words in said.items() if len(words) != 1} == set()
    with translation.override(language):
        assert str(KINDS["minutes"].title) == "Протокол"


def test_many_votes_run_over_several_pages_and_signatures_stand_with_what_they_sign(cast: Cast, at: datetime) -> None:
    hosts = tuple(f"kitep{number}.test" for number in range(9))
    sitting = records.hold_sitting(cast, at, members=41, hosts=hosts)
    html = html_of("minutes", minutes.ref_of(sitting))
    data = setter.pdf(html)
    assert pdfa.pages_of(data) >= 4
    assert html.count("<li>") >= 9 * 40
    assert pdfa.faults_of(data) == []


def test_a_text_that_looks_like_markup_is_only_text(cast: Cast, at: datetime) -> None:
    order = records.make_order(cast, at)
    type(order).objects.filter(pk=order.pk).update(text='<img src="file:///etc/passwd"><style>@page{size:A6}</style>')
    html = html_of("order", order.ref)
    assert "<img" not in html
    assert html.count("<style>") == 1


def test_nothing_is_fetched_whatever_is_named() -> None:
    plain = setter.pdf("<html lang=ky><title>a</title><p>a")
    with_picture = setter.pdf('<html lang=ky><title>a</title><p>a<img src="file:///usr/share/pixmaps/debian-logo.png">')
    assert b"/Image" not in with_picture
    assert len(with_picture) < len(plain) + 500


def test_a_sheet_that_was_set_is_kept_and_the_oldest_go(
    monkeypatch: pytest.MonkeyPatch, settings: Any, tmp_path: Path
) -> None:
    settings.STATE = tmp_path
    monkeypatch.setattr(press, "KEPT", 2)
    calls: list[str] = []

    async def run(module: str, given: bytes, *_arguments: str, **_more: float) -> bytes:
        calls.append(module)
        return given

    monkeypatch.setattr(press, "run", run)
    for html in ("one", "one", "two", "three", "one"):
        assert async_to_sync(press.printed)(html) == html.encode()
    assert len(calls) == 4, "the second `one` was kept, the last had gone"


def test_a_press_that_hangs_or_fails_is_ended_and_says_so() -> None:
    with pytest.raises(press.PressError, match="took more than"):
        async_to_sync(press.run)("timeit", b"", "-n1", "import time; time.sleep(60)", seconds=1)
    with pytest.raises(press.PressError, match="ended with"):
        async_to_sync(press.run)("darbaza.portal.papers.setter", b"\xff")


def test_every_kind_has_a_title_and_a_template_and_says_who_may_print_it() -> None:
    assert {code for code, kind in KINDS.items() if kind.right is None} == {"extract"}
    assert all(kind.code == code and kind.title and kind.template for code, kind in KINDS.items())
