"""A rulebook arranged for look-up: built once when a rulebook is activated, so that a verdict costs microseconds."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import NamedTuple, TypeVar
from zoneinfo import ZoneInfo

from darbaza.policy.request import AccessRequest
from darbaza.policy.resource import Resource, Target
from darbaza.policy.rulebook import (
    Assignment,
    DayOff,
    DefaultRule,
    Effect,
    Hold,
    LessonException,
    Permit,
    PermitRule,
    Room,
    Rulebook,
    Ruling,
    Slot,
    StatutoryCategory,
    StatutoryEntry,
    UserCategory,
    UserKind,
)
from darbaza.policy.verdict import REGULATION, Allow, Deny, Message, Rank, Verdict

T = TypeVar("T")
Dated = Room | LessonException | StatutoryEntry | Hold | Permit | Ruling

UNKNOWN_CATEGORY = UserCategory("", UserKind.STUDENT, default=DefaultRule.ALLOW_LIST)
"""Whoever stands in no user category of the rulebook is bound as strictly as a student."""


@dataclass(frozen=True, slots=True)
class Standing:
    """A user category with its ancestors by how far they are (its own is 0), and the verdict of its default.

    Whoever `is_supervised` is online under supervision only. The default is the one that the nearest category of the
    chain has by decision; without any decision, allow-list.
    """

    kind: UserKind
    is_supervised: bool
    widths: Mapping[str, int]
    default: Verdict


class Ruled(NamedTuple):
    """A ruling with the verdict it gives. Compared as a tuple: the stricter first, the rest only ends ties."""

    strictness: int
    ending: tuple[str, ...]
    ruling: Ruling
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class RulebookIndex:
    """The rulebook by host, category, room, slot and person."""

    zone: ZoneInfo
    standings: Mapping[str, Standing]
    rooms: Mapping[str, Room]
    slots: Mapping[str, Slot]
    days_off: tuple[DayOff, ...]
    exceptions: Mapping[str, LessonException]
    statutory: Mapping[str, StatutoryCategory]
    permit_rules: Mapping[str, tuple[PermitRule, ...]]
    permits: Mapping[str, tuple[Permit, ...]]
    register: Mapping[str, tuple[StatutoryEntry, ...]]
    holds: Mapping[str, tuple[Hold, ...]]
    assignments: Mapping[str, tuple[Assignment, ...]]
    host_rulings: Mapping[str, tuple[Ruled, ...]]
    category_rulings: Mapping[str, tuple[Ruled, ...]]
    named_hosts: frozenset[str]
    unknown: Standing
    download_suffixes: tuple[str, ...]
    paged: frozenset[str]
    """The hosts of which an act names a page."""
    acquaintance: str
    """The id of the text that everybody must have accepted (2.12), or empty."""
    instants: tuple[datetime, ...]
    """All instants, in order, at which an act begins or ends."""

    def standing(self, user_category: str) -> Standing:
        """Where a user category stands; an unknown one stands as strictly as a student."""
        return self.standings.get(user_category, self.unknown)

    def named(self, resource: Resource) -> tuple[str, ...]:
        """The resource's host and those of its parents that any act names, narrowest first."""
        named_hosts, host = self.named_hosts, resource.host
        found = [host] if host in named_hosts else []
        if not resource.is_address:
            dot = host.find(".")
            while dot != -1:
                parent = host[dot + 1 :]
                if parent in named_hosts:
                    found.append(parent)
                dot = host.find(".", dot + 1)
        return tuple(found)


def index_of(rulebook: Rulebook) -> RulebookIndex:
    """The index of a rulebook, made at its first use and kept while the rulebook object lives."""
    kept = rulebook.__dict__.get("_index")
    if isinstance(kept, RulebookIndex):
        return kept
    made = build_index(rulebook)
    rulebook.__dict__["_index"] = made
    return made


def build_index(rulebook: Rulebook) -> RulebookIndex:
    """Arrange a rulebook for look-up. Rulings without a usable target never match."""
    register = _by(rulebook.register, lambda entry: entry.target.host)
    holds = _by(rulebook.holds, lambda hold: hold.target.host)
    assignments = _by(rulebook.assignments, lambda assignment: assignment.target.host)
    ruled = [_ruled(ruling) for ruling in rulebook.rulings]
    host_rulings = _by(ruled, lambda r: r.ruling.target.host if r.ruling.target else "")
    return RulebookIndex(
        zone=_zone(rulebook.zone),
        standings=_standings(rulebook.user_categories),
        rooms={room.id: room for room in rulebook.rooms},
        slots={slot.id: slot for slot in rulebook.slots},
        days_off=tuple(sorted(rulebook.days_off, key=lambda off: (off.since, off.until, off.id, repr(off)))),
        exceptions={exception.id: exception for exception in rulebook.exceptions},
        statutory={closed.category: closed for closed in sorted(rulebook.statutory, key=_strictest_last)},
        permit_rules=_by(rulebook.permit_rules, lambda rule: rule.category),
        permits=_by(rulebook.permits, lambda permit: permit.person),
        register=register,
        holds=holds,
        assignments=assignments,
        host_rulings=host_rulings,
        category_rulings=_by(ruled, lambda r: "" if r.ruling.target else r.ruling.category),
        named_hosts=frozenset(register) | frozenset(holds) | frozenset(assignments) | frozenset(host_rulings),
        unknown=_standing(UNKNOWN_CATEGORY, {}),
        download_suffixes=rulebook.download_suffixes,
        paged=frozenset(target.host for target in _targets(rulebook) if target.path),
        acquaintance=rulebook.acquaintance,
        instants=tuple(sorted({instant for act in _dated(rulebook) for instant in (act.since, act.until)})),
    )


def _targets(rulebook: Rulebook) -> Iterable[Target]:
    """All that acts name."""
    acts: tuple[StatutoryEntry | Hold | Assignment, ...] = (*rulebook.register, *rulebook.holds, *rulebook.assignments)
    yield from (act.target for act in acts)
    yield from (ruling.target for ruling in rulebook.rulings if ruling.target)
    yield from (target for permit in rulebook.permits for target in permit.targets)


def _dated(rulebook: Rulebook) -> Iterable[Dated]:
    """All acts that begin and end at instants."""
    yield from rulebook.rooms
    yield from rulebook.exceptions
    yield from rulebook.register
    yield from rulebook.holds
    yield from rulebook.permits
    yield from rulebook.rulings


def categories_of(request: AccessRequest, index: RulebookIndex, named: Iterable[str]) -> frozenset[str] | None:
    """The categories an officer assigned to the resource, or None where nobody did. The narrowest assignment wins."""
    for host in named:
        covering = [a for a in index.assignments.get(host, ()) if a.target.covers(request.resource)]
        if covering:
            narrowest = max(len(a.target.path) for a in covering)
            return frozenset().union(*(a.categories for a in covering if len(a.target.path) == narrowest))
    return None


@lru_cache(maxsize=8)
def _zone(name: str) -> ZoneInfo:
    """The school's time zone; the default one if the name is unknown, since a wrong name must not open anything."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return ZoneInfo("Asia/Bishkek")


def _by(items: Iterable[T], key: Callable[[T], str]) -> Mapping[str, tuple[T, ...]]:
    """Group items by a non-empty key."""
    groups: defaultdict[str, list[T]] = defaultdict(list)
    for item in items:
        if name := key(item):
            groups[name].append(item)
    return {name: tuple(group) for name, group in groups.items()}


def _standings(categories: tuple[UserCategory, ...]) -> Mapping[str, Standing]:
    """Every user category's standing; a cycle of parents ends where it closes."""
    known = {category.id: category for category in categories}
    return {category.id: _standing(category, known) for category in categories}


def _standing(category: UserCategory, known: Mapping[str, UserCategory]) -> Standing:
    chain = [category]
    while (parent := known.get(chain[-1].parent)) and parent not in chain:
        chain.append(parent)
    decided = next((c for c in chain if c.default_ground), UNKNOWN_CATEGORY)
    widths = {c.id: width for width, c in enumerate(chain) if c.id}
    return Standing(category.kind, category.kind is not UserKind.STAFF, widths, _default_verdict(decided))


def _default_verdict(decided: UserCategory) -> Verdict:
    ground = decided.default_ground or REGULATION
    if decided.default is DefaultRule.BLOCK_LIST:
        return Allow("2.6", ground, Rank.DEFAULT, Message.NOT_DENIED)
    return Deny("2.11", ground, Rank.DEFAULT, Message.NOT_RULED_ON)


STRICTNESS = {Effect.DENY: 0, Effect.DELEGATE: 1, Effect.ALLOW: 2}


def _ruled(ruling: Ruling) -> Ruled:
    target = str(ruling.target) if ruling.target else ""
    ending = (target, ruling.category, str(ruling.ground), str(ruling.since), str(ruling.until), repr(ruling))
    return Ruled(STRICTNESS[ruling.effect], ending, ruling, _ruling_verdict(ruling))


def _ruling_verdict(ruling: Ruling) -> Verdict:
    if ruling.effect is Effect.ALLOW:
        return Allow("2.6", ruling.ground, Rank.RULING, Message.RULED_ALLOWED, ruling.category)
    message = Message.TEACHER_MAY_OPEN if ruling.effect is Effect.DELEGATE else Message.RULED_DENIED
    return Deny("2.6", ruling.ground, Rank.RULING, message, ruling.category)


@lru_cache(maxsize=64)
def school_time(at: datetime, zone: ZoneInfo) -> tuple[int, int, date]:
    """Weekday (0 is Monday), minute of the day and date of an instant in the school's zone."""
    local = at.astimezone(zone)
    return local.weekday(), local.hour * 60 + local.minute, local.date()


def _strictest_last(closed: StatutoryCategory) -> tuple[bool, str, str]:
    """Of two closures of one category the one for everybody stands, whatever their order."""
    return (closed.scope == "everybody", closed.clause, str(closed.ground))
