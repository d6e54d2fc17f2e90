"""What goes wrong in a lesson: forms sent twice or from a second console, a student at the addresses of the staff."""

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from darbaza.policy.decide import decide
from darbaza.policy.request import AccessRequest
from darbaza.policy.resource import Resource
from darbaza.portal.audit.models import AuditEntry
from darbaza.portal.gateways import presence, rulebook
from darbaza.portal.incidents.models import Notice
from darbaza.portal.lessons import actions, live, seating
from darbaza.portal.lessons.models import SupervisedSession
from darbaza.portal.timetable.actions import note_exception
from darbaza.snapshot.presence import askers
from tests.portal.live import NOW, PIN, SOON, School, clock, make_school, ruling, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def school(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> School:
    settings.STATE = tmp_path
    monkeypatch.setattr("darbaza.clock.utc_now", lambda: SOON)
    return make_school()


@pytest.fixture
def lesson(school: School) -> SupervisedSession:
    made = actions.start_lesson(key=school.slot.key, by=school.aida, at=NOW)
    seating.sign_in(device=school.devices[0], student=school.bek, pin=PIN, at=NOW)
    return made


# Forms that are sent twice.


def test_more_time_asked_for_twice_or_on_two_consoles_is_given_once(school: School, lesson: SupervisedSession) -> None:
    desk, at_home = signed_in(school.aida), signed_in(school.aida)
    page = desk.get(f"/sabak/{lesson.public_id}/").content.decode()
    assert 'name="shown" value="09:45"' in page
    form = {"minutes": "10", "reason": "Тест бүтпөй калды", "shown": "09:45"}
    for console in (desk, desk, at_home):
        console.post(f"/sabak/{lesson.public_id}/extend", form)
    lesson.refresh_from_db()
    assert lesson.ends == clock(9, 55)
    said = at_home.post(f"/sabak/{lesson.public_id}/extend", form, headers={"Accept": "application/json"})
    assert (said.status_code, "09:55" in said.json()["text"]) == (409, True)
    at_home.post(f"/sabak/{lesson.public_id}/extend", form | {"shown": "09:55"})
    lesson.refresh_from_db()
    assert lesson.ends == clock(10, 5), "whoever sees the new end may go on from there"


def test_a_notice_sent_twice_is_one(school: School, lesson: SupervisedSession) -> None:
    form = {"student": school.bek.public_id, "text": "Прокси  издеди"}
    for _ in range(2):
        signed_in(school.aida).post(f"/notices/from/{lesson.public_id}", form)
    notice = Notice.objects.get()
    signed_in(school.aida).post(f"/notices/from/{lesson.public_id}", form | {"text": "Дагы издеди"})
    assert Notice.objects.exclude(pk=notice.pk).count() == 1


# A student at the addresses of the staff.


def addresses(patterns: list[Any], before: str = "") -> Iterator[tuple[str, str, str]]:
    """Every address of the portal: its namespace, its name and a path with something in each place."""
    for one in patterns:
        route = before + str(one.pattern)
        if isinstance(one, URLResolver):
            yield from (
                (one.namespace or space, name, path) for space, name, path in addresses(one.url_patterns, route)
            )
        elif isinstance(one, URLPattern):
            yield "", one.name or "", route


def filled(route: str, lesson: SupervisedSession) -> str:
    known = {"public_id": lesson.public_id, "name": "pause-all", "pk": "1"}
    return "/" + re.sub(r"<(?:(\w+):)?(\w+)>", lambda m: known.get(m[2], "1"), route)


STAFF_ONLY = {
    "lessons",
    "incidents",
    "asking",
    "permits",
    "sharing",
    "harm",
    "verdicts",
    "classification",
    "whatif",
    "people",
}


def test_a_student_opens_no_address_of_the_console_and_changes_nothing_there(
    school: School, lesson: SupervisedSession
) -> None:
    student = Client(REMOTE_ADDR="127.0.1.1")
    before = (AuditEntry.objects.count(), live.head().sequence)  # type: ignore[union-attr] # a lesson is open
    found = [one for one in addresses(get_resolver().url_patterns) if one[0] in STAFF_ONLY]
    assert {space for space, _, _ in found} == STAFF_ONLY
    for _space, name, route in found:
        path = filled(route, lesson)
        for answer in (student.get(path), student.post(path, {"student": school.bek.public_id})):
            to_sign_in = answer.status_code == 302 and answer["Location"].startswith("/accounts/login/")
            assert to_sign_in or answer.status_code in {403, 404, 405}, (name, path, answer.status_code)
            assert school.cholpon.surname not in getattr(answer, "content", b"").decode()
    assert (AuditEntry.objects.count(), live.head().sequence) == before  # type: ignore[union-attr] # as above


# Somebody knows a classmate's PIN.


def test_whoever_is_signed_out_by_their_own_pin_elsewhere_is_told_so(
    school: School, lesson: SupervisedSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    here, there = Client(REMOTE_ADDR="127.0.1.1"), Client(REMOTE_ADDR="127.0.1.2")
    for client in (here, there):
        client.cookies["darbaza_language"] = "en"
    there.post("/kirish/", {"student": school.bek.public_id, "pin": PIN})
    page = here.get("/kirish/").content.decode()
    assert "Whoever sat here signed in at seat 2" in page
    assert "somebody knows your PIN" in page
    assert "somebody knows" not in Client(REMOTE_ADDR="127.0.1.3").get("/kirish/").content.decode()
    monkeypatch.setattr("darbaza.clock.utc_now", lambda: SOON + seating.A_MOMENT)
    assert "somebody knows" not in here.get("/kirish/").content.decode()


def test_whoever_the_teacher_moved_is_not_alarmed(school: School, lesson: SupervisedSession) -> None:
    seating.seat_student(session=lesson, device=school.devices[1], student=school.bek, by=school.aida, at=SOON)
    page = Client(REMOTE_ADDR="127.0.1.1").get("/kirish/").content.decode()
    assert "PIN-кодуңузду" not in page


# Minutes after the bell.


def allowed(at: Any) -> bool:
    book = rulebook.build(at)
    return decide(AccessRequest(askers(book, presence.build(at))["127.0.1.1"], Resource("kitep.test"), at), book).allows


def test_a_school_may_leave_minutes_after_the_bell_to_finish_what_was_begun(school: School, settings: Any) -> None:
    settings.MINUTES_AFTER_BELL = 2
    ruling("allow", host="kitep.test")
    made = actions.start_lesson(key=school.slot.key, by=school.aida, at=NOW)
    seating.sign_in(device=school.devices[0], student=school.bek, pin=PIN, at=NOW)
    assert made.ends == clock(9, 47)
    assert "09:45" in signed_in(school.aida).get(f"/sabak/{made.public_id}/").content.decode()
    actions.renew_lease(session=made, by=school.aida, at=clock(9, 45, 30))
    assert allowed(clock(9, 46, 59))
    assert not allowed(clock(9, 47))
    live.expire(clock(9, 47))
    made.refresh_from_db()
    assert (made.closed, made.closed_how) == (clock(9, 47), "bell")


@pytest.mark.parametrize("whose", ["room", "class", "teacher"])
def test_those_minutes_are_none_of_the_next_lesson(school: School, settings: Any, whose: str) -> None:
    settings.MINUTES_AFTER_BELL = 5
    note_exception(
        room=school.k1 if whose == "room" else school.k2,
        school_class=school.seven if whose == "class" else school.eight,
        teacher=school.aida if whose == "teacher" else school.bakyt,
        since=clock(9, 46), until=clock(10, 30), reason="…", by=school.ict, at=NOW,
    )  # fmt: skip
    made = actions.start_lesson(key=school.slot.key, by=school.aida, at=NOW)
    assert made.ends == clock(9, 46)
    assert made.ends - clock(9, 45) == timedelta(minutes=1)
