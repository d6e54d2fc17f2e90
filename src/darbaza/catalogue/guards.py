"""What must hold before a new version of a list takes effect; pure functions over old and new entries.

Two questions. Is the update as a whole believable? In nine years and 2,077 changes of stable lists two removed over a
tenth of their entries and eleven grew by over a half; abuse feeds move more. Whatever goes beyond is held for a person
with one reason each, neither activated nor dropped. And which single entries must stay out? Public suffixes, hosts the
school depends on, sites that nearly everybody visits: they are quarantined and reported while the rest takes effect.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache
from pathlib import Path

import idna
import publicsuffixlist

from darbaza.catalogue.categories import Category
from darbaza.catalogue.reserved import Reserved
from darbaza.catalogue.wording import Said, say

LEAST = 200
"""Lists with fewer entries before and after swing too much for thresholds in percent."""

SMALL_LOSS = 20
"""A shorter list is held if it loses over half of its entries and more than this many."""

SLICE = 1_000_000
"""How many entries are compared at once: bounds the memory of a comparison."""


class Reason(StrEnum):
    """Why an entry stays out; `kept-<value>` in `wording.toml`."""

    PUBLIC_SUFFIX = "public-suffix"
    SHARED_SUFFIX = "shared-suffix"
    SINGLE_LABEL = "single-label"
    PINNED = "pinned"
    POPULAR = "popular"


@dataclass(frozen=True, slots=True)
class Quarantined:
    """One entry that stays out, with its reason and, for pins, the host that it would have closed."""

    entry: str
    reason: Reason
    of: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """How many entries a list had and has, and how many came and went."""

    before: int
    after: int
    added: int
    removed: int


@dataclass(frozen=True, slots=True)
class UpdateReview:
    """The outcome: `reasons` to hold the update, none if it may take effect, and the entries that stay out."""

    reasons: tuple[Said, ...]
    quarantined: tuple[Quarantined, ...]
    change: Change

    @property
    def held(self) -> bool:
        """Whether a person must look before it takes effect."""
        return bool(self.reasons)

    @property
    def accepted(self) -> bool:
        """Whether it may take effect."""
        return not self.reasons

    @property
    def added(self) -> int:
        """How many entries came."""
        return self.change.added

    @property
    def removed(self) -> int:
        """How many entries went."""
        return self.change.removed


# The update as a whole.


def hold_reasons(change: Change, *, is_feed: bool = False) -> tuple[Said, ...]:
    """Why an update must be held: it is empty, shrinks over 10 % or grows over 50 % (abuse feeds 60 % and 300 %)."""
    if not change.after:
        return (say("holds-published-empty", before=change.before) if change.before else say("holds-empty"),)
    if not change.before:
        return ()
    shrink, growth = (60, 300) if is_feed else (10, 50)
    if max(change.before, change.after) < LEAST:
        is_loss = change.removed > SMALL_LOSS and change.removed * 2 > change.before
        return (_removes(change, 50),) if is_loss else ()
    reasons = []
    if change.removed * 100 > change.before * shrink:
        reasons.append(_removes(change, shrink))
    if change.added * 100 > change.before * growth:
        reasons.append(say("holds-adds", added=change.added, before=change.before, limit=growth))
    return tuple(reasons)


def _removes(change: Change, limit: int) -> Said:
    return say("holds-removes", removed=change.removed, before=change.before, limit=limit)


Entries = Callable[[], Iterable[Iterable[bytes]]]
"""A list's entries in blocks, from the start at each call."""


def compare(old: Entries | None, new: Entries) -> Change:
    """How a list changed. Large lists are compared slice by slice of their hashes: memory stays bounded."""
    after = sum(1 for _ in _flat(new))
    if old is None:
        return Change(0, after, after, 0)
    slices = 1 + max(after, sum(1 for _ in _flat(old))) // SLICE
    totals = [0, 0, 0, 0]
    for number in range(slices):
        before_set = {entry for entry in _flat(old) if hash(entry) % slices == number}
        after_set = {entry for entry in _flat(new) if hash(entry) % slices == number}
        sizes = (len(before_set), len(after_set), len(after_set - before_set), len(before_set - after_set))
        totals = [total + size for total, size in zip(totals, sizes, strict=True)]
    return Change(*totals)


def _flat(entries: Entries) -> Iterator[bytes]:
    for block in entries():
        yield from block


# Single entries.


@dataclass(frozen=True, slots=True)
class Suffixes:
    """The public suffixes: those of registries (`icann`), those of companies (`private`), and parents of wildcards."""

    icann: frozenset[str]
    private: frozenset[str]
    wild: Mapping[str, bool]
    exceptions: frozenset[str]

    def is_icann(self, name: str) -> bool:
        """Whether a registry hands out names below this one."""
        return name in self.icann or (self._wild(name) is True and name not in self.exceptions)

    def is_private(self, name: str) -> bool:
        """Whether a company hands out names below this one to strangers: `github.io`."""
        return name in self.private or (self._wild(name) is False and name not in self.exceptions)

    def _wild(self, name: str) -> bool | None:
        return self.wild.get(name.partition(".")[2])

    def registrable(self, name: str) -> str:
        """The part of a name that one registrant answers for, or the name itself if it is a suffix."""
        child, rest = name, name.partition(".")[2]
        while rest and not (self.is_icann(rest) or self.is_private(rest)):
            child, rest = rest, rest.partition(".")[2]
        return child


@lru_cache(maxsize=1)
def suffixes() -> Suffixes:
    """The Public Suffix List that is installed."""
    return parse_suffixes(Path(publicsuffixlist.PSLFILE).read_text("utf-8"))


def parse_suffixes(text: str) -> Suffixes:
    """The Public Suffix List's own format; names become A-labels."""
    plain: tuple[set[str], set[str]] = (set(), set())
    wild: dict[str, bool] = {}
    exceptions: set[str] = set()
    is_icann = True
    for line in text.splitlines():
        if line.startswith("//"):
            is_icann = is_icann and "BEGIN PRIVATE DOMAINS" not in line
        elif rule := line.strip():
            name = rule.lstrip("!*.")
            name = name if name.isascii() else idna.encode(name, uts46=True).decode("ascii")
            if rule.startswith("!"):
                exceptions.add(name)
            elif rule.startswith("*"):
                wild[name] = is_icann
            else:
                plain[not is_icann].add(name)
    return Suffixes(frozenset(plain[0]), frozenset(plain[1]), wild, frozenset(exceptions))


def reach(hosts: Iterable[str], known: Suffixes) -> dict[bytes, str]:
    """Every entry that would close one of these hosts: the host and its parents within one registrant's names.

    The value is the host, for the report.
    """
    found: dict[bytes, str] = {}
    for host in sorted(hosts):
        end = len(known.registrable(host))
        name = host
        while len(name) >= end and name:
            found.setdefault(name.encode("ascii"), host)
            name = name.partition(".")[2]
    return found


@dataclass(frozen=True, slots=True)
class Screen:
    """What entries of one list are looked at for. `pins` and `popular` map an entry to the host it would close.

    `known` are the well-known sites in the list's version in force, None for its first version: a well-known site is
    kept out of a category where such sites belong only when an update adds it. `released` are entries that a person
    has let in, `reserved` the public suffixes that a list of such sites may hold as a whole.
    """

    categories: tuple[Category, ...]
    suffixes: Suffixes
    pins: Mapping[bytes, str]
    popular: Mapping[bytes, str]
    known: frozenset[bytes] | None = None
    released: frozenset[bytes] = frozenset()
    reserved: Reserved = field(default_factory=dict)

    def quarantined(self, hosts: Iterable[bytes]) -> Iterator[Quarantined]:
        """The hosts that stay out."""
        pins, popular, closes = self.pins, self.popular, any(category.closes for category in self.categories)
        wanted = frozenset().union(*(category.suffixes for category in self.categories))
        for host in hosts:
            if b":" in host or host in self.released:
                continue
            name = host.decode("ascii")
            if b"." not in host:
                if name not in wanted:
                    reason = Reason.PUBLIC_SUFFIX if self.suffixes.is_icann(name) else Reason.SINGLE_LABEL
                    yield Quarantined(name, reason)
            elif self.suffixes.is_icann(name) and not self._is_reserved(name):
                yield Quarantined(name, Reason.PUBLIC_SUFFIX)
            elif not closes:
                if self._opens_too_much(name):
                    yield Quarantined(name, Reason.SHARED_SUFFIX)
            elif host in pins:
                yield Quarantined(name, Reason.PINNED, pins[host])
            elif host in popular and self._is_mistake(host):
                yield Quarantined(name, Reason.POPULAR, popular[host])

    def _is_reserved(self, name: str) -> bool:
        return any(category.id in self.reserved.get(name, ()) for category in self.categories if category.opens)

    def _opens_too_much(self, name: str) -> bool:
        return any(category.opens for category in self.categories) and self.suffixes.is_private(name)

    def _is_mistake(self, host: bytes) -> bool:
        if not all(category.welcomes_popular for category in self.categories if category.closes):
            return True
        return self.known is not None and host not in self.known


def review(old: Entries | None, new: Entries, screen: Screen, *, is_feed: bool = False) -> UpdateReview:
    """Both questions at once, for one new version of a list; `old` is the version in force, if there is one."""
    change = compare(old, new)
    quarantined = {found.entry: found for block in new() for found in screen.quarantined(block)}
    return UpdateReview(
        hold_reasons(change, is_feed=is_feed), tuple(quarantined[entry] for entry in sorted(quarantined)), change
    )
