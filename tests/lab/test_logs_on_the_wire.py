"""Families X and L of the bypass catalogue on the wire: hostile text, long tunnels, slow clients, floods."""

import contextlib
import re
import socket
import time

import pytest

from darbaza.lab.machines import tls
from darbaza.lab.names import GOOD
from darbaza.lab.running import wait_until
from tests.lab.conftest import Lesson

pytestmark = [pytest.mark.engine, pytest.mark.netns, pytest.mark.timeout(180)]


@pytest.mark.bypass("X01")
@pytest.mark.bypass("X02")
@pytest.mark.parametrize("junk", [b"\x1b[31mX\xff\xfe", b"a%0d%0aforged", b'" hst="spoof', b"\xe2\x80\xae\x00"])
def test_X01_X02_no_byte_of_a_request_leaves_its_field_in_the_log(lesson: Lesson, junk: bytes):  # noqa: N802
    request = b"GET /%b HTTP/1.1\r\nHost: bad.test\r\nUser-Agent: %b\r\nConnection: close\r\n\r\n" % (junk, junk)
    lesson.bek.send(GOOD, 80, request, seconds=1)
    lesson.bek.get("http://bad.test/", address="203.0.113.20")
    lesson.refused("bad.test", clause="3.3")
    for path in (lesson.lab.places.box / "spool").glob("*.spool"):
        assert all(byte in b"\n\t" or 0x20 <= byte <= 0x7E for byte in path.read_bytes())
    assert all(str(field).isprintable() for event in lesson.lab.events() for field in event)


@pytest.mark.bypass("X03")
def test_X03_markup_in_a_name_or_a_path_is_inert_on_the_console(lesson: Lesson):  # noqa: N802
    for host in ("<svg onload=alert(1)>.bad.test", "bad.test"):
        request = f"GET /<svg onload=alert(1)> HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"
        lesson.bek.send(GOOD, 80, request.encode(), seconds=1)
    lesson.bek.get("http://bad.test/%3Csvg%20onload=alert(1)%3E", address="203.0.113.20")
    assert wait_until(lambda: "bad.test" in lesson.console(), 10)
    assert "<svg onload" not in lesson.console()
    lesson.refused("bad.test")


@pytest.mark.bypass("X06")
def test_X06_a_tunnel_is_on_the_console_while_it_is_open(lesson: Lesson):  # noqa: N802
    """Within five seconds of its beginning, however long it will last."""
    lesson.bek.get("http://bad.test/", address="203.0.113.20")
    assert wait_until(lambda: ">bad.test<" in lesson.console(), 10)
    with contextlib.closing(tls(lesson.bek.tcp(GOOD, 443), "good.test")):
        begun = time.monotonic()
        assert wait_until(lambda: ">good.test<" in lesson.console(), 5)
        assert time.monotonic() - begun < 6
        events = lesson.lab.events(lesson.bek.pc.address)
        assert [one.method for one in events if one.host == "good.test"] == ["CONNECT"]
    lesson.silent()


@pytest.mark.bypass("X06")
def test_X06_what_has_gone_through_a_running_tunnel_is_on_the_console_within_thirty_seconds(lesson: Lesson):  # noqa: N802
    with contextlib.closing(tls(lesson.bek.tcp(GOOD, 443), "good.test")) as link:
        begun, got = time.monotonic(), 0
        link.sendall(b"GET /bytes/3000000 HTTP/1.1\r\nHost: good.test\r\n\r\n")
        while got < 3_000_000:
            got += len(link.recv(65536))
        assert wait_until(lambda: 'class="flow"' in lesson.console() and said(lesson), 30)
        assert time.monotonic() - begun < 30
        assert re.fullmatch(r"[23][.,]\d", said(lesson)), said(lesson)
    assert wait_until(lambda: not said(lesson), 30), "the tunnel has ended"


def said(lesson: Lesson) -> str:
    """How many megabytes the console says are under way at Bek's seat."""
    seat = lesson.console().partition(f'data-device="{lesson.bek.pc.address}"')[2].partition("</li>")[0]
    found = re.search(r'class="flow"[^>]*>([\d.,]+)', seat)
    return found[1] if found else ""


@pytest.mark.bypass("X09")
def test_X09_one_device_that_holds_half_open_requests_hinders_nobody(lesson: Lesson):  # noqa: N802
    """Half a thousand of them, to proxy and portal: most are refused by the limit of a device."""
    loud, held = lesson.lab.machine("room1-06"), []
    try:
        for number in range(500):
            with contextlib.suppress(OSError):
                link = loud.tcp(GOOD if number % 2 else loud.pc.gate, 80, seconds=0.02)
                link.sendall(b"GET /slow HTTP/1.1\r\nHost: ")
                held.append(link)
        times = []
        for _ in range(20):
            begun = time.monotonic()
            assert lesson.open_for(lesson.bek)
            times.append(time.monotonic() - begun)
        assert sorted(times)[18] < 1, "whatever else this machine does"
        assert lesson.teacher.machine.get(lesson.teacher.console).status == 200
    finally:
        for link in held:
            link.close()
    lesson.silent()


@pytest.mark.bypass("X11")
def test_X11_one_device_that_floods_the_resolver_hinders_nobody(lesson: Lesson):  # noqa: N802
    loud = lesson.lab.machine("room1-06")
    with loud.here():
        link = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    question = b"\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00\x04good\x04test\x00\x00\x01\x00\x01"
    with link:
        link.connect((loud.pc.gate, 53))
        begun, sent = time.monotonic(), 0
        while time.monotonic() - begun < 2:
            for _ in range(500):
                with contextlib.suppress(OSError):
                    sent += link.send(question) > 0
        assert sent > 5_000
        times = []
        for _ in range(30):
            begun = time.monotonic()
            assert lesson.bek.resolve("good.test") or lesson.bek.resolve("good.test"), "asked twice, as every PC does"
            times.append(time.monotonic() - begun)
        assert sorted(times)[27] < 0.5, "whatever else this machine does"
        link.setblocking(False)
        heard = 0
        with contextlib.suppress(OSError):
            while link.recv(4096):
                heard += 1
    assert heard < sent / 4, "most of it goes unanswered"
    lesson.silent()


JUNK = {
    "unreadable-address": (80, b"GET /<svg onload=alert(1)> HTTP/1.1\r\nHost: <svg>.bad.test\r\n\r\n"),
    "protocol-refused": (443, b"SSH-2.0-x\r\n"),
}


@pytest.mark.bypass("X12")
def test_X12_no_request_is_refused_while_what_is_in_force_changes(lesson: Lesson):  # noqa: N802
    """The teacher changes the lesson twenty times, which is a new state for helper, agent and dnsdist each time.

    Nothing that stands is cut by it either, even at a PC that has sent what nobody can read: that led nowhere.
    """
    for reason, (port, junk) in JUNK.items():
        lesson.bek.send(GOOD, port, junk, seconds=1)
        lesson.refused(GOOD, reason=reason)
    lesson.lab.forget()
    with contextlib.closing(tls(lesson.bek.tcp(GOOD, 443), "good.test")) as link:
        for number in range(20):
            assert lesson.teacher.act("deny", address=f"site{number}.test").status in (200, 302)
            for _ in range(3):
                assert lesson.open_for(lesson.bek)
        link.sendall(b"GET / HTTP/1.1\r\nHost: good.test\r\n\r\n")
        assert b" 200 " in link.recv(4096)
    lesson.silent()
    said = [one for one in lesson.lab.events(lesson.bek.pc.address) if one.host == "good.test"]
    assert {one.outcome for one in said} == {"allow"}


@pytest.mark.bypass("S08")
def test_S08_what_the_teacher_closes_is_cut_at_whoever_is_there_and_nobody_else(lesson: Lesson):  # noqa: N802
    there, elsewhere = lesson.desks[0], lesson.desks[1]
    assert wait_until(lambda: all(map(lesson.open_for, (there, elsewhere))), 10)
    lesson.lab.forget()
    with (
        contextlib.closing(tls(there.tcp(GOOD, 443), "entsiklopediya.test")) as closed,
        contextlib.closing(tls(elsewhere.tcp(GOOD, 443), "good.test")) as open_still,
    ):
        assert lesson.teacher.act("deny", address="entsiklopediya.test").status in (200, 302)
        closed.settimeout(5)
        with contextlib.suppress(ConnectionResetError):
            assert closed.recv(4096) == b"", "the tunnel is cut"
        open_still.sendall(b"GET / HTTP/1.1\r\nHost: good.test\r\n\r\n")
        assert b" 200 " in open_still.recv(4096)
