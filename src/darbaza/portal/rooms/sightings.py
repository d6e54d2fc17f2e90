"""Devices that boxes saw and that have no identity: strangers, and computers that are not who they should be."""

import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from darbaza.policy.cards import InvalidCard, canonical_mac
from darbaza.portal.rooms.models import Device, Doubt, Sighting

MOST = 300
LONGEST_NAME = 64

NOBODYS = frozenset({Doubt.STRANGER, Doubt.RANDOMISED})
"""Devices that the school does not know. All other doubts are about one that it does."""

EARLIEST, LATEST = timedelta(days=366), timedelta(hours=1)
"""How far a box's clock may be off before its instants are taken for ours."""

HELP: dict[str, Promise] = {
    Doubt.STRANGER: _("Only the school's devices reach the internet. Ask the teacher responsible for ICT to enter it."),
    Doubt.RANDOMISED: _(
        "This device hides its network card, so the school cannot know it again. If it is the school's, turn the "
        "private address off for this network: Windows: Settings, Network, “Random hardware addresses”: off. Android: "
        "the network's settings, Privacy, “Use device MAC”. iPhone, iPad, Mac: the network's settings, “Private "
        "address”: off. Then connect again."
    ),
    Doubt.OTHER_CARD: _("This address belongs to another computer. Set the address to “automatic” and connect again."),
    Doubt.WRONG_ADDRESS: _(
        "This computer has an address of its own. Set the address to “automatic” and connect again."
    ),
    Doubt.TWICE: _("Two computers show the same network card. Ask the teacher to look which of them is the right one."),
    Doubt.NO_CARD: _(
        "This computer's network card is not entered yet. Ask the teacher responsible for ICT to enter it."
    ),
    Doubt.NO_LEASE: _("The address of this computer was set by hand. Set it to “automatic” and connect again."),
    Doubt.IMPOSTOR: _(
        "The computer at the seat is the right one and goes on working. Another one, with the network card that is "
        "shown, takes its address and reaches nothing. Look who does that."
    ),
    Doubt.GONE: _("It is switched off or in another network, a phone's for instance. Look where it is."),
    Doubt.CHANGED: _("Another computer stood here at the sign-in, so it counts no more. Sign in again."),
}
"""What whoever sits in front of the device can do."""


class BadSightingError(ValueError):
    """A box reported what is no sighting; the message says what."""


@dataclass(frozen=True, slots=True)
class Seen:
    """One device as a box reports it."""

    address: str
    mac: str
    expected: str
    name: str
    doubt: Doubt
    since: datetime


def read(raw: object, at: datetime) -> Seen:
    """One entry of a report. Raises `BadSightingError`."""
    if not isinstance(raw, dict) or not all(isinstance(value, str) for value in raw.values()):
        raise BadSightingError("each of `devices` must be an object of texts")
    try:
        address = str(ipaddress.ip_address(raw["address"]))
        macs = [canonical_mac(raw[key]) if raw[key] else "" for key in ("mac", "expected")]
        since, doubt = datetime.fromisoformat(raw["since"]), Doubt(raw["fault"])
    except (KeyError, InvalidCard, ValueError) as error:
        raise BadSightingError(f"a device can't be read: {error}") from error
    if since.tzinfo is None or not at - EARLIEST < since < at + LATEST:
        since = at
    name = "".join(c for c in raw.get("name", "") if c.isprintable())[:LONGEST_NAME]
    return Seen(address, macs[0], macs[1], name, doubt, since)


@transaction.atomic
def take(box: str, seen: Iterable[Seen]) -> bool:
    """Keep a box's report in place of its last; whether a computer of the school came into doubt or out of it."""
    before = _known(Sighting.objects.filter(box=box))
    Sighting.objects.filter(box=box).delete()
    by_address = {one.address: one for one in seen}
    made = [
        Sighting(
            box=box, address=one.address, mac=one.mac, expected=one.expected, name=one.name, doubt=one.doubt,
            since=one.since,
        )
        for one in by_address.values()
    ]  # fmt: skip
    Sighting.objects.bulk_create(made)
    return _known(made) != before


def _known(found: Iterable[Sighting]) -> set[tuple[str, str, str]]:
    return {(one.address, one.mac, one.doubt) for one in found if one.doubt not in NOBODYS}


def unknown() -> QuerySet[Sighting]:
    """Devices that the school does not know."""
    return Sighting.objects.filter(doubt__in=NOBODYS)


def in_doubt() -> QuerySet[Sighting]:
    """The school's computers that are not who they should be, and those whose address another one claims."""
    return Sighting.objects.exclude(doubt__in={*NOBODYS, Doubt.GONE})


def at_address(address: str) -> Sighting | None:
    """What is wrong with the device at an address, if anything is."""
    found = Sighting.objects.filter(address=address).exclude(doubt__in={Doubt.IMPOSTOR, Doubt.GONE})
    return found.first() if address else None


def owners_of(found: Iterable[Sighting]) -> dict[str, Device]:
    """The school's devices whose network cards were seen, by card: where an impostor sits, if it is one of ours."""
    cards = [one.mac for one in found if one.mac]
    return {one.mac: one for one in Device.objects.filter(mac__in=cards).select_related("seat__room")}


def doubts_of(devices: Iterable[Device]) -> dict[str, Sighting]:
    """What is wrong with these devices, by address."""
    addresses = [device.address for device in devices]
    return {one.address: one for one in in_doubt().filter(address__in=addresses)}


def departed(devices: Iterable[Device]) -> dict[str, Sighting]:
    """Which of these devices left the network although somebody has signed in there, by address."""
    addresses = [device.address for device in devices]
    return {one.address: one for one in Sighting.objects.filter(doubt=Doubt.GONE, address__in=addresses)}


def departed_of(box: str) -> frozenset[str]:
    """The addresses that a box last said to have left."""
    return frozenset(Sighting.objects.filter(doubt=Doubt.GONE, box=box).values_list("address", flat=True))
