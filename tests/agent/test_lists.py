"""When a box updates its lists, and what it says of that; the process itself is real."""

import asyncio
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest

from darbaza.agent.lists import ListUpdates, command, next_start, night
from darbaza.agent.settings import ListsTable, SettingsError
from darbaza.catalogue.library import LibraryError
from darbaza.catalogue.sources import load_sources
from darbaza.catalogue.update import REPORT, Report, alone
from darbaza.catalogue.wording import Said
from darbaza.clock import utc_now
from tests.agent.box import until
from tests.catalogue.publisher import serving

BISHKEK = "Asia/Bishkek"
TABLE = ListsTable(own_hosts=("maektep.test",), leave_out=("ut1/adult",))
PUBLISHERS = tuple(sorted({source.id.partition("/")[0] for source in load_sources()}))
OWN = """
[school]
title = "School"
licence = "CC0-1.0"
format = "domains"
file = "school/{{source}}.domains"
[school.lists]
games = {{ category = "games", url = "{url}" }}
"""
NOON = datetime(2026, 11, 24, 6, 0, tzinfo=UTC)  # 12:00 in Bishkek


class Box:
    """The updates of a box, with what its agent knows."""

    def __init__(self, run: Path) -> None:
        self.run, self.quiet, self.changes = run, True, 0
        self.updates = ListUpdates(
            run, "school-1", TABLE, zone=lambda: BISHKEK, is_quiet=lambda: self.quiet, on_change=self.changed
        )

    def changed(self) -> None:
        self.changes += 1

    def reported(self, at: datetime, **said: object) -> None:
        """An update that ended at an instant."""
        (self.run / "lists").mkdir(parents=True, exist_ok=True)
        report = Report(at=at, **{"reached": True, "good": at, **said})
        (self.run / "lists" / REPORT).write_bytes(msgspec.json.encode(report))


@pytest.fixture
def box(tmp_path: Path) -> Box:
    return Box(tmp_path / "box")


def test_the_start_lies_in_the_first_half_of_the_window_by_the_school_s_clock() -> None:
    for number in range(50):
        start, end = night(NOON, TABLE, BISHKEK, f"school-{number}")
        assert end == datetime(2026, 11, 24, 23, 0, tzinfo=UTC)  # 05:00 in Bishkek, six hours east
        assert datetime(2026, 11, 24, 20, 0, tzinfo=UTC) <= start < datetime(2026, 11, 24, 21, 30, tzinfo=UTC)


def test_boxes_and_nights_differ_and_a_box_keeps_to_its_minute() -> None:
    starts = {night(NOON, TABLE, BISHKEK, f"school-{number}")[0] for number in range(50)}
    assert len(starts) > 40
    nights = {night(NOON + timedelta(days=day), TABLE, BISHKEK, "school-1")[0].time() for day in range(20)}
    assert len(nights) > 15
    assert night(NOON, TABLE, BISHKEK, "school-1") == night(NOON + timedelta(hours=3), TABLE, BISHKEK, "school-1")


def test_a_window_over_midnight_ends_the_next_day() -> None:
    late = replace(TABLE, window="23:00-04:00")
    start, end = night(datetime(2026, 11, 24, 19, 0, tzinfo=UTC), late, BISHKEK, "school-1")  # 01:00
    assert (start.day, end) == (24, datetime(2026, 11, 24, 22, 0, tzinfo=UTC))
    assert start >= datetime(2026, 11, 24, 17, 0, tzinfo=UTC)
    following = next_start(start, late, BISHKEK, "school-1")
    assert following > end


@pytest.mark.parametrize("window", ["", "02:00", "2-5", "02:00-02:00", "25:00-03:00", "night"])
def test_a_window_that_is_none_is_named(window: str) -> None:
    with pytest.raises(SettingsError, match="no span of time"):
        _ = ListsTable(window=window).hours


def test_it_is_due_once_a_night_and_again_only_if_nobody_was_reached(box: Box) -> None:
    start, end = night(NOON, TABLE, BISHKEK, "school-1")
    box.reported(start - timedelta(hours=24))
    assert not box.updates.is_due(start - timedelta(minutes=1))
    assert box.updates.is_due(start)
    box.quiet = False  # at night nobody asks
    assert box.updates.is_due(start)
    box.reported(start + timedelta(minutes=1))
    assert not box.updates.is_due(start + timedelta(hours=1))
    box.reported(start + timedelta(minutes=1), reached=False)
    assert not box.updates.is_due(start + timedelta(minutes=20))
    assert box.updates.is_due(start + timedelta(minutes=32))
    assert not box.updates.is_due(end)
    box.quiet = True
    assert box.updates.is_due(end)


def test_a_missed_night_is_caught_up_when_no_lesson_is_open(box: Box) -> None:
    box.quiet = False
    assert not box.updates.is_due(NOON)
    box.quiet = True
    assert box.updates.is_due(NOON)  # a new box
    box.reported(NOON - timedelta(hours=35))
    assert not box.updates.is_due(NOON)
    box.reported(NOON - timedelta(hours=37))
    assert box.updates.is_due(NOON)
    box.reported(NOON + timedelta(days=400))  # the clock was wrong then
    assert box.updates.is_due(NOON)


def test_health_tells_what_waits_and_complains_of_what_somebody_must_look_at(box: Box) -> None:
    now = utc_now()
    assert box.updates.health(now)["complaint"] == ""
    box.reported(now, held=("ut1/games",), refused=("ut1/vpn",))
    health = box.updates.health(now)
    assert (health["waiting"], health["held"], health["refused"]) == (1, ["ut1/games"], ["ut1/vpn"])
    assert health["complaint"] == ""
    assert datetime.fromisoformat(health["next"]) > now
    box.reported(now, problem=Said("nothing-to-compile"))
    assert "no list is in force" in box.updates.health(now)["complaint"]
    box.reported(now, good=now - timedelta(days=11))
    assert "no update of lists has gone well since" in box.updates.health(now)["complaint"]
    box.updates.table = None
    assert box.updates.health(now)["automatic"] is False
    assert box.updates.health(now)["next"] == ""
    json.dumps(box.updates.health(now))


async def test_an_update_is_a_process_with_its_report_and_its_log(box: Box, tmp_path: Path) -> None:
    folder = tmp_path / "district"
    (folder / "ut1").mkdir(parents=True)
    (folder / "ut1/games.domains").write_text("kumar.test\nmaektep.test\n")
    (folder / "ut1/dating.domains").write_text("<html>")
    await box.updates.update(replace(TABLE, folder=str(folder)))
    assert box.changes == 1
    assert box.updates.complaint == ""
    assert box.updates.report.refused == ("ut1/dating",)
    assert (box.run / "catalogue.cdb").exists()
    assert "ut1/dating: `dating.domains` is a web page" in (box.run / "log/lists.log").read_text()


async def test_an_update_that_can_t_be_carried_out_is_a_complaint(box: Box) -> None:
    await box.updates.update(replace(TABLE, leave_out=("no/such",)))
    assert "ended with status 1" in box.updates.complaint
    assert "`no/such` is unknown" in (box.run / "log/lists.log").read_text()


async def test_the_end_of_the_agent_is_the_end_of_an_update(
    box: Box, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serving(tmp_path / "publisher") as publisher:
        publisher.put("/games", b"kumar.test\n" * 500, drip=0.05)  # 20 octets a second: it would take minutes
        monkeypatch.setenv("SSL_CERT_FILE", str(publisher.authority))
        box.run.mkdir()
        (box.run / "sources.toml").write_text(OWN.format(url=publisher.url("/games")))
        table = replace(TABLE, sources="sources.toml", leave_out=PUBLISHERS)
        running = asyncio.create_task(box.updates.update(table))
        await until(lambda: publisher.asked)
        with pytest.raises(LibraryError, match="right now"), alone(box.run / "lists"):
            pass
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
        with alone(box.run / "lists"):  # its lock is free, so the process is gone
            pass


def test_the_process_is_told_everything(tmp_path: Path) -> None:
    table = replace(TABLE, sources="sources.toml", folder="lists-from-district")
    made = " ".join(command(tmp_path, table, 600.5))
    for part in (
        f"--root {tmp_path}/lists --target {tmp_path}/catalogue.cdb --seconds 600",
        f"--folder {tmp_path}/lists-from-district --sources {tmp_path}/sources.toml",
        "--own-host maektep.test --leave-out ut1/adult",
    ):
        assert part in made
