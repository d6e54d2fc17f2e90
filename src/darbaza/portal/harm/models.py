"""An incident between people: what happened, before whom it is, and what they concluded."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from darbaza.portal.council.models import Order
from darbaza.portal.incidents.models import StudentReport
from darbaza.portal.people.models import Person, new_public_id


class HarmKind(models.TextChoices):
    """What somebody did to somebody, as far as 3.3 names it. Nothing is said here of whether it was so."""

    THREAT = "threat", _("a threat")
    INSULT = "insult", _("an insult")
    OTHER = "other", _("other harm to a person")


class HarmState(models.TextChoices):
    """Where an incident stands."""

    NOTED = "noted", _("recorded")
    REFERRED = "referred", _("before the commission")
    CONCLUDED = "concluded", _("the commission has concluded")
    SETTLED = "settled", _("settled without the commission")


class Outcome(models.TextChoices):
    """What the commission found."""

    CONFIRMED = "confirmed", _("it was so")
    NOT_CONFIRMED = "not-confirmed", _("it was not so, or cannot be said")


class HarmIncident(models.Model):
    """One incident. Read by whoever recorded it, the director, and the commission before which it is: nobody else.

    `commission` is the order that named the commission. `about` is the student who was harmed, if one is named.
    """

    public_id = models.CharField(max_length=32, unique=True, default=new_public_id, editable=False)
    kind = models.CharField(_("what kind"), max_length=8, choices=HarmKind.choices)
    text = models.TextField(_("what happened"), max_length=1000)
    about = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    report = models.OneToOneField(
        StudentReport, on_delete=models.SET_NULL, null=True, blank=True, related_name="harm_incident"
    )
    recorded_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="harm_recorded")
    recorded_at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=HarmState.choices, default=HarmState.NOTED)
    commission = models.ForeignKey(
        Order, on_delete=models.PROTECT, null=True, blank=True, related_name="harm_incidents"
    )
    referred_at = models.DateTimeField(null=True, blank=True)
    due = models.DateField(null=True, blank=True)
    outcome = models.CharField(max_length=14, choices=Outcome.choices, blank=True)
    finding = models.TextField(_("what was concluded"), max_length=1000, blank=True)
    ended_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-recorded_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=[HarmState.NOTED, HarmState.REFERRED], ended_at__isnull=True)
                | Q(state__in=[HarmState.CONCLUDED, HarmState.SETTLED], ended_at__isnull=False),
                name="harm_ended",
            ),
            models.CheckConstraint(
                condition=Q(state__in=[HarmState.NOTED, HarmState.SETTLED], commission__isnull=True)
                | Q(state__in=[HarmState.REFERRED, HarmState.CONCLUDED], commission__isnull=False, due__isnull=False),
                name="harm_before_a_commission",
            ),
        ]

    def __str__(self) -> str:
        """The kind."""
        return str(self.get_kind_display())
