"""Broken computers: marked by whoever teaches, seen and set right by whoever keeps the plan."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from darbaza.portal.audit.models import AuditEntry
from darbaza.portal.lessons import actions as lessons
from darbaza.portal.lessons import console, live, seating
from darbaza.portal.lessons.console import Tally, state_of
from darbaza.portal.lessons.models import SupervisedSession
from darbaza.portal.people.refusals import ActRefusedError
from darbaza.portal.people.rights import RightMissingError
from darbaza.portal.rooms import faults
from darbaza.portal.rooms.models import Fault, Seat
from darbaza.portal.school_time import school_day
from tests.portal.live import NOW, PIN, SOON, School, clock, make_school, signed_in

pytestmark = pytest.mark.django_db
WORD = "чычканы иштебейт"


@pytest.fixture
def school(monkeypatch: pytest.MonkeyPatch) -> School:
    made = make_school()
    monkeypatch.setattr("darbaza.clock.utc_now", lambda: clock(9, 12))
    return made


@pytest.fixture
def lesson(school: School) -> SupervisedSession:
    return lessons.start_lesson(key=school.slot.key, by=school.aida, at=NOW)


def seat_of(school: School, which: int = 0) -> Seat:
    seat = school.devices[which].seat
    assert seat is not None
    return seat


def break_one(school: School, at: datetime = SOON) -> Fault:
    return faults.report_fault(seat=seat_of(school), text=f"  {WORD} ", by=school.aida, at=at)


def shown(lesson: SupervisedSession, at: datetime) -> console.SeatState:
    fresh = SupervisedSession.objects.get(pk=lesson.pk)
    return state_of(fresh, Tally(lesson.public_id), at).seats[0]


def english(who: Any) -> Any:
    client = signed_in(who)
    client.cookies["darbaza_language"] = "en"
    return client


def test_a_seat_is_marked_once_and_set_right_once(school: School) -> None:
    fault = break_one(school)
    assert fault.text == WORD
    with pytest.raises(ActRefusedError, match="already"):
        break_one(school)
    with pytest.raises(ActRefusedError, match="in a word"):
        faults.report_fault(seat=seat_of(school, 1), text=" ", by=school.aida, at=SOON)
    faults.mend_fault(fault=fault, by=school.ict, at=clock(9, 30))
    with pytest.raises(ActRefusedError, match="already"):
        faults.mend_fault(fault=fault, by=school.ict, at=clock(9, 31))
    found = [(one.act, one.subject, one.detail) for one in AuditEntry.objects.order_by("number")]
    assert found == [("rooms:fault:report", "k1", {"seat": 1}), ("rooms:fault:mend", "k1", {"seat": 1})]
    break_one(school, clock(9, 32))


def test_each_wrong_role_is_refused(school: School) -> None:
    for who in (school.director, school.nobody, school.class_teacher):
        with pytest.raises(RightMissingError):
            faults.report_fault(seat=seat_of(school), text=WORD, by=who, at=SOON)
    fault = break_one(school)
    for who in (school.director, school.nobody, school.bakyt):
        with pytest.raises(RightMissingError):
            faults.mend_fault(fault=fault, by=who, at=SOON)
    faults.mend_fault(fault=fault, by=school.aida, at=SOON)


def test_the_console_shows_a_broken_seat_until_somebody_works_there(school: School, lesson: SupervisedSession) -> None:
    seating.sign_in(device=school.devices[0], student=school.bek, pin=PIN, at=NOW)
    before = live.head()
    fault = break_one(school)
    after = live.head()
    assert before is not None
    assert after is not None
    assert after.sequence > before.sequence, "consoles are told at once"
    assert after.epoch == before.epoch, "no verdict changes"
    seat = shown(lesson, SOON)
    assert (seat.state, seat.word, seat.host, seat.broken) == ("broken", "broken", WORD, WORD)
    assert seat.name, "whoever is still signed in there is named"
    seating.sign_in(device=school.devices[1], student=school.bek, pin=PIN, at=SOON)
    assert shown(lesson, SOON).state == "broken"
    seating.sign_in(device=school.devices[0], student=school.cholpon, pin=PIN, at=SOON + timedelta(seconds=9))
    later = SOON + timedelta(seconds=10)
    assert (shown(lesson, later).state, shown(lesson, later).broken) == ("online", WORD)
    faults.mend_fault(fault=fault, by=school.ict, at=clock(9, 12))
    assert shown(lesson, clock(9, 12)).broken == ""


def test_nobody_is_seated_at_a_broken_computer(school: School, lesson: SupervisedSession) -> None:
    break_one(school)
    with pytest.raises(ActRefusedError, match="broken: чычканы"):
        seating.seat_student(session=lesson, device=school.devices[0], student=school.bek, by=school.aida, at=SOON)
    page = english(school.aida).get(f"/sabak/{lesson.public_id}/").content.decode()
    choice = page[page.index('id="where"') : page.index("</select>", page.index('id="where"'))]
    assert school.devices[0].address not in choice
    assert school.devices[1].address in choice


def test_the_supervisor_marks_and_sets_right_on_the_console_and_nobody_else(
    school: School, lesson: SupervisedSession
) -> None:
    path, form = f"/sabak/{lesson.public_id}/", {"device": school.devices[0].address, "text": WORD}
    assert signed_in(school.aida).get(f"{path}break").status_code == 405
    signed_in(school.bakyt).post(f"{path}break", form)
    assert not Fault.objects.exists(), "only the supervisor of this lesson"
    signed_in(school.aida).post(f"{path}break", form)
    assert Fault.objects.get().by == school.aida
    page = english(school.aida).get(path).content.decode()
    assert "1 · broken" in page
    assert WORD in page
    signed_in(school.aida).post(f"{path}mend", form)
    assert Fault.objects.get().mended_by == school.aida
    said = english(school.aida).post(f"{path}mend", form, headers={"Accept": "application/json"}).json()
    assert "not marked broken" in said["text"]


def test_whoever_keeps_the_plan_has_a_card_a_list_and_a_button(school: School) -> None:
    teacher, ict = english(school.aida), english(school.ict)
    teacher.post("/rooms/k1/broken", {"seat": "1", "text": WORD})
    assert teacher.post("/rooms/k1/broken", {"seat": "77", "text": WORD}).status_code == 404
    assert "1 computer is broken" in ict.get("/").content.decode()
    for page in ("/rooms/broken", "/rooms/k1/"):
        assert WORD in ict.get(page).content.decode()
    fault = Fault.objects.get()
    assert "Works again</button>" not in english(school.bakyt).get("/rooms/broken").content.decode()
    signed_in(school.bakyt).post(f"/rooms/broken/{fault.pk}/mend")
    assert faults.standing().exists()
    ict.post(f"/rooms/broken/{fault.pk}/mend")
    assert not faults.standing().exists()
    assert WORD not in ict.get("/rooms/k1/").content.decode()


def test_what_was_set_right_is_forgotten_with_the_log_and_what_is_broken_is_not(school: School) -> None:
    fault = break_one(school)
    day = school_day(clock(9)) + timedelta(days=1)
    assert faults.forget_before(day) == 0
    faults.mend_fault(fault=fault, by=school.ict, at=SOON)
    assert faults.forget_before(day) == 1
