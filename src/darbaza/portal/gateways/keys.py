"""The portal's signing key: a file in the state directory that only its owner may read, made at first use."""

import contextlib
from functools import lru_cache
from pathlib import Path

from django.conf import settings

from darbaza.snapshot import envelope

KEY_FILE = "portal.key"


def signing_key() -> envelope.PrivateKey:
    """The key with which snapshots and presences are signed."""
    return _key_in(Path(settings.STATE) / KEY_FILE)


def public_line() -> str:
    """The public key as a line of a box's key file."""
    return envelope.public_line(signing_key().public_key())


@lru_cache(maxsize=4)
def _key_in(path: Path) -> envelope.PrivateKey:
    """The key in a file. Of two processes that make it at once, one wins and both read the winner's."""
    if not path.exists():
        with contextlib.suppress(FileExistsError):
            envelope.write_private_key(path, envelope.generate_key())
    return envelope.read_private_key(path)
