"""How long the solver needs for schools of growing size, and how good a draft is after one, five and twenty seconds.

A school of 30 classes in two shifts with two rooms, six days of six lessons, has 144 places: once for 60 lessons a
week, once for more than there are places. Each run is a process of its own, as the portal starts it; the whole run
counts the start of Python and the explanation of what was not kept.

    python -m bench.drafting
"""

import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import msgspec

from darbaza.portal.timetable.drafting.faults import faults
from darbaza.portal.timetable.drafting.problem import Demand, Drafted, Period, Problem

BELLS = {1: [(480 + 55 * n, 525 + 55 * n) for n in range(6)], 2: [(810 + 50 * n, 855 + 50 * n) for n in range(6)]}


def school(classes: int, rooms: int, lessons: int) -> Problem:
    """An invented school; the same in every run."""
    pick = random.Random(classes * 1000 + lessons)
    names = tuple(f"k{n}" for n in range(1, rooms + 1))
    periods = tuple(
        Period(day, starts, ends, shift, number)
        for day in range(6)
        for shift, bells in BELLS.items()
        for number, (starts, ends) in enumerate(bells, start=1)
    )
    demands = [
        Demand(
            id=number * 2 + subject,
            school_class=f"{number % 11 + 1}-{number}",
            teacher=f"t{pick.randrange(max(4, classes // 3))}",
            shift=1 + number % 2,
            lessons=lessons // (2 * classes) + (pick.random() < lessons / (2 * classes) % 1),
            minutes=30,
            rooms=names,
            wish_room=pick.choice([*names, ""]),
            wish_weekday=pick.choice([None, *range(6)]),
            wish_number=pick.choice([None, *range(1, 7)]),
        )
        for number in range(classes)
        for subject in range(2)
    ]
    return Problem(periods, tuple(one for one in demands if one.lessons), (), {d.school_class: 60 for d in demands})


def run(problem: Problem, seconds: float) -> tuple[float, Drafted]:
    """One run as the portal starts it: its whole time, and what came back."""
    with tempfile.TemporaryDirectory() as folder:
        given, result = Path(folder) / "problem.json", Path(folder) / "result.json"
        given.write_bytes(msgspec.json.encode(problem))
        begun = time.perf_counter()
        command = [sys.executable, "-m", "darbaza.portal.timetable.drafting", str(given), str(result), str(seconds)]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        return time.perf_counter() - begun, msgspec.json.decode(result.read_bytes(), type=Drafted)


def main() -> None:
    """Print the table."""
    print(f"{'school':<34}{'allowed':>9}{'whole run':>11}{'placed':>12}{'unkept':>8}  proven")
    for classes, rooms, lessons in ((10, 1, 20), (30, 2, 60), (30, 2, 120), (30, 2, 150), (40, 3, 160)):
        problem = school(classes, rooms, lessons)
        asked = sum(demand.lessons for demand in problem.demands)
        for seconds in (1, 5, 20):
            took, drafted = run(problem, seconds)
            assert not list(faults(problem, drafted))
            name = f"{classes} classes, {rooms} rooms, {asked} lessons"
            placed = f"{len(drafted.placed)}/{asked}"
            print(f"{name:<34}{seconds:>7} s{took:>9.1f} s{placed:>12}{len(drafted.unkept):>8}  {drafted.proven}")
            if drafted.proven:
                break


if __name__ == "__main__":
    main()
