"""What the console shows and does about students' reports; entered into the console by this app."""

from datetime import datetime

from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _

from darbaza.portal import asked
from darbaza.portal.incidents import judging, student_reports
from darbaza.portal.incidents.attempt_words import lines_of
from darbaza.portal.incidents.models import ReportKind, StudentReport
from darbaza.portal.incidents.suspicions import Suspected, suspected_in
from darbaza.portal.lessons.console import Told
from darbaza.portal.lessons.models import SupervisedSession
from darbaza.portal.people.models import Person
from darbaza.portal.people.refusals import ActRefusedError

LONGEST = 300


def cards(session: SupervisedSession) -> tuple[Told, ...]:
    """The reports of a lesson that its supervisor has not noted, the urgent ones first."""
    found = StudentReport.objects.filter(session=session, noted_at__isnull=True).select_related("student")
    found = found.select_related("device__seat", "student", "hold", "adult")
    ordered = sorted(found, key=lambda one: (one.kind != ReportKind.URGENT, one.at))
    return tuple(card(one) for one in ordered)


def card(one: StudentReport) -> Told:
    """One report in words."""
    held = one.hold is not None and one.hold.released_at is None
    urgent = one.kind == ReportKind.URGENT
    return {
        "id": one.public_id,
        "urgent": urgent,
        "who": who_said(one),
        "said": str(one.get_kind_display()),
        "host": one.host,
        "text": one.text,
        "state": told_too(one) if urgent else str(one.get_weight_display()),
        "can_close": one.kind == ReportKind.UNSUITABLE and not held,
    }


def who_said(one: StudentReport) -> str:
    """Seat and name; neither if the student gave no name, for the one would tell the other."""
    if not one.named:
        return _("a student, without a name")
    return f"{one.device.seat.number} · {one.student}" if one.device.seat else str(one.student)


def suspicions(session: SupervisedSession, at: datetime) -> tuple[Told, ...]:
    """The students whose pages look like a deliberate attempt, for the supervisor to judge (2.7)."""
    return tuple(suspicion_card(session, one) for one in suspected_in(session, at))


def suspicion_card(session: SupervisedSession, one: Suspected) -> Told:
    """One of them in words. It stands at no seat: whoever looks over a shoulder at the plan learns nothing of it."""
    binding = session.bindings.filter(person=one.student).select_related("device__seat").last()
    seat = binding.device.seat if binding else None
    return {
        "id": f"suspicion-{one.student.public_id}",
        "template": "incidents/_suspicion.html",
        "student": one.student.public_id,
        "who": f"{seat.number} · {one.student}" if seat else str(one.student),
        "lines": lines_of(judging.evidence_of(one.found)),
        "confirm": reverse("lessons:act", args=[session.public_id, "confirm-attempt"]),
        "dismiss": reverse("lessons:act", args=[session.public_id, "dismiss-attempt"]),
        "devices": [],
        "private": True,
    }


def confirm_attempt(*, session: SupervisedSession, form: QueryDict, by: Person, at: datetime) -> str:
    """It was a deliberate attempt: tell the class teacher."""
    student = _student(form)
    judging.confirm(session=session, student=student, word=asked.text(form, "word", 1000), by=by, at=at)
    return _("The notice was sent to the class teacher.")


def dismiss_attempt(*, session: SupervisedSession, form: QueryDict, by: Person, at: datetime) -> str:
    """It was none: nobody is told."""
    student = _student(form)
    judging.dismiss(session=session, student=student, word=asked.text(form, "word", 1000), by=by, at=at)
    return _("Dismissed; nobody is told: %(name)s") % {"name": student}


def _student(form: QueryDict) -> Person:
    found = Person.objects.filter(public_id=asked.text(form, "student")).first()
    if found is None:
        raise ActRefusedError(_("Choose a student."), "2.7")
    return found


def told_too(one: StudentReport) -> str:
    """Who else was told of what concerns people."""
    if one.adult is None:
        return _("Talk with the student quietly, now.")
    return _("Talk with the student quietly, now. Also told: %(name)s") % {"name": one.adult.short_name}


def note(*, session: SupervisedSession, form: QueryDict, by: Person, at: datetime) -> str:
    """Take note of a report."""
    student_reports.note(session=session, report=_report(form), by=by, at=at)
    return _("Noted.")


def close(*, session: SupervisedSession, form: QueryDict, by: Person, at: datetime) -> str:
    """Close what was reported to the whole school."""
    held = student_reports.close_reported(session=session, report=_report(form), by=by, at=at)
    return _("Closed to the whole school until it is judged: %(resource)s") % {"resource": held.resource}


def report(*, session: SupervisedSession, form: QueryDict, by: Person, at: datetime) -> str:
    """The supervisor's own report."""
    typed = asked.text(form, "address", LONGEST)
    held = student_reports.report_from_console(session=session, resource=typed, by=by, at=at)
    return _("Closed to the whole school until it is judged: %(resource)s") % {"resource": held.resource}


def _report(form: QueryDict) -> StudentReport:
    found = StudentReport.objects.filter(public_id=asked.text(form, "report")).first()
    if found is None:
        raise ActRefusedError(_("This report is not there any more."), "3.4")
    return found
