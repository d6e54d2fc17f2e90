"""Runs the whole lab in the foreground and takes all of it away again: `script/lab`.

Order of starting: namespaces and cables, the internet, the portal, the box's agent with its engines, lessons and the
students who have signed in. Stopping goes the other way round. Whatever happens, the kernel ends what is left: every
process ends with its starter, and every namespace with the last process in it.
"""

import asyncio
import contextlib
import fcntl
import hashlib
import json
import os
import shutil
import socket
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from pathlib import Path

import darbaza
from darbaza.agent.supervisor import dying_with_us
from darbaza.demo.serve import DemoError, Program
from darbaza.engines.dnsmasq.server import read_status
from darbaza.lab import signed
from darbaza.lab.inside import inside, with_only, within
from darbaza.lab.keeping import clocked
from darbaza.lab.places import LabFolders
from darbaza.lab.plan import Plan
from darbaza.lab.prepare import environment
from darbaza.lab.settings import (
    ANCHOR,
    DHCP,
    DNS_PORT,
    GATE_LAYOUT,
    GATE_SOCKET,
    PORTAL_PORT,
    PROXY_PORT,
    WHY_PORT,
    box_toml,
)
from darbaza.lab.wires import wired

BOX_CAPABILITIES = ("net_bind_service",)
"""What the agent needs besides: the DNS port."""

DHCP_CAPABILITIES = ("net_bind_service", "net_raw", "net_admin")
"""What the DHCP server needs: its port, answers to whoever has no address yet, and a hand on the neighbour table."""


Readiness = Callable[[], Awaitable[bool]]

PREPARED_FROM = ("portal", "catalogue", "demo", "lab", "policy", "snapshot")


class LabError(DemoError):
    """The lab cannot run. The text says why and what helps."""


@contextlib.asynccontextmanager
async def lab(plan: Plan, places: LabFolders) -> AsyncIterator[list[Program]]:
    """The whole lab while the block lasts: its programs. Raises LabError, WireError."""
    places.log.mkdir(parents=True, exist_ok=True)
    settings = environment(places)
    await prepare_if_changed(places, settings)
    settings |= clocked(places)
    with wired(plan):
        async with contextlib.AsyncExitStack() as stack:
            children = programs(plan, places)
            for child in children:
                stack.push_async_callback(child.stop)
            await asyncio.gather(*(child.start(settings) for child in children))
            places.running.write_text(json.dumps({"run": plan.run, "pid": os.getpid()}), encoding="ascii")
            stack.callback(places.running.unlink, missing_ok=True)
            yield children


def programs(plan: Plan, places: LabFolders) -> list[Program]:
    """The internet, the portal, the agent; they wait for one another by themselves."""
    for folder in (places.internet, places.box / "log"):
        folder.mkdir(parents=True, exist_ok=True)
    python = [sys.executable, "-m"]
    internet = [*python, "darbaza.lab.internet", str(places.internet)]
    portal = [*python, "granian", "--interface", "asginl", "--workers", "1", "--no-ws"]
    portal += ["--host", "127.0.0.1", "--port", str(PORTAL_PORT), "--workers-kill-timeout", "1"]
    portal += ["--log-level", "warning", "darbaza.portal.asgi:application"]
    agent = [*python, "darbaza.agent", "--settings", str(places.box / "box.toml")]
    gate = [*python, "darbaza.engines.nftables.gatekeeper", "--layout", str(places.box / GATE_LAYOUT)]
    gate += ["--socket", str(places.box / GATE_SOCKET), "--state", str(places.box / "gate")]
    (places.box / "gate").mkdir(exist_ok=True)
    dhcp = [*python, "darbaza.engines.dnsmasq.server"]
    dhcp += ["--settings", str(places.box / "box.toml"), "--run", str(places.box)]
    box, outside = plan.namespace("box"), plan.namespace("internet")
    (places.internet / "ready").unlink(missing_ok=True)
    return [
        Program("internet", within(outside, internet), places.log / "internet.log", exists(places.internet / "ready")),
        Program(
            "gatekeeper",
            within(box, with_only(gate, "net_admin")),
            places.log / "gatekeeper.log",
            exists(places.box / GATE_SOCKET),
        ),
        Program("dhcp", within(box, with_only(dhcp, *DHCP_CAPABILITIES)), places.log / "dhcp.log", serving(places.box)),
        Program("portal", within(box, with_only(portal)), places.log / "portal.log", open_in(box, PORTAL_PORT)),
        Program(
            "agent",
            within(box, with_only(agent, *BOX_CAPABILITIES)),
            places.log / "agent.log",
            open_in(box, WHY_PORT, PROXY_PORT, DNS_PORT),
        ),
    ]


def exists(path: Path) -> Readiness:
    """Whether a file is there."""

    async def ready() -> bool:
        return path.exists()

    return ready


def serving(box: Path) -> Readiness:
    """Whether the box gives out addresses."""

    async def ready() -> bool:
        return read_status(box / DHCP) is not None

    return ready


def open_in(namespace: str, *ports: int) -> Readiness:
    """Whether somebody listens on all these ports of a machine."""

    async def ready() -> bool:
        return all([await asyncio.to_thread(is_open, namespace, port) for port in ports])

    return ready


def is_open(namespace: str, port: int) -> bool:
    """Whether somebody listens on a port of a machine's own loopback."""
    try:
        with inside(namespace):
            link = socket.create_connection(("127.0.0.1", port), timeout=1)
    except OSError:
        return False
    link.close()
    return True


async def prepare_if_changed(places: LabFolders, settings: Mapping[str, str]) -> None:
    """Begin with a fresh copy of a school that is prepared once for each state of the source. Raises LabError."""
    kept = places.var.parent / "lab-prepared"
    stamp, now = kept / "stamp", fingerprint()
    with kept.with_suffix(".lock").open("w") as lock:  # two labs that begin at once prepare one school
        await asyncio.to_thread(fcntl.flock, lock, fcntl.LOCK_EX)
        if not stamp.exists() or stamp.read_text(encoding="ascii") != now:
            shutil.rmtree(kept, ignore_errors=True)
            await prepared(LabFolders(kept), settings)
            stamp.write_text(now, encoding="ascii")
    for name in ("portal", "box", "demo"):
        shutil.rmtree(places.var / name, ignore_errors=True)
        shutil.copytree(kept / name, places.var / name)
    (places.box / "box.toml").write_text(box_toml(places.box), encoding="utf-8")
    (places.box / "box.toml").chmod(0o644)
    (places.box / ANCHOR).write_text(signed.anchor(), encoding="ascii")


async def prepared(places: LabFolders, settings: Mapping[str, str]) -> None:
    """Run `prepare` in a process of its own. Raises LabError."""
    places.log.mkdir(parents=True, exist_ok=True)
    own = {**os.environ, **settings, **environment(places), "DARBAZA_LAB_VAR": str(places.var)}
    command = dying_with_us([sys.executable, "-m", "darbaza.lab.prepare"])
    process = await asyncio.create_subprocess_exec(*command, env=own, start_new_session=True)
    if status := await process.wait():
        raise LabError(f"preparing failed with status {status}; remove `{places.var}` to begin from nothing")


def fingerprint() -> str:
    """What `prepare` depends on: every file of these packages with its size and time."""
    root = Path(darbaza.__file__).parent
    whole = hashlib.sha256(str(root).encode())
    for path in sorted(path for name in PREPARED_FROM for path in (root / name).rglob("*")):
        if path.is_file() and path.suffix != ".pyc":
            stat = path.stat()
            whole.update(f"{path}\0{stat.st_size}\0{stat.st_mtime_ns}\n".encode())
    return whole.hexdigest()
