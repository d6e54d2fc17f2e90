"""The live console and the boxes' waiting questions over a real server: acts and verdicts arrive within a second."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from socket import create_connection, socket
from typing import Any
from urllib.request import Request, urlopen

import pytest

ROOT = Path(__file__).resolve().parents[3]
SEED = """
import json, sys, django
django.setup()
from datetime import timedelta
from django.test import Client
from darbaza import clock
from darbaza.portal.gateways.actions import enrol_box
from darbaza.portal.lessons import actions
from darbaza.portal.timetable.actions import note_exception
from django.db import transaction
from tests.portal.live import make_school, signed_in
school, now = make_school(), clock.utc_now()
with transaction.atomic():
    exception = note_exception(room=school.k1, school_class=school.seven, teacher=school.aida, since=now,
        until=now + timedelta(minutes=40), reason='test', by=school.ict, at=now, subject='Информатика')
session = actions.start_lesson(key=exception.key, by=school.aida, at=now)
cookies = {name: signed_in(getattr(school, name)).cookies['darbaza_session'].value for name in ('aida', 'bakyt')}
print(json.dumps({'session': session.public_id, 'student': school.bek.public_id, 'cookies': cookies,
    'token': enrol_box(name='box', by=None, at=now)}))
"""
ACT = """
import sys, django
django.setup()
from darbaza import clock
from darbaza.portal.lessons import actions, seating
from darbaza.portal.lessons.models import SupervisedSession
from darbaza.portal.people.models import Person
from darbaza.portal.rooms.models import Device
session, at = SupervisedSession.objects.get(), clock.utc_now()
"""
pytestmark = [pytest.mark.timeout(180)]


@dataclass
class Portal:
    """A running portal of its own, with one open lesson."""

    port: int
    environment: dict[str, str]
    session: str
    student: str
    cookies: dict[str, str]
    token: str

    def run(self, code: str) -> None:
        subprocess.run([sys.executable, "-c", ACT + code], env=self.environment, check=True, cwd=ROOT)

    def request(self, path: str, **headers: str) -> Request:
        return Request(f"http://127.0.0.1:{self.port}{path}", headers=headers)


@pytest.fixture(scope="module")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Portal]:
    state = tmp_path_factory.mktemp("portal")
    (state / "secret_key").write_text("k" * 60)
    (state / "static").mkdir()
    environment = {key: value for key, value in os.environ.items() if not key.startswith("DARBAZA_")} | {
        "DARBAZA_STATE": str(state), "DARBAZA_PLAIN_HTTP": "1", "DJANGO_SETTINGS_MODULE": "darbaza.portal.settings",
        "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}",
    }  # fmt: skip
    for command in (["migrate", "-v0"], ["collectstatic", "-v0", "--noinput"]):
        subprocess.run([sys.executable, "-m", "django", *command], env=environment, check=True, cwd=ROOT)
    seeded = subprocess.run([sys.executable, "-c", SEED], env=environment, check=True, cwd=ROOT, capture_output=True)
    port = free_port()
    server = subprocess.Popen(
        [sys.executable, *f"-m granian --interface asginl --port {port} darbaza.portal.asgi:application".split()],
        env=environment, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        wait_for(port)
        yield Portal(port=port, environment=environment, **json.loads(seeded.stdout))
    finally:
        server.terminate()
        server.wait(20)


def free_port() -> int:
    with socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(port: int) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise TimeoutError(f"nothing listens on port {port}")


class Stream:
    """A console's stream, read event by event."""

    def __init__(self, portal: Portal, who: str = "aida", last: str = "") -> None:
        headers = {"Cookie": f"darbaza_session={portal.cookies[who]}"} | ({"Last-Event-ID": last} if last else {})
        self.answer = urlopen(portal.request(f"/sabak/{portal.session}/stream", **headers), timeout=20)  # noqa: S310 - our own portal
        self.last = ""

    def __enter__(self) -> "Stream":
        return self

    def __exit__(self, *_error: object) -> None:
        self.answer.close()

    def state(self, seconds: float = 15) -> dict[str, Any]:
        """The next state."""
        deadline, kind = time.monotonic() + seconds, ""
        while time.monotonic() < deadline:
            line = self.answer.readline().decode().strip()
            if line.startswith("id: "):
                self.last = line[4:]
            elif line.startswith("event: "):
                kind = line[7:]
            elif line.startswith("data: ") and kind == "state":
                body: dict[str, Any] = json.loads(line[6:])
                return body
        raise TimeoutError("no state came")


def ship(portal: Portal, file: str, *events: bytes) -> float:
    """Send verdicts as a box does; when they were sent."""
    body = json.dumps({"file": file, "first": 1, "lines": [event.decode().rstrip("\n") for event in events]})
    request = portal.request("/api/gateway/v1/verdicts", Authorization=f"Bearer {portal.token}")
    request.data = body.encode()
    begun = time.monotonic()
    urlopen(request, timeout=10).close()  # noqa: S310 - our own portal
    return begun


def event(portal: Portal, n: int, outcome: str, host: str) -> bytes:
    from darbaza.snapshot.spool import format_event

    what = f"{outcome}\t3.3\t1\tstatutory-category\tgambling\tlist\tut1\t\t1\t1"
    who = f"127.0.1.1\t{portal.student}\t{portal.session}"
    return format_event(n, time.time_ns() // 1000, who, "GET", host, 80, what)


def test_verdicts_and_acts_reach_the_console_and_the_box_and_a_lost_console_catches_up(portal: Portal) -> None:
    with Stream(portal) as stream:
        first = stream.state()
        assert [seat["state"] for seat in first["seats"]] == ["free"] * 4

        begun = ship(portal, "a.spool", event(portal, 1, "allow", "kitep.test"), event(portal, 2, "deny", "kumar.test"))
        told = stream.state()
        assert time.monotonic() - begun < 1
        (seat,) = told["seats"]
        assert (seat["host"], seat["refusals"], seat["clause"]) == ("kumar.test", 1, "3.3")
        assert told["fresh"] == 1

        portal.run(
            "seating.seat_student(session=session, device=Device.objects.get(address='127.0.1.1'),"
            f" student=Person.objects.get(public_id='{portal.student}'), by=session.supervisor, at=at)"
        )
        seated = stream.state()
        assert [(one["name"], one["state"]) for one in seated["seats"]] == [("Беков Бек", "refused")]
        last = stream.last

    ship(portal, "b.spool", event(portal, 1, "deny", "oyun.test"), event(portal, 2, "deny", "oyun.test"))
    with Stream(portal, last=last) as again:
        whole = again.state()
        assert whole["fresh"] == 2
        assert len(whole["seats"]) == 4

    known = json.load(urlopen(state_request(portal, 0, 0, 0), timeout=20))  # noqa: S310 - our own portal
    waiting = subprocess.Popen(
        [sys.executable, "-c", ACT + "import time; time.sleep(1); actions.end_lesson(session=session,"
         " by=session.supervisor, at=clock.utc_now()); print(time.time())"],
        env=portal.environment, cwd=ROOT, stdout=subprocess.PIPE,
    )  # fmt: skip
    news = json.load(urlopen(state_request(portal, known["revision"], known["sequence"], 25), timeout=30))  # noqa: S310 - our own portal
    heard = time.time()
    output, _ = waiting.communicate(timeout=20)
    assert news["snapshot"] is None
    assert news["sequence"] == known["sequence"] + 1
    assert heard - float(output) < 0.5

    with Stream(portal) as over:
        assert over.state()["over"]


def state_request(portal: Portal, revision: int, sequence: int, wait: int) -> Request:
    query = f"revision={revision}&sequence={sequence}&wait={wait}"
    return portal.request(f"/api/gateway/v1/state?{query}", Authorization=f"Bearer {portal.token}")


def test_the_stream_of_another_teachers_lesson_is_closed(portal: Portal) -> None:
    with pytest.raises(OSError, match="403"):
        Stream(portal, "bakyt")
