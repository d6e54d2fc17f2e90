"""Whose connections are cut: every device whose access ended, and who is asked for where it is."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from darbaza.agent.cutter import Look, Watch
from darbaza.agent.situation import Situation
from darbaza.policy.request import SupervisedSession
from darbaza.policy.resource import Target
from darbaza.policy.rulebook import Assignment, Effect, Hold, Permit, PermitKind, Rulebook, Ruling, StatutoryEntry
from darbaza.snapshot.presence import Presence, askers
from tests.snapshot.strategies import COUNCIL, MONDAY, lesson, lively, school, seated

AT = MONDAY + timedelta(minutes=5)
BOTH = replace(lively(), bindings=(seated(), seated("127.0.1.2", "nur")))
EVERYBODY = ["127.0.1.1", "127.0.1.2"]


def here(presence: Presence | None, book: Rulebook | None = None) -> Situation:
    rules = book or school()
    return Situation(rules, presence, None, askers(rules, presence))


def ended(after: Presence | None, book: Rulebook | None = None, at: datetime = AT) -> list[str]:
    """Whose access ends when a lesson with two students becomes `after`."""
    return looked(here(BOTH), here(after, book), at)[0]


def looked(before: Situation, after: Situation, at: datetime = AT) -> tuple[list[str], bool]:
    """Whose access ends by a change, and whether hosts may have been closed to others."""
    watch = Watch()
    assert watch.look(before, AT).ended == []
    found = watch.look(after, at)
    return found.ended, found.closes_hosts


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
    watch.look(here(BOTH), AT)
    assert watch.look(here(None), AT).ended == EVERYBODY
    assert watch.look(here(None), AT).ended == []


def test_only_the_student_who_signed_out_or_was_paused_is_cut() -> None:
    assert ended(replace(BOTH, bindings=(seated(),))) == ["127.0.1.2"]
    assert ended(with_lesson(paused=frozenset({"bek"}))) == ["127.0.1.1"]
    assert ended(replace(BOTH, bindings=(seated(person="other"), seated("127.0.1.2", "nur")))) == ["127.0.1.1"]


@pytest.mark.parametrize(
    "measure",
    [{"denied": (Target("oyun.test"),)}, {"denied": (Target("oyun.test", "/a"),)}, {"scene": (Target("kitep.test"),)}],
)
def test_a_measure_that_narrows_cuts_nobody_unseen_but_asks_where_those_of_the_lesson_are(
    measure: dict[str, object],
) -> None:
    watch = Watch()
    watch.look(here(BOTH), AT)
    assert watch.look(here(with_lesson(**measure)), AT) == Look([], EVERYBODY, closes_hosts=False)
    assert watch.look(here(with_lesson(**measure)), AT) == Look([], [], closes_hosts=False)


def test_a_measure_that_widens_asks_nothing() -> None:
    watch = Watch()
    watch.look(here(BOTH), AT)
    assert watch.look(here(with_lesson(opened_targets=(Target("video.test"),))), AT).narrowed == []


def test_closing_again_a_host_that_was_opened_for_the_lesson_asks_and_a_page_of_one_cuts() -> None:
    for target, cut, asked in ((Target("video.test"), [], EVERYBODY), (Target("video.test", "/a"), EVERYBODY, [])):
        watch = Watch()
        watch.look(here(with_lesson(opened_targets=(target,))), AT)
        assert watch.look(here(BOTH), AT) == Look(cut, asked, closes_hosts=False)


@pytest.mark.parametrize(
    "change",
    [
        {"holds": (Hold(Target("bad.test"), COUNCIL),)},
        {"rulings": (*school().rulings, Ruling("students", Effect.DENY, COUNCIL, category="games"))},
        {"rulings": school().rulings[1:]},
        {"statutory": ()},
        {"register": (StatutoryEntry(Target("bad.test"), COUNCIL),)},
        {"assignments": (Assignment(Target("bad.test"), frozenset({"games"}), COUNCIL),)},
    ],
)
def test_what_closes_a_host_cuts_nobody_unseen_but_asks_where_they_are(change: dict[str, object]) -> None:
    assert looked(here(BOTH), here(BOTH, replace(school(8), **change))) == ([], True)


@pytest.mark.parametrize("change", [{"permit_rules": ()}, {"download_suffixes": (".exe",)}, {"user_categories": ()}])
def test_what_closes_pages_of_a_host_cuts_everybody(change: dict[str, object]) -> None:
    assert ended(BOTH, replace(school(8), **change)) == EVERYBODY


def test_a_new_catalogue_asks_where_everybody_is() -> None:
    other = replace(here(BOTH), catalogue=object())
    assert looked(here(BOTH), other) == ([], True)
    assert looked(other, other) == ([], False)


def test_a_new_rulebook_that_closes_nothing_asks_nothing() -> None:
    permit = Permit("p1", "bek", PermitKind.EMAIL, MONDAY, MONDAY + timedelta(days=1), COUNCIL)
    assert looked(here(BOTH), here(BOTH, replace(school(8), permits=(permit,)))) == ([], False)


def test_a_permit_that_is_withdrawn_cuts_whose_it_was() -> None:
    permit = Permit("p1", "bek", PermitKind.EMAIL, MONDAY, MONDAY + timedelta(days=1), COUNCIL)
    permitted = replace(school(), permits=(permit,))
    assert looked(here(BOTH, permitted), here(BOTH, school(8)))[0] == ["127.0.1.1"]


def test_a_permit_that_ends_by_the_clock_cuts_its_person_and_nobody_else() -> None:
    end = AT + timedelta(minutes=1)
    permit = Permit("p1", "bek", PermitKind.EMAIL, MONDAY, end, COUNCIL)
    watch, permitted = Watch(), replace(school(), permits=(permit,))
    assert watch.look(here(BOTH, permitted), AT).ended == []
    assert watch.look(here(BOTH, permitted), end - timedelta(microseconds=1)).ended == []
    assert watch.look(here(BOTH, permitted), end).ended == ["127.0.1.1"]
    assert watch.look(here(BOTH, permitted), end).ended == []


def test_a_room_or_a_slot_that_stands_no_longer_is_cut() -> None:
    assert ended(BOTH, replace(school(8), rooms=())) == EVERYBODY
    assert ended(BOTH, replace(school(8), slots=())) == EVERYBODY


def test_the_first_look_cuts_nobody() -> None:
    session: SupervisedSession = lesson()
    assert Watch().look(here(replace(BOTH, sessions=(session,))), AT).ended == []
