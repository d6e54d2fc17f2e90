"""What speaks against a draft: contradictions stop it, the rest is shown to the meeting that considers it (2.1)."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from math import ceil

from django.db.models import Count, Q, TextChoices
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from darbaza.portal.people.models import SchoolClass
from darbaza.portal.rooms.models import Room
from darbaza.portal.timetable.conflicts import Conflict, conflicts
from darbaza.portal.timetable.limits.table import Limit, limit_of, limits
from darbaza.portal.timetable.models import ScheduleVersion, Slot, Weekday, Weeks
from darbaza.portal.timetable.values import parts_of, plain


class Kind(TextChoices):
    """What a finding is about, in the order in which the page shows it."""

    CONFLICT = "conflict", gettext_lazy("taken twice")
    PURPOSE = "purpose", gettext_lazy("no educational purpose")
    WEEKS = "weeks", gettext_lazy("weeks that nobody counts")
    SCREEN_DAY = "screen-day", gettext_lazy("too long at the screen in a day")
    SCREEN_LESSON = "screen-lesson", gettext_lazy("too long at the screen in a lesson")
    CAPACITY = "capacity", gettext_lazy("more students than places")
    NOT_EQUIPPED = "not-equipped", gettext_lazy("room that no order equips")
    SHARE = "share", gettext_lazy("unequal share of hours")


STOPPING = frozenset({Kind.CONFLICT, Kind.PURPOSE, Kind.WEEKS})
"""A draft with one of these is not considered."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that speaks against a draft: whom or what it concerns, and why."""

    kind: Kind
    about: str
    text: str


@dataclass(frozen=True, slots=True)
class Group:
    """Findings of one kind about one room, person or class."""

    kind: Kind
    about: str
    findings: tuple[Finding, ...]

    @property
    def stops(self) -> bool:
        """Whether the draft can't be considered because of it."""
        return self.kind in STOPPING


@dataclass(frozen=True, slots=True)
class Share:
    """What each student of a class has in a week, and how many hundredths of the most it is.

    A lesson of every other week is half a lesson a week; one of a group counts for its part of the class.
    """

    school_class: SchoolClass
    lessons: float
    minutes: int
    percent: int


def findings(version: ScheduleVersion, day: date) -> list[Finding]:
    """Everything that speaks against a version; classes are counted as they are on a day."""
    slots = list(version.slots.select_related("room", "teacher", "school_class"))
    sizes = class_sizes(day)
    found = [
        *map(_of_conflict, conflicts(version)),
        *_without_purpose(slots),
        *_without_calendar(version, slots),
        *_screen_time(slots, limits()),
        *_capacity(slots, sizes),
        *_rooms(slots, day),
        *_unequal(shares(slots, sizes)),
    ]
    order = list(Kind)
    return sorted(found, key=lambda one: (order.index(one.kind), one.about))


def grouped(found: Iterable[Finding]) -> list[Group]:
    """Findings by kind and subject, so that five hundred can be read."""
    groups: defaultdict[tuple[Kind, str], list[Finding]] = defaultdict(list)
    for one in found:
        groups[one.kind, one.about].append(one)
    return [Group(kind, about, tuple(ones)) for (kind, about), ones in groups.items()]


def counts(found: Iterable[Finding]) -> dict[str, int]:
    """How many findings of each kind, as the audit keeps them."""
    return dict(Counter(one.kind.value for one in found))


def class_sizes(day: date) -> dict[SchoolClass, int]:
    """Every class with its active students on a day, those without any too."""
    begun = Q(enrolments__since__lte=day, enrolments__student__active=True)
    here = begun & (Q(enrolments__until__isnull=True) | Q(enrolments__until__gt=day))
    return {one: one.size for one in SchoolClass.objects.annotate(size=Count("enrolments", filter=here))}


def _of_conflict(one: Conflict) -> Finding:
    what = f"{one.contested.label} {one.about}"
    return Finding(Kind.CONFLICT, what, f"{one.first} ({one.first.room}) / {one.second} ({one.second.room})")


def _without_purpose(slots: Iterable[Slot]) -> Iterator[Finding]:
    yield from (Finding(Kind.PURPOSE, str(slot.school_class), str(slot)) for slot in slots if not slot.purpose)


def _without_calendar(version: ScheduleVersion, slots: Iterable[Slot]) -> Iterator[Finding]:
    """Lessons of every other week, where no calendar says which week is which: they would never stand."""
    if version.calendar is None:
        text = _("no calendar says which week is A and which is B: %(slot)s")
        yield from (Finding(Kind.WEEKS, slot.taught, text % {"slot": slot}) for slot in slots if slot.weeks)


def _screen_time(slots: list[Slot], table: tuple[Limit, ...]) -> Iterator[Finding]:
    by_day: defaultdict[tuple[SchoolClass, int], list[Slot]] = defaultdict(list)
    for slot in slots:
        limit = limit_of(slot.school_class.grade, table)
        by_day[slot.school_class, slot.weekday].append(slot)
        if limit is not None and slot.at_screen > limit.in_lesson:
            values = {"slot": slot, "minutes": slot.at_screen, "most": limit.in_lesson}
            text = _("%(slot)s: %(minutes)s minutes at the screen, at most %(most)s") % values
            yield Finding(Kind.SCREEN_LESSON, str(slot.school_class), text)
    for (school_class, weekday), of_day in by_day.items():
        limit, minutes = limit_of(school_class.grade, table), longest_day(of_day)
        if limit is not None and minutes > limit.in_day:
            values = {"day": Weekday(weekday).label, "minutes": minutes, "most": limit.in_day}
            text = _("%(day)s: %(minutes)s minutes at the screen, at most %(most)s") % values
            yield Finding(Kind.SCREEN_DAY, str(school_class), text)


def longest_day(slots: Iterable[Slot]) -> int:
    """The most minutes at the screen that a student of a class can have on a day: in week A or B, in any groups."""
    return max(
        _minutes_in([slot for slot in slots if slot.weeks in {Weeks.EVERY, week}]) for week in (Weeks.A, Weeks.B)
    )


def _minutes_in(slots: Iterable[Slot]) -> int:
    """The class's own lessons, and of each division those of the group that has most."""
    by_group: defaultdict[int, Counter[str]] = defaultdict(Counter)
    for slot in slots:
        by_group[slot.division if slot.group else -1][slot.group] += slot.at_screen
    return sum(max(groups.values()) for groups in by_group.values())


def _capacity(slots: Sequence[Slot], sizes: dict[SchoolClass, int]) -> Iterator[Finding]:
    parts = parts_of(slots)
    most: dict[tuple[Room, SchoolClass], int] = {}
    for slot in slots:
        pair, size = (slot.room, slot.school_class), ceil(sizes.get(slot.school_class, 0) * parts[slot])
        most[pair] = max(size, most.get(pair, 0))
    for room, school_class in sorted(most, key=lambda pair: (pair[0].code, pair[1].grade, pair[1].letter)):
        size = most[room, school_class]
        if size > room.capacity:
            values = {"room": room, "places": room.capacity, "count": size}
            text = _("%(room)s has %(places)s places for %(count)s students: divide the class into groups?") % values
            yield Finding(Kind.CAPACITY, str(school_class), text)


def _rooms(slots: Iterable[Slot], day: date) -> Iterator[Finding]:
    counted = Counter(slot.room for slot in slots)
    for room, count in counted.items():
        if not room.equipped_on(day):
            text = _("no order equips it, so none of its lessons can be opened: %(count)d") % {"count": count}
            yield Finding(Kind.NOT_EQUIPPED, str(room), text)


def shares(slots: Iterable[Slot], sizes: dict[SchoolClass, int]) -> list[Share]:
    """What each class with students gets in a week."""
    lessons: defaultdict[int, Fraction] = defaultdict(Fraction)
    minutes: defaultdict[int, Fraction] = defaultdict(Fraction)
    for slot, part in parts_of(slots).items():
        weight = part / 2 if slot.weeks else part
        lessons[slot.school_class_id] += weight
        minutes[slot.school_class_id] += weight * slot.length
    most = max(minutes.values(), default=0) or 1
    return [
        Share(one, plain(lessons[one.pk]), round(minutes[one.pk]), round(100 * minutes[one.pk] / most))
        for one in sorted(sizes, key=lambda one: (one.grade, one.letter))
        if sizes[one] or lessons[one.pk]
    ]


def _unequal(found: list[Share]) -> Iterator[Finding]:
    """Classes that get nothing, less than half or more than twice of what classes of the school get on average."""
    mean = sum(one.minutes for one in found) / len(found) if found else 0
    for one in found:
        if mean and not mean / 2 <= one.minutes <= mean * 2:
            values = {"minutes": one.minutes, "mean": round(mean)}
            text = _("%(minutes)s minutes a week; classes have %(mean)s on average") % values
            yield Finding(Kind.SHARE, str(one.school_class), text)
