"""A real unbound below a signed root of our own."""

import os
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import dns.exception
import dns.flags
import dns.message
import dns.query
import dns.rcode
import pytest

from darbaza.engines.unbound.engine import Unbound
from darbaza.engines.unbound.settings import UnboundSettings
from tests.ports import free_port

from .internet import Internet, served

BINARY = os.environ.get("DARBAZA_UNBOUND", "unbound")
"""Another unbound than the installed one, to try these tests on."""


class Resolver:
    """unbound with its process, and ways of asking it."""

    def __init__(self, engine: Unbound, log: Path) -> None:
        self.engine, self.log = engine, log
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start anew on the configuration in force and wait until it answers."""
        self.stop()
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(self.engine.command(), stdout=log, stderr=log, stdin=subprocess.DEVNULL)
        deadline = time.monotonic() + 10
        while not self._answers():
            assert self.process.poll() is None, self.log.read_text()
            assert time.monotonic() < deadline, "unbound does not answer"

    def _answers(self) -> bool:
        try:
            return self.ask("darbaza-probe.invalid", timeout=0.2).rcode() == dns.rcode.NXDOMAIN
        except (dns.exception.Timeout, OSError):
            time.sleep(0.02)
            return False

    def stop(self) -> None:
        """End the process, if it runs."""
        if self.process is not None:
            self.process.terminate()
            self.process.wait(10)
            self.process = None

    def ask(
        self, name: str, kind: str = "A", *, safe: bool = False, timeout: float = 8.0, **flags: bool
    ) -> dns.message.Message:
        """The answer to one question; `cd` asks for what does not hold, `do` for signatures."""
        settings = self.engine.settings
        port = int(settings.listen[0].rpartition(":")[2])
        question = dns.message.make_query(name, kind, want_dnssec=flags.get("do", False), use_edns=0)
        if flags.get("cd"):
            question.flags |= dns.flags.CD
        return dns.query.udp(
            question, "127.0.0.1", port=port, timeout=timeout, source=settings.safe_client if safe else None
        )

    def rcode(self, name: str, kind: str = "A", **flags: bool) -> str:
        """Only the answer's rcode."""
        return dns.rcode.to_text(self.ask(name, kind, **flags).rcode())

    def records(self, name: str, kind: str = "A", **flags: bool) -> list[str]:
        """Only the answer's records, as text."""
        answer = self.ask(name, kind, **flags)
        assert answer.rcode() == dns.rcode.NOERROR, answer
        return [record.to_text() for rrset in answer.answer for record in rrset]


@pytest.fixture(scope="module")
def internet() -> Iterator[Internet]:
    """The names of an invented internet, signed from a root of its own."""
    with served() as made:
        yield made


def settings_in(folder: Path, internet: Internet) -> UnboundSettings:
    """Free ports, and the invented root in place of the world's."""
    return UnboundSettings(
        listen=(f"127.0.0.1:{free_port()}",),
        stubs=(f".=127.0.0.1@{internet.port}",),
        special=("test",),
        trust_anchor=internet.write_anchor(folder / "root.key"),
        allowed_private=("10.1.0.0/24",),
    )


@pytest.fixture
def start(internet: Internet, tmp_path: Path) -> Iterator[Callable[..., Resolver]]:
    """Start unbound with changed settings; all of them end with the test."""
    running: list[Resolver] = []

    def begin(**changes: object) -> Resolver:
        folder = tmp_path / f"unbound{len(running)}"
        folder.mkdir()
        engine = Unbound(replace(settings_in(folder, internet), **changes), folder, binary=BINARY)
        running.append(Resolver(engine, tmp_path / "log"))
        engine.apply(engine.render(), running[-1].start)
        return running[-1]

    yield begin
    for made in running:
        made.stop()


@pytest.fixture(scope="module")
def resolver(internet: Internet, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Resolver]:
    """One unbound for all tests that only ask."""
    folder = tmp_path_factory.mktemp("unbound")
    engine = Unbound(settings_in(folder, internet), folder, binary=BINARY)
    made = Resolver(engine, folder / "log")
    engine.apply(engine.render(), made.start)
    yield made
    made.stop()
