"""A box's run directory with its keys, and a portal that can be told what to answer, for tests of the agent."""

import asyncio
import base64
import contextlib
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from aiohttp import web

from darbaza.policy.rulebook import Rulebook
from darbaza.snapshot import codec
from darbaza.snapshot.envelope import PRESENCE, SNAPSHOT, generate_key, public_line, seal
from darbaza.snapshot.presence import Presence
from darbaza.snapshot.spool import parse_line
from tests.ports import free_port

KEY = generate_key()
TOKEN = "token-of-the-box"
BASE = "/api/gateway/v1/"


def run_directory(root: Path, portal: str, why_port: int, extra: str = "") -> Path:
    """A run directory with `box.toml`, token and the portal's key; the path of `box.toml`."""
    (root / "keys").mkdir(parents=True)
    (root / "keys/portal.pub").write_text(public_line(KEY.public_key()) + "\n")
    (root / "keys/token").write_text(TOKEN + "\n")
    (root / "keys/token").chmod(0o600)
    path = root / "box.toml"
    path.write_text(f'[box]\nname = "box-1"\nportal = "{portal}"\n[why]\nlisten = "127.0.0.1:{why_port}"\n{extra}')
    return path


class FakePortal:
    """Answers as the portal does: state at once if there is news, verdicts once and without gaps."""

    def __init__(self) -> None:
        self.port = free_port()
        self.revision, self.sequence = 0, 0
        self.snapshot, self.presence = b"", b""
        self.changes: list[bytes] = []
        self.lines: dict[str, list[str]] = {}
        self.health: dict[str, Any] = {}
        self.sightings: list[dict[str, str]] | None = None
        self.batches = 0
        self.forget_answers = 0
        self.fail_with = 0
        self._news = asyncio.Event()
        self._runner: web.AppRunner | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def push(self, rulebook: Rulebook | None = None, presence: Presence | None = None) -> None:
        """Have something new for the box."""
        if rulebook:
            self.revision, self.snapshot = rulebook.revision, seal(SNAPSHOT, codec.encode(rulebook), KEY)
        if presence:
            self.sequence = presence.sequence
            self.presence = seal(PRESENCE, codec.encode_presence(presence), KEY)
        self._news.set()

    async def start(self) -> None:
        application = web.Application()
        application.router.add_get(BASE + "state", self._guarded(self._state))
        application.router.add_post(BASE + "verdicts", self._guarded(self._verdicts))
        application.router.add_post(BASE + "health", self._guarded(self._health))
        application.router.add_post(BASE + "sightings", self._guarded(self._sightings))
        self._runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self.port).start()

    async def stop(self) -> None:
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    def _guarded(self, answer: Callable[[web.Request], Awaitable[web.Response]]) -> Any:
        async def guarded(request: web.Request) -> web.Response:
            if request.headers.get("Authorization") != f"Bearer {TOKEN}":
                return web.json_response({"error": "who?"}, status=401)
            if self.fail_with:
                return web.json_response({"error": "told to"}, status=self.fail_with)
            return await answer(request)

        return guarded

    async def _state(self, request: web.Request) -> web.Response:
        revision, sequence = int(request.query["revision"]), int(request.query["sequence"])
        changes = self.changes[int(request.query["keys"]) :]
        if self.revision <= revision and self.sequence <= sequence and not changes:
            self._news.clear()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._news.wait(), float(request.query["wait"]))
        fresh, present = (
            number > known or bool(changes) for number, known in ((self.revision, revision), (self.sequence, sequence))
        )
        return web.json_response(
            {
                "revision": self.revision,
                "sequence": self.sequence,
                "snapshot": base64.b64encode(self.snapshot).decode() if fresh else None,
                "presence": base64.b64encode(self.presence).decode() if present else None,
                "keyrings": [base64.b64encode(change).decode() for change in changes],
            }
        )

    async def _verdicts(self, request: web.Request) -> web.Response:
        body = await request.json()
        self.batches += 1
        kept = self.lines.setdefault(body["file"], [])
        if body["first"] > len(kept) + 1:
            return web.json_response({"expected": len(kept) + 1}, status=409)
        for line in body["lines"]:
            if parse_line(line).n == len(kept) + 1:
                kept.append(line)
        if self.forget_answers:
            self.forget_answers -= 1
            assert request.transport is not None
            request.transport.close()
        return web.json_response({"file": body["file"], "acked": len(kept)})

    async def _health(self, request: web.Request) -> web.Response:
        self.health = await request.json()
        return web.json_response({"ok": True})

    async def _sightings(self, request: web.Request) -> web.Response:
        self.sightings = (await request.json())["devices"]
        return web.json_response({"ok": True})


async def until(condition: Callable[[], object], seconds: float = 5.0) -> float:
    """Wait for a condition; how long it took. AssertionError if it never came."""
    loop = asyncio.get_running_loop()
    began = loop.time()
    while not condition():
        assert loop.time() - began < seconds, "it never happened"
        await asyncio.sleep(0.005)
    return loop.time() - began
