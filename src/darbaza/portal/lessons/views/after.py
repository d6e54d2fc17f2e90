"""After the lesson: its page, and the register of use by room and day."""

from datetime import date

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET

from darbaza import clock
from darbaza.portal import asked
from darbaza.portal.lessons import after as facts
from darbaza.portal.people.rights import Right, person_of, right_missing
from darbaza.portal.rooms.models import Room
from darbaza.portal.school_time import school_day


@require_GET
@login_required
def after(request: HttpRequest, public_id: str) -> HttpResponseBase:
    """What is known of a lesson that is over, to who answered for it and to who may watch all lessons."""
    session = get_object_or_404(facts.found(), public_id=public_id)
    if not facts.may_read_lesson(person_of(request), public_id, clock.utc_now()):
        return right_missing(request, Right.LESSONS_SESSION_WATCH)
    if session.closed is None:
        return redirect("lessons:console", public_id)
    return render(request, "lessons/after.html", {"session": session, "facts": facts.of_lesson(session)})


@require_GET
@login_required
def register(request: HttpRequest) -> HttpResponseBase:
    """The register of one room on one day; the first room and today unless others are asked for."""
    at = clock.utc_now()
    if not facts.may_read_register(person_of(request), "", at):
        return right_missing(request, Right.LESSONS_SESSION_WATCH)
    rooms = list(Room.objects.exclude(equipped_since=None))
    wanted = asked.text(request.GET, "room")
    room = next((one for one in rooms if one.code == wanted), rooms[0] if rooms else None)
    day = _day(asked.text(request.GET, "day")) or school_day(at)
    context = {
        "rooms": rooms,
        "room": room,
        "day": day,
        "ref": facts.register_ref(room, day) if room else "",
        "rows": [(one.public_id, facts.summary(one)) for one in facts.lessons_of(room, day)] if room else [],
    }
    return render(request, "lessons/register.html", context)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
