"""What the matrix keeps: readings of the audit's chain, and the matrix as it was recorded on a day."""

from django.db import models

from darbaza.portal.people.models import Person


class ChainReading(models.Model):
    """One check of the whole chain. `number` is the last entry if it holds, else the first bad one."""

    at = models.DateTimeField(db_index=True)
    intact = models.BooleanField()
    number = models.PositiveBigIntegerField()
    fault = models.CharField(max_length=16, blank=True)

    class Meta:
        ordering = ["-at"]

    def __str__(self) -> str:
        """When and with what outcome."""
        return f"{self.at:%Y-%m-%d %H:%M} {self.fault or 'intact'}"


class MatrixRecord(models.Model):
    """The matrix as it stood when somebody recorded it: facts without names of people. Numbered per year."""

    year = models.PositiveSmallIntegerField()
    number = models.PositiveIntegerField()
    recorded_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()
    facts = models.JSONField()

    class Meta:
        ordering = ["-year", "-number"]
        constraints = [models.UniqueConstraint(fields=["year", "number"], name="evidence_record_number_once")]

    def __str__(self) -> str:
        """As people cite it."""
        return self.ref

    @property
    def ref(self) -> str:
        """`2026-3`: year and number."""
        return f"{self.year}-{self.number}"
