"""What is known of a lesson when it is over, and the register of use of a room and day: written by themselves (2.7).

All of it is plain facts, in no language: the page and the paper say them in the reader's. No student is named here; a
guest is, by the name that the supervisor gave for this record.
Apps above add what they know by a `Part` of their own.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import QuerySet

from darbaza.portal.lessons import outages
from darbaza.portal.lessons.models import Answer, MeasureKind, SupervisedSession
from darbaza.portal.papers.documents import Document, day_text
from darbaza.portal.people.models import Person, PersonKind
from darbaza.portal.people.rights import Right, holds
from darbaza.portal.rooms.models import Room
from darbaza.portal.school_time import day_begins, school_day
from darbaza.portal.tags import clock_time

Facts = list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Part:
    """What another app knows of a lesson: its facts, and the template that says them with `rows`.

    The template starts with its own heading and must serve both the page and the paper.
    """

    facts: Callable[[SupervisedSession], Facts]
    template: str


PARTS: dict[str, Part] = {}
"""By a name that stays in the facts of papers. Apps enter their own in `apps.ready()`."""


def of_lesson(session: SupervisedSession) -> dict[str, Any]:
    """The facts of a lesson that is over."""
    bound = session.bindings.exclude(person__kind=PersonKind.GUEST)
    return {
        **summary(session),
        "seats": session.bindings.values("device").distinct().count(),
        "seated": bound.filter(attribution="seated").values("person").distinct().count(),
        "handovers": [
            {"at": clock_time(one.answered), "from": one.giver.short_name, "to": one.taker.short_name, "how": one.how,
             "reason": one.reason}
            for one in session.handovers.filter(answer=Answer.ACCEPTED).select_related("giver", "taker")
        ],
        "absences": [
            {"since": clock_time(one.since), "until": clock_time(one.until), "who": one.supervisor.short_name}
            for one in session.absences.select_related("supervisor")
        ],
        # Only where there are any: papers printed before keep their code.
        **({"outages": away} if (away := outages.facts_of(session)) else {}),
        "opened_resources": [
            {"at": clock_time(one.at), "what": str(one), "by": one.by.short_name}
            for one in session.measures.filter(kind=MeasureKind.OPEN).select_related("by")
        ],
        "denied_resources": [
            {"at": clock_time(one.at), "what": str(one), "by": one.by.short_name}
            for one in session.measures.filter(kind=MeasureKind.DENY).select_related("by")
        ],
        "pauses": session.pauses.count(),
        **({"limits": limited} if (limited := session.limits.values("person").distinct().count()) else {}),
        **({"guests_named": guests} if (guests := _guests(session)) else {}),
        "parts": {name: rows for name, part in sorted(PARTS.items()) if (rows := part.facts(session))},
    }  # fmt: skip


def summary(session: SupervisedSession) -> dict[str, Any]:
    """What the register says of a lesson."""
    exception, by_kind = session.exception, session.bindings.values("person").distinct()
    return {
        "room": session.room.name,
        "class": session.class_names,
        "subject": session.subject,
        "purpose": session.slot.purpose if session.slot else "",
        "exception": exception.reason if exception and exception.reason != session.subject else "",
        "date": school_day(session.opened).isoformat(),
        "opened": clock_time(session.opened),
        "closed": clock_time(session.closed),
        "closed_how": session.closed_how,
        "supervisors": supervisors(session),
        "students": by_kind.exclude(person__kind=PersonKind.GUEST).count(),
        "away": int(sum((one.until - one.since for one in session.absences.all()), timedelta()).total_seconds() // 60),
        **({"guests": guests} if (guests := by_kind.filter(person__kind=PersonKind.GUEST).count()) else {}),
    }


def _guests(session: SupervisedSession) -> Facts:
    """Who was seated as a guest: the supervisor gave the names for this record."""
    found = session.bindings.filter(person__kind=PersonKind.GUEST).select_related("person", "device__seat")
    return [
        {
            "who": one.person.full_name,
            "seat": one.device.seat.number if one.device.seat else "",
            "since": clock_time(one.since),
            "until": clock_time(one.ended),
        }
        for one in found
    ]


def supervisors(session: SupervisedSession) -> list[dict[str, str]]:
    """All who answered for a lesson, in order, each with the first instant."""
    passed = list(session.handovers.filter(answer=Answer.ACCEPTED).select_related("giver", "taker"))
    first = passed[0].giver if passed else session.supervisor
    chain = [(first, session.opened), *((one.taker, one.answered) for one in passed)]
    return [{"who": who.short_name, "since": clock_time(since)} for who, since in chain]


# Papers.


def gather_lesson(ref: str) -> Document | None:
    """The page of one lesson, by its id; none while it is under way."""
    session = found().filter(public_id=ref, closed__isnull=False).first()
    if session is None:
        return None
    return Document("lesson", ref, of_lesson(session), date=school_day(session.opened))


def gather_register(ref: str) -> Document | None:
    """The register of one room and day, `2026-11-23-k1`: every lesson that is over, in order."""
    named = room_and_day(ref)
    if named is None:
        return None
    room, day = named
    rows = [summary(one) for one in lessons_of(room, day)]
    facts = {"date": day_text(day), "room": room.name, "rows": rows, "lessons": len(rows)}
    return Document("register", ref, facts, date=day)


def room_and_day(ref: str) -> tuple[Room, date] | None:
    """The room and the day that a register is of."""
    try:
        day = date.fromisoformat(ref[:10])
    except ValueError:
        return None
    room = Room.objects.filter(code=ref[11:]).first() if ref[10:11] == "-" else None
    return (room, day) if room is not None else None


def register_ref(room: Room, day: date) -> str:
    """How a register is named."""
    return f"{day.isoformat()}-{room.code}"


def lessons_of(room: Room, day: date) -> QuerySet[SupervisedSession]:
    """The lessons of a room that began on a school day and are over."""
    within = {"opened__gte": day_begins(day), "opened__lt": day_begins(day + timedelta(days=1))}
    return found().filter(room=room, closed__isnull=False, **within).order_by("opened", "pk")


def found() -> QuerySet[SupervisedSession]:
    """Lessons with what their pages name."""
    return SupervisedSession.objects.select_related("room", "school_class", "supervisor", "slot", "exception")


def may_read_lesson(person: Person | None, ref: str, at: datetime) -> bool:
    """Whoever answered for the lesson reads its page, and whoever may watch all lessons."""
    session = SupervisedSession.objects.filter(public_id=ref).first()
    if session is None or person is None:
        return False
    answered = session.supervisor_id == person.pk or session.handovers.filter(
        giver=person, answer=Answer.ACCEPTED
    ).exists()  # fmt: skip
    return answered or holds(person, Right.LESSONS_SESSION_WATCH, at)


def may_read_register(person: Person | None, _ref: str, at: datetime) -> bool:
    """Whoever supervises lessons or watches them."""
    return holds(person, Right.LESSONS_SESSION_OPEN, at) or holds(person, Right.LESSONS_SESSION_WATCH, at)
