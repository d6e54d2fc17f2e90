"""A version as a value for paper, what two versions have otherwise, and the state machine whatever is tried on it."""

from contextlib import suppress
from datetime import date, time
from itertools import count

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from darbaza.portal.people.models import Person
from darbaza.portal.people.refusals import ActRefusedError
from darbaza.portal.people.rights import RightMissingError
from darbaza.portal.timetable import actions, in_force
from darbaza.portal.timetable.calendars.actions import make_calendar
from darbaza.portal.timetable.differences import differences
from darbaza.portal.timetable.models import ScheduleVersion, Slot, Stage, Standing
from darbaza.portal.timetable.values import week_value, year_value
from tests.portal.live import JUNE, MONDAY, NOW, School, make_school, order_of, signed_in, slot
from tests.portal.timetable.test_calendars import QUARTERS, YEAR

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def present(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("darbaza.clock.utc_now", lambda: NOW)


@pytest.fixture
def school() -> School:
    return make_school()


def test_the_week_is_a_value_of_hours_days_and_lessons(school: School) -> None:
    week = week_value(school.version)
    assert len(week.days) == 6
    ((hours, days),) = week.rows
    assert (hours, [len(day) for day in days]) == ("09:00–09:45", [2, 0, 0, 0, 0, 0])
    lesson = days[0][0]
    assert (lesson.school_class, lesson.room, lesson.teacher) == ("7-А", "Кабинет k1", "Аидаова А.")


def test_the_year_counts_what_is_left_of_each_quarter_after_days_off(school: School) -> None:
    assert year_value(school.version).quarters == ()
    school.version.calendar = make_calendar(school_year="2026/2027", year=YEAR, by=school.ict, at=NOW)
    slot(school.version, school.k1, school.seven, school.aida, time(10), time(10, 45), weekday=6)
    year = year_value(school.version)
    assert [(first, last) for _number, first, last in year.quarters] == list(QUARTERS)
    assert "Нооруз" in {span.name for span in year.days_off}
    seven = year.classes[0]
    mondays = [sum(1 for day in school.version.calendar.school_days() if first <= day <= last and day.weekday() == 0)
               for first, last in QUARTERS]  # fmt: skip
    assert (seven.school_class, seven.lessons_a_week, list(seven.lessons_a_quarter)) == ("7-А", 2, mondays)


def copy_of(school: School) -> ScheduleVersion:
    return actions.draft_schedule(
        school_year="2026/2027", title="II", copied_from=school.version, by=school.ict, at=NOW
    )


def test_differences_tell_new_gone_and_moved_lessons(school: School) -> None:
    draft = copy_of(school)
    assert not differences(school.version, draft)
    draft.slots.filter(school_class=school.seven).update(room=school.k2, weekday=3)
    draft.slots.filter(school_class=school.eight).delete()
    slot(draft, school.k1, school.eight, school.aida, time(11), time(11, 45))
    found = differences(school.version, draft)
    assert [(old.room, new.room, new.weekday) for old, new in found.changed] == [("Кабинет k1", "Кабинет k2", 3)]
    assert [one.school_class for one in found.added] == [one.school_class for one in found.removed] == ["8-Б"]
    back = differences(draft, school.version)
    assert (back.added, back.removed) == (found.removed, found.added)


def test_the_page_shows_differences_from_the_version_before(school: School) -> None:
    draft, client = copy_of(school), signed_in(school.aida)
    where = f"/schedule/versions/{draft.pk}/differences"
    slot(draft, school.k1, school.eight, school.aida, time(11), time(11, 45))
    assert "11:00–11:45" in client.get(where).content.decode()
    assert client.get(f"{where}?from={school.version.pk}").status_code == 200
    assert client.get(f"{where}?from=junk").status_code == 200


STEPS = ("slot", "bad-slot", "remove", "answer", "consider", "approve", "approve-again", "repeal")
PEOPLE = ("ict", "director", "aida", "nobody")


NUMBERS = count(1000)
RIGHT_WAY = (("slot", "ict"), ("answer", "ict"), ("consider", "ict"), ("approve", "director"), ("repeal", "director"))
anything = st.lists(st.tuples(st.sampled_from(STEPS), st.sampled_from(PEOPLE)), max_size=6)
ways = st.builds(
    lambda far, before, after: [*before, *RIGHT_WAY[:far], *after], st.integers(0, len(RIGHT_WAY)), anything, anything
)


@given(ways)
@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_is_tried_nothing_is_in_force_without_meeting_and_order_and_what_is_never_changes(
    school: School, tried: list[tuple[str, str]]
) -> None:
    with transaction.atomic():
        walk(school, tried)
        transaction.set_rollback(True)


def walk(school: School, tried: list[tuple[str, str]]) -> None:
    """Try everything, and look after each step."""
    draft = actions.draft_schedule(school_year="2026/2027", title="II", by=school.ict, at=NOW)
    frozen: list[object] | None = None
    for step, who in tried:
        with suppress(ActRefusedError, RightMissingError):
            attempt(school, draft, step, getattr(school, who))
        draft.refresh_from_db()
        lessons = list(draft.slots.order_by("pk").values())
        if frozen is not None:
            assert lessons == frozen
        if draft.stage != Stage.DRAFT:
            frozen = lessons
            assert draft.minutes
            assert draft.considered_on is not None
            assert actions.considerations_of(draft).is_complete()
            assert all(one["purpose"] for one in lessons)
        standing = draft.standing_on(date(2026, 12, 2))
        in_rulebook = {one.id for one in in_force.slots(MONDAY)} & {one.key for one in draft.slots.all()}
        if standing is Standing.IN_FORCE:
            assert draft.order is not None
            assert draft.order.signed_by == school.director
            assert draft.order.repealed_by is None
        assert bool(in_rulebook) == (standing is Standing.IN_FORCE and bool(lessons))


def attempt(school: School, draft: ScheduleVersion, step: str, by: Person) -> None:
    """One step of the way, by somebody, as the pages would call it."""
    number = Slot.objects.filter(version=draft).count()
    if step in ("slot", "bad-slot"):
        actions.add_slot(
            version=draft, room=school.k1, school_class=school.seven, teacher=school.aida, subject="Физика",
            weekday=1, starts=time(8 + number), ends=time(8 + number, 45), by=by, at=NOW,
            purpose="Тажрыйба" if step == "slot" else "",
        )  # fmt: skip
    elif step == "remove" and (last := draft.slots.last()) is not None:
        actions.remove_slot(slot=last, by=by, at=NOW)
    elif step == "answer":
        actions.answer_considerations(version=draft, answers=actions.Considerations("a", "b", "c", "d"), by=by, at=NOW)
    elif step == "consider":
        actions.consider_schedule(version=draft, meeting=MONDAY, minutes="4", by=by, at=NOW)
    elif step in ("approve", "approve-again"):
        order = school.version.order if step == "approve-again" else order_of(school.director, next(NUMBERS))
        assert order is not None
        try:
            actions.approve_schedule(version=draft, order=order, since=date(2026, 12, 1), until=JUNE, by=by, at=NOW)
        finally:
            if draft.order_id != order.pk and order != school.version.order:
                order.delete()
    elif step == "repeal" and draft.order is not None and draft.order != school.version.order:
        draft.order.repealed_by = school.version.order
        draft.order.in_force_until = draft.order.in_force_from
        draft.order.save()
