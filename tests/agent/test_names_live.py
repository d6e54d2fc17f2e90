"""A box that answers for names only: agent, dnsdist, unbound and a portal, before a signed internet of our own."""

import asyncio
import contextlib
import http.client
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import dns.exception
import dns.message
import dns.query
import dns.rcode
import pytest
import pytest_asyncio

from darbaza.catalogue.categories import load
from darbaza.catalogue.compile import Part, compile_catalogue
from darbaza.catalogue.sources import Format, Source
from darbaza.policy.rulebook import Rulebook
from darbaza.snapshot.spool import parse_line
from tests.agent.box import FakePortal, run_directory, until
from tests.engines.unbound.internet import Internet, served
from tests.ports import free_port

pytestmark = [
    pytest.mark.engine,
    pytest.mark.skipif(os.geteuid() == 0, reason="the agent refuses root; script/test runs this as a worker"),
]

STUDENT = "127.0.1.1"
REFUSAL = "127.0.0.1"
RULES = Rulebook(3, "school", "regulation", statutory=load().statutory())


class NamesBox:
    """One agent process with the two engines of names."""

    def __init__(self, root: Path, portal: FakePortal, internet: Internet) -> None:
        self.run, self.port, self.log = root / "box", free_port(), root / "agent.log"
        self.why_port = free_port()
        anchor = internet.write_anchor(root / "root.key")
        self.settings = run_directory(
            self.run,
            portal.url,
            self.why_port,
            f'[unbound]\nlisten = ["127.0.0.1:{free_port()}"]\nstubs = [".=127.0.0.1@{internet.port}"]\n'
            f'special = ["test"]\ntrust_anchor = "{anchor}"\n'
            f'[dnsdist]\nlisten = ["127.0.0.1:{self.port}"]\nbox = "127.0.0.77"\n'
            f'refusal = "{REFUSAL}"\n',
        )
        gambling = root / "gambling.domains"
        gambling.write_text("kumar.test\n")
        source = Source("test/gambling", "gambling", "CC0-1.0", Format.DOMAINS, ("gambling",), "")
        compile_catalogue([Part(source, gambling)], self.run / "catalogue.cdb", load())
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(p for p in sys.path if p)}
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "darbaza.agent", "--settings", str(self.settings)],
                stdout=log,
                stderr=log,
                env=environment,
            )

    def ask(self, name: str) -> str:
        """The answer's rcode or its last record, as a student's device gets it; nothing for silence."""
        question = dns.message.make_query(name, "A")
        try:
            answer = dns.query.udp(question, "127.0.0.1", port=self.port, source=STUDENT, timeout=1)
        except (dns.exception.Timeout, OSError):
            return ""
        records = [record.to_text() for rrset in answer.answer for record in rrset]
        return records[-1] if records else dns.rcode.to_text(answer.rcode())

    def browse(self, host: str) -> tuple[int, str]:
        """A page as a student's device gets it that was led to the box by a closed name."""
        line = http.client.HTTPConnection(REFUSAL, self.why_port, timeout=10, source_address=(STUDENT, 0))
        with contextlib.closing(line):
            line.request("GET", "/a/page", headers={"Host": host, "Accept": "text/html"})
            answer = line.getresponse()
            return answer.status, answer.read().decode()


@pytest_asyncio.fixture
async def portal() -> AsyncIterator[FakePortal]:
    """A portal that has a rulebook."""
    made = FakePortal()
    await made.start()
    made.push(RULES)
    yield made
    await made.stop()


async def answered(box: NamesBox, name: str, wanted: str, seconds: float = 15) -> None:
    """Ask until the answer is as wanted."""
    loop = asyncio.get_running_loop()
    end = loop.time() + seconds
    while (given := await asyncio.to_thread(box.ask, name)) != wanted:
        assert loop.time() < end, (name, given, box.log.read_text()[-2000:])
        await asyncio.sleep(0.05)


async def test_names_are_judged_proved_and_logged_and_survive_their_engines(portal: FakePortal, tmp_path: Path) -> None:
    with served() as internet:
        box = NamesBox(tmp_path, portal, internet)
        try:
            await answered(box, "kitep.test", "203.0.113.10", 30)
            await answered(box, "kumar.test", REFUSAL)
            status, page = await asyncio.to_thread(box.browse, "kumar.test")
            assert status == 403
            assert "kumar.test" in page
            assert "3.3" in page
            for name, wanted in (
                ("bogus.test", "SERVFAIL"),
                ("www.google.kg", "203.0.113.38"),
                ("www.bing.com", "203.0.113.39"),
                ("why", "127.0.0.77"),
                ("use-application-dns.net", "NXDOMAIN"),
            ):
                await answered(box, name, wanted)
            await until(lambda: {"kumar.test", "use-application-dns.net"} <= {one.host for one in logged(portal)}, 10)
            assert [one.host for one in logged(portal)].count("kumar.test") == 1
            closed = next(one for one in logged(portal) if one.host == "kumar.test")
            assert (closed.device, closed.method, closed.outcome, closed.clause) == (STUDENT, "DNS", "deny", "3.3")
            assert (closed.category, closed.ground_entry, closed.revision) == ("gambling", "kumar.test", 3)
            for name in ("unbound", "dnsdist"):
                (pid,) = children_named(box.process.pid, name)
                os.kill(pid, 9)
                await until(lambda name=name, pid=pid: children_named(box.process.pid, name) not in ([], [pid]), 10)
            await answered(box, "far.com", "203.0.113.30")
            await answered(box, "kumar.test", REFUSAL)
        finally:
            box.process.terminate()
            await asyncio.to_thread(box.process.wait, 15)


def logged(portal: FakePortal) -> list:
    """The verdicts that reached the portal."""
    return [parse_line(line) for lines in portal.lines.values() for line in lines]


def children_named(pid: int, name: str) -> list[int]:
    """The processes of that name which a process started."""
    found = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [int(one) for one in found if Path(f"/proc/{one}/comm").read_text().strip() == name]
