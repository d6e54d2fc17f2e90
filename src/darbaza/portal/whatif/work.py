"""The work on a replay, in a process of its own: a million records take seconds, and lessons must not feel them."""

import logging
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import date, timedelta

from darbaza import clock
from darbaza.portal.council.replays import Count, Day, Result, Row
from darbaza.portal.verdicts.archive import DamagedDayError
from darbaza.portal.verdicts.log import log
from darbaza.portal.verdicts.rows import Judged
from darbaza.portal.whatif import actions
from darbaza.portal.whatif.models import Replay
from darbaza.portal.whatif.replay import Change, Tally, Touched, replay, watched

logger = logging.getLogger(__name__)
HOSTS = 30
"""Hosts that a result names; of the others it tells how many they are."""
EVERY = 1.0
"""Seconds between two words of progress."""


def start(pk: int) -> None:
    """Begin the work on a replay beside the portal."""
    command = [sys.executable, "-m", "django", "replay", str(pk)]
    quiet = subprocess.DEVNULL
    subprocess.Popen(command, stdin=quiet, stdout=quiet, stderr=quiet, start_new_session=True)


def work_on(row: Replay) -> None:
    """Replay what was asked for and keep what was found; a failure is kept as one and logged."""
    try:
        actions.finish(replay=row, result=run(row), at=clock.utc_now())
    except Exception:
        logger.exception("replay `%s` failed", row.pk)
        actions.fail(replay=row, at=clock.utc_now())
        raise


def run(row: Replay) -> Result:
    """What a replay finds."""
    began, heard = time.monotonic(), time.monotonic()

    def seen(records: int) -> None:
        nonlocal heard
        if time.monotonic() - heard >= EVERY:
            heard = time.monotonic()
            actions.note_progress(replay=row, seen=records, at=clock.utc_now())

    unreadable: list[date] = []
    days = [row.first + timedelta(days=n) for n in range((row.last - row.first).days + 1)]
    tally = replay(actions.comparison_of(row), ((day, of_day(day, unreadable)) for day in days), seen)
    return result_of(row, tally, tuple(unreadable), time.monotonic() - began)


def of_day(day: date, unreadable: list[date]) -> Iterator[list[Judged]]:
    """A day's records; a day whose file is damaged is noted and passed over."""
    try:
        yield from log().judged(day)
    except DamagedDayError:
        unreadable.append(day)


def result_of(row: Replay, tally: Tally, unreadable: tuple[date, ...], seconds: float) -> Result:
    """The counts as they are kept and shown."""
    hosts = rows(tally.hosts)
    return Result(
        first=row.first,
        last=row.last,
        records=tally.records,
        settled=tally.settled,
        unknown=tally.unknown,
        unlike=tally.unlike,
        seconds=round(seconds, 1),
        total=row_of("", tally.total),
        groups=rows(tally.groups),
        classes=rows(tally.classes),
        hosts=hosts[:HOSTS],
        more_hosts=max(len(hosts) - HOSTS, 0),
        watched=tuple(watched(sorted(tally.hosts))),
        days=tuple(
            Day(date.fromisoformat(day), n[Change.GAINED], n[Change.LOST], n[Change.DELEGATED])
            for day, n in tally.days.items()
        ),
        unreadable=unreadable,
        pages=row.draft.get("pages", 0),
    )


def rows(touched: dict[str, Touched]) -> tuple[Row, ...]:
    """Rows by name, the most requests first."""
    made = [row_of(name, one) for name, one in touched.items()]
    return tuple(sorted(made, key=lambda one: (-one.weight, one.name)))


def row_of(name: str, one: Touched) -> Row:
    """One row."""
    counts = (Count(one.requests[change], len(one.people[change])) for change in Change if change)
    return Row(name, *counts)
