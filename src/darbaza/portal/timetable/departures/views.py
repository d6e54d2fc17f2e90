"""Pages of departures from the schedule in force."""

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from darbaza import clock
from darbaza.portal.attempts import attempt
from darbaza.portal.people.rights import Right, actor_of, requires
from darbaza.portal.school_time import school_day
from darbaza.portal.timetable.departures import actions
from darbaza.portal.timetable.departures.forms import CancelForm, ClosureForm


@require_http_methods(["GET", "POST"])
@requires(Right.TIMETABLE_SCHEDULE_EDIT)
def cancel(request: HttpRequest) -> HttpResponseBase:
    """Move or cancel one day's lesson."""
    by, at = actor_of(request), clock.utc_now()
    form = CancelForm(request.POST or None).in_force_on(school_day(at))
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        place = actions.Place(data["room"], data["since"], data["until"]) if data["room"] else None
        done = attempt(
            request,
            lambda: actions.cancel_lesson(
                slot=data["slot"], day=data["day"], reason=data["reason"], moved_to=place, by=by, at=at
            ),
            _("The lesson was moved.") if place else _("The lesson was cancelled."),
        )
        if done:
            return redirect("timetable:week")
    status = 422 if form.errors else 200
    title = _("Move or cancel a lesson")
    return render(request, "timetable/form.html", {"form": form, "title": title}, status=status)


@require_http_methods(["GET", "POST"])
@requires(Right.TIMETABLE_SCHEDULE_EDIT)
def close(request: HttpRequest) -> HttpResponseBase:
    """Close days to all lessons."""
    form = ClosureForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        by, at = actor_of(request), clock.utc_now()
        done = attempt(
            request,
            lambda: actions.close_days(**form.cleaned_data, by=by, at=at),
            _("The days are closed. No lesson of the schedule takes place on them."),
        )
        if done:
            return redirect("timetable:week")
    status = 422 if form.errors else 200
    return render(request, "timetable/form.html", {"form": form, "title": _("Close days")}, status=status)
