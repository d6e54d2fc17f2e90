"""Pages of the schedule: the week in force, versions with their acts, exceptions."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from darbaza import clock
from darbaza.portal import asked
from darbaza.portal.attempts import attempt
from darbaza.portal.people.models import SchoolClass
from darbaza.portal.people.rights import Right, actor_of, holds, requires
from darbaza.portal.rooms.models import Room
from darbaza.portal.school_time import school_day
from darbaza.portal.timetable import actions
from darbaza.portal.timetable.conflicts import conflicts
from darbaza.portal.timetable.forms import ApproveForm, ConsiderForm, DraftForm, ExceptionForm, SlotForm
from darbaza.portal.timetable.models import ScheduleException, ScheduleVersion, Slot, Stage
from darbaza.portal.timetable.week import week_of


@require_GET
@requires(Right.TIMETABLE_SCHEDULE_READ)
def week(request: HttpRequest) -> HttpResponseBase:
    """The week of the version in force, of everybody or of one room, class or teacher."""
    at = clock.utc_now()
    version = ScheduleVersion.in_force_on(school_day(at))
    slots = version.slots.select_related("room", "school_class", "teacher") if version else Slot.objects.none()
    person = actor_of(request)
    context = {
        "version": version,
        "week": week_of(_narrowed(slots, request)),
        "rooms": Room.objects.filter(slots__in=slots).distinct(),
        "classes": SchoolClass.objects.filter(slots__in=slots).distinct(),
        "teaches": slots.filter(teacher=person).exists(),
        "chosen": {key: request.GET.get(key, "") for key in ("room", "class", "teacher")},
        "me": person.public_id,
        "exceptions": ScheduleException.objects.filter(until__gt=at).select_related("room", "school_class", "teacher"),
        "may_edit": holds(person, Right.TIMETABLE_SCHEDULE_EDIT, at),
    }
    return render(request, "timetable/week.html", context)


def _narrowed(slots: QuerySet[Slot], request: HttpRequest) -> QuerySet[Slot]:
    """The lessons that the address asks for."""
    if room := asked.text(request.GET, "room"):
        slots = slots.filter(room__code=room)
    if (number := asked.text(request.GET, "class")).isdecimal() and len(number) < 10:
        slots = slots.filter(school_class=int(number))
    if teacher := asked.text(request.GET, "teacher"):
        slots = slots.filter(teacher__public_id=teacher)
    return slots


@require_GET
@requires(Right.TIMETABLE_SCHEDULE_READ)
def versions(request: HttpRequest) -> HttpResponseBase:
    """All versions, with what each is today."""
    at = clock.utc_now()
    day = school_day(at)
    found = [(one, one.standing_on(day)) for one in ScheduleVersion.objects.select_related("order")]
    may_edit = holds(actor_of(request), Right.TIMETABLE_SCHEDULE_EDIT, at)
    return render(request, "timetable/versions.html", {"versions": found, "form": DraftForm(), "may_edit": may_edit})


@require_GET
@requires(Right.TIMETABLE_SCHEDULE_READ)
def version_page(request: HttpRequest, pk: int) -> HttpResponseBase:
    """One version: its week, its contradictions, and the next step of its way."""
    version, at = get_object_or_404(ScheduleVersion, pk=pk), clock.utc_now()
    person = actor_of(request)
    may_edit = holds(person, Right.TIMETABLE_SCHEDULE_EDIT, at)
    context = {
        "version": version,
        "standing": version.standing_on(school_day(at)),
        "week": week_of(version.slots.select_related("room", "school_class", "teacher")),
        "conflicts": conflicts(version),
        "is_draft": version.stage == Stage.DRAFT,
        "slot_form": SlotForm() if may_edit and version.stage == Stage.DRAFT else None,
        "consider_form": ConsiderForm() if may_edit and version.stage == Stage.DRAFT else None,
        "approve_form": ApproveForm()
        if version.stage == Stage.CONSIDERED and holds(person, Right.COUNCIL_ORDER_SIGN, at)
        else None,
    }
    return render(request, "timetable/version.html", context)


@require_POST
@requires(Right.TIMETABLE_SCHEDULE_EDIT)
def draft(request: HttpRequest) -> HttpResponseBase:
    """Begin a version."""
    form, person, at = DraftForm(request.POST), actor_of(request), clock.utc_now()
    if not form.is_valid():
        return render(request, "timetable/form.html", {"form": form, "title": _("New version")}, status=422)
    data = form.cleaned_data
    version = attempt(request, lambda: actions.draft_schedule(**data, by=person, at=at), _("A draft was begun."))
    return redirect("timetable:version", version.pk) if version else redirect("timetable:versions")


Step = tuple[type[forms.Form], Callable[..., Any], str, str]


def _step(name: str) -> Step:
    steps: dict[str, Step] = {
        "slot": (SlotForm, actions.add_slot, _("New lesson"), _("The lesson was added.")),
        "consider": (
            ConsiderForm,
            actions.consider_schedule,
            _("Considered at the staff meeting"),
            _("Recorded: the staff meeting considered the schedule."),
        ),
        "approve": (
            ApproveForm,
            actions.approve_schedule,
            _("Approve by an order"),
            _("The schedule is approved."),
        ),
    }
    if name not in steps:
        raise Http404
    return steps[name]


@require_POST
@requires(Right.TIMETABLE_SCHEDULE_READ)
def step(request: HttpRequest, pk: int, name: str) -> HttpResponseBase:
    """One step of a version's way: a lesson added, considered, approved. The act itself asks for its right."""
    form_class, act, title, done = _step(name)
    version, form = get_object_or_404(ScheduleVersion, pk=pk), form_class(request.POST)
    person, at = actor_of(request), clock.utc_now()
    if not form.is_valid():
        return render(request, "timetable/form.html", {"form": form, "title": title}, status=422)
    attempt(request, lambda: act(version=version, **form.cleaned_data, by=person, at=at), done)
    return redirect("timetable:version", version.pk)


@require_POST
@requires(Right.TIMETABLE_SCHEDULE_EDIT)
def remove_slot(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Take a lesson out of a draft."""
    slot = get_object_or_404(Slot.objects.select_related("version", "room", "school_class"), pk=pk)
    person, at = actor_of(request), clock.utc_now()
    attempt(request, lambda: actions.remove_slot(slot=slot, by=person, at=at), _("The lesson was taken out."))
    return redirect("timetable:version", slot.version_id)


@require_http_methods(["GET", "POST"])
@requires(Right.TIMETABLE_SCHEDULE_EDIT)
def exception(request: HttpRequest) -> HttpResponseBase:
    """Record an exception from the schedule."""
    form = ExceptionForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        person, at = actor_of(request), clock.utc_now()
        data = form.cleaned_data
        attempt(request, lambda: actions.record_exception(**data, by=person, at=at), _("The exception is recorded."))
        return redirect("timetable:week")
    status = 422 if form.errors else 200
    return render(request, "timetable/form.html", {"form": form, "title": _("Record an exception")}, status=status)
