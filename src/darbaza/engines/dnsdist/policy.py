"""What names a device is answered for: a small database that dnsdist reads anew each second, beside the catalogue.

dnsdist's configuration follows from the box's settings alone, so no act of the school ever restarts it. What follows
from the rulebook and from who sits where is in this file, one entry a device and one a name:

    \\0a<address>   <closed>:<ruled>:<opened>:<flags>:<group>   a device by its address's octets
    \\0d            the same                                    every device that has no entry: bound as a student
    <name>         letters, then d<groups>, then x<groups>     what acts say of a name

Of the letters one stands for the name with all below it and the other for exactly the name: `c` or `e` closes it, `o`
or `p` is a ruling that opens it, `m` or `n` a permission, `a` or `b` an assignment of categories. `d` closes what is
below it, up to a name that a ruling opens, and `x` exactly it, to the groups of devices whose bits follow.

DNS closes only what `decide` refuses to that device whatever the hour and whoever sits there: categories and resources
of the statutory layer, what is held, and categories and hosts that the council closed to the device's user category.
Where a permission or a narrower ruling names a resource, or another category of a name is open, DNS answers, and Squid
decides. So DNS is never stricter than the rulebook, and the rulebook's other rules need no second implementation.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from ipaddress import ip_address
from pathlib import Path

import cdbx

from darbaza.policy.decide import case_of, winning_ruling
from darbaza.policy.index import index_of
from darbaza.policy.request import AccessRequest, Asker
from darbaza.policy.resource import Resource, Target
from darbaza.policy.rulebook import Effect, Hold, Rulebook, Ruling, StatutoryEntry, StatutoryScope, UserKind

LARGEST_BITS = 2**53
"""Lua's numbers are doubles: integers from here on are no longer exact."""

ALWAYS_CLOSED = ("circumvention", "doh")
"""Categories whose answers would lead around the gate; closed to whoever is not staff, whatever the rulebook says."""

NOWHERE = "\0"
"""A label that no act names: a name below a host that stands for all of which nothing else is said."""

STUDENT, SAFE = 1, 2
"""Flags: bound as a student (kinds of records, tunnels, engines without safe mode); search is held to its safe mode."""


@dataclass(frozen=True, slots=True)
class DevicePolicy:
    """Bits of the categories that are closed for good, closed by the council unless something opens, and open; and the
    bit of its group among those to whom the council closed hosts by name, or 0."""

    closed: int = 0
    ruled: int = 0
    opened: int = 0
    is_student: bool = True
    is_safe: bool = True
    group: int = 0

    def text(self) -> str:
        """The entry's value. Raises ValueError for bits that Lua can't hold."""
        for bits in (self.closed, self.ruled, self.opened, self.group):
            if not 0 <= bits < LARGEST_BITS:
                raise ValueError(
                    f"category bits `{bits}` do not fit in 53 bits; the catalogue holds too many categories"
                )
        flags = self.is_student * STUDENT | self.is_safe * SAFE
        return f"{self.closed}:{self.ruled}:{self.opened}:{flags}:{self.group}"


@dataclass(frozen=True, slots=True)
class DeniedTo:
    """Bits of the groups of devices to which the council closed what is below a host, and exactly it."""

    below: int = 0
    exact: int = 0


@dataclass(frozen=True, slots=True)
class DnsPolicy:
    """What is in force for names at an instant: of devices, and what acts say of hosts.

    `opened` holds what rulings open for somebody at any time, `permitted` what permissions name, `assigned` what the
    classification officer gave categories of its own.
    """

    default: DevicePolicy = DevicePolicy()
    devices: Mapping[str, DevicePolicy] = field(default_factory=dict)
    closed: frozenset[Target] = frozenset()
    opened: frozenset[Target] = frozenset()
    permitted: frozenset[Target] = frozenset()
    assigned: frozenset[Target] = frozenset()
    denied: Mapping[str, DeniedTo] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class DeniedHosts:
    """The hosts that the council closes by name, with the groups to which it does, and each user category's bit."""

    groups: Mapping[str, int] = field(default_factory=dict)
    hosts: Mapping[str, DeniedTo] = field(default_factory=dict)


def dns_policy(
    rulebook: Rulebook,
    askers: Mapping[str, Asker],
    bits: Mapping[str, int],
    at: datetime,
    *,
    staff_safe_search: bool = True,
    denied: DeniedHosts | None = None,
) -> DnsPolicy:
    """What follows for names; `askers` says who is behind which device, `bits` gives each category's bit number.
    `denied` is `denied_hosts` of the same rulebook and time, for whoever has it already.

    A category that the catalogue does not know has no names there, and closes nothing.
    """
    denied = denied if denied is not None else denied_hosts(rulebook, at)
    made: dict[str, DevicePolicy] = {}

    def for_category(user_category: str) -> DevicePolicy:
        if user_category not in made:
            of_categories = _of_category(rulebook, user_category, bits, at, staff_safe_search)
            made[user_category] = replace(of_categories, group=denied.groups.get(user_category, 0))
        return made[user_category]

    default = for_category("")
    devices = {
        address: policy for address, asker in askers.items() if (policy := for_category(asker.category)) != default
    }
    return DnsPolicy(
        default,
        devices,
        closed=frozenset(_closed(rulebook, at)),
        opened=frozenset(_opened(rulebook)),
        permitted=frozenset(target for permit in rulebook.permits for target in permit.targets),
        assigned=frozenset(assignment.target for assignment in rulebook.assignments),
        denied=denied.hosts,
    )


def denied_hosts(rulebook: Rulebook, at: datetime) -> DeniedHosts:
    """What rulings on hosts come to for each user category, until the next change.

    Closed is a host of which the ruling that wins denies. User categories beyond what Lua's numbers hold get no bit,
    and a host of which a ruling opens a page is answered for: both are left to Squid.
    """
    hosts = sorted({target.host for target in _denying(rulebook, at)})
    paged = {target.host for target in _opened(rulebook) if target.path}
    groups: dict[str, int] = {}
    below, exact = dict.fromkeys(hosts, 0), dict.fromkeys(hosts, 0)
    for category in sorted(one.id for one in rulebook.user_categories)[: LARGEST_BITS.bit_length() - 1]:
        groups[category] = bit = 1 << len(groups)
        for host in hosts:
            below[host] |= bit * _is_denied(rulebook, category, f"{NOWHERE}.{host}", at)
            exact[host] |= bit * (host not in paged and _is_denied(rulebook, category, host, at))
    denied = {host: DeniedTo(below[host], exact[host]) for host in hosts if below[host] or exact[host]}
    return DeniedHosts(groups if denied else {}, denied)


def _is_denied(rulebook: Rulebook, user_category: str, host: str, at: datetime) -> bool:
    """Whether the ruling that wins for a host, whatever its categories, closes it to a user category."""
    ruled = winning_ruling(case_of(AccessRequest(Asker("", user_category), Resource(host), at), rulebook))
    return ruled is not None and ruled.ruling.effect is Effect.DENY


def _denying(rulebook: Rulebook, at: datetime) -> Iterator[Target]:
    """The whole hosts that rulings in force close to some user category."""
    for ruling in rulebook.rulings:
        is_denial = ruling.effect is Effect.DENY and ruling.since <= at < ruling.until
        if is_denial and ruling.target is not None and not ruling.target.path:
            yield ruling.target


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
    """What rulings name that open something for somebody, at any time."""
    for ruling in rulebook.rulings:
        if ruling.target is not None and ruling.effect is not Effect.DENY:
            yield ruling.target


def next_change(rulebook: Rulebook, at: datetime) -> datetime | None:
    """The next instant at which an act begins or ends, so that the policy is another one."""
    acts: tuple[StatutoryEntry | Hold | Ruling, ...] = (*rulebook.register, *rulebook.holds, *rulebook.rulings)
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
    for targets, below, exact in (
        (policy.closed, "c", "e"),
        (policy.opened, "o", "p"),
        (policy.permitted, "m", "n"),
        (policy.assigned, "a", "b"),
    ):
        for target in targets:
            names.setdefault(target.host, set()).add(below if _is_below(target) else exact)
    for name in sorted(names.keys() | policy.denied):
        denied = policy.denied.get(name, DeniedTo())
        groups = (f"{letter}{bits}" for letter, bits in (("d", denied.below), ("x", denied.exact)) if bits)
        yield name.encode("ascii"), "".join((*sorted(names.get(name, ())), *groups)).encode()


def _is_below(target: Target) -> bool:
    """A page's host stands for itself; a host for all below it, unless it is meant exactly."""
    return target.subdomains and not target.path
