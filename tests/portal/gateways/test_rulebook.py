"""What the portal puts into the rulebook and the presence is what the policy core then decides by."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from darbaza.policy.decide import decide
from darbaza.policy.request import AccessRequest
from darbaza.policy.resource import Listing, Resource
from darbaza.policy.rulebook import Rulebook
from darbaza.policy.verdict import Message, Verdict
from darbaza.portal.gateways import presence, publish, rulebook
from darbaza.portal.lessons import actions, live, seating
from darbaza.portal.lessons.models import SupervisedSession
from darbaza.portal.timetable.models import ScheduleVersion, Stage
from darbaza.snapshot import codec, envelope
from darbaza.snapshot.presence import askers
from tests.portal.live import NOW, PIN, SEPTEMBER, SOON, School, clock, make_school, ruling

pytestmark = pytest.mark.django_db


@pytest.fixture
def school() -> School:
    made = make_school()
    ruling("allow", host="kitep.test")
    ruling("delegate", host="video.test")
    ruling("allow", category="education")
    return made


def answer(host: str, device: str = "127.0.1.1", at: datetime = SOON, *listings: Listing) -> Verdict:
    book = rulebook.build(at)
    asker = askers(book, presence.build(at)).get(device)
    assert asker is not None
    return decide(AccessRequest(asker, Resource(host, "", False, tuple(listings)), at), book)


def sit(school: School) -> SupervisedSession:
    session = actions.start_lesson(key=school.slot.key, by=school.aida, at=NOW)
    seating.sign_in(device=school.devices[0], student=school.bek, pin=PIN, at=NOW)
    return session


def test_without_a_lesson_nothing_is_open(school: School) -> None:
    assert answer("kitep.test").message is Message.NO_LESSON


def test_in_a_lesson_what_the_council_allowed_is_open(school: School) -> None:
    sit(school)
    verdict = answer("kitep.test")
    assert verdict.allows
    assert (verdict.clause, verdict.ground.ref, verdict.ground.date) == ("2.6", "2026-1", SEPTEMBER.isoformat())
    assert answer("belgisiz.test").message is Message.NOT_RULED_ON
    assert answer("x.test", "127.0.1.1", SOON, Listing("education", "list", "x.test")).allows
    assert answer("kumar.test", "127.0.1.1", SOON, Listing("gambling", "list", "x")).clause == "3.3"


def test_who_has_not_signed_in_gets_nothing(school: School) -> None:
    sit(school)
    assert answer("kitep.test", "127.0.1.2").message is Message.SIGN_IN_FIRST
    assert answer("kitep.test", "127.0.2.1").message is Message.NO_LESSON


def test_the_end_of_the_lesson_is_the_end_of_access(school: School) -> None:
    session = sit(school)
    actions.end_lesson(session=session, by=school.aida, at=SOON)
    assert answer("kitep.test").message is Message.NO_LESSON


def test_measures_and_pauses_reach_the_policy_core(school: School) -> None:
    session = sit(school)
    assert answer("video.test").message is Message.TEACHER_MAY_OPEN
    actions.open_resource(session=session, address="video.test", by=school.aida, at=SOON)
    assert answer("video.test").message is Message.OPENED_FOR_LESSON
    actions.deny_resource(session=session, address="kitep.test", by=school.aida, at=SOON)
    assert answer("kitep.test").message is Message.DENIED_FOR_LESSON
    actions.pause_student(session=session, student=school.bek, by=school.aida, at=SOON)
    assert answer("video.test").message is Message.PAUSED
    assert answer("video.test", at=SOON + timedelta(minutes=2)).message is not Message.PAUSED


def test_a_supervisor_who_is_gone_takes_access_along(school: School) -> None:
    sit(school)
    assert answer("kitep.test", at=NOW + actions.grace()).message is Message.SUPERVISOR_AWAY


def test_outside_the_schedule_access_needs_the_recorded_exception(school: School) -> None:
    session = sit(school)
    assert not answer("kitep.test", at=clock(9, 45)).allows
    actions.renew_lease(session=session, by=school.aida, at=clock(9, 44))
    actions.extend_lesson(session=session, minutes=10, reason="Тест", by=school.aida, at=clock(9, 44))
    assert answer("kitep.test", at=clock(9, 45)).allows
    assert not answer("kitep.test", at=clock(9, 55)).allows


def test_staff_are_free_of_lessons_once_they_sign_in(school: School) -> None:
    ruling("allow", host="mugalim.test", user_category="staff")
    assert answer("mugalim.test", "127.0.3.1").message is Message.STAFF_SIGN_IN_FIRST
    seating.sign_in_staff(device=school.staff_device, person=school.bakyt, at=NOW)
    assert answer("mugalim.test", "127.0.3.1").allows


def test_a_superseding_schedule_takes_over_on_its_day(school: School) -> None:
    successor = ScheduleVersion.objects.create(
        school_year="2026/2027", stage=Stage.APPROVED, drafted_by=school.ict, drafted_at=NOW,
        order=school.version.order, approved_at=NOW, since=(NOW + timedelta(days=7)).date(),
        until=school.version.until,
    )  # fmt: skip
    slots = rulebook.build(NOW).slots
    assert {slot.until for slot in slots} == {successor.since - timedelta(days=1)}
    assert not answer_at_slot(rulebook.build(NOW), NOW + timedelta(days=7))


def answer_at_slot(book: Rulebook, at: datetime) -> bool:
    return any(slot.since <= at.date() <= slot.until for slot in book.slots)


def test_unequipped_rooms_and_drafts_are_not_in_the_rulebook(school: School) -> None:
    ScheduleVersion.objects.create(school_year="2027/2028", drafted_by=school.ict, drafted_at=NOW)
    book = rulebook.build(NOW)
    assert {room.id for room in book.rooms} == {"k1", "k2"}
    assert len(book.slots) == 2


def test_the_rulebook_and_the_presence_survive_the_journey(school: School) -> None:
    sit(school)
    book, state = rulebook.build(NOW, 7), presence.build(NOW)
    assert codec.encode(codec.decode(codec.encode(book))) == codec.encode(book)
    assert codec.encode_presence(codec.decode_presence(codec.encode_presence(state))) == codec.encode_presence(state)


def test_a_revision_is_made_only_when_the_content_changes(school: School) -> None:
    first = publish.refresh(NOW)
    assert first == 1
    session = sit(school)
    assert publish.refresh(SOON) == 1
    actions.extend_lesson(session=session, minutes=5, reason="Тест", by=school.aida, at=SOON)
    assert publish.refresh(SOON) == 2
    assert publish.refresh(SOON) == 2


def test_an_act_makes_its_revision_when_it_commits(
    school: School, django_capture_on_commit_callbacks: Callable[..., Any]
) -> None:
    publish.refresh(NOW)
    with django_capture_on_commit_callbacks(execute=True) as callbacks:
        session = sit(school)
    assert callbacks == []
    with django_capture_on_commit_callbacks(execute=True) as callbacks:
        actions.extend_lesson(session=session, minutes=5, reason="Тест", by=school.aida, at=SOON)
    assert len(callbacks) == 1
    assert publish.latest_number() == 2


def test_the_next_day_alone_makes_no_revision(school: School) -> None:
    assert publish.refresh(NOW) == publish.refresh(NOW + timedelta(days=1))


def test_a_revision_is_signed_and_says_what_it_said_then(school: School) -> None:
    number = publish.refresh(NOW)
    key = publish.keys.signing_key().public_key()
    body = envelope.unseal(envelope.SNAPSHOT, publish.sealed_snapshot(number), [key])
    assert codec.decode(body) == codec.decode(codec.encode(replace(rulebook.build(NOW), revision=number)))
    then = publish.rulebook_at(NOW)
    assert then is not None
    assert then.revision == number
    assert publish.rulebook_at(NOW - timedelta(seconds=1)) is None


def test_every_change_of_a_lesson_raises_the_sequence_and_narrowing_ones_the_epoch(school: School) -> None:
    session = sit(school)
    before = presence.build(SOON)
    actions.renew_lease(session=session, by=school.aida, at=NOW + timedelta(minutes=1))
    renewed = presence.build(NOW + timedelta(minutes=1))
    assert (renewed.sequence, renewed.epoch) == (before.sequence + 1, before.epoch)
    actions.deny_resource(session=session, address="x.test", by=school.aida, at=NOW + timedelta(minutes=1))
    denied = presence.build(NOW + timedelta(minutes=1))
    assert (denied.sequence, denied.epoch) == (renewed.sequence + 1, renewed.epoch + 1)


def test_time_itself_raises_the_sequence_when_the_bell_rings(school: School) -> None:
    sit(school)
    before = presence.build(SOON).sequence
    live.expire(clock(9, 45))
    after = presence.build(clock(9, 45))
    assert after.sequence == before + 1
    assert after.sessions == ()
    assert after.bindings == ()
