"""Prints that were made, and scans of signed paper."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from darbaza.portal.people.models import Person


class Print(models.Model):
    """A document as it was printed once: by its code whoever holds the paper finds the record.

    Written at the first print; a record that has changed since has another digest, and so another print.
    """

    code = models.CharField(max_length=12, unique=True)
    kind = models.CharField(max_length=16)
    ref = models.CharField(max_length=64)
    digest = models.CharField(max_length=64)
    number = models.CharField(max_length=40, blank=True)
    date = models.DateField(null=True, blank=True)
    first_printed_at = models.DateTimeField()

    class Meta:
        ordering = ["-first_printed_at"]
        indexes = [models.Index(fields=["kind", "ref"])]

    def __str__(self) -> str:
        """Kind and reference."""
        return f"{self.kind} {self.ref}"


class ScanType(models.TextChoices):
    """What a scan may be, by its content."""

    PDF = "application/pdf", "PDF"
    JPEG = "image/jpeg", "JPEG"
    PNG = "image/png", "PNG"
    TIFF = "image/tiff", "TIFF"


class Scan(models.Model):
    """A scan of signed paper, attached to its record. The file lies in the state directory under its SHA-256.

    Never removed; one that was attached by mistake is withdrawn with a reason, and then shown to nobody.
    """

    kind = models.CharField(max_length=16)
    ref = models.CharField(max_length=64)
    name = models.CharField(_("name"), max_length=120)
    media_type = models.CharField(max_length=20, choices=ScanType.choices)
    size = models.PositiveBigIntegerField()
    pages = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    attached_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    attached_at = models.DateTimeField()
    withdrawn_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(_("reason"), max_length=200, blank=True)

    class Meta:
        ordering = ["attached_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "ref", "sha256"],
                condition=models.Q(withdrawn_at__isnull=True),
                name="papers_scan_attached_once",
            )
        ]

    def __str__(self) -> str:
        """The file's name."""
        return self.name
