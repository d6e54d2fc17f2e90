"""What is told of is written down in the transaction of the act that it tells of: both stand, or neither.

So no power cut and no dead line can part them. Sending happens later, from these rows, by another process.
"""

from datetime import date, datetime
from typing import Any

from django.db.models.signals import post_save

from darbaza.portal.audit.models import AuditEntry
from darbaza.portal.notices import delivery, recipients
from darbaza.portal.notices.models import Letter, LetterState, Notification
from darbaza.portal.notices.recipients import Told
from darbaza.portal.school_time import day_begins


def connect() -> None:
    """Listen to the audit: every act writes exactly one entry, inside its own transaction."""
    post_save.connect(after_act, sender=AuditEntry, dispatch_uid="notices-after-act")


def after_act(sender: object, instance: AuditEntry, **_more: Any) -> None:  # noqa: ARG001
    """Write down who is told of an act."""
    for told in recipients.of_act(instance):
        tell(f"act:{instance.number}", told, instance.at)


def tell(event: str, told: Told, at: datetime) -> list[Notification]:
    """Write down that these people are told of an event; who was told of it already is not told again.

    Part of a transaction of whoever calls.
    """
    known = set(Notification.objects.filter(event=event, kind=told.kind).values_list("person_id", flat=True))
    made = [
        Notification.objects.create(event=event, kind=told.kind, person_id=person, url=told.url, at=at)
        for person in sorted(told.people - known)
    ]
    delivery.enqueue(made)
    return made


def forget_before(day: date) -> int:
    """Delete what was told of before a day and has been read, and letters that came to an end; how many were told."""
    over = Notification.objects.filter(at__lt=day_begins(day), read_at__isnull=False)
    gone = over.delete()[1].get("notices.Notification", 0)
    ended = Letter.objects.filter(made_at__lt=day_begins(day), state__in=[LetterState.SENT, LetterState.FAILED])
    ended.delete()
    return gone
