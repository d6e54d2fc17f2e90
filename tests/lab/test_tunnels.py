"""Family V of the bypass catalogue on the wire: VPN, QUIC, other protocols, IPv6, neighbours."""

import contextlib
import os
import socket
import struct
import time
from collections.abc import Iterable
from typing import Any

import pytest

from darbaza.lab.machines import Machine
from darbaza.lab.names import BAD, GOOD
from darbaza.lab.packets import checksum
from tests.lab.conftest import Lesson
from tests.lab.hello import hello
from tests.lab.six import ADDRESS, card_of_gate, over_ipv6

pytestmark = [pytest.mark.engine, pytest.mark.netns, pytest.mark.timeout(180)]

WIREGUARD = b"\x01\x00\x00\x00" + bytes(144)
OPENVPN = b"\x38" + bytes(13)
QUIC = b"\xc3\x00\x00\x00\x01\x08"
STUN = b"\x00\x01\x00\x00\x21\x12\xa4\x42" + bytes(12)
SIX = "2001:db8:113::14"


def datagram(machine: Machine, address: str, port: int, payload: bytes) -> bytes | None:
    """What came back; an ICMP error is nothing."""
    with contextlib.suppress(OSError):
        return machine.udp(address, port, payload, seconds=0.15)
    return None


def at_ports(ports: Iterable[int], first: int) -> dict[str, int]:
    """An address of its own for each port, since the log tells the same once a minute."""
    return {f"198.51.100.{first + number}": port for number, port in enumerate(ports)}


def packet(
    machine: Machine,
    protocol: int,
    destination: str,
    payload: bytes,
    *,
    options: bytes = b"",
    offset: int = 0,
    source: str = "",
) -> bytes:
    """An IP packet made by hand; `offset` is the field of flags and fragment offset."""
    words = (20 + len(options)) // 4
    head = struct.pack("!BBHHHBBH", 0x40 | words, 0, words * 4 + len(payload), 4711, offset, 64, protocol, 0)
    head += socket.inet_aton(source or machine.pc.address) + socket.inet_aton(destination) + options
    return head[:10] + struct.pack("!H", checksum(head)) + head[12:] + payload


def raw(machine: Machine, protocol: int, destination: str, payload: bytes, **how: Any) -> None:
    """Send such a packet."""
    with machine.here():
        link = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)
    with link, contextlib.suppress(OSError):
        link.sendto(packet(machine, protocol, destination, payload, **how), (destination, 0))


def udp(port: int, payload: bytes = b"x" * 16) -> bytes:
    """A datagram without a checksum."""
    return struct.pack("!HHHH", 40000, port, 8 + len(payload), 0) + payload


@pytest.mark.bypass("V01")
@pytest.mark.parametrize("port", [443, 80])
@pytest.mark.parametrize("address", [GOOD, BAD, "8.8.8.8"])
def test_V01_quic_is_rejected_at_once(lesson: Lesson, home: Machine, address: str, port: int):  # noqa: N802
    payload = QUIC + os.urandom(1194)
    assert datagram(home, address, port, payload)
    began = time.monotonic()
    with pytest.raises(OSError, match=r"refused|unreachable|prohibited|not permitted|[Hh]ost"):
        lesson.bek.udp(address, port, payload, seconds=2)
    assert time.monotonic() - began < 1
    lesson.refused(address, method="UDP", clause="2.11", reason="protocol-refused")


@pytest.mark.bypass("V01")
def test_V01_nor_on_any_other_port_or_in_another_version(lesson: Lesson):  # noqa: N802
    wanted = at_ports((8443, 4433, 784, 50001, 3478, 5349, 19302), 50)
    for address, port in wanted.items():
        for first in (QUIC, b"\xcf\x6b\x33\x43\xcf\x08", b"\x40\0\0\0\0\0", STUN):
            assert datagram(lesson.bek, address, port, first + os.urandom(1194)) is None
    lesson.refused(*wanted, method="UDP", clause="2.11")


@pytest.mark.bypass("V02")
def test_V02_wireguard_leaves_by_no_port(lesson: Lesson, home: Machine):  # noqa: N802
    wanted = at_ports((51820, 444, 123, 500, 4500, 1, 65535, 1701, 3478), 60)
    for address, port in wanted.items():
        assert datagram(home, address, port, WIREGUARD)
        assert datagram(lesson.bek, address, port, WIREGUARD) is None
    lesson.refused(*wanted, method="UDP", clause="2.11", reason="protocol-refused port-refused")


@pytest.mark.bypass("V02")
def test_V02_wireguard_on_the_port_of_dns_meets_our_dns(lesson: Lesson):  # noqa: N802
    assert datagram(lesson.bek, "198.51.100.69", 53, WIREGUARD) != WIREGUARD
    lesson.refused("198.51.100.69", method="UDP", clause="2.11", reason="protocol-refused")


@pytest.mark.bypass("V03")
@pytest.mark.parametrize("protocol", ["udp", "tcp"])
def test_V03_openvpn_leaves_by_no_port(lesson: Lesson, protocol: str):  # noqa: N802
    wanted = at_ports((1194, 443, 80, 53, 8443), 70 if protocol == "udp" else 80)
    for address, port in wanted.items():
        if protocol == "udp":
            assert datagram(lesson.bek, address, port, OPENVPN) != OPENVPN
        else:
            assert lesson.bek.send(address, port, b"\x00\x0e" + OPENVPN, seconds=0.5) != b"\x00\x0e" + OPENVPN
    lesson.refused(*wanted, clause="2.11")


@pytest.mark.bypass("V04")
def test_V04_ssh_leaves_by_no_port(lesson: Lesson, home: Machine):  # noqa: N802
    wanted = at_ports((22, 443, 80, 2222, 8080, 3128, 1080, 5222), 90)
    for address, port in wanted.items():
        assert home.send(address, port, b"SSH-2.0-x\r\n", seconds=0.15)
        assert not lesson.bek.send(address, port, b"SSH-2.0-x\r\n", seconds=0.5).startswith(b"SSH-")
    lesson.refused(*wanted, clause="2.11")


@pytest.mark.bypass("V04")
def test_V04_a_server_that_speaks_first_is_not_heard(lesson: Lesson):  # noqa: N802
    """As SSH servers do: a client that waits for the banner hears nothing, for nobody was asked."""
    for port in (443, 80):
        with contextlib.suppress(OSError), lesson.bek.tcp("198.51.100.99", port, seconds=1) as link:
            link.settimeout(0.3)
            assert link.recv(64) == b""
    lesson.silent()


@pytest.mark.bypass("V04")
def test_V04_other_protocols_than_tcp_and_udp_do_not_pass(lesson: Lesson):  # noqa: N802
    """Ping with data, IGMP, IP in IP, IPv6 in IPv4, RSVP, GRE, ESP, AH, OSPF, EtherIP, L2TP, SCTP, UDP-Lite, raw."""
    numbers = (1, 2, 4, 41, 46, 47, 50, 51, 89, 97, 115, 132, 136, 253, 255)
    wanted = {f"198.51.100.{110 + at}": number for at, number in enumerate(numbers)}
    for address, number in wanted.items():
        carried = b"\x08\x00\x00\x00\x00\x01\x00\x01" + b"a tunnel's bytes" * 4
        raw(lesson.bek, number, address, carried[:2] + struct.pack("!H", checksum(carried)) + carried[4:])
    lesson.refused(*wanted, clause="2.11", reason="protocol-refused", method="IP PING")


@pytest.mark.bypass("V04")
@pytest.mark.parametrize("kind", [0, 13, 15, 17, 3, 5])
def test_V04_no_kind_of_icmp_carries_anything_out(lesson: Lesson, kind: int):  # noqa: N802
    """Answers that nobody asked for, times, masks, errors, redirects."""
    inner = b"\x45\0\0\x1c\0\0\0\0\x40\x11\0\0" + socket.inet_aton("198.51.100.130") * 2 + udp(53)
    head = bytes([kind, 0, 0, 0, 0, 1, 0, 1])
    whole = head + inner
    raw(lesson.bek, 1, "198.51.100.130", whole[:2] + struct.pack("!H", checksum(whole)) + whole[4:])
    lesson.silent()


@pytest.mark.bypass("V04")
def test_V04_fragments_hide_no_port(lesson: Lesson):  # noqa: N802
    """A first piece too short for its ports, a later one alone, pieces that overlap."""
    raw(lesson.bek, 17, "198.51.100.131", udp(443)[:8], offset=0x2000)
    raw(lesson.bek, 6, "198.51.100.132", b"\x9c\x40\x01\xbb" + bytes(4), offset=0x2000)
    raw(lesson.bek, 17, "198.51.100.133", b"x" * 32, offset=0x0001)
    raw(lesson.bek, 6, "198.51.100.134", bytes(16), offset=0x2001)
    wanted = [f"198.51.100.{131 + number}" for number in range(4)]
    lesson.refused(*wanted, clause="2.11", reason="protocol-refused")


@pytest.mark.bypass("V04")
def test_V04_no_option_of_a_packet_chooses_another_way(lesson: Lesson):  # noqa: N802
    """Loose and strict source routes by the box, a record of the way, a router's alert."""
    hop = socket.inet_aton(BAD)
    routes = {
        "198.51.100.140": b"\x83\x07\x04" + hop + b"\0",
        "198.51.100.141": b"\x89\x07\x04" + hop + b"\0",
        "198.51.100.142": b"\x07\x07\x04" + bytes(4) + b"\0",
        "198.51.100.143": b"\x94\x04\0\0",
    }
    for address, options in routes.items():
        raw(lesson.bek, 17, address, udp(443), options=options)
    raw(lesson.bek, 17, lesson.bek.pc.gate, udp(53), options=b"\x83\x07\x04" + hop + b"\0")
    lesson.refused(*routes, lesson.bek.pc.gate, clause="2.11", reason="protocol-refused")


TAGS = {
    "198.51.100.144": bytes.fromhex("810000000800"),
    "198.51.100.145": bytes.fromhex("810000010800"),
    "198.51.100.146": bytes.fromhex("88a80000810000000800"),
    "198.51.100.147": bytes.fromhex("88641100000100260021"),
    "198.51.100.148": bytes.fromhex("8847000011ff"),
}


@pytest.mark.bypass("V04")
def test_V04_no_other_frame_on_the_cable_hides_a_packet(lesson: Lesson):  # noqa: N802
    """Priority and VLAN tags, one within another, PPPoE, MPLS. A tag of network 0 is none: that packet is told."""
    cards = (card_of_gate(lesson), lesson.bek.pc.mac)
    ends = b"".join(bytes.fromhex(card.replace(":", "")) for card in cards)
    with lesson.bek.here():
        link = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
    with link:
        link.bind(("eth0", 0))
        for address, tag in TAGS.items():
            link.send(ends + tag + packet(lesson.bek, 17, address, udp(443)))
    lesson.refused("198.51.100.144", method="UDP", clause="2.11")


@pytest.mark.bypass("V04")
def test_V04_nor_one_that_is_for_everybody_or_wrapped_for_old_networks(lesson: Lesson):  # noqa: N802
    """Frames for all, for a group, for another card, and IP within 802.2: every system chatters so, none is told."""
    inside = packet(lesson.bek, 17, "198.51.100.149", udp(443))
    wrapped = struct.pack("!H", 8 + len(inside)) + bytes.fromhex("aaaa030000000800") + inside
    source = bytes.fromhex(lesson.bek.pc.mac.replace(":", ""))
    with lesson.bek.here():
        link = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
    with link:
        link.bind(("eth0", 0))
        for card in ("ffffffffffff", "01005e000001", "333300000001", "00005e005399"):
            link.send(bytes.fromhex(card) + source + b"\x08\0" + inside)
        link.send(bytes.fromhex(card_of_gate(lesson).replace(":", "")) + source + wrapped)
    lesson.silent()


@pytest.mark.bypass("V04")
def test_V04_no_address_is_nobodys(lesson: Lesson):  # noqa: N802
    """Of everybody, of a segment, of groups, of this machine, of no network, of the box's other legs."""
    told = ("255.255.255.255", "10.50.9.255", "224.0.0.1", "240.0.0.1", "169.254.1.1", "203.0.113.1", "203.0.113.254")
    ends = "".join((card_of_gate(lesson), lesson.bek.pc.mac)).replace(":", "")
    with lesson.bek.here():
        link = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
    with link:
        link.bind(("eth0", 0))
        for address in (*told, "127.0.0.1", "0.0.0.0"):
            link.send(bytes.fromhex(ends) + b"\x08\0" + packet(lesson.bek, 17, address, udp(443)))
    lesson.refused(*told, method="UDP", clause="2.11", reason="protocol-refused")


@pytest.mark.bypass("V04")
def test_V04_what_gives_out_addresses_carries_nothing_out(lesson: Lesson):  # noqa: N802
    """DHCP's two ports, towards somebody outside."""
    for ports in ((68, 67), (67, 68)):
        raw(lesson.bek, 17, f"198.51.100.{ports[0] + 150}", struct.pack("!HHHH", *ports, 258, 0) + bytes(250))
    lesson.refused("198.51.100.218", "198.51.100.217", method="UDP", clause="2.11", reason="port-refused")


@pytest.mark.bypass("V04")
@pytest.mark.parametrize("flags", [0x00, 0x01, 0x10, 0x11, 0x12, 0x29, 0x3F, 0x02 | 0x04])
def test_V04_no_odd_beginning_of_a_connection_passes(lesson: Lesson, flags: int):  # noqa: N802
    """Packets of no connection: none, FIN, ACK, SYN with ACK, all flags at once."""
    for port in (443, 22):
        head = struct.pack("!HHIIBBHHH", 40001, port, 1, 1, 0x50, flags, 1024, 0, 0) + b"said without a beginning"
        pseudo = socket.inet_aton(lesson.bek.pc.address) + socket.inet_aton("198.51.100.150")
        pseudo += struct.pack("!BBH", 0, 6, len(head))
        raw(lesson.bek, 6, "198.51.100.150", head[:16] + struct.pack("!H", checksum(pseudo + head)) + head[18:])
    lesson.silent()


@pytest.mark.bypass("V04")
def test_V04_whoever_claims_another_address_gets_nowhere(lesson: Lesson):  # noqa: N802
    """A neighbour's, a teacher's, the box's, one of outside, nobody's: the card is told."""
    card = lesson.bek.pc.mac
    claimed = ["10.50.1.222", "10.50.9.11", "10.50.1.1", "203.0.113.1", "127.0.0.1", "0.0.0.0", "8.8.8.8"]
    for source in claimed:
        raw(lesson.bek, 17, "198.51.100.151", udp(443), source=source)
        raw(lesson.bek, 17, lesson.bek.pc.gate, udp(53, b"\0" * 20), source=source)
    lesson.silent()
    told = {event.host for event in lesson.lab.wait_for_events(card)}
    assert "10.50.9.11" in told


@pytest.mark.bypass("V05")
def test_V05_a_random_name_on_a_foreign_address_is_ended(lesson: Lesson):  # noqa: N802
    names = ("www.q7xk2vb.com", "www.ab3dz5.net", "www.nkaaq2gd6ws.org")
    for name in names:
        assert lesson.bek.send("198.51.100.7", 443, hello(name)) == b""
    lesson.refused(*names, clause="2.11", reason="not-ruled-on", method="CONNECT")


@pytest.mark.bypass("V05")
def test_V05_nor_the_other_ways_into_tor(lesson: Lesson):  # noqa: N802
    """Directory and relay ports, obfs4 (random bytes, no name at all), meek and snowflake by an allowed name."""
    wanted = at_ports((9001, 9030, 9150, 9050, 443, 80), 160)
    for address, port in wanted.items():
        assert lesson.bek.send(address, port, b"\x9d\x11" + os.urandom(500), seconds=0.5)[:1] != b"\x9d"
    assert lesson.bek.send("198.51.100.168", 443, hello("good.test"), seconds=1)[:1] != b"\x16"
    lesson.refused(*wanted, clause="2.11")
    lesson.refused("good.test", clause="2.11", reason="name-mismatch")


@pytest.mark.bypass("V07")
@pytest.mark.parametrize("name", ["mask.icloud.com", "mask-h2.icloud.com", "vpn.test", "relay.test"])
def test_V07_relays_have_no_address_and_no_connection(lesson: Lesson, name: str):  # noqa: N802
    assert lesson.bek.resolve(name) in {"", lesson.bek.pc.gate}
    assert lesson.bek.send("203.0.113.90", 443, hello(name)) == b""
    lesson.refused(name, method="CONNECT")
    with contextlib.suppress(OSError), lesson.proxied.tunnel(f"{name}:443") as link:
        link.sendall(hello(name))
        assert link.recv(64) == b""
    lesson.refused(name, method="CONNECT")


@pytest.mark.bypass("V10")
def test_V10_no_packet_leaves_over_ipv6(lesson: Lesson):  # noqa: N802
    """With an address of its own making and the box as its router, as a rogue advertisement would have it."""
    wanted = [f"2001:db8:113::{number:x}" for number in (0x14, 0x1E, 0x28)]
    with over_ipv6(lesson):
        for address, port in zip(wanted, (80, 443, 22), strict=True):
            assert lesson.bek.send(address, port, b"GET / HTTP/1.1\r\nHost: bad.test\r\n\r\n", seconds=0.2) == b""
            for other in (53, 443, 853, 51820):
                assert datagram(lesson.bek, address, other, WIREGUARD) is None
    assert lesson.refused(*wanted, clause="2.11", reason="protocol-refused").person


@pytest.mark.bypass("V10")
def test_V10_nor_to_the_box_or_a_neighbour_by_it(lesson: Lesson):  # noqa: N802
    with over_ipv6(lesson) as gate:
        for port in (53, 80, 443, 3128, 3129, 8000):
            assert (
                lesson.bek.send(f"{gate}%eth0", port, b"GET / HTTP/1.1\r\nHost: bad.test\r\n\r\n", seconds=0.15) == b""
            )
    lesson.refused(gate, clause="2.11", reason="protocol-refused")


@pytest.mark.bypass("V10")
@pytest.mark.parametrize("following", [0, 43, 44, 47, 50, 58, 60, 132, 135])
def test_V10_no_header_of_ipv6_hides_anything(lesson: Lesson, following: int):  # noqa: N802
    """Hop-by-hop, routing, fragment, GRE, ESP, ICMP, destination options, SCTP, mobility."""
    with over_ipv6(lesson):
        with lesson.bek.here():
            link = socket.socket(socket.AF_INET6, socket.SOCK_RAW, socket.IPPROTO_RAW)
        payload = b"\x11\0" + bytes(6) + udp(443)
        packet = struct.pack("!IHBB", 6 << 28, len(payload), following, 64)
        packet += socket.inet_pton(socket.AF_INET6, ADDRESS) + socket.inet_pton(socket.AF_INET6, SIX) + payload
        with link, contextlib.suppress(OSError):
            link.sendto(packet, (SIX, 0))
    lesson.silent()


@pytest.mark.bypass("V10")
@pytest.mark.parametrize("relay", ["192.88.99.1", "198.51.100.170", BAD])
def test_V10_no_ipv6_within_ipv4(lesson: Lesson, relay: str):  # noqa: N802
    """6in4, 6to4's anycast, Teredo, AYIYA."""
    six = struct.pack("!IHBB", 6 << 28, 8, 17, 64) + bytes(32) + udp(443)
    raw(lesson.bek, 41, relay, six)
    for port in (3544, 5072, 3653):
        assert datagram(lesson.bek, relay, port, six) is None
    lesson.refused(relay, method="IP", clause="2.11", reason="protocol-refused")
    lesson.refused(relay, method="UDP", clause="2.11", reason="port-refused")


@pytest.mark.bypass("V10")
def test_V10_neighbours_in_other_rooms_do_not_meet(lesson: Lesson):  # noqa: N802
    """Nor the staff's PCs: a classmate's tunnel end is not in the next room."""
    for neighbour in ("10.50.2.15", "10.50.9.11"):
        for port in (22, 80, 443, 445, 3389, 1080):
            assert lesson.bek.send(neighbour, port, b"x\r\n\r\n", seconds=0.3).find(b"X-Origin") == -1
        assert datagram(lesson.bek, neighbour, 5000, WIREGUARD) is None
    lesson.refused("10.50.2.15", "10.50.9.11", clause="2.11", reason="port-refused protocol-refused")
