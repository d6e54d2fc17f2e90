"""The live console in a real Chromium: keyboard, live states, and a connection that is lost in plain sight."""

import pytest
from playwright.sync_api import Page, expect, sync_playwright

from tests.portal.lessons.running import Portal, portal

__all__ = ["portal"]
pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]


def console(page: Page, portal: Portal) -> None:
    page.context.add_cookies(
        [{"name": "darbaza_session", "value": portal.cookies["aida"], "url": f"http://127.0.0.1:{portal.port}"},
         {"name": "darbaza_language", "value": "en", "url": f"http://127.0.0.1:{portal.port}"}]
    )  # fmt: skip
    page.goto(f"http://127.0.0.1:{portal.port}/sabak/{portal.session}/")


def test_the_supervisor_works_by_keyboard_and_sees_a_lost_connection(portal: Portal) -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1024, "height": 768})
        faults: list[str] = []
        page.on("console", lambda message: faults.append(message.text))
        page.on("pageerror", lambda error: faults.append(str(error)))
        console(page, portal)
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
        assert faults == []

        portal.server.terminate()
        expect(page.locator("#lost")).to_be_visible(timeout=15_000)
        browser.close()
