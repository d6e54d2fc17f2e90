"""Pages of the person responsible: exports and addresses, what has to come down, what somebody asks to be removed."""

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from darbaza import clock
from darbaza.portal.asked import text
from darbaza.portal.attempts import attempt
from darbaza.portal.people.rights import Right, actor_of, requires
from darbaza.portal.publications import aftermath, elsewhere, staying
from darbaza.portal.publications import removals as asking
from darbaza.portal.publications.models import Placement, RemovalRequest, TakeDown

MOST = 100


def placed(public_id: str) -> Placement:
    """A placement by its id."""
    return get_object_or_404(Placement.objects.select_related("publication"), public_id=public_id)


@require_POST
@requires(Right.PUBLICATIONS_PLACEMENT_MAKE)
def export(request: HttpRequest, placement: str) -> HttpResponseBase:
    """The zip for a channel of others."""
    found, at = placed(placement), clock.utc_now()
    made = attempt(request, lambda: elsewhere.export(placement=found, by=actor_of(request), at=at), _("Handed over."))
    if made is None:
        return redirect("publications:publication", found.publication.public_id)
    name = f"{found.channel}-{found.publication.public_id}.zip"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "X-Content-Type-Options": "nosniff"}
    return HttpResponse(made, content_type="application/zip", headers=headers)


@require_POST
@requires(Right.PUBLICATIONS_PLACEMENT_MAKE)
def address(request: HttpRequest, placement: str) -> HttpResponseBase:
    """Note where it was placed."""
    found, entered = placed(placement), text(request.POST, "address", 501)
    attempt(
        request,
        lambda: elsewhere.note_address(placement=found, address=entered, by=actor_of(request), at=clock.utc_now()),
        _("The address is noted."),
    )
    return redirect("publications:publication", found.publication.public_id)


@require_GET
@requires(Right.PUBLICATIONS_PLACEMENT_MAKE)
def take_downs(request: HttpRequest) -> HttpResponseBase:
    """What has to come down elsewhere, what the door holds closed on our site, and the last comparison."""
    at = clock.utc_now()
    done = TakeDown.objects.filter(done_at__isnull=False).select_related("placement__publication", "done_by")
    context = {
        "tasks": staying.open_tasks(at),
        "done": done.order_by("-done_at", "-pk")[:MOST],
        "covered": aftermath.covered(at),
        "closed": [one for one in aftermath.affected(at) if one.placement.is_on_site],
        "anew": aftermath.found_anew(at),
        "check": aftermath.last_check(),
    }
    return render(request, "publications/take_downs.html", context)


@require_POST
@requires(Right.PUBLICATIONS_PLACEMENT_MAKE)
def settle(request: HttpRequest, pk: int) -> HttpResponseBase:
    """It is gone there."""
    task, proof = get_object_or_404(TakeDown, pk=pk), text(request.POST, "proof", 300)
    attempt(
        request,
        lambda: elsewhere.settle_take_down(task=task, proof=proof, by=actor_of(request), at=clock.utc_now()),
        _("Settled."),
    )
    return redirect("publications:take-downs")


@require_POST
@requires(Right.PUBLICATIONS_PLACEMENT_MAKE)
def let_stay(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Its cause has ceased: it stays there."""
    task = get_object_or_404(TakeDown, pk=pk)
    attempt(
        request,
        lambda: staying.let_stay(task=task, by=actor_of(request), at=clock.utc_now()),
        _("Settled: it stays."),
    )
    return redirect("publications:take-downs")


@require_GET
@requires(Right.PUBLICATIONS_PLACEMENT_MAKE)
def removals(request: HttpRequest) -> HttpResponseBase:
    """What somebody asks to be removed: all that waits, and what was answered last."""
    found = RemovalRequest.objects.select_related("placement__publication", "answered_by")
    answered = found.filter(answered_at__isnull=False)[:MOST]
    return render(
        request, "publications/removals.html", {"found": [*found.filter(answered_at__isnull=True), *answered]}
    )


@require_POST
@requires(Right.PUBLICATIONS_PLACEMENT_MAKE)
def answer(request: HttpRequest, number: str) -> HttpResponseBase:
    """Answer a request for removal."""
    asked = get_object_or_404(RemovalRequest, number=number)
    said, remove = text(request.POST, "answer", 300), text(request.POST, "remove") == "yes"
    attempt(
        request,
        lambda: asking.settle(asked=asked, remove=remove, answer=said, by=actor_of(request), at=clock.utc_now()),
        _("Answered."),
    )
    return redirect("publications:removals")
