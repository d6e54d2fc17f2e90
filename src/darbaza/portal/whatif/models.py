"""Replays that were asked for: the draft, the two rulebooks that are compared, and what was found."""

from datetime import datetime, timedelta

from django.db import models
from django.utils.translation import gettext_lazy as _

from darbaza.portal.council.models import AgendaItem, Proposal
from darbaza.portal.council.replays import Result
from darbaza.portal.people.models import Person

SILENCE = timedelta(seconds=60)
"""A replay that has shown no progress for so long has been cut off: it tells every second."""


class ReplayState(models.TextChoices):
    """Where a replay stands."""

    RUNNING = "running", _("under way")
    DONE = "done", _("done")
    FAILED = "failed", _("failed")


class Replay(models.Model):
    """A draft on past traffic. `draft` tells it in words; `before` and `after` are encoded rulebooks, `grades` their
    user categories by grade."""

    asked_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    proposal = models.ForeignKey(Proposal, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    item = models.ForeignKey(AgendaItem, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    first = models.DateField(_("from"))
    last = models.DateField(_("to"))
    draft = models.JSONField()
    before = models.BinaryField()
    after = models.BinaryField()
    grades = models.JSONField()
    state = models.CharField(max_length=8, choices=ReplayState.choices, default=ReplayState.RUNNING)
    seen = models.PositiveBigIntegerField(default=0)
    heard_at = models.DateTimeField()
    result = models.JSONField(null=True, blank=True)

    class Meta:
        ordering = ["-asked_at"]

    def __str__(self) -> str:
        """When it was asked for."""
        return f"{self.asked_at:%Y-%m-%d %H:%M}"

    def is_running(self, at: datetime) -> bool:
        """Whether somebody still works on it."""
        return self.state == ReplayState.RUNNING and at < self.heard_at + SILENCE

    @property
    def found(self) -> Result | None:
        """What it found."""
        return Result.from_json(self.result) if self.result else None
