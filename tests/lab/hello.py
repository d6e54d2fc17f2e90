"""ClientHellos made by hand: with any name or none, with ECH, cut to pieces."""

import contextlib
import os
import ssl
from collections.abc import Sequence


def hello(
    sni: str | None,
    *,
    extra: bytes = b"",
    alpn: Sequence[str] = (),
    literal: bool = False,
    newest: ssl.TLSVersion = ssl.TLSVersion.TLSv1_3,
) -> bytes:
    """The bytes of a ClientHello; `extra` are extensions put at its end, `literal` writes the name as it stands."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode, context.maximum_version = False, ssl.CERT_NONE, newest
    if alpn:
        context.set_alpn_protocols(list(alpn))
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    channel = context.wrap_bio(incoming, outgoing, server_hostname=None if literal else sni)
    with contextlib.suppress(ssl.SSLWantReadError):
        channel.do_handshake()
    return extended(outgoing.read(), (names(sni or "") if literal else b"") + extra)


def names(*written: str, kind: int = 0) -> bytes:
    """A server_name extension that holds these names, byte for byte."""
    raw = [name.encode("latin-1") for name in written]
    entries = b"".join(bytes([kind]) + len(name).to_bytes(2, "big") + name for name in raw)
    inside = len(entries).to_bytes(2, "big") + entries
    return b"\0\0" + len(inside).to_bytes(2, "big") + inside


def extended(record: bytes, extra: bytes) -> bytes:
    """A hello with more extensions, every length corrected."""
    body = record[9:]
    at = 34
    at += 1 + body[at]
    at += 2 + int.from_bytes(body[at : at + 2], "big")
    at += 1 + body[at]
    extensions = body[at + 2 :] + extra
    body = body[:at] + len(extensions).to_bytes(2, "big") + extensions
    handshake = b"\x01" + len(body).to_bytes(3, "big") + body
    return record[:3] + len(handshake).to_bytes(2, "big") + handshake


def ech() -> bytes:
    """An encrypted_client_hello extension of the outer form (0xfe0d)."""
    inside = b"\x00\x00\x01\x00\x01\x07" + (32).to_bytes(2, "big") + os.urandom(32)
    inside += (128).to_bytes(2, "big") + os.urandom(128)
    return b"\xfe\x0d" + len(inside).to_bytes(2, "big") + inside


def reframed(record: bytes, size: int) -> bytes:
    """The same handshake in many TLS records."""
    body = record[5:]
    parts = [body[at : at + size] for at in range(0, len(body), size)]
    return b"".join(b"\x16\x03\x01" + len(part).to_bytes(2, "big") + part for part in parts)
