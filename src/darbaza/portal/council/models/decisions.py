"""User categories, decisions and their rulings."""

from datetime import datetime

from django.db import models
from django.db.models import F, Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from darbaza.policy import rulebook
from darbaza.portal.people.models import Person
from darbaza.portal.people.terms import TermField


class CategoryKind(models.TextChoices):
    """The policy core's kinds of people, with names for the page."""

    STUDENT = rulebook.UserKind.STUDENT.value, _("students")
    STAFF = rulebook.UserKind.STAFF.value, _("staff")
    GUEST = rulebook.UserKind.GUEST.value, _("guests")


class DefaultRule(models.TextChoices):
    """What happens to a resource on which the council has not ruled."""

    ALLOW_LIST = rulebook.DefaultRule.ALLOW_LIST.value, _("only what is allowed is open")
    BLOCK_LIST = rulebook.DefaultRule.BLOCK_LIST.value, _("all but what is denied is open")


class RulingEffect(models.TextChoices):
    """What a ruling does."""

    ALLOW = rulebook.Effect.ALLOW.value, _("allow")
    DENY = rulebook.Effect.DENY.value, _("deny")
    DELEGATE = rulebook.Effect.DELEGATE.value, _("the teacher of the lesson may open")


class Council(models.TextChoices):
    """Which body decided."""

    METHODOLOGICAL = "methodological", _("methodological council")
    PEDAGOGICAL = "pedagogical", _("pedagogical council")


class Decision(models.Model):
    """What a council adopted (2.6), with the number of its minutes. Never changed: a later decision ends it."""

    year = models.PositiveSmallIntegerField(_("year"))
    number = models.PositiveIntegerField(_("number"))
    date = models.DateField(_("date"))
    council = models.CharField(_("council"), max_length=16, choices=Council.choices, default=Council.METHODOLOGICAL)
    text = models.TextField(_("text"))
    minutes_number = models.CharField(_("number of the minutes"), max_length=20)
    in_force_from = TermField(_("in force from"))
    entered_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="decisions_entered")
    entered_at = models.DateTimeField()

    class Meta:
        ordering = ["-year", "-number"]
        constraints = [models.UniqueConstraint(fields=["year", "number"], name="council_decision_number_once")]

    def __str__(self) -> str:
        """The decision as people cite it."""
        return self.ref

    @property
    def ref(self) -> str:
        """`2026-14`: year and number, as a ground cites it."""
        return f"{self.year}-{self.number}"


class UserCategory(models.Model):
    """A group of people for whom the council rules. Grades bound a category of students: both ends included.

    `default_rule` is the rule without a ruling before any decision on it; decisions stand in `defaults`.
    """

    code = models.SlugField(_("code"), max_length=32, unique=True)
    name_ky = models.CharField(_("name in Kyrgyz"), max_length=80)
    name_ru = models.CharField(_("name in Russian"), max_length=80)
    name_en = models.CharField(_("name in English"), max_length=80)
    kind = models.CharField(_("kind"), max_length=8, choices=CategoryKind.choices)
    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="children")
    grade_from = models.PositiveSmallIntegerField(_("from grade"), null=True, blank=True)
    grade_to = models.PositiveSmallIntegerField(_("to grade"), null=True, blank=True)
    default_rule = models.CharField(
        _("without a ruling"), max_length=10, choices=DefaultRule.choices, default=DefaultRule.ALLOW_LIST
    )

    class Meta:
        ordering = ["kind", "grade_from", "code"]

    def __str__(self) -> str:
        """The name in the reader's language."""
        return self.name

    @property
    def name(self) -> str:
        """The name in the reader's language."""
        return str(getattr(self, f"name_{(get_language() or 'ky')[:2]}", self.name_ky))

    def default_at(self, at: datetime) -> "tuple[str, Decision | None]":
        """The rule without a ruling at an instant, and the decision behind it if there is one."""
        found = self.defaults.filter(since__lte=at).select_related("decision").last()
        return (found.default_rule, found.decision) if found else (self.default_rule, None)


class CategoryDefault(models.Model):
    """What a decision makes the rule of a user category without a ruling, from an instant on, until the next does."""

    user_category = models.ForeignKey(UserCategory, on_delete=models.PROTECT, related_name="defaults")
    default_rule = models.CharField(max_length=10, choices=DefaultRule.choices)
    decision = models.ForeignKey(Decision, on_delete=models.PROTECT, related_name="defaults")
    since = TermField()

    class Meta:
        ordering = ["since", "id"]

    def __str__(self) -> str:
        """The user category and its rule."""
        return f"{self.user_category}: {self.get_default_rule_display()}"


class Ruling(models.Model):
    """One ruling of a decision: for a user category, a resource or a resource category is allowed, denied or delegated.

    Exactly one of `target_host` and `category` is set. In force from `since` until just before `until`; a later
    decision that ends it earlier stands in `ended_by`. On `review_date` the council is asked to look again.
    """

    decision = models.ForeignKey(Decision, on_delete=models.PROTECT, related_name="rulings")
    user_category = models.ForeignKey(UserCategory, on_delete=models.PROTECT, related_name="rulings")
    effect = models.CharField(_("ruling"), max_length=10, choices=RulingEffect.choices)
    target_host = models.CharField(_("host"), max_length=253, blank=True)
    target_path = models.CharField(_("path"), max_length=500, blank=True)
    subdomains = models.BooleanField(_("with everything below"), default=True)
    category = models.CharField(_("category"), max_length=32, blank=True)
    since = TermField(_("since"))
    until = TermField(_("until"), null=True, blank=True)
    review_date = models.DateField(_("review on"), null=True, blank=True)
    ended_by = models.ForeignKey(Decision, on_delete=models.PROTECT, null=True, blank=True, related_name="ends")

    class Meta:
        ordering = ["decision", "id"]
        constraints = [
            models.CheckConstraint(
                condition=(Q(target_host="") & ~Q(category="") & Q(target_path=""))
                | (~Q(target_host="") & Q(category="")),
                name="council_ruling_names_one",
            ),
            models.CheckConstraint(
                condition=Q(until__isnull=True) | Q(until__gte=F("since")), name="council_ruling_ordered"
            ),
        ]

    def __str__(self) -> str:
        """What the ruling is on."""
        return self.subject

    @property
    def subject(self) -> str:
        """The resource as people write it, or the category's id."""
        if self.category:
            return self.category
        return self.target_host + self.target_path if self.target_path or self.subdomains else f"={self.target_host}"
