"""The row that says "something changed", and what changes by itself when its time has come.

Acts call `changing` first: it locks the row, closes what time has closed, and raises sequence and epoch. So acts on
lessons take their turn, and no watcher misses one. Time closes a lesson at its bell, and also at the instant at which
no order lets its supervisor teach any more (2.8).
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, Min, Q

from darbaza.portal.audit.actions import record
from darbaza.portal.lessons.models import (
    Absence,
    Answer,
    Binding,
    ClosedHow,
    EndedHow,
    LiveHead,
    Pause,
    SupervisedSession,
    TimeLimit,
)
from darbaza.portal.people.models import Appointment, Person, PersonKind
from darbaza.portal.people.rights import Right, held_until, holders

WORKING_DAY = timedelta(hours=9)
"""How long a member of staff stays bound to a device without signing in again."""

TAKEN: list[Callable[[int, datetime], bool]] = []
"""Whether the boxes have the state of a sequence; the app of the boxes enters itself here."""


def head() -> LiveHead | None:
    """The row as it stands, without a lock; None before the first lesson."""
    return LiveHead.objects.filter(pk=1).first()


def sequence() -> int:
    """The number of the last change; 0 before the first lesson."""
    found = head()
    return found.sequence if found else 0


def is_taken(number: int, at: datetime) -> bool:
    """Whether what had changed up to this sequence holds at every box that is in touch."""
    return all(source(number, at) for source in TAKEN)


def changing(at: datetime, *, narrows: bool = True) -> None:
    """Announce a change inside its transaction. `narrows` False keeps the epoch: verdicts given before still hold."""
    _lock(at)
    _expire(at)
    _raise(at, narrows)


def changed(at: datetime) -> None:
    """After a change: note the next instant at which something will change by itself."""
    LiveHead.objects.filter(pk=1).update(changed_at=at, due=_next_due(at))


@transaction.atomic
def expire(at: datetime) -> bool:
    """Let time do its work: pauses that are over are lifted, sessions past their end closed. Whether anything was."""
    found = head()
    if found is None or found.due is None or found.due > at:
        return False
    changing(at)
    changed(at)
    return True


def _leave_staff_devices(at: datetime) -> None:
    """A working day after the sign-in a member of staff counts as gone, signed out or not (2.10)."""
    stayed = Binding.objects.filter(session__isnull=True, ended__isnull=True, since__lte=at - WORKING_DAY)
    stayed.update(ended=F("since") + WORKING_DAY, ended_how=EndedHow.DAY)


def _lock(at: datetime) -> None:
    LiveHead.objects.get_or_create(pk=1, defaults={"changed_at": at})
    LiveHead.objects.select_for_update().get(pk=1)


def _raise(at: datetime, narrows: bool) -> None:
    step = 1 if narrows else 0
    LiveHead.objects.filter(pk=1).update(sequence=F("sequence") + 1, epoch=F("epoch") + step, changed_at=at)


def _expire(at: datetime) -> None:
    Pause.objects.filter(lifted__isnull=True, until__lte=at).update(lifted=F("until"))
    _leave_staff_devices(at)
    over = SupervisedSession.objects.filter(closed__isnull=True, ends__lte=at)
    for session in over.select_related("supervisor", "room", "school_class"):
        close(session, session.ends, ClosedHow.BELL)
        record(act="lessons:session:expire", by=None, at=at, subject=session.public_id)
    _close_lapsed(at)


def _close_lapsed(at: datetime) -> None:
    """Close the lessons whose supervisors may not supervise any more, at the instant at which their duties ended."""
    running = SupervisedSession.objects.filter(closed__isnull=True)
    if not running.exists():
        return
    may_teach, may_open_hours = holders(Right.LESSONS_SESSION_OPEN, at), holders(Right.LESSONS_HOURS_OPEN, at)
    standing = Q(open_hours=False, supervisor__in=may_teach) | Q(open_hours=True, supervisor__in=may_open_hours)
    lapsed = running.exclude(standing)
    for session in lapsed.select_related("supervisor", "room", "school_class"):
        ended = held_until(session.supervisor, session.right, session.supervised_since) or at
        close(session, min(ended, at), ClosedHow.DUTY)
        record(act="lessons:session:lapse", by=None, at=at, subject=session.public_id)


def close(session: SupervisedSession, at: datetime, how: ClosedHow) -> None:
    """Mark a session closed with everything that hangs on it; the act that does so locks the row and records it."""
    note_absence(session, at)
    session.closed, session.closed_how = at, how
    session.save(update_fields=["closed", "closed_how"])
    session.handovers.filter(answered__isnull=True).update(answered=at, answer=Answer.LAPSED)
    session.pauses.filter(lifted__isnull=True).update(lifted=at)
    session.measures.filter(lifted__isnull=True).update(lifted=at)
    session.scenes.filter(ended__isnull=True).update(ended=at)
    Binding.objects.filter(session=session, ended__isnull=True).update(ended=at, ended_how=EndedHow.LESSON)
    Person.objects.filter(kind=PersonKind.GUEST, bindings__session=session).update(active=False)


def note_absence(session: SupervisedSession, at: datetime) -> bool:
    """Record that the supervisor had been away until an instant at which the lease is renewed or ends. Whether so."""
    if session.lease_until >= at:
        return False
    Absence.objects.create(session=session, supervisor=session.supervisor, since=session.lease_until, until=at)
    return True


def _next_due(at: datetime) -> datetime | None:
    pauses = Pause.objects.filter(lifted__isnull=True).aggregate(due=Min("until"))["due"]
    sessions = SupervisedSession.objects.filter(closed__isnull=True).aggregate(due=Min("ends"))["due"]
    staff = Binding.objects.filter(session__isnull=True, ended__isnull=True).aggregate(since=Min("since"))["since"]
    gone = staff + WORKING_DAY if staff is not None else None
    limits = TimeLimit.objects.filter(lifted__isnull=True, session__closed__isnull=True, until__gt=at)
    spent = limits.aggregate(due=Min("until"))["due"]
    instants = [instant for instant in (pauses, sessions, gone, spent, _next_duty(at)) if instant is not None]
    return min(instants) if instants else None


def _next_duty(at: datetime) -> datetime | None:
    """The next instant at which a duty of somebody who supervises or works at a staff device begins or ends."""
    supervising = SupervisedSession.objects.filter(closed__isnull=True).values("supervisor")
    working = Binding.objects.filter(session__isnull=True, ended__isnull=True).values("person")
    concerned = Appointment.objects.filter(Q(person__in=supervising) | Q(person__in=working))
    begins = concerned.filter(since__gt=at).aggregate(due=Min("since"))["due"]
    ends = concerned.filter(until__gt=at).aggregate(due=Min("until"))["due"]
    return min((instant for instant in (begins, ends) if instant is not None), default=None)
