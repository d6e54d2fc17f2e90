"""The replay itself: every logged request under two rulesets, and who would gain or lose what."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from enum import IntEnum
from functools import lru_cache

from darbaza.policy.decide import decide
from darbaza.policy.names import InvalidHost
from darbaza.policy.request import AccessRequest
from darbaza.policy.resource import UNREADABLE, Resource
from darbaza.policy.verdict import Message, Rank
from darbaza.portal.resources import classify
from darbaza.portal.verdicts.rows import Judged
from darbaza.portal.whatif.draft import Comparison
from darbaza.portal.whatif.past import Outcome, Past, Presence, Stand, instant

MINUTE = 60_000_000

SETTLED_MESSAGES = frozenset(
    {
        Message.PAUSED,
        Message.TIME_IS_UP,
        Message.DENIED_FOR_LESSON,
        Message.OUTSIDE_SCENE,
        Message.NEEDS_PERMIT,
        Message.OTHER_FILE,
        Message.NAME_MISMATCH,
        Message.NAME_MISSING,
        Message.NAME_HIDDEN,
        Message.METHOD_REFUSED,
        Message.PORT_REFUSED,
        Message.PROTOCOL_REFUSED,
        Message.MORE_REFUSED,
        Message.PRIVATE_DESTINATION,
        Message.UNREADABLE_ADDRESS,
        Message.ADDRESS_LITERAL,
    }
)
"""Answers that stand above or beside a council's rulings: measures, permissions, what only an engine can see."""

WATCHED = ("education", "government")
"""Categories whose hosts a council is told of by name: universities and schools, bodies of the state."""


class Change(IntEnum):
    """What a draft would do to a request."""

    NONE = 0
    GAINED = 1
    LOST = 2
    DELEGATED = 3


@dataclass(slots=True)
class Touched:
    """Requests and people, by what would change for them."""

    requests: Counter[Change] = field(default_factory=Counter)
    people: defaultdict[Change, set[str]] = field(default_factory=lambda: defaultdict(set))

    def add(self, change: Change, person: str) -> None:
        """Count one request."""
        self.requests[change] += 1
        self.people[change].add(person)


def touched_by_name() -> defaultdict[str, Touched]:
    """Counts by a name, none yet."""
    return defaultdict(Touched)


@dataclass(slots=True)
class Tally:
    """What a replay found. `settled` were not asked again, `unknown` could not be: their lesson or person is gone.

    `unlike` were answered otherwise then than they would be today, because rules have changed since.
    """

    records: int = 0
    settled: int = 0
    unknown: int = 0
    unlike: int = 0
    total: Touched = field(default_factory=Touched)
    groups: defaultdict[str, Touched] = field(default_factory=touched_by_name)
    classes: defaultdict[str, Touched] = field(default_factory=touched_by_name)
    hosts: defaultdict[str, Touched] = field(default_factory=touched_by_name)
    days: dict[str, Counter[Change]] = field(default_factory=dict)

    def note(self, change: Change, who: Presence, host: str) -> None:
        """Count a request for which the draft would change something."""
        for touched in (self.total, self.groups[who.group], self.hosts[host]):
            touched.add(change, who.person)
        if who.school_class:
            self.classes[who.school_class].add(change, who.person)


def replay(
    compared: Comparison,
    days: Iterable[tuple[date, Iterable[list[Judged]]]],
    seen: Callable[[int], None] = lambda _records: None,
) -> Tally:
    """Replay each day's records; `seen` is told now and then how many records are done."""
    past, tally = Past(compared), Tally()
    resource = lru_cache(maxsize=500_000)(resource_of)
    for day, batches in days:
        counted = tally.days.setdefault(day.isoformat(), Counter())
        for batch in batches:
            replay_batch(batch, past, tally, counted, resource)
            tally.records += len(batch)
            seen(tally.records)
    return tally


def replay_batch(
    batch: list[Judged], past: Past, tally: Tally, counted: Counter[Change], resource: Callable[[str], Resource]
) -> None:
    """Replay some records. Written for speed: a school has a million of them in a few weeks."""
    lowest, settled = Rank.LESSON, SETTLED_MESSAGES
    for at_us, device, person, session, host, outcome, rank, message, revision in batch:
        if rank < lowest or message in settled:
            tally.settled += 1
            continue
        who = past.presence(revision, device, person, session, at_us)
        if who is None:
            tally.unknown += 1
            continue
        stand = who.at(at_us)
        key = (host, at_us // MINUTE)
        found = stand.memo.get(key)
        if found is None:
            found = stand.memo[key] = outcome_of(stand, resource(host), at_us)
        allows, change = found
        if allows != (outcome == "allow"):
            tally.unlike += 1
        if change:
            counted[Change(change)] += 1
            tally.note(Change(change), who, host)


def outcome_of(stand: Stand, resource: Resource, at_us: int) -> Outcome:
    """One request under both rulebooks, by the function that judges live traffic."""
    at = instant(at_us)
    before = decide(AccessRequest(stand.before, resource, at), stand.books[0])
    after = decide(AccessRequest(stand.after, resource, at), stand.books[1])
    if before.allows != after.allows:
        return before.allows, Change.GAINED if after.allows else Change.LOST
    delegates = after.message is Message.TEACHER_MAY_OPEN and before.message is not Message.TEACHER_MAY_OPEN
    return before.allows, Change.DELEGATED if delegates else Change.NONE


def resource_of(host: str) -> Resource:
    """A logged host with what the lists say of it today."""
    try:
        return classify(host) if host else UNREADABLE
    except InvalidHost:
        return UNREADABLE


def watched(hosts: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Of these hosts those of universities, schools and the state, each with its category."""
    for host in hosts:
        categories = {listing.category for listing in resource_of(host).listings}
        for category in WATCHED:
            if category in categories:
                yield host, category
