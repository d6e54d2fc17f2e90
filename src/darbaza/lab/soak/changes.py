"""R10, the gateway's part: policy and catalogue change while a class asks two hundred times a second."""

import contextlib
import itertools
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path

from darbaza.agent.settings import CATALOGUE, LISTS
from darbaza.demo import cast
from darbaza.lab.people import PeopleError, Teacher
from darbaza.lab.places import LabFolders
from darbaza.lab.soak.crowd import ALLOWED, Crowd, Kind, Outcome
from darbaza.lab.soak.figures import Report
from darbaza.lab.soak.school import School, SoakError, innocent, lab, patiently, school
from darbaza.lab.soak.slots import Pair, pairs, ratios

RATE = 200.0
NAMES = 464_000
"""Names in the list that is replaced, as in the largest of the published ones."""

SLOT_SECONDS = 20.0
PAUSE_SECONDS = 1.0
WEB = (Kind.HTTP, Kind.TLS)
HOLDS = "http://darbaza/council/holds/"
UPDATE_SECONDS = 300.0


def run(var: Path, times: int, seed: int) -> Report:
    """The full form, in a school of its own."""
    with lab(var) as running, school(running) as found:
        return measure(found, times, seed, Trial(NAMES, RATE, SLOT_SECONDS, 1.2))


@dataclass(frozen=True, slots=True)
class Trial:
    """How much is asked: names in the list, attempts a second, seconds of a slot; and by how much p95 may grow."""

    names: int
    rate: float
    seconds: float
    bound: float


def measure(found: School, times: int, seed: int, trial: Trial) -> Report:
    """So many pairs of slots, one kind of change after the other."""
    report = Report(f"R10  changes under {trial.rate:g} requests a second")
    lists, policy = Lists(found.lab.places, trial.names), Policy.of(found)
    lists.update()
    crowd = Crowd(found.everybody, trial.rate, (*ALLOWED, Kind.BAD_HTTP, Kind.BAD_TLS), seed)
    with crowd.at_work():
        for what, change in (("policy", policy.change), ("catalogue", lists.update)):
            judge(report, what, measured(found, crowd, times, trial.seconds, change), trial.bound)
    report.told("policy: rulebooks made anew", policy.count)
    report.told(f"catalogue: compiled anew with {trial.names} names", lists.count - 1)
    innocent(report, found)
    return report


def measured(found: School, crowd: Crowd, times: int, seconds: float, change: Callable[[], None]) -> list[Pair]:
    """Pairs of a slot without and a slot with changes."""
    whose = frozenset(machine.pc.name for machine in found.students)
    done = pairs(crowd, whose, times, seconds, nullcontext, lambda: changing(change))
    crowd.forget()
    found.judge.look()
    return done


@contextlib.contextmanager
def changing(change: Callable[[], None]) -> Iterator[None]:
    """Change again and again while the block lasts. Raises SoakError afterwards if a change failed."""
    stop, failed = threading.Event(), list[Exception]()

    def go_on() -> None:
        try:
            while not stop.is_set():
                change()
                stop.wait(PAUSE_SECONDS)
        except (SoakError, OSError) as error:
            failed.append(error)

    thread = threading.Thread(target=go_on, daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()
    if failed:
        raise SoakError(f"a change failed: {failed[0]}")


def judge(report: Report, what: str, found: list[Pair], bound: float) -> None:
    """No connection that nobody takes, and hardly slower."""
    web, name = ratios(found, *WEB), ratios(found, Kind.NAME)
    asked = sum(len(pair.tried.attempts) for pair in found)
    report.told(f"{what}: allowed attempts during changes", asked)
    report.at_most(f"{what}: connections that nobody took", total(found, Outcome.UNREACHED), 0)
    broken = total(found, Outcome.REFUSED) + total(found, Outcome.BROKEN)
    if what == "policy":  # what closes something cuts everybody's connections, for any of them may lead there
        report.told(f"{what}: allowed attempts cut by what was closed", broken)
    else:
        report.at_most(f"{what}: allowed attempts refused or broken off", broken, 0)
    report.told(f"{what}: the same in calm slots", sum(pair.calm.count(Outcome.BROKEN) for pair in found))
    report.at_most(f"{what}: p95 of pages ×", web[0], bound)
    report.told(f"{what}: p95 of names ×", name[0])
    report.remarks.append(
        f"{what}: ratios of p95 from {web[1]:.2f} to {web[2]:.2f} (pages), {name[1]:.2f} to {name[2]:.2f}"
    )


def total(found: list[Pair], outcome: Outcome) -> int:
    """Attempts of all slots with changes that ended so."""
    return sum(pair.tried.count(outcome) for pair in found)


@dataclass(slots=True)
class Policy:
    """Somebody who may close a resource at once, and does so again and again: each is a new rulebook for the box."""

    officer: Teacher
    count: int = 0
    _names: Iterator[int] = field(default_factory=itertools.count)

    @classmethod
    def of(cls, found: School) -> "Policy":
        """Sign that person in at the second PC of the staff. Raises SoakError."""
        name = cast.COUNCIL.username
        officer = Teacher(found.lab.machine("staff-02"), name, found.lab.sign_ins.passwords[name])
        patiently(officer.sign_in)
        return cls(officer)

    def change(self) -> None:
        """Hold one more resource, trying again as people do where a busy portal is silent. Raises SoakError."""
        patiently(self._hold)
        self.count += 1

    def _hold(self) -> None:
        """Once, and another resource each time: whether an act whose answer was lost was done is not known here."""
        fields = {"resource": f"n{next(self._names)}.changed.test", "subdomains": "on", "reason": "сыноо"}
        answer = self.officer.machine.post_form(f"{HOLDS}new", f"{HOLDS}new", fields)
        if answer.status != 302:
            raise PeopleError(f"a resource can't be held: {answer.status} {answer.text[:300]}")


@dataclass(slots=True)
class Lists:
    """Lists with many names beside the lab's own, a few others at each update."""

    places: LabFolders
    names: int
    count: int = 0
    _own: bytes = b""

    @property
    def folder(self) -> Path:
        """Where the lists lie, as their publishers gave them out."""
        return self.places.demo / "lists"

    def update(self) -> None:
        """Fetch, guard, compile and swap, by the very process that the agent starts. Raises SoakError."""
        if not self.count:
            shutil.rmtree(self.places.box / LISTS)  # a first version has nothing to be compared with
            self._own = (self.folder / "demo" / "gambling.domains").read_bytes()
        self._write()
        command = [sys.executable, "-m", "darbaza.catalogue.update", "--root", str(self.places.box / LISTS)]
        command += ["--target", str(self.places.box / CATALOGUE), "--folder", str(self.folder)]
        command += ["--own-host", "darbaza", "--own-host", "why"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=UPDATE_SECONDS, check=False)
        if done.returncode:
            raise SoakError(f"the lists are not updated: {done.stderr}")
        self.count += 1

    def _write(self) -> None:
        """The same names but for one in a hundred."""
        shift = self.count * self.names // 100
        text = "".join(f"n{number}.listed.test\n" for number in range(shift, shift + self.names))
        (self.folder / "demo" / "gambling.domains").write_bytes(self._own + text.encode("ascii"))
