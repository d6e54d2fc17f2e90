"""Follow the portal's state: ask, verify, put on disk. What is refused changes nothing, and the reason is kept.

Cut off from the portal, a box keeps lessons that are open until their end: the supervisors' leases, which only the
portal could renew, count as renewed from the moment of the last contact (`CutOff`). Nothing new opens.
"""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from darbaza.agent.portal import WAIT_SECONDS, Portal, PortalError, State, unpacked
from darbaza.agent.settings import PORTAL_KEYS
from darbaza.clock import utc_now
from darbaza.snapshot.cutoff import clear_cut_off, note_cut_off
from darbaza.snapshot.errors import SnapshotError
from darbaza.snapshot.keyring import change_keys, read_keyring
from darbaza.snapshot.store import SnapshotStore

logger = logging.getLogger(__name__)

FIRST_PAUSE, LONGEST_PAUSE = 0.2, 5.0
"""Seconds between attempts while the portal is away; short, since every lesson waits for it."""


@dataclass(slots=True)
class Contact:
    """How the line to the portal stands. `complaint` is why the last attempt or the last state was refused."""

    last: datetime | None = None
    is_cut_off: bool = False
    complaint: str = ""
    refused: dict[str, str] = field(default_factory=dict)


class Keeper:
    """Keeps a store in step with the portal. `on_change` is called after every state that was taken."""

    def __init__(self, run: Path, store: SnapshotStore, portal: Portal, on_change: Callable[[], None]) -> None:
        """Follow `portal`."""
        self._run, self._store, self._portal, self._on_change = run, store, portal, on_change
        self.contact = Contact()
        self.keyring = read_keyring(run / PORTAL_KEYS)

    async def follow(self) -> None:
        """Ask for ever; ends by cancellation only."""
        pause = FIRST_PAUSE
        while True:
            try:
                await self.step()
                pause = FIRST_PAUSE
                continue
            except PortalError as error:
                self._away(str(error))
            except OSError as error:
                self.contact.complaint = f"the state can't be written: {error}"
                logger.exception("the state can't be written")
            await asyncio.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE)

    async def step(self) -> None:
        """One question and what follows from its answer. Raises PortalError, OSError."""
        # The first question of a contact is not held: it must tell at once that the portal is there.
        wait = 0 if self.contact.is_cut_off or self.contact.last is None else WAIT_SECONDS
        self._look_at_keys()
        state = await self._portal.state(self._store.revision, self._store.sequence, self.keyring.number, wait)
        self._met()
        if state.keyrings and not self._change_keys(state):
            await asyncio.sleep(1)
            return
        before = (self._store.rulebook, self._store.presence)
        if state.snapshot is not None and not state.keyrings:
            self._take("snapshot", self._store.accept, state.snapshot)
        if state.presence is not None and not state.keyrings:
            self._take("presence", self._store.accept_presence, state.presence)
        if before != (self._store.rulebook, self._store.presence):
            self._on_change()
        elif state.snapshot is not None or state.presence is not None:
            # The portal would send the same refused state again at once.
            await asyncio.sleep(1)

    def _look_at_keys(self) -> None:
        """Somebody may have put the portal's key into the key file by hand; a damaged file changes nothing."""
        try:
            found = read_keyring(self._run / PORTAL_KEYS)
        except SnapshotError as error:
            self._refuse("keys", error)
            return
        if found != self.keyring:
            self._store.trust(found.keys)
            self.keyring = found
            self.contact.refused.pop("keys", None)

    def _change_keys(self, state: State) -> bool:
        """Trust the portal's next keys, as the ones before say; False if that was refused."""
        try:
            changes = [unpacked(one) for one in state.keyrings]
            sealed = (unpacked(state.snapshot or ""), unpacked(state.presence or ""))
            self.keyring = change_keys(self._store, self._run / PORTAL_KEYS, changes, sealed)
        except SnapshotError as error:
            self._refuse("keys", error)
            return False
        logger.warning("the portal's keys are now %s", ", ".join(self.keyring.names))
        self.contact.refused.clear()
        self._on_change()
        return True

    def _refuse(self, kind: str, error: SnapshotError) -> None:
        if self.contact.refused.get(kind) != str(error):
            logger.warning("%s refused, the last good one stays: %s", kind, error)
        self.contact.refused[kind] = str(error)

    def _take(self, kind: str, accept: Callable[[bytes], object], sealed: str) -> None:
        try:
            accept(unpacked(sealed))
        except SnapshotError as error:
            self._refuse(kind, error)
        else:
            self.contact.refused.pop(kind, None)

    def _met(self) -> None:
        """The portal answered. A note may also lie there from the agent's life before."""
        if self.contact.is_cut_off or self.contact.last is None:
            if self.contact.is_cut_off:
                logger.warning("the portal is back")
            if clear_cut_off(self._run):
                self._on_change()
        self.contact.last, self.contact.is_cut_off, self.contact.complaint = utc_now(), False, ""

    def _away(self, complaint: str) -> None:
        """The portal did not answer. Without any contact in this life nothing tells who was present."""
        if not self.contact.is_cut_off:
            logger.warning("cut off from the portal: %s", complaint)
            if self.contact.last is not None:
                note_cut_off(self._run, self.contact.last)
                self._on_change()
        self.contact.is_cut_off, self.contact.complaint = True, complaint
