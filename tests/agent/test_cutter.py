"""Whose connections are cut: every device whose access ended or narrowed, and no other."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from darbaza.agent.cutter import Watch
from darbaza.policy.request import SupervisedSession
from darbaza.policy.resource import Target
from darbaza.policy.rulebook import Effect, Hold, Permit, PermitKind, Rulebook, Ruling
from darbaza.snapshot.presence import Presence, askers
from tests.snapshot.strategies import COUNCIL, MONDAY, lesson, lively, school, seated

AT = MONDAY + timedelta(minutes=5)
BOTH = replace(lively(), bindings=(seated(), seated("127.0.1.2", "nur")))
EVERYBODY = ["127.0.1.1", "127.0.1.2"]


def ended(after: Presence | None, book: Rulebook | None = None, at: datetime = AT) -> list[str]:
    """Whose access ends when a lesson with two students becomes `after`."""
    watch = Watch()
    assert watch.ended(school(), askers(school(), BOTH), AT) == []
    rules = book or school()
    return watch.ended(rules, askers(rules, after), at)


def with_lesson(**changes: object) -> Presence:
    return replace(BOTH, sessions=(lesson(**changes),))


def test_nothing_is_cut_while_nothing_ends() -> None:
    assert ended(BOTH) == []
    assert ended(replace(BOTH, sequence=99, epoch=99)) == []


@pytest.mark.parametrize(
    "after",
    [None, replace(BOTH, sessions=()), with_lesson(id="lesson-2"), with_lesson(lease_until=AT - timedelta(minutes=1))],
)
def test_when_a_lesson_ends_everybody_in_it_is_cut(after: Presence | None) -> None:
    assert ended(after) == EVERYBODY


def test_a_lesson_also_ends_by_the_clock() -> None:
    assert ended(BOTH, at=MONDAY + timedelta(minutes=45)) == EVERYBODY


def test_the_end_is_noticed_once() -> None:
    watch = Watch()
    watch.ended(school(), askers(school(), BOTH), AT)
    assert watch.ended(school(), askers(school(), None), AT) == EVERYBODY
    assert watch.ended(school(), askers(school(), None), AT) == []


def test_only_the_student_who_signed_out_or_was_paused_is_cut() -> None:
    assert ended(replace(BOTH, bindings=(seated(),))) == ["127.0.1.2"]
    assert ended(with_lesson(paused=frozenset({"bek"}))) == ["127.0.1.1"]
    assert ended(replace(BOTH, bindings=(seated(person="other"), seated("127.0.1.2", "nur")))) == ["127.0.1.1"]


def test_a_measure_that_narrows_cuts_and_one_that_widens_does_not() -> None:
    assert ended(with_lesson(denied=(Target("oyun.test"),))) == EVERYBODY
    assert ended(with_lesson(scene=(Target("kitep.test"),))) == EVERYBODY
    assert ended(with_lesson(opened_targets=(Target("video.test"),))) == []


def test_closing_again_what_was_opened_for_the_lesson_cuts() -> None:
    watch, opened = Watch(), with_lesson(opened_targets=(Target("video.test"),))
    watch.ended(school(), askers(school(), opened), AT)
    assert watch.ended(school(), askers(school(), BOTH), AT) == EVERYBODY


def test_a_new_hold_or_ruling_cuts_everybody_and_a_new_permit_nobody() -> None:
    held = replace(school(8), holds=(Hold(Target("bad.test"), COUNCIL),))
    assert ended(BOTH, held) == EVERYBODY
    ruled = replace(school(8), rulings=(*school().rulings, Ruling("students", Effect.DENY, COUNCIL, category="games")))
    assert ended(BOTH, ruled) == EVERYBODY
    permit = Permit("p1", "bek", PermitKind.EMAIL, MONDAY, MONDAY + timedelta(days=1), COUNCIL)
    assert ended(BOTH, replace(school(8), permits=(permit,))) == []


def test_a_permit_that_is_withdrawn_cuts() -> None:
    permit = Permit("p1", "bek", PermitKind.EMAIL, MONDAY, MONDAY + timedelta(days=1), COUNCIL)
    watch, permitted = Watch(), replace(school(), permits=(permit,))
    watch.ended(permitted, askers(permitted, BOTH), AT)
    assert watch.ended(school(8), askers(school(8), BOTH), AT) == EVERYBODY


def test_a_permit_that_ends_by_the_clock_cuts_its_person_and_nobody_else() -> None:
    end = AT + timedelta(minutes=1)
    permit = Permit("p1", "bek", PermitKind.EMAIL, MONDAY, end, COUNCIL)
    watch, permitted = Watch(), replace(school(), permits=(permit,))
    present = askers(permitted, BOTH)
    assert watch.ended(permitted, present, AT) == []
    assert watch.ended(permitted, present, end - timedelta(microseconds=1)) == []
    assert watch.ended(permitted, present, end) == ["127.0.1.1"]
    assert watch.ended(permitted, present, end) == []


def test_a_room_that_the_order_no_longer_names_is_cut() -> None:
    assert ended(BOTH, replace(school(8), rooms=())) == EVERYBODY


def test_the_first_look_cuts_nobody() -> None:
    session: SupervisedSession = lesson()
    assert Watch().ended(school(), askers(school(), replace(BOTH, sessions=(session,))), AT) == []
