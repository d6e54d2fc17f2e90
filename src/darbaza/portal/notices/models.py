"""Notifications: that something waits for a person. They name no student and hold no text of anybody's."""

from datetime import time

from django.db import models
from django.utils.translation import gettext_lazy as _

from darbaza.portal.people.models import Person, new_public_id


class Kind(models.TextChoices):
    """What is told of, in the words that also leave the school: no name, no host, no text."""

    URGENT_REPORT = "urgent-report", _("a student needs an adult")
    REPORT = "report", _("a report waits for an answer")
    REPORT_DUE = "report-due", _("a report has to be answered today")
    INCIDENT = "incident", _("an incident waits for your commission")
    INCIDENT_ENDED = "incident-ended", _("the commission has concluded on what you recorded")
    PERMIT_ASKED = "permit-asked", _("a permission is asked for")
    PERMIT_DECIDED = "permit-decided", _("your request for a permission is decided")
    ORDER = "order", _("an order waits for your signature")
    SITTING = "sitting", _("a sitting of the council is called")
    PROPOSAL = "proposal", _("your proposal is answered")
    CLASS_NOTICE = "class-notice", _("a notice about your class")
    LESSON_PAUSED = "lesson-paused", _("a lesson is paused: its supervisor is away")
    LIST_HELD = "list-held", _("an update of a list is held until somebody looks")
    PUBLICATION = "publication", _("somebody asks that something published be removed")
    PUBLICATION_CLOSED = "publication-closed", _("something published may not stand any more")
    PARENTS_DIFFER = "parents-differ", _("parents differ on a consent to publication: the stricter counts")
    BOX_SILENT = "box-silent", _("the gateway is not heard of")


URGENT = frozenset({Kind.URGENT_REPORT, Kind.BOX_SILENT})
"""Kinds that no quiet hours and no digest hold back."""

CLAUSES: dict[Kind, str] = {
    Kind.URGENT_REPORT: "3.4",
    Kind.REPORT: "3.4",
    Kind.REPORT_DUE: "2.13",
    Kind.INCIDENT: "3.3",
    Kind.INCIDENT_ENDED: "3.3",
    Kind.PERMIT_ASKED: "3.2",
    Kind.PERMIT_DECIDED: "3.2",
    Kind.ORDER: "2.5",
    Kind.SITTING: "2.6",
    Kind.PROPOSAL: "2.6",
    Kind.CLASS_NOTICE: "2.7",
    Kind.LESSON_PAUSED: "2.9",
    Kind.LIST_HELD: "2.13",
    Kind.PUBLICATION: "2.15",
    Kind.PUBLICATION_CLOSED: "2.15",
    Kind.PARENTS_DIFFER: "2.15",
    Kind.BOX_SILENT: "2.5",
}
"""The clause for whose sake each kind is told."""


class Notification(models.Model):
    """One thing that one person is told of. `event` names what happened: told again, it is the same notification.

    `url` is a page of the portal, which asks for rights as always; without them the notification opens nothing.
    """

    public_id = models.CharField(max_length=32, unique=True, default=new_public_id, editable=False)
    event = models.CharField(max_length=120)
    kind = models.CharField(max_length=20, choices=Kind.choices)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="notifications")
    url = models.CharField(max_length=200)
    at = models.DateTimeField(db_index=True)
    read_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-at", "-id"]
        constraints = [models.UniqueConstraint(fields=["event", "kind", "person"], name="notices_told_once")]
        indexes = [models.Index(fields=["person", "read_at"])]

    def __str__(self) -> str:
        """What of."""
        return str(self.get_kind_display())

    @property
    def is_urgent(self) -> bool:
        """Whether nothing holds it back."""
        return self.kind in URGENT

    @property
    def clause(self) -> str:
        """The clause for whose sake it is told."""
        return CLAUSES[Kind(self.kind)]


class ChannelKind(models.TextChoices):
    """Ways out of the portal."""

    E_MAIL = "e-mail", _("e-mail")
    TELEGRAM = "telegram", "Telegram"
    OTHER = "other", _("another service")


class Security(models.TextChoices):
    """How a connection to a mail server is kept from being read."""

    STARTTLS = "starttls", "STARTTLS"
    TLS = "tls", "TLS"
    NONE = "none", _("none: only within the school's own network")


class Fault(models.TextChoices):
    """Why something could not be sent, in words for whoever can do something about it."""

    LINE = "line", _("the server cannot be reached")
    TLS = "tls", _("the server's certificate cannot be trusted")
    SIGN_IN = "sign-in", _("the server does not accept our sign-in")
    SETTINGS = "settings", _("the settings of this channel are not right")
    BUSY = "busy", _("the server asks us to come later")
    ADDRESS = "address", _("nothing can be sent to this address")


OF_THE_CHANNEL = frozenset({Fault.LINE, Fault.TLS, Fault.SIGN_IN, Fault.SETTINGS})
"""Faults that meet every message of the channel, so one message is tried for all."""


class Channel(models.Model):
    """A way out that the school has set. Password or token lies in a file of the state directory, never here.

    It rests until `rests_until` after a fault that meets every message; `faults` are those in a row.
    """

    kind = models.CharField(max_length=10, choices=ChannelKind.choices, unique=True)
    enabled = models.BooleanField(default=True)
    host = models.CharField(max_length=253, blank=True)
    port = models.PositiveIntegerField(null=True, blank=True)
    security = models.CharField(max_length=8, choices=Security.choices, blank=True)
    user_name = models.CharField(max_length=254, blank=True)
    sender = models.EmailField(blank=True)
    bot_name = models.CharField(max_length=64, blank=True)
    updates_read = models.BigIntegerField(default=0)
    secret_file = models.CharField(max_length=80, blank=True)
    set_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    set_at = models.DateTimeField()
    faults = models.PositiveIntegerField(default=0)
    fault = models.CharField(max_length=10, choices=Fault.choices, blank=True)
    fault_detail = models.CharField(max_length=200, blank=True)
    rests_until = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["kind"]

    def __str__(self) -> str:
        """Its kind."""
        return str(self.get_kind_display())


class Contact(models.Model):
    """Where one person is reached by one channel, once they have shown that the address is theirs.

    `address` is empty for Telegram until the bot has heard the code; `fault` says why nothing is sent there any more.
    """

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="contacts")
    channel = models.CharField(max_length=10, choices=ChannelKind.choices)
    address = models.CharField(max_length=254, blank=True)
    code = models.CharField(max_length=32)
    tries = models.PositiveSmallIntegerField(default=0)
    added_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True, blank=True)
    fault = models.CharField(max_length=10, choices=Fault.choices, blank=True)
    fault_detail = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person", "channel"], name="notices_one_contact")]

    def __str__(self) -> str:
        """The channel."""
        return str(self.get_channel_display())


class How(models.TextChoices):
    """How somebody wants to hear of a kind by a channel; without a wish nothing leaves the portal."""

    DIGEST = "digest", _("gathered, once a day")
    AT_ONCE = "at-once", _("at once")


class Wish(models.Model):
    """That a person wants one kind by one channel."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="wishes")
    kind = models.CharField(max_length=20, choices=Kind.choices)
    channel = models.CharField(max_length=10, choices=ChannelKind.choices)
    how = models.CharField(max_length=8, choices=How.choices)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person", "kind", "channel"], name="notices_one_wish")]

    def __str__(self) -> str:
        """Kind and channel."""
        return f"{self.kind}: {self.channel}"


class Hours(models.Model):
    """When a person is not to be disturbed, and when what was gathered comes: hours of the school's clock."""

    person = models.OneToOneField(Person, on_delete=models.CASCADE, related_name="hours")
    quiet_from = models.TimeField(default=time(20))
    quiet_until = models.TimeField(default=time(7))
    digest_at = models.TimeField(default=time(15))

    def __str__(self) -> str:
        """The quiet hours."""
        return f"{self.quiet_from:%H:%M}-{self.quiet_until:%H:%M}"


class LetterState(models.TextChoices):
    """Where a message stands."""

    QUEUED = "queued", _("waits to be sent")
    SENDING = "sending", _("is being sent")
    SENT = "sent", _("sent")
    FAILED = "failed", _("not sent")


class Purpose(models.TextChoices):
    """Why a message is sent."""

    NEWS = "news", _("notifications")
    CODE = "code", _("a code that confirms the address")
    TEST = "test", _("a test")


class Letter(models.Model):
    """One message to one person by one channel. Its public id is the same at every try, so a mail server can tell."""

    public_id = models.CharField(max_length=32, unique=True, default=new_public_id, editable=False)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="letters")
    channel = models.CharField(max_length=10, choices=ChannelKind.choices)
    address = models.CharField(max_length=254)
    purpose = models.CharField(max_length=4, choices=Purpose.choices, default=Purpose.NEWS)
    urgent = models.BooleanField(default=False)
    state = models.CharField(max_length=8, choices=LetterState.choices, default=LetterState.QUEUED)
    made_at = models.DateTimeField()
    next_at = models.DateTimeField()
    tries = models.PositiveIntegerField(default=0)
    fault = models.CharField(max_length=10, choices=Fault.choices, blank=True)
    fault_detail = models.CharField(max_length=200, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-made_at", "-id"]
        indexes = [models.Index(fields=["state", "next_at"])]

    def __str__(self) -> str:
        """Purpose and channel."""
        return f"{self.purpose}: {self.channel}"


class Delivery(models.Model):
    """That a notification goes out by a channel, from `due_at` on. `needless` once it was read in the portal before."""

    notification = models.ForeignKey(Notification, on_delete=models.CASCADE, related_name="deliveries")
    channel = models.CharField(max_length=10, choices=ChannelKind.choices)
    due_at = models.DateTimeField()
    letter = models.ForeignKey(Letter, on_delete=models.SET_NULL, null=True, blank=True, related_name="deliveries")
    needless = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["notification", "channel"], name="notices_out_once")]
        indexes = [models.Index(fields=["letter", "needless", "due_at"])]

    def __str__(self) -> str:
        """The channel."""
        return str(self.get_channel_display())
