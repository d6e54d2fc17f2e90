"""A checkpoint: an entry's number, digest and instant, signed, so that paper can bear witness against the database.

It has two forms. The long one goes into a QR code: 48 bytes (number, digest, seconds since 1970) and an ed25519
signature over them. The short one is typed by hand: `1284-K7QF-3M9T-XA2D-8WQP-C4`, the number, the first 80 bits of
the digest, and two characters that tell a slip of the finger from a chain that was rewritten.
"""

import hashlib
import struct
from dataclasses import dataclass
from datetime import UTC, datetime

from cryptography.exceptions import InvalidSignature
from django.utils.translation import gettext_lazy as _

from darbaza.portal import codes, key_files
from darbaza.portal.audit.chain import Mark
from darbaza.portal.audit.models import AuditEntry
from darbaza.snapshot import envelope

KIND = "checkpoint"
KEY_FILE = "audit.key"

BODY = struct.Struct(">Q32sq")
SIGNATURE = 64
LONG = 180
"""Characters of the long form: 112 bytes, five bits each."""

DIGEST_CHARACTERS = 16
CHECK_CHARACTERS = 2


class CheckpointError(ValueError):
    """What was typed or scanned is no checkpoint; `message` says so in the reader's language, with the remedy."""

    def __init__(self) -> None:
        """The same sentence for every way to mistype it."""
        self.message = _("This is no checkpoint, or a character is wrong. Compare it with the paper and type it again.")
        super().__init__("this is no checkpoint")

    def __str__(self) -> str:
        """The sentence in the active language."""
        return str(self.message)


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """An entry of the chain as paper bears it. `digest` is in hexadecimal, `at` in whole seconds UTC."""

    number: int
    digest: str
    at: datetime

    def body(self) -> bytes:
        """What is signed."""
        return BODY.pack(self.number, bytes.fromhex(self.digest), int(self.at.timestamp()))

    def signed(self) -> str:
        """The long form, signed with this portal's key. Equal checkpoints give equal forms."""
        body = self.body()
        return codes.written(body + key().sign(envelope.signed_bytes(KIND, body)), LONG)

    def short(self) -> str:
        """The form that people type."""
        digest = codes.written(bytes.fromhex(self.digest), DIGEST_CHARACTERS)
        return f"{self.number}-{codes.grouped(digest)}-{check_characters(self.number, digest).upper()}"


@dataclass(frozen=True, slots=True)
class Noted:
    """A checkpoint as it was read from paper. `at` and `genuine` are None for the short form, which is not signed."""

    mark: Mark
    at: datetime | None = None
    genuine: bool | None = None


def of_entry(entry: AuditEntry) -> Checkpoint:
    """The checkpoint that an entry is."""
    return Checkpoint(entry.number, entry.digest, entry.at.replace(microsecond=0))


def key() -> envelope.PrivateKey:
    """The key that signs checkpoints and nothing else."""
    return key_files.signing_key(KEY_FILE)


def key_name() -> str:
    """Sixteen hexadecimal digits by which the key is known."""
    return envelope.key_id(key().public_key())


def check_characters(number: int, digest: str) -> str:
    """The two characters at the end of the short form."""
    return codes.written(hashlib.sha256(f"{KIND} {number} {digest}".encode()).digest(), CHECK_CHARACTERS)


def read(typed: str) -> Noted:
    """What was typed or scanned, in either form. Raises `CheckpointError`."""
    code = codes.normal(typed.rpartition("=")[2])
    try:
        return read_long(code) if len(code) == LONG else read_short(typed)
    except (ValueError, IndexError, struct.error, OverflowError, OSError) as error:
        raise CheckpointError from error


def read_long(code: str) -> Noted:
    """The long form; `genuine` says whether this portal's key signed it."""
    data = codes.bytes_of(code, BODY.size + SIGNATURE)
    body, signature = data[: BODY.size], data[BODY.size :]
    number, digest, seconds = BODY.unpack(body)
    try:
        key().public_key().verify(signature, envelope.signed_bytes(KIND, body))
    except InvalidSignature:
        genuine = False
    else:
        genuine = True
    return Noted(Mark(number, digest.hex()), datetime.fromtimestamp(seconds, UTC), genuine)


def read_short(typed: str) -> Noted:
    """The short form; its number is what stands before the last 18 characters, hyphens or not."""
    code = codes.normal(typed)
    number, rest = code[: -(DIGEST_CHARACTERS + CHECK_CHARACTERS)], code[-(DIGEST_CHARACTERS + CHECK_CHARACTERS) :]
    digest, check = rest[:DIGEST_CHARACTERS], rest[DIGEST_CHARACTERS:]
    if not (number.isascii() and number.isdigit() and len(number) <= len(str(2**63))):
        raise ValueError(number)
    if check != check_characters(int(number), digest):
        raise ValueError(check)
    return Noted(Mark(int(number), codes.bytes_of(digest, DIGEST_CHARACTERS * 5 // 8).hex()))
