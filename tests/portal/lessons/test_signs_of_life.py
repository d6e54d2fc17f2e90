"""The supervisor's signs of life (S09): each counts once, from the supervisor, and not from a students' computer."""

from datetime import timedelta
from html import unescape
from pathlib import Path
from re import search
from typing import Any

import pytest
from django.core import signing
from django.test import Client

from darbaza.portal.audit.models import AuditEntry
from darbaza.portal.lessons import actions
from darbaza.portal.lessons.models import Console, SupervisedSession
from darbaza.portal.lessons.presence import MOST_CONSOLES, SALT, new_console
from tests.portal.live import NOW, School, make_school, signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.bypass("S09")]
LATER = NOW + timedelta(minutes=1)


@pytest.fixture(autouse=True)
def _later(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.STATE = tmp_path
    monkeypatch.setattr("darbaza.clock.utc_now", lambda: LATER)


@pytest.fixture
def school() -> School:
    return make_school()


@pytest.fixture
def lesson(school: School) -> SupervisedSession:
    return actions.start_lesson(key=school.slot.key, by=school.aida, at=NOW)


def beat(client: Client, lesson: SupervisedSession, console: str, number: object, address: str = "127.0.3.1") -> int:
    """Send a sign of life; the answer's status."""
    form = {"console": console, "number": number}
    return client.post(f"/sabak/{lesson.public_id}/heartbeat", form, REMOTE_ADDR=address).status_code


def refusals() -> list[str]:
    found = AuditEntry.objects.filter(act="lessons:supervisor:refuse").order_by("number")
    return [str(one.detail["why"]) for one in found]


def test_each_sign_renews_the_lease_once(school: School, lesson: SupervisedSession) -> None:
    aida, console = signed_in(school.aida), new_console(lesson, school.aida)
    assert beat(aida, lesson, console, 1) == 204
    lesson.refresh_from_db()
    assert lesson.lease_until == LATER + actions.grace()
    assert beat(aida, lesson, console, 7) == 204
    for number in (7, 1, 6, 0, -1, "", "x", 10**17):
        assert beat(aida, lesson, console, number) == (204 if number == 10**17 else 409)
    assert set(refusals()) == {"replay"}


def test_a_captured_sign_does_not_keep_a_lesson_open(
    school: School, lesson: SupervisedSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    aida, console = signed_in(school.aida), new_console(lesson, school.aida)
    assert beat(aida, lesson, console, 1) == 204
    ends = LATER + actions.grace()
    monkeypatch.setattr("darbaza.clock.utc_now", lambda: ends + timedelta(seconds=1))
    assert beat(aida, lesson, console, 1) == 409
    lesson.refresh_from_db()
    assert lesson.lease_until == ends, "without a true sign it has run out"
    assert AuditEntry.objects.filter(act="lessons:supervisor:return").count() == 0


def test_no_sign_counts_from_a_students_computer_and_its_page_says_so(
    school: School, lesson: SupervisedSession
) -> None:
    aida, console, before = signed_in(school.aida), new_console(lesson, school.aida), lesson.lease_until
    assert beat(aida, lesson, console, 1, address="127.0.1.1") == 409
    page = aida.get(f"/sabak/{lesson.public_id}/", REMOTE_ADDR="127.0.1.1")
    assert "бул жерден катышууңуз эсепке алынбайт" in page.content.decode()
    lesson.refresh_from_db()
    assert lesson.lease_until == before
    assert refusals() == ["students-device"]
    assert beat(aida, lesson, console, 1) == 204, "the number was not spent"


@pytest.mark.parametrize("address", ["127.0.3.1", "127.0.1.1", "10.9.8.7"])
def test_without_session_token_or_right_key_nothing_is_renewed(
    school: School, lesson: SupervisedSession, address: str
) -> None:
    before, where = lesson.lease_until, f"/sabak/{lesson.public_id}/heartbeat"
    console = new_console(lesson, school.aida)
    assert beat(Client(), lesson, console, 1, address) in {302, 403}
    strict = Client(enforce_csrf_checks=True)
    strict.cookies.update(signed_in(school.aida).cookies)
    assert strict.post(where, {"console": console, "number": 1}, REMOTE_ADDR=address).status_code == 403
    other = actions.start_lesson(key=school.other_slot.key, by=school.bakyt, at=NOW)
    forged = [
        "", "x", console[:-2], console + "a", new_console(other, school.bakyt), new_console(lesson, school.bakyt),
        signing.dumps([lesson.public_id, school.aida.public_id, "k"], salt="another"),
        signing.dumps("junk", salt=SALT),
    ]  # fmt: skip
    for key in forged:
        assert beat(signed_in(school.aida), lesson, key, 1, address) == 409
    assert beat(signed_in(school.bakyt), lesson, console, 1, address) == 409
    lesson.refresh_from_db()
    assert lesson.lease_until == before


def test_two_browsers_of_one_supervisor_count_apart_and_not_without_end(
    school: School, lesson: SupervisedSession
) -> None:
    aida = signed_in(school.aida)
    consoles = [new_console(lesson, school.aida) for _ in range(MOST_CONSOLES + 5)]
    assert {beat(aida, lesson, console, 1) for console in consoles} == {204}
    assert Console.objects.count() == MOST_CONSOLES


def test_the_page_of_the_lesson_holds_its_key(school: School, lesson: SupervisedSession) -> None:
    aida = signed_in(school.aida)
    page = aida.get(f"/sabak/{lesson.public_id}/", REMOTE_ADDR="127.0.3.1").content.decode()
    key = search(r'data-key="([^"]+)"', page)
    assert key is not None
    assert beat(aida, lesson, unescape(key[1]), 1) == 204
    watching = signed_in(school.responsible).get(f"/sabak/{lesson.public_id}/").content.decode()
    assert 'data-key=""' in watching
