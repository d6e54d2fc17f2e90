"""A notice about a student: minimal facts, from the supervisor to the class teacher."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from darbaza.portal.classification.models import Report
from darbaza.portal.council.models import Hold
from darbaza.portal.lessons.models import SupervisedSession
from darbaza.portal.people.models import Person, SchoolClass, new_public_id
from darbaza.portal.rooms.models import Device


class Notice(models.Model):
    """One notice. It holds no addresses: `refusals` cites refusals by their references, for who may look them up.

    `school_class` is the student's class when it was sent: its class teachers of the day read it.
    """

    public_id = models.CharField(max_length=32, unique=True, default=new_public_id, editable=False)
    student = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="notices")
    school_class = models.ForeignKey(SchoolClass, on_delete=models.PROTECT, related_name="notices")
    session = models.ForeignKey(
        SupervisedSession, on_delete=models.PROTECT, null=True, blank=True, related_name="notices"
    )
    sent_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="notices_sent")
    sent_at = models.DateTimeField()
    text = models.CharField(_("what happened"), max_length=300)
    refusals = models.CharField(_("references of refusals"), max_length=200, blank=True)
    seen_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    seen_at = models.DateTimeField(null=True, blank=True)
    talked_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    talked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-sent_at", "-id"]

    def __str__(self) -> str:
        """The student."""
        return str(self.student)

    @property
    def references(self) -> list[str]:
        """The references of refusals, one by one."""
        return self.refusals.split()


class ReportKind(models.TextChoices):
    """What a student says from the device: the first two as classification knows them, the third is about people."""

    UNSUITABLE = "unsuitable", _("something bad is on this page")
    WRONG_REFUSAL = "wrong-refusal", _("this page was closed wrongly")
    URGENT = "urgent", _("somebody needs help")


class Weight(models.TextChoices):
    """What followed from a report by itself."""

    HELD = "held", _("closed to the whole school")
    CLOSED = "closed", _("it was closed already")
    ALLOWED = "allowed", _("the council opened it, so an adult decides")
    NOT_SEEN = "not-seen", _("it was not open on this computer lately, so an adult decides")
    JUDGED = "judged", _("an adult looked at it lately, so an adult decides again")
    MANY = "many", _("many reports at once, so an adult decides")
    TOLD = "told", _("an adult was told")


class StudentReport(models.Model):
    """What a student reported from a device (3.4). Only the supervisor and, if urgent, the adult named see by whom.

    `form` is the number of the form it came with: sent twice, it is one report. `adult` is the one told by duty. If it
    is not `named`, nobody is shown by whom it is; `student` then only counts, so that a flood stays a flood.
    """

    public_id = models.CharField(max_length=32, unique=True, default=new_public_id, editable=False)
    form = models.CharField(max_length=32, unique=True)
    kind = models.CharField(max_length=16, choices=ReportKind.choices)
    weight = models.CharField(max_length=10, choices=Weight.choices)
    host = models.CharField(_("host"), max_length=253, blank=True)
    text = models.CharField(_("what is wrong"), max_length=300, blank=True)
    student = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="student_reports")
    named = models.BooleanField(default=True)
    device = models.ForeignKey(Device, on_delete=models.PROTECT, related_name="+")
    session = models.ForeignKey(
        SupervisedSession, on_delete=models.PROTECT, null=True, blank=True, related_name="student_reports"
    )
    report = models.ForeignKey(Report, on_delete=models.PROTECT, null=True, blank=True, related_name="said_by")
    hold = models.ForeignKey(Hold, on_delete=models.PROTECT, null=True, blank=True, related_name="reported_by")
    adult = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, blank=True, related_name="told_of")
    at = models.DateTimeField()
    noted_at = models.DateTimeField(null=True, blank=True)
    noted_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    taken_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-at", "-id"]

    def __str__(self) -> str:
        """Kind and host."""
        return f"{self.kind}: {self.host}" if self.host else str(self.kind)


class AdultPlace(models.Model):
    """Where students find an adult who is told of what concerns people: a room, in words; as that adult wrote it."""

    person = models.OneToOneField(Person, on_delete=models.CASCADE, related_name="adult_place")
    where = models.CharField(_("where students find you"), max_length=60)
    set_at = models.DateTimeField()

    def __str__(self) -> str:
        """The room."""
        return self.where
