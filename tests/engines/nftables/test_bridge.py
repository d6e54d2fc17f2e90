"""A box as a bridge: between the school's switch and the router that was always there.

pc1 .11 ── p1 ┐
pc2 .12 ── p2 ┤ box br0 10.50.1.2 ├ up0 ── router 10.50.1.1, and behind it 203.0.113.10
"""

import os
import socket
import struct
from collections.abc import Iterator
from ipaddress import IPv4Address

import pytest

from darbaza.engines.nftables.adapter import Gate, Grant
from darbaza.engines.nftables.attempts import Door
from tests.engines.nftables.bed import GOOD, MACS, PC1, PC2, Services, Wire
from tests.engines.nftables.layouts import LAYOUTS
from tests.netns import Namespaces, Node

pytestmark = pytest.mark.netns

ROUTER, BOX, BOX_MAC = "10.50.1.1", "10.50.1.2", "00:00:5e:00:53:02"
LAYOUT = LAYOUTS["bridge"]


class Bridge:
    """The machines, and a gate on the box in the middle."""

    def __init__(self) -> None:
        self.nodes = Namespaces(f"dzb{os.getpid()}")
        for name in ("box", "pc1", "pc2", "router"):
            self.nodes.add(name)
        self.box, self.router = self.nodes["box"], self.nodes["router"]
        self.box.ip("link add br0 type bridge")
        for name, port in {"pc1": "p1", "pc2": "p2"}.items():
            self.nodes.cable(name, "eth0", "box", port, mac=MACS[name])
        self.nodes.cable("router", "eth0", "box", "up0", mac="00:00:5e:00:53:99")
        self.box.ip(
            *(f"link set {port} master br0" for port in ("p1", "p2", "up0")),
            f"link set br0 address {BOX_MAC} up",
            f"address add {BOX}/24 dev br0",
            f"route add default via {ROUTER}",
        )
        self.router.ip(f"address add {ROUTER}/24 dev eth0", f"address add {GOOD}/32 dev lo")
        for name, address in {"pc1": PC1, "pc2": PC2}.items():
            self.nodes[name].ip(f"address add {address}/24 dev eth0", f"route add default via {ROUTER}")
        self.services = Services()
        for port, name in {3129: "http", 3131: "captive-http"}.items():
            self.services.listen(self.box, port, name)
        self.services.listen(self.box, 53, "dns", socket.SOCK_DGRAM)
        for port in (80, 993, 8443):
            self.services.listen(self.router, port, "outside")
        self.services.listen(self.nodes["pc2"], 8443, "neighbour")
        self.services.start()
        self.gate = Gate()
        self.wire = Wire(self.router, "eth0", self.box, ROUTER)

    def apply(self) -> None:
        with self.box.within():
            self.gate.grants = {}
            self.gate.apply(LAYOUT)

    def grant(self, name: str, address: str, group: str) -> None:
        with self.box.within():
            self.gate.grant([Grant(MACS[name], IPv4Address(address), group, self.gate.clock() + 30)])

    def ask(self, name: str, address: str, port: int) -> str:
        return ask(self.nodes[name], address, port)

    def close(self) -> None:
        self.wire.close()
        self.services.stop()
        self.nodes.close()


def ask(node: Node, address: str, port: int) -> str:
    """What a machine gets when it connects."""
    with node.socket() as link:
        link.settimeout(0.4)
        try:
            link.connect((address, port))
            return link.recv(64).decode()
        except ConnectionError:
            return "refused"
        except OSError:
            return "silence"


@pytest.fixture(scope="module")
def built() -> Iterator[Bridge]:
    made = Bridge()
    try:
        yield made
    finally:
        made.close()


@pytest.fixture
def bridge(built: Bridge) -> Bridge:
    built.apply()
    built.wire.heard()
    return built


def test_without_a_grant_nothing_passes_the_bridge(bridge: Bridge) -> None:
    assert bridge.ask("pc1", GOOD, 80) == "captive-http"
    assert bridge.ask("pc1", GOOD, 993) == "refused"
    assert bridge.ask("pc1", ROUTER, 80) == "captive-http"
    assert bridge.ask("pc1", ROUTER, 993) == "refused"
    assert bridge.wire.heard() == []


def test_a_grant_leads_to_the_proxy_and_through_the_opened_ports_only(bridge: Bridge) -> None:
    bridge.grant("pc1", PC1, "staff")
    assert bridge.ask("pc1", GOOD, 80) == "http"
    assert bridge.ask("pc1", GOOD, 8443) == "refused"
    assert bridge.wire.heard() == []
    assert bridge.ask("pc1", GOOD, 993) == "outside"
    with bridge.box.within():
        bridge.gate.revoke([IPv4Address(PC1)])
    bridge.wire.heard()
    assert bridge.ask("pc1", GOOD, 993) == "refused"
    assert bridge.wire.heard() == []


def test_names_are_answered_by_the_box(bridge: Bridge) -> None:
    with bridge.nodes["pc1"].socket(kind=socket.SOCK_DGRAM) as link:
        link.settimeout(2)
        link.sendto(b"?", ("8.8.8.8", 53))
        assert link.recvfrom(64) == (b"dns", ("8.8.8.8", 53))
    assert bridge.wire.heard() == []


def test_neighbours_on_the_same_bridge_do_not_meet(bridge: Bridge) -> None:
    bridge.grant("pc1", PC1, "students")
    neighbour = f"neigh replace {PC2} lladdr {MACS['pc2']} dev eth0 nud permanent"
    bridge.nodes["pc1"].ip(neighbour)
    try:
        assert bridge.ask("pc1", PC2, 8443) in {"refused", "silence"}
    finally:
        bridge.nodes["pc1"].ip(f"neigh delete {PC2} lladdr {MACS['pc2']} dev eth0")
    assert bridge.ask("pc1", PC2, 8443) == "silence", "asking for the neighbour's card is not passed on either"


@pytest.mark.bypass("S02")
def test_a_stolen_address_gets_nothing(bridge: Bridge) -> None:
    bridge.grant("pc1", PC1, "staff")
    thief = bridge.nodes["pc2"]
    thief.ip("address flush dev eth0", f"address add {PC1}/24 dev eth0", f"route add default via {ROUTER}")
    try:
        assert bridge.ask("pc2", GOOD, 993) == "silence"
        assert bridge.wire.heard() == []
        with bridge.box.within():
            assert (Door.ADDRESS, MACS["pc2"], PC1) in {(a.door, a.mac, a.address) for a in bridge.gate.attempts()}
    finally:
        thief.ip("address flush dev eth0", f"address add {PC2}/24 dev eth0", f"route add default via {ROUTER}")


def test_nobody_says_that_they_are_the_router(bridge: Bridge) -> None:
    bridge.ask("pc1", ROUTER, 80)
    send(bridge, "pc2", arp_answer(MACS["pc2"], ROUTER))
    assert bridge.ask("pc2", GOOD, 80) == "captive-http"
    assert MACS["pc2"] not in bridge.nodes["pc1"].run("ip", "neigh", "show", ROUTER)
    assert MACS["pc2"] not in bridge.box.run("ip", "neigh", "show", ROUTER)


def test_false_routers_and_address_servers_are_not_passed_on(bridge: Bridge) -> None:
    """What pc2 says to everybody reaches neither its neighbour nor the router."""
    ears = Wire(bridge.nodes["pc1"], "eth0", bridge.box, PC1)
    advertisement = (
        b"\x60\0\0\0" + struct.pack("!HBB", 16, 58, 255) + bytes(32) + struct.pack("!BBHIII", 134, 0, 0, 0, 0, 0)
    )
    offer = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 36, 1, 0, 64, 17, 0, IPv4Address(PC2).packed, b"\xff" * 4)
    send(bridge, "pc2", b"\x33\x33\0\0\0\x01" + mac(MACS["pc2"]) + b"\x86\xdd" + advertisement)
    send(
        bridge,
        "pc2",
        b"\xff" * 6 + mac(MACS["pc2"]) + b"\x08\0" + offer + struct.pack("!HHHH", 67, 68, 16, 0) + b"an offer",
    )
    assert ears.heard() == []
    assert bridge.wire.heard() == []
    ears.close()
    with bridge.box.within():
        assert bridge.gate.counters()["rogue"] == 2


def test_a_device_can_ask_the_router_for_an_address(bridge: Bridge) -> None:
    with (
        bridge.router.socket(kind=socket.SOCK_DGRAM) as server,
        bridge.nodes["pc1"].socket(kind=socket.SOCK_DGRAM) as pc,
    ):
        server.settimeout(2)
        pc.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
        with bridge.router.within():
            server.bind(("0.0.0.0", 67))
        with bridge.nodes["pc1"].within():
            pc.bind(("0.0.0.0", 68))
        pc.sendto(b"discover", ("255.255.255.255", 67))
        assert server.recv(64) == b"discover"
        pc.sendto(b"renew", (ROUTER, 67))
        assert server.recv(64) == b"renew"


def test_ipv6_does_not_pass(bridge: Bridge) -> None:
    bridge.nodes["pc1"].ip("address add fd50::11/64 dev eth0 nodad")
    bridge.nodes["pc1"].ip("neigh replace fd50::1 lladdr 00:00:5e:00:53:99 dev eth0 nud permanent")
    bridge.router.ip("address add fd50::1/64 dev eth0 nodad")
    with bridge.nodes["pc1"].socket(socket.AF_INET6, socket.SOCK_DGRAM) as link:
        link.sendto(b"six", ("fd50::1", 443))
    assert bridge.wire.heard() == []


def test_a_closed_bridge_passes_nothing_not_even_names_of_neighbours(bridge: Bridge) -> None:
    with bridge.box.within():
        bridge.gate.close()
    assert bridge.ask("pc1", GOOD, 80) == "silence"
    bridge.nodes["pc1"].ip("neigh flush dev eth0")
    assert bridge.ask("pc1", ROUTER, 993) == "silence"
    assert bridge.wire.heard() == []


def mac(text: str) -> bytes:
    """A card's address as it stands in a frame."""
    return bytes.fromhex(text.replace(":", ""))


def arp_answer(card: str, address: str) -> bytes:
    """A frame to everybody: this address is at my card."""
    said = struct.pack("!HHBBH", 1, 0x0800, 6, 4, 2) + mac(card) + IPv4Address(address).packed
    return b"\xff" * 6 + mac(card) + b"\x08\x06" + said + b"\xff" * 6 + IPv4Address(address).packed


def send(bridge: Bridge, name: str, frame: bytes) -> None:
    """A frame exactly as it is."""
    node = bridge.nodes[name]
    with node.socket(socket.AF_PACKET, socket.SOCK_RAW, 0) as link, node.within():
        link.bind(("eth0", 0))
        link.send(frame)
