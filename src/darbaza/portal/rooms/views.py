"""Rooms and their plans."""

from typing import NamedTuple

from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from darbaza import clock
from darbaza.portal.attempts import attempt
from darbaza.portal.people.rights import Right, actor_of, person_of, requires
from darbaza.portal.rooms import actions, faults, sightings
from darbaza.portal.rooms.forms import DeviceForm, EnrolForm, LayOutForm, NewRoomForm, RoomForm, SeatForm
from darbaza.portal.rooms.models import Device, DeviceKind, Doubt, Room, Seat, Sighting
from darbaza.portal.school_time import school_day


class Standing(NamedTuple):
    """A room and whether an order equips it today."""

    room: Room
    equipped: bool


@require_GET
@requires(Right.ROOMS_PLAN_READ)
def room_list(request: HttpRequest) -> HttpResponseBase:
    """All rooms, equipped or not, and the devices that stand in none."""
    day = school_day(clock.utc_now())
    context = {
        "rooms": [Standing(room, room.equipped_on(day)) for room in Room.objects.all()],
        "loose": Device.objects.filter(seat=None),
        "seen": Sighting.objects.count(),
        "broken": faults.standing().count(),
        "device_form": DeviceForm(initial={"kind": DeviceKind.STAFF}),
    }
    return render(request, "rooms/list.html", context)


@require_http_methods(["GET", "POST"])
@requires(Right.ROOMS_PLAN_EDIT)
def add(request: HttpRequest) -> HttpResponseBase:
    """Enter a room."""
    form = NewRoomForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        room = attempt(
            request,
            lambda: actions.open_room(**form.cleaned_data, by=actor_of(request), at=clock.utc_now()),
            _("The room was entered. An order equips it for internet work."),
        )
        if room is not None:
            return redirect("rooms:room", room.code)
    return render(request, "rooms/add.html", {"form": form})


@require_http_methods(["GET", "POST"])
@requires(Right.ROOMS_PLAN_READ)
def room_page(request: HttpRequest, code: str) -> HttpResponseBase:
    """A room's plan as it stands, and forms to change it."""
    room = get_object_or_404(Room, code=code)
    if request.method == "POST":
        return change(request, room)
    context = {
        "room": room,
        "equipped": room.equipped_on(school_day(clock.utc_now())),
        "plan": plan_of(room),
        "seats": room.seats.select_related("device"),
        "room_form": RoomForm(initial={"name": room.name, "capacity": room.capacity}),
        "lay_out_form": LayOutForm(),
        "seat_form": SeatForm(),
        "kinds": DeviceKind.choices,
        "may_report": faults.may_report(person_of(request), clock.utc_now()),
    }
    return render(request, "rooms/room.html", context)


def plan_of(room: Room) -> list[list[Seat | None]]:
    """Rows of places from the teacher's desk on; a place without a seat is None."""
    standing = Prefetch("faults", faults.standing(), to_attr="broken")
    seats = {(seat.x, seat.y): seat for seat in room.seats.select_related("device").prefetch_related(standing)}
    if not seats:
        return []
    width, depth = max(x for x, _y in seats) + 1, max(y for _x, y in seats) + 1
    return [[seats.get((x, y)) for x in range(width)] for y in range(depth)]


@requires(Right.ROOMS_PLAN_EDIT)
def change(request: HttpRequest, room: Room) -> HttpResponseBase:
    """Correct a room's name and places."""
    form = RoomForm(request.POST)
    if form.is_valid():
        attempt(
            request,
            lambda: actions.change_room(room=room, **form.cleaned_data, by=actor_of(request), at=clock.utc_now()),
            _("The room was changed."),
        )
    return redirect("rooms:room", room.code)


@require_POST
@requires(Right.ROOMS_PLAN_EDIT)
def lay_out(request: HttpRequest, code: str) -> HttpResponseBase:
    """Fill an empty room with seats."""
    room, form = get_object_or_404(Room, code=code), LayOutForm(request.POST)
    if form.is_valid():
        attempt(
            request,
            lambda: actions.lay_out(room=room, **form.cleaned_data, by=actor_of(request), at=clock.utc_now()),
            _("The seats were laid out."),
        )
    return redirect("rooms:room", code)


@require_POST
@requires(Right.ROOMS_PLAN_EDIT)
def put_seat(request: HttpRequest, code: str) -> HttpResponseBase:
    """Put or move a seat."""
    room, form = get_object_or_404(Room, code=code), SeatForm(request.POST)
    if form.is_valid():
        x, y = form.cleaned_data["place"] - 1, form.cleaned_data["row"] - 1
        number = form.cleaned_data["number"]
        attempt(
            request,
            lambda: actions.put_seat(room=room, number=number, x=x, y=y, by=actor_of(request), at=clock.utc_now()),
            _("The seat was put in its place."),
        )
    return redirect("rooms:room", code)


@require_POST
@requires(Right.ROOMS_PLAN_EDIT)
def remove_seat(request: HttpRequest, code: str, pk: int) -> HttpResponseBase:
    """Take a seat away."""
    seat = get_object_or_404(Seat, pk=pk, room__code=code)
    attempt(
        request,
        lambda: actions.remove_seat(seat=seat, by=actor_of(request), at=clock.utc_now()),
        _("The seat was taken away."),
    )
    return redirect("rooms:room", code)


@require_POST
@requires(Right.ROOMS_PLAN_EDIT)
def put_device(request: HttpRequest) -> HttpResponseBase:
    """Enter a device or change it."""
    form = DeviceForm(request.POST)
    given = form.cleaned_data if form.is_valid() else None
    seat = get_object_or_404(Seat, pk=given["seat"]) if given and given["seat"] else None
    if given is not None:
        attempt(
            request,
            lambda: actions.put_device(
                address=given["address"],
                name=given["name"],
                kind=DeviceKind(given["kind"]),
                seat=seat,
                by=actor_of(request),
                at=clock.utc_now(),
                mac=given["mac"] if "mac" in form.data else None,
            ),
            _("The device was entered."),
        )
    return redirect("rooms:room", seat.room.code) if seat else redirect("rooms:list")


@require_POST
@requires(Right.ROOMS_PLAN_EDIT)
def remove_device(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Forget a device."""
    device = get_object_or_404(Device.objects.select_related("seat__room"), pk=pk)
    seat = device.seat
    attempt(
        request,
        lambda: actions.remove_device(device=device, by=actor_of(request), at=clock.utc_now()),
        _("The device was removed; its address is unknown now."),
    )
    return redirect("rooms:room", seat.room.code) if seat else redirect("rooms:list")


@require_GET
@requires(Right.ROOMS_PLAN_EDIT)
def seen(request: HttpRequest) -> HttpResponseBase:
    """Devices that a box saw: those the school does not know, and those that are not who they should be."""
    known = {one.address: one for one in Device.objects.select_related("seat__room")}
    found = list(sightings.in_doubt())
    owners = sightings.owners_of(one for one in found if one.doubt == Doubt.IMPOSTOR)
    doubts = [(one, known.get(one.address), sightings.HELP[one.doubt], owners.get(one.mac)) for one in found]
    context = {
        "unknown": sightings.unknown(),
        "doubts": doubts,
        "without_card": sum(1 for one, *_rest in doubts if one.doubt == Doubt.NO_CARD),
        "enrollable": [doubt.value for doubt in actions.ENROLLABLE],
        "seats": Seat.objects.select_related("room", "device"),
        "kinds": DeviceKind.choices,
        "help_randomised": sightings.HELP[Doubt.RANDOMISED],
    }
    return render(request, "rooms/seen.html", context)


@require_POST
@requires(Right.ROOMS_PLAN_EDIT)
def enrol(request: HttpRequest) -> HttpResponseBase:
    """Enter a device that was seen."""
    form = EnrolForm(request.POST)
    if form.is_valid():
        given = form.cleaned_data
        sighting = get_object_or_404(Sighting, pk=given["sighting"])
        seat = get_object_or_404(Seat, pk=given["seat"]) if given["seat"] else None
        attempt(
            request,
            lambda: actions.enrol_device(
                sighting=sighting,
                name=given["name"],
                kind=DeviceKind(given["kind"]),
                seat=seat,
                by=actor_of(request),
                at=clock.utc_now(),
            ),
            _("The device was entered. It gets its address when it connects again."),
        )
    return redirect("rooms:seen")


@require_POST
@requires(Right.ROOMS_PLAN_EDIT)
def adopt(request: HttpRequest) -> HttpResponseBase:
    """Enter the network cards of all computers that were entered without."""
    attempt(
        request,
        lambda: actions.adopt_cards(by=actor_of(request), at=clock.utc_now()),
        _("The network cards were entered."),
    )
    return redirect("rooms:seen")
