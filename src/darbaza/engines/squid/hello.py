"""What a TLS ClientHello carries besides the name that Squid reads from it.

Squid passes the hello on as it came, in base64. An Encrypted ClientHello (ECH) hides a second name inside it. It can't
be told from the sham that browsers send to every site so that nobody may tell: Chromium and Firefox do unless a policy
switches it off. What counts is therefore where a hello leads. A real one names, in the clear, the host that may decrypt
it; that name must be allowed like any other, and the address must be that host's. Hosts that exist for nothing else
are listed here.
"""

from binascii import Error, a2b_base64

ECH_HOSTS = frozenset({"cloudflare-ech.com", "public.tls-ech.dev", "cover.defo.ie"})
"""Names that stand in the clear in hellos whose real name is hidden."""

_HIDDEN = frozenset({0xFE0D, 0xFFCE})
"""Extensions that hide a name: encrypted_client_hello and its forerunner, encrypted_server_name."""

_HANDSHAKE, _CLIENT_HELLO = 22, 1


def hides_a_name(encoded: str) -> bool:
    """Whether the hello has room for a hidden name. What can't be read counts as such."""
    try:
        return not _HIDDEN.isdisjoint(_extensions(_message(a2b_base64(encoded))))
    except (Error, IndexError, ValueError):
        return True


def _message(records: bytes) -> bytes:
    """The handshake message that these TLS records hold, however it was cut among them."""
    message, at = b"", 0
    while at < len(records):
        if records[at] != _HANDSHAKE:
            raise ValueError
        size = _number(records, at + 3, 2)
        message += records[at + 5 : at + 5 + size]
        at += 5 + size
    if message[0] != _CLIENT_HELLO:
        raise ValueError
    return message[: 4 + _number(message, 1, 3)]


def _extensions(message: bytes) -> list[int]:
    """The types of a ClientHello's extensions. Raises IndexError for one that ends too early."""
    at = 4 + 2 + 32  # header, version, random
    at += 1 + message[at]  # session
    at += 2 + _number(message, at, 2)  # ciphers
    at += 1 + message[at]  # compression
    if at == len(message):
        return []  # as before TLS 1.0 had any
    end, found = at + 2 + _number(message, at, 2), []
    at += 2
    while at < end:
        found.append(_number(message, at, 2))
        at += 4 + _number(message, at + 2, 2)
    return found


def _number(data: bytes, at: int, size: int) -> int:
    if at + size > len(data):
        raise IndexError(at)
    return int.from_bytes(data[at : at + size], "big")
