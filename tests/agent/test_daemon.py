"""The whole agent against a portal: what is pushed is in force within a second, and what is lost changes nothing."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import aiohttp
import pytest

from darbaza.agent import daemon
from darbaza.agent.daemon import Agent
from darbaza.cli.status import told
from darbaza.clock import utc_now
from darbaza.policy.decide import decide
from darbaza.policy.request import AccessRequest
from darbaza.policy.resource import Resource
from darbaza.policy.rulebook import LessonException
from darbaza.policy.verdict import Message
from darbaza.snapshot import codec
from darbaza.snapshot.cutoff import CUT_OFF_FILE
from darbaza.snapshot.envelope import PRESENCE, SNAPSHOT, generate_key, key_id, seal
from darbaza.snapshot.keyring import KEYRING, Keyring
from darbaza.snapshot.presence import Presence
from darbaza.snapshot.spool import SpoolWriter, parse_line
from darbaza.snapshot.store import PRESENCE_FILE, SNAPSHOT_FILE, read_presence, read_rulebook
from tests.agent.box import KEY, FakePortal, run_directory, until
from tests.ports import free_port
from tests.snapshot.strategies import ORDER, lesson, school, seated
from tests.snapshot.test_spool import WHAT, WHO

TRUSTED = (KEY.public_key(),)
NOW = utc_now()
RULES = replace(
    school(7), exceptions=(LessonException("today", "r1", NOW - timedelta(hours=1), NOW + timedelta(hours=1), ORDER),)
)


@pytest.fixture(autouse=True)
def _now(monkeypatch: pytest.MonkeyPatch) -> None:
    """Now is when the test runs: in a long run its module was read many minutes before, and leases had lapsed."""
    monkeypatch.setattr(f"{__name__}.NOW", utc_now())


def presence(sequence: int, minutes: float = 30, lease: float = 30) -> Presence:
    """A lesson with one student that ends in some minutes; its supervisor's lease, too, is in minutes from now."""
    session = lesson(
        opened=NOW - timedelta(minutes=5),
        ends=NOW + timedelta(minutes=minutes),
        lease_until=NOW + timedelta(minutes=lease),
        slot="",
        exception="today",
    )
    return Presence(sequence, sequence, NOW, (session,), (seated(),))


@contextlib.asynccontextmanager
async def running(path: Path) -> AsyncIterator[Agent]:
    """An agent that runs within the test."""
    agent, stop = Agent(path), asyncio.Event()
    task = asyncio.create_task(agent.run(stop))
    await asyncio.sleep(0)
    try:
        yield agent
    finally:
        stop.set()
        await task


@pytest.fixture
def path(tmp_path: Path, portal: FakePortal) -> Path:
    return run_directory(tmp_path / "box", portal.url, free_port())


async def test_what_the_portal_pushes_is_in_the_files_within_a_second(path: Path, portal: FakePortal) -> None:
    async with running(path) as agent:
        portal.push(RULES, presence(1))
        await until(lambda: agent.store.sequence == 1)
        times = []
        for sequence in range(2, 22):
            portal.push(presence=presence(sequence))
            times.append(await until(lambda wanted=sequence: agent.store.sequence == wanted))
            assert read_presence(path.parent / PRESENCE_FILE, TRUSTED).sequence == sequence
        assert max(times) < 1
        assert read_rulebook(path.parent / SNAPSHOT_FILE, TRUSTED).revision == 7


@pytest.mark.bypass("L13")
@pytest.mark.bypass("L12")
async def test_a_replayed_or_forged_state_changes_nothing_and_the_reason_is_reported(
    path: Path, portal: FakePortal
) -> None:
    async with running(path) as agent:
        portal.push(RULES, presence(5))
        await until(lambda: agent.store.sequence == 5)
        replayed, portal.presence = portal.presence, b""
        portal.push(presence=presence(6))
        await until(lambda: agent.store.sequence == 6)
        portal.sequence, portal.presence = 7, replayed
        portal.push()
        await until(lambda: "presence" in agent.keeper.contact.refused)
        assert "not newer than `6`" in agent.health()["portal"]["refused"]["presence"]
        portal.revision, portal.snapshot = 8, portal.snapshot[:-5]
        portal.push()
        await until(lambda: "snapshot" in agent.keeper.contact.refused)
        assert (agent.store.revision, agent.store.sequence) == (7, 6)
        portal.push(replace(RULES, revision=9), presence(8))
        await until(lambda: (agent.store.revision, agent.store.sequence) == (9, 8))
        assert agent.keeper.contact.refused == {}


@pytest.mark.bypass("L13")
async def test_the_next_key_is_learnt_from_the_one_before_which_is_then_refused(path: Path, portal: FakePortal) -> None:
    following, stranger = generate_key(), generate_key()
    both, alone = (Keyring(1, (KEY.public_key(), following.public_key())), Keyring(2, (following.public_key(),)))
    async with running(path) as agent:
        portal.push(RULES, presence(1))
        await until(lambda: agent.store.sequence == 1)
        portal.changes = [seal(KEYRING, Keyring(1, (stranger.public_key(),)).text().encode(), stranger)]
        portal.push(presence=presence(2))
        await until(lambda: "keys" in agent.health()["portal"]["refused"])
        assert "none of which this box trusts" in agent.health()["portal"]["refused"]["keys"]
        assert (agent.store.revision, agent.health()["keys"]["number"]) == (7, 0)
        portal.changes = [seal(KEYRING, ring.text().encode(), [KEY, following]) for ring in (both, alone)]
        portal.snapshot = seal(SNAPSHOT, codec.encode(RULES), following)
        portal.presence = seal(PRESENCE, codec.encode_presence(presence(2)), following)
        portal.push()
        await until(lambda: agent.health()["keys"]["number"] == 2)
        assert agent.health()["keys"]["trusted"] == [key_id(following.public_key())]
        assert agent.health()["portal"]["refused"] == {}
        assert key_id(following.public_key()) in " ".join(told(agent.health(), "ky"))
        portal.push(presence=presence(3))  # by the retired key
        await until(lambda: "presence" in agent.health()["portal"]["refused"])
        assert "manage.py portal_keys" in agent.health()["portal"]["refused"]["presence"]
        assert read_presence(path.parent / PRESENCE_FILE, [following.public_key()]).sequence == 2


def said(agent: Agent, at_minutes: float) -> Message:
    """What the student's device is told some minutes from now about a resource nobody ruled on."""
    assert agent.here.rulebook is not None
    asker, at = agent.here.asker("127.0.1.1"), NOW + timedelta(minutes=at_minutes)
    return decide(AccessRequest(asker, Resource("belgisiz.test"), at), agent.here.rulebook).message


async def test_cut_off_an_open_lesson_lives_until_its_end_and_not_longer(path: Path, portal: FakePortal) -> None:
    async with running(path) as agent:
        portal.push(RULES, presence(1, minutes=30, lease=2))
        await until(lambda: agent.store.sequence == 1)
        assert said(agent, 5) is Message.SUPERVISOR_AWAY
        await portal.stop()
        await until(lambda: agent.keeper.contact.is_cut_off)
        assert (path.parent / CUT_OFF_FILE).exists()
        assert said(agent, 5) is Message.NOT_RULED_ON
        assert said(agent, 31) is Message.NO_LESSON
        await portal.start()
        await until(lambda: not agent.keeper.contact.is_cut_off, 10)
        assert not (path.parent / CUT_OFF_FILE).exists()
        assert said(agent, 5) is Message.SUPERVISOR_AWAY


async def test_cut_off_a_lesson_whose_supervisor_had_gone_stays_closed(path: Path, portal: FakePortal) -> None:
    async with running(path) as agent:
        portal.push(RULES, presence(1, lease=-1))
        await until(lambda: agent.store.sequence == 1)
        await portal.stop()
        await until(lambda: agent.keeper.contact.is_cut_off)
        assert said(agent, 5) is Message.SUPERVISOR_AWAY


async def test_a_box_started_without_a_portal_does_not_lengthen_any_lease(path: Path, portal: FakePortal) -> None:
    async with running(path) as agent:
        portal.push(RULES, presence(1, lease=2))
        await until(lambda: agent.store.sequence == 1)
    await portal.stop()
    async with running(path) as agent:
        await until(lambda: agent.keeper.contact.is_cut_off)
        assert agent.store.sequence == 1
        assert said(agent, 1) is Message.NOT_RULED_ON
        assert said(agent, 5) is Message.SUPERVISOR_AWAY


async def test_a_portal_that_does_not_know_the_box_is_reported_and_asked_again(path: Path, portal: FakePortal) -> None:
    portal.fail_with = 401
    async with running(path) as agent:
        await until(lambda: agent.keeper.contact.is_cut_off)
        assert "401" in agent.keeper.contact.complaint
        assert "`keys/token`" in agent.keeper.contact.complaint
        portal.fail_with = 0
        portal.push(RULES)
        await until(lambda: agent.store.revision == 7, 10)


async def test_verdicts_reach_the_portal_within_a_second(path: Path, portal: FakePortal) -> None:
    async with running(path):
        writer = SpoolWriter(path.parent / "spool", 1_788_753_600_000)
        for count in (1, 2, 3):
            writer.add(1, WHO, "GET", "kitep.test", 80, WHAT)
            writer.flush()
            assert await until(lambda wanted=count: len(portal.lines.get(writer.file, [])) == wanted) < 1
        writer.close()
        await until(lambda: not (path.parent / "spool" / writer.file).exists())
        assert [parse_line(line).n for line in portal.lines[writer.file]] == [1, 2, 3]


async def test_the_portal_hears_how_the_box_is(path: Path, portal: FakePortal) -> None:
    async with running(path):
        portal.push(RULES)
        await until(lambda: portal.health)
        assert portal.health["box"] == "box-1"
        assert set(portal.health) >= {"engines", "spool", "catalogue", "disk", "revision", "cuts"}


async def test_the_control_socket_is_for_the_box_s_own_account(path: Path) -> None:
    async with running(path):
        socket = path.parent / "agent.sock"
        await until(socket.exists)
        assert socket.stat().st_mode & 0o777 == 0o600
        async with aiohttp.ClientSession(connector=aiohttp.UnixConnector(str(socket))) as session:
            async with session.get("http://agent/status") as answer:
                assert (await answer.json())["box"] == "box-1"
            path.write_text("[box]\nname=1\n")
            async with session.post("http://agent/apply") as answer:
                assert answer.status == 400
                assert "box.toml" in (await answer.json())["error"]
    assert not socket.exists()


async def test_a_duty_that_fails_is_begun_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    lives = []

    async def duty() -> None:
        lives.append(1)
        raise RuntimeError("once more")

    monkeypatch.setattr(daemon.asyncio, "sleep", lambda _seconds: quick())
    task = asyncio.create_task(daemon.keep_going(duty))
    while len(lives) < 3:
        await quick()
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task


async def quick() -> None:
    """Let the loop turn once."""
    future = asyncio.get_running_loop().create_future()
    asyncio.get_running_loop().call_soon(future.set_result, None)
    await future


def test_settings_that_cannot_be_used_end_the_start_with_two(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    assert daemon.main(["--settings", str(tmp_path / "box.toml")]) == 2
    assert "box.toml" in caplog.text
