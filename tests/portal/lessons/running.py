"""A portal of its own behind a real server, with one open lesson, for tests that need the wire."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from socket import create_connection
from urllib.request import Request

import pytest

from tests.migrated import lay_migrated_database
from tests.ports import free_port

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
school.other_slot.delete()  # whatever the hour, room k2 is free
with transaction.atomic():
    exception = note_exception(room=school.k1, school_class=school.seven, teacher=school.aida, since=now,
        until=now + timedelta(minutes=40), reason='test', by=school.ict, at=now, subject='Информатика')
session = actions.start_lesson(key=exception.key, by=school.aida, at=now)
people = ('aida', 'bakyt', 'responsible')
cookies = {name: signed_in(getattr(school, name)).cookies['darbaza_session'].value for name in people}
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


@dataclass
class Portal:
    """A running portal of its own, with one open lesson."""

    port: int
    environment: dict[str, str]
    session: str
    student: str
    cookies: dict[str, str]
    token: str
    server: subprocess.Popen[bytes]

    def run(self, code: str) -> None:
        subprocess.run([sys.executable, "-c", ACT + code], env=self.environment, check=True, cwd=ROOT)

    def lose_power(self) -> None:
        """All processes of the server die at once, as in a power cut."""
        os.killpg(self.server.pid, signal.SIGKILL)
        self.server.wait(20)

    def start_again(self) -> None:
        """Power is back."""
        self.server = serve(self.port, self.environment)
        wait_for(self.port)

    def request(self, path: str, **headers: str) -> Request:
        return Request(f"http://127.0.0.1:{self.port}{path}", headers=headers)


@pytest.fixture(scope="module")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Portal]:
    with portal_in(tmp_path_factory.mktemp("portal"), {}) as running:
        yield running


@contextmanager
def portal_in(state: Path, more: dict[str, str]) -> Iterator[Portal]:
    """A portal with its state in a folder, and more settings from the environment."""
    state.mkdir(exist_ok=True)
    (state / "secret_key").write_text("k" * 60)
    (state / "static").mkdir()
    environment = {key: value for key, value in os.environ.items() if not key.startswith("DARBAZA_")} | {
        "DARBAZA_STATE": str(state), "DARBAZA_PLAIN_HTTP": "1", "DJANGO_SETTINGS_MODULE": "darbaza.portal.settings",
        "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}", **more,
    }  # fmt: skip
    lay_migrated_database(state / "portal.sqlite3")
    collect = [sys.executable, "-m", "django", "collectstatic", "-v0", "--noinput"]
    subprocess.run(collect, env=environment, check=True, cwd=ROOT)
    seeded = subprocess.run([sys.executable, "-c", SEED], env=environment, check=True, cwd=ROOT, capture_output=True)
    port = free_port()
    server = serve(port, environment)
    running = Portal(port=port, environment=environment, server=server, **json.loads(seeded.stdout))
    try:
        wait_for(port)
        yield running
    finally:
        running.server.terminate()
        running.server.wait(20)


def serve(port: int, environment: dict[str, str]) -> subprocess.Popen[bytes]:
    """The real server. Open streams would hold it up when it is told to stop."""
    serving = f"-m granian --interface asginl --workers-kill-timeout 1 --port {port} darbaza.portal.asgi:application"
    return subprocess.Popen(
        [sys.executable, *serving.split()],
        env=environment,
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


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
