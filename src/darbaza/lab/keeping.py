"""What systemd does for the box's services, for a lab that lives through their deaths: start again what ended.

The pauses are read from the units that a school installs, so that a recovery measured here is a recovery there. While
the file `hold` lies in the lab's folder nothing that ended is started, as on a machine that is switched off; and where
`clock` lies, the box's programs read it in place of the machine's clock (libfaketime).
"""

import asyncio
import contextlib
import os
import re
import signal
from collections.abc import Mapping
from pathlib import Path

from darbaza.demo.serve import DemoError, Program
from darbaza.lab.places import LabFolders

UNITS = Path(__file__).resolve().parents[3] / "deploy" / "systemd"
UNIT_OF = {"gatekeeper": "darbaza-gate", "dhcp": "darbaza-dhcp", "portal": "darbaza-portal", "agent": "darbaza-agent"}

HOLD_SECONDS = 0.02
FAKETIME = "*/faketime/libfaketime.so.1"


def pause_of(name: str) -> float:
    """Seconds after which systemd starts one of the lab's programs again. Raises DemoError if its unit does not say."""
    path = UNITS / f"{UNIT_OF[name]}.service"
    text = path.read_text(encoding="utf-8")
    pause = re.search(r"^RestartSec=([\d.]+)$", text, re.MULTILINE)
    if pause is None or "\nRestart=always\n" not in text or "ExecStartPre" in text:
        raise DemoError(f"`{path}` does not simply start its service again: say Restart=always and RestartSec=")
    return float(pause[1])


async def keep(program: Program, places: LabFolders, environment: Mapping[str, str]) -> None:
    """Start a program again whenever it ends, until cancelled. One without a unit ends the lab: DemoError."""
    if program.name not in UNIT_OF:
        await program.ended()
    pause = pause_of(program.name)
    while True:
        assert program.process is not None  # noqa: S101 - for the type checker: it was started
        await program.process.wait()
        end_session(program.process.pid)
        await asyncio.sleep(pause)
        while places.hold.exists():
            await asyncio.sleep(HOLD_SECONDS)
        await program.begin(environment, append=True)


def end_session(pid: int) -> None:
    """End what a dead program left behind in its session, as systemd does with a service's remains."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)


def clocked(places: LabFolders) -> dict[str, str]:
    """What makes programs read the lab's clock instead of the machine's, where the lab has one. Raises DemoError."""
    if not places.clock.exists():
        return {}
    found = sorted(Path("/usr/lib").glob(FAKETIME))
    if not found:
        raise DemoError("`libfaketime` is not installed; install Debian's `faketime`")
    return {
        "LD_PRELOAD": str(found[0]),
        "PYTHONPATH": os.pathsep.join([str(Path(__file__).parent / "faked"), os.environ.get("PYTHONPATH", "")]),
        "FAKETIME_TIMESTAMP_FILE": str(places.clock),
        "FAKETIME_CACHE_DURATION": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
    }
