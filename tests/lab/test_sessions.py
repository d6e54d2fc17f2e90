"""Family S of the bypass catalogue on the wire: lessons, identity, what goes on after the bell."""

import contextlib
import socket
import time
from collections.abc import Iterator

import pytest

from darbaza.lab.machines import Machine, tls
from darbaza.lab.names import GOOD
from darbaza.lab.people import Teacher
from darbaza.lab.running import wait_until
from tests.lab.conftest import Lesson

pytestmark = [pytest.mark.engine, pytest.mark.netns, pytest.mark.timeout(180)]


@pytest.fixture
def second(lesson: Lesson) -> Iterator[tuple[Teacher, Machine]]:
    """A lesson of its own in room 2, which a test may end."""
    teacher = lesson.lab.teacher(2, lesson.lab.machine("staff-02"))
    teacher.sign_in()
    teacher.start()
    aida = lesson.lab.machine("room2-01")
    lesson.lab.students.seat(aida)
    assert wait_until(lambda: lesson.open_for(aida), 20)
    lesson.lab.forget()
    yield teacher, aida
    with contextlib.suppress(Exception):
        teacher.end()


def upgrade(link: socket.socket) -> None:
    link.sendall(b"GET /chat HTTP/1.1\r\nHost: good.test\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n")
    assert link.recv(4096).startswith(b"HTTP/1.1 101 ")


def download(link: socket.socket) -> None:
    link.sendall(b"GET /endless HTTP/1.1\r\nHost: good.test\r\n\r\n")
    assert link.recv(4096)


def keep_alive(link: socket.socket) -> None:
    link.sendall(b"GET /bytes/100 HTTP/1.1\r\nHost: good.test\r\n\r\n")
    assert link.recv(4096)
    time.sleep(0.2)
    link.settimeout(0.1)
    with contextlib.suppress(TimeoutError):
        while link.recv(4096):
            pass


@pytest.mark.bypass("S06")
def test_S06_S08_whatever_a_pc_has_open_at_the_lessons_end_is_reset_at_once_and_nothing_new_opens(  # noqa: N802
    lesson: Lesson, second: tuple[Teacher, Machine]
):
    """Downloads, WebSockets, tunnels and idle connections; a silent one would leave a program waiting for minutes."""
    teacher, aida = second
    running: list[socket.socket] = []
    for begin in (download, upgrade, keep_alive):
        running += [aida.tcp(GOOD, 80), tls(aida.tcp(GOOD, 443), "good.test")]
        for link in running[-2:]:
            begin(link)
    teacher.end()
    ended = time.monotonic()
    assert [how_it_ends(link) for link in running] == ["reset", "end"] * 3  # TLS tells no reset from an end
    assert time.monotonic() - ended < 2
    assert not lesson.open_for(aida)
    lesson.silent()


def how_it_ends(link: socket.socket) -> str:
    link.settimeout(2)
    try:
        with link:
            while link.recv(65536):
                pass
    except ConnectionResetError:
        return "reset"
    except TimeoutError:
        return "silence"
    return "end"


@pytest.mark.bypass("S02")
def test_S02_an_address_without_its_card_opens_nothing(lesson: Lesson):  # noqa: N802
    """A classmate's PC takes Bek's address while he is signed in."""
    thief = lesson.lab.machine("room1-07")
    thief.ip("address", "flush", "dev", "eth0", "scope", "global")
    thief.ip("address", "add", f"{lesson.bek.pc.address}/24", "dev", "eth0")
    thief.ip("route", "add", "default", "via", thief.pc.gate)
    try:
        assert thief.get("http://good.test/", address=GOOD, seconds=2).origin == ""
        assert thief.get("https://good.test/", address=GOOD, seconds=2).origin == ""
        assert wait_until(lambda: "s-doubt" in lesson.console(), 10), "the teacher is shown it"
        assert lesson.open_for(lesson.bek), "whoever sits there by right goes on"
        lesson.silent()
    finally:
        thief.ip("address", "flush", "dev", "eth0", "scope", "global")
        thief.ip("address", "add", f"{thief.pc.address}/24", "dev", "eth0")
        thief.ip("route", "add", "default", "via", thief.pc.gate)


@pytest.mark.bypass("S19")
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_S19_without_a_lesson_nothing_opens(lesson: Lesson, scheme: str):  # noqa: N802
    alone = lesson.lab.machine("room2-09")
    assert alone.get(f"{scheme}://good.test/", address=GOOD).origin == ""
    assert alone.send(GOOD, 22, b"SSH-2.0-x\r\n", seconds=1) == b""
    lesson.silent()
    assert lesson.lab.book.heard("good") == b""


@pytest.mark.bypass("S10")
def test_S10_a_form_on_another_site_changes_nothing(lesson: Lesson):  # noqa: N802
    headers = {"Origin": "http://good.test", "Referer": "http://good.test/"}
    body = b"student=x&pin=1234"
    answer = lesson.bek.fetch("POST", "http://darbaza/kirish/", body=body, headers=headers)
    assert answer.status == 403
