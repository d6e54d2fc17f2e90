"""A member of the council enters a decision, and the real Squid answers otherwise within a second."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.axe import barriers
from tests.browser.conftest import SOON, School
from tests.browser.steps import SEATED_PC, seconds_until, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.engine, pytest.mark.timeout(240)]

HOST = "oyun.test"
"""Games are closed as a category; a ruling on the resource itself goes before it."""


def fill(page: Page, school: School, minutes: str, *, allow: str = "", ends: str = "") -> None:
    """The form of a decision of today: a resource that students may use, or an earlier ruling that ends."""
    page.goto(school.portal("/council/decisions/new"))
    page.fill("[name=minutes_number]", minutes)
    page.fill("[name=text]", "Тогуз коргоол сайты боюнча чечим.")
    if allow:
        page.select_option("[name$='-0-user_category']", label="Окуучулар")
        page.select_option("[name$='-0-effect']", "allow")
        page.fill("[name$='-0-host']", allow)
    if ends:
        page.locator("details", has=page.locator("[name=ends]")).locator("summary").click()
        page.locator("li.form-check", has_text=ends).locator("input").check()


def decide(page: Page, school: School, minutes: str, *, allow: str = "", ends: str = "") -> None:
    """Fill the form and enter the decision."""
    fill(page, school, minutes, allow=allow, ends=ends)
    page.locator("button.btn-primary.btn-lg").click()
    if page.locator("#sure").count():  # another ruling says otherwise: shown with which one would win
        page.locator("#sure").check()
        page.locator("button.btn-primary.btn-lg").click()
    expect(page.locator("article.document")).to_be_visible()


def test_a_decision_is_on_the_wire_within_a_second(school: School) -> None:
    url = school.http(HOST)
    with school.page() as member:
        sign_in(member, school, "kenesh")
        member.goto(school.portal("/council/decisions/new"))
        assert barriers(member) == []
        # Somebody of the simulated class sits there; the council has closed all games.
        seconds_until(school, SEATED_PC, school.http("kitep.test"), 200, within=30)
        assert school.fetch(SEATED_PC, url)[0] == 403

        decide(member, school, "41", allow=HOST)
        seconds_until(school, SEATED_PC, url, 200, within=SOON / 1000)
        expect(member.locator("article.document")).to_contain_text(HOST)
        assert barriers(member) == []
        member.goto(school.portal("/council/rules/"))
        expect(member.locator("tbody tr", has_text=HOST)).to_have_count(1)

        decide(member, school, "42", ends=HOST)
        seconds_until(school, SEATED_PC, url, 403, within=SOON / 1000)
        member.goto(school.portal("/council/rules/"))
        expect(member.locator("tbody tr", has_text=HOST)).to_have_count(0)


def test_a_draft_is_tried_on_what_the_class_really_asked_for(school: School) -> None:
    """Somebody of the class asks for a game and is refused; the draft would have opened it, and changes nothing."""
    seconds_until(school, SEATED_PC, school.http("kitep.test"), 200, within=30)
    assert school.fetch(SEATED_PC, school.http(HOST))[0] == 403
    with school.page() as member:
        sign_in(member, school, "kenesh")
        fill(member, school, "43", allow=HOST)
        with member.expect_popup() as opened:
            member.locator("button[formaction]").click()
        tried = opened.value
        expect(tried.locator("table.replay")).to_have_count(2, timeout=6 * SOON)
        expect(tried.locator("table.replay tbody tr", has_text=HOST)).to_have_count(1)
        expect(tried.locator("figure svg rect")).not_to_have_count(0)
        assert barriers(tried) == []
        member.goto(school.portal("/council/rules/"))
        expect(member.locator("tbody tr", has_text=HOST)).to_have_count(0)
    assert school.fetch(SEATED_PC, school.http(HOST))[0] == 403


def test_a_teacher_enters_no_decision(school: School) -> None:
    with school.page() as teacher:
        sign_in(teacher, school, "isakov")
        refused = teacher.goto(school.portal("/council/decisions/new"))
        assert refused is not None
        assert refused.status == 403
        expect(teacher.locator("main")).to_contain_text("2.6")
