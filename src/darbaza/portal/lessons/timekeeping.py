"""The portal's own time, and what it means for lessons while nobody can trust it (2.7, 2.9).

A lesson opens and a student signs in only by a time that is trusted; what stood before goes on to its true end. See
`darbaza.snapshot.timekeeping` for how the time is told. A process that has not called `begin` trusts the wall clock:
commands at the server, and tests.
"""

from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from darbaza.portal.audit.actions import record
from darbaza.portal.lessons.models import SupervisedSession
from darbaza.portal.people.refusals import ActRefusedError
from darbaza.snapshot.timekeeping import Timekeeper, Turn

LOOK_SECONDS = 1.0
SUBJECT = "portal"

_keepers: list[Timekeeper] = []
_looked: list[float] = [float("-inf")]


def begin(directory: Path | None = None) -> Timekeeper:
    """Tell the time by the machine's count from now on. Raises OSError if the state directory can't be written."""
    _keepers[:] = [Timekeeper(directory or settings.STATE)]
    return _keepers[0]


def look(at: datetime, count: float) -> None:
    """Compare the clocks, once a second however often this is called; a turn is an entry of the audit.

    `count` are seconds of any clock that only grows.
    """
    if not _keepers or count - _looked[0] < LOOK_SECONDS:
        return
    _looked[0] = count
    turn = _keepers[0].look(None, is_quiet=not SupervisedSession.objects.filter(closed__isnull=True).exists())
    if turn is not None:
        note_turn(turn=turn, subject=SUBJECT, at=at)


def note_turn(*, turn: Turn, subject: str, at: datetime) -> None:
    """Record that a clock jumped, or is trusted again; `subject` is `portal` or a box's name."""
    act = "lessons:clock:trust" if turn.is_trusted else "lessons:clock:jump"
    record(act=act, by=None, at=at, subject=subject, detail={"seconds": round(turn.seconds)})


def demand_trusted_time() -> None:
    """Refuse what is new while the wall clock is not trusted."""
    if _keepers and not _keepers[0].is_trusted:
        raise ActRefusedError(
            _("The clock of this computer was changed, so nothing new opens. Ask the teacher responsible for ICT."),
            "2.7",
        )
