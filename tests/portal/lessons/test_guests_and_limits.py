"""A guest at a seat, and a student whose time within the lesson is limited: what is recorded, shown and let through."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from darbaza.policy.decide import decide
from darbaza.policy.request import AccessRequest
from darbaza.policy.resource import Resource
from darbaza.policy.verdict import Message, Verdict
from darbaza.portal.audit.models import AuditEntry
from darbaza.portal.gateways import presence, rulebook
from darbaza.portal.lessons import actions, after, hours, limits, live, seating
from darbaza.portal.lessons.console import Tally, state_of
from darbaza.portal.lessons.models import Binding, SupervisedSession, TimeLimit
from darbaza.portal.people.models import Person, PersonKind
from darbaza.portal.people.refusals import ActRefusedError
from darbaza.snapshot import codec
from darbaza.snapshot.presence import askers
from tests.people import acquaint
from tests.portal.live import NOW, PIN, SOON, School, clock, make_school, ruling, signed_in

pytestmark = pytest.mark.django_db
NAME = "Конокбаев  Азиз"
PATH = "/sabak/{}/"


@pytest.fixture
def school(monkeypatch: pytest.MonkeyPatch) -> School:
    made = make_school()
    ruling("allow", host="kitep.test")
    ruling("allow", host="konok.test", user_category="guests")
    monkeypatch.setattr("darbaza.clock.utc_now", lambda: clock(9, 12))
    return made


@pytest.fixture
def lesson(school: School) -> SupervisedSession:
    return actions.start_lesson(key=school.slot.key, by=school.aida, at=NOW)


def seat(school: School, lesson: SupervisedSession, **changes: Any) -> Binding:
    asked = {"session": lesson, "device": school.devices[0], "name": NAME, "by": school.aida, "at": SOON}
    return seating.seat_guest(**{**asked, **changes})


def answer(host: str, at: datetime, device: str = "127.0.1.1") -> Verdict:
    """What a box that got the presence as bytes says."""
    book = rulebook.build(at)
    given = codec.decode_presence(codec.encode_presence(presence.build(at)))
    return decide(AccessRequest(askers(book, given)[device], Resource(host), at), book)


def shown(lesson: SupervisedSession, at: datetime) -> Any:
    return state_of(SupervisedSession.objects.get(pk=lesson.pk), Tally(lesson.public_id), at).seats[0]


def pc(address: str) -> Client:
    client = Client(REMOTE_ADDR=address)
    client.cookies["darbaza_language"] = "en"
    return client


def english(who: Person) -> Client:
    client = signed_in(who)
    client.cookies["darbaza_language"] = "en"
    return client


def test_a_guest_has_what_the_council_gave_to_guests_until_the_lesson_ends(
    school: School, lesson: SupervisedSession
) -> None:
    guest = seat(school, lesson).person
    assert (guest.kind, guest.full_name) == (PersonKind.GUEST, "Конокбаев Азиз")
    assert answer("konok.test", SOON).message is Message.ACQUAINT_FIRST
    acquaint(guest)
    assert answer("konok.test", SOON).allows
    assert answer("kitep.test", SOON).message is Message.NOT_RULED_ON, "students' rulings are not the guest's"
    assert answer("konok.test", NOW + actions.grace()).message is Message.SUPERVISOR_AWAY
    later = SOON + timedelta(minutes=1)
    actions.end_lesson(session=lesson, by=school.aida, at=later)
    assert answer("konok.test", later).message is Message.NO_LESSON
    assert not Person.objects.get(pk=guest.pk).active, "a guest is of one lesson"


def test_the_seating_of_a_guest_is_audited_and_refused_where_it_must_be(
    school: School, lesson: SupervisedSession
) -> None:
    for changes, said in (
        ({"name": "Азиз"}, "surname and given name"),
        ({"by": school.bakyt}, "Only the supervisor"),
        ({"device": school.other_device}, "another room"),
        ({"device": school.staff_device}, "another room"),
    ):
        with pytest.raises(ActRefusedError, match=said):
            seat(school, lesson, **changes)
    assert not Person.objects.filter(kind=PersonKind.GUEST).exists()
    seat(school, lesson)
    entry = AuditEntry.objects.get(act="lessons:guest:seat")
    assert (entry.subject, entry.detail["device"]) == (lesson.public_id, "127.0.1.1")
    with pytest.raises(ActRefusedError, match="seat 1"):
        seat(school, lesson, name="Башка Конок")
    with pytest.raises(ActRefusedError, match="Somebody else"):
        seating.sign_in(device=school.devices[0], student=school.bek, pin=PIN, at=SOON)
    actions.end_lesson(session=lesson, by=school.aida, at=SOON)
    with pytest.raises(ActRefusedError, match="ended"):
        seat(school, lesson, device=school.devices[1])


def test_a_guest_is_told_apart_on_the_console_and_named_in_the_record(
    school: School, lesson: SupervisedSession
) -> None:
    teacher, path = english(school.aida), PATH.format(lesson.public_id)
    assert teacher.get(f"{path}guest").status_code == 405
    teacher.post(f"{path}guest", {"device": "127.0.1.1", "name": NAME})
    seating.sign_in(device=school.devices[1], student=school.bek, pin=PIN, at=SOON)
    assert "Конокбаев Азиз (guest)" in teacher.get(path).content.decode()
    page = pc("127.0.1.1").get("/kirish/").content.decode()
    assert "Конокбаев Азиз" in page
    assert "read the rules" in page, "a guest, too, reads them first (2.12)"
    live.expire(clock(9, 45))
    closed = SupervisedSession.objects.get(pk=lesson.pk)
    facts = after.of_lesson(closed)
    assert facts["guests_named"] == [{"who": "Конокбаев Азиз", "seat": 1, "since": "09:12", "until": "09:45"}]
    assert (facts["students"], facts["guests"]) == (1, 1)
    assert "Конокбаев Азиз" in teacher.get(f"{path}after").content.decode()
    assert "guests: 1" in teacher.get("/sabak/register?room=k1&day=2026-11-23").content.decode()


def test_the_time_of_one_student_ends_by_the_clock_and_the_others_go_on(
    school: School, lesson: SupervisedSession
) -> None:
    for number, who in enumerate((school.bek, school.cholpon)):
        seating.sign_in(device=school.devices[number], student=who, pin=PIN, at=NOW)
    limits.limit_person(session=lesson, person=school.bek, minutes=1, by=school.aida, at=SOON)
    over = SOON + timedelta(minutes=1)
    head = live.head()
    assert head is not None
    assert head.due == over, "boxes and consoles are told at that instant"
    actions.renew_lease(session=SupervisedSession.objects.get(pk=lesson.pk), by=school.aida, at=over)
    assert answer("kitep.test", over - timedelta(seconds=1)).allows
    verdict = answer("kitep.test", over)
    assert (verdict.message, verdict.clause, verdict.ground.ref) == (Message.TIME_IS_UP, "2.7", lesson.public_id)
    assert answer("kitep.test", over, "127.0.1.2").allows
    assert (shown(lesson, SOON).state, shown(lesson, SOON).limit) == ("online", "until 09:11")
    assert (shown(lesson, over).state, shown(lesson, over).word) == ("spent", "time is up")


def test_whoever_s_time_is_over_gives_the_seat_up_and_gets_more_time_from_the_supervisor_only(
    school: School, lesson: SupervisedSession
) -> None:
    seating.sign_in(device=school.devices[0], student=school.bek, pin=PIN, at=NOW)
    limits.limit_person(session=lesson, person=school.bek, minutes=5, by=school.aida, at=NOW)
    over = NOW + timedelta(minutes=5)
    with pytest.raises(ActRefusedError, match="Somebody else"):
        seating.sign_in(device=school.devices[0], student=school.cholpon, pin=PIN, at=over - timedelta(seconds=1))
    seating.sign_in(device=school.devices[0], student=school.cholpon, pin=PIN, at=over)
    with pytest.raises(ActRefusedError, match="is over"):
        seating.sign_in(device=school.devices[1], student=school.bek, pin=PIN, at=over)
    limits.lift_limit(session=lesson, person=school.bek, by=school.aida, at=over)
    seating.sign_in(device=school.devices[1], student=school.bek, pin=PIN, at=over)
    with pytest.raises(ActRefusedError, match="not limited"):
        limits.lift_limit(session=lesson, person=school.bek, by=school.aida, at=over)


def test_a_limit_is_the_supervisor_s_for_whoever_is_signed_in_and_shorter_than_the_lesson(
    school: School, lesson: SupervisedSession
) -> None:
    def limit(minutes: int, by: Person) -> TimeLimit:
        return limits.limit_person(session=lesson, person=school.bek, minutes=minutes, by=by, at=NOW)

    with pytest.raises(ActRefusedError, match="not signed in"):
        limit(5, school.aida)
    seating.sign_in(device=school.devices[0], student=school.bek, pin=PIN, at=NOW)
    with pytest.raises(ActRefusedError, match="Only the supervisor"):
        limit(5, school.bakyt)
    for minutes in (0, 35, 999):
        with pytest.raises(ActRefusedError, match="before the lesson"):
            limit(minutes, school.aida)
    limit(34, school.aida)
    limit(10, school.aida)
    assert [one.minute for one in TimeLimit.objects.filter(lifted=None).values_list("until", flat=True)] == [20]
    acts = AuditEntry.objects.filter(act="lessons:student:limit").order_by("number")
    assert [one.detail["minutes"] for one in acts] == [34, 10]


def test_the_student_is_told_before_and_after_and_the_console_takes_the_form(
    school: School, lesson: SupervisedSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    seating.sign_in(device=school.devices[0], student=school.bek, pin=PIN, at=NOW)
    teacher, path = english(school.aida), PATH.format(lesson.public_id)
    teacher.post(f"{path}limit", {"student": school.bek.public_id, "minutes": "10"})
    pages = []
    for at in (clock(9, 12), clock(9, 18), clock(9, 22)):
        monkeypatch.setattr("darbaza.clock.utc_now", lambda now=at: now)
        actions.renew_lease(session=SupervisedSession.objects.get(pk=lesson.pk), by=school.aida, at=at)
        pages.append(pc("127.0.1.1").get("/kirish/"))
    bodies = [page.content.decode() for page in pages]
    assert "Until 09:22: your time" in bodies[0]
    assert "Your time ends at 09:22" in bodies[1]
    assert "Your time in this lesson is over" in bodies[2]
    assert [page.get("Refresh") for page in pages] == ["301", "241", None], "the page says it without being asked"
    teacher.post(f"{path}unlimit", {"student": school.bek.public_id})
    assert "minutes left until the bell" in pc("127.0.1.1").get("/kirish/").content.decode()


def test_open_hours_give_each_student_the_same_minutes_from_the_first_sign_in_on(school: School) -> None:
    at = clock(14)
    asked: dict[str, Any] = {"room": school.k1, "classes": [school.seven], "purpose": "Доклад", "ends": clock(16)}
    with pytest.raises(ActRefusedError, match="5 to 240"):
        hours.open_hours(**asked, by=school.responsible, at=at, minutes_each=4)
    session = hours.open_hours(**asked, by=school.responsible, at=at, minutes_each=30)
    seating.sign_in(device=school.devices[0], student=school.bek, pin=PIN, at=at)
    seating.sign_in(device=school.devices[1], student=school.bek, pin=PIN, at=at + timedelta(minutes=10))
    assert [one.until for one in session.limits.all()] == [at + timedelta(minutes=30)]
    late = clock(15, 45)
    seating.sign_in(device=school.devices[2], student=school.cholpon, pin=PIN, at=late)
    assert session.limits.count() == 1, "the end comes first"
