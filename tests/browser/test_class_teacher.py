"""A class teacher hears of an attempt from the supervisor, looks at it, and talks with the student (2.7)."""

import pytest
from playwright.sync_api import expect

from tests.browser.axe import barriers
from tests.browser.conftest import SOON, School
from tests.browser.steps import PC, VALUES, class_teacher_of, lesson, sign_in, take_a_seat

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


CLOSED = ("kumar.test", "uyat.test", "zombuluk.test", "oyun.test")


def test_a_pattern_is_looked_at_confirmed_answered_and_withdrawn(school: School) -> None:
    """Pages that a student opens by hand; the supervisor's word; the class teacher; the student's own view (2.7)."""
    with school.page() as supervisor, school.page() as teacher, school.page(PC) as student:
        sign_in(supervisor, school, "sydykova")
        with lesson(supervisor, school) as school_class:
            take_a_seat(student, school, school_class)
            for host in CLOSED:
                student.goto(school.http(host))
                student.wait_for_timeout(2500)
            card = supervisor.locator("[data-ask^='suspicion-']")
            expect(card).to_contain_text("uyat.test", timeout=SOON * 6)
            assert barriers(supervisor) == []
            expect(card.locator("input.word")).to_be_hidden()  # the screen may hang on the wall
            card.locator("summary").click()
            card.locator("input.word").fill("Төрт жабык сайтты терип көрдү")
            card.locator("button.btn-primary").click()
            expect(supervisor.locator("#said")).to_be_visible()
            expect(card).to_have_count(0)

            student.goto("http://darbaza/men/")
            expect(student.locator("main")).to_contain_text("uyat.test")
            assert barriers(student) == []
            student.fill("input[name=text]", "Достор айткан даректерди карап көрдүм")
            student.press("input[name=text]", "Enter")

        sign_in(teacher, school, class_teacher_of(school_class))
        teacher.goto(school.portal("/notices/"))
        notice = teacher.locator("article.sheet", has_text="Төрт жабык сайтты")
        expect(notice).to_contain_text("Достор айткан")
        expect(notice).to_contain_text("uyat.test")
        assert barriers(teacher) == []

        supervisor.goto(school.portal("/notices/attempts/"))
        sent = supervisor.locator("section[data-notice]", has_text="Төрт жабык сайтты")
        sent.locator("summary").click()
        sent.locator("input[name=why]").fill("Тапшырма ушундай экен")
        assert barriers(supervisor) == []
        sent.locator("form button").click()
        expect(supervisor.locator(".messages .note-ok")).to_be_visible()
        teacher.goto(school.portal("/notices/?show=all"))
        expect(teacher.locator("main")).to_contain_text("Тапшырма ушундай экен")
        expect(teacher.locator("main")).not_to_contain_text("Төрт жабык сайтты")
