"""Checking the chain: an entry changed, removed, inserted, moved, cut off or rewritten with all that follows is named.

What the chain itself holds tells of every change but one: whoever can write to the database can reckon the whole chain
anew from any entry on. That shows only against what was noted elsewhere: a `Mark`, such as the checkpoint on a sheet
of signed paper.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from darbaza.portal.audit import canonical
from darbaza.portal.audit.models import AuditEntry, ChainHead

AT_ONCE = 5000
"""Entries read in one piece: a million stay far below what a small machine has."""


class Fault(StrEnum):
    """What is wrong with the first bad entry, or with the first bad record where every entry holds (see `seals`)."""

    CHANGED = "changed"
    MISSING = "missing"
    UNLINKED = "unlinked"
    CUT = "cut"
    ADDED = "added"
    REWRITTEN = "rewritten"
    ALTERED = "altered"
    GONE = "gone"
    UNSEALED = "unsealed"


class Row(NamedTuple):
    """An entry as it lies in the database, its fields in the order of `FIELDS`."""

    number: int
    at: datetime
    act: str
    by: str
    subject: str
    detail: str
    previous: str
    digest: str


FIELDS = ("number", "at", "act", "by", "subject", "detail_text", "previous", "digest")


class Head(NamedTuple):
    """The last entry's number and digest."""

    number: int
    digest: str


class Mark(NamedTuple):
    """An entry as it was noted elsewhere: its number, and how its digest begins, in hexadecimal."""

    number: int
    begins: str


@dataclass(frozen=True, slots=True)
class ChainCheck:
    """The outcome of a check: how many entries hold, and the first that does not with its fault.

    `number` is the first bad entry's, or the last good one's when there is no fault; `digest` is the last good one.
    For a rewritten chain `number` is the first mark that it does not bear, and `held` the last mark that it does
    (0: none): it was rewritten after the one and not after the other. `record` is the first record that is not as the
    entry `number` sealed it, or that none has (0); `sealed` is how many records were held against the chain.
    """

    checked: int
    number: int
    digest: str
    fault: Fault | None = None
    held: int = 0
    record: str = ""
    sealed: int = 0

    @property
    def intact(self) -> bool:
        """Whether every entry is as it was written."""
        return self.fault is None


def verify(marks: Sequence[Mark] = ()) -> ChainCheck:
    """Walk the whole chain from its first entry to its head, past what was noted elsewhere."""
    head = stored_head()
    check = walk(stored_rows(head), head, marks)
    return (
        check
        if not check.intact or not reaches_past_its_head()
        else replace(check, number=check.number + 1, fault=Fault.ADDED)
    )


def stored_head() -> Head:
    """The head as it is stored; where there is none, one that no entry meets."""
    head = ChainHead.objects.filter(pk=1).first()
    return Head(head.number, head.digest) if head else Head(0, "")


def stored_rows(head: Head) -> Iterator[Row]:
    """The entries of the database in their order, up to a head that was read before: acts go on meanwhile."""
    stored = AuditEntry.objects.filter(number__lte=head.number).order_by("number").values_list(*FIELDS)
    return (Row(*fields) for fields in stored.iterator(chunk_size=AT_ONCE))


def reaches_past_its_head() -> bool:
    """Whether there are entries that the head does not know of."""
    last = AuditEntry.objects.order_by("-number").values_list("number", flat=True).first() or 0
    return last > stored_head().number


def walk(rows: Iterable[Row], head: Head, marks: Sequence[Mark] = ()) -> ChainCheck:
    """Check entries in their order against one another, against the head, and against marks."""
    numbers, held = {mark.number for mark in marks}, 0
    number, previous = 0, canonical.GENESIS
    for row in rows:
        fault = fault_of(row, number + 1, previous)
        if fault is None and number == head.number:
            fault = Fault.ADDED
        if fault is None and row.number in numbers and not bears(row, marks):
            fault = Fault.REWRITTEN
        if fault is not None:
            return ChainCheck(number, number + 1, previous, fault, held)
        number, previous = row.number, row.digest
        held = number if number in numbers else held
    if (number, previous) == head and number >= max(numbers, default=0):
        return ChainCheck(number, number, previous, held=held)
    return ChainCheck(number, number + 1, previous, Fault.CUT, held)


def bears(row: Row, marks: Sequence[Mark]) -> bool:
    """Whether an entry's digest is the one that every mark on its number notes."""
    return all(row.digest.startswith(mark.begins) for mark in marks if mark.number == row.number)


def fault_of(row: Row, number: int, previous: str) -> Fault | None:
    """What is wrong with an entry that should carry this number and follow this digest."""
    if row.number != number:
        return Fault.MISSING
    if row.digest != digest_of(row):
        return Fault.CHANGED
    return None if row.previous == previous else Fault.UNLINKED


def digest_of(row: Row) -> str:
    """The digest that an entry's content must have."""
    return canonical.digest(
        number=row.number,
        at=row.at,
        act=row.act,
        by=row.by,
        subject=row.subject,
        detail=row.detail,
        previous=row.previous,
    )


def entry_stands(mark: Mark) -> bool:
    """Whether the chain still holds an entry that was noted elsewhere, on paper for example."""
    return AuditEntry.objects.filter(number=mark.number, digest__startswith=mark.begins).exists()
