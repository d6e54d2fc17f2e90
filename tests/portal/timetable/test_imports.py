"""Timetables from aSc and from tables: read, previewed, applied whole or not, undone; bad files named clearly."""

import io
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import time
from typing import Any

import pytest
import xlsxwriter
from django.core.files.uploadedfile import SimpleUploadedFile
from hypothesis import given
from hypothesis import strategies as st

from darbaza.portal.audit.models import AuditEntry
from darbaza.portal.people.models import Person, PersonKind
from darbaza.portal.people.refusals import ActRefusedError
from darbaza.portal.people.rights import RightMissingError
from darbaza.portal.timetable import actions as schedule
from darbaza.portal.timetable.calendars.actions import BellTime, make_calendar
from darbaza.portal.timetable.imports import actions, asc, sheets
from darbaza.portal.timetable.imports.plan import Plan, make_plan
from darbaza.portal.timetable.imports.rows import UnreadableTimetableError
from darbaza.portal.timetable.models import ScheduleVersion, Slot, TimetableFile, TimetableImport
from tests.portal.live import NOW, School, make_school, signed_in, slot
from tests.portal.timetable.test_calendars import YEAR

BELLS = tuple(BellTime(1, number, time(7 + number), time(7 + number, 45)) for number in range(1, 5))

ASC = """<?xml version="1.0" encoding="{encoding}"?>
<timetable ascttversion="2025.4.1" importtype="database" options="idprefix:MyApp,daynumbering1">
  <periods><period name="1" short="1" period="1" starttime="8:00" endtime="8:45"/>
    <period name="2" short="2" period="2" starttime="9:00" endtime="9:45"/></periods>
  <daysdefs><daysdef id="D1" name="Дүйшөмбү" short="Дүй" days="100000"/></daysdefs>
  <subjects><subject id="S1" name="Информатика" short="Инф"/></subjects>
  <teachers><teacher id="T1" firstname="Аида" lastname="Аидаова" name="Аидаова Аида" short="АА"/>
    <teacher id="T2" firstname="Бакыт" lastname="Бакытова" name="" short="ББ"/></teachers>
  <classrooms><classroom id="R1" name="Кабинет k1" short="k1"/>
    <classroom id="R2" name="Физика" short="физ"/><classroom id="R3" name="Кабинет k2" short="k2"/></classrooms>
  <groups><group id="G0" name="Бүт класс" classid="C1" entireclass="1" divisiontag="0"/>
    <group id="G1" name="1-топ" classid="C1" entireclass="0" divisiontag="1"/>
    <group id="G2" name="2-топ" classid="C1" entireclass="0" divisiontag="1"/></groups>
  <classes><class id="C1" name="7-А" short="7А"/><class id="C2" name="8 «Б»" short="8Б"/></classes>
  <lessons>
    <lesson id="L1" classids="C1" subjectid="S1" periodspercard="1" teacherids="T1" classroomids="R1"/>
    <lesson id="L2" classids="C2" subjectid="S1" periodspercard="2" teacherids="T2" classroomids="R1"/>
    <lesson id="L3" classids="C1" subjectid="S1" periodspercard="1" teacherids="T1" classroomids="R2"/>
    <lesson id="L5" classids="C1" subjectid="S1" teacherids="T1" classroomids="R1" groupids="G1"/>
    <lesson id="L6" classids="C1" subjectid="S1" teacherids="T2" classroomids="R3" groupids="G2"/>
    <lesson id="L7" classids="C1" subjectid="S1" teacherids="T1" classroomids="R1" groupids="G0"/>
    <lesson id="L8" classids="C1" subjectid="S1" teacherids="T1" classroomids="R1" groupids="G1,G2"/>
    <lesson id="L4" classids="C1,C2" subjectid="S1" periodspercard="1" teacherids="T1" classroomids="R1"/>
  </lessons>
  <cards>{cards}</cards>
</timetable>"""
CARDS = """
    <card lessonid="L1" classroomids="R1" period="1" weeks="1" terms="1" days="101000"/>
    <card lessonid="L2" classroomids="R1" period="1" weeks="10" terms="1" days="010000"/>
    <card lessonid="L3" classroomids="R2" period="2" weeks="1" terms="1" days="100000"/>
    <card lessonid="L4" classroomids="R1" period="2" weeks="1" terms="1" days="000100"/>"""


def export(cards: str = CARDS, encoding: str = "UTF-8") -> bytes:
    return ASC.format(cards=cards, encoding=encoding).encode(encoding)


HEADINGS = ("Күнү", "Нечинчи сабак", "Класс", "Предмет", "Мугалим", "Бөлмө", "Окуу максаты")


def table(*rows: tuple[object, ...], headings: tuple[str, ...] = HEADINGS) -> bytes:
    """A real xlsx file."""
    memory = io.BytesIO()
    workbook = xlsxwriter.Workbook(memory, {"in_memory": True})
    sheet = workbook.add_worksheet("Жүгүртмө")
    sheet.write(0, 0, "Интернет бөлмөлөрүнүн жүгүртмөсү")
    for number, row in enumerate([headings, *rows], start=1):
        sheet.write_row(number, 0, row)
    workbook.close()
    return memory.getvalue()


GOOD = ("Дүйшөмбү", 2, "7А", "Физика", "Аидаова Аида", "k1", "Тажрыйба")


@pytest.fixture
def school(db: None, monkeypatch: pytest.MonkeyPatch) -> School:
    monkeypatch.setattr("darbaza.clock.utc_now", lambda: NOW)
    return make_school()


@pytest.fixture
def draft(school: School) -> ScheduleVersion:
    calendar = make_calendar(school_year="2026/2027", year=replace(YEAR, bells=BELLS), by=school.ict, at=NOW)
    return schedule.draft_schedule(school_year="2026/2027", title="II", calendar=calendar, by=school.ict, at=NOW)


def plan(draft: ScheduleVersion, data: bytes) -> Plan:
    read = asc.read(data) if asc.looks_like_xml(data) else sheets.read(data)
    return make_plan(draft, read.rows, "Маалымат издөө")


def places(found: list[Slot]) -> list[tuple[int, str, str, str, str]]:
    return [(one.weekday, one.hours, one.room.code, str(one.school_class), one.teacher.given_name) for one in found]


def test_an_asc_export_gives_its_lessons_in_the_schools_rooms_and_leaves_out_the_rest(draft: ScheduleVersion) -> None:
    found = plan(draft, export())
    assert found.problems == []
    assert places(found.lessons) == [
        (0, "08:00–08:45", "k1", "7-А", "Аида"),
        (2, "08:00–08:45", "k1", "7-А", "Аида"),
        (1, "08:00–08:45", "k1", "8-Б", "Бакыт"),
        (1, "09:00–09:45", "k1", "8-Б", "Бакыт"),
    ]
    assert (dict(found.elsewhere), found.joined) == ({"Физика": 1}, 1)
    assert [one.weeks for one in found.lessons] == ["", "", "a", "a"]
    assert {one.purpose for one in found.lessons} == {"Маалымат издөө"}


def card(lesson: str, weeks: str = "11", days: str = "100000", room: str = "") -> str:
    return f'<card lessonid="{lesson}" classroomids="{room}" period="1" weeks="{weeks}" days="{days}"/>'


def turns(found: list[Slot]) -> list[tuple[str, str, str, int]]:
    return [(one.room.code, one.weeks, one.group, one.division) for one in found]


def test_an_asc_export_gives_weeks_and_groups(draft: ScheduleVersion) -> None:
    found = plan(draft, export(card("L5") + card("L6") + card("L1", "10", "010000") + card("L2", "01", "010000")))
    assert found.problems == []
    assert (
        turns(found.lessons)
        == [("k1", "", "1-топ", 1), ("k2", "", "2-топ", 1), ("k1", "a", "", 0)] + [("k1", "b", "", 0)] * 2
    )
    whole = plan(draft, export(card("L7") + card("L8", days="010000") + card("L1", "0101", "001000")))
    assert turns(whole.lessons) == [("k1", "", "", 0), ("k1", "", "", 0), ("k1", "b", "", 0)]


@pytest.mark.parametrize("weeks", ["100", "1000", "1101", "00"])
def test_a_turn_longer_than_two_weeks_is_named_and_not_guessed(draft: ScheduleVersion, weeks: str) -> None:
    found = plan(draft, export(card("L1", weeks)))
    assert [(one.where, one.input) for one in found.problems] == [("card 1", weeks)]
    assert "weeks A and B" in str(found.problems[0].text)


TURNS = [("А", "a"), ("b", "b"), ("Нечётная", "a"), ("жуп жума", "b"), ("2", "b"), ("", ""), ("каждая", "")]


@pytest.mark.parametrize(("said", "weeks"), TURNS)
def test_a_table_names_weeks_and_groups_as_schools_write_them(draft: ScheduleVersion, said: str, weeks: str) -> None:
    headings = (*HEADINGS, "Жума", "Подгруппа")
    found = plan(draft, table((*GOOD, said, " 1-топ "), headings=headings))
    assert (found.problems, turns(found.lessons)) == ([], [("k1", weeks, "1-топ", 0)])


def test_a_week_that_no_calendar_counts_is_refused(school: School, draft: ScheduleVersion) -> None:
    draft.calendar = None
    rows = table((*GOOD[:1], "09:00-09:45", *GOOD[2:], "А"), headings=("Күнү", "Саат", *HEADINGS[2:], "Жума"))
    assert ["calendar" in str(one.text) for one in plan(draft, rows).problems] == [True]
    rows = table((*GOOD[:1], "09:00-09:45", *GOOD[2:], "качан"), headings=("Күнү", "Саат", *HEADINGS[2:], "Жума"))
    assert [one.input for one in plan(draft, rows).problems] == ["качан"]


@pytest.mark.parametrize("encoding", ["UTF-8", "UTF-16", "windows-1251"])
def test_an_export_is_read_in_its_encoding_and_lost_letters_are_told(encoding: str) -> None:
    data = export(encoding=encoding) if encoding != "windows-1251" else ASC.replace("ү", "у").replace("ө", "о").format(
        cards=CARDS, encoding=encoding
    ).encode(encoding)  # fmt: skip
    assert asc.looks_like_xml(data)
    read = asc.read(data)
    assert read.rows[0].teacher == "Аидаова Аида"
    assert read.letters_lost == (encoding == "windows-1251")


BROKEN = {
    "lessonid=L9": '<card lessonid="L9" classroomids="R1" period="1" days="100000"/>',
    "room=R9": '<card lessonid="L1" classroomids="R9" period="1" days="100000"/>',
    "period=7": '<card lessonid="L1" classroomids="R1" period="7" days="100000"/>',
}


@pytest.mark.parametrize(("names", "card"), BROKEN.items())
def test_a_reference_that_leads_nowhere_is_named_with_its_card(draft: ScheduleVersion, names: str, card: str) -> None:
    found = plan(draft, export(CARDS + card))
    assert [(one.where, one.input) for one in found.problems] == [("card 5", names)]


BOMB = """<?xml version="1.0"?><!DOCTYPE timetable [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">
<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]><timetable><cards>&c;</cards></timetable>"""
OUTSIDE = '<!DOCTYPE t [<!ENTITY x SYSTEM "file:///etc/passwd">]><timetable><cards>&x;</cards></timetable>'
BAD_XML = {
    "DOCTYPE": BOMB.encode(),
    "entities": OUTSIDE.encode(),
    "damaged in line": export()[:-30],
    "in UTF-8 and is not": export().replace("Физика".encode(), "Физика".encode("cp1251")),
    "in punycode and is not": export().replace(b"UTF-8", b"punycode", 1),
    "no export of aSc": b"<html><body/></html>",
    "Generate the timetable": export(cards=""),
    "larger than 16 MB": b"<timetable>" + b" " * asc.LARGEST_FILE,
    "more than 20 000 lessons": export('<card lessonid="L1" period="1" days="1111111"/>' * 3000),
    "too much for one school": export("<x/>" * (asc.MOST_ELEMENTS + 1)),
}


@pytest.mark.parametrize(("says", "data"), BAD_XML.items())
def test_a_bad_export_is_refused_and_says_why(says: str, data: bytes) -> None:
    with pytest.raises(UnreadableTimetableError) as error:
        asc.read(data)
    assert says in str(error.value)


@given(st.binary(max_size=300))
def test_no_bytes_break_the_readers(data: bytes) -> None:
    for reader in (asc.read, sheets.read):
        for given_ in (data, b"<timetable><cards>" + data, b"PK\x03\x04" + data):
            with suppress(UnreadableTimetableError):
                assert reader(given_).rows


def test_a_table_gives_its_lessons_by_bell_or_by_hours(draft: ScheduleVersion) -> None:
    assert places(plan(draft, table(GOOD)).lessons) == [(0, "09:00–09:45", "k1", "7-А", "Аида")]
    by_hours = ("Шейшемби", "13.00 - 13.40", "8-б", "Химия", "Бакытова Б.", "Кабинет k2", "")
    headings = ("День недели", "Время", "Класс", "Предмет", "Учитель", "Кабинет", "Цель")
    assert places(plan(draft, table(by_hours, headings=headings)).lessons) == [(1, "13:00–13:40", "k2", "8-Б", "Бакыт")]


BAD_CELLS = [
    (0, "Качандыр", "leads nowhere"),
    (1, 9, "bell"),
    (2, "5-В", "class"),
    (2, "", "class"),
    (3, "", "subject"),
    (4, "Белгисиз Б.", "no member of staff"),
    (5, "k77", "no room"),
]


@pytest.mark.parametrize(("column", "value", "says"), BAD_CELLS)
def test_a_bad_cell_is_named_by_row_with_the_remedy(
    draft: ScheduleVersion, column: int, value: object, says: str
) -> None:
    row = list(GOOD)
    row[column] = value
    problems = plan(draft, table(GOOD, tuple(row))).problems
    assert [one.where for one in problems] == ["line 4"]
    assert says in str(problems[0].text)


def test_a_name_that_two_people_have_is_not_guessed(school: School, draft: ScheduleVersion) -> None:
    Person.objects.create(kind=PersonKind.STAFF, surname="Аидаова", given_name="Аида", patronymic="Тестовна")
    assert "patronymic" in str(plan(draft, table(GOOD)).problems[0].text)
    assert plan(draft, table((*GOOD[:4], "Аидаова Аида Тестовна", *GOOD[5:]))).problems == []


def test_two_lessons_that_begin_together_in_one_room_are_refused_and_the_same_one_counts_once(
    school: School, draft: ScheduleVersion
) -> None:
    other = ("Дүйшөмбү", 2, "8-Б", "Физика", "Бакытова Бакыт", "k1", "")
    found = plan(draft, table(GOOD, GOOD, other))
    assert (len(found.lessons), found.known, len(found.problems)) == (1, 1, 1)
    slot(draft, school.k1, school.eight, school.bakyt, time(9), time(9, 45))
    assert "another lesson" in str(plan(draft, table(GOOD)).problems[0].text)


BAD_TABLES = {
    "empty, damaged": b"PK\x03\x04 junk",
    "columns were not recognised": table(headings=("Фамилия", "Аты")),
    "stands no lesson": table(),
    "larger than 4 MB": b"x;" * (3 * 2**20),
}


@pytest.mark.parametrize(("says", "data"), BAD_TABLES.items())
def test_a_bad_table_is_refused_and_says_why(says: str, data: bytes) -> None:
    with pytest.raises(UnreadableTimetableError) as error:
        sheets.read(data)
    assert says in str(error.value)


def upload(school: School, draft: ScheduleVersion, data: bytes, name: str = "график.xml") -> Any:
    file = SimpleUploadedFile(name, data)
    return signed_in(school.ict).post(f"/schedule/versions/{draft.pk}/import", {"file": file, "purpose": "Издөө"})


def test_a_file_is_previewed_applied_whole_and_undone(school: School, draft: ScheduleVersion) -> None:
    by_hand = slot(draft, school.k2, school.eight, school.bakyt, time(9), time(9, 45))
    ict = signed_in(school.ict)
    where = upload(school, draft, export())["Location"]
    page = ict.get(where).content.decode()
    assert "Физика (1)" in page
    assert draft.slots.count() == 1
    file = TimetableFile.objects.get()
    fingerprint = actions.plan_of(file).fingerprint
    assert ict.get(f"{where}/apply").status_code == 405
    ict.post(f"{where}/apply", {"fingerprint": fingerprint})
    assert draft.slots.count() == 5
    assert AuditEntry.objects.get(act="timetable:schedule:import").detail["lessons"] == 4
    assert not TimetableFile.objects.exists()
    done = TimetableImport.objects.get()
    assert ict.get(f"/schedule/versions/{draft.pk}/import").status_code == 200
    ict.post(f"/schedule/imports/{done.pk}/undo")
    assert list(draft.slots.all()) == [by_hand]
    with pytest.raises(ActRefusedError):
        actions.undo_timetable(done=done, by=school.ict, at=NOW)


def stored(school: School, draft: ScheduleVersion, data: bytes) -> TimetableFile:
    assert upload(school, draft, data).status_code == 302
    return TimetableFile.objects.latest("pk")


def test_one_error_refuses_the_whole_file(school: School, draft: ScheduleVersion) -> None:
    file = stored(school, draft, table(GOOD, (*GOOD[:5], "k77", "")))
    ict = signed_in(school.ict)
    page = ict.get(f"/schedule/imports/{file.pk}").content.decode()
    assert "k77" in page
    assert "/apply" not in page
    with pytest.raises(ActRefusedError):
        actions.apply_timetable(file=file, fingerprint=actions.plan_of(file).fingerprint, by=school.ict, at=NOW)
    assert not draft.slots.exists()


def test_what_has_changed_since_the_preview_is_not_applied(school: School, draft: ScheduleVersion) -> None:
    file = stored(school, draft, table(GOOD))
    before = actions.plan_of(file).fingerprint
    slot(draft, school.k1, school.seven, school.aida, time(9), time(9, 45))
    for fingerprint in (before, "x"):
        with pytest.raises(ActRefusedError):
            actions.apply_timetable(file=file, fingerprint=fingerprint, by=school.ict, at=NOW)


@pytest.mark.parametrize("who", ["aida", "director", "responsible", "nobody"])
def test_only_the_ict_person_imports(school: School, draft: ScheduleVersion, who: str) -> None:
    by, file = getattr(school, who), stored(school, draft, table(GOOD))
    done = TimetableImport.objects.create(version=draft, at=NOW, by=school.ict, file_name="x", sha256="x", lessons=0)
    acts: list[Callable[[], object]] = [
        lambda: actions.apply_timetable(file=file, fingerprint="x", by=by, at=NOW),
        lambda: actions.undo_timetable(done=done, by=by, at=NOW),
    ]
    for act in acts:
        with pytest.raises(RightMissingError):
            act()


def test_a_bad_file_stands_beside_the_form_and_a_version_in_force_takes_none(
    school: School, draft: ScheduleVersion
) -> None:
    answer = upload(school, draft, BOMB.encode())
    assert answer.status_code == 422
    assert "DOCTYPE" in answer.content.decode()
    assert upload(school, school.version, export()).status_code == 404
    assert signed_in(school.aida).get(f"/schedule/versions/{draft.pk}/import").status_code == 403
