"""Revisions of the rulebook: made when an act changed the content, and given to boxes signed.

`refresh` is called when an act has committed and, cheaply, at every look of a waiting box: it compares the number of
the last audit entry with the one up to which the latest revision is known to be right, and the clock with the instant
at which the rulebook changes by itself. So an act reaches the boxes even if the process that did it dies right after,
and a decision that begins at eight in the morning reaches them although nobody acts then.
"""

import hashlib
import logging
from datetime import datetime

from django.db import transaction

from darbaza.policy.rulebook import Rulebook
from darbaza.portal.acquaintance.rules import mark
from darbaza.portal.audit.models import AuditEntry, ChainHead
from darbaza.portal.gateways import keys, presence, rulebook
from darbaza.portal.gateways.models import PublishHead, SnapshotRevision
from darbaza.portal.lessons import live
from darbaza.snapshot import codec, envelope
from darbaza.snapshot.errors import SnapshotError

logger = logging.getLogger(__name__)

NOT_IN_RULEBOOK = (
    "acquaintance:",
    "asking:",
    "council:publishing:",
    "lessons:",
    "rooms:fault:",
    "sharing:",
    "verdicts:",
    "harm:",
    "incidents:notice:",
    "incidents:place:",
    "notices:",
    "people:language:",
    "people:pin:",
    "permits:permit:ask",
    "permits:permit:decline",
    "permits:permit:withdraw",
    "publications:",
    "timetable:contributor:",
    "timetable:draft:",
    "timetable:feed:",
    "timetable:slot:",
)
"""Acts, by the beginning of their names, after which the rulebook stays as it is."""

UNNUMBERED = 1
"""The revision under which contents are compared: the number itself must not make two contents differ."""


def refresh(at: datetime) -> int:
    """Make a revision if what is in force changed since the latest; the latest number, 0 if none could be made yet."""
    head = PublishHead.objects.filter(pk=1).first()
    if head is None or head.due is None or head.due <= at or _reads_otherwise(head) or _has_news(head):
        _build(at)
    return latest_number()


def _reads_otherwise(head: PublishHead) -> bool:
    """Whether this process has another text of the rules (2.12) than the one for which the latest look was made."""
    return not head.acquaintance.startswith(f"{mark()}/")


def _has_news(head: PublishHead) -> bool:
    """Whether an act that the rulebook may hold was recorded since the latest look."""
    newer = AuditEntry.objects.filter(number__gt=head.audit_number)
    return any(bears_on_rulebook(act) for act in newer.values_list("act", flat=True).distinct())


def bears_on_rulebook(act: str) -> bool:
    """Whether an act may change the rulebook: what happens within lessons is presence, and reading changes nothing."""
    return not act.startswith(NOT_IN_RULEBOOK)


def latest_number() -> int:
    """The number of the latest revision, 0 before the first."""
    found = SnapshotRevision.objects.order_by("-number").values_list("number", flat=True).first()
    return found or 0


def _audit_number() -> int:
    return ChainHead.objects.filter(pk=1).values_list("number", flat=True).first() or 0


@transaction.atomic
def _build(at: datetime) -> None:
    PublishHead.objects.get_or_create(pk=1)
    head = PublishHead.objects.select_for_update().get(pk=1)
    # Read before building: an act that commits meanwhile makes the next look build again.
    head.audit_number, head.due = _audit_number(), rulebook.next_change(at)
    content = rulebook.build(at, UNNUMBERED)
    _tell_presence(head, content.acquaintance, at)
    try:
        body = codec.encode(content)
    except SnapshotError:
        # Boxes keep the last good revision; the page of the boxes says that this one could not be made.
        logger.exception("the rulebook in force cannot be encoded")
        head.save(update_fields=["audit_number", "due", "acquaintance"])
        return
    digest = hashlib.sha256(body).hexdigest()
    if digest != head.fingerprint:
        store_revision(body, digest, at)
        head.fingerprint = digest
    head.save()


def _tell_presence(head: PublishHead, acquaintance: str, at: datetime) -> None:
    """Other rules are to be accepted (2.12): who has accepted them travels with the presence, which must come anew."""
    if head.acquaintance and head.acquaintance != acquaintance:
        live.changing(at)
        live.changed(at)
    head.acquaintance = acquaintance


def store_revision(body: bytes, digest: str, at: datetime) -> SnapshotRevision:
    """Store an encoded content under the next number."""
    number = latest_number() + 1
    numbered = codec.renumbered(body, number)
    return SnapshotRevision.objects.create(number=number, made_at=at, digest=digest, body=numbered)


def sealed_snapshot(number: int) -> bytes:
    """A revision as boxes take it: signed."""
    revision = SnapshotRevision.objects.get(pk=number)
    return envelope.seal(envelope.SNAPSHOT, bytes(revision.body), keys.signing_keys())


def sealed_presence(at: datetime) -> tuple[int, bytes]:
    """The presence of this instant as boxes take it, and its sequence."""
    value = presence.build(at)
    return value.sequence, envelope.seal(envelope.PRESENCE, codec.encode_presence(value), keys.signing_keys())


def rulebook_at(at: datetime) -> Rulebook | None:
    """The rulebook that was in force at an instant, from the revision made last before it."""
    revision = SnapshotRevision.objects.filter(made_at__lte=at).order_by("-number").first()
    return codec.decode(bytes(revision.body)) if revision else None
