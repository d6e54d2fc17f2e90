"""How things stand on the box right now: rulebook, presence, catalogue, and what follows for a device.

The same files that the engines' helper reads, and the same `decide`; so *Why?*, the command line and the cutting of
connections never say anything else than live traffic.
"""

import logging
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from darbaza.agent.settings import CATALOGUE
from darbaza.catalogue.database import CatalogueDatabase, CatalogueError
from darbaza.engines.squid.authority import fingerprint_of
from darbaza.engines.squid.world import AUTHORITY_FILE
from darbaza.policy.decide import decide
from darbaza.policy.inspection import under
from darbaza.policy.names import InvalidHost, canonical_host
from darbaza.policy.request import AccessRequest, Asker
from darbaza.policy.resource import UNREADABLE, Resource
from darbaza.policy.rulebook import Rulebook
from darbaza.policy.verdict import Verdict
from darbaza.snapshot.cutoff import cut_off_since, outlasting
from darbaza.snapshot.distrust import as_trusted
from darbaza.snapshot.presence import Presence, askers, stranger
from darbaza.snapshot.store import SnapshotStore
from darbaza.snapshot.timekeeping import as_timely

logger = logging.getLogger(__name__)


@dataclass(slots=True)
class Situation:
    """A rulebook, a presence as it counts now, and a catalogue; any of them may be missing."""

    rulebook: Rulebook | None = None
    presence: Presence | None = None
    catalogue: CatalogueDatabase | None = None
    askers: Mapping[str, Asker] = field(default_factory=dict)

    def asker(self, device: str) -> Asker:
        """Who is behind a device."""
        return self.askers.get(device) or stranger(device)

    def resource(self, host: str, path: str = "") -> Resource:
        """What a host as people write it names, with its categories."""
        try:
            name, is_address, *_ = canonical_host(host)
        except InvalidHost:
            return UNREADABLE
        listings = self.catalogue.listings(name, path) if self.catalogue else ()
        return Resource(name, path, is_address, listings)

    def verdict(self, device: str, host: str, at: datetime) -> Verdict | None:
        """What a device would be answered for a host, or None while nothing can be told."""
        if self.rulebook is None or self.catalogue is None:
            return None
        return decide(AccessRequest(self.asker(device), self.resource(host), at), self.rulebook)


class Here:
    """The situation on this box, renewed by `renew`; see `Situation` for what it answers."""

    def __init__(self, run: Path, store: SnapshotStore) -> None:
        """Look at the run directory of `store`."""
        self._run, self._store = run, store
        self._catalogue_mark: tuple[int, int] = (-1, -1)  # unlike any, so that a missing one is told too
        self._signs = ""
        self._signed: tuple[Rulebook | None, Rulebook | None] = (None, None)
        self.now = Situation()
        self.renew()

    @property
    def rulebook(self) -> Rulebook | None:
        """What is in force, with the devices that trust the certificate with which this box signs."""
        found = self._store.rulebook
        if found is not self._signed[0]:
            self._signed = (found, under(found, self._signs) if found else None)
        return self._signed[1]

    def renew(self) -> None:
        """Take the store's present state and the newest catalogue."""
        self._signs, self._signed = signs_with(self._run), (None, None)
        rulebook, presence = self.rulebook, self._store.presence
        if presence is not None:
            presence = as_trusted(self._run, outlasting(presence, cut_off_since(self._run)))
            presence = as_timely(self._run, presence)
        known = askers(rulebook, presence) if rulebook else {}
        self.now = Situation(rulebook, presence, self._newest_catalogue(), known)

    def asker(self, device: str) -> Asker:
        """Who is behind a device."""
        return self.now.asker(device)

    def verdict(self, device: str, host: str, at: datetime) -> Verdict | None:
        """What a device would be answered for a host now, or None while nothing can be told."""
        self.look()
        return self.now.verdict(device, host, at)

    def look(self) -> None:
        """Take the newest catalogue, whoever put it there."""
        self.now.catalogue = self._newest_catalogue()

    def close(self) -> None:
        """Let the catalogue go."""
        if self.now.catalogue is not None:
            self.now.catalogue.close()
            self.now.catalogue = None

    def _newest_catalogue(self) -> CatalogueDatabase | None:
        mark = file_mark(self._run / CATALOGUE)
        if mark == self._catalogue_mark:
            return self.now.catalogue
        self._catalogue_mark = mark
        self.close()
        try:
            return CatalogueDatabase.open(self._run / CATALOGUE)
        except CatalogueError as error:
            logger.warning("nothing is let through without its lists: %s", error)
            return None


def signs_with(run: Path) -> str:
    """The fingerprint of the certificate with which this box signs; empty if there is none, or none just now."""
    try:
        return fingerprint_of((run / AUTHORITY_FILE).read_bytes())
    except (OSError, ValueError):
        return ""


def file_mark(path: Path) -> tuple[int, int]:
    """What changes when a file is replaced; zeros while there is none."""
    try:
        found = os.stat(path)  # noqa: PTH116 - as in the helper, which it must agree with
    except OSError:
        return (0, 0)
    return found.st_ino, found.st_mtime_ns
