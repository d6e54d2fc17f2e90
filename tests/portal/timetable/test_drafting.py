"""The solver: every draft it makes passes the checks and names what it could not keep; and the portal's way with it."""

import time as clock_module
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import time, timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from darbaza.portal.audit.models import AuditEntry
from darbaza.portal.people.refusals import ActRefusedError
from darbaza.portal.people.rights import RightMissingError
from darbaza.portal.school_time import school_day
from darbaza.portal.timetable import actions as schedule
from darbaza.portal.timetable import checks
from darbaza.portal.timetable.calendars.actions import BellTime, make_calendar
from darbaza.portal.timetable.drafting import actions, running
from darbaza.portal.timetable.drafting.faults import faults
from darbaza.portal.timetable.drafting.gather import gather
from darbaza.portal.timetable.drafting.problem import (
    Blocker,
    Demand,
    Drafted,
    Kept,
    Period,
    Placed,
    Problem,
    Wish,
    overlap,
)
from darbaza.portal.timetable.drafting.solve import solve
from darbaza.portal.timetable.models import DraftingRun, ScheduleVersion, SlotRequest
from darbaza.portal.timetable.requests.actions import accept_request
from tests.portal.live import NOW, School, make_school, signed_in, slot
from tests.portal.timetable.test_calendars import YEAR
from tests.portal.timetable.test_requests import ask

FIRST, SECOND = Period(0, 480, 525, 1, 1), Period(0, 535, 580, 1, 2)
TUESDAY = Period(1, 480, 525, 1, 1)
LATE = Period(0, 560, 605, 2, 1)
"""Of the second shift, and begins before the first one's second lesson is over."""

ASKS = 'id="run" role="status" hx-get'
"""The page asks by itself how far the run is."""


def wanted(number: int, **changes: Any) -> Demand:
    values: dict[str, Any] = {
        "id": number, "school_class": f"7-{number}", "teacher": f"t{number}", "shift": 1, "lessons": 1, "minutes": 30,
        "rooms": ("k1",),
    }  # fmt: skip
    return Demand(**{**values, **changes})


def problem(*demands: Demand, periods: tuple[Period, ...] = (FIRST, SECOND), **more: Any) -> Problem:
    return Problem(periods, demands, **more)


demands = st.builds(
    lambda rooms, **values: Demand(rooms=tuple(sorted(rooms)), **values),
    rooms=st.sets(st.sampled_from(["k1", "k2"]), min_size=1),
    id=st.just(0),
    school_class=st.sampled_from(["7-А", "7-Б", "8-А"]),
    teacher=st.sampled_from(["t1", "t2", "t3"]),
    shift=st.sampled_from([1, 2]),
    lessons=st.integers(1, 4),
    minutes=st.sampled_from([20, 30, 45]),
    wish_room=st.sampled_from(["", "k1", "k2"]),
    wish_weekday=st.none() | st.integers(0, 2),
    wish_number=st.none() | st.integers(1, 3),
)
periods = st.builds(
    lambda weekday, starts, length, shift, number: Period(weekday, starts, starts + length, shift, number),
    st.integers(0, 2),
    st.integers(480, 700),
    st.integers(30, 60),
    st.sampled_from([1, 2]),
    st.integers(1, 3),
)
kept = st.builds(
    lambda starts, **values: Kept(starts=starts, ends=starts + 45, **values),
    starts=st.integers(480, 700),
    school_class=st.sampled_from(["7-А", "7-Б"]),
    teacher=st.sampled_from(["t1", "t2"]),
    room=st.sampled_from(["k1", "k2"]),
    weekday=st.integers(0, 2),
    minutes=st.sampled_from([20, 45]),
)
problems = st.builds(
    lambda asked, **values: Problem(
        demands=tuple(msgspec.structs.replace(one, id=number) for number, one in enumerate(asked)), **values
    ),
    asked=st.lists(demands, max_size=6),
    periods=st.lists(periods, max_size=10, unique=True).map(lambda found: tuple(sorted(found))),
    kept=st.lists(kept, max_size=3).map(tuple),
    day_minutes=st.dictionaries(st.sampled_from(["7-А", "7-Б", "8-А"]), st.sampled_from([30, 60])),
)


@given(problems)
@settings(max_examples=60)
def test_every_draft_passes_the_checks_and_names_what_it_could_not_keep(given_: Problem) -> None:
    drafted = solve(given_, 5)
    assert list(faults(given_, drafted)) == []
    placed = Counter(one.demand for one in drafted.placed)
    lacking = {one.demand: one.lessons for one in drafted.missing}
    for demand in given_.demands:
        assert placed[demand.id] + lacking.get(demand.id, 0) == demand.lessons
    assert all(sum(one.blockers.values()) > 0 for one in (*drafted.missing, *drafted.unkept))
    named = {(one.demand, one.wish) for one in drafted.unkept}
    for demand in given_.demands:
        own = [one for one in drafted.placed if one.demand == demand.id]
        if own and demand.wish_weekday is not None:
            is_kept = any(one.period.weekday == demand.wish_weekday for one in own)
            assert is_kept != ((demand.id, Wish.WEEKDAY) in named)


@given(problems)
@settings(max_examples=40)
def test_a_proven_draft_leaves_no_lesson_out_that_has_a_free_place(given_: Problem) -> None:
    drafted = solve(given_, 5)
    assert drafted.proven
    assert not any(Blocker.OTHERS in one.blockers for one in drafted.missing)


@given(problems, st.integers(0, 5), st.randoms(use_true_random=False))
@settings(max_examples=40)
def test_the_checks_find_a_lesson_that_was_put_where_another_stands(given_: Problem, which: int, pick: Any) -> None:
    drafted = solve(given_, 5)
    if len(drafted.placed) < 2:
        return
    one, other = pick.sample(drafted.placed, 2)
    moved = msgspec.structs.replace(one, period=other.period, room=other.room)
    spoilt = tuple(moved if place == one else place for place in drafted.placed)
    assert list(faults(given_, msgspec.structs.replace(drafted, placed=spoilt)))


def test_shifts_that_overlap_do_not_share_a_room() -> None:
    asked = problem(wanted(1), wanted(2, shift=2), wanted(3), periods=(FIRST, SECOND, LATE))
    drafted = solve(asked, 5)
    assert overlap(SECOND, LATE)
    assert len(drafted.placed) == 2
    assert drafted.proven


def test_a_lesson_without_a_place_says_what_stands_there() -> None:
    drafted = solve(problem(wanted(1), wanted(2), wanted(3)), 5)
    assert len(drafted.placed) == 2
    assert [(one.lessons, one.blockers) for one in drafted.missing] == [(1, {Blocker.ROOM: 2})]
    away = solve(problem(wanted(1, shift=2)), 5)
    assert away.missing[0].blockers == {Blocker.NO_PERIOD: 1}
    busy = (Kept("8-А", "t1", "k2", 0, 480, 525, 45), Kept("7-1", "t9", "k2", 0, 535, 580, 45))
    assert solve(problem(wanted(1), kept=busy), 5).missing[0].blockers == {Blocker.TEACHER: 1, Blocker.CLASS: 1}


def test_no_class_is_longer_at_the_screen_than_it_may() -> None:
    twice = (wanted(1, school_class="7-А"), wanted(2, school_class="7-А"))
    drafted = solve(problem(*twice, day_minutes={"7-А": 59}), 5)
    assert len(drafted.placed) == 1
    assert drafted.missing[0].blockers[Blocker.SCREEN] == 1
    assert len(solve(problem(*twice, day_minutes={"7-А": 60}), 5).placed) == 2


def test_hours_go_round_before_anybody_has_a_second_one() -> None:
    greedy, modest = wanted(1, lessons=2), wanted(2)
    drafted = solve(problem(greedy, modest, periods=(FIRST, TUESDAY)), 5)
    assert Counter(one.demand for one in drafted.placed) == {1: 1, 2: 1}


def test_wishes_are_kept_where_they_cost_no_lesson_and_named_where_they_do() -> None:
    first = wanted(1, wish_number=2)
    assert Placed(1, SECOND, "k1") in solve(problem(first, wanted(2)), 5).placed
    drafted = solve(problem(first, wanted(2, wish_number=2)), 5)
    assert len(drafted.placed) == 2
    assert [(one.wish, one.blockers) for one in drafted.unkept] == [(Wish.NUMBER, {Blocker.ROOM: 1})]


def test_out_of_time_there_is_still_a_sound_draft() -> None:
    asked = problem(*(wanted(number) for number in range(4)), periods=(FIRST, SECOND, TUESDAY))
    drafted = solve(asked, 0.0)
    assert len(drafted.placed) == 3
    assert list(faults(asked, drafted)) == []


@pytest.fixture
def school(db: None, monkeypatch: pytest.MonkeyPatch) -> School:
    monkeypatch.setattr("darbaza.clock.utc_now", lambda: NOW)
    return make_school()


BELLS = tuple(BellTime(1, number, time(8 + number), time(8 + number, 45)) for number in range(1, 4))


@pytest.fixture
def draft(school: School) -> ScheduleVersion:
    year = replace(YEAR, bells=BELLS)
    calendar = make_calendar(school_year="2026/2027", year=year, by=school.ict, at=NOW)
    return schedule.draft_schedule(school_year="2026/2027", title="II", calendar=calendar, by=school.ict, at=NOW)


def accepted(school: School, **changes: Any) -> SlotRequest:
    request = ask(school, **changes)
    accept_request(request=request, by=school.ict, at=NOW)
    return request


Capture = Callable[..., Any]


def solved(school: School, draft: ScheduleVersion, capture: Capture) -> tuple[DraftingRun, Drafted]:
    """A run as the portal makes it: a process of its own, waited for."""
    with capture(execute=True):
        run = actions.start_drafting(version=draft, by=school.ict, at=NOW)
    until = clock_module.monotonic() + 90
    while (drafted := running.collect(run)) is None:
        assert clock_module.monotonic() < until, "the solver has not answered"
        clock_module.sleep(0.1)
    return run, drafted


def test_requests_become_lessons_with_their_purpose_and_pass_every_check(
    school: School, draft: ScheduleVersion, django_capture_on_commit_callbacks: Capture
) -> None:
    accepted(school, lessons=3)
    accepted(school, lessons=2, school_class=school.eight, teacher=school.bakyt, by=school.ict, weekday=2)
    ask(school, subject="Жооп күткөн")
    slot(draft, school.k1, school.seven, school.aida, time(9), time(9, 45))
    run, drafted = solved(school, draft, django_capture_on_commit_callbacks)
    assert (drafted.missing, drafted.unkept) == ((), ())
    assert actions.take_over(run=run, by=school.ict, at=NOW) == 5
    slots = draft.slots.filter(request__isnull=False)
    assert {one.purpose for one in slots} == {"Тажрыйба"}
    assert {one.screen_minutes for one in slots} == {30}
    assert {str(one.kind) for one in checks.findings(draft, school_day(NOW))} <= {"screen-lesson"}
    assert list(running.folder().iterdir()) == []
    detail = AuditEntry.objects.get(act="timetable:schedule:take-over").detail
    assert (detail["lessons"], detail["missing"]) == (5, 0)


def test_a_second_run_places_only_what_is_lacking(
    school: School, draft: ScheduleVersion, django_capture_on_commit_callbacks: Capture
) -> None:
    accepted(school)
    run, _drafted = solved(school, draft, django_capture_on_commit_callbacks)
    actions.take_over(run=run, by=school.ict, at=NOW)
    with pytest.raises(ActRefusedError):
        actions.start_drafting(version=draft, by=school.ict, at=NOW)
    assert actions.clear_drafted(version=draft, by=school.ict, at=NOW) == 2
    assert gather(draft, school_day(NOW)).demands[0].lessons == 2
    with pytest.raises(ActRefusedError):
        actions.clear_drafted(version=draft, by=school.ict, at=NOW)


def test_what_was_found_is_not_put_into_a_draft_that_has_changed(
    school: School, draft: ScheduleVersion, django_capture_on_commit_callbacks: Capture
) -> None:
    accepted(school)
    run, _drafted = solved(school, draft, django_capture_on_commit_callbacks)
    with pytest.raises(RightMissingError):
        actions.take_over(run=run, by=school.aida, at=NOW)
    slot(draft, school.k1, school.seven, school.aida, time(9), time(9, 45))
    with pytest.raises(ActRefusedError):
        actions.take_over(run=run, by=school.ict, at=NOW)
    assert draft.slots.count() == 1


def test_what_was_found_is_taken_over_once(
    school: School, draft: ScheduleVersion, django_capture_on_commit_callbacks: Capture
) -> None:
    accepted(school)
    run, _drafted = solved(school, draft, django_capture_on_commit_callbacks)
    actions.take_over(run=run, by=school.ict, at=NOW)
    with pytest.raises(ActRefusedError):
        actions.take_over(run=run, by=school.ict, at=NOW)


def test_nothing_is_solved_without_bells_requests_and_rooms(school: School, draft: ScheduleVersion) -> None:
    def refused() -> str:
        with pytest.raises(ActRefusedError) as error:
            actions.start_drafting(version=draft, by=school.ict, at=NOW)
        return str(error.value)

    assert "request" in refused()
    accepted(school)
    for room in (school.k1, school.k2):
        room.equipped_until = school_day(NOW)
        room.save()
    assert "room" in refused()
    draft.calendar = None
    draft.save()
    assert "bells" in refused()
    with pytest.raises(ActRefusedError):
        actions.start_drafting(version=school.version, by=school.ict, at=NOW)


@pytest.mark.parametrize("who", ["aida", "director", "responsible", "nobody"])
def test_only_the_ict_person_has_drafts_worked_out(school: School, draft: ScheduleVersion, who: str) -> None:
    by = getattr(school, who)
    for act in (actions.start_drafting, actions.clear_drafted):
        with pytest.raises(RightMissingError):
            act(version=draft, by=by, at=NOW)


def test_one_run_at_a_time_and_a_dead_one_blocks_nothing(school: School, draft: ScheduleVersion) -> None:
    accepted(school)
    actions.start_drafting(version=draft, by=school.ict, at=NOW)
    with pytest.raises(ActRefusedError):
        actions.start_drafting(version=draft, by=school.ict, at=NOW)
    actions.start_drafting(version=draft, by=school.ict, at=NOW + actions.LATEST)


@pytest.mark.parametrize("answer", [b"{", b'{"placed":[],"missing":[],"unkept":[],"proven":true,"seconds":1}'])
def test_an_answer_that_is_damaged_or_breaks_the_checks_is_not_shown(
    school: School, draft: ScheduleVersion, answer: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    accepted(school)
    run = actions.start_drafting(version=draft, by=school.ict, at=NOW)
    (running.folder() / f"{run.pk}.result.json").write_bytes(answer)
    assert running.collect(run) is None
    assert "drafting run" in caplog.text
    (running.folder() / f"{run.pk}.result.json").unlink()


def test_a_class_larger_than_every_room_is_placed_and_told(school: School, draft: ScheduleVersion) -> None:
    for room in (school.k1, school.k2):
        room.capacity = 1
        room.save()
    accepted(school)
    demand = gather(draft, school_day(NOW)).demands[0]
    assert (demand.grouped, demand.rooms) == (True, ("k1", "k2"))


def test_the_pages_start_wait_show_and_take_over(
    school: School, draft: ScheduleVersion, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Capture
) -> None:
    accepted(school, lesson=9)
    ict = signed_in(school.ict)
    assert "2" in ict.get(f"/schedule/versions/{draft.pk}").content.decode()
    monkeypatch.setattr(running, "start", lambda *_given: None)
    with django_capture_on_commit_callbacks(execute=True):
        assert ict.post(f"/schedule/versions/{draft.pk}/solve").status_code == 302
    run = DraftingRun.objects.get()
    where = f"/schedule/runs/{run.pk}"
    assert ASKS in ict.get(where).content.decode()
    assert "<html" not in ict.get(where, headers={"HX-Request": "true"}).content.decode()
    drafted = solve(running.problem_of(run), 5)
    (running.folder() / f"{run.pk}.result.json").write_bytes(msgspec.json.encode(drafted))
    assert ict.get(where, headers={"HX-Request": "true"})["HX-Refresh"] == "true"
    page = ict.get(where).content.decode()
    assert "9-сабак" in page
    assert ASKS not in page
    assert signed_in(school.aida).post(f"{where}/take-over").status_code == 403
    assert ict.get(f"{where}/take-over").status_code == 405
    ict.post(f"{where}/take-over")
    assert draft.slots.count() == 2
    ict.post(f"/schedule/versions/{draft.pk}/clear")
    assert draft.slots.count() == 0


def test_a_run_that_never_answered_is_told_as_such(
    school: School, draft: ScheduleVersion, monkeypatch: pytest.MonkeyPatch
) -> None:
    accepted(school)
    run = actions.start_drafting(version=draft, by=school.ict, at=NOW)
    monkeypatch.setattr("darbaza.clock.utc_now", lambda: NOW + actions.LATEST + timedelta(seconds=1))
    page = signed_in(school.ict).get(f"/schedule/runs/{run.pk}").content.decode()
    assert 'role="alert"' in page
    assert ASKS not in page
