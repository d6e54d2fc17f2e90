"""From one line of Squid to one answer and one event: the hot path, some ten microseconds long.

    ID ADDRESS HOST PATH SNI METHOD SCHEME PORT STAGE HELLO

Squid percent-escapes every value and writes `-` for what is absent. STAGE is `-` for a request, or for a tunnel at its
TLS hello; `intercepted` for a tunnel that the packet filter turned aside, whose HOST is an address and whose name is
SNI; `captive` for what comes from a device that has not been let in; `private` and `method` for Squid's reports of what
it refuses by itself. HELLO is the hello's bytes, and may be missing. Answers are `ID OK`, `ID ERR` with reference and
clause for the page, or `ID BH` whenever there is any doubt about the line.

Texts that repeat are kept: readings of hosts, paths and routes, and the written form of a verdict. Verdicts are not:
each is made by `decide`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from ipaddress import ip_address
from typing import TypeVar

from darbaza.engines.squid.config import CAPTIVE, INTERCEPTED, METHOD, PRIVATE, REQUEST
from darbaza.engines.squid.hello import ECH_HOSTS, hides_a_name
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
        Message.NAME_HIDDEN,
        Message.METHOD_REFUSED,
        Message.PORT_REFUSED,
        Message.PROTOCOL_REFUSED,
        Message.PRIVATE_DESTINATION,
        Message.UNREADABLE_ADDRESS,
    )
}
"""What only an engine can see, refused after everything that the rulebook refuses; 2.11: what is not known to be
lawful and educational stays closed."""

NOT_LET_IN = Deny("2.9", REGULATION, Rank.SUPERVISION, Message.SIGN_IN_FIRST)
"""To a device that the packet filter keeps out, although the address it uses would be let through: until somebody has
signed in at that very device, the address alone says nothing."""


REPORTS = {PRIVATE: Message.PRIVATE_DESTINATION, METHOD: Message.METHOD_REFUSED}
STAGES = frozenset({REQUEST, INTERCEPTED, CAPTIVE, *REPORTS})


class Doubt(ValueError):  # noqa: N818 - a fact about a line, answered with BH
    """A line that cannot be read in exactly one way."""


@dataclass(frozen=True, slots=True)
class Route:
    """Method, port and stage of a line, read: what the log says, and what speaks against it if anything does.

    `before` and `after` are the log's fields around the host, with their tabs. `is_tunnel` says that this is a tunnel
    at its hello; `is_named_by_hello` that its host is the TLS name, which else must be the same as the host;
    `is_report` that OK means refused.
    """

    before: str
    after: str
    is_tunnel: bool
    is_named_by_hello: bool
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

    def __init__(
        self, world: World, http_ports: Iterable[int], tls_ports: Iterable[int], *, refuses_hidden: bool = False
    ) -> None:
        """Judge by `world`; tunnels may lead to `tls_ports`, other requests to `http_ports`; `refuses_hidden` closes
        every student's tunnel whose hello may hide a name."""
        self.world = world
        self._http_ports = frozenset(map(str, http_ports))
        self._tls_ports = frozenset(map(str, tls_ports))
        self._refuses_hidden = refuses_hidden
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
                route = routes(way) or self._route(way)
                if route.is_named_by_hello and sni != "-":
                    host = sni
                place = places(host) or self._place(host)
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
                if route.is_tunnel:
                    verdict = self._of_tunnel(verdict, route, place, device, sni, way)
                    allows = type(verdict) is Allow
                elif allows and (route.refusal or place.is_address or "%23" in path):
                    verdict = self._second_thoughts(route, place, device, path, at)
                    allows = type(verdict) is Allow
                text = written(id(verdict)) or self._write(verdict)
                logged = name or place.logged
                n += 1
                events.append(f"{n}{stamp}{device.who}{route.before}{logged}{route.after}{text.what}")
                if route.is_tunnel:
                    answers.append(ident + _to_tunnel(allows, device.trusts, reference(file, n), text.ending))
                elif allows:
                    answers.append(ident + " OK tag=allow")
                else:
                    word = " OK" if route.is_report else " ERR"
                    answers.append(f"{ident}{word} tag=deny message={reference(file, n)}{text.ending}")
            except Exception:
                answers.append(broken(line))
        spool.add_all(events)
        return answers

    def _second_thoughts(self, route: Route, place: Place, device: Known, path: str, at: datetime) -> Verdict:
        """What becomes of a request that the rulebook allows."""
        if route.refusal:
            return route.refusal
        return ENGINE[Message.ADDRESS_LITERAL] if place.is_address else self._without_fragment(place, device, path, at)

    def _of_tunnel(self, verdict: Verdict, route: Route, place: Place, device: Known, sni: str, way: str) -> Verdict:
        """What becomes of a tunnel on which the rulebook said `verdict`: allowed only under one name, in the clear."""
        name = place.name
        if name in ECH_HOSTS and not device.is_adult and hides_a_name(_hello(way)):
            return ENGINE[Message.NAME_HIDDEN]
        if type(verdict) is not Allow:
            return verdict
        if route.refusal:
            return route.refusal
        if place.is_address:
            return ENGINE[Message.ADDRESS_LITERAL]
        if sni == "-":
            return verdict if device.is_adult else ENGINE[Message.NAME_MISSING]
        if sni != name and not self._is_same(sni, name):
            return ENGINE[Message.NAME_MISMATCH]
        if (self._refuses_hidden or name in ECH_HOSTS) and not device.is_adult and hides_a_name(_hello(way)):
            return ENGINE[Message.NAME_HIDDEN]
        return verdict

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
        """Method, scheme, port and stage. They repeat; a hello never does, and is not kept."""
        words = way.split()
        if len(words) not in {4, 5}:
            raise Doubt(way)
        way = " ".join(words[:4])
        return self._routes.get(way) or self._new_route(way, words)

    def _new_route(self, way: str, words: Sequence[str]) -> Route:
        method, scheme, port, stage = words[:4]
        if stage not in STAGES or not (method.isascii() and method.isprintable()):
            raise Doubt(way)
        if not (port.isascii() and port.isdecimal() and len(port) <= 5):
            raise Doubt(way)
        is_tunnel = method == "CONNECT" and stage in {REQUEST, INTERCEPTED, CAPTIVE}
        route = Route(
            before=f"\t{_method(method)}\t",
            after=f"\t{port}\t",
            is_tunnel=is_tunnel,
            is_named_by_hello=is_tunnel and stage != REQUEST,
            is_report=not is_tunnel and stage != REQUEST,
            refusal=self._refusal(method, scheme, port, stage),
        )
        return _keep(self._routes, way, route)

    def _refusal(self, method: str, scheme: str, port: str, stage: str) -> Verdict | None:
        if stage == CAPTIVE:
            return NOT_LET_IN
        message = REPORTS.get(stage) or self._transport(method, scheme, port)
        return ENGINE[message] if message else None

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


def _to_tunnel(allows: bool, trusts: bool, reference: str, ending: str) -> str:
    """The end of an answer for a tunnel. Squid notes `clt_conn_tag` at the client's connection: `allow`, or the
    reference for the page, which a device that trusts the school's certificate is shown."""
    if allows:
        return " OK tag=allow clt_conn_tag=allow"
    tag = f"page clt_conn_tag={reference}" if trusts else "deny"
    return f" ERR tag={tag} message={reference}{ending}"


def _hello(way: str) -> str:
    words = way.split()
    return words[4] if len(words) > 4 else ""


def _method(raw: str) -> str:
    """A method as the log holds it: Squid passes on any token."""
    return raw if raw in METHODS or raw == "CONNECT" else "".join(c for c in raw[:32] if c.isalnum() or c in "-_")


def _keep(table: dict[K, V], key: K, value: V) -> V:
    if len(table) >= MAX_KEPT:
        table.clear()
    table[key] = value
    return value
