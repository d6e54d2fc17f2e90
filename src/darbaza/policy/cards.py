"""Addresses of network cards (MAC): how they are written, and which of them were made up by a system."""

DIGITS = frozenset("0123456789abcdef")


class InvalidCard(ValueError):  # noqa: N818 - a fact about an input, as `InvalidHost`
    """A text that is no address of a network card."""


def canonical_mac(text: str) -> str:
    """A MAC as people and systems write it, in small letters with colons. Raises InvalidCard, naming the input."""
    digits = "".join(c for c in text.lower() if c not in " :-.")
    if len(digits) != 12 or not DIGITS.issuperset(digits):
        raise InvalidCard(f"`{text[:40]}` is no address of a network card; write for example `00:1a:2b:3c:4d:5e`")
    if int(digits[:2], 16) & 0x01 or digits == "0" * 12:
        raise InvalidCard(f"`{text[:40]}` belongs to no single network card; look it up on the device once more")
    return ":".join(digits[i : i + 2] for i in range(0, 12, 2))


def is_randomised(mac: str) -> bool:
    """Whether an address was made up by the system and not by the card's maker (its second bit says so)."""
    return bool(mac) and bool(int(mac[:2], 16) & 0x02)
