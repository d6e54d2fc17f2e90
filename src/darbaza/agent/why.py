"""The server behind `http://why/`: Squid's only business with the agent, and a student's only one.

`/` is the last refusal of the device that asks, or how things stand for it; `/<reference>` is that refusal if it is
this device's. Which device asks is told by Squid in a header that counts only from this machine and with the secret.
"""

import hmac
import ipaddress
import re
from collections.abc import Callable
from datetime import datetime
from typing import Protocol

from aiohttp import web

from darbaza.agent import explanation, page
from darbaza.agent.refusals import Refusal, Refusals
from darbaza.policy.request import Asker
from darbaza.policy.rulebook import Rulebook
from darbaza.policy.verdict import Verdict
from darbaza.snapshot.wording import LANGUAGES

DEVICE_HEADER = "X-Darbaza-Device"
PEER_HEADER = "X-Darbaza-Peer"
REFERENCE = re.compile(r"[0-9A-Za-z -]{8,16}")
PREFERENCE = re.compile(r"\s*([A-Za-z]{2,3})(?:-[A-Za-z0-9-]*)?\s*(?:;\s*q=([01](?:\.\d{0,3})?)\s*)?")


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

    def __init__(self, refusals: Refusals, standing: Standing, secret: str, now: Callable[[], datetime]) -> None:
        """Explain the refusals found in `refusals`; `secret` is shared with Squid."""
        self._refusals, self._standing, self._secret, self._now = refusals, standing, secret, now

    def application(self) -> web.Application:
        """The server's one page."""
        application = web.Application(client_max_size=1024)
        application.router.add_get("/", self.why)
        application.router.add_get("/{reference}", self.why)
        application.on_response_prepare.append(_harden)
        return application

    async def why(self, request: web.Request) -> web.Response:
        """The explanation in the reader's language and the form their program asks for."""
        language = chosen_language(request.query.get("lang", ""), request.headers.get("Accept-Language", ""))
        device = device_behind(request, self._secret)
        wanted = request.match_info.get("reference", "")
        self._refusals.catch_up()
        refusal = self._refusals.find(device, wanted) if wanted else self._refusals.last(device)
        if refusal is None:
            return _answer(request, self._without(device, wanted, language), 404 if wanted else 200)
        return _answer(request, self._told(device, refusal, language), 200)

    def _told(self, device: str, refusal: Refusal, language: str) -> explanation.Told:
        zone = explanation.zone_of(self._standing.rulebook)
        told = explanation.of_refusal(refusal, language, zone)
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
