"""ClientHellos made by hand: with any name or none, with ECH, cut to pieces."""

import contextlib
import os
import ssl


def hello(sni: str | None, *, extra: bytes = b"") -> bytes:
    """The bytes of a ClientHello; `extra` are extensions put at its end."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    channel = context.wrap_bio(incoming, outgoing, server_hostname=sni)
    with contextlib.suppress(ssl.SSLWantReadError):
        channel.do_handshake()
    return extended(outgoing.read(), extra)


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
