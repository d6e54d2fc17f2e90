"""X07: whoever writes, carries and keeps the log is killed at random while verdicts come and a teacher acts.

Nothing that was answered may be lost, and nothing be there twice. The judge keeps a second name (a hard link) of every
file of the spool, so that what the helper wrote can be read after the agent has shipped and deleted it; and what
the portal answered to the teacher's acts. Both are compared with what the portal holds once everything has arrived.
"""

import contextlib
import json
import os
import random
import sqlite3
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from darbaza.demo.serve import say
from darbaza.lab.places import LabFolders
from darbaza.lab.running import wait_until
from darbaza.lab.soak.crowd import Crowd
from darbaza.lab.soak.figures import Report
from darbaza.lab.soak.killing import is_replaced, waited_for
from darbaza.lab.soak.processes import kill
from darbaza.lab.soak.school import School, innocent, is_audit_intact, lab, school
from darbaza.snapshot.errors import SnapshotError
from darbaza.snapshot.spool import SUFFIX, VerdictEvent, parse_line

CARRIERS = ("helper", "agent", "portal")
SEATS = 8
RATE = 60.0
"""Attempts a second, of the whole class."""

LOOK_SECONDS = 0.02
"""A file of the spool stays for longer than this between its writer's end and its deletion."""

LONGEST_CALM = 1.5
HASTY = 0.25
"""Of so many kills the next one does not wait until everything works again."""

BACK_SECONDS = 60.0
ARRIVAL_SECONDS = 90.0
ACT_SECONDS = 0.3

Written = dict[tuple[str, int], VerdictEvent]
"""What the helper finished, by file and number."""


def run(var: Path, times: int, seed: int) -> Report:
    """The full form, in a school of its own."""
    with lab(var) as running, school(running, SEATS) as found:
        return measure(found, times, seed)


def measure(found: School, times: int, seed: int, rate: float = RATE) -> Report:
    """Kill each carrier `times` times in random order, while the class asks `rate` times a second."""
    report = Report("X07  whoever carries the log is killed while it carries")
    kept, acts = Kept(found.lab.places.box / "spool", found.lab.places.var / "kept"), Acts(found)
    with kept.at_work(), acts.at_work(), Crowd(found.everybody, rate, seed=seed).at_work():
        strike(found, acts, times, seed)
    found.ready()  # a helper that asks nothing is not there; its successor takes the file's end over
    kept.keep()
    written = kept.written()  # the helper goes on writing, and what comes after this is on its way and not lost
    wait_until(lambda: missing_in(stored(found.lab.places), written) == [], ARRIVAL_SECONDS)
    judge(report, found, written, acts)
    innocent(report, found)
    return report


def strike(found: School, acts: "Acts", times: int, seed: int) -> None:
    """The kills, most of them when an act was answered since the last one, others before that is back at work."""
    dice = random.Random(seed)  # noqa: S311 - what dies when is no secret
    victims = [part for part in CARRIERS for _ in range(times)]
    dice.shuffle(victims)
    for number, part in enumerate(victims):
        done = len(acts.answered)
        if not number or dice.random() > HASTY:
            acts.wait_for(done + 1)
        time.sleep(dice.uniform(0, LONGEST_CALM))
        victim = dice.choice(waited_for(found, part))
        kill(victim)
        say(f"  {number + 1}/{len(victims)} {part}")
    wait_until(lambda: all(is_replaced(found, part, 0) for part in CARRIERS), BACK_SECONDS)


@dataclass(slots=True)
class Kept:
    """What the box writes from now on: each file of the spool under a second name, which nobody deletes."""

    spool: Path
    folder: Path
    before: dict[str, int] = field(default_factory=dict)
    _stop: threading.Event = field(default_factory=threading.Event)

    @contextlib.contextmanager
    def at_work(self) -> Iterator[None]:
        """Keep what appears while the block lasts. What stood there before its first beginning is not judged."""
        self._stop.clear()
        if not self.folder.exists():
            self.folder.mkdir()
            self.before = {path.name: path.stat().st_size for path in self.spool.glob(f"*{SUFFIX}")}
        thread = threading.Thread(target=self._watch, daemon=True)
        thread.start()
        try:
            yield
        finally:
            self._stop.set()
            thread.join()

    def _watch(self) -> None:
        while not self._stop.wait(LOOK_SECONDS):
            self.keep()

    def keep(self) -> None:
        """Give every file that is there a second name."""
        for path in self.spool.glob(f"*{SUFFIX}"):
            with contextlib.suppress(FileExistsError, FileNotFoundError):
                os.link(path, self.folder / path.name)

    def written(self) -> Written:
        """The sound lines of all files, by file and number; a line that a kill tore was never answered."""
        found: Written = {}
        for path in self.folder.glob(f"*{SUFFIX}"):
            for line in path.read_bytes()[self.before.get(path.name, 0) :].splitlines(keepends=True):
                with contextlib.suppress(SnapshotError):
                    event = parse_line(line)
                    found[path.name, event.n] = event
        return found


@dataclass(frozen=True, slots=True)
class Stored:
    """One line as the portal holds it."""

    file: str
    n: int
    device: str
    host: str
    outcome: str
    message: str


def missing_in(held: list[Stored], written: Written) -> list[tuple[str, int]]:
    """What was written and is not among what the portal holds."""
    there = {(one.file, one.n) for one in held}
    return sorted(key for key in written if key not in there)


def stored(places: LabFolders) -> list[Stored]:
    """Everything in the portal's log of today."""
    with contextlib.closing(sqlite3.connect(f"file:{log_of(places)}?mode=ro", uri=True, timeout=20)) as base:
        rows = base.execute("SELECT file, n, device, host, outcome, message FROM verdict").fetchall()
    return [Stored(*row) for row in rows]


def log_of(places: LabFolders) -> Path:
    """Where the portal of a lab keeps the day's verdicts."""
    return places.portal / "log" / "today.sqlite3"


@dataclass(slots=True)
class Acts:
    """The teacher closes one resource after another; `answered` are those of which the portal said so."""

    school: School
    answered: list[str] = field(default_factory=list)
    tried: int = 0
    _stop: threading.Event = field(default_factory=threading.Event)

    @contextlib.contextmanager
    def at_work(self) -> Iterator[None]:
        """Act for as long as the block lasts."""
        thread = threading.Thread(target=self._act, daemon=True)
        thread.start()
        try:
            yield
        finally:
            self._stop.set()
            thread.join()

    def _act(self) -> None:
        while not self._stop.wait(ACT_SECONDS):
            self.tried += 1
            host = f"act{self.tried}.acts.test"
            if self.school.teacher.act("deny", address=host).status in (200, 302):
                self.answered.append(host)

    def wait_for(self, number: int) -> None:
        """Return when so many were answered, or after a while."""
        wait_until(lambda: len(self.answered) >= number, BACK_SECONDS)

    def recorded(self) -> Counter[str]:
        """How often each stands in the audit."""
        path = self.school.lab.places.portal / "portal.sqlite3"
        with contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=20)) as base:
            rows = base.execute(
                "SELECT detail_text FROM audit_auditentry WHERE act = 'lessons:resource:deny'"
            ).fetchall()
        return Counter(str(json.loads(text)["resource"]) for (text,) in rows)


def judge(report: Report, found: School, written: Written, acts: Acts) -> None:
    """What was written and answered, beside what the portal holds."""
    held = stored(found.lab.places)
    missing = missing_in(held, written)
    of_box = [one for one in held if (one.file, one.n) in written]
    other = [one for one in of_box if not is_same(one, written[one.file, one.n])]
    report.told("files that the box began", len({file for file, _ in written}))
    report.at_least("verdicts that the box wrote", len(written), 1)
    report.at_most("verdicts lost", len(missing), 0)
    report.at_most("verdicts twice", len(of_box) - len({(one.file, one.n) for one in of_box}), 0)
    report.at_most("verdicts that say something else", len(other), 0)
    recorded = acts.recorded()
    report.told("acts tried", acts.tried)
    report.at_least("acts answered", len(acts.answered), 1)
    report.at_most("acts answered and not in the audit", sum(recorded[host] == 0 for host in acts.answered), 0)
    report.at_most("acts in the audit twice", sum(recorded[host] > 1 for host in recorded if ".acts." in host), 0)
    report.at_most("audit: bad entries", 0 if is_audit_intact(found.lab) else 1, 0)
    report.remarks += [f"lost: {file} line {n}" for file, n in missing[:5]]


def is_same(one: Stored, event: VerdictEvent) -> bool:
    """Whether the portal holds what the box wrote."""
    return (one.device, one.host, one.outcome, one.message) == (event.device, event.host, event.outcome, event.message)
