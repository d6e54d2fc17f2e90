"""That a student's history was opened: by whom, why, and until when it stays open. The log itself is no model."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from darbaza.portal.people.models import Person, new_public_id


class HistoryOpening(models.Model):
    """One look at one student's history, with its stated purpose. It shows the history until `until`, to `by` alone."""

    public_id = models.CharField(max_length=32, unique=True, default=new_public_id, editable=False)
    student = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="history_openings")
    by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    purpose = models.CharField(_("purpose"), max_length=200)
    first = models.DateField(_("from"))
    last = models.DateField(_("to"))
    at = models.DateTimeField()
    until = models.DateTimeField()

    class Meta:
        ordering = ["-at"]

    def __str__(self) -> str:
        """The student and the purpose."""
        return f"{self.student}: {self.purpose}"
