"""The live console and the boxes' waiting questions over a real server: acts and verdicts arrive at once, unasked.

Bounds of time are wide, since other tests keep the machine busy: far below what a question waits, or a page is stale.
"""

import json
import subprocess
import sys
import time
from typing import Any
from urllib.request import Request, urlopen

import pytest

from tests.portal.lessons.running import ACT, ROOT, Portal, portal

__all__ = ["portal"]
pytestmark = [pytest.mark.timeout(600)]


AT_ONCE = 10.0
"""Seconds, of a portal at the lowest priority; the benches measure how soon it is."""

WAIT = 25
"""Seconds for which a box's question waits for news."""


class Stream:
    """A console's stream, read event by event."""

    def __init__(self, portal: Portal, who: str = "aida", last: str = "") -> None:
        headers = {"Cookie": f"darbaza_session={portal.cookies[who]}"} | ({"Last-Event-ID": last} if last else {})
        self.answer = urlopen(portal.request(f"/sabak/{portal.session}/stream", **headers), timeout=60)  # noqa: S310 - our own portal
        self.last = ""

    def __enter__(self) -> "Stream":
        return self

    def __exit__(self, *_error: object) -> None:
        self.answer.close()

    def state(self, seconds: float = 60) -> dict[str, Any]:
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
    urlopen(request, timeout=60).close()  # noqa: S310 - our own portal
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
        assert time.monotonic() - begun < AT_ONCE
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

    known = json.load(urlopen(state_request(portal, 0, 0, 0), timeout=60))  # noqa: S310 - our own portal
    waiting = subprocess.Popen(
        [sys.executable, "-c", ACT + "import time; time.sleep(1); actions.end_lesson(session=session,"
         " by=session.supervisor, at=clock.utc_now()); print(time.time())"],
        env=portal.environment, cwd=ROOT, stdout=subprocess.PIPE,
    )  # fmt: skip
    news = news_since(portal, known)
    heard = time.time()
    output, _ = waiting.communicate(timeout=60)
    assert news["snapshot"] is None
    assert news["sequence"] == known["sequence"] + 1
    assert heard - float(output) < AT_ONCE

    with Stream(portal) as over:
        assert over.state()["over"]


def news_since(portal: Portal, known: dict[str, Any]) -> dict[str, Any]:
    """What a box hears that asks again and again, each time waiting for news; a busy machine acts late."""
    for _ in range(8):
        asked = state_request(portal, known["revision"], known["sequence"], WAIT)
        news: dict[str, Any] = json.load(urlopen(asked, timeout=WAIT + 60))  # noqa: S310 - our own portal
        if news["sequence"] != known["sequence"]:
            return news
    raise TimeoutError("no news came")


def state_request(portal: Portal, revision: int, sequence: int, wait: int) -> Request:
    query = f"revision={revision}&sequence={sequence}&wait={wait}"
    return portal.request(f"/api/gateway/v1/state?{query}", Authorization=f"Bearer {portal.token}")


def test_the_stream_of_another_teachers_lesson_is_closed(portal: Portal) -> None:
    with pytest.raises(OSError, match="403"):
        Stream(portal, "bakyt")
