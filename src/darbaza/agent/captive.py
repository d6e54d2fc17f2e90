"""Tell a device, in the words that its system understands, whether it must sign in and until when it may stay.

Three ways, for no system knows all of them. **Probes:** Squid hands us the requests by which systems ask whether they
are on the internet (`engines.squid.probes`); without access they are led to the sign-in page, which then shows itself,
and with access they get the answer they expect. **RFC 8908:** `/captive` is the API that DHCP option 114 names.
**Proxy:** `/wpad.dat` tells browsers the proxy, and never a way around it.

What is said here is what `decide` says; nothing here lets anything through.
"""

import ssl
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from html import escape
from pathlib import Path

from aiohttp import web
from aiohttp.typedefs import Handler

from darbaza.agent.cutter import PROBE
from darbaza.agent.why import Standing, device_behind
from darbaza.engines.squid.probes import FOUND, Probe, probe_of
from darbaza.policy.decide import decide
from darbaza.policy.index import index_of
from darbaza.policy.request import AccessRequest, Asker
from darbaza.policy.rulebook import Rulebook
from darbaza.policy.verdict import Message, Rank

API_TYPE = "application/captive+json"
PAC_TYPE = "application/x-ns-proxy-autoconfig"
RULES_URL = "http://why/"
UNCACHED = {"Cache-Control": "no-store, private", "X-Content-Type-Options": "nosniff"}


@dataclass(frozen=True, slots=True)
class Stay:
    """Whether a device must sign in first, and if not, when its access ends; None for staff, whose does not."""

    is_captive: bool
    until: datetime | None = None


def stay_of(asker: Asker, rulebook: Rulebook | None, at: datetime) -> Stay:
    """How long a device may stay. A student whom the supervisor paused has signed in, and need not do so again."""
    if rulebook is None:
        return Stay(is_captive=True)
    verdict = decide(AccessRequest(asker, PROBE, at), rulebook)
    if verdict.rank <= Rank.PLACE_AND_TIME and verdict.message is not Message.PAUSED:
        return Stay(is_captive=True)
    session, is_supervised = asker.session, index_of(rulebook).standing(asker.category).is_supervised
    return Stay(is_captive=False, until=session.ends_for(asker.person) if is_supervised and session else None)


def api_answer(stay: Stay, sign_in: str, at: datetime) -> dict[str, object]:
    """RFC 8908's object. `seconds-remaining` is the time to the bell; only a supervisor extends a lesson."""
    facts: dict[str, object] = {
        "captive": stay.is_captive,
        "user-portal-url": sign_in,
        "venue-info-url": RULES_URL,
        "can-extend-session": False,
    }
    if stay.until is not None:
        facts["seconds-remaining"] = max(0, int((stay.until - at).total_seconds()))
    return facts


def pac(proxies: Iterable[str]) -> str:
    """What browsers ask for every address: our proxies one after another, and no `DIRECT` for when they are away."""
    ways = "; ".join(f"PROXY {endpoint}" for endpoint in proxies)
    return f'function FindProxyForURL(url, host) {{\n  return "{ways}";\n}}\n'


class Captive:
    """Answers the three; `now` is the clock, `secret` is shared with Squid, `proxies` are `host:port` for browsers."""

    def __init__(
        self, standing: Standing, secret: str, sign_in: str, proxies: Iterable[str], now: Callable[[], datetime]
    ) -> None:
        """Lead whoever must sign in to the page `sign_in`."""
        self._standing, self._secret, self._sign_in, self._now = standing, secret, sign_in, now
        self._proxies = tuple(proxies)

    def join(self, application: web.Application) -> None:
        """Answer probes and the API beside the pages of `application`, which must not be running yet."""
        application.middlewares.append(self._answer_probes)
        application.router.add_get("/captive", self._answer_api)
        application.router.add_get("/wpad.dat", self._answer_pac)
        application.router.add_get("/proxy.pac", self._answer_pac)

    def application(self) -> web.Application:
        """A server that devices reach by its address, without Squid: the same, and the sign-in page for all else."""
        application = web.Application(client_max_size=1024)
        self.join(application)
        application.router.add_get("/{other:.*}", self._lead)
        return application

    @web.middleware
    async def _answer_probes(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        probe = probe_of(request.url.host or "", request.path) if request.method in {"GET", "HEAD"} else None
        if probe is None:
            return await handler(request)
        if self._stay(request).is_captive or probe.status == FOUND:
            return await self._lead(request)
        return expected(probe)

    async def _answer_api(self, request: web.Request) -> web.Response:
        told = api_answer(self._stay(request), self._sign_in, self._now())
        return web.json_response(told, content_type=API_TYPE, headers=UNCACHED)

    async def _answer_pac(self, _request: web.Request) -> web.Response:
        if not self._proxies:
            raise web.HTTPNotFound(text="this box is no proxy that browsers are told of\n")
        return web.Response(text=pac(self._proxies), content_type=PAC_TYPE, headers=UNCACHED)

    async def _lead(self, _request: web.Request) -> web.Response:
        """To the sign-in page; the link is for programs that follow nothing."""
        page = f'<!DOCTYPE html><title>Darbaza</title><a href="{escape(self._sign_in)}">{escape(self._sign_in)}</a>\n'
        headers = {"Location": self._sign_in, **UNCACHED}
        return web.Response(status=FOUND, text=page, content_type="text/html", headers=headers)

    def _stay(self, request: web.Request) -> Stay:
        asker = self._standing.asker(device_behind(request, self._secret))
        return stay_of(asker, self._standing.rulebook, self._now())


def expected(probe: Probe) -> web.Response:
    """What the open internet would answer, byte for byte."""
    headers = {**dict(probe.headers), **UNCACHED}
    if not probe.body:
        return web.Response(status=probe.status, headers=headers)
    return web.Response(status=probe.status, body=probe.body.encode(), content_type=probe.kind, headers=headers)


def tls(certificate: Path, key: Path | None) -> ssl.SSLContext:
    """A server's context with the school's certificate for its public name. Raises OSError, ssl.SSLError."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(certificate, key)
    return context
