"""A box that lost the portal keeps open lessons until their end, and opens nothing.

Only the portal hears a supervisor's console, so without it leases (2.9) would run out within minutes and a cut line
would end every lesson in the school. While the agent can't reach the portal it leaves a note of the last contact; a
lesson whose supervisor was present at that instant then lives until its own end. One whose lease had run out before
stays closed, and no lesson is ever lengthened.
"""

from dataclasses import replace
from datetime import datetime
from pathlib import Path

import msgspec

from darbaza.snapshot.errors import SnapshotError
from darbaza.snapshot.files import write_atomically
from darbaza.snapshot.presence import Presence

CUT_OFF_FILE = "cutoff.json"


class CutOff(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The instant of the last contact with the portal."""

    last_contact: datetime


def note_cut_off(run: Path, last_contact: datetime) -> None:
    """Leave the note. Raises OSError."""
    write_atomically(run / CUT_OFF_FILE, msgspec.json.encode(CutOff(last_contact)))


def clear_cut_off(run: Path) -> bool:
    """Take the note away once the portal is back; whether there was one. Raises OSError."""
    try:
        (run / CUT_OFF_FILE).unlink()
    except FileNotFoundError:
        return False
    return True


def read_cut_off(path: Path) -> datetime:
    """The instant in a note. Raises FileNotFoundError if there is none, SnapshotError for a damaged one."""
    try:
        last_contact = msgspec.json.decode(path.read_bytes(), type=CutOff).last_contact
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise SnapshotError(f"`{path.name}` can't be read: {error}; supervisors' leases run out as usual") from error
    if last_contact.utcoffset() is None:
        raise SnapshotError(f"`{path.name}` holds an instant without time zone; supervisors' leases run out as usual")
    return last_contact


def cut_off_since(run: Path) -> datetime | None:
    """When the portal was last heard, while it is away; None while it is there or the note is damaged."""
    try:
        return read_cut_off(run / CUT_OFF_FILE)
    except (OSError, SnapshotError):
        return None


def outlasting(presence: Presence, last_contact: datetime | None) -> Presence:
    """The presence as it counts on a box cut off since `last_contact`; unchanged for one that is not (None)."""
    if last_contact is None:
        return presence
    sessions = tuple(
        replace(session, lease_until=max(session.ends, session.lease_until))
        if session.lease_until > last_contact
        else session
        for session in presence.sessions
    )
    return replace(presence, sessions=sessions)
