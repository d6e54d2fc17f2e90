"""Acts on teachers' requests. One function, one transaction, one audit entry."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from darbaza.portal.audit.actions import record
from darbaza.portal.people.models import Person, PersonKind, SchoolClass
from darbaza.portal.people.refusals import ActRefusedError
from darbaza.portal.people.rights import Right, demand, holds
from darbaza.portal.rooms.models import Room
from darbaza.portal.timetable.models import RequestState, SlotRequest

MOST_LESSONS = 12


@dataclass(frozen=True, slots=True)
class Wish:
    """What is asked for: lessons a week of one class to a purpose. Room, weekday and lesson number are wishes."""

    school_year: str
    school_class: SchoolClass
    subject: str
    purpose: str
    lessons: int
    screen_minutes: int | None = None
    room: Room | None = None
    weekday: int | None = None
    lesson: int | None = None


@transaction.atomic
def ask_for_slots(*, wish: Wish, teacher: Person, by: Person, at: datetime) -> SlotRequest:
    """Ask for lessons: a teacher for themselves, the person responsible also for others who said so on paper (2.2)."""
    demand(by, Right.TIMETABLE_SLOT_ASK, at)
    if teacher != by and not holds(by, Right.TIMETABLE_SCHEDULE_EDIT, at):
        raise ActRefusedError(_("Teachers ask for their own lessons."), "2.2")
    if teacher.kind != PersonKind.STAFF or not teacher.active:
        raise ActRefusedError(_("Only a member of staff can teach."), "2.8")
    if not wish.purpose.strip():
        raise ActRefusedError(_("Say which educational purpose the internet serves in these lessons."), "2.3")
    if not 1 <= wish.lessons <= MOST_LESSONS:
        raise ActRefusedError(_("Ask for one to twelve lessons a week."), "2.2")
    request = SlotRequest.objects.create(
        school_year=wish.school_year,
        teacher=teacher,
        school_class=wish.school_class,
        subject=wish.subject.strip(),
        purpose=wish.purpose.strip(),
        lessons=wish.lessons,
        screen_minutes=wish.screen_minutes,
        room=wish.room,
        weekday=wish.weekday,
        lesson=wish.lesson,
        asked_at=at,
    )
    detail: dict[str, object] = {
        "teacher": teacher.public_id,
        "class": wish.school_class.name,
        "subject": request.subject,
        "purpose": request.purpose,
        "lessons": wish.lessons,
    }
    record(act=Right.TIMETABLE_SLOT_ASK, by=by, at=at, subject=_name(request), detail=detail)
    return request


@transaction.atomic
def withdraw_request(*, request: SlotRequest, by: Person, at: datetime) -> None:
    """Take an open request back; whoever asked does."""
    demand(by, Right.TIMETABLE_SLOT_ASK, at)
    if request.teacher != by:
        raise ActRefusedError(_("Teachers withdraw their own requests."), "2.2")
    _answer(request, RequestState.WITHDRAWN, "", by, at)


@transaction.atomic
def accept_request(*, request: SlotRequest, by: Person, at: datetime) -> None:
    """Accept a request: from now on drafts are worked out with it."""
    demand(by, Right.TIMETABLE_SCHEDULE_EDIT, at)
    _answer(request, RequestState.ACCEPTED, "", by, at)


@transaction.atomic
def decline_request(*, request: SlotRequest, reason: str, by: Person, at: datetime) -> None:
    """Decline a request, with the reason that the teacher reads."""
    demand(by, Right.TIMETABLE_SCHEDULE_EDIT, at)
    if not reason.strip():
        raise ActRefusedError(_("Say why the request is declined; the teacher reads it."), "2.2")
    _answer(request, RequestState.DECLINED, reason.strip(), by, at)


def _answer(request: SlotRequest, state: RequestState, reason: str, by: Person, at: datetime) -> None:
    """Answer once. The row is locked, so that of two answers at once the second one is refused."""
    current = SlotRequest.objects.select_for_update().get(pk=request.pk)
    if current.state != RequestState.OPEN:
        raise ActRefusedError(
            _("This request was answered already: %(state)s.") % {"state": current.get_state_display()}, "2.2"
        )
    request.state, request.reason = state, reason
    request.answered_by, request.answered_at = by, at
    request.save(update_fields=["state", "reason", "answered_by", "answered_at"])
    detail: dict[str, object] = {"state": state.value}
    if reason:
        detail["reason"] = reason
    record(act="timetable:slot:answer", by=by, at=at, subject=_name(request), detail=detail)


def _name(request: SlotRequest) -> str:
    return f"slot-request-{request.pk}"
