"""Sign-ins that count no longer on this box, though the portal has not taken them back yet.

When the device behind an address is found to be another one than at the sign-in, whoever signed in there must not
answer for what it does (2.9). The agent writes those bindings down, and everybody on the box who reads the presence
leaves them out, at once and whether or not the portal can be reached. A new sign-in is another binding.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import msgspec

from darbaza.snapshot.errors import SnapshotError
from darbaza.snapshot.files import write_atomically
from darbaza.snapshot.presence import Presence

DISTRUST_FILE = "distrust.json"


class Distrusted(msgspec.Struct, frozen=True, order=True):
    """One binding: the device's address and the instant of the sign-in."""

    device: str
    since: datetime


def note_distrusted(run: Path, bindings: Iterable[Distrusted]) -> None:
    """Write down all bindings that count no longer. Raises OSError."""
    write_atomically(run / DISTRUST_FILE, msgspec.json.encode(sorted(bindings)))


def read_distrusted(path: Path) -> frozenset[Distrusted]:
    """The bindings in a note; none without one. Raises SnapshotError for a damaged one, OSError."""
    try:
        return frozenset(msgspec.json.decode(path.read_bytes(), type=list[Distrusted]))
    except FileNotFoundError:
        return frozenset()
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise SnapshotError(f"`{path.name}` can't be read: {error}; nobody counts as signed in until it can") from error


def trusted(presence: Presence, distrusted: Iterable[Distrusted]) -> Presence:
    """The presence without the bindings that count no longer."""
    gone = {(one.device, one.since) for one in distrusted}
    if not gone:
        return presence
    kept = tuple(binding for binding in presence.bindings if (binding.device, binding.since) not in gone)
    return replace(presence, bindings=kept)


def as_trusted(run: Path, presence: Presence) -> Presence:
    """The presence as this box's note leaves it; nobody is bound while the note is damaged."""
    try:
        return trusted(presence, read_distrusted(run / DISTRUST_FILE))
    except (OSError, SnapshotError):
        return replace(presence, bindings=())
