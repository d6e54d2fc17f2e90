"""A lesson without touching the mouse: Tab, Enter and Space start it, pause it, walk the seats and end it."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import School
from tests.browser.steps import PC, VALUES, sign_in, tab_to

pytestmark = [pytest.mark.browser, pytest.mark.engine, pytest.mark.timeout(240)]


def press(page: Page, wanted: Locator, key: str = "Enter") -> None:
    """Walk to it and press it."""
    tab_to(page, wanted)
    page.keyboard.press(key)


def test_a_lesson_by_keyboard_alone(school: School) -> None:
    with school.page() as page:
        page.goto(school.portal("/accounts/login/?next=/"))
        tab_to(page, page.locator("[name=login]"))
        page.keyboard.type("sydykova")
        tab_to(page, page.locator("[name=password]"))
        page.keyboard.type(school.sign_ins["passwords"]["sydykova"])
        page.keyboard.press("Enter")
        expect(page.locator("nav.menu")).to_be_visible()

        # The first Tab leads past the menu to the content.
        page.keyboard.press("Tab")
        expect(page.locator("a.skip")).to_be_focused()
        page.keyboard.press("Enter")
        expect(page.locator("main")).to_be_focused()
        press(page, page.locator(".todo a[href='/sabak/']").first)
        press(page, page.locator("section[aria-labelledby=start] button.btn-primary").first)
        expect(page.locator("#seats li")).not_to_have_count(0)

        # Seat a student, pause that one, give back, pause everybody, give back.
        student = page.locator("#who option").evaluate_all(VALUES)[1]
        tab_to(page, page.locator("#who"))
        page.keyboard.press("ArrowDown")
        expect(page.locator("#who")).to_have_value(student)
        tab_to(page, page.locator("#where"))
        for _ in range(4):
            page.keyboard.press("ArrowDown")
        expect(page.locator("#where")).to_have_value(PC)
        press(page, page.locator("form:has(#who) button"))
        seat = page.locator(f"[data-device='{PC}']")
        expect(seat.locator(".name")).not_to_be_empty()
        press(page, seat, "Space")
        expect(seat).to_have_class(re.compile("s-paused"))
        page.keyboard.press("Space")
        expect(seat).not_to_have_class(re.compile("s-paused"))
        page.keyboard.press("ArrowRight")
        expect(page.locator("[data-device='127.0.2.6']")).to_be_focused()
        page.keyboard.press("Shift+Tab")
        press(page, page.locator("#pause-all button"), "Space")
        expect(seat).to_have_class(re.compile("s-paused"))
        press(page, page.locator("#resume-all button"), "Space")
        expect(seat).not_to_have_class(re.compile("s-paused"))

        # The end asks once more, and says what it does.
        press(page, page.locator("details.sure summary"))
        press(page, page.locator("details.sure form button"))
        expect(page.locator("#over")).to_be_visible()

        # The person's menu opens, closes on Escape, and signs out.
        press(page, page.locator(".bar details summary"))
        expect(page.locator(".bar details form button")).to_be_visible()
        page.keyboard.press("Escape")
        expect(page.locator(".bar details form button")).to_be_hidden()
        press(page, page.locator(".bar details summary"))
        press(page, page.locator(".bar details form button"))
        expect(page.locator("nav.menu")).to_have_count(0)


def test_languages_change_by_keyboard_and_the_page_stays(school: School) -> None:
    with school.page() as page:
        sign_in(page, school, "kenesh")
        page.goto(school.portal("/council/rules/"))
        for language, title in (("ru", "Что действует"), ("en", "What is in force"), ("ky", "Күчүндөгү эрежелер")):
            press(page, page.locator(f".languages button[value={language}]"))
            expect(page.locator("html")).to_have_attribute("lang", language)
            expect(page.locator("h1")).to_have_text(title)
