"""The page from which open hours are opened: what stands against them is said before."""

from contextlib import suppress
from datetime import datetime, time

from django.http import HttpRequest, HttpResponseBase, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from darbaza import clock
from darbaza.portal import asked
from darbaza.portal.attempts import attempt
from darbaza.portal.lessons import hours
from darbaza.portal.lessons.models import SupervisedSession
from darbaza.portal.people.models import Person, SchoolClass
from darbaza.portal.people.refusals import ActRefusedError
from darbaza.portal.people.rights import Right, actor_of, requires
from darbaza.portal.school_time import school_day, wall_clock


@require_http_methods(["GET", "POST"])
@requires(Right.LESSONS_HOURS_OPEN)
def open_hours(request: HttpRequest) -> HttpResponseBase:
    """The form; sent once it says what stands against the hours, sent again, or if nothing does, they are open."""
    person, at, warned = actor_of(request), clock.utc_now(), list[str]()
    if request.method == "POST":
        if "seen" not in request.POST:
            warned = warnings_for(request.POST, at)
        if not warned:
            said = _("The open hours have begun. Access is on.")
            session = attempt(request, lambda: open_asked(request.POST, person, at), said)
            if session is not None:
                return redirect("lessons:console", session.public_id)
    context = {
        "rooms": hours.free_rooms(at),
        "classes": SchoolClass.objects.order_by("grade", "letter"),
        "chosen": request.POST.getlist("classes"),
        "asked": request.POST,
        "warned": warned,
        "longest": int(hours.LONGEST.total_seconds()) // 3600,
    }
    return render(request, "lessons/hours.html", context, status=422 if request.method == "POST" else 200)


def open_asked(form: QueryDict, person: Person, at: datetime) -> SupervisedSession:
    """Open what the form asks for. Raises `ActRefusedError` where it can't be read."""
    free = {one.room.code: one.room for one in hours.free_rooms(at)}
    room = free.get(asked.text(form, "room"))
    if room is None:
        raise ActRefusedError(_("Choose a room that is free now."), "2.5")
    purpose = asked.text(form, "purpose", 200)
    return hours.open_hours(
        room=room,
        classes=classes_of(form),
        purpose=purpose,
        ends=end_of(form, at),
        by=person,
        at=at,
        minutes_each=minutes_of(form),
    )


def minutes_of(form: QueryDict) -> int | None:
    """How long each student may be online; nothing written is no limit, and what is no number is refused by the act."""
    text = asked.text(form, "each", 4).strip()
    return (int(text) if text.isascii() and text.isdecimal() else 0) if text else None


def warnings_for(form: QueryDict, at: datetime) -> list[str]:
    """What stands against what the form asks for; nothing where it can't be read, which the act refuses."""
    with suppress(ActRefusedError):
        return hours.warnings(classes=classes_of(form), at=at, ends=end_of(form, at))
    return []


def classes_of(form: QueryDict) -> list[SchoolClass]:
    """The classes that were chosen."""
    numbers = [int(one) for one in form.getlist("classes") if one.isdecimal() and len(one) < 10]
    return list(SchoolClass.objects.filter(pk__in=numbers).order_by("grade", "letter"))


def end_of(form: QueryDict, at: datetime) -> datetime:
    """The instant today at which the hours shall end."""
    with suppress(ValueError):
        return wall_clock(school_day(at), time.fromisoformat(asked.text(form, "until", 5)))
    raise ActRefusedError(_("Give the end as hours and minutes: 16:30."), "2.7")
