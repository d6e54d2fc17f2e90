"""Notifications: that something waits for a person. They name no student and hold no text of anybody's."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from darbaza.portal.people.models import Person, new_public_id


class Kind(models.TextChoices):
    """What is told of, in the words that also leave the school: no name, no host, no text."""

    URGENT_REPORT = "urgent-report", _("a student needs an adult")
    REPORT = "report", _("a report waits for an answer")
    REPORT_DUE = "report-due", _("a report has to be answered today")
    PERMIT_ASKED = "permit-asked", _("a permission is asked for")
    PERMIT_DECIDED = "permit-decided", _("your request for a permission is decided")
    ORDER = "order", _("an order waits for your signature")
    SITTING = "sitting", _("a sitting of the council is called")
    PROPOSAL = "proposal", _("your proposal is answered")
    CLASS_NOTICE = "class-notice", _("a notice about your class")
    LESSON_PAUSED = "lesson-paused", _("a lesson is paused: its supervisor is away")
    LIST_HELD = "list-held", _("an update of a list is held until somebody looks")
    BOX_SILENT = "box-silent", _("the gateway is not heard of")


URGENT = frozenset({Kind.URGENT_REPORT, Kind.BOX_SILENT})
"""Kinds that no quiet hours and no digest hold back."""

CLAUSES: dict[Kind, str] = {
    Kind.URGENT_REPORT: "3.4",
    Kind.REPORT: "3.4",
    Kind.REPORT_DUE: "2.13",
    Kind.PERMIT_ASKED: "3.2",
    Kind.PERMIT_DECIDED: "3.2",
    Kind.ORDER: "2.5",
    Kind.SITTING: "2.6",
    Kind.PROPOSAL: "2.6",
    Kind.CLASS_NOTICE: "2.7",
    Kind.LESSON_PAUSED: "2.9",
    Kind.LIST_HELD: "2.13",
    Kind.BOX_SILENT: "2.5",
}
"""The clause for whose sake each kind is told."""


class Notification(models.Model):
    """One thing that one person is told of. `event` names what happened: told again, it is the same notification.

    `url` is a page of the portal, which asks for rights as always; without them the notification opens nothing.
    """

    public_id = models.CharField(max_length=32, unique=True, default=new_public_id, editable=False)
    event = models.CharField(max_length=120)
    kind = models.CharField(max_length=20, choices=Kind.choices)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="notifications")
    url = models.CharField(max_length=200)
    at = models.DateTimeField(db_index=True)
    read_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-at", "-id"]
        constraints = [models.UniqueConstraint(fields=["event", "kind", "person"], name="notices_told_once")]
        indexes = [models.Index(fields=["person", "read_at"])]

    def __str__(self) -> str:
        """What of."""
        return str(self.get_kind_display())

    @property
    def is_urgent(self) -> bool:
        """Whether nothing holds it back."""
        return self.kind in URGENT

    @property
    def clause(self) -> str:
        """The clause for whose sake it is told."""
        return CLAUSES[Kind(self.kind)]
