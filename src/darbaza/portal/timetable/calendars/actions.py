"""Acts on the calendar of a school year. One function, one transaction, one audit entry."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from itertools import combinations

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from darbaza.portal.audit.actions import record
from darbaza.portal.people.models import Person, SchoolClass
from darbaza.portal.people.refusals import ActRefusedError
from darbaza.portal.people.rights import Right, demand
from darbaza.portal.timetable.models import Bell, Calendar, ClassShift, DayOff, Quarter, Turn


@dataclass(frozen=True, slots=True)
class BellTime:
    """One bell; without a weekday it rings on every day."""

    shift: int
    number: int
    starts: time
    ends: time
    weekday: int | None = None


@dataclass(frozen=True, slots=True)
class Year:
    """All that a calendar says. Spans are first and last day, both included."""

    first: date
    last: date
    week_length: int
    quarters: Sequence[tuple[date, date]] = ()
    days_off: Sequence[tuple[str, date, date]] = ()
    bells: Sequence[BellTime] = ()
    second_shift: Sequence[SchoolClass] = field(default=())
    turn: str = Turn.ALL


@transaction.atomic
def make_calendar(*, school_year: str, year: Year, by: Person, at: datetime) -> Calendar:
    """Make the calendar of a school year, or its next edition: what stands in force keeps the edition it rests on."""
    demand(by, Right.TIMETABLE_SCHEDULE_EDIT, at)
    _check(year)
    last = Calendar.objects.filter(school_year=school_year).aggregate(last=Max("edition"))["last"] or 0
    calendar = Calendar.objects.create(
        school_year=school_year,
        edition=last + 1,
        first=year.first,
        last=year.last,
        week_length=year.week_length,
        turn=year.turn,
        made_by=by,
        made_at=at,
    )
    _fill(calendar, year)
    record(act="timetable:calendar:make", by=by, at=at, subject=_name(calendar), detail=_detail(year))
    return calendar


@transaction.atomic
def change_calendar(*, calendar: Calendar, year: Year, by: Person, at: datetime) -> None:
    """Put other days and bells into an edition. Refused once a version that rests on it was considered (2.4)."""
    demand(by, Right.TIMETABLE_SCHEDULE_EDIT, at)
    if calendar.is_fixed():
        raise ActRefusedError(
            _("A schedule that was considered rests on this calendar. Make the next edition of the calendar."), "2.4"
        )
    _check(year)
    calendar.first, calendar.last, calendar.week_length = year.first, year.last, year.week_length
    calendar.turn = year.turn
    calendar.save(update_fields=["first", "last", "week_length", "turn"])
    for rows in (calendar.quarters, calendar.days_off, calendar.bells, calendar.shifts):
        rows.all().delete()
    _fill(calendar, year)
    record(act="timetable:calendar:change", by=by, at=at, subject=_name(calendar), detail=_detail(year))


def _fill(calendar: Calendar, year: Year) -> None:
    for number, (first, last) in enumerate(year.quarters, start=1):
        Quarter.objects.create(calendar=calendar, number=number, first=first, last=last)
    for name, first, last in year.days_off:
        DayOff.objects.create(calendar=calendar, name=name, first=first, last=last)
    for bell in year.bells:
        Bell.objects.create(
            calendar=calendar,
            shift=bell.shift,
            weekday=bell.weekday,
            number=bell.number,
            starts=bell.starts,
            ends=bell.ends,
        )
    for school_class in year.second_shift:
        ClassShift.objects.create(calendar=calendar, school_class=school_class, shift=2)


def _check(year: Year) -> None:
    if year.first >= year.last:
        raise ActRefusedError(_("The school year ends before it begins."), "2.4")
    if (year.last - year.first).days > 366:
        raise ActRefusedError(_("A school year is no longer than a year."), "2.4")
    spans = [*year.quarters, *((first, last) for _name, first, last in year.days_off)]
    for first, last in spans:
        if last < first:
            raise ActRefusedError(_("These days end before they begin: %(day)s.") % {"day": f"{first:%d.%m.%Y}"}, "2.4")
    _check_quarters(year)
    _check_bells(year.bells)


def _check_quarters(year: Year) -> None:
    before: date | None = None
    for first, last in year.quarters:
        if not year.first <= first <= last <= year.last:
            raise ActRefusedError(_("A quarter lies outside the school year."), "2.4")
        if before is not None and first <= before:
            raise ActRefusedError(_("Quarters follow one another; these overlap."), "2.4")
        before = last


def _check_bells(bells: Sequence[BellTime]) -> None:
    for bell in bells:
        if bell.starts >= bell.ends:
            raise ActRefusedError(_("Lesson %(number)s ends before it begins.") % {"number": bell.number}, "2.4")
    for one, other in combinations(bells, 2):
        if (one.shift, one.weekday) != (other.shift, other.weekday):
            continue
        if one.number == other.number or (one.starts < other.ends and other.starts < one.ends):
            numbers = {"one": one.number, "other": other.number}
            raise ActRefusedError(_("Lessons %(one)s and %(other)s of one shift overlap.") % numbers, "2.4")


def _name(calendar: Calendar) -> str:
    return f"calendar-{calendar.pk}"


def _detail(year: Year) -> dict[str, object]:
    return {
        "first": year.first.isoformat(),
        "last": year.last.isoformat(),
        "days_off": [f"{name} {first.isoformat()}/{last.isoformat()}" for name, first, last in year.days_off],
        "quarters": [f"{first.isoformat()}/{last.isoformat()}" for first, last in year.quarters],
        "bells": len(year.bells),
        "turn": str(year.turn),
    }
