"""Open hours: individual work outside the schedule under whoever is responsible for internet access (2.7)."""

from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest

from darbaza.policy.decide import decide
from darbaza.policy.request import AccessRequest, Asker
from darbaza.policy.resource import Resource
from darbaza.portal.audit.models import AuditEntry
from darbaza.portal.gateways import presence, rulebook
from darbaza.portal.lessons import actions, after, handover, hours, live, proposals, seating
from darbaza.portal.lessons.models import SupervisedSession
from darbaza.portal.lessons.values import session_end, session_value
from darbaza.portal.people.models import Appointment, SchoolClass
from darbaza.portal.people.refusals import ActRefusedError
from darbaza.portal.people.rights import RightMissingError
from darbaza.portal.tags import clock_time
from tests.portal.live import NOW, PIN, School, clock, device, make_school, ruling, signed_in, slot

pytestmark = pytest.mark.django_db
AFTER = clock(14)


@pytest.fixture(autouse=True)
def surroundings(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.STATE = tmp_path
    monkeypatch.setattr("darbaza.clock.utc_now", lambda: AFTER)


@pytest.fixture
def school() -> School:
    made = make_school()
    ruling("allow", host="kitep.test")
    return made


def opened(school: School, **changes: Any) -> SupervisedSession:
    asked: dict[str, Any] = {
        "room": school.k1, "classes": [school.seven, school.eight], "purpose": "Рефераттар", "ends": clock(16),
        "by": school.responsible, "at": AFTER,
    }  # fmt: skip
    return hours.open_hours(**{**asked, **changes})


def answer(school: School, session: SupervisedSession, at: datetime) -> str:
    """What the gate answers to Bek at an instant by what the portal sent it while the hours were open."""
    value = session_value(session, AFTER)
    book = rulebook.build(AFTER, 1)
    asker = Asker("127.0.1.1", "students", "k1", school.bek.public_id, value, acquainted=book.acquaintance)
    verdict = decide(AccessRequest(asker, Resource("kitep.test"), at.astimezone(UTC)), book)
    return f"{verdict.outcome} {verdict.clause}"


def test_students_of_the_classes_sign_in_and_the_gate_opens_until_the_end(
    school: School, last_entry: Callable[[], AuditEntry]
) -> None:
    session = opened(school)
    assert last_entry().act == "lessons:hours:open"
    entry = last_entry()
    assert (entry.by, entry.detail["classes"]) == (school.responsible.public_id, ["7-А", "8-Б"])
    actions.renew_lease(session=session, by=school.responsible, at=AFTER)
    for number, student in enumerate((school.bek, school.daniyar)):
        seating.sign_in(device=school.devices[number], student=student, pin=PIN, at=AFTER)
    SupervisedSession.objects.update(lease_until=clock(17))
    session.refresh_from_db()
    assert answer(school, session, AFTER) == "allow 2.6"
    assert answer(school, session, clock(16) - timedelta(seconds=1)) == "allow 2.6"
    assert answer(school, session, clock(16)) == "deny 2.9"
    assert {one.category for one in presence.build(AFTER).bindings} == {"students-5-9"}
    facts = after.summary(session)
    assert (facts["class"], facts["subject"], facts["exception"]) == ("7-А, 8-Б", "Рефераттар", "")


def test_a_student_of_another_class_cannot_sign_in(school: School) -> None:
    opened(school, classes=[school.seven])
    with pytest.raises(ActRefusedError, match="another class: 7-А"):
        seating.sign_in(device=school.devices[0], student=school.daniyar, pin=PIN, at=AFTER)


def test_time_closes_the_hours_at_their_end(school: School) -> None:
    session = opened(school)
    live.expire(clock(16))
    session.refresh_from_db()
    assert (session.closed, session.closed_how) == (clock(16), "bell")


@pytest.mark.parametrize("who", ["director", "ict", "aida", "class_teacher", "nobody"])
def test_nobody_but_the_responsible_person_opens_hours(school: School, who: str) -> None:
    person = getattr(school, who)
    with pytest.raises(RightMissingError):
        opened(school, by=person)
    assert signed_in(person).get("/sabak/hours").status_code == 403
    assert not SupervisedSession.objects.exists()


def test_what_is_missing_or_wrong_is_refused_and_nothing_is_recorded(school: School) -> None:
    small = SchoolClass.objects.create(grade=2, letter="А")
    before = AuditEntry.objects.count()
    for changes, words in (
        ({"purpose": "  "}, "work on"),
        ({"classes": []}, "at least one class"),
        ({"classes": [small, school.seven]}, "differ"),
        ({"ends": AFTER}, "later than now"),
        ({"ends": AFTER + hours.LONGEST + timedelta(minutes=1)}, "at most 4 hours"),
        ({"room": school.plain_room}, "equips"),
        ({"at": clock(22), "ends": clock(22) + timedelta(hours=3)}, "same day"),
    ):
        with pytest.raises(ActRefusedError, match=words):
            opened(school, **changes)
    assert AuditEntry.objects.count() == before
    assert not SupervisedSession.objects.exists()


def test_the_hours_end_before_the_rooms_next_lesson(school: School) -> None:
    slot(school.version, school.k1, school.eight, school.bakyt, time(15), time(15, 45))
    with pytest.raises(ActRefusedError, match=r"At 15:00 this room has a lesson: 8-Б"):
        opened(school, ends=clock(15, 1))
    free = {one.room.code: one.until for one in hours.free_rooms(AFTER)}
    assert free["k1"] is not None
    assert clock_time(free["k1"].begins) == "15:00"
    assert free["k2"] is None
    assert opened(school, ends=clock(15)).ends == clock(15)


def test_a_room_is_not_free_during_its_lesson_or_while_one_is_open(school: School) -> None:
    with pytest.raises(ActRefusedError, match="has a lesson in this room now: 7-А"):
        opened(school, at=NOW, ends=clock(10))
    opened(school)
    with pytest.raises(ActRefusedError, match="open already"):
        opened(school)
    with pytest.raises(ActRefusedError, match="You have a lesson open already"):
        opened(school, room=school.k2)
    assert [one.room.code for one in hours.free_rooms(AFTER)] == ["k2"]


def test_classes_that_sit_in_a_lesson_or_have_one_soon_are_named_before(school: School) -> None:
    slot(school.version, school.k2, school.eight, school.bakyt, time(15), time(15, 45))
    running = hours.warnings(classes=[school.seven], at=AFTER, ends=clock(16))
    assert running == []
    (coming,) = hours.warnings(classes=[school.seven, school.eight], at=AFTER, ends=clock(16))
    assert "8-Б" in coming
    assert "15:00" in coming
    actions.start_lesson(key=school.slot.key, by=school.aida, at=NOW)
    sitting, *_ = hours.warnings(classes=[school.seven], at=NOW, ends=clock(9, 30))
    assert "7-А" in sitting
    assert "leaves it" in sitting


def test_a_class_has_its_lesson_although_hours_are_open_to_it(school: School) -> None:
    k3 = type(school.k1).objects.create(
        code="k3", name="k3", capacity=4, order_number="3", order_date=school.k1.order_date,
        equipped_since=school.k1.equipped_since,
    )  # fmt: skip
    place = device("127.0.4.1", k3, 1)
    opened(school, room=k3, at=clock(8, 55), ends=clock(10), classes=[school.seven])
    seating.sign_in(device=place, student=school.bek, pin=PIN, at=clock(8, 55))
    lesson = actions.start_lesson(key=school.slot.key, by=school.aida, at=NOW)
    moved = seating.sign_in(device=school.devices[0], student=school.bek, pin=PIN, at=NOW)
    assert moved.session == lesson
    assert not place.bindings.filter(ended__isnull=True).exists()


def test_hours_are_no_lesson_that_a_teacher_could_start_or_be_given(school: School) -> None:
    session = opened(school)
    with pytest.raises(ActRefusedError, match="responsible for internet access"):
        handover.offer_lesson(session=session, taker=school.aida, reason="", by=school.responsible, at=AFTER)
    actions.extend_lesson(session=session, minutes=10, reason="бүтпөй калды", by=school.responsible, at=AFTER)
    session.refresh_from_db()
    assert session.ends == clock(16, 10)
    actions.end_lesson(session=session, by=school.responsible, at=AFTER)
    assert proposals.proposals(AFTER + timedelta(minutes=1)) == []


def test_the_hours_end_with_the_duty(school: School) -> None:
    session = opened(school)
    Appointment.objects.filter(person=school.responsible).update(until=clock(15))
    assert session_end(session) == clock(15)
    live.changing(clock(15))
    session.refresh_from_db()
    assert (session.closed, session.closed_how) == (clock(15), "duty")


def test_the_page_warns_once_keeps_what_was_typed_and_opens(school: School) -> None:
    slot(school.version, school.k2, school.eight, school.bakyt, time(15), time(15, 45))
    client = signed_in(school.responsible)
    form = {"room": "k1", "classes": [school.seven.pk, school.eight.pk], "purpose": "Рефераттар", "until": "16:00"}
    page = client.post("/sabak/hours", form)
    assert page.status_code == 422
    assert 'name="seen"' in page.text
    assert "Рефераттар" in page.text
    assert not SupervisedSession.objects.exists()
    wrong = client.post("/sabak/hours", {**form, "seen": "1", "until": "кечинде"})
    assert wrong.status_code == 422
    assert not SupervisedSession.objects.exists()
    assert client.post("/sabak/hours", {**form, "room": "k9"}).status_code == 422
    page = client.post("/sabak/hours", {**form, "seen": "1"})
    session = SupervisedSession.objects.get()
    assert page["Location"] == f"/sabak/{session.public_id}/"
    assert client.get(page["Location"]).status_code == 200
    assert client.delete("/sabak/hours").status_code == 405
