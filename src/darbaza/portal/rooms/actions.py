"""Acts on rooms, seats and devices. One function, one transaction, one audit entry. Only orders equip a room."""

from datetime import datetime
from ipaddress import ip_address

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from darbaza.policy.cards import InvalidCard, canonical_mac, is_randomised
from darbaza.portal.audit.actions import record
from darbaza.portal.people.models import Person
from darbaza.portal.people.refusals import ActRefusedError
from darbaza.portal.people.rights import Right, demand
from darbaza.portal.rooms.models import Device, DeviceKind, Doubt, Room, Seat, Sighting

MOST_SEATS = 60
MOST_PLACES = 40

ENROLLABLE = frozenset({Doubt.STRANGER, Doubt.NO_CARD, Doubt.OTHER_CARD})
"""What entering a device puts right: a new one, one entered without its card, or one in the place of an old one."""


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
def put_device(
    *, address: str, name: str, kind: DeviceKind, seat: Seat | None, by: Person, at: datetime, mac: str | None = None
) -> Device:
    """Enter a device, or change what is known of one: the device that stood on the seat loses its place.

    Without `mac` the network card stays as it is; an empty one forgets it.
    """
    demand(by, Right.ROOMS_PLAN_EDIT, at)
    canonical = addresses(address, 1)[0]
    if seat is not None:
        Device.objects.filter(seat=seat).exclude(address=canonical).update(seat=None)
    device = Device.objects.filter(address=canonical).first() or Device(address=canonical)
    device.name, device.kind, device.seat = name.strip(), kind, seat
    if mac is not None:
        device.mac = card_for(device, mac)
    store_device(device)
    detail = {"kind": kind, "card": device.mac, **place_of(seat)}
    record(act="rooms:device:put", by=by, at=at, subject=canonical, detail=detail)
    return device


def place_of(seat: Seat | None) -> dict[str, object]:
    """Where a device stands, for the audit."""
    return {"room": seat.room.code if seat else "", "seat": seat.number if seat else 0}


def card_for(device: Device, typed: str) -> str:
    """A network card as it is stored, empty for none. Raises `ActRefusedError` for one that is none, or another's."""
    if not typed.strip():
        return ""
    try:
        mac = canonical_mac(typed)
    except InvalidCard as error:
        said = _("“%(typed)s” is no address of a network card. Write it like 00:1a:2b:3c:4d:5e.")
        raise ActRefusedError(said % {"typed": typed[:40]}, "2.5") from error
    other = Device.objects.filter(mac=mac).exclude(pk=device.pk).first()
    if other is not None:
        raise ActRefusedError(_("This network card belongs to %(device)s already.") % {"device": other}, "2.5")
    return mac


@transaction.atomic
def enrol_device(
    *, sighting: Sighting, name: str, kind: DeviceKind, seat: Seat | None, by: Person, at: datetime
) -> Device:
    """Enter a device that a box has seen: at a seat, whose computer it becomes, or at none.

    The address stays that of the seat, so that the schedule of addresses stands; the box gives it to the new network
    card from now on. Where nothing stood, the device keeps the address under which it was seen.
    """
    demand(by, Right.ROOMS_PLAN_EDIT, at)
    if is_randomised(sighting.mac):
        raise ActRefusedError(
            _("This device makes its address up anew each time. Turn “private address” off on it first."), "2.5"
        )
    if sighting.doubt not in ENROLLABLE:
        raise ActRefusedError(_("This is a computer that the school knows; there is nothing to enter."), "2.5")
    stood = Device.objects.filter(seat=seat).first() if seat is not None else None
    device = stood or Device.objects.filter(address=sighting.address).first() or Device(address=sighting.address)
    before = device.mac
    device.mac, device.kind, device.seat = card_for(device, sighting.mac), kind, seat
    device.name = name.strip() or device.name
    store_device(device)
    Sighting.objects.filter(pk=sighting.pk).delete()
    detail = {"card": device.mac, "before": before, "kind": kind, **place_of(seat)}
    record(act="rooms:device:enrol", by=by, at=at, subject=device.address, detail=detail)
    return device


@transaction.atomic
def adopt_cards(*, by: Person, at: datetime) -> int:
    """Enter the network cards of all devices that were entered by their address alone, as they are seen now; how many.

    For the day on which the box begins to give out addresses: whoever does this has looked that each PC is the right
    one.
    """
    demand(by, Right.ROOMS_PLAN_EDIT, at)
    taken: dict[str, str] = {}
    for sighting in Sighting.objects.filter(doubt=Doubt.NO_CARD):
        device = Device.objects.filter(address=sighting.address, mac="").first()
        if device is None or is_randomised(sighting.mac) or Device.objects.filter(mac=sighting.mac).exists():
            continue
        device.mac = taken[device.address] = card_for(device, sighting.mac)
        device.save(update_fields=["mac"])
    if not taken:
        raise ActRefusedError(_("No computer that was entered without its network card is seen now."), "2.5")
    Sighting.objects.filter(doubt=Doubt.NO_CARD, address__in=taken).delete()
    record(act="rooms:device:adopt", by=by, at=at, subject=str(len(taken)), detail={"cards": taken})
    return len(taken)


@transaction.atomic
def remove_device(*, device: Device, by: Person, at: datetime) -> None:
    """Forget a device: whoever uses its address is refused from now on."""
    demand(by, Right.ROOMS_PLAN_EDIT, at)
    address = device.address
    device.delete()
    record(act="rooms:device:remove", by=by, at=at, subject=address)
