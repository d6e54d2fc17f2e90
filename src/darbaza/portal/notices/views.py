"""A person's notifications."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from darbaza import clock
from darbaza.portal.notices import actions
from darbaza.portal.notices.models import Notification
from darbaza.portal.people.rights import actor_of, person_of

ON_A_PAGE = 30

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponseBase]


def by_a_person(view: View[P]) -> View[P]:
    """Open a view to whoever is signed in as a person of the school: these pages are everybody's own."""

    @wraps(view)
    def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if person_of(request) is None:
            return render(request, "no_person.html", status=403)
        return view(request, *args, **kwargs)

    return login_required(guarded)


@require_GET
@by_a_person
def notifications(request: HttpRequest) -> HttpResponseBase:
    """One's own notifications, those not read first."""
    found = Notification.objects.filter(person=actor_of(request)).order_by("read_at", "-at", "-id")
    new = request.GET.get("show") != "all"
    page = Paginator(found.filter(read_at__isnull=True) if new else found.order_by("-at", "-id"), ON_A_PAGE)
    return render(request, "notices/list.html", {"page": page.get_page(request.GET.get("page")), "new": new})


@require_GET
@by_a_person
def unread(request: HttpRequest) -> HttpResponseBase:
    """The number in the head of an open page, asked for once a minute."""
    return render(request, "notices/_unread.html")


@require_POST
@by_a_person
def read_all(request: HttpRequest) -> HttpResponseBase:
    """All of them have been read."""
    actions.mark_read(by=actor_of(request), at=clock.utc_now())
    return redirect("notifications:list")


@require_POST
@by_a_person
def open_one(request: HttpRequest, public_id: str) -> HttpResponseBase:
    """Go to the page where it stands; with that it has been read."""
    found = get_object_or_404(Notification, public_id=public_id, person=actor_of(request))
    actions.mark_read(by=actor_of(request), at=clock.utc_now(), public_id=public_id)
    return redirect(found.url)
