"""A browser at work for the rule of attempts: sites full of others' content, a real Squid, a real Chromium.

The sites are invented and answer on loopback; the browser has everything switched on that it does by itself. `World` is
the gate with its sites, `Browser` the PC before it.
"""

import asyncio
import contextlib
import re
import shutil
import socket
import ssl
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from bench.rulebook import DECISION, rulebook, write_key, write_snapshot
from playwright.sync_api import Error, Page, Playwright
from tests.engines.origin import Origin
from tests.engines.squid.bed import ENROLLED, GOOD, Bed

from darbaza.catalogue.categories import load
from darbaza.catalogue.compile import Part, compile_catalogue
from darbaza.catalogue.sources import Format, Source
from darbaza.demo.cables import cables
from darbaza.policy.resource import Target
from darbaza.policy.rulebook import Effect, Ruling
from darbaza.snapshot.spool import VerdictEvent

BAD = "127.9.7.2"
ALLOWED = tuple(f"kitep{number}.test" for number in range(12))
CLOSED = {
    "kazino.test": "gambling",
    "utush.test": "gambling",
    "tanish.test": "dating",
    "oyun.test": "games",
    "oyunchuk.test": "games",
    "aktivdem.test": "social",
    "video-keng.test": "video",
    "soodager.test": "shopping",
    "vpn-bekar.test": "circumvention",
    "proksi.test": "circumvention",
    "aylanma.test": "circumvention",
    "doh-jol.test": "doh",
    "reklama1.test": "ads",
    "reklama2.test": "ads",
    "izde.test": "search",
}
UNRULED = ("sanak.test", "arip.test", "kesh.test", "maek.test", "jany1.test", "jany2.test", "jany3.test",
           "kazino1.test", "kazino-zerkalo.test", "kazino-test.kotor.test", "kazino77.test")  # fmt: skip
OUTSIDE = ("203.0.113.7", "203.0.113.8", "203.0.113.9")

CONTENT = """
<link rel="icon" href="{s}://aktivdem.test/favicon.ico">
<link rel="stylesheet" href="{s}://arip.test/font.css">
<link rel="dns-prefetch" href="{s}://kazino.test">
<link rel="preconnect" href="{s}://proksi.test">
<link rel="prefetch" href="{s}://oyun.test/next">
<link rel="preload" as="script" href="{s}://reklama2.test/early.js">
<link rel="prerender" href="{s}://utush.test/">
<script src="{s}://reklama1.test/ad.js"></script>
<script src="{s}://sanak.test/count.js" async></script>
<script type="speculationrules">
{{"prefetch": [{{"source": "list", "urls": ["{s}://tanish.test/p", "/part/prefetched"]}}],
 "prerender": [{{"source": "list", "urls": ["/part/prerendered"]}}]}}</script>
<img src="{s}://sanak.test/pixel.gif" alt=""><img src="/go?to={s}://kazino.test/x.gif" alt="">
<iframe src="{s}://video-keng.test/embed"></iframe>
<iframe src="{s}://aktivdem.test/like" referrerpolicy="no-referrer"></iframe>
<iframe src="{s}://vpn-bekar.test/banner" referrerpolicy="no-referrer" loading="lazy"></iframe>
<iframe id="turning" referrerpolicy="no-referrer"></iframe>
<iframe src="/go?to={s}://soodager.test/" referrerpolicy="no-referrer"></iframe>
<video src="{s}://video-keng.test/film.mp4" autoplay muted></video>
<object data="{s}://oyunchuk.test/oyun.swf"></object>
<a id="within" href="/part/two">two</a> <a id="closed" href="{s}://oyun.test/">closed</a>
<a id="silent" rel="noreferrer" href="https://tanish.test/">silent</a>
<button id="pops" onclick="window.open('https://kazino.test/pop', '_blank', 'noopener,noreferrer')">pops</button>
<script>
let turn = 0;
const others = ["kazino.test", "utush.test", "tanish.test", "proksi.test", "vpn-bekar.test"];
setInterval(() => {{
  document.getElementById("turning").src = "{s}://" + others[turn++ % others.length] + "/banner" + turn;
  fetch("{s}://maek.test/ping?" + turn, {{mode: "no-cors"}}).catch(() => 0);
  navigator.sendBeacon("{s}://sanak.test/beacon", "seen");
  new Image().src = "{s}://doh-jol.test/dns-query?" + turn;
}}, 2000);
new WebSocket(("{s}" === "https" ? "wss" : "ws") + "://maek.test/live").onerror = () => 0;
if (navigator.serviceWorker) navigator.serviceWorker.register("/worker.js").catch(() => 0);
</script>
"""
WORKER = """
self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", event => event.waitUntil(clients.claim()));
self.addEventListener("fetch", event => event.respondWith(fetch(event.request)));
setInterval(() => ["kazino.test", "aktivdem.test", "oyun.test"].forEach(
  host => fetch("https://" + host + "/sync", {mode: "no-cors"}).catch(() => 0)), 900);
"""


class Sites(Origin):
    """All invented sites at one address, each page full of others' content."""

    def _page(self, request: bytes) -> bytes:
        target = request.split(b" ", 2)[1].decode("latin-1") if request.count(b" ") >= 2 else "/"
        scheme = "https" if threading.current_thread().name == "tls" else "http"
        return answer(target, scheme)

    def _serve_tls(self, link: socket.socket, log: bytearray, tls: ssl.SSLContext) -> None:
        threading.current_thread().name = "tls"
        super()._serve_tls(link, log, tls)


def answer(target: str, scheme: str) -> bytes:
    """What a site sends."""
    path, _, query = target.partition("?")
    if path in {"/go", "/moved"}:
        return f"HTTP/1.1 302 Found\r\nLocation: {query.removeprefix('to=')}\r\nContent-Length: 0\r\n\r\n".encode()
    if path == "/script":
        return _html(f"<script>location.href = '{query.removeprefix('to=')}'</script>")
    if path == "/refresh":
        return _html(f'<meta http-equiv="refresh" content="1; url={query.removeprefix("to=")}">')
    if path == "/worker.js":
        return _sent(WORKER.encode(), "text/javascript")
    return _html(CONTENT.format(s=scheme) * (0 if path.startswith("/bare") else 1) + "<p>text</p>")


def _html(body: str) -> bytes:
    return _sent(f"<!DOCTYPE html><html><head><title>t</title></head><body>{body}</body></html>".encode(), "text/html")


def _sent(body: bytes, kind: str) -> bytes:
    return f"HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body


class World(Bed):
    """The gate, its sites on the usual ports, and the cable of a PC that trusts the school's certificate."""

    hosts = {GOOD: " ".join(ALLOWED), BAD: " ".join([*CLOSED, *UNRULED])}

    def __init__(self) -> None:
        """Prepare all of it."""
        super().__init__("attempts")
        certificate = self.run / "origin.pem"
        self.good = Sites("good", GOOD, self.http, self.tls, certificate)
        self._ended = asyncio.Event()

    def ports(self) -> tuple[int, int]:
        """The usual ones, in a network of one's own."""
        return 80, 443

    def fill(self) -> None:
        """A school with an allow-list that also closed some categories by decision."""
        write_key(self.run, self.key)
        book = rulebook(1, self.at, [self.student, self.other_student, self.enrolled], ALLOWED)
        more = [Ruling("students", Effect.DENY, DECISION, None, category) for category in ("dating", "ads")]
        more.append(Ruling("students", Effect.DENY, DECISION, Target("izde.test")))
        devices = tuple(replace(device, trusts=device.address == self.enrolled) for device in book.devices)
        write_snapshot(self.run, replace(book, rulings=(*book.rulings, *more), devices=devices), self.key)
        self.seat()
        parts = []
        for category in sorted(set(CLOSED.values())):
            path = self.run / f"{category}.domains"
            path.write_text("".join(f"{name}\n" for name, of in CLOSED.items() if of == category))
            parts.append(Part(Source(f"test/{category}", category, "CC0-1.0", Format.DOMAINS, (category,), ""), path))
        compile_catalogue(parts, self.run / "catalogue.cdb", load())
        self.own(self.run)

    @contextlib.contextmanager
    def plugged(self) -> Iterator["World"]:
        """Everything runs while the block lasts."""
        self.start()
        proxy, port = self.endpoint()
        loop = asyncio.new_event_loop()

        async def cable() -> None:
            async with cables([ENROLLED], port, proxy):
                await self._ended.wait()

        thread = threading.Thread(target=lambda: loop.run_until_complete(cable()), daemon=True)
        thread.start()
        try:
            yield self
        finally:
            loop.call_soon_threadsafe(self._ended.set)
            thread.join(5)
            self.stop()

    def said(self) -> list[VerdictEvent]:
        """All that the log says of the PC."""
        return [event for event in self.all_events() if event.device == ENROLLED]


class Browser:
    """A Chromium with nothing of its own switched off, at the PC. Its profile lasts, so that tabs can be restored."""

    def __init__(self, playwright: Playwright, world: World) -> None:
        """A profile of its own; nothing runs yet."""
        self._playwright, self._port = playwright, world.endpoint()[1]
        self._profile = Path(tempfile.mkdtemp(prefix="darbaza-profile-"))
        self._process: subprocess.Popen[str] | None = None

    def start(self, *more: str) -> None:
        """Open the browser, with addresses to begin with or none."""
        command = [
            "/usr/bin/chromium", "--headless=new", "--no-sandbox", "--ignore-certificate-errors",
            "--enable-auto-reload",
            f"--user-data-dir={self._profile}", f"--proxy-server=http://{ENROLLED}:{self._port}",
            "--proxy-bypass-list=<-loopback>", "--remote-debugging-port=0", "--no-first-run", *more,
        ]  # fmt: skip
        self._process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
        assert self._process.stderr is not None
        address = next(found[1] for line in self._process.stderr if (found := re.search(r"(ws://\S+)", line)))
        threading.Thread(target=self._process.stderr.read, daemon=True).start()
        self._driven = self._playwright.chromium.connect_over_cdp(address)
        self.tabs = self._driven.contexts[0]

    def stop(self) -> None:
        """Close it as the menu does, so that it remembers its tabs."""
        if self._process is None:
            return
        with contextlib.suppress(Error):
            self._driven.new_browser_cdp_session().send("Browser.close")
        try:
            self._process.wait(15)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None

    def restart(self, *more: str) -> None:
        """Close and open it."""
        self.stop()
        self.start(*more)

    def remove(self) -> None:
        """Close it for good."""
        self.stop()
        shutil.rmtree(self._profile, ignore_errors=True)

    def tab(self) -> Page:
        """The first tab; a new one if none is left."""
        return self.tabs.pages[0] if self.tabs.pages else self.tabs.new_page()

    def type(self, address: str, tab: Page | None = None) -> None:
        """Open an address as one that was typed."""
        with contextlib.suppress(Error):
            (tab or self.tab()).goto(address, timeout=8000, wait_until="domcontentloaded")

    def click(self, what: str) -> None:
        """Click on something of the page, if it is there."""
        with contextlib.suppress(Error):
            self.tab().click(what, timeout=3000)

    def do(self, act: Callable[[Page], object]) -> None:
        """Whatever else a person does with the tab; what fails, fails."""
        with contextlib.suppress(Error):
            act(self.tab())

    def tidy(self) -> None:
        """Close all tabs but one."""
        for page in self.tabs.pages[1:]:
            with contextlib.suppress(Error):
                page.close()


def pause(seconds: float) -> None:
    """A person looks at the page."""
    time.sleep(seconds)
