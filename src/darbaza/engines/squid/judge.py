"""From one line of Squid to one answer and one event: the hot path, some ten microseconds long.

    ID ADDRESS HOST PATH SNI METHOD SCHEME PORT STAGE

Squid percent-escapes every value and writes `-` for what is absent. STAGE is `-` for a request (or a tunnel at its TLS
hello), `connect` for a tunnel whose hello is still to come, `private` for Squid's report that a name it may go to
leads into a private network. Answers are `ID OK`, `ID ERR` with reference and clause for the page, or `ID BH`
whenever there is any doubt about the line.

Texts that repeat are kept: readings of hosts, paths and routes, and the written form of a verdict. Verdicts are not:
each is made by `decide`.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from ipaddress import ip_address
from typing import TypeVar

from darbaza.engines.squid.config import CONNECTING, HELLO, PRIVATE
from darbaza.engines.squid.settings import METHODS
from darbaza.engines.squid.world import Known, World, know
from darbaza.policy.decide import decide
from darbaza.policy.names import InvalidHost, normal_path, wire_host
from darbaza.policy.request import AccessRequest
from darbaza.policy.resource import Resource
from darbaza.policy.verdict import REGULATION, Allow, Deny, Message, Rank, Verdict
from darbaza.snapshot.presence import stranger
from darbaza.snapshot.spool import SpoolWriter, escape, format_what, reference

MAX_LINE = 32 * 1024
"""Characters of a line; Squid reads no URL above 8 KiB, which escaping triples."""

MAX_KEPT = 16384
"""Entries of each table of kept texts; a table that is full is begun anew."""

ENGINE = {
    message: Deny("2.11", REGULATION, Rank.DEFAULT, message)
    for message in (
        Message.ADDRESS_LITERAL,
        Message.NAME_MISMATCH,
        Message.NAME_MISSING,
        Message.METHOD_REFUSED,
        Message.PORT_REFUSED,
        Message.PROTOCOL_REFUSED,
        Message.PRIVATE_DESTINATION,
        Message.UNREADABLE_ADDRESS,
    )
}
"""What only an engine can see, refused after everything that the rulebook refuses; 2.11: what is not known to be
lawful and educational stays closed."""


class Doubt(ValueError):  # noqa: N818 - a fact about a line, answered with BH
    """A line that cannot be read in exactly one way."""


@dataclass(frozen=True, slots=True)
class Route:
    """Method, port and stage of a line, read: what the log says, and what speaks against it if anything does.

    `before` and `after` are the log's fields around the host, with their tabs. `needs_name` says that the TLS name has
    to be compared, `is_early` that the tunnel will be judged again at its hello, `is_report` that OK means refused.
    """

    before: str
    after: str
    needs_name: bool
    is_early: bool
    is_report: bool
    refusal: Verdict | None


@dataclass(frozen=True, slots=True)
class Place:
    """A host as read; `name` is empty for what can't be, `logged` is what the log holds then."""

    name: str
    is_address: bool
    logged: str


@dataclass(frozen=True, slots=True)
class Written:
    """A verdict as it stands in the log, and the end of its answer. It is kept so that its id stays its own."""

    verdict: Verdict
    what: str
    ending: str


K = TypeVar("K")
V = TypeVar("V")


class Judge:
    """Judges lines by one world. A new world needs a new judge, since everything kept belongs to its world."""

    def __init__(self, world: World, http_ports: Iterable[int], tls_ports: Iterable[int]) -> None:
        """Judge by `world`; tunnels may lead to `tls_ports`, other requests to `http_ports`."""
        self.world = world
        self._http_ports = frozenset(map(str, http_ports))
        self._tls_ports = frozenset(map(str, tls_ports))
        self._devices = dict(world.devices)
        self._places: dict[str, Place] = {}
        self._paths: dict[str, str] = {"-": ""}
        self._routes: dict[str, Route] = {}
        self._written: dict[int, Written] = {}
        self._heads: dict[tuple[str, str, str], str] = {}

    def answers(self, lines: Iterable[str], at: datetime, at_us: int, spool: SpoolWriter) -> list[str]:
        """One answer per line, in order, without line ends; events go to `spool`, which the caller flushes first.

        `at` is the instant of the batch, `at_us` the same in microseconds since 1970.
        """
        rulebook, listings = self.world.rulebook, self.world.catalogue.listings
        devices, places, paths, routes, written = (
            self._devices.get, self._places.get, self._paths.get, self._routes.get, self._written.get
        )  # fmt: skip
        file, n, stamp, new = spool.file, spool.n, f"\t{at_us}\t", tuple.__new__
        answers: list[str] = []
        events: list[str] = []
        for line in lines:
            try:
                ident, address, host, path, sni, way = line.split(" ", 5)
                device = devices(address) or self._stranger(address)
                place = places(host) or self._place(host)
                route = routes(way) or self._route(way)
                if "?" in path:
                    path = path[: path.index("?")]
                known_path = paths(path)
                if known_path is None:
                    known_path = self._path(path)
                name = place.name
                found = listings(name, known_path) if name else ()
                resource = new(Resource, (name, known_path, place.is_address, found))
                verdict = decide(new(AccessRequest, (device.asker, resource, at)), rulebook)
                allows = type(verdict) is Allow
                if allows and (
                    route.refusal or place.is_address or (sni != name and route.needs_name) or "%23" in path
                ):
                    verdict = self._second_thoughts(route, place, device, sni, path, at) or verdict
                    allows = type(verdict) is Allow
                if allows and route.is_early:
                    answers.append(ident + " OK")
                    continue
                text = written(id(verdict)) or self._write(verdict)
                logged = name or place.logged
                n += 1
                events.append(f"{n}{stamp}{device.who}{route.before}{logged}{route.after}{text.what}")
                if allows:
                    answers.append(ident + " OK tag=allow")
                else:
                    word = " OK" if route.is_report else " ERR"
                    answers.append(f"{ident}{word} tag=deny message={reference(file, n)}{text.ending}")
            except Exception:
                answers.append(broken(line))
        spool.add_all(events)
        return answers

    def _second_thoughts(
        self, route: Route, place: Place, device: Known, sni: str, path: str, at: datetime
    ) -> Verdict | None:
        """What speaks against a request that the rulebook allows, or None."""
        if route.refusal:
            return route.refusal
        if place.is_address:
            return ENGINE[Message.ADDRESS_LITERAL]
        if "%23" in path:
            return self._without_fragment(place, device, path, at)
        if sni == "-":
            return None if device.is_adult else ENGINE[Message.NAME_MISSING]
        return None if self._is_same(sni, place.name) else ENGINE[Message.NAME_MISMATCH]

    def _without_fragment(self, place: Place, device: Known, path: str, at: datetime) -> Verdict:
        """The verdict on what stands before `#`. Squid writes `#` and `%23` alike to us, and `#` as it is to the site,
        which may take it for the end of the path: so both readings must be allowed."""
        cut = self._path(path[: path.index("%23")])
        resource = Resource(place.name, cut, False, self.world.catalogue.listings(place.name, cut))
        return decide(AccessRequest(device.asker, resource, at), self.world.rulebook)

    @staticmethod
    def _is_same(sni: str, name: str) -> bool:
        try:
            return wire_host(sni).name == name
        except InvalidHost:
            return False

    def _stranger(self, address: str) -> Known:
        """A device that nobody knows; junk in place of an address is a doubt."""
        ip_address(address)
        return _keep(self._devices, address, know(stranger(address), self.world.rulebook))

    def _place(self, raw: str) -> Place:
        if not raw.isascii() or not raw.isprintable():
            raise Doubt(raw)
        try:
            host = wire_host(raw.replace("%5B", "[").replace("%5D", "]"))
        except InvalidHost:
            return _keep(self._places, raw, Place("", False, escape(raw)))
        return _keep(self._places, raw, Place(host.name, host.is_address, ""))

    def _path(self, raw: str) -> str:
        """A path without dot segments and needless escapes; one that hides something is a doubt."""
        return _keep(self._paths, raw, normal_path(raw))

    def _route(self, way: str) -> Route:
        method, scheme, port, stage = way.split()
        is_tunnel = method == "CONNECT"
        if stage not in {HELLO, CONNECTING, PRIVATE} or not (method.isascii() and method.isprintable()):
            raise Doubt(way)
        if not (port.isascii() and port.isdecimal() and len(port) <= 5):
            raise Doubt(way)
        message = Message.PRIVATE_DESTINATION if stage == PRIVATE else self._transport(method, scheme, port)
        route = Route(
            before=f"\t{_method(method)}\t",
            after=f"\t{port}\t",
            needs_name=is_tunnel and stage == HELLO,
            is_early=stage == CONNECTING,
            is_report=stage == PRIVATE,
            refusal=ENGINE[message] if message else None,
        )
        return _keep(self._routes, way, route)

    def _transport(self, method: str, scheme: str, port: str) -> Message | None:
        if method == "CONNECT":
            return None if port in self._tls_ports else Message.PORT_REFUSED
        if scheme != "http":
            return Message.PROTOCOL_REFUSED
        if method not in METHODS:
            return Message.METHOD_REFUSED
        return None if port in self._http_ports else Message.PORT_REFUSED

    def _write(self, verdict: Verdict) -> Written:
        """A verdict as text. One that cites a list entry is new at each request, so that only its head is kept."""
        ground, world, ending = verdict.ground, self.world, f" log={verdict.clause}"
        if not ground.entry:
            what = format_what(verdict, world.revision, world.epoch)
            return _keep(self._written, id(verdict), Written(verdict, what, ending))
        key = (verdict.clause, verdict.category, ground.ref)
        head = self._heads.get(key) or _keep(self._heads, key, self._head(verdict))
        return Written(verdict, f"{head}\t{escape(ground.entry)}\t{world.revision}\t{world.epoch}", ending)

    @staticmethod
    def _head(verdict: Verdict) -> str:
        """What is written before the entry."""
        return format_what(verdict, 0, 0).rsplit("\t", 3)[0]


def broken(line: str) -> str:
    """BH for a line, by its id if it has one; Squid takes an answer without a known id for none."""
    ident = line[:12].partition(" ")[0]
    return f"{ident} BH tag=broken" if ident.isascii() and ident.isdecimal() else "BH"


def _method(raw: str) -> str:
    """A method as the log holds it: Squid passes on any token."""
    return raw if raw in METHODS or raw == "CONNECT" else "".join(c for c in raw[:32] if c.isalnum() or c in "-_")


def _keep(table: dict[K, V], key: K, value: V) -> V:
    if len(table) >= MAX_KEPT:
        table.clear()
    table[key] = value
    return value
