"""Who sits on a council, and how many of them make a quorum."""

from datetime import date, datetime, timedelta

from django.db.models import Q

from darbaza.portal.council.models import Council
from darbaza.portal.people.duties import Duty
from darbaza.portal.people.models import Appointment, Person
from darbaza.portal.people.terms import in_force_at
from darbaza.portal.school_time import day_begins

OUTSIDE = (Duty.AUTHORITY, Duty.PROVIDER)
"""Duties of people from outside the school: they propose, and do not vote."""


def members_of(council: str, when: date) -> list[Person]:
    """Members by order in force at an instant, or at any time of a day that is given.

    Of the methodological council they are named; on the pedagogical one sit all who serve here.
    """
    held = Appointment.objects.filter(in_force_at(when) if isinstance(when, datetime) else within(when))
    if council == Council.METHODOLOGICAL:
        held = held.filter(duty=Duty.COUNCIL_MEMBER)
    return list(Person.objects.filter(pk__in=held.exclude(duty__in=OUTSIDE).values("person"), active=True))


def within(day: date) -> Q:
    """What is in force at any time of a day."""
    begins, ends = day_begins(day), day_begins(day + timedelta(days=1))
    return Q(since__lt=ends) & (Q(until__isnull=True) | Q(until__gt=begins))


def quorum_of(members: int) -> int:
    """The least number of members present: more than half."""
    return members // 2 + 1
