"""A student asks the teacher: opened, declined and passed on, each answered on the student's screen by itself."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.axe import barriers
from tests.browser.conftest import SOON, School
from tests.browser.steps import PC, lesson, seconds_until, sign_in, take_a_seat

pytestmark = [pytest.mark.browser, pytest.mark.engine, pytest.mark.timeout(300)]

ALLOWED, LEFT, NEW, DENIED = "kitep.test", "video.test", "belgisiz.test", "tarmak.test"
WORD = "Тактага карагыла"


def ask_from_the_refusal(student: Page, url: str, host: str, words: str = "") -> None:
    """From a refusal by way of `why/` to the form, and on to the page of the answer."""
    student.goto(url, wait_until="load")
    student.wait_for_url(re.compile("^http://why/[0-9A-Z]{8}$"))
    student.locator("a[href^='http://darbaza/suroo/']").click()
    expect(student.locator("#resource")).to_have_value(re.compile(re.escape(host)))
    assert barriers(student) == []
    student.fill("#text", words)
    student.locator("button.go").click()
    expect(student.locator("#answer .warn")).to_be_visible()


def test_a_student_asks_and_the_answer_comes_by_itself(school: School) -> None:
    with school.page() as teacher, school.page(PC) as student:
        sign_in(teacher, school, "sydykova")
        with lesson(teacher, school) as school_class:
            take_a_seat(student, school, school_class)
            seat = teacher.locator(f"[data-device='{PC}']")

            # Left to teachers by the council: one click opens it, and the student's page leads there.
            ask_from_the_refusal(student, school.http(LEFT), LEFT, "Доклад үчүн")
            assert barriers(student) == []
            card = teacher.locator("#asks li", has_text=LEFT)
            expect(card).to_contain_text("Доклад үчүн", timeout=SOON)
            expect(seat.locator(".asks")).to_be_visible(timeout=SOON)
            assert barriers(teacher) == []
            assert school.fetch(PC, school.http(LEFT))[0] == 403, "asking opens nothing"
            teacher.fill("#word", WORD)
            teacher.locator("form:has(#word) button").click()
            expect(student.locator("#words")).to_contain_text(WORD, timeout=2 * SOON)
            card.locator("button[formaction$='/ask-allow']").click()
            expect(card).to_have_count(0, timeout=SOON)
            expect(teacher.locator("#said")).to_contain_text("2.8")
            student.wait_for_url(school.http(LEFT), timeout=4 * SOON)
            expect(teacher.locator("#measures")).to_contain_text(LEFT)

            # Kept to other sites, what the council allows is closed by Squid; taken back, it is open.
            assert school.fetch(PC, school.http(ALLOWED))[0] == 200
            teacher.fill("#sites", LEFT)
            teacher.locator("form:has(#sites) button").click()
            seconds_until(school, PC, school.http(ALLOWED), 403, SOON / 1000)
            expect(teacher.locator("#scene")).to_contain_text(LEFT, timeout=SOON)
            assert barriers(teacher) == []
            teacher.locator("#scene button").click()
            seconds_until(school, PC, school.http(ALLOWED), 200, SOON / 1000)

            # Nobody ruled on it: declined with a word, which the student reads.
            ask_from_the_refusal(student, school.http(NEW), NEW)
            card = teacher.locator("#asks li", has_text=NEW)
            expect(card.locator("button[formaction$='/ask-allow']")).to_have_count(0, timeout=SOON)
            card.locator("button[formaction$='/ask-decline']").wait_for(timeout=SOON)
            card.locator("input.word").fill("Бул сабакка тиешеси жок")
            card.locator("button[formaction$='/ask-decline']").click()
            expect(student.locator("#answer")).to_contain_text("Бул сабакка тиешеси жок", timeout=2 * SOON)
            assert barriers(student) == []

            # A category closes it: passed on to the officer, and closed as before.
            ask_from_the_refusal(student, school.http(DENIED), DENIED)
            card = teacher.locator("#asks li", has_text=DENIED)
            card.locator("button[formaction$='/ask-pass']").click(timeout=SOON)
            expect(student.locator("#answer .ok")).to_be_visible(timeout=2 * SOON)
            assert school.fetch(PC, school.http(DENIED))[0] == 403
