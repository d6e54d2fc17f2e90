"""Squid's helper while somebody turns the machine's wall clock (S14): the real process, its clock turned beneath it."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from bench.rulebook import presence, rulebook, write_key, write_presence, write_snapshot

from darbaza import clock
from darbaza.catalogue.categories import load
from darbaza.catalogue.compile import Part, compile_catalogue
from darbaza.catalogue.sources import Format, Source
from darbaza.snapshot.envelope import generate_key
from darbaza.snapshot.spool import VerdictEvent, parse_line
from darbaza.snapshot.timekeeping import Timekeeper

pytestmark = [pytest.mark.engine, pytest.mark.bypass("S14")]

STUDENT, OTHER = "127.0.1.1", "127.0.1.2"
SECOND = timedelta(seconds=1)
KEY = generate_key()


class Turned:
    """A helper whose wall clock the test turns; with `is_kept` its box has a timekeeper, as when the agent runs."""

    def __init__(self, run: Path, *, is_kept: bool) -> None:
        self.run, self.turned, self.asked, self.sequence = run, run / "turned", 0, 0
        self.turn(0)
        self.at = datetime.now(UTC)  # noqa: TID251 - a test bed is an entry point
        for folder in ("spool", "squid"):
            (run / folder).mkdir()
        write_key(run, KEY)
        write_snapshot(run, rulebook(1, self.at, [STUDENT, OTHER], ("good.test",)), KEY)
        (run / "list.domains").write_text("kitep.test\n")
        source = Source("test/list", "list", "CC0-1.0", Format.DOMAINS, ("education",), "")
        compile_catalogue([Part(source, run / "list.domains")], run / "catalogue.cdb", load())
        self.keeper = Timekeeper(run) if is_kept else None
        (library,) = Path("/usr/lib").glob("*/faketime/libfaketime.so.1")
        self.process = subprocess.Popen(
            [sys.executable, "-m", "darbaza.engines.squid.helper", "--run", str(run)],
            env={
                "PYTHONPATH": os.pathsep.join(part for part in sys.path if part),
                "LD_PRELOAD": str(library),
                "FAKETIME_TIMESTAMP_FILE": str(self.turned),
                "FAKETIME_NO_CACHE": "1",
                "DONT_FAKE_MONOTONIC": "1",
            },
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            bufsize=1,
        )

    def turn(self, seconds: float) -> None:
        """Put the helper's wall clock so far from the true time."""
        (self.run / "turning").write_text(f"{seconds:+.0f}")
        (self.run / "turning").replace(self.turned)

    def begin(self) -> None:
        """Wait until the helper has started and answers: only then does a short lesson count."""
        self.push(STUDENT)
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        deadline = time.monotonic() + 20
        answer = ""
        while " OK tag=allow" not in answer:
            assert time.monotonic() < deadline, answer
            self.asked += 1
            self.process.stdin.write(f"{self.asked} {STUDENT} good.test / - GET http 80 - -\n")
            answer = self.process.stdout.readline()

    def push(self, *devices: str, seconds: float = 600) -> None:
        """A lesson with students at these devices, that ends in so many seconds."""
        self.sequence += 1
        now = presence(self.sequence, self.at, list(devices))
        ends = datetime.now(UTC) + seconds * SECOND  # noqa: TID251
        sessions = tuple(replace(one, ends=ends, lease_until=ends) for one in now.sessions)
        write_presence(self.run, replace(now, sessions=sessions), KEY)
        time.sleep(0.05)

    def ask(self, device: str = STUDENT) -> VerdictEvent:
        """What becomes of a request to an allowed host."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.asked += 1
        self.process.stdin.write(f"{self.asked} {device} good.test / - GET http 80 - -\n")
        answer = self.process.stdout.readline()
        (spool,) = (self.run / "spool").glob("*.spool")
        event = parse_line(spool.read_bytes().splitlines()[-1])
        assert (" OK tag=allow" in answer) == (event.outcome == "allow"), answer
        return event


@pytest.fixture(params=[True, False], ids=["beside-an-agent", "alone"])
def turned(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Turned]:
    made = Turned(tmp_path, is_kept=request.param)
    yield made
    made.process.communicate(timeout=10)
    clock.follow(None)


@pytest.mark.parametrize("seconds", [-86400, 86400, -1_700_000_000])
def test_a_lesson_ends_when_it_ends_whatever_the_wall_clock_says(turned: Turned, seconds: float):
    turned.begin()
    turned.push(STUDENT, seconds=3)
    assert turned.ask().outcome == "allow"
    turned.turn(seconds)
    before = turned.ask()
    assert before.outcome == "allow", "a jump ends no lesson either"
    time.sleep(3)
    after = turned.ask()
    assert (after.outcome, after.clause, after.host) == ("deny", "2.9", "good.test")
    assert timedelta(seconds=2.5) < after.at - before.at < timedelta(seconds=30), "the log tells the true time"


@pytest.mark.parametrize("turned", [True], indirect=True)
def test_nothing_new_is_granted_while_time_is_not_trusted(turned: Turned, monkeypatch: pytest.MonkeyPatch):
    turned.push(STUDENT)
    assert turned.ask().outcome == "allow"
    assert turned.keeper is not None
    turned.keeper.look(presence(1, turned.at, [STUDENT]), is_quiet=False)
    true = clock.wall
    monkeypatch.setattr(clock, "wall", lambda: true() - 86400)
    turned.keeper.look(presence(1, turned.at, [STUDENT]), is_quiet=False)
    turned.push(STUDENT, OTHER)
    assert turned.ask(STUDENT).outcome == "allow"
    refused = turned.ask(OTHER)
    assert (refused.outcome, refused.clause, refused.message) == ("deny", "2.9", "sign-in-first")
    monkeypatch.setattr(clock, "wall", true)
    turned.keeper.look(presence(1, turned.at, [STUDENT]), is_quiet=False)
    time.sleep(0.05)
    assert turned.ask(OTHER).outcome == "allow"
