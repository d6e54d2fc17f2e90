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
    `own_view` is what the student says of it. One that was withdrawn keeps nothing but why.

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
    referred_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    referred_at = models.DateTimeField(null=True, blank=True)
    withdrawn_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_why = models.CharField(_("why it was withdrawn"), max_length=300, blank=True)
    own_view = models.CharField(_("how the student sees it"), max_length=300, blank=True)
    own_view_at = models.DateTimeField(null=True, blank=True)

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


class AttemptRuleVersion(models.Model):
    """The school's numbers of the rule by which attempts are suspected (2.7), from `since` until the next version.

    They are those of `darbaza.policy.attempts.AttemptRule`: `minutes` is its window, 0 leaves a part out.
    """

    since = models.DateTimeField()
    by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    why = models.CharField(_("why"), max_length=300)
    minutes = models.PositiveSmallIntegerField()
    one_after_another = models.PositiveSmallIntegerField()
    again = models.PositiveSmallIntegerField()
    way_round = models.PositiveSmallIntegerField()
    mirror = models.PositiveSmallIntegerField()
    port = models.PositiveSmallIntegerField()
    address = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ["-since", "-id"]

    def __str__(self) -> str:
        """When it began to count."""
        return f"{self.since:%Y-%m-%d %H:%M}"


class Judgement(models.Model):
    """What a supervisor said of a suspicion: a deliberate attempt, or none. A suspicion itself is never stored.

    `evidence` is kept of what was confirmed alone: by part of the rule, hosts with instants and references.
    """

    public_id = models.CharField(max_length=32, unique=True, default=new_public_id, editable=False)
    session = models.ForeignKey(SupervisedSession, on_delete=models.PROTECT, related_name="judgements")
    student = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="judgements")
    by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    deliberate = models.BooleanField()
    word = models.CharField(_("a word on it"), max_length=300)
    evidence = models.JSONField(default=list)
    rule = models.ForeignKey(AttemptRuleVersion, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    notice = models.OneToOneField(Notice, on_delete=models.CASCADE, null=True, blank=True, related_name="judgement")

    class Meta:
        ordering = ["-at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(deliberate=True, notice__isnull=False)
                | models.Q(deliberate=False, notice__isnull=True),
                name="incidents_only_confirmed_is_told",
            )
        ]

    def __str__(self) -> str:
        """The student."""
        return str(self.student)
