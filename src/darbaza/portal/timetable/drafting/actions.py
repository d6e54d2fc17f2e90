"""Acts of drafting by solver. One function, one transaction, one audit entry."""

from datetime import datetime, time, timedelta

import msgspec
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from darbaza.portal.audit.actions import record
from darbaza.portal.people.models import Person
from darbaza.portal.people.refusals import ActRefusedError
from darbaza.portal.people.rights import Right, demand
from darbaza.portal.rooms.models import Room
from darbaza.portal.school_time import school_day
from darbaza.portal.timetable.actions import demand_stage
from darbaza.portal.timetable.drafting import running
from darbaza.portal.timetable.drafting.gather import gather
from darbaza.portal.timetable.drafting.problem import Drafted, Problem
from darbaza.portal.timetable.models import DraftingRun, ScheduleVersion, Slot, SlotRequest, Stage

SECONDS = 20
LATEST = timedelta(seconds=90)
"""How long a run is waited for: the solver's seconds, and a slow machine's for all the rest."""


@transaction.atomic
def start_drafting(*, version: ScheduleVersion, by: Person, at: datetime) -> DraftingRun:
    """Have the accepted requests placed into a draft, beside what stands in it. The answer comes by `collect`."""
    demand(by, Right.TIMETABLE_SCHEDULE_EDIT, at)
    demand_stage(version, Stage.DRAFT)
    problem = gather(version, school_day(at))
    _check(version, problem)
    if DraftingRun.objects.filter(version=version, result__isnull=True, deadline__gt=at).exists():
        raise ActRefusedError(_("This draft is being worked out already."), "2.2")
    run = DraftingRun.objects.create(
        version=version, by=by, at=at, deadline=at + LATEST, problem=msgspec.to_builtins(problem)
    )
    detail: dict[str, object] = {"run": run.pk, "lessons": sum(one.lessons for one in problem.demands)}
    record(act="timetable:draft:solve", by=by, at=at, subject=f"schedule-{version.pk}", detail=detail)
    transaction.on_commit(lambda: running.start(run, SECONDS), robust=True)
    return run


def _check(version: ScheduleVersion, problem: Problem) -> None:
    if version.calendar is None or not problem.periods:
        raise ActRefusedError(_("The version needs a calendar with bells before it can be worked out."), "2.4")
    if not problem.demands:
        raise ActRefusedError(_("No accepted request waits for a place. Accept requests first."), "2.2")
    if not any(one.rooms for one in problem.demands):
        raise ActRefusedError(_("No order names an equipped room, so there is no place for lessons."), "2.5")


@transaction.atomic
def take_over(*, run: DraftingRun, by: Person, at: datetime) -> int:
    """Put what the solver found into the draft, whole; how many lessons. Refused if the draft has changed since."""
    demand(by, Right.TIMETABLE_SCHEDULE_EDIT, at)
    locked = DraftingRun.objects.select_for_update().select_related("version").get(pk=run.pk)
    version = ScheduleVersion.objects.select_for_update().get(pk=locked.version_id)
    demand_stage(version, Stage.DRAFT)
    if locked.result is None or locked.taken_over_at is not None:
        raise ActRefusedError(_("There is nothing to take over."), "2.2")
    if gather(version, school_day(at)) != running.problem_of(locked):
        raise ActRefusedError(_("The draft or the requests have changed since. Have it worked out again."), "2.2")
    drafted = msgspec.convert(locked.result, Drafted)
    _place(version, running.problem_of(locked), drafted)
    locked.taken_over_at = at
    locked.save(update_fields=["taken_over_at"])
    detail: dict[str, object] = {"run": locked.pk, "lessons": len(drafted.placed), "missing": len(drafted.missing)}
    record(act="timetable:schedule:take-over", by=by, at=at, subject=f"schedule-{version.pk}", detail=detail)
    return len(drafted.placed)


def _place(version: ScheduleVersion, problem: Problem, drafted: Drafted) -> None:
    rooms = {room.code: room for room in Room.objects.all()}
    minutes = {one.id: one.minutes for one in problem.demands}
    requests = {one.pk: one for one in SlotRequest.objects.filter(pk__in=minutes).select_related("school_class")}
    for place in drafted.placed:
        request, period = requests[place.demand], place.period
        Slot.objects.create(
            version=version,
            room=rooms[place.room],
            school_class=request.school_class,
            teacher_id=request.teacher_id,
            subject=request.subject,
            purpose=request.purpose,
            screen_minutes=min(minutes[place.demand], period.ends - period.starts),
            request=request,
            weekday=period.weekday,
            starts=time(*divmod(period.starts, 60)),
            ends=time(*divmod(period.ends, 60)),
        )


@transaction.atomic
def clear_drafted(*, version: ScheduleVersion, by: Person, at: datetime) -> int:
    """Take every lesson that came from a request out of a draft; how many. What was entered by hand stays."""
    demand(by, Right.TIMETABLE_SCHEDULE_EDIT, at)
    demand_stage(version, Stage.DRAFT)
    count, _rows = version.slots.filter(request__isnull=False).delete()
    if not count:
        raise ActRefusedError(_("No lesson of this draft came from a request."), "2.2")
    detail: dict[str, object] = {"lessons": count}
    record(act="timetable:schedule:clear", by=by, at=at, subject=f"schedule-{version.pk}", detail=detail)
    return count
