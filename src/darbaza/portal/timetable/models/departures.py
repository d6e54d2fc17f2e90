"""What departs from the schedule in force on certain days: a lesson taken from its place, a day closed to all."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from darbaza.portal.people.models import Person
from darbaza.portal.timetable.models.versions import ScheduleException, Slot


class Cancellation(models.Model):
    """One lesson that does not take place on its day; `moved_to` is where it went, if anywhere. Never changed."""

    slot = models.ForeignKey(Slot, on_delete=models.PROTECT, related_name="cancellations")
    day = models.DateField(_("day"))
    reason = models.CharField(_("reason"), max_length=200)
    moved_to = models.OneToOneField(
        ScheduleException, on_delete=models.PROTECT, null=True, blank=True, related_name="moved_from"
    )
    recorded_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()

    class Meta:
        ordering = ["day", "id"]
        constraints = [models.UniqueConstraint(fields=["slot", "day"], name="timetable_cancelled_once")]

    def __str__(self) -> str:
        """Lesson and day."""
        return f"{self.slot} · {self.day:%d.%m.%Y}"


class Closure(models.Model):
    """Days that were closed to all lessons after the schedule was approved: frost, quarantine, an event."""

    name = models.CharField(_("what it is called"), max_length=80)
    first = models.DateField(_("first day"))
    last = models.DateField(_("last day"))
    reason = models.CharField(_("reason"), max_length=200)
    recorded_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()

    class Meta:
        ordering = ["first", "id"]
        constraints = [models.CheckConstraint(condition=Q(last__gte=F("first")), name="timetable_closure_ordered")]

    def __str__(self) -> str:
        """Its name."""
        return self.name

    @property
    def key(self) -> str:
        """What the rulebook calls it."""
        return f"closure-{self.pk}"
