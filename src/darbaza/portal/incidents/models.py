"""A notice about a student: minimal facts, from the supervisor to the class teacher."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from darbaza.portal.lessons.models import SupervisedSession
from darbaza.portal.people.models import Person, SchoolClass, new_public_id


class Notice(models.Model):
    """One notice. It holds no addresses: `refusals` cites refusals by their references, for who may look them up.

    `school_class` is the student's class when it was sent: its class teachers of the day read it.
    """

    public_id = models.CharField(max_length=32, unique=True, default=new_public_id, editable=False)
    student = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="notices")
    school_class = models.ForeignKey(SchoolClass, on_delete=models.PROTECT, related_name="notices")
    session = models.ForeignKey(
        SupervisedSession, on_delete=models.PROTECT, null=True, blank=True, related_name="notices"
    )
    sent_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="notices_sent")
    sent_at = models.DateTimeField()
    text = models.CharField(_("what happened"), max_length=300)
    refusals = models.CharField(_("references of refusals"), max_length=200, blank=True)
    seen_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    seen_at = models.DateTimeField(null=True, blank=True)
    talked_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    talked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-sent_at", "-id"]

    def __str__(self) -> str:
        """The student."""
        return str(self.student)

    @property
    def references(self) -> list[str]:
        """The references of refusals, one by one."""
        return self.refusals.split()
