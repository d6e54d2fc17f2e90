"""Proposals, sittings of a council, who was there and how they voted (2.2, 2.6)."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from darbaza.portal.council.models.decisions import Council, Decision, RulingEffect, UserCategory
from darbaza.portal.council.replays import Result
from darbaza.portal.people.duties import Duty
from darbaza.portal.people.models import Person, SchoolClass
from darbaza.portal.rooms.models import Device


class Proposer(models.TextChoices):
    """From whom a council hears proposals (2.6)."""

    AUTHORITY = "authority", _("education authority")
    TEACHER = "teacher", _("teacher")
    OFFICER = "officer", _("classification officer")
    ADMINISTRATION = "administration", _("administration of the school")
    PARENT = "parent", _("parent")
    STUDENT = "student", _("student")


class ProposalSubject(models.TextChoices):
    """What a proposal asks a council for: the subjects of 2.6."""

    ACCESS = "access", _("access to a resource or a category")
    PUBLICATION = "publication", _("nature and volume of published information")
    APPOINTMENT = "appointment", _("appointment or dismissal")
    INSPECTION = "inspection", _("looking into encrypted pages")
    OTHER = "other", _("other")


class ProposalState(models.TextChoices):
    """Where a proposal stands. Every one is answered."""

    OPEN = "open", _("awaits an answer")
    ADOPTED = "adopted", _("adopted")
    ADAPTED = "adapted", _("adopted with changes")
    DECLINED = "declined", _("declined")


class Proposal(models.Model):
    """What somebody asks a council to decide, and the answer. Numbered per year.

    `entered_by` is who entered it, `from_name` whom it came from if that is another. A proposal on access carries the
    ruling it asks for; one on an
    appointment the person, the duty and whether it ends; one on looking into encrypted pages the computers, what for
    (`purpose`), and the hosts on which never (`spared`, one a line).
    """

    year = models.PositiveSmallIntegerField(_("year"))
    number = models.PositiveIntegerField(_("number"))
    council = models.CharField(_("council"), max_length=16, choices=Council.choices, default=Council.METHODOLOGICAL)
    subject = models.CharField(_("about what"), max_length=16, choices=ProposalSubject.choices)
    proposer = models.CharField(_("proposed by"), max_length=16, choices=Proposer.choices)
    from_name = models.CharField(_("whose proposal"), max_length=120, blank=True)
    text = models.TextField(_("text"))
    entered_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="proposals_entered")
    entered_at = models.DateTimeField()
    user_category = models.ForeignKey(UserCategory, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    effect = models.CharField(_("ruling"), max_length=10, choices=RulingEffect.choices, blank=True)
    target_host = models.CharField(_("host"), max_length=253, blank=True)
    target_path = models.CharField(_("path"), max_length=500, blank=True)
    subdomains = models.BooleanField(_("with everything below"), default=True)
    category = models.CharField(_("category"), max_length=32, blank=True)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    duty = models.CharField(_("duty"), max_length=24, choices=Duty.choices, blank=True)
    school_class = models.ForeignKey(SchoolClass, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    dismisses = models.BooleanField(_("dismissal"), default=False)
    devices = models.ManyToManyField(Device, related_name="+", blank=True)
    purpose = models.CharField(_("what for"), max_length=300, blank=True)
    spared = models.TextField(_("never on these hosts"), blank=True)
    state = models.CharField(_("state"), max_length=8, choices=ProposalState.choices, default=ProposalState.OPEN)
    answer = models.TextField(_("answer"), blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-year", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["year", "number"], name="council_proposal_number_once"),
            models.CheckConstraint(
                condition=Q(state=ProposalState.OPEN, answered_at__isnull=True)
                | ~Q(state=ProposalState.OPEN) & Q(answered_at__isnull=False),
                name="council_proposal_answered",
            ),
        ]

    def __str__(self) -> str:
        """The proposal as people cite it."""
        return self.ref

    @property
    def ref(self) -> str:
        """`2026-14`: year and number."""
        return f"{self.year}-{self.number}"

    @property
    def resource(self) -> str:
        """The resource that the proposal asks about, as people write it; empty if it names a category."""
        return self.target_host + self.target_path


class SittingState(models.TextChoices):
    """Called, under way, and closed with signed minutes."""

    CALLED = "called", _("called")
    OPEN = "open", _("under way")
    CLOSED = "closed", _("held")


class TieRule(models.TextChoices):
    """What an equal number of votes means; the council says so when it calls the sitting."""

    CHAIR = "chair", _("the chair's vote decides")
    DECLINED = "declined", _("the item is declined")


class Sitting(models.Model):
    """One sitting of a council, and its minutes once it is closed: `number` is theirs, per year and council."""

    council = models.CharField(_("council"), max_length=16, choices=Council.choices)
    year = models.PositiveSmallIntegerField(_("year"))
    number = models.PositiveIntegerField(_("number of the minutes"))
    date = models.DateField(_("date"))
    place = models.CharField(_("place"), max_length=120, blank=True)
    chair = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="sittings_chaired")
    secretary = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="sittings_recorded")
    tie_rule = models.CharField(_("if votes are equal"), max_length=8, choices=TieRule.choices, default=TieRule.CHAIR)
    state = models.CharField(_("state"), max_length=8, choices=SittingState.choices, default=SittingState.CALLED)
    called_at = models.DateTimeField()
    opened_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    decision = models.OneToOneField(
        Decision, on_delete=models.PROTECT, null=True, blank=True, related_name="sitting", editable=False
    )

    class Meta:
        ordering = ["-year", "-number", "council"]
        constraints = [
            models.UniqueConstraint(fields=["council", "year", "number"], name="council_minutes_number_once"),
        ]

    def __str__(self) -> str:
        """The minutes as people cite them."""
        return self.ref

    @property
    def ref(self) -> str:
        """`2026-3`: year and number of the minutes."""
        return f"{self.year}-{self.number}"


class Attendance(models.Model):
    """A member of the council at a sitting: there or not. Members are those whom orders name on its day."""

    sitting = models.ForeignKey(Sitting, on_delete=models.PROTECT, related_name="attendances")
    member = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    present = models.BooleanField(_("present"), default=False)

    class Meta:
        ordering = ["sitting", "member__surname", "member__given_name"]
        constraints = [models.UniqueConstraint(fields=["sitting", "member"], name="council_attends_once")]

    def __str__(self) -> str:
        """Who."""
        return str(self.member)


class Ballot(models.TextChoices):
    """How an item was voted on."""

    OPEN = "open", _("by show of hands")
    NAMED = "named", _("by name")


class AgendaItem(models.Model):
    """One item of an agenda: a proposal, what was said, the count, and what was resolved.

    For a proposal on access that was adopted, `user_category`, `effect`, `until` and `review_date` are as the council
    resolved them; the resource is the proposal's. `replay` is the latest trial of it on past traffic, or None: the
    draft, `result` as `replays.Result` reads it, and when it was asked for.
    """

    sitting = models.ForeignKey(Sitting, on_delete=models.PROTECT, related_name="items")
    position = models.PositiveSmallIntegerField()
    proposal = models.ForeignKey(Proposal, on_delete=models.PROTECT, related_name="items")
    discussion = models.TextField(_("discussion"), blank=True)
    resolution = models.TextField(_("resolution"), blank=True)
    outcome = models.CharField(max_length=8, choices=ProposalState.choices, default=ProposalState.OPEN)
    ballot = models.CharField(_("vote"), max_length=8, choices=Ballot.choices, blank=True)
    votes_for = models.PositiveSmallIntegerField(_("votes for"), default=0)
    votes_against = models.PositiveSmallIntegerField(_("votes against"), default=0)
    abstained = models.PositiveSmallIntegerField(_("abstentions"), default=0)
    tied = models.BooleanField(default=False)
    user_category = models.ForeignKey(UserCategory, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    effect = models.CharField(_("ruling"), max_length=10, choices=RulingEffect.choices, blank=True)
    until = models.DateField(_("until"), null=True, blank=True)
    review_date = models.DateField(_("review on"), null=True, blank=True)
    replay = models.JSONField(null=True, blank=True, editable=False)

    class Meta:
        ordering = ["sitting", "position"]
        constraints = [
            models.UniqueConstraint(fields=["sitting", "position"], name="council_item_position_once"),
            models.UniqueConstraint(fields=["sitting", "proposal"], name="council_item_proposal_once"),
        ]

    def __str__(self) -> str:
        """Position and proposal."""
        return f"{self.position}. {self.proposal}"

    @property
    def replayed(self) -> Result | None:
        """What the trial on past traffic found, as it is printed with the minutes."""
        return Result.from_json(self.replay["result"]) if self.replay else None


class Voice(models.TextChoices):
    """How a member voted."""

    FOR = "for", _("votes for")
    AGAINST = "against", _("votes against")
    ABSTAIN = "abstain", _("abstains")
    RECUSED = "recused", _("does not vote: concerned")
    ABSENT = "absent", _("does not vote: not in the room")


class Vote(models.Model):
    """One member's vote on one item, by name, as the minutes keep it."""

    item = models.ForeignKey(AgendaItem, on_delete=models.PROTECT, related_name="votes")
    member = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    voice = models.CharField(max_length=8, choices=Voice.choices)

    class Meta:
        ordering = ["item", "member__surname", "member__given_name"]
        constraints = [models.UniqueConstraint(fields=["item", "member"], name="council_votes_once")]

    def __str__(self) -> str:
        """Who and how."""
        return f"{self.member}: {self.get_voice_display()}"
