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
    """A device that the school knows by its address, and where `mac` was entered by its network card as well."""

    address = models.GenericIPAddressField(_("address"), unique=True)
    name = models.CharField(
        _("name"), max_length=40, blank=True, validators=[RegexValidator(r"^[\w .-]*$", _("letters, digits, . and -"))]
    )
    seat = models.OneToOneField(Seat, on_delete=models.SET_NULL, null=True, blank=True, related_name="device")
    kind = models.CharField(_("kind"), max_length=8, choices=DeviceKind.choices, default=DeviceKind.STUDENT)
    mac = models.CharField(_("network card"), max_length=17, blank=True)

    class Meta:
        ordering = ["address"]
        constraints = [models.UniqueConstraint(fields=["mac"], condition=~Q(mac=""), name="rooms_card_once")]

    def __str__(self) -> str:
        """Name or address."""
        return self.name or self.address


class Fault(models.Model):
    """A seat whose computer is broken: in a word what is wrong with it, until somebody sets it right."""

    seat = models.ForeignKey(Seat, on_delete=models.CASCADE, related_name="faults")
    text = models.CharField(_("what is broken"), max_length=120)
    by = models.ForeignKey("people.Person", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    mended_at = models.DateTimeField(null=True, blank=True)
    mended_by = models.ForeignKey("people.Person", on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["seat"], condition=Q(mended_at__isnull=True), name="rooms_one_fault_a_seat")
        ]

    def __str__(self) -> str:
        """What is broken."""
        return self.text


class Doubt(models.TextChoices):
    """Why a box does not take a device for who it says it is; the values are the agent's (`darbaza.agent.identity`)."""

    STRANGER = "stranger", _("unknown device")
    RANDOMISED = "randomised", _("unknown device that hides its network card")
    OTHER_CARD = "other-card", _("another computer at this address")
    WRONG_ADDRESS = "wrong-address", _("a known computer at an address that is not its own")
    TWICE = "twice", _("the same network card in two places")
    NO_CARD = "no-card", _("entered without its network card")
    NO_LEASE = "no-lease", _("address set by hand")
    CHANGED = "changed", _("another computer than at the sign-in")
    IMPOSTOR = "impostor", _("another computer claims this address")
    GONE = "gone", _("left the network")


class Sighting(models.Model):
    """A device without identity, as a box saw it last. Rows are the box's latest report and nothing more.

    `expected` is the network card that should be at the address, empty where none was entered.
    """

    box = models.SlugField(max_length=40)
    address = models.GenericIPAddressField(_("address"))
    mac = models.CharField(_("network card"), max_length=17, blank=True)
    expected = models.CharField(max_length=17, blank=True)
    name = models.CharField(_("name that it gives"), max_length=64, blank=True)
    doubt = models.CharField(_("what is wrong"), max_length=16, choices=Doubt.choices)
    since = models.DateTimeField()

    class Meta:
        ordering = ["-since", "address"]
        constraints = [models.UniqueConstraint(fields=["box", "address"], name="rooms_one_sighting")]

    def __str__(self) -> str:
        """Address and card."""
        return f"{self.address} · {self.mac}"


class Flows(models.Model):
    """What a box counted last: bytes over open connections, by device's address."""

    box = models.CharField(max_length=40, unique=True)
    at = models.DateTimeField()
    counts = models.JSONField(default=dict)

    class Meta:
        ordering = ["box"]
        verbose_name_plural = "flows"

    def __str__(self) -> str:
        """The box."""
        return self.box
