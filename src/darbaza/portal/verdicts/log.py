"""This portal's verdict log: where it lies, and how a box's line becomes a row."""

from collections.abc import Callable
from datetime import date
from functools import lru_cache
from pathlib import Path

from django.conf import settings

from darbaza.portal.school_time import zone
from darbaza.portal.verdicts.rows import LoggedVerdict, microseconds
from darbaza.portal.verdicts.store import VerdictStore
from darbaza.snapshot import spool


def read_line(box: str, file: str, n: int, line: str) -> LoggedVerdict:
    """The row of a spool line. Raises ValueError for a damaged line, a wrong number, and a mark of lost ones."""
    event = spool.parse_line(line)
    if event.n != n:
        raise ValueError(f"line is numbered `{event.n}` where `{n}` was due")
    if event.is_gap:
        raise ValueError(event.message)
    return LoggedVerdict(
        box=box,
        file=file,
        n=n,
        reference=spool.reference(file, n),
        at_us=microseconds(event.at),
        device=event.device,
        person=event.person,
        session=event.session,
        method=event.method,
        host=event.host,
        port=event.port,
        outcome=event.outcome,
        clause=event.clause,
        rank=event.rank,
        message=event.message,
        category=event.category,
        ground_kind=event.ground_kind,
        ground_ref=event.ground_ref,
        ground_entry=event.ground_entry,
        revision=event.revision,
        epoch=event.epoch,
        manner=event.manner,
    )


FORGET: list[Callable[[date], int]] = []
"""What else is forgotten with days before the first one that is kept: apps above enter themselves here."""


def log() -> VerdictStore:
    """The log in the state directory."""
    return _log_in(Path(settings.STATE) / "log")


@lru_cache(maxsize=4)
def _log_in(directory: Path) -> VerdictStore:
    return VerdictStore(directory, zone(), read_line)
