"""`python -m darbaza.portal.timetable.drafting PROBLEM RESULT SECONDS`: solve one file into another, then end.

A process of its own: it may take a processor for as long as it was given, and the portal answers meanwhile.
"""

import os
import resource
import sys
from pathlib import Path

import msgspec

from darbaza.portal.timetable.drafting.problem import Problem
from darbaza.portal.timetable.drafting.solve import solve

GRACE = 30
"""Processor seconds beyond the solver's own time, for reading, explaining and writing."""
MEMORY = 4 * 2**30
NICENESS = 10


def main() -> int:
    """Solve; the result appears under its name whole, by one rename. Limits are the kernel's, not our word."""
    problem, result, seconds = Path(sys.argv[1]), Path(sys.argv[2]), float(sys.argv[3])
    os.nice(NICENESS)
    resource.setrlimit(resource.RLIMIT_CPU, (int(seconds) + GRACE, int(seconds) + GRACE))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    drafted = solve(msgspec.json.decode(problem.read_bytes(), type=Problem), seconds)
    made = result.with_suffix(".new")
    made.write_bytes(msgspec.json.encode(drafted))
    made.replace(result)
    return 0


if __name__ == "__main__":
    sys.exit(main())
