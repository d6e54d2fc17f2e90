"""Events reach the portal in order and once, with crashes in between; what is lost is marked, never hidden."""

import asyncio
from pathlib import Path

import pytest

from darbaza.agent.portal import OutOfStepError, Portal, PortalError
from darbaza.agent.shipper import STATE_FILE, Shipper
from darbaza.snapshot.spool import LOST, TORN, SpoolWriter, parse_line
from tests.agent.box import TOKEN, FakePortal, until
from tests.snapshot.test_spool import WHAT, WHO, event

NOW = 1_788_753_600_000
LIMIT = 10**9


@pytest.fixture
async def line(portal: FakePortal):
    line = Portal(portal.url, TOKEN)
    yield line
    await line.close()


def write(directory: Path, count: int, now: int = NOW) -> SpoolWriter:
    """A writer's whole life."""
    writer = SpoolWriter(directory, now)
    add(writer, count)
    writer.close()
    return writer


def add(writer: SpoolWriter, count: int) -> None:
    for _ in range(count):
        writer.add(NOW * 1000, WHO, "GET", "kitep.test", 80, WHAT)
    assert writer.flush()


def numbers(portal: FakePortal, name: str) -> list[int]:
    return [parse_line(line).n for line in portal.lines.get(name, [])]


async def ship_all(shipper: Shipper) -> None:
    """Ship until there is nothing more; a refusal is followed by another attempt, as in the agent."""
    for _ in range(50):
        try:
            if not await shipper.step():
                return
        except PortalError:
            continue
    raise AssertionError("it never ends")


async def test_a_spool_is_shipped_whole_and_deleted(tmp_path: Path, portal: FakePortal, line: Portal) -> None:
    spool = tmp_path / "spool"
    files = [write(spool, 4500).file, write(spool, 3, NOW + 5).file]
    await ship_all(Shipper(spool, line, LIMIT))
    assert numbers(portal, files[0]) == list(range(1, 4501))
    assert numbers(portal, files[1]) == [1, 2, 3]
    assert list(spool.iterdir()) == []


async def test_a_living_writer_s_file_stays(tmp_path: Path, portal: FakePortal, line: Portal) -> None:
    spool = tmp_path / "spool"
    writer, shipper = SpoolWriter(spool, NOW), Shipper(spool, line, LIMIT)
    for count in (3, 4):
        add(writer, count)
        await ship_all(shipper)
    assert numbers(portal, writer.file) == list(range(1, 8))
    assert (spool / writer.file).exists()
    writer.close()


@pytest.mark.bypass("X07")
async def test_a_crash_before_the_acknowledgement_is_remembered_stores_nothing_twice(
    tmp_path: Path, portal: FakePortal, line: Portal
) -> None:
    spool = tmp_path / "spool"
    name = write(spool, 100).file
    for attempt in range(5):
        portal.forget_answers = 1
        with pytest.raises(PortalError):
            await Shipper(spool, line, LIMIT).step()
        assert portal.batches == attempt + 1
    await ship_all(Shipper(spool, line, LIMIT))
    assert numbers(portal, name) == list(range(1, 101))


@pytest.mark.bypass("X07")
@pytest.mark.parametrize("memory", [b"", b"{broken", b'{"files":{},"gaps":0}'])
async def test_a_lost_memory_ships_again_and_stores_nothing_twice(
    tmp_path: Path, portal: FakePortal, line: Portal, memory: bytes
) -> None:
    spool = tmp_path / "spool"
    writer = SpoolWriter(spool, NOW)
    add(writer, 10)
    await ship_all(Shipper(spool, line, LIMIT))
    (tmp_path / STATE_FILE).write_bytes(memory)
    add(writer, 10)
    writer.close()
    await ship_all(Shipper(spool, line, LIMIT))
    assert numbers(portal, writer.file) == list(range(1, 21))


async def test_a_portal_that_lost_events_is_given_them_again(tmp_path: Path, portal: FakePortal, line: Portal) -> None:
    spool = tmp_path / "spool"
    writer, shipper = SpoolWriter(spool, NOW), Shipper(spool, line, LIMIT)
    add(writer, 20)
    await ship_all(shipper)
    del portal.lines[writer.file][7:]
    add(writer, 5)
    with pytest.raises(OutOfStepError, match="wants event 8"):
        await shipper.step()
    await ship_all(shipper)
    assert numbers(portal, writer.file) == list(range(1, 26))
    writer.close()


@pytest.mark.bypass("X07")
async def test_a_torn_line_is_a_gap_in_the_portal_s_log(tmp_path: Path, portal: FakePortal, line: Portal) -> None:
    spool = tmp_path / "spool"
    spool.mkdir()
    name = f"{NOW}-1.spool"
    (spool / name).write_bytes(event(1) + event(2)[:40])
    shipper = Shipper(spool, line, LIMIT)
    await ship_all(shipper)
    mark = parse_line(portal.lines[name][1])
    assert (mark.is_gap, mark.message) == (True, TORN)
    assert shipper.shipped.gaps == 1


@pytest.mark.bypass("X07")
async def test_a_file_that_vanished_is_a_gap_in_the_portal_s_log(
    tmp_path: Path, portal: FakePortal, line: Portal
) -> None:
    spool = tmp_path / "spool"
    writer, shipper = SpoolWriter(spool, NOW), Shipper(spool, line, LIMIT)
    add(writer, 2)
    await ship_all(shipper)
    writer.close()
    (spool / writer.file).unlink()
    await ship_all(shipper)
    mark = parse_line(portal.lines[writer.file][2])
    assert (mark.n, mark.is_gap, mark.message) == (3, True, LOST)
    assert shipper.shipped.files == {}


@pytest.mark.bypass("X05")
async def test_beyond_its_limit_the_spool_loses_its_oldest_file_and_says_so(
    tmp_path: Path, portal: FakePortal, line: Portal
) -> None:
    spool = tmp_path / "spool"
    names = [write(spool, 100, NOW + n).file for n in range(3)]
    size = (spool / names[0]).stat().st_size
    await portal.stop()
    shipper = Shipper(spool, line, 2 * size)
    for _ in range(3):
        with pytest.raises(PortalError, match="can't be reached"):
            await shipper.step()
    assert sorted(path.name for path in spool.iterdir()) == names[1:]
    await portal.start()
    await ship_all(shipper)
    assert [parse_line(kept).message for kept in portal.lines[names[0]]] == [LOST]
    assert numbers(portal, names[1]) == numbers(portal, names[2]) == list(range(1, 101))


@pytest.mark.bypass("X07")
async def test_while_the_portal_is_away_everything_waits(tmp_path: Path, portal: FakePortal, line: Portal) -> None:
    spool = tmp_path / "spool"
    await portal.stop()
    writer, shipper = SpoolWriter(spool, NOW), Shipper(spool, line, LIMIT)
    task = asyncio.create_task(shipper.ship())
    add(writer, 10)
    await until(lambda: shipper.complaint)
    assert shipper.backlog() > 0
    await portal.start()
    await until(lambda: len(portal.lines.get(writer.file, [])) == 10)
    await until(lambda: shipper.backlog() == 0)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    writer.close()


async def test_an_answer_that_is_no_answer_moves_nothing(tmp_path: Path, portal: FakePortal, line: Portal) -> None:
    spool = tmp_path / "spool"
    write(spool, 10)
    portal.fail_with = 500
    shipper = Shipper(spool, line, LIMIT)
    with pytest.raises(PortalError, match="500"):
        await shipper.step()
    assert shipper.shipped.files == {}
