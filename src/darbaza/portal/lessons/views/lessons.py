"""The teacher's lessons: one button to start the one that the schedule proposes, and what is under way."""

from datetime import datetime

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from darbaza import clock
from darbaza.portal import asked
from darbaza.portal.attempts import attempt
from darbaza.portal.lessons import handover, scenes
from darbaza.portal.lessons.models import Handover, SupervisedSession, open_at
from darbaza.portal.lessons.proposals import Proposal, answered_by, own_proposals, standing_in_for
from darbaza.portal.people.models import Person
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
        "proposals": [] if under_way else with_scenes(own_proposals(person, at), person, at),
        "stand_in": [] if under_way else standing_in_for(person, at),
        "offers": handover.offers_to(person, at),
        "to_take_over": [] if under_way else _substituted(person, at),
        "recent": own.filter(closed__isnull=False)[:RECENT],
        "may_watch": holds(person, Right.LESSONS_SESSION_WATCH, at),
        "now": at,
    }
    return render(request, "lessons/lessons.html", context)


def with_scenes(proposals: list[Proposal], person: Person, at: datetime) -> list[tuple[Proposal, list[scenes.Choice]]]:
    """Each lesson with the scenes that its supervisor may choose."""
    return [(one, scenes.choices(person, at, one.school_class)) for one in proposals]


def _substituted(person: Person, at: datetime) -> list[SupervisedSession]:
    """Lessons under way whose supervisors an order has this person stand in for (2.9)."""
    absent = answered_by(person, at) - {person.pk}
    found = SupervisedSession.objects.filter(open_at(at), supervisor__in=absent)
    return list(found.select_related("room", "school_class", "supervisor"))


@require_POST
@requires(Right.LESSONS_SESSION_OPEN)
def answer_offer(request: HttpRequest, public_id: str, answer: str) -> HttpResponseBase:
    """Accept a lesson that a colleague offers, and go to its console; or decline it."""
    found, by, at = get_object_or_404(Handover, public_id=public_id), actor_of(request), clock.utc_now()
    if answer == "decline":
        attempt(request, lambda: handover.decline_lesson(handover=found, by=by, at=at), _("Declined."))
        return redirect("lessons:lessons")
    said = _("You are the supervisor of this lesson now.")
    session = attempt(request, lambda: handover.accept_lesson(handover=found, by=by, at=at), said)
    return redirect("lessons:console", session.public_id) if session else redirect("lessons:lessons")


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
    scene = asked.text(request.POST, "scene")
    session = attempt(
        request,
        lambda: scenes.start_lesson(key=key, choice=scene, by=person, at=at),
        _("The lesson is open. Access is on."),
    )
    return redirect("lessons:console", session.public_id) if session else redirect("lessons:lessons")
