"""Pages of incidents between people. An incident that somebody may not read is not there for them."""

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from darbaza import clock
from darbaza.portal.asked import text
from darbaza.portal.attempts import attempt
from darbaza.portal.harm import actions
from darbaza.portal.harm.forms import IncidentForm
from darbaza.portal.harm.models import HarmIncident, HarmState, Outcome
from darbaza.portal.harm.reading import awaits_commission, commissions, is_chair, is_in_charge, readable_by, readers_of
from darbaza.portal.incidents.models import StudentReport
from darbaza.portal.people.rights import Right, actor_of, person_of, requires, rights_of

MOST = 100


@require_GET
@login_required
def incidents(request: HttpRequest) -> HttpResponseBase:
    """The incidents that a person may read."""
    person = person_of(request)
    if person is None:
        return render(request, "no_person.html", status=403)
    return render(request, "harm/list.html", {"incidents": readable_by(person, clock.utc_now())[:MOST]})


@require_http_methods(["GET", "POST"])
@requires(Right.HARM_INCIDENT_RECORD)
def new(request: HttpRequest) -> HttpResponseBase:
    """Record an incident; from what a student told, with the student."""
    person, at = actor_of(request), clock.utc_now()
    asked = text(request.GET, "report")
    report = get_object_or_404(StudentReport, public_id=asked, adult=person) if asked else None
    form = IncidentForm(request.POST or None, initial={"text": report.text if report else ""})
    if report is not None:
        del form.fields["about"]
    if request.method == "POST" and form.is_valid():
        entered = form.cleaned_data
        made = attempt(
            request,
            lambda: actions.record_incident(
                kind=entered["kind"], text=entered["text"], about=entered.get("about"), report=report, by=person, at=at
            ),
            _("Recorded. Settle it, or put it before the commission."),
        )
        if made is not None:
            return redirect("harm:incident", made.public_id)
    status = 422 if request.method == "POST" else 200
    return render(request, "harm/new.html", {"form": form, "report": report}, status=status)


def readable(request: HttpRequest, public_id: str) -> HarmIncident:
    """An incident, if whoever asks may read it; as if there were none otherwise."""
    person = person_of(request)
    if person is None:
        raise Http404
    return get_object_or_404(readable_by(person, clock.utc_now()), public_id=public_id)


@require_GET
@login_required
def incident(request: HttpRequest, public_id: str) -> HttpResponse:
    """One incident, who reads it, and what whoever looks may do."""
    found, person, at = readable(request, public_id), actor_of(request), clock.utc_now()
    in_charge = is_in_charge(person, found, at)
    context = {
        "incident": found,
        "readers": readers_of(found, at),
        "commissions": commissions(at) if in_charge and awaits_commission(found, at) else (),
        "may_settle": in_charge and found.state == HarmState.NOTED,
        "may_refer": in_charge and awaits_commission(found, at),
        "may_conclude": found.state == HarmState.REFERRED and is_chair(person, found, at),
        "outcomes": Outcome.choices,
        "drafts": Right.COUNCIL_ORDER_DRAFT in rights_of(person, at),
    }
    return render(request, "harm/incident.html", context)


@require_POST
@login_required
def act(request: HttpRequest, public_id: str, name: str) -> HttpResponseBase:
    """Put an incident before a commission, settle it, or conclude."""
    found, by, at = readable(request, public_id), actor_of(request), clock.utc_now()
    if name == "refer":
        number = text(request.POST, "commission", 12)
        chosen = get_object_or_404(commissions(at), pk=int(number) if number.isdecimal() else 0)
        attempt(
            request,
            lambda: actions.refer(incident=found, commission=chosen, by=by, at=at),
            _("The commission has it; its members were told."),
        )
    elif name == "settle":
        reason = text(request.POST, "reason", actions.LONGEST)
        attempt(request, lambda: actions.settle(incident=found, reason=reason, by=by, at=at), _("Settled."))
    elif name == "conclude":
        outcome, finding = text(request.POST, "outcome"), text(request.POST, "finding", actions.LONGEST)
        attempt(
            request,
            lambda: actions.conclude(incident=found, outcome=outcome, finding=finding, by=by, at=at),
            _("The finding is recorded."),
        )
    else:
        raise Http404
    return redirect("harm:incident", public_id)
