"""Lists renewed under traffic: helper and dnsdist take the new file over, and no question is lost meanwhile."""

import asyncio
import json
import os
import socketserver
import subprocess
import sys
import threading
import time
from collections.abc import AsyncIterator
from pathlib import Path

import dns.exception
import dns.message
import dns.query
import dns.rcode
import dns.rdatatype
import dns.rrset
import pytest
import pytest_asyncio

from tests.agent.box import FakePortal, until
from tests.agent.test_lists import OWN, PUBLISHERS
from tests.agent.test_live import STUDENT, Box, opens, rules
from tests.catalogue.publisher import Publisher, serving

pytestmark = [
    pytest.mark.engine,
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.skipif(os.geteuid() == 0, reason="the agent refuses root; script/test runs this as a worker"),
]

CLOSED = "NXDOMAIN"
BREATH = 0.03
"""Between questions: dnsdist refuses a device that asks without pause, which is another test's matter."""

FILLING = "".join(f"filling{number}.test\n" for number in range(100_000))
"""So much that a compilation takes its time and the file changes by megabytes."""


class Resolver(socketserver.BaseRequestHandler):
    """What stands behind dnsdist: every name is one address."""

    def handle(self) -> None:
        wire, link = self.request
        reply = dns.message.make_response(dns.message.from_wire(wire))
        asked = reply.question[0]
        if asked.rdtype == dns.rdatatype.A:
            reply.answer.append(dns.rrset.from_text(asked.name, 60, "IN", "A", "203.0.113.20"))
        link.sendto(reply.to_wire(), self.client_address)


class ResolvingBox(Box):
    """A box with a resolver behind its dnsdist."""

    def __init__(self, root: Path, portal: FakePortal) -> None:
        self.resolver = socketserver.ThreadingUDPServer(("127.0.0.1", 0), Resolver)
        self.resolver.daemon_threads = True
        threading.Thread(target=self.resolver.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        super().__init__(root, portal)

    def _engines(self, root: Path) -> str:
        engines, _, _ = super()._engines(root).partition("upstreams = ")
        return f'{engines}upstreams = ["127.0.0.1:{self.resolver.server_address[1]}"]\n'


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def living(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[tuple[Box, Publisher]]:
    """A box that keeps its lists by itself, at a publisher of ours."""
    root = tmp_path_factory.mktemp("lists")
    with serving(root / "publisher") as publisher, pytest.MonkeyPatch.context() as patch:
        patch.setenv("SSL_CERT_FILE", str(publisher.authority))
        portal = FakePortal()
        await portal.start()
        box = ResolvingBox(root, portal)
        (box.run / "sources.toml").write_text(sources(publisher))
        with box.settings.open("a") as settings:
            settings.write(f'[lists]\nsources = "sources.toml"\nleave_out = {json.dumps(PUBLISHERS)}\n')
        publisher.put("/games", FILLING)
        publisher.put("/gambling", "kumar.test\n")
        publisher.put("/education", "kitep.test\nbelgisiz.test\n")
        box.site.start()
        portal.push(rules())
        box.start()
        try:
            yield box, publisher
        finally:
            await asyncio.to_thread(box.end)
            box.site.stop()
            box.resolver.shutdown()
            box.resolver.server_close()
            await portal.stop()


def sources(publisher: Publisher) -> str:
    """The school's own publishers, in the form of sources.toml."""
    text = OWN.format(url=publisher.url("/games"))
    for name in ("gambling", "education"):
        text += f'{name} = {{ category = "{name}", url = "{publisher.url("/" + name)}" }}\n'
    return text


def update(box: Box) -> subprocess.CompletedProcess[str]:
    """What the agent runs at night, now."""
    return box.command("lists", "update")


def mark(box: Box) -> int:
    """What changes when the database is replaced."""
    return (box.run / "catalogue.cdb").stat().st_ino


def resolved(box: Box, name: str) -> str:
    """What a student's computer is told for a name; empty if nothing came within a second."""
    question = dns.message.make_query(name, "A")
    try:
        answer = dns.query.udp(question, "127.0.0.1", port=box.dns, source=STUDENT, timeout=1)
    except dns.exception.Timeout:
        return ""
    return dns.rcode.to_text(answer.rcode())


async def test_a_new_box_fetches_its_lists_by_itself_and_tells_the_portal(living: tuple[Box, Publisher]) -> None:
    box, publisher = living
    await until(lambda: box.portal.health.get("lists", {}).get("at"), 60)
    health = box.portal.health["lists"]
    assert (health["automatic"], health["refused"], health["complaint"]) == (True, [], "")
    assert {"/games", "/gambling", "/education"} <= {asked.path for asked in publisher.asked}
    await until(lambda: box.portal.health["catalogue"]["names"] > 100_000, 30)
    said = box.command("status").stdout
    assert "Lists update themselves: last good update" in said


@pytest.mark.bypass("X12")
async def test_a_replaced_database_reaches_both_engines_and_no_question_is_lost(
    living: tuple[Box, Publisher],
) -> None:
    box, publisher = living
    box.push(is_open=True)
    await opens(box, "kitep.test", 30)
    asked: list[tuple[float, str, str]] = []
    stop = asyncio.Event()

    async def keep_asking() -> None:
        while not stop.is_set():
            web, name = await asyncio.gather(
                asyncio.to_thread(box.status, "kitep.test"), asyncio.to_thread(resolved, box, "kitep.test")
            )
            asked.append((time.monotonic(), web, name))
            await asyncio.sleep(BREATH)

    asking = [asyncio.create_task(keep_asking()) for _ in range(4)]
    for round_number in range(3):
        publisher.put("/games", FILLING + f"new{round_number}.test\n")
        done = await asyncio.to_thread(update, box)
        assert done.returncode == 0, done.stdout + done.stderr
        assert "Compiled: " in done.stdout
    publisher.put("/gambling", "kumar.test\nkitep.test\n")  # and now the host itself is closed by a list
    began, before = time.monotonic(), mark(box)
    last = asyncio.create_task(asyncio.to_thread(update, box))
    await until(lambda: mark(box) != before, 60)
    swapped = time.monotonic()
    await until(lambda: asked[-1][1:] == ("403", CLOSED), 10)
    stop.set()
    await asyncio.gather(last, *asking)
    assert [each for each in asked if not each[1] or not each[2]] == []
    assert {each[1:] for each in asked if each[0] < began} == {("200", "NOERROR")}
    web = next(at for at, status, _ in asked if status == "403") - swapped
    names = next(at for at, _, code in asked if code == CLOSED) - swapped
    sys.stderr.write(
        f"{len(asked)} pairs of questions, none lost; proxy after {web:.2f} s, names after {names:.2f} s\n"
    )
    assert max(web, names) < 2


@pytest.mark.bypass("L03")
async def test_a_held_update_is_told_to_the_portal_and_changes_nothing(living: tuple[Box, Publisher]) -> None:
    box, publisher = living
    publisher.put("/games", "")
    done = await asyncio.to_thread(update, box)
    assert "[held] school/games: published empty" in done.stdout
    await until(lambda: box.portal.health["lists"]["waiting"] == 1, 30)
    assert box.portal.health["lists"]["held"] == ["school/games"]
    assert "1 updates wait for a person" in box.command("doctor").stdout
    assert box.command("lists", "which", "filling7.test").stdout.startswith("filling7.test: games")
