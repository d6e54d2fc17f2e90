"""A real dnsdist on a free port, in front of a resolver of our own that answers what a test tells it."""

import os
import socketserver
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import dns.flags
import dns.message
import dns.query
import dns.rcode
import dns.rrset
import pytest

from darbaza.engines.dnsdist.engine import Dnsdist
from darbaza.engines.dnsdist.policy import DevicePolicy, DnsPolicy, write_database
from darbaza.engines.dnsdist.settings import DnsdistSettings
from tests.ports import free_port

STUDENT = "127.0.1.1"
STAFF = "127.0.3.1"
BOX = "127.0.0.77"
GAMBLING, DOH, LATEST, NEWS = 0, 1, 45, 51
"""Bit numbers: LATEST and NEWS lie in the half that 32-bit operations would lose."""

STUDENTS = DevicePolicy(1 << GAMBLING | 1 << DOH | 1 << LATEST)
ADULTS = DevicePolicy(1 << LATEST, is_student=False)
POLICY = DnsPolicy(STUDENTS, {STAFF: ADULTS})

BINARY = os.environ.get("DARBAZA_DNSDIST", "dnsdist")
"""Another dnsdist than the installed one, to try these tests on."""


def write_catalogue(path: Path, names: Mapping[str, str]) -> None:
    """A catalogue as the compiler writes it: renamed into place."""
    write_database({name.encode(): value.encode() for name, value in names.items()}, path)


class Upstream:
    """The resolver behind dnsdist: `records` maps (name, type) to texts; every other name is 203.0.113.20."""

    def __init__(self) -> None:
        self.records: dict[tuple[str, str], list[tuple[str, str]]] = {}
        self.asked: list[tuple[str, str]] = []
        self.port = free_port()

    def answer(self, wire: bytes) -> bytes:
        """The answer's bytes to a question's."""
        question = dns.message.from_wire(wire, ignore_trailing=True)
        reply = dns.message.make_response(question)
        reply.flags |= dns.flags.RA
        asked = question.question[0]
        name, kind = asked.name.to_text().lower(), dns.rdatatype.to_text(asked.rdtype)
        self.asked.append((name, kind))
        default = [("A", "203.0.113.20")] if kind == "A" else []
        owner = asked.name
        for record_kind, text in self.records.get((name, kind), default):
            reply.answer.append(dns.rrset.from_text(owner, 60, "IN", record_kind, text))
            if record_kind == "CNAME":
                owner = dns.name.from_text(text)
        return reply.to_wire()


class UdpHandler(socketserver.BaseRequestHandler):
    """One datagram."""

    def handle(self) -> None:
        data, sock = self.request
        sock.sendto(self.server.upstream.answer(data), self.client_address)


class TcpHandler(socketserver.StreamRequestHandler):
    """One connection with any number of questions."""

    def handle(self) -> None:
        while len(head := self.rfile.read(2)) == 2:
            reply = self.server.upstream.answer(self.rfile.read(int.from_bytes(head)))
            self.wfile.write(len(reply).to_bytes(2) + reply)


class TcpServer(socketserver.ThreadingTCPServer):
    """A server whose threads end with the test."""

    daemon_threads = True
    allow_reuse_address = True


@pytest.fixture(scope="module")
def any_upstream() -> Iterator[Upstream]:
    """The resolver behind dnsdist, over UDP and TCP."""
    made = Upstream()
    address = ("127.0.0.1", made.port)
    with socketserver.ThreadingUDPServer(address, UdpHandler) as udp, TcpServer(address, TcpHandler) as tcp:
        udp.daemon_threads = True
        for server in (udp, tcp):
            server.upstream = made
            threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        yield made
        udp.shutdown()
        tcp.shutdown()


@pytest.fixture
def upstream(any_upstream: Upstream) -> Upstream:
    """The resolver behind dnsdist, with no records and nothing asked yet."""
    any_upstream.records.clear()
    any_upstream.asked.clear()
    return any_upstream


class Running:
    """dnsdist with its catalogue, and a client's ways of asking."""

    def __init__(self, engine: Dnsdist, catalogue: Path, log: Path, *, has_upstream: bool) -> None:
        self.engine = engine
        self.has_upstream = has_upstream
        self.catalogue = catalogue
        self.log = log
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def port(self) -> int:
        return int(self.engine.settings.listen[0].rpartition(":")[2])

    def start(self) -> None:
        """Start anew on the configuration in force and wait until it answers."""
        self.stop()
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(self.engine.command(), stdout=log, stderr=log, stdin=subprocess.DEVNULL)
        deadline = time.monotonic() + 10
        while not self._answers():
            assert self.process.poll() is None, self.log.read_text()
            assert time.monotonic() < deadline, "dnsdist does not answer"

    def _answers(self) -> bool:
        """Whether it answers, and if there is a resolver behind it, knows that one to be up."""
        try:
            if self.ask("is-ready.test" if self.has_upstream else "why", timeout=0.2).rcode() == dns.rcode.NOERROR:
                return True
        except (dns.exception.Timeout, OSError):
            pass  # not yet
        time.sleep(0.05)
        return False

    def stop(self) -> None:
        """End the process, if it runs."""
        if self.process is not None:
            self.process.terminate()
            self.process.wait(10)
            self.process = None

    def ask(self, name: str, kind: str = "A", *, source: str = STUDENT, timeout: float = 2.0) -> dns.message.Message:
        """The answer to one question over UDP."""
        question = dns.message.make_query(name, kind)
        return dns.query.udp(question, "127.0.0.1", port=self.port, source=source, timeout=timeout)

    def rcode(self, name: str, kind: str = "A", *, source: str = STUDENT) -> str:
        """Only the answer's rcode."""
        return dns.rcode.to_text(self.ask(name, kind, source=source).rcode())

    def addresses(self, name: str, kind: str = "A", *, source: str = STUDENT) -> list[str]:
        """Only the answer's records, as text."""
        answer = self.ask(name, kind, source=source)
        assert answer.rcode() == dns.rcode.NOERROR
        return [record.to_text() for rrset in answer.answer for record in rrset]


CATALOGUE = {
    "kumar.test": f"{1 << GAMBLING}:1",
    "suroo.test": f"{1 << DOH}:2",
    "uyat.test": f"{1 << LATEST}:3",
    "kabar.test": f"{1 << NEWS}:4",
    "aralash.test": f"{1 << NEWS | 1 << LATEST | 1 << 30}:5",
    "kabar.kumar.test": f"{1 << NEWS}:4",
    "buzuk.test": ":6",
}


def settings_in(folder: Path, upstream: Upstream) -> DnsdistSettings:
    """Free ports, the invented school's loopback networks."""
    return DnsdistSettings(
        listen=(f"127.0.0.1:{free_port()}",),
        upstreams=(f"127.0.0.1:{upstream.port}",),
        catalogue=folder / "catalogue.cdb",
        box=BOX,
        allowed_private=("127.9.0.0/16", "fd09::/48"),
        queries_per_second=5000,
    )


def begin(settings: DnsdistSettings, folder: Path, policy: DnsPolicy, *, ready: bool = True) -> Running:
    """Start dnsdist with all that it reads."""
    engine = Dnsdist(settings, folder / "dnsdist", binary=BINARY)
    write_catalogue(settings.catalogue, CATALOGUE)
    engine.renew(policy)
    made = Running(engine, settings.catalogue, folder / "log", has_upstream=ready)
    engine.apply(engine.render(), made.start)
    return made


@pytest.fixture
def settings(upstream: Upstream, tmp_path: Path) -> DnsdistSettings:
    """What a school chooses."""
    return settings_in(tmp_path, upstream)


@pytest.fixture
def start(settings: DnsdistSettings, tmp_path: Path) -> Iterator[Callable[..., Running]]:
    """Start dnsdist with changed settings or another policy; all of them end with the test."""
    running: list[Running] = []

    def begin_one(policy: DnsPolicy = POLICY, *, ready: bool = True, **changes: object) -> Running:
        folder = tmp_path / f"box{len(running)}"
        folder.mkdir()
        running.append(begin(replace(settings, **changes), folder, policy, ready=ready))
        return running[-1]

    yield begin_one
    for made in running:
        made.stop()


@pytest.fixture(scope="module")
def shared(any_upstream: Upstream, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """One dnsdist for all tests of a file that only ask."""
    folder = tmp_path_factory.mktemp("shared")
    made = begin(settings_in(folder, any_upstream), folder, POLICY)
    yield made
    made.stop()


@pytest.fixture
def resolver(shared: Running, upstream: Upstream) -> Running:
    """dnsdist as a school runs it. It keeps answers: take a name that no other test takes."""
    return shared


@pytest.fixture
def own(start: Callable[..., Running]) -> Running:
    """A dnsdist of the test's own, to do with as it likes."""
    return start()
