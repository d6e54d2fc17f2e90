"""Pages of notices."""

from dataclasses import dataclass

from django.contrib.auth.decorators import login_required
from django.db.models import F, Q
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from darbaza import clock
from darbaza.portal import asked
from darbaza.portal.attempts import attempt
from darbaza.portal.incidents import actions, student_reports
from darbaza.portal.incidents.attempt_words import Line, lines_of
from darbaza.portal.incidents.models import AdultPlace, Notice, StudentReport
from darbaza.portal.incidents.reading import notices_for
from darbaza.portal.lessons.models import SupervisedSession
from darbaza.portal.people.models import Person
from darbaza.portal.people.refusals import ActRefusedError
from darbaza.portal.people.rights import Right, actor_of, holds, requires
from darbaza.portal.school_time import school_day
from darbaza.portal.verdicts.log import log
from darbaza.portal.verdicts.rows import Question


@dataclass(frozen=True, slots=True)
class Shown:
    """A notice with the evidence behind it, if a supervisor confirmed a suspicion."""

    notice: Notice
    lines: tuple[Line, ...]

    @classmethod
    def of(cls, notice: Notice) -> "Shown":
        """A notice in words."""
        judgement = getattr(notice, "judgement", None)
        return cls(notice, tuple(lines_of(judgement.evidence)) if judgement else ())


CITED = 5
"""How many of a student's latest refusals a notice cites."""


@require_GET
@requires(Right.INCIDENTS_NOTICE_READ)
def notices(request: HttpRequest) -> HttpResponseBase:
    """The notices about a class teacher's classes: all of them, or those not talked about."""
    person, at = actor_of(request), clock.utc_now()
    found = notices_for(person, at).select_related("judgement", "withdrawn_by")
    waiting = request.GET.get("show") != "all"
    open_still = Q(talked_at__isnull=True, referred_at__isnull=True, withdrawn_at__isnull=True)
    shown = [Shown.of(one) for one in (found.filter(open_still) if waiting else found)[:200]]
    context = {"notices": shown, "waiting": waiting, "may_open": holds(person, Right.VERDICTS_HISTORY_OPEN, at)}
    return render(request, "incidents/notices.html", context)


@require_POST
@requires(Right.INCIDENTS_NOTICE_SEND)
def send(request: HttpRequest, public_id: str) -> HttpResponseBase:
    """Send a notice from the console, with the references of the student's latest refusals in the lesson."""
    session = get_object_or_404(SupervisedSession, public_id=public_id)
    person, at = actor_of(request), clock.utc_now()
    student = Person.objects.filter(public_id=asked.text(request.POST, "student")).first()

    def act() -> Notice:
        if student is None:
            raise ActRefusedError(_("Choose a student."), "2.7")
        return actions.send_notice(
            session=session,
            student=student,
            text=asked.text(request.POST, "text", 1000),
            refusals=refusals_of(session, student),
            by=person,
            at=at,
        )

    attempt(request, act, _("The notice was sent to the class teacher."))
    return redirect("lessons:console", public_id)


@require_GET
@login_required
def told(request: HttpRequest) -> HttpResponseBase:
    """What students told that concerns people, for the adult who was told by duty; what waits comes first."""
    found = StudentReport.objects.filter(adult=actor_of(request)).select_related("student", "session__supervisor")
    ordered = found.order_by(F("taken_at").desc(nulls_first=True))[:100]
    place = AdultPlace.objects.filter(person=actor_of(request)).first()
    return render(request, "incidents/told.html", {"told": ordered, "place": place})


@require_POST
@login_required
def say_where(request: HttpRequest) -> HttpResponseBase:
    """The adult says in which room students find them."""
    where, by = asked.text(request.POST, "where"), actor_of(request)
    attempt(
        request,
        lambda: student_reports.say_where(where=where, by=by, at=clock.utc_now()),
        _("Students are told your name and this room."),
    )
    return redirect("incidents:told")


@require_POST
@login_required
def take_up(request: HttpRequest, public_id: str) -> HttpResponseBase:
    """The adult who was told takes the matter up."""
    found = get_object_or_404(StudentReport, public_id=public_id)
    attempt(
        request,
        lambda: student_reports.take_up(report=found, by=actor_of(request), at=clock.utc_now()),
        _("Recorded: you have taken it up."),
    )
    return redirect("incidents:told")


def refusals_of(session: SupervisedSession, student: Person) -> list[str]:
    """The references of a student's latest refusals in a lesson."""
    day = school_day(session.opened)
    question = Question(day, day, session=session.public_id, persons=(student.public_id,), refused=True, limit=CITED)
    return [row.reference for row in log().ask(question).rows]


@require_POST
@requires(Right.INCIDENTS_NOTICE_READ)
def mark(request: HttpRequest, public_id: str, name: str) -> HttpResponseBase:
    """Mark a notice as seen or talked about."""
    notice = get_object_or_404(Notice.objects.select_related("school_class"), public_id=public_id)
    person, at = actor_of(request), clock.utc_now()
    if name == "seen":
        attempt(request, lambda: actions.mark_seen(notice=notice, by=person, at=at), _("Marked as seen."))
    elif name == "talked":
        attempt(request, lambda: actions.mark_talked(notice=notice, by=person, at=at), _("The talk is recorded."))
    elif name == "referred":
        attempt(request, lambda: actions.mark_referred(notice=notice, by=person, at=at), _("Recorded: passed on."))
    else:
        raise Http404
    return redirect("incidents:notices")
