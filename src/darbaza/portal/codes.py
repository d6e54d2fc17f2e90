"""Codes that are printed and typed again: Crockford's base 32, which has no letter that is mistaken for another.

Small letters and capitals, hyphens and spaces make no difference, O reads as 0, I and L as 1. Whoever types on a
Cyrillic keyboard writes letters that look alike; they read as what they look like.
"""

ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
GROUP = 4

_LOOK_ALIKE = {"o": "0", "i": "1", "l": "1"} | dict(zip("асекмнохвтру", "acekmh0xbtpy", strict=True)) | {"з": "3"}
_READ = str.maketrans(_LOOK_ALIKE | dict.fromkeys("-–—\u2011 \u00a0\t\r\n", ""))


def written(data: bytes, length: int) -> str:
    """The first `length` characters of some bytes, five bits each; past the end stand zeros."""
    bits = length * 5
    number = int.from_bytes(data, "big")
    spare = bits - len(data) * 8
    number = number << spare if spare >= 0 else number >> -spare
    return "".join(ALPHABET[number >> (bits - 5 * (place + 1)) & 31] for place in range(length))


def bytes_of(code: str, length: int) -> bytes:
    """The bytes that `written` gave the characters of, cut to `length`. Raises ValueError for any other character."""
    number = 0
    for character in code:
        number = number << 5 | ALPHABET.index(character)
    spare = len(code) * 5 - length * 8
    return (number >> spare if spare >= 0 else number << -spare).to_bytes(length, "big")


def normal(typed: str) -> str:
    """What was typed, as `written` wrote it; characters that no code has are kept."""
    return typed.lower().translate(_READ)


def grouped(code: str) -> str:
    """`k7qf-3m9t-xa2d`, in capitals, as it is printed."""
    return "-".join(code[start : start + GROUP] for start in range(0, len(code), GROUP)).upper()
