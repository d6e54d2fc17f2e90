"""The page where a student asks from the device at which they are signed in, and sees the answers. No script."""

from datetime import datetime

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from darbaza import clock
from darbaza.portal.asked import text
from darbaza.portal.lessons import seating
from darbaza.portal.lessons.device_forms import LONGEST, number_for, read_number
from darbaza.portal.lessons.devices import device_of
from darbaza.portal.lessons.models import Binding
from darbaza.portal.people.models import PersonKind
from darbaza.portal.people.refusals import ActRefusedError
from darbaza.portal.permits import actions
from darbaza.portal.permits.forms import HereForm, usual_term
from darbaza.portal.permits.models import Permit
from darbaza.portal.permits.reading import standing_of
from darbaza.portal.permits.views import ask_by_form

SHOWN = 10
SALT = "darbaza.permits.here"


def binding_here(request: HttpRequest, at: datetime) -> Binding | None:
    """The sign-in of a student at the device behind a request."""
    device = device_of(request)
    binding = seating.binding_of(device, at) if device is not None else None
    return binding if binding is not None and binding.person.kind == PersonKind.STUDENT else None


@never_cache
@require_http_methods(["GET", "POST"])
def ask_here(request: HttpRequest) -> HttpResponseBase:
    """Ask for a permission under one's own name, once by each form; what came of earlier requests stands below."""
    at = clock.utc_now()
    binding = binding_here(request, at)
    if binding is None:
        return redirect("captive")
    asked = {"resources": text(request.GET, "host", 500), "until": usual_term(at)["until"]}
    form = HereForm(request.POST or None, at=at, initial=asked)
    refused = None
    if request.method == "POST" and form.is_valid():
        try:
            number = read_number(text(request.POST, "form", LONGEST), binding, SALT, "3.2")
            ask_by_form(form, binding.person, number)
        except ActRefusedError as error:
            refused = error
        else:
            return redirect("captive-permit")
    return page(request, binding, form, refused, at)


def page(
    request: HttpRequest, binding: Binding, form: HereForm, refused: ActRefusedError | None, at: datetime
) -> HttpResponse:
    """The form, and the student's own requests."""
    student = binding.person
    own = Permit.objects.filter(person=student).prefetch_related("resources")[:SHOWN]
    rows = [(one, standing_of(one, at)) for one in own]
    context = {
        "student": student,
        "form": form,
        "number": number_for(binding, SALT),
        "refused": refused,
        "rows": rows,
    }
    return render(request, "permits/here.html", context, status=422 if request.method == "POST" else 200)


@never_cache
@require_POST
def withdraw_here(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Withdraw one's own request; one that was answered meanwhile stays as it was answered."""
    at = clock.utc_now()
    binding = binding_here(request, at)
    if binding is None:
        raise Http404
    permit = get_object_or_404(Permit, pk=pk, person=binding.person)
    try:
        actions.withdraw(permit=permit, by=binding.person, at=at)
    except ActRefusedError as refused:
        return page(request, binding, HereForm(at=at, initial=usual_term(at)), refused, at)
    return redirect("captive-permit")
