"""Pages of broken computers: the list of whoever keeps the plan, and the form of whoever teaches."""

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from darbaza import clock
from darbaza.portal import asked
from darbaza.portal.attempts import attempt
from darbaza.portal.people.rights import Right, actor_of, person_of, requires
from darbaza.portal.rooms import faults
from darbaza.portal.rooms.models import Fault, Room


@require_GET
@requires(Right.ROOMS_PLAN_READ)
def broken(request: HttpRequest) -> HttpResponseBase:
    """All that is broken, oldest first."""
    person = person_of(request)
    return render(request, "rooms/broken.html", {"faults": faults.standing(), "person": person})


@require_POST
@requires(Right.ROOMS_PLAN_READ)
def report(request: HttpRequest, code: str) -> HttpResponseBase:
    """Mark a seat of a room broken."""
    room, number = get_object_or_404(Room, code=code), asked.text(request.POST, "seat", 3)
    seat = get_object_or_404(room.seats, number=int(number) if number.isascii() and number.isdecimal() else 0)
    text = asked.text(request.POST, "text", faults.LONGEST)
    attempt(
        request,
        lambda: faults.report_fault(seat=seat, text=text, by=actor_of(request), at=clock.utc_now()),
        _("The seat is marked broken; whoever is responsible for ICT sees it."),
    )
    return redirect("rooms:room", code)


@require_POST
@requires(Right.ROOMS_PLAN_READ)
def mend(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Set a computer right."""
    fault = get_object_or_404(Fault.objects.select_related("seat__room"), pk=pk)
    attempt(
        request,
        lambda: faults.mend_fault(fault=fault, by=actor_of(request), at=clock.utc_now()),
        _("The computer works again."),
    )
    return redirect("rooms:broken")
