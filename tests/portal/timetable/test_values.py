"""A version as a value for paper, what two versions have otherwise, and the state machine whatever is tried on it."""

from datetime import time

import pytest

from darbaza.portal.timetable import actions
from darbaza.portal.timetable.calendars.actions import make_calendar
from darbaza.portal.timetable.differences import differences
from darbaza.portal.timetable.models import ScheduleVersion
from darbaza.portal.timetable.values import week_value, year_value
from tests.portal.live import NOW, School, make_school, signed_in, slot
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
