"""A lesson as the policy core sees it: for the presence of the boxes, and for whoever asks `decide` about it."""

from datetime import UTC, datetime

from darbaza.policy import request
from darbaza.portal.lessons import scenes
from darbaza.portal.lessons.models import LessonScene, MeasureKind, SupervisedSession
from darbaza.portal.people.rights import held_until


def session_value(session: SupervisedSession, at: datetime) -> request.SupervisedSession:
    """A session as the policy core sees it, with the measures and pauses that stand at an instant."""
    standing = [one for one in session.measures.all() if one.at <= at and (one.lifted is None or at < one.lifted)]
    paused = [one for one in session.pauses.all() if one.since <= at < (one.lifted or one.until)]
    limits = [one for one in session.limits.all() if one.at <= at and (one.lifted is None or at < one.lifted)]
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
        denied=tuple(one.target for one in standing if one.kind == MeasureKind.DENY),
        opened_targets=tuple(one.target for one in standing if one.kind == MeasureKind.OPEN),
        scene=scenes.targets_of(next((one for one in session.scenes.all() if stands(one, at)), None), standing),
        paused=frozenset(one.student.public_id for one in paused),
        limits=tuple(request.TimeLimit(one.person.public_id, one.until.astimezone(UTC)) for one in limits),
    )


def stands(scene: LessonScene, at: datetime) -> bool:
    """Whether a lesson is kept to a scene at an instant."""
    return scene.at <= at and (scene.ended is None or at < scene.ended)


def session_end(session: SupervisedSession) -> datetime:
    """The bell, or the instant before it at which no order lets the supervisor teach any more: the box knows it too."""
    lapse = held_until(session.supervisor, session.right, session.supervised_since)
    return min(session.ends, lapse) if lapse is not None else session.ends
