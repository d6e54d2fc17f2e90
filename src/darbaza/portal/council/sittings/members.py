"""Who sits on a council on a day, and how many of them make a quorum."""

from datetime import date

from darbaza.portal.council.models import Council
from darbaza.portal.people.duties import Duty
from darbaza.portal.people.models import Appointment, Person, in_force_on

OUTSIDE = (Duty.AUTHORITY, Duty.PROVIDER)
"""Duties of people from outside the school: they propose, and do not vote."""


def members_of(council: str, day: date) -> list[Person]:
    """Members by order in force: of the methodological council by name, of the pedagogical one all who serve here."""
    held = Appointment.objects.filter(in_force_on(day))
    if council == Council.METHODOLOGICAL:
        held = held.filter(duty=Duty.COUNCIL_MEMBER)
    return list(Person.objects.filter(pk__in=held.exclude(duty__in=OUTSIDE).values("person"), active=True))


def quorum_of(members: int) -> int:
    """The least number of members present: more than half."""
    return members // 2 + 1
