"""The gatekeeper: the only process that may change the packet filter. `python -m darbaza.engines.nftables.gatekeeper`.

It runs as root or with CAP_NET_ADMIN and gives up every other power at its start. What it believes lies in one file
that only its own account may write, the layout; over its socket the agent's account may ask for what `protocol` knows.

Its life: first everything is closed, before anything else that could fail. Then the layout's rules are put in force and
read back, and only then does this machine forward. Every few seconds the rules are compared with what was put; if
anybody changed them, they are put again. When it dies, rules stay and grants run out by themselves; started anew, it
takes over the grants that the kernel still holds, and a lesson notices nothing. A layout that can't be used leaves what
stood; at a start the last one that held is used in its place.
"""

import argparse
import asyncio
import contextlib
import logging
import os
import pwd
import secrets
import shutil
import signal
import socket
import stat
import struct
import sys
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

from darbaza.engines.base import EngineError
from darbaza.engines.nftables import protocol
from darbaza.engines.nftables.adapter import Gate, Grant
from darbaza.engines.nftables.layout import GateLayout, LayoutError, parse
from darbaza.engines.nftables.protocol import AnyAnswer, AnyRequest, ProtocolError

logger = logging.getLogger(__name__)

LOOK_SECONDS = 5.0
"""How often the rules in force are compared with what was put."""

SILENCE_SECONDS = 30.0
"""A connection on which nothing comes for so long is closed."""

CONNECTIONS = 16
LAYOUT_BYTES = 1 << 20
LAST_GOOD = "last-good.toml"

NET_ADMIN = 12
"""The number of CAP_NET_ADMIN."""


class Gatekeeper:
    """The gate and what may be asked of it. One at a time on a machine."""

    def __init__(self, gate: Gate, layout: Path, state: Path) -> None:
        """Nothing is changed yet. `state` is a folder of its own, where the last layout that held is kept."""
        self.gate, self.path, self.state = gate, layout, state
        self.life = secrets.randbits(48)
        self.healed = 0
        self.complaint = ""

    def begin(self) -> None:
        """Close, then open as far as a layout says. Raises EngineError only if not even closing worked."""
        self.gate.adopt()
        self.gate.close()
        for path in (self.path, self.state / LAST_GOOD):
            try:
                self._apply(path)
            except (EngineError, OSError) as error:
                self._complain(f"`{path}`: {error}")
            else:
                return
        logger.error("no layout can be used: everything is closed")

    def _apply(self, path: Path) -> None:
        text = read_own(path)
        self.gate.apply(parse(text))
        logger.info("`%s` is in force", path)
        if path == self.path:
            self.complaint = ""
            self._keep(text)

    def _keep(self, text: str) -> None:
        """Remember a layout that held. A disk that refuses takes nothing away from what is in force."""
        try:
            keep(self.state / LAST_GOOD, text)
        except OSError as error:
            self._complain(f"this layout can't be kept for the next start: {error}")

    def look(self) -> None:
        """Put the rules again if they are no more what was put. Never raises."""
        try:
            if self.gate.stands():
                return
            self.healed += 1
            self._complain("somebody changed the rules; they are put again")
            self._heal()
        except EngineError as error:
            self._complain(f"the rules can't be looked at: {error}")

    def _heal(self) -> None:
        layout = self.gate.layout
        if layout is None:
            self.gate.close()
        else:
            self.gate.apply(layout)

    def answer(self, request: AnyRequest) -> AnyAnswer:
        """Do what is asked. What can't be done is an answer too."""
        try:
            return self._answer(request)
        except (EngineError, OSError) as error:
            return protocol.Refused(str(error))

    def _answer(self, request: AnyRequest) -> AnyAnswer:
        gate = self.gate
        match request:
            case protocol.Give():
                now = gate.clock()
                gate.grant(Grant(one.mac, one.address, one.group, now + one.seconds) for one in request.passes)
                return protocol.Done(len(request.passes))
            case protocol.Revoke():
                return protocol.Done(gate.revoke(request.addresses))
            case protocol.RevokeAll():
                return protocol.Done(gate.revoke_all())
            case protocol.List():
                return protocol.Passing(tuple(_passing(one, gate.clock()) for one in gate.granted()))
            case protocol.Attempts():
                return protocol.Attempted(tuple(gate.attempts()))
            case protocol.Counters():
                return protocol.Counted(gate.counters())
            case protocol.Verify():
                return self._standing()
            case protocol.Load():
                self._apply(self.path)
                return protocol.Done()

    def _standing(self) -> protocol.Standing:
        verified, layout = self.gate.verify(), self.gate.layout
        return protocol.Standing(
            version=verified.version,
            mode=str(layout.mode) if layout else "",
            life=self.life,
            facts=dict(verified.facts),
            healed=self.healed,
            complaint=self.complaint,
        )

    def is_agent(self, uid: int) -> bool:
        """Whether this account may ask: the agent's, or the gatekeeper's own, which could do it without us."""
        return uid == os.geteuid() or uid == agent_uid(self.gate.layout)

    def _complain(self, complaint: str) -> None:
        self.complaint = complaint
        logger.error("%s", complaint)


def _passing(one: Grant, now: float) -> protocol.Pass:
    left = min(max(1, round(one.until - now)), protocol.LONGEST_GRANT)
    return protocol.Pass(one.mac, one.address, "staff" if one.group == "staff" else "students", left)


def agent_uid(layout: GateLayout | None) -> int:
    """The user id of the account that the layout names, or -1."""
    try:
        return pwd.getpwnam(layout.agent).pw_uid if layout else -1
    except KeyError:
        return -1


def read_own(path: Path) -> str:
    """A file that none but our own account (or root) can have written. Raises LayoutError."""
    try:
        with path.open("rb") as file:
            status, data = os.fstat(file.fileno()), file.read(LAYOUT_BYTES + 1)
    except OSError as error:
        raise LayoutError(f"it can't be read ({error.strerror}); write one") from error
    if status.st_uid not in {0, os.geteuid()} or status.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        raise LayoutError("others than its owner may have written it; `chown root` and `chmod 644` it")
    if len(data) > LAYOUT_BYTES:
        raise LayoutError(f"it is longer than {LAYOUT_BYTES} bytes; is it a layout?")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise LayoutError("it is not UTF-8; write it anew") from error


def keep(path: Path, text: str) -> None:
    """Write a file in one step. Raises OSError."""
    beside = path.with_suffix(".new")
    with beside.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    beside.chmod(0o644)
    beside.replace(path)


class Server:
    """The socket on which the agent asks."""

    def __init__(self, keeper: Gatekeeper, path: Path) -> None:
        """Not listening yet."""
        self.keeper, self.path = keeper, path
        self._open = 0

    @contextlib.asynccontextmanager
    async def listening(self) -> AsyncIterator[None]:
        """Take connections; the socket may be opened by anybody, and is closed at once on whoever is not the agent."""
        self.path.unlink(missing_ok=True)
        server = await asyncio.start_unix_server(self._serve, str(self.path), limit=protocol.LONGEST)
        self.path.chmod(0o666)
        try:
            yield
        finally:
            server.close()
            self.path.unlink(missing_ok=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open += 1
        try:
            if self.keeper.is_agent(peer_uid(writer.get_extra_info("socket"))) and self._open <= CONNECTIONS:
                while True:
                    await self._answer_one(reader, writer)
        except (OSError, EOFError, TimeoutError, ProtocolError) as error:
            logger.debug("a connection ended: %s", error)
        finally:
            self._open -= 1
            writer.close()

    async def _answer_one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One request and its answer. What is no request is answered and ends the connection."""
        async with asyncio.timeout(SILENCE_SECONDS):
            length = protocol.body_length(await reader.readexactly(protocol.LENGTH_BYTES))
            body = await reader.readexactly(length)
            try:
                request = protocol.read_request(body)
            except ProtocolError as error:
                await self._send(writer, protocol.Refused(str(error)))
                raise
            await self._send(writer, self.keeper.answer(request))

    async def _send(self, writer: asyncio.StreamWriter, answer: AnyAnswer) -> None:
        try:
            data = protocol.frame(answer)
        except ProtocolError as error:
            data = protocol.frame(protocol.Refused(str(error)))
        writer.write(data)
        await writer.drain()


def peer_uid(connection: socket.socket) -> int:
    """The user id at the other end, as the kernel knows it."""
    data = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
    return int(struct.unpack("3i", data)[1])


async def serve(keeper: Gatekeeper, path: Path) -> None:
    """Close, open, answer and look until told to end. What is in force then stays."""
    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    keeper.begin()
    async with Server(keeper, path).listening():
        tell_supervisor("READY=1")
        while not stop.is_set():
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(LOOK_SECONDS):
                    await stop.wait()
            keeper.look()
            tell_supervisor("WATCHDOG=1")


def tell_supervisor(state: str) -> None:
    """Tell systemd how we are, if it asked to be told."""
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address:
        return
    with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as told:
        told.connect("\0" + address[1:] if address.startswith("@") else address)
        told.send(state.encode())


def give_up_powers(arguments: Sequence[str]) -> None:
    """Start again with CAP_NET_ADMIN as the only power, now and for every program we start; nothing if so already.

    Raises EngineError if even that one is missing.
    """
    powers = own_powers()
    if not powers >> NET_ADMIN & 1:
        raise EngineError("CAP_NET_ADMIN is missing; start the gatekeeper as root or by its service")
    if powers == 1 << NET_ADMIN:
        return
    setpriv = shutil.which("setpriv")
    if setpriv is None:
        raise EngineError("`setpriv` is not installed; install util-linux")
    only = "-all,+net_admin"
    bounding = [f"--bounding-set={only}"] if powers >> 8 & 1 else []  # CAP_SETPCAP may narrow it
    module = [sys.executable, "-m", "darbaza.engines.nftables.gatekeeper", *arguments]
    os.execv(  # noqa: S606 - a list of words that we build, and no shell
        setpriv, [setpriv, *bounding, f"--inh-caps={only}", f"--ambient-caps={only}", "--no-new-privs", *module]
    )


def own_powers() -> int:
    """This process's effective capabilities, one bit each."""
    status = Path("/proc/self/status").read_text("ascii")
    return next(int(line.split()[1], 16) for line in status.splitlines() if line.startswith("CapEff:"))


def main(arguments: Sequence[str] | None = None) -> int:
    """Entry point. 0 after an orderly end, 2 if it can't work at all."""
    parser = argparse.ArgumentParser(prog="python -m darbaza.engines.nftables.gatekeeper", description=__doc__)
    parser.add_argument("--layout", type=Path, default=Path("/etc/darbaza/gate.toml"))
    parser.add_argument("--socket", type=Path, default=Path("/run/darbaza-gate/gate.sock"))
    parser.add_argument("--state", type=Path, default=Path("/var/lib/darbaza-gate"))
    given = list(sys.argv[1:] if arguments is None else arguments)
    parsed = parser.parse_args(given)
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s: %(message)s")
    try:
        give_up_powers(given)
        asyncio.run(serve(Gatekeeper(Gate(), parsed.layout, parsed.state), parsed.socket))
    except (EngineError, OSError) as error:
        logger.error("the gatekeeper can't work: %s", error)  # noqa: TRY400 - the text says it all
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
