"""Assignments, reports that wait for the officer, and the state's register."""

from datetime import datetime

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from darbaza.policy.resource import Target
from darbaza.portal.people.models import Person


class Assignment(models.Model):
    """One act of the officer: resources put into categories, with the reason. Numbered per year; taken back once.

    `order_number` is the order by which the officer had the power that day.
    """

    year = models.PositiveSmallIntegerField(_("year"))
    number = models.PositiveIntegerField(_("number"))
    categories = models.JSONField(_("categories"))
    reason = models.TextField(_("reason"))
    order_number = models.CharField(_("by order"), max_length=20)
    by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="assignments")
    at = models.DateTimeField()
    undone_at = models.DateTimeField(null=True, blank=True)
    undone_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    undo_reason = models.TextField(_("why it was taken back"), blank=True)

    class Meta:
        ordering = ["-year", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["year", "number"], name="classification_assignment_number_once"),
            models.CheckConstraint(
                condition=Q(undone_at__isnull=True, undone_by__isnull=True)
                | Q(undone_at__isnull=False, undone_by__isnull=False),
                name="classification_undone_by",
            ),
        ]

    def __str__(self) -> str:
        """The assignment as people cite it."""
        return self.ref

    @property
    def ref(self) -> str:
        """`2026-14`: year and number."""
        return f"{self.year}-{self.number}"


class AssignedResource(models.Model):
    """One resource of an assignment. At most one stands for a resource: a later act takes the earlier one's place."""

    assignment = models.ForeignKey(Assignment, on_delete=models.PROTECT, related_name="resources")
    target_host = models.CharField(_("host"), max_length=253)
    target_path = models.CharField(_("path"), max_length=500, blank=True)
    subdomains = models.BooleanField(_("with everything below"), default=True)
    until = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["assignment", "target_host", "target_path"]
        constraints = [
            models.UniqueConstraint(
                fields=["target_host", "target_path"],
                condition=Q(until__isnull=True),
                name="classification_one_assignment",
            )
        ]

    def __str__(self) -> str:
        """The resource as people write it."""
        return self.target_host + self.target_path

    @property
    def target(self) -> Target:
        """The resource as the policy core names it."""
        return Target(self.target_host, self.target_path, self.subdomains)


class ReportKind(models.TextChoices):
    """What somebody says of a resource: it should be closed, or it was refused wrongly."""

    UNSUITABLE = "unsuitable", _("should be closed")
    WRONG_REFUSAL = "wrong-refusal", _("refused wrongly")


class ReportOutcome(models.TextChoices):
    """What came of a report."""

    WAITING = "waiting", _("awaits an answer")
    ASSIGNED = "assigned", _("assigned to other categories")
    PROPOSED = "proposed", _("put before the council")
    KEPT = "kept", _("left as it is")


class Report(models.Model):
    """What somebody said of a resource, and the officer's answer. `due` is the day by which it is answered."""

    kind = models.CharField(max_length=16, choices=ReportKind.choices)
    host = models.CharField(_("host"), max_length=253)
    path = models.CharField(_("path"), max_length=500, blank=True)
    text = models.TextField(_("what is wrong"), blank=True)
    by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, blank=True, related_name="reports_made")
    at = models.DateTimeField()
    due = models.DateField(_("answer by"))
    outcome = models.CharField(max_length=10, choices=ReportOutcome.choices, default=ReportOutcome.WAITING)
    answer = models.TextField(_("answer"), blank=True)
    answered_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["due", "at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(outcome=ReportOutcome.WAITING, answered_at__isnull=True)
                | ~Q(outcome=ReportOutcome.WAITING) & Q(answered_at__isnull=False),
                name="classification_report_answered",
            )
        ]

    def __str__(self) -> str:
        """The resource."""
        return self.host + self.path


class RegisterFile(models.Model):
    """A file of the state's register that was taken in: kept by its name and hash; `rows` is what was read of it."""

    name = models.CharField(_("file"), max_length=200)
    sha256 = models.CharField(max_length=64)
    rows = models.JSONField()
    by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    applied_at = models.DateTimeField(null=True, blank=True)
    undone_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-at"]

    def __str__(self) -> str:
        """The name of the file."""
        return self.name


class RegisterEntry(models.Model):
    """One entry of the state's register: the act, its day, and the term for which the resource is closed to everybody.

    `received_at` is when the school learned of it: from then on it has a day to carry it out.
    """

    number = models.CharField(_("number of the entry"), max_length=60)
    act = models.CharField(_("act"), max_length=200)
    act_date = models.DateField(_("date of the act"))
    target_host = models.CharField(_("host"), max_length=253)
    target_path = models.CharField(_("path"), max_length=500, blank=True)
    since = models.DateTimeField()
    until = models.DateTimeField()
    file = models.ForeignKey(RegisterFile, on_delete=models.PROTECT, related_name="entries")
    received_at = models.DateTimeField()
    lifted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-received_at", "number", "target_host"]
        constraints = [
            models.UniqueConstraint(
                fields=["number", "target_host", "target_path"],
                condition=Q(lifted_at__isnull=True),
                name="classification_entry_once",
            ),
            models.CheckConstraint(condition=Q(until__gt=F("since")), name="classification_entry_ordered"),
        ]

    def __str__(self) -> str:
        """Number and resource."""
        return f"{self.number}: {self.target_host}{self.target_path}"

    @property
    def resource(self) -> str:
        """The resource as people write it."""
        return self.target_host + self.target_path

    def stands(self, at: datetime) -> bool:
        """Whether the entry closes its resource at an instant."""
        return self.lifted_at is None and self.since <= at < self.until
