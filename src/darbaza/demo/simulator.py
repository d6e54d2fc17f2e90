"""A class at work: its teacher keeps the lesson, its students sign in at their PCs and browse, through the real gate.

Each PC is a source address. Everything goes over HTTP as from a browser: the captive page, the sites through Squid,
the teacher's sign-in, *start* and the console's sign of life. What lies between is the product itself.
"""

import asyncio
import json
import logging
import random
import re
import ssl
from dataclasses import dataclass, field
from html import unescape
from pathlib import Path
from typing import Any

import aiohttp

from darbaza.clock import utc_now
from darbaza.demo import cast
from darbaza.demo.places import (
    HOST,
    HTTP_PORT,
    PORTAL_URL,
    ROOMS,
    SEATS,
    SQUID_PORT,
    TLS_PORT,
    Folders,
    staff_pc,
    student_pc,
)
from darbaza.demo.sites import BY_HOST

logger = logging.getLogger(__name__)

PROXY = f"http://{HOST}:{SQUID_PORT}"
CAPTIVE = "http://darbaza/kirish/"
CAPTIVE_STATE = "http://darbaza/captive"
ABSENT = (5, 11)
"""Seats of each room at which nobody sits today."""

EVENTS_A_SECOND = 2.0
IDLE_SECONDS = 6.0
"""How often a PC at which nobody is signed in looks whether a lesson has begun."""

HEARTBEAT_SECONDS = 20.0
AFTER_EARLY_END_SECONDS = 60.0

USUAL = ("kitep.test", "sabak.test", "entsiklopediya.test", "maektep.test")
TEMPTING = ("oyun.test", "tarmak.test", "belgisiz.test", "video.test", "poshta.test", "jukto.test", "kumar.test")
TEMPTATION = 0.12
TLS_SHARE = 0.3

FORM_TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')
OPTION = re.compile(r'<option value="([^"]+)"|name="student"[^>]* value="([^"]+)"|value="([^"]+)"[^>]* name="student"')
PLACE = re.compile(r'name="place" value="([^"]+)"')
CONSOLE_KEY = re.compile(r'data-key="([^"]+)"')
CONSOLE = re.compile(r'href="/sabak/([0-9a-z]{12})/"')


@dataclass(slots=True)
class SignIns:
    """Passwords and PINs of the invented people, as `school` wrote them."""

    passwords: dict[str, str]
    pins: dict[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, path: Path) -> "SignIns":
        """Read the file. Raises OSError, ValueError."""
        kept = json.loads(path.read_text(encoding="utf-8"))
        return cls(kept["passwords"], {one["id"]: one["pin"] for group in kept["students"].values() for one in group})


class Simulator:
    """All PCs and one teacher. `first_seat` is set once somebody has signed in at the first PC of room 1."""

    def __init__(self, places: Folders, seed: int | None = None) -> None:
        """Read the sign-ins and the authority of the sites. Raises OSError, ValueError."""
        self.sign_ins = SignIns.read(places.secrets)
        self.tls = ssl.create_default_context(cafile=str(places.authority))
        self.random = random.Random(seed)  # noqa: S311 - a simulation, no secret
        self.first_seat = asyncio.Event()
        self.seated = 0

    async def run(self) -> None:
        """Work until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(again_and_again(Teacher(self.sign_ins).work))
            for room in ROOMS:
                for seat in range(1, SEATS + 1):
                    if seat not in ABSENT:
                        group.create_task(again_and_again(Pc(self, room, seat).work))


async def again_and_again(work: Any) -> None:
    """Repeat some work for ever; whatever goes wrong, a network that is not there or an odd page, is tried again."""
    while True:
        try:
            await work()
        except Exception as error:  # a simulated child who stumbles must not end the demo
            logger.info("%s: %s", getattr(work, "__qualname__", work), error or type(error).__name__)
        await asyncio.sleep(1.0)


def client(address: str) -> aiohttp.ClientSession:
    """A browser on the PC with this address."""
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(local_addr=(address, 0), limit=6, force_close=True),
        timeout=aiohttp.ClientTimeout(total=10),
        cookie_jar=aiohttp.CookieJar(unsafe=True),
        headers={"Accept-Language": "ky"},
    )


class Pc:
    """One student's PC."""

    def __init__(self, simulator: Simulator, room: int, seat: int) -> None:
        """`room` and `seat` as people count them."""
        self.simulator, self.room, self.seat = simulator, room, seat
        self.address = student_pc(room, seat)

    async def work(self) -> None:
        """Wait for a lesson, sign in, browse until access ends."""
        random = self.simulator.random
        async with client(self.address) as browser:
            while await self.is_captive(browser):
                if await self.sign_in(browser):
                    break
                await asyncio.sleep(random.uniform(0.5, 1.5) * IDLE_SECONDS)
            if (self.room, self.seat) == (1, 1):
                self.simulator.first_seat.set()
            self.simulator.seated += 1
            try:
                await self.browse(browser)
            finally:
                self.simulator.seated -= 1

    async def is_captive(self, browser: aiohttp.ClientSession) -> bool:
        """Whether this PC must sign in before it reaches anything."""
        async with browser.get(CAPTIVE_STATE, proxy=PROXY) as answer:
            facts = await answer.json(content_type=None)
        return bool(facts.get("captive", True))

    async def sign_in(self, browser: aiohttp.ClientSession) -> bool:
        """Choose the name of the student who sits here and type the PIN; False while there is no lesson."""
        async with browser.get(CAPTIVE, proxy=PROXY) as answer:
            text = await answer.text()
        offered = [unescape("".join(found)) for found in OPTION.findall(text)]
        names = [name for name in offered if name in self.simulator.sign_ins.pins]
        token = FORM_TOKEN.search(text)
        if not names:
            return False
        name = names[(self.seat * 2) % len(names)]
        form = {"student": name, "pin": self.simulator.sign_ins.pins[name]}
        if token:
            form["csrfmiddlewaretoken"] = token[1]
        async with browser.post(CAPTIVE, data=form, proxy=PROXY, headers={"Referer": CAPTIVE}) as answer:
            await answer.read()
            return answer.status < 400

    async def browse(self, browser: aiohttp.ClientSession) -> None:
        """Open pages; after a refusal or now and then see whether access still stands."""
        random = self.simulator.random
        while True:
            await asyncio.sleep(random.expovariate(EVENTS_A_SECOND / max(1, self.simulator.seated)))
            passed = await self.open_page(browser)
            if (not passed or random.random() < 0.1) and await self.is_captive(browser):
                return

    async def open_page(self, browser: aiohttp.ClientSession) -> bool:
        """Open one page, over HTTP or TLS; whether it came."""
        random = self.simulator.random
        host = random.choice(TEMPTING if random.random() < TEMPTATION else USUAL)
        path = random.choice(("/", *BY_HOST[host].pages))
        is_tls = random.random() < TLS_SHARE
        url = f"https://{host}:{TLS_PORT}{path}" if is_tls else f"http://{host}:{HTTP_PORT}{path}"
        try:
            async with browser.get(url, proxy=PROXY, ssl=self.simulator.tls, allow_redirects=False) as answer:
                await answer.read()
                return answer.status == 200
        except (aiohttp.ClientHttpProxyError, aiohttp.ClientConnectionError, ssl.SSLError):
            return False


class Teacher:
    """The supervisor of room 1: starts each lesson of the schedule and stays with it."""

    def __init__(self, sign_ins: SignIns) -> None:
        """Signs in as the teacher of `cast`."""
        self.username = cast.LIVE_TEACHER.username
        self.password = sign_ins.passwords[self.username]

    async def work(self) -> None:
        """Sign in, then start lessons and keep them."""
        async with client(staff_pc(1)) as browser:
            await self.post(browser, "/accounts/login/", {"login": self.username, "password": self.password})
            while True:
                text = await self.get(browser, "/sabak/")
                lesson, place = CONSOLE.search(text), PLACE.search(text)
                if lesson and not place:
                    await self.keep(browser, lesson[1])
                    if utc_now().minute:  # not the bell: somebody who tries the demo ended it, and wants to see that
                        await asyncio.sleep(AFTER_EARLY_END_SECONDS)
                elif place:
                    await self.post(browser, "/sabak/start", {"place": unescape(place[1])}, page=text)
                await asyncio.sleep(2)

    async def keep(self, browser: aiohttp.ClientSession, lesson: str) -> None:
        """Send the console's sign of life until the lesson is over."""
        path = f"/sabak/{lesson}/"
        opened = await self.get(browser, path)
        token, key, number = FORM_TOKEN.search(opened), CONSOLE_KEY.search(opened), 0
        while token and key:
            number += 1
            headers = {"X-CSRFToken": token[1], "Referer": PORTAL_URL + path}
            sign = {"console": unescape(key[1]), "number": str(number)}
            async with browser.post(f"{PORTAL_URL}{path}heartbeat", headers=headers, data=sign) as answer:
                if answer.status != 204:
                    return
            await asyncio.sleep(HEARTBEAT_SECONDS)
            text = await self.get(browser, "/sabak/")
            if PLACE.search(text):
                return

    async def get(self, browser: aiohttp.ClientSession, path: str) -> str:
        """A page of the portal as text."""
        async with browser.get(PORTAL_URL + path) as answer:
            answer.raise_for_status()
            return await answer.text()

    async def post(self, browser: aiohttp.ClientSession, path: str, form: dict[str, str], *, page: str = "") -> None:
        """Send a form as a browser does, with the token of the page it stands on."""
        token = FORM_TOKEN.search(page or await self.get(browser, path))
        fields = {**form, "csrfmiddlewaretoken": token[1] if token else ""}
        async with browser.post(PORTAL_URL + path, data=fields, headers={"Referer": PORTAL_URL + path}) as answer:
            await answer.read()
            answer.raise_for_status()
