"""The classification officer assigns by keyboard alone what a class asked for in vain, and the gate answers."""

import pytest
from playwright.sync_api import expect

from tests.browser.axe import barriers
from tests.browser.conftest import SOON, School
from tests.browser.steps import SEATED_PC, seconds_until, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.engine, pytest.mark.timeout(240)]

HOST = "belgisiz.test"
"""Nobody has ruled on it and no list names it; the council has opened the category of education."""


def test_a_host_is_assigned_by_keyboard_and_opens_within_a_second(school: School) -> None:
    url = school.http(HOST)
    seconds_until(school, SEATED_PC, school.http("kitep.test"), 200, within=30)
    assert school.fetch(SEATED_PC, url)[0] == 403
    with school.page() as officer:
        sign_in(officer, school, "kenesh")
        row = officer.locator("[data-queue] tbody tr", has_text=HOST)
        for _ in range(20):
            officer.goto(school.portal("/classification/"))
            if row.count():
                break
            officer.wait_for_timeout(500)
        expect(row).to_have_count(1)
        assert barriers(officer) == []

        officer.locator("h1").click()
        while not row.locator("input").evaluate("node => node === document.activeElement"):
            officer.keyboard.press("j")
        officer.keyboard.press("x")
        expect(row.locator("input")).to_be_checked()
        officer.keyboard.press("c")
        officer.locator("#id_first").select_option("education")
        officer.fill("#id_reason", "7-класстын сабагы үчүн окуу материалы")
        officer.keyboard.press("Enter")

        expect(officer.locator("h2", has_text=HOST)).to_be_visible()
        expect(officer.locator("tbody tr")).not_to_have_count(0)
        assert barriers(officer) == []
        officer.locator("button.btn-primary.btn-lg").click()
        seconds_until(school, SEATED_PC, url, 200, within=SOON / 1000)
        expect(officer.locator("[data-queue] tbody tr", has_text=HOST)).to_have_count(0)

        officer.goto(school.portal("/classification/assignments/"))
        expect(officer.locator("tbody tr", has_text=HOST)).to_contain_text("Мамытова")
        assert barriers(officer) == []
        officer.locator("tbody tr", has_text=HOST).locator("summary").click()
        officer.fill("tbody tr [name=reason]", "Сабак өттү")
        officer.locator("tbody tr details button").click()
        seconds_until(school, SEATED_PC, url, 403, within=SOON / 1000)
