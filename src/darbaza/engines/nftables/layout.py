"""How a box is wired: which interface leads where, under which address, and which port serves what.

It is read from a file that only root may write, for the gatekeeper believes it; the agent can't change it. In TOML:

    agent = "proxy"              # the account that may ask the gatekeeper
    mode = "router"              # or "bridge", "one-armed", "dns-only"
    wan = "eth0"                 # where the internet is; in a bridge the port towards the school's router
    staff_tcp = [465, 587, 993]  # what a signed-in member of staff may reach beside the web

    [[segments]]                 # one a network of the school
    interface = "lan1"
    address = "10.50.1.1/24"     # the box's own address there
    manages = false              # whether the box may be managed from there

    [ports]                      # only what differs
    portal_tls = 8443
"""

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from enum import StrEnum
from ipaddress import IPv4Address, IPv4Interface, IPv4Network
from itertools import pairwise
from typing import Any

import msgspec

from darbaza.engines.base import EngineError


class LayoutError(EngineError):
    """A layout can't be used; the text names the field and the remedy."""


class Mode(StrEnum):
    """How the box stands in the school's network."""

    ROUTER = "router"
    BRIDGE = "bridge"
    ONE_ARMED = "one-armed"
    DNS_ONLY = "dns-only"


class Promise(StrEnum):
    """What a deployment can hold. What is missing is not done badly but not at all."""

    NO_WAY_ROUND = "no-way-round"
    WEB_JUDGED = "web-judged"
    WEB_FORCED = "web-forced"
    NAMES_FORCED = "names-forced"
    NAMES_ANSWERED = "names-answered"
    ROOMS_APART = "rooms-apart"
    NEIGHBOURS_APART = "neighbours-apart"


PROMISES: dict[Mode, frozenset[Promise]] = {
    Mode.ROUTER: frozenset(Promise) - {Promise.NEIGHBOURS_APART},
    Mode.BRIDGE: frozenset(Promise),
    Mode.ONE_ARMED: frozenset({Promise.WEB_JUDGED, Promise.NAMES_ANSWERED}),
    Mode.DNS_ONLY: frozenset({Promise.NAMES_ANSWERED}),
}
"""What each way of standing in the network can hold. A router does not see what neighbours on one switch send each
other; beside another gateway there is nothing to lock, since students' packets do not pass here."""

_INTERFACE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,14}").fullmatch
_MAC = re.compile(r"[0-9a-f]{2}(:[0-9a-f]{2}){5}").fullmatch
_ACCOUNT = re.compile(r"[a-z_][a-z0-9_-]{0,31}").fullmatch


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """One network of the school: the interface towards it and the box's address there with its length, `10.1.0.1/24`.

    The box can be managed from a segment only if it `manages`.
    """

    interface: str
    address: str
    manages: bool = False

    @property
    def box(self) -> IPv4Address:
        """The box's own address."""
        return IPv4Interface(self.address).ip

    @property
    def network(self) -> IPv4Network:
        """The segment's network."""
        return IPv4Interface(self.address).network


@dataclass(frozen=True, slots=True, kw_only=True)
class Ports:
    """Where on the box each service listens; 0 for one that is not run.

    Whoever holds a grant gets `intercept_http` and `intercept_tls` for ports 80 and 443, everybody else `captive_http`
    and `captive_tls`, where nothing but the portal and the captive page answers. Likewise `proxy` and `captive_proxy`
    for whoever has a proxy set. `portal_http` and `portal_tls` serve ports 80 and 443 of the box's own address.
    `public` are further TCP ports for every device, `management` those for segments that manage.
    """

    intercept_http: int = 3129
    intercept_tls: int = 3130
    captive_http: int = 3131
    captive_tls: int = 3132
    proxy: int = 3128
    captive_proxy: int = 0
    dns: int = 53
    ntp: int = 0
    portal_http: int = 0
    portal_tls: int = 0
    public: tuple[int, ...] = ()
    management: tuple[int, ...] = (22,)

    @property
    def granted(self) -> tuple[int, ...]:
        """The proxy's ports for whoever holds a grant."""
        return used(self.proxy, self.intercept_http, self.intercept_tls)

    @property
    def captive(self) -> tuple[int, ...]:
        """The ports of the captive page."""
        return used(self.captive_http, self.captive_tls, self.captive_proxy)

    def all(self) -> Iterator[int]:
        """Every port that is set."""
        own = (self.dns, self.ntp, self.portal_http, self.portal_tls)
        yield from used(*self.granted, *self.captive, *own, *self.public, *self.management)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one device may do: connections at once, new ones a second (and in a burst), grants in all."""

    connections: int = 256
    new_per_second: int = 100
    burst: int = 300
    devices: int = 4096


@dataclass(frozen=True, slots=True, kw_only=True)
class GateLayout:
    """One box in its network; see the module for the fields.

    `bridge_ports` (the school's side), `bridge_mac` and `gateway` (the school's router) belong to a bridge, whose one
    segment's interface is the bridge itself. `student_tcp`, `staff_tcp` and `staff_udp` are ports that are forwarded
    for whoever holds a grant; web and names never are, for they have their proxies.
    """

    segments: tuple[Segment, ...]
    mode: Mode = Mode.ROUTER
    wan: str = ""
    agent: str = "proxy"
    ports: Ports = field(default_factory=Ports)
    limits: Limits = field(default_factory=Limits)
    student_tcp: tuple[int, ...] = ()
    staff_tcp: tuple[int, ...] = ()
    staff_udp: tuple[int, ...] = ()
    bridge_ports: tuple[str, ...] = ()
    bridge_mac: str = ""
    gateway: str = ""

    def __post_init__(self) -> None:
        """Raise LayoutError for the first thing that does not fit."""
        for problem in problems(self):
            raise LayoutError(problem)

    @property
    def forwards(self) -> bool:
        """Whether packets may pass through this box at all."""
        return self.mode in {Mode.ROUTER, Mode.BRIDGE}

    @property
    def promises(self) -> frozenset[Promise]:
        """What this deployment can hold."""
        return PROMISES[self.mode]

    def holds(self, address: IPv4Address) -> bool:
        """Whether a device of the school can have this address."""
        for segment in self.segments:
            if address in segment.network:
                ends = {segment.network.network_address, segment.network.broadcast_address}
                return address not in {*ends, segment.box} and str(address) != self.gateway
        return False


def used(*ports: int) -> tuple[int, ...]:
    """Those that are not 0, sorted and once each."""
    return tuple(sorted({port for port in ports if port}))


def problems(layout: GateLayout) -> Iterator[str]:
    """Everything that is wrong with a layout, each as a sentence that names the field and the remedy."""
    if not layout.segments:
        yield "no `segments`; name at least one network of the school"
    for segment in layout.segments:
        yield from _segment_problems(segment)
    yield from _port_problems(layout)
    if not _ACCOUNT(layout.agent):
        yield f"`{layout.agent}` is no account; name the one that the agent runs as"
    yield from _wan_problems(layout)
    yield from _bridge_problems(layout)


def _segment_problems(segment: Segment) -> Iterator[str]:
    if not _INTERFACE(segment.interface) or segment.interface == "lo":
        yield f"`{segment.interface}` is no interface; take a name from `ip link`"
    try:
        network, box = segment.network, segment.box
    except ValueError:
        yield f"`{segment.address}` is no address with its length; write for example `10.50.1.1/24`"
        return
    if network.prefixlen > 30 or box in {network.network_address, network.broadcast_address}:
        yield f"`{segment.address}` leaves no room for the box and a device; write for example `10.50.1.1/24`"


def _port_problems(layout: GateLayout) -> Iterator[str]:
    forwarded = (*layout.student_tcp, *layout.staff_tcp, *layout.staff_udp)
    for port in (*layout.ports.all(), *forwarded):
        if not 1 <= port <= 65535:
            yield f"port `{port}` is not between 1 and 65535"
    for port in forwarded:
        if port in {53, 80, 443, 853}:
            yield f"port `{port}` can't be forwarded: web and names go through their proxies; leave it out"
    served = [p for p in (*layout.ports.granted, *layout.ports.captive, layout.ports.dns, layout.ports.ntp) if p]
    for port in sorted({port for port in served if served.count(port) > 1}):
        yield f"port `{port}` stands for two services under [ports]; give each its own"
    limits = layout.limits
    if min(limits.connections, limits.new_per_second, limits.burst, limits.devices) < 1:
        yield "a limit under [limits] is below 1; it would close the gate to everybody"


def _wan_problems(layout: GateLayout) -> Iterator[str]:
    interfaces = [segment.interface for segment in layout.segments]
    if layout.forwards and not _INTERFACE(layout.wan):
        yield f"`wan` is `{layout.wan}`; name the interface towards the internet"
    if layout.wan in interfaces:
        yield f"`{layout.wan}` is `wan` and in a segment; a box with one leg is in mode `one-armed`"
    if len(set(interfaces)) < len(interfaces):
        yield "two `segments` have the same interface; give each its own"
    networks = sorted(segment.network for segment in layout.segments if _is_sound(segment))
    for one, other in pairwise(networks):
        if one.overlaps(other):
            yield f"the networks `{one}` and `{other}` overlap; a device would be in both"


def _is_sound(segment: Segment) -> bool:
    return not any(True for _ in _segment_problems(segment))


def _bridge_problems(layout: GateLayout) -> Iterator[str]:
    given = (layout.bridge_ports, layout.bridge_mac, layout.gateway)
    if layout.mode is not Mode.BRIDGE:
        if any(given):
            yield "`bridge_ports`, `bridge_mac` and `gateway` belong to mode `bridge`; leave them out"
        return
    if len(layout.segments) != 1:
        yield "a bridge has one segment, whose interface is the bridge itself"
    if not layout.bridge_ports or not all(map(_INTERFACE, layout.bridge_ports)) or layout.wan in layout.bridge_ports:
        yield "`bridge_ports` must name the ports towards the school, and not `wan`"
    if not _MAC(layout.bridge_mac):
        yield f"`bridge_mac` is `{layout.bridge_mac}`; take it from /sys/class/net/BRIDGE/address"
    if not _is_address(layout.gateway):
        yield f"`gateway` is `{layout.gateway}`; give the address of the school's router"


def _is_address(text: str) -> bool:
    try:
        return str(IPv4Address(text)) == text
    except ValueError:
        return False


def parse(text: str) -> GateLayout:
    """The layout in a TOML text. Raises LayoutError."""
    try:
        tables: dict[str, Any] = tomllib.loads(text)
        _refuse_unknown(tables)
        return msgspec.convert(tables, GateLayout)
    except tomllib.TOMLDecodeError as error:
        raise LayoutError(f"the layout is no TOML: {error}") from error
    except msgspec.ValidationError as error:
        raise LayoutError(f"the layout has {_lower(str(error))}") from error


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]


def _refuse_unknown(tables: dict[str, Any]) -> None:
    """A misspelt setting would silently not be set."""
    parts: list[tuple[str, Any, type[Any]]] = [("", tables, GateLayout)]
    parts += [(f"[{name}] ", tables.get(name, {}), kind) for name, kind in (("ports", Ports), ("limits", Limits))]
    segments = tables.get("segments", [])
    parts += [("[[segments]] ", one, Segment) for one in (segments if isinstance(segments, list) else [])]
    for where, table, kind in parts:
        for name in sorted(set(table) - {one.name for one in fields(kind)} if isinstance(table, dict) else ()):
            raise LayoutError(f"{where}`{name}` is no setting; see the head of darbaza/engines/nftables/layout.py")
