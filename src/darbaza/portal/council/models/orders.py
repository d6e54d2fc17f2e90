"""Orders and what each point of one does."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from darbaza.portal.people.duties import Duty
from darbaza.portal.people.models import Person, SchoolClass
from darbaza.portal.rooms.models import Room


class OrderKind(models.TextChoices):
    """What an order is about."""

    STAFF = "staff", _("appointment and dismissal")
    ROOMS = "rooms", _("equipped rooms")
    SCHEDULE = "schedule", _("schedule")
    OTHER = "other", _("other")


class Order(models.Model):
    """The director's dated act (2.5). Signed once, never changed: a later order repeals it.

    Days as everywhere: in force from `in_force_from` to the day before `in_force_until`.
    """

    year = models.PositiveSmallIntegerField(_("year"))
    number = models.PositiveIntegerField(_("number"))
    date = models.DateField(_("date"))
    kind = models.CharField(_("kind"), max_length=10, choices=OrderKind.choices)
    text = models.TextField(_("text"))
    signed_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="orders_signed")
    signed_at = models.DateTimeField()
    in_force_from = models.DateField(_("in force from"))
    in_force_until = models.DateField(_("in force until"), null=True, blank=True)
    repealed_by = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="repeals")

    class Meta:
        ordering = ["-year", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["year", "number"], name="council_order_number_once"),
            models.CheckConstraint(
                condition=Q(in_force_until__isnull=True) | Q(in_force_until__gte=F("in_force_from")),
                name="council_order_ordered",
            ),
        ]

    def __str__(self) -> str:
        """The order as people cite it."""
        return self.ref

    @property
    def ref(self) -> str:
        """`2026-14`: year and number, as a ground cites it."""
        return f"{self.year}-{self.number}"


class OrderAct(models.TextChoices):
    """What one point of an order does."""

    APPOINT = "appoint", _("appoint")
    DISMISS = "dismiss", _("dismiss")
    EQUIP = "equip", _("equip for internet work")
    UNEQUIP = "unequip", _("no longer equipped")


class OrderPoint(models.Model):
    """One point of an order: a person and a duty, or a room."""

    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="points")
    position = models.PositiveSmallIntegerField()
    act = models.CharField(max_length=8, choices=OrderAct.choices)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    duty = models.CharField(max_length=24, choices=Duty.choices, blank=True)
    school_class = models.ForeignKey(SchoolClass, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    room = models.ForeignKey(Room, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["order", "position"]
        constraints = [
            models.UniqueConstraint(fields=["order", "position"], name="council_point_once"),
            models.CheckConstraint(
                condition=Q(room__isnull=False, person__isnull=True) | Q(room__isnull=True, person__isnull=False),
                name="council_point_person_or_room",
            ),
        ]

    def __str__(self) -> str:
        """What is done to whom or what."""
        return f"{self.get_act_display()}: {self.person or self.room}"
