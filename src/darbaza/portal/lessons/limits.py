"""How long one person may be online within a lesson (2.7): the supervisor's limit, or the open hours' own minutes.

When it is over the policy core refuses them everything, on every box and by the clock; nothing has to happen here.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from darbaza.portal.audit.actions import record
from darbaza.portal.lessons import live
from darbaza.portal.lessons.actions import demand_supervisor, still_open
from darbaza.portal.lessons.models import Binding, SupervisedSession, TimeLimit
from darbaza.portal.people.models import Person
from darbaza.portal.people.refusals import ActRefusedError

NEAR = timedelta(minutes=5)
"""So long before the end somebody is told that it comes."""
LONGEST_MINUTES = 240


@dataclass(frozen=True, slots=True)
class Remaining:
    """What is left of somebody's time in a lesson: until when, whether that is near, and whether it is over."""

    until: datetime
    is_near: bool
    is_over: bool


@transaction.atomic
def limit_person(*, session: SupervisedSession, person: Person, minutes: int, by: Person, at: datetime) -> TimeLimit:
    """Let one person who is signed in at the lesson be online for so many minutes more; the rest of it goes on."""
    demand_supervisor(session, by)
    live.changing(at)
    session = still_open(session)
    if not session.bindings.filter(person=person, ended__isnull=True).exists():
        raise ActRefusedError(_("This student is not signed in at this lesson."), "2.7")
    until = at + timedelta(minutes=minutes)
    if not 0 < minutes <= LONGEST_MINUTES or until >= session.ends:
        raise ActRefusedError(_("Give a number of minutes that ends before the lesson does."), "2.7")
    session.limits.filter(person=person, lifted__isnull=True).update(lifted=at)
    made = TimeLimit.objects.create(session=session, person=person, by=by, at=at, until=until)
    live.changed(at)
    detail: dict[str, object] = {"student": person.public_id, "minutes": minutes}
    record(act="lessons:student:limit", by=by, at=at, subject=session.public_id, detail=detail)
    return made


@transaction.atomic
def lift_limit(*, session: SupervisedSession, person: Person, by: Person, at: datetime) -> None:
    """Let one person be online until the lesson ends, whatever limit there was."""
    demand_supervisor(session, by)
    live.changing(at, narrows=False)
    session = still_open(session)
    if not session.limits.filter(person=person, lifted__isnull=True).update(lifted=at):
        raise ActRefusedError(_("The time of this student is not limited."), "2.7")
    live.changed(at)
    detail: dict[str, object] = {"student": person.public_id}
    record(act="lessons:student:unlimit", by=by, at=at, subject=session.public_id, detail=detail)


def begin(session: SupervisedSession, person: Person, at: datetime) -> None:
    """At somebody's first sign-in the session's own minutes begin, if it has any; inside the act that binds them."""
    if session.minutes_each is None or session.limits.filter(person=person).exists():
        return
    until = at + timedelta(minutes=session.minutes_each)
    if until < session.ends:
        TimeLimit.objects.create(session=session, person=person, at=at, until=until)


def remaining(binding: Binding | None, at: datetime) -> Remaining | None:
    """What is left for whoever is signed in at a device; None where only the lesson's end limits it."""
    if binding is None or binding.session is None:
        return None
    found = binding.session.limits.filter(person=binding.person, lifted__isnull=True).first()
    if found is None:
        return None
    return Remaining(found.until, at < found.until <= at + NEAR, found.until <= at)


def is_spent(session: SupervisedSession, person: Person, at: datetime) -> bool:
    """Whether somebody's time in a lesson is over."""
    return session.limits.filter(person=person, lifted__isnull=True, until__lte=at).exists()
