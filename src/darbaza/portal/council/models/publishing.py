"""What decisions say of the nature and volume of what the school publishes (2.6)."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from darbaza.portal.council.models.decisions import Decision
from darbaza.portal.people.terms import TermField
from darbaza.publication import kinds
from darbaza.publication.matter import CouncilRule


class Channel(models.TextChoices):
    """Where something is placed, with names for the page."""

    SITE = kinds.Channel.SITE.value, _("the school's site")
    TELEGRAM = kinds.Channel.TELEGRAM.value, "Telegram"
    FACEBOOK = kinds.Channel.FACEBOOK.value, "Facebook"
    INSTAGRAM = kinds.Channel.INSTAGRAM.value, "Instagram"
    OTHER_SITE = kinds.Channel.OTHER_SITE.value, _("another site")


class Purpose(models.TextChoices):
    """What something is placed for, with names for the page."""

    NEWS = kinds.Purpose.NEWS.value, _("news and events")
    ACHIEVEMENTS = kinds.Purpose.ACHIEVEMENTS.value, _("achievements")
    WORKS = kinds.Purpose.WORKS.value, _("students' works")
    PEOPLE = kinds.Purpose.PEOPLE.value, _("about the people of the school")
    OWN_PAGE = kinds.Purpose.OWN_PAGE.value, _("own page")


class PublicationRule(models.Model):
    """One rule of a decision: whether something is published on a channel for a purpose, and how much of it.

    An empty `channel` or `purpose` is every one; a limit that is None is none. In force from `since` until just before
    `until`; a later decision that ends it stands in `ended_by`.
    """

    decision = models.ForeignKey(Decision, on_delete=models.PROTECT, related_name="publication_rules")
    allows = models.BooleanField(_("is published"), default=True)
    channel = models.CharField(_("where"), max_length=12, choices=Channel.choices, blank=True)
    purpose = models.CharField(_("what for"), max_length=12, choices=Purpose.choices, blank=True)
    most_words = models.PositiveIntegerField(_("words at most"), null=True, blank=True)
    most_pictures = models.PositiveSmallIntegerField(_("pictures at most"), null=True, blank=True)
    most_a_week = models.PositiveSmallIntegerField(_("publications a week at most"), null=True, blank=True)
    since = TermField()
    until = TermField(null=True, blank=True)
    ended_by = models.ForeignKey(
        Decision, on_delete=models.PROTECT, null=True, blank=True, related_name="ended_publication_rules"
    )

    class Meta:
        ordering = ["decision", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(until__isnull=True) | Q(until__gte=F("since")), name="council_publication_rule_ordered"
            )
        ]

    def __str__(self) -> str:
        """The decision."""
        return self.decision.ref

    @property
    def value(self) -> CouncilRule:
        """The rule as the gate reads it."""
        return CouncilRule(
            ref=self.decision.ref,
            allows=self.allows,
            channels=frozenset({kinds.Channel(self.channel)} if self.channel else ()),
            purposes=frozenset({kinds.Purpose(self.purpose)} if self.purpose else ()),
            most_words=self.most_words,
            most_pictures=self.most_pictures,
            most_a_week=self.most_a_week,
        )
