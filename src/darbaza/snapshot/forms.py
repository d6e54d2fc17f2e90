"""The forms in which rulebooks were written: what a school stored or signed before an upgrade still reads afterwards.

A form has the fields that rulebooks had at its time. What a later form added is missing in the bytes of an earlier one
and means what an empty field means now. So each byte string still has one meaning: it is in the newest form that would
have written it, and in none if some of a form's fields are missing and others not.

Whoever adds a field adds its form here and a revision in that form to `tests/snapshot/revisions/`. A field that should
be taken away or mean something else needs a conversion: what is stored was signed as it is.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from darbaza.policy.rulebook import Rulebook

ADDED: tuple[Mapping[str, frozenset[str]], ...] = (
    {"devices": frozenset({"mac"})},
    {"devices": frozenset({"trusts"})},
    {"": frozenset({"days_off"}), "slots": frozenset({"not_on"})},
    {"": frozenset({"inspections"})},
    {"devices": frozenset({"authorities"})},
    {"": frozenset({"acquaintance"})},
    {"slots": frozenset({"weeks"})},
    {"permits": frozenset({"file"})},
)
"""What forms 2, 3, … added, by the part of the rulebook whose items have the field; "" is the rulebook itself."""


def earlier_forms(rulebook: Rulebook) -> Iterator[bytes]:
    """The bytes that earlier forms would have had for a rulebook, the newest of them first.

    Bytes of a form say nothing of the fields that it did not have: compare them with bytes from which `rulebook` was
    read, in which those fields, had they been there, would still be.
    """
    plain = msgspec.to_builtins(rulebook, order="deterministic")
    for added in reversed(ADDED):
        for part, names in added.items():
            _take_out(plain[part] if part else [plain], names)
        yield msgspec.json.encode(plain)


def _take_out(items: list[dict[str, Any]], names: frozenset[str]) -> None:
    for item in items:
        for name in names:
            del item[name]
