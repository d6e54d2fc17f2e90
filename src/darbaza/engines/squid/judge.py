"""From one line of Squid to one answer and one event: the hot path, some ten microseconds long.

    ID ADDRESS HOST PATH SNI METHOD SCHEME PORT MANNER STAGE HELLO

Squid percent-escapes every value and writes `-` for what is absent. MANNER says how a page came
to be asked for (`config.VISIT`), or is `-`. STAGE is `-` for a request, or for a tunnel at its
TLS hello; `intercepted` for a tunnel that the packet filter turned aside, whose HOST is an address and whose name is
SNI; `inspected` for a request within a tunnel that is looked into; `captive` for what comes from a device that has not
been let in; `private`, `method` and `elsewhere` for Squid's reports of what it refuses by itself; `shown` where it
reports that a refusal was shown. HELLO is the hello's
bytes, and may be missing. Answers are `ID OK`, `ID ERR` with reference and clause for the page, or `ID BH` whenever
there is any doubt about the line.

What repeats is kept: readings of hosts, paths and routes, and verdicts with their written form. A verdict answers for
all askers and resources that `decide` cannot tell apart (`policy.alike`), until the instant at which time alone may
change it. A new state of rulebook, presence or catalogue begins with nothing kept, and every request is still judged
and logged on its own: so nothing outlives its lesson.
"""

import re
from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass
from datetime import UTC, datetime
from ipaddress import ip_address
from typing import TypeVar

from darbaza.engines.safesearch import is_below_any
from darbaza.engines.squid.config import (
    CAPTIVE,
    ELSEWHERE,
    INSPECTED,
    INTERCEPTED,
    METHOD,
    PAGE,
    PRIVATE,
    REQUEST,
    SHOWN,
    VISIT,
)
from darbaza.engines.squid.hello import ECH_HOSTS, hides_a_name
from darbaza.engines.squid.settings import METHODS
from darbaza.engines.squid.world import Known, World, know
from darbaza.policy.alike import AskerKind, alike
from darbaza.policy.decide import decide
from darbaza.policy.inspection import is_spared
from darbaza.policy.names import InvalidHost, normal_path, wire_host
from darbaza.policy.request import AccessRequest, Asker
from darbaza.policy.resource import Listing, Resource, bare_path
from darbaza.policy.rulebook import Inspection
from darbaza.policy.verdict import REGULATION, Deny, Message, Rank, Verdict
from darbaza.snapshot.presence import stranger
from darbaza.snapshot.spool import SpoolWriter, escape, format_what, nth_reference

MAX_LINE = 32 * 1024
"""Characters of a line; Squid reads no URL above 8 KiB, which escaping triples."""

MAX_KEPT = 32768
"""Entries of each table of kept readings; a table that is full is begun anew."""

MAX_VERDICTS = 65536
"""Verdicts kept in all."""

ENGINE = {
    message: Deny("2.11", REGULATION, Rank.DEFAULT, message)
    for message in (
        Message.ADDRESS_LITERAL,
        Message.NAME_MISMATCH,
        Message.NAME_MISSING,
        Message.NAME_HIDDEN,
        Message.UNSAFE_SEARCH,
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


TUNNEL, INSPECT = " OK tag=allow clt_conn_tag=allow", " OK tag=inspect clt_conn_tag=inspect"
"""How a tunnel is let through: untouched, or looked into. Squid notes the second word at the client's connection."""

REPORTS = {
    PRIVATE: Message.PRIVATE_DESTINATION,
    METHOD: Message.METHOD_REFUSED,
    ELSEWHERE: Message.NAME_MISMATCH,
}
NO_PATH = "-"
"""What Squid writes for the path of a tunnel; for one that was turned aside it writes `/`, and means nothing by it."""

STAGES = frozenset({REQUEST, INTERCEPTED, CAPTIVE, INSPECTED, SHOWN, *REPORTS})
MANNERS = {"-": "", VISIT: f"\t{VISIT}", PAGE: f"\t{PAGE}", SHOWN: f"\t{SHOWN}"}
"""How a page came to be asked for, with the end of an event's line."""


_SLASH = re.compile("%2f", re.IGNORECASE)


class Doubt(ValueError):  # noqa: N818 - a fact about a line, answered with BH
    """A line that cannot be read in exactly one way."""


@dataclass(frozen=True, slots=True)
class Route:
    """Method, port, manner and stage of a line, read: what the log says, and what speaks against it if anything does.

    `before` and `after` are the log's fields around the host, `end` is the last one, with their tabs. `is_tunnel` says
    that this is a tunnel at its hello; `is_named_by_hello` that its host is the TLS name, which else must be the same
    as the host; `is_report` that OK means refused.
    """

    before: str
    after: str
    end: str
    is_tunnel: bool
    is_named_by_hello: bool
    is_report: bool
    refusal: Verdict | None


@dataclass(frozen=True, slots=True)
class Place:
    """A host as read; `name` is empty for what can't be, `logged` is what the log holds. `is_unsafe` says that it is a
    search engine which can't be held to a safe mode.

    `listings` are None where they depend on the path. By its `kind` verdicts are kept, if it has one.
    """

    name: str
    is_address: bool
    logged: str
    kind: str | None
    listings: tuple[Listing, ...] | None
    is_unsafe: bool = False


@dataclass(frozen=True, slots=True)
class Written:
    """A verdict as it stands in the log, and the end of its answer. It is kept so that its id stays its own."""

    verdict: Verdict
    allows: bool
    what: str
    ending: str


@dataclass(frozen=True, slots=True)
class Caller:
    """A device with whoever is bound to it, and the verdicts kept for all who are alike, by kind of place.

    `who`, `is_adult`, `trusts` and `inspections` are as in `Known`.
    """

    asker: Asker
    who: str
    is_adult: bool
    trusts: bool
    inspections: tuple[Inspection, ...]
    kept: dict[str | None, Written]


K = TypeVar("K")
V = TypeVar("V")


class Judge:
    """Judges lines by one world. A new world needs a new judge, since everything kept belongs to its world."""

    def __init__(
        self,
        world: World,
        http_ports: Iterable[int],
        tls_ports: Iterable[int],
        *,
        refuses_hidden: bool = False,
        unsafe: Set[str] = frozenset(),
    ) -> None:
        """Judge by `world`; tunnels may lead to `tls_ports`, other requests to `http_ports`; `refuses_hidden` closes
        every student's tunnel whose hello may hide a name; to `unsafe` hosts and all below them no student comes."""
        self.world = world
        self._http_ports = frozenset(map(str, http_ports))
        self._tls_ports = frozenset(map(str, tls_ports))
        self._refuses_hidden, self._unsafe = refuses_hidden, unsafe
        self._alike = alike(world.rulebook, {k.asker.session: None for k in world.devices.values() if k.asker.session})
        self._kept: dict[AskerKind, dict[str | None, Written]] = {}
        self._kept_count = 0
        self._since = self._until = datetime.max.replace(tzinfo=UTC)
        self._callers = self._known_callers()
        self._places: dict[str, Place] = {}
        self._paths: dict[str, str] = {}
        self._plain = {NO_PATH}
        self._routes: dict[str, Route] = {}
        self._written: dict[int, Written] = {}
        self._heads: dict[tuple[str, ...], str] = {}

    def answers(self, lines: Iterable[str], at: datetime, at_us: int, spool: SpoolWriter) -> list[str]:
        """One answer per line, in order, without line ends; events go to `spool`, which the caller flushes first.

        `at` is the instant of the batch, `at_us` the same in microseconds since 1970.
        """
        if not self._since <= at < self._until:
            self._forget_what_time_ends(at)
        callers, places, routes, plain = self._callers.get, self._places.get, self._routes.get, self._plain
        first, n, stamp = spool.first_reference, spool.n, f"\t{at_us}\t"
        answers: list[str] = []
        events: list[str] = []
        for line in lines:
            try:
                ident, address, host, path, sni, way = line.split(" ", 5)
                way, _, hello = way.rpartition(" ")
                caller = callers(address) or self._stranger(address)
                route = routes(way) or self._route(way, hello)
                if route.is_named_by_hello and sni != "-":
                    host = sni
                place = places(host) or self._place(host)
                path = NO_PATH if route.is_tunnel else path.partition("?")[0]
                text = caller.kept.get(place.kind) if path in plain else None
                if text is None:
                    text = self._judged(caller, place, path, at)
                if route.is_tunnel:
                    text = self._of_tunnel(text, route, place, caller, sni, hello)
                elif text.allows and (route.refusal or place.is_address or place.is_unsafe or is_doubtful(place, path)):
                    text = self._second_thoughts(text, route, place, caller, path, at)
                n += 1
                events.append(f"{n}{stamp}{caller.who}{route.before}{place.logged}{route.after}{text.what}{route.end}")
                if text.allows:
                    looks = route.is_tunnel and caller.inspections and self._is_looked_into(caller, place, at)
                    answers.append(ident + (INSPECT if looks else TUNNEL if route.is_tunnel else " OK tag=allow"))
                else:
                    answers.append(ident + _refused(route, caller.trusts, nth_reference(first, n)) + text.ending)
            except Exception:
                answers.append(broken(line))
        spool.add_all(events)
        return answers

    def _is_looked_into(self, caller: Caller, place: Place, at: datetime) -> bool:
        """Whether what is allowed is looked into at this device."""
        standing = [one for one in caller.inspections if one.since <= at < one.until]
        listings = self.world.catalogue.listings(place.name)
        return bool(standing) and not any(is_spared(place.name, listings, one) for one in standing)

    def _judged(self, caller: Caller, place: Place, path: str, at: datetime) -> Written:
        """What `decide` says, kept for all that is alike. A path that hides something is refused, and told."""
        try:
            resource = self._resource(place, self._path(path))
        except InvalidHost:
            return self._text(ENGINE[Message.UNREADABLE_ADDRESS])
        text = self._text(decide(AccessRequest(caller.asker, resource, at), self.world.rulebook))
        if place.kind is not None and path in self._plain:
            if self._kept_count >= MAX_VERDICTS:
                self._forget()
            self._kept_count += 1
            caller.kept[place.kind] = text
        return text

    def _resource(self, place: Place, path: str) -> Resource:
        name, found = place.name, place.listings
        if found is None:
            found = self.world.catalogue.listings(name, path)
        return Resource(name, path, place.is_address, found)

    def _forget_what_time_ends(self, at: datetime) -> None:
        """What is kept from here on holds from `at` until time alone may change a verdict."""
        self._forget()
        self._since, self._until = at, self._alike.steady_until(at)

    def _forget(self) -> None:
        self._kept_count = 0
        for kept in self._kept.values():
            kept.clear()

    def _second_thoughts(
        self, text: Written, route: Route, place: Place, caller: Caller, path: str, at: datetime
    ) -> Written:
        """What becomes of a request that the rulebook allows with `text`."""
        if route.refusal:
            return self._text(route.refusal)
        if place.is_address:
            return self._text(ENGINE[Message.ADDRESS_LITERAL])
        if place.is_unsafe and not caller.is_adult:
            return self._text(ENGINE[Message.UNSAFE_SEARCH])
        return self._read_otherwise(text, place, caller, path, at)

    def _of_tunnel(self, text: Written, route: Route, place: Place, caller: Caller, sni: str, hello: str) -> Written:
        """What becomes of a tunnel on which the rulebook said `text`: allowed only under one name, in the clear."""
        name = place.name
        if name in ECH_HOSTS and not caller.is_adult and hides_a_name(hello):
            return self._text(ENGINE[Message.NAME_HIDDEN])
        if not text.allows:
            return text
        if route.refusal:
            return self._text(route.refusal)
        if place.is_address:
            return self._text(ENGINE[Message.ADDRESS_LITERAL])
        if place.is_unsafe and not caller.is_adult:
            return self._text(ENGINE[Message.UNSAFE_SEARCH])
        if sni == "-":
            return text if caller.is_adult else self._text(ENGINE[Message.NAME_MISSING])
        if sni != name and not self._is_same(sni, name):
            return self._text(ENGINE[Message.NAME_MISMATCH])
        if self._refuses_hidden and not caller.is_adult and hides_a_name(hello):
            return self._text(ENGINE[Message.NAME_HIDDEN])
        return text

    def _read_otherwise(self, text: Written, place: Place, caller: Caller, path: str, at: datetime) -> Written:
        """What becomes of a request that is allowed with `text`, if a site may read its path in another way too."""
        try:
            for reading in other_readings(path):
                resource = self._resource(place, self._path(reading))
                verdict = decide(AccessRequest(caller.asker, resource, at), self.world.rulebook)
                if not verdict.allows:
                    return self._text(verdict)
        except InvalidHost:
            return self._text(ENGINE[Message.UNREADABLE_ADDRESS])
        return text

    @staticmethod
    def _is_same(sni: str, name: str) -> bool:
        try:
            return wire_host(sni).name == name
        except InvalidHost:
            return False

    def _known_callers(self) -> dict[str, Caller]:
        return {address: self._caller(known) for address, known in self.world.devices.items()}

    def _caller(self, known: Known) -> Caller:
        kept = self._kept.setdefault(self._alike.asker(known.asker), {})
        return Caller(known.asker, known.who, known.is_adult, known.trusts, known.inspections, kept)

    def _stranger(self, address: str) -> Caller:
        """A device that nobody knows; junk in place of an address is a doubt. However many there are, they never
        displace one that is known."""
        ip_address(address)
        if len(self._callers) >= len(self.world.devices) + MAX_KEPT:
            self._callers.clear()
            self._callers.update(self._known_callers())
        caller = self._callers[address] = self._caller(know(stranger(address), self.world.rulebook))
        return caller

    def _place(self, raw: str) -> Place:
        if not raw.isascii() or not raw.isprintable():
            raise Doubt(raw)
        try:
            host = wire_host(raw.replace("%5B", "[").replace("%5D", "]"))
        except InvalidHost:
            return _keep(self._places, raw, Place("", False, escape(raw), None, ()))
        catalogue, name = self.world.catalogue, host.name
        unsafe = is_below_any(name, self._unsafe)
        if catalogue.has_pages(name):
            return _keep(self._places, raw, Place(name, host.is_address, name, None, None, unsafe))
        found = catalogue.listings(name)
        kind = self._alike.resource(Resource(name, "", host.is_address, found))
        return _keep(self._places, raw, Place(name, host.is_address, name, kind, found, unsafe))

    def _path(self, raw: str) -> str:
        """A path without dot segments and needless escapes; one that hides something is a doubt.

        Noted as plain are those that say nothing to a verdict on a host that has a kind.
        """
        if raw == NO_PATH:
            return ""
        known = self._paths.get(raw)
        if known is not None:
            return known
        path = normal_path(raw)
        if len(self._paths) >= MAX_KEPT:
            self._paths.clear()
            self._plain.clear()
            self._plain.add(NO_PATH)
        self._paths[raw] = path
        if not self._alike.is_download(path):
            self._plain.add(raw)
        return path

    def _route(self, way: str, hello: str) -> Route:
        """Method, scheme, port, manner and stage; where the hello is missing, the stage stands in its place."""
        words = f"{way} {hello}".split()
        if len(words) not in {5, 6}:
            raise Doubt(way)
        way = " ".join(words[:5])
        return self._routes.get(way) or self._new_route(way, words)

    def _new_route(self, way: str, words: Sequence[str]) -> Route:
        method, scheme, port, manner, stage = words[:5]
        if stage not in STAGES or manner not in MANNERS or not (method.isascii() and method.isprintable()):
            raise Doubt(way)
        if not (port.isascii() and port.isdecimal() and len(port) <= 5):
            raise Doubt(way)
        is_tunnel = method == "CONNECT" and stage in {REQUEST, INTERCEPTED, CAPTIVE}
        route = Route(
            before=f"\t{_method(method)}\t",
            after=f"\t{port}\t",
            end=MANNERS[manner],
            is_tunnel=is_tunnel,
            is_named_by_hello=(is_tunnel and stage != REQUEST) or stage == ELSEWHERE,
            is_report=not is_tunnel and stage not in {REQUEST, INSPECTED},
            refusal=self._within(method, scheme, port)
            if stage == INSPECTED
            else self._refusal(method, scheme, port, stage),
        )
        return _keep(self._routes, way, route)

    def _refusal(self, method: str, scheme: str, port: str, stage: str) -> Verdict | None:
        if stage == CAPTIVE:
            return NOT_LET_IN
        message = REPORTS.get(stage) or self._transport(method, scheme, port)
        return ENGINE[message] if message else None

    def _within(self, method: str, scheme: str, port: str) -> Verdict | None:
        """What speaks against a request within TLS that is looked into."""
        if scheme != "https" or method == "CONNECT":
            return ENGINE[Message.PROTOCOL_REFUSED]
        if method not in METHODS:
            return ENGINE[Message.METHOD_REFUSED]
        return None if port in self._tls_ports else ENGINE[Message.PORT_REFUSED]

    def _transport(self, method: str, scheme: str, port: str) -> Message | None:
        if method == "CONNECT":
            return None if port in self._tls_ports else Message.PORT_REFUSED
        if scheme != "http":
            return Message.PROTOCOL_REFUSED
        if method not in METHODS:
            return Message.METHOD_REFUSED
        return None if port in self._http_ports else Message.PORT_REFUSED

    def _text(self, verdict: Verdict) -> Written:
        """A verdict as text. One that cites a list entry is new at each request, so that only its head is kept."""
        text = self._written.get(id(verdict))
        if text is not None:
            return text
        ground, world, ending = verdict.ground, self.world, f" log={verdict.clause}"
        if not ground.entry:
            what = format_what(verdict, world.revision, world.epoch)
            return _keep(self._written, id(verdict), Written(verdict, verdict.allows, what, ending))
        key = (verdict.clause, verdict.message, verdict.category, ground.kind, ground.ref)
        head = self._heads.get(key) or _keep(self._heads, key, self._head(verdict))
        what = f"{head}\t{escape(ground.entry)}\t{world.revision}\t{world.epoch}"
        return Written(verdict, verdict.allows, what, ending)

    @staticmethod
    def _head(verdict: Verdict) -> str:
        """What is written before the entry."""
        return format_what(verdict, 0, 0).rsplit("\t", 3)[0]


def other_readings(path: str) -> list[str]:
    """How else a site may read a path: all of it must be allowed.

    Squid writes `#` and `%23` alike to us, and `#` as it is to the site, which may take it for the path's end; many
    sites take an escaped slash for a slash, and some see no parameters, nor dots and blanks at a segment's end.
    """
    whole = path.partition("%23")[0]
    found = {whole, _SLASH.sub("/", path), _SLASH.sub("/", whole), bare_path(whole)} - {path}
    return sorted(found)


def is_doubtful(place: Place, path: str) -> bool:
    """Whether a site may read a path otherwise, so that it matters: in more ways where pages of a host are listed."""
    return "%2" in path or (place.listings is None and (";" in path or "::" in path or "./" in f"{path}/"))


def broken(line: str) -> str:
    """BH for a line, by its id if it has one; Squid takes an answer without a known id for none."""
    ident = line[:12].partition(" ")[0]
    return f"{ident} BH tag=broken" if ident.isascii() and ident.isdecimal() else "BH"


def _refused(route: Route, trusts: bool, reference: str) -> str:
    """The end of an answer that refuses, up to the clause. For a tunnel Squid notes `clt_conn_tag` at the client's
    connection: the reference for the page, which a device that trusts the school's certificate is shown."""
    if route.is_tunnel and trusts:
        return f" ERR tag=page clt_conn_tag={reference} message={reference}"
    return f"{' OK' if route.is_report else ' ERR'} tag=deny message={reference}"


def _method(raw: str) -> str:
    """A method as the log holds it: Squid passes on any token."""
    return raw if raw in METHODS or raw == "CONNECT" else "".join(c for c in raw[:32] if c.isalnum() or c in "-_")


def _keep(table: dict[K, V], key: K, value: V) -> V:
    if len(table) >= MAX_KEPT:
        table.clear()
    table[key] = value
    return value
