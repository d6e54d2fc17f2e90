"""What the checks find in a draft, and that many findings stay legible."""

import time as clock_module
from datetime import date, time
from typing import Any

import pytest
from django.utils.translation import override

from darbaza.portal.audit.models import AuditEntry
from darbaza.portal.people.refusals import ActRefusedError
from darbaza.portal.people.rights import RightMissingError
from darbaza.portal.timetable import actions, checks
from darbaza.portal.timetable.checks import Finding, Kind
from darbaza.portal.timetable.limits.actions import set_limits
from darbaza.portal.timetable.limits.table import Limit, brought, limit_of, limits
from darbaza.portal.timetable.models import ScheduleVersion, ScreenLimit, Slot, Stage
from tests.portal.live import MONDAY, NOW, School, make_school, signed_in, slot, student

pytestmark = pytest.mark.django_db
DAY = date(2026, 11, 23)


@pytest.fixture(autouse=True)
def present(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("darbaza.clock.utc_now", lambda: NOW)


@pytest.fixture
def school() -> School:
    return make_school()


@pytest.fixture
def draft(school: School) -> ScheduleVersion:
    return actions.draft_schedule(school_year="2026/2027", title="II", by=school.ict, at=NOW)


def found(draft: ScheduleVersion, kind: Kind) -> list[Finding]:
    return [one for one in checks.findings(draft, DAY) if one.kind is kind]


def lesson(draft: ScheduleVersion, school: School, start: int = 9, **changes: Any) -> Slot:
    made = slot(draft, school.k1, school.seven, school.aida, time(start), time(start, 45))
    for name, value in changes.items():
        setattr(made, name, value)
    made.save()
    return made


def test_time_at_the_screen_is_held_to_the_table_of_the_grade(school: School, draft: ScheduleVersion) -> None:
    first = lesson(draft, school, screen_minutes=30)
    assert found(draft, Kind.SCREEN_LESSON) == []
    first.screen_minutes = 31
    first.save()
    assert "31" in found(draft, Kind.SCREEN_LESSON)[0].text
    first.screen_minutes = None
    first.save()
    assert "45" in found(draft, Kind.SCREEN_LESSON)[0].text


def test_minutes_of_a_day_add_up(school: School, draft: ScheduleVersion) -> None:
    for start in (9, 10):
        lesson(draft, school, start, screen_minutes=30)
    assert found(draft, Kind.SCREEN_DAY) == []
    lesson(draft, school, 11, screen_minutes=1)
    assert "61" in found(draft, Kind.SCREEN_DAY)[0].text
    lesson(draft, school, 12, screen_minutes=30, weekday=1)
    assert len(found(draft, Kind.SCREEN_DAY)) == 1


def test_a_class_with_more_students_than_places_is_told_once_a_room(school: School, draft: ScheduleVersion) -> None:
    school.k1.capacity = 2
    school.k1.save()
    for start in (9, 10):
        lesson(draft, school, start)
    assert found(draft, Kind.CAPACITY) == []
    student("Эрлан", school.seven)
    assert len(found(draft, Kind.CAPACITY)) == 1


def test_a_room_that_no_order_equips_is_told(school: School, draft: ScheduleVersion) -> None:
    lesson(draft, school, room=school.plain_room)
    assert [one.about for one in found(draft, Kind.NOT_EQUIPPED)] == ["Кабинет k9"]


def test_shares_show_the_class_that_gets_nothing(school: School, draft: ScheduleVersion) -> None:
    lesson(draft, school)
    assert {one.about for one in found(draft, Kind.SHARE)} == {"8-Б"}
    slot(draft, school.k2, school.eight, school.bakyt, time(9), time(9, 45))
    assert found(draft, Kind.SHARE) == []
    shares = checks.shares(draft.slots.select_related("school_class"), checks.class_sizes(DAY))
    assert [(str(one.school_class), one.lessons, one.minutes, one.percent) for one in shares] == [
        ("7-А", 1, 45, 100),
        ("8-Б", 1, 45, 100),
    ]


def test_five_hundred_conflicts_are_listed_by_whom_they_concern_and_fast(
    school: School, draft: ScheduleVersion
) -> None:
    Slot.objects.bulk_create(
        Slot(version=draft, room=school.k1, school_class=school.seven, teacher=school.aida, subject="Физика",
             weekday=number % 5, starts=time(8, number // 5), ends=time(9, 59), purpose="Тажрыйба")
        for number in range(70)
    )  # fmt: skip
    begun = clock_module.monotonic()
    everything = checks.findings(draft, DAY)
    groups = checks.grouped(everything)
    assert clock_module.monotonic() - begun < 20
    assert checks.counts(everything)["conflict"] == 3 * 5 * 91
    assert [len(group.findings) for group in groups if group.kind is Kind.CONFLICT] == [455, 455, 455]
    page = signed_in(school.aida).get(f"/schedule/versions/{draft.pk}/checks").content.decode()
    assert page.count("<li>") > 1365
    assert page.count('<details class="sheet found"') == len(groups)


def test_what_remains_is_kept_with_the_meeting(school: School, draft: ScheduleVersion) -> None:
    lesson(draft, school)
    answers = actions.Considerations("a", "b", "c", "d")
    actions.answer_considerations(version=draft, answers=answers, by=school.ict, at=NOW)
    actions.consider_schedule(version=draft, meeting=MONDAY, minutes="4", by=school.ict, at=NOW)
    detail = AuditEntry.objects.get(act="timetable:schedule:consider").detail
    assert detail["remaining"] == {"screen-lesson": 1, "share": 1}
    assert draft.stage == Stage.CONSIDERED


def test_the_programs_lines_count_until_the_school_enters_its_own(school: School) -> None:
    assert limits() == brought()
    own = Limit(5, 9, 25, 50, "Мектептин эрежеси")
    set_limits(table=[own], by=school.ict, at=NOW)
    assert limits() == (own,)
    assert limit_of(4, limits()) is None
    set_limits(table=[], by=school.ict, at=NOW)
    assert limits() == brought()
    assert AuditEntry.objects.filter(act="timetable:limits:set").count() == 2


BAD = [
    [Limit(5, 9, 30, 60, " ")],
    [Limit(9, 5, 30, 60, "x")],
    [Limit(5, 13, 30, 60, "x")],
    [Limit(5, 9, 30, 29, "x")],
    [Limit(5, 9, 0, 29, "x")],
    [Limit(1, 5, 30, 60, "x"), Limit(5, 9, 30, 60, "x")],
]


@pytest.mark.parametrize("table", BAD)
def test_a_table_that_contradicts_itself_is_refused_whole(school: School, table: list[Limit]) -> None:
    with pytest.raises(ActRefusedError):
        set_limits(table=table, by=school.ict, at=NOW)
    assert not ScreenLimit.objects.exists()


@pytest.mark.parametrize("who", ["aida", "director", "responsible", "nobody"])
def test_only_the_ict_person_enters_the_table(school: School, who: str) -> None:
    with pytest.raises(RightMissingError):
        set_limits(table=[], by=getattr(school, who), at=NOW)


def test_every_grade_has_a_line_with_its_source() -> None:
    for grade in range(1, 12):
        line = limit_of(grade, brought())
        assert line is not None
        assert line.source
        assert line.in_lesson <= line.in_day


@pytest.mark.parametrize(("language", "says"), [("ky", "салыштырып"), ("ru", "сверьте"), ("en", "compare, and enter")])
def test_the_programs_lines_say_that_the_schools_own_rules_are_not_theirs(language: str, says: str) -> None:
    """Nobody could read the numbers of the Kyrgyz rules: the school is told to, in words that fit the table."""
    longest = ScreenLimit._meta.get_field("source").max_length
    with override(language):
        for line in brought():
            assert "№ 201" in line.source
            assert says in line.source
            assert len(line.source) <= longest


def test_the_page_shows_and_changes_the_table(school: School) -> None:
    ict, aida = signed_in(school.ict), signed_in(school.aida)
    assert "note-warn" in (brought_page := ict.get("/schedule/limits").content.decode())
    assert "1.2.3685-21" in brought_page
    assert "1.2.3685-21" in aida.get("/schedule/limits").content.decode()
    form = {"form-TOTAL_FORMS": "1", "form-INITIAL_FORMS": "1", "form-0-grade_from": "5", "form-0-grade_to": "9",
            "form-0-in_lesson": "25", "form-0-in_day": "50", "form-0-source": "Эреже"}  # fmt: skip
    assert aida.post("/schedule/limits", form).status_code == 403
    assert ict.post("/schedule/limits", {**form, "form-0-in_day": "x"}).status_code == 422
    assert ict.post("/schedule/limits", form).status_code == 302
    assert "note-warn" not in ict.get("/schedule/limits").content.decode(), "the school's own table warns of nothing"
    assert limits() == (Limit(5, 9, 25, 50, "Эреже"),)
