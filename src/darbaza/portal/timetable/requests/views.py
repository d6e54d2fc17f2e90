"""Pages of teachers' requests."""

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from darbaza import clock
from darbaza.portal import asked
from darbaza.portal.attempts import attempt
from darbaza.portal.people.models import Person, PersonKind, SchoolClass
from darbaza.portal.people.rights import Right, actor_of, holds, requires
from darbaza.portal.rooms.models import Room
from darbaza.portal.school_time import school_day
from darbaza.portal.timetable.models import Calendar, SlotRequest, Weekday
from darbaza.portal.timetable.requests import actions
from darbaza.portal.timetable.years import SchoolYearField, school_year_of

ANY = [("", gettext_lazy("any"))]


class RequestForm(forms.Form):
    """What a teacher asks for. Whoever works the schedule out names the teacher too."""

    teacher = forms.ModelChoiceField(
        Person.objects.filter(kind=PersonKind.STAFF, active=True), label=gettext_lazy("Teacher")
    )
    school_year = SchoolYearField()
    school_class = forms.ModelChoiceField(SchoolClass.objects.all(), label=gettext_lazy("Class"))
    subject = forms.CharField(label=gettext_lazy("Subject"), max_length=80)
    purpose = forms.CharField(
        label=gettext_lazy("Educational purpose"),
        max_length=200,
        help_text=gettext_lazy("What the internet serves in this lesson (2.3)."),
    )
    lessons = forms.IntegerField(label=gettext_lazy("Lessons a week"), min_value=1, max_value=12, initial=1)
    screen_minutes = forms.IntegerField(
        label=gettext_lazy("Minutes at the screen"), min_value=1, max_value=240, required=False
    )
    room = forms.ModelChoiceField(
        Room.objects.all(), label=gettext_lazy("Wish: room"), required=False, empty_label=gettext_lazy("any")
    )
    weekday = forms.TypedChoiceField(
        label=gettext_lazy("Wish: day of the week"),
        choices=[*ANY, *Weekday.choices[:6]],
        coerce=int,
        empty_value=None,
        required=False,
    )
    lesson = forms.IntegerField(
        label=gettext_lazy("Wish: which lesson of the day"), min_value=1, max_value=12, required=False
    )


@require_http_methods(["GET", "POST"])
@requires(Right.TIMETABLE_SLOT_ASK)
def requests(request: HttpRequest) -> HttpResponseBase:
    """One's own requests, or all of them for whoever answers; and the form for a new one."""
    by, at = actor_of(request), clock.utc_now()
    may_answer = holds(by, Right.TIMETABLE_SCHEDULE_EDIT, at)
    latest = Calendar.objects.first()
    year = latest.school_year if latest else school_year_of(school_day(at))
    form = RequestForm(request.POST or None, initial={"school_year": year})
    if not may_answer:
        del form.fields["teacher"]
    if request.method == "POST" and form.is_valid():
        data: dict[str, Any] = dict(form.cleaned_data)
        teacher = data.pop("teacher", by)
        attempt(
            request,
            lambda: actions.ask_for_slots(wish=actions.Wish(**data), teacher=teacher, by=by, at=at),
            _("The request was made. The person responsible for ICT answers it."),
        )
        return redirect("timetable:requests")
    found = SlotRequest.objects.select_related("teacher", "school_class", "room", "answered_by")
    context = {
        "requests": found if may_answer else found.filter(teacher=by),
        "form": form,
        "may_answer": may_answer,
        "me": by,
    }
    return render(request, "timetable/requests.html", context, status=422 if form.errors else 200)


@require_POST
@requires(Right.TIMETABLE_SLOT_ASK)
def answer(request: HttpRequest, pk: int, name: str) -> HttpResponseBase:
    """Accept, decline or withdraw. The act itself asks for its right."""
    found = get_object_or_404(SlotRequest, pk=pk)
    by, at = actor_of(request), clock.utc_now()
    reason = asked.text(request.POST, "reason", 200)
    acts = {
        "accept": (lambda: actions.accept_request(request=found, by=by, at=at), _("The request is accepted.")),
        "decline": (
            lambda: actions.decline_request(request=found, reason=reason, by=by, at=at),
            _("The request is declined."),
        ),
        "withdraw": (lambda: actions.withdraw_request(request=found, by=by, at=at), _("The request is withdrawn.")),
    }
    act, done = acts[name]
    attempt(request, act, done)
    return redirect("timetable:requests")
