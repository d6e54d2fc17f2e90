"""What the kernel says stands in force, compared with what should: by meaning, not by bytes.

nft writes a ruleset back in another form than it was given, and each version in its own. So two things are compared.
The *shape*: every table, chain, hook, policy, set and counter, and each chain's rules in their order by the reasons
that they carry; it follows from the layout alone. And the *digest* of everything the kernel lists, rule for rule,
without what changes by itself (handles, counts, elements); it is taken when a ruleset was put in force, and tells later
whether anybody changed it.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from darbaza.engines.nftables.render import NAME
from darbaza.engines.nftables.rules import Table

Listing = Sequence[Mapping[str, Any]]
"""What `nft -j list ruleset` holds under `nftables`."""

FLEETING = frozenset({"handle", "packets", "bytes", "elem", "index", "position"})
"""What changes without anybody changing a rule."""


class Shape(NamedTuple):
    """A part of a ruleset: of what kind, where, and how it is."""

    kind: str
    family: str
    name: str
    how: tuple[Any, ...]


def shapes_of(made: Iterable[Table]) -> set[Shape]:
    """What must stand in force for these tables."""
    return {shape for table in made for shape in _expected(table)}


def shapes_in(listing: Listing) -> set[Shape]:
    """What stands in force under our name."""
    found: set[Shape] = set()
    reasons: dict[tuple[str, str], list[str]] = {}
    for entry in listing:
        for kind, what in entry.items():
            if kind == "rule" and what["table"] == NAME:
                reasons.setdefault((what["family"], what["chain"]), []).append(what.get("comment", ""))
            elif kind in _READERS and what.get("table", what["name"]) == NAME:
                found.add(Shape(kind, what["family"], what["name"], _READERS[kind](what)))
    return found | {Shape("rules", family, chain, tuple(whys)) for (family, chain), whys in reasons.items()}


def complaints(made: Iterable[Table], listing: Listing) -> list[str]:
    """How what stands in force differs from what should, as sentences; empty if it does not."""
    expected, found = shapes_of(made), shapes_in(listing)
    missing = [f"{s.kind} `{s.family} {s.name}` is missing or changed" for s in sorted(expected - found, key=str)]
    known = {s[:3] for s in expected}
    return missing + [
        f"{s.kind} `{s.family} {s.name}` is not ours" for s in sorted(found, key=str) if s[:3] not in known
    ]


def digest(listing: Listing) -> str:
    """A fingerprint of every rule under our name, with its content."""
    ours = [entry for entry in listing if any(_is_ours(kind, what) for kind, what in entry.items())]
    return hashlib.sha256(json.dumps(_lasting(ours), sort_keys=True).encode()).hexdigest()


def strangers(listing: Listing) -> list[str]:
    """What others have put in that could lead packets round our rules: translation, flow tables, no tracking."""
    return sorted({found for entry in listing for kind, what in entry.items() for found in _stranger(kind, what)})


def _expected(table: Table) -> Iterator[Shape]:
    yield Shape("table", table.family, table.name, ())
    for name in table.counters:
        yield Shape("counter", table.family, name, ())
    for one in table.sets:
        yield Shape("set", table.family, one.name, (one.key, one.size, one.seconds))
    for chain in table.chains:
        how = (chain.kind, chain.hook, chain.priority, chain.policy) if chain.hook else ("", "", 0, "")
        yield Shape("chain", table.family, chain.name, how)
        if chain.rules:
            yield Shape("rules", table.family, chain.name, tuple(rule.why for rule in chain.rules))


def _set(what: Mapping[str, Any]) -> tuple[Any, ...]:
    key = what["type"]
    return (tuple(key) if isinstance(key, list) else (key,), what.get("size", 0), what.get("timeout", 0))


def _chain(what: Mapping[str, Any]) -> tuple[Any, ...]:
    return (what.get("type", ""), what.get("hook", ""), what.get("prio", 0), what.get("policy", ""))


_READERS = {"table": lambda _what: (), "counter": lambda _what: (), "set": _set, "chain": _chain}


def _is_ours(kind: str, what: Mapping[str, Any]) -> bool:
    return kind != "metainfo" and what.get("table", what.get("name")) == NAME


def _lasting(value: Any) -> Any:
    """A value without what changes by itself."""
    if isinstance(value, Mapping):
        return {key: _lasting(inner) for key, inner in value.items() if key not in FLEETING}
    return [_lasting(inner) for inner in value] if isinstance(value, list) else value


def _stranger(kind: str, what: Mapping[str, Any]) -> Iterator[str]:
    if kind == "metainfo" or what.get("table", what.get("name")) == NAME:
        return
    where = f"{what.get('family', '')} {what.get('table', '')}"
    if kind == "flowtable":
        yield f"flow table `{where} {what['name']}`"
    if kind == "chain" and what.get("type") in {"nat", "route"}:
        yield f"{what['type']} chain `{where} {what['name']}`"
    if kind == "rule" and any("notrack" in statement for statement in what.get("expr", ())):
        yield f"notrack in `{where} {what['chain']}`"
