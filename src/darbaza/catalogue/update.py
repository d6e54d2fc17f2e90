"""One update of all lists: fetch, guard, compile, swap. What the agent runs at night and `darbaza lists update` by day.

`python -m darbaza.catalogue.update --root RUN/lists --target RUN/catalogue.cdb …` does it in a process of its own with
low priority and bounded memory: whatever a publisher sends, the gateway goes on judging, and the worst end of an update
is that nothing changes. What came of it is left in `report.json` beside the lists.
"""

import argparse
import fcntl
import os
import resource
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path

import msgspec

from darbaza.catalogue.compile import Meta
from darbaza.catalogue.fetch import Publishers
from darbaza.catalogue.files import ListError
from darbaza.catalogue.library import Library, LibraryError, Outcome, Status
from darbaza.catalogue.sources import SourceError, load_sources
from darbaza.catalogue.wording import ListsError, Said
from darbaza.clock import utc_now

REPORT = "report.json"
LOCK = "lock"
MEMORY = 1 << 30
"""The most address space of an update; five million names need a fifth of it."""

NICE = 19
AUTOGROUP = Path("/proc/self/autogroup")
"""Where Linux is told how nice the session of a process is, if it shares out the processor by sessions (sched(7))."""


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """What came of the last update. `problem` is why nothing could take effect; `good` when all went well last.

    `reached` is whether any publisher, or the folder, had a list to give at all.
    """

    at: datetime
    counts: dict[str, int] = {}
    held: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()
    names: int = 0
    changed: bool = False
    problem: Said | None = None
    good: datetime | None = None
    reached: bool = False


class Done(msgspec.Struct, frozen=True):
    """An update's outcomes, list by list, and its report."""

    outcomes: tuple[Outcome, ...]
    report: Report


def update(library: Library, target: Path, publishers: Publishers, at: datetime, folder: Path | None = None) -> Done:
    """Bring the lists and the database up to date from their publishers, or from a folder that somebody else fills.

    Raises `LibraryError` only if another update runs; every other trouble is in the report.
    """
    with alone(library.root):
        outcomes: tuple[Outcome, ...] = ()
        meta, problem = None, None
        try:
            outcomes = tuple(library.import_folder(folder, at) if folder else library.fetch(publishers, at))
            library.take_own(at)
            meta = None if library.is_compiled(target) else library.compile(target)
        except (ListsError, ListError) as error:
            problem = error.said
        report = _report(library, outcomes, meta, problem, at)
        library.root.joinpath(REPORT).write_bytes(msgspec.json.format(msgspec.json.encode(report), indent=1))
        return Done(outcomes, report)


def _report(
    library: Library, outcomes: Sequence[Outcome], meta: Meta | None, problem: Said | None, at: datetime
) -> Report:
    counts = Counter(outcome.status for outcome in outcomes)
    refused = tuple(outcome.list for outcome in outcomes if outcome.status is Status.REFUSED)
    before = read_report(library.root)
    is_good = problem is None and not refused
    return Report(
        at=at,
        counts={str(status): number for status, number in sorted(counts.items())},
        held=_held(library),
        refused=refused,
        names=meta.names if meta else before.names if before else 0,
        changed=meta is not None,
        problem=problem,
        good=at if is_good else before.good if before else None,
        reached=any(outcome.status not in (Status.REFUSED, Status.MISSING) for outcome in outcomes),
    )


def _held(library: Library) -> tuple[str, ...]:
    """The lists with an update that waits; none while a state is damaged, which is the problem then."""
    try:
        return tuple(state.id for state in library.states() if state.held)
    except LibraryError:
        return ()


def read_report(root: Path) -> Report | None:
    """What came of the last update; None before the first, or if the report can't be read."""
    try:
        return msgspec.json.decode((root / REPORT).read_bytes(), type=Report)
    except (OSError, msgspec.DecodeError):
        return None


@contextmanager
def alone(root: Path) -> Iterator[None]:
    """Nobody else changes the lists meanwhile. Raises `LibraryError` at once if somebody does."""
    root.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(root / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        raise LibraryError("another-runs") from None
    try:
        yield
    finally:
        os.close(descriptor)


def stay_small() -> None:
    """Yield to everything else on this machine, and fail rather than take its memory."""
    os.nice(NICE)
    with suppress(OSError):  # where a sandbox forbids it, being nice must do
        os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
    with suppress(OSError):  # a session of its own has a share of the processor of its own, however nice it is within
        AUTOGROUP.write_text(f"{NICE}\n", "ascii")
    _, hardest = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, hardest))


def main(arguments: Sequence[str] | None = None) -> int:
    """Entry point of the process that the agent starts. 0 if the lists are in order, 1 if there was trouble."""
    parser = argparse.ArgumentParser(prog="python -m darbaza.catalogue.update", description="Update the lists once.")
    parser.add_argument("--root", type=Path, required=True, help="the folder of the lists")
    parser.add_argument("--target", type=Path, required=True, help="the compiled database")
    parser.add_argument("--own-host", action="append", default=[], help="a host that no list may close")
    parser.add_argument("--leave-out", action="append", default=[], help="a list that is not used")
    parser.add_argument("--sources", type=Path, help="further publishers, in the form of sources.toml")
    parser.add_argument("--folder", type=Path, help="take lists from here, not from their publishers")
    parser.add_argument("--seconds", type=float, default=float("inf"), help="ask nobody after so many seconds")
    given = parser.parse_args(arguments)
    stay_small()
    publishers = Publishers(until=time.monotonic() + given.seconds)
    try:
        sources = load_sources(given.sources)
        library = Library(given.root, sources=sources, own_hosts=given.own_host, left_out=given.leave_out)
        done = update(library, given.target, publishers, utc_now(), given.folder)
    except (ListsError, SourceError, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    finally:
        publishers.close()
    for outcome in done.outcomes:
        if outcome.status in (Status.REFUSED, Status.HELD):
            sys.stderr.write(f"{outcome.status} {outcome.list}: {'; '.join(map(str, outcome.said))}\n")
    if done.report.problem:
        sys.stderr.write(f"nothing changed: {done.report.problem}\n")
    return 1 if done.report.problem or done.report.refused else 0


if __name__ == "__main__":
    sys.exit(main())
