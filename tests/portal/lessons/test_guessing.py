"""Guessing PINs over a real server (S12): thirty computers at once, each with addresses to spare."""

import http.client
import json
import re
import subprocess
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlencode

import pytest

from tests.portal.lessons.running import ACT, ROOT, Portal, portal

__all__ = ["portal"]
pytestmark = [pytest.mark.bypass("S12"), pytest.mark.timeout(600)]

DEVICES = 30
MORE_SEATS = f"""
from darbaza.portal.rooms.models import Seat
room = session.room
for number in range(5, {DEVICES + 1}):
    seat = Seat.objects.create(room=room, number=number, x=number % 6, y=10 + number // 6)
    Device.objects.create(address=f'127.0.1.{{number}}', name=f'PC-{{number}}', seat=seat)
"""
TRIED = """
import json
from darbaza.portal.audit.models import AuditEntry
from darbaza.portal.lessons.models import Binding
from darbaza.portal.people.models import PinAttempt
from collections import Counter
tries = Counter(PinAttempt.objects.values_list('device', flat=True))
print(json.dumps({'tries': sum(tries.values()), 'most': max(tries.values()), 'closed': session.pins_closed is not None,
    'bound': Binding.objects.filter(session=session).count(),
    'audit': AuditEntry.objects.filter(act='lessons:pins:close', subject=session.public_id).count()}))
"""


class Guesser:
    """One computer with its browser."""

    def __init__(self, portal: Portal, address: str) -> None:
        self.port, self.address, self.student = portal.port, address, portal.student

    def request(self, method: str, body: str = "", **headers: str) -> http.client.HTTPResponse:
        link = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60, source_address=(self.address, 0))
        link.request(method, "/kirish/", body, headers)
        answer = link.getresponse()
        self.text = answer.read().decode()
        link.close()
        return answer

    def guess(self, pin: str) -> str:
        """Try a PIN; what the page says of it."""
        page = self.request("GET")
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', self.text)
        if token is None or 'name="pin"' not in self.text:
            return "no form"
        cookie = page.headers["Set-Cookie"].partition(";")[0]
        form = urlencode({"csrfmiddlewaretoken": token[1], "student": self.student, "pin": pin})
        kind = "application/x-www-form-urlencoded"
        answer = self.request("POST", form, Cookie=cookie, **{"Content-Type": kind})
        if answer.status != 403:
            return "in"
        words = {
            "Бул сабакта туура эмес PIN өтө көп терилди. Мугалимден отургузууну сураңыз.": "lesson",
            "Бул жерде туура эмес PIN өтө көп киргизилди. Мугалимге кайрылыңыз же бир нече мүнөт күтүңүз.": "device",
            "Аты же PIN туура эмес.": "wrong",
        }
        return next((said for text, said in words.items() if text in self.text), self.text[-400:])


def told(portal: Portal) -> dict[str, object]:
    """What the portal wrote down."""
    done = subprocess.run(
        [sys.executable, "-c", ACT + TRIED], env=portal.environment, check=True, cwd=ROOT, capture_output=True
    )
    found: dict[str, object] = json.loads(done.stdout)
    return found


def test_thirty_computers_at_once_get_thirty_tries_and_then_the_teacher_decides(portal: Portal) -> None:
    portal.run(MORE_SEATS)
    guessers = [Guesser(portal, f"127.0.1.{number}") for number in range(1, DEVICES + 1)]
    strangers = [Guesser(portal, f"127.0.9.{number}") for number in range(1, 6)]
    with ThreadPoolExecutor(DEVICES) as threads:
        first = list(threads.map(lambda one: Counter(one.guess(f"00{n:02}") for n in range(7)), guessers[:3]))
        rest = list(threads.map(lambda one: one.guess("0001"), guessers))
        others = list(threads.map(lambda one: one.guess("0001"), strangers))
    assert all(one["wrong"] <= 5 and one["in"] == 0 for one in first), first
    assert sum(one["wrong"] for one in first) == 15
    assert Counter(rest)["wrong"] <= 15
    assert set(others) == {"no form"}, "an address that the school does not know can't even try"
    assert guessers[-1].guess("4829") == "lesson", "not even the right one"
    now = told(portal)
    assert now == {"tries": 30, "most": 5, "closed": True, "bound": 0, "audit": 1}
    seat = "seating.seat_student(session=session, device=Device.objects.get(address='127.0.1.30'), student="
    portal.run(f"{seat}Person.objects.get(public_id='{portal.student}'), by=session.supervisor, at=at)")
    assert told(portal)["bound"] == 1, "the teacher seats whoever they know"
