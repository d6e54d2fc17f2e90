"""A student at an old PC: the captive page by keyboard alone, a refusal with its clause, and why."""

import re

import pytest
from playwright.sync_api import Page, expect

from darbaza.demo.school import Ground
from tests.browser.axe import barriers
from tests.browser.conftest import SOON, School
from tests.browser.steps import PC, lesson, seconds_until, sign_in, student_of, tab_to, take_a_seat

pytestmark = [pytest.mark.browser, pytest.mark.engine, pytest.mark.timeout(240)]

AWAY = Ground().absent or 0
"""By surname, the place of the student of each class who was away when the class accepted the rules."""

PATIENCE = 30_000
"""Milliseconds for an act to come through on a machine on which everybody's tests run."""

CAPTIVE = "http://darbaza/kirish/"
MARKUP = "<script>alert(1)</script><img/src=x/onerror=alert(2)>"


def weight(page: Page, url: str) -> int:
    """How many bytes a page costs with everything that belongs to it."""
    bodies: list[int] = []
    page.on("response", lambda answer: bodies.append(len(answer.body())))
    page.goto(url, wait_until="networkidle")
    return sum(bodies)


def choose_by_keyboard(page: Page, value: str) -> None:
    """Arrow down through the list until the student is chosen."""
    names = page.locator("#student")
    tab_to(page, names)
    for _ in range(40):
        if names.input_value() == value:
            return
        page.keyboard.press("ArrowDown")
    raise AssertionError(f"{value} is not in the list")


def read_the_rules(page: Page, school: School, school_class: str) -> None:
    """Who was away when the class signed its sheet reads two screens before anything opens, and accepts (2.12)."""
    pins = {one["id"]: one["pin"] for one in school.sign_ins["students"][school_class]}
    absent = page.locator("#student option:not([value=''])").nth(AWAY).get_attribute("value")
    assert absent is not None
    page.select_option("#student", absent)
    page.fill("#pin", pins[absent])
    page.press("#pin", "Enter")
    for screen in (1, 2):
        expect(page.locator("main")).to_contain_text(f"2 экрандын {screen}-экраны", timeout=PATIENCE)
        assert barriers(page) == []
        status, refusal = school.fetch(PC, school.http("kitep.test"))
        assert status == 403
        assert "2.12" in refusal
        tab_to(page, page.locator(".go:not(.out)"))
        page.keyboard.press("Enter")
    expect(page.locator(".note.ok")).to_be_visible(timeout=PATIENCE)
    seconds_until(school, PC, school.http("kitep.test"), 200, within=PATIENCE / 1000)


def test_a_student_signs_in_without_mouse_and_script(school: School) -> None:
    with school.page() as teacher, school.page(PC, java_script_enabled=False) as student:
        student.goto(CAPTIVE)
        expect(student.locator("h1")).to_have_text("Бул бөлмөдө ачык сабак жок")
        expect(student.locator("main")).to_contain_text("2.9")
        sign_in(teacher, school, "sydykova")
        with lesson(teacher, school) as school_class:
            tab_to(student, student.locator("a.go"))
            student.keyboard.press("Enter")
            expect(student.locator(".class")).to_have_text(school_class)
            assert weight(student, CAPTIVE) < 30_000
            expect(student.locator("script")).to_have_count(0)
            name, pin = student_of(student, school, school_class)

            # A wrong PIN opens nothing, and says so where a screen reader says it at once.
            choose_by_keyboard(student, name)
            student.keyboard.press("Tab")
            student.keyboard.type("0000" if pin != "0000" else "1111")
            student.keyboard.press("Enter")
            expect(student.locator("[role=alert]")).to_be_visible()

            choose_by_keyboard(student, name)
            student.keyboard.press("Tab")
            student.keyboard.type(pin)
            student.keyboard.press("Enter")
            expect(student.locator(".note.ok")).to_be_visible()
            seat = teacher.locator(f"[data-device='{PC}']")
            expect(seat.locator(".name")).not_to_be_empty(timeout=SOON)

            # Signing out frees the seat, and nobody goes on under that name.
            tab_to(student, student.locator("button.out"))
            student.keyboard.press("Enter")
            expect(student.locator("#student")).to_be_visible()
            expect(seat.locator(".name")).to_be_empty(timeout=SOON)


def test_captive_page_refusal_and_why_have_no_barriers(school: School) -> None:
    with school.page() as teacher, school.page(PC) as student:
        student.goto(CAPTIVE)
        assert barriers(student) == []
        sign_in(teacher, school, "sydykova")
        with lesson(teacher, school) as school_class:
            student.goto(CAPTIVE)
            assert barriers(student) == []
            read_the_rules(student, school, school_class)
            assert barriers(student) == []
            assert weight(student, school.http("kumar.test")) < 30_000
            expect(student).to_have_url(re.compile("^http://why/[0-9A-Z]{8}$"))
            for language, word in (("ky", "пункт"), ("ru", "пункт"), ("en", "clause")):
                student.goto(f"http://why/?lang={language}")
                expect(student.locator("html")).to_have_attribute("lang", language)
                told = re.compile(f"kumar.test.*{word}.*3.3", re.DOTALL | re.IGNORECASE)
                expect(student.locator("main")).to_contain_text(told)
                expect(student.locator("script")).to_have_count(0)
                assert barriers(student) == []


def test_markup_in_a_request_is_text_everywhere(school: School) -> None:
    with school.page() as teacher, school.page(PC) as student:
        sign_in(teacher, school, "sydykova")
        with lesson(teacher, school) as school_class:
            take_a_seat(student, school, school_class)
            # The refusal page itself, for a path, a query and a host that are markup, and a browser of such a name.
            for url in (school.http("kumar.test") + MARKUP, f"http://kumar.test/?{MARKUP}", f"http://{MARKUP}.test/"):
                status, text = school.fetch(PC, url, User_Agent=MARKUP, Referer=f"http://{MARKUP}/")
                assert status >= 400
                assert "<script" not in text
                assert "<img" not in text
            student.goto("http://why/")
            expect(student.locator("script, img")).to_have_count(0)
            student.goto(school.http("kumar.test") + MARKUP, wait_until="load")
            expect(student.locator("main")).to_contain_text("kumar.test")
            expect(student.locator("script, img")).to_have_count(0)

            # The console, Why? and the log, before whoever looks at them.
            expect(teacher.locator(f"[data-device='{PC}'] .refusals b")).to_have_text(re.compile("[1-9]"))
            expect(teacher.locator("main script, main img")).to_have_count(0)
            teacher.goto(school.portal(f"/why/?host=http://kumar.test/{MARKUP}&device={PC}"))
            expect(teacher.locator("main")).to_contain_text("kumar.test")
            expect(teacher.locator("main script, main img")).to_have_count(0)
            with school.page() as responsible:
                sign_in(responsible, school, "internet")
                responsible.goto(school.portal(f"/log/?device={PC}"))
                expect(responsible.locator("tbody .host", has_text="kumar.test").first).to_be_visible()
                assert barriers(responsible) == []
                expect(responsible.locator("main script, main img")).to_have_count(0)
