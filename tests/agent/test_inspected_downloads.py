"""Clause 3.3 inside TLS: where a council has encrypted pages looked into, a download is judged by what it is."""

import asyncio
import gzip
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from bench.rulebook import DECISION

from darbaza.agent.downloads import Downloads
from darbaza.agent.explanation import of_state
from darbaza.agent.settings import SPOOL
from darbaza.agent.situation import Here
from darbaza.clock import utc_now
from darbaza.engines.squid.icap import IcapServer
from darbaza.engines.squid.settings import SquidSettings
from darbaza.policy.resource import Target
from darbaza.policy.rulebook import FileScope, Permit, PermitKind
from darbaza.snapshot import codec
from darbaza.snapshot.envelope import SNAPSHOT, read_public_keys, seal
from darbaza.snapshot.store import SnapshotStore
from tests.engines.squid.test_inspection import Inspecting, ask
from tests.engines.squid.wire import ENROLLED, GOOD, STUDENT

pytestmark = [pytest.mark.engine, pytest.mark.netns]

EXE = b"MZ\x90\x00" + b"\x00" * 2000
ICAP = "127.0.0.1:1344"


class Looking(Inspecting):
    """The same with the agent's service for downloads on the box."""

    def __init__(self) -> None:
        """A loop of its own for the service."""
        self.loop = asyncio.new_event_loop()
        super().__init__("looksdl")

    def _settings(self, name: str, changes: dict[str, object]) -> SquidSettings:
        return replace(super()._settings(name, changes), downloads=ICAP)

    def fill(self) -> None:
        """As ever, then the service, in the box's network."""
        super().fill()
        self.store = SnapshotStore(self.run, read_public_keys(self.run / "keys/portal.pub"))
        self.here = Here(self.run, self.store)
        self.later = timedelta()
        self.downloads = Downloads(self.here, self.run / SPOOL, lambda: utc_now() + self.later)
        self.icap = IcapServer(self.downloads.judge)
        self.thread = threading.Thread(target=self._serve, daemon=True)
        self.thread.start()
        asyncio.run_coroutine_threadsafe(self.icap.start("127.0.0.1", 1344), self.loop).result(5)

    def _serve(self) -> None:
        with self.networks["box"].within():
            self.loop.run_forever()

    def give(self, *permits: Permit) -> None:
        """A signed revision with these permissions, put in force as the agent does, for Squid's helper as well."""
        book = self.store.rulebook
        assert book is not None
        book = replace(book, revision=book.revision + 1, permits=permits)
        self.store.accept(seal(SNAPSHOT, codec.encode(book), self.key))
        self.own(self.run)
        self.here.renew()

    def stop(self) -> None:
        """The service too."""
        asyncio.run_coroutine_threadsafe(self.icap.close(), self.loop).result(5)
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(5)
        self.downloads.close()
        super().stop()
        self.loop.close()


@pytest.fixture(scope="module")
def looking() -> Iterator[Looking]:
    made = Looking()
    try:
        yield made.start()
    finally:
        made.stop()


def serve(looking: Looking, path: str, body: bytes, kind: str = "image/jpeg", coding: str = "") -> None:
    head = f"HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n"
    looking.good.answers[path] = (
        f"{head}{f'Content-Encoding: {coding}' if coding else 'X-A: b'}\r\n\r\n".encode() + body
    )


@pytest.mark.bypass("W14")
def test_a_program_inside_tls_is_refused_by_its_bytes_and_a_page_is_not(looking: Looking) -> None:
    looking.begin()
    serve(looking, "/a.jpg", EXE)
    serve(looking, "/b", gzip.compress(EXE), coding="gzip")
    serve(looking, "/page", b"<!DOCTYPE html><p>sabak</p>", "text/html")
    for path in ("/a.jpg", "/b"):
        with looking.tls_to(GOOD, "good.test", ENROLLED, trusting=True) as inside:
            answer = ask(inside, path)
        assert answer.startswith(b"403 ")
        assert "3.3" in answer.decode()
        assert b"MZ" not in answer
    with looking.tls_to(GOOD, "good.test", ENROLLED, trusting=True) as inside:
        assert b"sabak" in ask(inside, "/page")
    denied = [event for event in looking.events(ENROLLED) if event.outcome != "allow"]
    assert {(one.host, one.port, one.clause) for one in denied} == {("good.test", 443, "3.3")}


def load(looking: Looking, path: str) -> bytes:
    """What a computer named by the decision gets over TLS."""
    with looking.tls_to(GOOD, "good.test", ENROLLED, trusting=True) as inside:
        return ask(inside, path)


def logged(looking: Looking) -> tuple[str, str]:
    """Message and entry of the latest refusal: what whoever decides on a permission is shown."""
    last = [event for event in looking.wait_for_events(1, ENROLLED) if event.outcome == "ask"][-1]
    return last.message, last.ground_entry


def test_a_permission_opens_exactly_the_file_that_was_seen_inside_tls(looking: Looking) -> None:
    looking.begin()
    serve(looking, "/soft/a", EXE)
    assert load(looking, "/soft/a").startswith(b"403 ")
    message, seen = logged(looking)
    assert (message, seen) == ("needs-permit", f"program, {len(EXE)} B")
    size = int(seen.split()[1])
    day, at = timedelta(days=1), looking.at
    student = looking.here.asker(ENROLLED).person
    one = Permit(
        "p-9", student, PermitKind.DOWNLOAD, at - day, at + day, DECISION, (Target("good.test", "/soft"),),
        FileScope("program", size, size),
    )  # fmt: skip
    serve(looking, "/soft/film", b"\x00\x00\x00\x18ftypmp42".ljust(size, b"\0"), "text/plain")
    serve(looking, "/soft/larger", EXE + b"\0")
    serve(looking, "/soft/packed", gzip.compress(EXE), coding="gzip")
    serve(looking, "/else", EXE)
    try:
        looking.give(one)
        assert load(looking, "/soft/a") == b"200 OK\n" + EXE
        for path, reason, entry in (
            ("/soft/film", "other-file", f"multimedia, {size} B"),
            ("/soft/larger", "other-file", f"program, {size + 1} B"),
            ("/soft/packed", "other-file", "program"),
            ("/else", "needs-permit", f"program, {size} B"),
        ):
            answer = load(looking, path)
            assert (path, answer[:4]) == (path, b"403 ")
            assert b"MZ" not in answer
            assert (path, *logged(looking)) == (path, reason, entry)
        looking.give(replace(one, targets=(Target("bashka.test"),)))
        assert load(looking, "/soft/a").startswith(b"403 "), "the permission is for another host"
        looking.give(replace(one, person="student-1" if student != "student-1" else "student-0"))
        assert load(looking, "/soft/a").startswith(b"403 "), "the permission is a neighbour's"
        looking.give(replace(one, until=at + day / 2))
        assert load(looking, "/soft/a").startswith(b"200 ")
        looking.later = day / 2
        assert load(looking, "/soft/a").startswith(b"403 "), "its term is over, without another revision"
    finally:
        looking.later = timedelta()
        looking.give()


def test_where_nothing_is_looked_into_the_same_download_is_not_seen(looking: Looking) -> None:
    looking.begin()
    serve(looking, "/a.jpg", EXE)
    with looking.tls_to(GOOD, "good.test", STUDENT) as inside:
        assert ask(inside, "/a.jpg").startswith(b"200 ")


def test_the_device_is_told_so(looking: Looking) -> None:
    for language, word in (("ky", "окулат"), ("ru", "читаются"), ("en", "are read too")):
        told = of_state(looking.here.asker(ENROLLED), looking.here.rulebook, utc_now(), language)
        assert word in told.sentence
        assert word not in of_state(looking.here.asker(STUDENT), looking.here.rulebook, utc_now(), language).sentence
