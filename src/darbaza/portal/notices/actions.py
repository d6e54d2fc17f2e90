"""What a person does with notifications. That somebody read one is nobody's act of governance: no audit entry."""

from datetime import datetime

from darbaza.portal.notices.models import Notification
from darbaza.portal.people.models import Person


def mark_read(*, by: Person, at: datetime, public_id: str = "") -> int:
    """The person has read one of their notifications, or all of them; how many were new."""
    own = Notification.objects.filter(person=by, read_at__isnull=True)
    return (own.filter(public_id=public_id) if public_id else own).update(read_at=at)
