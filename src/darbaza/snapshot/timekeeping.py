"""Time that nobody can turn: lessons end when they end, whatever becomes of the wall clock.

Who turns a box's clock back stretches the lesson under way, and who turns it to yesterday has yesterday's lessons. So
agent, helper and portal tell the time by the count of seconds since the machine was switched on, and a `Timekeeper`
looks every second how far the wall clock lies from it. Small corrections are followed, a minute a day in all, and
backwards only while no lesson is open. After a greater jump time is *not trusted*: what was granted goes on to its true
end, and nothing new is granted (`timely`), until the wall clock comes back, or a person accepts it, or it jumped
forwards and has stood there for ten minutes with no lesson open.

After a start nothing is known but the wall clock and the latest instant this machine ever reached (the floor). An
instant before that, or more than 400 days after, is not trusted, as with a PC whose battery is empty. Until a lesson
has been open, or for half an hour, a corrected wall clock is believed at once: that is how such a PC learns the time.

The note in `clock.json` is shared by all processes of a machine. It says nothing about another life of the machine.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import msgspec

from darbaza import clock
from darbaza.snapshot.errors import SnapshotError
from darbaza.snapshot.files import write_atomically
from darbaza.snapshot.presence import Presence

CLOCK_FILE = "clock.json"
FLOOR_FILE = "clock-floor.json"

NOTICED = 1.0
"""Seconds by which the clocks may differ before anybody cares."""

SMALL = 60.0
"""Seconds of correction that are followed within `BUDGET_SECONDS`."""

BUDGET_SECONDS = 86400.0
SETTLED_SECONDS = 600.0
COLD_SECONDS = 1800.0
LONGEST_ABSENCE = 400 * 86400.0
FLOOR_SECONDS = 60.0
"""How often the latest instant is written down."""


class Kept(msgspec.Struct, frozen=True, order=True):
    """A sign-in that stood when time ceased to be trusted."""

    device: str
    since: datetime


class TimeNote(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How a machine tells the time. `offset`: seconds from the count since switching on to the time of day.

    `jump` is by how much the wall clock lies ahead (negative: behind) where it is not trusted, 0 where it is. Then
    `sessions` and `bindings` are what goes on. Corrections are counted from `base`, set at `based` on the count.
    `cold` says that nothing but the wall clock told the time since the start of the machine at `began`.
    """

    boot: str
    offset: float
    base: float
    based: float
    began: float
    cold: bool = False
    jump: float = 0.0
    sessions: tuple[str, ...] = ()
    bindings: tuple[Kept, ...] = ()

    @property
    def is_trusted(self) -> bool:
        """Whether anything new may be granted."""
        return not self.jump


class Floor(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The latest instant that a machine reached, in seconds since 1970."""

    reached: float


class Reading(NamedTuple):
    """Both clocks of a machine at once, and the name of its life."""

    wall: float
    counted: float
    boot: str


@dataclass(frozen=True, slots=True)
class Turn:
    """That time ceased to be trusted, or is trusted again; `seconds` by which the wall clock had jumped."""

    is_trusted: bool
    seconds: float


def read_clocks() -> Reading:
    """This machine's."""
    return Reading(clock.wall(), clock.since_boot(), clock.boot_id())


def read_note(path: Path) -> TimeNote | None:
    """The note of this life of the machine; None without one. Raises SnapshotError for a damaged one, OSError."""
    try:
        note = msgspec.json.decode(path.read_bytes(), type=TimeNote)
    except FileNotFoundError:
        return None
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise SnapshotError(f"`{path.name}` can't be read: {error}; nobody is let in until it can") from error
    return note if note.boot == clock.boot_id() else None


def timely(presence: Presence, note: TimeNote | None) -> Presence:
    """The presence as it counts: while time is not trusted, only the lessons and sign-ins that stood before."""
    if note is None or note.is_trusted:
        return presence
    sessions, bindings = frozenset(note.sessions), {(one.device, one.since) for one in note.bindings}
    return replace(
        presence,
        sessions=tuple(one for one in presence.sessions if one.id in sessions),
        bindings=tuple(one for one in presence.bindings if (one.device, one.since) in bindings),
    )


def as_timely(run: Path, presence: Presence) -> Presence:
    """The presence as this machine's note leaves it; nobody is bound while the note is damaged."""
    try:
        return timely(presence, read_note(run / CLOCK_FILE))
    except (OSError, SnapshotError):
        return replace(presence, sessions=(), bindings=())


class Timekeeper:
    """Keeps the time of one machine in one directory, which other processes of it may share."""

    def __init__(self, directory: Path, read: Callable[[], Reading] = read_clocks) -> None:
        """Go on with the note of this life of the machine, or begin one. Raises OSError if it can't be written."""
        self._path, self._floor_path, self._read = directory / CLOCK_FILE, directory / FLOOR_FILE, read
        self._floored = self._settled = float("-inf")
        self._drift = 0.0
        self._mark: tuple[int, int] | None = None
        self.floor = self._read_floor()
        self.note = self._begin()
        clock.follow(self.note.offset)

    @property
    def is_trusted(self) -> bool:
        """Whether anything new may be granted."""
        return self.note.is_trusted

    def look(self, presence: Presence | None, *, is_quiet: bool) -> Turn | None:
        """Compare the clocks; what turned, if anything did. `is_quiet` says that no lesson is open. Raises OSError."""
        before = self.note
        self._take_others_note()
        taken, now = self.note, self._read()
        self.note = self._judged(now, presence, is_quiet)
        if self.note != taken:
            self._write()
        self._raise_floor(now)
        if before.is_trusted == self.note.is_trusted:
            return None
        return Turn(self.note.is_trusted, self.note.jump or before.jump)

    def accept(self) -> None:
        """Believe the wall clock as it is now: a person has looked at it. Raises OSError."""
        now = self._read()
        self.note = _anchored(now)
        self.floor = now.wall
        self._write()
        write_atomically(self._floor_path, msgspec.json.encode(Floor(now.wall)))

    def _begin(self) -> TimeNote:
        now = self._read()
        held = self._held()
        if held is not None and held.boot == now.boot:
            return held
        note = replaced(_anchored(now), cold=True)
        if not self._is_possible(now.wall):
            note = replaced(note, offset=self.floor - now.counted, jump=now.wall - self.floor)
        self.note = note
        self._write()
        return note

    def _held(self) -> TimeNote | None:
        """What lies there; a damaged one is none, so that the floor decides."""
        try:
            held = msgspec.json.decode(self._path.read_bytes(), type=TimeNote)
        except (OSError, msgspec.MsgspecError, UnicodeDecodeError):
            return None
        self._mark = _mark(self._path)
        return held

    def _take_others_note(self) -> None:
        """Another process of this machine, or a person, wrote a note meanwhile."""
        if _mark(self._path) == self._mark:
            return
        held = self._held()
        if held is None or held.boot != self.note.boot:
            self._write()
            return
        self.note = held
        clock.follow(held.offset)

    def _judged(self, now: Reading, presence: Presence | None, is_quiet: bool) -> TimeNote:
        note = self.note
        drift = now.wall - (now.counted + note.offset)
        if abs(drift - self._drift) > NOTICED:
            self._drift, self._settled = drift, now.counted
        if note.cold:
            return self._judged_cold(now, drift, is_quiet)
        if note.is_trusted:
            return self._judged_trusted(now, drift, presence, is_quiet)
        if abs(drift) <= SMALL:
            return replaced(note, jump=0.0, sessions=(), bindings=())
        has_settled = is_quiet and drift > 0 and now.counted - self._settled >= SETTLED_SECONDS
        return _anchored(now) if has_settled else note

    def _judged_cold(self, now: Reading, drift: float, is_quiet: bool) -> TimeNote:
        """Nothing was granted since the start, so that the wall clock may still be put right."""
        note = self.note
        if not self._is_possible(now.wall):
            return note if not note.is_trusted else replaced(note, jump=drift)
        if abs(drift) > NOTICED or not note.is_trusted:
            note = replaced(_anchored(now), cold=True, began=note.began)
        is_over = not is_quiet or now.counted - note.began >= COLD_SECONDS
        return replaced(note, cold=False) if is_over else note

    def _judged_trusted(self, now: Reading, drift: float, presence: Presence | None, is_quiet: bool) -> TimeNote:
        note = self.note
        if now.counted - note.based >= BUDGET_SECONDS:
            note = replaced(note, base=note.offset, based=now.counted)
        if abs(drift) <= NOTICED:
            return note
        if abs(note.offset + drift - note.base) <= SMALL:
            # Backwards while a lesson is open would make it longer; it ends soon enough.
            return replaced(note, offset=note.offset + drift) if drift > 0 or is_quiet else note
        return replaced(note, jump=drift, **_standing(presence))

    def _is_possible(self, wall: float) -> bool:
        return not self.floor or self.floor - NOTICED <= wall <= self.floor + LONGEST_ABSENCE

    def _raise_floor(self, now: Reading) -> None:
        if self.note.cold or not self.is_trusted or now.counted - self._floored < FLOOR_SECONDS:
            return
        self._floored, self.floor = now.counted, max(self.floor, now.counted + self.note.offset)
        write_atomically(self._floor_path, msgspec.json.encode(Floor(self.floor)))

    def _read_floor(self) -> float:
        try:
            return msgspec.json.decode(self._floor_path.read_bytes(), type=Floor).reached
        except (OSError, msgspec.MsgspecError, UnicodeDecodeError):
            return 0.0

    def _write(self) -> None:
        write_atomically(self._path, msgspec.json.encode(self.note))
        self._mark = _mark(self._path)
        clock.follow(self.note.offset)


def _anchored(now: Reading) -> TimeNote:
    """Time as the wall clock has it."""
    offset = now.wall - now.counted
    return TimeNote(boot=now.boot, offset=offset, base=offset, based=now.counted, began=now.counted)


def _standing(presence: Presence | None) -> dict[str, tuple[object, ...]]:
    """What goes on although time is not trusted."""
    if presence is None:
        return {"sessions": (), "bindings": ()}
    return {
        "sessions": tuple(sorted(one.id for one in presence.sessions)),
        "bindings": tuple(sorted(Kept(one.device, one.since) for one in presence.bindings)),
    }


def replaced(note: TimeNote, **changes: object) -> TimeNote:
    """The note with other values."""
    return msgspec.structs.replace(note, **changes)


def _mark(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_ino, found.st_mtime_ns


def distrust_of(note: TimeNote) -> str:
    """What to do about time that is not trusted, for the box's reports; empty where it is."""
    if note.is_trusted:
        return ""
    shown = datetime.fromtimestamp(clock.wall(), UTC).strftime("%Y-%m-%d %H:%M")
    return (
        f"the wall clock jumped by {note.jump:+.0f} s to `{shown}` UTC: nothing new is granted; set it right, "
        "or accept it with `darbaza clock --accept`"
    )
