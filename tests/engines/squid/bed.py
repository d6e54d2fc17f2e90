"""A real Squid with its real helper, two local sites, a lesson under way: what engine and bypass tests stand on."""

import contextlib
import os
import pwd
import shutil
import socket
import ssl
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from bench.rulebook import DECISION, presence, rulebook, write_key, write_presence, write_snapshot

from darbaza.catalogue.categories import load
from darbaza.catalogue.compile import Part, compile_catalogue
from darbaza.catalogue.sources import Format, Source
from darbaza.engines.squid.adapter import Squid, start_environment
from darbaza.engines.squid.settings import SquidSettings
from darbaza.policy.request import Attribution
from darbaza.policy.resource import Target
from darbaza.policy.rulebook import Device, Effect, Inspection, Ruling, UserKind
from darbaza.snapshot.envelope import generate_key
from darbaza.snapshot.presence import Binding, Presence
from darbaza.snapshot.spool import SpoolReader, VerdictEvent
from tests.engines.origin import Origin, make_certificate
from tests.ports import free_port

STUDENT, OTHER_STUDENT, ENROLLED, TEACHER = "127.0.1.1", "127.0.1.2", "127.0.1.3", "127.0.3.1"
GOOD, BAD = "127.9.7.1", "127.9.7.2"

HOSTS = {
    GOOD: "good.test www.good.test ok.pages.test xn--e1aybc.test portal.local.test",
    BAD: "bad.test www.bad.test games123.pages.test bad-test.translate.test nobody.test short.test doh.test"
    " wiki.test xn--80ak6aa92e.test good.test.bad.test",
    "127.0.0.1": "inside.good.test localhost.test",
    "10.50.0.1": "lan.good.test",
    "169.254.169.254": "meta.good.test",
    "::1": "six.good.test",
    "203.0.113.20": "far.good.test",
}
LISTS = {
    "porn": ("bad.test",),
    "circumvention": ("translate.test", "proksi.test"),
    "doh": ("doh.test",),
    "education": ("kitep.test",),
    "games": ("wiki.test",),
}

NOW = datetime.now(UTC)  # noqa: TID251 - a test bed is an entry point
"""The instant around which the lessons of all tests lie."""


class Bed:
    """Everything, in a run directory of its own that is removed at the end."""

    student, other_student, enrolled, teacher = STUDENT, OTHER_STUDENT, ENROLLED, TEACHER
    hosts: Mapping[str, str] = HOSTS

    def __init__(self, name: str, **changes: object) -> None:
        """Prepare; `changes` are settings that differ."""
        self.run = Path(tempfile.mkdtemp(prefix=f"darbaza-{name}-"))
        self.run.chmod(0o755)
        self.at = NOW
        self.key = generate_key()
        self.http, self.tls = self.ports()
        good, bad, *_ = self.hosts
        certificate = self.run / "origin.pem"
        make_certificate(certificate)
        self.good = Origin("good", good, self.http, self.tls, certificate)
        self.bad = Origin("bad", bad, self.http, self.tls, certificate)
        self.local = Origin("local", "127.0.0.1", free_port(), free_port(), certificate)
        (self.run / "hosts").write_text("".join(f"{address} {names}\n" for address, names in self.hosts.items()))
        self.settings = self._settings(name, changes)
        self.squid = Squid(self.settings)
        self.process: subprocess.Popen[bytes] | None = None
        self.sequence = 0

    def ports(self) -> tuple[int, int]:
        """The sites' ports, HTTP and TLS."""
        return free_port(GOOD), free_port(GOOD)

    def _settings(self, name: str, changes: dict[str, object]) -> SquidSettings:
        local = f"127.0.0.1:{self.local.http_port}"
        made = SquidSettings(
            run=self.run,
            peer_secret="only-squid-and-portal-know",
            name=f"t{os.getpid()}{name}",
            listen=(f"127.0.0.1:{free_port()}",),
            http_ports=(80, self.http),
            tls_ports=(443, self.tls),
            allowed_private=tuple(self.hosts)[:2],
            portal=local,
            why=local,
            hosts_file=self.run / "hosts",
        )
        return replace(made, **changes)

    def fill(self) -> None:
        """Rulebook, presence, catalogue and key as the agent would write them."""
        write_key(self.run, self.key)
        devices = [self.student, self.other_student, self.enrolled]
        book = rulebook(1, self.at, devices, ("good.test", "ok.pages.test", "xn--e1aybc.test"))
        closed = Ruling("students", Effect.DENY, DECISION, Target("good.test", "/closed"))
        book = replace(
            book,
            rulings=(*book.rulings, closed),
            devices=(
                *(replace(device, trusts=device.address == self.enrolled) for device in book.devices),
                Device(self.teacher, "", UserKind.STAFF),
            ),
        )
        book = replace(book, inspections=self.inspections())
        write_snapshot(self.run, book, self.key)
        self.seat()
        parts = []
        for category, names in LISTS.items():
            path = self.run / f"{category}.domains"
            path.write_text("".join(f"{name}\n" for name in names))
            parts.append(Part(Source(f"test/{category}", category, "CC0-1.0", Format.DOMAINS, (category,), ""), path))
        compile_catalogue(parts, self.run / "catalogue.cdb", load())
        self.own(self.run)

    def inspections(self) -> tuple[Inspection, ...]:
        """Decisions by which encrypted pages are looked into."""
        return ()

    def seat(self, *, is_open: bool = True, without: tuple[str, ...] = ()) -> None:
        """Push a presence: lessons open or all ended, some devices without anybody."""
        self.sequence += 1
        devices = [d for d in (self.student, self.other_student, self.enrolled) if d not in without]
        now = presence(self.sequence, self.at, devices, is_open=is_open)
        teacher = Binding(
            device=self.teacher, person="teacher-1", category="staff", attribution=Attribution.STAFF, since=self.at
        )
        write_presence(self.run, replace(now, bindings=(*now.bindings, teacher)), self.key)
        self.own(self.run / "presence.dzp")

    def push(self, now: Presence) -> None:
        """Push any presence."""
        write_presence(self.run, now, self.key)
        self.own(self.run / "presence.dzp")

    def own(self, path: Path) -> None:
        """As root: let Squid's user read what stands here."""
        if os.geteuid() == 0:
            owner = pwd.getpwnam(self.settings.user)
            for each in (path, *(path.rglob("*") if path.is_dir() else ())):
                os.chown(each, owner.pw_uid, owner.pw_gid, follow_symlinks=False)

    def start(self) -> "Bed":
        """Sites, then Squid; returns when it answers by verdicts."""
        self.start_sites()
        self.fill()
        self.squid.prepare(self.at)
        self.squid.apply()
        self.start_squid()
        return self

    def start_sites(self) -> None:
        """Let the sites listen."""
        for origin in (self.good, self.bad, self.local):
            origin.start()

    def start_squid(self) -> None:
        """Start Squid as its supervisor would, and wait until it judges."""
        self.process = subprocess.Popen(self.command(), env=start_environment())
        deadline = time.monotonic() + 15
        while not self.squid.verify().is_well:
            assert time.monotonic() < deadline, (self.run / "squid" / "cache.log").read_text()[-3000:]
            time.sleep(0.05)

    def command(self) -> Sequence[str]:
        """How Squid is run."""
        return self.settings.command

    def revive(self) -> bool:
        """Do what the supervisor does when Squid has ended; whether it had.

        Squid 5.7 may: an assertion in `Write.cc` fails when a helper dies while a question is being written to it.
        """
        if self.process is None or self.process.poll() is None:
            return False
        self.start_squid()
        return True

    def stop(self) -> None:
        """Everything away."""
        if self.process:
            self.process.kill()
            self.process.wait(10)
        for origin in (self.good, self.bad, self.local):
            origin.stop()
        shutil.rmtree(self.run, ignore_errors=True)

    def forget(self) -> None:
        """What sites heard and the log said so far does not count."""
        for origin in (self.good, self.bad, self.local):
            origin.forget()
        self._before = len(self.all_events())

    def begin(self) -> None:
        """As `forget`, for a new test: its predecessor's tunnels are none of its own."""
        for origin in (self.good, self.bad, self.local):
            origin.begin()
        self.forget()

    _before = 0

    def all_events(self) -> list[VerdictEvent]:
        """The whole verdict log."""
        reader = SpoolReader(self.run / "spool")
        return [event for name in reader.files() for event in reader.events(name)]

    def events(self, device: str = "") -> list[VerdictEvent]:
        """What the log says of a device since `forget`."""
        return [event for event in self.all_events()[self._before :] if event.device == (device or self.student)]

    def wait_for_events(self, count: int = 1, device: str = "", seconds: float = 4) -> list[VerdictEvent]:
        """The events of a device once there are so many; what Squid refuses by itself is logged within seconds."""
        deadline = time.monotonic() + seconds
        while len(found := self.events(device)) < count and time.monotonic() < deadline:
            time.sleep(0.05)
        return found

    def endpoint(self) -> tuple[str, int]:
        """Where Squid listens."""
        host, _, port = self.settings.listen[0].rpartition(":")
        return host, int(port)

    def connect(self, source: str = STUDENT, timeout: float = 5) -> socket.socket:
        """A connection to Squid from a device."""
        return socket.create_connection(self.endpoint(), timeout=timeout, source_address=(source, 0))

    def send(self, *pieces: bytes, source: str = STUDENT, pause: float = 0.0, timeout: float = 0.3) -> bytes:
        """Send raw bytes and return all that comes until Squid closes or falls silent."""
        answer = b""
        with self.connect(source, timeout) as link:
            for piece in pieces:
                link.sendall(piece)
                time.sleep(pause)
            try:
                while data := link.recv(65536):
                    answer += data
            except (TimeoutError, ConnectionResetError):
                pass
        return answer

    def get(self, url: str, *, source: str = STUDENT, headers: str = "", method: str = "GET") -> bytes:
        """One ordinary request through the proxy."""
        host = url.split("/")[2] if "//" in url else url
        head = f"{method} {url} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n{headers}\r\n"
        return self.send(head.encode("utf-8"), source=source)

    def open_tunnel(self, host: str, port: int | None = None, *, source: str = STUDENT) -> socket.socket:
        """CONNECT and read the proxy's answer."""
        link = self.connect(source, timeout=3)
        name = f"{host}:{port or self.tls}"
        link.sendall(f"CONNECT {name} HTTP/1.1\r\nHost: {name}\r\n\r\n".encode())
        answer = b""
        try:
            while b"\r\n\r\n" not in answer and (data := link.recv(1)):
                answer += data
        except OSError:
            link.close()
            raise
        return link

    def tls_get(
        self,
        connect: str,
        sni: str | None,
        *,
        inner: str = "",
        source: str = STUDENT,
        port: int | None = None,
        headers: str = "",
    ) -> bytes:
        """A page over TLS inside CONNECT; what came back, or nothing if the tunnel was closed."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        try:
            link = self.open_tunnel(connect, port, source=source)
            with link, context.wrap_socket(link, server_hostname=sni) as inside:
                inside.sendall(f"GET / HTTP/1.1\r\nHost: {inner or sni or connect}\r\n{headers}\r\n".encode())
                return inside.recv(65536)
        except OSError:
            return b""


def client_hello(sni: str | None, *, tls12: bool = False) -> bytes:
    """The bytes of a ClientHello."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    if tls12:
        context.maximum_version = ssl.TLSVersion.TLSv1_2
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    channel = context.wrap_bio(incoming, outgoing, server_hostname=sni)
    with contextlib.suppress(ssl.SSLWantReadError):
        channel.do_handshake()
    return outgoing.read()
