"""What dnsmasq is told, as text. Pure: equal settings and reservations give equal bytes.

Two files. The configuration follows from the settings alone and is rendered again, by itself, by the process that runs
dnsmasq. The reservations follow from the rulebook and are pairs of MAC and address, one a line; whatever else stands
in that file is refused (`read_reservations`), so that nobody can slip dnsmasq an option through it.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from ipaddress import AddressValueError, IPv4Address
from pathlib import Path

from darbaza.engines.base import EngineError, Rendered
from darbaza.engines.dnsmasq.settings import DhcpNetwork, DnsmasqSettings
from darbaza.policy.rulebook import Rulebook

CONFIGURATION, RESERVATIONS = "dnsmasq.conf", "reservations"
MOST_RESERVATIONS = 10_000
LONGEST_RESERVATIONS = MOST_RESERVATIONS * 40
"""Characters of the whole file."""


@dataclass(frozen=True, slots=True, order=True)
class Reservation:
    """An address that only one card gets."""

    address: str
    mac: str

    def __str__(self) -> str:
        """As a line of dnsmasq's `dhcp-hostsfile`."""
        return f"{self.mac},{self.address}"


def reservations(rulebook: Rulebook | None, settings: DnsmasqSettings) -> tuple[Reservation, ...]:
    """The registered devices in our networks whose card is known."""
    found = [
        Reservation(device.address, device.mac)
        for device in (rulebook.devices if rulebook is not None else ())
        if device.mac and ":" not in device.address and settings.network_of(device.address)
    ]
    return tuple(sorted(found, key=lambda one: IPv4Address(one.address)))


def render(settings: DnsmasqSettings, reserved: Iterable[Reservation]) -> Rendered:
    """Both files."""
    listed = "".join(f"{one}\n" for one in reserved)
    return Rendered(CONFIGURATION, {CONFIGURATION: configuration(settings), RESERVATIONS: listed})


def configuration(settings: DnsmasqSettings) -> str:
    """The file that dnsmasq is started with."""
    parts = (_process(settings), *(_network(settings, network) for network in settings.networks))
    return "\n".join("\n".join(part) + "\n" for part in parts)


def _process(settings: DnsmasqSettings) -> Iterator[str]:
    yield "# Made by `darbaza`; changes are lost. Edit box.toml, then restart darbaza-dhcp."
    yield "port=0"
    yield "keep-in-foreground"
    yield "log-facility=-"
    yield "quiet-dhcp"
    yield f"user={settings.user}"
    yield "bind-dynamic"
    yield "no-hosts"
    yield "no-resolv"
    yield "no-poll"
    # Addresses are reserved, and a squatter is found by the agent; three seconds less before the first page.
    yield "no-ping"
    # We are the only server here: a device that comes with an address of elsewhere is told so at once.
    yield "dhcp-authoritative"
    yield "dhcp-lease-max=4000"
    yield f"dhcp-leasefile={settings.leases}"
    yield f"dhcp-hostsfile={settings.state / RESERVATIONS}"
    if settings.domain:
        yield f"dhcp-option=option:domain-name,{settings.domain}"


def _network(settings: DnsmasqSettings, network: DhcpNetwork) -> Iterator[str]:
    tag, mask = network.name, network.addresses.netmask
    yield f"# {network.name}"
    yield f"interface={network.interface}"
    first, last = network.pool or (str(network.addresses.network_address), "static")
    yield f"dhcp-range=set:{tag},{first},{last},{mask},{network.lease_minutes}m"
    yield f"dhcp-option=tag:{tag},option:router,{network.router}"
    yield f"dhcp-option=tag:{tag},option:dns-server,{','.join(network.dns or (network.router,))}"
    if settings.captive_api:
        yield f"dhcp-option=tag:{tag},114,{settings.captive_api}"
    if settings.proxy_pac:
        # Windows reads the byte after the address as well; a line end does no harm where it is not expected.
        yield f'dhcp-option=tag:{tag},252,"{settings.proxy_pac}\\n"'


def read_reservations(text: str, settings: DnsmasqSettings) -> tuple[Reservation, ...]:
    """The reservations in a file. Raises EngineError for anything that is none: this is read by root."""
    if len(text) > LONGEST_RESERVATIONS:
        raise EngineError(f"the reservations have {len(text)} characters; at most {LONGEST_RESERVATIONS} are taken")
    found = tuple(_reservation(line, settings) for line in text.splitlines())
    for name, values in (("address", [one.address for one in found]), ("MAC", [one.mac for one in found])):
        if len(set(values)) < len(values):
            raise EngineError(f"two reservations have the same {name}; correct the device in the portal")
    return found


def _reservation(line: str, settings: DnsmasqSettings) -> Reservation:
    mac, _, address = line.partition(",")
    pairs = mac.split(":")
    is_mac = len(pairs) == 6 and all(len(pair) == 2 and set(pair) <= set("0123456789abcdef") for pair in pairs)
    try:
        parsed = IPv4Address(address)
    except AddressValueError:
        parsed = None
    if not is_mac or parsed is None or settings.network_of(address) is None:
        raise EngineError(f"reservation `{line[:60]}` is no pair of MAC and address in one of our networks")
    return Reservation(str(parsed), mac)


def write_beside(path: Path, text: str) -> None:
    """Replace a file in one step, readable for everybody: nothing in it is secret."""
    beside = path.with_name(f".{path.name}.new")
    beside.write_text(text, encoding="ascii")
    beside.chmod(0o644)
    beside.replace(path)
