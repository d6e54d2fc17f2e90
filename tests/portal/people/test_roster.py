"""The roster: read in every honest form, refused in every broken one, applied whole, undone whole."""

import io
import random
import zipfile
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta

import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from darbaza.portal.audit.models import AuditEntry
from darbaza.portal.people.actions import enrol_student, let_leave
from darbaza.portal.people.models import Enrolment, Person, RosterDraft, RosterImport, SchoolClass
from darbaza.portal.people.refusals import ActRefusedError
from darbaza.portal.people.rights import RightMissingError
from darbaza.portal.people.roster import actions, columns, reading
from darbaza.portal.people.roster.columns import Column
from darbaza.portal.people.roster.plan import Plan, make_plan
from darbaza.portal.people.roster.reading import UnreadableRosterError
from darbaza.portal.school_time import school_day
from tests.people import Cast, make_student

HEAD = ("№", "Фамилиясы", "Аты", "Атасынын аты", "Классы")
SAME = [("1", "Асанов", "Бек", "Талантович", "7-А"), ("2", "Үсөнова", "Чолпон", "", "7-А")]


def csv_text(rows: Sequence[Sequence[str]], separator: str = ";") -> str:
    return "\n".join(separator.join(row) for row in [HEAD, *rows])


def xlsx(rows: Sequence[Sequence[object]], formula: str = "") -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)
        if formula:
            sheet.write_formula(len(rows), 1, formula, None, "=1+1")
            sheet.write_row(len(rows), 2, ["Аты", "", "7-А"])
    return out.getvalue()


def plan(
    rows: Sequence[Sequence[str]], at: datetime, *, whole_school: bool = False, head: Sequence[str] = HEAD
) -> Plan:
    table = [tuple(head), *(tuple(row) for row in rows)]
    return make_plan(table, columns.guess(table), whole_school=whole_school, day=school_day(at))


def draft(rows: Sequence[Sequence[str]], by: Person, at: datetime, *, whole_school: bool = False) -> RosterDraft:
    return RosterDraft.objects.create(
        by=by, at=at, file_name="тизме.xlsx", sha256="0" * 64, rows=[HEAD, *rows], whole_school=whole_school
    )


def names(changes: Sequence[object]) -> list[str]:
    return [str(getattr(change, "name", "")) for change in changes]


def told(found: Plan) -> list[tuple[int, str, str]]:
    return [(problem.row, problem.heading, str(problem.text)) for problem in found.problems]


# Reading


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le-bom"])
@pytest.mark.parametrize("separator", [";", ",", "\t"])
def test_csv_is_read_in_every_unicode_and_with_every_separator(encoding: str, separator: str) -> None:
    text = csv_text(SAME, separator)
    data = b"\xff\xfe" + text.encode("utf-16-le") if encoding == "utf-16-le-bom" else text.encode(encoding)
    sheet = reading.read(data)
    assert sheet.rows[2] == ("2", "Үсөнова", "Чолпон", "", "7-А")
    assert not sheet.letters_lost


def test_windows_1251_is_read_with_a_warning_that_letters_are_lost() -> None:
    sheet = reading.read(csv_text([("1", "Асанов", "Бек", "", "7-А")]).encode("windows-1251"))
    assert sheet.letters_lost
    assert sheet.rows[1][1] == "Асанов"


def test_a_workbook_is_read_with_its_numbers_as_people_see_them() -> None:
    sheet = reading.read(xlsx([["Окуучулардын тизмеси"], [], HEAD, [1, "Асанов ", " Бек", None, "7-А"]]))
    assert sheet.rows[3] == ("1", "Асанов", "Бек", "", "7-А")


def bomb() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b" " * (reading.LARGEST_UNPACKED + 1))
    return out.getvalue()


JUNK = random.Random(7).randbytes(200_000)  # noqa: S311 - junk for a test
UNREADABLE: list[tuple[str, Callable[[], bytes], str]] = [
    ("nothing", lambda: b"", "empty"),
    ("blanks", lambda: b" \r\n\0\0", "empty"),
    ("ten megabytes of junk", lambda: JUNK * 52, "larger than 4 MB"),
    ("junk", lambda: JUNK, "no text"),
    ("a cut workbook", lambda: xlsx([HEAD])[:900], "damaged"),
    ("junk with a workbook's beginning", lambda: b"PK\x03\x04" + JUNK, "damaged"),
    ("an old workbook's beginning", lambda: reading.OLE + JUNK, "damaged"),
    ("a zip that is no workbook", lambda: bomb()[:10] + b"x", "damaged"),
    ("a bomb", bomb, "larger than 4 MB"),
    ("NUL in a CSV", lambda: "Фамилиясы;Аты\0;Классы".encode(), "no table"),
    ("cut UTF-16", lambda: b"\xff\xfe" + "Фамилия".encode("utf-16-le")[:-1], "UTF-8"),
    ("only separators", lambda: b";;;\n;;;", "no rows"),
    ("too many rows", lambda: b"a;b;c\n" * (reading.MOST_ROWS + 1), "10 000 rows"),
    ("too many columns", lambda: b";".join([b"a"] * 61), "60 columns"),
]


@pytest.mark.parametrize(("data", "said"), [case[1:] for case in UNREADABLE], ids=[case[0] for case in UNREADABLE])
def test_what_is_no_roster_is_refused_with_a_reason(data: Callable[[], bytes], said: str) -> None:
    with pytest.raises(UnreadableRosterError, match=said):
        reading.read(data())


@settings(max_examples=200)
@given(st.binary(max_size=400))
def test_reading_any_bytes_ends_in_rows_or_in_a_refusal(data: bytes) -> None:
    with suppress(UnreadableRosterError):
        assert reading.read(data).rows


def test_a_formula_in_a_workbook_is_no_name(cast: Cast, at: datetime) -> None:
    sheet = reading.read(xlsx([HEAD, *SAME], formula='=HYPERLINK("http://kumar.test")'))
    found = make_plan(sheet.rows, columns.guess(sheet.rows), whole_school=False, day=school_day(at))
    assert "is a formula" in told(found)[0][2]


# Columns


@pytest.mark.parametrize(
    "head",
    [
        ("Фамилия", "Имя", "Отчество", "Класс"),
        ("ФАМИЛИЯСЫ", "аты:", "Атасынын аты.", " Классы "),
        ("Surname", "Given name", "Patronymic", "Class"),
        ("Ф.И.О.", "Класс"),
        ("Окуучунун аты-жөнү", "Класс"),
        ("Full name", "Grade", "Letter"),
    ],
)
def test_headings_are_known_in_three_languages(head: Sequence[str]) -> None:
    assert columns.guess([head]).columns


def test_headings_are_found_below_a_title() -> None:
    found = columns.guess([("7-класстардын тизмеси", "", "", "", ""), (), HEAD])
    assert (found.heading_row, found.columns[Column.SURNAME], found.heading(Column.CLASS)) == (2, 1, "Классы")


@pytest.mark.parametrize("head", [("Товар", "Цена"), ("Фамилия", "Класс"), ("Фамилия", "Имя"), ()])
def test_wrong_columns_are_refused_and_named(head: Sequence[str]) -> None:
    with pytest.raises(UnreadableRosterError, match="Needed: surname and given name") as refusal:
        columns.guess([head])
    assert all(f"«{cell}»" in str(refusal.value) for cell in head)


# Comparing


def test_a_roster_of_the_same_school_changes_nothing(cast: Cast, at: datetime) -> None:
    found = plan(SAME, at)
    assert found.counts == {"new": 0, "moved": 0, "leaving": 0, "unchanged": 2}
    assert not found.problems


def test_new_moved_and_leaving_students_are_told_apart(cast: Cast, at: datetime) -> None:
    rows = [("1", "Асанов", "Бек", "Талантович", "8-Б"), ("2", "Эсенов", "Азат", "", "9-В"), ("", "", "", "", "")]
    found = plan(rows, at, whole_school=True)
    assert (names(found.new), names(found.moved)) == (["Эсенов Азат"], ["Асанов Бек Талантович"])
    assert names(found.leaving) == ["Үсөнова Чолпон", "Өмүрбеков Данияр"]
    assert [str(name) for name in found.new_classes] == ["9-В"]


def test_a_roster_of_one_class_lets_nobody_of_other_classes_leave(cast: Cast, at: datetime) -> None:
    found = plan(SAME[:1], at)
    assert names(found.leaving) == ["Үсөнова Чолпон"]


@pytest.mark.parametrize("typed", ["7-А", "7А", "7 а", "7 «А»", '7"А"', "7-A", "7–А", "07-А"])
def test_a_class_is_read_in_every_usual_spelling(cast: Cast, at: datetime, typed: str) -> None:
    found = plan([("1", "Эсенов", "Азат", "", typed)], at)
    assert [change.after for change in found.new] == ["7-А"]


@pytest.mark.parametrize(
    ("row", "heading", "said"),
    [
        (("1", "", "Бек", "", "7-А"), "Фамилиясы", "A name is missing."),
        (("1", "Асанов", "", "", "7-А"), "Аты", "A name is missing."),
        (("1", "Асанов", "Бек", "", ""), "Классы", "The class is missing."),
        (("1", "Асанов", "Бек", "", "13-А"), "Классы", "`13-А` is no class. Write it like 7-А."),
        (("1", "Асанов", "Бек", "", "жети"), "Классы", "`жети` is no class. Write it like 7-А."),
        (("1", "=HYPERLINK(1)", "Бек", "", "7-А"), "Фамилиясы", "`=HYPERLINK(1)` is a formula, not a name."),
        (("1", "@SUM(A1)", "Бек", "", "7-А"), "Фамилиясы", "`@SUM(A1)` is a formula, not a name."),
        (("1", "Асанов1", "Бек", "", "7-А"), "Фамилиясы", "`Асанов1` is no name"),
        (("1", "<script>", "Бек", "", "7-А"), "Фамилиясы", "`<script>` is no name"),
        (("1", "Асанов", "Б" * 81, "", "7-А"), "Аты", "longer than 80"),
        (("1", "Асанов", "Бек", "0555 12 34 56", "7-А"), "Атасынын аты", "`0555 12 34 56` is no name"),
    ],
)
def test_a_wrong_cell_is_told_by_row_and_column(
    cast: Cast, at: datetime, row: Sequence[str], heading: str, said: str
) -> None:
    [(number, column, text)] = told(plan([*SAME, row], at))
    assert (number, column) == (4, heading)
    assert said in text


@pytest.mark.parametrize("name", ["Айбек уулу", "Мамбет кызы", "О'Коннор", "Салтанат-Гүл", "Ц", "Ибн Сина Мл."])
def test_names_of_every_usual_form_pass(cast: Cast, at: datetime, name: str) -> None:
    assert not plan([("1", name, "Бек", "", "7-А")], at).problems


def test_a_student_who_stands_twice_is_told_in_both_rows(cast: Cast, at: datetime) -> None:
    found = told(plan([SAME[0], SAME[0]], at))
    assert {row for row, _, text in found if "stands here twice" in text} == {2, 3}


def test_namesakes_are_told_apart_by_their_numbers(cast: Cast, at: datetime) -> None:
    head = ("Фамилия", "Имя", "Класс", "№ личного дела")
    rows = [("Асанов", "Бек", "7-А", "А-1"), ("Асанов", "Бек", "8-Б", "А-2")]
    found = plan(rows, at, head=head)
    assert not [text for _, _, text in told(found) if "twice" in text]


def test_a_name_that_two_students_bear_asks_for_a_number(cast: Cast, at: datetime) -> None:
    make_student("Эсенов", "Азат", cast.seven)
    make_student("Эсенов", "Азат", cast.seven)
    assert "several students" in told(plan([("1", "Эсенов", "Азат", "", "7-А")], at))[0][2]


def test_a_namesake_in_the_same_class_is_meant_first(cast: Cast, at: datetime) -> None:
    make_student("Эсенов", "Азат", cast.seven)
    make_student("Эсенов", "Азат", cast.eight)
    assert plan([("1", "Эсенов", "Азат", "", "8-Б")], at).counts["unchanged"] == 1


@pytest.mark.parametrize(("typed", "is_told"), [("6-А", True), ("9-А", True), ("7-Б", False), ("8-А", False)])
def test_a_namesake_who_would_go_down_or_leap_is_asked_about(
    cast: Cast, at: datetime, typed: str, is_told: bool
) -> None:
    make_student("Эсенов", "Азат", cast.seven)
    assert ["7-А" in text for _, _, text in told(plan([("1", "Эсенов", "Азат", "", typed)], at))] == [True] * is_told
    Person.objects.filter(surname="Эсенов").update(register_number="А-1")
    head = ("Фамилия", "Имя", "Класс", "№ личного дела")
    assert plan([("Эсенов", "Азат", typed, "А-1")], at, head=head).counts["moved"] == 1
    assert plan([("Эсенов", "Азат", typed, "А-2")], at, head=head).counts["new"] == 1


def test_a_patronymic_that_only_the_roster_knows_is_filled_in(cast: Cast, at: datetime) -> None:
    paper = draft([SAME[0], ("2", "Үсөнова", "Чолпон", "Эркиновна", "7-А")], cast.zarina, at)
    found = actions.plan_of(paper, school_day(at))
    assert found.counts == {"new": 0, "moved": 0, "leaving": 0, "unchanged": 2}
    actions.apply_roster(draft=paper, fingerprint=found.fingerprint, by=cast.zarina, at=at)
    assert Person.objects.get(pk=cast.cholpon.pk).patronymic == "Эркиновна"


def test_another_patronymic_is_another_student(cast: Cast, at: datetime) -> None:
    assert plan([("1", "Асанов", "Бек", "Нурланович", "7-А")], at).counts["new"] == 1


def test_a_roster_that_would_empty_the_school_is_doubtful(cast: Cast, at: datetime) -> None:
    for letter in "АБВГДЕЖ":
        make_student("Эсенов", f"Азат{letter}", cast.seven)
    assert plan(SAME[:1], at).empties
    assert not plan(SAME, at, whole_school=False).problems


# Applying and undoing


def test_a_roster_is_applied_whole_and_recorded(cast: Cast, at: datetime, last_entry: Callable[[], AuditEntry]) -> None:
    rows = [("1", "Асанов", "Бек", "Талантович", "8-Б"), ("2", "Эсенов", "Азат", "", "9-В")]
    paper = draft(rows, cast.zarina, at, whole_school=True)
    mark = actions.plan_of(paper, school_day(at)).fingerprint
    done = actions.apply_roster(draft=paper, fingerprint=mark, by=cast.zarina, at=at)
    assert str(cast.bek.enrolment_on(school_day(at)).school_class) == "8-Б"  # type: ignore[union-attr]
    assert not Person.objects.get(pk=cast.cholpon.pk).active
    assert [str(one) for one in SchoolClass.objects.get(grade=9).students_on(school_day(at))] == ["Эсенов Азат"]
    assert (last_entry().act, last_entry().detail["counts"]) == ("people:roster:import", done.counts)
    assert "Асанов" not in last_entry().detail_text
    assert not RosterDraft.objects.exists()


def state() -> list[object]:
    people = list(Person.objects.order_by("pk").values_list("pk", "active"))
    return [people, list(Enrolment.objects.order_by("pk").values_list("student", "school_class", "since", "until"))]


def test_a_roster_is_undone_whole(cast: Cast, at: datetime, last_entry: Callable[[], AuditEntry]) -> None:
    before = state()
    rows = [("1", "Асанов", "Бек", "Талантович", "8-Б"), ("2", "Эсенов", "Азат", "", "9-В")]
    paper = draft(rows, cast.zarina, at, whole_school=True)
    mark = actions.plan_of(paper, school_day(at)).fingerprint
    done = actions.apply_roster(draft=paper, fingerprint=mark, by=cast.zarina, at=at)
    actions.undo_roster(done=done, by=cast.ermek, at=at + timedelta(days=30))
    people, enrolments = state()
    assert [who for who in people if who[1]] == before[0]  # type: ignore[attr-defined]
    assert enrolments == before[1]
    assert last_entry().act == "people:roster:undo"
    with pytest.raises(ActRefusedError, match="Only the last"):
        actions.undo_roster(done=done, by=cast.ermek, at=at)


def test_who_comes_back_keeps_the_person(cast: Cast, at: datetime) -> None:
    let_leave(person=cast.bek, by=cast.zarina, at=at)
    paper = draft(SAME, cast.zarina, at)
    mark = actions.plan_of(paper, school_day(at)).fingerprint
    actions.apply_roster(draft=paper, fingerprint=mark, by=cast.zarina, at=at)
    assert Person.objects.filter(surname="Асанов").count() == 1
    assert Person.objects.get(pk=cast.bek.pk).active


def test_an_undo_is_refused_after_thirty_days_or_a_later_move(cast: Cast, at: datetime) -> None:
    paper = draft([("1", "Асанов", "Бек", "Талантович", "8-Б"), SAME[1]], cast.zarina, at)
    mark = actions.plan_of(paper, school_day(at)).fingerprint
    done = actions.apply_roster(draft=paper, fingerprint=mark, by=cast.zarina, at=at)
    with pytest.raises(ActRefusedError, match="30 days"):
        actions.undo_roster(done=done, by=cast.zarina, at=at + timedelta(days=30, seconds=1))
    enrol_student(student=cast.bek, school_class=cast.seven, since=school_day(at), by=cast.zarina, at=at)
    with pytest.raises(ActRefusedError, match="another class since"):
        actions.undo_roster(done=done, by=cast.zarina, at=at)
    assert RosterImport.objects.get().undone_at is None


def test_a_roster_with_errors_changes_nothing(cast: Cast, at: datetime) -> None:
    before = state()
    paper = draft([*SAME, ("3", "Эсенов", "Азат", "", "жети")], cast.zarina, at)
    mark = actions.plan_of(paper, school_day(at)).fingerprint
    with pytest.raises(ActRefusedError, match="has errors"):
        actions.apply_roster(draft=paper, fingerprint=mark, by=cast.zarina, at=at)
    assert state() == before
    assert not AuditEntry.objects.exists()


def test_a_plan_that_changed_since_the_preview_is_refused(cast: Cast, at: datetime) -> None:
    paper = draft(SAME[:1], cast.zarina, at)
    mark = actions.plan_of(paper, school_day(at)).fingerprint
    make_student("Эсенов", "Азат", cast.seven)
    with pytest.raises(ActRefusedError, match="since the preview"):
        actions.apply_roster(draft=paper, fingerprint=mark, by=cast.zarina, at=at)


def test_each_wrong_role_is_refused(cast: Cast, at: datetime) -> None:
    paper = draft(SAME, cast.zarina, at)
    done = RosterImport.objects.create(at=at, by=cast.zarina, file_name="x", sha256="0" * 64, counts={})
    for name, person in cast.staff().items():
        if name not in {"ermek", "zarina"}:
            with pytest.raises(RightMissingError):
                actions.apply_roster(draft=paper, fingerprint="", by=person, at=at)
            with pytest.raises(RightMissingError):
                actions.undo_roster(done=done, by=person, at=at)
