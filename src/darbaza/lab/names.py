"""The names of the lab's internet: what its authority answers, to a resolver behind the gate or to anybody.

Allowed hosts lead to .10, search engines in their safe mode to .11, forbidden hosts to .20, hosts that nobody ruled on
to .30, resolvers and other tools to .40.
Names outside `.test` exist too, each at an address of its own, so that a name the gate rewrites (safe search) or denies
(canaries, relays) would lead somewhere if the gate did not.
"""

from collections.abc import Iterable
from zlib import crc32

import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdatatype
import dns.rrset

from darbaza.demo.sites import SITES
from darbaza.engines.safesearch import RestrictedVideo, safe_hosts
from darbaza.lab import signed
from darbaza.lab.plan import ROOT4, ROOT6

GOOD, SAFE, BAD, UNRULED, TOOLS = "203.0.113.10", "203.0.113.11", "203.0.113.20", "203.0.113.30", "203.0.113.40"
ORIGINS = {GOOD: "good", SAFE: "safe", BAD: "bad", UNRULED: "unruled", TOOLS: "tools"}
SAFE_ALIASES = {safe.alias for safe in safe_hosts(RestrictedVideo.STRICT)} - {""}
SAFE_ADDRESSES = {safe.address for safe in safe_hosts(RestrictedVideo.STRICT) if not safe.alias}
"""Where search engines and video sites answer safely: by a name that the vendor keeps, or at a fixed address."""

TTL = 60
OUTSIDE_FIRST, OUTSIDE_COUNT = 64, 64
"""203.0.113.64 to .127: where names outside `.test` lead."""

ALLOWED = ("kitep.test", "sabak.test", "entsiklopediya.test", "maektep.test", "good.test", "ok.pages.test")

NEIGHBOUR = "neighbour.good.test"
"""A host at the allowed site's own address and with its certificate, which the council denies to students by name."""

_GOOD = (*ALLOWED, "www.good.test", "xn--e1aybc.test", "wiki.test", "cdn.test", NEIGHBOUR)
_BAD = (
    *(site.host for site in SITES if site.host not in ALLOWED),
    "bad.test", "www.bad.test", "good.test.bad.test", "bad-test.translate.test", "games123.pages.test",
    "xn--80ak6aa92e.test", "short.test", "redirected.test",
)  # fmt: skip
_TOOLS = ("doh.test", "dns.test", "vpn.test", "relay.test")
_UNRULED = ("nobody.test", "public.test", "pages.test", "other.pages.test")

ADDRESSES = {
    **dict.fromkeys(_GOOD, GOOD),
    **dict.fromkeys(_BAD, BAD),
    **dict.fromkeys(_TOOLS, TOOLS),
    **dict.fromkeys(_UNRULED, UNRULED),
    **dict.fromkeys(SAFE_ALIASES, SAFE),
}

INWARD = {
    "lan.good.test": ("10.50.1.1",),
    "loop.good.test": ("127.0.0.1",),
    "zero.good.test": ("0.0.0.0",),  # noqa: S104 - an answer that must be stripped, nothing is bound
    "meta.good.test": ("169.254.169.254",),
    "shared.good.test": ("100.64.0.1",),
    "both.good.test": (GOOD, "10.50.1.1"),
    "six.good.test": ("::1",),
    "mapped.good.test": ("::ffff:10.50.1.1",),
    "ula.good.test": ("fd50:1::1",),
    "link.good.test": ("fe80::1",),
    "moved.good.test": (BAD,),
}
"""Allowed names that lead inward, or to the forbidden site."""

WILD = {"tunnel.test": BAD, "pages.test": BAD, "translate.goog": BAD}
"""Below these every name exists."""

REVERSE = {"20.113.0.203.in-addr.arpa": "www.good.test."}
"""A forged reverse name: the forbidden site calls itself the allowed one."""

ECH = "AAj+DQAEAAAAAA=="
"""An ECH key as an HTTPS record carries it; invented."""


def six(address: str) -> str:
    """The IPv6 address of whoever has this IPv4 address on the internet's wire."""
    return f"2001:db8:113::{int(address.rpartition('.')[2]):x}"


def addresses(name: str) -> tuple[str, ...]:
    """Where a name leads, over IPv4 and IPv6; empty for a name that does not exist."""
    if name in INWARD:
        return INWARD[name]
    address = ADDRESSES.get(name) or _wild(name) or _outside(name)
    return (address, six(address)) if address else ()


def _wild(name: str) -> str:
    return next((address for parent, address in WILD.items() if name.endswith(f".{parent}")), "")


def _outside(name: str) -> str:
    if name.endswith((".test", ".arpa", ".invalid", ".lan")) or "." not in name:
        return ""
    return f"203.0.113.{OUTSIDE_FIRST + crc32(name.encode()) % OUTSIDE_COUNT}"


def answer(wire: bytes) -> bytes | None:
    """The authority's answer to a question as it came from the wire; None for what is no question."""
    try:
        question = dns.message.from_wire(wire)
        return reply(question).to_wire() if question.question else None
    except (dns.exception.DNSException, ValueError):
        return None


def reply(question: dns.message.Message) -> dns.message.Message:
    """The answer to a question about one name: authoritative, and as if recursion were offered to everybody."""
    if signed.holds(question.question[0].name):
        return signed.reply(question)
    message = dns.message.make_response(question, recursion_available=True)
    message.flags |= dns.flags.AA
    asked = question.question[0]
    name = asked.name.to_text(omit_final_dot=True).lower()
    found = list(records(name, asked.rdtype))
    message.answer = [dns.rrset.from_text(asked.name, TTL, "IN", asked.rdtype, *found)] if found else []
    if not found:
        message.authority = [
            dns.rrset.from_text(".", TTL, "IN", "SOA", "ns.root.test. nobody.root.test. 1 60 60 60 60")
        ]
        if not _exists(name):
            message.set_rcode(dns.rcode.NXDOMAIN)
    if asked.rdtype == dns.rdatatype.NS and found:
        message.additional = [
            dns.rrset.from_text("ns.root.test.", TTL, "IN", "A", ROOT4),
            dns.rrset.from_text("ns.root.test.", TTL, "IN", "AAAA", ROOT6),
        ]
    return message


def records(name: str, kind: dns.rdatatype.RdataType) -> Iterable[str]:
    """The records of a name and kind, as text."""
    if kind == dns.rdatatype.NS:
        return ["ns.root.test."] if name in {"", "."} else []
    if kind == dns.rdatatype.PTR:
        return [REVERSE[name]] if name in REVERSE else []
    if kind == dns.rdatatype.A:
        return [found for found in _all(name) if ":" not in found]
    if kind == dns.rdatatype.AAAA:
        return [found for found in _all(name) if ":" in found]
    if not _all(name):
        return []
    return _VARIOUS.get(kind, [])


_VARIOUS = {
    dns.rdatatype.HTTPS: [f'1 . alpn="h3,h2" ech="{ECH}"'],
    dns.rdatatype.SVCB: [f'1 . alpn="h3,h2,dot" ech="{ECH}"'],
    dns.rdatatype.TXT: ['"what a tunnel carries"'],
    dns.rdatatype.MX: ["10 mail.bad.test."],
}


def _all(name: str) -> tuple[str, ...]:
    return (ROOT4, ROOT6) if name == "ns.root.test" else addresses(name)


def _exists(name: str) -> bool:
    """Whether a name stands by itself or has something below it."""
    if _all(name) or name in REVERSE or name in {"", ".", "root.test"}:
        return True
    known = (*ADDRESSES, *INWARD, *WILD, *REVERSE)
    return any(other == name or other.endswith(f".{name}") for other in known) or ("." not in name and name != "lan")
