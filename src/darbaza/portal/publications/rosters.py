"""The school's people as the finder of names knows them. Built once for each state of the lists."""

import hashlib
from datetime import date, datetime
from functools import lru_cache

from darbaza.portal.people.models import Enrolment, Person, PersonKind, in_force_on
from darbaza.portal.school_time import school_day
from darbaza.publication.text import Named, Roster


def roster_at(at: datetime) -> Roster:
    """Everybody of the school, those who have left as well: their data still is theirs."""
    return roster_of(named_on(school_day(at)))


def named_on(day: date) -> tuple[Named, ...]:
    """Ids, names and, of students, the class of a day."""
    enrolled = Enrolment.objects.filter(in_force_on(day)).select_related("school_class")
    classes = {one.student_id: one.school_class.name for one in enrolled}
    people = Person.objects.filter(kind__in=[PersonKind.STUDENT, PersonKind.STAFF]).order_by("pk")
    rows = people.values_list("pk", "surname", "given_name", "patronymic")
    return tuple(
        Named(str(pk), surname, name, patronymic, classes.get(pk, "")) for pk, surname, name, patronymic in rows
    )


@lru_cache(maxsize=2)
def roster_of(named: tuple[Named, ...]) -> Roster:
    """These people, ready to be looked for."""
    return Roster.of(named)


def mark_of(named: tuple[Named, ...]) -> str:
    """A mark of the lists: another one when anybody came, left or was renamed."""
    return hashlib.sha256(repr(named).encode()).hexdigest()[:16]
