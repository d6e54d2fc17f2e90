"""Bring verdict events from the spool to the portal: in order, once, whatever stops in between.

What the portal acknowledged is remembered on disk after each batch. A crash before that ships a batch twice, which the
portal notices by the numbers; nothing is ever shipped over a gap without saying so. A file that is read to its end and
whose writer is gone is deleted. The spool is bounded: beyond its limit the oldest file goes, and a mark says so.
"""

import asyncio
import logging
from collections.abc import Callable
from pathlib import Path

import msgspec

from darbaza.agent.portal import OutOfStepError, Portal, PortalError
from darbaza.snapshot.files import write_atomically
from darbaza.snapshot.spool import Batch, Position, SpoolReader, lost

logger = logging.getLogger(__name__)

STATE_FILE = "shipped.json"
BATCH = 2000
PAUSE = 0.15
"""Seconds between looks at the spool: with the portal's own delay a refusal stands in the console within a second."""

FIRST_RETRY, LONGEST_RETRY = 0.5, 15.0


class Shipped(msgspec.Struct):
    """How far each file is acknowledged. `gaps` counts the marks sent since the box was set up."""

    files: dict[str, Position] = {}
    gaps: int = 0


class Shipper:
    """Ships the spool in `directory`."""

    def __init__(
        self, directory: Path, portal: Portal, limit: int, before_delete: Callable[[str], None] = lambda _name: None
    ) -> None:
        """Begin where the last life ended; `limit` is the spool's size in bytes.

        `before_delete` is told each file before it goes, so that whoever reads the spool too can come to its end.
        """
        self.reader = SpoolReader(directory)
        self.complaint = ""
        self._portal = portal
        self._limit, self._before_delete = limit, before_delete
        self._path = directory.parent / STATE_FILE
        self.shipped = self._read()

    async def ship(self) -> None:
        """Ship for ever; ends by cancellation only."""
        retry = FIRST_RETRY
        while True:
            try:
                moved = await self.step()
                retry, self.complaint = FIRST_RETRY, ""
                if not moved:
                    await asyncio.sleep(PAUSE)
            except (PortalError, OSError) as error:
                self._complain(str(error))
                await asyncio.sleep(retry)
                retry = min(2 * retry, LONGEST_RETRY)

    async def step(self) -> bool:
        """Ship one batch of each file; whether there was anything. Raises PortalError, OSError."""
        self._bound()
        moved = False
        files = self.reader.files()
        for name in sorted({*files, *self.shipped.files}):
            moved = await self._ship_file(name, is_there=name in files) or moved
        return moved

    async def _ship_file(self, name: str, *, is_there: bool) -> bool:
        position = self.shipped.files.get(name, Position(name))
        if not is_there:
            await self._hand_over(lost(position))
            self._forget(name)
            return True
        ended = self.reader.is_ended(name)
        batch = self.reader.read(position, BATCH, ended=ended)
        if batch is not None:
            await self._hand_over(batch)
            return True
        if ended:
            # Forgotten before it is deleted: a crash between the two ships it again, which does no harm.
            self._forget(name)
            self._delete(name)
        return False

    async def _hand_over(self, batch: Batch) -> None:
        if batch.lines:
            try:
                await self._portal.ship(batch)
            except OutOfStepError as error:
                self._remember(await asyncio.to_thread(self._position_before, batch.file, error.expected))
                raise
            self.shipped.gaps += sum("\tgap\t" in line for line in batch.lines)
        self._remember(batch.after)

    def _position_before(self, name: str, n: int) -> Position:
        """Where event `n` of a file begins."""
        position = Position(name)
        while position.n < n - 1:
            batch = self.reader.read(position, min(BATCH, n - 1 - position.n), ended=True)
            if batch is None:
                break
            position = batch.after
        return position

    def backlog(self) -> int:
        """Bytes that were not acknowledged yet."""
        total = 0
        for name in self.reader.files():
            position = self.shipped.files.get(name, Position(name))
            total += max(0, self._size(name) - position.offset)
        return total

    def _bound(self) -> None:
        """Drop the oldest files of dead writers while the spool is over its limit, leaving their loss to be marked."""
        files = self.reader.files()
        sizes = {name: self._size(name) for name in files}
        for name in files[:-1]:
            if sum(sizes.values()) <= self._limit:
                return
            if self.reader.is_ended(name):
                logger.error("the spool is over its limit; dropping `%s`", name)
                self._remember(self.shipped.files.get(name, Position(name)))
                self._delete(name)
                sizes.pop(name)

    def _delete(self, name: str) -> None:
        self._before_delete(name)
        (self.reader.directory / name).unlink(missing_ok=True)

    def _size(self, name: str) -> int:
        try:
            return (self.reader.directory / name).stat().st_size
        except FileNotFoundError:
            return 0

    def _remember(self, position: Position) -> None:
        self.shipped.files[position.file] = position
        self._write()

    def _forget(self, name: str) -> None:
        self.shipped.files.pop(name, None)
        self._write()

    def _write(self) -> None:
        write_atomically(self._path, msgspec.json.encode(self.shipped))

    def _read(self) -> Shipped:
        """What was acknowledged; a lost or damaged memory ships what is there again, which the portal ignores."""
        try:
            return msgspec.json.decode(self._path.read_bytes(), type=Shipped)
        except FileNotFoundError:
            return Shipped()
        except (OSError, msgspec.MsgspecError, UnicodeDecodeError) as error:
            logger.warning("`%s` is not used, everything in the spool is shipped again: %s", self._path, error)
            return Shipped()

    def _complain(self, complaint: str) -> None:
        if complaint != self.complaint:
            logger.warning("verdicts wait on this box: %s", complaint)
        self.complaint = complaint
