"""Under which names a browser may store an answer, by what the site says: in every way in which programs read that.

A name counts only against a download, so all readings count: of names in quotes or without, percent-escaped
(RFC 5987), in several parts (RFC 2231), encoded as in mail (RFC 2047), and of the address, if nothing else is said.
"""

import re
import unicodedata
from collections.abc import Iterator
from email.errors import HeaderParseError
from email.header import decode_header
from urllib.parse import unquote

_SEPARATORS = re.compile(r"[;,=\"\0]")
_PART = re.compile(r"\*\d+\*?\s*=\s*\"?([^\";]*)")


def stored_names(path: str, fields: dict[str, str]) -> list[str]:
    """The names in an address's path and in the answer's header fields, which have small letters."""
    said = [fields.get("content-disposition", ""), fields.get("content-type", "")]
    found = {_bare(name) for text in said for name in _names_in(text)}
    found |= {_bare(name) for name in _SEPARATORS.split(_unquoted(path.rpartition("/")[2]))}
    return sorted(found - {""})


def _names_in(text: str) -> Iterator[str]:
    """Whatever may be a name in a field, among much that is none."""
    for reading in {text, _unquoted(text), _unquoted(_as_in_mail(text))}:
        yield from _SEPARATORS.split(reading)
        yield "".join(_PART.findall(reading))


def _unquoted(text: str) -> str:
    return unquote(unquote(text))


def _as_in_mail(text: str) -> str:
    try:
        parts = decode_header(text)
        return "".join(part if isinstance(part, str) else part.decode(kind or "latin-1") for part, kind in parts)
    except (HeaderParseError, LookupError, ValueError):
        return text


def _bare(name: str) -> str:
    """Without what no file's name keeps: folders, characters that nobody sees, blanks and dots at its end."""
    seen = "".join(letter for letter in name if unicodedata.category(letter)[0] != "C")
    return re.split(r"[/\\]", seen)[-1].strip(" '\t").rstrip(" .'")
