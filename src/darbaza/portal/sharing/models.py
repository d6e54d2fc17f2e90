"""Signs of sharing, each with its evidence, until the person responsible has settled it."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from darbaza.portal.people.models import Person
from darbaza.portal.rooms.models import Device


class SignKind(models.TextChoices):
    """What was seen."""

    LOGIN = "login", _("one sign-in at several computers")
    RELAY = "relay", _("one network card with several addresses")
    SWAP = "swap", _("another computer in place of the one that signed in")


class Outcome(models.TextChoices):
    """What the person responsible found."""

    HARMLESS = "harmless", _("harmless")
    MENDED = "mended", _("mended, nobody's fault")
    SHARED = "shared", _("access was shared")


class Sign(models.Model):
    """One sign, open until it is settled. `evidence`: its latest observations, each with instant, code and devices."""

    kind = models.CharField(max_length=8, choices=SignKind.choices)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    device = models.ForeignKey(Device, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()
    count = models.PositiveIntegerField(default=0)
    evidence = models.JSONField(default=list)
    settled_at = models.DateTimeField(null=True, blank=True)
    settled_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    outcome = models.CharField(_("what it was"), max_length=8, choices=Outcome.choices, blank=True)
    word = models.CharField(_("in a word"), max_length=300, blank=True)

    class Meta:
        ordering = ["-last_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "person"],
                condition=Q(settled_at__isnull=True, device__isnull=True),
                name="sharing_one_open_of_person",
            ),
            models.UniqueConstraint(
                fields=["kind", "device"],
                condition=Q(settled_at__isnull=True, person__isnull=True),
                name="sharing_one_open_of_device",
            ),
            models.UniqueConstraint(
                fields=["kind", "person", "device"],
                condition=Q(settled_at__isnull=True),
                name="sharing_one_open_of_both",
            ),
            models.CheckConstraint(
                condition=Q(person__isnull=False) | Q(device__isnull=False), name="sharing_about_somebody"
            ),
        ]

    def __str__(self) -> str:
        """Kind and whom or what it is about."""
        return f"{self.get_kind_display()}: {self.person or self.device}"
