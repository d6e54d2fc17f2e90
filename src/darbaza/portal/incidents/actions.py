"""Acts on notices (2.7). One function, one transaction, one audit entry."""

from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from darbaza.portal.audit.actions import record
from darbaza.portal.incidents.models import Judgement, Notice
from darbaza.portal.lessons.models import SupervisedSession
from darbaza.portal.people.models import Person, PersonKind
from darbaza.portal.people.refusals import ActRefusedError
from darbaza.portal.people.rights import Right, demand, demand_for_class
from darbaza.portal.school_time import day_begins, school_day

SHORTEST = 3
LONGEST = 300
MOST_REFERENCES = 10


@transaction.atomic
def send_notice(
    *, session: SupervisedSession, student: Person, text: str, refusals: list[str], by: Person, at: datetime
) -> Notice:
    """The supervisor tells the class teacher about a student of the lesson (2.7), the lesson's own day included.

    The same said again, by a form that was sent twice, is the same notice.
    """
    check_supervisor(session, by, at)
    said = Notice.objects.filter(session=session, student=student, sent_by=by, text=" ".join(text.split()))
    if known := said.filter(withdrawn_at__isnull=True).first():
        return known
    notice = written(session, student, text, refusals, by, at)
    detail: dict[str, object] = {"student": student.public_id, "class": notice.school_class.name}
    record(act="incidents:notice:send", by=by, at=at, subject=notice.public_id, detail=detail)
    return notice


def check_supervisor(session: SupervisedSession, by: Person, at: datetime) -> None:
    """Refuse whoever is not the supervisor of the lesson, or may send no notices any more."""
    demand(by, Right.INCIDENTS_NOTICE_SEND, at)
    if session.supervisor_id != by.pk:
        raise ActRefusedError(_("Only the supervisor of this lesson may do that."), "2.7")


def written(
    session: SupervisedSession, student: Person, text: str, refusals: list[str], by: Person, at: datetime
) -> Notice:
    """The notice, saved; the act that sends it has checked who does and records it. Raises ActRefusedError."""
    if not session.bindings.filter(person=student).exists():
        raise ActRefusedError(_("This student was not signed in at this lesson."), "2.7")
    notice = _notice(student, text, refusals, by, at)
    notice.session = session
    notice.save()
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
    _check_stands(notice)
    if notice.seen_at is not None:
        raise ActRefusedError(_("This notice was marked as seen before."), "2.7")
    notice.seen_at, notice.seen_by = at, by
    notice.save(update_fields=["seen_at", "seen_by"])
    record(act="incidents:notice:see", by=by, at=at, subject=notice.public_id)


@transaction.atomic
def mark_talked(*, notice: Notice, by: Person, at: datetime) -> None:
    """The class teacher has talked with the student; that the notice was seen follows from it."""
    demand_for_class(by, Right.INCIDENTS_NOTICE_READ, at, notice.school_class)
    _check_stands(notice)
    if notice.talked_at is not None:
        raise ActRefusedError(_("The talk was recorded before."), "2.7")
    notice.talked_at, notice.talked_by = at, by
    notice.seen_at, notice.seen_by = notice.seen_at or at, notice.seen_by or by
    notice.save(update_fields=["talked_at", "talked_by", "seen_at", "seen_by"])
    record(act="incidents:notice:talk", by=by, at=at, subject=notice.public_id)


@transaction.atomic
def mark_referred(*, notice: Notice, by: Person, at: datetime) -> None:
    """The class teacher has passed the matter on to those at school who help; that it was seen follows from it."""
    demand_for_class(by, Right.INCIDENTS_NOTICE_READ, at, notice.school_class)
    _check_stands(notice)
    if notice.referred_at is not None:
        raise ActRefusedError(_("It was passed on before."), "2.7")
    notice.referred_at, notice.referred_by = at, by
    notice.seen_at, notice.seen_by = notice.seen_at or at, notice.seen_by or by
    notice.save(update_fields=["referred_at", "referred_by", "seen_at", "seen_by"])
    record(act="incidents:notice:refer", by=by, at=at, subject=notice.public_id)


@transaction.atomic
def withdraw(*, notice: Notice, why: str, by: Person, at: datetime) -> None:
    """Whoever sent a notice takes it back: its text and its evidence are deleted, and why stays."""
    demand(by, Right.INCIDENTS_NOTICE_SEND, at)
    if notice.sent_by_id != by.pk:
        raise ActRefusedError(_("Only who sent a notice withdraws it."), "2.7")
    _check_stands(notice)
    why = " ".join(why.split())
    if not SHORTEST <= len(why) <= LONGEST:
        raise ActRefusedError(_("Say in a few words why it is withdrawn."), "2.7")
    notice.withdrawn_at, notice.withdrawn_by, notice.withdrawn_why = at, by, why
    notice.text = notice.refusals = ""
    notice.save(update_fields=["withdrawn_at", "withdrawn_by", "withdrawn_why", "text", "refusals"])
    Judgement.objects.filter(notice=notice).update(evidence=[], word="")
    record(act="incidents:notice:withdraw", by=by, at=at, subject=notice.public_id)


@transaction.atomic
def add_own_view(*, notice: Notice, text: str, student: Person, at: datetime) -> None:
    """The student says how they see it; said again, the later words stand."""
    if notice.student_id != student.pk:
        raise ActRefusedError(_("This notice is about somebody else."), "2.7")
    _check_stands(notice)
    text = " ".join(text.split())
    if not SHORTEST <= len(text) <= LONGEST:
        raise ActRefusedError(_("Say it in a few words, at most 300 characters."), "2.7")
    notice.own_view, notice.own_view_at = text, at
    notice.save(update_fields=["own_view", "own_view_at"])
    record(act="incidents:notice:answer", by=student, at=at, subject=notice.public_id)


def _check_stands(notice: Notice) -> None:
    if notice.withdrawn_at is not None:
        raise ActRefusedError(_("This notice was withdrawn."), "2.7")


def forget_before(day: date) -> int:
    """Delete notices and judgements of before a day, with the log of those days; how many."""
    judged = Judgement.objects.filter(at__lt=day_begins(day)).delete()[0]
    return judged + Notice.objects.filter(sent_at__lt=day_begins(day)).delete()[0]
