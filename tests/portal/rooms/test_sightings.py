"""Devices that boxes saw: read with care, kept as the latest report, entered at a seat by whoever keeps the plan."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.db import IntegrityError, transaction

from darbaza.portal.audit.models import AuditEntry
from darbaza.portal.people.refusals import ActRefusedError
from darbaza.portal.people.rights import RightMissingError
from darbaza.portal.rooms import actions, sightings
from darbaza.portal.rooms.home import home_part
from darbaza.portal.rooms.models import Device, DeviceKind, Doubt, Seat, Sighting
from tests.people import Cast, make_room
from tests.portal.live import signed_in

NEW, OLD, PRIVATE = "00:00:5e:00:53:11", "00:00:5e:00:53:22", "da:a1:19:00:53:01"
POOL, PLACE = "10.7.0.201", "10.7.0.1"

Latest = Callable[[], AuditEntry]


def sighting(at: datetime, doubt: Doubt = Doubt.STRANGER, mac: str = NEW, address: str = POOL) -> Sighting:
    return Sighting.objects.create(box="box", address=address, mac=mac, name="pc", doubt=doubt, since=at)


def seat_with(cast: Cast, at: datetime, mac: str = "") -> Seat:
    [seat] = actions.lay_out(room=make_room(), columns=1, rows=1, first_address=PLACE, by=cast.ermek, at=at)
    Device.objects.filter(seat=seat).update(mac=mac)
    return seat


def enrol(cast: Cast, at: datetime, one: Sighting, seat: Seat | None = None, kind: DeviceKind = DeviceKind.STUDENT):
    return actions.enrol_device(sighting=one, name="", kind=kind, seat=seat, by=cast.ermek, at=at)


def test_a_seen_device_becomes_the_computer_of_its_seat(cast: Cast, at: datetime, last_entry: Latest) -> None:
    seat = seat_with(cast, at)
    device = enrol(cast, at, sighting(at), seat)
    assert (device.address, device.mac, device.seat) == (PLACE, NEW, seat)
    assert (last_entry().act, last_entry().subject, last_entry().detail["card"]) == ("rooms:device:enrol", PLACE, NEW)
    assert not Sighting.objects.exists()
    assert Device.objects.count() == 1


def test_a_new_computer_takes_the_place_and_the_address_of_the_old_one(
    cast: Cast, at: datetime, last_entry: Latest
) -> None:
    seat = seat_with(cast, at, OLD)
    enrol(cast, at, sighting(at, Doubt.OTHER_CARD, NEW, PLACE), seat)
    assert Device.objects.get().mac == NEW
    assert last_entry().detail["before"] == OLD


def test_a_device_without_a_seat_keeps_the_address_at_which_it_was_seen(cast: Cast, at: datetime) -> None:
    device = enrol(cast, at, sighting(at), kind=DeviceKind.STAFF)
    assert (device.address, device.mac, device.kind, device.seat) == (POOL, NEW, DeviceKind.STAFF, None)


@pytest.mark.parametrize(
    ("doubt", "mac", "said"),
    [
        (Doubt.RANDOMISED, PRIVATE, "private address"),
        (Doubt.STRANGER, PRIVATE, "private address"),
        (Doubt.TWICE, NEW, "nothing to enter"),
        (Doubt.CHANGED, NEW, "nothing to enter"),
        (Doubt.NO_LEASE, NEW, "nothing to enter"),
        (Doubt.WRONG_ADDRESS, NEW, "nothing to enter"),
    ],
)
def test_what_is_no_new_device_is_not_entered(cast: Cast, at: datetime, doubt: Doubt, mac: str, said: str) -> None:
    with pytest.raises(ActRefusedError, match=said):
        enrol(cast, at, sighting(at, doubt, mac))
    assert not Device.objects.exists()


def test_a_card_belongs_to_one_device(cast: Cast, at: datetime) -> None:
    Device.objects.create(address="10.7.0.9", name="ПК-9", mac=NEW)
    with pytest.raises(ActRefusedError, match="belongs to ПК-9"):
        enrol(cast, at, sighting(at))
    with pytest.raises(IntegrityError), transaction.atomic():
        Device.objects.create(address="10.7.0.10", mac=NEW)
    Device.objects.create(address="10.7.0.11")
    Device.objects.create(address="10.7.0.12")


def test_cards_of_computers_entered_by_address_are_entered_together(
    cast: Cast, at: datetime, last_entry: Latest
) -> None:
    seat_with(cast, at)
    sighting(at, Doubt.NO_CARD, NEW, PLACE)
    sighting(at, Doubt.NO_CARD, PRIVATE, "10.7.0.2")
    assert actions.adopt_cards(by=cast.ermek, at=at) == 1
    assert Device.objects.get(address=PLACE).mac == NEW
    assert last_entry().detail["cards"] == {PLACE: NEW}
    with pytest.raises(ActRefusedError, match="is seen now"):
        actions.adopt_cards(by=cast.ermek, at=at)


def test_a_typed_card_is_read_and_a_device_keeps_it_when_it_is_not_typed(cast: Cast, at: datetime) -> None:
    def put(mac: str | None) -> str:
        put = actions.put_device(
            address=PLACE, name="", kind=DeviceKind.STAFF, seat=None, by=cast.ermek, at=at, mac=mac
        )
        return put.mac

    assert [put(" 00-00-5E-00-53-11 "), put(None), put(PRIVATE), put("")] == [NEW, NEW, PRIVATE, ""]
    with pytest.raises(ActRefusedError, match="no address of a network card"):
        put("кабель")


@pytest.mark.parametrize("name", ["gulnara", "nurlan", "aida", "saltanat", "zarina", "timur"])
def test_each_wrong_role_is_refused(cast: Cast, at: datetime, name: str) -> None:
    person, one = getattr(cast, name), sighting(at)
    with pytest.raises(RightMissingError):
        actions.enrol_device(sighting=one, name="", kind=DeviceKind.STAFF, seat=None, by=person, at=at)
    with pytest.raises(RightMissingError):
        actions.adopt_cards(by=person, at=at)
    assert not AuditEntry.objects.exists()
    assert signed_in(person).get("/rooms/seen").status_code == 403


# The report


def told(**changes: object) -> dict[str, object]:
    since = "2026-11-23T03:59:00+00:00"
    return {"address": POOL, "mac": NEW, "fault": "stranger", "expected": "", "name": "pc", "since": since, **changes}


def test_a_report_is_read(at: datetime) -> None:
    seen = sightings.read(told(fault="other-card", expected=OLD.upper(), name="a\x00b" + "c" * 99), at)
    assert (seen.doubt, seen.expected, seen.name) == (Doubt.OTHER_CARD, OLD, "ab" + "c" * 62)
    assert seen.since == at - timedelta(minutes=1)
    assert sightings.read(told(since="1970-01-01T00:00:00+00:00"), at).since == at
    assert sightings.read(told(since="2026-11-23T03:59:00"), at).since == at


@pytest.mark.parametrize(
    "wrong",
    [
        "x", {}, told(address="x"), told(mac="x"), told(fault="x"), told(since="x"), told(name=3), told(expected=None),
    ],
)  # fmt: skip
def test_what_is_no_report_is_refused(wrong: object, at: datetime) -> None:
    with pytest.raises(sightings.BadSightingError):
        sightings.read(wrong, at)


def test_a_report_takes_the_place_of_the_one_before(db: None, at: datetime) -> None:
    stranger, thief = sightings.read(told(), at), sightings.read(told(address=PLACE, fault="other-card"), at)
    assert not sightings.take("box", [stranger])
    assert sightings.take("box", [stranger, thief])
    assert not sightings.take("box", [thief])
    assert [one.address for one in Sighting.objects.all()] == [PLACE]
    sightings.take("other", [stranger])
    assert sightings.take("box", [])
    assert [one.box for one in Sighting.objects.all()] == ["other"]


# The page


def test_the_page_lists_both_and_enters_a_device(cast: Cast, at: datetime) -> None:
    seat = seat_with(cast, at)
    one = sighting(at)
    sighting(at, Doubt.NO_CARD, OLD, PLACE)
    client = signed_in(cast.ermek)
    client.cookies["darbaza_language"] = "en"
    page = client.get("/rooms/seen").content.decode()
    for text in (
        NEW,
        OLD,
        POOL,
        "Devices that the school does not know",
        "entered without its network card",
        "clause 2.9",
    ):
        assert text in page
    answer = client.post("/rooms/seen/enrol", {"sighting": one.pk, "seat": seat.pk, "kind": "student", "name": "A"})
    assert answer.status_code == 302
    assert Device.objects.get(address=PLACE).mac == NEW
    assert client.get("/rooms/seen/enrol").status_code == 405


def test_the_page_enters_all_cards_at_once(cast: Cast, at: datetime) -> None:
    seat_with(cast, at)
    sighting(at, Doubt.NO_CARD, OLD, PLACE)
    assert signed_in(cast.ermek).post("/rooms/seen/adopt").status_code == 302
    assert Device.objects.get(address=PLACE).mac == OLD


@pytest.mark.parametrize("language", ["ky", "ru"])
def test_the_page_stands_in_each_language(cast: Cast, at: datetime, language: str) -> None:
    sighting(at, Doubt.RANDOMISED, PRIVATE)
    client = signed_in(cast.ermek)
    client.cookies["darbaza_language"] = language
    page = client.get("/rooms/seen").content.decode()
    assert {"ky": "Көрүнгөн түзмөктөр", "ru": "Замеченные устройства"}[language] in page


def test_the_home_page_says_how_many(cast: Cast, at: datetime) -> None:
    sighting(at)
    sighting(at, Doubt.TWICE, OLD, PLACE)
    assert [fact.state for fact in home_part(cast.ermek, at).facts] == ["bad", "warn"]
    assert home_part(cast.aida, at).facts == ()


def test_who_claims_an_address_is_named_by_the_seat_of_its_card(cast: Cast, at: datetime) -> None:
    seat = seat_with(cast, at, mac=NEW)
    sighting(at, Doubt.IMPOSTOR, NEW, POOL)
    client = signed_in(cast.ermek)
    client.cookies["darbaza_language"] = "en"
    page = client.get("/rooms/seen").content.decode()
    assert "another computer claims this address" in page
    assert f"the computer of {seat}" in page
    (fact,) = home_part(cast.ermek, at).facts
    assert (fact.state, "address is claimed" in str(fact.text)) == ("bad", True)
    assert sightings.at_address(POOL) is None, "its owner is not told to do anything"
