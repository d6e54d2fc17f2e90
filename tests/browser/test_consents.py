"""A parent opens the link from the class's forms on a phone, agrees without a password, and takes it back (2.15)."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.axe import barriers
from tests.browser.conftest import School
from tests.browser.steps import sign_in

pytestmark = [pytest.mark.browser, pytest.mark.engine, pytest.mark.timeout(300)]

PHONE = {"width": 390, "height": 844}


def test_a_parent_agrees_on_a_phone_and_withdraws_and_the_school_sees_both(school: School) -> None:
    with school.page() as responsible, school.page() as parent:
        parent.set_viewport_size(PHONE)
        sign_in(responsible, school, "internet")
        responsible.goto(school.portal("/consents/"))
        assert barriers(responsible) == []
        responsible.locator("tbody a").first.click()
        assert barriers(responsible) == []
        responsible.locator("tbody a").last.click()
        student = responsible.url
        responsible.locator("form[action$='/link'] button").click()
        address = responsible.locator("a[href*='/makulduk/']").inner_text()
        assert barriers(responsible) == []

        parent.goto(school.portal(re.sub(r"^https?://[^/]+", "", address)))
        assert barriers(parent) == []
        expect(parent.locator("input:checked")).to_have_count(0)
        parent.fill("#name", "Садырова Айгүл")
        for line in ("relation-mother", "kinds-photo", "channels-site", "purposes-news", "understood"):
            parent.check(f"#{line}")
        parent.locator("form[action$='/give'] button").first.click()
        expect(parent.locator("#said ~ p .state-ok")).to_be_visible()
        assert barriers(parent) == []
        responsible.goto(student)
        expect(responsible.locator(".head .state-ok").first).to_be_visible()
        assert barriers(responsible) == []

        parent.locator("form[action*='/withdraw/'] button").click()
        expect(parent.locator("#said ~ p .state-info")).to_be_visible()
        responsible.reload()
        expect(responsible.locator(".head .state-info").first).to_be_visible()
