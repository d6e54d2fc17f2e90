"""Consoles under load: four lessons of 40 students, 20 verdicts a second each: `bench/console.py [seconds]`.

A portal of its own serves, granian as at a school; a box ships verdicts twice a second, as the agent does. Three slots
in one run: nothing, verdicts without a console, verdicts with four consoles, so that what the consoles cost is the
difference. CPU is the kernel's count of the server's processes, and Chromium's own count of all of its processes, for
one console in a window of 1024×768; the other three consoles are streams that are read and thrown away.
"""

import json
import os
import random
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

sys.path.insert(0, str(Path(__file__).parents[1]))

from bench.portal import ROOT, begin, cpu, served, surroundings

STATE = ROOT / "var" / "bench-console"
PORT = 28950
LESSONS, STUDENTS, RATE = 4, 40, 20
"""Lessons, students of each, verdicts a second in each."""
SHIP_EVERY = 0.5
HOSTS = [f"site{number}.test" for number in range(60)]
SEED = f"""
import json, django
django.setup()
from datetime import timedelta
from django.db import transaction
from darbaza import clock
from darbaza.portal.gateways.actions import enrol_box
from darbaza.portal.lessons import actions, seating
from darbaza.portal.people.duties import Duty
from darbaza.portal.people.models import SchoolClass
from darbaza.portal.timetable.actions import note_exception
from tests.portal import live
now, school, lessons = clock.utc_now(), live.make_school(), []
for number in range({LESSONS}):
    order = live.order_of(school.director, 100 + number, live.OrderKind.ROOMS)
    room, teacher = live.room(f"b{{number}}", order), live.staff(f"Мугалим{{number}}", Duty.TEACHER)
    group = SchoolClass.objects.create(grade=7, letter="БВГД"[number])
    with transaction.atomic():
        exception = note_exception(room=room, school_class=group, teacher=teacher, since=now,
            until=now + timedelta(minutes=60), reason="bench", by=school.ict, at=now, subject="Информатика")
    session = actions.start_lesson(key=exception.key, by=teacher, at=now)
    seats = []
    for place in range({STUDENTS}):
        device = live.device(f"127.1.{{number}}.{{place + 1}}", room, place + 1)
        device.seat.x, device.seat.y = place % 8, place // 8
        device.seat.save()
        student = live.student(f"Окуучу{{number}}-{{place}}", group)
        seating.seat_student(session=session, device=device, student=student, by=teacher, at=now)
        seats.append([device.address, student.public_id])
    cookie = live.signed_in(teacher).cookies["darbaza_session"].value
    lessons.append({{"session": session.public_id, "cookie": cookie, "seats": seats}})
print(json.dumps({{"lessons": lessons, "token": enrol_box(name="box", by=None, at=now)}}))
"""

Seeded = dict[str, Any]


def seed() -> Seeded:
    """A new portal with its lessons open and everybody at their seat."""
    begin(STATE)
    command = [sys.executable, "-c", SEED]
    done = subprocess.run(command, env=surroundings(STATE), check=True, cwd=ROOT, capture_output=True)
    found: Seeded = json.loads(done.stdout)
    return found


class Box:
    """Ships verdicts of all lessons while it is told to."""

    def __init__(self, seeded: Seeded) -> None:
        self._seeded, self._sent, self._on = seeded, 0, threading.Event()
        self._random = random.Random(46)
        threading.Thread(target=self._run, daemon=True).start()

    @contextmanager
    def shipping(self) -> Iterator[None]:
        self._on.set()
        yield
        self._on.clear()

    def _run(self) -> None:
        while self._on.wait():
            begun = time.monotonic()
            self._ship()
            time.sleep(max(0, SHIP_EVERY - (time.monotonic() - begun)))

    def _ship(self) -> None:
        lessons = [one for one in self._seeded["lessons"] for _ in range(round(RATE * SHIP_EVERY))]
        lines = [self._line(self._sent + place, lesson) for place, lesson in enumerate(lessons, start=1)]
        body = json.dumps({"file": "1790000000000-1.spool", "first": self._sent + 1, "lines": lines}).encode()
        request = Request(f"http://127.0.0.1:{PORT}/api/gateway/v1/verdicts", body)
        request.add_header("Authorization", f"Bearer {self._seeded['token']}")
        urlopen(request, timeout=20).close()  # noqa: S310 - our own portal
        self._sent += len(lines)

    def _line(self, number: int, lesson: Seeded) -> str:
        from darbaza.snapshot.spool import format_event

        device, person = self._random.choice(lesson["seats"])
        refused = self._random.random() < 0.15
        what = (
            "deny\t2.6\t8\truled-denied\tgames\tdecision\t2026-4"
            if refused
            else "allow\t2.6\t8\tnot-denied\t\tregulation\t"
        )
        line = format_event(number, time.time_ns() // 1000, f"{device}\t{person}\t{lesson['session']}", "GET",
                            self._random.choice(HOSTS), 80, f"{what}\t\t1\t1")  # fmt: skip
        return line.decode().rstrip("\n")


def read_stream(lesson: Seeded, told: list[int]) -> None:
    """A console that reads its stream and shows nothing; how many events and bytes came."""
    request = Request(f"http://127.0.0.1:{PORT}/sabak/{lesson['session']}/stream")
    request.add_header("Cookie", f"darbaza_session={lesson['cookie']}")
    with urlopen(request, timeout=60) as answer:  # noqa: S310 - our own portal
        for line in answer:
            told[0] += line.startswith(b"event: state")
            told[1] += len(line)


def browser_cpu(session: Any) -> float:
    """Seconds of CPU of all of Chromium's processes."""
    found = session.send("SystemInfo.getProcessInfo")["processInfo"]
    return float(sum(one["cpuTime"] for one in found))


def slot(name: str, server: int, seconds: float) -> float:
    """Per cent of one core that the server uses over some seconds."""
    before, begun = cpu(server), time.monotonic()
    time.sleep(seconds)
    used = 100 * (cpu(server) - before) / (time.monotonic() - begun)
    print(f"{name:48} server {used:5.1f} % of a core", flush=True)
    return used


def with_consoles(seeded: Seeded, server: int, box: Box, seconds: float) -> float:
    """Four consoles, one of them in Chromium."""
    from playwright.sync_api import sync_playwright

    told = [0, 0]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        context = browser.new_context(viewport={"width": 1024, "height": 768})
        lesson = seeded["lessons"][0]
        address = f"http://127.0.0.1:{PORT}"
        context.add_cookies([{"name": "darbaza_session", "value": lesson["cookie"], "url": address}])
        page = context.new_page()
        page.goto(f"{address}/sabak/{lesson['session']}/")
        for other in seeded["lessons"][1:]:
            threading.Thread(target=read_stream, args=(other, told), daemon=True).start()
        session = browser.new_browser_cdp_session()
        with box.shipping():
            page.wait_for_timeout(3000)
            before, begun, events = browser_cpu(session), time.monotonic(), told[0]
            used = slot("verdicts, four consoles", server, seconds)
            spent = time.monotonic() - begun
            shown = 100 * (browser_cpu(session) - before) / spent
        assert page.locator(".s-refused, .s-online").count() == STUDENTS
        assert page.locator("#lost").is_hidden()
        print(f"{'one console in Chromium':48} browser {shown:4.1f} % of a core")
        print(f"{'updates a second and console':48} {(told[0] - events) / spent / (LESSONS - 1):5.1f}")
        browser.close()
    return used


def main() -> None:
    """Seed, serve, measure."""
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 30
    seeded = seed()
    with served(STATE, PORT) as server:
        box = Box(seeded)
        slot("nothing", server, seconds)
        with box.shipping():
            time.sleep(2)
            without = slot("verdicts, no console", server, seconds)
        used = with_consoles(seeded, server, box, seconds)
        load = os.getloadavg()[0]
        print(f"{'four consoles by themselves':48} server {used - without:5.1f} % of a core, load {load:.1f}")


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT / "src"))
    main()
