"""Writing to the chain."""

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol

from django.db import transaction

from darbaza.portal.audit import canonical, seals
from darbaza.portal.audit.models import AuditEntry, ChainHead


class Actor(Protocol):
    """Whoever acts: known to the chain by an opaque id only."""

    public_id: str


def record(
    *, act: str, by: Actor | None, at: datetime, subject: str, detail: Mapping[str, object] | None = None
) -> AuditEntry:
    """Append one entry, inside the act's own transaction.

    `by` is None only for installation and for what the system does by itself. `detail` is plain JSON and names people
    by their public ids. Raises `RuntimeError` outside a transaction: an entry must stand or fall with its act.
    """
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError(f"`{act}` is recorded outside a transaction; wrap the act in transaction.atomic()")
    head = locked_head()
    entry = AuditEntry(
        number=head.number + 1,
        at=at,
        act=act,
        by=by.public_id if by else "",
        subject=subject,
        detail_text=canonical.detail_text(detail or {}),
        previous=head.digest,
    )
    entry.digest = head.digest = entry.expected_digest()
    head.number = entry.number
    entry.save()
    head.save()
    return entry


def locked_head() -> ChainHead:
    """The head of the chain, held until the transaction ends. SQLite needs no row lock: its writers queue anyway."""
    return ChainHead.objects.select_for_update().get(pk=1)


SEALED_BEFORE = "audit:records:seal"


class SealedBeforeError(RuntimeError):
    """There are records that no act sealed (`names`), and what a portal held before was sealed by entry `number`."""

    def __init__(self, names: list[str], number: int) -> None:
        """Records made past the acts are never sealed: that would make them good."""
        self.names, self.number = names, number
        super().__init__(f"{len(names)} records have no seal since entry `{number}`")


@transaction.atomic
def seal_what_was_before(*, at: datetime) -> list[str]:
    """Seal every record that was made before acts sealed what they wrote, once; the names of what was sealed.

    An installation that has nothing of the kind gets no entry. Raises `SealedBeforeError` the second time.
    """
    locked_head()
    names = seals.unsealed(seals.stored())
    done = AuditEntry.objects.filter(act=SEALED_BEFORE).first()
    if names and done is not None:
        raise SealedBeforeError(names, done.number)
    if names:
        record(act=SEALED_BEFORE, by=None, at=at, subject=str(len(names)), detail=seals.sealing(*names))
    return names
