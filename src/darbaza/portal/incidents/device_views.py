"""What a student reports from a device: a form and its answer, without scripts, for any mini-browser (3.4).

A form counts only from the device and the sign-in for which it was made, for an hour, and once.
"""

from datetime import datetime, timedelta
from secrets import token_hex

from django.core import signing
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from darbaza import clock
from darbaza.portal import asked
from darbaza.portal.chosen_language import in_chosen_language
from darbaza.portal.incidents import student_reports
from darbaza.portal.incidents.models import StudentReport
from darbaza.portal.incidents.student_reports import Said
from darbaza.portal.lessons.devices import device_of
from darbaza.portal.lessons.models import Binding
from darbaza.portal.people.refusals import ActRefusedError

SALT = "darbaza report"
FORM_HOLDS = timedelta(hours=1)
LONGEST_FORM = 400
ASK_AGAIN = 20
"""Seconds after which the page of an unanswered report asks again; nothing can be typed on it, so nothing is lost."""
LONGEST_RESOURCE = 300


@never_cache
@require_http_methods(["GET", "POST"])
def report(request: HttpRequest) -> HttpResponseBase:
    """The form, filled in with the page it was opened for; or the report itself."""
    at = clock.utc_now()
    device = device_of(request)
    binding = binding_at(device.pk) if device else None
    if request.method == "GET" or device is None or binding is None:
        return in_chosen_language(request, form_page(request, binding, at))
    try:
        made = student_reports.report_from_device(said=_said(request, binding), device=device, at=at)
    except ActRefusedError as refused:
        return form_page(request, binding, at, refused)
    return redirect("report-answer", made.public_id)


def binding_at(device: int) -> Binding | None:
    """Who is signed in at a device."""
    found = Binding.objects.filter(device=device, ended__isnull=True)
    return found.select_related("person", "session__supervisor", "device").first()


def token_for(binding: Binding) -> str:
    """The number of a new form, good for one device and one sign-in."""
    return signing.dumps([binding.device_id, binding.pk, token_hex(12)], salt=SALT)


def read_form(token: str, binding: Binding) -> str:
    """The number of a form that was made for this device and sign-in; ActRefusedError for any other."""
    try:
        device, number, nonce = signing.loads(token, salt=SALT, max_age=FORM_HOLDS)
    except (signing.BadSignature, ValueError):
        device, number, nonce = 0, 0, ""
    if (device, number) != (binding.device_id, binding.pk):
        raise ActRefusedError(_("This form was not made for you, or is too old. Send it once more."), "3.4")
    return str(nonce)


def _said(request: HttpRequest, binding: Binding) -> Said:
    nonce = read_form(asked.text(request.POST, "form", LONGEST_FORM), binding)
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
        "form": token_for(binding) if binding else "",
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
    binding = binding_at(device.pk) if device else None
    found = StudentReport.objects.select_related("report", "hold", "adult", "session__supervisor")
    made = get_object_or_404(found, public_id=public_id, student=binding.person if binding else None)
    waits = made.taken_at is None if made.report is None else made.report.answered_at is None
    adult = student_reports.said_of(made.adult)
    page = render(request, "incidents/report_answer.html", {"made": made, "waits": waits, "adult": adult})
    if waits:
        page["Refresh"] = str(ASK_AGAIN)
    return page
