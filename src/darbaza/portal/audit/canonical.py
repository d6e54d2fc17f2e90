"""The bytes that an audit entry is sealed over: equal entries give equal bytes on every database and platform."""

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime

GENESIS = "0" * 64
"""What stands in place of a previous digest for the first entry."""

FORMAT = "darbaza-audit-1"


def detail_text(detail: Mapping[str, object]) -> str:
    """A detail as canonical JSON: keys sorted, ASCII only, no spaces. Raises `TypeError` for what JSON cannot hold."""
    return json.dumps(detail, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)


def instant_text(at: datetime) -> str:
    """An aware instant in UTC with microseconds, always of the same length."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def digest(*, number: int, at: datetime, act: str, by: str, subject: str, detail: str, previous: str) -> str:
    """The SHA-256 of an entry, in hexadecimal. `detail` is what `detail_text` gave."""
    fields = [FORMAT, number, instant_text(at), act, by, subject, detail, previous]
    return hashlib.sha256(json.dumps(fields, ensure_ascii=True, separators=(",", ":")).encode("ascii")).hexdigest()
