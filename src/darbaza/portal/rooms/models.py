"""Rooms, seats and devices."""

from datetime import date

from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class DeviceKind(models.TextChoices):
    """For whom a device stands: the regulation's rules for students bind the first kind."""

    STUDENT = "student", _("students' device")
    STAFF = "staff", _("staff device")


class Room(models.Model):
    """A room. It is equipped for internet work only while an order says so (2.5).

    `order_number`, `equipped_since` and `equipped_until` are written by `council.actions` alone; the last is the first
    day on which the room is no longer equipped.
    """

    code = models.SlugField(_("code"), max_length=32, unique=True)
    name = models.CharField(_("name"), max_length=80)
    capacity = models.PositiveSmallIntegerField(_("places for students"), default=0)
    order_number = models.CharField(max_length=20, blank=True, editable=False)
    order_date = models.DateField(null=True, blank=True, editable=False)
    equipped_since = models.DateField(null=True, blank=True, editable=False)
    equipped_until = models.DateField(null=True, blank=True, editable=False)

    class Meta:
        ordering = ["code"]

    def __str__(self) -> str:
        """The room's name."""
        return self.name

    def equipped_on(self, day: date) -> bool:
        """Whether an order equips the room on a day."""
        begun = self.equipped_since is not None and self.equipped_since <= day
        return begun and (self.equipped_until is None or day < self.equipped_until)


class Seat(models.Model):
    """A place in a room, on a grid seen from the teacher's desk: `x` to the right, `y` away from it, both from 0."""

    room = models.ForeignKey(Room, on_delete=models.CASCADE, related_name="seats")
    number = models.PositiveSmallIntegerField(_("seat"))
    x = models.PositiveSmallIntegerField()
    y = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ["room", "number"]
        constraints = [
            models.UniqueConstraint(fields=["room", "number"], name="rooms_seat_number_once"),
            models.UniqueConstraint(fields=["room", "x", "y"], name="rooms_seat_place_once"),
            models.CheckConstraint(condition=Q(x__lt=40, y__lt=40), name="rooms_seat_on_the_plan"),
        ]

    def __str__(self) -> str:
        """Room and number."""
        return f"{self.room} · {self.number}"


class Device(models.Model):
    """A device that the school knows by its address."""

    address = models.GenericIPAddressField(_("address"), unique=True)
    name = models.CharField(
        _("name"), max_length=40, blank=True, validators=[RegexValidator(r"^[\w .-]*$", _("letters, digits, . and -"))]
    )
    seat = models.OneToOneField(Seat, on_delete=models.SET_NULL, null=True, blank=True, related_name="device")
    kind = models.CharField(_("kind"), max_length=8, choices=DeviceKind.choices, default=DeviceKind.STUDENT)

    class Meta:
        ordering = ["address"]

    def __str__(self) -> str:
        """Name or address."""
        return self.name or self.address
