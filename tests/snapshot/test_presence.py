"""Who is asked about: a binding counts in the lesson it names and nowhere else."""

from dataclasses import replace
from datetime import timedelta

import pytest

from darbaza.policy.decide import decide
from darbaza.policy.request import AccessRequest, Attribution
from darbaza.policy.resource import Listing, Resource, Target
from darbaza.policy.verdict import Message
from darbaza.snapshot.presence import Binding, Presence, askers, stranger
from tests.snapshot.strategies import MONDAY, lesson, lively, school, seated

BOOK = Resource("kitep.test", listings=(Listing("education", "demo", "kitep.test"),))
AT = MONDAY + timedelta(minutes=5)


def message(device: str, presence: Presence | None) -> Message:
    asker = askers(school(), presence).get(device, stranger(device))
    return decide(AccessRequest(asker, BOOK, AT), school()).message


def test_a_student_signed_in_to_the_open_lesson_is_known() -> None:
    asker = askers(school(), lively())["127.0.1.1"]
    assert (asker.person, asker.category, asker.room) == ("bek", "students-5-9", "r1")
    assert asker.attribution is Attribution.SIGN_IN
    assert message("127.0.1.1", lively()) is Message.RULED_ALLOWED


def test_an_unbound_device_in_an_open_lesson_must_sign_in_first() -> None:
    assert message("127.0.1.2", lively()) is Message.SIGN_IN_FIRST


def test_a_binding_does_not_survive_into_the_next_lesson_of_the_room() -> None:
    next_lesson = replace(lively(4), sessions=(lesson(id="lesson-2"),))
    assert askers(school(), next_lesson)["127.0.1.1"].person == ""
    assert message("127.0.1.1", next_lesson) is Message.SIGN_IN_FIRST


def test_a_binding_without_its_lesson_opens_nothing() -> None:
    ended = replace(lively(4), sessions=())
    assert message("127.0.1.1", ended) is Message.NO_LESSON


def test_without_a_presence_nobody_is_bound() -> None:
    assert message("127.0.1.1", None) is Message.NO_LESSON
    assert message("127.0.3.1", None) is Message.STAFF_SIGN_IN_FIRST


def test_a_device_nobody_knows_is_bound_as_a_student_without_a_lesson() -> None:
    assert "10.9.9.9" not in askers(school(), lively())
    assert message("10.9.9.9", lively()) is Message.NO_LESSON


def test_a_teacher_s_binding_needs_no_lesson() -> None:
    aida = Binding(device="127.0.3.1", person="aida", category="teachers", attribution=Attribution.STAFF, since=MONDAY)
    asker = askers(school(), Presence(1, 1, MONDAY, (), (aida,)))["127.0.3.1"]
    assert (asker.person, asker.category, asker.session) == ("aida", "teachers", None)


def test_a_user_category_that_the_rulebook_lacks_binds_like_a_student_s() -> None:
    odd = replace(seated(session=""), category="visitors")
    assert askers(school(), replace(lively(), bindings=(odd,)))["127.0.1.1"].person == ""


def test_of_two_lessons_in_a_room_the_one_opened_last_counts() -> None:
    earlier = lesson(id="lesson-0", opened=MONDAY - timedelta(hours=1), ends=MONDAY)
    for sessions in ((earlier, lesson()), (lesson(), earlier)):
        asker = askers(school(), replace(lively(), sessions=sessions))["127.0.1.1"]
        assert asker.session is not None
        assert asker.session.id == "lesson-1"


@pytest.mark.bypass("S22")
def test_of_two_lessons_at_once_in_a_room_the_stricter_result_counts_and_names_its_lesson() -> None:
    closed, open_, half_past = Target("oyun.test"), Target("video.test"), MONDAY + timedelta(minutes=30)
    other = lesson(id="lesson-0", opened=MONDAY - timedelta(minutes=5), ends=half_past, lease_until=half_past,
                   denied=(closed,), opened_targets=(), paused=frozenset({"bek"}), scene=(closed, open_))  # fmt: skip
    own = lesson(denied=(open_,), opened_targets=(open_,), scene=(open_,))
    for sessions in ((other, own), (own, other)):
        asker = askers(school(), replace(lively(), sessions=sessions))["127.0.1.1"]
        found = asker.session
        assert found is not None
        assert (found.id, found.ends, found.lease_until, found.scene) == ("lesson-1", half_past, half_past, (open_,))
        assert (set(found.denied), found.opened_targets, found.paused) == ({closed, open_}, (), frozenset({"bek"}))
        verdict = decide(AccessRequest(asker, Resource("kitep.test"), MONDAY + timedelta(minutes=31)), school())
        assert (verdict.allows, verdict.clause, verdict.message) == (False, "2.9", Message.NO_LESSON)
        paused = decide(AccessRequest(asker, Resource("kitep.test"), MONDAY), school())
        assert (paused.allows, paused.message, paused.ground.ref) == (False, Message.PAUSED, "lesson-1")


@pytest.mark.bypass("S22")
def test_a_device_in_two_rosters_and_a_student_at_two_devices_count_nowhere() -> None:
    two = (seated(), seated(person="cholpon"))
    assert askers(school(), replace(lively(), bindings=two))["127.0.1.1"].person == ""
    twice = (seated(), seated("127.0.1.2"))
    found = askers(school(), replace(lively(), bindings=twice))
    assert [found[device].person for device in ("127.0.1.1", "127.0.1.2")] == ["", ""]
    verdict = decide(AccessRequest(found["127.0.1.1"], Resource("kitep.test"), MONDAY), school())
    assert (verdict.allows, verdict.clause, verdict.message) == (False, "2.9", Message.SIGN_IN_FIRST)
