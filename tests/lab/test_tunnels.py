"""Family V of the bypass catalogue on the wire: VPN, QUIC, other protocols, IPv6, neighbours."""

import contextlib
import os
import socket
import time

import pytest

from darbaza.lab.machines import Machine
from darbaza.lab.names import BAD, GOOD
from tests.lab.conftest import Lesson
from tests.lab.hello import hello

pytestmark = [pytest.mark.engine, pytest.mark.netns, pytest.mark.timeout(180)]

WIREGUARD = b"\x01\x00\x00\x00" + bytes(144)
OPENVPN = b"\x38" + bytes(13)


def datagram(machine: Machine, address: str, port: int, payload: bytes) -> bytes | None:
    """What came back; an ICMP error is nothing."""
    with contextlib.suppress(OSError):
        return machine.udp(address, port, payload, seconds=0.3)
    return None


@pytest.mark.bypass("V01")
@pytest.mark.parametrize("port", [443, 80])
@pytest.mark.parametrize("address", [GOOD, BAD, "8.8.8.8"])
def test_V01_quic_is_rejected_at_once(lesson: Lesson, home: Machine, address: str, port: int):  # noqa: N802
    payload = b"\xc3\x00\x00\x00\x01\x08" + os.urandom(1194)
    assert datagram(home, address, port, payload)
    began = time.monotonic()
    with pytest.raises(OSError, match=r"refused|unreachable|prohibited|not permitted|[Hh]ost"):
        lesson.bek.udp(address, port, payload, seconds=2)
    assert time.monotonic() - began < 1
    lesson.refused(address)


@pytest.mark.bypass("V02")
@pytest.mark.parametrize("port", [51820, 444, 123, 500, 4500, 1, 65535])
def test_V02_wireguard_leaves_by_no_port(lesson: Lesson, home: Machine, port: int):  # noqa: N802
    assert datagram(home, BAD, port, WIREGUARD)
    assert datagram(lesson.bek, BAD, port, WIREGUARD) is None
    lesson.refused(BAD)


@pytest.mark.bypass("V02")
def test_V02_wireguard_on_the_port_of_dns_meets_our_dns(lesson: Lesson):  # noqa: N802
    datagram(lesson.bek, BAD, 53, WIREGUARD)
    lesson.silent()


@pytest.mark.bypass("V03")
@pytest.mark.parametrize("port", [1194, 443, 80, 53, 8443])
@pytest.mark.parametrize("protocol", ["udp", "tcp"])
def test_V03_openvpn_leaves_by_no_port(lesson: Lesson, protocol: str, port: int):  # noqa: N802
    if protocol == "udp":
        assert datagram(lesson.bek, BAD, port, OPENVPN) != OPENVPN
    else:
        assert lesson.bek.send(BAD, port, b"\x00\x0e" + OPENVPN, seconds=1) != b"\x00\x0e" + OPENVPN
    lesson.silent()


@pytest.mark.bypass("V04")
@pytest.mark.parametrize("port", [22, 443, 80, 2222, 8080, 3128, 1080, 5222])
def test_V04_ssh_leaves_by_no_port(lesson: Lesson, home: Machine, port: int):  # noqa: N802
    assert home.send(BAD, port, b"SSH-2.0-x\r\n", seconds=1)
    assert not lesson.bek.send(BAD, port, b"SSH-2.0-x\r\n", seconds=1).startswith(b"SSH-")
    lesson.silent()


@pytest.mark.bypass("V05")
@pytest.mark.parametrize("name", ["www.q7xk2vb.com", "www.ab3dz5.net"])
def test_V05_a_random_name_on_a_foreign_address_is_ended(lesson: Lesson, name: str):  # noqa: N802
    assert lesson.bek.send("198.51.100.7", 443, hello(name)) == b""
    lesson.silent()


@pytest.mark.bypass("V07")
@pytest.mark.parametrize("name", ["mask.icloud.com", "mask-h2.icloud.com"])
def test_V07_relays_have_no_address_and_no_connection(lesson: Lesson, name: str):  # noqa: N802
    assert lesson.bek.resolve(name) == ""
    assert lesson.bek.send("203.0.113.90", 443, hello(name)) == b""
    lesson.refused(name)


@pytest.mark.bypass("V10")
@pytest.mark.parametrize("protocol", ["tcp", "udp"])
def test_V10_no_packet_leaves_over_ipv6(lesson: Lesson, protocol: str):  # noqa: N802
    """With an address of its own making and the box as its router, as a rogue advertisement would have it."""
    done = lesson.lab.machine("home").run(
        "nsenter", f"--net=/run/netns/{lesson.lab.plan.namespace('box')}", "ip", "-6", "-br", "address", "show", "lan1"
    )
    link_local = next(word.partition("/")[0] for word in done.stdout.split() if word.startswith("fe80"))
    lesson.bek.ip("-6", "address", "replace", "fd50:1::11/64", "dev", "eth0", "nodad")
    lesson.bek.ip("-6", "route", "replace", "default", "via", link_local, "dev", "eth0")
    try:
        with contextlib.suppress(OSError):
            if protocol == "tcp":
                lesson.bek.tcp("2001:db8:113::14", 80, seconds=1).close()
            else:
                lesson.bek.udp("2001:db8:113::14", 443, b"x")
        lesson.silent()
    finally:
        lesson.bek.ip("-6", "address", "flush", "dev", "eth0", "scope", "global")


@pytest.mark.bypass("V04")
@pytest.mark.parametrize("number", [1, 4, 41, 47, 50, 132])
def test_V04_other_protocols_than_tcp_and_udp_do_not_pass(lesson: Lesson, number: int):  # noqa: N802
    """Ping, IP in IP, IPv6 in IPv4, GRE, IPsec, SCTP."""
    with lesson.bek.here():
        link = socket.socket(socket.AF_INET, socket.SOCK_RAW, number)
    with link, contextlib.suppress(OSError):
        link.sendto(b"\x08\x00\xf7\xff\x00\x00\x00\x00" + bytes(32), (BAD, 0))
    lesson.silent()
