"""Who has a say in a draft (2.2): contributors by name and kind, invited experts with a link, and their comments."""

from datetime import datetime

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from darbaza.portal.people.models import Person
from darbaza.portal.timetable.models.versions import ScheduleVersion


class ContributorKind(models.TextChoices):
    """Those whom 2.2 names."""

    OWN_TEACHER = "own-teacher", _("teacher of this school")
    OTHER_TEACHER = "other-teacher", _("teacher of another school with ICT experience")
    SPECIALIST = "specialist", _("IT specialist")
    AUTHORITY = "authority", _("representative of the education authority")
    PARENT = "parent", _("students' parent")


class Contributor(models.Model):
    """Somebody who works on a draft with the person responsible. Outside experts have a link instead of a sign-in.

    `token_hash` is the SHA-256 of the link's secret, empty for teachers of the school, who sign in. The link opens
    from its making until `until`, unless it is revoked; it reads and comments, and nothing else.
    """

    version = models.ForeignKey(ScheduleVersion, on_delete=models.CASCADE, related_name="contributors")
    kind = models.CharField(_("kind"), max_length=14, choices=ContributorKind.choices)
    name = models.CharField(_("name"), max_length=120)
    organisation = models.CharField(_("place of work"), max_length=120, blank=True)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    token_hash = models.CharField(max_length=64, blank=True)
    until = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    added_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    added_at = models.DateTimeField()

    class Meta:
        ordering = ["added_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["token_hash"], condition=~Q(token_hash=""), name="timetable_invitation_once"
            ),
            models.CheckConstraint(
                condition=Q(kind="own-teacher", person__isnull=False, token_hash="")
                | (~Q(kind="own-teacher") & Q(person__isnull=True, until__isnull=False) & ~Q(token_hash="")),
                name="timetable_expert_has_link",
            ),
        ]

    def __str__(self) -> str:
        """The name."""
        return self.name

    def may_enter(self, at: datetime) -> bool:
        """Whether the link opens at an instant."""
        return bool(self.token_hash) and self.revoked_at is None and self.until is not None and at < self.until


class Comment(models.Model):
    """What a contributor or a member of staff said about a draft. Kept with the version for ever."""

    version = models.ForeignKey(ScheduleVersion, on_delete=models.CASCADE, related_name="comments")
    contributor = models.ForeignKey(Contributor, on_delete=models.PROTECT, null=True, blank=True, related_name="said")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    slot_text = models.CharField(max_length=200, blank=True)
    text = models.TextField(_("comment"), max_length=2000)
    at = models.DateTimeField()

    class Meta:
        ordering = ["at", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(contributor__isnull=True, person__isnull=False)
                | Q(contributor__isnull=False, person__isnull=True),
                name="timetable_comment_of_one",
            )
        ]

    def __str__(self) -> str:
        """Its beginning."""
        return self.text[:60]

    @property
    def author(self) -> str:
        """Who said it."""
        return str(self.contributor or self.person)
