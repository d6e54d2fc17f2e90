"""One lab for all tests of a worker: rooms, box and internet in namespaces, a lesson under way."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import cycle, islice
from pathlib import Path
from typing import TypeVar
from zoneinfo import ZoneInfo

import pytest

from darbaza import clock
from darbaza.demo.serve import READY_SECONDS
from darbaza.lab.machines import Machine
from darbaza.lab.people import Teacher
from darbaza.lab.places import LabFolders
from darbaza.lab.running import NotRunningError, Running, wait_until
from darbaza.lab.soak.school import patiently
from darbaza.snapshot.spool import VerdictEvent

T = TypeVar("T")

SOURCE = Path(__file__).parents[2] / "src"
SCHOOL_ZONE = ZoneInfo("Asia/Bishkek")


@dataclass
class Lesson:
    """The lab with a lesson in room 1: its teacher, and the PC at which the student of this test has signed in."""

    lab: Running
    teacher: Teacher
    bek: Machine
    desks: tuple[Machine, ...] = ()
    who: dict[str, str] = field(default_factory=dict)

    def seat(self, machine: Machine, number: int = 0) -> None:
        """Sign a student of the class in; `who` holds the name, by the PC's."""
        self.who[machine.pc.name] = self.lab.students.seat(machine, number)

    @property
    def proxied(self) -> Machine:
        """The same PC with the box's proxy set by hand."""
        return proxied(self.bek)

    def each_refused(
        self,
        variants: Iterable[T],
        attempt: Callable[[Machine, T], object],
        *,
        host: Callable[[T], str] = lambda _: "",
        clause: str = "",
        reason: str = "",
        method: str = "",
        unheard: str = "",
    ) -> None:
        """Each variant of a trick at a desk of its own, all desks at once: none comes through, each stands in the log.

        `host` says which host the log must name for a variant, `unheard` which allowed origin must not hear of any.
        The rest is as in `refused`.
        """
        for batch in batched(variants, len(self.desks)):
            self.lab.forget()
            with ThreadPoolExecutor(len(batch)) as pool:
                list(pool.map(attempt, self.desks, batch))
            for machine, variant in zip(self.desks, batch, strict=False):
                hosts = [found for found in (host(variant),) if found]
                self.refused(*hosts, machine=machine, clause=clause, reason=reason, method=method)
            assert not unheard or self.lab.book.heard(unheard) == b""

    def open_for(self, machine: Machine) -> bool:
        """Whether the allowed site opens at a PC."""
        return machine.get("http://good.test/", seconds=2).origin == "good"

    def console(self) -> str:
        """The console of the lesson as its teacher sees it now."""
        return self.teacher.machine.get(self.teacher.console).text

    def refused(
        self,
        *hosts: str,
        machine: Machine | None = None,
        clause: str = "",
        reason: str = "",
        method: str = "",
        device: str = "",
    ) -> VerdictEvent:
        """Nothing came where it must not, and the log names device, clause, reason and each of the hosts in its
        canonical form; the last such event. `reason` holds one or more messages, `method` one or more, by blanks.

        `device` is the card of whoever claims an address that is not theirs.
        """
        device = device or (machine or self.bek).pc.address
        wanted = Wanted(device, clause, tuple(reason.split()), tuple(method.split()))
        wait_until(lambda: not self._missing(wanted, hosts), 12)
        assert self.lab.unfair() == []
        missing = self._missing(wanted, hosts)
        assert not missing, f"no denial of {missing} as {wanted}: {self.lab.events()}"
        return [event for event in self._denials(wanted) if not hosts or event.host in hosts][-1]

    def _missing(self, wanted: "Wanted", hosts: tuple[str, ...]) -> set[str]:
        """What the log does not have yet."""
        found = {event.host for event in self._denials(wanted)}
        return set(hosts) - found if hosts else ({"anything"} if not found else set())

    def _denials(self, wanted: "Wanted") -> list[VerdictEvent]:
        return [event for event in self.lab.events() if wanted.is_met(event)]

    def silent(self) -> None:
        """Nothing came where it must not."""
        assert self.lab.unfair() == []


def proxied(machine: Machine) -> Machine:
    """A PC with the box's proxy set by hand."""
    return Machine(machine.plan, machine.pc, f"{machine.pc.gate}:3128")


def batched(variants: Iterable[T], size: int) -> Iterator[tuple[T, ...]]:
    """Variants by so many at once."""
    rest = iter(variants)
    while batch := tuple(islice(rest, size)):
        yield batch


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the log must hold: a refusal to this device, by a clause, for a reason."""

    device: str
    clause: str
    reasons: tuple[str, ...]
    methods: tuple[str, ...]

    def is_met(self, event: VerdictEvent) -> bool:
        """Whether an event is it."""
        return (
            event.outcome in {"deny", "ask"}
            and event.device == self.device
            and event.clause == (self.clause or event.clause or None)
            and (not self.reasons or event.message in self.reasons)
            and (not self.methods or event.method in self.methods)
        )


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
    wait_for_the_bell()
    teacher = lab.teacher(1, lab.machine("staff-01"))
    patiently(teacher.sign_in)
    patiently(teacher.start)
    bek = lab.machine("room1-01")
    found = Lesson(lab, teacher, bek)
    patiently(lambda: found.seat(bek))
    assert wait_until(lambda: found.open_for(bek), 20), "the allowed site does not open in the lesson"
    yield found
    teacher.leave()


@dataclass
class Bell:
    """The lesson under way, by the day and by whether it is after noon."""

    lesson: tuple[date, bool]


@pytest.fixture(scope="session")
def bell(class_room: Lesson) -> Bell:
    """The lesson in which the class sat down."""
    return Bell(lesson_of_the_day())


def lesson_of_the_day() -> tuple[date, bool]:
    """Which of the lab's two lessons a day it is: they end at the school's noon, and at the last minute of its day."""
    now = clock.utc_now().astimezone(SCHOOL_ZONE)
    return now.date(), now.hour >= 12


def wait_for_the_bell() -> None:
    """Whoever comes in the last minute before a bell waits for it."""
    while (now := clock.utc_now().astimezone(SCHOOL_ZONE)).minute == 59 and now.hour in (11, 23):
        time.sleep(1)


def after_the_bell(class_room: Lesson, bell: Bell) -> None:
    """After the bell the next lesson is opened and everybody sits down."""
    wait_for_the_bell()
    if lesson_of_the_day() == bell.lesson:
        return
    bell.lesson = lesson_of_the_day()
    class_room.teacher.leave()
    patiently(class_room.teacher.start)
    for number, machine in enumerate(class_room.desks):
        patiently(lambda machine=machine, number=number: class_room.seat(machine, number))
    assert wait_until(lambda: all(map(class_room.open_for, class_room.desks)), 30)


DESKS = tuple(f"room1-{number:02d}" for number in (1, 2, 3, 4, 5, 9, 10, 11))
"""Where tests sit in turn: the log tells one thing of one device once in a while only, and so much a minute."""


@pytest.fixture(scope="session")
def class_room(school: Lesson) -> Lesson:
    """The lesson with students at several desks."""
    seated = [school.bek]
    for number, name in enumerate(DESKS[1:], 1):
        seated.append(school.lab.machine(name))
        patiently(lambda machine=seated[-1], number=number: school.seat(machine, number))
    assert wait_until(lambda: all(map(school.open_for, seated)), 20)
    return replace(school, desks=tuple(seated))


@pytest.fixture(scope="session")
def turns(class_room: Lesson) -> Iterator[Machine]:
    """The desks one after another, for ever."""
    return cycle(class_room.desks)


@pytest.fixture
def lesson(class_room: Lesson, bell: Bell, turns: Iterator[Machine]) -> Lesson:
    """The lesson with everything before forgotten, at the next student's PC."""
    after_the_bell(class_room, bell)
    class_room.lab.forget()
    return replace(class_room, bek=next(turns))


@pytest.fixture
def home(lab: Running) -> Machine:
    """A PC outside the gate: what a trick does where nothing stands in its way."""
    return lab.machine("home")
