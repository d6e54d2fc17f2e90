"""The live console in a real Chromium: keyboard, live states, a lesson that passes to a colleague, open hours, and a
connection that is lost in plain sight."""

import re
import time
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from darbaza.clock import utc_now
from tests.browser.axe import barriers
from tests.browser.steps import tab_to
from tests.portal.lessons.running import Portal, portal
from tests.portal.live import BISHKEK

__all__ = ["portal"]
pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]


WRONG_CLOCK = "const right = Date.now; Date.now = () => right() + 3 * 3600 * 1000;"
"""The teacher's PC is three hours ahead: what is left of a lesson and of a pause goes by the portal's clock."""


def opened(page: Page, portal: Portal, who: str, path: str) -> Page:
    page.context.add_cookies(
        [{"name": "darbaza_session", "value": portal.cookies[who], "url": f"http://127.0.0.1:{portal.port}"},
         {"name": "darbaza_language", "value": "en", "url": f"http://127.0.0.1:{portal.port}"}]
    )  # fmt: skip
    page.goto(f"http://127.0.0.1:{portal.port}{path}")
    return page


HELP = """
from darbaza.portal.incidents.student_reports import Said, report_from_device
said = Said('f' * 24, 'urgent', '', 'мени коркутушат')
report_from_device(said=said, device=Device.objects.get(address='127.0.1.1'), at=at)
"""


def named_after_a_press_only(page: Page, portal: Portal) -> None:
    """The screen may hang on the wall: a child who needs help is named behind a press."""
    portal.run(HELP)
    shown, secrets = page.locator("#told li"), ["Беков", "мени коркутушат"]
    expect(shown).to_be_visible(timeout=15_000)
    assert [word for word in secrets if word in shown.inner_text()] == []
    shown.locator("summary").press("Enter")
    expect(shown.locator("details")).to_have_attribute("open", "")
    assert [word for word in secrets if word in shown.inner_text()] == secrets
    assert barriers(page) == []


def hand_over(browser: Browser, page: Page, portal: Portal) -> None:
    """Aida offers the lesson, Bakyt accepts it: each by keyboard. It goes on as it is, and her console is his."""
    tab_to(page, page.locator("#taker"))
    page.keyboard.press("ArrowDown")
    tab_to(page, page.locator("#hand-over form button"))
    page.keyboard.press("Enter")
    expect(page.locator("#offer")).to_contain_text("Бакытова")
    found = barriers(page)
    colleague = opened(browser.new_page(viewport={"width": 390, "height": 844}), portal, "bakyt", "/sabak/")
    found += barriers(colleague)
    tab_to(colleague, colleague.locator("form[action$='/accept'] button"))
    colleague.keyboard.press("Enter")
    expect(colleague.locator("#pause-all")).to_be_visible()
    expect(colleague.locator("[data-device='127.0.1.1'] .name")).to_have_text("Беков Бек")
    page.wait_for_url("**/sabak/")
    expect(page.locator("main")).to_contain_text("Бакытова")
    assert found + barriers(colleague) == []
    colleague.context.close()


def open_hours(browser: Browser, portal: Portal) -> None:
    """Whoever is responsible opens a free room for individual work by keyboard, a quarter of an hour for each (2.7)."""
    if (now := utc_now().astimezone(BISHKEK)) >= now.replace(hour=23, minute=57):
        time.sleep(180)  # the end must be of the same day
    now = utc_now().astimezone(BISHKEK)
    page = opened(browser.new_page(viewport={"width": 1024, "height": 768}), portal, "responsible", "/sabak/hours")
    assert barriers(page) == []
    tab_to(page, page.locator("[name=room]").first)
    page.keyboard.press("Space")
    tab_to(page, page.locator("[name=classes]").last)
    page.keyboard.press("Space")
    tab_to(page, page.locator("#purpose"))
    page.keyboard.type("Project work")
    page.fill("#until", min(now + timedelta(hours=1), now.replace(hour=23, minute=59)).strftime("%H:%M"))
    tab_to(page, page.locator("#each"))
    page.keyboard.type("15")
    tab_to(page, page.locator("form.sheet button.btn-primary"))
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_contain_text("Project work")
    page.fill("#guest-name", "Конокбаев Азиз")
    page.press("#guest-name", "Enter")
    seat = page.locator("[data-device='127.0.2.1']")
    expect(seat.locator(".name")).to_have_text("Конокбаев Азиз (guest)")
    expect(seat.locator(".limit")).to_contain_text("until")
    assert barriers(page) == []
    page.context.close()


def test_a_lesson_by_keyboard_passes_on_beside_open_hours_and_a_lost_connection_is_seen(portal: Portal) -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1024, "height": 768})
        faults: list[str] = []
        page.on("console", lambda message: faults.append(message.text))
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.add_init_script(WRONG_CLOCK)
        opened(page, portal, "aida", f"/sabak/{portal.session}/")
        expect(page.locator("#left")).to_have_text(re.compile(r"^· ([1-9]|[123][0-9]|40) min left$"))
        seat = page.locator("[data-device='127.0.1.1']")
        expect(seat).to_have_class("place x0 y0 s-free")

        page.select_option("#who", portal.student)
        page.locator("form:has(#who) button").press("Enter")
        expect(seat.locator(".name")).to_have_text("Беков Бек")
        expect(seat.locator(".text")).to_have_text("online")

        seat.focus()
        page.keyboard.press("Space")
        expect(seat.locator(".text")).to_contain_text("paused 1:5")
        page.keyboard.press("Space")
        expect(seat.locator(".text")).to_have_text("online")
        page.keyboard.press("ArrowRight")
        expect(page.locator("[data-device='127.0.1.2']")).to_be_focused()

        page.keyboard.press("F8")
        expect(seat.locator(".text")).to_contain_text("paused")
        page.keyboard.press("F8")
        expect(seat.locator(".text")).to_have_text("online")

        page.fill("#address", "oyun.test")
        page.press("#address", "Enter")
        expect(page.locator("#measures")).to_contain_text("oyun.test")
        page.click("#measures button")
        expect(page.locator("#measures li")).to_have_count(0)
        named_after_a_press_only(page, portal)
        assert faults == []

        hand_over(browser, page, portal)
        open_hours(browser, portal)
        assert faults == []
        opened(page, portal, "bakyt", f"/sabak/{portal.session}/")
        expect(seat.locator(".text")).to_have_text("online")
        portal.server.terminate()
        expect(page.locator("#lost")).to_be_visible(timeout=15_000)
        browser.close()
