"""Open hours: individual work outside the schedule, under whoever is responsible for internet access (2.7).

They rest on a recorded exception, as a moved lesson does, so a box needs to know nothing new. All classes that are
admitted are ruled alike by the council, for a supervised session has one user category.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from darbaza.portal.audit.actions import record
from darbaza.portal.council.categories import category_of_grade
from darbaza.portal.lessons import live
from darbaza.portal.lessons.actions import check_place, grace
from darbaza.portal.lessons.models import SupervisedSession, open_at
from darbaza.portal.lessons.proposals import Proposal, still_to_come
from darbaza.portal.lessons.timekeeping import demand_trusted_time
from darbaza.portal.people.models import Person, SchoolClass
from darbaza.portal.people.refusals import ActRefusedError
from darbaza.portal.people.rights import Right, demand
from darbaza.portal.rooms.models import Room
from darbaza.portal.school_time import school_day
from darbaza.portal.tags import clock_time
from darbaza.portal.timetable.actions import note_exception

LONGEST = timedelta(hours=4)
LONGEST_PURPOSE = 80
SHORTEST_EACH, LONGEST_EACH = 5, 240
"""Minutes that each student may be given of open hours."""


@dataclass(frozen=True, slots=True)
class Free:
    """A room and the lesson that comes into it next, if any does today."""

    room: Room
    until: Proposal | None


def free_rooms(at: datetime) -> list[Free]:
    """Equipped rooms without a lesson at an instant, each with the next lesson there."""
    taken = set(SupervisedSession.objects.filter(open_at(at)).values_list("room_id", flat=True))
    planned = still_to_come(at)
    taken |= {one.room.pk for one in planned if one.begins <= at}
    rooms = [one for one in Room.objects.order_by("code") if one.pk not in taken and one.equipped_on(school_day(at))]
    return [Free(room, next((one for one in planned if one.room.pk == room.pk), None)) for room in rooms]


def warnings(*, classes: Sequence[SchoolClass], at: datetime, ends: datetime) -> list[str]:
    """What whoever opens the hours should know first: classes that sit in a lesson, or have one before the end."""
    return [*_sitting(classes, at), *_coming(classes, at, ends)]


def _sitting(classes: Sequence[SchoolClass], at: datetime) -> Iterator[str]:
    running = SupervisedSession.objects.filter(open_at(at)).select_related("room", "school_class")
    for session in running.order_by("room__code"):
        if any(one in session.admitted for one in classes):
            said = _("%(lesson)s is open now in %(room)s: whoever signs in at the open hours leaves it.")
            yield said % {"lesson": session, "room": session.room}


def _coming(classes: Sequence[SchoolClass], at: datetime, ends: datetime) -> Iterator[str]:
    for one in still_to_come(at):
        if one.school_class in classes and one.begins < ends:
            said = _("%(lesson)s has its place in %(room)s at %(time)s, during the open hours.")
            yield said % {"lesson": one.text, "room": one.room, "time": clock_time(one.begins)}


@transaction.atomic
def open_hours(
    *, room: Room, classes: Sequence[SchoolClass], purpose: str, ends: datetime, by: Person, at: datetime,
    minutes_each: int | None = None,
) -> SupervisedSession:  # fmt: skip
    """Open a room for individual work of these classes' students until `ends`, with `by` as its supervisor. Each may be
    online for `minutes_each` from the first sign-in on, or until the end if that is None.

    Refused: no purpose, no class, classes that the council rules differently, a room or supervisor that is taken, and
    an end that is past, more than `LONGEST` ahead, on another day, or after a lesson begins in the room.
    """
    demand_trusted_time()
    live.changing(at)
    demand(by, Right.LESSONS_HOURS_OPEN, at)
    purpose = " ".join(purpose.split())[:LONGEST_PURPOSE]
    _check_asked(classes, purpose)
    _check_end(ends, at)
    check_place(room, by, at)
    _check_room_free(room, ends, at)
    session = _create(room, classes, purpose, ends, by, at)
    _limit_each(session, minutes_each)
    live.changed(at)
    detail: dict[str, object] = {
        "room": room.code,
        "classes": [one.name for one in classes],
        "purpose": purpose,
        "until": ends.isoformat(),
        **({"minutes_each": minutes_each} if minutes_each is not None else {}),
    }
    record(act="lessons:hours:open", by=by, at=at, subject=session.public_id, detail=detail)
    return session


def _limit_each(session: SupervisedSession, minutes: int | None) -> None:
    if minutes is None:
        return
    if not SHORTEST_EACH <= minutes <= LONGEST_EACH:
        raise ActRefusedError(
            _("Each student can be given %(least)d to %(most)d minutes.")
            % {"least": SHORTEST_EACH, "most": LONGEST_EACH},
            "2.7",
        )
    session.minutes_each = minutes
    session.save(update_fields=["minutes_each"])


def _check_asked(classes: Sequence[SchoolClass], purpose: str) -> None:
    if not purpose:
        raise ActRefusedError(_("Say what the students will work on."), "3.1")
    if not classes:
        raise ActRefusedError(_("Choose at least one class."), "2.7")
    if len({category_of_grade(one.grade) for one in classes}) > 1:
        raise ActRefusedError(
            _("The council's decisions differ for these classes. Choose classes of the same user category."), "2.6"
        )


def _check_end(ends: datetime, at: datetime) -> None:
    if ends <= at:
        raise ActRefusedError(_("The end must be later than now."), "2.7")
    if ends - at > LONGEST or school_day(ends) != school_day(at):
        most = int(LONGEST.total_seconds()) // 3600
        raise ActRefusedError(
            _("Open hours last at most %(hours)d hours and end on the same day.") % {"hours": most}, "2.7"
        )


def _check_room_free(room: Room, ends: datetime, at: datetime) -> None:
    coming = next((one for one in still_to_come(at) if one.room == room and one.begins < ends), None)
    if coming is None:
        return
    values = {"lesson": coming.text, "time": clock_time(coming.begins)}
    if coming.begins <= at:
        raise ActRefusedError(_("The schedule has a lesson in this room now: %(lesson)s.") % values, "2.4")
    said = _("At %(time)s this room has a lesson: %(lesson)s. End the open hours by then.")
    raise ActRefusedError(said % values, "2.4")


def _create(
    room: Room, classes: Sequence[SchoolClass], purpose: str, ends: datetime, by: Person, at: datetime
) -> SupervisedSession:
    exception = note_exception(
        room=room, school_class=classes[0], teacher=by, since=at, until=ends, reason=purpose, by=by, at=at,
        subject=purpose, open_hours=True,
    )  # fmt: skip
    session = SupervisedSession.objects.create(
        room=room,
        school_class=classes[0],
        supervisor=by,
        subject=purpose,
        exception=exception,
        opened=at,
        ends=ends,
        lease_until=at + grace(),
        supervised_since=at,
        open_hours=True,
    )
    session.classes.set(classes)
    return session
