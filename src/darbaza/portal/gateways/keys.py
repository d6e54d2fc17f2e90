"""The keys with which the portal signs what travels to its boxes, and the changes from one to the next (ADR 0024).

One key signs, or two while one takes the place of the other. The first lies in `portal.key` and has no row; later ones
lie beside it, named by their ids. A retired key is destroyed; the sealed changes that it signed are kept.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path

from django.conf import settings
from django.db import transaction

from darbaza.portal import key_files
from darbaza.portal.gateways.models import Box, KeyringChange, SigningKey
from darbaza.snapshot import envelope
from darbaza.snapshot.errors import SnapshotError
from darbaza.snapshot.keyring import KEYRING, Keyring

KEY_FILE = "portal.key"


@dataclass(frozen=True, slots=True)
class InService:
    """A key that signs, and since when."""

    name: str
    file: str
    since: datetime


def in_service() -> list[InService]:
    """The keys that sign, the oldest first."""
    rows = SigningKey.objects.filter(retired_at__isnull=True)
    return [InService(row.name, row.file, row.since) for row in rows] or [first()]


def first() -> InService:
    """The key that was made at first use; its file tells when."""
    name = envelope.key_id(key_files.signing_key(KEY_FILE).public_key())
    made = (Path(settings.STATE) / KEY_FILE).stat().st_mtime
    return InService(name, KEY_FILE, datetime.fromtimestamp(made, UTC))


def signing_keys() -> list[envelope.PrivateKey]:
    """The keys with which snapshots and presences are signed. Raises SnapshotError if a file is not there any more."""
    return [_read(Path(settings.STATE) / key.file, key.name) for key in in_service()]


def signing_key() -> envelope.PrivateKey:
    """The newest of them."""
    return signing_keys()[-1]


@lru_cache(maxsize=8)
def _read(path: Path, name: str) -> envelope.PrivateKey:
    key = envelope.read_private_key(path)
    if envelope.key_id(key.public_key()) != name:
        raise SnapshotError(f"`{path}` is not the signing key `{name}`; bring it back from a backup")
    return key


def public_line() -> str:
    """The newest public key as a line of a box's key file."""
    return envelope.public_line(signing_key().public_key())


def number() -> int:
    """How often the keys changed."""
    return KeyringChange.objects.order_by("-number").values_list("number", flat=True).first() or 0


def key_file() -> str:
    """The key file of a box that is set up now."""
    return Keyring(number(), tuple(key.public_key() for key in signing_keys())).text()


def changes_after(known: int) -> list[bytes]:
    """The sealed changes that a box with the number `known` has not, in their order."""
    return [bytes(one) for one in KeyringChange.objects.filter(number__gt=known).values_list("sealed", flat=True)]


def boxes_without() -> list[str]:
    """The boxes in service that have not followed the latest change."""
    return list(Box.objects.filter(retired_at__isnull=True, keyring__lt=number()).values_list("name", flat=True))


def add_next(at: datetime) -> str:
    """Make the next key and the change to it; its id. Part of an act."""
    before = in_service()
    if not SigningKey.objects.filter(name=before[-1].name).exists():
        _note(before[-1], signing_key())
    following = envelope.generate_key()
    name = envelope.key_id(following.public_key())
    key = InService(name, f"portal-{name}.key", at)
    envelope.write_private_key(Path(settings.STATE) / key.file, following)
    _note(key, following)
    _seal(signing_keys(), signing_keys(), at)
    return name


def retire_oldest(at: datetime) -> str:
    """Let the newest key sign alone; the id of the other, which is destroyed when the act stands. Part of an act."""
    oldest, signers = in_service()[0], signing_keys()
    SigningKey.objects.filter(name=oldest.name).update(retired_at=at)
    _seal(signers, signing_keys(), at)
    transaction.on_commit(lambda: (Path(settings.STATE) / oldest.file).unlink(missing_ok=True))
    return oldest.name


def _note(key: InService, private: envelope.PrivateKey) -> None:
    public = envelope.public_line(private.public_key())
    SigningKey.objects.create(name=key.name, public=public, file=key.file, since=key.since)


def _seal(signers: list[envelope.PrivateKey], trusted: list[envelope.PrivateKey], at: datetime) -> None:
    following = Keyring(number() + 1, tuple(key.public_key() for key in trusted))
    sealed = envelope.seal(KEYRING, following.text().encode(), signers)
    KeyringChange.objects.create(number=following.number, at=at, sealed=sealed)
