"""Files between preview and application, applied imports with what undoes them, and runs of the solver."""

from django.db import models

from darbaza.portal.people.models import Person
from darbaza.portal.timetable.models.versions import ScheduleVersion


class TimetableFile(models.Model):
    """An uploaded timetable between its preview and its application. Kept for a day."""

    version = models.ForeignKey(ScheduleVersion, on_delete=models.CASCADE, related_name="+")
    by = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField()
    file_name = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64)
    rows = models.JSONField()

    class Meta:
        ordering = ["-at"]

    def __str__(self) -> str:
        """The file's name."""
        return self.file_name


class TimetableImport(models.Model):
    """One applied timetable. Its lessons carry it, so that undoing takes exactly them out again."""

    version = models.ForeignKey(ScheduleVersion, on_delete=models.CASCADE, related_name="imports")
    at = models.DateTimeField()
    by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    file_name = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64)
    lessons = models.PositiveIntegerField()
    undone_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-at"]

    def __str__(self) -> str:
        """The file's name."""
        return self.file_name


class DraftingRun(models.Model):
    """One run of the solver for a draft: what it was asked, until when it may think, and what was done with it."""

    version = models.ForeignKey(ScheduleVersion, on_delete=models.CASCADE, related_name="runs")
    by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    deadline = models.DateTimeField()
    problem = models.JSONField()
    result = models.JSONField(null=True)
    taken_over_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-at", "-id"]

    def __str__(self) -> str:
        """The version and the instant."""
        return f"{self.version} · {self.at:%Y-%m-%d %H:%M}"
