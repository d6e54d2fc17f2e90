"""Lessons of every other week and of half a class: which week is which, what contradicts, what reaches the gate."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from darbaza.policy.decide import decide
from darbaza.policy.request import AccessRequest, Asker
from darbaza.policy.request import SupervisedSession as Session
from darbaza.policy.resource import Resource, Target
from darbaza.policy.rulebook import Effect, Room, Rulebook, Ruling, UserCategory, UserKind
from darbaza.policy.verdict import REGULATION
from darbaza.portal.audit.models import AuditEntry
from darbaza.portal.council.models import OrderKind
from darbaza.portal.lessons import actions as lessons
from darbaza.portal.papers.kinds.schedule import gather, gather_week
from darbaza.portal.people.refusals import ActRefusedError
from darbaza.portal.timetable import actions, in_force
from darbaza.portal.timetable.calendars.actions import make_calendar
from darbaza.portal.timetable.checks import Kind, findings, longest_day, shares
from darbaza.portal.timetable.conflicts import conflicts
from darbaza.portal.timetable.departures.actions import Place, cancel_lesson
from darbaza.portal.timetable.differences import differences
from darbaza.portal.timetable.models import Calendar, ScheduleException, ScheduleVersion, Slot, Turn, Weeks
from darbaza.portal.timetable.values import year_value
from darbaza.portal.timetable.week import week_from
from tests.portal.live import BISHKEK, MONDAY, NOW, School, clock, make_school, order_of, signed_in
from tests.portal.timetable.test_calendars import YEAR

pytestmark = pytest.mark.django_db
TUESDAY = MONDAY + timedelta(days=1)


@pytest.fixture(autouse=True)
def present(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("darbaza.clock.utc_now", lambda: NOW)


@pytest.fixture
def school() -> School:
    return make_school()


@pytest.fixture
def calendar(school: School) -> Calendar:
    return make_calendar(school_year="2026/2027", year=YEAR, by=school.ict, at=NOW)


@pytest.fixture
def draft(school: School, calendar: Calendar) -> ScheduleVersion:
    return actions.draft_schedule(school_year="2026/2027", title="II", calendar=calendar, by=school.ict, at=NOW)


def add(school: School, version: ScheduleVersion, **changes: Any) -> Slot:
    values: dict[str, Any] = {
        "room": school.k1, "school_class": school.seven, "teacher": school.aida, "subject": "Физика",
        "weekday": 1, "starts": time(10), "ends": time(10, 45), "purpose": "Тажрыйба",
    }  # fmt: skip
    return actions.add_slot(version=version, by=school.ict, at=NOW, **{**values, **changes})


def put_in_force(school: School, draft: ScheduleVersion) -> None:
    """The draft in the place of the small school's schedule, from today on."""
    answers = actions.Considerations("Мыйзам", "Тажрыйба", "Кызыкчылык", "Максат")
    actions.answer_considerations(version=draft, answers=answers, by=school.ict, at=NOW)
    actions.consider_schedule(version=draft, meeting=MONDAY, minutes="4", by=school.ict, at=NOW)
    order = order_of(school.director, 7, OrderKind.SCHEDULE)
    term = {"since": MONDAY, "until": date(2027, 6, 1)}
    actions.approve_schedule(version=draft, order=order, by=school.director, at=NOW, **term)


# Which week is which.


def test_weeks_take_turns_from_the_first_and_a_vacation_counts_or_not_as_the_calendar_says(calendar: Calendar) -> None:
    assert calendar.letter_on(date(2026, 9, 1)) == calendar.letter_on(date(2026, 8, 31)) == Weeks.A
    assert calendar.letter_on(date(2026, 9, 7)) == Weeks.B
    before, vacation, after = date(2026, 10, 31), date(2026, 11, 3), date(2026, 11, 9)
    assert [calendar.letter_on(day) for day in (before, vacation, after)] == [Weeks.A, Weeks.B, Weeks.A]
    calendar.turn = Turn.SCHOOL
    assert [calendar.letter_on(day) for day in (before, vacation, after)] == [Weeks.A, Weeks.EVERY, Weeks.B]
    assert calendar.letter_on(date(2027, 6, 7)) == Weeks.EVERY


@given(st.integers(0, 6), st.integers(30, 365), st.sampled_from(Turn), st.data())
def test_every_week_with_lessons_has_one_letter_and_the_next_one_the_other(
    begins: int, length: int, turn: Turn, data: st.DataObject
) -> None:
    first = date(2026, 8, 31) + timedelta(days=begins)
    calendar = Calendar(first=first, last=first + timedelta(days=length), week_length=6, turn=turn)
    off = data.draw(st.sets(st.integers(0, length), max_size=60))
    taught = [first + timedelta(days=number) for number in range(length + 1) if number not in off]
    calendar.school_days = lambda: (day for day in taught if day.weekday() < 6)  # type: ignore[method-assign]
    letters = calendar.letters()
    counted = sorted(letters)
    assert [letters[one] for one in counted] == [Weeks.A, Weeks.B] * (len(counted) // 2) + [Weeks.A] * (
        len(counted) % 2
    )
    mondays = {day - timedelta(days=day.weekday()) for day in calendar.school_days()}
    assert mondays <= letters.keys()
    if turn == Turn.SCHOOL:
        assert mondays == letters.keys()
    else:
        assert {b - a for a, b in pairwise(counted)} <= {timedelta(weeks=1)}


# What contradicts what.


def test_lessons_of_different_weeks_share_room_teacher_and_class(school: School, draft: ScheduleVersion) -> None:
    add(school, draft, weeks=Weeks.A)
    add(school, draft, weeks=Weeks.B, subject="Химия")
    assert conflicts(draft) == []
    for weeks in Weeks:
        with pytest.raises(ActRefusedError):
            add(school, draft, weeks=weeks, school_class=school.eight, teacher=school.bakyt)
    assert AuditEntry.objects.filter(act="timetable:slot:add").last().detail["weeks"] == "b"  # type: ignore[union-attr]


def test_half_a_class_learns_in_each_room_at_one_hour(school: School, draft: ScheduleVersion) -> None:
    add(school, draft, group="1-топ")
    add(school, draft, group=" 2-топ ", room=school.k2, teacher=school.bakyt)
    assert conflicts(draft) == []
    assert [str(one) for one in draft.slots.order_by("room")][1].endswith("7-А (2-топ) · Физика")
    refused: list[dict[str, Any]] = [
        {"group": "2-топ", "room": school.plain_room, "teacher": school.ict},
        {"group": "", "room": school.plain_room, "teacher": school.ict},
        {"group": "3-топ", "room": school.k1, "teacher": school.ict},
        {"group": "3-топ", "room": school.plain_room, "teacher": school.aida},
    ]
    for changes in refused:
        with pytest.raises(ActRefusedError):
            add(school, draft, **changes)


def test_groups_of_two_divisions_may_have_students_in_common(school: School, draft: ScheduleVersion) -> None:
    first = add(school, draft, group="Кыздар")
    Slot.objects.filter(pk=first.pk).update(division=2)
    with pytest.raises(ActRefusedError):
        add(school, draft, group="1-топ", room=school.k2, teacher=school.bakyt)
    again = add(school, draft, group="Кыздар", weekday=2)
    assert again.division == 2


WHO = st.sampled_from([("", 0), ("1", 0), ("2", 0), ("1", 1)])


@given(WHO, WHO, st.sampled_from(Weeks), st.sampled_from(Weeks))
def test_two_lessons_of_a_class_at_one_hour_contradict_unless_no_student_or_no_week_is_in_both(
    one: tuple[str, int], other: tuple[str, int], weeks: Weeks, others: Weeks
) -> None:
    first = Slot(pk=1, school_class_id=7, group=one[0], division=one[1], weeks=weeks)
    second = Slot(pk=2, school_class_id=7, group=other[0], division=other[1], weeks=others)
    in_class = {(name, number): {(a, b) for a in "12" for b in "12" if name in {"", (a, b)[number]}} for name, number in
                (one, other)}  # fmt: skip
    in_weeks = {each: {"a", "b"} if each == Weeks.EVERY else {str(each)} for each in (weeks, others)}
    assert first.shares_students(second) == second.shares_students(first) == bool(in_class[one] & in_class[other])
    assert first.meets(second) == second.meets(first) == bool(in_weeks[weeks] & in_weeks[others])


def test_weeks_without_a_calendar_are_refused(school: School, draft: ScheduleVersion) -> None:
    bare = actions.draft_schedule(school_year="2026/2027", title="III", by=school.ict, at=NOW)
    with pytest.raises(ActRefusedError):
        add(school, bare, weeks=Weeks.A)
    add(school, draft, weeks=Weeks.A)
    with pytest.raises(ActRefusedError):
        actions.draft_schedule(school_year="2026/2027", title="IV", copied_from=draft, by=school.ict, at=NOW)
    draft.calendar = None
    draft.save()
    assert Kind.WEEKS in {one.kind for one in findings(draft, MONDAY)}
    with pytest.raises(ActRefusedError):
        put_in_force(school, draft)


def test_a_class_counts_the_longest_day_of_any_student_and_hours_by_their_part(
    school: School, draft: ScheduleVersion
) -> None:
    add(school, draft, starts=time(8), ends=time(8, 45), screen_minutes=20)
    add(school, draft, weeks=Weeks.A, group="1-топ", screen_minutes=30)
    add(school, draft, weeks=Weeks.A, group="2-топ", room=school.k2, teacher=school.bakyt, screen_minutes=40)
    add(school, draft, weeks=Weeks.B, screen_minutes=5)
    assert longest_day(draft.slots.all()) == 60
    (share,) = [one for one in shares(draft.slots.all(), {school.seven: 24}) if one.school_class == school.seven]
    assert (share.lessons, share.minutes) == (2, 90)
    (year,) = year_value(draft).classes
    assert year.lessons_a_week == 2
    assert year.lessons_a_quarter[0] == sum(1 for day in draft.calendar.school_days()  # type: ignore[union-attr]
                                            if day <= date(2026, 10, 31) and day.weekday() == 1) * 2  # fmt: skip
    sizes = {school.seven: 24}
    room = school.k1
    room.capacity = 12
    room.save()
    assert [one.kind for one in findings(draft, MONDAY) if one.kind is Kind.CAPACITY] == []
    assert share.percent == 100
    assert sizes[school.seven] > room.capacity


# What reaches the gate.


def rulebook() -> Rulebook:
    """What the portal gives the core of this schedule."""
    return Rulebook(
        1, "", "", "Asia/Bishkek",
        user_categories=(UserCategory("students", UserKind.STUDENT),),
        rooms=(Room("k1", REGULATION),),
        slots=in_force.slots(MONDAY),
        days_off=in_force.days_off(MONDAY),
        rulings=(Ruling("students", Effect.ALLOW, REGULATION, Target("kitep.test")),),
    )  # fmt: skip


def opens(book: Rulebook, found: Slot, at: datetime) -> bool:
    """Whether the core lets a student of this lesson through at an instant."""
    session = Session("L", "k1", "aida", at, at + timedelta(1), at + timedelta(1), slot=found.key)
    asker = Asker("127.0.1.1", "students", "k1", "bek", session)
    return decide(AccessRequest(asker, Resource("kitep.test", "", is_address=False), at), book).allows


EXPECTED = {Turn.ALL: [True, False, False, True], Turn.SCHOOL: [False, True, False, True]}
"""Whether it is week A: the last two Tuesdays before the winter vacation of a week and more, the first two after it."""


@pytest.mark.parametrize("turn", Turn)
def test_the_gate_opens_exactly_on_the_days_that_the_week_page_shows(school: School, turn: Turn) -> None:
    year = replace(YEAR, turn=turn)
    calendar = make_calendar(school_year="2026/2027", year=year, by=school.ict, at=NOW)
    draft = actions.draft_schedule(school_year="2026/2027", title="", calendar=calendar, by=school.ict, at=NOW)
    both = [
        add(school, draft, weeks=Weeks.A),
        add(school, draft, weeks=Weeks.B, school_class=school.eight, teacher=school.bakyt),
    ]
    put_in_force(school, draft)
    book, stood = rulebook(), list[list[date]]([[], []])
    for day in (TUESDAY + timedelta(weeks=number) for number in range(26)):
        shown, at = in_force.slots_on(day), datetime.combine(day, time(10), BISHKEK).astimezone(UTC)
        for one, days in zip(both, stood, strict=True):
            assert opens(book, one, at) == opens(book, one, at + timedelta(minutes=44)) == (one in shown)
            others = (at - timedelta(microseconds=1), at + timedelta(minutes=45), at + timedelta(days=1))
            assert not any(opens(book, one, other) for other in others)
            days += [day] if one in shown else []
    assert all(len(days) > 9 for days in stood)
    assert not set(stood[0]) & set(stood[1])
    for monday in (MONDAY, MONDAY + timedelta(weeks=1)):
        assert week_from(monday).rows[0].days[1] == tuple(in_force.slots_on(monday + timedelta(days=1)))
    across = [day for day in sorted(stood[0] + stood[1]) if date(2026, 12, 22) <= day <= date(2027, 1, 19)]
    assert [day in stood[0] for day in across] == EXPECTED[turn]


def test_two_groups_have_their_lessons_open_at_once_and_the_whole_class_does_not(
    school: School, draft: ScheduleVersion
) -> None:
    hours = {"weekday": 0, "starts": time(9), "ends": time(9, 45)}
    one = add(school, draft, group="1-топ", **hours)
    other = add(school, draft, group="2-топ", room=school.k2, teacher=school.bakyt, **hours)
    put_in_force(school, draft)
    first = lessons.start_lesson(key=one.key, by=school.aida, at=NOW)
    second = lessons.start_lesson(key=other.key, by=school.bakyt, at=NOW)
    assert [str(each) for each in (first, second)] == ["7-А (1-топ) · Физика", "7-А (2-топ) · Физика"]
    assert "7-А (1-топ)" in signed_in(school.aida).get("/sabak/").content.decode()
    lessons.end_lesson(session=second, by=school.bakyt, at=NOW)
    whole = {"room": school.k2, "school_class": school.seven, "teacher": school.bakyt, "reason": "Олимпиада"}
    exception = actions.record_exception(since=NOW, until=clock(9, 40), by=school.ict, at=NOW, **whole)
    with pytest.raises(ActRefusedError):
        lessons.start_lesson(key=exception.key, by=school.bakyt, at=NOW)


def test_a_groups_lesson_moves_beside_the_other_groups(school: School, draft: ScheduleVersion) -> None:
    one = add(school, draft, group="1-топ")
    add(school, draft, group="2-топ", room=school.k2, teacher=school.bakyt, starts=time(12), ends=time(12, 45))
    put_in_force(school, draft)
    at_noon = datetime.combine(TUESDAY, time(12), BISHKEK).astimezone(UTC)
    place = Place(school.k1, at_noon, at_noon + timedelta(minutes=45))
    cancel_lesson(slot=one, day=TUESDAY, reason="Оңдоо", moved_to=place, by=school.ict, at=NOW)
    moved = ScheduleException.objects.get()
    assert (moved.taught, moved.division) == ("7-А (1-топ)", 0)


def test_paper_shows_weeks_and_groups_and_a_week_its_letter(school: School, draft: ScheduleVersion) -> None:
    add(school, draft, weeks=Weeks.B, group="1-топ")
    lesson = add(school, draft, weeks=Weeks.A, group="2-топ")
    put_in_force(school, draft)
    paper, week = gather(str(draft.pk)), gather_week(MONDAY.isoformat())
    assert paper is not None
    assert week is not None
    ((_monday, tuesday, *_rest),) = [row["days"] for row in paper.facts["week"]["rows"]]
    assert [(one["class"], one["weeks"]) for one in tuesday] == [("7-А (1-топ)", "b"), ("7-А (2-топ)", "a")]
    assert week.facts["letter"] == in_force.letter_on(MONDAY) == "a"
    assert [one["class"] for one in week.facts["week"]["rows"][0]["days"][1]] == ["7-А (2-топ)"]
    page = signed_in(school.aida).get(f"/schedule/?day={MONDAY}").content.decode()
    assert lesson.taught in page
    assert "7-А (1-топ)" not in page
    before = ScheduleVersion.objects.get(pk=school.version.pk)
    assert {one.weeks for one in differences(before, draft).added} == {"a", "b"}
