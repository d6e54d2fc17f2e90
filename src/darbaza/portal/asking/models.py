"""What students of a lesson ask their teacher to open: one card a resource, however many ask, and its one answer."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from darbaza.portal.classification.models import Report
from darbaza.portal.council.models import Proposal
from darbaza.portal.lessons.models import Measure, SupervisedSession
from darbaza.portal.people.models import Person, new_public_id
from darbaza.portal.rooms.models import Device


class AskState(models.TextChoices):
    """What the teacher answered."""

    WAITING = "waiting", _("awaits the teacher")
    ALLOWED = "allowed", _("opened for the lesson")
    PASSED = "passed", _("passed on")
    DECLINED = "declined", _("declined")


class LessonAsk(models.Model):
    """One resource asked for in one lesson. `known` is what the gate would answer, as `asking.known` writes it.

    `report` or `proposal` is what became of it where it was passed on; `word` is what the teacher said.
    """

    public_id = models.CharField(max_length=32, unique=True, default=new_public_id, editable=False)
    session = models.ForeignKey(SupervisedSession, on_delete=models.PROTECT, related_name="asks")
    host = models.CharField(_("host"), max_length=253)
    known = models.JSONField()
    at = models.DateTimeField()
    state = models.CharField(max_length=8, choices=AskState.choices, default=AskState.WAITING)
    word = models.CharField(_("a word of the teacher"), max_length=200, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    answered_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    measure = models.ForeignKey(Measure, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    report = models.ForeignKey(Report, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    proposal = models.ForeignKey(Proposal, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["session", "host"], name="asking_one_card"),
            models.CheckConstraint(
                condition=Q(state=AskState.WAITING, answered_at__isnull=True)
                | ~Q(state=AskState.WAITING) & Q(answered_at__isnull=False),
                name="asking_answered",
            ),
        ]

    def __str__(self) -> str:
        """The host."""
        return self.host


class StudentAsk(models.Model):
    """One student's part in a card: from which device, in which words, and where the answer leads (`origin`).

    `form` is the number of the form it came with. `origin` is scheme, host and port, never a path.
    """

    card = models.ForeignKey(LessonAsk, on_delete=models.CASCADE, related_name="students")
    student = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="asks")
    device = models.ForeignKey(Device, on_delete=models.PROTECT, related_name="+")
    form = models.CharField(max_length=32, unique=True)
    origin = models.CharField(max_length=280)
    text = models.CharField(_("what for"), max_length=200, blank=True)
    at = models.DateTimeField()

    class Meta:
        ordering = ["at", "id"]
        constraints = [models.UniqueConstraint(fields=["card", "student"], name="asking_student_once")]

    def __str__(self) -> str:
        """The student."""
        return str(self.student)


class OftenRule(models.Model):
    """From when on what teachers open is put before the council by itself; the latest that was set is in force."""

    lessons = models.PositiveSmallIntegerField(_("lessons, at least"))
    teachers = models.PositiveSmallIntegerField(_("different teachers, at least"))
    days = models.PositiveSmallIntegerField(_("within so many days"))
    by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["-at", "-id"]

    def __str__(self) -> str:
        """Lessons, teachers and days."""
        return f"{self.lessons}/{self.teachers}/{self.days}"
