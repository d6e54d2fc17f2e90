"""Orders, what each point of one does, their drafts, and duties given in an emergency."""

from datetime import datetime

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from darbaza.portal.council.models.regulation import RegulationVersion
from darbaza.portal.council.models.sittings import Proposal
from darbaza.portal.people.duties import Duty
from darbaza.portal.people.models import Person, SchoolClass
from darbaza.portal.people.terms import TermField
from darbaza.portal.rooms.models import Room


class OrderKind(models.TextChoices):
    """What an order is about."""

    STAFF = "staff", _("appointment and dismissal")
    SUBSTITUTE = "substitute", _("substitution")
    COMMISSION = "commission", _("commission")
    ROOMS = "rooms", _("equipped rooms")
    SCHEDULE = "schedule", _("schedule")
    REGULATION = "regulation", _("regulation")
    OTHER = "other", _("other")


class Order(models.Model):
    """The director's dated act (2.5). Signed once, never changed: a later order repeals it.

    In force from `in_force_from` until just before `in_force_until`. `proposal` is the council's proposal that it
    follows (2.6).
    """

    year = models.PositiveSmallIntegerField(_("year"))
    number = models.PositiveIntegerField(_("number"))
    date = models.DateField(_("date"))
    kind = models.CharField(_("kind"), max_length=10, choices=OrderKind.choices)
    text = models.TextField(_("text"))
    signed_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="orders_signed")
    signed_at = models.DateTimeField()
    in_force_from = TermField(_("in force from"))
    in_force_until = TermField(_("in force until"), null=True, blank=True)
    repealed_by = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="repeals")
    proposal = models.ForeignKey(Proposal, on_delete=models.PROTECT, null=True, blank=True, related_name="orders")

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
    SUBSTITUTE = "substitute", _("stands in")
    DISMISS = "dismiss", _("dismiss")
    COMMISSION = "commission", _("into the commission")
    EQUIP = "equip", _("equip for internet work")
    UNEQUIP = "unequip", _("no longer equipped")
    APPROVE = "approve", _("approve")


class Seat(models.TextChoices):
    """What somebody is in a commission."""

    CHAIR = "chair", _("chair of the commission")
    MEMBER = "member", _("member of the commission")


class PointFields(models.Model):
    """One point: a person and a duty, a person and a seat in a commission, a room, or a version of the regulation.

    `instead_of` is the absent person for whom somebody stands in.
    """

    position = models.PositiveSmallIntegerField()
    act = models.CharField(max_length=10, choices=OrderAct.choices)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    instead_of = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    duty = models.CharField(max_length=24, choices=Duty.choices, blank=True)
    school_class = models.ForeignKey(SchoolClass, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    seat = models.CharField(max_length=8, choices=Seat.choices, blank=True)
    room = models.ForeignKey(Room, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    regulation = models.ForeignKey(RegulationVersion, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        abstract = True

    def __str__(self) -> str:
        """What is done to whom or what."""
        return f"{self.get_act_display()}: {self.person or self.room or self.regulation}"


ABOUT_ONE = (
    Q(room__isnull=False, person__isnull=True, regulation__isnull=True)
    | Q(room__isnull=True, person__isnull=False, regulation__isnull=True)
    | Q(room__isnull=True, person__isnull=True, regulation__isnull=False)
)


class OrderPoint(PointFields):
    """One point of a signed order."""

    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="points")

    class Meta:
        ordering = ["order", "position"]
        constraints = [
            models.UniqueConstraint(fields=["order", "position"], name="council_point_once"),
            models.CheckConstraint(condition=ABOUT_ONE, name="council_point_person_or_room"),
        ]


class Emergency(models.Model):
    """A duty given without the director, in urgency: in force from `at` until it lapses, is ended, or is ratified.

    It lapses at `lapses_at` unless an order of the director takes its place before (`ratified_by`).
    """

    year = models.PositiveSmallIntegerField(_("year"))
    number = models.PositiveIntegerField(_("number"))
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="emergencies")
    duty = models.CharField(_("duty"), max_length=24, choices=Duty.choices)
    school_class = models.ForeignKey(SchoolClass, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    instead_of = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    reason = models.TextField(_("reason"))
    by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="emergencies_declared")
    at = models.DateTimeField()
    lapses_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    ratified_by = models.ForeignKey(Order, on_delete=models.PROTECT, null=True, blank=True, related_name="ratifies")

    class Meta:
        ordering = ["-year", "-number"]
        verbose_name_plural = "emergencies"
        constraints = [models.UniqueConstraint(fields=["year", "number"], name="council_emergency_number_once")]

    def __str__(self) -> str:
        """Person and duty."""
        return f"{self.person} · {self.get_duty_display()}"

    @property
    def ref(self) -> str:
        """`2026-3`: year and number."""
        return f"{self.year}-{self.number}"

    def stands(self, at: datetime) -> bool:
        """Whether the duty rests on this alone at an instant: neither ratified, ended nor lapsed."""
        return self.ratified_by_id is None and self.ended_at is None and self.at <= at < self.lapses_at


class OrderDraft(models.Model):
    """An order before it is signed: it has no number, gives nothing and may be changed or thrown away.

    `in_force_from` None means: from the instant of signing. Once signed, `order` is what came of it.
    """

    kind = models.CharField(_("kind"), max_length=10, choices=OrderKind.choices)
    text = models.TextField(_("text"))
    in_force_from = TermField(_("in force from"), null=True, blank=True)
    in_force_until = TermField(_("in force until"), null=True, blank=True)
    repeals = models.ForeignKey(Order, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    proposal = models.ForeignKey(Proposal, on_delete=models.PROTECT, null=True, blank=True, related_name="order_drafts")
    emergency = models.ForeignKey(Emergency, on_delete=models.PROTECT, null=True, blank=True, related_name="drafts")
    drafted_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="orders_drafted")
    drafted_at = models.DateTimeField()
    changes = models.PositiveIntegerField(default=0)
    order = models.OneToOneField(Order, on_delete=models.PROTECT, null=True, blank=True, related_name="draft")
    discarded_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-drafted_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(order__isnull=True) | Q(discarded_at__isnull=True), name="council_draft_one_end"
            )
        ]

    def __str__(self) -> str:
        """What it is about."""
        return f"{self.get_kind_display()}: {self.text[:60]}"

    @property
    def is_open(self) -> bool:
        """Whether it still waits for a signature."""
        return self.order_id is None and self.discarded_at is None


class DraftPoint(PointFields):
    """One point of a draft."""

    draft = models.ForeignKey(OrderDraft, on_delete=models.CASCADE, related_name="points")

    class Meta:
        ordering = ["draft", "position"]
        constraints = [
            models.UniqueConstraint(fields=["draft", "position"], name="council_draft_point_once"),
            models.CheckConstraint(condition=ABOUT_ONE, name="council_draft_point_person_or_room"),
        ]
