"""Acts on the schedule. One function, one transaction, one audit entry."""

from dataclasses import asdict, dataclass
from datetime import date, datetime, time, timedelta

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from darbaza.portal.audit.actions import record
from darbaza.portal.audit.seals import name_of, sealing
from darbaza.portal.council.models import Order, OrderKind
from darbaza.portal.people.models import Person, PersonKind, SchoolClass
from darbaza.portal.people.refusals import ActRefusedError
from darbaza.portal.people.rights import Right, demand
from darbaza.portal.rooms.models import Room
from darbaza.portal.school_time import day_begins, school_day
from darbaza.portal.timetable.checks import counts, findings
from darbaza.portal.timetable.conflicts import conflicts, contested_with
from darbaza.portal.timetable.models import Calendar, ScheduleException, ScheduleVersion, Slot, Stage, Weeks

LONGEST_EXCEPTION = timedelta(hours=12)


@transaction.atomic
def draft_schedule(
    *,
    school_year: str,
    title: str,
    calendar: Calendar | None = None,
    copied_from: ScheduleVersion | None = None,
    by: Person,
    at: datetime,
) -> ScheduleVersion:
    """Begin a new version of the schedule (2.2), empty or with the lessons of another one."""
    demand(by, Right.TIMETABLE_SCHEDULE_EDIT, at)
    if calendar is not None and calendar.school_year != school_year:
        raise ActRefusedError(_("The calendar is of another school year."), "2.4")
    if calendar is None and copied_from is not None and copied_from.slots.exclude(weeks=Weeks.EVERY).exists():
        raise _which_week()
    version = ScheduleVersion.objects.create(
        school_year=school_year, title=title, calendar=calendar, drafted_by=by, drafted_at=at
    )
    for slot in copied_from.slots.all() if copied_from else ():
        slot.pk, slot.version, slot.imported = None, version, None
        slot.save()
    detail: dict[str, object] = {"school_year": school_year}
    if calendar is not None:
        detail["calendar"] = f"{calendar.school_year}/{calendar.edition}"
    if copied_from is not None:
        detail["copied_from"] = _name(copied_from)
    record(act="timetable:schedule:draft", by=by, at=at, subject=_name(version), detail=detail)
    return version


@transaction.atomic
def add_slot(
    *,
    version: ScheduleVersion,
    room: Room,
    school_class: SchoolClass,
    teacher: Person,
    subject: str,
    weekday: int,
    starts: time,
    ends: time,
    purpose: str = "",
    screen_minutes: int | None = None,
    weeks: str = Weeks.EVERY,
    group: str = "",
    by: Person,
    at: datetime,
) -> Slot:
    """Put a weekly lesson into a draft, of a class or of one group of it, in every week or in every other one.

    A slot that takes a room, teacher or student from another is refused.
    """
    demand(by, Right.TIMETABLE_SCHEDULE_EDIT, at)
    demand_stage(version, Stage.DRAFT)
    group = " ".join(group.split())
    slot = Slot(
        version=version,
        room=room,
        school_class=school_class,
        teacher=teacher,
        subject=subject,
        weekday=weekday,
        starts=starts,
        ends=ends,
        purpose=purpose.strip(),
        screen_minutes=screen_minutes,
        weeks=weeks,
        group=group,
        division=_division_of(version, school_class, group),
    )
    _check_slot(slot)
    slot.save()
    detail: dict[str, object] = {
        "room": room.code,
        "class": school_class.name,
        "teacher": teacher.public_id,
        "weekday": weekday,
        "hours": f"{starts:%H:%M}-{ends:%H:%M}",
    }
    detail |= {name: said for name, said in (("weeks", str(weeks)), ("group", group)) if said}
    record(act="timetable:slot:add", by=by, at=at, subject=_name(version), detail=detail)
    return slot


def _division_of(version: ScheduleVersion, school_class: SchoolClass, group: str) -> int:
    """The division to which a class's group of this name belongs in a version: an import may have brought several."""
    found = version.slots.filter(school_class=school_class, group=group) if group else None
    return found.values_list("division", flat=True).first() or 0 if found is not None else 0


def _which_week() -> ActRefusedError:
    return ActRefusedError(
        _("Lessons take turns by weeks: give the version a calendar, which says which week is A and which is B."), "2.4"
    )


def _check_slot(slot: Slot) -> None:
    if slot.starts >= slot.ends:
        raise ActRefusedError(_("The lesson ends before it begins."), "2.4")
    calendar = slot.version.calendar
    if calendar is not None and slot.weekday >= calendar.week_length:
        raise ActRefusedError(_("The calendar's school week has no such day."), "2.4")
    if calendar is None and slot.weeks:
        raise _which_week()
    if slot.screen_minutes is not None and slot.screen_minutes > slot.length:
        raise ActRefusedError(_("Minutes at the screen are more than the lesson has."), "2.3")
    if slot.teacher.kind != PersonKind.STAFF:
        raise ActRefusedError(_("Only a member of staff can teach."), "2.8")
    if taken := contested_with(slot, slot.version.slots.filter(weekday=slot.weekday)):
        names = ", ".join(str(contested.label) for contested in taken)
        raise ActRefusedError(_("Taken at this time already: %(what)s.") % {"what": names}, "2.4")


@transaction.atomic
def remove_slot(*, slot: Slot, by: Person, at: datetime) -> None:
    """Take a weekly lesson out of a draft."""
    demand(by, Right.TIMETABLE_SCHEDULE_EDIT, at)
    demand_stage(slot.version, Stage.DRAFT)
    detail: dict[str, object] = {"room": slot.room.code, "class": slot.school_class.name, "weekday": slot.weekday}
    slot.delete()
    record(act="timetable:slot:remove", by=by, at=at, subject=_name(slot.version), detail=detail)


@dataclass(frozen=True, slots=True)
class Considerations:
    """How a draft answers what 2.3 asks a schedule to be guided by."""

    law: str
    experience: str
    interests: str
    aims: str

    def is_complete(self) -> bool:
        """Whether all four are answered."""
        return all(text.strip() for text in (self.law, self.experience, self.interests, self.aims))


@transaction.atomic
def answer_considerations(*, version: ScheduleVersion, answers: Considerations, by: Person, at: datetime) -> None:
    """Answer, for a draft, the four considerations of 2.3."""
    demand(by, Right.TIMETABLE_SCHEDULE_EDIT, at)
    demand_stage(version, Stage.DRAFT)
    version.by_law, version.by_experience = answers.law.strip(), answers.experience.strip()
    version.by_interests, version.by_aims = answers.interests.strip(), answers.aims.strip()
    version.save(update_fields=["by_law", "by_experience", "by_interests", "by_aims"])
    record(act="timetable:schedule:reason", by=by, at=at, subject=_name(version), detail=asdict(answers))


@transaction.atomic
def consider_schedule(*, version: ScheduleVersion, meeting: date, minutes: str, by: Person, at: datetime) -> None:
    """Record that the staff meeting considered a draft (2.1).

    Refused while a lesson has no purpose, the four considerations are not answered (2.3) or the draft contradicts
    itself: what the meeting considered is what the order approves. What else the checks find is kept with the act.
    """
    demand(by, Right.TIMETABLE_SCHEDULE_EDIT, at)
    demand_stage(version, Stage.DRAFT)
    if meeting > school_day(at):
        raise ActRefusedError(_("The meeting has not taken place yet."), "2.1")
    _demand_guidance(version)
    _demand_no_conflict(version)
    if version.calendar is None and version.slots.exclude(weeks=Weeks.EVERY).exists():
        raise _which_week()
    remaining = counts(findings(version, school_day(at)))
    version.stage, version.considered_on, version.minutes = Stage.CONSIDERED, meeting, minutes
    version.save(update_fields=["stage", "considered_on", "minutes"])
    detail: dict[str, object] = {"meeting": meeting.isoformat(), "minutes": minutes, "remaining": remaining}
    record(act="timetable:schedule:consider", by=by, at=at, subject=_name(version), detail=detail)


def considerations_of(version: ScheduleVersion) -> Considerations:
    """What a version answers to 2.3."""
    return Considerations(version.by_law, version.by_experience, version.by_interests, version.by_aims)


def _demand_guidance(version: ScheduleVersion) -> None:
    if not considerations_of(version).is_complete():
        raise ActRefusedError(
            _("Answer first what guides the schedule: law, experience, students' interests, aims."), "2.3"
        )
    if bare := version.slots.filter(purpose="").count():
        raise ActRefusedError(_("Lessons without an educational purpose: %(count)d.") % {"count": bare}, "2.3")


@transaction.atomic
def approve_schedule(
    *, version: ScheduleVersion, order: Order, since: date, until: date, by: Person, at: datetime
) -> None:
    """Approve a considered version by a signed order (2.4); it supersedes the one before it from `since` on.

    `until` is the first day after the version's term.
    """
    demand(by, Right.COUNCIL_ORDER_SIGN, at)
    demand_stage(version, Stage.CONSIDERED)
    _check_approval(version, order, since, until)
    version.stage, version.order, version.approved_at = Stage.APPROVED, order, at
    version.since, version.until = since, until
    version.save(update_fields=["stage", "order", "approved_at", "since", "until"])
    detail: dict[str, object] = {"order": order.ref, "since": since.isoformat(), "until": until.isoformat()}
    detail |= sealing(name_of("schedule", version.pk))
    record(act="timetable:schedule:approve", by=by, at=at, subject=_name(version), detail=detail)


def _check_approval(version: ScheduleVersion, order: Order, since: date, until: date) -> None:
    if since >= until:
        raise ActRefusedError(_("The schedule's term ends before it begins."), "2.4")
    if order.kind != OrderKind.SCHEDULE or order.repealed_by_id is not None:
        raise ActRefusedError(_("A schedule is approved by an order on the schedule that is in force."), "2.4")
    if since < first_day_of(order):
        raise ActRefusedError(_("The schedule can't begin before its order is in force."), "2.4")
    if not version.slots.exists():
        raise ActRefusedError(_("The schedule has no lessons yet."), "2.4")
    _demand_no_conflict(version)
    if ScheduleVersion.objects.filter(since=since).exists():
        raise ActRefusedError(_("Another version of the schedule begins on that day."), "2.4")


def first_day_of(order: Order) -> date:
    """The first day on which an order can put a schedule into force: the day of its signature, or a whole day of it."""
    day = school_day(order.in_force_from)
    begun = order.in_force_from in {order.signed_at, day_begins(day)}
    return day if begun else day + timedelta(days=1)


def _demand_no_conflict(version: ScheduleVersion) -> None:
    if found := conflicts(version):
        about = found[0]
        values = {"what": about.contested.label, "name": about.about, "first": about.first, "second": about.second}
        raise ActRefusedError(
            _("The schedule contradicts itself: %(what)s %(name)s has %(first)s and %(second)s.") % values, "2.4"
        )


@transaction.atomic
def record_exception(
    *,
    room: Room,
    school_class: SchoolClass,
    teacher: Person,
    since: datetime,
    until: datetime,
    reason: str,
    by: Person,
    at: datetime,
    subject: str = "",
) -> ScheduleException:
    """Record an exception from the schedule: who, where, when and why (2.7)."""
    demand(by, Right.TIMETABLE_SCHEDULE_EDIT, at)
    return note_exception(
        room=room,
        school_class=school_class,
        teacher=teacher,
        since=since,
        until=until,
        reason=reason,
        by=by,
        at=at,
        subject=subject,
    )


def note_exception(
    *,
    room: Room,
    school_class: SchoolClass,
    teacher: Person,
    since: datetime,
    until: datetime,
    reason: str,
    by: Person,
    at: datetime,
    subject: str = "",
    group: str = "",
    division: int = 0,
    open_hours: bool = False,
) -> ScheduleException:
    """Record an exception as part of another act, which has checked the right; inside that act's transaction."""
    reason = reason.strip()
    if not reason:
        raise ActRefusedError(_("Say why: an exception without a reason is not recorded."), "2.7")
    if not timedelta() < until - since <= LONGEST_EXCEPTION:
        raise ActRefusedError(_("An exception lasts at most twelve hours and ends after it begins."), "2.7")
    exception = ScheduleException.objects.create(
        room=room,
        school_class=school_class,
        group=group,
        division=division,
        teacher=teacher,
        subject=subject,
        since=since,
        until=until,
        reason=reason,
        open_hours=open_hours,
        recorded_by=by,
        recorded_at=at,
    )
    detail: dict[str, object] = {
        "room": room.code,
        "class": school_class.name,
        "teacher": teacher.public_id,
        "since": since.isoformat(),
        "until": until.isoformat(),
        "reason": reason,
        **sealing(name_of("exception", exception.pk)),
    }
    record(act="timetable:exception:record", by=by, at=at, subject=exception.key, detail=detail)
    return exception


def demand_stage(version: ScheduleVersion, stage: Stage) -> None:
    """Refuse unless a version stands here: it goes draft → considered → approved, and never back."""
    if version.stage != stage:
        raise ActRefusedError(
            _("This version of the schedule is “%(stage)s” and can't be changed so.")
            % {"stage": version.get_stage_display()},
            "2.4",
        )


def _name(version: ScheduleVersion) -> str:
    return f"schedule-{version.pk}"
