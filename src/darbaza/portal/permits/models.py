"""A permission from the request on: who asked for whom and why, what was given, until when, and how it ended."""

from datetime import datetime

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from darbaza.policy.resource import Target, path_within
from darbaza.policy.rulebook import FileScope
from darbaza.policy.rulebook import PermitKind as Kind
from darbaza.portal.people.models import Person


class PermitKind(models.TextChoices):
    """What needs a permission (3.2, 3.3), as the policy core knows it."""

    DOWNLOAD = Kind.DOWNLOAD.value, _("download of a file")
    EMAIL = Kind.EMAIL.value, _("e-mail account")
    OWN_INFORMATION = Kind.OWN_INFORMATION.value, _("own information on a resource")


class FileKind(models.TextChoices):
    """What a download turns out to be at the gateway, by its first bytes (3.3)."""

    PROGRAM = "program", _("a program")
    MULTIMEDIA = "multimedia", _("sound or film")
    ARCHIVE = "archive", _("an archive")


CLAUSES: dict[str, str] = {PermitKind.DOWNLOAD: "3.3", PermitKind.EMAIL: "3.2", PermitKind.OWN_INFORMATION: "3.2"}
"""The clause on which each kind of permission rests."""


class PermitState(models.TextChoices):
    """How far an act has brought it; that a term is over is no act and follows from the clock."""

    ASKED = "asked", _("waits for an answer")
    GRANTED = "granted", _("given")
    DECLINED = "declined", _("declined")
    WITHDRAWN = "withdrawn", _("request withdrawn")
    TAKEN_BACK = "taken-back", _("taken back")


class Permit(models.Model):
    """One permission. `since` and `until` are what was asked until it is granted, what was granted from then on.

    `form` is the one-time number of the form by which it was asked for, so that no form counts twice. It is numbered
    when it is granted: verdicts cite it by `ref`. Terms are closed at the start and open at the end. `file_kind` and
    `file_size` are the words of whoever asked; what is granted is files of `only_kind`, or of any, from `least_bytes`
    to `most_bytes`, or of any size where that is 0.
    """

    year = models.PositiveSmallIntegerField(_("year"), null=True, blank=True)
    number = models.PositiveIntegerField(_("number"), null=True, blank=True)
    kind = models.CharField(_("kind"), max_length=16, choices=PermitKind.choices)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="permits")
    asked_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="permits_asked")
    asked_at = models.DateTimeField()
    form = models.CharField(max_length=40, blank=True, editable=False)
    purpose = models.CharField(_("purpose"), max_length=300)
    file_kind = models.CharField(_("kind of file"), max_length=80, blank=True)
    file_size = models.CharField(_("size of file"), max_length=40, blank=True)
    only_kind = models.CharField(max_length=12, choices=FileKind.choices, blank=True)
    least_bytes = models.PositiveBigIntegerField(default=0)
    most_bytes = models.PositiveBigIntegerField(default=0)
    asked_since = models.DateTimeField()
    asked_until = models.DateTimeField()
    since = models.DateTimeField()
    until = models.DateTimeField()
    state = models.CharField(max_length=12, choices=PermitState.choices, default=PermitState.ASKED, db_index=True)
    decided_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    answer = models.CharField(_("answer"), max_length=300, blank=True)
    ended_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    ended_at = models.DateTimeField(null=True, blank=True)
    end_reason = models.CharField(_("why it was taken back"), max_length=300, blank=True)

    class Meta:
        ordering = ["-asked_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["asked_by", "form"], condition=~Q(form=""), name="permits_once_by_a_form"),
            models.UniqueConstraint(fields=["year", "number"], name="permits_number_once"),
            models.CheckConstraint(condition=Q(until__gt=F("since")), name="permits_term_ordered"),
            models.CheckConstraint(
                condition=~Q(state__in=[PermitState.GRANTED, PermitState.TAKEN_BACK]) | Q(number__isnull=False),
                name="permits_granted_numbered",
            ),
        ]

    def __str__(self) -> str:
        """Kind and person."""
        return f"{self.get_kind_display()} · {self.person}"

    @property
    def ref(self) -> str:
        """`2026-14`: year and number, as a ground cites it; empty until it is granted."""
        return f"{self.year}-{self.number}" if self.number else ""

    @property
    def clause(self) -> str:
        """The clause on which it rests."""
        return CLAUSES[self.kind]

    @property
    def files(self) -> FileScope | None:
        """The files to which it was narrowed, or None where it is for any."""
        given = FileScope(self.only_kind, self.least_bytes, self.most_bytes)
        return given if self.kind == PermitKind.DOWNLOAD and given != FileScope() else None

    @property
    def asked_resources(self) -> list["PermitResource"]:
        """The resources that were asked for."""
        return [one for one in self.resources.all() if not one.granted]

    @property
    def granted_resources(self) -> list["PermitResource"]:
        """The resources that were granted; none before it is."""
        return [one for one in self.resources.all() if one.granted]

    @property
    def shown_resources(self) -> list["PermitResource"]:
        """What was granted where something was, and what was asked for otherwise."""
        return self.granted_resources or self.asked_resources

    def stands(self, at: datetime) -> bool:
        """Whether it opens something at an instant."""
        return self.state == PermitState.GRANTED and self.since <= at < self.until


class PermitResource(models.Model):
    """One resource of a permission, as it was asked for or as it was granted."""

    permit = models.ForeignKey(Permit, on_delete=models.CASCADE, related_name="resources")
    target_host = models.CharField(_("host"), max_length=253)
    target_path = models.CharField(_("path"), max_length=500, blank=True)
    subdomains = models.BooleanField(_("with everything below"), default=False)
    granted = models.BooleanField(default=False)

    class Meta:
        ordering = ["target_host", "target_path"]

    def __str__(self) -> str:
        """The resource as people write it, `*.` before a name with everything below it."""
        return ("*." if self.subdomains else "") + self.typed

    @property
    def typed(self) -> str:
        """Host and path."""
        return self.target_host + self.target_path

    @property
    def target(self) -> Target:
        """The resource as the policy core sees it."""
        return Target(self.target_host, self.target_path, self.subdomains)


def lies_within(inner: Target, outer: Target) -> bool:
    """Whether a target opens nothing that another does not open as well."""
    if inner.host == outer.host:
        if outer.path:
            return bool(inner.path) and path_within(inner.path, outer.path)
        return outer.subdomains or bool(inner.path) or not inner.subdomains
    return outer.subdomains and not outer.path and inner.host.endswith("." + outer.host)
