"""The agent: everything a box does besides what the engines do. `python -m darbaza.agent --settings box.toml`.

One event loop, one task per duty; a duty that fails is begun anew, and no failure of one stops another. Ends on
SIGTERM or SIGINT, engines included; on SIGHUP, as for `darbaza apply`, it reads `box.toml` again and brings the engines
in step.
"""

import argparse
import asyncio
import contextlib
import functools
import logging
import os
import shutil
import signal
import socket
from collections.abc import Awaitable, Callable, Collection, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from aiohttp import web

from darbaza import __version__
from darbaza.agent import settings as box_settings
from darbaza.agent.captive import Captive, tls
from darbaza.agent.cutter import Watch
from darbaza.agent.downloads import Downloads
from darbaza.agent.engines import NOTHING_IN_FORCE, EngineRun, SquidWiring, Wiring, wired
from darbaza.agent.grants import Grants
from darbaza.agent.identity import Terms
from darbaza.agent.identity_sources import News
from darbaza.agent.identity_watch import IdentityWatch, Sources
from darbaza.agent.keeper import Keeper
from darbaza.agent.lists import ListUpdates
from darbaza.agent.names import Names
from darbaza.agent.portal import Portal, PortalError
from darbaza.agent.refusals import Refusals
from darbaza.agent.settings import (
    CONTROL_SOCKET,
    PORTAL_KEYS,
    SPOOL,
    BoxSettings,
    Mode,
    SettingsError,
    split_endpoint,
)
from darbaza.agent.shipper import Shipper
from darbaza.agent.situation import Here
from darbaza.agent.why import WhyServer, is_loopback
from darbaza.clock import utc_now
from darbaza.engines.base import EngineError
from darbaza.engines.squid.authority import next_of
from darbaza.engines.squid.flows import open_bytes
from darbaza.engines.squid.icap import IcapServer
from darbaza.engines.squid.sockets import can_cut
from darbaza.policy.rulebook import Rulebook
from darbaza.snapshot.envelope import read_public_keys
from darbaza.snapshot.errors import SnapshotError
from darbaza.snapshot.store import SnapshotStore
from darbaza.snapshot.timekeeping import Timekeeper, distrust_of

logger = logging.getLogger(__name__)

IP_FREEBIND = 15
"""From linux/in.h; Python does not name it."""

LOOK_SECONDS = 1.0
"""How often lessons are compared with the clock."""

HELPER_LOOKS_SECONDS = 0.1
"""After this the engine's helper has surely taken over a new state."""

LOOK_PAUSE_SECONDS = 0.1
"""The least time between two looks at the devices, however much the kernel has to tell."""

SIGHTINGS_SECONDS = 60.0
"""How often the portal is told of devices without identity when nothing changed."""

VERIFY_SECONDS = 10.0

SILENCE_LOOK_SECONDS = 2.5
"""How often Squid is asked whether it still answers: one whose helper hangs is replaced within ten seconds."""

REPORT_SECONDS = 10.0

AUTHORITY_SECONDS = 60.0
"""How often it is looked whether the school's certificate is to be followed by the next."""


class Agent:
    """One box. Make it within a running event loop, then await `run`."""

    def __init__(self, path: Path) -> None:
        """Read the settings in `path`. Raises SettingsError, SnapshotError, EngineError, OSError."""
        self.path = path
        self.settings = settings = box_settings.load(path)
        run = settings.run
        self.store = SnapshotStore(run, read_public_keys(run / PORTAL_KEYS))
        self.time = Timekeeper(run)
        for complaint in self.store.complaints:
            logger.warning("%s", complaint)
        self.here = Here(run, self.store)
        self.portal = Portal(settings.box.portal, settings.token)
        self.keeper = Keeper(run, self.store, self.portal, self._changed)
        self.refusals = Refusals(run / SPOOL)
        self.shipper = Shipper(run / SPOOL, self.portal, settings.box.spool_limit, self.refusals.leave)
        self.engines = {wiring.name: EngineRun(wiring, run) for wiring in wired(settings)}
        self.lists = ListUpdates(
            run,
            settings.box.name,
            settings.lists,
            zone=lambda: (self.store.rulebook or NOTHING_IN_FORCE).zone,
            is_quiet=self._is_quiet,
            on_change=self.here.renew,
        )
        self.names = Names(lambda: self._wiring("dnsdist"), self.here, run / SPOOL, utc_now, self.refusals)
        self.watch = Watch()
        self.downloads = Downloads(self.here, run / SPOOL, utc_now)
        self.icap = IcapServer(self.downloads.judge)
        self.identity = IdentityWatch(run, *identity_terms(settings))
        self.grants = self._grants()
        self._sighted = asyncio.Event()
        self.cuts = 0
        self.cut_complaint = ""
        self._change = asyncio.Event()
        self._news = asyncio.Event()

    async def run(self, stop: asyncio.Event) -> None:
        """Do everything until `stop` is set."""
        duties: list[Callable[[], Awaitable[None]]] = [
            self.keeper.follow,
            self.shipper.ship,
            self._watch_identity,
            self._watch_access,
            self._follow_refusals,
            self._keep_time,
            self.names.follow,
            self.names.follow_refusals,
            self._keep_engines_in_step,
            self._verify_engines,
            self._watch_silence,
            self._report,
            self._keep_authority,
            self._report_sightings,
            self.lists.follow,
        ]
        if self.grants is not None:
            duties.append(self.grants.keep)
        async with self._servers():
            tasks = [asyncio.create_task(keep_going(duty), name=duty.__qualname__) for duty in duties]
            engines = [asyncio.create_task(run.child.supervise()) for run in self.engines.values()]
            try:
                await stop.wait()
            finally:
                for engine in engines:
                    engine.cancel()
                await end(tasks)
                await asyncio.gather(*engines, return_exceptions=True)
                await self.portal.close()
                self.names.close()
                if self.grants is not None:
                    self.grants.close()
                self.here.close()

    def _wiring(self, name: str) -> Wiring | None:
        """How an engine is driven now, None where it is not run here."""
        return self.engines[name].wiring if name in self.engines else None

    def _changed(self) -> None:
        """The keeper took a new state."""
        self.here.renew()
        self._change.set()
        self._news.set()

    def _is_quiet(self) -> bool:
        """Whether no lesson is open."""
        sessions = self.store.presence.sessions if self.store.presence else ()
        return not any(session.ends > utc_now() for session in sessions)

    async def _watch_identity(self) -> None:
        """Look whether devices are who they were: at each change that the kernel tells, and each second."""
        loop, news, stirred = asyncio.get_running_loop(), News(), asyncio.Event()
        loop.add_reader(news.socket, stirred.set)
        try:
            while True:
                self.identity.heard(news.read(), loop.time())
                await self._look_at_devices(loop.time())
                await asyncio.sleep(LOOK_PAUSE_SECONDS)
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(LOOK_SECONDS):
                        await stirred.wait()
                stirred.clear()
        finally:
            loop.remove_reader(news.socket)
            news.close()

    async def _look_at_devices(self, now: float) -> None:
        known, presence, is_behind = self.store.rulebook, self.store.presence, self.store.is_behind
        looked = await asyncio.to_thread(self.identity.look, known, presence, utc_now(), now, is_behind=is_behind)
        if looked.changed:
            self.here.renew()
            self._change.set()
        if looked.news:
            self._sighted.set()

    async def _report_sightings(self) -> None:
        """Tell the portal who has no identity, at each change. While it is away there is nobody to tell."""
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(SIGHTINGS_SECONDS):
                    await self._sighted.wait()
            self._sighted.clear()
            try:
                await self.portal.sightings(self.identity.report(), self.identity.void())
            except PortalError:
                self._sighted.set()
                await asyncio.sleep(LOOK_SECONDS)

    async def _watch_access(self) -> None:
        """Cut the connections of devices whose access ended, at once after a change and by the clock."""
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(LOOK_SECONDS):
                    await self._change.wait()
            self._change.clear()
            self.here.look()
            found = self.watch.look(self.here.now, utc_now())
            # First the connections, while the packet filter keeps nothing back: then a reset follows upon all that was
            # sent before it, and is believed at once.
            await self._cut_once(found.ended)
            if self.grants is not None:
                await self.grants.tell()
            if found.ended:
                await self._cut(functools.partial(given, found.ended))
            if found.closes_hosts or found.narrowed:
                asked = None if found.closes_hosts else frozenset(found.narrowed)
                await self._cut(functools.partial(self._led_to_closed, asked))

    async def _led_to_closed(self, asked: Collection[str] | None) -> list[str]:
        """Who of the asked devices, or of all if None, may be connected to a host that is closed to them now."""
        self.refusals.catch_up()
        opened, found = self.refusals.opened, []
        for device in opened.devices(self.here.now.askers):
            if asked is not None and device not in asked:
                continue
            if opened.leads_to_closed(device, self.here.now, utc_now()):
                found.append(device)
            await asyncio.sleep(0)  # a whole school has some thousand hosts to judge, and others wait
        return found

    def _grants(self) -> Grants | None:
        """What tells the packet filter who may pass, where there is one."""
        table, run = self.settings.nftables, self.settings.run
        if table is None:
            return None
        return Grants(table.socket, self.here, lambda: self.identity.now.macs, run / SPOOL, utc_now, self._claimed)

    def _claimed(self, claims: list[tuple[str, str]]) -> None:
        """The portal is told at once who claims the address of one of the school's computers, or the box's own."""
        known = {*self.identity.now.macs, *own_addresses(self.settings)}
        if self.identity.claimed([one for one in claims if one[0] in known], utc_now()):
            self._sighted.set()

    async def _cut(self, whose: Callable[[], Awaitable[Sequence[str]]]) -> None:
        """Twice: what was judged by the old state while the helper had not looked yet is cut as well."""
        await self._cut_once(await whose())
        await asyncio.sleep(HELPER_LOOKS_SECONDS)
        at, devices = utc_now(), await whose()
        if await self._cut_once(devices):
            self.refusals.opened.forget(devices, at)

    async def _cut_once(self, devices: Sequence[str]) -> bool:
        """Whether none of these devices' connections is left that stood before."""
        squid = self.engines.get("squid")
        if not devices or squid is None or not squid.child.pid or squid.wiring.cut is None:
            return False
        try:
            self.cuts += await asyncio.to_thread(squid.wiring.cut, squid.child.pid, devices)
            self.cut_complaint = ""
        except (OSError, EngineError) as error:
            self.cut_complaint = f"connections can't be closed: {error}"
            logger.exception("connections can't be closed")
            return False
        return True

    async def _keep_time(self) -> None:
        """Look each second whether somebody turned the wall clock; see `timekeeping`."""
        while True:
            before = self.time.note
            turn = await asyncio.to_thread(self.time.look, self.here.now.presence, is_quiet=self._is_quiet())
            if turn is not None:
                say = logger.warning if turn.is_trusted else logger.error
                trust = "time is trusted again" if turn.is_trusted else "time is not trusted, nothing new is granted"
                say("the wall clock jumped by %+.0f s: %s", turn.seconds, trust)
            if self.time.note != before:
                self._changed()
            await asyncio.sleep(LOOK_SECONDS)

    async def _follow_refusals(self) -> None:
        while True:
            self.refusals.catch_up()
            await asyncio.sleep(LOOK_SECONDS)

    async def _keep_engines_in_step(self) -> None:
        applied: Rulebook | None = None
        await self.apply()
        while True:
            await self._news.wait()
            self._news.clear()
            if self.store.rulebook is not applied:
                applied = self.store.rulebook
                await self.apply()

    async def apply(self) -> dict[str, Any]:
        """Bring every engine in step; what each did, for `darbaza apply`."""
        done: dict[str, Any] = {}
        for name, run in self.engines.items():
            applied = await run.apply(self.store.rulebook)
            done[name] = {
                "changed": bool(applied and applied.changed),
                "digest": applied.digest if applied else "",
                "complaint": run.complaint,
            }
        return done

    async def reload(self) -> dict[str, Any]:
        """Read `box.toml` again and apply it. Raises SettingsError, EngineError; then everything stays as it was."""
        fresh = box_settings.load(self.path)
        for wiring in wired(fresh):
            if wiring.name in self.engines:
                self.engines[wiring.name].wiring = wiring
        self.settings = fresh
        self.lists.table = fresh.lists
        return await self.apply()

    async def _verify_engines(self) -> None:
        while True:
            await asyncio.sleep(VERIFY_SECONDS)
            for run in self.engines.values():
                if run.runs_elsewhere and run.complaint:
                    await run.apply(self.store.rulebook)
                if run.pid:
                    await run.verify()
                    await run.revive_if_silent()

    async def _watch_silence(self) -> None:
        """Everybody waits for a Squid whose helper hangs, so that one is looked at more often than the others."""
        while True:
            await asyncio.sleep(SILENCE_LOOK_SECONDS)
            squid = self.engines.get("squid")
            if squid is not None and squid.pid:
                await squid.verify()
                await squid.revive_if_silent()

    async def _keep_authority(self) -> None:
        """Make the next certificate in time and use it when it may be: never in a lesson, nor by a doubtful clock."""
        squid = self.engines.get("squid")
        while squid is not None:
            if self._is_quiet() and self.time.is_trusted:
                devices = self.store.rulebook.devices if self.store.rulebook else ()
                done = await squid.keep_authority(devices, utc_now())
                if done:
                    self.here.renew()
                    logger.warning("the school's next certificate was %s", done)
            await asyncio.sleep(AUTHORITY_SECONDS)

    async def change_authority(self, *, switch: bool) -> dict[str, Any]:
        """Make the next certificate, or use it now, as a person asked. Raises EngineError."""
        squid = self.engines.get("squid")
        if squid is None or not isinstance(squid.wiring, SquidWiring):
            raise EngineError("this box runs no Squid, so it signs nothing")
        if switch:
            await squid.switch_authority()
            self.here.renew()
        else:
            await asyncio.to_thread(squid.wiring.make_next_authority, utc_now())
        return {"authority": authority(self.settings), "next_authority": next_authority(self.settings)}

    async def _report(self) -> None:
        """Tell the portal how the box is. While it is away there is nobody to tell."""
        while True:
            with contextlib.suppress(PortalError):
                await self.portal.report({**self.health(), "open": await asyncio.to_thread(self._open_bytes)})
            await asyncio.sleep(REPORT_SECONDS)

    def _open_bytes(self) -> dict[str, int]:
        """Bytes over the connections that the school's devices hold open now; for the console, and for nothing else."""
        squid = self.settings.squid
        if squid is None or self.here.rulebook is None:
            return {}
        known = {device.address for device in self.here.rulebook.devices}
        ports = {split_endpoint(endpoint)[1] for endpoint in (*squid.listen, *squid.turned_aside)}
        try:
            return {address: count for address, count in open_bytes(ports).items() if address in known}
        except OSError as error:
            logger.warning("open connections can't be counted: %s", error)
            return {}

    def health(self) -> dict[str, Any]:
        """How the box is, for the portal and `darbaza status`."""
        contact, usage = self.keeper.contact, shutil.disk_usage(self.settings.run)
        catalogue = self.here.now.catalogue
        return {
            "box": self.settings.box.name,
            "version": __version__,
            "at": utc_now().isoformat(),
            "pid": os.getpid(),
            "revision": self.store.revision,
            "sequence": self.store.sequence,
            "portal": {
                "cut_off": contact.is_cut_off,
                "last_contact": contact.last.isoformat() if contact.last else "",
                "complaint": contact.complaint,
                "refused": contact.refused,
            },
            "keys": key_health(self.keeper, self.settings.run / PORTAL_KEYS),
            "authority": authority(self.settings),
            "next_authority": next_authority(self.settings),
            "clock": {"jump": round(self.time.note.jump), "complaint": distrust_of(self.time.note)},
            "engines": {name: engine_health(run) for name, run in self.engines.items()},
            "cuts": {"closed": self.cuts, "complaint": self.cut_complaint, "able": self._is_able_to_cut()},
            "devices": self.identity.health(),
            "gate": gate_health(self.grants),
            "spool": {
                "backlog": self.shipper.backlog(),
                "gaps": self.shipper.shipped.gaps,
                "complaint": self.shipper.complaint,
            },
            "catalogue": {"names": len(catalogue) if catalogue else 0},
            "lists": self.lists.health(utc_now()),
            "disk": {"free": usage.free, "total": usage.total},
        }

    def _is_able_to_cut(self) -> bool:
        squid = self.engines.get("squid")
        return bool(squid and squid.child.pid and can_cut(squid.child.pid) and not self.cut_complaint)

    @contextlib.asynccontextmanager
    async def _servers(self) -> Any:
        """The why server on its address, and the control socket beside `box.toml` for this box's own account."""
        secret = box_settings.peer_secret(self.settings.run)
        why = WhyServer(self.refusals, self.here, secret, utc_now, lambda: self.names.take_refusals(at_once=True))
        host, port = split_endpoint(self.settings.why.listen)
        control = self.settings.run / CONTROL_SOCKET
        control.unlink(missing_ok=True)
        captive, application = self._captive(secret), why.application()
        captive.join(application)
        runners = [quiet_runner(application), quiet_runner(self._control()), quiet_runner(captive.application())]
        for runner in runners:
            await runner.setup()
        try:
            await web.TCPSite(runners[0], host, port, reuse_address=True).start()
            await web.UnixSite(runners[1], str(control)).start()
            control.chmod(0o600)
            await self._listen(runners[2])
            await self._look_into_downloads()
            yield
        finally:
            await self.icap.close()
            self.downloads.close()
            for runner in runners:
                await runner.cleanup()
            control.unlink(missing_ok=True)

    async def _look_into_downloads(self) -> None:
        """Listen where Squid asks, if it does."""
        squid = self.settings.squid
        if squid is not None and squid.downloads:
            await self.icap.start(*split_endpoint(squid.downloads))

    def _captive(self, secret: str) -> Captive:
        """Browsers are told those of Squid's addresses that they can reach."""
        squid = self.settings.squid
        proxies = [one for one in (squid.listen if squid else ()) if not is_loopback(split_endpoint(one)[0])]
        return Captive(self.here, secret, self.settings.captive.sign_in, proxies, utc_now)

    async def _listen(self, runner: web.AppRunner) -> None:
        """Where devices reach the box without Squid."""
        table = self.settings.captive
        secured = tls(table.certificate, table.key) if table.certificate else None
        ways = [(one, None) for one in table.listen] + [(one, secured) for one in table.tls_listen]
        for endpoint, context in ways:
            await web.SockSite(runner, patient_socket(endpoint), ssl_context=context).start()

    def _control(self) -> web.Application:
        application = web.Application()
        application.router.add_get("/status", self._answer_status)
        application.router.add_post("/apply", self._answer_apply)
        application.router.add_post("/authority/{act:next|switch}", self._answer_authority)
        return application

    async def _answer_status(self, _request: web.Request) -> web.Response:
        return web.json_response(self.health())

    async def _answer_apply(self, _request: web.Request) -> web.Response:
        try:
            return web.json_response(await self.reload())
        except (SettingsError, EngineError, ValueError) as error:
            return web.json_response({"error": str(error)}, status=400)

    async def _answer_authority(self, request: web.Request) -> web.Response:
        try:
            return web.json_response(await self.change_authority(switch=request.match_info["act"] == "switch"))
        except (EngineError, OSError, ValueError) as error:
            return web.json_response({"error": str(error)}, status=400)


def own_addresses(settings: BoxSettings) -> set[str]:
    """Where devices reach this box."""
    engines = (settings.squid, settings.dnsdist)
    endpoints = (endpoint for engine in engines if engine is not None for endpoint in engine.listen)
    return {host for host, _ in map(split_endpoint, endpoints) if not is_loopback(host)}


def identity_terms(settings: BoxSettings) -> tuple[Sources, Terms]:
    """Where the agent looks at devices, and whether each must have been given its address by us."""
    dnsmasq, ignores_uplink = settings.dnsmasq, settings.box.mode is Mode.ROUTER
    if dnsmasq is None:
        return Sources(ignores_uplink=ignores_uplink), Terms()
    leased = tuple(network.addresses for network in dnsmasq.networks)
    return Sources(dnsmasq.leases, ignores_uplink), Terms(leased, frozenset(dnsmasq.static))


def gate_health(grants: Grants | None) -> dict[str, Any] | None:
    """How the packet filter is, None where there is none."""
    if grants is None:
        return None
    standing = grants.standing
    return {
        "grants": grants.granted,
        "complaint": grants.complaint or (standing.complaint if standing else ""),
        "healed": standing.healed if standing else 0,
        "failing": sorted(name for name, is_right in standing.facts.items() if not is_right) if standing else [],
    }


def key_health(keeper: Keeper, path: Path) -> dict[str, Any]:
    """Which of the portal's keys this box trusts, and since when."""
    since = ""
    with contextlib.suppress(OSError):
        since = datetime.fromtimestamp(path.stat().st_mtime, UTC).isoformat()
    return {"number": keeper.keyring.number, "trusted": list(keeper.keyring.names), "since": since}


def authority(settings: box_settings.BoxSettings) -> str:
    """The school's certificate, which is public, or empty before there is one."""
    try:
        return settings.squid.certificate.with_suffix(".crt").read_text("ascii") if settings.squid else ""
    except (OSError, UnicodeDecodeError):
        return ""


def next_authority(settings: box_settings.BoxSettings) -> str:
    """The certificate that comes after it, or empty while there is none."""
    try:
        return next_of(settings.squid.certificate).with_suffix(".crt").read_text("ascii") if settings.squid else ""
    except (OSError, UnicodeDecodeError):
        return ""


def engine_health(run: EngineRun) -> dict[str, Any]:
    """How one engine is."""
    verified = run.verified
    return {
        "pid": run.pid,
        "starts": run.child.starts,
        "complaint": run.complaint or ("" if run.pid else run.child.complaint),
        "version": ".".join(map(str, verified.version)) if verified else "",
        "failing": sorted(name for name, is_right in verified.facts.items() if not is_right) if verified else [],
    }


def quiet_runner(application: web.Application) -> web.AppRunner:
    """A runner that logs no requests: who asks why is nobody's business."""
    return web.AppRunner(application, access_log=None, shutdown_timeout=1.0)


def patient_socket(endpoint: str) -> socket.socket:
    """A listening socket at an address that the machine may get later: interfaces come up when they will."""
    host, port = split_endpoint(endpoint)
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listening.setsockopt(socket.IPPROTO_IP, IP_FREEBIND, 1)
    listening.bind((host, port))
    return listening


async def given(devices: list[str]) -> list[str]:
    """Devices that are known already, for whoever asks whose connections are to be cut."""
    return devices


async def keep_going(duty: Callable[[], Awaitable[None]]) -> None:
    """Do a duty for ever; one that fails is begun anew after a second."""
    while True:
        try:
            await duty()
        except Exception:
            logger.exception("`%s` failed and is begun anew", duty.__qualname__)
        await asyncio.sleep(1)


async def end(tasks: Collection[asyncio.Task[None]]) -> None:
    """Cancel tasks until they have ended: libraries have been seen to swallow a cancellation."""
    pending = set(tasks)
    while pending:
        for task in pending:
            task.cancel()
        _, pending = await asyncio.wait(pending, timeout=0.5)


async def serve(path: Path) -> None:
    """Run an agent until the process is told to end."""
    agent, stop, loop = Agent(path), asyncio.Event(), asyncio.get_running_loop()
    if os.geteuid() == 0 and agent.settings.squid is not None:
        user = agent.settings.squid.user
        raise SettingsError(f"the agent must not run as root: Squid's helper reads its files; run it as `{user}`")
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    loop.add_signal_handler(signal.SIGHUP, functools.partial(_reload_soon, agent))
    logger.info("box `%s` runs on `%s`", agent.settings.box.name, agent.settings.run)
    await agent.run(stop)


_reloads: set[asyncio.Task[dict[str, Any]]] = set()


def _reload_soon(agent: Agent) -> None:
    task = asyncio.get_running_loop().create_task(agent.reload())
    _reloads.add(task)
    task.add_done_callback(_reload_done)


def _reload_done(task: asyncio.Task[dict[str, Any]]) -> None:
    _reloads.discard(task)
    if not task.cancelled() and (error := task.exception()):
        logger.error("settings stay as they were: %s", error)


def main(arguments: Sequence[str] | None = None) -> int:
    """Entry point. 0 after an orderly end, 2 if the settings can't be used."""
    parser = argparse.ArgumentParser(prog="python -m darbaza.agent", description="Run the agent of a box.")
    parser.add_argument("--settings", type=Path, required=True, help="the box's box.toml")
    given = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s: %(message)s")
    try:
        asyncio.run(serve(given.settings))
    except (SettingsError, SnapshotError, EngineError, OSError, ValueError) as error:
        logger.error("the agent can't start: %s", error)  # noqa: TRY400 - the text says it all
        return 2
    return 0
