"""Lists keep themselves up to date: once a night by the school's clock, in a process that everything else goes before.

Each box has its own minute of the window, another one each night, so that a country's schools do not ask a publisher
at the same instant. A box that was switched off at night catches up when no lesson is open. What a night brings takes
effect by itself: the helper and dnsdist notice the new file.
"""

import asyncio
import hashlib
import logging
import os
import signal
import sys
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from darbaza.agent.settings import CATALOGUE, LISTS, ListsTable
from darbaza.agent.supervisor import dying_with_us
from darbaza.catalogue.update import Report, read_report
from darbaza.clock import utc_now

logger = logging.getLogger(__name__)

LOOK_SECONDS = 20.0
MISSED = timedelta(hours=36)
"""After this a night counts as missed, and the next quiet moment serves."""

AGAIN = timedelta(minutes=30)
"""How long to wait after an attempt that reached nobody; a new box whose line was not up yet must not wait a day."""

OLD = timedelta(days=10)
"""After this without one good update somebody is told."""

LEAST_MINUTES, MOST_MINUTES = 20, 180
GRACE_SECONDS = 1800.0
"""What an update may need after the last publisher was asked: to read, guard and compile."""

LOG_BYTES = 1 << 20


class ListUpdates:
    """The updates of one box. `table` is None where nobody asked for them; `on_change` is called after each."""

    def __init__(
        self,
        run: Path,
        box: str,
        table: ListsTable | None,
        *,
        zone: Callable[[], str],
        is_quiet: Callable[[], bool],
        on_change: Callable[[], None],
    ) -> None:
        """Begin where the last life ended: what came of the last update stands beside the lists."""
        self.table = table
        self.complaint = ""
        self._run, self._box = run, box
        self._zone, self._is_quiet, self._on_change = zone, is_quiet, on_change
        self._began = utc_now()

    @property
    def report(self) -> Report | None:
        """What came of the last update, whoever ran it."""
        return read_report(self._run / LISTS)

    async def follow(self) -> None:
        """Update whenever it is time; ends by cancellation only, and a running update with it."""
        while True:
            if self.table is not None and self.is_due(utc_now()):
                await self.update(self.table)
            await asyncio.sleep(LOOK_SECONDS)

    def is_due(self, at: datetime) -> bool:
        """Whether it is time now."""
        assert self.table is not None  # noqa: S101 - for the type checker: asked only where there is a table
        report = self.report
        last = report.at if report else None
        if last is None or at - last > MISSED or last - at > MISSED:  # the last: the clock has been set back
            return self._is_quiet()
        start, end = night(at, self.table, self._zone(), self._box)
        is_night = start <= at < end
        if report and not report.reached and at - last > AGAIN:
            return is_night or self._is_quiet()
        return is_night and last < start

    async def update(self, table: ListsTable) -> None:
        """One update in a process of its own. What goes wrong is a complaint, never an error."""
        at = utc_now()
        _, end = night(at, table, self._zone(), self._box)
        minutes = min(max((end - at).total_seconds() / 60, LEAST_MINUTES), MOST_MINUTES)
        logger.info("lists are being updated")
        try:
            status = await self._process(table, minutes * 60)
        except OSError as error:
            self.complaint = f"the update of lists can't be started: {error}"
            return
        report = self.report
        if status not in (0, 1) or report is None or report.at < at - timedelta(seconds=1):
            self.complaint = f"the update of lists ended with status {status}; see `{self._log}`"
            logger.error("%s", self.complaint)
        else:
            self.complaint = ""
            logger.info("lists were updated: %s", report.counts)
        self._on_change()

    async def _process(self, table: ListsTable, seconds: float) -> int:
        self._log.parent.mkdir(parents=True, exist_ok=True)
        keep = self._log.exists() and self._log.stat().st_size < LOG_BYTES
        with self._log.open("ab" if keep else "wb") as log:
            process = await asyncio.create_subprocess_exec(
                *dying_with_us(command(self._run, table, seconds)),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                env={**os.environ, "LC_ALL": "C.UTF-8"},
            )
        waiting = asyncio.ensure_future(process.wait())
        try:
            done, _ = await asyncio.wait([waiting], timeout=seconds + GRACE_SECONDS)
            if not done:
                logger.error("the update of lists takes too long and is ended")
        finally:
            if not waiting.done():
                process.send_signal(signal.SIGKILL)
                await asyncio.wait([waiting])
        return waiting.result()

    @property
    def _log(self) -> Path:
        return self._run / "log" / "lists.log"

    def health(self, at: datetime) -> dict[str, Any]:
        """How the lists are, for the portal and `darbaza status`. `waiting` updates are for a person to decide."""
        report = self.report
        return {
            "automatic": self.table is not None,
            "at": report.at.isoformat() if report else "",
            "good": report.good.isoformat() if report and report.good else "",
            "next": self._next(at).isoformat() if self.table else "",
            "waiting": len(report.held) if report else 0,
            "held": list(report.held) if report else [],
            "refused": list(report.refused) if report else [],
            "complaint": self.complaint or self._trouble(report, at),
        }

    def _trouble(self, report: Report | None, at: datetime) -> str:
        """What somebody must look at: one bad night is none, the last good lists being in force."""
        if report and report.problem:
            return str(report.problem)
        if self.table is None:
            return ""
        since = report.good if report and report.good else self._began
        return f"no update of lists has gone well since {since:%Y-%m-%d}" if at - since > OLD else ""

    def _next(self, at: datetime) -> datetime:
        assert self.table is not None  # noqa: S101 - as above
        return next_start(at, self.table, self._zone(), self._box)


def command(run: Path, table: ListsTable, seconds: float) -> Sequence[str]:
    """How an update is run; what it may do it is told here, for it reads no settings."""
    made = [sys.executable, "-m", "darbaza.catalogue.update"]
    made += ["--root", str(run / LISTS), "--target", str(run / CATALOGUE), "--seconds", str(int(seconds))]
    folder, sources = table.folder_in(run), table.sources_in(run)
    made += ["--folder", str(folder)] if folder else []
    made += ["--sources", str(sources)] if sources else []
    for option, values in (("--own-host", table.own_hosts), ("--leave-out", table.leave_out)):
        for value in values:
            made += [option, value]
    return made


def night(at: datetime, table: ListsTable, zone: str, box: str) -> tuple[datetime, datetime]:
    """This box's start within the window that `at` lies in or that comes next, and the window's end."""
    today = at.astimezone(ZoneInfo(zone)).date()
    for day in (today - timedelta(days=1), today, today + timedelta(days=1)):
        start, end = _window(day, table, zone)
        if at < end:
            return start + _jitter(day, end - start, box), end
    raise AssertionError("tomorrow's window ends after today")


def next_start(at: datetime, table: ListsTable, zone: str, box: str) -> datetime:
    """The next instant at which this box begins."""
    start, end = night(at, table, zone, box)
    return start if at < start else night(end, table, zone, box)[0]


def _window(day: date, table: ListsTable, zone: str) -> tuple[datetime, datetime]:
    """The window that opens on a day; one such as 23:00-04:00 ends on the next."""
    start, end = table.hours
    last = day + timedelta(days=1) if end <= start else day
    ends = (datetime.combine(day, start, ZoneInfo(zone)), datetime.combine(last, end, ZoneInfo(zone)))
    return ends[0].astimezone(UTC), ends[1].astimezone(UTC)


def _jitter(day: date, length: timedelta, box: str) -> timedelta:
    """Within the first half of the window, so that the second remains to fetch in."""
    number = int.from_bytes(hashlib.sha256(f"{box} {day}".encode()).digest()[:4])
    return timedelta(seconds=number % max(1, int(length.total_seconds() / 2)))
