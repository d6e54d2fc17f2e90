"""Networks of one's own: what is sent in one arrives in the other, and nothing of them is seen outside."""

import os
import socket
from collections.abc import Iterator

import pytest

from tests.netns import Namespaces, NetworkError

pytestmark = pytest.mark.netns


@pytest.fixture
def nodes() -> Iterator[Namespaces]:
    with Namespaces(f"dzt{os.getpid()}") as made:
        made.add("a")
        made.add("b")
        made.cable("a", "eth0", "b", "eth1", mac="02:00:00:00:00:0a")
        made["a"].ip("address add 10.50.1.1/24 dev eth0")
        made["b"].ip("address add 10.50.1.2/24 dev eth1")
        yield made


def test_bytes_travel_along_the_cable(nodes: Namespaces) -> None:
    with nodes["b"].socket(kind=socket.SOCK_DGRAM) as there, nodes["a"].socket(kind=socket.SOCK_DGRAM) as here:
        there.bind(("10.50.1.2", 53))
        here.sendto(b"salam", ("10.50.1.2", 53))
        there.settimeout(5)
        assert there.recvfrom(99)[0] == b"salam"
    assert "02:00:00:00:00:0a" in nodes["b"].run("ip", "neigh")


def test_this_process_stays_where_it_is(nodes: Namespaces) -> None:
    before = socket.if_nameindex()
    with nodes["a"].within():
        assert {name for _, name in socket.if_nameindex()} == {"lo", "eth0"}
    assert socket.if_nameindex() == before


def test_a_packet_filter_and_settings_of_its_own(nodes: Namespaces) -> None:
    nodes["a"].sysctl(ipv4__ip_forward=1)
    nodes["a"].run("nft", "-f", "-", given="table inet mine {}")
    assert "mine" in nodes["a"].run("nft", "list", "tables")
    assert "mine" not in nodes["b"].run("nft", "list", "tables")
    assert nodes["b"].run("cat", "/proc/sys/net/ipv4/ip_forward").strip() == "0"


def test_a_failing_command_says_what_it_was(nodes: Namespaces) -> None:
    with pytest.raises(NetworkError, match=r"nft -f -. ended with 1: .*syntax error"):
        nodes["a"].run("nft", "-f", "-", given="tabel")


def test_nothing_is_left_behind(nodes: Namespaces) -> None:
    path = nodes["a"].path
    nodes.close()
    assert not path.exists()
