"""Measures for a row of seats, a word to the class or to one student, and why the latest page was refused."""

import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from darbaza.portal.audit.models import AuditEntry
from darbaza.portal.lessons import actions, seating, words
from darbaza.portal.lessons.console import Tally, state_of
from darbaza.portal.lessons.models import SupervisedSession, Word
from darbaza.portal.lessons.values import session_value
from darbaza.portal.people.refusals import ActRefusedError
from darbaza.portal.verdicts.log import log
from darbaza.snapshot.spool import format_event
from tests.portal.live import NOW, PIN, SOON, School, make_school, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def surroundings(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.STATE = tmp_path
    monkeypatch.setattr("darbaza.clock.utc_now", lambda: SOON)


@pytest.fixture
def school() -> School:
    made = make_school()
    second = made.devices[1].seat
    assert second is not None
    second.x, second.y = 0, 1  # Cholpon sits in the second row
    second.save()
    return made


@pytest.fixture
def lesson(school: School) -> SupervisedSession:
    session = actions.start_lesson(key=school.slot.key, by=school.aida, at=NOW)
    for place, who in zip(school.devices, (school.bek, school.cholpon), strict=False):
        seating.sign_in(device=place, student=who, pin=PIN, at=NOW)
    return session


def paused(session: SupervisedSession) -> frozenset[str]:
    """Whom the gate is told to refuse everything."""
    return session_value(SupervisedSession.objects.get(pk=session.pk), SOON).paused


def test_a_row_is_paused_and_resumed_and_the_other_goes_on(
    school: School, lesson: SupervisedSession, last_entry: Callable[[], AuditEntry]
) -> None:
    assert actions.pause_row(session=lesson, row=1, by=school.aida, at=SOON) == 1
    assert (last_entry().act, paused(lesson)) == ("lessons:row:pause", {school.cholpon.public_id})
    actions.pause_all(session=lesson, by=school.aida, at=SOON)
    actions.resume_row(session=lesson, row=1, by=school.aida, at=SOON)
    assert (last_entry().act, paused(lesson)) == ("lessons:row:resume", {school.bek.public_id})
    with pytest.raises(ActRefusedError, match="Nobody is signed in"):
        actions.pause_row(session=lesson, row=7, by=school.aida, at=SOON)


@pytest.mark.parametrize("name", ["pause-row", "resume-row", "say"])
def test_only_the_supervisor_pauses_rows_and_speaks(school: School, lesson: SupervisedSession, name: str) -> None:
    address, form = f"/sabak/{lesson.public_id}/{name}", {"row": "0", "word": "Карагыла"}
    assert signed_in(school.aida).get(address).status_code == 405
    assert signed_in(school.nobody).post(address, form).status_code == 403
    assert Client(REMOTE_ADDR="127.0.1.1").post(address, form).status_code == 302
    answers = {"accept": "application/json"}
    assert signed_in(school.bakyt).post(address, form, headers=answers).status_code == 409
    assert (paused(lesson), Word.objects.count()) == (frozenset(), 0)
    assert signed_in(school.aida).post(address, form, headers=answers).json()["ok"]
    nonsense = signed_in(school.aida).post(address, {"row": "x", "word": " "}, headers=answers)
    assert nonsense.status_code == 409
    actions.end_lesson(session=lesson, by=school.aida, at=SOON)
    assert signed_in(school.aida).post(address, form, headers=answers).status_code == 409


def test_a_word_reaches_the_class_or_the_one_and_ends_with_the_lesson(
    school: School, lesson: SupervisedSession, last_entry: Callable[[], AuditEntry]
) -> None:
    words.say(session=lesson, text=" <b>Тактага</b>   карагыла ", by=school.aida, at=NOW)
    words.say(session=lesson, text="Чолпон, барак 12", student=school.cholpon, by=school.aida, at=SOON)
    assert last_entry().act == "lessons:word:say"
    assert "барак" not in str(last_entry().detail)
    bek = Client(REMOTE_ADDR="127.0.1.1").get("/kirish/soz").content.decode()
    cholpon = Client(REMOTE_ADDR="127.0.1.2").get("/kirish/soz").content.decode()
    assert "&lt;b&gt;Тактага&lt;/b&gt; карагыла" in bek
    assert "барак 12" not in bek
    assert cholpon.index("барак 12") < cholpon.index("карагыла")
    assert "карагыла" in Client(REMOTE_ADDR="127.0.1.2").get("/kirish/").content.decode()
    assert "note" not in Client(REMOTE_ADDR="127.0.1.4").get("/kirish/soz").content.decode()
    with pytest.raises(ActRefusedError):
        words.say(session=lesson, text="?", student=school.daniyar, by=school.aida, at=SOON)
    assert words.forget_before(date(2026, 11, 23)) == 0
    actions.end_lesson(session=lesson, by=school.aida, at=SOON)
    assert "карагыла" not in Client(REMOTE_ADDR="127.0.1.1").get("/kirish/soz").content.decode()
    assert words.forget_before(date(2026, 11, 24)) == 2


def test_a_lesson_is_no_chat(school: School, lesson: SupervisedSession) -> None:
    for number in range(words.MOST):
        words.say(session=lesson, text=str(number), by=school.aida, at=SOON)
    with pytest.raises(ActRefusedError, match="Enough"):
        words.say(session=lesson, text="дагы", by=school.aida, at=SOON)


@pytest.mark.parametrize("seen_before", [True, False])
def test_a_seat_says_the_category_of_its_latest_refusal_and_leads_to_why(
    school: School, lesson: SupervisedSession, seen_before: bool
) -> None:
    tally = Tally(lesson.public_id)
    if seen_before:
        visit(school, lesson, 1, "allow", "kitep.test", "")
        tally.catch_up(log().today)
    visit(school, lesson, 1 + seen_before, "deny", "oyun.test", "games")
    tally.catch_up(log().today)
    seat = state_of(lesson, tally, SOON).seats[0]
    assert (seat.host, seat.category) == ("oyun.test", "games")
    assert len(seat.reference) == 8
    page = signed_in(school.aida).get(f"/sabak/{lesson.public_id}/").content.decode()
    assert f"?reference={seat.reference}" in page


def visit(school: School, session: SupervisedSession, n: int, outcome: str, host: str, category: str) -> None:
    """A line of the log, as the box sends it."""
    what = f"{outcome}\t2.6\t8\truled-denied\t{category}\tdecision\t2026-1\t\t1\t1"
    asker = f"{school.devices[0].address}\t{school.bek.public_id}\t{session.public_id}"
    line = format_event(n, time.time_ns() // 1000, asker, "GET", host, 80, what)
    log().append("box", "1790000000000-7.spool", n, [line.decode().rstrip("\n")])
