"""The whole agent on a box with a real DHCP server, PCs behind a switch, and somebody who takes their addresses."""

import asyncio
import contextlib
import json
import os
import pwd
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

import darbaza
from darbaza.agent.identity_sources import neighbours, ports
from darbaza.clock import utc_now
from darbaza.engines.dnsmasq.server import read_status
from darbaza.engines.nftables.client import GateClient
from darbaza.policy.rulebook import Device, LessonException, Rulebook, UserKind
from darbaza.snapshot.presence import Presence
from tests.agent.box import FakePortal, run_directory, until
from tests.netns import Namespaces, NetworkError, Node
from tests.snapshot.strategies import ORDER, lesson, school, seated

pytestmark = pytest.mark.netns

BEK, THIEF = "00:00:5e:00:53:11", "00:00:5e:00:53:66"
PC, OTHER, BOX = "10.50.1.11", "10.50.1.12", "10.50.1.1"
SEEN_WITHIN = 10.0
"""Seconds: the bypass catalogue's S01 and S02 give so long for the alert."""

SETTINGS = f"""
[captive]
listen = ["{BOX}:8011"]
[dnsmasq]
state = "{{state}}"
captive_api = "http://{BOX}:8011/captive"
[[dnsmasq.networks]]
name = "room1"
interface = "lan1"
network = "10.50.1.0/24"
router = "{BOX}"
pool = ["10.50.1.200", "10.50.1.220"]
"""


LAYOUT = f"""
agent = "{{agent}}"
mode = "router"
wan = "wan"
[[segments]]
interface = "lan1"
address = "{BOX}/24"
[ports]
public = [8011]
"""


def rules() -> Rulebook:
    now = utc_now()
    return replace(
        school(7),
        devices=(Device(PC, "r1", mac=BEK), Device(OTHER, "r1"), Device("10.50.1.90", "", UserKind.STAFF)),
        exceptions=(LessonException("now", "r1", now - timedelta(hours=1), now + timedelta(hours=1), ORDER),),
    )


def presence(sequence: int) -> Presence:
    now = utc_now()
    session = lesson(
        opened=now, ends=now + timedelta(minutes=40), lease_until=now + timedelta(minutes=40), slot="", exception="now"
    )
    bound = replace(seated(PC), since=now)
    return Presence(sequence, sequence, now, (session,), (bound,))


@dataclass
class Room:
    """A box, a switch, and two PCs at it: the student's and somebody else's."""

    box: Node
    bek: Node
    thief: Node
    portal: FakePortal
    run: Path
    gate: Path

    def granted(self) -> set[tuple[str, str]]:
        """The pairs that the packet filter lets pass."""
        with GateClient(self.gate) as client:
            return {(str(one.address), one.mac) for one in client.passing()}

    async def connect(self, pc: Node, name: str) -> str:
        """A PC asks for an address as it does when it is switched on; the address."""
        script, told = self.run.parent / "udhcpc.sh", self.run.parent / "told"
        script.write_text(
            f'#!/bin/sh\n[ "$1" = bound ] || exit 0\nip addr replace "$ip/24" dev eth0\necho "$ip" >{told}\n'
        )
        script.chmod(0o755)
        options = f"-f -q -n -t 4 -T 1 -x hostname:{name} -s {script}".split()
        await asyncio.to_thread(pc.run, "busybox", "udhcpc", "-i", "eth0", *options)
        await self.stir(pc)
        return told.read_text().strip()

    async def stir(self, pc: Node) -> None:
        """Let a PC be heard."""
        await asyncio.to_thread(pc.run, "sh", "-c", f"busybox ping -c 1 -W 1 {BOX} >/dev/null || true")

    async def stay(self, pc: Node) -> dict[str, Any]:
        """What the box tells a PC of its stay."""
        said = await asyncio.to_thread(pc.run, "curl", "-sS", "-m", "5", f"http://{BOX}:8011/captive")
        return json.loads(said)

    def faults(self) -> dict[str, str]:
        return {one["address"]: one["fault"] for one in self.portal.sightings or ()}


def lay(nodes: Namespaces) -> None:
    """A switch that is nobody's, with the box and both PCs at it."""
    for name in ("box", "sw", "bek", "thief"):
        nodes.add(name)
    nodes.cable("box", "lan1", "sw", "p0")
    nodes.cable("bek", "eth0", "sw", "p1", mac=BEK)
    nodes.cable("thief", "eth0", "sw", "p2", mac=THIEF)
    nodes["sw"].ip("link add br0 type bridge", "link set br0 up", *(f"link set p{n} master br0" for n in range(3)))
    nodes["box"].ip(f"address add {BOX}/24 dev lan1", "link add wan type veth peer name wan0", "link set wan up")


@contextlib.contextmanager
def program(node: Node, log: Path, *arguments: str):
    with log.open("ab") as file:
        process = node.popen(sys.executable, "-m", *arguments, stdout=file, stderr=file)
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@contextlib.contextmanager
def gatekeeper(node: Node, log: Path, layout: Path, socket: Path) -> Iterator[None]:
    """It gives up all rights but one, so it must not need a look into root's own folders: it runs from a copy."""
    code = socket.parent / "code"
    shutil.copytree(
        Path(darbaza.__file__).parent, code / "darbaza", ignore=shutil.ignore_patterns("portal", "__pycache__")
    )
    shutil.copytree(Path(msgspec.__file__).parent, code / "msgspec")
    module = ["-m", "darbaza.engines.nftables.gatekeeper", f"--layout={layout}", f"--socket={socket}"]
    with log.open("ab") as file:
        process = node.popen(
            "env", f"PYTHONPATH={code}", "/usr/bin/python3", "-B", *module, f"--state={socket.parent}",
            stdout=file, stderr=file, cwd="/",
        )  # fmt: skip
    try:
        yield
    finally:
        process.kill()
        process.wait(5)


@contextlib.asynccontextmanager
async def standing(tmp_path: Path, *, gated: bool) -> AsyncIterator[Room]:
    """Everything, with or without the packet filter."""
    tmp_path.chmod(0o755)
    with Namespaces(f"dzi{os.getpid() % 10000}") as nodes, contextlib.ExitStack() as programs:
        lay(nodes)
        portal = FakePortal()
        box, log, state, gate = nodes["box"], tmp_path / "log", tmp_path / "dhcp", tmp_path / "gate.sock"
        with box.within():
            await portal.start()
        extra = SETTINGS.format(state=state) + (f'[nftables]\nsocket = "{gate}"\n' if gated else "")
        settings = run_directory(tmp_path / "box", portal.url, 8010, extra)
        settings.write_text(settings.read_text().replace("[box]\n", '[box]\nmode = "router"\n'))
        settings.chmod(0o644)
        portal.push(rules(), presence(1))
        server = ("darbaza.engines.dnsmasq.server", "--settings", str(settings), "--run", str(settings.parent))
        programs.enter_context(program(box, log, *server))
        if gated:
            layout = tmp_path / "gate.toml"
            layout.write_text(LAYOUT.format(agent=pwd.getpwuid(os.geteuid()).pw_name))
            layout.chmod(0o600)
            programs.enter_context(gatekeeper(box, log, layout, gate))
        await until(lambda: read_status(state) and (gate.exists() or not gated), 20)
        programs.enter_context(program(box, log, "darbaza.agent", "--settings", str(settings)))
        await until(lambda: (told := read_status(state)) and told.reservations, 20)
        yield Room(box, nodes["bek"], nodes["thief"], portal, settings.parent, gate)
        await portal.stop()


@pytest.fixture
async def room(tmp_path: Path) -> AsyncIterator[Room]:
    async with standing(tmp_path, gated=False) as made:
        yield made


@pytest.fixture
async def gated_room(tmp_path: Path) -> AsyncIterator[Room]:
    async with standing(tmp_path, gated=True) as made:
        yield made


async def test_a_student_with_lease_and_sign_in_may_stay_until_the_bell(room: Room) -> None:
    assert await room.connect(room.bek, "pc-11") == PC
    told = await room.stay(room.bek)
    assert (told["captive"], told["can-extend-session"]) == (False, False)
    assert 2300 < told["seconds-remaining"] <= 2400
    assert room.faults().get(PC) is None


@pytest.mark.bypass("S02")
async def test_an_address_that_is_taken_over_loses_its_sign_in_and_is_reported(room: Room) -> None:
    """S02: somebody sets a classmate's address by hand."""
    await room.connect(room.bek, "pc-11")
    assert (await room.stay(room.bek))["captive"] is False
    room.bek.ip("link set dev eth0 down")
    room.thief.ip(f"address add {PC}/24 dev eth0")
    await room.stir(room.thief)
    await until(lambda: room.faults().get(PC) == "other-card", SEEN_WITHIN)
    found = next(one for one in room.portal.sightings or () if one["address"] == PC)
    assert (found["mac"], found["expected"]) == (THIEF, BEK)
    assert (await room.stay(room.thief))["captive"] is True
    room.thief.ip("address flush dev eth0")
    room.bek.ip("link set dev eth0 up", f"address replace {PC}/24 dev eth0")
    await room.stir(room.bek)
    await until(lambda: PC not in room.faults(), SEEN_WITHIN)
    assert (await room.stay(room.bek))["captive"] is True, "only a new sign-in helps"
    room.portal.push(presence=presence(2))
    await until_async(lambda: is_free(room, room.bek))


@pytest.mark.bypass("S02")
async def test_behind_the_packet_filter_whoever_takes_an_address_gets_nothing(gated_room: Room) -> None:
    """The grant is for card and address together: the owner keeps it, the thief is not even heard, and is known."""
    room = gated_room
    await room.connect(room.bek, "pc-11")
    await until(lambda: room.granted() == {(PC, BEK)})
    assert (await room.stay(room.bek))["captive"] is False
    room.thief.ip(f"address add {PC}/24 dev eth0")
    await room.stir(room.thief)
    with pytest.raises(NetworkError):
        await room.stay(room.thief)
    with GateClient(room.gate) as client:
        assert THIEF in {attempt.mac for attempt in client.attempts()}
    assert room.granted() == {(PC, BEK)}
    room.thief.ip("address flush dev eth0")
    room.portal.push(presence=replace(presence(2), bindings=()))
    await until(lambda: room.granted() == set())


async def is_free(room: Room, pc: Node) -> bool:
    return not (await room.stay(pc))["captive"]


async def until_async(condition, seconds: float = 5.0) -> None:
    async with asyncio.timeout(seconds):
        while not await condition():
            await asyncio.sleep(0.1)


@pytest.mark.bypass("S01")
async def test_a_copied_mac_is_found_by_the_name_it_asks_under(room: Room) -> None:
    """S01: MAC and address are copied; the DHCP server hears another name."""
    await room.connect(room.bek, "pc-11")
    assert (await room.stay(room.bek))["captive"] is False
    room.bek.ip("link set dev eth0 down")
    room.thief.ip("link set dev eth0 down", f"link set dev eth0 address {BEK}", "link set dev eth0 up")
    assert await room.connect(room.thief, "kali") == PC
    await until(lambda: room.faults().get(PC) == "changed", SEEN_WITHIN)
    assert (await room.stay(room.thief))["captive"] is True


async def test_an_address_set_by_hand_has_no_lease_and_no_identity(room: Room) -> None:
    room.bek.ip(f"address add {PC}/24 dev eth0")
    await room.stir(room.bek)
    await until(lambda: room.faults().get(PC) == "no-lease", SEEN_WITHIN)
    await until_async(lambda: is_captive(room, room.bek))


async def is_captive(room: Room, pc: Node) -> bool:
    return (await room.stay(pc))["captive"] is True


def told(room: Room, address: str) -> tuple[str, ...]:
    found = next((one for one in room.portal.sightings or () if one["address"] == address), None)
    return (found["fault"], found["mac"], found["name"]) if found else ()


async def test_strangers_are_reported_with_the_name_they_give_and_made_up_cards_apart(room: Room) -> None:
    address = await room.connect(room.thief, "azamat-phone")
    await until(lambda: told(room, address) == ("stranger", THIEF, "azamat-phone"), SEEN_WITHIN)
    made_up = "da:a1:19:00:53:01"
    room.thief.ip("address flush dev eth0", "link set dev eth0 down", f"link set dev eth0 address {made_up}")
    room.thief.ip("link set dev eth0 up")
    address = await room.connect(room.thief, "azamat-phone")
    await until(lambda: room.faults().get(address) == "randomised", SEEN_WITHIN)


def test_the_kernels_tables_are_read_as_they_are() -> None:
    """Neighbours of both families, and a card at a port of a bridge."""
    with Namespaces(f"dzk{os.getpid() % 10000}") as nodes:
        for name in ("box", "pc"):
            nodes.add(name)
        nodes.cable("pc", "eth0", "box", "p1", mac=BEK)
        box, pc = nodes["box"], nodes["pc"]
        box.ip("link add br0 type bridge", "link set br0 up", "link set p1 master br0", f"address add {BOX}/24 dev br0")
        pc.ip(f"address add {PC}/24 dev eth0")
        box.ip("address add fd00::1/64 dev br0")
        pc.ip("address add fd00::11/64 dev eth0")
        pc.run("sh", "-c", f"busybox ping -c 1 -W 2 {BOX}; busybox ping6 -c 1 -W 2 fd00::1")
        with box.within():
            found = {(one.address, one.mac, one.interface, one.is_fresh) for one in neighbours()}
            at_ports = {one.mac for one in ports()}
        assert {(PC, BEK, "br0", True), ("fd00::11", BEK, "br0", True)} <= found
        assert BEK in at_ports
