"""Versions of the schedule, their weekly slots, and recorded exceptions."""

from datetime import date, datetime, time

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from darbaza.portal.council.models import Order
from darbaza.portal.people.models import Person, SchoolClass
from darbaza.portal.rooms.models import Room


class Stage(models.TextChoices):
    """How far a version has come. Whether an approved one is in force follows from the day: see `Standing`."""

    DRAFT = "draft", _("draft")
    CONSIDERED = "considered", _("considered")
    APPROVED = "approved", _("approved")


class Standing(models.TextChoices):
    """What a version is on a given day."""

    DRAFT = "draft", _("draft")
    CONSIDERED = "considered", _("considered")
    APPROVED = "approved", _("approved")
    IN_FORCE = "in-force", _("in force")
    SUPERSEDED = "superseded", _("superseded")


class Weekday(models.IntegerChoices):
    """The days of the week, as the policy core counts them."""

    MONDAY = 0, _("Monday")
    TUESDAY = 1, _("Tuesday")
    WEDNESDAY = 2, _("Wednesday")
    THURSDAY = 3, _("Thursday")
    FRIDAY = 4, _("Friday")
    SATURDAY = 5, _("Saturday")
    SUNDAY = 6, _("Sunday")


class ScheduleVersion(models.Model):
    """One version of a school year's schedule.

    `considered_on` and `minutes` are the staff meeting that considered it (2.1); `order` is the act that approved it
    (2.4). It is in force from `since` to the day before `until`, unless a later version begins earlier.
    """

    school_year = models.CharField(_("school year"), max_length=9)
    title = models.CharField(_("title"), max_length=120, blank=True)
    stage = models.CharField(_("stage"), max_length=10, choices=Stage.choices, default=Stage.DRAFT)
    drafted_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="schedules_drafted")
    drafted_at = models.DateTimeField()
    considered_on = models.DateField(_("considered on"), null=True, blank=True)
    minutes = models.CharField(_("number of the minutes"), max_length=20, blank=True)
    order = models.ForeignKey(Order, on_delete=models.PROTECT, null=True, blank=True, related_name="schedules")
    approved_at = models.DateTimeField(null=True, blank=True)
    since = models.DateField(_("since"), null=True, blank=True)
    until = models.DateField(_("until"), null=True, blank=True)

    class Meta:
        ordering = ["-since", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["since"], name="timetable_one_version_begins_a_day"),
            models.CheckConstraint(
                condition=~Q(stage=Stage.APPROVED)
                | Q(order__isnull=False, approved_at__isnull=False, since__isnull=False, until__gt=F("since")),
                name="timetable_approved_by_order",
            ),
        ]

    def __str__(self) -> str:
        """School year and title."""
        return f"{self.school_year} {self.title}".strip()

    def superseded_on(self) -> date | None:
        """The first day on which a later approved version stands in this one's place."""
        if self.since is None:
            return None
        later = ScheduleVersion.objects.filter(stage=Stage.APPROVED, since__gt=self.since).order_by("since")
        return later.values_list("since", flat=True).first()

    def end(self) -> date | None:
        """The first day on which this version is no longer in force."""
        ends = [day for day in (self.until, self.superseded_on()) if day is not None]
        return min(ends) if ends else None

    def standing_on(self, day: date) -> Standing:
        """What this version is on a day."""
        if self.stage != Stage.APPROVED or self.since is None:
            return Standing(self.stage)
        if day < self.since:
            return Standing.APPROVED
        end = self.end()
        return Standing.SUPERSEDED if end is not None and day >= end else Standing.IN_FORCE

    @classmethod
    def in_force_on(cls, day: date) -> "ScheduleVersion | None":
        """The version in force on a day: of the approved ones the last to have begun, unless its term is over."""
        begun = cls.objects.filter(stage=Stage.APPROVED, since__lte=day).order_by("-since").first()
        return begun if begun is not None and begun.until is not None and day < begun.until else None


class Slot(models.Model):
    """A weekly lesson: this class with this teacher in this room, from `starts` until `ends` in the school's time."""

    version = models.ForeignKey(ScheduleVersion, on_delete=models.CASCADE, related_name="slots")
    room = models.ForeignKey(Room, on_delete=models.PROTECT, related_name="slots")
    school_class = models.ForeignKey(SchoolClass, on_delete=models.PROTECT, related_name="slots")
    teacher = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="slots")
    subject = models.CharField(_("subject"), max_length=80)
    weekday = models.PositiveSmallIntegerField(_("day of the week"), choices=Weekday.choices)
    starts = models.TimeField(_("begins"))
    ends = models.TimeField(_("ends"))

    class Meta:
        ordering = ["weekday", "starts", "room"]
        constraints = [
            models.UniqueConstraint(fields=["version", "room", "weekday", "starts"], name="timetable_slot_once"),
            models.CheckConstraint(condition=Q(ends__gt=F("starts")), name="timetable_slot_ordered"),
            models.CheckConstraint(condition=Q(weekday__lte=6), name="timetable_slot_weekday"),
        ]

    def __str__(self) -> str:
        """`Monday 08:00-08:45 · 7-А · Informatics`."""
        return f"{self.get_weekday_display()} {self.hours} · {self.school_class} · {self.subject}"

    @property
    def hours(self) -> str:
        """`08:00-08:45`, with an en dash."""
        return f"{self.starts:%H:%M}–{self.ends:%H:%M}"

    @property
    def key(self) -> str:
        """What the rulebook calls this slot."""
        return f"slot-{self.pk}"

    def covers(self, local: datetime) -> bool:
        """Whether the slot is under way at an instant given in the school's zone."""
        return self.weekday == local.weekday() and self.starts <= local.time() < self.ends


class ScheduleException(models.Model):
    """A recorded exception from the schedule: a moved lesson, an event, a lesson that needs more time (2.7).

    Never changed once recorded.
    """

    room = models.ForeignKey(Room, on_delete=models.PROTECT, related_name="exceptions")
    school_class = models.ForeignKey(SchoolClass, on_delete=models.PROTECT, related_name="exceptions")
    teacher = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="exceptions")
    subject = models.CharField(_("subject"), max_length=80, blank=True)
    since = models.DateTimeField(_("since"))
    until = models.DateTimeField(_("until"))
    reason = models.CharField(_("reason"), max_length=200)
    recorded_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="exceptions_recorded")
    recorded_at = models.DateTimeField()

    class Meta:
        ordering = ["-since", "-id"]
        constraints = [
            models.CheckConstraint(condition=Q(until__gt=F("since")), name="timetable_exception_ordered"),
        ]

    def __str__(self) -> str:
        """Class, room and reason."""
        return f"{self.school_class} · {self.room} · {self.reason}"

    @property
    def key(self) -> str:
        """What the rulebook calls this exception."""
        return f"exception-{self.pk}"


def minutes(of: time) -> int:
    """Minutes after midnight, as the policy core counts."""
    return of.hour * 60 + of.minute
