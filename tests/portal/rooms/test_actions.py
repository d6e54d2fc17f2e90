"""Rooms, seats and devices."""

from collections.abc import Callable
from datetime import datetime

import pytest

from darbaza.portal.audit.models import AuditEntry
from darbaza.portal.people.models import Person
from darbaza.portal.people.refusals import ActRefusedError
from darbaza.portal.people.rights import RightMissingError
from darbaza.portal.rooms import actions
from darbaza.portal.rooms.models import Device, DeviceKind, Room, Seat
from darbaza.portal.school_time import school_day
from tests.people import Cast, make_room

Latest = Callable[[], AuditEntry]


def test_a_room_is_entered_and_not_equipped(cast: Cast, at: datetime, last_entry: Latest) -> None:
    room = actions.open_room(code="it-1", name="Кабинет", capacity=12, by=cast.ermek, at=at)
    assert not room.equipped_on(school_day(at))
    assert (last_entry().act, last_entry().subject) == ("rooms:room:open", "it-1")
    with pytest.raises(ActRefusedError, match="already"):
        actions.open_room(code="it-1", name="Кабинет", capacity=12, by=cast.ermek, at=at)
    actions.change_room(room=room, name="Жаңы кабинет", capacity=14, by=cast.jyldyz, at=at)
    assert Room.objects.get().capacity == 14


def test_an_empty_room_is_filled_with_seats_and_devices(cast: Cast, at: datetime, last_entry: Latest) -> None:
    room = make_room()
    actions.lay_out(room=room, columns=3, rows=2, first_address="10.7.0.254", by=cast.ermek, at=at)
    placed = {seat.number: (seat.x, seat.y, seat.device.address) for seat in room.seats.all()}
    assert (placed[1], placed[4]) == ((0, 0, "10.7.0.254"), (0, 1, "10.7.1.1"))
    assert last_entry().act == "rooms:plan:lay-out"
    with pytest.raises(ActRefusedError, match="has seats"):
        actions.lay_out(room=room, columns=1, rows=1, by=cast.ermek, at=at)


@pytest.mark.parametrize(
    ("columns", "rows", "first", "said"),
    [
        (0, 3, "", "from 1 to 60"),
        (10, 10, "", "from 1 to 60"),
        (2, 2, "255.255.255.254", "no address"),
        (2, 1, "x", "no address"),
    ],
)
def test_a_room_that_cannot_be_is_not_laid_out(
    cast: Cast, at: datetime, columns: int, rows: int, first: str, said: str
) -> None:
    with pytest.raises(ActRefusedError, match=said):
        actions.lay_out(room=make_room(), columns=columns, rows=rows, first_address=first, by=cast.ermek, at=at)
    assert not Seat.objects.exists()
    assert not AuditEntry.objects.exists()


def test_an_address_belongs_to_one_device(cast: Cast, at: datetime) -> None:
    actions.lay_out(room=make_room(), columns=1, rows=1, first_address="10.7.0.1", by=cast.ermek, at=at)
    with pytest.raises(ActRefusedError, match="known already"):
        actions.lay_out(room=make_room("it-2"), columns=1, rows=1, first_address="10.7.0.1", by=cast.ermek, at=at)
    assert Seat.objects.count() == 1


def test_a_seat_moves_but_not_onto_another(cast: Cast, at: datetime) -> None:
    room = make_room()
    actions.lay_out(room=room, columns=2, rows=1, by=cast.ermek, at=at)
    actions.put_seat(room=room, number=1, x=5, y=3, by=cast.ermek, at=at)
    assert (room.seats.get(number=1).x, room.seats.count()) == (5, 2)
    with pytest.raises(ActRefusedError, match="Another seat"):
        actions.put_seat(room=room, number=1, x=1, y=0, by=cast.ermek, at=at)
    with pytest.raises(ActRefusedError, match="outside the plan"):
        actions.put_seat(room=room, number=1, x=40, y=0, by=cast.ermek, at=at)


def test_a_device_takes_the_seat_of_another(cast: Cast, at: datetime) -> None:
    room = make_room()
    [seat] = actions.lay_out(room=room, columns=1, rows=1, first_address="10.7.0.1", by=cast.ermek, at=at)
    new = actions.put_device(address="10.7.0.9", name="ПК-9", kind=DeviceKind.STUDENT, seat=seat, by=cast.ermek, at=at)
    assert (new.seat, Device.objects.get(address="10.7.0.1").seat) == (seat, None)
    for name in ("<b>", "a/b"):
        with pytest.raises(ActRefusedError):
            actions.put_device(address="10.7.0.9", name=name, kind=DeviceKind.STUDENT, seat=None, by=cast.ermek, at=at)


def test_a_device_stays_known_when_its_seat_goes(cast: Cast, at: datetime, last_entry: Latest) -> None:
    room = make_room()
    [seat] = actions.lay_out(room=room, columns=1, rows=1, first_address="10.7.0.1", by=cast.ermek, at=at)
    actions.remove_seat(seat=seat, by=cast.ermek, at=at)
    device = Device.objects.get()
    assert device.seat is None
    actions.remove_device(device=device, by=cast.ermek, at=at)
    assert not Device.objects.exists()
    assert (last_entry().act, last_entry().subject) == ("rooms:device:remove", "10.7.0.1")


ACTS: list[Callable[[Person, datetime], object]] = [
    lambda by, at: actions.open_room(code="x", name="x", capacity=1, by=by, at=at),
    lambda by, at: actions.change_room(room=Room.objects.get(), name="x", capacity=1, by=by, at=at),
    lambda by, at: actions.lay_out(room=Room.objects.get(), columns=1, rows=1, by=by, at=at),
    lambda by, at: actions.put_seat(room=Room.objects.get(), number=1, x=0, y=0, by=by, at=at),
    lambda by, at: actions.put_device(address="10.0.0.1", name="", kind=DeviceKind.STAFF, seat=None, by=by, at=at),
]


@pytest.mark.parametrize("act", ACTS)
def test_each_wrong_role_is_refused(cast: Cast, at: datetime, act: Callable[[Person, datetime], object]) -> None:
    make_room()
    for name, person in cast.staff().items():
        if name not in {"ermek", "jyldyz"}:
            with pytest.raises(RightMissingError):
                act(person, at)
    assert not AuditEntry.objects.exists()
