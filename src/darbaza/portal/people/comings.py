"""How it reaches whoever must follow that people left the school or came back."""

from collections.abc import Iterable
from datetime import datetime

from django.dispatch import Signal

from darbaza.portal.people.models import Person

attendance_changed = Signal()
"""Sent with `at` and `people`, a frozenset of the ids of those who left or came back, before the act's transaction
ends."""


def told(*, people: Iterable[Person], at: datetime) -> None:
    """Tell whoever must follow who left or came back; nobody is told of nobody."""
    ids = frozenset(str(one.pk) for one in people)
    if ids:
        attendance_changed.send(sender=None, at=at, people=ids)
