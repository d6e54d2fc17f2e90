"""HTML in, PDF/A out, in a process of its own: setting a long document takes seconds, and consoles must not wait.

One sheet is set at a time. What was set is kept by the digest of its HTML, so that a page that is asked for again costs
nothing; the oldest files go when there are too many.
"""

import asyncio
import hashlib
import logging
import os
import sys
from asyncio.subprocess import PIPE, Process
from pathlib import Path

from django.conf import settings

from darbaza.portal.papers.turns import Turns
from darbaza.snapshot.files import write_atomically

logger = logging.getLogger(__name__)

SECONDS = 120
"""The longest that one document may take, on an old machine with a thousand rows."""

KEPT = 200
FOLDER = "papers"

_turns = Turns()


class PressError(RuntimeError):
    """A document could not be set; the log says why."""


class TooLongError(PressError):
    """It took more time than it was given."""


async def printed(html: str) -> bytes:
    """The PDF of some HTML. Raises `PressError`, and `BusyError` if others are served for too long."""
    file = Path(settings.STATE) / FOLDER / f"{hashlib.sha256(html.encode()).hexdigest()[:32]}.pdf"
    async with _turns.turn():
        if file.exists():
            file.touch()
            return file.read_bytes()
        data = await run("darbaza.portal.papers.setter", html.encode())
        keep(file, data)
    return data


async def run(module: str, given: bytes, *arguments: str, seconds: float = SECONDS) -> bytes:
    """What a module of ours writes to its stdout, given some bytes on stdin, with nothing of our environment.

    Raises `PressError` where it fails, `TooLongError` where it takes too long; it is ended then.
    """
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", module, *arguments, stdin=PIPE, stdout=PIPE, stderr=PIPE, env=environment()
    )
    try:
        said, complaint = await asyncio.wait_for(process.communicate(given), seconds)
    except TimeoutError as error:
        raise TooLongError(f"`{module}` took more than {seconds:.0f} seconds") from error
    finally:
        await ended(process)
    if process.returncode:
        logger.error("`%s` ended with %s: %s", module, process.returncode, complaint.decode(errors="replace")[-2000:])
        raise PressError(f"`{module}` ended with {process.returncode}")
    return said


async def ended(process: Process) -> None:
    """Make sure that a process is gone, whatever came in between."""
    if process.returncode is None:
        process.kill()
        await process.wait()


def environment() -> dict[str, str]:
    """What the process is told: where modules and fonts are, and a time zone that no date depends on."""
    cache = Path(settings.STATE) / FOLDER / "cache"
    cache.mkdir(parents=True, exist_ok=True)
    paths = os.pathsep.join(path for path in sys.path if path)
    return {"PATH": os.defpath, "PYTHONPATH": paths, "LC_ALL": "C.UTF-8", "TZ": "UTC", "XDG_CACHE_HOME": str(cache)}


def keep(file: Path, data: bytes) -> None:
    """Keep a file, and let the oldest go."""
    file.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(file, data, 0o600)
    files = sorted(file.parent.glob("*.pdf"), key=lambda one: one.stat().st_mtime)
    for old in files[:-KEPT]:
        old.unlink(missing_ok=True)
