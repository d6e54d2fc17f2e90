"""Supervised sessions, the supervisor's measures in them, and who is bound to which device."""

from datetime import date, datetime

from django.db import models
from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from darbaza.policy.request import Attribution as PolicyAttribution
from darbaza.policy.resource import Target
from darbaza.portal.people.models import Person, SchoolClass, new_public_id
from darbaza.portal.people.rights import Right
from darbaza.portal.rooms.models import Device, Room
from darbaza.portal.timetable.models import ForGroup, ScheduleException, Slot


class LiveHead(models.Model):
    """One row that every change of lessons and sign-ins moves forward.

    `sequence` grows with every change; `epoch` with every change after which a verdict given before may not hold;
    `due` is the next instant at which something changes by itself. Whoever changes anything locks this row first.
    """

    sequence = models.PositiveBigIntegerField(default=1)
    epoch = models.PositiveBigIntegerField(default=1)
    changed_at = models.DateTimeField()
    due = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(id=1), name="lessons_one_head")]

    def __str__(self) -> str:
        """Sequence and epoch."""
        return f"{self.sequence}/{self.epoch}"


class ClosedHow(models.TextChoices):
    """How a session came to its end."""

    SUPERVISOR = "supervisor", _("ended by the supervisor")
    BELL = "bell", _("ended by the bell")
    RESPONSIBLE = "responsible", _("ended by the responsible person")
    DUTY = "duty", _("the supervisor's duty ended")


class SupervisedSession(ForGroup):
    """What a supervisor opened: one class in one room, from `opened` until `ends` or until it is closed.

    `supervisor` answers for it since `supervised_since`; who did before stands in its handovers. In `open_hours` (2.7)
    students of all `classes` work, each for themselves; `school_class` is the first of them. `minutes_each` is how long
    each may be online, from the first sign-in on; None for no limit but the end.
    """

    public_id = models.CharField(max_length=32, unique=True, default=new_public_id, editable=False)
    room = models.ForeignKey(Room, on_delete=models.PROTECT, related_name="sessions")
    supervisor = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="sessions")
    subject = models.CharField(_("subject"), max_length=80)
    slot = models.ForeignKey(Slot, on_delete=models.PROTECT, null=True, blank=True, related_name="sessions")
    exception = models.ForeignKey(
        ScheduleException, on_delete=models.PROTECT, null=True, blank=True, related_name="sessions"
    )
    opened = models.DateTimeField()
    ends = models.DateTimeField()
    lease_until = models.DateTimeField()
    supervised_since = models.DateTimeField()
    closed = models.DateTimeField(null=True, blank=True)
    closed_how = models.CharField(max_length=12, choices=ClosedHow.choices, blank=True)
    pins_closed = models.DateTimeField(null=True, blank=True)
    open_hours = models.BooleanField(default=False)
    minutes_each = models.PositiveSmallIntegerField(null=True, blank=True)
    classes = models.ManyToManyField(SchoolClass, blank=True, related_name="open_hours")

    class Meta:
        ordering = ["-opened", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["room"], condition=Q(closed__isnull=True), name="lessons_one_in_a_room"),
            models.UniqueConstraint(
                fields=["supervisor"], condition=Q(closed__isnull=True), name="lessons_one_of_a_supervisor"
            ),
            models.UniqueConstraint(
                fields=["school_class", "group"],
                condition=Q(closed__isnull=True, open_hours=False),
                name="lessons_one_of_a_class",
            ),
            models.CheckConstraint(condition=Q(ends__gt=F("opened")), name="lessons_session_ordered"),
            models.CheckConstraint(
                condition=Q(slot__isnull=False) | Q(exception__isnull=False), name="lessons_session_has_its_place"
            ),
        ]

    def __str__(self) -> str:
        """`7-А · Informatics`, or `Open hours · Essays`."""
        return f"{self.taught} · {self.subject}"

    @property
    def taught(self) -> str:
        """Who is taught, or that it is open hours."""
        return gettext("Open hours") if self.open_hours else super().taught

    @property
    def admitted(self) -> list[SchoolClass]:
        """The classes whose students may sign in."""
        return list(self.classes.all()) if self.open_hours else [self.school_class]

    @property
    def class_names(self) -> str:
        """The names of these classes: `7-А, 8-Б`."""
        return ", ".join(one.name for one in self.admitted)

    def students_on(self, day: date) -> QuerySet[Person]:
        """The students who may sign in on a day, by surname."""
        found = Person.objects.none()
        for one in self.admitted:
            found |= one.students_on(day)
        return found

    @property
    def right(self) -> Right:
        """What its supervisor must hold as long as it is open: open hours are the responsible person's (2.7)."""
        return Right.LESSONS_HOURS_OPEN if self.open_hours else Right.LESSONS_SESSION_OPEN

    @property
    def is_open(self) -> bool:
        """Whether nobody closed it; its end instant may have passed a moment ago."""
        return self.closed is None


class HandoverHow(models.TextChoices):
    """By whose act a lesson passes to another supervisor (2.8, 2.9)."""

    OFFERED = "offered", _("offered by the supervisor")
    ENTRUSTED = "entrusted", _("entrusted by the person responsible")
    ORDER = "order", _("by an order of substitution")
    RESPONSIBLE = "responsible", _("taken over by the person responsible")


class Answer(models.TextChoices):
    """What became of an offer."""

    ACCEPTED = "accepted", _("accepted")
    DECLINED = "declined", _("declined")
    WITHDRAWN = "withdrawn", _("withdrawn")
    LAPSED = "lapsed", _("not answered in time")


class Handover(models.Model):
    """A lesson that passes from `giver` to `taker`, put forward by `by` at `at`.

    The giver answers for the lesson until the taker accepts; what nobody answered until `until` means nothing.
    """

    public_id = models.CharField(max_length=32, unique=True, default=new_public_id, editable=False)
    session = models.ForeignKey(SupervisedSession, on_delete=models.PROTECT, related_name="handovers")
    giver = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="lessons_given")
    taker = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="lessons_taken")
    by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    how = models.CharField(max_length=12, choices=HandoverHow.choices)
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    at = models.DateTimeField()
    until = models.DateTimeField()
    answered = models.DateTimeField(null=True, blank=True)
    answer = models.CharField(max_length=10, choices=Answer.choices, blank=True)

    class Meta:
        ordering = ["at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["session"], condition=Q(answered__isnull=True), name="lessons_one_offer_of_a_lesson"
            )
        ]

    def __str__(self) -> str:
        """From whom to whom."""
        return f"{self.giver.short_name} → {self.taker.short_name}"


class Absence(models.Model):
    """A time in which the supervisor was not heard from and no student had access (2.9)."""

    session = models.ForeignKey(SupervisedSession, on_delete=models.PROTECT, related_name="absences")
    supervisor = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    since = models.DateTimeField()
    until = models.DateTimeField()

    class Meta:
        ordering = ["since", "id"]
        constraints = [
            models.CheckConstraint(condition=Q(until__gt=F("since")), name="lessons_absence_ordered"),
        ]

    def __str__(self) -> str:
        """Whose absence."""
        return self.supervisor.short_name


class OutageOf(models.TextChoices):
    """What was away."""

    PORTAL = "portal", _("the power or the portal")
    BOX = "box", _("a box")


class Outage(models.Model):
    """A time in which the portal or a box was away while a lesson was open; `box` is its name, empty for the portal."""

    what = models.CharField(max_length=6, choices=OutageOf.choices)
    box = models.CharField(max_length=40, blank=True)
    since = models.DateTimeField()
    until = models.DateTimeField()

    class Meta:
        ordering = ["since", "id"]
        constraints = [
            models.UniqueConstraint(fields=["what", "box", "since"], name="lessons_one_outage"),
            models.CheckConstraint(condition=Q(until__gt=F("since")), name="lessons_outage_ordered"),
        ]

    def __str__(self) -> str:
        """What was away."""
        return self.box or str(self.get_what_display())


class Alive(models.Model):
    """One row: when a running portal last noted that it is alive."""

    at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(id=1), name="lessons_one_alive")]
        verbose_name_plural = "alive"

    def __str__(self) -> str:
        """The instant."""
        return self.at.isoformat()


class Console(models.Model):
    """A console as it was opened in one browser: by its key, how many signs of life it has given in this lesson."""

    session = models.ForeignKey(SupervisedSession, on_delete=models.CASCADE, related_name="consoles")
    key = models.CharField(max_length=32)
    beats = models.PositiveBigIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["session", "key"], name="lessons_one_console")]

    def __str__(self) -> str:
        """Lesson and number."""
        return f"{self.session}: {self.beats}"


class MeasureKind(models.TextChoices):
    """What a supervisor does with a resource for the length of a lesson (2.7, 2.8)."""

    DENY = "deny", _("denied for the lesson")
    OPEN = "open", _("opened for the lesson")


class Measure(models.Model):
    """A resource denied or opened for one session."""

    session = models.ForeignKey(SupervisedSession, on_delete=models.CASCADE, related_name="measures")
    kind = models.CharField(max_length=4, choices=MeasureKind.choices)
    host = models.CharField(max_length=253)
    path = models.CharField(max_length=500, blank=True)
    by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    lifted = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["session", "host", "path"], condition=Q(lifted__isnull=True), name="lessons_one_measure"
            )
        ]

    def __str__(self) -> str:
        """Host and path."""
        return self.host + self.path

    @property
    def target(self) -> Target:
        """The resource as the policy core names it."""
        return Target(self.host, self.path)


class SceneKind(models.TextChoices):
    """Whose scene a lesson is kept to."""

    COUNCIL = "council", _("the council's list")
    SCHOOL = "school", _("the school's scene")
    OWN = "own", _("the supervisor's own")


class SchoolScene(models.Model):
    """Resources that belong together, offered to every supervisor; a newer one takes the place of its name."""

    name = models.CharField(_("name"), max_length=60)
    targets = models.JSONField(_("sites"))
    by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    retired_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["name", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["name"], condition=Q(retired_at__isnull=True), name="lessons_one_scene_of_a_name"
            )
        ]

    def __str__(self) -> str:
        """The name."""
        return self.name


class LessonScene(models.Model):
    """The only resources that stay open in a session (2.7), as they were when it was kept to them."""

    session = models.ForeignKey(SupervisedSession, on_delete=models.CASCADE, related_name="scenes")
    kind = models.CharField(max_length=8, choices=SceneKind.choices)
    name = models.CharField(max_length=60, blank=True)
    targets = models.JSONField()
    by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    ended = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["session"], condition=Q(ended__isnull=True), name="lessons_one_scene_in_a_lesson"
            )
        ]

    def __str__(self) -> str:
        """The scene's name, or whose it is."""
        return self.name or str(self.get_kind_display())


class Word(models.Model):
    """What the supervisor tells the class, or one student, on their screens; it goes with the log's term."""

    session = models.ForeignKey(SupervisedSession, on_delete=models.CASCADE, related_name="words")
    student = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    text = models.CharField(max_length=200)
    by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["-at", "-id"]

    def __str__(self) -> str:
        """The text."""
        return self.text


class Pause(models.Model):
    """A student's access paused in one session; it undoes itself at `until`."""

    session = models.ForeignKey(SupervisedSession, on_delete=models.CASCADE, related_name="pauses")
    student = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="pauses")
    by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    since = models.DateTimeField()
    until = models.DateTimeField()
    lifted = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["since", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["session", "student"], condition=Q(lifted__isnull=True), name="lessons_one_pause"
            )
        ]

    def __str__(self) -> str:
        """The student."""
        return str(self.student)


class TimeLimit(models.Model):
    """How long one person may be online in one session: until `until`; `by` whom, or by the session's own minutes."""

    session = models.ForeignKey(SupervisedSession, on_delete=models.CASCADE, related_name="limits")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    at = models.DateTimeField()
    until = models.DateTimeField()
    lifted = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["session", "person"], condition=Q(lifted__isnull=True), name="lessons_one_limit"
            )
        ]

    def __str__(self) -> str:
        """The person."""
        return str(self.person)


class Attribution(models.TextChoices):
    """How a device came to be bound to a person."""

    SIGN_IN = PolicyAttribution.SIGN_IN.value, _("signed in")
    CARD = PolicyAttribution.CARD.value, _("by card")
    SEATED = PolicyAttribution.SEATED.value, _("seated by the teacher")
    STAFF = PolicyAttribution.STAFF.value, _("staff sign-in")


class EndedHow(models.TextChoices):
    """How a binding came to its end."""

    SIGN_OUT = "sign-out", _("signed out")
    LESSON = "lesson", _("the lesson ended")
    MOVED = "moved", _("somebody else took the device")
    LEFT = "left", _("signed out from another computer")
    DAY = "day", _("the working day is over")
    DOUBT = "doubt", _("another computer stands there")


class Binding(models.Model):
    """One person at one device; a student's belongs to a session, a member of staff's to none (2.10)."""

    device = models.ForeignKey(Device, on_delete=models.PROTECT, related_name="bindings")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="bindings")
    session = models.ForeignKey(
        SupervisedSession, on_delete=models.PROTECT, null=True, blank=True, related_name="bindings"
    )
    attribution = models.CharField(max_length=8, choices=Attribution.choices)
    since = models.DateTimeField()
    ended = models.DateTimeField(null=True, blank=True)
    ended_how = models.CharField(max_length=8, choices=EndedHow.choices, blank=True)

    class Meta:
        ordering = ["since", "id"]
        constraints = [
            models.UniqueConstraint(fields=["device"], condition=Q(ended__isnull=True), name="lessons_one_at_a_device"),
            models.UniqueConstraint(
                fields=["person"], condition=Q(ended__isnull=True, session__isnull=False), name="lessons_student_once"
            ),
            models.CheckConstraint(
                condition=Q(session__isnull=True, attribution="staff") | Q(session__isnull=False),
                name="lessons_student_needs_session",
            ),
        ]

    def __str__(self) -> str:
        """Person and device."""
        return f"{self.person} · {self.device}"


def open_at(at: datetime) -> Q:
    """Sessions that are open at an instant: not closed, and their end not reached."""
    return Q(closed__isnull=True, opened__lte=at, ends__gt=at)


def pending_at(at: datetime) -> Q:
    """Offers of a lesson that wait for an answer at an instant."""
    return Q(answered__isnull=True, until__gt=at)
