"""R13: one student's PC floods the gate with names, tunnels, slow requests and PINs; others should hardly notice."""

import contextlib
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from darbaza.lab.machines import Machine
from darbaza.lab.names import GOOD
from darbaza.lab.running import wait_until
from darbaza.lab.soak.changes import WEB
from darbaza.lab.soak.crowd import ALLOWED, Crowd, Kind, Outcome
from darbaza.lab.soak.figures import Report, quantile
from darbaza.lab.soak.school import School, innocent, is_audit_intact, lab, school
from darbaza.lab.soak.slots import Pair, pairs, ratios

RATE = 40.0
SLOT_SECONDS = 10.0
SEATS = 8
SELF = "127.0.0.1"
NAME_SECONDS = 0.05
"""X11: the 99th percentile of others' names."""

SHIPPED_SECONDS = 60.0


def run(var: Path, times: int, seed: int) -> Report:
    """The full form, in a school of its own."""
    with lab(var) as running, school(running, SEATS) as found:
        return measure(found, times, seed, SLOT_SECONDS, 1.2, NAME_SECONDS)


def measure(found: School, times: int, seed: int, seconds: float, bound: float, name_bound: float) -> Report:
    """So many pairs of slots: the flood aimed at nobody, and aimed at the gate. p95 may be `bound` times the former."""
    report = Report("R13  one PC floods")
    villain, others = found.students[-1], found.students[:-1]
    crowd = Crowd(others, RATE, (*ALLOWED, Kind.BAD_HTTP, Kind.BAD_TLS), seed)
    whose = frozenset(machine.pc.name for machine in others)
    logged = Log.of(found, others)
    with crowd.at_work():
        done = pairs(crowd, whose, times, seconds, lambda: flood(villain, SELF), lambda: flood(villain))
    judge(report, done, bound, name_bound)
    logged.judge(report, crowd)
    report.at_most("audit: bad entries", 0 if is_audit_intact(found.lab) else 1, 0)
    innocent(report, found)
    return report


@contextlib.contextmanager
def flood(villain: Machine, at: str = "") -> Iterator[None]:
    """The flood, at the gate unless it is told to go elsewhere."""
    command = [sys.executable, "-m", "darbaza.lab.soak.flooder", villain.namespace]
    with subprocess.Popen([*command, at or GOOD, at or villain.pc.gate]) as process:
        try:
            yield
        finally:
            process.kill()
            process.wait()


def judge(report: Report, done: list[Pair], bound: float, name_bound: float) -> None:
    """How others fared."""
    web, name = ratios(done, *WEB), ratios(done, Kind.NAME)
    names = [one.seconds for pair in done for one in pair.tried.attempts if one.kind is Kind.NAME]
    report.at_most("others' p95 of pages ×", web[0], bound)
    report.at_most("others' p95 of names ×", name[0], bound)
    report.at_most("others' p99 of names", quantile(names, 0.99), name_bound, " s")
    for what, outcome in (
        ("refused", Outcome.REFUSED),
        ("broken off", Outcome.BROKEN),
        ("not taken", Outcome.UNREACHED),
    ):
        report.at_most(f"others' allowed attempts {what}", sum(pair.tried.count(outcome) for pair in done), 0)
    report.told("others' allowed attempts under the flood", sum(len(pair.tried.attempts) for pair in done))
    report.remarks.append(
        f"ratios of p95 from {web[1]:.2f} to {web[2]:.2f} (pages), {name[1]:.2f} to {name[2]:.2f} (names)"
    )


@dataclass(frozen=True, slots=True)
class Log:
    """The portal's log of today: how many pages of each of these PCs it had let through when it was first looked at."""

    path: Path
    names: dict[str, str]
    before: dict[str, int]

    @classmethod
    def of(cls, found: School, others: list[Machine]) -> "Log":
        """As it stands now."""
        path = found.lab.places.portal / "log" / "today.sqlite3"
        return cls(path, {machine.pc.address: machine.pc.name for machine in others}, allowed(path))

    def judge(self, report: Report, crowd: Crowd) -> None:
        """Whether every page that opened for somebody else stands there, once all has been shipped."""
        pages = [one.device for one in crowd.since(0, *WEB) if one.outcome is Outcome.OPENED]
        wait_until(lambda: self.lacking(pages) == 0, SHIPPED_SECONDS)
        report.told("others' pages that opened", len(pages))
        report.at_most("others' pages that the log lacks", self.lacking(pages), 0)

    def lacking(self, pages: list[str]) -> int:
        """Of how many pages, each by its PC's name, nothing is known."""
        now = allowed(self.path)
        known = {name: now.get(address, 0) - self.before.get(address, 0) for address, name in self.names.items()}
        return sum(max(0, pages.count(name) - count) for name, count in known.items())


def allowed(path: Path) -> dict[str, int]:
    """How many requests of each device the portal's log of today says were let through."""
    question = "SELECT device, count(*) FROM verdict WHERE outcome = 'allow' GROUP BY device"
    with contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as log:
        return dict(log.execute(question).fetchall())
