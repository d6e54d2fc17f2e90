"""Pages of drafting by solver: start, wait, look, take over."""

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST
from django_htmx.http import HttpResponseClientRefresh

from darbaza import clock
from darbaza.portal.attempts import attempt
from darbaza.portal.people.rights import Right, actor_of, requires
from darbaza.portal.rooms.models import Room
from darbaza.portal.timetable.drafting import actions, running, wording
from darbaza.portal.timetable.models import DraftingRun, ScheduleVersion, SlotRequest


@require_POST
@requires(Right.TIMETABLE_SCHEDULE_EDIT)
def start(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Have a draft worked out."""
    version, by, at = get_object_or_404(ScheduleVersion, pk=pk), actor_of(request), clock.utc_now()
    run = attempt(
        request,
        lambda: actions.start_drafting(version=version, by=by, at=at),
        _("The draft is being worked out. The portal goes on meanwhile."),
    )
    return redirect("timetable:run", run.pk) if run else redirect("timetable:version", pk)


@require_GET
@requires(Right.TIMETABLE_SCHEDULE_READ)
def run_page(request: HttpRequest, pk: int) -> HttpResponseBase:
    """What came of a run: still thinking, gone wrong, or a draft with what it could not keep and why."""
    run, at = get_object_or_404(DraftingRun.objects.select_related("version"), pk=pk), clock.utc_now()
    drafted, problem = running.collect(run), running.problem_of(run)
    requests = {one.pk: one for one in SlotRequest.objects.select_related("teacher", "school_class", "room")}
    context = {
        "run": run,
        "version": run.version,
        "drafted": drafted,
        "waits": drafted is None and at < run.deadline,
        "asked": sum(one.lessons for one in problem.demands),
        "lines": wording.lines(drafted, requests, names_of_rooms()) if drafted else (),
        "regrets": list(wording.regrets(drafted, problem, requests)) if drafted else (),
    }
    if not request.headers.get("HX-Request"):
        return render(request, "timetable/run.html", context)
    return HttpResponseClientRefresh() if drafted else render(request, "timetable/_run.html", context)


def names_of_rooms() -> dict[str, str]:
    """What people call each room, by its code."""
    return dict(Room.objects.values_list("code", "name"))


@require_POST
@requires(Right.TIMETABLE_SCHEDULE_EDIT)
def take_over(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Put what was found into the draft."""
    run, by, at = get_object_or_404(DraftingRun, pk=pk), actor_of(request), clock.utc_now()
    attempt(
        request, lambda: actions.take_over(run=run, by=by, at=at), _("The lessons stand in the draft. Look at them.")
    )
    return redirect("timetable:version", run.version_id)


@require_POST
@requires(Right.TIMETABLE_SCHEDULE_EDIT)
def clear(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Take lessons that came from requests out of the draft again."""
    version, by, at = get_object_or_404(ScheduleVersion, pk=pk), actor_of(request), clock.utc_now()
    attempt(
        request,
        lambda: actions.clear_drafted(version=version, by=by, at=at),
        _("Lessons that came from requests were taken out."),
    )
    return redirect("timetable:version", pk)
