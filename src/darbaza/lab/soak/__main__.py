"""`script/soak`: every fault at its full length, and what was measured beside what must hold.

script/soak                          all parts, one after another
script/soak kill --seed 7            one part, with the chances of a run that is told
script/soak kill ends --times 10     some parts, shorter

With DARBAZA_SOAK_LOGS=FOLDER the box's logs stay there. 0 if every figure was met, 1 if one was missed, 2 if a part
could not be run. docs/soak.md tells what each part does.
"""

import argparse
import os
import secrets
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from darbaza.demo.serve import DemoError, say
from darbaza.lab.places import folders
from darbaza.lab.soak import changes, clocks, cold, ends, flood, killing, shipping
from darbaza.lab.soak.figures import Report, load
from darbaza.lab.soak.school import SoakError
from darbaza.lab.wires import WireError


@dataclass(frozen=True, slots=True)
class Part:
    """One part: how it is run, how often at full length, and of what `times` is the number."""

    run: Callable[[Path, int, int], Report]
    times: int
    of: str


PARTS = {
    "kill": Part(killing.run, 100, "kills of each part"),
    "ship": Part(shipping.run, 100, "kills of each of those who carry the log"),
    "ends": Part(ends.run, 100, "lessons"),
    "cold": Part(cold.run, 100, "cold starts"),
    "clock": Part(clocks.run, 10, "times each jump"),
    "flood": Part(flood.run, 10, "pairs of slots"),
    "changes": Part(changes.run, 10, "pairs of slots for each kind of change"),
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Entry point."""
    given = parser().parse_args(arguments)
    seed = secrets.randbelow(1_000_000) if given.seed is None else given.seed
    missed = 0
    for name in given.parts or PARTS:
        try:
            missed += len(soaked(name, given.times or PARTS[name].times, seed).missed)
        except (SoakError, DemoError, WireError) as error:
            say(f"error: {name}: {error}")
            return 2
    say(f"\n{'every figure was met' if not missed else f'{missed} figures were MISSED'}; seed {seed}, {load()}")
    return 1 if missed else 0


def soaked(name: str, times: int, seed: int) -> Report:
    """Run one part and print its table."""
    part, began = PARTS[name], time.monotonic()
    say(f"== {name}: {times} {part.of}, --seed {seed}")
    report = part.run(folders().var.parent / f"soak-{os.getpid()}", times, seed)
    say(f"\n{report.table()}\n  ({time.monotonic() - began:.0f} s, {load()})\n")
    return report


def parser() -> argparse.ArgumentParser:
    """The command line."""
    whole = argparse.ArgumentParser(
        prog="script/soak", description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    whole.add_argument("parts", nargs="*", choices=[*PARTS, []], help="which; all if none is named")
    whole.add_argument("--seed", type=int, help="repeats the chances of a run")
    whole.add_argument("--times", type=int, help="shorter or longer than the full form")
    return whole


if __name__ == "__main__":
    sys.exit(main())
