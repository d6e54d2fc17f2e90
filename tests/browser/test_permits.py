"""A student asks from the PC, the person responsible gives, mail opens there and at no other PC, and closes (3.2)."""

import pytest
from playwright.sync_api import expect

from tests.browser.axe import barriers
from tests.browser.conftest import SOON, School
from tests.browser.steps import PC, SEATED_PC, lesson, seconds_until, sign_in, take_a_seat

pytestmark = [pytest.mark.browser, pytest.mark.engine, pytest.mark.timeout(300)]

MAIL = "poshta.test"
PURPOSE = "Олимпиадага катышуу үчүн кат <img src=x onerror=alert(1)>"


def test_mail_opens_by_permission_at_one_pc_only_and_closes_when_it_is_taken_back(school: School) -> None:
    with school.page() as teacher, school.page(PC) as student, school.page() as responsible:
        sign_in(teacher, school, "sydykova")
        sign_in(responsible, school, "internet")
        with lesson(teacher, school) as school_class:
            take_a_seat(student, school, school_class)
            student.goto(school.http(MAIL))
            student.locator("a[href*='/kirish/uruksat']").click()
            expect(student.locator("textarea[name=resources]")).to_have_value(MAIL)
            assert barriers(student) == []
            student.select_option("[name=kind]", "email")
            student.fill("[name=purpose]", PURPOSE)
            student.locator("button.go").click()
            expect(student.locator(".own li")).to_contain_text(MAIL)
            assert barriers(student) == []
            assert school.fetch(PC, school.http(MAIL))[0] == 403, "asking opens nothing"

            responsible.goto(school.portal("/"))
            responsible.locator(".todo a[href^='/permits/']").click()
            responsible.locator("tbody a").first.click()
            expect(responsible.locator(".document")).to_contain_text(PURPOSE)
            expect(responsible.locator("table .state-ok")).to_be_visible()
            assert barriers(responsible) == []
            responsible.locator("form[action$='/grant'] button").click()
            expect(responsible.locator(".messages .note-ok")).to_be_visible()
            assert barriers(responsible) == []
            seconds_until(school, PC, school.http(MAIL), 200, SOON / 1000)
            assert school.fetch(SEATED_PC, school.http(MAIL))[0] == 403
            student.reload()
            expect(student.locator(".own li")).to_contain_text("✓")

            responsible.fill("#back", "Кат жазылып бүттү")
            responsible.locator("form[action$='/take-back'] button").click()
            seconds_until(school, PC, school.http(MAIL), 403, SOON / 1000)
