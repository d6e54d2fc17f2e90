"""Which device a request comes from: its source address, or what the gateway's own proxy says it was.

Squid passes `X-Darbaza-Device` with the secret of the run directory and strips both headers from clients. The header
counts only with the right secret and only from this machine itself; otherwise the source address stands.
"""

import hmac
import ipaddress
from pathlib import Path

from django.conf import settings
from django.http import HttpRequest

from darbaza.portal.rooms.models import Device

DEVICE_HEADER = "X-Darbaza-Device"
SECRET_HEADER = "X-Darbaza-Peer"  # noqa: S105 - a header's name
SHORTEST_SECRET = 16


def device_address(request: HttpRequest) -> str:
    """The canonical address of the device behind a request, or an empty string if it cannot be told."""
    source = canonical_address(request.META.get("REMOTE_ADDR", ""))
    claimed = request.headers.get(DEVICE_HEADER, "")
    if claimed and is_loopback(source) and _secret_fits(request.headers.get(SECRET_HEADER, "")):
        return canonical_address(claimed)
    return source


def device_of(request: HttpRequest) -> Device | None:
    """The device behind a request if the school knows it."""
    address = device_address(request)
    if not address:
        return None
    return Device.objects.select_related("seat__room").filter(address=address).first()


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
