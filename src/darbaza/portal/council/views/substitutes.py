"""Who stands in for whom: by a draft that the director signs, or at once in an emergency. Fit for a phone."""

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from darbaza import clock
from darbaza.portal import asked
from darbaza.portal.attempts import attempt
from darbaza.portal.council.models import Emergency, OrderDraft, OrderKind
from darbaza.portal.council.orders import drafts, emergencies
from darbaza.portal.council.orders.forms import AbsentForm, SubstituteForm, absent_people
from darbaza.portal.council.orders.signing import Wording
from darbaza.portal.people.models import Person
from darbaza.portal.people.rights import Right, actor_of, requires


@require_http_methods(["GET", "POST"])
@requires(Right.COUNCIL_ORDER_DRAFT)
def substitute(request: HttpRequest) -> HttpResponseBase:
    """Who is absent; then who stands in, until when, with which duties; then the draft, which the director signs."""
    return in_two_steps(request, emergency=False)


@require_http_methods(["GET", "POST"])
@requires(Right.COUNCIL_EMERGENCY_ACT)
def new_emergency(request: HttpRequest) -> HttpResponseBase:
    """The same at once, where the director cannot be reached."""
    return in_two_steps(request, emergency=True)


def in_two_steps(request: HttpRequest, *, emergency: bool) -> HttpResponseBase:
    """First whom somebody is to stand in for, which decides on the duties; then the rest."""
    at = clock.utc_now()
    absent = absent_people(at, emergency=emergency).filter(public_id=asked.text(request.GET, "absent")).first()
    if absent is None:
        context = {"form": AbsentForm(at=at, emergency=emergency), "emergency": emergency}
        return render(request, "council/absent.html", context)
    form = SubstituteForm(request.POST or None, absent=absent, at=at, emergency=emergency)
    if request.method == "POST" and form.is_valid():
        done = act(request, form) if emergency else write(request, form, absent)
        if done is not None:
            return done
    status = 422 if request.method == "POST" else 200
    context = {"form": form, "absent": absent, "emergency": emergency}
    return render(request, "council/substitute.html", context, status=status)


def write(request: HttpRequest, form: SubstituteForm, absent: Person) -> HttpResponseBase | None:
    """Draft the order on the substitution."""
    given = form.cleaned_data
    text = _("%(absent)s is absent (%(reason)s). For that time %(name)s stands in.")
    names = {"absent": absent.full_name, "name": given["person"].full_name, "reason": given["reason"]}
    wording = Wording(OrderKind.SUBSTITUTE, text % names, form.points(), in_force_until=given["ends"])
    draft: OrderDraft | None = attempt(
        request,
        lambda: drafts.draft_order(wording=wording, by=actor_of(request), at=clock.utc_now()),
        _("The draft waits for the director's signature."),
    )
    return redirect("council:draft", draft.pk) if draft else None


def act(request: HttpRequest, form: SubstituteForm) -> HttpResponseBase | None:
    """Give the duties at once, all of them or none."""
    given = form.cleaned_data
    done = attempt(
        request,
        lambda: emergencies.give_all_in_emergency(
            points=form.points(), reason=given["reason"], until=given["ends"], by=actor_of(request), at=clock.utc_now()
        ),
        _("Done. It lapses unless the director signs an order in time."),
    )
    return redirect("council:emergencies") if done else None


@require_GET
@requires(Right.COUNCIL_ORDER_READ)
def emergency_list(request: HttpRequest) -> HttpResponseBase:
    """What was done without the director: standing, ratified, lapsed or ended."""
    found = Emergency.objects.select_related("person", "instead_of", "school_class", "by", "ratified_by", "ended_by")
    at = clock.utc_now()
    listed = [(one, one.stands(at)) for one in found[:200]]
    return render(request, "council/emergencies.html", {"emergencies": listed})


@require_POST
@requires(Right.COUNCIL_ORDER_DRAFT)
def end_emergency(request: HttpRequest, pk: int) -> HttpResponseBase:
    """End what was done in an emergency."""
    emergency = get_object_or_404(Emergency, pk=pk)
    attempt(
        request,
        lambda: emergencies.end_emergency(emergency=emergency, by=actor_of(request), at=clock.utc_now()),
        _("Ended. The duty is gone."),
    )
    return redirect("council:emergencies")
