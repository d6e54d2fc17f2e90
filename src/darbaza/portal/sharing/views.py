"""Signs of sharing: what waits, what was settled, and the act that settles one."""

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from darbaza import clock
from darbaza.portal import asked
from darbaza.portal.attempts import attempt
from darbaza.portal.people.rights import Right, actor_of, requires
from darbaza.portal.rooms.models import Device
from darbaza.portal.sharing import actions
from darbaza.portal.sharing.models import Outcome, Sign
from darbaza.portal.sharing.reading import EVIDENCE

MOST_SHOWN = 50


@require_GET
@requires(Right.SHARING_SIGN_SETTLE)
def sign_list(request: HttpRequest) -> HttpResponseBase:
    """Open signs with their evidence, then the latest that were settled."""
    found = Sign.objects.select_related("person", "device", "settled_by")
    context = {
        "waiting": found.filter(settled_at=None),
        "settled": found.exclude(settled_at=None).order_by("-settled_at")[:MOST_SHOWN],
        "outcomes": Outcome.choices,
        "words": EVIDENCE,
        "names": dict(Device.objects.values_list("address", "name")),
        "me": actor_of(request),
    }
    return render(request, "sharing/signs.html", context)


@require_POST
@requires(Right.SHARING_SIGN_SETTLE)
def settle(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Say what a sign was."""
    sign, by, at = get_object_or_404(Sign, pk=pk), actor_of(request), clock.utc_now()
    outcome, word = asked.text(request.POST, "outcome"), asked.text(request.POST, "word", 300)
    attempt(
        request,
        lambda: actions.settle_sign(sign=sign, outcome=outcome, word=word, by=by, at=at),
        _("The sign is settled."),
    )
    return redirect("sharing:signs")
