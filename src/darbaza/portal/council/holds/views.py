"""Held resources on screen: what is held and since when, closing one at once, opening one again."""

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from darbaza import clock
from darbaza.portal.asked import text
from darbaza.portal.attempts import attempt
from darbaza.portal.council.holds import actions
from darbaza.portal.council.holds.forms import HoldForm
from darbaza.portal.council.models import Hold
from darbaza.portal.people.rights import Right, actor_of, requires

ON_A_PAGE = 30


@require_GET
@requires(Right.COUNCIL_DECISION_READ)
def hold_list(request: HttpRequest) -> HttpResponseBase:
    """All holds, the latest first."""
    holds = Hold.objects.select_related("placed_by", "released_by", "ratified_by")
    page = Paginator(holds, ON_A_PAGE).get_page(request.GET.get("page"))
    now = clock.utc_now()
    rows = [(hold, hold.stands(now)) for hold in page]
    return render(request, "council/holds.html", {"page": page, "rows": rows})


@require_http_methods(["GET", "POST"])
@requires(Right.COUNCIL_HOLD_PLACE)
def new_hold(request: HttpRequest) -> HttpResponseBase:
    """Close a resource at once."""
    form = HoldForm(request.POST or None, initial={"resource": text(request.GET, "host", 500)})
    if request.method == "POST" and form.is_valid():
        held = attempt(
            request,
            lambda: actions.hold_resource(**form.cleaned_data, by=actor_of(request), at=clock.utc_now()),
            _("The resource is closed to the whole school. It opens in 48 hours unless the council decides."),
        )
        if held is not None:
            return redirect("council:holds")
    return render(request, "council/hold_new.html", {"form": form}, status=422 if request.method == "POST" else 200)


@require_POST
@requires(Right.COUNCIL_HOLD_PLACE)
def release(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Open a held resource again."""
    hold = get_object_or_404(Hold, pk=pk)
    reason = text(request.POST, "reason", 500)
    attempt(
        request,
        lambda: actions.release_hold(hold=hold, reason=reason, by=actor_of(request), at=clock.utc_now()),
        _("The resource is not held any more."),
    )
    return redirect("council:holds")
