"""The portal's keys that a box trusts, and how it learns the next one from the one before (ADR 0024).

    keyring 2                           the number of the change; a file without this line has the number 0
    ed25519 4f0c…=                      one key a line, as in any key file

Each change is such a text, sealed by the keys before it and by those after it. A box follows the changes in their order
from the one it has, so a box that was away for many of them arrives at the last. A change of a number that it has
already is refused, so a retired key stays retired. What lies on the disk can be read at every instant: until rulebook
and presence are there with a signature of the new keys, the old ones are trusted as well.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from darbaza.snapshot.envelope import PublicKey, key_id, parse_public_keys, public_line, unseal
from darbaza.snapshot.errors import SnapshotError
from darbaza.snapshot.files import write_atomically
from darbaza.snapshot.store import SnapshotStore

KEYRING = "keyring"
MOST_KEYS = 4
NUMBER = re.compile(r"keyring ([1-9]\d{0,8})\n")


@dataclass(frozen=True, slots=True)
class Keyring:
    """The keys that are trusted after `number` changes."""

    number: int
    keys: tuple[PublicKey, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The keys' ids."""
        return tuple(key_id(key) for key in self.keys)

    def text(self) -> str:
        """The key file."""
        head = f"keyring {self.number}\n" if self.number else ""
        return head + "".join(f"{public_line(key)}\n" for key in self.keys)


def parse_keyring(text: str) -> Keyring:
    """The keys in a key file's text. Raises SnapshotError."""
    head = NUMBER.match(text)
    keys = parse_public_keys(text)
    if len(keys) > MOST_KEYS:
        raise SnapshotError(f"the key file holds {len(keys)} keys; at most {MOST_KEYS} are trusted at once")
    return Keyring(int(head[1]) if head else 0, keys)


def read_keyring(path: Path) -> Keyring:
    """The keys that this box trusts. Raises SnapshotError naming the file."""
    try:
        return parse_keyring(path.read_text("ascii"))
    except (OSError, UnicodeDecodeError, SnapshotError) as error:
        raise SnapshotError(f"key file `{path}`: {error}") from error


def follow(keyring: Keyring, changes: Iterable[bytes]) -> Keyring:
    """The keys after sealed changes, each vouched for by a key before it and by one of its own.

    Raises SnapshotError for the first change that is not newer, or is not signed by both.
    """
    for change in changes:
        body = unseal(KEYRING, change, keyring.keys)
        following = _parsed(body)
        unseal(KEYRING, change, following.keys)
        if following.number <= keyring.number:
            raise SnapshotError(f"key ring `{following.number}` is not newer than `{keyring.number}`, which stays")
        keyring = following
    return keyring


def _parsed(body: bytes) -> Keyring:
    try:
        return parse_keyring(body.decode("ascii"))
    except UnicodeDecodeError as error:
        raise SnapshotError("the key ring is no text") from error


def change_keys(store: SnapshotStore, path: Path, changes: Iterable[bytes], sealed: tuple[bytes, bytes]) -> Keyring:
    """Trust the keys after `changes` instead of those in `path`; `sealed` are the rulebook and the presence of now.

    Raises SnapshotError or OSError; then what was trusted before is trusted still, and the change can be tried again.
    """
    before = read_keyring(path)
    after = follow(before, changes)
    both = Keyring(before.number, tuple({key_id(key): key for key in (*before.keys, *after.keys)}.values()))
    _trust(store, path, both)
    store.renew(sealed[0])
    store.renew_presence(sealed[1])
    _trust(store, path, after)
    return after


def _trust(store: SnapshotStore, path: Path, keyring: Keyring) -> None:
    write_atomically(path, keyring.text().encode(), path.stat().st_mode & 0o777)
    store.trust(keyring.keys)
