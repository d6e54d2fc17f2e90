"""Hosts that were refused because nobody has ruled on them, with how many people asked: what the officer looks at."""

from collections.abc import Iterable
from dataclasses import dataclass

from darbaza.policy.verdict import Message

QUERY = "SELECT host, person, count(*), max(at_us) FROM {} WHERE message = ? AND host <> '' {} GROUP BY host, person"
"""For a table (or file) and a further condition; its first parameter is `NOT_RULED_ON`, after the file's if any."""
NOT_RULED_ON = Message.NOT_RULED_ON.value


@dataclass(frozen=True, slots=True)
class Asked:
    """A host with the opaque ids of whoever asked for it, how often, and when last, in microseconds since 1970 UTC."""

    host: str
    people: frozenset[str]
    requests: int
    last_us: int

    def plus(self, other: "Asked") -> "Asked":
        """Both together."""
        return Asked(
            self.host, self.people | other.people, self.requests + other.requests, max(self.last_us, other.last_us)
        )


def gathered(rows: Iterable[tuple[str, str, int, int]]) -> list[Asked]:
    """One for each host, of rows (host, person, requests, last)."""
    found: dict[str, Asked] = {}
    for host, person, requests, last in rows:
        one = Asked(host, frozenset({person} if person else ()), requests, last)
        found[host] = found[host].plus(one) if host in found else one
    return list(found.values())
