"""A lab that runs, for whoever tries it: its PCs, its people, what reached the internet, what was logged."""

import json
import os
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from darbaza.demo import cast
from darbaza.demo.simulator import SignIns
from darbaza.lab.book import Entry, Reader
from darbaza.lab.machines import Machine
from darbaza.lab.people import Students, Teacher
from darbaza.lab.places import LabFolders
from darbaza.lab.plan import Plan
from darbaza.snapshot.errors import SnapshotError
from darbaza.snapshot.spool import SUFFIX, VerdictEvent, parse_line

PATIENCE = 5.0
"""Seconds within which whatever must come has come."""


class NotRunningError(RuntimeError):
    """No lab runs. The text says how to start one."""


@dataclass
class Running:
    """A running lab."""

    plan: Plan
    places: LabFolders
    pid: int
    _read: dict[str, int] = field(default_factory=dict)

    @classmethod
    def attach(cls, places: LabFolders) -> "Running":
        """The lab that runs in these folders. Raises NotRunningError."""
        try:
            told = json.loads(places.running.read_text(encoding="ascii"))
            os.kill(told["pid"], 0)
        except (OSError, ValueError) as error:
            if isinstance(error, PermissionError):
                return cls(Plan(told["run"]), places, told["pid"])
            raise NotRunningError(f"no lab runs below `{places.var}`: start one with script/lab") from None
        return cls(Plan(told["run"]), places, told["pid"])

    @cached_property
    def book(self) -> Reader:
        """What reaches the internet from now on."""
        return Reader(self.places.book)

    @cached_property
    def sign_ins(self) -> SignIns:
        """Passwords and PINs of the invented people."""
        return SignIns.read(self.places.secrets)

    @cached_property
    def students(self) -> Students:
        """Whoever can sign in."""
        return Students(self.sign_ins)

    def machine(self, name: str, proxy: str = "") -> Machine:
        """A PC by its name. Raises KeyError."""
        return Machine(self.plan, self.plan.pcs[name], proxy)

    def teacher(self, room: int, machine: Machine) -> Teacher:
        """Who has the lessons of a room, at a PC."""
        adult = {1: cast.LIVE_TEACHER, 2: cast.FREE_TEACHER}[room]
        return Teacher(machine, adult.username, self.sign_ins.passwords[adult.username])

    # What happened.

    def forget(self) -> None:
        """From now on only what comes, in the internet's book and in the log."""
        self.book.forget()
        self._read = {path.name: path.stat().st_size for path in self._spools()}

    def events(self, device: str = "") -> list[VerdictEvent]:
        """The verdicts since the last `forget`, of one device or of all."""
        found = []
        for path in self._spools():
            raw = path.read_bytes()[self._read.get(path.name, 0) :]
            found += [_event(line) for line in raw.splitlines(keepends=True) if line.endswith(b"\n")]
        return [event for event in found if event is not None and device in ("", event.device)]

    def wait_for_events(self, device: str, number: int = 1, seconds: float = PATIENCE) -> list[VerdictEvent]:
        """As many verdicts about a device, or as many as came in time."""
        wait_until(lambda: len(self.events(device)) >= number, seconds)
        return self.events(device)

    def unfair(self) -> list[Entry]:
        """What came through the gate and should not have, once the wire is quiet."""
        time.sleep(0.05)  # a frame needs microseconds; this is for the internet's process to write it down
        return self.book.unfair()

    def _spools(self) -> list[Path]:
        return sorted((self.places.box / "spool").glob(f"*{SUFFIX}"))


def _event(line: bytes) -> VerdictEvent | None:
    try:
        return parse_line(line)
    except SnapshotError:
        return None


def wait_until(fact: Callable[[], bool], seconds: float = PATIENCE) -> bool:
    """Wait for a fact; whether it came in time."""
    deadline = time.monotonic() + seconds
    while not fact():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.01)
    return True
