"""After the lesson: a page and a register that write themselves, printed with their code, and nobody's name on them."""

from datetime import timedelta
from typing import Any

import pytest
from django.template.loader import render_to_string
from django.test import Client
from django.utils import translation

from darbaza.portal.incidents.models import Notice, ReportKind, StudentReport, Weight
from darbaza.portal.lessons import actions, after, handover, seating
from darbaza.portal.lessons.models import SupervisedSession
from darbaza.portal.papers import rendering
from darbaza.portal.papers.documents import gather
from darbaza.portal.papers.models import Print
from tests.portal.live import NOW, PIN, SOON, School, clock, make_school, signed_in

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(minutes=10)


@pytest.fixture
def school() -> School:
    made = make_school()
    made.other_slot.delete()
    return made


@pytest.fixture
def lesson(school: School, monkeypatch: pytest.MonkeyPatch) -> SupervisedSession:
    """A full lesson: everything that can be recorded of one."""
    session = actions.start_lesson(key=school.slot.key, by=school.aida, at=NOW)
    seating.sign_in(device=school.devices[0], student=school.bek, pin=PIN, at=SOON)
    seating.seat_student(session=session, device=school.devices[1], student=school.cholpon, by=school.aida, at=SOON)
    seating.sign_in(device=school.devices[2], student=school.bek, pin=PIN, at=SOON)
    actions.deny_resource(session=session, address="oyun.test", by=school.aida, at=SOON)
    actions.pause_student(session=session, student=school.bek, by=school.aida, at=SOON)
    session.refresh_from_db()
    actions.renew_lease(session=session, by=school.aida, at=session.lease_until + timedelta(minutes=3))
    made = handover.offer_lesson(session=session, taker=school.bakyt, reason="", by=school.aida, at=LATER)
    handover.accept_lesson(handover=made, by=school.bakyt, at=LATER)
    session.refresh_from_db()
    actions.extend_lesson(session=session, minutes=5, reason="Иш бүтпөй калды", by=school.bakyt, at=LATER)
    for kind, host in ((ReportKind.UNSUITABLE, "jaman.test"), (ReportKind.URGENT, "")):
        StudentReport.objects.create(
            form=kind, kind=kind, weight=Weight.HELD, host=host, text="Бек", student=school.bek,
            device=school.devices[0], session=session, at=LATER,
        )  # fmt: skip
    Notice.objects.create(
        student=school.bek, school_class=school.seven, session=session, sent_by=school.bakyt, sent_at=LATER, text="…"
    )
    actions.end_lesson(session=session, by=school.bakyt, at=clock(9, 40))
    monkeypatch.setattr("darbaza.clock.utc_now", lambda: clock(12))
    return SupervisedSession.objects.get()


def page(who: Any, path: str, language: str = "en") -> Any:
    client = signed_in(who)
    client.cookies["darbaza_language"] = language
    return client.get(path)


def test_the_page_of_a_lesson_says_who_answered_when_and_what_happened(lesson: SupervisedSession) -> None:
    facts = after.of_lesson(lesson)
    assert [one["since"] for one in facts["supervisors"]] == ["09:10", "09:20"]
    assert (facts["opened"], facts["closed"], facts["closed_how"]) == ("09:10", "09:40", "supervisor")
    assert (facts["students"], facts["seats"], facts["seated"], facts["pauses"]) == (2, 3, 1, 1)
    assert facts["absences"] == [
        {"since": "09:12", "until": "09:15", "who": "Аидаова А."},
        {"since": "09:17", "until": "09:20", "who": "Аидаова А."},
        {"since": "09:22", "until": "09:40", "who": "Бакытова Б."},
    ]
    assert facts["away"] == 24
    assert [one["how"] for one in facts["handovers"]] == ["offered"]
    assert facts["exception"] == "Иш бүтпөй калды"
    assert facts["purpose"] == "Маалымат издөө"
    assert [one["what"] for one in facts["denied_resources"]] == ["oyun.test"]
    assert [one["host"] for one in facts["parts"]["reports"]] == ["jaman.test"], "who needs help is on no paper"
    assert len(facts["parts"]["notices"]) == 1


@pytest.mark.parametrize(("language", "word"), [("ky", "Сабак өткөрүлүп берилди"), ("ru", "Урок передан")])
def test_page_and_paper_say_it_in_the_readers_language_and_name_no_student(
    school: School, lesson: SupervisedSession, language: str, word: str
) -> None:
    shown = page(school.bakyt, f"/sabak/{lesson.public_id}/after", language).content.decode()
    document = gather("lesson", lesson.public_id)
    assert document is not None
    for text in (shown, rendering.html_of(document, language)):
        assert word in text
        for said in ("Аидаова А.", "Бакытова Б.", "09:12–09:15", "oyun.test", "jaman.test", "Иш бүтпөй калды"):
            assert said in text
        for name in ("Беков", "Чолпонов"):
            assert name not in text


def test_a_record_has_one_code_in_all_languages(lesson: SupervisedSession) -> None:
    codes = set()
    for language in ("ky", "ru", "en"):
        with translation.override(language):
            for kind, ref in (("lesson", lesson.public_id), ("register", "2026-11-23-k1")):
                document = gather(kind, ref)
                assert document is not None
                codes.add(document.code)
    assert len(codes) == 2


def test_whoever_answered_for_it_or_watches_all_reads_it_and_nobody_else(
    school: School, lesson: SupervisedSession
) -> None:
    path = f"/sabak/{lesson.public_id}/after"
    for who in (school.aida, school.bakyt, school.director, school.responsible, school.ict):
        assert page(who, path).status_code == 200
    for who in (school.nobody, school.class_teacher):
        assert page(who, path).status_code == 403
        assert signed_in(who).post(f"/papers/print/lesson/{lesson.public_id}", {"language": "ky"}).status_code == 403
    assert Client().get(path).status_code == 302
    assert signed_in(school.aida).post(path).status_code == 405
    printed = signed_in(school.aida).post(f"/papers/print/lesson/{lesson.public_id}", {"language": "ky"})
    assert (printed.status_code, Print.objects.get().kind) == (302, "lesson")
    sheet = printed["Location"]
    assert signed_in(school.nobody).get(sheet).status_code == 403


def test_a_lesson_under_way_has_no_page_yet(school: School) -> None:
    session = actions.start_lesson(key=school.slot.key, by=school.aida, at=NOW)
    assert gather("lesson", session.public_id) is None
    assert page(school.aida, f"/sabak/{session.public_id}/after").status_code == 302


def test_the_register_of_a_room_and_day_lists_each_lesson_with_its_supervisors(
    school: School, lesson: SupervisedSession
) -> None:
    shown = page(school.director, "/sabak/register?room=k1&day=2026-11-23").content.decode()
    for said in ("09:10–09:40", "7-А", "Аидаова А. (09:10)", "Бакытова Б. (09:20)", "Маалымат издөө"):
        assert said in shown
    document = gather("register", "2026-11-23-k1")
    assert document is not None
    assert document.facts["lessons"] == 1
    assert "Бакытова Б. (09:20)" in rendering.html_of(document, "ru")
    for path in ("/sabak/register?room=k2&day=2026-11-23", "/sabak/register?room=k1&day=2026-11-24"):
        assert "no lesson with the internet" in page(school.director, path).content.decode()
    assert page(school.director, "/sabak/register?room=x&day=x").status_code == 200
    assert page(school.nobody, "/sabak/register").status_code == 403


@pytest.mark.parametrize("ref", ["", "2026-11-23", "2026-11-23-", "2026-11-23-k7", "x-k1", "2026-13-01-k1"])
def test_a_register_that_is_none_is_not_printed(school: School, ref: str) -> None:
    assert gather("register", ref) is None


def test_a_lesson_of_which_nothing_more_is_known_says_so(school: School) -> None:
    session = actions.start_lesson(key=school.slot.key, by=school.aida, at=NOW)
    actions.end_lesson(session=session, by=school.aida, at=SOON)
    said = render_to_string("lessons/_facts.html", {"facts": after.of_lesson(SupervisedSession.objects.get())})
    assert "Nothing else is recorded" in said
