"""The presence that boxes are given: open lessons, the supervisors' measures in them, and who is bound to what."""

from datetime import UTC, datetime

from django.db import transaction

from darbaza.policy import request
from darbaza.portal.acquaintance.in_force import accepted_among
from darbaza.portal.council.categories import category_of_grade, user_category_of
from darbaza.portal.lessons import live, models, scenes
from darbaza.portal.people.rights import held_until
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
        .prefetch_related("pauses__student", "measures", "scenes")
        .order_by("pk")
    )
    return Presence(
        sequence=head.sequence,
        epoch=head.epoch,
        at=head.changed_at.astimezone(UTC),
        sessions=tuple(session_value(one, at) for one in found),
        bindings=bindings(found, at),
    )


def session_value(session: models.SupervisedSession, at: datetime) -> request.SupervisedSession:
    """A session as the policy core sees it, with the measures and pauses that stand at an instant."""
    standing = [one for one in session.measures.all() if one.at <= at and (one.lifted is None or at < one.lifted)]
    paused = [one for one in session.pauses.all() if one.since <= at < (one.lifted or one.until)]
    return request.SupervisedSession(
        id=session.public_id,
        room=session.room.code,
        supervisor=session.supervisor.public_id,
        opened=session.opened.astimezone(UTC),
        ends=session_end(session).astimezone(UTC),
        lease_until=session.lease_until.astimezone(UTC),
        slot=session.slot.key if session.slot else "",
        exception=session.exception.key if session.exception else "",
        school_class=session.school_class.name,
        denied=tuple(one.target for one in standing if one.kind == models.MeasureKind.DENY),
        opened_targets=tuple(one.target for one in standing if one.kind == models.MeasureKind.OPEN),
        scene=scenes.targets_of(next((one for one in session.scenes.all() if stands(one, at)), None), standing),
        paused=frozenset(one.student.public_id for one in paused),
    )


def stands(scene: models.LessonScene, at: datetime) -> bool:
    """Whether a lesson is kept to a scene at an instant."""
    return scene.at <= at and (scene.ended is None or at < scene.ended)


def session_end(session: models.SupervisedSession) -> datetime:
    """The bell, or the instant before it at which no order lets the supervisor teach any more: the box knows it too."""
    lapse = held_until(session.supervisor, session.right, session.supervised_since)
    return min(session.ends, lapse) if lapse is not None else session.ends


def bindings(open_sessions: list[models.SupervisedSession], at: datetime) -> tuple[Binding, ...]:
    """Who is bound to which device: students of open sessions, and staff."""
    sessions = {one.pk: one for one in open_sessions}
    grades = {one.school_class.grade: category_of_grade(one.school_class.grade) for one in open_sessions}
    found = models.Binding.objects.filter(ended__isnull=True).select_related("device", "person").order_by("device")
    accepted = accepted_among((one.person_id for one in found), at)
    made = []
    for one in found:
        session = sessions.get(one.session_id or 0)
        if one.session_id is not None and session is None:
            continue
        category = grades[session.school_class.grade] if session else user_category_of(one.person, at)
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
