"""Pages of the schedule: the week in force, versions with their acts, exceptions."""

from collections.abc import Callable
from dataclasses import asdict
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from darbaza import clock
from darbaza.portal import asked
from darbaza.portal.attempts import attempt
from darbaza.portal.people.models import Person, SchoolClass
from darbaza.portal.people.rights import Right, actor_of, holds, requires
from darbaza.portal.rooms.models import Room
from darbaza.portal.school_time import school_day
from darbaza.portal.timetable import actions
from darbaza.portal.timetable.checks import STOPPING, Finding, Kind, class_sizes, counts, findings, grouped, shares
from darbaza.portal.timetable.differences import differences
from darbaza.portal.timetable.drafting.gather import requests_of
from darbaza.portal.timetable.experts.views import CommentForm, InviteForm, NameForm
from darbaza.portal.timetable.forms import (
    ApproveForm,
    ConsiderationsForm,
    ConsiderForm,
    DraftForm,
    ExceptionForm,
    SlotForm,
)
from darbaza.portal.timetable.models import (
    Cancellation,
    Closure,
    ScheduleException,
    ScheduleVersion,
    Slot,
    Stage,
)
from darbaza.portal.timetable.week import monday_of, narrowed, week_from, week_of
from darbaza.portal.timetable.years import school_year_of

ONE_DAY, A_WEEK = timedelta(days=1), timedelta(weeks=1)


@require_GET
@requires(Right.TIMETABLE_SCHEDULE_READ)
def week(request: HttpRequest) -> HttpResponseBase:
    """One week of the year by the version in force, of everybody or of one room, class or teacher."""
    at = clock.utc_now()
    monday = monday_of(_asked_day(request) or school_day(at))
    version = ScheduleVersion.in_force_on(monday) or ScheduleVersion.in_force_on(monday + A_WEEK - ONE_DAY)
    slots = version.slots.select_related("room", "school_class", "teacher") if version else Slot.objects.none()
    person = actor_of(request)
    context = {
        "version": version,
        "week": narrowed(week_from(monday), _narrowed(slots, request)),
        "monday": monday,
        "before": (monday - A_WEEK).isoformat(),
        "after": (monday + A_WEEK).isoformat(),
        "rooms": Room.objects.filter(slots__in=slots).distinct(),
        "classes": SchoolClass.objects.filter(slots__in=slots).distinct(),
        "teaches": slots.filter(teacher=person).exists(),
        "kept": _kept(request),
        "chosen": {key: request.GET.get(key, "") for key in ("room", "class", "teacher")},
        "me": person.public_id,
        "may_edit": holds(person, Right.TIMETABLE_SCHEDULE_EDIT, at),
        **_departures(at),
    }
    return render(request, "timetable/week.html", context)


def _kept(request: HttpRequest) -> str:
    """The narrowing of the address, to be kept while weeks are turned."""
    given = {key: asked.text(request.GET, key) for key in ("room", "class", "teacher")}
    chosen = {key: value for key, value in given.items() if value}
    return f"&{urlencode(chosen)}" if chosen else ""


def _asked_day(request: HttpRequest) -> date | None:
    """The day that the address names, if it is one within reach of the calendar."""
    try:
        day = date.fromisoformat(asked.text(request.GET, "day"))
    except ValueError:
        return None
    return day if 2000 <= day.year <= 2100 else None


def _departures(at: datetime) -> dict[str, object]:
    """What departs from the schedule from now on."""
    today = school_day(at)
    coming = Cancellation.objects.filter(day__gte=today)
    return {
        "exceptions": ScheduleException.objects.filter(until__gt=at).select_related("room", "school_class", "teacher"),
        "cancellations": coming.select_related("slot__school_class", "slot__room", "moved_to__room"),
        "closures": Closure.objects.filter(last__gte=today),
    }


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
    form = DraftForm(initial={"school_year": school_year_of(day)})
    return render(request, "timetable/versions.html", {"versions": found, "form": form, "may_edit": may_edit})


@require_GET
@requires(Right.TIMETABLE_SCHEDULE_READ)
def version_page(request: HttpRequest, pk: int) -> HttpResponseBase:
    """One version: its week, its contradictions, and the next step of its way."""
    version, at = get_object_or_404(ScheduleVersion, pk=pk), clock.utc_now()
    person = actor_of(request)
    may_edit = holds(person, Right.TIMETABLE_SCHEDULE_EDIT, at)
    found = findings(version, school_day(at))
    context = {
        "version": version,
        "standing": version.standing_on(school_day(at)),
        "week": week_of(version.slots.select_related("room", "school_class", "teacher")),
        "counted": _counted(found),
        "stopping": any(one.kind in STOPPING for one in found),
        "waiting": _waiting(version),
        "contributors": version.contributors.all(),
        "comments": version.comments.select_related("contributor", "person"),
        "now": at,
        "comment_form": CommentForm() if version.stage == Stage.DRAFT else None,
        "name_form": NameForm() if may_edit and version.stage == Stage.DRAFT else None,
        "invite_form": InviteForm() if may_edit and version.stage == Stage.DRAFT else None,
        "is_draft": version.stage == Stage.DRAFT,
        "slot_form": SlotForm().of(version) if may_edit and version.stage == Stage.DRAFT else None,
        "reasons": actions.considerations_of(version),
        "reasons_form": ConsiderationsForm(initial=asdict(actions.considerations_of(version)))
        if may_edit and version.stage == Stage.DRAFT
        else None,
        "consider_form": ConsiderForm(initial={"meeting": school_day(at)})
        if may_edit and version.stage == Stage.DRAFT
        else None,
        "approve_form": ApproveForm(initial=term_of(version, at))
        if version.stage == Stage.CONSIDERED and holds(person, Right.COUNCIL_ORDER_SIGN, at)
        else None,
    }
    return render(request, "timetable/version.html", context)


def _waiting(version: ScheduleVersion) -> int:
    """Lessons of accepted requests that do not stand in a version yet."""
    asked_for = sum(one.lessons for one in requests_of(version))
    return max(0, asked_for - version.slots.filter(request__isnull=False).count())


def _counted(found: list[Finding]) -> list[tuple[str, int]]:
    return [(str(Kind(kind).label), count) for kind, count in counts(found).items()]


@require_GET
@requires(Right.TIMETABLE_SCHEDULE_READ)
def checks_page(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Everything that speaks against a version, by kind and subject, and each class's share of hours."""
    version, day = get_object_or_404(ScheduleVersion, pk=pk), school_day(clock.utc_now())
    found = findings(version, day)
    context = {
        "version": version,
        "groups": grouped(found),
        "counted": _counted(found),
        "stopping": any(one.kind in STOPPING for one in found),
        "shares": shares(version.slots.select_related("school_class"), class_sizes(day)),
    }
    return render(request, "timetable/checks.html", context)


@require_GET
@requires(Right.TIMETABLE_SCHEDULE_READ)
def differences_page(request: HttpRequest, pk: int) -> HttpResponseBase:
    """What a version has otherwise than another: the one that is asked for, or the one before it."""
    version = get_object_or_404(ScheduleVersion, pk=pk)
    others = ScheduleVersion.objects.exclude(pk=pk).order_by("-pk")
    number = asked.text(request.GET, "from")
    wanted = others.filter(pk=int(number)).first() if number.isdecimal() and len(number) < 10 else None
    other = wanted or others.filter(pk__lt=pk).first() or others.first()
    context = {
        "version": version,
        "other": other,
        "others": others[:20],
        "differences": differences(other, version) if other else None,
    }
    return render(request, "timetable/differences.html", context)


def term_of(version: ScheduleVersion, at: datetime) -> dict[str, date]:
    """From tomorrow, or from the school year's first day if that is later, to the year's end."""
    tomorrow = school_day(at) + timedelta(days=1)
    if version.calendar is None:
        return {"since": tomorrow}
    return {"since": max(tomorrow, version.calendar.first), "until": version.calendar.last + timedelta(days=1)}


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
        "considerations": (
            ConsiderationsForm,
            _answer,
            _("What guides the schedule"),
            _("The four considerations are recorded."),
        ),
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


def _answer(
    *, version: ScheduleVersion, law: str, experience: str, interests: str, aims: str, by: Person, at: datetime
) -> None:
    answers = actions.Considerations(law, experience, interests, aims)
    actions.answer_considerations(version=version, answers=answers, by=by, at=at)


@require_POST
@requires(Right.TIMETABLE_SCHEDULE_READ)
def step(request: HttpRequest, pk: int, name: str) -> HttpResponseBase:
    """One step of a version's way: a lesson added, considered, approved. The act itself asks for its right."""
    form_class, act, title, done = _step(name)
    version, form = get_object_or_404(ScheduleVersion, pk=pk), form_class(request.POST)
    if isinstance(form, SlotForm):
        form = form.of(version)
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
