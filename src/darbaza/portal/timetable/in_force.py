"""What the schedule puts into the rulebook: slots of approved versions with their days, and exceptions (2.4, 2.7)."""

from datetime import UTC, date, datetime, timedelta

from darbaza.policy import rulebook
from darbaza.policy.verdict import Ground, GroundKind
from darbaza.portal.timetable.models import ScheduleException, ScheduleVersion, Slot, Stage, minutes

ONE_DAY = timedelta(days=1)


def slots(day: date) -> tuple[rulebook.Slot, ...]:
    """Slots of every approved version whose term is not over on a day; those that begin later carry their own days."""
    found: list[rulebook.Slot] = []
    for version in ScheduleVersion.objects.filter(stage=Stage.APPROVED).select_related("order"):
        end = version.end()
        if end is not None and day < end:
            found += _slots_of(version, end)
    return tuple(found)


def _slots_of(version: ScheduleVersion, end: date) -> list[rulebook.Slot]:
    ground = _ground(version)
    if version.since is None or end <= version.since:
        return []
    return [
        _slot(slot, ground, version.since, end - ONE_DAY)
        for slot in version.slots.select_related("room").order_by("pk")
    ]


def _slot(slot: Slot, ground: Ground, first: date, last: date) -> rulebook.Slot:
    return rulebook.Slot(
        id=slot.key,
        room=slot.room.code,
        weekday=slot.weekday,
        starts=minutes(slot.starts),
        ends=minutes(slot.ends),
        ground=ground,
        since=first,
        until=last,
    )


def _ground(version: ScheduleVersion) -> Ground:
    order = version.order
    return Ground(GroundKind.SCHEDULE, order.ref if order else "", order.date.isoformat() if order else "")


def exceptions(since: datetime) -> tuple[rulebook.LessonException, ...]:
    """Recorded exceptions that are not over at an instant."""
    found = ScheduleException.objects.filter(until__gt=since).select_related("room").order_by("pk")
    return tuple(_exception(one) for one in found)


def _exception(one: ScheduleException) -> rulebook.LessonException:
    ground = Ground(GroundKind.SCHEDULE, one.key, one.since.astimezone(UTC).date().isoformat())
    return rulebook.LessonException(
        one.key, one.room.code, one.since.astimezone(UTC), one.until.astimezone(UTC), ground
    )
