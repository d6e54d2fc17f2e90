"""unbound.conf from settings: text in, text out.

Beyond what is asked for: questions upstream say no more than they must (RFC 9156), answers that DNSSEC denies are
denied at once (RFC 8198), what is popular is fetched before it runs out, and what ran out is still answered for a day
while the line is down (RFC 8767). An answer is kept for half a minute at least, so that nobody can draw data through it
by asking for one name again and again.
"""

import re
from collections.abc import Iterable, Iterator
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from pathlib import Path
from typing import TypeVar

from darbaza.engines.base import Rendered
from darbaza.engines.safesearch import Safe, safe_hosts
from darbaza.engines.unbound.settings import UnboundSettings

CONFIGURATION = "unbound.conf"
SAFE_SECONDS = 300

Network = IPv4Network | IPv6Network
N = TypeVar("N", IPv4Network, IPv6Network)

_PRIVATE = (
    "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24",
    "192.168.0.0/16", "198.18.0.0/15", "224.0.0.0/3",
    "::/128", "::1/128", "::ffff:0:0/96", "fc00::/7", "fe80::/10", "fec0::/10", "ff00::/8",
)  # fmt: skip
"""Networks that no name on the internet leads to; a page from outside must not reach in by one of its own."""

_ZONE = re.compile(r"\.|(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9])?\.?)+").fullmatch
_SERVER = re.compile(r"([0-9.]+|[0-9a-f:]+)(@[0-9]{1,5})?(#[a-z0-9.-]+)?").fullmatch
_PATH = re.compile(r"[!#-~]+").fullmatch


def render(settings: UnboundSettings, folder: Path, version: tuple[int, ...]) -> Rendered:
    """The whole configuration of an unbound that works in `folder`. Raises ValueError, OSError."""
    sections = (_process, _listening, _believing, _hardening, _memory, _private, _stubs, _forwarders, _safe_view)
    head = "# Made by `darbaza`; changes are lost. Edit box.toml, then run `darbaza apply`.\nserver:"
    parts = [line for section in sections for line in section(settings, folder, version)]
    return Rendered(CONFIGURATION, {CONFIGURATION: "\n".join([head, *parts, ""])})


def _process(_settings: UnboundSettings, folder: Path, _version: tuple[int, ...]) -> Iterator[str]:
    yield f'  directory: "{path(folder)}"'
    for name in ("username", "chroot", "pidfile", "logfile"):
        yield f'  {name}: ""'
    yield "  use-syslog: no"
    yield "  do-daemonize: no"
    yield "  verbosity: 1"
    yield "  log-queries: no"
    yield "  log-replies: no"
    yield "  log-servfail: no"
    yield "  val-log-level: 0"


def _listening(settings: UnboundSettings, _folder: Path, _version: tuple[int, ...]) -> Iterator[str]:
    if not settings.listen:
        raise ValueError("no address to listen on; set `listen` to at least one `host:port`")
    for endpoint in settings.listen:
        yield f"  interface: {interface(endpoint)}"
    yield f"  access-control: {loopback(settings.safe_client)} allow"
    yield f"  access-control-view: {loopback(settings.safe_client)} safe"
    yield f"  do-ip6: {_yes(settings.asks_over_ipv6 or _has_ipv6(settings))}"
    yield "  do-udp: yes"
    yield "  do-tcp: yes"
    yield f"  num-threads: {int(settings.threads)}"
    yield "  so-reuseport: yes"
    yield "  outgoing-range: 2048"
    yield "  num-queries-per-thread: 1024"
    yield "  incoming-num-tcp: 64"
    yield "  outgoing-num-tcp: 32"
    yield "  edns-buffer-size: 1232"
    yield "  max-udp-size: 1232"


def _believing(settings: UnboundSettings, _folder: Path, _version: tuple[int, ...]) -> Iterator[str]:
    if not any(_stub(text)[0] == "." for text in settings.stubs):
        yield f'  root-hints: "{path(settings.root_hints)}"'
    if settings.validates:
        yield '  module-config: "validator iterator"'
        yield f'  trust-anchor-file: "{path(settings.trust_anchor)}"'
    else:
        yield '  module-config: "iterator"'
    yield "  val-permissive-mode: no"
    yield "  ignore-cd-flag: yes"  # a client can't ask for what does not hold
    yield "  ede: yes"
    yield "  ede-serve-expired: yes"


def _hardening(settings: UnboundSettings, _folder: Path, version: tuple[int, ...]) -> Iterator[str]:
    for name in (
        "hide-identity", "hide-version", "hide-trustanchor", "qname-minimisation", "aggressive-nsec", "deny-any",
        "minimal-responses", "harden-glue", "harden-dnssec-stripped", "harden-below-nxdomain", "harden-short-bufsize",
        "harden-large-queries", "harden-algo-downgrade", "val-clean-additional",
    ):  # fmt: skip
        yield f"  {name}: yes"
    if version >= (1, 19):
        yield "  harden-unknown-additional: yes"
    yield "  unwanted-reply-threshold: 10000000"
    yield f"  do-not-query-localhost: {_yes(not _asks_loopback(settings))}"


def _memory(settings: UnboundSettings, _folder: Path, _version: tuple[int, ...]) -> Iterator[str]:
    quarter = max(1, int(settings.memory) // 4)
    yield f"  msg-cache-size: {quarter}m"
    yield f"  rrset-cache-size: {2 * quarter}m"
    yield f"  key-cache-size: {max(1, quarter // 2)}m"
    yield f"  neg-cache-size: {max(1, quarter // 8)}m"
    yield f"  cache-min-ttl: {int(settings.kept_seconds)}"
    yield "  cache-max-ttl: 86400"
    yield "  cache-max-negative-ttl: 60"
    yield "  prefetch: yes"
    yield "  prefetch-key: yes"
    yield "  serve-expired: yes"
    yield "  serve-expired-ttl: 86400"
    yield "  serve-expired-reply-ttl: 30"
    yield "  serve-expired-client-timeout: 1800"


def _private(settings: UnboundSettings, _folder: Path, _version: tuple[int, ...]) -> Iterator[str]:
    for network in private_networks(settings.allowed_private):
        yield f"  private-address: {network}"


def _stubs(settings: UnboundSettings, _folder: Path, _version: tuple[int, ...]) -> Iterator[str]:
    """Zones with servers of their own. The root's is one that a closed network has, signed by its own anchor."""
    stubs = [_stub(text) for text in settings.stubs]
    for zone, _ in stubs:
        if zone != ".":
            yield f'  domain-insecure: "{zone}"'
            yield f'  private-domain: "{zone}"'
            yield f'  local-zone: "{zone}" nodefault'
    for name in settings.special:
        yield f'  local-zone: "{_zone(name)}" nodefault'
    if any(ip_address(server.partition("@")[0]).is_private for _, server in stubs):
        yield "  unblock-lan-zones: yes"
    for zone, server in stubs:
        yield "stub-zone:"
        yield f'  name: "{zone}"'
        yield f"  stub-addr: {server}"


def _forwarders(settings: UnboundSettings, _folder: Path, _version: tuple[int, ...]) -> Iterator[str]:
    if not settings.forwarders:
        return
    servers = [_server(text) for text in settings.forwarders]
    over_tls = {"#" in server for server in servers}
    if len(over_tls) > 1:
        raise ValueError("`forwarders` are all over TLS (`192.0.2.1@853#name`) or none; separate them")
    yield "forward-zone:"
    yield '  name: "."'
    yield f"  forward-tls-upstream: {_yes(True in over_tls)}"
    for server in servers:
        yield f"  forward-addr: {server}"


def _safe_view(settings: UnboundSettings, _folder: Path, _version: tuple[int, ...]) -> Iterator[str]:
    """Here dnsdist asks only for exactly these hosts, so that what redirecting does to names below them is nothing."""
    yield "view:"
    yield '  name: "safe"'
    yield "  view-first: yes"
    for safe in safe_hosts(settings.restricted_video):
        yield f'  local-zone: "{safe.host}." redirect'
        yield f'  local-data: "{safe.host}. {SAFE_SECONDS} IN {_record(safe)}"'


def _record(safe: Safe) -> str:
    return f"CNAME {safe.alias}." if safe.alias else f"A {safe.address}"


def private_networks(allowed: Iterable[str]) -> list[Network]:
    """The private networks without the allowed ones, which answers may point into."""
    networks: list[Network] = [ip_network(text) for text in _PRIVATE]
    for hole in (ip_network(text, strict=False) for text in allowed):
        networks = [rest for network in networks for rest in _without(network, hole)]
    return networks


def _without(network: Network, hole: Network) -> list[Network]:
    if isinstance(network, IPv4Network) and isinstance(hole, IPv4Network):
        return [*_cut(network, hole)]
    if isinstance(network, IPv6Network) and isinstance(hole, IPv6Network):
        return [*_cut(network, hole)]
    return [network]


def _cut(network: N, hole: N) -> list[N]:
    if hole.supernet_of(network):
        return []
    return list(network.address_exclude(hole)) if network.supernet_of(hole) else [network]


def path(value: Path) -> str:
    """A path as unbound.conf can hold it between quotes; anything else is a ValueError."""
    if not _PATH(str(value)):
        raise ValueError(f"`{value}` holds a blank or a sign that unbound.conf cannot hold; choose another folder")
    return str(value)


def interface(endpoint: str) -> str:
    """`host:port` on loopback as unbound writes it, `host@port`; anything else is a ValueError."""
    host, _, port = endpoint.rpartition(":")
    if not port.isdigit() or not 1 <= int(port) <= 65535:
        raise ValueError(f"`{endpoint}` is no `host:port`; write for example `127.0.0.1:5301`")
    return f"{loopback(host.strip('[]')).network_address}@{port}"


def loopback(text: str) -> Network:
    """An address of loopback as a network of one; anything else is a ValueError."""
    address = ip_network(text)
    if not address.is_loopback or address.num_addresses > 1:
        raise ValueError(f"`{text}` is not on loopback; only dnsdist asks the resolver: write for example `127.0.0.1`")
    return address


def _stub(text: str) -> tuple[str, str]:
    zone, _, server = text.partition("=")
    return _zone(zone), _server(server)


def _zone(text: str) -> str:
    """A zone's name with its final dot; anything else is a ValueError."""
    name = text.lower()
    if not _ZONE(name):
        raise ValueError(
            f"`{text}` is no zone; write for example `mektep.example`, in a stub `mektep.example=10.1.0.5`"
        )
    return name if name.endswith(".") else name + "."


def _server(text: str) -> str:
    if not _SERVER(text):
        raise ValueError(f"`{text}` is no resolver's address; write `192.0.2.1`, `192.0.2.1@5353` or with `#name`")
    ip_address(re.split("[@#]", text)[0])
    return text


def _asks_loopback(settings: UnboundSettings) -> bool:
    servers = [_server(text) for text in settings.forwarders] + [_stub(text)[1] for text in settings.stubs]
    return any(ip_address(re.split("[@#]", server)[0]).is_loopback for server in servers)


def _has_ipv6(settings: UnboundSettings) -> bool:
    return any("[" in endpoint for endpoint in settings.listen)


def _yes(is_true: bool) -> str:
    return "yes" if is_true else "no"
