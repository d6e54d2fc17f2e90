"""Public suffixes for dnsdist: up to where a name belongs to nobody in particular.

What one person can hold and fill with a tunnel's data is one label below. Only the registries' part of the list counts:
whoever has a name below a hosting company's gets it for nothing, and could have a thousand.
"""

from collections.abc import Iterable
from importlib.resources import files
from pathlib import Path

import idna

from darbaza.engines.dnsdist.policy import write_database

SUFFIX, WILDCARD, EXCEPTION = b"s", b"w", b"x"
"""A suffix; one all of whose names below are suffixes too; a name below such a one that is none."""


def write_suffixes(path: Path) -> None:
    """Write the database of the installed list. Raises OSError."""
    text = files("publicsuffixlist").joinpath("public_suffix_list.dat").read_text("utf-8")
    write_database(entries(text.splitlines()), path)


def entries(lines: Iterable[str]) -> dict[bytes, bytes]:
    """The list's rules by name, as A-labels; the private part is left out."""
    found: dict[bytes, bytes] = {}
    for line in lines:
        if "===END ICANN DOMAINS===" in line:
            break
        rule = line.strip()
        if rule and not rule.startswith("//"):
            name, kind = _kind(rule)
            found[name] = found.get(name, b"") + kind
    return found


def _kind(rule: str) -> tuple[bytes, bytes]:
    if rule.startswith("!"):
        return idna.encode(rule[1:], uts46=True), EXCEPTION
    if rule.startswith("*."):
        return idna.encode(rule[2:], uts46=True), WILDCARD
    return idna.encode(rule, uts46=True), SUFFIX
