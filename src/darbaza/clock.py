"""The one place that reads clocks; everything else is told what time it is.

A machine has two: the wall clock, which anybody on the network may turn who answers for its time source, and one that
counts seconds since it was switched on, which nobody can turn. A process that has called `follow` tells the time by the
second: `snapshot.timekeeping` decides how far the two lie apart. One that has not tells what the wall clock says.
"""

import time
from datetime import UTC, datetime
from pathlib import Path

_anchors: list[float] = []
"""Seconds from the count since switching on to the time of day; empty for a process that follows the wall clock."""


def utc_now() -> datetime:
    """The present instant, aware, in UTC."""
    if _anchors:
        return datetime.fromtimestamp(since_boot() + _anchors[0], UTC)
    return datetime.now(UTC)  # noqa: TID251 - this is the entry points' clock


def follow(anchor: float | None) -> None:
    """Tell the time from now on by the count since switching on, `anchor` seconds added; None: by the wall clock."""
    _anchors[:] = [] if anchor is None else [anchor]


def since_boot() -> float:
    """Seconds since this machine was switched on, asleep or awake; only ever grows."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


def wall() -> float:
    """The wall clock's seconds since 1970, whatever they are worth."""
    return time.time()


def boot_id() -> str:
    """What this life of the machine is called by its kernel; another after every start."""
    return Path("/proc/sys/kernel/random/boot_id").read_text("ascii").strip()
