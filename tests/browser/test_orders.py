"""An order from the director's desk to the lesson it allows, and its end: repealed in the middle, or by the clock.

The substitution is written on a screen as small as a phone's.
"""

import time
from datetime import datetime, timedelta

import pytest
from playwright.sync_api import Page, expect

from darbaza.clock import utc_now
from darbaza.portal.school_time import zone
from tests.browser.axe import barriers
from tests.browser.conftest import School
from tests.browser.steps import (
    ASK_AGAIN,
    PC,
    end_lesson,
    seconds_until_refused,
    sign_in,
    start_lesson,
    take_a_seat,
)

pytestmark = [pytest.mark.browser, pytest.mark.engine, pytest.mark.timeout(420)]

PHONE = {"width": 360, "height": 640}
WITHIN = 15.0
"""Seconds within which access ends on a machine busy with other tests; how fast it is, `bench` shows."""


def person_in(page: Page, name: str, surname: str) -> str:
    """The value of an option that names a person."""
    value = page.locator(f"[name={name}] option", has_text=surname).first.get_attribute("value")
    assert value is not None
    return value


def signed(page: Page) -> None:
    """Sign the draft that is shown; it becomes an order with a number."""
    assert barriers(page) == []
    page.locator("form[action$='/sign'] button").click()
    expect(page.locator("article.document .dateline")).to_be_visible()


def test_a_right_comes_with_an_order_and_goes_with_its_repeal_while_the_lesson_runs(school: School) -> None:
    with school.page() as deputy, school.page() as director, school.page(PC) as student:
        sign_in(deputy, school, "zavuch")
        refused = deputy.goto(school.portal("/sabak/"))
        assert refused is not None
        assert refused.status == 403

        # The office drafts it; nothing is given until the director has signed.
        deputy.goto(school.portal("/council/orders/new"))
        deputy.fill("[name=text]", "Сабактардын үзгүлтүксүздүгү үчүн.")
        deputy.select_option("[name=p-0-act]", "appoint")
        deputy.select_option("[name=p-0-person]", person_in(deputy, "p-0-person", "Токтогулов"))
        deputy.select_option("[name=p-0-duty]", "administration")
        expect(deputy.locator("button[name=sign]")).to_have_count(0)
        deputy.locator("main button.btn-lg").click()
        expect(deputy.locator("form[action$='/sign']")).to_have_count(0)
        assert barriers(deputy) == []

        sign_in(director, school, "direktor")
        expect(director.locator("ul.todo")).to_contain_text("кол коюуну")
        director.goto(school.portal("/council/orders/new"))
        director.fill("[name=text]", "Мугалим жетишпейт.")
        director.select_option("[name=p-0-act]", "appoint")
        director.select_option("[name=p-0-person]", person_in(director, "p-0-person", "Байсалова"))
        director.select_option("[name=p-0-duty]", "teacher")
        director.locator("button[name=sign]").click()
        expect(director.locator("article.document")).to_contain_text("Байсалова")
        order = director.url

        deputy.goto(school.portal("/sabak/"))
        deputy.locator("section[aria-labelledby=stand-in] form", has_text="Сыдыкова").first.locator("button").click()
        expect(deputy.locator("#seats li")).not_to_have_count(0)
        school_class = deputy.locator("h1").inner_text().split(" · ")[0]
        take_a_seat(student, school, school_class)
        opened = student.goto(school.http("kitep.test"))
        assert opened is not None
        assert opened.status == 200
        student.goto(school.tls("kitep.test"))
        assert student.evaluate(ASK_AGAIN, school.tls("kitep.test")) == 200

        director.goto(order)
        director.locator("a[href*='repeals=']").click()
        director.select_option("[name=kind]", "other")
        director.fill("[name=text]", "Мугалим кайтып келди.")
        director.locator("button[name=sign]").click()
        expect(director.locator("article.document .dateline")).to_be_visible()
        seconds_until_refused(student, school.tls("kitep.test"), within=WITHIN)
        expect(deputy.locator("#over")).to_be_visible(timeout=WITHIN * 1000)
        closed = deputy.goto(school.portal("/sabak/"))
        assert closed is not None
        assert closed.status == 403


def until_next_minute(least: float) -> datetime:
    """The first whole minute at least so many seconds ahead, as the school's clocks show it."""
    later = utc_now() + timedelta(seconds=least)
    return (later.replace(second=0, microsecond=0) + timedelta(minutes=1)).astimezone(zone())


def test_somebody_is_absent_and_a_phone_is_enough_until_the_minute_that_was_said(school: School) -> None:
    with school.page() as director, school.page() as deputy, school.page(PC) as student:
        sign_in(deputy, school, "zavuch")
        sign_in(director, school, "direktor")
        director.set_viewport_size(PHONE)  # type: ignore[arg-type] # width and height
        director.goto(school.portal("/council/orders/"))
        assert barriers(director) == []
        director.locator("a[href$='/substitute']").click()
        assert barriers(director) == []
        director.select_option("[name=absent]", person_in(director, "absent", "Сыдыкова"))
        director.locator("main button.btn-lg").click()
        expect(director.locator("[name=duties]:checked")).to_have_count(2)
        director.select_option("[name=person]", person_in(director, "person", "Байсалова"))
        director.locator("[name=duties]").last.uncheck()
        ends = until_next_minute(45)
        expect(director.locator("[name=until_day]")).to_be_hidden()
        director.locator("[name=until][value=day]").check()
        director.fill("[name=until_day]", f"{ends:%Y-%m-%d}")
        director.fill("[name=until_hour]", f"{ends:%H:%M}")
        director.fill("[name=reason]", "Ооруп калды")
        assert barriers(director) == []
        director.locator("main button.btn-lg").click()
        expect(director.locator("article.document")).to_contain_text("Байсалова")
        signed(director)

        school_class = start_lesson(deputy, school)
        take_a_seat(student, school, school_class)
        student.goto(school.tls("kitep.test"))
        assert student.evaluate(ASK_AGAIN, school.tls("kitep.test")) == 200

        # Nobody does anything: the minute comes.
        while utc_now() < ends:
            time.sleep(0.2)
        seconds_until_refused(student, school.tls("kitep.test"), within=WITHIN)
        expect(deputy.locator("#over")).to_be_visible(timeout=WITHIN * 1000)
        closed = deputy.goto(school.portal("/sabak/"))
        assert closed is not None
        assert closed.status == 403

        # The teacher who was absent teaches again.
        with school.page() as teacher:
            sign_in(teacher, school, "sydykova")
            start_lesson(teacher, school)
            end_lesson(teacher)
