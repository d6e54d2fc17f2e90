"""Resources closed at once to the whole school by one responsible person, until a council or the officer judges."""

from datetime import datetime

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from darbaza.portal.council.models.decisions import Decision
from darbaza.portal.people.models import Person


class Hold(models.Model):
    """A resource that is held: closed to everybody at school from `at` until it lapses, is released or is ruled on.

    One placed in urgency lapses at `lapses_at` unless a decision denies the resource before that (`ratified_by`).
    One that follows from a report (`from_report`, 3.4) opens as soon as the report is judged; a student who reported is
    not named here.
    """

    year = models.PositiveSmallIntegerField(_("year"))
    number = models.PositiveIntegerField(_("number"))
    target_host = models.CharField(_("host"), max_length=253)
    target_path = models.CharField(_("path"), max_length=500, blank=True)
    subdomains = models.BooleanField(_("with everything below"), default=True)
    reason = models.TextField(_("reason"))
    placed_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, blank=True, related_name="holds_placed")
    from_report = models.BooleanField(default=False)
    at = models.DateTimeField()
    lapses_at = models.DateTimeField()
    released_at = models.DateTimeField(null=True, blank=True)
    released_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    release_reason = models.TextField(_("why it is open again"), blank=True)
    ratified_by = models.ForeignKey(Decision, on_delete=models.PROTECT, null=True, blank=True, related_name="ratifies")

    class Meta:
        ordering = ["-year", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["year", "number"], name="council_hold_number_once"),
            models.CheckConstraint(
                condition=Q(released_at__isnull=True, released_by__isnull=True)
                | Q(released_at__isnull=False, released_by__isnull=False),
                name="council_hold_released_by",
            ),
        ]

    def __str__(self) -> str:
        """The resource as people write it."""
        return self.resource

    @property
    def ref(self) -> str:
        """`2026-14`: year and number, as a ground cites it."""
        return f"{self.year}-{self.number}"

    @property
    def resource(self) -> str:
        """The resource as people write it."""
        return self.target_host + self.target_path

    def stands(self, at: datetime) -> bool:
        """Whether the resource is held at an instant."""
        return self.released_at is None and self.at <= at < self.lapses_at


def standing(at: datetime) -> Q:
    """Holds that have neither lapsed nor been released at an instant."""
    return Q(released_at__isnull=True, lapses_at__gt=at)
