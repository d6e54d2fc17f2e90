"""One lab for all tests of a worker: rooms, box and internet in namespaces, a lesson under way."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from darbaza.demo.serve import READY_SECONDS
from darbaza.lab.machines import Machine
from darbaza.lab.people import Teacher
from darbaza.lab.places import LabFolders
from darbaza.lab.running import NotRunningError, Running, wait_until
from darbaza.snapshot.spool import VerdictEvent

SOURCE = Path(__file__).parents[2] / "src"


@dataclass
class Lesson:
    """The lab with a lesson in room 1: its teacher, and the PC at which Bek has signed in."""

    lab: Running
    teacher: Teacher
    bek: Machine

    def open_for(self, machine: Machine) -> bool:
        """Whether the allowed site opens at a PC."""
        return machine.get("http://good.test/", seconds=2).origin == "good"

    def console(self) -> str:
        """The console of the lesson as its teacher sees it now."""
        return self.teacher.machine.get(self.teacher.console).text

    def refused(
        self, host: str = "", *, machine: Machine | None = None, clause: str = "", device: str = ""
    ) -> VerdictEvent:
        """Nothing came where it must not, and the log names device, clause and host; the event.

        `device` is the card of whoever claims an address that is not theirs.
        """
        device = device or (machine or self.bek).pc.address
        wait_until(lambda: bool(self._denials(device, host)), 6)
        assert self.lab.unfair() == []
        assert self._denials(device, host), f"no denial of `{host}`: {self.lab.events()}"
        last = self._denials(device, host)[-1]
        assert last.device == device
        assert last.clause == (clause or last.clause)
        assert last.clause
        return last

    def _denials(self, device: str, host: str) -> list[VerdictEvent]:
        found = [event for event in self.lab.events(device) if event.outcome in {"deny", "ask"}]
        return [event for event in found if not host or event.host == host]

    def silent(self) -> None:
        """Nothing came where it must not."""
        assert self.lab.unfair() == []


def environment(var: Path) -> dict[str, str]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("DARBAZA_", "DJANGO_", "PYTEST_"))}
    return {**kept, "DARBAZA_LAB_VAR": str(var), "PYTHONPATH": str(SOURCE)}


def is_up(places: LabFolders) -> bool:
    try:
        Running.attach(places)
    except NotRunningError:
        return False
    return True


@pytest.fixture(scope="session")
def lab() -> Iterator[Running]:
    """A lab without anybody in it, started as `script/lab` starts it; below `var`, where a school lies prepared."""
    places = LabFolders(SOURCE.parent / "var" / f"lab-test-{os.getpid()}")
    places.var.mkdir(parents=True)
    said = (places.var / "said").open("wb")
    run = f"t{os.getpid()}"
    command = [sys.executable, "-m", "darbaza.lab", "serve", "--bare", "--run", run]
    with said, subprocess.Popen(command, stdout=said, stderr=said, env=environment(places.var)) as process:
        try:
            wait_until(lambda: is_up(places) or process.poll() is not None, 3 * READY_SECONDS)
            assert is_up(places), (places.var / "said").read_text()
            yield Running.attach(places)
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(30)
            shutil.rmtree(places.var, ignore_errors=True)


@pytest.fixture(scope="session")
def school(lab: Running) -> Iterator[Lesson]:
    """A lesson in room 1, and Bek at room1-01."""
    teacher = lab.teacher(1, lab.machine("staff-01"))
    teacher.sign_in()
    teacher.start()
    bek = lab.machine("room1-01")
    lab.students.seat(bek)
    found = Lesson(lab, teacher, bek)
    assert wait_until(lambda: found.open_for(bek), 20), "the allowed site does not open in the lesson"
    yield found
    teacher.leave()


@pytest.fixture
def lesson(school: Lesson) -> Lesson:
    """The same, with everything before forgotten."""
    school.lab.forget()
    return school


@pytest.fixture
def home(lab: Running) -> Machine:
    """A PC outside the gate: what a trick does where nothing stands in its way."""
    return lab.machine("home")
