"""The school year's calendar: quarters, days off, bells of two shifts, and which class learns in which shift."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

from django.db import models
from django.db.models import F, Q
from django.utils import translation
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from darbaza.portal.people.models import Person, SchoolClass

ONE_DAY = timedelta(days=1)
FIVE_DAYS, SIX_DAYS = 5, 6


class WeekLength(models.IntegerChoices):
    """How many days a school week has."""

    FIVE = FIVE_DAYS, _("five days")
    SIX = SIX_DAYS, _("six days")


class Weeks(models.TextChoices):
    """In which weeks a lesson stands: in every one, or in every other one, by the letters of the calendar."""

    EVERY = "", _("every week")
    A = "a", _("week A")
    B = "b", _("week B")


class Turn(models.TextChoices):
    """Which weeks take turns as A and B."""

    ALL = "all", _("all weeks, vacations too")
    SCHOOL = "school", _("weeks with lessons only")


class Shift(models.IntegerChoices):
    """The half of the day in which a class learns."""

    FIRST = 1, _("first shift")
    SECOND = 2, _("second shift")


@dataclass(frozen=True, slots=True)
class Span:
    """Days off with a name; both `first` and `last` belong to it."""

    name: str
    first: date
    last: date


class Calendar(models.Model):
    """One edition of a school year's calendar. It no longer changes once a version that uses it was considered.

    Its first week is A; `turn` says whether a week without a school day counts when A and B take turns.
    """

    school_year = models.CharField(_("school year"), max_length=9)
    edition = models.PositiveSmallIntegerField(_("edition"), default=1)
    first = models.DateField(_("first school day"))
    last = models.DateField(_("last school day"))
    week_length = models.PositiveSmallIntegerField(_("school week"), choices=WeekLength.choices, default=SIX_DAYS)
    turn = models.CharField(_("weeks A and B take turns"), max_length=6, choices=Turn.choices, default=Turn.ALL)
    made_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()

    class Meta:
        ordering = ["-school_year", "-edition"]
        constraints = [
            models.UniqueConstraint(fields=["school_year", "edition"], name="timetable_calendar_once"),
            models.CheckConstraint(condition=Q(last__gt=F("first")), name="timetable_calendar_ordered"),
            models.CheckConstraint(condition=Q(week_length__in=[FIVE_DAYS, SIX_DAYS]), name="timetable_week_known"),
        ]

    def __str__(self) -> str:
        """School year and edition."""
        return f"{self.school_year} · {self.edition}"

    def is_fixed(self) -> bool:
        """Whether a version that has left the draft rests on this edition."""
        return self.versions.exclude(stage="draft").exists()

    def spans_off(self) -> list[Span]:
        """All days of the year on which no lesson takes place, holidays first, with vacations between quarters."""
        with translation.override("ky"):
            vacation = gettext("vacation")
        quarters = sorted(self.quarters.all(), key=lambda one: one.first)
        between = [
            Span(vacation, before.last + ONE_DAY, after.first - ONE_DAY)
            for before, after in pairwise(quarters)
            if before.last + ONE_DAY < after.first
        ]
        return [Span(off.name, off.first, off.last) for off in self.days_off.all()] + between

    def off_on(self, day: date) -> str:
        """What a day off is called; empty for a school day. Days beyond the year and the week's end have no name."""
        return next((span.name for span in self.spans_off() if span.first <= day <= span.last), "")

    def bells_on(self, weekday: int, shift: int) -> list["Bell"]:
        """The bells of a weekday, those set for this very day before those of every day."""
        found = [bell for bell in self.bells.all() if bell.shift == shift and bell.weekday in (None, weekday)]
        own = [bell for bell in found if bell.weekday == weekday]
        return sorted(own or found, key=lambda bell: bell.number)

    def shift_of(self, school_class: SchoolClass) -> int:
        """The shift of a class; the first unless said otherwise."""
        found = next((one for one in self.shifts.all() if one.school_class_id == school_class.pk), None)
        return found.shift if found else Shift.FIRST

    def letters(self) -> dict[date, Weeks]:
        """The Mondays of the year's weeks with their letters; weeks that do not count have none."""
        monday = self.first - timedelta(days=self.first.weekday())
        mondays = [monday + timedelta(weeks=number) for number in range((self.last - monday).days // 7 + 1)]
        if self.turn == Turn.SCHOOL:
            taught = {day - timedelta(days=day.weekday()) for day in self.school_days()}
            mondays = [one for one in mondays if one in taught]
        return {one: Weeks.B if number % 2 else Weeks.A for number, one in enumerate(mondays)}

    def letter_on(self, day: date) -> Weeks:
        """The letter of a day's week; `EVERY` beyond the year and in a week that does not count."""
        return self.letters().get(day - timedelta(days=day.weekday()), Weeks.EVERY)

    def school_days(self) -> Iterator[date]:
        """Every day of the year with lessons."""
        spans, day = self.spans_off(), self.first
        while day <= self.last:
            if day.weekday() < self.week_length and not any(span.first <= day <= span.last for span in spans):
                yield day
            day += ONE_DAY


class Quarter(models.Model):
    """A quarter of the school year, from `first` to `last`, both school days of it."""

    calendar = models.ForeignKey(Calendar, on_delete=models.CASCADE, related_name="quarters")
    number = models.PositiveSmallIntegerField(_("quarter"))
    first = models.DateField(_("first day"))
    last = models.DateField(_("last day"))

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["calendar", "number"], name="timetable_quarter_once"),
            models.CheckConstraint(condition=Q(last__gte=F("first")), name="timetable_quarter_ordered"),
        ]

    def __str__(self) -> str:
        """Its number."""
        return str(self.number)


class DayOff(models.Model):
    """A holiday or other days without lessons, by name."""

    calendar = models.ForeignKey(Calendar, on_delete=models.CASCADE, related_name="days_off")
    name = models.CharField(_("name"), max_length=80)
    first = models.DateField(_("first day"))
    last = models.DateField(_("last day"))

    class Meta:
        ordering = ["first", "id"]
        constraints = [models.CheckConstraint(condition=Q(last__gte=F("first")), name="timetable_day_off_ordered")]

    def __str__(self) -> str:
        """Its name."""
        return self.name


class Bell(models.Model):
    """When a lesson begins and ends: by shift and number, on one weekday or, without one, on every day."""

    calendar = models.ForeignKey(Calendar, on_delete=models.CASCADE, related_name="bells")
    shift = models.PositiveSmallIntegerField(_("shift"), choices=Shift.choices)
    weekday = models.PositiveSmallIntegerField(_("day of the week"), null=True, blank=True)
    number = models.PositiveSmallIntegerField(_("lesson"))
    starts = models.TimeField(_("begins"))
    ends = models.TimeField(_("ends"))

    class Meta:
        ordering = ["shift", "weekday", "number"]
        constraints = [
            models.UniqueConstraint(fields=["calendar", "shift", "weekday", "number"], name="timetable_bell_once"),
            models.UniqueConstraint(
                fields=["calendar", "shift", "number"],
                condition=Q(weekday__isnull=True),
                name="timetable_daily_bell_once",
            ),
            models.CheckConstraint(condition=Q(ends__gt=F("starts")), name="timetable_bell_ordered"),
        ]

    def __str__(self) -> str:
        """`3 · 09:50–10:35`."""
        return f"{self.number} · {self.starts:%H:%M}–{self.ends:%H:%M}"


class ClassShift(models.Model):
    """A class that learns in another shift than the first."""

    calendar = models.ForeignKey(Calendar, on_delete=models.CASCADE, related_name="shifts")
    school_class = models.ForeignKey(SchoolClass, on_delete=models.CASCADE, related_name="+")
    shift = models.PositiveSmallIntegerField(_("shift"), choices=Shift.choices)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["calendar", "school_class"], name="timetable_shift_once")]

    def __str__(self) -> str:
        """Class and shift."""
        return f"{self.school_class} · {self.get_shift_display()}"
