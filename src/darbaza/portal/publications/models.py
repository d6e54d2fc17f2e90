"""Drafts and what was checked of them; what was placed, which is all that the public is ever served; take-downs.

No column says that something is public. How far a draft is follows from its checks, each of which carries the digest of
what it saw; what is public follows from a placement, whose seal only the gate gives, and is judged at each serving.
"""

from datetime import datetime
from typing import NoReturn

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from darbaza.portal.council.models import Channel, Purpose
from darbaza.portal.people.models import Language, Person, new_public_id


class Genre(models.TextChoices):
    """What an author says that it is."""

    NEWS = "news", _("news")
    EVENT = "event", _("an event")
    ACHIEVEMENT = "achievement", _("an achievement")
    WORK = "work", _("a student's work")
    PERSON = "person", _("about somebody of the staff")
    DOCUMENT = "document", _("a document")
    OWN = "own", _("somebody's own page or post")


PURPOSES: dict[str, Purpose] = {
    Genre.NEWS: Purpose.NEWS,
    Genre.EVENT: Purpose.NEWS,
    Genre.ACHIEVEMENT: Purpose.ACHIEVEMENTS,
    Genre.WORK: Purpose.WORKS,
    Genre.PERSON: Purpose.PEOPLE,
    Genre.DOCUMENT: Purpose.NEWS,
    Genre.OWN: Purpose.OWN_PAGE,
}
"""The purpose that a consent must name for each."""


class Publication(models.Model):
    """A draft: what is to be said, where, and until when. `changes` counts its versions: two editors never overwrite.

    `writers` are the keys of all who wrote in it besides its author: none of them confirms its facts (2.14). A draft
    for another channel is another publication, `copy_of` the first. `own_of` is whose own page it is, placed by a
    permission (3.2), and `place` where that will stand on a channel of others: host and path in canonical form.
    """

    public_id = models.CharField(max_length=32, unique=True, default=new_public_id, editable=False)
    genre = models.CharField(_("what it is"), max_length=12, choices=Genre.choices, default=Genre.NEWS)
    channel = models.CharField(_("where"), max_length=12, choices=Channel.choices, default=Channel.SITE)
    language = models.CharField(_("language"), max_length=2, choices=Language.choices, default=Language.KYRGYZ)
    title = models.CharField(_("title"), max_length=200)
    body = models.TextField(_("text"), max_length=40_000)
    event_on = models.DateField(_("day of the event"), null=True, blank=True)
    until = models.DateField(_("public up to and including"), null=True, blank=True)
    own_of = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, blank=True, related_name="own_pages")
    place = models.CharField(_("address of the own post"), max_length=500, blank=True)
    copy_of = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="copies")
    author = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="publications_written")
    written_at = models.DateTimeField()
    changed_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    changed_at = models.DateTimeField()
    changes = models.PositiveIntegerField(default=0)
    writers = models.JSONField(default=list)
    discarded_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-changed_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(genre=Genre.OWN, own_of__isnull=False) | (~Q(genre=Genre.OWN) & Q(own_of__isnull=True)),
                name="publications_own_has_owner",
            ),
        ]

    def __str__(self) -> str:
        """Title."""
        return self.title

    @property
    def purpose(self) -> str:
        """What it is placed for, as consents name it."""
        return PURPOSES[self.genre]

    def wrote(self, person: Person) -> bool:
        """Whether somebody wrote in it: as its author, or by a change."""
        return person.pk in {self.author_id, *self.writers}

    @property
    def standing_files(self) -> "list[DraftFile]":
        """Its pictures and attachments, without those taken out."""
        return [one for one in self.files.all() if one.removed_at is None]


class FileKind(models.TextChoices):
    """What is attached."""

    PICTURE = "picture", _("picture")
    ATTACHMENT = "attachment", _("attachment")


class DraftFile(models.Model):
    """A working copy: it lies in the state directory under its SHA-256 and is served to who may read the draft only.

    `edits` is what is done to a picture as it goes out: boxes to blur and one to leave, in pixels. `findings` is what
    was found in it when it was uploaded, `facts` what else was seen of it: size, metadata.
    """

    public_id = models.CharField(max_length=32, unique=True, default=new_public_id, editable=False)
    publication = models.ForeignKey(Publication, on_delete=models.CASCADE, related_name="files")
    kind = models.CharField(max_length=10, choices=FileKind.choices)
    name = models.CharField(max_length=120)
    caption = models.CharField(_("what is to be seen"), max_length=300, blank=True)
    sha256 = models.CharField(max_length=64)
    size = models.PositiveBigIntegerField()
    findings = models.JSONField(default=list)
    facts = models.JSONField(default=dict)
    edits = models.JSONField(default=dict)
    added_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    added_at = models.DateTimeField()
    removed_at = models.DateTimeField(null=True, blank=True)
    seen_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    seen_digest = models.CharField(max_length=64, blank=True)
    seen_people = models.JSONField(default=list)

    class Meta:
        ordering = ["publication", "id"]

    def __str__(self) -> str:
        """Name."""
        return self.name


class FindingAnswer(models.Model):
    """What somebody answered about one finding; the latest stands.

    `outside` is the recorded ground of somebody whom no list of the school holds (ADR 0082), empty for all else.
    """

    publication = models.ForeignKey(Publication, on_delete=models.CASCADE, related_name="answers")
    key = models.CharField(max_length=40)
    answer = models.CharField(max_length=12)
    people = models.JSONField(default=list)
    why = models.CharField(max_length=300, blank=True)
    outside = models.JSONField(default=dict)
    by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["publication", "key"]
        constraints = [models.UniqueConstraint(fields=["publication", "key"], name="publications_answer_once")]

    def __str__(self) -> str:
        """Answer."""
        return self.answer


class SchoolContacts(models.Model):
    """What the school has entered as its own phones, e-mail addresses and addresses; the latest counts."""

    phones = models.JSONField(default=list)
    emails = models.JSONField(default=list)
    addresses = models.JSONField(default=list)
    set_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    set_at = models.DateTimeField()

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        """When it was entered."""
        return self.set_at.isoformat()


class CheckKind(models.TextChoices):
    """What a person checked."""

    FACTS = "facts", _("facts")
    PERSONAL_DATA = "personal-data", _("personal data")


class Check(models.Model):
    """One check by one person (2.14): of what, by its digest, and for facts by which source. The latest counts.

    A fact that turned out to be wrong withdraws the check (`doubted_at`), and with it what was placed on it.
    """

    publication = models.ForeignKey(Publication, on_delete=models.CASCADE, related_name="checks")
    kind = models.CharField(max_length=14, choices=CheckKind.choices)
    digest = models.CharField(max_length=64)
    source = models.CharField(_("by what it is known"), max_length=300, blank=True)
    by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    doubted_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    doubted_at = models.DateTimeField(null=True, blank=True)
    doubt = models.CharField(_("what is wrong"), max_length=300, blank=True)

    class Meta:
        ordering = ["publication", "at", "id"]

    def __str__(self) -> str:
        """Kind and instant."""
        return f"{self.get_kind_display()} {self.at:%Y-%m-%d}"


class Placed(models.QuerySet["Placement"]):
    """Placements, of which none is made by the dozen."""

    def bulk_create(self, *_placements: object, **_options: object) -> NoReturn:
        """Refused: each is let out by the gate."""
        raise PermissionError("placements are let out by the gate one by one; use `actions.publish`")


class Placement(models.Model):
    """What was let out, as it was let out. `record` is the certificate of what was checked, `seal` its signature.

    The public is served from here only, and only what the gate lets stand at that moment. `address` is where it was
    placed on another channel, by the person responsible. Stored only with a good seal, never changed but to be taken
    down: `guards` and the database itself see to that.
    """

    public_id = models.CharField(max_length=32, unique=True, default=new_public_id, editable=False)
    publication = models.ForeignKey(Publication, on_delete=models.PROTECT, related_name="placements")
    channel = models.CharField(max_length=12, choices=Channel.choices)
    genre = models.CharField(max_length=12, choices=Genre.choices)
    language = models.CharField(max_length=2, choices=Language.choices)
    event_on = models.DateField(null=True, blank=True)
    record = models.TextField()
    seal = models.TextField()
    placed_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="placements_made")
    placed_at = models.DateTimeField(db_index=True)
    address = models.CharField(_("address"), max_length=500, blank=True)
    address_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    address_at = models.DateTimeField(null=True, blank=True)
    taken_down_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    taken_down_at = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(_("why it was taken down"), max_length=300, blank=True)

    objects = Placed.as_manager()

    class Meta:
        ordering = ["-placed_at", "-id"]
        indexes = [
            models.Index(
                fields=["genre", "-placed_at", "-id"],
                condition=Q(channel=Channel.SITE, taken_down_at__isnull=True),
                name="publications_on_site",
            )
        ]

    def __str__(self) -> str:
        """Publication and channel."""
        return f"{self.publication_id} {self.channel}"

    @property
    def is_on_site(self) -> bool:
        """Whether it is served by ourselves."""
        return self.channel == Channel.SITE

    def stands(self, at: datetime) -> bool:
        """Whether nobody took it down; whether it is served, the gate says."""
        return self.taken_down_at is None and self.placed_at <= at


class TakeDownCause(models.TextChoices):
    """Why something that was placed elsewhere has to come down."""

    CONSENT = "consent", _("a consent is missing now")
    PERMISSION = "permission", _("the permission is over")
    FACTS = "facts", _("a fact is wrong")
    TERM = "term", _("its term is over")
    REMOVAL = "removal", _("somebody asked for its removal")
    RESPONSIBLE = "responsible", _("the person responsible took it down")


ASKED = frozenset({TakeDownCause.REMOVAL, TakeDownCause.RESPONSIBLE})
"""What a person said: it ends by what a person says only. All else is the gate's, and may cease."""


class TakeDown(models.Model):
    """A task for the person responsible: take down what stands on a channel of others, by a day, with a proof.

    `ceased_at` is since when its cause is seen to stand no more. Such a task may end without a proof: `stays`.
    """

    placement = models.ForeignKey(Placement, on_delete=models.PROTECT, related_name="take_downs")
    cause = models.CharField(max_length=12, choices=TakeDownCause.choices)
    raised_at = models.DateTimeField()
    due = models.DateField()
    ceased_at = models.DateTimeField(null=True, blank=True)
    stays = models.BooleanField(default=False)
    proof = models.CharField(_("how it can be seen that it is gone"), max_length=300, blank=True)
    done_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    done_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["due", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["placement"], condition=Q(done_at__isnull=True), name="publications_one_open_take_down"
            ),
            models.CheckConstraint(
                condition=Q(done_at__isnull=True) | ~Q(proof="") | Q(stays=True, ceased_at__isnull=False),
                name="publications_take_down_proved",
            ),
            models.CheckConstraint(
                condition=Q(ceased_at__isnull=True) | ~Q(cause__in=sorted(ASKED)),
                name="publications_asked_never_ceases",
            ),
        ]

    def __str__(self) -> str:
        """Cause and day."""
        return f"{self.get_cause_display()} {self.due}"

    @property
    def is_asked(self) -> bool:
        """Whether a person said that it comes down, and not the gate."""
        return self.cause in ASKED


class RemovalRequest(models.Model):
    """What somebody asked by the public link, without an account: that something be removed. Kept for a year."""

    number = models.CharField(max_length=12, unique=True)
    placement = models.ForeignKey(Placement, on_delete=models.PROTECT, null=True, blank=True, related_name="asked_away")
    where = models.CharField(_("what and where"), max_length=500)
    why = models.TextField(_("why"), max_length=1000, blank=True)
    contact = models.CharField(_("how to reach you"), max_length=200, blank=True)
    at = models.DateTimeField(db_index=True)
    answered_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    answered_at = models.DateTimeField(null=True, blank=True)
    removed = models.BooleanField(default=False)
    answer = models.CharField(_("answer"), max_length=300, blank=True)

    class Meta:
        ordering = ["-at", "-id"]

    def __str__(self) -> str:
        """Number."""
        return self.number


class RemovalAsker(models.Model):
    """That a request for removal came from an address within the hour, by a digest of it and with nothing of the
    request: one who floods the link shuts it for nobody else."""

    address = models.CharField(max_length=64)
    at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        """From where."""
        return self.address


class DailyCheck(models.Model):
    """A comparison of all that is public with what is consented: when, of how much, and what no longer stands."""

    day = models.DateField(unique=True)
    at = models.DateTimeField()
    looked_at = models.PositiveIntegerField()
    closed = models.JSONField(default=list)

    class Meta:
        ordering = ["-day"]

    def __str__(self) -> str:
        """Day."""
        return self.day.isoformat()
