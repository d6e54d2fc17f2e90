"""The DHCP server's text and the reservations, without running anything."""

from pathlib import Path

import pytest

from darbaza.engines.base import EngineError
from darbaza.engines.dnsmasq.render import (
    Reservation,
    configuration,
    read_reservations,
    render,
    reservations,
)
from darbaza.engines.dnsmasq.settings import DhcpNetwork, DnsmasqSettings, read, settings_of
from darbaza.policy.rulebook import Device, Rulebook, UserKind

GOLDEN = Path(__file__).parent / "golden" / "dnsmasq.conf"
ROOM = DhcpNetwork(name="room1", interface="lan1", network="10.50.1.0/24", router="10.50.1.1")
STAFF = DhcpNetwork(
    name="staff",
    interface="lan9",
    network="10.50.9.0/24",
    router="10.50.9.1",
    dns=("10.50.9.1", "10.50.9.2"),
    pool=("10.50.9.200", "10.50.9.250"),
    lease_minutes=30,
)
SETTINGS = DnsmasqSettings(
    networks=(ROOM, STAFF),
    captive_api="https://gate.mektep.test:8443/captive",
    proxy_pac="http://10.50.1.1:8011/wpad.dat",
    domain="mektep.internal",
)
BEK = Device("10.50.1.11", "it-1", UserKind.STUDENT, "00:00:5e:00:53:11")
SCHOOL = Rulebook(
    1,
    "school",
    "2020-09-15",
    devices=(
        BEK,
        Device("10.50.1.9", "it-1", UserKind.STUDENT, "00:00:5e:00:53:09"),
        Device("10.50.1.12", "it-1"),
        Device("192.0.2.7", "it-2", UserKind.STUDENT, "00:00:5e:00:53:13"),
        Device("fd09::7", "it-2", UserKind.STUDENT, "00:00:5e:00:53:14"),
    ),
)


def test_the_configuration_is_the_golden_file() -> None:
    assert configuration(SETTINGS) == GOLDEN.read_text()


def test_registered_cards_in_our_networks_are_reserved_in_the_order_of_their_addresses() -> None:
    found = render(SETTINGS, reservations(SCHOOL, SETTINGS)).files["reservations"]
    assert found == "00:00:5e:00:53:09,10.50.1.9\n00:00:5e:00:53:11,10.50.1.11\n"


def test_without_a_rulebook_nothing_is_reserved() -> None:
    assert reservations(None, SETTINGS) == ()


def test_what_is_written_is_read_again() -> None:
    text = render(SETTINGS, reservations(SCHOOL, SETTINGS)).files["reservations"]
    assert read_reservations(text, SETTINGS) == reservations(SCHOOL, SETTINGS)
    assert Reservation(BEK.address, BEK.mac) in read_reservations(text, SETTINGS)


@pytest.mark.parametrize(
    "line",
    [
        "00:00:5e:00:53:11,10.50.1.11,set:staff",
        "00:00:5e:00:53:11,10.50.1.11,infinite",
        "00:00:5e:00:53:*,10.50.1.11",
        "id:*,10.50.1.11",
        "00:00:5e:00:53:11,10.99.1.11",
        "00:00:5e:00:53:11",
        "00:00:5E:00:53:11,10.50.1.11",
        "# 00:00:5e:00:53:11,10.50.1.11",
        " ",
        "00:00:5e:00:53:11,10.50.1.011",
    ],
)
def test_anything_but_a_pair_in_our_networks_is_refused(line: str) -> None:
    """The server reads this file as root; a tag would put a student into another network."""
    with pytest.raises(EngineError, match="no pair of MAC and address"):
        read_reservations(line + "\n", SETTINGS)


@pytest.mark.parametrize(
    "text",
    [
        "00:00:5e:00:53:11,10.50.1.11\n00:00:5e:00:53:11,10.50.1.12\n",
        "00:00:5e:00:53:11,10.50.1.11\n00:00:5e:00:53:12,10.50.1.11\n",
    ],
)
def test_two_reservations_of_one_card_or_one_address_are_refused(text: str) -> None:
    with pytest.raises(EngineError, match="two reservations"):
        read_reservations(text, SETTINGS)


def test_an_endless_file_is_refused() -> None:
    with pytest.raises(EngineError, match="at most"):
        read_reservations("00:00:5e:00:53:11,10.50.1.11\n" * 20_000, SETTINGS)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"networks": []}, "names no network"),
        ({"captive_api": "https://a.test/x,3,10.0.0.1"}, "no web address"),
        ({"proxy_pac": 'http://a.test/"\nport=53'}, "no web address"),
        ({"domain": "a.test\nport=53"}, "is no domain"),
        ({"user": "root\nport=53"}, "no account's name"),
        ({"static": ["10.50.1"]}, "no address of IPv4"),
        ({"colour": "red"}, "`colour` is no setting"),
        ({"networks": ["room"]}, "must be tables"),
        ({"captive_api": 3}, "Expected `str`"),
    ],
)
def test_a_wrong_setting_is_named(changed: dict[str, object], said: str) -> None:
    table = {"networks": [{"name": "room1", "interface": "lan1", "network": "10.50.1.0/24", "router": "10.50.1.1"}]}
    with pytest.raises(EngineError, match=said):
        settings_of({**table, **changed})


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"name": "Room 1"}, "small Latin letters"),
        ({"interface": "lan1\nport=53"}, "no interface"),
        ({"network": "10.50.1.7/24"}, "no network of IPv4"),
        ({"network": "fd09::/64"}, "no network of IPv4"),
        ({"router": "10.50.2.1"}, "not in the network"),
        ({"pool": ["10.50.1.5"]}, "a first and a last"),
        ({"pool": ["10.50.1.5", "10.50.2.5"]}, "not in the network"),
        ({"dns": ["dns.test"]}, "no address of IPv4"),
        ({"lease_minutes": 1}, "not from 2 to 1440"),
        ({"colour": "red"}, "`colour` is no setting"),
    ],
)
def test_a_wrong_network_is_named(changed: dict[str, object], said: str) -> None:
    table = {"name": "room1", "interface": "lan1", "network": "10.50.1.0/24", "router": "10.50.1.1"}
    with pytest.raises(EngineError, match=said):
        settings_of({"networks": [{**table, **changed}]})


def test_networks_that_share_addresses_are_refused() -> None:
    with pytest.raises(EngineError, match="share addresses"):
        DnsmasqSettings(
            networks=(ROOM, DhcpNetwork(name="b", interface="l", network="10.50.0.0/16", router="10.50.0.1"))
        )
    with pytest.raises(EngineError, match="two networks are called"):
        DnsmasqSettings(networks=(ROOM, ROOM))


def test_the_settings_are_read_from_the_boxs_file(tmp_path: Path) -> None:
    path = tmp_path / "box.toml"
    path.write_text(
        '[box]\nname = "b"\n[dnsmasq]\nstate = "/var/lib/x"\n[[dnsmasq.networks]]\n'
        'name = "room1"\ninterface = "lan1"\nnetwork = "10.50.1.0/24"\nrouter = "10.50.1.1"\n'
    )
    found = read(path)
    assert (found.networks, found.leases) == ((ROOM,), Path("/var/lib/x/leases"))
    path.write_text("[box]\n")
    with pytest.raises(EngineError, match=r"no table \[dnsmasq\]"):
        read(path)
    path.write_text("[box")
    with pytest.raises(EngineError, match="no TOML"):
        read(path)
