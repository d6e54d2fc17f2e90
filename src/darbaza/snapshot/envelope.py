"""Signed envelopes: ed25519 over the kind and the bytes, verified before anybody parses what is inside.

    darbaza 1 snapshot 2 51234          format, kind, number of signatures, length of the body
    4f0c… 9a31…                         key id and signature, one line each
    (blank line, body)
    sha256 of everything above          32 bytes: tells damage from forgery

Several signatures let a key be changed without a day on which boxes refuse everything: the portal signs with the old
and the new key until each box trusts the new one. One good signature of a trusted key is enough; a bad signature under
a trusted key's id refuses the whole. The kind is bound into what is signed, so a presence never passes as a snapshot.
"""

import base64
import binascii
import hashlib
import os
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from darbaza.snapshot.errors import SnapshotError

SNAPSHOT = "snapshot"
PRESENCE = "presence"
MAX_SIGNATURES = 8
MAX_BODY = 64 * 1024 * 1024
MAX_HEAD = 128 + MAX_SIGNATURES * 160
DIGEST = 32

HEADER = re.compile(rb"darbaza 1 ([a-z]{1,32}) ([1-8]) (0|[1-9]\d{0,8})\n")
SIGNATURE = re.compile(rb"([0-9a-f]{16}) ([0-9a-f]{128})\n")
KEYRING_NUMBER = re.compile(r"keyring [1-9]\d{0,8}")
PUBLIC_KEY = re.compile(r"ed25519 ([A-Za-z0-9+/]{43}=)")

NEW_KEYS = "if it is this school's, run `manage.py portal_keys` there and put its lines into `keys/portal.pub`"
"""What to do about a key that nothing leads to from those that are trusted."""

PrivateKey = Ed25519PrivateKey
PublicKey = Ed25519PublicKey


class Parts(NamedTuple):
    """An envelope taken apart, nothing verified."""

    kind: str
    signatures: tuple[tuple[str, bytes], ...]
    body: bytes


def seal(kind: str, body: bytes, key: PrivateKey | Sequence[PrivateKey]) -> bytes:
    """Sign `body` as `kind` with one key, or with each of up to eight."""
    keys = [key] if isinstance(key, Ed25519PrivateKey) else list(key)
    if not 1 <= len(keys) <= MAX_SIGNATURES:
        raise SnapshotError(f"an envelope takes 1 to {MAX_SIGNATURES} keys, not {len(keys)}")
    signed = signed_bytes(kind, body)
    lines = [f"{key_id(k.public_key())} {k.sign(signed).hex()}\n".encode() for k in keys]
    envelope = f"darbaza 1 {kind} {len(keys)} {len(body)}\n".encode() + b"".join(lines) + b"\n" + body
    return envelope + hashlib.sha256(envelope).digest()


def unseal(kind: str, data: bytes, trusted_keys: Iterable[PublicKey]) -> bytes:
    """The body of an envelope of that kind which a trusted key signed.

    Raises SnapshotError: damaged, of another kind, unsigned by any trusted key, or with a signature that is wrong.
    """
    parts = take_apart(data)
    if parts.kind != kind:
        raise SnapshotError(f"this is a `{parts.kind}` where a `{kind}` is wanted")
    trusted = {key_id(key): key for key in trusted_keys}
    signed = signed_bytes(kind, parts.body)
    good = [_verify(trusted[name], name, signature, signed) for name, signature in parts.signatures if name in trusted]
    if not good:
        names = ", ".join(f"`{name}`" for name, _ in parts.signatures)
        raise SnapshotError(f"the {kind} is signed by {names}, none of which this box trusts; {NEW_KEYS}")
    return parts.body


def take_apart(data: bytes) -> Parts:
    """Split an envelope, checking its form and its checksum only. Raises SnapshotError if it is damaged."""
    header = HEADER.match(data[:MAX_HEAD])
    if header is None:
        raise SnapshotError("this is no signed envelope: its first line is missing or damaged")
    position, signatures = header.end(), []
    for _ in range(int(header[2])):
        line = SIGNATURE.match(data, position)
        if line is None:
            raise SnapshotError("the envelope is damaged: a signature line can't be read")
        signatures.append((line[1].decode(), bytes.fromhex(line[2].decode())))
        position = line.end()
    body = _body(data, position, int(header[3]))
    return Parts(header[1].decode(), tuple(signatures), body)


def _body(data: bytes, position: int, length: int) -> bytes:
    end = position + 1 + length
    if length > MAX_BODY or data[position : position + 1] != b"\n" or len(data) != end + DIGEST:
        raise SnapshotError(f"the envelope is cut or damaged: it has {len(data)} bytes, not {end + DIGEST}")
    if hashlib.sha256(memoryview(data)[:end]).digest() != data[end:]:
        raise SnapshotError("the envelope is damaged: its checksum does not fit")
    return data[position + 1 : end]


def _verify(key: PublicKey, name: str, signature: bytes, signed: bytes) -> bool:
    try:
        key.verify(signature, signed)
    except InvalidSignature as error:
        raise SnapshotError(f"the signature under key `{name}` is wrong") from error
    return True


def signed_bytes(kind: str, body: bytes) -> bytes:
    """What is signed: the format, the kind and the length before the body, so that no part can be read as another."""
    return f"darbaza 1 {kind} {len(body)}\n".encode() + body


def key_id(key: PublicKey) -> str:
    """Sixteen hexadecimal digits that name a public key."""
    return hashlib.sha256(key.public_bytes_raw()).hexdigest()[:16]


def generate_key() -> PrivateKey:
    """A new signing key."""
    return Ed25519PrivateKey.generate()


def public_line(key: PublicKey) -> str:
    """A public key as one line of a key file: `ed25519 <base64>`."""
    return f"ed25519 {base64.b64encode(key.public_bytes_raw()).decode()}"


def parse_public_keys(text: str) -> tuple[PublicKey, ...]:
    """The keys of a key file: one a line, `#` begins a comment. Raises SnapshotError for any other line, or none.

    A first line `keyring 2` counts the changes of keys (`keyring`) and is passed over.
    """
    lines = [line.partition("#")[0].strip() for line in text.splitlines()]
    if lines and KEYRING_NUMBER.fullmatch(lines[0]):
        del lines[0]
    keys = tuple(_public_key(line) for line in lines if line)
    if not keys:
        raise SnapshotError("the key file holds no key; it needs a line `ed25519 <base64>`")
    return keys


def _public_key(line: str) -> PublicKey:
    match = PUBLIC_KEY.fullmatch(line)
    try:
        return Ed25519PublicKey.from_public_bytes(base64.b64decode(match[1], validate=True) if match else b"")
    except (ValueError, binascii.Error) as error:
        raise SnapshotError(f"key line `{line[:60]}` is not `ed25519 <base64 of 32 bytes>`") from error


def read_public_keys(path: Path) -> tuple[PublicKey, ...]:
    """The trusted keys in a file. Raises SnapshotError naming the file."""
    try:
        return parse_public_keys(path.read_text("ascii"))
    except (OSError, UnicodeDecodeError, SnapshotError) as error:
        raise SnapshotError(f"key file `{path}`: {error}") from error


def write_private_key(path: Path, key: PrivateKey) -> None:
    """Write a signing key as PEM that only its owner may read. Raises FileExistsError rather than overwrite one."""
    form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with open(descriptor, "wb") as file:  # noqa: PTH123 - a descriptor has no path
        file.write(key.private_bytes(*form))
        file.flush()
        os.fsync(file.fileno())


def read_private_key(path: Path) -> PrivateKey:
    """A signing key from its PEM file. Raises SnapshotError naming the file."""
    try:
        key = serialization.load_pem_private_key(path.read_bytes(), password=None)
    except (OSError, ValueError, TypeError) as error:
        raise SnapshotError(f"signing key `{path}` can't be read: {error}") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise SnapshotError(f"signing key `{path}` is not an ed25519 key")
    return key
