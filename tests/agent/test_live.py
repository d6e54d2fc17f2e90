"""A whole box with its real engines: what the portal pushes opens and closes the gate, and why/ says so."""

import asyncio
import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import pytest_asyncio

from darbaza.agent.supervisor import children
from darbaza.catalogue.categories import load
from darbaza.catalogue.compile import Part, compile_catalogue
from darbaza.catalogue.sources import Format, Source
from darbaza.clock import utc_now
from darbaza.policy.resource import Target
from darbaza.policy.rulebook import Hold, LessonException, Permit, PermitKind
from darbaza.policy.verdict import Ground, GroundKind
from darbaza.snapshot.presence import Presence
from darbaza.snapshot.spool import parse_line
from tests.agent.box import FakePortal, run_directory, until
from tests.agent.test_supervisor import is_alive
from tests.engines.origin import Origin, make_certificate
from tests.ports import free_port
from tests.snapshot.strategies import ORDER, lesson, school, seated

pytestmark = [
    pytest.mark.engine,
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.skipif(os.geteuid() == 0, reason="the agent refuses root; script/test runs this as a worker"),
]

SITE = "127.9.8.1"
STUDENT = "127.0.1.1"
NEIGHBOUR = "127.0.1.2"
HOSTS = ("kitep.test", "kumar.test", "belgisiz.test", "poshta.test")


class Box:
    """One agent process with Squid and dnsdist, a portal it talks to, and a site that it may let through."""

    def __init__(self, root: Path, portal: FakePortal) -> None:
        self.portal = portal
        self.run = root / "box"
        self.squid, self.dns, why = free_port(), free_port(), free_port()
        self.site_port = free_port()
        (root / "hosts").write_text("".join(f"{SITE} {host}\n" for host in HOSTS))
        make_certificate(root / "site.pem")
        self.site = Origin("site", SITE, self.site_port, free_port(), root / "site.pem")
        self.settings = run_directory(self.run, portal.url, why, self._engines(root))
        self.log = root / "agent.log"
        self.process: subprocess.Popen[bytes] | None = None
        self.sequence = 0
        self.rules = rules()
        self.compile(root)

    def _engines(self, root: Path) -> str:
        return (
            f'[squid]\nname = "live{os.getpid()}"\nlisten = ["127.0.0.1:{self.squid}"]\nportal = "127.0.0.1:1"\n'
            f'http_ports = [{self.site_port}]\nallowed_private = ["{SITE}"]\nhosts_file = "{root / "hosts"}"\n'
            f'[dnsdist]\nlisten = ["127.0.0.1:{self.dns}"]\nbox = "127.0.0.1"\n'
            f'upstreams = ["127.0.0.1:{free_port()}"]\n'
        )

    def compile(self, root: Path, education: str = "kitep.test", gambling: str = "kumar.test") -> None:
        """Put a catalogue with one host in each of two categories; its sources lie in `root`."""
        parts = []
        for category, host in (("education", education), ("gambling", gambling), ("webmail", "poshta.test")):
            path = root / f"{category}.domains"
            path.write_text(host + "\n")
            parts.append(Part(Source(f"test/{category}", category, "CC0-1.0", Format.DOMAINS, (category,), ""), path))
        compile_catalogue(parts, self.run / "catalogue.cdb", load())

    def start(self) -> None:
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(p for p in sys.path if p)}
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "darbaza.agent", "--settings", str(self.settings)],
                stdout=log,
                stderr=log,
                env=environment,
            )

    def push(self, *, is_open: bool) -> None:
        """Have the lesson open, or ended."""
        self.sequence += 1
        self.portal.push(presence=taught(self.sequence, is_open=is_open))

    def end(self, number: int = signal.SIGTERM) -> int:
        assert self.process is not None
        self.process.send_signal(number)
        return self.process.wait(15)

    def command(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """The command line on this box."""
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(p for p in sys.path if p)}
        return subprocess.run(
            [sys.executable, "-m", "darbaza.cli", *arguments, "--run", str(self.run), "--lang", "en"],
            capture_output=True,
            text=True,
            env=environment,
            timeout=60,
        )

    def get(self, url: str, source: str = STUDENT, accept: str = "*/*") -> bytes:
        """A device's request through the proxy: the whole answer, or nothing if the proxy does not answer."""
        host = url.split("/")[2]
        request = f"GET {url} HTTP/1.1\r\nHost: {host}\r\nAccept: {accept}\r\nConnection: close\r\n\r\n"
        answer = b""
        try:
            with socket.create_connection(("127.0.0.1", self.squid), 5, (source, 0)) as link:
                link.sendall(request.encode())
                while piece := link.recv(65536):
                    answer += piece
        except OSError:
            return b""
        return answer

    def status(self, host: str, source: str = STUDENT) -> str:
        """The status of the answer for a host."""
        return self.get(f"http://{host}:{self.site_port}/", source).partition(b"\r\n")[0].decode().partition(" ")[2][:3]


def rules(revision: int = 7):
    """The school, with a lesson recorded for now, whatever the hour."""
    now = utc_now()
    today = LessonException("today", "r1", now - timedelta(hours=1), now + timedelta(hours=1), ORDER)
    return replace(school(revision), exceptions=(today,), permit_rules=load().permit_rules())


def taught(sequence: int, *, is_open: bool = True) -> Presence:
    """The lesson with its student, or an empty room."""
    now = utc_now()
    if not is_open:
        return Presence(sequence, sequence, now)
    until_then = now + timedelta(minutes=30)
    session = lesson(
        opened=now - timedelta(minutes=1), ends=until_then, lease_until=until_then, slot="", exception="today"
    )
    return Presence(sequence, sequence, now, (session,), (seated(), seated(NEIGHBOUR, "nur")))


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def living(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Box]:
    """One box for all tests of this module: its start is what takes time."""
    portal = FakePortal()
    await portal.start()
    box = Box(tmp_path_factory.mktemp("live"), portal)
    box.site.start()
    portal.push(box.rules)
    box.start()
    try:
        yield box
    finally:
        assert box.process is not None
        if box.process.poll() is None:
            await asyncio.to_thread(box.end)
        box.site.stop()
        await portal.stop()


@pytest_asyncio.fixture(loop_scope="module")
async def box(living: Box) -> Box:
    """The box with a lesson open, and with nothing left to be cut of what was open before."""
    living.push(is_open=True)
    await opens(living, "kitep.test", 30)
    (await asyncio.to_thread(standing, living)).close()
    return living


async def answers(box: Box, host: str, wanted: str, seconds: float = 5) -> float:
    """Ask until the answer has a status; how long it took."""
    began = time.monotonic()
    while (given := await asyncio.to_thread(box.status, host)) != wanted:
        assert time.monotonic() - began < seconds, (given, box.log.read_text()[-3000:])
    return time.monotonic() - began


async def opens(box: Box, host: str, seconds: float = 5) -> float:
    return await answers(box, host, "200", seconds)


async def test_a_lesson_opens_and_closes_the_gate_within_a_second(box: Box) -> None:
    assert box.status("kumar.test") == box.status("belgisiz.test") == "403"
    times = []
    for _ in range(10):
        box.push(is_open=False)
        times.append(await answers(box, "kitep.test", "403"))
        box.push(is_open=True)
        times.append(await opens(box, "kitep.test"))
    assert max(times) < 1, times


def standing(box: Box) -> socket.socket:
    """A connection on which one page came, and that stays open; an end a moment ago may still cut the first ones."""
    for _ in range(20):
        link = socket.create_connection(("127.0.0.1", box.squid), 5, (STUDENT, 0))
        link.settimeout(5)
        try:
            ask_again(box, link)
            time.sleep(0.5)
            ask_again(box, link)
        except (ConnectionError, AssertionError):
            link.close()
            time.sleep(0.1)
        else:
            return link
    raise AssertionError("no connection stands")


def ask_again(box: Box, link: socket.socket) -> None:
    link.sendall(f"GET http://kitep.test:{box.site_port}/ HTTP/1.1\r\nHost: kitep.test\r\n\r\n".encode())
    heard = b""
    while not heard.endswith(b"the page\n"):
        heard += (piece := link.recv(65536))
        assert piece, heard
    assert b" 200 " in heard


@pytest.mark.bypass("S08")
@pytest.mark.bypass("S06")
async def test_a_connection_that_stands_is_cut_when_the_lesson_ends(box: Box) -> None:
    with await asyncio.to_thread(standing, box) as link:
        box.push(is_open=False)
        began = time.monotonic()
        link.settimeout(5)
        with contextlib.suppress(ConnectionResetError):
            while await asyncio.to_thread(link.recv, 65536):
                pass
        assert time.monotonic() - began < 1


async def test_a_permission_opens_mail_to_one_student_until_its_end_and_cuts_what_stands(box: Box) -> None:
    assert box.status("poshta.test") == "403"
    now = utc_now()
    permit = Permit(
        id="2026-1",
        person="bek",
        kind=PermitKind.EMAIL,
        since=now,
        until=now + timedelta(seconds=6),
        ground=Ground(GroundKind.PERMIT, "2026-1"),
        targets=(Target("poshta.test", "", False),),
    )
    # The same rules with one permission more: nothing else may cut the connection.
    box.portal.push(replace(box.rules, revision=8, permits=(permit,)))
    assert await answers(box, "poshta.test", "200") < 1
    assert await asyncio.to_thread(box.status, "poshta.test", NEIGHBOUR) == "403"
    assert box.status("belgisiz.test") == "403"
    with socket.create_connection(("127.0.0.1", box.squid), 5, (STUDENT, 0)) as link:
        link.sendall(f"GET http://poshta.test:{box.site_port}/ HTTP/1.1\r\nHost: poshta.test\r\n\r\n".encode())
        assert b"200" in await asyncio.to_thread(link.recv, 65536)
        link.settimeout(10)
        with contextlib.suppress(ConnectionResetError):
            while await asyncio.to_thread(link.recv, 65536):
                pass
        assert abs((utc_now() - permit.until).total_seconds()) < 1.5
    assert box.status("poshta.test") == "403"
    await opens(box, "kitep.test")
    box.portal.push(replace(box.rules, revision=9))


def is_reset(link: socket.socket) -> bool:
    """Whether the connection ends within five seconds."""
    with contextlib.suppress(ConnectionResetError):
        while link.recv(65536):
            pass
        return False
    return True


def judged_by(box: Box) -> int:
    """The revision by which the last request was judged."""
    last = max((box.run / "spool").glob("*.spool"), key=lambda path: path.stat().st_mtime).read_bytes()
    return parse_line(last.splitlines()[-1]).revision


@pytest.mark.bypass("S08")
@pytest.mark.bypass("X12")
async def test_what_closes_a_host_cuts_the_connections_that_lead_there_and_no_other(box: Box) -> None:
    with await asyncio.to_thread(standing, box) as link:
        for revision in range(20, 24):
            box.portal.push(replace(box.rules, revision=revision, holds=(Hold(Target(f"n{revision}.test"), ORDER),)))
            while judged_by(box) < revision:
                await asyncio.to_thread(ask_again, box, link)
        await asyncio.sleep(1.5)
        await asyncio.to_thread(ask_again, box, link)
        box.portal.push(replace(box.rules, revision=24, holds=(Hold(Target("kitep.test"), ORDER),)))
        began = time.monotonic()
        assert await asyncio.to_thread(is_reset, link)
        assert time.monotonic() - began < 2
        assert await answers(box, "kitep.test", "403") < 5
    box.portal.push(replace(box.rules, revision=25))
    await opens(box, "kitep.test")


@pytest.mark.bypass("S08")
@pytest.mark.bypass("X12")
async def test_a_catalogue_that_closes_a_host_cuts_the_connections_that_lead_there(box: Box, tmp_path: Path) -> None:
    with await asyncio.to_thread(standing, box) as link:
        box.compile(tmp_path, education="kitep.test", gambling="elsewhere.test")
        await asyncio.sleep(2)
        await asyncio.to_thread(ask_again, box, link)
        box.compile(tmp_path, education="elsewhere.test", gambling="kitep.test")
        assert await asyncio.to_thread(is_reset, link)
    box.compile(tmp_path)
    await opens(box, "kitep.test")


async def test_why_tells_the_device_its_own_refusal(box: Box) -> None:
    refused = await asyncio.to_thread(box.get, f"http://kumar.test:{box.site_port}/")
    reference = refused.split(b"http://why/")[1][:8].decode()
    answer = await asyncio.to_thread(box.get, f"http://why/{reference}?lang=en", STUDENT, "application/json")
    said = json.loads(answer.partition(b"\r\n\r\n")[2])
    assert (said["clause"], said["asked"], said["category"]) == ("3.3", "kumar.test", "gambling")
    other = await asyncio.to_thread(box.get, f"http://why/{reference}", "127.0.1.2")
    assert b" 404 " in other.partition(b"\r\n")[0]
    assert b"kumar" not in other
    await until(lambda: any("kumar.test" in line for lines in box.portal.lines.values() for line in lines), 2)
    for lines in box.portal.lines.values():
        events = [parse_line(line) for line in lines]
        assert [e.n for e in events] == list(range(1, len(events) + 1))
        assert not any("/" in e.host or e.is_gap for e in events)


@pytest.mark.bypass("S17")
@pytest.mark.parametrize("name", ["squid", "dnsdist"])
async def test_a_killed_engine_is_back_within_ten_seconds(box: Box, name: str) -> None:
    pid = (await engine(box, name))["pid"]
    os.kill(pid, signal.SIGKILL)
    began = time.monotonic()
    while (await engine(box, name))["pid"] in (0, pid):
        assert time.monotonic() - began < 10
    await opens(box, "kitep.test", 10)


async def engine(box: Box, name: str) -> dict[str, int]:
    """How the agent says an engine is."""
    said = json.loads((await asyncio.to_thread(box.command, "status", "--json")).stdout)
    found: dict[str, int] = said["engines"][name]
    return found


@pytest.mark.bypass("S17")
async def test_a_squid_whose_helper_hangs_is_started_anew(box: Box) -> None:
    """A helper that is stopped keeps its pipe open: Squid waits for it, and everybody waits for Squid."""
    squid = (await engine(box, "squid"))["pid"]
    (helper,) = (pid for pid in children(squid) if b"squid.helper" in Path(f"/proc/{pid}/cmdline").read_bytes())
    os.kill(helper, signal.SIGSTOP)
    assert await asyncio.to_thread(box.status, "kitep.test") == ""
    await opens(box, "kitep.test", 60)
    assert not is_alive(helper)
    assert (await engine(box, "squid"))["pid"] != squid


@pytest.mark.bypass("X07")
async def test_no_engine_outlives_a_killed_agent_and_a_second_life_takes_over(box: Box) -> None:
    pids = [(await engine(box, name))["pid"] for name in ("squid", "dnsdist")]
    await asyncio.to_thread(box.end, signal.SIGKILL)
    await until(lambda: not any(map(is_alive, pids)), 10)
    box.start()
    await opens(box, "kitep.test", 20)


async def test_the_command_line_plans_applies_and_goes_back(box: Box) -> None:
    def told(*arguments: str) -> tuple[int, str]:
        done = box.command(*arguments)
        return done.returncode, done.stdout + done.stderr

    async def asking(*arguments: str) -> tuple[int, str]:
        return await asyncio.to_thread(told, *arguments)

    before = box.settings.read_text()
    assert (await asking("plan"))[0] == 0
    box.settings.write_text(before.replace("[dnsdist]", "connections_per_client = 77\n[dnsdist]"))
    code, said = await asking("plan")
    assert code == 1
    assert "+client_ip_max_connections 77" in said
    code, said = await asking("apply")
    assert code == 0, said
    assert "squid: new configuration in force" in said
    assert (await asking("plan"))[0] == 0
    await opens(box, "kitep.test", 10)
    box.settings.write_text(before.replace('hosts_file = "', 'hosts_file = "/nonexistent'))
    code, said = await asking("apply")
    assert code == 1
    assert "the last good one stays" in said
    assert "/nonexistent" in said
    await opens(box, "kitep.test")
    box.settings.write_text(before)


async def test_the_doctor_finds_nothing_wrong(box: Box) -> None:
    done = await asyncio.to_thread(box.command, "doctor")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "[wrong]" not in done.stdout
    assert "Cutting connections" in done.stdout


async def test_the_next_certificate_is_made_and_used_at_a_persons_word(box: Box) -> None:
    async def asked(*arguments: str) -> dict[str, str]:
        told = await asyncio.to_thread(box.command, "authority", "--json", *arguments)
        assert told.returncode == 0, told.stderr
        return dict(json.loads(told.stdout))

    before = await asked()
    assert (bool(before["authority"]), before["next_authority"]) == (True, "")
    made = await asked("--next")
    assert made["authority"] == before["authority"] != made["next_authority"] != ""
    assert await asked("--next") == made, "there is only one that comes next"
    assert await asked("--switch") == {"authority": made["next_authority"], "next_authority": ""}
    await opens(box, "kitep.test", 20)
    shown = await asyncio.to_thread(box.command, "authority")
    assert "There is no next certificate yet" in shown.stdout
    refused = await asyncio.to_thread(box.command, "authority", "--switch")
    assert (refused.returncode, "--next" in refused.stderr) == (2, True)


async def test_the_end_is_orderly(box: Box) -> None:
    pids = [(await engine(box, name))["pid"] for name in ("squid", "dnsdist")]
    assert await asyncio.to_thread(box.end) == 0
    assert not any(map(is_alive, pids))
    assert not (box.run / "agent.sock").exists()
