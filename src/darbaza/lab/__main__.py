"""`script/lab`: the school on the wire, and a place at any of its PCs.

script/lab                             the whole lab in the foreground; Ctrl-C takes all of it away
script/lab status                      who is there, and what has reached the internet
script/lab shell room1-03 [COMMAND…]   a shell at that PC, as whoever sits there
script/lab chromium room1-03 [URL]     a browser at that PC; without a display, a picture of the page
"""

import argparse
import asyncio
import os
import shutil
import signal
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from darbaza.demo.serve import DemoError, leaves, say
from darbaza.lab.book import parsed, summary
from darbaza.lab.inside import dress, with_only
from darbaza.lab.keeping import clocked, keep
from darbaza.lab.places import LabFolders, folders
from darbaza.lab.plan import Plan
from darbaza.lab.prepare import environment
from darbaza.lab.running import NotRunningError, Running
from darbaza.lab.serve import lab
from darbaza.lab.visit import chromium_command, greeting, settle
from darbaza.lab.wires import WireError

AT_HOME_ON_ITS_PC = ("net_admin", "net_raw", "net_bind_service")
"""What a person may do to the network of a PC: change its addresses, send whatever packet they like."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Entry point. 0 if all went well, 1 for what can't be done."""
    given = parser().parse_args(arguments)
    places = folders()
    try:
        if given.command == "serve":
            return asyncio.run(until_told(given.run, places, is_bare=given.bare, is_kept=given.kept))
        running = Running.attach(places)
        if given.command == "status":
            show_status(running)
            return 0
        return visit(running, given)
    except (DemoError, WireError, NotRunningError) as error:
        say(f"error: {error}")
        return 1


def parser() -> argparse.ArgumentParser:
    """The command line."""
    whole = argparse.ArgumentParser(
        prog="script/lab", description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    commands = whole.add_subparsers(dest="command", required=True)
    serve = commands.add_parser("serve")
    serve.add_argument("--run", default="lab", help="tells labs on one machine apart")
    serve.add_argument("--bare", action="store_true", help="without lessons and students")
    serve.add_argument("--kept", action="store_true", help="start the box's services again when they end")
    commands.add_parser("status")
    for name in ("shell", "chromium"):
        one = commands.add_parser(name)
        one.add_argument("pc", help="room1-01 to room2-12, staff-01, staff-02, home")
        one.add_argument("rest", nargs=argparse.REMAINDER)
    return whole


async def until_told(run: str, places: LabFolders, *, is_bare: bool, is_kept: bool) -> int:
    """Run until SIGINT or SIGTERM; the exit status."""
    loop, task = asyncio.get_running_loop(), asyncio.create_task(serve(run, places, is_bare=is_bare, is_kept=is_kept))
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, task.cancel)
    try:
        await task
    except asyncio.CancelledError:
        say("stopped")
        return 0
    except (DemoError, WireError, OSError, ExceptionGroup) as fault:
        for leaf in leaves(fault):
            say(f"error: {leaf}")
        return 1
    return 0


async def serve(run: str, places: LabFolders, *, is_bare: bool, is_kept: bool) -> None:
    """The lab until cancelled, or until something of it ends that nobody starts again. Raises LabError, WireError."""
    async with lab(Plan(run), places) as children:
        running = Running.attach(places)
        seated = [] if is_bare else await asyncio.to_thread(settle, running)
        say(greeting(running, seated))
        async with asyncio.TaskGroup() as group:
            for child in children:
                told = {**environment(places), **clocked(places)}
                group.create_task(keep(child, places, told) if is_kept else child.ended())


def show_status(running: Running) -> None:
    """The lab, and what has reached the internet since it began."""
    entries = [parsed(line) for line in running.places.book.read_bytes().splitlines()]
    through = [entry for entry in entries if entry.cable == "gate"]
    say(f"the lab `{running.plan.run}` runs as process {running.pid}, its files lie below {running.places.var}\n")
    say("through the gate to the internet:   origin, protocol, port, entries, bytes")
    for origin, protocol, port, times, size in summary(through):
        say(f"    {origin:<24} {protocol:<5} {port:>5} {times:>7} {size:>9}")
    wrong = [entry for entry in through if not entry.is_fair]
    say(f"\nwhere nothing may go: {len(wrong)} packets, {sum(entry.size for entry in wrong)} bytes")


def visit(running: Running, given: argparse.Namespace) -> int:
    """Become a program on a PC; returns only if that can't be."""
    pc = running.plan.pcs.get(given.pc)
    if pc is None:
        say(f"error: no PC is called `{given.pc}`; there are room1-01 to room2-12, staff-01, staff-02 and home")
        return 1
    resolver = pc.gate if pc.switch.interface else "203.0.113.53"
    dress(running.plan.namespace(pc.name), resolver, running.places.log)
    command = given.rest or [os.environ.get("SHELL", "/bin/bash")]
    kept: tuple[str, ...] = AT_HOME_ON_ITS_PC
    if given.command == "chromium":
        command, kept = chromium_command(running, pc, given.rest), ()
    os.environ.update(PS1=f"{pc.name} \\w \\$ ", DARBAZA_LAB_PC=pc.name)
    with suppress(FileNotFoundError):
        os.chdir(Path.home())
    program = shutil.which(command[0])
    if program is None:
        say(f"error: `{command[0]}` is not installed here")
        return 1
    whole = with_only([program, *command[1:]], *kept)
    return os.execvp(whole[0], whole)  # noqa: S606 - a command of whoever sits here


if __name__ == "__main__":
    sys.exit(main())
