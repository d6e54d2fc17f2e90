"""Signing keys of the portal: a file each in its state directory, only for its owner to read, made at first use."""

import contextlib
from functools import lru_cache
from pathlib import Path

from django.conf import settings

from darbaza.snapshot import envelope

PUBLICATION_KEY = "publication.key"
"""The file of the key with which consents and what was published are sealed."""


def signing_key(name: str) -> envelope.PrivateKey:
    """The key in the file of this name."""
    return _key_in(Path(settings.STATE) / name)


@lru_cache(maxsize=8)
def _key_in(path: Path) -> envelope.PrivateKey:
    """The key in a file. Of two processes that make it at once, one wins and both read the winner's."""
    if not path.exists():
        with contextlib.suppress(FileExistsError):
            envelope.write_private_key(path, envelope.generate_key())
    return envelope.read_private_key(path)
