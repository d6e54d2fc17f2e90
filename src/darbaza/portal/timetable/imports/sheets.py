"""A timetable as a table: one lesson a row, columns by Kyrgyz, Russian or English headings."""

from collections.abc import Sequence
from enum import StrEnum

from django.utils.translation import gettext_lazy as _

from darbaza.portal.people.roster import reading
from darbaza.portal.people.roster.columns import folded
from darbaza.portal.timetable.imports.rows import Read, Row, UnreadableTimetableError, minutes_of
from darbaza.portal.timetable.models import Weeks

HEADING_WITHIN = 15


class Column(StrEnum):
    """What a column can hold."""

    DAY = "day"
    NUMBER = "number"
    HOURS = "hours"
    STARTS = "starts"
    ENDS = "ends"
    CLASS = "class"
    SUBJECT = "subject"
    TEACHER = "teacher"
    ROOM = "room"
    PURPOSE = "purpose"
    WEEK = "week"
    GROUP = "group"


HEADINGS: dict[Column, frozenset[str]] = {
    Column.DAY: frozenset({"күн", "күнү", "жуманын күнү", "день", "день недели", "day", "weekday"}),
    Column.NUMBER: frozenset(
        {"№", "сабактын номери", "нечинчи сабак", "урок", "номер урока", "№ урока", "lesson", "period"}
    ),
    Column.HOURS: frozenset({"саат", "убакыт", "убактысы", "время", "часы", "hours", "time"}),
    Column.STARTS: frozenset({"башталышы", "начало", "begins", "start", "from"}),
    Column.ENDS: frozenset({"аякташы", "бүтүшү", "конец", "окончание", "ends", "end", "until"}),
    Column.CLASS: frozenset({"класс", "классы", "class"}),
    Column.SUBJECT: frozenset({"предмет", "предмети", "сабак", "subject"}),
    Column.TEACHER: frozenset({"мугалим", "мугалими", "учитель", "преподаватель", "teacher"}),
    Column.ROOM: frozenset({"бөлмө", "кабинет", "бөлмөсү", "кабинети", "аудитория", "room", "classroom"}),
    Column.PURPOSE: frozenset({"максаты", "окуу максаты", "цель", "учебная цель", "purpose"}),
    Column.WEEK: frozenset({"жума", "жумасы", "апта", "неделя", "недели", "week", "weeks"}),
    Column.GROUP: frozenset({"топ", "тобу", "топчо", "группа", "подгруппа", "group"}),
}
KNOWN = {heading: column for column, headings in HEADINGS.items() for heading in headings}
NEEDED = (Column.DAY, Column.CLASS, Column.SUBJECT, Column.TEACHER, Column.ROOM)

DAYS: tuple[frozenset[str], ...] = (
    frozenset({"дүйшөмбү", "дүй", "понедельник", "пн", "monday", "mon", "1"}),
    frozenset({"шейшемби", "шей", "вторник", "вт", "tuesday", "tue", "2"}),
    frozenset({"шаршемби", "шар", "среда", "ср", "wednesday", "wed", "3"}),
    frozenset({"бейшемби", "бей", "четверг", "чт", "thursday", "thu", "4"}),
    frozenset({"жума", "жум", "пятница", "пт", "friday", "fri", "5"}),
    frozenset({"ишемби", "ише", "суббота", "сб", "saturday", "sat", "6"}),
    frozenset({"жекшемби", "жек", "воскресенье", "вс", "sunday", "sun", "7"}),
)


WEEKS: dict[str, frozenset[str]] = {
    "": frozenset(
        {"", "ар жума", "ар бир жума", "каждая", "каждую", "каждая неделя", "every", "every week", "a/b", "а/б"}
    ),
    Weeks.A: frozenset({"a", "а", "1", "так", "так жума", "нечётная", "нечетная", "числитель", "odd"}),
    Weeks.B: frozenset({"b", "б", "в", "2", "жуп", "жуп жума", "чётная", "четная", "знаменатель", "even"}),
}
"""How a table names week A, week B and every week. А and В are Cyrillic letters beside the Latin A and B."""


def read(data: bytes) -> Read:
    """The lessons of a table. Raises `UnreadableTimetableError` for whatever is none, too large, or damaged."""
    if len(data) > reading.LARGEST_FILE:
        raise UnreadableTimetableError(_("The file is larger than 4 MB. Keep the timetable's sheet alone in the file."))
    try:
        sheet = reading.read(data)
    except reading.UnreadableRosterError as error:
        raise UnreadableTimetableError(
            _("The table can't be read: it is empty, damaged, locked or no table. Save it again as xlsx or CSV UTF-8.")
        ) from error
    heading_row, columns = _columns(sheet.rows)
    rows = tuple(
        _row(number, row, columns)
        for number, row in enumerate(sheet.rows, start=1)
        if number > heading_row + 1 and any(row)
    )
    if not rows:
        raise UnreadableTimetableError(_("Below the headings stands no lesson."))
    return Read(rows, sheet.letters_lost)


def _columns(rows: Sequence[Sequence[str]]) -> tuple[int, dict[Column, int]]:
    best: tuple[int, dict[Column, int]] = (0, {})
    for number, row in enumerate(rows[:HEADING_WITHIN]):
        found: dict[Column, int] = {}
        for place, cell in enumerate(row):
            column = KNOWN.get(folded(cell))
            if column is not None:
                found.setdefault(column, place)
        if len(found) > len(best[1]):
            best = (number, found)
    has_hours = Column.NUMBER in best[1] or Column.HOURS in best[1] or {Column.STARTS, Column.ENDS} <= best[1].keys()
    if not has_hours or not set(NEEDED) <= best[1].keys():
        raise UnreadableTimetableError(
            _(
                "The columns were not recognised. Needed: day, lesson number or hours, class, subject, teacher, room. "
                "Rename the headings in the file."
            )
        )
    return best


def _row(number: int, row: Sequence[str], columns: dict[Column, int]) -> Row:
    def cell(column: Column) -> str:
        place = columns.get(column)
        return row[place].strip() if place is not None and place < len(row) else ""

    starts, ends = minutes_of(cell(Column.STARTS)), minutes_of(cell(Column.ENDS))
    if cell(Column.HOURS):
        begin, _dash, end = cell(Column.HOURS).replace("–", "-").replace("—", "-").partition("-")
        starts, ends = minutes_of(begin), minutes_of(end)
    lesson = cell(Column.NUMBER)
    return Row(
        where=_("line %(number)s") % {"number": number},
        weekday=_weekday(cell(Column.DAY)),
        number=int(lesson) if lesson.isdecimal() and len(lesson) < 3 else 0,
        starts=starts,
        ends=ends,
        school_class=cell(Column.CLASS),
        subject=cell(Column.SUBJECT),
        teacher=cell(Column.TEACHER),
        room=cell(Column.ROOM),
        purpose=cell(Column.PURPOSE),
        weeks=_weeks(cell(Column.WEEK)),
        group=" ".join(cell(Column.GROUP).split())[:20],
        broken="" if _weekday(cell(Column.DAY)) >= 0 else f"{cell(Column.DAY)[:40]}",
    )


def _weeks(text: str) -> str:
    """`a`, `b` or empty; what the cell says if it is none of them."""
    said = folded(text)
    return next((str(weeks) for weeks, names in WEEKS.items() if said in names), text[:20])


def _weekday(text: str) -> int:
    return next((number for number, names in enumerate(DAYS) if folded(text) in names), -1)
