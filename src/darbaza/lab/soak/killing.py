"""R1: helper, engines, gatekeeper, agent and portal are killed at random while a class works."""

import asyncio
import contextlib
import random
import socket
import time
from dataclasses import dataclass
from pathlib import Path

from darbaza.demo.serve import say
from darbaza.lab.running import wait_until
from darbaza.lab.settings import GATE_SOCKET
from darbaza.lab.soak.crowd import ALLOWED, Crowd, Outcome, tried
from darbaza.lab.soak.figures import Report, median
from darbaza.lab.soak.processes import PARTS, find, kill
from darbaza.lab.soak.school import School, SoakError, innocent, is_audit_intact, lab, school

RATE = 60.0
"""Attempts a second, of the whole class."""

SEATS = 8
LIMITS = {"helper": 2.0}
LIMIT = 10.0
"""Seconds within which all that stood on a part works again."""

GIVE_UP = 60.0
LONGEST_CALM = 2.0
PORTAL_PAGE = "http://darbaza/kirish/"


@dataclass(frozen=True, slots=True)
class Recovery:
    """A part that was killed, and after how many seconds everything worked again; infinity if it never did."""

    part: str
    seconds: float


def run(var: Path, times: int, seed: int) -> Report:
    """The full form, in a school of its own."""
    with lab(var) as running, school(running, SEATS) as found:
        return measure(found, times, seed)


def measure(found: School, times: int, seed: int, rate: float = RATE, patience: float = 1.0) -> Report:
    """Kill each part `times` times in random order, while the class asks `rate` times a second.

    `patience` is by how much the bounds of time are wider, for a machine that does other work.
    """
    report = Report("R1  parts killed at random under load")
    with Crowd(found.everybody, rate, seed=seed).at_work():
        recoveries = strike(found, times, seed)
        time.sleep(1)
    judge(report, found, recoveries, patience)
    return report


def strike(found: School, times: int, seed: int) -> list[Recovery]:
    """The kills, each after a while of calm."""
    dice = random.Random(seed)  # noqa: S311 - what dies when is no secret
    victims = [part for part in PARTS for _ in range(times)]
    dice.shuffle(victims)
    recoveries = []
    for number, part in enumerate(victims):
        time.sleep(dice.uniform(0, LONGEST_CALM))
        recoveries.append(Recovery(part, killed(found, part, dice)))
        found.judge.look()
        say(f"  {number + 1}/{len(victims)} {part}: {recoveries[-1].seconds:.2f} s, {found.judge.wrong} wrong")
    return recoveries


def killed(found: School, part: str, dice: random.Random) -> float:
    """Kill one process of a part; seconds until another stands in its place and everything allowed opens."""
    victim = dice.choice(waited_for(found, part))
    began = time.monotonic()
    kill(victim)
    while time.monotonic() - began < GIVE_UP:
        if is_replaced(found, part, victim) and works(found, part):
            return time.monotonic() - began
        time.sleep(0.02)
    return float("inf")


def waited_for(found: School, part: str) -> list[int]:
    """The processes of a part, once there are any. Raises SoakError."""
    if not wait_until(lambda: bool(find(found.lab.pid, part)), GIVE_UP):
        raise SoakError(f"there is no {part} to kill")
    return find(found.lab.pid, part)


def is_replaced(found: School, part: str, victim: int) -> bool:
    """Whether another process has taken the place. A helper is started by the first request that needs it."""
    again = find(found.lab.pid, part)
    return bool(again) and victim not in again


def works(found: School, part: str) -> bool:
    """Whether everything allowed opens at a student's PC, and what stands on this part does what it should."""
    machine = found.students[-1]
    if part == "portal" and machine.get(PORTAL_PAGE, seconds=2).status != 200:
        return False
    if part == "gatekeeper" and not is_answering(found):
        return False
    return all(asyncio.run(tried(machine, kind)) is Outcome.OPENED for kind in ALLOWED)


def is_answering(found: School) -> bool:
    """Whether the gatekeeper takes questions."""
    with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX) as link:
        link.settimeout(1)
        link.connect(str(found.lab.places.box / GATE_SOCKET))
        return True
    return False


def judge(report: Report, found: School, recoveries: list[Recovery], patience: float) -> None:
    """What was seen, beside what must hold."""
    for part in PARTS:
        seconds = [one.seconds for one in recoveries if one.part == part]
        report.told(f"{part}: times killed", len(seconds))
        report.told(f"{part}: back, median", median(seconds), " s")
        report.at_most(f"{part}: back, longest", max(seconds), patience * LIMITS.get(part, LIMIT), " s")
    innocent(report, found)
    report.at_most("audit: bad entries", 0 if is_audit_intact(found.lab) else 1, 0)
