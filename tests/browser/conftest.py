"""The whole demo, running once for the journeys: portal, agent, Squid, dnsdist, sites, PCs, a class at work."""

import contextlib
import fcntl
import json
import os
import signal
import socket
import subprocess
import sys
import threading
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from http.client import HTTPConnection
from pathlib import Path
from tempfile import gettempdir
from typing import Any
from urllib.parse import urlsplit

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from playwright.sync_api import Browser, ConsoleMessage, Page, sync_playwright

from darbaza.clock import utc_now
from darbaza.demo.places import Folders
from darbaza.portal.school_time import zone
from tests.migrated import lay_migrated_database


def lane() -> int:
    """A number that no other run on this machine has while this process lives, which keeps a lock open for it."""
    for number in range(100):
        with contextlib.suppress(OSError), socket.socket() as portal:  # taken, or another user's
            portal.bind(("127.0.0.1", 8000 + 23000 + 13 * number))
            lock = os.open(Path(gettempdir()) / f"darbaza-demo-{number}.lock", os.O_WRONLY | os.O_CREAT, 0o666)
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return number
    raise RuntimeError("a hundred demos run on this machine")


LANE = lane()
SHIFT = 23000 + 13 * LANE
"""Each pytest process runs a demo of its own: no two ports of two demos differ by a multiple of 13. Their PCs may bear
the same addresses, since sites, cables and Squid stand on ports of their own and a cut looks at one Squid's port."""

START_SECONDS = 150

SOON = 8000
"""Milliseconds within which a change shows on a machine busy with other tests; how fast it is, `bench` shows."""

SWITCHES = (
    "--no-sandbox",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
MAKER = ".google.com,.googleapis.com,.gstatic.com"
"""Chromium's own calls home: refused as anybody's, they would stand on the seat in place of what the student does."""


SPOKEN = {"error", "warning"}
REFUSED = "Failed to load resource: the server responded with a status of 403"
AGAIN = "Failed to load resource: the server responded with a status of 422"
CUT = ("Failed to load resource: net::", "htmx:afterRequest, ", "htmx:sendError, ")
"""How Chromium and htmx remark that a page was refused, a form shown again, or a connection cut, as many journeys
expect: whatever closes or opens something cuts a student's connections, the waiting page's own question among them."""


@dataclass
class School:
    """The running demo, its folder, and the browser of one file's people."""

    var: Path
    chromium: Browser

    @property
    def sign_ins(self) -> dict[str, Any]:
        """Passwords and PINs of the invented people."""
        return json.loads((self.var / "demo" / "sign-ins.json").read_text(encoding="utf-8"))

    def portal(self, path: str) -> str:
        """An address of the portal."""
        return f"http://127.0.0.1:{8000 + SHIFT}{path}"

    def http(self, host: str) -> str:
        """A site without TLS."""
        return f"http://{host}:{8080 + SHIFT}/"

    def tls(self, host: str) -> str:
        """A site with TLS."""
        return f"https://{host}:{8443 + SHIFT}/"

    @contextlib.contextmanager
    def page(self, pc: str = "", **options: Any) -> Iterator[Page]:
        """A page in Kyrgyz on an old screen; at a PC's address, everything goes through that PC's cable.

        At its end the browser must have found nothing to complain of: no error, no breach of the content policy, no
        dialogue that only a smuggled script could open.
        """
        if pc:
            options["proxy"] = {"server": f"http://{pc}:{3128 + SHIFT}", "bypass": MAKER}
        screen = {"width": 1024, "height": 768}
        context = self.chromium.new_context(viewport=screen, locale="ky", accept_downloads=True, **options)
        faults: list[str] = []
        try:
            page = context.new_page()
            page.on("console", lambda said: faults.append(remark(said)) if said.type in SPOKEN else None)
            page.on("pageerror", lambda error: faults.append(str(error)))
            page.on("dialog", lambda dialogue: (faults.append(f"dialogue: {dialogue.message}"), dialogue.dismiss()))
            yield page
            expected = (REFUSED, AGAIN, *CUT) if pc else (REFUSED, AGAIN)
            assert [fault for fault in faults if not fault.startswith(expected)] == []
        finally:
            context.close()

    def fetch(self, pc: str, url: str, **headers: str) -> tuple[int, str]:
        """Status and text of a page as a program on that PC gets it, the address sent as it is written."""
        connection = HTTPConnection(pc, 3128 + SHIFT, timeout=10)
        try:
            connection.putrequest("GET", url, skip_host=True, skip_accept_encoding=True)
            for name, value in {"Host": urlsplit(url).netloc, "Accept-Language": "ky", **headers}.items():
                connection.putheader(name.replace("_", "-"), value)
            connection.endheaders()
            answer = connection.getresponse()
            return answer.status, answer.read().decode(errors="replace")
        finally:
            connection.close()


def remark(said: ConsoleMessage) -> str:
    """What Chromium said, and about which address."""
    return f"{said.text} ({said.location.get('url', '')})"


def spki(certificate: bytes) -> str:
    """The fingerprint of a certificate's key, as Chromium wants it."""
    key = x509.load_pem_x509_certificate(certificate).public_key()
    written = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return b64encode(sha256(written).digest()).decode()


def environment(var: Path) -> dict[str, str]:
    """As a person's shell has it, on ports and a folder of its own; no bell rings while the journeys last."""
    now = utc_now().astimezone(zone())
    bell = now + timedelta(hours=11) if now.hour < 12 else now - timedelta(hours=1)
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("DARBAZA_", "DJANGO_", "PYTEST_"))}
    source = Path(__file__).parents[2] / "src"
    own = {"DARBAZA_DEMO_SHIFT": str(SHIFT), "DARBAZA_DEMO_VAR": str(var), "DARBAZA_DEMO_BELL": f"{bell:%H:%M}"}
    return {**kept, **own, "PYTHONPATH": str(source)}


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The demo's folder: started as `script/serve` starts it, stopped as Ctrl-C stops it."""
    var = tmp_path_factory.mktemp("school")
    lay_migrated_database(Folders(var).portal / "portal.sqlite3")
    output = var / "said"
    with output.open("w") as said:
        process = subprocess.Popen(
            [sys.executable, "-u", "-m", "darbaza.demo.serve"],
            stdout=subprocess.PIPE,
            stderr=said,
            text=True,
            env=environment(var),
        )
    try:
        greeting = until_it_runs(process)
        assert "(2.11)" in greeting, greeting + output.read_text()
        yield var
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=30)
        assert process.returncode == 0
    finally:
        process.kill()
        process.communicate()


def until_it_runs(process: subprocess.Popen[str]) -> str:
    """What the demo says up to the last line of its greeting, or up to its end, which comes at the latest in time."""
    assert process.stdout is not None
    killer = threading.Timer(START_SECONDS, process.kill)
    killer.start()
    said = ""
    for line in process.stdout:
        said += line
        if "(2.11)" in line:
            break
    killer.cancel()
    return said


@pytest.fixture(scope="module")
def school(running: Path) -> Iterator[School]:
    """The running demo and the browser of one file, which trusts the sites' own key and no other. Playwright's loop
    ends with the file: while it runs, no test of another file could start one of its own."""
    key = spki((running / "demo" / "sites.pem").read_bytes())
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path="/usr/bin/chromium", args=[*SWITCHES, f"--ignore-certificate-errors-spki-list={key}"]
        )
        yield School(running, chromium)
        chromium.close()
