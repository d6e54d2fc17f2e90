"""Permissions on screen: the list with its filters, a request with what it would open, the answers."""

import re
from secrets import token_hex

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from darbaza import clock
from darbaza.portal.asked import text
from darbaza.portal.attempts import attempt
from darbaza.portal.people.models import Person
from darbaza.portal.people.rights import Right, actor_of, requires, rights_of
from darbaza.portal.permits import actions
from darbaza.portal.permits.forms import AskForm, GrantForm, usual_term
from darbaza.portal.permits.models import Permit, PermitKind, PermitState
from darbaza.portal.permits.reading import (
    FILTERS,
    effects_of,
    filtered,
    standing_of,
    students_for,
    visible_to,
    waiting_for,
)
from darbaza.portal.permits.seen import seen_of

ON_A_PAGE = 30
LONGEST_NUMBER = 40
ONE_TIME = re.compile(r"[0-9a-f]{32}")


@require_GET
@requires(Right.PERMITS_PERMIT_ASK)
def permit_list(request: HttpRequest) -> HttpResponseBase:
    """The permissions that concern whoever looks, the latest first; each filter is a link."""
    person, at = actor_of(request), clock.utc_now()
    wanted = request.GET.get("show", "")
    wanted = wanted if wanted in FILTERS else "all"
    page = Paginator(filtered(visible_to(person, at), wanted, at), ON_A_PAGE).get_page(request.GET.get("page"))
    rows = [(one, standing_of(one, at)) for one in page]
    context = {"page": page, "rows": rows, "wanted": wanted, "filters": FILTERS.items(), "at": at}
    return render(request, "permits/list.html", context)


@require_http_methods(["GET", "POST"])
@requires(Right.PERMITS_PERMIT_ASK)
def new_permit(request: HttpRequest) -> HttpResponseBase:
    """Ask for a permission, for oneself or for a student."""
    person, at = actor_of(request), clock.utc_now()
    number = number_of_form(request)
    asked = {"resources": text(request.GET, "host", 500), "kind": text(request.GET, "kind")}
    form = AskForm(request.POST or None, initial=usual_term(at) | asked)
    students = students_for(person, at) if Right.PERMITS_PERMIT_ENTER in rights_of(person, at) else None
    if students is None:
        del form.fields["person"]
    else:
        form.fields["person"].queryset = students  # type: ignore[attr-defined] # a field of models
    if request.method == "POST" and form.is_valid():
        made = attempt(request, lambda: ask_by_form(form, person, number), _("The person responsible has the request."))
        if made is not None:
            return redirect("permits:permit", made.pk)
    return render(
        request, "permits/new.html", {"form": form, "number": number}, status=422 if request.method == "POST" else 200
    )


def number_of_form(request: HttpRequest) -> str:
    """The one-time number that the form carries, or a new one where it carries none."""
    number = text(request.POST, "form", LONGEST_NUMBER)
    return number if ONE_TIME.fullmatch(number) else token_hex(16)


def ask_by_form(form: AskForm, by: Person, number: str) -> Permit:
    """Ask for what a form says; `number` tells it from all others."""
    entered = form.cleaned_data
    return actions.ask(
        kind=entered["kind"],
        person=entered.get("person") or by,
        scope=form.scope(),
        purpose=entered["purpose"],
        file_kind=entered["file_kind"],
        file_size=entered["file_size"],
        form=number,
        by=by,
        at=clock.utc_now(),
    )


def visible_permit(request: HttpRequest, pk: int) -> Permit:
    """A permission, if whoever asks may see it; as if there were none otherwise."""
    return get_object_or_404(visible_to(actor_of(request), clock.utc_now()), pk=pk)


@require_GET
@requires(Right.PERMITS_PERMIT_ASK)
def permit_page(request: HttpRequest, pk: int) -> HttpResponseBase:
    """One permission, as it is printed, with the forms of whoever may act on it."""
    return page_of(request, visible_permit(request, pk))


def page_of(request: HttpRequest, permit: Permit, form: GrantForm | None = None) -> HttpResponse:
    """The page, with the form of the decision as it was filled in."""
    person, at = actor_of(request), clock.utc_now()
    decides = waiting_for(person, at).filter(pk=permit.pk).exists()
    seen = seen_of(permit, at) if decides else ()
    context = {
        "permit": permit,
        "standing": standing_of(permit, at),
        "form": (form or GrantForm.of(permit, seen)) if decides else None,
        "effects": effects_of(permit, at) if decides else [],
        "seen": seen,
        "may_withdraw": permit.state == PermitState.ASKED and person.pk in (permit.person_id, permit.asked_by_id),
        "may_take_back": permit.state == PermitState.GRANTED
        and permit.until > at
        and Right.PERMITS_PERMIT_DECIDE in rights_of(person, at),
        "is_download": permit.kind == PermitKind.DOWNLOAD,
    }
    return render(request, "permits/permit.html", context, status=422 if form is not None else 200)


@require_GET
@requires(Right.PERMITS_PERMIT_ASK)
def permit_by_ref(request: HttpRequest, ref: str) -> HttpResponseBase:
    """The permission that a verdict cites."""
    year, _dash, number = ref.partition("-")
    if not (year.isdecimal() and number.isdecimal() and len(year) < 5 and len(number) < 9):
        raise Http404
    found = get_object_or_404(visible_to(actor_of(request), clock.utc_now()), year=int(year), number=int(number))
    return redirect("permits:permit", found.pk)


@require_POST
@requires(Right.PERMITS_PERMIT_DECIDE)
def grant(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Give what was asked for, or less of it."""
    permit = visible_permit(request, pk)
    form = GrantForm.of(permit, seen_of(permit, clock.utc_now()), request.POST)
    if not form.is_valid():
        return page_of(request, permit, form)
    given = attempt(
        request,
        lambda: actions.grant(
            permit=permit,
            scope=form.scope_for(permit),
            files=form.file_scope(),
            answer=form.cleaned_data["answer"],
            by=actor_of(request),
            at=clock.utc_now(),
        ),
        _("The permission is given; the gateway opens exactly this."),
    )
    return (
        redirect("permits:permit", pk) if given or permit.state != PermitState.ASKED else page_of(request, permit, form)
    )


@require_POST
@requires(Right.PERMITS_PERMIT_DECIDE)
def decline(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Decline a request."""
    permit, reason = visible_permit(request, pk), text(request.POST, "reason", 300)
    by, at = actor_of(request), clock.utc_now()
    attempt(
        request,
        lambda: actions.decline(permit=permit, reason=reason, by=by, at=at),
        _("The request is declined; whoever asked sees the reason."),
    )
    return redirect("permits:permit", pk)


@require_POST
@requires(Right.PERMITS_PERMIT_ASK)
def withdraw(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Withdraw a request."""
    permit, by, at = visible_permit(request, pk), actor_of(request), clock.utc_now()
    attempt(request, lambda: actions.withdraw(permit=permit, by=by, at=at), _("The request is withdrawn."))
    return redirect("permits:permit", pk)


@require_POST
@requires(Right.PERMITS_PERMIT_DECIDE)
def take_back(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Take a permission back at once."""
    permit, reason = visible_permit(request, pk), text(request.POST, "reason", 300)
    by, at = actor_of(request), clock.utc_now()
    attempt(
        request,
        lambda: actions.take_back(permit=permit, reason=reason, by=by, at=at),
        _("The permission is taken back; the gateway has closed."),
    )
    return redirect("permits:permit", pk)
