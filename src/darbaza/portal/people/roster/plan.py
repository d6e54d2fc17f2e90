"""What a roster would change: who is new, moved, leaving or unchanged, and everything that is wrong with it."""

import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from darbaza.portal.people.models import Enrolment, Person, PersonKind, SchoolClass, in_force_on
from darbaza.portal.people.roster.columns import Column, Mapping

LATIN_TO_CYRILLIC = str.maketrans("ABCEHKMOPTX", "АВСЕНКМОРТХ")
CLASS = re.compile(r"(\d{1,2})\s*[-–—.]?\s*[«\"']?\s*([^\W\d_])\s*[»\"']?", re.IGNORECASE)
NAME = re.compile(r"[^\W\d_]+(?:[ '’ʼ.-]+[^\W\d_]+)*\.?")
LONGEST_NAME = 80
LAST_GRADE = 12
MANY_LEAVING = 0.3
FEW_LEAVING = 5


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong: the row as the spreadsheet counts it, the file's own heading, and a sentence."""

    row: int
    heading: str
    text: str | Promise


@dataclass(frozen=True, slots=True, order=True)
class ClassName:
    """A class as the roster names it."""

    grade: int
    letter: str

    def __str__(self) -> str:
        """`7-А`."""
        return f"{self.grade}-{self.letter}"


@dataclass(frozen=True, slots=True)
class Entry:
    """One student as the roster has them."""

    row: int
    surname: str
    given_name: str
    patronymic: str
    school_class: ClassName
    register_number: str = ""

    @property
    def name(self) -> str:
        """Surname, given name and patronymic."""
        return " ".join(part for part in (self.surname, self.given_name, self.patronymic) if part)


@dataclass(frozen=True, slots=True)
class Change:
    """One student's line in the preview; `student` is None for a new one, `entry` is None for a leaving one."""

    name: str
    before: str
    after: str
    student: Person | None = None
    entry: Entry | None = None


@dataclass(slots=True)
class Plan:
    """The whole comparison. It is applied only if `problems` is empty."""

    new: list[Change] = field(default_factory=list)
    moved: list[Change] = field(default_factory=list)
    leaving: list[Change] = field(default_factory=list)
    unchanged: list[Change] = field(default_factory=list)
    new_classes: list[ClassName] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    known: int = 0
    completed: int = 0
    """How many unchanged students get a patronymic or a number that only the roster knows."""

    @property
    def changes(self) -> int:
        """How many students change."""
        return len(self.new) + len(self.moved) + len(self.leaving)

    @property
    def empties(self) -> bool:
        """Whether so many would leave that the file is more likely incomplete."""
        return len(self.leaving) > max(FEW_LEAVING, self.known * MANY_LEAVING)

    @property
    def counts(self) -> dict[str, int]:
        """The numbers of the preview."""
        return {name: len(getattr(self, name)) for name in ("new", "moved", "leaving", "unchanged")}

    @property
    def fingerprint(self) -> str:
        """What was previewed: applying refuses a plan that has become another one meanwhile."""
        lines = [
            (kind, change.name, change.before, change.after)
            for kind in ("new", "moved", "leaving", "unchanged")
            for change in getattr(self, kind)
        ]
        return hashlib.sha256(json.dumps(lines).encode()).hexdigest()


def make_plan(rows: Sequence[Sequence[str]], mapping: Mapping, *, whole_school: bool, day: date) -> Plan:
    """Compare a roster with who is enrolled on a day.

    `whole_school` says that the roster holds every class, so that students of classes it does not name leave as well.
    """
    plan = Plan()
    entries = read_entries(rows, mapping, plan.problems)
    plan.problems.extend(duplicates(entries, mapping))
    register = Register(day)
    plan.known = len(register.enrolled)
    seen: set[int] = set()
    for entry in entries:
        place(entry, register, mapping, plan, seen)
    named = {str(entry.school_class) for entry in entries}
    plan.leaving = [
        Change(student.full_name, enrolment.school_class.name, "", student=student)
        for student, enrolment in register.enrolled.values()
        if student.pk not in seen and (whole_school or enrolment.school_class.name in named)
    ]
    plan.new_classes = sorted({entry.school_class for entry in entries} - register.classes())
    plan.problems.sort(key=lambda problem: problem.row)
    return plan


def read_entries(rows: Sequence[Sequence[str]], mapping: Mapping, problems: list[Problem]) -> list[Entry]:
    """All students below the headings; what is wrong with a row goes into `problems`."""
    entries = []
    for number, row in enumerate(rows[mapping.heading_row + 1 :], start=mapping.heading_row + 2):
        if not any(row) or row == tuple(mapping.headings):
            continue
        entry = read_entry(number, row, mapping, problems)
        if entry is not None:
            entries.append(entry)
    if not entries and not problems:
        problems.append(Problem(mapping.heading_row + 1, "", _("No students stand below the headings.")))
    return entries


def read_entry(number: int, row: Sequence[str], mapping: Mapping, problems: list[Problem]) -> Entry | None:
    """One row as a student, or None with its problems told."""
    surname, given_name, patronymic, name_column = names_of(row, mapping)
    found = [
        Problem(number, mapping.heading(column), text)
        for column, text in (
            (name_column, name_problem(surname, required=True)),
            (
                name_column if Column.GIVEN_NAME not in mapping.columns else Column.GIVEN_NAME,
                name_problem(given_name, required=True),
            ),
            (Column.PATRONYMIC, name_problem(patronymic, required=False)),
        )
        if text is not None
    ]
    school_class = class_of(row, mapping)
    if school_class is None:
        typed = mapping.cell(row, Column.CLASS) or mapping.cell(row, Column.GRADE)
        text = (
            _("`%(typed)s` is no class. Write it like 7-А.") % {"typed": typed[:20]}
            if typed
            else _("The class is missing.")
        )
        found.append(Problem(number, mapping.heading(Column.CLASS), text))
    problems.extend(dict.fromkeys(found))
    if found or school_class is None:
        return None
    return Entry(number, surname, given_name, patronymic, school_class, mapping.cell(row, Column.REGISTER_NUMBER)[:40])


def names_of(row: Sequence[str], mapping: Mapping) -> tuple[str, str, str, Column]:
    """Surname, given name and patronymic of a row, and the column to blame. A full name is split at its blanks."""
    if Column.SURNAME in mapping.columns and Column.GIVEN_NAME in mapping.columns:
        cells = (mapping.cell(row, one) for one in (Column.SURNAME, Column.GIVEN_NAME, Column.PATRONYMIC))
        surname, given_name, patronymic = cells
        return surname, given_name, patronymic, Column.SURNAME
    parts = mapping.cell(row, Column.FULL_NAME).replace(",", " ").split()
    surname = parts[0] if parts else ""
    given_name = parts[1] if len(parts) > 1 else ""
    return surname, given_name, " ".join(parts[2:]), Column.FULL_NAME


def name_problem(name: str, *, required: bool) -> str | Promise | None:
    """What is wrong with a name, or None."""
    if not name:
        return _("A name is missing.") if required else None
    if name[0] in "=+@":
        return _("`%(typed)s` is a formula, not a name.") % {"typed": name[:30]}
    if len(name) > LONGEST_NAME:
        return _("The name is longer than 80 letters.")
    if not NAME.fullmatch(name):
        return _("`%(typed)s` is no name: only letters, blanks, hyphens and apostrophes are.") % {"typed": name[:30]}
    return None


def class_of(row: Sequence[str], mapping: Mapping) -> ClassName | None:
    """The class of a row, in any of the usual spellings, or None."""
    typed = mapping.cell(row, Column.CLASS)
    if not typed:
        typed = mapping.cell(row, Column.GRADE) + "-" + mapping.cell(row, Column.LETTER)
    match = CLASS.fullmatch(typed)
    if match is None or int(match[1]) > LAST_GRADE:
        return None
    return ClassName(int(match[1]), match[2].upper().translate(LATIN_TO_CYRILLIC))


def duplicates(entries: Iterable[Entry], mapping: Mapping) -> list[Problem]:
    """Entries that stand twice: the same register number, or the same names without a number to tell them apart."""
    entries = list(entries)
    numbers = Counter(entry.register_number for entry in entries if entry.register_number)
    names = Counter(
        identity(entry.surname, entry.given_name, entry.patronymic) for entry in entries if not entry.register_number
    )
    found = []
    for entry in entries:
        twice = (
            numbers[entry.register_number] > 1
            if entry.register_number
            else (names[identity(entry.surname, entry.given_name, entry.patronymic)] > 1)
        )
        if twice:
            column = Column.REGISTER_NUMBER if entry.register_number else Column.SURNAME
            heading = mapping.heading(column) or mapping.heading(Column.FULL_NAME)
            text = _("%(name)s stands here twice. If they are two students, give each a register number.")
            found.append(Problem(entry.row, heading, text % {"name": entry.name}))
    return found


def identity(surname: str, given_name: str, patronymic: str = "") -> tuple[str, str, str]:
    """Names as they are compared: without case, ё as е, one apostrophe."""
    folded = (
        name.casefold().replace("ё", "е").replace("’", "'").replace("ʼ", "'")
        for name in (surname, given_name, patronymic)
    )
    first, second, third = folded
    return first, second, third


class Register:
    """Who is known at the school, found by register number and by names."""

    def __init__(self, day: date) -> None:
        """Read everybody once: a school has thousands of students, not millions."""
        enrolments = Enrolment.objects.filter(in_force_on(day), student__active=True)
        self.enrolled: dict[int, tuple[Person, Enrolment]] = {
            one.student_id: (one.student, one)
            for one in enrolments.select_related("student", "school_class").order_by(
                "student__surname", "student__given_name"
            )
        }
        self.by_number: dict[str, Person] = {}
        self.by_names: dict[tuple[str, str, str], list[Person]] = {}
        for student in Person.objects.filter(kind=PersonKind.STUDENT):
            if student.register_number:
                self.by_number[student.register_number] = student
            for patronymic in {student.patronymic, ""}:
                self.by_names.setdefault(identity(student.surname, student.given_name, patronymic), []).append(student)

    def classes(self) -> set[ClassName]:
        """The classes that exist."""
        return {ClassName(one.grade, one.letter) for one in SchoolClass.objects.all()}

    def class_name(self, student: Person) -> str:
        """The class of an enrolled student, else empty."""
        known = self.enrolled.get(student.pk)
        return known[1].school_class.name if known else ""

    def candidates(self, entry: Entry) -> list[Person]:
        """Students whom an entry may mean, the likeliest reading only."""
        if entry.register_number and entry.register_number in self.by_number:
            return [self.by_number[entry.register_number]]
        found = self.by_names.get(identity(entry.surname, entry.given_name, entry.patronymic), [])
        if not found:  # the roster may know a patronymic that we do not
            nameless = self.by_names.get(identity(entry.surname, entry.given_name), [])
            found = [student for student in nameless if not student.patronymic]
        if entry.register_number:
            found = [student for student in found if not student.register_number]
        for narrower in (
            [student for student in found if self.class_name(student) == str(entry.school_class)],
            [student for student in found if student.pk in self.enrolled],
        ):
            if narrower:
                return narrower
        return found


def missing_of(student: Person, entry: Entry) -> list[str]:
    """What the roster knows of a student and we do not."""
    return [name for name in ("patronymic", "register_number") if getattr(entry, name) and not getattr(student, name)]


def is_another_child(student: Person, entry: Entry, register: Register) -> bool:
    """Whether who bears the name of an enrolled student would go down, or up by more than a grade: more likely somebody
    else, who must not get what parents said of the first. A register number leaves no doubt.
    """
    known = register.enrolled.get(student.pk)
    if known is None or (entry.register_number and entry.register_number == student.register_number):
        return False
    return entry.school_class.grade - known[1].school_class.grade not in (0, 1)


def place(entry: Entry, register: Register, mapping: Mapping, plan: Plan, seen: set[int]) -> None:
    """Put one entry where it belongs in the plan."""
    candidates = register.candidates(entry)
    if len(candidates) > 1 or any(student.pk in seen for student in candidates):
        heading = mapping.heading(Column.SURNAME) or mapping.heading(Column.FULL_NAME)
        text = _("The school knows several students called %(name)s. Give each a register number.")
        plan.problems.append(Problem(entry.row, heading, text % {"name": entry.name}))
        return
    if not candidates:
        plan.new.append(Change(entry.name, "", str(entry.school_class), entry=entry))
        return
    student = candidates[0]
    seen.add(student.pk)
    before = register.class_name(student)
    if is_another_child(student, entry, register):
        text = _(
            "The school knows %(name)s in %(before)s. If it is the same student, put them into this class on their "
            "page first; if it is another, give each a register number."
        )
        heading = mapping.heading(Column.SURNAME) or mapping.heading(Column.FULL_NAME)
        plan.problems.append(Problem(entry.row, heading, text % {"name": entry.name, "before": before}))
        return
    change = Change(entry.name, before, str(entry.school_class), student=student, entry=entry)
    if not before:
        plan.new.append(change)
    elif before != str(entry.school_class):
        plan.moved.append(change)
    else:
        plan.unchanged.append(change)
        plan.completed += bool(missing_of(student, entry))
