"""Acts in supervised sessions. One function, one transaction, one audit entry; the row of `live` is locked first."""

from collections.abc import Callable
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from darbaza.policy.names import InvalidHost, split_url
from darbaza.portal.audit.actions import record
from darbaza.portal.lessons import live
from darbaza.portal.lessons.delegation import is_delegated
from darbaza.portal.lessons.models import (
    Binding,
    ClosedHow,
    EndedHow,
    Measure,
    MeasureKind,
    Pause,
    SupervisedSession,
)
from darbaza.portal.lessons.proposals import Proposal, end_of, proposal
from darbaza.portal.lessons.timekeeping import demand_trusted_time
from darbaza.portal.people.models import Person
from darbaza.portal.people.refusals import ActRefusedError
from darbaza.portal.people.rights import Right, demand, holds
from darbaza.portal.rooms.models import Room
from darbaza.portal.school_time import school_day, zone
from darbaza.portal.tags import clock_time
from darbaza.portal.timetable.actions import note_exception
from darbaza.portal.timetable.in_force import slots_on
from darbaza.portal.timetable.models import ScheduleException

PAUSE = timedelta(minutes=2)
LONGEST_PAUSE = timedelta(minutes=15)
LONGEST_EXTENSION = 30
"""Minutes that a supervisor may add to a lesson, with a reason."""
RENEW_AFTER = timedelta(seconds=15)
"""A lease younger than this is not written again, if the school's grace is long enough."""


OPENED: list[Callable[[Measure, datetime], object]] = []
"""What follows when a teacher opened a resource, inside the act: higher apps enter themselves here."""


def grace() -> timedelta:
    """How long a supervisor counts as present after the last sign of life (2.9)."""
    return timedelta(seconds=settings.SUPERVISOR_GRACE_SECONDS)


@transaction.atomic
def start_lesson(*, key: str, by: Person, at: datetime) -> SupervisedSession:
    """Open the lesson that a proposal names, with `by` as its supervisor (2.8).

    A colleague may stand in for the teacher of the schedule (2.9). Refused: a room without an order, a room, class or
    supervisor that is taken, a proposal that no longer stands.
    """
    demand_trusted_time()
    live.changing(at)
    # Asked behind the lock: an order that takes the duty waits for it too, and then finds the lesson to close.
    demand(by, Right.LESSONS_SESSION_OPEN, at)
    proposed = proposal(key, at)
    if proposed is None:
        raise ActRefusedError(_("The schedule in force has no such lesson now."), "2.4")
    _check_free(proposed, by, at)
    session = SupervisedSession.objects.create(
        room=proposed.room,
        school_class=proposed.school_class,
        group=proposed.place.group,
        division=proposed.place.division,
        supervisor=by,
        subject=proposed.subject,
        slot=proposed.slot,
        exception=proposed.exception,
        opened=at,
        ends=end_of(proposed, at),
        lease_until=at + grace(),
        supervised_since=at,
    )
    live.changed(at)
    detail: dict[str, object] = {"room": proposed.room.code, "class": proposed.school_class.name, "place": key}
    if proposed.teacher.pk != by.pk:
        detail["instead_of"] = proposed.teacher.public_id
    record(act="lessons:session:open", by=by, at=at, subject=session.public_id, detail=detail)
    return session


def _check_free(proposed: Proposal, by: Person, at: datetime) -> None:
    check_place(proposed.room, by, at)
    running = SupervisedSession.objects.filter(closed__isnull=True, open_hours=False).select_related("room")
    of_class = running.filter(school_class=proposed.school_class)
    if other := next((one for one in of_class if one.shares_students(proposed.place)), None):
        raise ActRefusedError(_("This class has a lesson open already, in: %(room)s.") % {"room": other.room}, "2.8")


def check_place(room: Room, by: Person, at: datetime) -> None:
    """Refuse a room that no order equips, and a room or a supervisor with a lesson open."""
    if not room.equipped_on(school_day(at)):
        raise ActRefusedError(_("No order in force equips this room for internet work."), "2.5")
    running = SupervisedSession.objects.filter(closed__isnull=True).select_related("supervisor", "room")
    if other := running.filter(room=room).first():
        raise ActRefusedError(
            _("In this room a lesson is open already; it is supervised by: %(name)s.")
            % {"name": other.supervisor.short_name},
            "2.8",
        )
    if other := running.filter(supervisor=by).first():
        raise ActRefusedError(
            _("You have a lesson open already, in: %(room)s. End it first.") % {"room": other.room}, "2.8"
        )


@transaction.atomic
def end_lesson(*, session: SupervisedSession, by: Person, at: datetime) -> None:
    """End a lesson now: its supervisor does, or whoever may watch all lessons. Access of its students ends with it."""
    own = session.supervisor_id == by.pk
    if not own:
        demand(by, Right.LESSONS_SESSION_WATCH, at)
    live.changing(at)
    session = still_open(session)
    live.close(session, at, ClosedHow.SUPERVISOR if own else ClosedHow.RESPONSIBLE)
    live.changed(at)
    record(act="lessons:session:end", by=by, at=at, subject=session.public_id)


@transaction.atomic
def extend_lesson(
    *, session: SupervisedSession, minutes: int, reason: str, by: Person, at: datetime, shown: str = ""
) -> None:
    """Let a lesson go on after its bell, by at most half an hour: an exception with its reason is recorded (2.7).

    `shown` is the end that the form showed, as `15:45`. A form that was sent twice, or stood on another console, adds
    nothing to what the first has added.
    """
    demand_supervisor(session, by)
    demand_trusted_time()
    live.changing(at, narrows=False)
    session = still_open(session)
    if shown and shown != clock_time(session.ends):
        message = _("The lesson was made longer meanwhile, until %(time)s.") % {"time": clock_time(session.ends)}
        raise ActRefusedError(message, "2.7")
    ends = session.ends + timedelta(minutes=minutes)
    if not 0 < minutes <= LONGEST_EXTENSION:
        raise ActRefusedError(
            _("A lesson can be made longer by 1 to %(most)d minutes.") % {"most": LONGEST_EXTENSION}, "2.7"
        )
    _check_room_stays_free(session, ends)
    exception = note_exception(
        room=session.room,
        school_class=session.school_class,
        group=session.group,
        division=session.division,
        teacher=by,
        since=session.opened,
        until=ends,
        reason=reason,
        by=by,
        at=at,
        subject=session.subject,
        open_hours=session.open_hours,
    )
    session.exception, session.ends = exception, ends
    session.save(update_fields=["exception", "ends"])
    live.changed(at)
    detail: dict[str, object] = {"minutes": minutes, "exception": exception.key}
    record(act="lessons:session:extend", by=by, at=at, subject=session.public_id, detail=detail)


def _check_room_stays_free(session: SupervisedSession, ends: datetime) -> None:
    """Refuse an extension into another lesson of the room."""
    local, local_end = session.ends.astimezone(zone()), ends.astimezone(zone())
    if local.date() != local_end.date():
        raise ActRefusedError(_("A lesson can't go on after midnight."), "2.7")
    coming = (slot for slot in slots_on(local.date()) if slot.room_id == session.room_id)
    next_slot = next((slot for slot in coming if local.time() <= slot.starts < local_end.time()), None)
    others = ScheduleException.objects.filter(room=session.room, since__lt=ends, since__gte=session.ends)
    if taken := next_slot or others.first():
        raise ActRefusedError(_("The room is needed after the bell: %(what)s.") % {"what": taken}, "2.4")


@transaction.atomic
def pause_student(
    *, session: SupervisedSession, student: Person, by: Person, at: datetime, length: timedelta = PAUSE
) -> Pause:
    """Pause one student's access; it comes back by itself after `length` (2.7)."""
    demand_supervisor(session, by)
    live.changing(at)
    session = still_open(session)
    if not session.bindings.filter(person=student, ended__isnull=True).exists():
        raise ActRefusedError(_("This student is not signed in at this lesson."), "2.7")
    pause = _pause(session, student, by, at, length)
    live.changed(at)
    detail: dict[str, object] = {"student": student.public_id, "seconds": int(length.total_seconds())}
    record(act="lessons:student:pause", by=by, at=at, subject=session.public_id, detail=detail)
    return pause


@transaction.atomic
def resume_student(*, session: SupervisedSession, student: Person, by: Person, at: datetime) -> None:
    """Give a paused student access again before the pause is over."""
    demand_supervisor(session, by)
    live.changing(at, narrows=False)
    session = still_open(session)
    session.pauses.filter(student=student, lifted__isnull=True).update(lifted=at)
    live.changed(at)
    detail: dict[str, object] = {"student": student.public_id}
    record(act="lessons:student:resume", by=by, at=at, subject=session.public_id, detail=detail)


@transaction.atomic
def pause_all(*, session: SupervisedSession, by: Person, at: datetime, length: timedelta = PAUSE) -> int:
    """Pause everybody who is signed in at the lesson; it undoes itself. How many were paused."""
    demand_supervisor(session, by)
    live.changing(at)
    session = still_open(session)
    students = [one.person for one in session.bindings.filter(ended__isnull=True).select_related("person")]
    for student in students:
        _pause(session, student, by, at, length)
    live.changed(at)
    detail: dict[str, object] = {"students": len(students), "seconds": int(length.total_seconds())}
    record(act="lessons:class:pause", by=by, at=at, subject=session.public_id, detail=detail)
    return len(students)


@transaction.atomic
def resume_all(*, session: SupervisedSession, by: Person, at: datetime) -> None:
    """Give everybody access again."""
    demand_supervisor(session, by)
    live.changing(at, narrows=False)
    session = still_open(session)
    session.pauses.filter(lifted__isnull=True).update(lifted=at)
    live.changed(at)
    record(act="lessons:class:resume", by=by, at=at, subject=session.public_id)


@transaction.atomic
def pause_row(*, session: SupervisedSession, row: int, by: Person, at: datetime, length: timedelta = PAUSE) -> int:
    """Pause whoever is signed in in one row of the room's plan; it undoes itself. How many were paused."""
    demand_supervisor(session, by)
    live.changing(at)
    session = still_open(session)
    students = _students_in(session, row)
    if not students:
        raise ActRefusedError(_("Nobody is signed in in this row."), "2.7")
    for student in students:
        _pause(session, student, by, at, length)
    live.changed(at)
    detail: dict[str, object] = {"row": row, "students": len(students), "seconds": int(length.total_seconds())}
    record(act="lessons:row:pause", by=by, at=at, subject=session.public_id, detail=detail)
    return len(students)


@transaction.atomic
def resume_row(*, session: SupervisedSession, row: int, by: Person, at: datetime) -> None:
    """Give a row access again."""
    demand_supervisor(session, by)
    live.changing(at, narrows=False)
    session = still_open(session)
    session.pauses.filter(student__in=_students_in(session, row), lifted__isnull=True).update(lifted=at)
    live.changed(at)
    record(act="lessons:row:resume", by=by, at=at, subject=session.public_id, detail={"row": row})


def _students_in(session: SupervisedSession, row: int) -> list[Person]:
    seated = session.bindings.filter(ended__isnull=True, device__seat__y=row)
    return [one.person for one in seated.select_related("person")]


def _pause(session: SupervisedSession, student: Person, by: Person, at: datetime, length: timedelta) -> Pause:
    if not timedelta() < length <= LONGEST_PAUSE:
        raise ActRefusedError(_("A pause lasts at most a quarter of an hour."), "2.7")
    session.pauses.filter(student=student, lifted__isnull=True).update(lifted=at)
    return Pause.objects.create(session=session, student=student, by=by, since=at, until=at + length)


@transaction.atomic
def deny_resource(*, session: SupervisedSession, address: str, by: Person, at: datetime) -> Measure:
    """Close a resource, with all below its host, for the rest of the lesson (2.7)."""
    demand_supervisor(session, by)
    live.changing(at)
    return _measure(still_open(session), MeasureKind.DENY, address, by, at)


@transaction.atomic
def open_resource(*, session: SupervisedSession, address: str, by: Person, at: datetime) -> Measure:
    """Open a resource for the rest of the lesson, if a council decision leaves that to the supervisor (2.6, 2.8)."""
    demand_supervisor(session, by)
    live.changing(at)
    session = still_open(session)
    host, path = _read_address(address)
    if not is_delegated(host, path, session.school_class, at):
        raise ActRefusedError(_("No decision of the council leaves this resource to the teacher to open."), "2.6")
    return _measure(session, MeasureKind.OPEN, address, by, at)


@transaction.atomic
def lift_measure(*, measure: Measure, by: Person, at: datetime) -> None:
    """Take back a measure: the resource is again what the council's decisions make it."""
    demand_supervisor(measure.session, by)
    live.changing(at)
    still_open(measure.session)
    Measure.objects.filter(pk=measure.pk, lifted__isnull=True).update(lifted=at)
    live.changed(at)
    detail: dict[str, object] = {"resource": str(measure), "kind": measure.kind}
    record(act="lessons:resource:lift", by=by, at=at, subject=measure.session.public_id, detail=detail)


def _measure(session: SupervisedSession, kind: MeasureKind, address: str, by: Person, at: datetime) -> Measure:
    measure = enter_measure(session, kind, *_read_address(address), by, at)
    live.changed(at)
    detail: dict[str, object] = {"resource": str(measure)}
    record(act=f"lessons:resource:{kind}", by=by, at=at, subject=session.public_id, detail=detail)
    return measure


def enter_measure(
    session: SupervisedSession, kind: MeasureKind, host: str, path: str, by: Person, at: datetime
) -> Measure:
    """A measure in place of what stood for the resource, inside the act that takes it; the row of `live` is locked."""
    session.measures.filter(host=host, path=path, lifted__isnull=True).update(lifted=at)
    made = Measure.objects.create(session=session, kind=kind, host=host, path=path, by=by, at=at)
    for follow in OPENED if kind == MeasureKind.OPEN else ():
        follow(made, at)
    return made


def _read_address(address: str) -> tuple[str, str]:
    """Host and path of what a supervisor typed; `/` alone is no path."""
    try:
        url = split_url(address.strip())
    except InvalidHost as error:
        raise ActRefusedError(_("This address can't be read; write it like “sabak.test”."), "2.7") from error
    return url.host.name, url.path if url.path != "/" else ""


@transaction.atomic
def renew_lease(*, session: SupervisedSession, by: Person, at: datetime) -> datetime:
    """The supervisor is present: the lesson may go on for the time of grace (2.9). Until when it may.

    Not an act of governance, so it leaves no audit entry, except where the supervisor had been away and returns.
    """
    demand_supervisor(session, by)
    if not session.is_open or session.ends <= at:
        return session.lease_until
    until = at + grace()
    if until - session.lease_until < min(RENEW_AFTER, grace() / 5):
        return session.lease_until
    live.changing(at, narrows=False)
    away = live.note_absence(session, at)
    SupervisedSession.objects.filter(pk=session.pk, closed__isnull=True).update(lease_until=until)
    live.changed(at)
    if away:
        record(act="lessons:supervisor:return", by=by, at=at, subject=session.public_id)
    return until


def demand_supervisor(session: SupervisedSession, by: Person) -> None:
    """Only the supervisor acts in a lesson; others, whatever their duties, may watch or end it."""
    if session.supervisor_id != by.pk:
        raise ActRefusedError(_("Only the supervisor of this lesson may do that."), "2.8")


def may_watch(session: SupervisedSession, person: Person, at: datetime) -> bool:
    """Whether a person may see a lesson's console: its supervisor, and whoever may watch all lessons."""
    return session.supervisor_id == person.pk or holds(person, Right.LESSONS_SESSION_WATCH, at)


def still_open(session: SupervisedSession) -> SupervisedSession:
    """The session as it stands now that the row of `live` is locked. Refused if it is closed."""
    found = SupervisedSession.objects.select_related("room", "school_class", "supervisor").get(pk=session.pk)
    if found.closed is not None:
        raise ActRefusedError(_("This lesson has ended."), "2.9")
    return found


def end_binding(binding: Binding, at: datetime, how: EndedHow) -> None:
    """Mark a binding ended; the act that does so locks the row of `live` and records it."""
    binding.ended, binding.ended_how = at, how
    binding.save(update_fields=["ended", "ended_how"])
