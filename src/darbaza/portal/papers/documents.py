"""What a document is: facts with a digest, and the kinds of documents that there are.

Facts are plain JSON. What a reader's language decides (names of duties, dates in words) stands in them as a code or an
ISO date, so that one record has one digest in all languages. What does not belong to the record (letterhead, the
address of the portal) is not in them.
"""

import datetime as dt
import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.functional import Promise

from darbaza.portal import codes
from darbaza.portal.audit import canonical
from darbaza.portal.people.models import Person
from darbaza.portal.people.rights import Right
from darbaza.portal.school_time import zone

CODE_LENGTH = 12
"""Characters of a document's code: sixty bits of its digest."""

Facts = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Document:
    """One document as it stands today. `number` and `date` are what its head bears; either may be missing."""

    kind: str
    ref: str
    facts: Facts
    number: str = ""
    date: dt.date | None = None

    @property
    def digest(self) -> str:
        """SHA-256 of kind, reference and facts, in hexadecimal."""
        text = canonical.detail_text({"kind": self.kind, "ref": self.ref, "facts": dict(self.facts)})
        return hashlib.sha256(f"darbaza-paper-1 {text}".encode()).hexdigest()

    @property
    def code(self) -> str:
        """The short form of the digest, as it is printed and typed."""
        return codes.written(bytes.fromhex(self.digest), CODE_LENGTH)


@dataclass(frozen=True, slots=True)
class Repeal:
    """What ended a record: an order or a decision, with its day."""

    ref: str
    date: dt.date


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of document.

    `gather` makes it from its reference, or gives None where there is no such record. `right` is who may print it;
    None opens it to everybody. `readers` narrows that to single documents: whether a person may print this one at an
    instant, instead of `right`, which is then what a refusal names. `record` names the URL of the record's page by
    reference, `repealed` says what ended it.
    """

    code: str
    title: Promise
    right: Right | None
    gather: Callable[[str], Document | None]
    template: str
    landscape: bool = False
    takes_scans: bool = False
    repealed: Callable[[str], Repeal | None] = field(default=lambda _ref: None)
    readers: Callable[[Person | None, str, dt.datetime], bool] | None = None


KINDS: dict[str, Kind] = {}
"""All kinds by their code. Apps register their own in `apps.ready()`."""


def register(*kinds: Kind) -> None:
    """Make kinds known; registering twice changes nothing."""
    for kind in kinds:
        KINDS[kind.code] = kind


def gather(kind: str, ref: str) -> Document | None:
    """The document as the records stand now, or None for an unknown kind or record."""
    known = KINDS.get(kind)
    return known.gather(ref) if known else None


def day_text(value: dt.date | dt.datetime | None) -> str:
    """A day, or an instant in the school's time to the minute, as ISO; an instant at midnight is a day."""
    if not isinstance(value, dt.datetime):
        return value.isoformat() if value else ""
    local = value.astimezone(zone())
    return local.date().isoformat() if local.time() == local.time().min else local.strftime("%Y-%m-%dT%H:%M")


def parsed_day(text: str) -> dt.date | dt.datetime | None:
    """What `day_text` wrote; an instant comes back aware, in the school's zone."""
    if not text:
        return None
    return dt.datetime.fromisoformat(text).replace(tzinfo=zone()) if "T" in text else dt.date.fromisoformat(text)


def split_ref(ref: str) -> tuple[int, int] | None:
    """Year and number of `2026-14`; None for anything else."""
    year, _dash, number = ref.partition("-")
    known = all(part.isascii() and part.isdigit() and len(part) < 10 for part in (year, number))
    return (int(year), int(number)) if known else None
