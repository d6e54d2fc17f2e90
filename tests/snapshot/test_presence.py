"""Who is asked about: a binding counts in the lesson it names and nowhere else."""

from dataclasses import replace
from datetime import timedelta

from darbaza.policy.decide import decide
from darbaza.policy.request import AccessRequest, Attribution
from darbaza.policy.resource import Listing, Resource
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
