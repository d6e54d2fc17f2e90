"""aSc Timetables' own XML export: periods, days, subjects, teachers, classrooms, classes, lessons, and cards.

A card puts a lesson onto days and a period; `days` is a mask with one digit a day. Everything is told apart by ids,
which may lead nowhere in a file that was edited or cut. DTDs and entities are refused, for no export has them.
"""

import codecs
import re
from collections.abc import Iterator
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml import ElementTree as DefusedTree
from django.utils.translation import gettext_lazy as _

from darbaza.portal.timetable.imports.rows import Read, Row, UnreadableTimetableError, minutes_of
from darbaza.portal.timetable.models import Weeks

LARGEST_FILE = 16 * 2**20
MOST_ELEMENTS = 200_000
MOST_ROWS = 20_000
LONGEST = 120
LONGEST_GROUP = 20
DECLARED = re.compile(rb"""^\s*<\?xml[^>]*?encoding\s*=\s*["']([A-Za-z0-9._-]+)["']""")
CYRILLIC_WITHOUT_KYRGYZ = {"cp1251", "koi8-r", "iso8859-5", "cp866"}
ENCODINGS = CYRILLIC_WITHOUT_KYRGYZ | {"utf-8", "utf-16", "utf-16-le", "utf-16-be", "cp1250", "cp1252", "iso8859-1"}
"""What exports are written in. Others count as plain ASCII: Python knows some that take quadratic time."""


def looks_like_xml(data: bytes) -> bool:
    """Whether a file begins as XML does, in any of the usual encodings."""
    start = data[:200].lstrip(codecs.BOM_UTF8).lstrip()
    return start.startswith(b"<") or data.startswith((codecs.BOM_UTF16_LE + b"<\0", codecs.BOM_UTF16_BE + b"\0<"))


def read(data: bytes) -> Read:
    """The lessons of an export. Raises `UnreadableTimetableError` for whatever is none, too large, or damaged."""
    if len(data) > LARGEST_FILE:
        raise UnreadableTimetableError(
            _("The file is larger than 16 MB. Export the timetable alone, without students.")
        )
    root, letters_lost = _parsed(data)
    if root.tag.casefold() != "timetable" or root.find("cards") is None:
        raise UnreadableTimetableError(
            _("This XML is no export of aSc Timetables: “timetable” with “cards” is missing. Export it as aSc XML.")
        )
    rows = []
    for row in _Export(root).rows():
        rows.append(row)
        if len(rows) > MOST_ROWS:
            raise UnreadableTimetableError(_("The file holds more than 20 000 lessons a week; no school has as many."))
    if not rows:
        raise UnreadableTimetableError(
            _("No lesson of the export stands on a day. Generate the timetable in aSc first.")
        )
    return Read(tuple(rows), letters_lost)


def _parsed(data: bytes) -> tuple[Element, bool]:
    text, letters_lost = _decoded(data)
    try:
        root: Element = DefusedTree.fromstring(text, forbid_dtd=True)
    except DefusedXmlException as error:
        raise UnreadableTimetableError(
            _("The file has a DOCTYPE or entities, which no export of aSc has. Export it again; do not edit it.")
        ) from error
    except (ParseError, ValueError) as error:
        line = getattr(error, "position", (0, 0))[0]
        raise UnreadableTimetableError(
            _("The XML is damaged in line %(line)s. Export it again; do not edit it.") % {"line": line}
        ) from error
    if sum(1 for _element in root.iter()) > MOST_ELEMENTS:
        raise UnreadableTimetableError(_("The file holds too much for one school. Export the timetable alone."))
    return root, letters_lost


def _decoded(data: bytes) -> tuple[str, bool]:
    """The text by its mark or by what it declares, without the declaration; and whether letters were lost."""
    declared = DECLARED.match(data.removeprefix(codecs.BOM_UTF8))
    name = declared[1].decode("ascii") if declared else "utf-8"
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        name = "utf-16"
    try:
        encoding = codecs.lookup(name).name
        text = data.removeprefix(codecs.BOM_UTF8).decode(encoding if encoding in ENCODINGS else "ascii")
    except (LookupError, UnicodeError) as error:
        raise UnreadableTimetableError(
            _("The file says that it is in %(encoding)s and is not. Export it again in UTF-8.")
            % {"encoding": name[:20]}
        ) from error
    return re.sub(r"^\s*<\?xml[^>]*\?>", "", text), encoding in CYRILLIC_WITHOUT_KYRGYZ


class _Export:
    """One export, its tables by id."""

    def __init__(self, root: Element) -> None:
        self.root = root
        self.subjects, self.teachers = self._table("subjects/subject"), self._table("teachers/teacher")
        self.classrooms, self.classes = self._table("classrooms/classroom"), self._table("classes/class")
        self.lessons, self.groups = self._table("lessons/lesson"), self._table("groups/group")
        self.periods = {one.get("period", one.get("name", "")): one for one in root.findall("periods/period")}
        self.from_one = "daynumbering1" in root.get("options", "")

    def _table(self, path: str) -> dict[str, Element]:
        return {one.get("id", ""): one for one in self.root.findall(path)}

    def rows(self) -> Iterator[Row]:
        """Every card on each of its days; one that spans several periods gives as many lessons."""
        for number, card in enumerate(self.root.findall("cards/card"), start=1):
            lesson = self.lessons.get(card.get("lessonid", ""))
            where = _("card %(number)s") % {"number": number}
            if lesson is None:
                yield Row(
                    where, 0, 0, None, None, "", "", "", "", broken=f"lessonid={card.get('lessonid', '')}"[:LONGEST]
                )
                continue
            yield from self._of_card(where, card, lesson)

    def _of_card(self, where: str, card: Element, lesson: Element) -> Iterator[Row]:
        names, broken = self._names(card, lesson)
        first = _number(card.get("period", ""))
        length = max(1, _number(lesson.get("periodspercard", "1")))
        group, division = self._group(lesson)
        for weekday in self._weekdays(card):
            for number in range(first, first + min(length, 12)):
                period = self.periods.get(str(number))
                yield Row(
                    where=where,
                    weekday=weekday,
                    number=number,
                    starts=minutes_of(period.get("starttime", "")) if period is not None else None,
                    ends=minutes_of(period.get("endtime", "")) if period is not None else None,
                    broken=broken or ("" if period is not None else f"period={number}"),
                    weeks=_weeks(card.get("weeks", "")),
                    group=group,
                    division=division,
                    strict_room=False,
                    **names,
                )

    def _weekdays(self, card: Element) -> list[int]:
        """Monday is 0. Newer exports have a mask, older ones a number."""
        mask = card.get("days", "")
        if mask:
            return [number for number, digit in enumerate(mask[:7]) if digit == "1"]
        day = _number(card.get("day", ""))
        return [day - 1 if self.from_one else day] if 0 <= day <= 7 else []

    def _group(self, lesson: Element) -> tuple[str, int]:
        """The one group that a lesson is for, and its division; several together count as the whole class."""
        ids = lesson.get("groupids", "").split(",")
        found = [self.groups[one] for one in ids if one in self.groups]
        if len(found) != 1 or found[0].get("entireclass") == "1":
            return "", 0
        return _name(found[0])[:LONGEST_GROUP], max(0, _number(found[0].get("divisiontag", "")))

    def _names(self, card: Element, lesson: Element) -> tuple[dict[str, str], str]:
        """What the references mean, and the first that leads nowhere."""
        rooms = card.get("classroomids", "") or lesson.get("classroomids", "")
        wanted = (
            ("subject", self.subjects, lesson.get("subjectid", "")),
            ("teacher", self.teachers, lesson.get("teacherids", "") or lesson.get("teacherid", "")),
            ("school_class", self.classes, lesson.get("classids", "") or lesson.get("classid", "")),
            ("room", self.classrooms, rooms),
        )
        names, broken = {}, ""
        for field, table, ids in wanted:
            found = [table.get(one) for one in ids.split(",") if one]
            if None in found and not broken:
                broken = f"{field}={ids}"[:LONGEST]
            names[field] = ", ".join(_name(one) for one in found if one is not None)[:LONGEST]
        return names, broken


def _name(one: Element) -> str:
    full = " ".join(part for part in (one.get("lastname", ""), one.get("firstname", "")) if part)
    return " ".join((full or one.get("name", "") or one.get("short", "")).split())


def _weeks(mask: str) -> str:
    """`a` or `b` of a mask with one digit a week, empty for every week; the mask itself for a longer turn."""
    if not mask or set(mask) <= {"1"}:
        return ""
    turns = {"10": Weeks.A.value, "01": Weeks.B.value}
    return turns.get(mask[:2], mask[:LONGEST_GROUP]) if mask == mask[:2] * (len(mask) // 2) else mask[:LONGEST_GROUP]


def _number(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 4 else -1
