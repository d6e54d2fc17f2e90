"""A teacher and a student at once, each in a real Chromium, against the whole running product."""

import re
import time

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import School

pytestmark = [pytest.mark.browser, pytest.mark.engine, pytest.mark.timeout(240)]

PC = "127.0.2.5"
"""Room 2, seat 5, where the simulated class leaves the place free."""

VALUES = "options => options.map(option => option.value)"
ASK_AGAIN = "url => fetch(url, {cache: 'no-store'}).then(answer => answer.status, () => 0)"


def sign_in(page: Page, school: School, username: str) -> None:
    page.goto(school.portal("/accounts/login/"))
    page.fill("[name=login]", username)
    page.fill("[name=password]", school.sign_ins["passwords"][username])
    page.press("[name=password]", "Enter")
    expect(page.locator("[name=password]")).to_have_count(0)


def start_lesson(page: Page, school: School) -> str:
    """One button; the class of the lesson."""
    page.goto(school.portal("/sabak/"))
    school_class = page.locator("form strong").first.inner_text().split(" · ")[0]
    page.locator("section[aria-labelledby=start] button.btn-primary").first.click()
    expect(page.locator("#seats li")).not_to_have_count(0)
    return school_class


def take_a_seat(page: Page, school: School, school_class: str) -> None:
    """Name and PIN on the captive page, of a student whom no PC of the simulated class takes: those stand at even
    places of the list, and one who signs in elsewhere leaves this seat."""
    pins = {one["id"]: one["pin"] for one in school.sign_ins["students"][school_class]}
    page.goto("http://darbaza/kirish/")
    expect(page.locator(".class")).to_have_text(school_class)
    listed = [value for value in page.locator("#student option").evaluate_all(VALUES) if value]
    page.select_option("#student", listed[3])
    page.fill("#pin", pins[listed[3]])
    page.press("#pin", "Enter")
    expect(page.locator(".note.ok")).to_be_visible()


def seconds_until_refused(page: Page, url: str, within: float) -> float:
    """How long an open page still gets answers, asked without a pause."""
    began = time.monotonic()
    while page.evaluate(ASK_AGAIN, url) == 200:
        assert time.monotonic() - began < within, "the open page still gets answers"
    return time.monotonic() - began


def test_a_lesson_from_its_start_to_its_end(school: School) -> None:
    with school.page() as teacher, school.page(PC) as student:
        faults: list[str] = []
        teacher.on("console", lambda message: faults.append(message.text))
        teacher.on("pageerror", lambda error: faults.append(str(error)))

        # Nobody supervises yet.
        refused = student.goto(school.http("kitep.test"))
        assert refused is not None
        assert refused.status == 403
        expect(student.locator("body")).to_contain_text("2.9")

        sign_in(teacher, school, "sydykova")
        take_a_seat(student, school, start_lesson(teacher, school))
        seat = teacher.locator(f"[data-device='{PC}']")
        expect(seat.locator(".name")).not_to_be_empty()

        # What the council allows opens, also over TLS whose key is the site's own.
        for url in (school.http("kitep.test"), school.tls("kitep.test")):
            allowed = student.goto(url)
            assert allowed is not None
            assert allowed.status == 200

        # What is refused says its clause, and stands on the console within a second of the answer.
        for host, clause in (("kumar.test", "3.3"), ("belgisiz.test", "2.11")):
            refused = student.goto(school.http(host), wait_until="commit")
            assert refused is not None
            assert refused.status == 403
            expect(seat.locator(".refusals .clause")).to_have_text(re.compile(re.escape(clause)), timeout=1000)
            expect(seat.locator(".host")).to_contain_text(host, timeout=1000)
            student.goto("http://why/?lang=ky")
            expect(student.locator("body")).to_contain_text(clause)
            expect(student.locator("body")).to_contain_text(host)

        # A pause closes the open page at once; taking it back opens it again.
        student.goto(school.tls("kitep.test"))
        assert student.evaluate(ASK_AGAIN, school.tls("kitep.test")) == 200
        teacher.keyboard.press("F8")
        seconds_until_refused(student, school.tls("kitep.test"), within=1.5)
        expect(seat).to_have_class(re.compile("s-paused"))
        teacher.keyboard.press("F8")
        expect(seat).not_to_have_class(re.compile("s-paused"))
        student.wait_for_function(
            f"url => ({ASK_AGAIN})(url).then(status => status === 200)", arg=school.tls("kitep.test")
        )

        # The end of the lesson cuts the page that is open.
        teacher.locator("details.sure summary").click()
        teacher.locator("details.sure form button").click(no_wait_after=True)
        teacher.wait_for_load_state()
        seconds_until_refused(student, school.tls("kitep.test"), within=1.0)
        after = student.goto(school.http("kitep.test"))
        assert after is not None
        assert after.status == 403
        expect(student.locator("body")).to_contain_text("2.9")
        assert faults == []
