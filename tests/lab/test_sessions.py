"""Family S of the bypass catalogue on the wire: lessons, identity, what goes on after the bell."""

import contextlib
import json
import socket
import sqlite3
import time
from collections.abc import Iterator
from dataclasses import replace
from html import unescape
from pathlib import Path

import pytest

from darbaza.demo.simulator import CONSOLE_KEY, FORM_TOKEN, OPTION
from darbaza.lab.machines import CAPTIVE_STATE, SIGN_IN_PAGE, Machine, tls
from darbaza.lab.names import GOOD, six
from darbaza.lab.people import Teacher
from darbaza.lab.running import wait_until
from darbaza.lab.soak.school import patiently
from tests.lab.conftest import Lesson

pytestmark = [pytest.mark.engine, pytest.mark.netns, pytest.mark.timeout(180)]


def asked(lesson: Lesson, question: str, *values: str) -> list[tuple[str, ...]]:
    """What the portal's database answers."""
    path = f"file:{lesson.lab.places.portal}/portal.sqlite3?mode=ro"
    with contextlib.closing(sqlite3.connect(path, uri=True)) as base:
        return base.execute(question, values).fetchall()


def recorded(lesson: Lesson, act: str) -> list[dict[str, object]]:
    """The details of an act's entries in the portal's audit, in order."""
    rows = asked(lesson, "SELECT detail_text FROM audit_auditentry WHERE act = ? ORDER BY number", act)
    return [json.loads(detail) for (detail,) in rows]


def alerts(lesson: Lesson, address: str) -> set[str]:
    """What is wrong at an address, as the portal shows it."""
    return {doubt for (doubt,) in asked(lesson, "SELECT doubt FROM rooms_sighting WHERE address = ?", address)}


@contextlib.contextmanager
def disguised(machine: Machine, *, address: str, mac: str = "") -> Iterator[Machine]:
    """A machine with another's address, and card if one is given; by IPv6 too, where each has some address anyway."""
    pc = machine.pc
    machine.resolve("good.test")
    gate = machine.run("ip", "neigh", "show", pc.gate).stdout.split("lladdr ")[1].split()[0]

    def wear(address: str, mac: str, six: str) -> None:
        machine.ip("link", "set", "eth0", "down")
        machine.ip("address", "flush", "dev", "eth0")
        machine.ip("link", "set", "eth0", "address", mac)
        machine.ip("link", "set", "eth0", "up")
        machine.ip("address", "add", f"{address}/24", "dev", "eth0")
        machine.ip("-6", "address", "add", f"{six}/64", "dev", "eth0", "nodad")
        machine.ip("route", "replace", "default", "via", pc.gate, "dev", "eth0", "onlink")
        machine.ip("neigh", "replace", pc.gate, "lladdr", gate, "dev", "eth0", "nud", "permanent")
        machine.ip("-6", "route", "replace", "default", "via", "fd50::1", "onlink", "dev", "eth0")

    wear(address, mac or pc.mac, "fd50::bad")
    try:
        yield machine
    finally:
        wear(pc.address, pc.mac, "fd50::600d")
        machine.ip("-6", "route", "flush", "default")
        machine.ip("neigh", "delete", pc.gate, "dev", "eth0")


def opens_nothing(lesson: Lesson, machine: Machine) -> None:
    """By neither protocol does a byte of this machine reach a site, not even the allowed one."""
    before = lesson.lab.book.heard("good")
    for scheme in ("http", "https"):
        assert machine.get(f"{scheme}://good.test/", address=GOOD, seconds=2).origin == ""
        assert machine.get(f"{scheme}://good.test/", address=six(GOOD), seconds=1).origin == ""
    assert lesson.lab.book.heard("good") == before
    lesson.silent()


@pytest.fixture
def second(lesson: Lesson) -> Iterator[tuple[Teacher, Machine]]:
    """A lesson of its own in room 2, which a test may end."""
    teacher = lesson.lab.teacher(2, lesson.lab.machine("staff-02"))
    patiently(teacher.sign_in)
    patiently(teacher.start)
    aida = lesson.lab.machine("room2-01")
    patiently(lambda: lesson.lab.students.seat(aida))
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
@pytest.mark.bypass("S08")
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
    lesson.lab.forget()
    opens_nothing(lesson, aida)
    lesson.refused("good.test", machine=aida, clause="2.9")


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


@pytest.mark.bypass("S01")
def test_S01_a_teachers_card_and_address_give_no_teachers_rights(lesson: Lesson):  # noqa: N802
    """Copied in a room of students. Beside the teacher's own it is that PC to the box, as THREAT_MODEL.md says."""
    victim = lesson.lab.teacher(2, lesson.lab.machine("staff-02"))
    victim.sign_in()
    assert wait_until(lambda: victim.machine.get("http://good.test/", seconds=2).origin == "good", 20)
    teacher = victim.machine.pc
    with disguised(lesson.lab.machine("room1-08"), address=teacher.address, mac=teacher.mac) as thief:
        begun = time.monotonic()
        opens_nothing(lesson, thief)
        portal = thief.get(f"http://darbaza/sabak/{lesson.teacher.lesson}/", address=thief.pc.gate, seconds=2)
        assert lesson.teacher.lesson not in portal.text, "no console without a session"
        lesson.refused(device=teacher.mac, clause="2.11")
        assert wait_until(lambda: bool(alerts(lesson, teacher.address) & {"impostor", "twice"}), 10)
        assert time.monotonic() - begun < 25


@pytest.mark.bypass("S02")
def test_S02_an_address_without_its_card_opens_nothing(lesson: Lesson):  # noqa: N802
    """A classmate's PC takes Bek's address while he is signed in."""
    thief = lesson.lab.machine("room1-07")
    with disguised(thief, address=lesson.bek.pc.address):
        opens_nothing(lesson, thief)
        lesson.refused(device=thief.pc.mac, clause="2.11")
        assert wait_until(lambda: "s-doubt" in lesson.console(), 10), "the teacher is shown it"
        assert lesson.open_for(lesson.bek), "whoever sits there by right goes on"


@pytest.mark.bypass("S02")
def test_S02_a_leased_address_is_its_cards_and_nobody_elses_and_comes_with_where_to_sign_in(  # noqa: N802
    lesson: Lesson, second: tuple[Teacher, Machine], tmp_path: Path
):
    """A PC that asks for its address by DHCP, as most do, is told by option 114 where one signs in."""
    pc = lesson.lab.machine("room2-12")
    told = pc.lease(tmp_path)
    assert told["ip"] == pc.pc.address, "the portal keeps it for the PC's card"
    assert bytes.fromhex(told["opt114"]).decode() == CAPTIVE_STATE
    state = json.loads(pc.get(CAPTIVE_STATE).body)
    assert (state["captive"], state["user-portal-url"]) == (True, SIGN_IN_PAGE)
    patiently(lambda: lesson.lab.students.seat(pc, 1))
    assert wait_until(lambda: lesson.open_for(pc), 20)
    assert not pc.is_captive()
    assert lesson.lab.wait_for_events(pc.pc.address)[-1].person
    with disguised(pc, address=pc.pc.address, mac="00:00:5e:00:53:77") as thief:
        lesson.lab.forget()
        opens_nothing(lesson, thief)
        lesson.refused(device="00:00:5e:00:53:77", clause="2.11")
        assert thief.lease(tmp_path) == {}, "a card that nobody entered is given no address"


@pytest.mark.bypass("S12")
def test_S12_whoever_guesses_a_pin_has_five_tries_and_opens_nothing_from_another_address_either(  # noqa: N802
    lesson: Lesson, second: tuple[Teacher, Machine]
):
    guesser, students = lesson.lab.machine("room2-02"), lesson.lab.students
    page = guesser.get(SIGN_IN_PAGE).text
    name = [found for found in map(unescape, map("".join, OPTION.findall(page))) if found in students.sign_ins.pins][2]
    pin = students.sign_ins.pins[name]
    bound = len(recorded(lesson, "lessons:student:bind"))
    wrong = [f"{(int(pin) + more) % 10_000:04d}" for more in range(1, 6)]
    assert {guesser.sign_in(name, guess).status for guess in wrong} == {403}
    assert guesser.sign_in(name, pin).status == 403, "not even the right one"
    with disguised(guesser, address="10.50.2.77"):
        assert 'name="pin"' not in guesser.get(SIGN_IN_PAGE).text
    opens_nothing(lesson, guesser)
    lesson.refused("good.test", machine=guesser, clause="2.9")
    assert len(recorded(lesson, "lessons:student:bind")) == bound


@pytest.mark.bypass("S04")
def test_S04_a_computer_that_leaves_the_network_is_told_within_a_minute(  # noqa: N802
    lesson: Lesson, second: tuple[Teacher, Machine]
):
    """As when a phone's hotspot takes its place: its cable is silent, and it is still signed in."""
    teacher, aida = second
    before = len(recorded(lesson, "lessons:device:leave"))
    aida.ip("link", "set", "eth0", "down")
    try:
        begun = time.monotonic()
        assert wait_until(lambda: len(recorded(lesson, "lessons:device:leave")) > before, 60)
        assert time.monotonic() - begun < 60
        page = teacher.machine.get(teacher.console).text
        assert "s-gone" in page
        assert "тармактан чыгып кетти" in page
    finally:
        aida.ip("link", "set", "eth0", "up")
        aida.ip("route", "replace", "default", "via", aida.pc.gate)
    assert recorded(lesson, "lessons:device:leave")[-1]["device"] == aida.pc.address
    back = lambda: recorded(lesson, "lessons:device:return")  # noqa: E731
    assert wait_until(lambda: lesson.open_for(aida) and bool(back()), 30), "who comes back goes on"


@pytest.mark.bypass("S07")
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_S07_what_was_just_allowed_is_refused_on_the_same_connection_after_the_change(  # noqa: N802
    lesson: Lesson, second: tuple[Teacher, Machine], scheme: str
):
    teacher, aida = second
    request = b"GET / HTTP/1.1\r\nHost: good.test\r\n\r\n"
    link = aida.tcp(GOOD, 443 if scheme == "https" else 80)
    held = tls(link, "good.test") if scheme == "https" else link
    held.sendall(request)
    assert b" 200 " in held.recv(4096)
    assert teacher.act("deny", address="good.test").status in (200, 302)
    changed = time.monotonic()
    held.settimeout(1)
    with held, contextlib.suppress(OSError):
        held.sendall(request)
        while b" 200 " in held.recv(4096):  # what is asked within the moment of the change may still be answered
            assert time.monotonic() - changed < 2
            time.sleep(0.05)
            held.sendall(request)
    assert wait_until(lambda: not lesson.open_for(aida), 2)
    lesson.lab.forget()
    assert not lesson.open_for(aida)
    assert lesson.lab.book.heard("good") == b""
    lesson.refused("good.test", machine=aida, clause="2.7")


@pytest.mark.bypass("S09")
def test_S09_a_supervisors_sign_of_life_counts_once_and_not_from_a_students_computer(  # noqa: N802
    lesson: Lesson, second: tuple[Teacher, Machine]
):
    teacher, aida = second
    page = teacher.machine.get(teacher.console).text
    token, key = FORM_TOKEN.search(page), CONSOLE_KEY.search(page)
    assert token
    assert key
    sign = unescape(key[1])
    assert teacher.say_present(token[1], sign, 5).status == 204
    before = len(recorded(lesson, "lessons:supervisor:refuse"))
    assert {teacher.say_present(token[1], sign, number).status for number in (5, 4, 1)} == {409}
    thief = replace(aida, cookies=dict(teacher.machine.cookies))
    assert teacher.say_present(token[1], sign, 6, at=thief).status == 409, "with the session itself"
    assert teacher.say_present(token[1], sign, 7, at=aida).status in (302, 403), "without a session"
    assert teacher.say_present("x" * 64, sign, 8).status == 403, "without the form's token"
    found = [(one["why"], one["device"]) for one in recorded(lesson, "lessons:supervisor:refuse")[before:]]
    assert found == [("replay", teacher.machine.pc.address)] * 3 + [("students-device", aida.pc.address)]


@pytest.mark.bypass("S22")
def test_S22_whoever_is_in_one_lesson_is_taken_into_no_other(  # noqa: N802
    lesson: Lesson, second: tuple[Teacher, Machine]
):
    """By name and PIN at a PC of the other room. What his lesson closes is closed, though it is open in the other."""
    name, other = lesson.who[lesson.bek.pc.name], lesson.lab.machine("room2-03")
    bound = len(recorded(lesson, "lessons:student:bind"))
    assert other.sign_in(name, lesson.lab.students.sign_ins.pins[name]).status == 403
    assert len(recorded(lesson, "lessons:student:bind")) == bound
    opens_nothing(lesson, other)
    lesson.refused("good.test", machine=other, clause="2.9")
    assert lesson.open_for(lesson.bek), "his own lesson goes on"
    lesson.teacher.act("deny", address="maektep.test")
    assert wait_until(lambda: lesson.bek.get("http://maektep.test/").origin == "", 10)
    assert second[1].get("http://maektep.test/").origin == "good", "in the other lesson it is open"
    lesson.refused("maektep.test", clause="2.7", method="GET")


@pytest.mark.bypass("S19")
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_S19_without_a_lesson_nothing_opens(lesson: Lesson, scheme: str):  # noqa: N802
    alone = lesson.lab.machine("room2-09")
    opens_nothing(lesson, alone)
    assert alone.send(GOOD, 22, b"SSH-2.0-x\r\n", seconds=1) == b""
    lesson.refused("good.test", machine=alone, clause="2.9")
    assert lesson.lab.book.heard("good") == b""


@pytest.mark.bypass("S10")
@pytest.mark.parametrize("path", ["kirish/", "kirish/leave", "accounts/login/", "sabak/start"])
def test_S10_a_form_on_another_site_changes_nothing(lesson: Lesson, path: str):  # noqa: N802
    """Neither at the student's own browser nor at the teacher's, whose session it would ride on."""
    bound = len(recorded(lesson, "lessons:student:bind"))
    headers = {"Origin": "http://good.test", "Referer": "http://good.test/"}
    headers["Content-Type"] = "application/x-www-form-urlencoded"
    for machine in (lesson.bek, lesson.teacher.machine):
        answer = machine.fetch("POST", f"http://darbaza/{path}", body=b"student=x&pin=1234&place=x", headers=headers)
        assert answer.status == 403
    acts = lesson.teacher.machine.fetch("POST", f"{lesson.teacher.console}end", body=b"x=1", headers=headers)
    assert acts.status == 403
    assert lesson.open_for(lesson.bek)
    assert len(recorded(lesson, "lessons:student:bind")) == bound
