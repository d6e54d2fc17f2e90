"""The school's own phones, e-mail addresses and places: where a text names one of them, to the letter, it is nobody's.

Nothing is left out of what is found: it is answered by what the school has entered, and only where it names nobody.
"""

import re
from dataclasses import dataclass

from darbaza.publication.findings import Finding, Span
from darbaza.publication.kinds import DataKind

KINDS = frozenset({DataKind.PHONE, DataKind.EMAIL, DataKind.RESIDENCE})
"""Of what a school has some of its own."""

IN_A_NUMBER = re.compile(r"[\d\s().+/\-–\u00a0]+")
COUNTRY = "996"
SHORTEST_ABROAD = 12
"""Digits from which a number that begins with the country's is one with it."""
GOES_ON = re.compile(r"[\s,;:(№/\-–—]*(?:\d|(?:кв|батир|бат|бөлмө|комн|подъезд|room|flat|apt)\b)", re.IGNORECASE)
"""After a house: more of an address, as somebody's flat has it."""


@dataclass(frozen=True, slots=True)
class OwnContacts:
    """What a school entered as its own, as it was typed."""

    phones: tuple[str, ...] = ()
    emails: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()

    def hold(self, finding: Finding, text: str = "") -> bool:
        """Whether what was found is one of them and names nobody. `text` is that of its part, without which no address
        is recognised: a flat might follow."""
        if finding.people or not finding.shown.strip():
            return False
        if finding.kind is DataKind.PHONE:
            return number_of(finding.shown) in {number_of(one) for one in self.phones} - {""}
        if finding.kind is DataKind.EMAIL:
            return finding.shown.strip().casefold() in {one.strip().casefold() for one in self.emails}
        if finding.kind is not DataKind.RESIDENCE or not isinstance(finding.where, Span) or not text:
            return False
        ends = GOES_ON.match(text, finding.where.end) is None
        return ends and words_of(finding.shown) in {words_of(one) for one in self.addresses} - {()}


def number_of(typed: str) -> str:
    """The digits of a phone without the country's code or the zero before the town's; empty for all else."""
    if not IN_A_NUMBER.fullmatch(typed):
        return ""
    digits = re.sub(r"\D", "", typed).removeprefix("00")
    if digits.startswith(COUNTRY) and len(digits) >= SHORTEST_ABROAD:
        digits = digits.removeprefix(COUNTRY)
    return digits.removeprefix("0")


def words_of(typed: str) -> tuple[str, ...]:
    """The words and numbers of an address, whatever stands between them."""
    return tuple(re.findall(r"\w+", typed.casefold()))
