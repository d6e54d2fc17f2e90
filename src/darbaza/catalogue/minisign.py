"""Signatures of minisign (jedisct1.github.io/minisign): Ed25519 over a file or its BLAKE2b-512, with a signed comment.

The signed comment carries the instant of signing and the file's name. Both are looked at: an old file with its old,
genuine signature is no newer version, and a signature of another file of the same publisher vouches for nothing here.
"""

import base64
import binascii
import hashlib
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from darbaza.catalogue.wording import ListsError

PLAIN, HASHED = b"Ed", b"ED"
"""Signed is the file itself (old) or its BLAKE2b-512 (minisign's default today)."""

_TRUSTED = "trusted comment: "


class SignatureError(ListsError):
    """A file is not what its publisher signed."""


@dataclass(frozen=True, slots=True)
class Key:
    """A publisher's public key with its number."""

    number: bytes
    key: Ed25519PublicKey


@dataclass(frozen=True, slots=True)
class Signed:
    """What a genuine signature says: when it was made, in seconds since 1970, and of which file; 0 and empty if not."""

    at: int = 0
    file: str = ""


def read_key(text: str) -> Key:
    """A public key as minisign prints it: `RWQ…`. Raises ValueError."""
    octets = base64.b64decode(text, validate=True)
    if len(octets) != 42 or octets[:2] != PLAIN:
        raise ValueError(f"`{text}` is no minisign public key; copy the line that begins with RW")
    return Key(octets[2:10], Ed25519PublicKey.from_public_bytes(octets[10:]))


def verify(file: Path, signature: str, key: Key) -> Signed:
    """What the signature says, if it is this key's and of this file's octets. Raises SignatureError, OSError."""
    lines = signature.splitlines()
    try:
        first, last = (base64.b64decode(lines[number], validate=True) for number in (1, 3))
        comment = lines[2]
    except (IndexError, binascii.Error) as error:
        raise SignatureError("signature-unreadable", list=file.name) from error
    if len(first) != 74 or not comment.startswith(_TRUSTED):
        raise SignatureError("signature-unreadable", list=file.name)
    comment = comment.removeprefix(_TRUSTED)
    if first[2:10] != key.number:
        raise SignatureError("signature-of-another-key", list=file.name)
    try:
        key.key.verify(first[10:], _signed_octets(file, first[:2]))
        key.key.verify(last, first[10:] + comment.encode())
    except InvalidSignature:
        raise SignatureError("signature-wrong", list=file.name) from None
    return _said(comment)


def _signed_octets(file: Path, algorithm: bytes) -> bytes:
    if algorithm == PLAIN:
        return file.read_bytes()
    if algorithm != HASHED:
        raise SignatureError("signature-unreadable", list=file.name)
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, hashlib.blake2b).digest()


def _said(comment: str) -> Signed:
    """`timestamp:1776513246<TAB>file:public-resolvers.md<TAB>hashed`; any other comment says nothing."""
    parts = dict(part.split(":", 1) for part in comment.split("\t") if ":" in part)
    stamp = parts.get("timestamp", "")
    return Signed(int(stamp) if stamp.isdigit() else 0, parts.get("file", ""))
