"""Acts on rooms, seats and devices. One function, one transaction, one audit entry. Only orders equip a room."""

from datetime import datetime
from ipaddress import ip_address

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from darbaza.portal.audit.actions import record
from darbaza.portal.people.models import Person
from darbaza.portal.people.refusals import ActRefusedError
from darbaza.portal.people.rights import Right, demand
from darbaza.portal.rooms.models import Device, DeviceKind, Room, Seat

MOST_SEATS = 60
MOST_PLACES = 40


@transaction.atomic
def open_room(*, code: str, name: str, capacity: int, by: Person, at: datetime) -> Room:
    """Enter a room. It is not equipped until an order says so (2.5)."""
    demand(by, Right.ROOMS_PLAN_EDIT, at)
    if Room.objects.filter(code=code).exists():
        raise ActRefusedError(_("There is a room with this code already."), "2.5")
    room = Room.objects.create(code=code, name=name.strip(), capacity=capacity)
    record(act="rooms:room:open", by=by, at=at, subject=room.code, detail={"capacity": capacity})
    return room


@transaction.atomic
def change_room(*, room: Room, name: str, capacity: int, by: Person, at: datetime) -> None:
    """Correct a room's name and number of places."""
    demand(by, Right.ROOMS_PLAN_EDIT, at)
    room.name, room.capacity = name.strip(), capacity
    room.save(update_fields=["name", "capacity"])
    record(act="rooms:room:change", by=by, at=at, subject=room.code, detail={"capacity": capacity})


@transaction.atomic
def lay_out(*, room: Room, columns: int, rows: int, first_address: str = "", by: Person, at: datetime) -> list[Seat]:
    """Fill an empty room with seats row by row, and with devices from an address on if one is given."""
    demand(by, Right.ROOMS_PLAN_EDIT, at)
    if room.seats.exists():
        raise ActRefusedError(_("The room has seats already."), "2.5")
    if not 0 < columns * rows <= MOST_SEATS:
        raise ActRefusedError(_("A room has from 1 to 60 seats."), "2.5")
    seats = [
        Seat.objects.create(room=room, number=row * columns + column + 1, x=column, y=row)
        for row in range(rows)
        for column in range(columns)
    ]
    if first_address:
        for seat, address in zip(seats, addresses(first_address, len(seats)), strict=True):
            store_device(Device(address=address, seat=seat, kind=DeviceKind.STUDENT))
    detail = {"columns": columns, "rows": rows, "first_address": first_address}
    record(act="rooms:plan:lay-out", by=by, at=at, subject=room.code, detail=detail)
    return seats


def addresses(first: str, count: int) -> list[str]:
    """Addresses one after another. Raises `ActRefusedError` for what is no address."""
    try:
        begin = ip_address(first.strip())
        return [str(begin + step) for step in range(count)]
    except ValueError as error:
        raise ActRefusedError(_("`%(typed)s` is no address.") % {"typed": first[:40]}, "2.5") from error


def store_device(device: Device) -> None:
    """Store a device; an address that is none or is known already is refused."""
    try:
        device.full_clean()
    except ValidationError as error:
        message = _("The address %(address)s is known already, or is none.") % {"address": device.address}
        raise ActRefusedError(message, "2.5") from error
    device.save()


@transaction.atomic
def put_seat(*, room: Room, number: int, x: int, y: int, by: Person, at: datetime) -> Seat:
    """Put a seat somewhere in the room: a new one, or one that stands there and moves."""
    demand(by, Right.ROOMS_PLAN_EDIT, at)
    if not (0 <= x < MOST_PLACES and 0 <= y < MOST_PLACES):
        raise ActRefusedError(_("The place lies outside the plan."), "2.5")
    if room.seats.filter(x=x, y=y).exclude(number=number).exists():
        raise ActRefusedError(_("Another seat stands in this place."), "2.5")
    seat, _made = Seat.objects.update_or_create(room=room, number=number, defaults={"x": x, "y": y})
    record(act="rooms:seat:put", by=by, at=at, subject=room.code, detail={"seat": number, "x": x, "y": y})
    return seat


@transaction.atomic
def remove_seat(*, seat: Seat, by: Person, at: datetime) -> None:
    """Take a seat away. Its device stays known, without a place."""
    demand(by, Right.ROOMS_PLAN_EDIT, at)
    detail = {"seat": seat.number}
    room = seat.room
    seat.delete()
    record(act="rooms:seat:remove", by=by, at=at, subject=room.code, detail=detail)


@transaction.atomic
def put_device(*, address: str, name: str, kind: DeviceKind, seat: Seat | None, by: Person, at: datetime) -> Device:
    """Enter a device, or change what is known of one: the device that stood on the seat loses its place."""
    demand(by, Right.ROOMS_PLAN_EDIT, at)
    canonical = addresses(address, 1)[0]
    if seat is not None:
        Device.objects.filter(seat=seat).exclude(address=canonical).update(seat=None)
    device = Device.objects.filter(address=canonical).first() or Device(address=canonical)
    device.name, device.kind, device.seat = name.strip(), kind, seat
    store_device(device)
    detail = {"kind": kind, "room": seat.room.code if seat else "", "seat": seat.number if seat else 0}
    record(act="rooms:device:put", by=by, at=at, subject=canonical, detail=detail)
    return device


@transaction.atomic
def remove_device(*, device: Device, by: Person, at: datetime) -> None:
    """Forget a device: whoever uses its address is refused from now on."""
    demand(by, Right.ROOMS_PLAN_EDIT, at)
    address = device.address
    device.delete()
    record(act="rooms:device:remove", by=by, at=at, subject=address)
