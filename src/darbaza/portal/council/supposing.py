"""Somebody of a user category, for asking what the rules come to when no real request is at hand."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from darbaza.policy.request import Asker, SupervisedSession
from darbaza.policy.rulebook import LessonException, Room, Rulebook, UserKind
from darbaza.policy.verdict import Ground, GroundKind

SUPPOSED = "supposed"
"""The id of the room, lesson and exception that stand for "in a lesson"."""


def suppose(category: str, rulebook: Rulebook, at: datetime) -> tuple[Asker, Rulebook]:
    """Somebody of a user category, signed in and acquainted, students in an open lesson; and the rulebook that knows
    the room."""
    kind = next((one.kind for one in rulebook.user_categories if one.id == category), UserKind.STUDENT)
    if kind is not UserKind.STUDENT:
        return Asker("", category, person=SUPPOSED, acquainted=rulebook.acquaintance), rulebook
    at = at.astimezone(UTC)
    ground = Ground(GroundKind.LESSON, "")
    until = at + timedelta(hours=1)
    session = SupervisedSession(SUPPOSED, SUPPOSED, SUPPOSED, at, until, until, exception=SUPPOSED)
    widened = replace(
        rulebook,
        rooms=(*rulebook.rooms, Room(SUPPOSED, ground)),
        exceptions=(*rulebook.exceptions, LessonException(SUPPOSED, SUPPOSED, at, until, ground)),
    )
    return Asker("", category, SUPPOSED, SUPPOSED, session, acquainted=rulebook.acquaintance), widened
