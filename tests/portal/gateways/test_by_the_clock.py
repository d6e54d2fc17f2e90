"""What ends or begins although nobody acts: duties with the lessons that rest on them, and decisions of tomorrow."""

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from django.test import Client

from darbaza import clock as real_clock
from darbaza.portal.audit.models import AuditEntry
from darbaza.portal.council.actions import Point, adopt_decision, sign_order
from darbaza.portal.council.models import DefaultRule, Order, OrderAct, OrderKind, UserCategory
from darbaza.portal.gateways import presence, publish, rulebook
from darbaza.portal.gateways.actions import enrol_box
from darbaza.portal.lessons import actions, live, seating
from darbaza.portal.lessons.models import Binding, SupervisedSession
from darbaza.portal.lessons.proposals import own_proposals, standing_in_for
from darbaza.portal.people.duties import Duty
from darbaza.portal.people.models import Person
from darbaza.portal.people.refusals import ActRefusedError
from darbaza.portal.people.rights import RightMissingError
from darbaza.portal.school_time import school_day
from darbaza.portal.timetable.actions import note_exception
from tests.portal.live import NOW, SOON, School, make_school

pytestmark = pytest.mark.django_db
MOMENT = timedelta(microseconds=1)


@pytest.fixture(autouse=True)
def state(settings: Any, tmp_path: Path) -> None:
    settings.STATE = tmp_path


@pytest.fixture
def school() -> School:
    return make_school()


def order(school: School, at: datetime, *points: Point, **more: object) -> Order:
    given: dict[str, object] = {
        "kind": OrderKind.STAFF, "text": "…", "points": points, "in_force_from": None, "by": school.director, "at": at,
    }  # fmt: skip
    return sign_order(**(given | more))  # type: ignore[arg-type] # a test's keywords


def let_teach(school: School, at: datetime, until: datetime, person: Person | None = None) -> Order:
    """An order lets somebody stand in for Aida until an instant."""
    point = Point(OrderAct.SUBSTITUTE, person or school.nobody, Duty.TEACHER, instead_of=school.aida)
    return order(school, at, point, kind=OrderKind.SUBSTITUTE, in_force_until=until)


def open_lesson(school: School, by: Person, at: datetime) -> SupervisedSession:
    return actions.start_lesson(key=school.slot.key, by=by, at=at)


def test_a_lesson_ends_at_the_instant_at_which_its_supervisors_order_does(school: School) -> None:
    ends = NOW + timedelta(minutes=20)
    let_teach(school, NOW, ends)
    session = open_lesson(school, school.nobody, NOW)
    seating.seat_student(session=session, device=school.devices[0], student=school.bek, by=school.nobody, at=SOON)
    assert not live.expire(ends - MOMENT)
    before = live.head()
    assert live.expire(ends)
    session.refresh_from_db()
    assert (session.closed, session.closed_how) == (ends, "duty")
    assert not Binding.objects.filter(ended__isnull=True).exists()
    after = live.head()
    assert before is not None
    assert after is not None
    assert (after.sequence, after.epoch) > (before.sequence, before.epoch)
    assert AuditEntry.objects.filter(act="lessons:session:lapse", subject=session.public_id).count() == 1


def test_the_box_is_told_beforehand_when_the_lesson_will_lapse(school: School) -> None:
    ends = NOW + timedelta(minutes=20)
    let_teach(school, NOW, ends)
    open_lesson(school, school.nobody, NOW)
    [told] = presence.build(SOON).sessions
    assert told.ends == ends


def test_an_order_signed_while_the_lesson_runs_ends_it_with_itself(school: School) -> None:
    session = open_lesson(school, school.aida, NOW)
    order(school, SOON, Point(OrderAct.DISMISS, school.aida, Duty.TEACHER))
    session.refresh_from_db()
    assert (session.closed, session.closed_how) == (SOON, "duty")
    assert presence.build(SOON).sessions == ()
    with pytest.raises(ActRefusedError, match="has ended"):
        seating.seat_student(session=session, device=school.devices[0], student=school.bek, by=school.aida, at=SOON)
    with pytest.raises(RightMissingError):
        open_lesson(school, school.aida, SOON)


def test_a_repeal_while_the_lesson_runs_ends_it(school: School) -> None:
    given = let_teach(school, NOW, NOW + timedelta(hours=1))
    session = open_lesson(school, school.nobody, NOW)
    order(school, SOON, repeals=given, kind=OrderKind.OTHER)
    session.refresh_from_db()
    assert session.closed == SOON


def test_an_order_that_is_refused_leaves_the_lesson_open(school: School) -> None:
    session = open_lesson(school, school.aida, NOW)
    dismiss = Point(OrderAct.DISMISS, school.aida, Duty.TEACHER)
    with pytest.raises(ActRefusedError):
        order(school, SOON, dismiss, Point(OrderAct.DISMISS, school.nobody, Duty.TEACHER))
    session.refresh_from_db()
    assert session.is_open
    assert presence.build(SOON).sessions != ()


def test_a_dismissal_from_an_instant_later_is_noted_when_it_is_signed(school: School) -> None:
    session = open_lesson(school, school.aida, NOW)
    leaves = NOW + timedelta(minutes=10)
    order(school, SOON, Point(OrderAct.DISMISS, school.aida, Duty.TEACHER), in_force_from=leaves)
    assert presence.build(SOON).sessions[0].ends == leaves
    assert live.expire(leaves)
    session.refresh_from_db()
    assert session.closed == leaves


def test_a_lesson_goes_on_where_another_order_takes_over(school: School) -> None:
    middle = NOW + timedelta(minutes=10)
    let_teach(school, NOW, middle)
    order(school, SOON, Point(OrderAct.APPOINT, school.nobody, Duty.TEACHER), in_force_from=middle)
    session = open_lesson(school, school.nobody, SOON)
    live.expire(middle)
    session.refresh_from_db()
    assert session.is_open
    assert presence.build(middle).sessions[0].ends == session.ends


def test_a_clock_that_goes_back_opens_nothing_again(school: School) -> None:
    ends = NOW + timedelta(minutes=5)
    let_teach(school, NOW, ends)
    session = open_lesson(school, school.nobody, NOW)
    live.expire(ends)
    closed = live.head()
    live.expire(ends - timedelta(minutes=1))
    session.refresh_from_db()
    assert session.closed == ends
    assert presence.build(ends - timedelta(minutes=1)).sessions == ()
    again = live.head()
    assert closed is not None
    assert again is not None
    assert again.sequence >= closed.sequence


def test_whoever_stands_in_is_offered_the_lesson(school: School) -> None:
    assert own_proposals(school.nobody, NOW) == []
    let_teach(school, NOW, NOW + timedelta(hours=1))
    [offered] = own_proposals(school.nobody, NOW)
    assert offered.teacher == school.aida
    assert offered not in standing_in_for(school.nobody, NOW)
    assert own_proposals(school.nobody, NOW + timedelta(hours=1)) == []


def test_the_category_of_staff_at_a_device_follows_the_duty(school: School) -> None:
    ends = NOW + timedelta(minutes=20)
    let_teach(school, NOW, ends)
    seating.sign_in_staff(device=school.staff_device, person=school.nobody, at=NOW)
    assert [one.category for one in presence.build(SOON).bindings] == ["teachers"]
    before = live.head()
    assert live.expire(ends)
    after = live.head()
    assert before is not None
    assert after is not None
    assert after.sequence > before.sequence
    assert [one.category for one in presence.build(ends).bindings] == ["staff"]


def decide(school: School, begins: datetime, at: datetime) -> None:
    """The council opens what it has not denied to teachers, from an instant on."""
    teachers = UserCategory.objects.get(code="teachers")
    order(school, at, Point(OrderAct.APPOINT, school.bakyt, Duty.COUNCIL_MEMBER))
    adopt_decision(
        text="…", minutes_number="1", date=school_day(at), in_force_from=begins,
        defaults={teachers: DefaultRule.BLOCK_LIST}, by=school.bakyt, at=at,
    )  # fmt: skip


def default_of_teachers(at: datetime) -> str:
    return next(one.default for one in rulebook.build(at).user_categories if one.id == "teachers")


def test_a_decision_of_later_makes_a_revision_then_and_not_before(school: School) -> None:
    begins = NOW + timedelta(hours=3)
    decide(school, begins, NOW)
    first = publish.refresh(SOON)
    assert publish.refresh(begins - MOMENT) == first
    assert publish.refresh(begins) == first + 1
    assert (default_of_teachers(begins - MOMENT), default_of_teachers(begins)) == ("allow-list", "block-list")


def ask(token: str, **query: int) -> Any:
    headers = {"Authorization": f"Bearer {token}"}
    return Client().get("/api/gateway/v1/state", query, headers=headers).json()


@pytest.fixture
def waiting(school: School) -> Callable[[datetime], tuple[dict[str, Any], float]]:
    """A box that has everything and waits; what it gets and how many seconds after an instant."""
    token = enrol_box(name="box", by=None, at=NOW)

    def wait(instant: datetime) -> tuple[dict[str, Any], float]:
        known = ask(token)
        got = ask(token, revision=known["revision"], sequence=known["sequence"], wait=20)
        return got, (real_clock.utc_now() - instant).total_seconds()

    return wait


def test_a_waiting_box_is_woken_by_the_clock_when_a_duty_ends(
    school: School, waiting: Callable[[datetime], tuple[dict[str, Any], float]]
) -> None:
    now = real_clock.utc_now()
    lapse = now + timedelta(seconds=2)
    with transaction.atomic():
        exception = note_exception(room=school.k1, school_class=school.seven, teacher=school.aida, since=now,
            until=now + timedelta(minutes=9), reason="…", by=school.ict, at=now)  # fmt: skip
    let_teach(school, now, lapse)
    actions.start_lesson(key=exception.key, by=school.nobody, at=now)
    got, late = waiting(lapse)
    assert got["presence"] is not None
    assert late >= 0
    assert late < 5  # the bench tells how fast; a busy machine must not fail this
    assert SupervisedSession.objects.get().closed == lapse


def test_a_waiting_box_is_woken_by_the_clock_when_a_decision_begins(
    school: School, waiting: Callable[[datetime], tuple[dict[str, Any], float]]
) -> None:
    now = real_clock.utc_now()
    begins = now + timedelta(seconds=2)
    decide(school, begins, now)
    got, late = waiting(begins)
    assert got["snapshot"] is not None
    assert 0 <= late < 5
