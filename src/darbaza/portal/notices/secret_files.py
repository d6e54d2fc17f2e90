"""Passwords and tokens of channels: a file each in the state directory, only for its owner to read.

A new secret is a new file: the row that names it changes in the act's transaction, and what it replaces is deleted once
that transaction stands.
"""

import os
from pathlib import Path

from django.conf import settings
from django.db import transaction

from darbaza.portal.people.models import new_public_id


def keep(name: str, secret: str, replaces: str) -> str:
    """Write a secret and give the name of its file. Part of an act's transaction."""
    file = f"channel-{name}-{new_public_id()}.secret"
    path = Path(settings.STATE) / file
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as opened:
        opened.write(secret)
        opened.flush()
        os.fsync(opened.fileno())
    if replaces:
        transaction.on_commit(lambda: remove(replaces))
    return file


def read(file: str) -> str:
    """A secret; empty if there is none, or its file is not there any more."""
    try:
        return (Path(settings.STATE) / file).read_text(encoding="utf-8") if file else ""
    except OSError:
        return ""


def remove(file: str) -> None:
    """Delete a secret."""
    (Path(settings.STATE) / file).unlink(missing_ok=True)
