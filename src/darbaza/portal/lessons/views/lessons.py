"""The teacher's lessons: one button to start the one that the schedule proposes, and what is under way."""

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from darbaza import clock
from darbaza.portal.attempts import attempt
from darbaza.portal.lessons import actions
from darbaza.portal.lessons.models import SupervisedSession, open_at
from darbaza.portal.lessons.proposals import own_proposals, standing_in_for
from darbaza.portal.people.rights import Right, actor_of, holds, requires

RECENT = 10


@require_GET
@requires(Right.LESSONS_SESSION_OPEN)
def lessons(request: HttpRequest) -> HttpResponseBase:
    """The lesson to start now, the one under way, those of colleagues, and the latest."""
    person, at = actor_of(request), clock.utc_now()
    own = SupervisedSession.objects.filter(supervisor=person).select_related("room", "school_class")
    under_way = own.filter(open_at(at)).first()
    context = {
        "under_way": under_way,
        "proposals": [] if under_way else own_proposals(person, at),
        "stand_in": [] if under_way else standing_in_for(person, at),
        "recent": own.filter(closed__isnull=False)[:RECENT],
        "may_watch": holds(person, Right.LESSONS_SESSION_WATCH, at),
        "now": at,
    }
    return render(request, "lessons/lessons.html", context)


@require_GET
@requires(Right.LESSONS_SESSION_WATCH)
def watched(request: HttpRequest) -> HttpResponseBase:
    """All lessons under way, for whoever may watch them."""
    found = SupervisedSession.objects.filter(open_at(clock.utc_now())).select_related(
        "room", "school_class", "supervisor"
    )
    return render(request, "lessons/watched.html", {"sessions": found.order_by("room__code")})


@require_POST
@requires(Right.LESSONS_SESSION_OPEN)
def start(request: HttpRequest) -> HttpResponseBase:
    """Start the proposed lesson and go to its console."""
    person, at = actor_of(request), clock.utc_now()
    key = request.POST.get("place", "")
    session = attempt(
        request, lambda: actions.start_lesson(key=key, by=person, at=at), _("The lesson is open. Access is on.")
    )
    return redirect("lessons:console", session.public_id) if session else redirect("lessons:lessons")
