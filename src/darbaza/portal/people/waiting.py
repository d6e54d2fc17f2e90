"""What waits for somebody's act, for the home page."""

from collections import Counter
from datetime import datetime, timedelta

from darbaza.portal.audit.models import AuditEntry
from darbaza.portal.people.models import Enrolment, Person, PersonKind, SchoolClass, in_force_on
from darbaza.portal.people.rights import Right, holds_for_class
from darbaza.portal.school_time import school_day


def classes_without_pins(person: Person, at: datetime) -> list[tuple[SchoolClass, int]]:
    """Classes for which the person issues PINs and in which students have none, with how many."""
    enrolled = Enrolment.objects.filter(in_force_on(school_day(at)), student__active=True, student__pin_hash="")
    counts = Counter(one.school_class for one in enrolled.select_related("school_class"))
    return [
        (school_class, count)
        for school_class, count in sorted(counts.items(), key=lambda pair: (pair[0].grade, pair[0].letter))
        if holds_for_class(person, Right.PEOPLE_PIN_ISSUE, at, school_class)
    ]


def latest_reset(person: Person, at: datetime) -> AuditEntry | None:
    """When somebody else last renewed the person's password, within a week: so that nobody does it unseen."""
    resets = AuditEntry.objects.filter(
        act="people:sign-in:reset", subject=person.public_id, at__gt=at - timedelta(days=7)
    )
    return resets.exclude(by=person.public_id).order_by("-number").first()


def no_students() -> bool:
    """Whether the school has no student yet."""
    return not Person.objects.filter(kind=PersonKind.STUDENT).exists()
