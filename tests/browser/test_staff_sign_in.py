"""Staff sign in: a wrong password in words, a second factor, and the internet on their own device under their name."""

import base64
import hmac
import struct

import pytest
from playwright.sync_api import Page, expect

from darbaza.clock import utc_now
from tests.browser.axe import barriers
from tests.browser.conftest import School
from tests.browser.steps import seconds_until, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.engine, pytest.mark.timeout(240)]

STAFF_PC = "127.0.3.4"
PERIOD = 30


def one_time_code(secret: str) -> str:
    """What an authenticator shows (RFC 6238)."""
    counter = struct.pack(">Q", int(utc_now().timestamp()) // PERIOD)
    digest = hmac.digest(base64.b32decode(secret), counter, "sha1")
    at = digest[-1] & 15
    return f"{(struct.unpack('>I', digest[at : at + 4])[0] & 0x7FFFFFFF) % 1_000_000:06}"


def password(page: Page, school: School, username: str) -> None:
    """User name and password, without looking at what comes of it."""
    page.goto(school.portal("/accounts/login/"))
    page.fill("[name=login]", username)
    page.fill("[name=password]", school.sign_ins["passwords"][username])
    page.press("[name=password]", "Enter")


def confirm_password(page: Page, school: School, username: str) -> None:
    """The password once more, if the page asks for it before a change of how somebody signs in."""
    if page.locator("[name=password]").count():
        page.fill("[name=password]", school.sign_ins["passwords"][username])
        page.press("[name=password]", "Enter")


def test_a_second_factor_is_set_up_then_asked_for_and_taken_off_again(school: School) -> None:
    with school.page() as page:
        page.goto(school.portal("/accounts/login/"))
        assert barriers(page) == []
        page.fill("[name=login]", "orozov")
        page.fill("[name=password]", "kata-syrsoz")
        page.press("[name=password]", "Enter")
        expect(page.locator("[role=alert]")).to_be_visible()
        assert barriers(page) == []

        password(page, school, "orozov")
        expect(page.locator("nav.menu")).to_be_visible()
        page.goto(school.portal("/accounts/2fa/"))
        assert barriers(page) == []
        page.goto(school.portal("/accounts/2fa/totp/activate/"))
        confirm_password(page, school, "orozov")
        expect(page.locator("[name=code]")).to_be_visible()
        assert barriers(page) == []
        secret = page.locator("#authenticator_secret").input_value()
        page.fill("[name=code]", one_time_code(secret))
        page.press("[name=code]", "Enter")
        expect(page.locator("[name=code]")).to_have_count(0)
        page.goto(school.portal("/accounts/2fa/recovery-codes/"))
        assert barriers(page) == []
        spare = page.locator("textarea").input_value().split()[0]

        page.goto(school.portal("/accounts/logout/"))
        page.locator("main form button").click()
        password(page, school, "orozov")
        expect(page.locator("[name=code]")).to_be_visible()
        expect(page.locator("nav.menu")).to_have_count(0)
        assert barriers(page) == []
        page.fill("[name=code]", "000000")
        page.press("[name=code]", "Enter")
        expect(page.locator("[name=code]")).to_be_visible()
        page.fill("[name=code]", spare)
        page.press("[name=code]", "Enter")
        expect(page.locator("nav.menu")).to_be_visible()

        # Taken off again: other journeys sign in as this person by password alone.
        page.goto(school.portal("/accounts/2fa/totp/deactivate/"))
        confirm_password(page, school, "orozov")
        expect(page.locator("[name=password]")).to_have_count(0)
        assert barriers(page) == []
        page.locator("main form button").first.click()
        expect(page.locator("a[href='/accounts/2fa/totp/activate/']")).to_be_visible()


def test_a_teacher_opens_the_internet_on_a_staff_device_under_their_name(school: School) -> None:
    url = school.http("kitep.test")
    with school.page(STAFF_PC) as page:
        assert school.fetch(STAFF_PC, url)[0] == 403
        page.goto("http://darbaza/kirish/")
        expect(page.locator("main")).to_contain_text("2.10")
        assert barriers(page) == []
        page.locator("a.go").click()
        page.fill("[name=login]", "kadyrova")
        page.fill("[name=password]", school.sign_ins["passwords"]["kadyrova"])
        page.press("[name=password]", "Enter")
        expect(page.locator(".note.ok")).to_be_visible()
        assert barriers(page) == []
        seconds_until(school, STAFF_PC, url, 200, within=1)
        page.locator("button.out").click()
        seconds_until(school, STAFF_PC, url, 403, within=1)


def test_whoever_has_no_duty_for_it_is_told_which_and_why(school: School) -> None:
    with school.page() as page:
        sign_in(page, school, "kenesh")
        for path, clause in (
            ("/people/roster/", "1.3"),
            ("/sabak/", "2.8"),
            ("/audit", "1.2"),
            ("/log/history", "2.7"),
        ):
            refused = page.goto(school.portal(path))
            assert refused is not None
            assert refused.status == 403
            expect(page.locator("main")).to_contain_text(clause)
