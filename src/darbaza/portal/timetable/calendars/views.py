"""Pages of the calendar: all editions, one year at a glance, the form."""

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from darbaza import clock
from darbaza.portal.attempts import attempt
from darbaza.portal.people.rights import Right, actor_of, holds, requires
from darbaza.portal.timetable.calendars import actions
from darbaza.portal.timetable.calendars.forms import CalendarForm, initial_of
from darbaza.portal.timetable.calendars.months import months_of
from darbaza.portal.timetable.models import Calendar, Slot, Weekday, Weeks

CALENDARS = Calendar.objects.prefetch_related("quarters", "days_off", "bells", "shifts__school_class")


@require_GET
@requires(Right.TIMETABLE_SCHEDULE_READ)
def calendars(request: HttpRequest) -> HttpResponseBase:
    """All editions of all years."""
    may_edit = holds(actor_of(request), Right.TIMETABLE_SCHEDULE_EDIT, clock.utc_now())
    return render(request, "timetable/calendars.html", {"calendars": CALENDARS.all(), "may_edit": may_edit})


@require_GET
@requires(Right.TIMETABLE_SCHEDULE_READ)
def calendar_page(request: HttpRequest, pk: int) -> HttpResponseBase:
    """One year: its months with days off, its quarters and bells."""
    calendar = get_object_or_404(CALENDARS, pk=pk)
    may_edit = holds(actor_of(request), Right.TIMETABLE_SCHEDULE_EDIT, clock.utc_now())
    context = {
        "calendar": calendar,
        "months": months_of(calendar),
        "weekdays": [label for _number, label in Weekday.choices],
        "spans": sorted(calendar.spans_off(), key=lambda span: span.first),
        "taking_turns": Slot.objects.filter(version__calendar=calendar).exclude(weeks=Weeks.EVERY).exists(),
        "may_edit": may_edit,
        "is_fixed": calendar.is_fixed(),
    }
    return render(request, "timetable/calendar.html", context)


@require_http_methods(["GET", "POST"])
@requires(Right.TIMETABLE_SCHEDULE_EDIT)
def make(request: HttpRequest) -> HttpResponseBase:
    """Make a calendar; the latest one's days and bells are proposed."""
    latest = CALENDARS.first()
    form = CalendarForm(request.POST or None, initial=initial_of(latest) if latest else None)
    if request.method == "POST" and form.is_valid():
        by, at = actor_of(request), clock.utc_now()
        made = attempt(
            request,
            lambda: actions.make_calendar(school_year=form.cleaned_data["school_year"], year=form.year(), by=by, at=at),
            _("The calendar was made."),
        )
        if made:
            return redirect("timetable:calendar", made.pk)
    return _form(request, form, _("New calendar"))


@require_http_methods(["GET", "POST"])
@requires(Right.TIMETABLE_SCHEDULE_EDIT)
def change(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Change an edition on which nothing rests yet."""
    calendar = get_object_or_404(CALENDARS, pk=pk)
    form = CalendarForm(request.POST or None, initial=initial_of(calendar))
    form.fields["school_year"].disabled = True
    if request.method == "POST" and form.is_valid():
        by, at = actor_of(request), clock.utc_now()
        attempt(
            request,
            lambda: actions.change_calendar(calendar=calendar, year=form.year(), by=by, at=at),
            _("The calendar was changed."),
        )
        return redirect("timetable:calendar", pk)
    return _form(request, form, _("Change the calendar"))


def _form(request: HttpRequest, form: CalendarForm, title: str) -> HttpResponseBase:
    status = 422 if form.errors else 200
    return render(request, "timetable/calendar_form.html", {"form": form, "title": title}, status=status)
