"""What names a device is answered for: a small database that dnsdist reads anew each second, beside the catalogue.

dnsdist's configuration follows from the box's settings alone, so no act of the school ever restarts it. What follows
from the rulebook and from who sits where is in this file, one entry a device and one a name:

    \\0a<address>   <closed>:<ruled>:<opened>:<flags>     a device by its address's octets
    \\0d            the same                              every device that has no entry: bound as a student
    <name>         c or e, o or p                        closed or opened; with all below it (c, o) or exactly it (e, p)

DNS closes only what `decide` refuses to that device whatever the hour and whoever sits there: categories and resources
of the statutory layer, what is held, and categories that the council closed to the device's user category. Where a
ruling, a permission or an assignment names a resource, or another category of a name is open, DNS answers, and Squid
decides. So DNS is never stricter than the rulebook, and the rulebook's other rules need no second implementation.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from ipaddress import ip_address
from pathlib import Path

import cdbx

from darbaza.policy.index import index_of
from darbaza.policy.request import Asker
from darbaza.policy.resource import Target
from darbaza.policy.rulebook import Effect, Hold, Rulebook, Ruling, StatutoryEntry, StatutoryScope, UserKind

LARGEST_BITS = 2**53
"""Lua's numbers are doubles: integers from here on are no longer exact."""

ALWAYS_CLOSED = ("circumvention", "doh")
"""Categories whose answers would lead around the gate; closed to whoever is not staff, whatever the rulebook says."""

STUDENT, SAFE = 1, 2
"""Flags: bound as a student (kinds of records, tunnels, engines without safe mode); search is held to its safe mode."""


@dataclass(frozen=True, slots=True)
class DevicePolicy:
    """Bits of the categories that are closed for good, closed by the council unless something opens, and open."""

    closed: int = 0
    ruled: int = 0
    opened: int = 0
    is_student: bool = True
    is_safe: bool = True

    def text(self) -> str:
        """The entry's value. Raises ValueError for bits that Lua can't hold."""
        for bits in (self.closed, self.ruled, self.opened):
            if not 0 <= bits < LARGEST_BITS:
                raise ValueError(
                    f"category bits `{bits}` do not fit in 53 bits; the catalogue holds too many categories"
                )
        return f"{self.closed}:{self.ruled}:{self.opened}:{self.is_student * STUDENT | self.is_safe * SAFE}"


@dataclass(frozen=True, slots=True)
class DnsPolicy:
    """What is in force for names at an instant."""

    default: DevicePolicy = DevicePolicy()
    devices: Mapping[str, DevicePolicy] = field(default_factory=dict)
    closed: frozenset[Target] = frozenset()
    opened: frozenset[Target] = frozenset()


def dns_policy(
    rulebook: Rulebook,
    askers: Mapping[str, Asker],
    bits: Mapping[str, int],
    at: datetime,
    *,
    staff_safe_search: bool = True,
) -> DnsPolicy:
    """What follows for names; `askers` says who is behind which device, `bits` gives each category's bit number.

    A category that the catalogue does not know has no names there, and closes nothing.
    """
    made: dict[str, DevicePolicy] = {}

    def for_category(user_category: str) -> DevicePolicy:
        if user_category not in made:
            made[user_category] = _of_category(rulebook, user_category, bits, at, staff_safe_search)
        return made[user_category]

    default = for_category("")
    devices = {
        address: policy for address, asker in askers.items() if (policy := for_category(asker.category)) != default
    }
    return DnsPolicy(default, devices, frozenset(_closed(rulebook, at)), frozenset(_opened(rulebook)))


def _of_category(
    rulebook: Rulebook, user_category: str, bits: Mapping[str, int], at: datetime, staff_safe_search: bool
) -> DevicePolicy:
    is_staff = index_of(rulebook).standing(user_category).kind is UserKind.STAFF
    statutory = {
        closed.category for closed in rulebook.statutory if closed.scope is StatutoryScope.EVERYBODY or not is_staff
    }
    ruled = {category: effect for category in bits if (effect := _ruled(rulebook, user_category, category, at))}
    return DevicePolicy(
        closed=mask(statutory if is_staff else statutory | set(ALWAYS_CLOSED), bits),
        ruled=mask((name for name, effect in ruled.items() if effect is Effect.DENY), bits),
        opened=mask((name for name, effect in ruled.items() if effect is not Effect.DENY), bits),
        is_student=not is_staff,
        is_safe=not is_staff or staff_safe_search,
    )


def _ruled(rulebook: Rulebook, user_category: str, category: str, at: datetime) -> Effect | None:
    """What the council's rulings on one category come to for a user category: the narrower first, then deny."""
    index = index_of(rulebook)
    widths = index.standing(user_category).widths
    binding = [
        (widths[ruled.ruling.user_category], ruled.strictness, ruled.ruling.effect)
        for ruled in index.category_rulings.get(category, ())
        if ruled.ruling.user_category in widths and ruled.ruling.since <= at < ruled.ruling.until
    ]
    return min(binding)[2] if binding else None


def _closed(rulebook: Rulebook, at: datetime) -> Iterator[Target]:
    """Whole hosts that the state register or a hold closes to everybody; a page is no name."""
    acts: tuple[StatutoryEntry | Hold, ...] = (*rulebook.register, *rulebook.holds)
    for act in acts:
        if not act.target.path and act.since <= at < act.until:
            yield act.target


def _opened(rulebook: Rulebook) -> Iterator[Target]:
    """What acts name that may open something for somebody, at any time: there DNS leaves it to Squid."""
    for ruling in rulebook.rulings:
        if ruling.target is not None and ruling.effect is not Effect.DENY:
            yield ruling.target
    for permit in rulebook.permits:
        yield from permit.targets
    for assignment in rulebook.assignments:
        yield assignment.target


def next_change(rulebook: Rulebook, at: datetime) -> datetime | None:
    """The next instant at which an act begins or ends, so that the policy is another one."""
    on_categories = (ruling for ruling in rulebook.rulings if ruling.category)
    acts: tuple[StatutoryEntry | Hold | Ruling, ...] = (*rulebook.register, *rulebook.holds, *on_categories)
    instants = [instant for act in acts for instant in (act.since, act.until) if instant > at]
    return min(instants, default=None)


def mask(categories: Iterable[str], bits: Mapping[str, int]) -> int:
    """The categories' bits as one number."""
    return sum(1 << bits[category] for category in set(categories) if category in bits)


def write(policy: DnsPolicy, path: Path) -> None:
    """Write the database beside `path` and put it in its place at once. Raises OSError, ValueError."""
    write_database(dict(_entries(policy)), path)


def write_database(entries: Mapping[bytes, bytes], path: Path) -> None:
    """A constant database in the place of another; a reader finds either the old one or the new one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.new")
    beside.unlink(missing_ok=True)
    maker = cdbx.CDB.make(str(beside))
    for key, value in entries.items():
        maker.add(key, value)
    maker.commit().close()
    beside.chmod(0o640)
    beside.replace(path)


def _entries(policy: DnsPolicy) -> Iterator[tuple[bytes, bytes]]:
    yield b"\0d", policy.default.text().encode()
    for address, device in sorted(policy.devices.items()):
        yield b"\0a" + ip_address(address).packed, device.text().encode()
    names: dict[str, set[str]] = {}
    for targets, below, exact in ((policy.closed, "c", "e"), (policy.opened, "o", "p")):
        for target in targets:
            names.setdefault(target.host, set()).add(below if _is_below(target) else exact)
    for name, acts in sorted(names.items()):
        yield name.encode("ascii"), "".join(sorted(acts)).encode()


def _is_below(target: Target) -> bool:
    """A page's host stands for itself; a host for all below it, unless it is meant exactly."""
    return target.subdomains and not target.path
