"""What a student reports from a device: a form and its answer, without scripts, for any mini-browser (3.4)."""

from datetime import datetime

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from darbaza import clock
from darbaza.portal import asked
from darbaza.portal.chosen_language import in_chosen_language
from darbaza.portal.incidents import student_reports
from darbaza.portal.incidents.models import StudentReport
from darbaza.portal.incidents.student_reports import Said
from darbaza.portal.lessons.device_forms import LONGEST, bound_at, number_for, read_number
from darbaza.portal.lessons.devices import device_of
from darbaza.portal.lessons.models import Binding
from darbaza.portal.people.refusals import ActRefusedError

SALT = "darbaza report"
ASK_AGAIN = 20
"""Seconds after which the page of an unanswered report asks again; nothing can be typed on it, so nothing is lost."""
LONGEST_RESOURCE = 300


@never_cache
@require_http_methods(["GET", "POST"])
def report(request: HttpRequest) -> HttpResponseBase:
    """The form, filled in with the page it was opened for; or the report itself."""
    at = clock.utc_now()
    device = device_of(request)
    binding = bound_at(device) if device else None
    if request.method == "GET" or device is None or binding is None:
        return in_chosen_language(request, form_page(request, binding, at))
    try:
        made = student_reports.report_from_device(said=_said(request, binding), device=device, at=at)
    except ActRefusedError as refused:
        return form_page(request, binding, at, refused)
    return redirect("report-answer", made.public_id)


def _said(request: HttpRequest, binding: Binding) -> Said:
    nonce = read_number(asked.text(request.POST, "form", LONGEST), binding, SALT, "3.4")
    kind = asked.text(request.POST, "kind")
    resource = asked.text(request.POST, "resource", LONGEST_RESOURCE)
    text, named = asked.text(request.POST, "text", LONGEST_RESOURCE), "unnamed" not in request.POST
    return Said(nonce, kind, resource, text, named)


def form_page(
    request: HttpRequest, binding: Binding | None, at: datetime, refused: ActRefusedError | None = None
) -> HttpResponseBase:
    """The form with the pages that were open here last; the words typed stay if it was refused."""
    asked_for = request.POST if request.method == "POST" else request.GET
    context = {
        "binding": binding,
        "form": number_for(binding, SALT) if binding else "",
        "resource": asked.text(asked_for, "resource", LONGEST_RESOURCE),
        "text": asked.text(asked_for, "text", LONGEST_RESOURCE),
        "seen": student_reports.hosts_seen(binding.device, binding.person, at) if binding else [],
        "adult": student_reports.said_of(student_reports.adult_for(binding.person, at)) if binding else "",
        "unnamed": "unnamed" in asked_for,
        "refused": refused,
    }
    return render(request, "incidents/report.html", context, status=403 if refused else 200)


@never_cache
@require_GET
def answer(request: HttpRequest, public_id: str) -> HttpResponseBase:
    """What came of a report, for whoever made it: the page asks again by itself until it is judged."""
    device = device_of(request)
    binding = bound_at(device) if device else None
    found = StudentReport.objects.select_related("report", "hold", "adult", "session__supervisor")
    made = get_object_or_404(found, public_id=public_id, student=binding.person if binding else None)
    waits = made.taken_at is None if made.report is None else made.report.answered_at is None
    adult = student_reports.said_of(made.adult)
    page = render(request, "incidents/report_answer.html", {"made": made, "waits": waits, "adult": adult})
    if waits:
        page["Refresh"] = str(ASK_AGAIN)
    return page
