"""DNS stamps (draft-denis-dns-stamps): what encrypted resolvers are called, packed as `sdns://` and base64.

Only names are read: a resolver's address may be a whole content network's, and students reach no addresses anyway.
"""

import base64
import binascii

DOH, DOT, DOQ, ODOH_TARGET, ODOH_RELAY = 0x02, 0x03, 0x04, 0x05, 0x85
_PROPERTIES = 8


def host_of(stamp: str) -> str:
    """The host of an encrypted resolver's or relay's stamp; empty for a stamp that names none. Raises ValueError."""
    packed = stamp.removeprefix("sdns://")
    try:
        octets = base64.urlsafe_b64decode(packed + "=" * (-len(packed) % 4))
        kind, rest = octets[0], octets[1 + _PROPERTIES :]
        if kind in {DOH, DOT, DOQ, ODOH_RELAY}:
            rest = _past_set(rest[1 + rest[0] :])
        elif kind != ODOH_TARGET:
            return ""
        name = rest[1 : 1 + rest[0]]
    except (binascii.Error, IndexError) as error:
        raise ValueError(f"`{stamp[:40]}` is no DNS stamp") from error
    return name.decode("ascii").partition(":")[0]


def _past_set(octets: bytes) -> bytes:
    """What follows a set of strings: each is preceded by its length, the high bit says that another one comes."""
    while octets[0] & 0x80:
        octets = octets[1 + (octets[0] & 0x7F) :]
    return octets[1 + octets[0] :]
