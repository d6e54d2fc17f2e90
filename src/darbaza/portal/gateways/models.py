"""Boxes, and the revisions of the rulebook that they were given."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Box(models.Model):
    """A gateway box. Its token is known to the box alone; here stands the SHA-256 of it, which is enough to check."""

    name = models.SlugField(_("name"), max_length=40, unique=True)
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    enrolled_at = models.DateTimeField()
    retired_at = models.DateTimeField(null=True, blank=True)
    last_seen = models.DateTimeField(null=True, blank=True)
    revision = models.PositiveBigIntegerField(default=0)
    sequence = models.PositiveBigIntegerField(default=0)
    keyring = models.PositiveBigIntegerField(default=0)
    health = models.JSONField(default=dict, blank=True)
    health_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["name"]
        verbose_name_plural = "boxes"

    def __str__(self) -> str:
        """The name."""
        return self.name


class Taken(models.Model):
    """When a box first said that it has a revision: the proof that what it holds was carried out there."""

    box = models.ForeignKey(Box, on_delete=models.CASCADE, related_name="taken")
    revision = models.PositiveBigIntegerField()
    at = models.DateTimeField()

    class Meta:
        ordering = ["revision", "at"]
        constraints = [models.UniqueConstraint(fields=["box", "revision"], name="gateways_taken_once")]

    def __str__(self) -> str:
        """`box r12`."""
        return f"{self.box} r{self.revision}"


class Trust(models.Model):
    """A certificate of the school is installed on this device: what a box signs with it, the device believes.

    `fingerprint` is its SHA-256 in small hex digits; empty for a note of old whose certificate nobody knows any more.
    """

    device = models.ForeignKey("rooms.Device", on_delete=models.CASCADE, related_name="trusts")
    fingerprint = models.CharField(max_length=64)
    since = models.DateTimeField()
    by = models.ForeignKey("people.Person", on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["device", "since"]
        constraints = [models.UniqueConstraint(fields=["device", "fingerprint"], name="trust_noted_once")]

    def __str__(self) -> str:
        """The device."""
        return str(self.device)


class SigningKey(models.Model):
    """A key with which the portal signs, or signed. There is no row before the first change of keys."""

    name = models.CharField(max_length=16, unique=True)
    public = models.CharField(max_length=60)
    file = models.CharField(max_length=60)
    since = models.DateTimeField()
    retired_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        """Its sixteen digits."""
        return self.name


class KeyringChange(models.Model):
    """One change of the keys that boxes trust, sealed by the keys before and after. Kept for ever: a box that was away
    follows all of them, though the keys that sealed them are destroyed."""

    number = models.PositiveBigIntegerField(primary_key=True)
    at = models.DateTimeField()
    sealed = models.BinaryField()

    class Meta:
        ordering = ["number"]

    def __str__(self) -> str:
        """The number."""
        return f"{self.number}"


class SnapshotRevision(models.Model):
    """One revision of the rulebook: its canonical bytes, and from when it was the one in force."""

    number = models.PositiveBigIntegerField(primary_key=True)
    made_at = models.DateTimeField(db_index=True)
    digest = models.CharField(max_length=64)
    body = models.BinaryField()

    class Meta:
        ordering = ["number"]

    def __str__(self) -> str:
        """`r12`."""
        return f"r{self.number}"


class PublishHead(models.Model):
    """One row: up to which audit entry and which instant the latest revision is known to be right. Builders lock it.

    `due` is the next instant at which the rulebook changes although nobody acts, `acquaintance` the id of the
    rules that users must have accepted in it.
    """

    audit_number = models.PositiveBigIntegerField(default=0)
    due = models.DateTimeField(null=True, blank=True)
    fingerprint = models.CharField(max_length=64, blank=True)
    acquaintance = models.CharField(max_length=80, blank=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="gateways_one_head")]

    def __str__(self) -> str:
        """The audit entry."""
        return f"{self.audit_number}"
