"""A real DHCP server in a network of its own, and real clients that ask it for an address."""

import os
import signal
import subprocess
import sys
import time
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from darbaza.engines.base import EngineError
from darbaza.engines.dnsmasq.adapter import Dnsmasq
from darbaza.engines.dnsmasq.server import read_status
from darbaza.engines.dnsmasq.settings import settings_of
from darbaza.policy.rulebook import Device, Rulebook, UserKind
from tests.netns import Namespaces, Node

pytestmark = pytest.mark.netns

BEK, GUEST, STAFF_PC = "00:00:5e:00:53:11", "00:00:5e:00:53:66", "00:00:5e:00:53:91"
API, PAC = "http://why/captive", "http://10.50.1.1:8011/wpad.dat"

BOX_TOML = f"""\
[dnsmasq]
captive_api = "{API}"
proxy_pac = "{PAC}"
domain = "mektep.internal"
state = "{{state}}"

[[dnsmasq.networks]]
name = "room1"
interface = "lan1"
network = "10.50.1.0/24"
router = "10.50.1.1"

[[dnsmasq.networks]]
name = "staff"
interface = "lan9"
network = "10.50.9.0/24"
router = "10.50.9.1"
pool = ["10.50.9.200", "10.50.9.209"]
lease_minutes = 30
"""


def school(*devices: Device) -> Rulebook:
    return Rulebook(1, "school", "2020-09-15", devices=devices)


def device(address: str, mac: str) -> Device:
    return Device(address, "it-1", UserKind.STUDENT, mac)


@dataclass
class Bed:
    """A box with two networks and a PC in each."""

    box: Node
    room: Node
    staff: Node
    run: Path
    dnsmasq: Dnsmasq
    server: subprocess.Popen[bytes]

    @property
    def state(self) -> Path:
        return self.dnsmasq.settings.state

    def stop(self) -> None:
        self.server.terminate()
        self.server.wait(10)

    def reserve(self, *devices: Device) -> None:
        self.dnsmasq.apply(self.dnsmasq.render(school(*devices)))


def until(condition: Callable[[], object], seconds: float = 10.0) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it never happened"
        time.sleep(0.02)


def start_server(box: Node, run: Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "darbaza.engines.dnsmasq.server"]
    with (run / "server.log").open("ab") as log:
        return box.popen(*command, "--settings", str(run / "box.toml"), "--run", str(run), stderr=log)


@pytest.fixture
def bed(tmp_path: Path) -> Iterator[Bed]:
    tmp_path.chmod(0o755)
    state = tmp_path / "state"
    table = BOX_TOML.format(state=state)
    (tmp_path / "box.toml").write_text(table)
    (tmp_path / "box.toml").chmod(0o644)
    with Namespaces(f"dzd{os.getpid()}") as nodes:
        box = nodes.add("box")
        for name, number in (("room", 1), ("staff", 9)):
            nodes.add(name)
            nodes.cable(name, "eth0", "box", f"lan{number}", mac=BEK if number == 1 else STAFF_PC)
            box.ip(f"address add 10.50.{number}.1/24 dev lan{number}")
        dnsmasq = Dnsmasq(settings_of(tomllib.loads(table)["dnsmasq"]), tmp_path)
        made = Bed(box, nodes["room"], nodes["staff"], tmp_path, dnsmasq, start_server(box, tmp_path))
        try:
            until(lambda: read_status(state))
            yield made
        finally:
            made.stop()


def ask(pc: Node, folder: Path, *options: str, tries: int = 3) -> dict[str, str]:
    """What a PC was given; empty if it got no address."""
    script, told = folder / "udhcpc.sh", folder / "told"
    script.write_text(f'#!/bin/sh\n[ "$1" = bound ] && env > {told}\nexit 0\n')
    script.chmod(0o755)
    told.unlink(missing_ok=True)
    asked = [*(["-O", "114", "-O", "252", "-O", "search"]), *options]
    pc.popen(
        "busybox", "udhcpc", "-i", "eth0", "-f", "-q", "-n", "-t", str(tries), "-T", "1", "-s", str(script), *asked,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    ).wait(30)  # fmt: skip
    return dict(line.split("=", 1) for line in told.read_text().splitlines() if "=" in line) if told.exists() else {}


def given(pc: Node, folder: Path, *options: str, tries: int = 3) -> str:
    return ask(pc, folder, *options, tries=tries).get("ip", "")


def wear(pc: Node, mac: str) -> None:
    """Give a PC's card another address."""
    pc.ip("link set dev eth0 down", f"link set dev eth0 address {mac}", "link set dev eth0 up")


def test_a_registered_card_gets_its_own_address_and_all_options(bed: Bed, tmp_path: Path) -> None:
    bed.reserve(device("10.50.1.11", BEK))
    told = ask(bed.room, tmp_path)
    assert told["ip"] == "10.50.1.11"
    assert told["router"] == told["dns"] == "10.50.1.1"
    assert (told["subnet"], told["lease"], told["domain"]) == ("255.255.255.0", "600", "mektep.internal")
    assert bytes.fromhex(told["opt114"]).decode() == API
    assert told["wpad"].strip() == PAC


def test_an_unknown_card_gets_nothing_where_the_school_says_so(bed: Bed, tmp_path: Path) -> None:
    bed.reserve(device("10.50.1.11", BEK))
    wear(bed.room, GUEST)
    assert given(bed.room, tmp_path, tries=1) == ""


def test_an_unknown_card_gets_an_address_of_the_pool_where_there_is_one(bed: Bed, tmp_path: Path) -> None:
    address = given(bed.staff, tmp_path, "-x", "hostname:aida-laptop")
    assert address.startswith("10.50.9.20")
    lease = bed.dnsmasq.settings.leases.read_text().split()
    assert lease[1:4] == [STAFF_PC, address, "aida-laptop"]


def test_a_new_reservation_counts_without_a_restart(bed: Bed, tmp_path: Path) -> None:
    pid = bed.dnsmasq.pid
    assert given(bed.room, tmp_path, tries=1) == ""
    bed.reserve(device("10.50.1.11", BEK))
    assert given(bed.room, tmp_path) == "10.50.1.11"
    assert bed.dnsmasq.pid == pid


def test_a_reservation_that_is_gone_counts_no_more(bed: Bed, tmp_path: Path) -> None:
    bed.reserve(device("10.50.1.11", BEK))
    assert given(bed.room, tmp_path, "-R") == "10.50.1.11"
    bed.reserve(device("10.50.1.12", GUEST))
    assert given(bed.room, tmp_path, tries=1) == ""


def test_another_card_never_gets_a_reserved_address(bed: Bed, tmp_path: Path) -> None:
    bed.reserve(device("10.50.9.200", BEK))
    assert given(bed.staff, tmp_path, "-r", "10.50.9.200") != "10.50.9.200"


def test_what_the_agent_must_not_say_is_refused_and_the_last_good_stays(bed: Bed, tmp_path: Path) -> None:
    """The server is root's: an option in the agent's file must never reach dnsmasq."""
    bed.reserve(device("10.50.1.11", BEK))
    offered = bed.run / "dnsmasq" / "current" / "reservations"
    offered.write_text(f"{GUEST},10.50.1.11\n\ndhcp-script=/bin/sh\n")
    until(lambda: (status := read_status(bed.state)) and status.complaint)
    assert (bed.state / "reservations").read_text() == f"{BEK},10.50.1.11\n"
    assert not bed.dnsmasq.verify().is_well
    assert given(bed.room, tmp_path) == "10.50.1.11"


def test_a_link_in_place_of_the_agents_file_is_not_followed(bed: Bed) -> None:
    bed.reserve(device("10.50.1.11", BEK))
    offered = bed.run / "dnsmasq" / "current" / "reservations"
    offered.unlink()
    offered.symlink_to("/etc/shadow")
    until(lambda: (status := read_status(bed.state)) and status.complaint)
    assert (bed.state / "reservations").read_text() == f"{BEK},10.50.1.11\n"


def test_a_killed_dnsmasq_is_started_again_and_remembers_its_leases(bed: Bed, tmp_path: Path) -> None:
    address = given(bed.staff, tmp_path)
    pid = bed.dnsmasq.pid
    os.kill(pid, signal.SIGKILL)
    until(lambda: bed.dnsmasq.pid not in (0, pid))
    assert given(bed.staff, tmp_path) == address
    assert bed.dnsmasq.verify().facts["runs"]


def test_a_sound_server_is_well(bed: Bed) -> None:
    bed.reserve(device("10.50.1.11", BEK))
    found = bed.dnsmasq.verify()
    assert found.is_well
    assert found.version >= (2, 85)


def test_a_server_with_other_settings_is_noticed(bed: Bed) -> None:
    changed = Dnsmasq(replace(bed.dnsmasq.settings, captive_api=""), bed.run)
    assert changed.verify().facts == {"runs": True, "has these settings": False, "took the reservations": True}


def test_a_server_that_is_down_is_said_and_finds_the_reservations_later(bed: Bed, tmp_path: Path) -> None:
    bed.stop()
    with pytest.raises(EngineError, match="does not run"):
        bed.reserve(device("10.50.1.11", BEK))
    assert not bed.dnsmasq.verify().is_well
    bed.server = start_server(bed.box, bed.run)
    until(lambda: read_status(bed.state))
    assert given(bed.room, tmp_path) == "10.50.1.11"


def test_settings_that_others_can_write_are_refused(bed: Bed) -> None:
    (bed.run / "box.toml").chmod(0o666)
    bed.stop()
    bed.server = start_server(bed.box, bed.run)
    assert bed.server.wait(10) == 2
    assert "chmod go-w" in (bed.run / "server.log").read_text()


def test_a_reservation_in_no_network_of_ours_is_refused_before_it_is_handed_over(bed: Bed) -> None:
    rendered = bed.dnsmasq.render(school(device("10.50.1.11", BEK)))
    bad = replace(rendered, files={**rendered.files, "reservations": f"{BEK},192.0.2.1\n"})
    with pytest.raises(EngineError, match="no pair of MAC and address"):
        bed.dnsmasq.apply(bad)
    assert bed.dnsmasq.generations.in_force() == ""
