"""What people do in more than one journey."""

import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.client import HTTPException

from playwright.sync_api import Locator, Page, expect

from darbaza.demo import cast
from darbaza.demo.places import SEATS
from darbaza.demo.simulator import ABSENT
from tests.browser.conftest import School

PC = "127.0.2.5"
"""Room 2, seat 5, where the simulated class leaves the place free."""

SEATED_PC = "127.0.1.1"
"""Room 1, seat 1, where somebody of the simulated class is signed in while its lesson is under way."""

VALUES = "options => options.map(option => option.value)"
ASK_AGAIN = "url => fetch(url, {cache: 'no-store'}).then(answer => answer.status, () => 0)"
FOCUSED = "node => node === document.activeElement"
OUTLINE = "node => getComputedStyle(node).outlineStyle"


def sign_in(page: Page, school: School, username: str) -> None:
    """Sign in to the portal by password."""
    page.goto(school.portal("/accounts/login/"))
    page.fill("[name=login]", username)
    page.fill("[name=password]", school.sign_ins["passwords"][username])
    page.press("[name=password]", "Enter")
    expect(page.locator("[name=password]")).to_have_count(0)


def start_lesson(page: Page, school: School) -> str:
    """One button; the class of the lesson."""
    page.goto(school.portal("/sabak/"))
    expect(page.locator("form strong"), page.locator("main").inner_text()).not_to_have_count(0)
    school_class = page.locator("form strong").first.inner_text().split(" · ")[0]
    page.locator("section[aria-labelledby=start] button.btn-primary").first.click()
    expect(page.locator("#seats li")).not_to_have_count(0)
    return school_class


def end_lesson(page: Page) -> None:
    """End the lesson of the console that is open; it is over when this returns, also if the page is closed then."""
    page.locator("details.sure summary").click()
    page.locator("details.sure form button").click(no_wait_after=True)
    expect(page.locator("#over")).to_be_visible()


@contextmanager
def lesson(page: Page, school: School) -> Iterator[str]:
    """A lesson in room 2 that ends however the journey goes; its class. The next journey finds the room free."""
    school_class = start_lesson(page, school)
    console = page.url
    try:
        yield school_class
    finally:
        page.goto(console)
        if page.locator("#over").is_hidden():
            end_lesson(page)
        expect(page.locator("#over")).to_be_visible()


def class_teacher_of(school_class: str) -> str:
    """The user name of a class's teacher."""
    return next(adult.username for adult in cast.STAFF if adult.school_class == school_class)


def student_of(page: Page, school: School, school_class: str) -> tuple[str, str]:
    """Id and PIN of a student on the captive page whom no PC of the simulated class takes: one who signs in elsewhere
    leaves this seat, and what they opened there would count here."""
    pins = {one["id"]: one["pin"] for one in school.sign_ins["students"][school_class]}
    listed = [value for value in page.locator("#student option").evaluate_all(VALUES) if value]
    taken = {seat * 2 % len(listed) for seat in range(1, SEATS + 1) if seat not in ABSENT}
    free = next(student for place, student in enumerate(listed) if place not in taken)
    return free, pins[free]


def take_a_seat(page: Page, school: School, school_class: str) -> None:
    """Name and PIN on the captive page."""
    page.goto("http://darbaza/kirish/")
    expect(page.locator(".class")).to_have_text(school_class)
    student, pin = student_of(page, school, school_class)
    page.select_option("#student", student)
    page.fill("#pin", pin)
    page.press("#pin", "Enter")
    expect(page.locator(".note.ok")).to_be_visible()


def seconds_until_refused(page: Page, url: str, within: float) -> float:
    """How long an open page still gets answers, asked without a pause."""
    began = time.monotonic()
    while page.evaluate(ASK_AGAIN, url) == 200:
        assert time.monotonic() - began < within, "the open page still gets answers"
    return time.monotonic() - began


def seconds_until(school: School, pc: str, url: str, status: int, within: float) -> float:
    """How long until a PC gets this answer, asked without a pause; a change may cut a request that is under way."""
    began, answered = time.monotonic(), 0
    while answered != status:
        assert time.monotonic() - began < within, f"still {answered}"
        with suppress(OSError, HTTPException):
            answered = school.fetch(pc, url)[0]
    return time.monotonic() - began


def tab_to(page: Page, wanted: Locator, key: str = "Tab") -> None:
    """Walk there by keyboard alone; where the focus stands can be seen."""
    for _ in range(120):
        page.keyboard.press(key)
        if wanted.evaluate(FOCUSED):
            assert wanted.evaluate(OUTLINE) != "none", "the focus is not seen"
            return
    raise AssertionError(f"{wanted} is not reached by {key}")
