"""The director: an order gives a duty and with it a right, stands as a sheet of A4, and is in the audit."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.axe import barriers
from tests.browser.conftest import School
from tests.browser.steps import sign_in

pytestmark = [pytest.mark.browser, pytest.mark.engine, pytest.mark.timeout(240)]

A4 = re.compile(rb"/MediaBox \[0 0 59[456](\.\d+)? 84[123](\.\d+)?\]")
SHEET = re.compile(rb"/Type /Page\b")
TEXT = "Китепканачы Жумабаева А.Э. мектептин жооптуу адамы болсун. <b onmouseover=alert(1)>Кол</b>"


def appoint(page: Page, school: School, surname: str, duty: str) -> None:
    """Sign an order that gives somebody a duty from today."""
    page.goto(school.portal("/council/orders/new"))
    page.fill("[name=text]", TEXT)
    page.select_option("[name$='-0-act']", "appoint")
    chosen = page.locator("[name$='-0-person'] option", has_text=surname).first.get_attribute("value")
    page.select_option("[name$='-0-person']", chosen)
    page.select_option("[name$='-0-duty']", duty)
    assert barriers(page) == []
    page.locator("button[name=sign]").click()
    expect(page.locator("article.document")).to_be_visible()


def test_an_order_gives_a_right_and_prints_on_one_sheet(school: School) -> None:
    with school.page() as director, school.page() as teacher:
        sign_in(teacher, school, "kadyrova")
        refused = teacher.goto(school.portal("/log/"))
        assert refused is not None
        assert refused.status == 403
        expect(teacher.locator("main")).to_contain_text("2.7")
        assert barriers(teacher) == []

        sign_in(director, school, "direktor")
        appoint(director, school, "Кадырова", "internet-responsible")
        expect(director.locator("article.document")).to_contain_text(TEXT)
        expect(director.locator("article.document b", has_text="Кол")).to_have_count(0)
        assert barriers(director) == []

        # Nothing else than the order opens the log.
        opened = teacher.goto(school.portal("/log/"))
        assert opened is not None
        assert opened.status == 200
        expect(teacher.locator("nav.menu a[aria-current]")).to_have_text("Журнал")

        # On paper: the document alone, black on white, on one sheet of A4.
        director.emulate_media(media="print")
        expect(director.locator("header.bar")).to_be_hidden()
        expect(director.locator("nav.menu")).to_be_hidden()
        expect(director.locator("article.document")).to_be_visible()
        printed = director.pdf(prefer_css_page_size=True)
        assert len(SHEET.findall(printed)) == 1
        assert A4.search(printed)

        director.emulate_media(media="screen")
        director.goto(school.portal("/audit?check"))
        expect(director.locator(".note-ok")).to_be_visible()
        expect(director.locator("tbody tr").first).to_contain_text("council:order:sign")
        assert barriers(director) == []
