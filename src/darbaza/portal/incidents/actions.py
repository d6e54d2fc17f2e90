"""Acts on notices. One function, one transaction, one audit entry."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from darbaza.portal.audit.actions import record
from darbaza.portal.incidents.models import Notice
from darbaza.portal.lessons.models import SupervisedSession
from darbaza.portal.people.models import Person, PersonKind
from darbaza.portal.people.refusals import ActRefusedError
from darbaza.portal.people.rights import Right, demand, demand_for_class
from darbaza.portal.school_time import school_day

SHORTEST = 3
LONGEST = 300
MOST_REFERENCES = 10


@transaction.atomic
def send_notice(
    *, session: SupervisedSession, student: Person, text: str, refusals: list[str], by: Person, at: datetime
) -> Notice:
    """The supervisor tells the class teacher about a student of the lesson (2.7), the lesson's own day included."""
    demand(by, Right.INCIDENTS_NOTICE_SEND, at)
    if session.supervisor_id != by.pk:
        raise ActRefusedError(_("Only the supervisor of this lesson may do that."), "2.7")
    if not session.bindings.filter(person=student).exists():
        raise ActRefusedError(_("This student was not signed in at this lesson."), "2.7")
    notice = _notice(student, text, refusals, by, at)
    notice.session = session
    notice.save()
    detail: dict[str, object] = {"student": student.public_id, "class": notice.school_class.name}
    record(act="incidents:notice:send", by=by, at=at, subject=notice.public_id, detail=detail)
    return notice


def _notice(student: Person, text: str, refusals: list[str], by: Person, at: datetime) -> Notice:
    text = " ".join(text.split())
    enrolment = student.enrolment_on(school_day(at))
    if student.kind != PersonKind.STUDENT or enrolment is None:
        raise ActRefusedError(_("A notice is about a student of a class."), "2.7")
    if not SHORTEST <= len(text) <= LONGEST:
        raise ActRefusedError(_("Say in a few words what happened."), "2.7")
    kept = " ".join(reference for reference in refusals[:MOST_REFERENCES] if len(reference) <= 16)
    return Notice(
        student=student, school_class=enrolment.school_class, sent_by=by, sent_at=at, text=text, refusals=kept
    )


@transaction.atomic
def mark_seen(*, notice: Notice, by: Person, at: datetime) -> None:
    """The class teacher has read a notice."""
    demand_for_class(by, Right.INCIDENTS_NOTICE_READ, at, notice.school_class)
    if notice.seen_at is not None:
        raise ActRefusedError(_("This notice was marked as seen before."), "2.7")
    notice.seen_at, notice.seen_by = at, by
    notice.save(update_fields=["seen_at", "seen_by"])
    record(act="incidents:notice:see", by=by, at=at, subject=notice.public_id)


@transaction.atomic
def mark_talked(*, notice: Notice, by: Person, at: datetime) -> None:
    """The class teacher has talked with the student; that the notice was seen follows from it."""
    demand_for_class(by, Right.INCIDENTS_NOTICE_READ, at, notice.school_class)
    if notice.talked_at is not None:
        raise ActRefusedError(_("The talk was recorded before."), "2.7")
    notice.talked_at, notice.talked_by = at, by
    notice.seen_at, notice.seen_by = notice.seen_at or at, notice.seen_by or by
    notice.save(update_fields=["talked_at", "talked_by", "seen_at", "seen_by"])
    record(act="incidents:notice:talk", by=by, at=at, subject=notice.public_id)
