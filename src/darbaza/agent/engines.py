"""The engines this box runs, each as the four verbs and a supervised process; the registry is `wired`."""

import asyncio
import difflib
import logging
import socket
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Protocol

from darbaza.agent.settings import BoxSettings, split_endpoint
from darbaza.agent.supervisor import Child
from darbaza.clock import utc_now
from darbaza.engines.base import Applied, Check, EngineError, Generations, Rendered, Verified
from darbaza.engines.dnsdist.engine import Dnsdist
from darbaza.engines.dnsdist.settings import DnsdistSettings
from darbaza.engines.dnsmasq.adapter import Dnsmasq
from darbaza.engines.dnsmasq.settings import DnsmasqSettings
from darbaza.engines.squid.adapter import Squid
from darbaza.engines.squid.config import render as render_squid
from darbaza.engines.squid.settings import SquidSettings
from darbaza.engines.squid.sockets import cut
from darbaza.engines.unbound.engine import Unbound
from darbaza.engines.unbound.settings import UnboundSettings
from darbaza.policy.rulebook import Device, Rulebook

logger = logging.getLogger(__name__)

NOTHING_IN_FORCE = Rulebook(0, "", "")
"""What stands before the first rulebook: it opens nothing."""

UP_SECONDS = 8.0
CONFIRM_SECONDS = 1.0
"""After this, what answered nothing is asked once more before it is started anew."""


class Wiring(Protocol):
    """One engine as the agent and the command line use it."""

    name: str
    endpoints: tuple[str, ...]
    cut: Callable[[int, Sequence[str]], int] | None
    """Close all connections of these devices through the process with this id; how many. None: it carries none."""

    def version(self) -> tuple[int, ...]:
        """The installed version. Raises EngineError if the engine is missing or too old."""

    def render(self, rulebook: Rulebook | None) -> Rendered:
        """The configuration that follows from settings and rulebook."""

    def check(self, rendered: Rendered) -> Check:
        """What the engine's own parser says."""

    def apply(self, rendered: Rendered, restart: Callable[[], None]) -> Applied:
        """Put it in force, telling the running engine; EngineError if it is taken back."""

    def verify(self) -> Verified:
        """What the live engine answers."""

    def command(self) -> Sequence[str]:
        """How it is run in the foreground."""

    def in_force(self) -> Mapping[str, str]:
        """The files in force by relative path."""


class DnsdistWiring:
    """dnsdist, whose configuration follows from the settings alone; the rulebook reaches it by `agent.names`."""

    name = "dnsdist"
    cut: Callable[[int, Sequence[str]], int] | None = None

    def __init__(self, settings: DnsdistSettings, run: Path) -> None:
        """Keep its configurations below `run`."""
        self.dnsdist = Dnsdist(settings, run / self.name)
        self.endpoints = settings.listen
        self.version = self.dnsdist.version
        self.check = self.dnsdist.check
        self.apply = self.dnsdist.apply
        self.command = self.dnsdist.command

    def render(self, _rulebook: Rulebook | None) -> Rendered:
        """The configuration that follows from settings and version."""
        return self.dnsdist.render()

    def verify(self) -> Verified:
        """What the live resolver answers."""
        return self.dnsdist.verify()

    def in_force(self) -> Mapping[str, str]:
        """The files in force."""
        return files_in_force(self.dnsdist.generations)


class SquidWiring:
    """Squid, whose configuration follows from the settings alone: what it lets through, its helper decides."""

    name = "squid"
    cut: Callable[[int, Sequence[str]], int] | None

    def __init__(self, settings: SquidSettings) -> None:
        """Keep its configurations below its folder."""
        self._squid = Squid(settings)
        self._settings = settings
        self.endpoints = settings.listen
        self.version = self._squid.version
        self.check = self._squid.check
        self.verify = self._squid.verify
        self.cut = self._cut
        self.make_next_authority = self._squid.make_next
        self.keep_authority = self._squid.keep_authority
        self.switch_authority = self._squid.switch_authority

    def _cut(self, pid: int, devices: Sequence[str]) -> int:
        ports = {split_endpoint(endpoint)[1] for endpoint in (*self.endpoints, *self._settings.turned_aside)}
        return cut(pid, devices, ports)

    def render(self, _rulebook: Rulebook | None) -> Rendered:
        """The configuration that follows from the settings."""
        return render_squid(self._settings)

    def apply(self, rendered: Rendered, restart: Callable[[], None]) -> Applied:
        """Put it in force; a running Squid takes it over by itself, one that does not run is started with it."""
        self._squid.prepare(utc_now())
        applied = self._squid.apply(rendered)
        if applied.changed and not applied.told:
            restart()
        return applied

    def command(self) -> Sequence[str]:
        """How Squid is run in the foreground."""
        return self._settings.command

    def in_force(self) -> Mapping[str, str]:
        """The files in force."""
        return files_in_force(self._squid.generations)


class UnboundWiring:
    """The resolver behind dnsdist, whose configuration follows from the settings alone."""

    name = "unbound"
    cut: Callable[[int, Sequence[str]], int] | None = None

    def __init__(self, settings: UnboundSettings, run: Path) -> None:
        """Keep its configurations below `run`."""
        self._unbound = Unbound(settings, run / self.name)
        self.endpoints = settings.listen
        self.version = self._unbound.version
        self.check = self._unbound.check
        self.apply = self._unbound.apply
        self.command = self._unbound.command
        self.verify = self._unbound.verify

    def render(self, _rulebook: Rulebook | None) -> Rendered:
        """The configuration that follows from settings, version and the root's keys."""
        return self._unbound.render()

    def in_force(self) -> Mapping[str, str]:
        """The files in force."""
        return files_in_force(self._unbound.generations)


class DnsmasqWiring:
    """The DHCP server, which root runs: we hand it the rulebook's reservations, and never start or stop it."""

    name = "dnsmasq"
    endpoints: tuple[str, ...] = ()
    cut: Callable[[int, Sequence[str]], int] | None = None

    def __init__(self, settings: DnsmasqSettings, run: Path) -> None:
        """Keep what is handed over below `run`."""
        self._dnsmasq = Dnsmasq(settings, run)
        self.version = self._dnsmasq.version
        self.render = self._dnsmasq.render
        self.check = self._dnsmasq.check
        self.verify = self._dnsmasq.verify

    def apply(self, rendered: Rendered, _restart: Callable[[], None]) -> Applied:
        """Hand it over; a running server takes it by itself."""
        return self._dnsmasq.apply(rendered)

    def command(self) -> Sequence[str]:
        """Nothing: root runs it."""
        return ()

    def in_force(self) -> Mapping[str, str]:
        """What was handed over last."""
        return files_in_force(self._dnsmasq.generations)

    @property
    def pid(self) -> int:
        """The process that root runs, 0 if there is none."""
        return self._dnsmasq.pid


def wired(settings: BoxSettings) -> list[Wiring]:
    """The engines that the settings name."""
    found: list[Wiring] = []
    if settings.squid is not None:
        found.append(SquidWiring(settings.squid))
    if settings.unbound is not None:
        found.append(UnboundWiring(settings.unbound, settings.run))
    if settings.dnsdist is not None:
        found.append(DnsdistWiring(settings.dnsdist, settings.run))
    if settings.dnsmasq is not None:
        found.append(DnsmasqWiring(settings.dnsmasq, settings.run))
    return found


def files_in_force(generations: Generations) -> dict[str, str]:
    """Every file of the generation in force by relative path; none before the first."""
    root = generations.current
    if not root.exists():
        return {}
    return {str(p.relative_to(root)): p.read_text("utf-8", "replace") for p in sorted(root.rglob("*")) if p.is_file()}


def difference(before: Mapping[str, str], after: Mapping[str, str]) -> str:
    """What would change, as a unified diff over all files; empty if nothing."""
    lines: list[str] = []
    for name in sorted({*before, *after}):
        old, new = (side.get(name, "").splitlines(keepends=True) for side in (before, after))
        lines += difflib.unified_diff(old, new, f"in force/{name}", f"new/{name}")
    return "".join(line if line.endswith("\n") else line + "\n" for line in lines)


class EngineRun:
    """One engine with its process, within the agent."""

    def __init__(self, wiring: Wiring, run: Path) -> None:
        """Supervise `wiring`; its output goes to `<run>/log`."""
        self.wiring = wiring
        self.child = Child(wiring.name, lambda: self.wiring.command(), run / "log" / f"{wiring.name}.log")
        self.complaint = ""
        self.verified: Verified | None = None
        self._lock = asyncio.Lock()

    @property
    def runs_elsewhere(self) -> bool:
        """Whether somebody else keeps the process alive."""
        return isinstance(self.wiring, DnsmasqWiring)

    @property
    def pid(self) -> int:
        """The engine's process, 0 while there is none."""
        return self.wiring.pid if isinstance(self.wiring, DnsmasqWiring) else self.child.pid

    async def apply(self, rulebook: Rulebook | None) -> Applied | None:
        """Bring the engine in step with settings and rulebook; what is refused leaves the last good one running."""
        async with self._lock:
            restart = self._restarting()
            try:
                rendered = self.wiring.render(rulebook)
                applied = await asyncio.to_thread(self.wiring.apply, rendered, restart)
            except (EngineError, ValueError, OSError) as error:
                self._complain(str(error))
                applied = None
            else:
                self.complaint = ""
            if self.wiring.in_force() and not self.runs_elsewhere:
                self.child.start()
            return applied

    def _restarting(self) -> Callable[[], None]:
        """What a thread calls to have the process started anew."""
        loop = asyncio.get_running_loop()
        return lambda: asyncio.run_coroutine_threadsafe(self._restart(), loop).result(3 * UP_SECONDS)

    async def keep_authority(self, devices: Iterable[Device], at: datetime) -> str:
        """See to the school's certificate, where this is Squid: "made", "switched", or nothing. Raises EngineError."""
        if not isinstance(self.wiring, SquidWiring):
            return ""
        async with self._lock:
            return await asyncio.to_thread(self.wiring.keep_authority, devices, at, self._restarting())

    async def switch_authority(self) -> None:
        """Sign with the next certificate, whoever has it. Raises EngineError."""
        if isinstance(self.wiring, SquidWiring):
            async with self._lock:
                await asyncio.to_thread(self.wiring.switch_authority, self._restarting())

    async def verify(self) -> Verified | None:
        """Ask the live engine; None if it could not be asked."""
        try:
            self.verified = await asyncio.to_thread(self.wiring.verify)
        except (EngineError, OSError) as error:
            self._complain(str(error))
            self.verified = None
        return self.verified

    async def revive_if_silent(self) -> None:
        """Start anew what runs and answers nothing: if its helper hangs, so do all who ask it.

        A helper that refuses everything, for want of a rulebook perhaps, does answer and is left alone.
        """
        if not self._is_silent():
            return
        async with self._lock:
            await asyncio.sleep(CONFIRM_SECONDS)
            await self.verify()
            if self._is_silent():
                self._complain("runs and answers nothing; starting it anew")
                await self.child.revive()
                await wait_until_up(self.wiring.endpoints, lambda: True)
                self.complaint = ""

    def _is_silent(self) -> bool:
        facts = self.verified.facts if self.verified else {}
        return not self.runs_elsewhere and facts.get("running", False) and not facts.get("refuses", True)

    async def _restart(self) -> None:
        """Start the process anew and wait until it listens. Raises EngineError if it does not come up."""
        starts = self.child.starts
        await self.child.restart()
        await wait_until_up(self.wiring.endpoints, lambda: self.child.starts - starts < 3)

    def _complain(self, complaint: str) -> None:
        if complaint != self.complaint:
            logger.error("%s: %s", self.wiring.name, complaint)
        self.complaint = complaint


async def wait_until_up(endpoints: Sequence[str], is_hopeful: Callable[[], bool]) -> None:
    """Wait until every endpoint takes a TCP connection. Raises EngineError if one does not in time."""
    end = time.monotonic() + UP_SECONDS
    for endpoint in endpoints:
        while not await asyncio.to_thread(is_listening, endpoint):
            if time.monotonic() > end or not is_hopeful():
                raise EngineError(f"nothing listens on `{endpoint}`; see the engine's log")
            await asyncio.sleep(0.05)


def is_listening(endpoint: str) -> bool:
    """Whether a TCP connection to `host:port` is taken."""
    try:
        with socket.create_connection(split_endpoint(endpoint), timeout=1.0):
            return True
    except OSError:
        return False
