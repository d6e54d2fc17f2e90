"""Personal links: their secrets, who may be let in by one, and how guessing is slowed down."""

import hashlib
import re
import secrets
from datetime import datetime, timedelta

from django.conf import settings
from django.urls import reverse
from django.utils.crypto import salted_hmac
from django.utils.safestring import SafeString

from darbaza.portal import codes
from darbaza.portal.consents.known import left_on
from darbaza.portal.consents.models import Link, LinkMiss
from darbaza.portal.papers.rendering import qr_code
from darbaza.portal.school_time import school_day

LENGTH = 26
"""Characters of a secret: 130 bits."""

ANSWERED_WITHIN = timedelta(days=60)
"""How long a link waits for its first answer. With one it lasts as long as what was agreed to, to withdraw it."""

WINDOW = timedelta(minutes=10)
MOST_MISSES = 20


def new_nonce() -> str:
    """What makes a link's secret different from all others."""
    return secrets.token_hex(16)


def secret_of(nonce: str) -> str:
    """The secret of a link, from its nonce and the portal's own key: the database alone gives nobody an address."""
    mac = salted_hmac("darbaza.portal.consents.link", nonce, algorithm="sha256").digest()
    return codes.written(mac, LENGTH)


def hash_of(secret: str) -> str:
    """What is kept of a secret."""
    return hashlib.sha256(secret.encode()).hexdigest()


def address_of(link: Link) -> str:
    """The whole address, as a QR code bears it: under the public site's name if it has one, so it opens at home."""
    return (settings.SITE_ADDRESS or settings.ADDRESS) + reverse("consents:link", args=[secret_of(link.nonce)])


def secret_in(text: str) -> str:
    """The secret that an address bears, as a QR code was read; empty if it is no address of a link."""
    found = re.search(r"/makulduk/([0-9a-z]{26})/?$", text)
    return found[1] if found else ""


def qr_of(address: str) -> SafeString:
    """The address as a QR code that a crumpled, stained or torn sheet still bears: 30 % of it may be lost."""
    return qr_code(address, error="h")


def link_of(secret: str, at: datetime) -> Link | None:
    """The link of a secret while it is open, and its student has not been away since."""
    open_ones = Link.objects.filter(token_hash=hash_of(codes.normal(secret)), closed_at__isnull=True, expires_at__gt=at)
    found = open_ones.select_related("person", "representative", "made_by", "paper_set").first()
    return None if found is None or is_of_before(found, at) else found


def is_of_before(link: Link, at: datetime) -> bool:
    """Whether it was given out before its student left and came back: by the lists that may be another child."""
    left = left_on([link.person_id], school_day(at)).get(link.person_id)
    return left is not None and school_day(link.made_at) <= left


def is_guessing(address: str, at: datetime) -> bool:
    """Note a miss, and say whether too many came from an address. Links that exist are let in all the same."""
    LinkMiss.objects.filter(at__lte=at - WINDOW).delete()
    digest = salted_hmac("darbaza.portal.consents.miss", address, algorithm="sha256").hexdigest()
    missed = LinkMiss.objects.filter(address=digest).count()
    if missed < MOST_MISSES:
        LinkMiss.objects.create(address=digest, at=at)
    return missed >= MOST_MISSES
