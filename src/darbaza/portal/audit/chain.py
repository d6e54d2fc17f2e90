"""Checking the chain: any entry changed, removed, inserted or cut off the end is found and named."""

from dataclasses import dataclass
from enum import StrEnum

from darbaza.portal.audit import canonical
from darbaza.portal.audit.models import AuditEntry, ChainHead


class Fault(StrEnum):
    """What is wrong with the first bad entry."""

    CHANGED = "changed"
    MISSING = "missing"
    UNLINKED = "unlinked"
    CUT = "cut"


@dataclass(frozen=True, slots=True)
class ChainCheck:
    """The outcome of a check: how many entries hold, and the first that does not with its fault.

    `number` is the first bad entry's, or the last good one's when there is no fault; `digest` is the last good one.
    """

    checked: int
    number: int
    digest: str
    fault: Fault | None = None

    @property
    def intact(self) -> bool:
        """Whether every entry is as it was written."""
        return self.fault is None


def verify() -> ChainCheck:
    """Walk the whole chain from its first entry to its head."""
    number, previous = 0, canonical.GENESIS
    for entry in AuditEntry.objects.order_by("number").iterator(chunk_size=1000):
        fault = fault_of(entry, number + 1, previous)
        if fault is not None:
            return ChainCheck(number, number + 1, previous, fault)
        number, previous = entry.number, entry.digest
    head = ChainHead.objects.filter(pk=1).first()
    if head is None or (head.number, head.digest) != (number, previous):
        return ChainCheck(number, number + 1, previous, Fault.CUT)
    return ChainCheck(number, number, previous)


def fault_of(entry: AuditEntry, number: int, previous: str) -> Fault | None:
    """What is wrong with an entry that should carry this number and follow this digest."""
    if entry.number != number:
        return Fault.MISSING
    if entry.digest != entry.expected_digest():
        return Fault.CHANGED
    return None if entry.previous == previous else Fault.UNLINKED


def entry_stands(number: int, digest: str) -> bool:
    """Whether the chain still holds an entry that was noted elsewhere, on paper for example."""
    return AuditEntry.objects.filter(number=number, digest=digest).exists()
