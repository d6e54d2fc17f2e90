"""Whether a device is the one it says: its card's address (MAC), its IP address, its lease and its sign-in must agree.

An IP address alone says nothing: anybody can set one. So a grant is given to a pair (MAC, IP), and only while nothing
contradicts it. `identities` looks at what the box sees on its wires, what the school registered and what stood at the
sign-in, and tells for each address either the MAC to which a grant may be tied, or what is wrong (`Fault`). It is pure;
`identity_sources` reads the leases and the kernel's neighbour table, `identity_watch` looks again at every change.

What can't be seen from here is said in THREAT_MODEL.md: two machines that show the same MAC, IP and name behind one
unmanaged switch are one machine to everybody but the switch.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from ipaddress import IPv4Address, IPv4Network, ip_address

from darbaza.policy.cards import is_randomised

LEASE_GRACE = timedelta(minutes=10)
"""How long past its end a lease still counts: the DHCP server removes an old one itself, unless it is down."""

CLAUSE = "2.9"
"""No student is online without a named supervisor who knows who sits where: that is what a swapped identity breaks."""


class Fault(StrEnum):
    """Why an address has no identity. `STRANGER` is no contradiction, only nobody's device.

    `NO_CARD`: where addresses are given out, one that is registered without its card could be given to anybody.
    `IMPOSTOR`: nothing is wrong with the device; another one claims its address, and the packet filter drops that one.
    """

    STRANGER = "stranger"
    RANDOMISED = "randomised"
    OTHER_CARD = "other-card"
    WRONG_ADDRESS = "wrong-address"
    TWICE = "twice"
    NO_CARD = "no-card"
    NO_LEASE = "no-lease"
    CHANGED = "changed"
    IMPOSTOR = "impostor"


@dataclass(frozen=True, slots=True)
class Lease:
    """What the DHCP server gave out. `name` is the host name, `client` what the device calls itself; both may be empty.

    `until` is None for a lease without end.
    """

    address: str
    mac: str
    until: datetime | None = None
    name: str = ""
    client: str = ""


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A pair that the kernel learned on an interface; `is_fresh` if it was heard from within the last minute."""

    address: str
    mac: str
    interface: str = ""
    is_fresh: bool = True


@dataclass(frozen=True, slots=True)
class Seen:
    """All that the box sees. `leases` is None where it gives out none; `wandering` are MACs that hop between ports."""

    leases: tuple[Lease, ...] | None = None
    neighbours: tuple[Neighbour, ...] = ()
    wandering: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Terms:
    """What a deployment asks for: in `leased` networks an address counts only with a lease, save `static` ones."""

    leased: tuple[IPv4Network, ...] = ()
    static: frozenset[str] = frozenset()

    def needs_lease(self, address: str) -> bool:
        """Whether this address must have been leased."""
        if not self.leased or address in self.static:
            return False
        parsed = ip_address(address)
        return isinstance(parsed, IPv4Address) and any(parsed in network for network in self.leased)


@dataclass(frozen=True, slots=True)
class Mark:
    """By what a device is known again: its MAC, and the name and client of its lease if it has one."""

    mac: str
    name: str = ""
    client: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """What is wrong at an address: the MAC that was seen there, the one expected (either may be empty), the name."""

    address: str
    mac: str
    fault: Fault
    expected: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True)
class Identities:
    """`macs`: IP address → the MAC to which a grant may be tied. `faults`: addresses that have no identity, and why.

    `marks` are what to remember of a device when somebody signs in at it.
    """

    macs: Mapping[str, str] = field(default_factory=dict)
    faults: Mapping[str, Finding] = field(default_factory=dict)
    marks: Mapping[str, Mark] = field(default_factory=dict)


def identities(
    registered: Mapping[str, str], seen: Seen, terms: Terms, signed_in: Mapping[str, Mark], at: datetime
) -> Identities:
    """Judge every address that is registered or seen.

    `registered` gives each known device's address with its MAC, or empty where none was entered. `signed_in` gives for
    devices with somebody signed in what the device was known by at the sign-in.
    """
    view = _View(registered, seen, terms, at)
    macs: dict[str, str] = {}
    faults: dict[str, Finding] = {}
    marks: dict[str, Mark] = {}
    for address in sorted({*registered, *view.macs_at}):
        mark = view.mark(address)
        finding = view.fault(address, mark, signed_in.get(address))
        if finding is not None:
            faults[address] = finding
        elif mark.mac:
            macs[address], marks[address] = mark.mac, mark
    return Identities(macs, faults, marks)


class _View:
    """What is known, by address and by MAC."""

    def __init__(self, registered: Mapping[str, str], seen: Seen, terms: Terms, at: datetime) -> None:
        self.registered, self.terms, self.wandering = registered, terms, seen.wandering
        self.owner = {mac: address for address, mac in registered.items() if mac}
        self.leases = {lease.address: lease for lease in seen.leases or () if _counts(lease, at)}
        self.macs_at: dict[str, set[str]] = defaultdict(set)
        self.stale_at: dict[str, str] = {}
        self.places: dict[str, set[str]] = defaultdict(set)
        self.addresses_of: dict[str, set[str]] = defaultdict(set)
        for one in seen.neighbours:
            self._add(one)

    def _add(self, one: Neighbour) -> None:
        """Only what was heard from lately contradicts anything: the kernel keeps old pairs for ever."""
        if not one.is_fresh:
            self.stale_at[one.address] = one.mac
            return
        self.macs_at[one.address].add(one.mac)
        self.places[one.mac].add(one.interface)
        if isinstance(ip_address(one.address), IPv4Address):
            self.addresses_of[one.mac].add(one.address)

    def mark(self, address: str) -> Mark:
        """The device at an address: as it is heard, or as it is registered, leased or remembered while it is silent."""
        lease = self.leases.get(address)
        heard = sorted(self.macs_at.get(address, ()))
        leased = lease.mac if lease else ""
        mac = heard[0] if heard else self.registered.get(address) or leased or self.stale_at.get(address, "")
        named = lease is not None and lease.mac == mac
        return Mark(mac, lease.name, lease.client) if named and lease else Mark(mac)

    def fault(self, address: str, mark: Mark, before: Mark | None) -> Finding | None:
        """The first thing that speaks against the device at an address."""
        expected = self.registered.get(address, "")
        wrong = [mac for mac in sorted(self.macs_at.get(address, ())) if expected and mac != expected]
        fault = Fault.OTHER_CARD if wrong else self._fault(address, mark, before)
        if fault is None:
            return None
        known = expected or (before.mac if before else "")
        return Finding(address, wrong[0] if wrong else mark.mac, fault, known, mark.name)

    def _fault(self, address: str, mark: Mark, before: Mark | None) -> Fault | None:
        if self.owner.get(mark.mac, address) != address and address in self.macs_at:
            return Fault.WRONG_ADDRESS
        if address not in self.registered:
            return Fault.RANDOMISED if is_randomised(mark.mac) else Fault.STRANGER
        if not mark.mac:
            return None
        if self._is_twice(address, mark.mac):
            return Fault.TWICE
        if before is not None and _differs(before, mark):
            return Fault.CHANGED
        if is_randomised(mark.mac) and not self.registered[address]:
            return Fault.RANDOMISED
        if not self.registered[address] and self.terms.needs_lease(address):
            return Fault.NO_CARD
        return Fault.NO_LEASE if self._lacks_lease(address, mark.mac) else None

    def _is_twice(self, address: str, mac: str) -> bool:
        """One card in two places, at two known addresses, or one address at two cards."""
        elsewhere = self.addresses_of.get(mac, set()) & self.registered.keys() - {address}
        both = len(self.macs_at.get(address, ())) > 1 or len(self.places.get(mac, ())) > 1
        return both or bool(elsewhere and address in self.macs_at) or mac in self.wandering

    def _lacks_lease(self, address: str, mac: str) -> bool:
        """A device that is silent needs no lease yet; nothing can be granted to it that it could use."""
        if not self.terms.needs_lease(address) or address not in self.macs_at:
            return False
        lease = self.leases.get(address)
        return lease is None or lease.mac != mac


def _counts(lease: Lease, at: datetime) -> bool:
    return lease.until is None or lease.until + LEASE_GRACE > at


def _differs(before: Mark, now: Mark) -> bool:
    """Whether another device stands here. A name that was or is not known says nothing."""
    if before.mac != now.mac:
        return True
    return any(was and named and was != named for was, named in ((before.name, now.name), (before.client, now.client)))
