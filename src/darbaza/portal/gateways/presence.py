"""The presence that boxes are given: open lessons, the supervisors' measures in them, and who is bound to what."""

from datetime import UTC, datetime

from django.db import transaction

from darbaza.policy import request
from darbaza.portal.acquaintance.in_force import accepted_among
from darbaza.portal.council.categories import category_of_grade, user_category_of
from darbaza.portal.lessons import live, models
from darbaza.portal.lessons.values import session_value
from darbaza.portal.people.models import PersonKind
from darbaza.snapshot.presence import Binding, Presence

NOTHING_YET = datetime(2000, 1, 1, tzinfo=UTC)


@transaction.atomic
def build(at: datetime) -> Presence:
    """The state of all rooms at an instant, under the sequence of its last change.

    The number is read before what it numbers: a change meanwhile comes again under its own, higher number.
    """
    head = live.head()
    if head is None:
        return Presence(1, 1, NOTHING_YET)
    open_sessions = models.SupervisedSession.objects.filter(closed__isnull=True, opened__lte=at, ends__gt=at)
    found = list(
        open_sessions.select_related("room", "school_class", "supervisor", "slot", "exception")
        .prefetch_related("pauses__student", "limits__person", "measures", "scenes")
        .order_by("pk")
    )
    return Presence(
        sequence=head.sequence,
        epoch=head.epoch,
        at=head.changed_at.astimezone(UTC),
        sessions=tuple(session_value(one, at) for one in found),
        bindings=bindings(found, at),
    )


def bindings(open_sessions: list[models.SupervisedSession], at: datetime) -> tuple[Binding, ...]:
    """Who is bound to which device: students and guests of open sessions, and staff."""
    sessions = {one.pk: one for one in open_sessions}
    grades = {one.school_class.grade: category_of_grade(one.school_class.grade) for one in open_sessions}
    found = models.Binding.objects.filter(ended__isnull=True).select_related("device", "person").order_by("device")
    accepted = accepted_among((one.person_id for one in found), at)
    made = []
    for one in found:
        session = sessions.get(one.session_id or 0)
        if one.session_id is not None and session is None:
            continue
        is_student = session is not None and one.person.kind == PersonKind.STUDENT
        category = grades[session.school_class.grade] if session and is_student else user_category_of(one.person, at)
        made.append(binding_value(one, session, category, accepted.get(one.person_id, "")))
    return tuple(made)


def binding_value(
    one: models.Binding, session: models.SupervisedSession | None, category: str, acquainted: str
) -> Binding:
    """A binding as the snapshot carries it; `acquainted` is the id of the rules in force if they accepted them."""
    return Binding(
        device=one.device.address,
        person=one.person.public_id,
        category=category,
        attribution=request.Attribution(one.attribution),
        since=one.since.astimezone(UTC),
        session=session.public_id if session else "",
        acquainted=acquainted,
    )
