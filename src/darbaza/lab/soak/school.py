"""A lab of its own for one part: started, settled with a lesson and students, and gone without a trace at the end."""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from darbaza.demo.serve import DemoError
from darbaza.lab.machines import Machine
from darbaza.lab.people import PeopleError, Teacher
from darbaza.lab.places import LabFolders
from darbaza.lab.plan import SEATS
from darbaza.lab.prepare import environment
from darbaza.lab.running import NotRunningError, Running, wait_until
from darbaza.lab.soak.figures import Report
from darbaza.lab.soak.judge import Judge

START_SECONDS = 300.0
"""A busy machine may take long to prepare a school for the first time."""

STOP_SECONDS = 30.0
OPEN_SECONDS = 30.0
OUTSIDERS = 4
"""PCs of room 2, where there is no lesson, that try all the same."""

CHECKOUT = Path(__file__).resolve().parents[4]


class SoakError(RuntimeError):
    """A part can't be run at all. The text says why."""


@dataclass(slots=True)
class School:
    """A kept lab with a lesson in room 1, its students, and PCs without a lesson; and the judge of them all."""

    lab: Running
    teacher: Teacher
    judge: Judge
    students: list[Machine] = field(default_factory=list)
    outsiders: list[Machine] = field(default_factory=list)

    @property
    def everybody(self) -> list[Machine]:
        """All PCs that ask."""
        return [*self.students, *self.outsiders]

    def open_lesson(self, seats: int) -> None:
        """The teacher opens the lesson, students sign in, and the allowed site opens for each. Raises SoakError."""
        patiently(self.start)
        self.students = [self.lab.machine(f"room1-{number + 1:02d}") for number in range(seats)]
        for number, machine in enumerate(self.students):
            if not is_open(machine):  # a lesson whose teacher only was away still knows its students
                self.seat(machine, number)
        if not wait_until(lambda: all(is_open(machine) for machine in self.students), OPEN_SECONDS):
            raise SoakError("the allowed site does not open in the lesson")

    def start(self) -> None:
        """The teacher's part, with a new sign-in where the one before has ended. Raises PeopleError."""
        try:
            self.teacher.start()
        except PeopleError:
            with contextlib.suppress(PeopleError):  # whoever is signed in still is shown no form
                self.teacher.sign_in()
            self.teacher.start()

    def ready(self) -> None:
        """Open the lesson again unless it is open for everybody. Raises SoakError."""
        if not all(is_open(machine) for machine in self.students):
            self.open_lesson(len(self.students))

    def seat(self, machine: Machine, number: int) -> None:
        """Sign a student in, unless an attempt that nobody answered in time has done it. Raises SoakError."""
        patiently(lambda: machine.is_captive() and self.lab.students.seat(machine, number))


def patiently(act: Callable[[], object]) -> None:
    """Do something at a PC, trying again for a while, as people do at a slow page. Raises SoakError."""
    deadline = time.monotonic() + OPEN_SECONDS
    while True:
        try:
            act()
        except PeopleError as error:
            if time.monotonic() > deadline:
                raise SoakError(str(error)) from error
            time.sleep(0.2)
        else:
            return


def is_open(machine: Machine) -> bool:
    """Whether the allowed site opens at a PC."""
    return machine.get(f"http://good.test/?from={machine.pc.name}", seconds=2).origin == "good"


@contextlib.contextmanager
def lab(var: Path, *, more: Mapping[str, str] | None = None, clock: str = "") -> Iterator[Running]:
    """A kept lab below `var`, with nobody in it; with `clock` its box's programs read that instead of the machine's.

    Raises SoakError with what it said if it does not start. Afterwards `var` is gone.
    """
    places = LabFolders(var)
    places.var.mkdir(parents=True)
    if clock:
        places.clock.write_text(clock, encoding="ascii")
    said = places.var / "said"
    command = [sys.executable, "-m", "darbaza.lab", "serve", "--bare", "--kept", "--run", f"s{os.getpid()}"]
    with said.open("wb") as out, subprocess.Popen(command, stdout=out, stderr=out, env=_own(var, more)) as process:
        try:
            wait_until(lambda: is_up(places) or process.poll() is not None, START_SECONDS)
            if not is_up(places):
                raise SoakError(f"the lab does not start:\n{said.read_text('utf-8', 'replace')}")
            yield Running.attach(places)
        finally:
            process.send_signal(signal.SIGINT)
            try:
                process.wait(STOP_SECONDS)
            finally:
                process.kill()
                keep_logs(places)
                shutil.rmtree(places.var, ignore_errors=True)


def _own(var: Path, more: Mapping[str, str] | None) -> dict[str, str]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("DARBAZA_", "DJANGO_", "PYTEST_"))}
    return {**kept, "DARBAZA_LAB_VAR": str(var), "PYTHONPATH": str(CHECKOUT / "src"), **(more or {})}


def keep_logs(places: LabFolders) -> None:
    """With DARBAZA_SOAK_LOGS=FOLDER, what the programs said stays there for whoever looks for a fault."""
    folder = os.environ.get("DARBAZA_SOAK_LOGS")
    if folder:
        for source in (places.log, places.box / "log"):
            shutil.copytree(source, Path(folder) / f"{places.var.name}-{source.parent.name}", dirs_exist_ok=True)


def is_up(places: LabFolders) -> bool:
    """Whether a lab has come up in these folders."""
    try:
        Running.attach(places)
    except NotRunningError:
        return False
    return True


@contextlib.contextmanager
def school(lab: Running, seats: int = SEATS) -> Iterator[School]:
    """The lesson of room 1 with students at so many PCs, and four PCs of room 2 without one. Raises SoakError."""
    teacher = lab.teacher(1, lab.machine("staff-01"))
    outsiders = [lab.machine(f"room2-{number + 1:02d}") for number in range(OUTSIDERS)]
    judge = Judge(lab.places.book, frozenset(machine.pc.name for machine in outsiders))
    found = School(lab, teacher, judge, [], outsiders)
    try:
        patiently(teacher.sign_in)
        found.open_lesson(seats)
        yield found
    except (DemoError, PeopleError) as error:
        raise SoakError(str(error)) from error
    finally:
        teacher.leave()


def innocent(report: Report, found: School) -> None:
    """Nothing came where it must not; and something came where it may, or nothing was tried at all."""
    found.judge.look()
    report.at_most("bytes and packets to where none may come", found.judge.wrong, 0)
    report.at_least("entries of allowed requests at the origin", sum(found.judge.fair.values()), 1)
    report.remarks += [f"wrong: {entry}" for entry in found.judge.examples]


def is_audit_intact(running: Running) -> bool:
    """Whether every act in the portal's audit stands where it was written."""
    command = [sys.executable, "-m", "django", "audit", "verify"]
    done = subprocess.run(
        command, env={**os.environ, **environment(running.places)}, capture_output=True, text=True, check=False
    )
    return done.returncode == 0
