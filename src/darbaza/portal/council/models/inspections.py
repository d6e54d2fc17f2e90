"""Decisions that encrypted pages of named computers are looked into (2.6)."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from darbaza.portal.council.models.decisions import Decision
from darbaza.portal.people.terms import TermField
from darbaza.portal.rooms.models import Device


class Inspection(models.Model):
    """What a decision says about looking into encrypted pages: on which computers, until when, and where never.

    In force from `since` until just before `until`; a later decision that ends it earlier stands in `ended_by`. On
    `review_date` the council is asked to look again. `spared` are hosts, one a line, that are never looked into; money,
    mail, health and the state's services never are. A computer without the school's certificate is left out.
    """

    decision = models.ForeignKey(Decision, on_delete=models.PROTECT, related_name="inspections")
    devices = models.ManyToManyField(Device, related_name="inspections")
    reason = models.CharField(_("what for"), max_length=300)
    spared = models.TextField(_("never on these hosts"), blank=True)
    since = TermField(_("since"))
    until = TermField(_("until"))
    review_date = models.DateField(_("review on"))
    ended_by = models.ForeignKey(
        Decision, on_delete=models.PROTECT, null=True, blank=True, related_name="ended_inspections"
    )

    class Meta:
        ordering = ["decision", "id"]
        constraints = [models.CheckConstraint(condition=Q(until__gte=F("since")), name="council_inspection_ordered")]

    def __str__(self) -> str:
        """The decision."""
        return self.decision.ref

    @property
    def hosts(self) -> list[str]:
        """The spared hosts."""
        return self.spared.split()
