"""The calendar of a school year: what is refused, what it says of a day, and that it stands still under a schedule."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, time
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from darbaza.portal.audit.models import AuditEntry
from darbaza.portal.people.refusals import ActRefusedError
from darbaza.portal.people.rights import RightMissingError
from darbaza.portal.timetable.calendars import actions
from darbaza.portal.timetable.calendars.actions import BellTime, Year
from darbaza.portal.timetable.calendars.forms import CalendarForm, initial_of
from darbaza.portal.timetable.calendars.months import months_of
from darbaza.portal.timetable.models import Calendar
from darbaza.portal.timetable.years import SchoolYearField, school_year_of
from tests.portal.live import NOW, School, make_school, signed_in

QUARTERS = (
    (date(2026, 9, 1), date(2026, 10, 31)),
    (date(2026, 11, 9), date(2026, 12, 30)),
    (date(2027, 1, 11), date(2027, 3, 19)),
    (date(2027, 3, 29), date(2027, 5, 25)),
)
YEAR = Year(
    first=date(2026, 9, 1),
    last=date(2027, 5, 25),
    week_length=6,
    quarters=QUARTERS,
    days_off=(
        ("Нооруз", date(2027, 3, 21), date(2027, 3, 21)),
        ("Тарых күндөрү", date(2026, 11, 7), date(2026, 11, 8)),
    ),
    bells=(
        BellTime(1, 1, time(8), time(8, 45)),
        BellTime(1, 2, time(8, 55), time(9, 40)),
        BellTime(2, 1, time(13), time(13, 45)),
        BellTime(1, 1, time(8), time(8, 35), 5),
    ),
)


@pytest.fixture(autouse=True)
def present(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("darbaza.clock.utc_now", lambda: NOW)


@pytest.fixture
def school(db: None) -> School:
    return make_school()


@pytest.fixture
def calendar(school: School) -> Calendar:
    return make(school)


def make(school: School, **changes: Any) -> Calendar:
    year = replace(YEAR, second_shift=(school.eight,), **changes)
    return actions.make_calendar(school_year="2026/2027", year=year, by=school.ict, at=NOW)


def test_a_calendar_knows_its_holidays_and_the_vacations_between_quarters(calendar: Calendar) -> None:
    assert calendar.off_on(date(2027, 3, 21)) == "Нооруз"
    assert calendar.off_on(date(2026, 11, 2)) == "каникул"
    assert calendar.off_on(date(2026, 11, 7)) == "Тарых күндөрү"
    assert calendar.off_on(date(2026, 11, 9)) == ""
    days = set(calendar.school_days())
    assert date(2026, 9, 5) in days
    assert not {date(2026, 9, 6), date(2026, 11, 2), date(2027, 3, 21)} & days
    assert AuditEntry.objects.get(act="timetable:calendar:make").detail["bells"] == 4


def test_a_five_day_week_has_no_saturday(school: School) -> None:
    assert date(2026, 9, 5) not in set(make(school, week_length=5).school_days())


def test_a_bell_of_one_day_takes_the_place_of_those_of_every_day(calendar: Calendar, school: School) -> None:
    assert [bell.ends for bell in calendar.bells_on(0, 1)] == [time(8, 45), time(9, 40)]
    assert [bell.ends for bell in calendar.bells_on(5, 1)] == [time(8, 35)]
    assert [bell.starts for bell in calendar.bells_on(0, 2)] == [time(13)]
    assert (calendar.shift_of(school.seven), calendar.shift_of(school.eight)) == (1, 2)


BAD: list[dict[str, Any]] = [
    {"last": date(2026, 9, 1)},
    {"last": date(2028, 9, 1)},
    {"quarters": ((date(2026, 8, 1), date(2026, 10, 1)),)},
    {"quarters": ((date(2026, 9, 1), date(2026, 10, 1)), (date(2026, 10, 1), date(2026, 11, 1)))},
    {"days_off": (("Нооруз", date(2027, 3, 21), date(2027, 3, 20)),)},
    {"bells": (BellTime(1, 1, time(8), time(8)),)},
    {"bells": (BellTime(1, 1, time(8), time(9)), BellTime(1, 2, time(8, 59), time(10)))},
    {"bells": (BellTime(1, 1, time(8), time(9)), BellTime(1, 1, time(10), time(11)))},
]


@pytest.mark.parametrize("changes", BAD)
def test_a_calendar_that_contradicts_itself_is_refused(school: School, changes: dict[str, Any]) -> None:
    with pytest.raises(ActRefusedError):
        make(school, **changes)
    assert not Calendar.objects.exists()


@pytest.mark.parametrize("who", ["aida", "director", "responsible", "nobody"])
def test_only_the_ict_person_makes_calendars(school: School, calendar: Calendar, who: str) -> None:
    by = getattr(school, who)
    acts: list[Callable[[], object]] = [
        lambda: actions.make_calendar(school_year="2026/2027", year=YEAR, by=by, at=NOW),
        lambda: actions.change_calendar(calendar=calendar, year=YEAR, by=by, at=NOW),
    ]
    for act in acts:
        with pytest.raises(RightMissingError):
            act()


def test_a_calendar_stands_still_once_a_schedule_that_was_considered_rests_on_it(
    school: School, calendar: Calendar
) -> None:
    actions.change_calendar(calendar=calendar, year=replace(YEAR, days_off=()), by=school.ict, at=NOW)
    assert not calendar.days_off.exists()
    school.version.calendar = calendar
    school.version.save()
    with pytest.raises(ActRefusedError):
        actions.change_calendar(calendar=calendar, year=YEAR, by=school.ict, at=NOW)
    assert make(school).edition == 2


def test_the_year_is_shown_in_months(calendar: Calendar) -> None:
    months = months_of(calendar)
    assert [month.first.month for month in months] == [9, 10, 11, 12, 1, 2, 3, 4, 5]
    days = [day for week in months[6].weeks for day in week.days if day]
    assert len(days) == 31
    assert [day.off for day in days if day.day == date(2027, 3, 21)] == ["Нооруз"]


def form_of(calendar: Calendar, **changes: Any) -> dict[str, Any]:
    return {key: value for key, value in {**initial_of(calendar), **changes}.items() if value is not None}


def test_the_form_says_what_the_calendar_says(calendar: Calendar, school: School) -> None:
    form = CalendarForm(form_of(calendar))
    assert form.is_valid(), form.errors
    year = form.year()
    assert set(year.bells) == set(YEAR.bells)
    assert sorted(year.days_off) == sorted(YEAR.days_off)
    assert tuple(year.quarters) == QUARTERS
    assert year.second_shift == [school.eight]


BAD_LINES = [
    ("days_off", "31.02.2027 Кайсы күн"),
    ("days_off", "Нооруз"),
    ("days_off", "21.03.2027"),
    ("bells_1", "1 8:00"),
    ("bells_1", "1 25:00–26:00"),
    ("bells_1", "7.1 08:00–08:45"),
    ("bells_2", "\n".join(f"{n} 08:00–08:45" for n in range(90))),
]


@pytest.mark.parametrize(("field", "text"), BAD_LINES)
def test_a_line_that_cannot_be_read_is_named(calendar: Calendar, field: str, text: str) -> None:
    form = CalendarForm(form_of(calendar, **{field: text}))
    assert not form.is_valid()
    assert field in form.errors
    assert "\n" in text or text in str(form.errors[field])


@given(text=st.text(max_size=60))
def test_no_line_breaks_the_form(text: str) -> None:
    fields = ("days_off", "bells_1", "bells_2")
    form = CalendarForm(dict.fromkeys(fields, text))
    form.fields = {name: form.fields[name] for name in fields}
    form.is_valid()
    assert set(form.errors) <= set(fields)


def test_the_pages_make_show_and_change_a_calendar(school: School) -> None:
    ict, aida = signed_in(school.ict), signed_in(school.aida)
    assert ict.get("/schedule/calendars").status_code == 200
    assert ict.get("/schedule/calendars/new").status_code == 200
    form = form_of(make(school))
    assert ict.post("/schedule/calendars/new", form).status_code == 302
    latest = Calendar.objects.get(edition=2)
    page = ict.get(f"/schedule/calendars/{latest.pk}").content.decode()
    assert "Нооруз" in page
    assert "каникул" in page
    assert ict.post("/schedule/calendars/new", {**form, "first": "junk"}).status_code == 422
    where = f"/schedule/calendars/{latest.pk}/change"
    assert ict.get(where).status_code == 200
    assert ict.post(where, {**form, "days_off": ""}).status_code == 302
    assert not latest.days_off.exists()
    assert aida.get(f"/schedule/calendars/{latest.pk}").status_code == 200
    assert aida.get(where).status_code == 403
    assert aida.post("/schedule/calendars/new", form).status_code == 403


@pytest.mark.parametrize("typed", ["2026/2027", "2026-2027", "2026–27", " 2026 / 27 ", "2026.2027", "2026\\27"])
def test_a_school_year_is_read_as_people_write_it(typed: str) -> None:
    assert SchoolYearField().clean(typed) == "2026/2027"


@pytest.mark.parametrize("typed", ["2026", "2026/2026", "2026/2028", "26/27", "окуу жылы", "2027/2026"])
def test_what_is_no_school_year_is_refused_with_an_example(typed: str) -> None:
    with pytest.raises(ValidationError, match=r"is no school year: .* 2026/2027"):
        SchoolYearField().clean(typed)


@pytest.mark.parametrize(("day", "year"), [(date(2026, 7, 31), "2025/2026"), (date(2026, 8, 1), "2026/2027")])
def test_in_summer_the_next_school_year_is_meant(day: date, year: str) -> None:
    assert school_year_of(day) == year
