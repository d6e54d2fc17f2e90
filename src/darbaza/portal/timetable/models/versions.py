"""Versions of the schedule, their weekly slots, and recorded exceptions."""

from collections.abc import Iterable
from datetime import date, datetime, time

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from darbaza.portal.council.models import Order
from darbaza.portal.people.models import Person, SchoolClass
from darbaza.portal.rooms.models import Room
from darbaza.portal.school_time import school_day
from darbaza.portal.timetable.models.calendars import Calendar, Weeks


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
    (2.4). It is in force from `since` to the day before `until`, unless a later version begins earlier or the order
    ends. `calendar` says on which of these days there are lessons. The four texts answer what 2.3 asks to be guided by.
    """

    school_year = models.CharField(_("school year"), max_length=9)
    title = models.CharField(_("title"), max_length=120, blank=True)
    stage = models.CharField(_("stage"), max_length=10, choices=Stage.choices, default=Stage.DRAFT)
    calendar = models.ForeignKey(
        Calendar, on_delete=models.PROTECT, null=True, blank=True, related_name="versions", verbose_name=_("calendar")
    )
    by_law = models.TextField(_("the law"), max_length=1000, blank=True)
    by_experience = models.TextField(_("experience of using IT purposefully"), max_length=1000, blank=True)
    by_interests = models.TextField(_("students' interests"), max_length=1000, blank=True)
    by_aims = models.TextField(_("aims of the educational process"), max_length=1000, blank=True)
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

    def own_end(self) -> date | None:
        """The first day after this version's own term: its `until`, or the end of the order that approved it."""
        repealed = self.order.in_force_until if self.order else None
        ends = [self.until, school_day(repealed) if repealed is not None else None]
        return min((day for day in ends if day is not None), default=None)

    def has_term(self) -> bool:
        """Whether the version is in force on any day at all; one whose order ended before its first day is not."""
        end = self.own_end()
        return self.since is not None and end is not None and self.since < end

    def superseded_on(self) -> date | None:
        """The first day on which a later approved version stands in this one's place."""
        if self.since is None:
            return None
        later = ScheduleVersion.objects.filter(stage=Stage.APPROVED, since__gt=self.since).order_by("since")
        return next((one.since for one in later.select_related("order") if one.has_term()), None)

    def end(self) -> date | None:
        """The first day on which this version is no longer in force."""
        ends = [day for day in (self.own_end(), self.superseded_on()) if day is not None]
        return min(ends) if ends else None

    def standing_on(self, day: date) -> Standing:
        """What this version is on a day."""
        if self.stage != Stage.APPROVED or self.since is None:
            return Standing(self.stage)
        if not self.has_term():
            return Standing.SUPERSEDED
        if day < self.since:
            return Standing.APPROVED
        end = self.end()
        return Standing.SUPERSEDED if end is not None and day >= end else Standing.IN_FORCE

    @classmethod
    def in_force_on(cls, day: date) -> "ScheduleVersion | None":
        """The version in force on a day: of the approved ones the last to have begun, unless its term is over.

        A version whose order was repealed in the middle of its term leaves nothing in force: the one before it was
        superseded and does not come back.
        """
        begun = cls.objects.filter(stage=Stage.APPROVED, since__lte=day).order_by("-since").select_related("order")
        return cls.in_force_among(begun, day)

    @staticmethod
    def in_force_among(begun: Iterable["ScheduleVersion"], day: date) -> "ScheduleVersion | None":
        """The version in force on a day, of the approved ones that had begun by then, the last to begin first."""
        last = next((one for one in begun if one.has_term()), None)
        end = last.own_end() if last is not None else None
        return last if end is not None and day < end else None


class ForGroup(models.Model):
    """A lesson of a class, or of one group of it. Groups of one `division` have no student in common."""

    school_class = models.ForeignKey(SchoolClass, on_delete=models.PROTECT, related_name="%(class)ss")
    group = models.CharField(_("group"), max_length=20, blank=True)
    division = models.PositiveSmallIntegerField(default=0)

    class Meta:
        abstract = True

    @property
    def taught(self) -> str:
        """Who is taught: `7-А`, or `7-А (1-топ)`."""
        return f"{self.school_class} ({self.group})" if self.group else str(self.school_class)

    def shares_students(self, other: "ForGroup") -> bool:
        """Whether a student could be in both lessons."""
        apart = self.group and other.group and self.division == other.division and self.group != other.group
        return self.school_class_id == other.school_class_id and not apart


class Slot(ForGroup):
    """A weekly lesson: this class with this teacher in this room, from `starts` until `ends` in the school's time.

    `purpose` is what the internet serves in it (2.3). `screen_minutes` is how much of it students sit at a screen;
    without it the whole lesson counts. `weeks` says whether it stands in every week of the calendar.
    """

    version = models.ForeignKey(ScheduleVersion, on_delete=models.CASCADE, related_name="slots")
    room = models.ForeignKey(Room, on_delete=models.PROTECT, related_name="slots")
    teacher = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="slots")
    subject = models.CharField(_("subject"), max_length=80)
    purpose = models.CharField(_("educational purpose"), max_length=200, blank=True)
    screen_minutes = models.PositiveSmallIntegerField(_("minutes at the screen"), null=True, blank=True)
    request = models.ForeignKey(
        "timetable.SlotRequest", on_delete=models.SET_NULL, null=True, blank=True, related_name="slots"
    )
    imported = models.ForeignKey(
        "timetable.TimetableImport", on_delete=models.SET_NULL, null=True, blank=True, related_name="slots"
    )
    weekday = models.PositiveSmallIntegerField(_("day of the week"), choices=Weekday.choices)
    starts = models.TimeField(_("begins"))
    ends = models.TimeField(_("ends"))
    weeks = models.CharField(_("weeks"), max_length=1, blank=True, choices=Weeks.choices, default=Weeks.EVERY)

    class Meta:
        ordering = ["weekday", "starts", "room"]
        constraints = [
            models.UniqueConstraint(
                fields=["version", "room", "weekday", "starts", "weeks"], name="timetable_slot_once"
            ),
            models.CheckConstraint(condition=Q(weeks__in=Weeks.values), name="timetable_slot_weeks"),
            models.CheckConstraint(condition=Q(ends__gt=F("starts")), name="timetable_slot_ordered"),
            models.CheckConstraint(condition=Q(weekday__lte=6), name="timetable_slot_weekday"),
        ]

    def __str__(self) -> str:
        """`Monday 08:00-08:45 · 7-А (1-топ) · Informatics · week A`."""
        week = f" · {self.get_weeks_display()}" if self.weeks else ""
        return f"{self.get_weekday_display()} {self.hours} · {self.taught} · {self.subject}{week}"

    def meets(self, other: "Slot") -> bool:
        """Whether both can stand in one week."""
        return not (self.weeks and other.weeks and self.weeks != other.weeks)

    @property
    def hours(self) -> str:
        """`08:00-08:45`, with an en dash."""
        return f"{self.starts:%H:%M}–{self.ends:%H:%M}"

    @property
    def key(self) -> str:
        """What the rulebook calls this slot."""
        return f"slot-{self.pk}"

    @property
    def length(self) -> int:
        """Minutes from bell to bell."""
        return minutes(self.ends) - minutes(self.starts)

    @property
    def at_screen(self) -> int:
        """Minutes at the screen: as noted, or the whole lesson."""
        return self.length if self.screen_minutes is None else self.screen_minutes

    def covers(self, local: datetime) -> bool:
        """Whether the slot is under way at an instant given in the school's zone."""
        return self.weekday == local.weekday() and self.starts <= local.time() < self.ends


class RequestState(models.TextChoices):
    """What became of a teacher's request."""

    OPEN = "open", _("waits for an answer")
    ACCEPTED = "accepted", _("accepted")
    DECLINED = "declined", _("declined")
    WITHDRAWN = "withdrawn", _("withdrawn")


class SlotRequest(models.Model):
    """What a teacher asks for: so many lessons a week with the internet for a class, to this purpose (2.2, 2.3).

    `room`, `weekday` and `lesson` (its number in the class's shift) are wishes, kept if the schedule can.
    """

    school_year = models.CharField(_("school year"), max_length=9)
    teacher = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="slot_requests")
    school_class = models.ForeignKey(SchoolClass, on_delete=models.PROTECT, related_name="slot_requests")
    subject = models.CharField(_("subject"), max_length=80)
    purpose = models.CharField(_("educational purpose"), max_length=200)
    lessons = models.PositiveSmallIntegerField(_("lessons a week"))
    screen_minutes = models.PositiveSmallIntegerField(_("minutes at the screen"), null=True, blank=True)
    room = models.ForeignKey(Room, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    weekday = models.PositiveSmallIntegerField(_("day of the week"), null=True, blank=True, choices=Weekday.choices)
    lesson = models.PositiveSmallIntegerField(_("which lesson of the day"), null=True, blank=True)
    state = models.CharField(max_length=9, choices=RequestState.choices, default=RequestState.OPEN)
    asked_at = models.DateTimeField()
    answered_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    answered_at = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(_("reason"), max_length=200, blank=True)

    class Meta:
        ordering = ["school_class", "subject", "id"]
        constraints = [
            models.CheckConstraint(condition=Q(lessons__gte=1, lessons__lte=12), name="timetable_request_lessons"),
            models.CheckConstraint(
                condition=~Q(state="declined") | ~Q(reason=""), name="timetable_declined_with_reason"
            ),
        ]

    def __str__(self) -> str:
        """Class, subject, and lessons a week."""
        return f"{self.school_class} · {self.subject} × {self.lessons}"


class ScheduleException(ForGroup):
    """A recorded exception from the schedule: a moved lesson, an event, a lesson that needs more time (2.7).

    Never changed once recorded. One of `open_hours` is for individual work and is no lesson of `school_class` alone.
    """

    room = models.ForeignKey(Room, on_delete=models.PROTECT, related_name="exceptions")
    teacher = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="exceptions")
    subject = models.CharField(_("subject"), max_length=80, blank=True)
    since = models.DateTimeField(_("since"))
    until = models.DateTimeField(_("until"))
    reason = models.CharField(_("reason"), max_length=200)
    open_hours = models.BooleanField(default=False)
    recorded_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="exceptions_recorded")
    recorded_at = models.DateTimeField()

    class Meta:
        ordering = ["-since", "-id"]
        constraints = [
            models.CheckConstraint(condition=Q(until__gt=F("since")), name="timetable_exception_ordered"),
        ]

    def __str__(self) -> str:
        """Who is taught, room and reason."""
        return f"{self.taught} · {self.room} · {self.reason}"

    @property
    def taught(self) -> str:
        """Who is taught, or that it is open hours."""
        return gettext("Open hours") if self.open_hours else super().taught

    @property
    def key(self) -> str:
        """What the rulebook calls this exception."""
        return f"exception-{self.pk}"


def minutes(of: time) -> int:
    """Minutes after midnight, as the policy core counts."""
    return of.hour * 60 + of.minute
