"""Whose turn it is: heavy work of one kind is done one after another, in order, and nobody waits for ever.

A turn holds between threads and between event loops. A server of threads runs each request in a loop of its own, and
what `asyncio` offers to wait for wakes nobody in another loop.
"""

import asyncio
import time
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from django.utils.translation import gettext_lazy as _

from darbaza.portal.people.refusals import ActRefusedError

WAIT = 120.0
"""Seconds that somebody waits for their turn before they are told to come again."""

GLANCE = 0.05
"""Seconds between two looks at the line."""


class BusyError(ActRefusedError):
    """Others are at it, and it takes too long to wait."""

    def __init__(self) -> None:
        """Say so, and what to do."""
        super().__init__(_("The portal is busy with other files. Nothing was changed: try again in a minute."))


class Turns:
    """A line of those who wait, the first of whom is at work."""

    def __init__(self, wait: float = WAIT) -> None:
        """`wait` is in seconds."""
        self._wait = wait
        self._line: deque[object] = deque()

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """Wait for the turn and hold it. Raises `BusyError` if it does not come in time."""
        me, end = object(), time.monotonic() + self._wait
        self._line.append(me)
        try:
            while self._line[0] is not me:
                if time.monotonic() >= end:
                    raise BusyError
                await asyncio.sleep(GLANCE)
            yield
        finally:
            self._line.remove(me)
