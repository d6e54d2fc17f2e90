"""R6: the box's clock jumps, slews and starts in 1970, while lessons run, end, and are asked for.

All of the box's programs, engines and portal included, read a clock that the test turns (libfaketime, a file that is
read at each question). What the kernel counts cannot be turned, here as there.
"""

import contextlib
import itertools
import random
import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import msgspec

from darbaza.demo.serve import say
from darbaza.lab.people import PeopleError
from darbaza.lab.running import wait_until
from darbaza.lab.soak.cold import switch_off, switch_on
from darbaza.lab.soak.crowd import ALLOWED, Crowd, Kind
from darbaza.lab.soak.ends import GRACE_SECONDS, SHORT_GRACE
from darbaza.lab.soak.figures import Report
from darbaza.lab.soak.processes import find, kill
from darbaza.lab.soak.school import School, SoakError, innocent, is_audit_intact, is_open, lab, patiently, school
from darbaza.snapshot.timekeeping import CLOCK_FILE, FLOOR_SECONDS

HOUR, DAY = 3600.0, 86400.0
SHIFTS = {
    "+1 day": DAY,
    "-1 day": -DAY,
    "+1 hour, as a clock in summer time": HOUR,
    "-1 hour, as a clock in winter time": -HOUR,
    "1970": -time.time(),  # a PC with an empty battery
    "+2 years": 730 * DAY,
}
NOTICED_SECONDS = 8.0
BACK_SECONDS = 30.0
SLEW, SLEW_STEP, SLEW_SECONDS = 0.1, 0.25, 20.0
"""A slow correction: so many seconds a second, in steps of so many seconds, for so long."""

RATE = 20.0
SEATS = 3


@dataclass(slots=True)
class Clocked:
    """A school whose box has a clock that can be turned, and what was counted."""

    found: School
    opened: int = 0
    kept: int = 0
    lost: int = 0
    unnoticed: int = 0
    never_back: int = 0
    notes: list[str] = field(default_factory=list)

    def turn(self, seconds: float) -> None:
        """Put the clock so far from the true time."""
        clock = self.found.lab.places.clock
        fresh = clock.with_suffix(".new")
        fresh.write_text(f"{seconds:+.3f}", encoding="ascii")
        fresh.replace(clock)

    @property
    def jumps(self) -> list[float]:
        """By how much box and portal think that the clock has jumped; 0 where it is trusted."""
        places = self.found.lab.places
        return [jump_of(folder / CLOCK_FILE) for folder in (places.box, places.portal)]

    @property
    def works(self) -> bool:
        """Whether every student's page opens."""
        return all(is_open(machine) for machine in self.found.students)

    def count(self, name: str, number: int, what: str) -> None:
        """Count something that should not be."""
        if number:
            setattr(self, name, getattr(self, name) + number)
            self.notes.append(what)


def jump_of(path: Path) -> float:
    """What a note of the time says of a jump; 0 without one."""
    with contextlib.suppress(OSError, msgspec.MsgspecError):
        return float(msgspec.json.decode(path.read_bytes())["jump"])
    return 0.0


def run(var: Path, times: int, seed: int) -> Report:
    """The full form, in a school of its own."""
    with lab(var, more=SHORT_GRACE, clock="+0") as running, school(running, SEATS) as found:
        names = [name for name in SHIFTS for _ in range(times)]
        random.Random(seed).shuffle(names)  # noqa: S311 - which jump comes when is no secret
        return measure(found, seed, names, tuple(SHIFTS), (slew, leave_under, start_cold))


def measure(
    found: School, seed: int, jumps: Sequence[str], ends: Sequence[str], besides: Sequence[Callable[[Clocked], None]]
) -> Report:
    """Jumps while a lesson runs, lessons that end after a jump, and what else is to be tried."""
    report, clocked = Report("R6  clock jumps"), Clocked(found)
    kinds = (*ALLOWED, Kind.BAD_TLS, Kind.BAD_HTTP, Kind.DIRECT_UDP)
    with Crowd(found.everybody, RATE, kinds, seed).at_work():
        for name in jumps:
            jump(clocked, name)
        for name in ends:
            end_under(clocked, name)
        for trial in besides:
            trial(clocked)
    judge(report, clocked, len(jumps), len(ends))
    return report


def judge(report: Report, clocked: Clocked, jumps: int, ends: int) -> None:
    """What was seen, beside what must hold."""
    report.told("jumps while a lesson ran", jumps)
    report.told("lessons ended after a jump", ends)
    report.at_most("lessons or sign-ins opened while time was not trusted", clocked.opened, 0)
    report.at_most("lessons kept open by a jump", clocked.kept, 0)
    report.at_most("students who lost a lesson by a jump", clocked.lost, 0)
    report.at_most(f"jumps not noticed within {NOTICED_SECONDS:g} s", clocked.unnoticed, 0)
    report.at_most(f"not as before {BACK_SECONDS:g} s after the clock was right", clocked.never_back, 0)
    report.at_most(f"audit: entries over {FLOOR_SECONDS:g} s before the last", disorder(clocked.found), 0)
    report.at_most("audit: bad entries", 0 if is_audit_intact(clocked.found.lab) else 1, 0)
    innocent(report, clocked.found)
    report.remarks += clocked.notes


@contextlib.contextmanager
def turned(clocked: Clocked, name: str) -> Iterator[None]:
    """The clock is wrong while the block lasts, and right afterwards, and all works again."""
    clocked.turn(SHIFTS[name])
    is_noticed = wait_until(lambda: all(clocked.jumps), NOTICED_SECONDS)
    clocked.count("unnoticed", not is_noticed, f"{name}: not noticed")
    try:
        yield
    finally:
        clocked.turn(0)
        is_back = wait_until(lambda: not any(clocked.jumps), BACK_SECONDS)
        clocked.count("never_back", not is_back, f"{name}: the right time is not trusted again")


def jump(clocked: Clocked, name: str) -> None:
    """A jump while a lesson runs: it goes on, and nothing new opens."""
    found = clocked.found
    with turned(clocked, name):
        time.sleep(1)
        lost = sum(not is_open(machine) for machine in found.students)
        clocked.count("lost", lost, f"{name}: {lost} students lost their lesson")
        clocked.count("opened", tries_to_open(clocked), f"{name}: something new opened")
    settled(clocked, name)
    say(f"  {name}: {clocked.opened} opened, {clocked.kept} kept, {clocked.lost} lost, {found.judge.look()} wrong")


def settled(clocked: Clocked, name: str) -> None:
    """Whether everything is as before."""
    is_back = wait_until(lambda: clocked.works, BACK_SECONDS)
    clocked.count("never_back", not is_back, f"{name}: the lesson is not back")


def tries_to_open(clocked: Clocked) -> int:
    """A second teacher and another student try while the clock is wrong; how many of them got in."""
    found = clocked.found
    newcomer = found.lab.machine("room1-12")
    with contextlib.suppress(PeopleError):
        found.lab.students.seat(newcomer, len(found.students))
    other = found.lab.teacher(2, found.lab.machine("staff-02"))
    with contextlib.suppress(PeopleError):
        other.sign_in()
        other.start()
        other.leave()
    return int(is_open(newcomer)) + bool(other.lesson)


def end_under(clocked: Clocked, name: str) -> None:
    """A lesson that ends while the clock is wrong stays ended, also when the clock goes to yesterday and back."""
    found = clocked.found
    with turned(clocked, name):
        patiently(found.teacher.end)
        kept = still_open(clocked, 2)
        clocked.turn(SHIFTS["-1 day"])
        kept = max(kept, still_open(clocked, 2))
    kept = max(kept, still_open(clocked, 1))
    clocked.count("kept", kept, f"{name}: {kept} students kept a lesson that was over")
    found.open_lesson(len(found.students))
    say(f"  ended after {name}: {kept} kept")


def still_open(clocked: Clocked, seconds: float) -> int:
    """How many students have access after a while without a lesson."""
    time.sleep(seconds)
    return sum(is_open(machine) for machine in clocked.found.students)


def slew(clocked: Clocked) -> None:
    """The clock runs too fast, then too slow: nothing opens and nobody loses anything."""
    steps = round(SLEW_SECONDS / SLEW_STEP)
    lost = 0
    for step in (*range(steps), *range(steps, 0, -1)):
        clocked.turn(step * SLEW_STEP * SLEW)
        time.sleep(SLEW_STEP)
        lost += not is_open(clocked.found.students[0])
    clocked.turn(0)
    clocked.count("lost", lost, f"slew: {lost} times no page")
    settled(clocked, "slew")
    say(f"  slew: {lost} lost")


def leave_under(clocked: Clocked) -> None:
    """The teacher is gone, and the clock goes back a day: the lease ends by true time all the same."""
    found = clocked.found
    found.teacher.leave()
    clocked.turn(-DAY)
    kept = still_open(clocked, GRACE_SECONDS + 2)
    clocked.turn(0)
    clocked.count("kept", kept, f"teacher gone: {kept} students kept a lesson without a teacher")
    wait_until(lambda: not any(clocked.jumps), BACK_SECONDS)
    found.open_lesson(len(found.students))
    say(f"  teacher gone, clock back a day: {kept} kept")


def start_cold(clocked: Clocked) -> None:
    """Box and portal are switched on in 1970: nobody gets in until the clock is right."""
    found = clocked.found
    places = found.lab.places
    switch_off(found)
    for pid in find(found.lab.pid, "portal"):
        kill(pid)
    time.sleep(1)
    for folder in (places.box, places.portal):
        (folder / CLOCK_FILE).unlink()
    clocked.turn(SHIFTS["1970"])
    switch_on(found, 0)
    if not wait_until(lambda: all(clocked.jumps), BACK_SECONDS):
        raise SoakError(f"a start in 1970 is not noticed: {clocked.jumps}")
    opened = still_open(clocked, 5)
    clocked.count("opened", opened, f"start in 1970: {opened} students got in")
    clocked.turn(0)
    settled(clocked, "start in 1970")
    say(f"  started in 1970: {opened} opened")


def disorder(found: School) -> int:
    """Entries of the audit that claim an earlier instant than the one before.

    Their numbers are their order. After a start with a wrong clock the time is known to the minute only, as it was last
    written down; what is out of order by less is not counted.
    """
    path = found.lab.places.portal / "portal.sqlite3"
    with contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as database:
        rows = database.execute("SELECT at FROM audit_auditentry ORDER BY number").fetchall()
    instants = [datetime.fromisoformat(row[0]).timestamp() for row in rows]
    return sum(later < earlier - FLOOR_SECONDS for earlier, later in itertools.pairwise(instants))
