"""What the helper judges by: rulebook, presence and catalogue, read from the run directory and kept up to date.

The agent replaces these files whole, by rename. Looking is a `stat` each, at most every 20 ms, so a verdict never
outlives its policy epoch by more than that. What is missing or damaged leaves no world at all, and without a world
the helper lets nothing through; only a missing presence has a meaning of its own: nobody is bound to any device.
"""

import gc
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from darbaza import clock
from darbaza.catalogue.database import CatalogueDatabase
from darbaza.engines.squid.authority import fingerprint_of
from darbaza.policy.index import index_of
from darbaza.policy.inspection import under
from darbaza.policy.request import Asker
from darbaza.policy.resource import Catalogue
from darbaza.policy.rulebook import Inspection, Rulebook, UserKind
from darbaza.snapshot.cutoff import CUT_OFF_FILE, outlasting, read_cut_off
from darbaza.snapshot.distrust import DISTRUST_FILE, as_trusted
from darbaza.snapshot.envelope import read_public_keys
from darbaza.snapshot.errors import SnapshotError
from darbaza.snapshot.presence import Presence, askers
from darbaza.snapshot.spool import format_who
from darbaza.snapshot.store import PRESENCE_FILE, SNAPSHOT_FILE, read_presence, read_rulebook
from darbaza.snapshot.timekeeping import CLOCK_FILE, as_timely, read_note

T = TypeVar("T")

KEY_FILE = Path("keys/portal.pub")
CATALOGUE_FILE = "catalogue.cdb"
AUTHORITY_FILE = Path("squid/authority.crt")
LOOK_SECONDS = 0.02

Signature = tuple[int, int, int] | None
"""Inode, modification time in ns and size of a file; None for a file that is missing."""


@dataclass(frozen=True, slots=True)
class Known:
    """A device with whoever is bound to it; `who` are its fields in the log, `is_adult` says that 2.10 applies,
    `trusts` that the school's certificate is installed on it, `inspections` are those that name it."""

    asker: Asker
    who: str
    is_adult: bool
    trusts: bool = False
    inspections: tuple[Inspection, ...] = ()


@dataclass(frozen=True, slots=True)
class World:
    """All that a verdict rests on, at one instant."""

    rulebook: Rulebook
    catalogue: Catalogue
    devices: dict[str, Known]
    revision: int
    epoch: int


class Inputs:
    """The files of one run directory."""

    def __init__(self, run: Path, complain: Callable[[str], None]) -> None:
        """Watch `run`; `complain` gets one sentence whenever something can't be used."""
        self._run = run
        self._complain = complain
        self._paths = (
            run / SNAPSHOT_FILE,
            run / PRESENCE_FILE,
            run / CATALOGUE_FILE,
            run / KEY_FILE,
            run / CUT_OFF_FILE,
            run / DISTRUST_FILE,
            run / CLOCK_FILE,
            run / AUTHORITY_FILE,
        )
        self._seen: tuple[Signature, ...] = ()
        self._looked = float("-inf")
        self._rulebook: Rulebook | None = None
        self._signs = ""
        self._presence: Presence | None = None
        self._catalogue: CatalogueDatabase | None = None
        self._world: World | None = None

    def world(self, now: float) -> World | None:
        """The world at the monotonic instant `now` in seconds, or None while something it needs is missing."""
        if now - self._looked >= LOOK_SECONDS:
            self._looked = now
            seen = tuple(map(_signature, self._paths))
            if seen != self._seen:
                self._load(seen)
        return self._world

    def _load(self, seen: tuple[Signature, ...]) -> None:
        """Read what changed. Until all of it stands there is no world, and what fails is tried again at once."""
        before = self._seen or (None,) * len(seen)
        changed = [now != then for now, then in zip(seen, before, strict=True)]
        snapshot, presence, catalogue, keys, *_ = changed
        if changed[6]:
            self._follow_time()
        self._world, self._seen = None, ()
        if snapshot or keys:
            self._rulebook = self._tried(self._read_rulebook)
        if presence or keys:
            self._presence = self._tried(self._read_presence) if seen[1] else None
        if catalogue:
            self._catalogue = self._tried(self._open_catalogue)
        if changed[7]:
            self._signs = (self._tried(self._read_authority) or "") if seen[7] else ""
        self._seen = seen
        if self._rulebook is not None and self._catalogue is not None:
            self._world = make_world(under(self._rulebook, self._signs), self._present(*seen[4:7]), self._catalogue)
        gc.collect()
        gc.freeze()

    def _present(self, cut_off: Signature, distrusted: Signature, timed: Signature) -> Presence | None:
        """The presence as it counts now: cut off from the portal, open lessons live until their end; whoever signed in
        at a device that is another one by now does not count, nor does what is new while time is not trusted."""
        presence = self._presence
        if presence is not None and cut_off is not None:
            presence = outlasting(presence, self._tried(lambda: read_cut_off(self._paths[4])))
        if presence is not None and distrusted is not None:
            presence = as_trusted(self._run, presence)
        if presence is not None and timed is not None:
            presence = as_timely(self._run, presence)
        return presence

    def _follow_time(self) -> None:
        """Tell the time as the agent does."""
        note = self._tried(lambda: read_note(self._paths[6]))
        if note is not None:
            clock.follow(note.offset)

    def _tried(self, read: Callable[[], T]) -> T | None:
        try:
            return read()
        except (OSError, ValueError, SnapshotError) as error:
            self._complain(str(error))
            return None

    def _read_rulebook(self) -> Rulebook:
        return read_rulebook(self._paths[0], read_public_keys(self._paths[3]))

    def _read_authority(self) -> str:
        """Whose signature Squid's pages bear; while it changes there is none, and nobody trusts it."""
        return fingerprint_of(self._paths[7].read_bytes())

    def _read_presence(self) -> Presence:
        return read_presence(self._paths[1], read_public_keys(self._paths[3]))

    def _open_catalogue(self) -> CatalogueDatabase:
        return CatalogueDatabase.open(self._paths[2])


def make_world(rulebook: Rulebook, presence: Presence | None, catalogue: Catalogue) -> World:
    """The world of a rulebook and a presence, with every device prepared."""
    trusting = {device.address for device in rulebook.devices if device.trusts}
    devices = {
        address: know(asker, rulebook, trusts=address in trusting)
        for address, asker in askers(rulebook, presence).items()
    }
    return World(rulebook, catalogue, devices, rulebook.revision, presence.epoch if presence else 0)


def know(asker: Asker, rulebook: Rulebook, *, trusts: bool = False) -> Known:
    """An asker with what is wanted of it at every request."""
    is_adult = index_of(rulebook).standing(asker.category).kind is UserKind.STAFF
    looked_into = () if is_adult or not trusts else rulebook.inspections
    inspections = tuple(one for one in looked_into if asker.device in one.devices)
    return Known(asker, format_who(asker), is_adult, trusts, inspections)


def _signature(path: Path) -> Signature:
    try:
        found = os.stat(path)  # noqa: PTH116 - a third of the time of Path.stat, 150 times a second
    except OSError:
        return None
    return found.st_ino, found.st_mtime_ns, found.st_size
