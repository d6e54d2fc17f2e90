"""Which text was accepted, by whom, and the sheets that classes signed."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from darbaza.portal.people.models import Language, Person, SchoolClass


class RulesText(models.Model):
    """A text that somebody accepted or a sheet bears, as it was shown in all languages. Never changed."""

    key = models.CharField(max_length=80, unique=True)
    regulation = models.CharField(max_length=40)
    body = models.JSONField()
    first_at = models.DateTimeField()

    class Meta:
        ordering = ["-first_at", "-id"]

    def __str__(self) -> str:
        """Its id."""
        return self.key


class Group(models.TextChoices):
    """Who is on a sheet."""

    SCHOOL_CLASS = "class", _("class")
    STAFF = "staff", _("staff")
    GUESTS = "guests", _("guests")


class Sheet(models.Model):
    """A sheet of signatures: the rules, and who of a group had not accepted them when it was made.

    `people` are lines in their order, each with an id and the name as it is printed. Recorded once, by whoever
    collected the signatures.
    """

    year = models.PositiveSmallIntegerField()
    number = models.PositiveIntegerField()
    group = models.CharField(max_length=8, choices=Group.choices)
    school_class = models.ForeignKey(SchoolClass, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    text = models.ForeignKey(RulesText, on_delete=models.PROTECT, related_name="sheets")
    people = models.JSONField()
    made_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    recorded_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    recorded_at = models.DateTimeField(null=True, blank=True)
    signed_on = models.DateField(_("day of the signatures"), null=True, blank=True)

    class Meta:
        ordering = ["-year", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["year", "number"], name="acquaintance_sheet_once"),
            models.CheckConstraint(
                condition=Q(group="class", school_class__isnull=False)
                | (~Q(group="class") & Q(school_class__isnull=True)),
                name="acquaintance_class_named",
            ),
        ]

    def __str__(self) -> str:
        """Number and group."""
        return f"{self.ref} · {self.name}"

    @property
    def ref(self) -> str:
        """`2026-3`, as people cite it."""
        return f"{self.year}-{self.number}"

    @property
    def name(self) -> str:
        """The class, or the group in the reader's language."""
        return str(self.school_class or self.get_group_display())


class How(models.TextChoices):
    """How somebody accepted."""

    SCREEN = "screen", _("on the screen")
    SHEET = "sheet", _("on a sheet")


class Acquaintance(models.Model):
    """One person has read and accepted one text (2.12). Withdrawn with a reason where it was recorded by mistake."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="acquaintances")
    text = models.ForeignKey(RulesText, on_delete=models.PROTECT, related_name="acquaintances")
    at = models.DateTimeField()
    how = models.CharField(max_length=8, choices=How.choices)
    language = models.CharField(max_length=2, choices=Language.choices)
    sheet = models.ForeignKey(Sheet, on_delete=models.PROTECT, null=True, blank=True, related_name="acquaintances")
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    reason = models.CharField(_("reason"), max_length=200, blank=True)

    class Meta:
        ordering = ["at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["person", "text"], condition=Q(withdrawn_at__isnull=True), name="acquaintance_once"
            ),
            models.CheckConstraint(
                condition=Q(how="sheet", sheet__isnull=False) | Q(how="screen", sheet__isnull=True),
                name="acquaintance_sheet_named",
            ),
        ]

    def __str__(self) -> str:
        """Person and text."""
        return f"{self.person} · {self.text}"
