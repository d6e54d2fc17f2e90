"""From a teacher's draft to the public and back: facts and personal data are checked by others, a parent agrees on a
phone by the QR code, the person responsible publishes, and a withdrawal closes it for everybody (2.14-2.17)."""

import io
import time

import pytest
import zxingcpp
from PIL import Image
from playwright.sync_api import Locator, Page, expect

from tests.browser.axe import barriers
from tests.browser.conftest import School
from tests.browser.steps import sign_in

pytestmark = [pytest.mark.browser, pytest.mark.engine, pytest.mark.timeout(300)]

TITLE = "Шахмат мелдешинин жыйынтыгы"
PHONE = {"width": 390, "height": 844}
MOTHER = "Садырова Айгүл"


def test_what_a_teacher_wrote_is_public_as_long_as_a_parent_agrees(school: School) -> None:
    with school.page() as responsible, school.page() as staff, school.page() as parent, school.page() as outside:
        sign_in(responsible, school, "internet")
        student, name = student_of(responsible, school)
        draft = written(staff, school, name)
        public = school.portal(f"/site/ky/p/{draft.strip('/').split('/')[-1]}/")
        facts_confirmed(staff, school, draft)
        data_checked(staff, school, draft)
        responsible.goto(school.portal(draft))
        expect(responsible.locator("section[aria-labelledby=steps]")).to_contain_text(name)
        expect(responsible.locator("form[action$='/publish']")).to_have_count(0)

        responsible.goto(student)
        responsible.locator("form[action$='/link'] button").click()
        address = read(responsible, responsible.locator(".qr svg"))
        assert "/makulduk/" in address
        assert barriers(responsible) == []
        agreed(parent, school.portal("/makulduk/" + address.split("/makulduk/")[1]))
        responsible.goto(student)
        expect(responsible.locator(".head .state-ok").first).to_be_visible()

        responsible.goto(school.portal(draft))
        assert outside.request.get(public).status == 404
        responsible.locator("form[action$='/publish'] button").click()
        expect(responsible.locator("a[href*='/site/']")).to_be_visible()
        assert barriers(responsible) == []
        outside.goto(public)
        expect(outside.locator("article")).to_contain_text(name)
        assert outside.context.cookies() == []

        parent.locator("form[action*='/withdraw/'] button").click()
        began = time.monotonic()
        expect(parent.locator("#said ~ p .state-info")).to_be_visible()
        assert [outside.request.get(one).text().count(name) for one in (public, school.portal("/site/ky/rss.xml"))] == [
            0,
            0,
        ]
        assert outside.request.get(public).status == 404
        assert time.monotonic() - began < 60, "2.15: within a minute"
        responsible.reload()
        expect(responsible.locator(".note-bad")).to_be_visible()
        assert barriers(responsible) == []
        responsible.fill("form[action$='/take-down'] [name=reason]", "Макулдук кайтарылып алынды")
        responsible.locator("form[action$='/take-down'] button").click()
        expect(responsible.locator("form[action$='/take-down']")).to_have_count(0)


def student_of(page: Page, school: School) -> tuple[str, str]:
    """The page of consents of a class's last student, and the name."""
    page.goto(school.portal("/consents/"))
    page.locator("tbody a").first.click()
    page.locator("tbody a").last.click()
    return page.url, page.locator("h1").inner_text()


def written(page: Page, school: School, name: str) -> str:
    """A class teacher writes a news item; its path."""
    sign_in(page, school, "sydykova")
    page.goto(school.portal("/publications/new"))
    page.fill("[name=title]", TITLE)
    page.fill("[name=body]", f"Мектептин шахмат мелдешинде {name} биринчи орунду алды.")
    assert barriers(page) == []
    page.locator("form.sheet button.btn-primary").click()
    expect(page.locator("h1")).to_have_text(TITLE)
    expect(page.locator("form[action$='/publish'], form[action$='/facts']")).to_have_count(0)
    return page.url.removeprefix(school.portal(""))


def facts_confirmed(page: Page, school: School, draft: str) -> None:
    """The director confirms the facts."""
    as_another(page, school, "direktor", draft)
    page.fill("[name=source]", "Мелдештин протоколу")
    page.locator("form[action$='/facts'] button").click()
    expect(page.locator("form[action$='/facts']")).to_have_count(0)


def data_checked(page: Page, school: School, draft: str) -> None:
    """The deputy answers what was found: a student's name stays by consent, nothing else is of a person."""
    as_another(page, school, "zavuch", draft)
    rows = page.locator("form[action$='/answer'] tbody tr")
    assert rows.count() >= 1, "the name was found"
    for row in rows.all():
        is_person = row.locator("input[type=checkbox]").count() > 0
        row.locator("select").select_option("consent" if is_person else "not-a-person")
    assert barriers(page) == []
    page.locator("form[action$='/answer'] button").click()
    page.locator("form[action$='/data'] button").click()
    expect(page.locator("section[aria-labelledby=steps] .state-ok")).to_have_count(3)


def as_another(page: Page, school: School, username: str, path: str) -> None:
    """Somebody else sits down at the same PC and opens a page."""
    page.context.clear_cookies()
    sign_in(page, school, username)
    page.goto(school.portal(path))


def read(page: Page, code: Locator) -> str:
    """What a phone's camera reads of a code on the screen."""
    assert code.is_visible(), page.locator("main").inner_text()
    [found] = zxingcpp.read_barcodes(Image.open(io.BytesIO(code.screenshot())))
    return found.text


def agreed(page: Page, address: str) -> None:
    """A mother reads the risks and agrees on her phone."""
    page.set_viewport_size(PHONE)
    page.goto(address)
    assert barriers(page) == []
    expect(page.locator("input:checked")).to_have_count(0)
    page.fill("#name", MOTHER)
    for line in (
        "relation-mother",
        "kinds-surname",
        "kinds-given-name",
        "channels-site",
        "purposes-news",
        "understood",
    ):
        page.check(f"#{line}")
    page.locator("form[action$='/give'] button").first.click()
    expect(page.locator("#said ~ p .state-ok")).to_be_visible()
    assert barriers(page) == []
