"""What makes a statement one that was said: a seal that only the acts give, with a key that is not in the database.

A row that came into the table otherwise, by a fixture, a query, a table restored from elsewhere or a console, agrees to
nothing. What was struck out otherwise, or ended with its giver, goes on refusing what it refused; and who was protected
is until an act says otherwise (ADR 0085).
"""

import hashlib
import hmac
from collections.abc import Mapping
from functools import lru_cache

from darbaza.portal.audit import canonical
from darbaza.portal.audit.seals import columns, plain
from darbaza.portal.consents.models import Protection, Statement
from darbaza.portal.key_files import PUBLICATION_KEY, signing_key
from darbaza.snapshot import envelope

SEALED = (
    "year", "number", "person_id", "representative_id", "how", "asked_kinds", "kinds", "asked_channels", "channels",
    "asked_purposes", "purposes", "first_day", "last_day", "given_at", "recorded_at", "risks_id", "explained_by_id",
    "explained_at", "explained_in", "understood", "struck_at",
)  # fmt: skip
"""What was said, how and when, and whether it was struck out. That it was withdrawn needs no seal: it opens nothing."""

PURPOSE = b"darbaza.portal.consents"


def seal_of(statement: Statement) -> str:
    """The seal of a statement as it stands, and of whether its giver speaks for the person still."""
    ended = statement.representative.ended_at if statement.representative else None
    return _seal({**columns(statement, SEALED), "ended": plain(ended)})


def is_sealed(statement: Statement) -> bool:
    """Whether a statement is as an act left it."""
    return hmac.compare_digest(seal_of(statement).encode(), statement.seal.encode())


def seal_of_end(protection: Protection) -> str:
    """The seal of a protection that has ended."""
    return _seal(columns(protection, ("public_id", "person_id", "since", "until")))


def is_ended(protection: Protection) -> bool:
    """Whether an act ended a protection."""
    sealed = hmac.compare_digest(seal_of_end(protection).encode(), protection.seal.encode())
    return protection.until is not None and sealed


def _seal(content: Mapping[str, object]) -> str:
    """HMAC-SHA-256 in hexadecimal."""
    text = canonical.detail_text(content).encode("ascii")
    return hmac.new(_key(signing_key(PUBLICATION_KEY)), text, hashlib.sha256).hexdigest()


@lru_cache(maxsize=2)
def _key(key: envelope.PrivateKey) -> bytes:
    """A key for this end alone, from the portal's key for publications."""
    return hmac.new(key.private_bytes_raw(), PURPOSE, hashlib.sha256).digest()
