"""The number beside the envelope in the head of every page."""

from django.http import HttpRequest

from darbaza.portal.notices.models import Notification
from darbaza.portal.people.rights import person_of


def context(request: HttpRequest) -> dict[str, object]:
    """For every template: how many notifications the person has not read."""
    person = person_of(request)
    if person is None:
        return {"unread": 0}
    return {"unread": Notification.objects.filter(person=person, read_at__isnull=True).count()}
