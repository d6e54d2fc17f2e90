"""Acts on feeds. One function, one transaction, one audit entry."""

import hashlib
import secrets
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from darbaza.portal.audit.actions import record
from darbaza.portal.people.models import Person, SchoolClass
from darbaza.portal.people.refusals import ActRefusedError
from darbaza.portal.people.rights import Right, demand, holds
from darbaza.portal.rooms.models import Room
from darbaza.portal.timetable.models import Feed, FeedKind

MOST_FEEDS = 20


@transaction.atomic
def make_feed(
    *,
    kind: FeedKind,
    school_class: SchoolClass | None = None,
    room: Room | None = None,
    by: Person,
    at: datetime,
) -> tuple[Feed, str]:
    """Make a feed of one's own lessons, of a class or of a room; its secret is given back once and kept nowhere."""
    demand(by, Right.TIMETABLE_SCHEDULE_READ, at)
    if (kind == FeedKind.SCHOOL_CLASS) != (school_class is not None) or (kind == FeedKind.ROOM) != (room is not None):
        raise ActRefusedError(_("Choose the class or the room whose lessons the calendar shall show."), "2.4")
    if by.feeds.filter(revoked_at__isnull=True).count() >= MOST_FEEDS:
        raise ActRefusedError(_("Close one of your calendars first: you have twenty."), "2.4")
    secret = secrets.token_urlsafe(32)
    feed = Feed.objects.create(
        owner=by, kind=kind, school_class=school_class, room=room, token_hash=_hash_of(secret), made_at=at
    )
    detail: dict[str, object] = {"kind": kind.value, "of": str(feed) if kind != FeedKind.TEACHER else by.public_id}
    record(act="timetable:feed:make", by=by, at=at, subject=f"feed-{feed.pk}", detail=detail)
    return feed, secret


@transaction.atomic
def revoke_feed(*, feed: Feed, by: Person, at: datetime) -> None:
    """Close a feed's address at once; its owner does."""
    demand(by, Right.TIMETABLE_SCHEDULE_READ, at)
    if feed.owner != by or feed.revoked_at is not None:
        raise ActRefusedError(_("This calendar is not yours, or closed already."), "2.4")
    feed.revoked_at = at
    feed.save(update_fields=["revoked_at"])
    record(act="timetable:feed:revoke", by=by, at=at, subject=f"feed-{feed.pk}")


def feed_of(secret: str, at: datetime) -> Feed | None:
    """The feed whose address this is, while its owner may read the schedule."""
    found = Feed.objects.filter(token_hash=_hash_of(secret), revoked_at__isnull=True)
    feed = found.select_related("owner", "school_class", "room").first()
    return feed if feed is not None and holds(feed.owner, Right.TIMETABLE_SCHEDULE_READ, at) else None


def _hash_of(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
