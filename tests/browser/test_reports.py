"""A student reports a page: it closes to everybody, the teacher sees it at once, the officer opens it again."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.axe import barriers
from tests.browser.conftest import SOON, School
from tests.browser.steps import PC, lesson, seconds_until, sign_in, take_a_seat

pytestmark = [pytest.mark.browser, pytest.mark.engine, pytest.mark.timeout(300)]

SITE = "video.test"
FORM = "http://darbaza/bildir/"


def pick_what_was_open(student: Page) -> None:
    """From `why/` to the form, and there the page that was open last; the log needs a moment to arrive."""
    student.goto("http://why/")
    student.locator(f"a[href^='{FORM}']").last.click()
    picked = student.locator("a.pick", has_text=SITE)
    for _ in range(20):
        if picked.count():
            break
        student.wait_for_timeout(500)
        student.reload()
    picked.click()
    expect(student.locator("#resource")).to_have_value(SITE)


def test_a_reported_page_closes_to_everybody_and_the_officer_opens_it_again(school: School) -> None:
    url = school.http(SITE)
    with school.page() as teacher, school.page(PC) as student, school.page() as officer:
        sign_in(teacher, school, "sydykova")
        with lesson(teacher, school) as school_class:
            take_a_seat(student, school, school_class)
            teacher.fill("#address", SITE)
            teacher.locator("button[formaction$='/allow']").click()
            seconds_until(school, PC, url, 200, SOON / 1000)
            pick_what_was_open(student)
            assert barriers(student) == []
            student.locator("input[name=unnamed]").check()
            student.locator("button[value=unsuitable]").click()
            expect(student.locator(".note.ok")).to_be_visible()
            assert barriers(student) == []
            seconds_until(school, PC, url, 403, SOON / 1000)
            card = teacher.locator("#told li", has_text=SITE)
            expect(card).to_be_visible(timeout=SOON)
            expect(card).to_contain_text("аты айтылган жок")
            assert barriers(teacher) == []
            answer = student.url

            sign_in(officer, school, "kenesh")
            officer.goto(school.portal("/classification/"))
            officer.locator("li", has_text=SITE).locator("form button").first.click()
            seconds_until(school, PC, url, 200, SOON / 1000)
            student.goto(answer)
            expect(student.locator("main")).to_contain_text("Каралды")
            card.locator("button").first.click()
            expect(card).to_have_count(0, timeout=SOON)


def test_from_a_refusal_to_the_officer_and_to_an_adult(school: School) -> None:
    with school.page() as teacher, school.page(PC, java_script_enabled=False) as student:
        sign_in(teacher, school, "sydykova")
        with lesson(teacher, school) as school_class:
            take_a_seat(student, school, school_class)
            student.goto(school.http("kumar.test"), wait_until="load")
            expect(student).to_have_url(re.compile("^http://why/[0-9A-Z]{8}$"))
            student.locator(f"a[href^='{FORM}']").first.click()
            expect(student.locator("#resource")).to_have_value("kumar.test")
            student.locator("button[value=wrong-refusal]").click()
            expect(student.locator(".note.ok")).to_contain_text(re.compile(r"\d"))
            student.goto(FORM)
            student.locator("button[value=urgent]").click()
            expect(student.locator("main")).to_contain_text("112")
            first = teacher.locator("#told li").first
            expect(first).to_have_class(re.compile("note-bad"), timeout=SOON)
            expect(teacher.locator("#told li")).to_have_count(2, timeout=SOON)
            for _ in range(2):
                left = teacher.locator("#told li").count()
                teacher.locator("#told li button").first.click()
                expect(teacher.locator("#told li")).to_have_count(left - 1, timeout=SOON)
