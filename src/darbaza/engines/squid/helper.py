"""Squid's helper: `python -m darbaza.engines.squid.helper --run DIR`. It never dies, never hangs, never guesses.

Reads up to 256 KiB of questions at a time, judges them, writes their events to the spool in one write and then their
answers in one write: what is not logged is not let through. Answers BH, which Squid takes for a refusal, while
something that a verdict needs is missing and for every line that it does not understand. A batch that takes longer
than a second is cut short. Ends when Squid closes the pipe.
"""

import argparse
import os
import signal
import sys
import threading
import time
from collections.abc import Sequence, Set
from datetime import datetime
from pathlib import Path
from types import FrameType

from darbaza import clock
from darbaza.clock import utc_now
from darbaza.engines.safesearch import RestrictedVideo, unsafe_hosts
from darbaza.engines.squid.config import UNREAD_LOG
from darbaza.engines.squid.judge import ENGINE, MAX_LINE, Judge, broken
from darbaza.engines.squid.unread import UnreadLog
from darbaza.engines.squid.world import Inputs, World
from darbaza.snapshot.spool import EPOCH, SpoolWriter, format_what

READ_BYTES = 256 * 1024
BATCH_SECONDS = 1.0
TICK_SECONDS = 1.0
ALARM_SECONDS = 0.25
"""How often the alarm looks whether a batch has taken too long, or, between batches, whether a second has passed. One
alarm for all that, since system calls are what a single question costs most."""


class OutOfTime(BaseException):
    """A batch took longer than its deadline."""


class Helper:
    """One helper over one run directory."""

    def __init__(
        self,
        run: Path,
        http_ports: Sequence[int],
        tls_ports: Sequence[int],
        *,
        refuses_hidden: bool = False,
        unsafe: Set[str] = frozenset(),
    ) -> None:
        """Judge by the files in `run`; see `Judge` for the rest."""
        self._refuses_hidden, self._unsafe = refuses_hidden, unsafe
        self._ports = (tuple(http_ports), tuple(tls_ports))
        self._inputs = Inputs(run, complain)
        self._spool_folder = run / "spool"
        self._spool: SpoolWriter | None = None
        self._judge: Judge | None = None
        self._unread = UnreadLog(run / "squid" / UNREAD_LOG)
        self._ticked = 0.0
        self.is_dirty = False
        self.busy_since = 0.0

    def answer(self, lines: list[str]) -> list[str]:
        """Answers to a batch of lines; their events are written when this returns."""
        at = utc_now()
        try:
            answers = self._judged(lines, at)
        except Exception as error:
            complain(f"batch of {len(lines)} refused: {type(error).__name__}: {error}")
            answers = None
        return answers if answers is not None else [broken(line) for line in lines]

    def _judged(self, lines: list[str], at: datetime) -> list[str] | None:
        judge, spool = self._current(at)
        if judge is None or spool is None:
            return None
        answers = judge.answers(lines, at, microseconds(at), spool)
        return answers if self._flushed(spool) else None

    def _current(self, at: datetime) -> tuple[Judge | None, SpoolWriter | None]:
        """Judge and spool as they stand now, made anew where the world changed or the spool could not be opened."""
        world = self._inputs.world(time.monotonic())
        if world is None:
            self._judge = None
        elif self._judge is None or self._judge.world is not world:
            self._judge = Judge(world, *self._ports, refuses_hidden=self._refuses_hidden, unsafe=self._unsafe)
        if self._spool is None:
            self._spool = open_spool(self._spool_folder, at)
        return self._judge, self._spool

    def _flushed(self, spool: SpoolWriter) -> bool:
        """Whether the disk took the events; those it refused are forgotten, for their requests are refused."""
        if spool.flush():
            self.is_dirty = True
            return True
        spool.discard()
        complain(f"`{spool.file}` can't be written; refusing everything until it can")
        return False

    def abandon(self) -> None:
        """Forget the events of a batch that was given up."""
        if self._spool is not None:
            self._spool.discard()

    def tick(self) -> None:
        """Once a second: log what Squid refused unread, rotate the spool."""
        now = time.monotonic()
        if now - self._ticked < TICK_SECONDS:
            return
        self._ticked = now
        at = utc_now()
        try:
            judge, spool = self._current(at)
            if spool is not None:
                self._log_unread(spool, judge.world if judge else None, at)
                spool.rotate_if_full(microseconds(at) // 1000)
        except Exception as error:
            complain(f"once-a-second work failed: {type(error).__name__}: {error}")

    def _log_unread(self, spool: SpoolWriter, world: World | None, at: datetime) -> None:
        revision, epoch = (world.revision, world.epoch) if world else (0, 0)
        for refused in self._unread.read():
            known = world.devices.get(refused.device) if world else None
            who = known.who if known else f"{refused.device}\t\t"
            what = format_what(ENGINE[refused.message], revision, epoch)
            spool.add(microseconds(at), who, refused.method, refused.host, refused.port, what)
        self._flushed(spool)

    def sync(self) -> None:
        """Bring the spool down to the disk, from a thread of its own: losing power loses a second at most."""
        spool = self._spool
        if self.is_dirty and spool is not None:
            self.is_dirty = False
            try:
                spool.sync()
            except OSError as error:
                complain(f"`{spool.file}` can't be synced: {error}")


def open_spool(folder: Path, at: datetime) -> SpoolWriter | None:
    """A spool file of this process, or None while the disk refuses one."""
    try:
        return SpoolWriter(folder, microseconds(at) // 1000)
    except OSError as error:
        complain(f"`{folder}` can't be written: {error}; refusing everything until it can")
        return None


def microseconds(at: datetime) -> int:
    """Microseconds since 1970."""
    since = at - EPOCH
    return (since.days * 86400 + since.seconds) * 1_000_000 + since.microseconds


_said: dict[str, float] = {}


def complain(text: str) -> None:
    """One line to Squid's log, the same one at most every ten seconds."""
    now = time.monotonic()
    if now - _said.get(text, float("-inf")) >= 10:
        if len(_said) > 100:
            _said.clear()
        _said[text] = now
        sys.stderr.write(f"darbaza helper: {text}\n")
        sys.stderr.flush()


def serve(helper: Helper, source: int = 0, sink: int = 1) -> None:
    """Answer lines from `source` on `sink` until it ends."""
    held = ""
    while data := os.read(source, READ_BYTES):
        *lines, held = (held + data.decode("latin-1")).split("\n")
        if len(held) > 2 * MAX_LINE:
            held = held[: MAX_LINE + 1]  # already too long to be read; its end is still awaited
        if lines:
            write_all(sink, "\n".join(in_time(helper, lines)).encode("ascii") + b"\n")


def in_time(helper: Helper, lines: list[str]) -> list[str]:
    """The answers to a batch, or BH for all of it when the deadline passes first."""
    lines = [line if len(line) <= MAX_LINE else line[:16] for line in lines]
    try:
        helper.busy_since = time.monotonic()
        try:
            return helper.answer(lines)
        finally:
            helper.busy_since = 0.0
    except OutOfTime:
        helper.abandon()
        complain(f"batch of {len(lines)} refused: not judged within {BATCH_SECONDS:g} s")
        return [broken(line) for line in lines]


def set_alarm(helper: Helper) -> None:
    """From now on, cut short what takes too long, and do the once-a-second work while nothing is asked."""

    def ring(_signal: int, _frame: FrameType | None) -> None:
        if not helper.busy_since:
            helper.tick()
        elif time.monotonic() - helper.busy_since > BATCH_SECONDS:
            raise OutOfTime

    signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, ALARM_SECONDS, ALARM_SECONDS)


def write_all(sink: int, data: bytes) -> None:
    """Write everything."""
    while data:
        data = data[os.write(sink, data) :]


def _sync_each_second(helper: Helper) -> None:
    while True:
        time.sleep(TICK_SECONDS)
        helper.sync()


def main(arguments: Sequence[str] | None = None) -> None:
    """Entry point, started by Squid."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--run", type=Path, required=True)
    parser.add_argument("--http-ports", type=_ports, default=(80,))
    parser.add_argument("--tls-ports", type=_ports, default=(443,))
    parser.add_argument("--refuse-hidden-names", action="store_true")
    parser.add_argument("--unsafe-search", action="store_true")
    parser.add_argument("--video", type=RestrictedVideo, default=RestrictedVideo.STRICT)
    given = parser.parse_args(arguments)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for whoever supervises Squid
    clock.follow(clock.wall() - clock.since_boot())  # until the agent's note says better
    unsafe = frozenset(() if given.unsafe_search else unsafe_hosts(given.video))
    ports = given.http_ports, given.tls_ports
    helper = Helper(given.run, *ports, refuses_hidden=given.refuse_hidden_names, unsafe=unsafe)
    threading.Thread(target=_sync_each_second, args=(helper,), daemon=True).start()
    set_alarm(helper)
    try:
        serve(helper)
    except (BrokenPipeError, ConnectionResetError):
        pass  # Squid is gone, and nobody is left to answer
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)  # at its end Python takes our handler away, and the alarm would kill
        helper.sync()


def _ports(text: str) -> tuple[int, ...]:
    return tuple(int(port) for port in text.split(","))


if __name__ == "__main__":
    main()
