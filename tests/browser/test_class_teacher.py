"""A class teacher hears of an attempt from the supervisor, looks at it, and talks with the student (2.7)."""

import pytest
from playwright.sync_api import expect

from tests.browser.axe import barriers
from tests.browser.conftest import School
from tests.browser.steps import PC, VALUES, class_teacher_of, lesson, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.engine, pytest.mark.timeout(240)]

WORDS = "Тыюу салынган сайтты кайра-кайра ачууга аракет кылды <img src=x onerror=alert(1)>"


def test_a_notice_reaches_the_class_teacher_and_nobody_else(school: School) -> None:
    with school.page() as supervisor, school.page() as teacher, school.page() as colleague:
        sign_in(supervisor, school, "sydykova")
        with lesson(supervisor, school) as school_class:
            # The supervisor seats a student, and sends a word about that one.
            student = supervisor.locator("#who option").evaluate_all(VALUES)[1]
            supervisor.select_option("#who", student)
            supervisor.select_option("#where", PC)
            supervisor.locator("form:has(#who) button").click()
            seat = supervisor.locator(f"[data-device='{PC}'] .name")
            expect(seat).not_to_be_empty()
            name = seat.inner_text()
            expect(supervisor.locator(f"#about option[value='{student}']")).to_have_count(1)
            supervisor.select_option("#about", student)
            supervisor.fill("#happened", WORDS)
            supervisor.locator("form:has(#about) button").click()
            expect(supervisor.locator(".messages .note-ok")).to_be_visible()

        sign_in(teacher, school, class_teacher_of(school_class))
        teacher.goto(school.portal("/"))
        expect(teacher.locator(".todo a[href='/notices/']")).to_be_visible()
        teacher.goto(school.portal("/notices/"))
        notice = teacher.locator("article.sheet", has_text=name)
        expect(notice).to_contain_text(WORDS)
        expect(notice.locator("img")).to_have_count(0)
        assert barriers(teacher) == []

        # A class teacher of another class sees nothing of it.
        sign_in(colleague, school, "isakov")
        colleague.goto(school.portal("/notices/?show=all"))
        expect(colleague.locator("main")).not_to_contain_text(name)

        notice.locator("form[action$='/seen'] button").click()
        expect(teacher.locator("article.sheet .state-info")).to_be_visible()
        teacher.locator("form[action$='/talked'] button").click()
        teacher.goto(school.portal("/notices/?show=all"))
        expect(teacher.locator("article.sheet", has_text=name).locator(".state-ok")).to_be_visible()
