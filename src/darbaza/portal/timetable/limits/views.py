"""The page of the table of screen time."""

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from darbaza import clock
from darbaza.portal.attempts import attempt
from darbaza.portal.people.rights import Right, actor_of, demand, holds, requires
from darbaza.portal.timetable.limits import actions
from darbaza.portal.timetable.limits.table import Limit, limits
from darbaza.portal.timetable.models import ScreenLimit

MOST_LINES = 8


class LimitForm(forms.Form):
    """One line; an empty one is none."""

    grade_from = forms.IntegerField(label=gettext_lazy("from grade"), min_value=0, max_value=12)
    grade_to = forms.IntegerField(label=gettext_lazy("to grade"), min_value=0, max_value=12)
    in_lesson = forms.IntegerField(label=gettext_lazy("minutes in a lesson"), min_value=1, max_value=480)
    in_day = forms.IntegerField(label=gettext_lazy("minutes in a day"), min_value=1, max_value=480)
    source = forms.CharField(label=gettext_lazy("source"), max_length=300, widget=forms.Textarea(attrs={"rows": 3}))


LimitFormSet = forms.formset_factory(LimitForm, extra=2, max_num=MOST_LINES, absolute_max=MOST_LINES, can_delete=True)


@require_http_methods(["GET", "POST"])
@requires(Right.TIMETABLE_SCHEDULE_READ)
def table(request: HttpRequest) -> HttpResponseBase:
    """The table in force, for those who work the schedule out as a form."""
    by, at = actor_of(request), clock.utc_now()
    if request.method == "POST":
        demand(by, Right.TIMETABLE_SCHEDULE_EDIT, at)
    lines = [
        {"grade_from": one.grade_from, "grade_to": one.grade_to, "in_lesson": one.in_lesson, "in_day": one.in_day,
         "source": one.source}
        for one in limits()
    ]  # fmt: skip
    forms_ = LimitFormSet(request.POST or None, initial=lines)
    if request.method == "POST" and forms_.is_valid():
        entered = [_limit(data) for data in forms_.cleaned_data if data and not data.get("DELETE")]
        attempt(request, lambda: actions.set_limits(table=entered, by=by, at=at), _("The table is in force."))
        return redirect("timetable:limits")
    context = {
        "forms": forms_ if holds(by, Right.TIMETABLE_SCHEDULE_EDIT, at) else None,
        "limits": limits(),
        "is_own": ScreenLimit.objects.exists(),
    }
    return render(request, "timetable/limits.html", context, status=422 if forms_.is_bound else 200)


def _limit(data: dict[str, Any]) -> Limit:
    return Limit(data["grade_from"], data["grade_to"], data["in_lesson"], data["in_day"], data["source"])
