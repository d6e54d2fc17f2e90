"""Versions of the school's regulation and their clauses."""

from datetime import datetime

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from darbaza.portal.people.models import Language, Person
from darbaza.portal.people.terms import TermField


class ActKind(models.TextChoices):
    """By what a version was approved."""

    ORDER = "order", _("order of the director")
    DECISION = "decision", _("decision of the pedagogical council")


class RegulationVersion(models.Model):
    """The regulation in one wording. Written as a draft; once an act approves it, nothing of it is changed.

    In force from `since` until the next version is, or until `until`, when the order that approved it is repealed.
    `changes` counts how often a draft was written, so that nobody writes over another unseen.
    """

    language = models.CharField(_("language"), max_length=2, choices=Language.choices, default=Language.KYRGYZ)
    drafted_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    drafted_at = models.DateTimeField()
    changes = models.PositiveIntegerField(default=0)
    file_name = models.CharField(max_length=200, blank=True)
    file_sha256 = models.CharField(max_length=64, blank=True)
    act_kind = models.CharField(_("approved by"), max_length=8, choices=ActKind.choices, blank=True)
    act_number = models.CharField(_("number of the act"), max_length=20, blank=True)
    act_date = models.DateField(_("date of the act"), null=True, blank=True)
    approved_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    approved_at = models.DateTimeField(null=True, blank=True)
    since = TermField(_("in force from"), null=True, blank=True)
    until = TermField(_("in force until"), null=True, blank=True)

    class Meta:
        ordering = ["-since", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["act_date", "act_number"], condition=~Q(act_kind=""), name="council_regulation_act_once"
            ),
            models.CheckConstraint(
                condition=Q(act_kind="", since__isnull=True) | (~Q(act_kind="") & Q(since__isnull=False)),
                name="council_regulation_approved_whole",
            ),
        ]

    def __str__(self) -> str:
        """The version as it is cited."""
        return self.ref

    @property
    def ref(self) -> str:
        """`2026-09-01/14`: date and number of the approving act; a draft has none yet."""
        return f"{self.act_date.isoformat()}/{self.act_number}" if self.act_date else ""

    @property
    def is_draft(self) -> bool:
        """Whether no act has approved it yet."""
        return not self.act_kind

    def stands(self, at: datetime) -> bool:
        """Whether its own term holds an instant; a later version may be in force instead."""
        return self.since is not None and self.since <= at and (self.until is None or at < self.until)


class RegulationClause(models.Model):
    """One clause in the school's own words."""

    version = models.ForeignKey(RegulationVersion, on_delete=models.CASCADE, related_name="clauses")
    number = models.CharField(max_length=8)
    text = models.TextField()
    position = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ["version", "position"]
        constraints = [models.UniqueConstraint(fields=["version", "number"], name="council_clause_once")]

    def __str__(self) -> str:
        """Number."""
        return self.number
