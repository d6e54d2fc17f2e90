"""Clause 3.3 on real downloads: a site, a real Squid, the ICAP service and the rulebook, judged at the device."""

import asyncio
import gzip
import io
import threading
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from bench.rulebook import DECISION

from darbaza.agent.downloads import Downloads
from darbaza.agent.settings import SPOOL
from darbaza.agent.situation import Here
from darbaza.clock import utc_now
from darbaza.engines.squid.icap import IcapServer
from darbaza.policy.rulebook import Permit, PermitKind
from darbaza.snapshot.envelope import read_public_keys
from darbaza.snapshot.store import SnapshotStore
from tests.engines.squid.bed import OTHER_STUDENT, STUDENT, TEACHER, Bed
from tests.ports import free_port

pytestmark = pytest.mark.engine

EXE = b"MZ\x90\x00" + b"\x00" * 2000
BIG = 3_000_000


class Looking(Bed):
    """A bed whose Squid asks the service, and whose second student has a permission to download."""

    def __init__(self) -> None:
        """Find a port for the service."""
        self.icap_port = free_port()
        super().__init__("downloads", downloads=f"127.0.0.1:{self.icap_port}")
        self.loop = asyncio.new_event_loop()

    def fill(self) -> None:
        """As ever, then the service, which reads what was filled in."""
        super().fill()
        store = SnapshotStore(self.run, read_public_keys(self.run / "keys/portal.pub"))
        self.here = Here(self.run, store)
        self.downloads = Downloads(self.here, self.run / SPOOL, utc_now)
        self.thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self.thread.start()
        self.icap = IcapServer(self.downloads.judge)
        self.listen()

    def listen(self) -> None:
        asyncio.run_coroutine_threadsafe(self.icap.start("127.0.0.1", self.icap_port), self.loop).result(5)

    def permit(self) -> None:
        """Let the second student download."""
        now, day = self.here.now, timedelta(days=1)
        permit = Permit("p-9", "student-1", PermitKind.DOWNLOAD, self.at - day, self.at + day, DECISION)
        assert now.rulebook
        now.rulebook = replace(now.rulebook, permits=(*now.rulebook.permits, permit))

    def stop(self) -> None:
        """The service too."""
        super().stop()
        asyncio.run_coroutine_threadsafe(self.icap.close(), self.loop).result(5)
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(5)
        self.downloads.close()
        self.loop.close()


@pytest.fixture(scope="module")
def running() -> Iterator[Looking]:
    bed = Looking()
    try:
        yield bed.start()
    finally:
        bed.stop()


@pytest.fixture
def bed(running: Looking) -> Looking:
    running.forget()
    return running


def page(body: bytes, *fields: str, status: str = "200 OK", chunked: bool = False) -> bytes:
    length = "Transfer-Encoding: chunked" if chunked else f"Content-Length: {len(body)}"
    head = "\r\n".join([f"HTTP/1.1 {status}", length, *fields]) + "\r\n\r\n"
    if chunked:
        pieces = [body[at : at + 700] for at in range(0, len(body), 700)]
        body = b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"
    return head.encode() + body


def zipped(name: str, data: bytes) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr(name, data)
    return made.getvalue()


JPEG = "Content-Type: image/jpeg"
REFUSED = {
    "program dressed as a picture": page(EXE, JPEG),
    "chunked": page(EXE, JPEG, chunked=True),
    "compressed on the way": page(gzip.compress(EXE), JPEG, "Content-Encoding: gzip"),
    "compressed in two pieces": page(gzip.compress(b"") + gzip.compress(EXE), JPEG, "Content-Encoding: gzip"),
    "in several parts": page(b"--x\r\n\r\n" + EXE, "Content-Type: multipart/x-mixed-replace; boundary=x"),
    "of a page that is not there": page(EXE, JPEG, status="404 Not Found"),
    "a disc's image": page(bytes(0x8001) + b"CD001\x01" + bytes(90_000), JPEG),
    "in a coding that nobody asked for": page(b"\x0b\x02\x80MZ\x03", JPEG, "Content-Encoding: br"),
    "archive with a program": page(zipped("a/setup.exe", EXE)),
    "large archive with a program": page(zipped("x.exe", b"x" * BIG)),
    "archive too large to be looked into": page(zipped("poem.txt", b"x" * BIG)),
    "part of a whole": page(b"x" * 900, "Content-Range: bytes 2-901/2000", status="206 Partial Content"),
    "named by the site": page(b"WScript.Echo 1", 'Content-Disposition: attachment; filename="report.pdf.vbs"'),
    "film": page(b"\x00\x00\x00\x18ftypmp42" + b"\x00" * 5000, "Content-Type: text/plain"),
}


SEEN = {
    "program dressed as a picture": "program, 2004 B",
    "chunked": "program, 2004 B",
    "compressed on the way": "program",
    "compressed in two pieces": "program",
    "in several parts": f"archive, {len(EXE) + 7} B",
    "of a page that is not there": "program, 2004 B",
    "a disc's image": "program, 122775 B",
    "in a coding that nobody asked for": "archive",
    "archive with a program": f"archive, {len(zipped('a/setup.exe', EXE))} B",
    "large archive with a program": f"archive, {len(zipped('x.exe', b'x' * BIG))} B",
    "archive too large to be looked into": f"archive, {len(zipped('poem.txt', b'x' * BIG))} B",
    "part of a whole": "archive, 2000 B",
    "named by the site": "program, 14 B",
    "film": "multimedia, 5012 B",
}
"""What the log says of each: whoever decides on a permission is shown it."""


@pytest.mark.bypass("W14")
@pytest.mark.parametrize("case", REFUSED)
def test_a_download_without_a_permission_is_refused_by_what_it_is(bed: Looking, case: str):
    path = "/" + case.replace(" ", "-")
    bed.good.answers[path] = REFUSED[case]
    answer = bed.send(f"GET http://good.test:{bed.http}{path} HTTP/1.1\r\nHost: good.test:{bed.http}\r\n"
                      "Connection: close\r\n\r\n".encode(), timeout=5)  # fmt: skip
    assert answer.startswith(b"HTTP/1.1 403 "), answer[:300]
    assert "3.3-пункту".encode() in answer
    last = bed.wait_for_events(2)[-1]
    assert (last.outcome, last.clause, last.host, last.category) == ("ask", "3.3", "good.test", "downloads")
    assert last.ground_entry == SEEN[case]


PASSING = {
    "page": page(b"<html>the page</html>", "Content-Type: text/html"),
    "picture": page(b"\xff\xd8\xff\xe0" + b"x" * 9000, JPEG),
    "empty": page(b""),
    "a document": page(zipped("[Content_Types].xml", b"<Types>" * 30000)),
    "a large text": page(b"word " * 400_000, "Content-Type: text/plain"),
    "a small archive": page(zipped("poem.txt", b"x" * 9000)),
    "compressed": page(gzip.compress(b"<html>the page</html>"), "Content-Encoding: gzip"),
}


@pytest.mark.parametrize("case", PASSING)
def test_what_lessons_need_comes_through_byte_by_byte(bed: Looking, case: str):
    path = "/" + case.replace(" ", "-")
    bed.good.answers[path] = PASSING[case]
    answer = bed.send(f"GET http://good.test:{bed.http}{path} HTTP/1.1\r\nHost: good.test:{bed.http}\r\n"
                      "Connection: close\r\n\r\n".encode(), timeout=5)  # fmt: skip
    assert answer.startswith(b"HTTP/1.1 200 "), answer[:300]
    assert answer.partition(b"\r\n\r\n")[2] == PASSING[case].partition(b"\r\n\r\n")[2]


def test_no_part_of_a_whole_is_asked_for(bed: Looking):
    bed.get(
        f"http://good.test:{bed.http}/page", headers="Range: bytes=2-\r\nIf-Range: x\r\nAccept-Encoding: br, zstd\r\n"
    )
    assert b"range" not in bed.good.heard.lower()
    assert b"Accept-Encoding: gzip\r\n" in bed.good.heard


def test_a_permission_lifts_it_and_staff_need_none(bed: Looking):
    bed.good.answers["/tool"] = page(EXE, JPEG)
    bed.permit()
    for source in (OTHER_STUDENT, TEACHER):
        assert bed.get(f"http://good.test:{bed.http}/tool", source=source).startswith(b"HTTP/1.1 200 ")
    assert bed.get(f"http://good.test:{bed.http}/tool", source=STUDENT).startswith(b"HTTP/1.1 403 ")


@pytest.mark.bypass("P09")
def test_a_blank_in_an_address_is_still_refused(bed: Looking):
    for path in ("/a b", "/a\tb", "/a\x0bb"):
        assert b" 200 " not in bed.get(f"http://good.test:{bed.http}{path}")[:16]
    assert bed.good.heard == b""


def test_without_the_service_nothing_comes_through(bed: Looking):
    asyncio.run_coroutine_threadsafe(bed.icap.close(), bed.loop).result(5)
    bed.good.answers["/fresh"] = page(EXE)
    try:
        answer = bed.get(f"http://good.test:{bed.http}/fresh")
        assert b"MZ\x90" not in answer
    finally:
        bed.listen()
