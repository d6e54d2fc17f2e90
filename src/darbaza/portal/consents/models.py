"""Statements of consent with all that makes them valid, who may give them, and of whom nothing is published."""

from datetime import date

from django.db import models
from django.db.models import F, Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from darbaza.portal.papers.models import Scan
from darbaza.portal.people.models import Language, Person, SchoolClass, new_public_id
from darbaza.publication.kinds import Channel, DataKind, Purpose

KINDS: list[tuple[str, str | Promise]] = [
    (DataKind.SURNAME.value, _("surname")),
    (DataKind.GIVEN_NAME.value, _("given name")),
    (DataKind.PATRONYMIC.value, _("patronymic")),
    (DataKind.SCHOOL_CLASS.value, _("class or year")),
    (DataKind.AGE.value, _("age")),
    (DataKind.PHOTO.value, _("photo")),
    (DataKind.VIDEO.value, _("video")),
    (DataKind.VOICE.value, _("voice")),
    (DataKind.RESIDENCE.value, _("place of residence")),
    (DataKind.PHONE.value, _("phone number")),
    (DataKind.EMAIL.value, _("e-mail")),
    (DataKind.WORKS.value, _("own works")),
    (DataKind.ACHIEVEMENTS.value, _("achievements")),
    (DataKind.OTHER.value, _("other data")),
]
CHANNELS: list[tuple[str, str | Promise]] = [
    (Channel.SITE.value, _("the school's site")),
    (Channel.TELEGRAM.value, "Telegram"),
    (Channel.FACEBOOK.value, "Facebook"),
    (Channel.INSTAGRAM.value, "Instagram"),
    (Channel.OTHER_SITE.value, _("other sites")),
]
PURPOSES: list[tuple[str, str | Promise]] = [
    (Purpose.NEWS.value, _("news of the school")),
    (Purpose.ACHIEVEMENTS.value, _("announcing achievements")),
    (Purpose.WORKS.value, _("showing works")),
    (Purpose.PEOPLE.value, _("presenting the people of the school")),
    (Purpose.OWN_PAGE.value, _("the person's own page")),
]
"""What is asked on every form, in its order, in words. Document numbers are published of nobody and not asked."""


class Whose(models.TextChoices):
    """Whose agreement an age asks for."""

    REPRESENTATIVE = "representative", _("a parent or another legal representative")
    BOTH = "both", _("a representative and the student")
    OWN = "own", _("the student alone")


class AgeRule(models.Model):
    """One line of the table of ages: from which age whose agreement is asked for, and where that is written.

    `from_grade` is the grade from which a student whose age nobody has recorded counts as that old; None for never.
    """

    from_age = models.PositiveSmallIntegerField(unique=True)
    from_grade = models.PositiveSmallIntegerField(null=True, blank=True)
    whose = models.CharField(max_length=14, choices=Whose.choices)
    source = models.CharField(max_length=200)

    class Meta:
        ordering = ["from_age"]

    def __str__(self) -> str:
        """Age and who agrees."""
        return f"{self.from_age}: {self.whose}"


class Reached(models.Model):
    """That a student has reached an age, as seen in a document, known from a day on. No date of birth is kept."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    age = models.PositiveSmallIntegerField()
    since = models.DateField()
    entered_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    entered_at = models.DateTimeField()

    class Meta:
        ordering = ["age"]
        constraints = [models.UniqueConstraint(fields=["person", "age"], name="consents_age_once")]

    def __str__(self) -> str:
        """Person and age."""
        return f"{self.person}: {self.age}"


class RiskText(models.Model):
    """The explanation of the risks as it was given, in all languages. Never changed (2.17)."""

    key = models.CharField(max_length=16, unique=True)
    body = models.JSONField()
    first_at = models.DateTimeField()

    class Meta:
        ordering = ["-first_at", "-id"]

    def __str__(self) -> str:
        """Its id."""
        return self.key


class Relation(models.TextChoices):
    """What a representative is to the student."""

    MOTHER = "mother", _("mother")
    FATHER = "father", _("father")
    GUARDIAN = "guardian", _("guardian")
    OTHER = "other", _("another legal representative")


class Representative(models.Model):
    """A parent or another legal representative of a student, until they no longer are."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="representatives")
    name = models.CharField(max_length=160)
    relation = models.CharField(max_length=8, choices=Relation.choices)
    added_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    reason = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["added_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["person", "name", "relation"],
                condition=Q(ended_at__isnull=True),
                name="consents_representative_once",
            )
        ]

    def __str__(self) -> str:
        """Name and relation."""
        return f"{self.name} ({self.get_relation_display()})"


class PaperSet(models.Model):
    """Forms on paper for a class: one page a student. `people` are pages in their order: id, name and link."""

    year = models.PositiveSmallIntegerField()
    number = models.PositiveIntegerField()
    school_class = models.ForeignKey(SchoolClass, on_delete=models.PROTECT, related_name="+")
    people = models.JSONField()
    risks = models.ForeignKey(RiskText, on_delete=models.PROTECT, related_name="+")
    first_day = models.DateField()
    last_day = models.DateField()
    made_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()

    class Meta:
        ordering = ["-year", "-number"]
        constraints = [models.UniqueConstraint(fields=["year", "number"], name="consents_set_once")]

    def __str__(self) -> str:
        """Number and class."""
        return f"{self.ref} · {self.school_class}"

    @property
    def ref(self) -> str:
        """`2026-3`, as people cite it."""
        return f"{self.year}-{self.number}"


class As(models.TextChoices):
    """As whom the holder of a link speaks."""

    OWN = "own", _("for themselves")
    REPRESENTATIVE = "representative", _("as a representative")


class Link(models.Model):
    """A personal address at which one giver agrees, refuses and withdraws without a password.

    Only a digest of its secret is kept; `nonce` and the portal's key make the secret anew for a print. The first who
    speaks through it is from then on the only one: `representative` for a parent.
    """

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    party = models.CharField(max_length=14, choices=As.choices)
    nonce = models.CharField(max_length=32)
    token_hash = models.CharField(max_length=64, unique=True)
    representative = models.ForeignKey(Representative, on_delete=models.PROTECT, null=True, blank=True)
    paper_set = models.ForeignKey(PaperSet, on_delete=models.PROTECT, null=True, blank=True, related_name="links")
    first_day = models.DateField()
    last_day = models.DateField()
    made_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-made_at", "-id"]

    def __str__(self) -> str:
        """Whom it is about and for whom it is."""
        return f"{self.person} · {self.party}"


class LinkMiss(models.Model):
    """That an address was asked for which no link has, by a digest of who asked: it slows down who guesses."""

    address = models.CharField(max_length=64)
    at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        """From where."""
        return self.address


class How(models.TextChoices):
    """How a statement reached the school."""

    LINK = "link", _("by a personal link")
    PAPER = "paper", _("on paper")
    SCREEN = "screen", _("on the screen, signed in")


class Statement(models.Model):
    """What one giver said about one person on one form: of everything asked, what was ticked; the rest is refused.

    Nothing is ever changed in it but its end: withdrawn by its giver, or struck out with a reason where it was recorded
    by mistake; `corrects` then names the one that it was struck for. `representative` is None if the person speaks.
    `seal` is what only the acts give: see `sealing`.
    """

    year = models.PositiveSmallIntegerField()
    number = models.PositiveIntegerField()
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="statements")
    representative = models.ForeignKey(
        Representative, on_delete=models.PROTECT, null=True, blank=True, related_name="statements"
    )
    how = models.CharField(max_length=8, choices=How.choices)
    asked_kinds = models.JSONField()
    kinds = models.JSONField()
    asked_channels = models.JSONField()
    channels = models.JSONField()
    asked_purposes = models.JSONField()
    purposes = models.JSONField()
    first_day = models.DateField()
    last_day = models.DateField()
    given_at = models.DateTimeField()
    recorded_at = models.DateTimeField(db_index=True)
    recorded_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    risks = models.ForeignKey(RiskText, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    explained_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    explained_at = models.DateTimeField(null=True, blank=True)
    explained_in = models.CharField(max_length=2, choices=Language.choices, blank=True)
    understood = models.BooleanField(default=False)
    link = models.ForeignKey(Link, on_delete=models.PROTECT, null=True, blank=True, related_name="statements")
    paper_set = models.ForeignKey(PaperSet, on_delete=models.PROTECT, null=True, blank=True, related_name="statements")
    withdrawn_at = models.DateTimeField(null=True, blank=True, db_index=True)
    withdrawal_recorded_by = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    struck_at = models.DateTimeField(null=True, blank=True, db_index=True)
    struck_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    reason = models.CharField(max_length=200, blank=True)
    corrects = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="corrected_by")
    seal = models.CharField(max_length=64, blank=True, editable=False)

    class Meta:
        ordering = ["-recorded_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["year", "number"], name="consents_statement_once"),
            models.CheckConstraint(condition=Q(last_day__gte=F("first_day")), name="consents_term_ordered"),
        ]

    def __str__(self) -> str:
        """Number and person."""
        return f"{self.ref} · {self.person}"

    @property
    def ref(self) -> str:
        """`2026-3`, as people cite it."""
        return f"{self.year}-{self.number}"

    @property
    def agrees(self) -> bool:
        """Whether anything was agreed to."""
        return bool(self.kinds and self.channels and self.purposes)

    @property
    def is_whole(self) -> bool:
        """Whether everything asked was agreed to."""
        pairs = ((self.asked_kinds, self.kinds), (self.asked_channels, self.channels))
        return all(set(asked) == set(said) for asked, said in (*pairs, (self.asked_purposes, self.purposes)))

    @property
    def giver_name(self) -> str:
        """Who spoke."""
        return str(self.representative) if self.representative else self.person.full_name

    def is_in_term(self, day: date) -> bool:
        """Whether a day lies in its term."""
        return self.first_day <= day <= self.last_day


class ScannedPage(models.Model):
    """One page of a scan of a class's forms, and whose it is: as its QR code said, or as somebody answered.

    A page with `answered_by` and no `person` was put aside: a blank back, or a sheet that belongs elsewhere.
    `other_set` is whose forms the code of a page is that came with the wrong pile.
    """

    paper_set = models.ForeignKey(PaperSet, on_delete=models.PROTECT, related_name="pages")
    scan = models.ForeignKey(Scan, on_delete=models.PROTECT, related_name="+")
    page = models.PositiveIntegerField()
    person = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    answered_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    other_set = models.ForeignKey(PaperSet, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["scan", "page"]
        constraints = [models.UniqueConstraint(fields=["scan", "page"], name="consents_page_once")]

    def __str__(self) -> str:
        """Set and page."""
        return f"{self.paper_set.ref} · {self.page}"

    @property
    def is_open(self) -> bool:
        """Whether somebody has yet to say whose it is."""
        return self.person_id is None and self.answered_by_id is None


class Protection(models.Model):
    """That nothing is published about a person, whoever agrees: their whereabouts must not be known.

    The audit knows it by `public_id` only, so that no list of acts names whom it is about. `seal` is of its end.
    """

    public_id = models.CharField(max_length=32, unique=True, default=new_public_id, editable=False)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    since = models.DateTimeField()
    set_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    until = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    seal = models.CharField(max_length=64, blank=True, editable=False)

    class Meta:
        ordering = ["-since", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["person"], condition=Q(until__isnull=True), name="consents_protected_once")
        ]

    def __str__(self) -> str:
        """Its id."""
        return self.public_id
