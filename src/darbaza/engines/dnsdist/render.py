"""What dnsdist is told, as the text of its Lua configuration. Pure: equal settings and policy give equal bytes.

DNS is the outer door: it says nothing about whoever may pass, only what nobody of a group may reach. A name of a closed
category is answered NXDOMAIN; every other name is left to Squid, which asks the policy core. So the rules here are few
and are the same at any hour: what stands in a lesson never reaches this file.

Whoever is not staff is bound as a student, an unknown device too. One constant database serves both engines: a look-up
walks from the asked name up to its parents and finds `<bits>:<set>`, a number below 2**53 in decimal, one bit a
category. LuaJIT's bit operations know 32 bits, so masks and values are split in two halves.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib.resources import files
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from string import Template

from darbaza.engines.base import Rendered
from darbaza.policy.rulebook import Rulebook, StatutoryScope, UserKind

CONFIGURATION = "dnsdist.conf"

LARGEST_BITS = 2**53
"""Lua's numbers are doubles: integers from here on are no longer exact."""

ALWAYS_CLOSED = ("circumvention", "doh")
"""Categories whose answers would lead around the gate; closed to whoever is not staff, whatever the rulebook says."""

CANARIES = ("use-application-dns.net", "mask.icloud.com", "mask-h2.icloud.com")
"""Names by which browsers and Private Relay ask whether the network filters; NXDOMAIN makes them use our answers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DnsdistSettings:
    """What a deployment chooses. Addresses are `host:port`, networks are CIDR, `queries_per_second` is for one client.

    `box` is the address that `own_names` are answered with. `allowed_private` are private networks that answers may
    point into; any other private answer is stripped, or a page from outside could reach inside.
    """

    listen: tuple[str, ...]
    upstreams: tuple[str, ...]
    catalogue: Path
    box: str
    clients: tuple[str, ...] = ("127.0.0.0/8",)
    own_names: tuple[str, ...] = ("darbaza", "why")
    allowed_private: tuple[str, ...] = ()
    queries_per_second: int = 200
    tcp_queries: int = 50
    cached_answers: int = 200_000


@dataclass(frozen=True, slots=True)
class DnsPolicy:
    """What follows from the rulebook: who is staff, and which categories (as bits) each group is not answered for."""

    staff: tuple[str, ...] = ()
    student_bits: int = 0
    staff_bits: int = 0


def dns_policy(rulebook: Rulebook, bits: Mapping[str, int]) -> DnsPolicy:
    """The part of a rulebook that DNS can hold; `bits` gives each category's bit number in the catalogue.

    A statutory category that the catalogue does not know has no names there, and closes nothing.
    """
    students = {closed.category for closed in rulebook.statutory} | set(ALWAYS_CLOSED)
    everybody = {closed.category for closed in rulebook.statutory if closed.scope is StatutoryScope.EVERYBODY}
    staff = sorted(device.address for device in rulebook.devices if device.kind is UserKind.STAFF)
    return DnsPolicy(tuple(staff), mask(students, bits), mask(everybody, bits))


def mask(categories: Iterable[str], bits: Mapping[str, int]) -> int:
    """The categories' bits as one number."""
    return sum(1 << bits[category] for category in categories if category in bits)


def render(settings: DnsdistSettings, policy: DnsPolicy) -> Rendered:
    """The whole configuration. A setting that cannot be told to dnsdist is a ValueError that names it."""
    return Rendered(CONFIGURATION, {CONFIGURATION: configuration(settings, policy)})


def configuration(settings: DnsdistSettings, policy: DnsPolicy) -> str:
    """The one file that dnsdist reads."""
    template = Template(files(__package__).joinpath("dnsdist.conf.lua").read_text(encoding="utf-8"))
    return template.substitute(
        listen=lines(f"{verb}({quoted(address)})" for verb, address in _local(settings.listen)),
        clients=table(settings.clients),
        upstreams=lines(_server(number, address) for number, address in enumerate(settings.upstreams, 1)),
        staff=lines(f"staff:addMask({quoted(network(entry))})" for entry in policy.staff),
        catalogue=quoted(str(settings.catalogue)),
        own_names=table(f"{name}." for name in settings.own_names),
        box=quoted(settings.box),
        canaries=table(f"{name}." for name in CANARIES),
        student_bits=halves(policy.student_bits),
        staff_bits=halves(policy.staff_bits),
        allowed4=lines(_range4(net) for net in _networks(settings.allowed_private) if isinstance(net, IPv4Network)),
        allowed6=lines(_range6(net) for net in _networks(settings.allowed_private) if isinstance(net, IPv6Network)),
        queries_per_second=str(int(settings.queries_per_second)),
        tcp_queries=str(int(settings.tcp_queries)),
        cached_answers=str(int(settings.cached_answers)),
    )


def quoted(text: str) -> str:
    """A Lua string. Line ends and other control bytes cannot stand in any of our settings."""
    if not text.isprintable():
        raise ValueError(f"`{text!r}` holds a control character; dnsdist cannot be told that")
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def table(texts: Iterable[str]) -> str:
    """A Lua table of strings."""
    return "{" + ", ".join(quoted(text) for text in texts) + "}"


def lines(statements: Iterable[str]) -> str:
    """Statements, one a line."""
    return "\n".join(statements)


def network(text: str) -> str:
    """A network or an address in canonical form; anything else is a ValueError."""
    return str(ip_network(text, strict=False))


def halves(bits: int) -> str:
    """A category mask as two 32-bit numbers: the high half, the low half."""
    if not 0 <= bits < LARGEST_BITS:
        raise ValueError(f"category bits `{bits}` do not fit in 53 bits; the catalogue holds too many categories")
    return f"{bits >> 32}, {bits & 0xFFFFFFFF}"


def _local(addresses: tuple[str, ...]) -> list[tuple[str, str]]:
    if not addresses:
        raise ValueError("no address to listen on; set `listen` to at least one `host:port`")
    return [("setLocal" if number == 0 else "addLocal", address) for number, address in enumerate(addresses)]


def _server(number: int, address: str) -> str:
    """One resolver behind us, asked each second whether it lives."""
    return (
        f'newServer({{address={quoted(address)}, name="upstream{number}", useClientSubnet=false, '
        f'checkName=".", checkType="NS", checkInterval=1, maxCheckFailures=3}})'
    )


def _networks(texts: tuple[str, ...]) -> list[IPv4Network | IPv6Network]:
    return [ip_network(text, strict=False) for text in texts]


def _range4(net: IPv4Network) -> str:
    """First and last address as numbers, for an answer's four bytes."""
    return f"  {{{int(net.network_address)}, {int(net.broadcast_address)}}}, -- {net}"


def _range6(net: IPv6Network) -> str:
    """The network's bytes and its length in bits."""
    octets = ", ".join(str(octet) for octet in net.network_address.packed)
    return f"  {{{net.prefixlen}, {{{octets}}}}}, -- {net}"
