"""The invented people at the lab's PCs: a teacher who opens and keeps lessons, students who sign in.

Nothing here reaches into the portal: each act is the form that a browser would send, from their PC.
"""

import re
import threading
from dataclasses import dataclass, field
from html import unescape
from urllib.parse import urlencode

from darbaza.demo.simulator import CONSOLE, CONSOLE_KEY, FORM_TOKEN, OPTION, PLACE, SignIns
from darbaza.lab.machines import FORM_SECONDS, SIGN_IN_PAGE, Answer, Machine

PORTAL = "http://darbaza"
HEARTBEAT_SECONDS = 10.0


class PeopleError(RuntimeError):
    """Somebody could not do at a PC what they were to do. The text holds what the page said."""


@dataclass(slots=True)
class Teacher:
    """A member of staff at a PC, whose lessons have a sign of life as long as nobody takes them away."""

    machine: Machine
    username: str
    password: str
    lesson: str = ""
    _stop: threading.Event = field(default_factory=threading.Event)
    _keeper: threading.Thread | None = None

    def sign_in(self) -> None:
        """Sign in to the portal. Raises PeopleError."""
        page = f"{PORTAL}/accounts/login/"
        answer = self.machine.post_form(page, page, {"login": self.username, "password": self.password})
        if answer.status not in (200, 302) or "darbaza_session" not in self.machine.cookies:
            raise PeopleError(f"`{self.username}` can't sign in at {self.machine.pc.name}: {_said(answer)}")

    def start(self) -> None:
        """Open the lesson of this hour and stay with it. Raises PeopleError."""
        listed = self._page(f"{PORTAL}/sabak/")
        place, running = PLACE.search(listed.text), CONSOLE.search(listed.text)
        if running is None:
            if place is None:
                raise PeopleError(f"`{self.username}` has no lesson to start: {_said(listed)}")
            self.machine.post_form(f"{PORTAL}/sabak/", f"{PORTAL}/sabak/start", {"place": unescape(place[1])})
            running = CONSOLE.search(self._page(f"{PORTAL}/sabak/").text)
        if running is None:
            raise PeopleError(f"`{self.username}` started a lesson that is not there")
        self.lesson = running[1]
        self._stop.clear()
        self._keeper = threading.Thread(target=self._keep, daemon=True)
        self._keeper.start()

    def _keep(self) -> None:
        page = self.console
        opened = self._page(page).text
        token, key, number = FORM_TOKEN.search(opened), CONSOLE_KEY.search(opened), 0
        while token and key and not self._stop.wait(HEARTBEAT_SECONDS):
            number += 1
            self.say_present(token[1], unescape(key[1]), number)

    def _page(self, address: str) -> Answer:
        return self.machine.get(address, seconds=FORM_SECONDS)

    def say_present(self, token: str, key: str, number: int, *, at: Machine | None = None) -> Answer:
        """One sign of life as the console's script sends it; `at` another machine that has this one's cookies."""
        headers = {"X-CSRFToken": token, "Referer": self.console, "Origin": PORTAL}
        headers["Content-Type"] = "application/x-www-form-urlencoded"
        body = urlencode({"console": key, "number": number}).encode()
        return (at or self.machine).fetch("POST", f"{self.console}heartbeat", headers=headers, body=body)

    @property
    def console(self) -> str:
        """The address of the lesson's console."""
        return f"{PORTAL}/sabak/{self.lesson}/"

    def act(self, name: str, **fields: str) -> Answer:
        """One act of the console: `end`, `pause`, `deny`, …"""
        return self.machine.post_form(self.console, f"{self.console}{name}", fields)

    def end(self) -> None:
        """End the lesson. Raises PeopleError if the portal does not."""
        self.leave()
        answer = self.act("end")
        if answer.status not in (200, 302):
            raise PeopleError(f"the lesson of `{self.username}` does not end: {_said(answer)}")

    def leave(self) -> None:
        """Close the lid: no sign of life from here on."""
        self._stop.set()
        if self._keeper is not None:
            self._keeper.join()
            self._keeper = None


@dataclass(frozen=True, slots=True)
class Students:
    """The students whose names a captive page offers, and their PINs."""

    sign_ins: SignIns

    def seat(self, machine: Machine, number: int = 0) -> str:
        """Sign a student of the class in at a PC, the `number`-th that the page offers; who it is. PeopleError."""
        page = machine.get(SIGN_IN_PAGE, seconds=FORM_SECONDS)
        names = [unescape("".join(found)) for found in OPTION.findall(page.text)]
        known = [name for name in names if name in self.sign_ins.pins]
        if not known:
            raise PeopleError(f"nobody can sign in at {machine.pc.name}: {_said(page)}")
        name = known[number % len(known)]
        answer = machine.sign_in(name, self.sign_ins.pins[name])
        if answer.status not in (200, 302):
            raise PeopleError(f"`{name}` can't sign in at {machine.pc.name}: {_said(answer)}")
        return name


def _said(answer: Answer) -> str:
    """A page's words, short."""
    text = re.sub(r"<[^>]+>|\s+", " ", answer.text)
    return f"{answer.status} {' '.join(text.split())[:300]}"
