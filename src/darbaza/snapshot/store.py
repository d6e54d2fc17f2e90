"""The box's rulebook and presence on disk: take what is signed, newer and sound; keep the last good one otherwise.

`snapshot.dzb` is the rulebook in force and `snapshot.previous.dzb` the one before, to fall back on when the first is
damaged at start. A damaged presence has no such second chance: an older one could hold a lesson that was ended or a
student who was paused, so nobody is bound until the portal sends a new one. `seen.json` remembers the highest numbers
ever taken, so that a replay is refused even after a fall-back.
"""

from collections.abc import Iterable
from pathlib import Path

import msgspec

from darbaza.policy.rulebook import Rulebook
from darbaza.snapshot import codec
from darbaza.snapshot.envelope import PRESENCE, SNAPSHOT, PublicKey, unseal
from darbaza.snapshot.errors import SnapshotError
from darbaza.snapshot.files import write_atomically
from darbaza.snapshot.presence import Presence

SNAPSHOT_FILE = "snapshot.dzb"
PREVIOUS_FILE = "snapshot.previous.dzb"
PRESENCE_FILE = "presence.dzp"
SEEN_FILE = "seen.json"


class Seen(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The highest revision and sequence this box ever took."""

    revision: int = 0
    sequence: int = 0


class SnapshotStore:
    """The signed state in one directory. Nothing but this class writes its files; engines read them.

    `complaints` says in words what was wrong with the files found at start.
    """

    def __init__(self, directory: Path, trusted_keys: Iterable[PublicKey]) -> None:
        """Open a directory, creating it if need be. Raises OSError if it can't be read."""
        self.directory = directory
        self.complaints: list[str] = []
        self._keys = tuple(trusted_keys)
        self._sealed: bytes | None = None
        directory.mkdir(parents=True, exist_ok=True)
        self.rulebook = self._first_rulebook()
        self.presence = self._first_presence()
        self._seen = self._read_seen()

    @property
    def revision(self) -> int:
        """The revision in force, 0 if there is none."""
        return self.rulebook.revision if self.rulebook else 0

    @property
    def sequence(self) -> int:
        """The presence in force, 0 if there is none."""
        return self.presence.sequence if self.presence else 0

    @property
    def is_behind(self) -> bool:
        """Whether a newer rulebook was in force before: what this one does not know, that one may have known."""
        return self.revision < self._seen.revision

    def accept(self, data: bytes) -> Rulebook:
        """Activate a sealed rulebook. Raises SnapshotError if it is refused, OSError if the disk refuses it."""
        rulebook = open_rulebook(data, self._keys)
        floor = max(self._seen.revision, self.revision)
        # A box that fell back takes the revision again that it had before the damage, but nothing older.
        if rulebook.revision < floor or rulebook.revision == self.revision:
            raise SnapshotError(f"snapshot `r{rulebook.revision}` is not newer than `r{floor}`, which stays in force")
        self._keep_previous()
        write_atomically(self.directory / SNAPSHOT_FILE, data)
        self.rulebook, self._sealed = rulebook, data
        self._remember(Seen(rulebook.revision, self._seen.sequence))
        return rulebook

    def accept_presence(self, data: bytes) -> Presence:
        """Take over a sealed presence. Raises SnapshotError if it is refused, OSError if the disk refuses it."""
        presence = open_presence(data, self._keys)
        floor = max(self._seen.sequence, self.sequence)
        if presence.sequence < floor or presence.sequence == self.sequence:
            raise SnapshotError(f"presence `{presence.sequence}` is not newer than `{floor}`, which stays in force")
        write_atomically(self.directory / PRESENCE_FILE, data)
        self.presence = presence
        self._remember(Seen(self._seen.revision, presence.sequence))
        return presence

    def trust(self, keys: Iterable[PublicKey]) -> None:
        """Trust these keys from now on, and no others."""
        self._keys = tuple(keys)

    def renew(self, data: bytes) -> None:
        """Take the rulebook in force again under other signatures, or a newer one. Raises as `accept`.

        It also takes the place of the one before, whose signature may soon be worth nothing.
        """
        rulebook = open_rulebook(data, self._keys)
        if self.rulebook is None or rulebook.revision != self.revision:
            self.accept(data)
        elif rulebook != self.rulebook:
            raise SnapshotError(f"snapshot `r{rulebook.revision}` is another one than that which is in force")
        self._sealed = data
        write_atomically(self.directory / SNAPSHOT_FILE, data)
        write_atomically(self.directory / PREVIOUS_FILE, data)

    def renew_presence(self, data: bytes) -> None:
        """Take the presence in force again under other signatures, or a newer one. Raises as `accept_presence`."""
        presence = open_presence(data, self._keys)
        if self.presence is None or presence.sequence != self.sequence:
            self.accept_presence(data)
            return
        write_atomically(self.directory / PRESENCE_FILE, data)
        self.presence = presence

    def _keep_previous(self) -> None:
        """Put the rulebook in force aside, as it was verified and not as the disk may have it by now."""
        if self._sealed is not None:
            write_atomically(self.directory / PREVIOUS_FILE, self._sealed)

    def _first_rulebook(self) -> Rulebook | None:
        rulebook = self._read_rulebook(SNAPSHOT_FILE)
        if rulebook is not None:
            return rulebook
        rulebook = self._read_rulebook(PREVIOUS_FILE)
        if rulebook is not None and self._sealed is not None:
            self.complaints.append(f"fell back to `r{rulebook.revision}`")
            write_atomically(self.directory / SNAPSHOT_FILE, self._sealed)
        else:
            self.complaints.append("no rulebook is in force: nothing is let through until the portal sends one")
        return rulebook

    def _read_rulebook(self, name: str) -> Rulebook | None:
        try:
            sealed = (self.directory / name).read_bytes()
            rulebook = open_rulebook(sealed, self._keys)
        except FileNotFoundError:
            if name == SNAPSHOT_FILE:
                self.complaints.append(f"`{name}` is missing")
            return None
        except (OSError, SnapshotError) as error:
            self.complaints.append(f"`{name}` is not used: {error}")
            return None
        self._sealed = sealed
        return rulebook

    def _first_presence(self) -> Presence | None:
        try:
            return read_presence(self.directory / PRESENCE_FILE, self._keys)
        except FileNotFoundError:
            self.complaints.append(f"`{PRESENCE_FILE}` is missing, nobody is bound until the portal sends it")
            return None
        except (OSError, SnapshotError) as error:
            self.complaints.append(f"`{PRESENCE_FILE}` is not used, nobody is bound: {error}")
            return None

    def _read_seen(self) -> Seen:
        """The numbers ever taken; those in force are a floor of their own, so a lost file only forgets a fall-back."""
        try:
            return msgspec.json.decode((self.directory / SEEN_FILE).read_bytes(), type=Seen)
        except FileNotFoundError:
            return Seen(self.revision, self.sequence)
        except (OSError, msgspec.MsgspecError, UnicodeDecodeError) as error:
            self.complaints.append(f"`{SEEN_FILE}` is not used: {error}")
            return Seen(self.revision, self.sequence)

    def _remember(self, seen: Seen) -> None:
        self._seen = seen
        write_atomically(self.directory / SEEN_FILE, msgspec.json.encode(seen))


def open_rulebook(data: bytes, trusted_keys: Iterable[PublicKey]) -> Rulebook:
    """The rulebook in a sealed snapshot. Raises SnapshotError with the reason if it is refused."""
    return codec.decode(unseal(SNAPSHOT, data, trusted_keys))


def open_presence(data: bytes, trusted_keys: Iterable[PublicKey]) -> Presence:
    """The presence in a sealed file. Raises SnapshotError with the reason if it is refused."""
    return codec.decode_presence(unseal(PRESENCE, data, trusted_keys))


def read_rulebook(path: Path, trusted_keys: Iterable[PublicKey]) -> Rulebook:
    """The rulebook in a sealed file. Raises FileNotFoundError, OSError or SnapshotError."""
    return open_rulebook(path.read_bytes(), trusted_keys)


def read_presence(path: Path, trusted_keys: Iterable[PublicKey]) -> Presence:
    """The presence in a sealed file. Raises FileNotFoundError, OSError or SnapshotError."""
    return open_presence(path.read_bytes(), trusted_keys)
