"""Records held to the chain: the entry of an act bears the digest of every record that the act wrote.

The chain shows that the acts are as they were written. Powers, however, are read from other tables, and whoever can
write to the database could leave the chain alone and change an order's term, slip in a duty, or edit a vote in old
minutes. So each act seals what it wrote: `{"seals": {"order/2026-14": "9f…"}}` in its detail. The last seal of a record
counts; a record that differs from it, has gone, or never had one is named by `verify`.

Apps above register the kinds of records that give powers or prove them. What an app seals is an explicit list of
columns, so that a column added later changes no digest; rows are named by their keys, which a copy of the database
keeps.
"""

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from typing import NamedTuple

from django.db import models
from django.utils.functional import Promise

from darbaza.portal.audit import canonical, chain
from darbaza.portal.audit.chain import ChainCheck, Fault, Mark
from darbaza.portal.audit.models import AuditEntry

SEALS = "seals"
"""The key in an entry's detail."""

Content = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of record. `content` is what is sealed of one, by its key, or None if there is none; `every` gives the
    keys of all that must have a seal."""

    code: str
    label: Promise
    content: Callable[[str], Content | None]
    every: Callable[[], Iterable[str]]


KINDS: dict[str, Kind] = {}


def register(*kinds: Kind) -> None:
    """Make kinds of records known."""
    KINDS.update({kind.code: kind for kind in kinds})


class Seal(NamedTuple):
    """The digest of a record and the number of the entry that bears it."""

    digest: str
    number: int


def name_of(kind: str, key: object) -> str:
    """`order/2026-14`: how seals and findings name a record."""
    return f"{kind}/{key}"


def sealing(*names: str) -> dict[str, object]:
    """The seals of records as they stand now, for the detail of the act that wrote them."""
    return {SEALS: {name: digest for name in sorted(set(names)) if (digest := digest_of(name)) is not None}}


def digest_of(name: str) -> str | None:
    """SHA-256 of what is sealed of a record, in hexadecimal; None where there is no such record."""
    kind, _slash, key = name.partition("/")
    content = KINDS[kind].content(key) if kind in KINDS else None
    if content is None:
        return None
    return hashlib.sha256(canonical.detail_text({"record": name, "content": content}).encode("ascii")).hexdigest()


def columns(row: models.Model, names: Iterable[str]) -> dict[str, object]:
    """Some columns of a row as JSON, equal for equal rows on every database."""
    return {name: plain(getattr(row, name)) for name in names}


def rows(found: Iterable[models.Model], names: Sequence[str]) -> list[dict[str, object]]:
    """The same of several rows, in an order that no database decides."""
    return sorted((columns(row, names) for row in found), key=lambda one: json.dumps(one, sort_keys=True))


def plain(value: object) -> object:
    """A value as JSON has it: instants in UTC, days and hours as ISO 8601."""
    if isinstance(value, datetime):
        return canonical.instant_text(value)
    return value.isoformat() if isinstance(value, (date, time)) else value


def stored() -> dict[str, Seal]:
    """The last seal of every record, in the order of the entries that bear them."""
    found: dict[str, Seal] = {}
    bearing = AuditEntry.objects.filter(detail_text__contains=f'"{SEALS}":').order_by("number")
    for number, text in bearing.values_list("number", "detail_text").iterator(chunk_size=chain.AT_ONCE):
        said = json.loads(text).get(SEALS)
        for name, digest in said.items() if isinstance(said, dict) else ():
            found.pop(name, None)
            found[name] = Seal(digest, number)
    return found


def verify(marks: Sequence[Mark] = ()) -> ChainCheck:
    """The whole chain, and where it holds every record against it; the first bad one is named."""
    check = chain.verify(marks)
    return check if not check.intact else with_records(check)


def with_records(check: ChainCheck) -> ChainCheck:
    """A sound chain's check, with what it says of the records."""
    seals = stored()
    for name, seal in seals.items():
        if digest_of(name) != seal.digest and (fault := fault_of(name)) is not None:
            return replace(check, number=seal.number, fault=fault, record=name, sealed=len(seals))
    if missing := unsealed(seals):
        still = frozenset(unsealed(stored()))  # acts go on meanwhile
        for name in missing:
            if name in still:
                return replace(check, number=0, fault=Fault.UNSEALED, record=name, sealed=len(seals))
    return replace(check, sealed=len(seals))


def fault_of(name: str) -> Fault | None:
    """What is wrong with a record, looked at again with the seals as they are now: acts go on meanwhile."""
    digest, seal = digest_of(name), stored().get(name)
    if seal is not None and digest == seal.digest:
        return None
    return Fault.GONE if digest is None else Fault.ALTERED


def unsealed(seals: Mapping[str, Seal]) -> list[str]:
    """Records that no entry seals."""
    names = (name_of(kind.code, key) for kind in KINDS.values() for key in kind.every())
    return [name for name in names if name not in seals]
