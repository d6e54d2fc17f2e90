"""What the DHCP server is told, apart from which device is whose: networks, routers, options.

[dnsmasq]
captive_api = "https://gate.school.kg:8443/captive"   # option 114; see docs/adr/0014
proxy_pac = "http://10.50.1.1:8011/wpad.dat"          # option 252, in mode `proxy` only

[[dnsmasq.networks]]
name = "room1"
interface = "lan1"
network = "10.50.1.0/24"
router = "10.50.1.1"
pool = ["10.50.1.200", "10.50.1.250"]   # leave it out, and unknown devices get no address
"""

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network
from pathlib import Path
from typing import Any

import msgspec

from darbaza.engines.base import EngineError

STATE = Path("/var/lib/darbaza-dhcp")
SHORTEST_LEASE = 2
"""Minutes; dnsmasq gives out no shorter lease."""

_NAME = re.compile(r"[a-z][a-z0-9-]{0,30}").fullmatch
_INTERFACE = re.compile(r"[A-Za-z0-9_.-]{1,15}").fullmatch
_URL = re.compile(r"https?://[!#-+\--~]{1,240}").fullmatch
"""Printable and without a comma or a quotation mark, which dnsmasq would read as the end of the option."""

_DOMAIN = re.compile(r"[a-z0-9](?:[a-z0-9.-]{0,100}[a-z0-9])?").fullmatch


@dataclass(frozen=True, slots=True, kw_only=True)
class DhcpNetwork:
    """One network with its devices: a room, or the staff. Without a `pool` only registered devices get an address.

    `dns` are the resolvers that devices use; the router, which is this box, unless given.
    """

    name: str
    interface: str
    network: str
    router: str
    dns: tuple[str, ...] = ()
    pool: tuple[str, ...] = ()
    lease_minutes: int = 10

    @property
    def addresses(self) -> IPv4Network:
        """The network as a value."""
        return IPv4Network(self.network)


@dataclass(frozen=True, slots=True, kw_only=True)
class DnsmasqSettings:
    """The DHCP server of one box. `static` are addresses whose devices set them by hand and need no lease.

    `state` is the server's own folder, which only root writes; `user` is whom dnsmasq runs as when it is started by
    root. `domain` is what devices complete short names with (option 15).
    """

    networks: tuple[DhcpNetwork, ...]
    captive_api: str = ""
    proxy_pac: str = ""
    domain: str = ""
    static: tuple[str, ...] = ()
    user: str = "proxy"
    state: Path = STATE
    binary: str = "/usr/sbin/dnsmasq"

    def __post_init__(self) -> None:
        """Raise EngineError, with the first thing that dnsmasq would read in another way than it is meant."""
        for problem in _problems(self):
            raise EngineError(problem)

    @property
    def leases(self) -> Path:
        """What the server gave out."""
        return self.state / "leases"

    def network_of(self, address: str) -> DhcpNetwork | None:
        """The network that an address belongs to."""
        parsed = IPv4Address(address)
        return next((network for network in self.networks if parsed in network.addresses), None)


def _problems(settings: DnsmasqSettings) -> Iterator[str]:
    if not settings.networks:
        yield "[dnsmasq] names no network; add a table [[dnsmasq.networks]]"
    for url in (settings.captive_api, settings.proxy_pac):
        if url and not _URL(url):
            yield f"`{url}` is no web address that DHCP can carry; write for example `http://10.50.1.1:8011/wpad.dat`"
    if settings.domain and not _DOMAIN(settings.domain):
        yield f"`{settings.domain}` is no domain; write for example `mektep.internal`"
    if not _NAME(settings.user):
        yield f"`{settings.user}` is no account's name; name the account that the agent runs as"
    for address in settings.static:
        yield from _address_problems("static", address)
    names = [network.name for network in settings.networks]
    for network in settings.networks:
        if names.count(network.name) > 1:
            yield f"two networks are called `{network.name}`; rename one"
        yield from _network_problems(network)
    yield from _overlaps(settings.networks)


def _network_problems(network: DhcpNetwork) -> Iterator[str]:
    if not _NAME(network.name):
        yield f"network `{network.name}` must be named with small Latin letters, digits and dashes; rename it"
    if not _INTERFACE(network.interface):
        yield f"`{network.interface}` is no interface; `ip link` lists them"
    try:
        addresses = network.addresses
    except ValueError:
        yield f"`{network.network}` is no network of IPv4; write for example `10.50.1.0/24`"
        return
    if len(network.pool) not in (0, 2):
        yield f"the pool of `{network.name}` must have a first and a last address, or none"
    if not SHORTEST_LEASE <= network.lease_minutes <= 24 * 60:
        yield f"lease_minutes `{network.lease_minutes}` of `{network.name}` is not from {SHORTEST_LEASE} to 1440"
    for address in (network.router, *network.dns, *network.pool):
        yield from _address_problems(network.name, address)
    inside = (network.router, *network.pool)
    for address in inside:
        if not list(_address_problems("", address)) and IPv4Address(address) not in addresses:
            yield f"`{address}` is not in the network `{network.network}` of `{network.name}`; correct one of them"


def _address_problems(owner: str, address: str) -> Iterator[str]:
    try:
        IPv4Address(address)
    except ValueError:
        yield f"`{address}` of `{owner}` is no address of IPv4; write for example `10.50.1.1`"


def _overlaps(networks: tuple[DhcpNetwork, ...]) -> Iterator[str]:
    for number, one in enumerate(networks):
        for other in networks[number + 1 :]:
            if one.addresses.overlaps(other.addresses):
                yield f"networks `{one.name}` and `{other.name}` share addresses; give each its own"


def settings_of(table: Mapping[str, Any]) -> DnsmasqSettings:
    """The table `[dnsmasq]` of a `box.toml`. Raises EngineError, naming what is wrong."""
    known = set(DnsmasqSettings.__dataclass_fields__)
    networks = table.get("networks", ())
    if not isinstance(networks, list | tuple) or not all(isinstance(one, Mapping) for one in networks):
        raise EngineError("`networks` must be tables [[dnsmasq.networks]]")
    unknown = set(table) - known or {key for one in networks for key in one} - set(DhcpNetwork.__dataclass_fields__)
    if unknown:
        raise EngineError(f"`{min(unknown)}` is no setting of [dnsmasq]; see darbaza/engines/dnsmasq/settings.py")
    try:
        return msgspec.convert(table, DnsmasqSettings, dec_hook=_path)
    except msgspec.ValidationError as error:
        raise EngineError(f"[dnsmasq]: {error}") from error


def _path(kind: type[Any], value: Any) -> Any:
    if kind is Path and isinstance(value, str):
        return Path(value)
    raise NotImplementedError(f"{value!r} is no {kind.__name__}")


def read(path: Path) -> DnsmasqSettings:
    """The settings in a `box.toml`. Raises EngineError, OSError."""
    try:
        tables = tomllib.loads(path.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise EngineError(f"`{path}` is no TOML: {error}") from error
    if not isinstance(tables.get("dnsmasq"), dict):
        raise EngineError(f"`{path}` has no table [dnsmasq]; this box gives out no addresses")
    return settings_of(tables["dnsmasq"])
