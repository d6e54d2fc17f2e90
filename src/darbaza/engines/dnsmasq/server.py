"""The process that runs dnsmasq: `python -m darbaza.engines.dnsmasq.server --settings /etc/darbaza/box.toml --run DIR`.

Started by root, because DHCP needs a port below 1024 and a hand on the neighbour table. It trusts nobody: the settings
must be a file that only root can write, the configuration is rendered here and not taken from anywhere, and from the
agent's folder it reads nothing but reservations, each of which is parsed and written anew. What is refused changes
nothing; the reason stands in `status.json`, which the agent and `darbaza doctor` read.
"""

import argparse
import contextlib
import logging
import os
import signal
import stat
import subprocess
import sys
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from darbaza.engines.base import EngineError, run
from darbaza.engines.dnsmasq.render import (
    CONFIGURATION,
    LONGEST_RESERVATIONS,
    RESERVATIONS,
    configuration,
    read_reservations,
    write_beside,
)
from darbaza.engines.dnsmasq.settings import DnsmasqSettings, read

logger = logging.getLogger(__name__)

STATUS = "status.json"
LOOK_SECONDS = 0.2
RESTART_SECONDS = 1.0
STOP_SECONDS = 3.0


class Status(msgspec.Struct):
    """What the server is doing: its process, and the texts it runs by. `complaint` is why something was refused."""

    pid: int = 0
    configuration: str = ""
    reservations: str = ""
    complaint: str = ""


def read_status(state: Path) -> Status | None:
    """What the server says of itself, or None if there is none or it is dead."""
    try:
        status = msgspec.json.decode((state / STATUS).read_bytes(), type=Status)
    except (OSError, msgspec.MsgspecError):
        return None
    return status if status.pid and is_dnsmasq(status.pid) else None


def is_dnsmasq(pid: int) -> bool:
    """Whether a process is a dnsmasq: an old status must not be taken for a living server."""
    try:
        return Path(f"/proc/{pid}/comm").read_text("ascii", "replace").strip() == "dnsmasq"
    except OSError:
        return False


def refuse_foreign(path: Path) -> None:
    """Raise EngineError unless a file or folder is ours alone to write."""
    found = path.lstat()
    if stat.S_ISLNK(found.st_mode) or found.st_uid != os.geteuid() or found.st_mode & 0o022:
        raise EngineError(f"`{path}` could be changed by others; let it belong to root, and to root alone: chmod go-w")


@dataclass(slots=True)
class Offered:
    """The agent's file as last looked at."""

    mark: tuple[int, int, int] | None = None


class Server:
    """One dnsmasq with its folder."""

    def __init__(self, settings: DnsmasqSettings, run_directory: Path) -> None:
        """Serve by `settings`, which were read from a file that only root writes."""
        self.settings, self._offer = settings, run_directory / "dnsmasq" / "current" / RESERVATIONS
        self._status, self._offered = Status(), Offered()
        self._process: subprocess.Popen[bytes] | None = None

    def prepare(self) -> None:
        """Make the folder and the configuration, and have dnsmasq read it. Raises EngineError, OSError."""
        state = self.settings.state
        state.mkdir(mode=0o755, parents=True, exist_ok=True)
        refuse_foreign(state)
        text = configuration(self.settings)
        write_beside(state / CONFIGURATION, text)
        status, said = run([self.settings.binary, "--test", f"--conf-file={state / CONFIGURATION}"])
        if status != 0:
            raise EngineError(f"dnsmasq refuses its configuration: {said.strip()}")
        self._status.configuration = text
        if not (state / RESERVATIONS).exists():
            write_beside(state / RESERVATIONS, "")
        self.look()

    def look(self) -> None:
        """Take over the agent's reservations if they changed; what is wrong with them changes nothing."""
        try:
            mark = _mark(self._offer)
            if mark == self._offered.mark:
                return
            self._offered.mark = mark
            taken = read_reservations(_read(self._offer), self.settings)
        except FileNotFoundError:
            return
        except (EngineError, OSError, UnicodeDecodeError) as error:
            self._complain(f"the reservations are refused, the last good ones stay: {error}")
            return
        self._take("".join(f"{one}\n" for one in taken))

    def _take(self, text: str) -> None:
        write_beside(self.settings.state / RESERVATIONS, text)
        self._status.reservations, self._status.complaint = text, ""
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGHUP)
        self.tell()

    def _complain(self, complaint: str) -> None:
        if complaint != self._status.complaint:
            logger.error("%s", complaint)
        self._status.complaint = complaint
        self.tell()

    def tell(self) -> None:
        """Write the status."""
        write_beside(self.settings.state / STATUS, msgspec.json.encode(self._status).decode("ascii"))

    def start(self) -> None:
        """Start dnsmasq. Raises OSError."""
        command = [self.settings.binary, f"--conf-file={self.settings.state / CONFIGURATION}"]
        self._process = subprocess.Popen(command, stdin=subprocess.DEVNULL)
        self._status.pid = self._process.pid
        self.tell()

    def serve(self, stop: threading.Event) -> None:
        """Keep dnsmasq alive and in step until `stop` is set; then end it."""
        try:
            while not stop.wait(LOOK_SECONDS):
                if self._process is None or self._process.poll() is not None:
                    self._begin(stop)
                self.look()
        finally:
            self._end()

    def _begin(self, stop: threading.Event) -> None:
        if self._process is not None:
            self._complain(f"dnsmasq ended with status {self._process.returncode} and is started again")
            stop.wait(RESTART_SECONDS)
        with contextlib.suppress(OSError):
            self.start()

    def _end(self) -> None:
        process, self._status.pid = self._process, 0
        if process is not None and process.poll() is None:
            process.terminate()
            try:
                process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self.tell()


def _mark(path: Path) -> tuple[int, int, int]:
    found = path.stat()
    return found.st_ino, found.st_mtime_ns, found.st_size


def _read(path: Path) -> str:
    """A plain file of reasonable size, and nothing that would make us wait."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    with open(descriptor, "rb") as file:  # noqa: PTH123 - a descriptor has no path
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise EngineError(f"`{path}` is no plain file; let the agent write it anew")
        return file.read(LONGEST_RESERVATIONS + 1).decode("ascii")


def main(arguments: Sequence[str] | None = None) -> int:
    """Entry point. 0 after an orderly end, 2 if the settings can't be used."""
    parser = argparse.ArgumentParser(prog="python -m darbaza.engines.dnsmasq.server", description="Give out addresses.")
    parser.add_argument("--settings", type=Path, required=True, help="box.toml, which only root can write")
    parser.add_argument("--run", type=Path, required=True, help="the run directory of the box's agent")
    given = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s: %(message)s", stream=sys.stderr)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    try:
        refuse_foreign(given.settings)
        server = Server(read(given.settings), given.run)
        server.prepare()
        server.start()
        server.serve(stop)
    except (EngineError, OSError) as error:
        logger.error("no addresses are given out: %s", error)  # noqa: TRY400 - the text says it all
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
