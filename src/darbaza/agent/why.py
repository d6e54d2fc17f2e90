"""The server behind `http://why/`: Squid's only business with the agent, and a student's only one.

`/` is the last refusal of the device that asks, or how things stand for it; `/<reference>` is that refusal if it is
this device's. Which device asks is told by Squid in a header that counts only from this machine and with the secret.

Names that DNS closes lead here too. Whoever asks by such a name is told why it is closed, with status 403, whatever
the path: nothing takes that for the page that was asked for.
"""

import asyncio
import hmac
import ipaddress
import re
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Protocol

from aiohttp import web

from darbaza.agent import explanation, page
from darbaza.agent.refusals import Refusal, Refusals
from darbaza.agent.settings import OWN_HOSTS
from darbaza.engines.squid.probes import PROBES
from darbaza.policy.names import InvalidHost, canonical_host
from darbaza.policy.request import Asker
from darbaza.policy.rulebook import Rulebook
from darbaza.policy.verdict import Message, Verdict
from darbaza.snapshot.spool import VerdictEvent
from darbaza.snapshot.wording import LANGUAGES

DEVICE_HEADER = "X-Darbaza-Device"
PEER_HEADER = "X-Darbaza-Peer"
REFERENCE = re.compile(r"[0-9A-Za-z -]{8,16}")
PORT = re.compile(r":[0-9]{1,5}$")
PREFERENCE = re.compile(r"\s*([A-Za-z]{2,3})(?:-[A-Za-z0-9-]*)?\s*(?:;\s*q=([01](?:\.\d{0,3})?)\s*)?")


RECENT, LATELY = timedelta(minutes=1), timedelta(minutes=10)
LOOKS, LOOK_SECONDS = 6, 0.25
"""How often and how long it is looked for the refusal in the log: dnsdist holds its lines back for a second."""

PASSING = frozenset({Message.SUPERVISOR_AWAY, Message.PAUSED})
"""Refusals that end by themselves within minutes: the page looks again until the resource is open."""
LOOK_AGAIN_SECONDS = "5"

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Standing(Protocol):
    """What the why server wants to know of the box as it stands now."""

    @property
    def rulebook(self) -> Rulebook | None:
        """What is in force."""

    def asker(self, device: str) -> Asker:
        """Who is behind a device."""

    def verdict(self, device: str, host: str, at: datetime) -> Verdict | None:
        """What a device would be answered now, or None if that can't be told."""


class WhyServer:
    """Answers; `now` is the clock."""

    def __init__(
        self,
        refusals: Refusals,
        standing: Standing,
        secret: str,
        now: Callable[[], datetime],
        hurry: Callable[[], object] = lambda: None,
    ) -> None:
        """Explain the refusals found in `refusals`; `secret` is shared with Squid; `hurry` brings what DNS refused
        just now into the log."""
        self._refusals, self._standing, self._secret, self._now, self._hurry = refusals, standing, secret, now, hurry

    def application(self) -> web.Application:
        """The server's one page."""
        application = web.Application(client_max_size=1024, middlewares=[self._by_name])
        application.router.add_get("/", self.why)
        application.router.add_get("/{reference}", self.why)
        application.on_response_prepare.append(_harden)
        return application

    @web.middleware
    async def _by_name(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Whoever asks for another host than ours was led here by DNS."""
        host = foreign_host(request.host)
        return await self._why_closed(request, host) if host else await handler(request)

    async def _why_closed(self, request: web.Request, host: str) -> web.Response:
        if request.method not in {"GET", "HEAD"} or not is_page(request):
            return web.Response(status=403)
        language = chosen_language(request.query.get("lang", ""), request.headers.get("Accept-Language", ""))
        device = device_behind(request, self._secret)
        refusal = await self._refusal_of(device, host)
        told = self._told(device, refusal, language) if refusal else self._without(device, "", language)
        answer = page.html(told, f"http://why/{refusal.reference if refusal else ''}")
        return web.Response(text=answer, content_type="text/html", charset="utf-8", status=403)

    async def _refusal_of(self, device: str, host: str) -> Refusal | None:
        """The refusal as it stands in the log, or else as it would be now; None if nothing closes the host."""
        for _ in range(LOOKS):
            self._hurry()
            self._refusals.catch_up()
            found = self._refusals.of_host(device, host, self._now() - RECENT)
            if found is not None:
                return found
            await asyncio.sleep(LOOK_SECONDS)
        verdict = self._standing.verdict(device, host, self._now())
        return None if verdict is None or verdict.allows else unlogged(verdict, device, host, self._now())

    async def why(self, request: web.Request) -> web.Response:
        """The explanation in the reader's language and the form their program asks for."""
        language = chosen_language(request.query.get("lang", ""), request.headers.get("Accept-Language", ""))
        device = device_behind(request, self._secret)
        wanted = request.match_info.get("reference", "")
        self._refusals.catch_up()
        refusal = self._refusals.find(device, wanted) if wanted else self._refusals.last(device)
        if refusal is None:
            return _answer(request, self._without(device, wanted, language), 404 if wanted else 200)
        told = self._told(device, refusal, language)
        if not wanted:
            others = self._refusals.others(device, refusal, self._now() - LATELY)
            told = replace(told, others=tuple((one.event.host, one.reference) for one in others))
        answer = _answer(request, told, 200)
        if refusal.event.message in PASSING and not told.retry:
            answer.headers["Refresh"] = LOOK_AGAIN_SECONDS
        return answer

    def _told(self, device: str, refusal: Refusal, language: str) -> explanation.Told:
        rulebook = self._standing.rulebook
        regulation = rulebook.regulation if rulebook else ""
        told = explanation.of_refusal(refusal, language, explanation.zone_of(rulebook), regulation)
        now = self._standing.verdict(device, refusal.event.host, self._now())
        if now is not None and now.allows:
            told = explanation.with_retry(told)
        return told

    def _without(self, device: str, wanted: str, language: str) -> explanation.Told:
        if wanted:
            title = explanation.text("title-refused", language)
            return explanation.Told(language, title, explanation.text("unknown-reference", language))
        asker = self._standing.asker(device)
        return explanation.of_state(asker, self._standing.rulebook, self._now(), language)


def foreign_host(host: str) -> str:
    """The host that a request names, as the log writes it, if it is neither ours nor an address nor a probe's."""
    try:
        name, is_address, *_ = canonical_host(host.rpartition(":")[0] if PORT.search(host) else host)
    except InvalidHost:
        return ""
    return "" if is_address or name in OWN_HOSTS or name in PROBES or "." not in name else name


def is_page(request: web.Request) -> bool:
    """Whether somebody is to read the answer; pictures and scripts need no explanation."""
    accept = request.headers.get("Accept", "")
    return "text/html" in accept or accept in {"", "*/*"}


def unlogged(verdict: Verdict, device: str, host: str, at: datetime) -> Refusal:
    """A refusal that stands in no log."""
    ground = verdict.ground
    said = (verdict.outcome, verdict.clause, int(verdict.rank), verdict.message, verdict.category)
    event = VerdictEvent(0, at, device, "", "", "GET", host, 80, *said, ground.kind, ground.ref, ground.entry, 0, 0)
    return Refusal("", event)


def device_behind(request: web.Request, secret: str) -> str:
    """The device behind a request: what Squid says, if it is Squid that says it, or else the sender."""
    sender = request.remote or ""
    claimed = request.headers.get(DEVICE_HEADER, "")
    if claimed and is_loopback(sender) and is_squid(request.headers.get(PEER_HEADER, ""), secret):
        return canonical(claimed)
    return canonical(sender)


def is_squid(shown: str, secret: str) -> bool:
    """Whether the secret that Squid and we share was shown."""
    return bool(secret) and hmac.compare_digest(shown.encode("utf-8", "replace"), secret.encode())


def canonical(text: str) -> str:
    """An address as rulebooks write it; empty if it is none."""
    try:
        address = ipaddress.ip_address(text.strip())
    except ValueError:
        return ""
    return str(getattr(address, "ipv4_mapped", None) or address)


def is_loopback(text: str) -> bool:
    """Whether an address is this machine's own."""
    address = canonical(text)
    return bool(address) and ipaddress.ip_address(address).is_loopback


def chosen_language(asked: str, header: str) -> str:
    """The language asked for in the address, or the one the browser likes best, or Kyrgyz."""
    if asked in LANGUAGES:
        return asked
    liked = [(float(quality or 1), name.lower()) for name, quality in PREFERENCE.findall(header[:200]) if name]
    known = [(quality, name) for quality, name in liked if name in LANGUAGES and quality > 0]
    return max(known, key=lambda entry: entry[0])[1] if known else LANGUAGES[0]


def _answer(request: web.Request, told: explanation.Told, status: int) -> web.Response:
    accept = request.headers.get("Accept", "")
    if "text/html" in accept or (request.headers.get("User-Agent", "").startswith("Mozilla") and "json" not in accept):
        body, kind = page.html(told, request.path), "text/html"
    elif "json" in accept:
        body, kind = page.as_json(told), "application/json"
    else:
        body, kind = page.plain(told), "text/plain"
    return web.Response(text=body, content_type=kind, charset="utf-8", status=status)


async def _harden(_request: web.Request, response: web.StreamResponse) -> None:
    response.headers.update(page.HEADERS)
    response.headers.pop("Server", None)
