"""The key with which the portal signs what travels to its boxes."""

from darbaza.portal import key_files
from darbaza.snapshot import envelope

KEY_FILE = "portal.key"


def signing_key() -> envelope.PrivateKey:
    """The key with which snapshots and presences are signed."""
    return key_files.signing_key(KEY_FILE)


def public_line() -> str:
    """The public key as a line of a box's key file."""
    return envelope.public_line(signing_key().public_key())
