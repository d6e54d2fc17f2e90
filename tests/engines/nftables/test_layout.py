"""How a box is wired: what a layout says, and that what does not fit is named with its remedy."""

from dataclasses import replace
from ipaddress import IPv4Address

import pytest

from darbaza.engines.nftables.layout import GateLayout, LayoutError, Limits, Mode, Ports, Promise, Segment, parse
from tests.engines.nftables.bed import LAYOUT
from tests.engines.nftables.layouts import LAYOUTS

TEXT = """
mode = "router"
wan = "wan0"
student_tcp = [8443]
staff_tcp = [993, 8443]

[ports]
ntp = 123
portal_http = 8000

[[segments]]
interface = "lan1"
address = "10.50.1.1/24"

[[segments]]
interface = "lan2"
address = "10.50.2.1/24"

[[segments]]
interface = "lan9"
address = "10.50.9.1/24"
manages = true
"""


def test_a_text_is_read() -> None:
    assert parse(TEXT) == LAYOUT


@pytest.mark.parametrize(
    ("before", "after", "complaint"),
    [
        ('wan = "wan0"', 'wan = "wan0', "the layout is no TOML"),
        ('wan = "wan0"', 'van = "wan0"', "`van` is no setting"),
        ("ntp = 123", "ntpp = 123", r"\[ports\] `ntpp` is no setting"),
        ("manages = true", "manage = true", r"\[\[segments\]\] `manage` is no setting"),
        ("manages = true", 'manages = "yes"', "expected `bool`, got `str` - at `\\$.segments"),
        ('mode = "router"', 'mode = "hub"', "invalid enum value 'hub'"),
        ('interface = "lan2"', 'interface = "lan1"', "two `segments` have the same interface"),
        ('interface = "lan2"', 'interface = "wan0"', "`wan0` is `wan` and in a segment"),
        ('interface = "lan2"', 'interface = "lo"', "`lo` is no interface"),
        ('interface = "lan2"', "interface = 'x\" drop'", "is no interface; take a name from `ip link`"),
        ("10.50.2.1/24", "10.50.2.0/24", "`10.50.2.0/24` leaves no room"),
        ("10.50.2.1/24", "10.50.2.1/31", "`10.50.2.1/31` leaves no room"),
        ("10.50.2.1/24", "10.50.2.1/99", "`10.50.2.1/99` is no address with its length"),
        ("10.50.2.1/24", "10.50.2.1; drop", "is no address with its length"),
        ("10.50.2.1/24", "10.50.1.129/25", "`10.50.1.0/24` and `10.50.1.128/25` overlap"),
        ('wan = "wan0"', 'wan = ""', "name the interface towards the internet"),
        ('wan = "wan0"', 'wan = "wan0"\nagent = "root; x"', "`root; x` is no account"),
        ("ntp = 123", "ntp = 70000", "port `70000` is not between 1 and 65535"),
        ("ntp = 123", "ntp = 53", "port `53` stands for two services"),
        ("[8443]", "[443]", "port `443` can't be forwarded"),
        ("[993, 8443]", "[53]", "port `53` can't be forwarded"),
        ('wan = "wan0"', 'wan = "wan0"\ngateway = "10.50.1.254"', "belong to mode `bridge`"),
        ('mode = "router"', 'mode = "bridge"', "a bridge has one segment"),
    ],
)
def test_what_does_not_fit_is_named(before: str, after: str, complaint: str) -> None:
    assert before in TEXT
    with pytest.raises(LayoutError, match=complaint):
        parse(TEXT.replace(before, after))


def test_no_segment_and_no_limits_are_refused() -> None:
    with pytest.raises(LayoutError, match="no `segments`"):
        GateLayout(segments=(), wan="wan0")
    with pytest.raises(LayoutError, match="below 1"):
        replace(LAYOUT, limits=Limits(connections=0))


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"bridge_ports": ()}, "`bridge_ports` must name"),
        ({"bridge_ports": ("p1", "up0")}, "and not `wan`"),
        ({"bridge_mac": "00:00:5E:00:53:02"}, "take it from /sys/class/net/BRIDGE/address"),
        ({"gateway": "10.50.1"}, "give the address of the school's router"),
    ],
)
def test_a_bridge_needs_its_ports_card_and_router(changes: dict[str, object], complaint: str) -> None:
    with pytest.raises(LayoutError, match=complaint):
        replace(LAYOUTS["bridge"], **changes)


def test_a_device_has_an_address_that_is_nobody_elses() -> None:
    held = {
        a: LAYOUT.holds(IPv4Address(a)) for a in ("10.50.1.11", "10.50.1.1", "10.50.1.0", "10.50.1.255", "10.51.1.1")
    }
    assert [address for address, is_held in held.items() if is_held] == ["10.50.1.11"]
    assert not LAYOUTS["bridge"].holds(IPv4Address("10.50.1.1")), "the school's router is no device"


def test_what_each_way_of_standing_in_the_network_can_hold() -> None:
    assert Promise.NO_WAY_ROUND in LAYOUTS["router"].promises
    assert Promise.NEIGHBOURS_APART not in LAYOUTS["router"].promises
    assert LAYOUTS["bridge"].promises == frozenset(Promise)
    assert LAYOUTS["one-armed"].promises == {Promise.WEB_JUDGED, Promise.NAMES_ANSWERED}
    assert LAYOUTS["dns-only"].promises == {Promise.NAMES_ANSWERED}
    assert {mode for mode in Mode if GateLayout.forwards.fget(LAYOUTS[mode.value])} == {Mode.ROUTER, Mode.BRIDGE}


def test_services_that_are_not_run_have_no_port() -> None:
    assert Ports(proxy=0).granted == (3129, 3130)
    assert Ports().captive == (3131, 3132)


def test_segments_know_their_network() -> None:
    segment = Segment(interface="lan1", address="10.1.2.1/20")
    assert (str(segment.box), str(segment.network)) == ("10.1.2.1", "10.1.0.0/20")
