"""What a file's rows mean at this school: lessons for the draft, what is left out and why, and what is wrong."""

import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import time

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from darbaza.portal.people.models import Person, PersonKind, SchoolClass
from darbaza.portal.people.roster.plan import CLASS, LATIN_TO_CYRILLIC
from darbaza.portal.rooms.models import Room
from darbaza.portal.timetable.imports.rows import Row
from darbaza.portal.timetable.models import ScheduleVersion, Slot, Weeks


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong: where in the file, what stands there, and what to do."""

    where: str
    input: str
    text: str | Promise


@dataclass(slots=True)
class Plan:
    """What would be applied. It is applied only if `problems` is empty."""

    lessons: list[Slot] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    elsewhere: Counter[str] = field(default_factory=Counter)
    """Lessons in rooms that are none of the school's internet rooms, by the file's name of the room."""
    joined: int = 0
    known: int = 0
    """Lessons that stand in the draft already."""

    @property
    def fingerprint(self) -> str:
        """What was previewed: applying refuses a plan that has become another one meanwhile."""
        lines = [
            (one.room_id, one.school_class_id, one.teacher_id, one.weekday, one.hours, one.subject, one.purpose, turn)
            for one in self.lessons
            for turn in [(one.weeks, one.group, one.division)]
        ]
        return hashlib.sha256(json.dumps(lines).encode()).hexdigest()


def make_plan(version: ScheduleVersion, rows: Iterable[Row], purpose: str) -> Plan:
    """Find out what rows mean. `purpose` is that of lessons for which the file names none."""
    plan, school = Plan(), _School(version)
    for row in rows:
        _place(row, purpose, school, plan)
    return plan


class _School:
    """The school by the names under which a file may know it, and what stands in the draft."""

    def __init__(self, version: ScheduleVersion) -> None:
        self.version, self.calendar = version, version.calendar
        self.rooms: dict[str, Room] = {}
        for room in Room.objects.all():
            self.rooms |= {_folded(room.code): room, _folded(room.name): room}
        self.classes = {(one.grade, one.letter.upper()): one for one in SchoolClass.objects.all()}
        self.teachers: dict[str, list[Person]] = {}
        for person in Person.objects.filter(kind=PersonKind.STAFF, active=True):
            for name in {str(person), person.full_name, person.short_name, f"{person.given_name} {person.surname}"}:
                self.teachers.setdefault(_folded(name), []).append(person)
        self.taken: defaultdict[tuple[int, int, time], list[Slot]] = defaultdict(list)
        for slot in version.slots.all():
            self.taken[slot.room_id, slot.weekday, slot.starts].append(slot)

    def class_of(self, text: str) -> SchoolClass | None:
        match = CLASS.search(text)
        if match is None:
            return None
        letter = match[2].upper()
        found = self.classes.get((int(match[1]), letter.translate(LATIN_TO_CYRILLIC)))
        return found or self.classes.get((int(match[1]), letter))

    def hours_of(self, row: Row, school_class: SchoolClass) -> tuple[time, time] | None:
        """The bell of the class's shift by the lesson's number; else the hours that the file gives."""
        if self.calendar is not None and row.number:
            shift = self.calendar.shift_of(school_class)
            for bell in self.calendar.bells_on(row.weekday, shift):
                if bell.number == row.number and (row.starts is None or bell.starts == _time(row.starts)):
                    return bell.starts, bell.ends
        if row.starts is None or row.ends is None or row.ends <= row.starts:
            return None
        return _time(row.starts), _time(row.ends)


def _place(row: Row, purpose: str, school: _School, plan: Plan) -> None:
    if row.broken:
        plan.problems.append(Problem(row.where, row.broken, _("leads nowhere in the file; export or correct it again")))
        return
    room = school.rooms.get(_folded(row.room))
    if room is None and not row.strict_room:
        plan.elsewhere[row.room or "–"] += 1
        return
    if "," in row.school_class and not row.strict_room:
        plan.joined += 1
        return
    slot = _slot(row, purpose, school, plan, room)
    if slot is not None:
        _add(row, slot, school, plan)


def _slot(row: Row, purpose: str, school: _School, plan: Plan, room: Room | None) -> Slot | None:
    """The lesson of a row, or None with everything that is wrong with it among the problems."""
    wrong: list[tuple[str, str | Promise]] = []
    school_class, teachers = (
        school.class_of(row.school_class),
        school.teachers.get(_folded(row.teacher.split(",")[0]), []),
    )
    hours = school.hours_of(row, school_class) if school_class else None
    if room is None:
        wrong.append((row.room, _("no room of the school has this code or name; add the room or correct the file")))
    if school_class is None:
        wrong.append((row.school_class, _("no class of the school; write it like 7-А, or open the class")))
    elif hours is None:
        text = str(row.number or row.starts or "–")
        wrong.append((text, _("no bell and no hours for this lesson; give the version a calendar with bells")))
    if len(teachers) != 1:
        several = _("several members of staff have this name; write the patronymic too")
        wrong.append(
            (row.teacher, several if teachers else _("no member of staff has this name; enter the person first"))
        )
    if school.calendar is not None and row.weekday >= school.calendar.week_length:
        wrong.append((str(row.weekday + 1), _("the calendar's school week has no such day")))
    if row.weeks not in Weeks.values:
        wrong.append((row.weeks, _("only weeks A and B take turns here; write A, B or nothing")))
    elif row.weeks and school.calendar is None:
        wrong.append((row.weeks, _("the version has no calendar that says which week is A and which is B")))
    if not row.subject:
        wrong.append(("–", _("the subject is missing")))
    plan.problems += [Problem(row.where, input_[:80] or "–", text) for input_, text in wrong]
    if wrong or room is None or school_class is None or hours is None:
        return None
    return Slot(
        version=school.version,
        room=room,
        school_class=school_class,
        teacher=teachers[0],
        subject=row.subject[:80],
        purpose=(row.purpose or purpose)[:200],
        weekday=row.weekday,
        starts=hours[0],
        ends=hours[1],
        weeks=row.weeks,
        group=row.group,
        division=row.division,
    )


def _add(row: Row, slot: Slot, school: _School, plan: Plan) -> None:
    """Put a lesson into the plan; the same lesson once, and never two that begin together in one room and week."""
    standing = school.taken[slot.room_id, slot.weekday, slot.starts]
    other = next((one for one in standing if one.meets(slot)), None)
    if other is None:
        standing.append(slot)
        plan.lessons.append(slot)
    elif _what(other) == _what(slot):
        plan.known += 1
    else:
        text = _("the room has another lesson at this hour: %(lesson)s") % {"lesson": other}
        plan.problems.append(Problem(row.where, str(slot), text))


def _what(slot: Slot) -> tuple[int, int, str, str, str]:
    return slot.school_class_id, slot.teacher_id, slot.subject, slot.weeks, slot.group


def _folded(name: str) -> str:
    return " ".join(name.replace(".", ". ").replace(" .", ".").split()).casefold()


def _time(minutes: int) -> time:
    return time(*divmod(minutes, 60))
