"""From which address a request comes: its source, what this machine's own proxy vouches for, or what a web server in
front of the portal passes on.

Squid passes `X-Darbaza-Device` with the secret of the run directory and strips both headers from clients. That header
counts only with the right secret and only from this machine itself. `X-Forwarded-For` counts only from the web servers
that the settings name, and of it only what they wrote; whatever else it says, an asker could have written.
"""

import hmac
import ipaddress
from pathlib import Path

from django.conf import settings
from django.http import HttpRequest

DEVICE_HEADER = "X-Darbaza-Device"
SECRET_HEADER = "X-Darbaza-Peer"  # noqa: S105 - a header's name
PASSED_ON_HEADER = "X-Forwarded-For"
SHORTEST_SECRET = 16
ONE_LINE = 64
"""The bits of an IPv6 address that name a line; with the rest of them whoever has the line does as they like."""


def device_address(request: HttpRequest) -> str:
    """The canonical address of the device behind a request, or an empty string if it cannot be told."""
    return _vouched_for(request) or _source(request)


def asker_of(request: HttpRequest) -> str:
    """The address by which tries are counted; empty if it cannot be told.

    Of an IPv6 address it is the first one of its line, so that nobody has more tries by changing theirs. A header that
    does not count, or cannot be read, leaves the source address: tries are counted together then, never not at all.
    """
    if device := _vouched_for(request):
        return _line(device)
    source = _source(request)
    return _line((_is_web_server(source) and _passed_on(request)) or source)


def canonical_address(text: str) -> str:
    """An address in its canonical form, an IPv4 address mapped into IPv6 as IPv4; empty if it is none."""
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return ""
    mapped = getattr(address, "ipv4_mapped", None)
    return str(mapped or address)


def is_loopback(address: str) -> bool:
    """Whether an address is this machine's own."""
    return bool(address) and ipaddress.ip_address(address).is_loopback


def _source(request: HttpRequest) -> str:
    return canonical_address(request.META.get("REMOTE_ADDR", ""))


def _vouched_for(request: HttpRequest) -> str:
    """What this machine's own proxy says, if it is that proxy."""
    claimed = request.headers.get(DEVICE_HEADER, "")
    counts = claimed and is_loopback(_source(request)) and _secret_fits(request.headers.get(SECRET_HEADER, ""))
    return canonical_address(claimed) if counts else ""


def _is_web_server(address: str) -> bool:
    return bool(address) and any(ipaddress.ip_address(address) in network for network in settings.WEB_SERVERS)


def _passed_on(request: HttpRequest) -> str:
    """Whom the outermost of our web servers saw: each adds at the end where a request came to it from."""
    for text in reversed(request.headers.get(PASSED_ON_HEADER, "").split(",")):
        address = canonical_address(text.strip())
        if not _is_web_server(address):
            return address
    return ""


def _line(address: str) -> str:
    if ":" not in address:
        return address
    return str(ipaddress.ip_network((address.partition("%")[0], ONE_LINE), strict=False).network_address)


def _secret_fits(given: str) -> bool:
    secret = _peer_secret()
    return bool(secret) and hmac.compare_digest(given.encode(), secret)


def _peer_secret() -> bytes:
    """The secret that this machine's proxy shares with the portal; empty, and so no header counts, if there is none."""
    path = settings.PEER_SECRET_FILE
    try:
        secret = Path(path).read_bytes().strip() if path else b""
    except OSError:
        return b""
    return secret if len(secret) >= SHORTEST_SECRET else b""
