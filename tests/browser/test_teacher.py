"""A teacher and a student at once, each in a real Chromium, against the whole running product."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import SOON, School
from tests.browser.steps import ASK_AGAIN, PC, end_lesson, seconds_until_refused, sign_in, start_lesson, take_a_seat

pytestmark = [pytest.mark.browser, pytest.mark.engine, pytest.mark.timeout(240)]


def test_a_lesson_from_its_start_to_its_end(school: School) -> None:
    with school.page() as teacher, school.page(PC) as student:
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
            expect(seat.locator(".refusals .clause")).to_have_text(re.compile(re.escape(clause)), timeout=SOON)
            expect(seat.locator(".host")).to_contain_text(host, timeout=SOON)
            student.wait_for_url(re.compile("^http://why/"))  # the refusal page leads there by itself
            student.goto("http://why/?lang=ky")
            expect(student.locator("body")).to_contain_text(clause)
            expect(student.locator("body")).to_contain_text(host)

        # A pause closes the open page at once; taking it back opens it again.
        student.goto(school.tls("kitep.test"))
        assert student.evaluate(ASK_AGAIN, school.tls("kitep.test")) == 200
        teacher.keyboard.press("F8")
        seconds_until_refused(student, school.tls("kitep.test"), within=SOON / 1000)
        expect(seat).to_have_class(re.compile("s-paused"))
        teacher.keyboard.press("F8")
        expect(seat).not_to_have_class(re.compile("s-paused"))
        student.wait_for_function(
            f"url => ({ASK_AGAIN})(url).then(status => status === 200)", arg=school.tls("kitep.test")
        )

        # The end of the lesson cuts the page that is open.
        end_lesson(teacher)
        seconds_until_refused(student, school.tls("kitep.test"), within=SOON / 1000)
        after = student.goto(school.http("kitep.test"))
        assert after is not None
        assert after.status == 403
        expect(student.locator("body")).to_contain_text("2.9")
