"""dnsdist's configuration from the box's settings, as Lua text.

All Lua is in `lua/*.lua`, put together in the order of their names; only the first part has places for settings. What
the school decides is not in it: see `policy`. What a newer dnsdist can do besides is said by its version (`Abilities`),
so that Debian 12's 1.7.3 and later ones stand behind the same interface.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.resources import files
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from pathlib import Path
from string import Template

from darbaza.engines.base import Rendered
from darbaza.engines.dnsdist.settings import DnsdistSettings
from darbaza.engines.safesearch import Safe, safe_hosts, unsafe_hosts

CONFIGURATION = "dnsdist.conf"

CANARIES = ("use-application-dns.net", "mask.icloud.com", "mask-h2.icloud.com")
"""Names by which browsers and Private Relay ask whether the network filters; NXDOMAIN makes them use our answers."""

EMPTY_NAMES = ("resolver.arpa",)
"""Where clients look for encrypted resolvers (RFC 9462): the name is there, and has nothing."""

LOCAL_NAMES = ("local", "onion", "invalid", "alt", "localhost")
"""Names that no resolver outside knows (RFC 6761, 6762, 7686, 9476); asking for them tells only who asks."""

_LABEL = r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9])?"
_HOST_NAME = re.compile(rf"{_LABEL}(?:\.{_LABEL})*").fullmatch


@dataclass(frozen=True, slots=True)
class Abilities:
    """What the installed version can do beyond 1.7.3."""

    has_extended_errors: bool = False
    limits_new_connections: bool = False


def abilities(version: tuple[int, ...]) -> Abilities:
    """What dnsdist of this version can do: extended DNS errors from 1.9, a limit of new TCP connections from 2.0."""
    return Abilities(has_extended_errors=version >= (1, 9), limits_new_connections=version >= (2, 0))


@dataclass(frozen=True, slots=True)
class Places:
    """The files that dnsdist reads anew while it runs, and the one it writes refusals to."""

    policy: Path
    suffixes: Path
    refused: Path


def render(settings: DnsdistSettings, places: Places, version: tuple[int, ...]) -> Rendered:
    """The whole configuration. A setting that cannot be told to dnsdist is a ValueError that names it."""
    return Rendered(CONFIGURATION, {CONFIGURATION: configuration(settings, places, abilities(version))})


def configuration(settings: DnsdistSettings, places: Places, able: Abilities) -> str:
    """The one file that dnsdist reads."""
    parts = sorted((part for part in files(__package__).joinpath("lua").iterdir()), key=lambda part: part.name)
    first, *rest = [part.read_text(encoding="utf-8") for part in parts if part.name.endswith(".lua")]
    return Template(first).substitute(_values(settings, places, able)) + "".join(rest)


def _values(settings: DnsdistSettings, places: Places, able: Abilities) -> dict[str, str]:
    own = dict.fromkeys(filter(None, [*settings.own_clients, settings.box, settings.box6, *_hosts(settings.listen)]))
    allowed = [ip_network(text, strict=False) for text in settings.allowed_private]
    return {
        "listen": lines(f"{verb}({quoted(address)})" for verb, address in _local(settings.listen)),
        "clients": table(settings.clients),
        "newer": lines(_newer(settings, able)),
        "upstreams": lines(_server(f"upstream{n}", address) for n, address in enumerate(settings.upstreams, 1)),
        "safe_pool": lines(_safe_pool(settings)),
        "catalogue": quoted(str(settings.catalogue)),
        "policy": quoted(str(places.policy)),
        "suffixes": quoted(str(places.suffixes)),
        "refused": quoted(str(places.refused)),
        "box4": quoted(_address(settings.box, 4)),
        "box6": quoted(_address(settings.box6 or settings.box, 6)),
        "refusal": quoted(_refusal(settings)),
        "own_names": table(host_name(name) for name in settings.own_names),
        "own_clients": "{" + ", ".join(map(octets, own)) + "}",
        "canaries": table(CANARIES),
        "empty_names": table(EMPTY_NAMES),
        "local_names": table(LOCAL_NAMES),
        "has_safe_pool": truth(bool(settings.safe_source)),
        "has_extended_errors": truth(able.has_extended_errors),
        "safe": lines(_safe(safe) for safe in safe_hosts(settings.restricted_video)),
        "unsafe": table(() if settings.unsafe_search else unsafe_hosts(settings.restricted_video)),
        "allowed4": lines(_range4(net) for net in allowed if isinstance(net, IPv4Network)),
        "allowed6": lines(_range6(net) for net in allowed if isinstance(net, IPv6Network)),
        "queries_per_second": str(int(settings.queries_per_second)),
        "domain_budget": str(int(settings.domain_budget)),
        "tcp_queries": str(int(settings.tcp_queries)),
        "tcp_connections": str(int(settings.tcp_connections)),
        "cached_answers": str(int(settings.cached_answers)),
    }


def quoted(text: str) -> str:
    """A Lua string. Line ends and other control bytes cannot stand in any of our settings."""
    if not text.isprintable():
        raise ValueError(f"`{text!r}` holds a control character; dnsdist cannot be told that")
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def octets(address: str) -> str:
    """An address as a Lua string of its octets; what is none is a ValueError."""
    return '"' + "".join(f"\\{octet}" for octet in ip_address(address).packed) + '"'


def host_name(text: str) -> str:
    """A host name as dnsdist compares it; anything else is a ValueError."""
    name = text.lower().rstrip(".")
    if not _HOST_NAME(name) or len(name) > 253:
        raise ValueError(f"`{text}` is no host name; write letters, digits, hyphens and dots")
    return name


def table(texts: Iterable[str]) -> str:
    """A Lua table of strings."""
    return "{" + ", ".join(quoted(text) for text in texts) + "}"


def lines(statements: Iterable[str]) -> str:
    """Statements, one a line."""
    return "\n".join(statements)


def truth(is_true: bool) -> str:
    """A Lua boolean."""
    return "true" if is_true else "false"


def _local(addresses: tuple[str, ...]) -> list[tuple[str, str]]:
    if not addresses:
        raise ValueError("no address to listen on; set `listen` to at least one `host:port`")
    return [("setLocal" if number == 0 else "addLocal", address) for number, address in enumerate(addresses)]


def _hosts(endpoints: tuple[str, ...]) -> list[str]:
    """The addresses we listen on: from there only the box itself asks. Not those that stand for all addresses."""
    hosts = [endpoint.rpartition(":")[0].strip("[]") for endpoint in endpoints]
    return [host for host in hosts if not ip_address(host).is_unspecified]


def _address(text: str, version: int) -> str:
    address = ip_address(text)
    return str(address) if address.version == version else ""


def _refusal(settings: DnsdistSettings) -> str:
    """Where closed names lead; only IPv4, for the page is nowhere else."""
    if settings.refusal and ip_address(settings.refusal).version != 4:
        raise ValueError(f"`{settings.refusal}` is no IPv4 address; write in `refusal` where the refusal page answers")
    return settings.refusal


def _newer(settings: DnsdistSettings, able: Abilities) -> list[str]:
    return [f"setMaxTCPConnectionRatePerClient({settings.tcp_connections})"] if able.limits_new_connections else []


def _server(name: str, address: str, more: str = "") -> str:
    """One resolver behind us, asked each second whether it lives."""
    return (
        f"newServer({{address={quoted(address)}, name={quoted(name)}{more}, useClientSubnet=false, "
        f'checkName=".", checkType="NS", checkInterval=1, maxCheckFailures=3}})'
    )


def _safe_pool(settings: DnsdistSettings) -> list[str]:
    """The same resolvers, asked as whoever wants safe aliases, with answers kept apart from all others."""
    if not settings.safe_source:
        return []
    more = f', pool={{"safe"}}, source={quoted(str(ip_address(settings.safe_source)))}'
    servers = [_server(f"safe{n}", address, more) for n, address in enumerate(settings.upstreams, 1)]
    return [*servers, 'getPool("safe"):setCache(newPacketCache(10000, {maxTTL=300, maxNegativeTTL=60}))']


def _safe(safe: Safe) -> str:
    return f"    [{quoted(safe.host)}] = {quoted(safe.address)},"


def _range4(net: IPv4Network) -> str:
    """First and last address as numbers, for an answer's four bytes."""
    return f"    {{{int(net.network_address)}, {int(net.broadcast_address)}}}, -- {net}"


def _range6(net: IPv6Network) -> str:
    """The network's bytes and its length in bits."""
    numbers = ", ".join(str(octet) for octet in net.network_address.packed)
    return f"    {{{net.prefixlen}, {{{numbers}}}}}, -- {net}"
