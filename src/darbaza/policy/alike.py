"""Which requests `decide` cannot tell apart: what lets a verdict once given answer for other requests too.

`decide` looks at few things, most of which are the same for a whole class and for most hosts. Here stands what it
looks at, rule by rule, so that whoever keeps verdicts keeps them soundly: two requests under one rulebook with equal
`asker`s and equal `resource`s (not None), both before the same `steady_until`, get equal verdicts. Nothing is kept
here; tests compare with `decide` itself.
"""

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from darbaza.policy.index import index_of
from darbaza.policy.request import Asker, SupervisedSession
from darbaza.policy.resource import Resource, Target, careless_path
from darbaza.policy.rulebook import END_OF_TIME, Rulebook

AskerKind = tuple[str, str, SupervisedSession | None, str | bool, bool]
"""User category, room, session, the person where any act names them, else whether anybody is there; and whether they
have yet to read the rules (2.12)."""

ORDINARY = ""
"""The kind of every resource that no act and no list names: only the default of the user category is left for it."""


@dataclass(frozen=True, slots=True)
class Alike:
    """What is alike under one rulebook while certain sessions, and no others, are open.

    `instants` are those at which one of the sessions begins or ends, or somebody's time in it, `paged` the hosts of
    which only a page is named; `is_aimed` says that a session names resources of its own.
    """

    rulebook: Rulebook
    instants: tuple[datetime, ...]
    paged: frozenset[str]
    is_aimed: bool

    def asker(self, asker: Asker) -> AskerKind:
        """The asker without what no rule looks at: the device, how it was bound, and who it is if no act names them."""
        session, person, demanded = asker.session, asker.person, self.rulebook.acquaintance
        is_named = person in index_of(self.rulebook).permits or (session is not None and _names(session, person))
        who, is_unread = person if is_named else bool(person), bool(demanded) and asker.acquainted != demanded
        return asker.category, asker.room, session, who, is_unread

    def resource(self, resource: Resource) -> str | None:
        """The kind of a resource whatever its path, or None where a page of the host is named, or the host unreadable.

        It holds for paths that are not `is_download`, and only if the catalogue lists no page of the host. A host of
        its own kind stands for itself, so the same host must always come with the same listings.
        """
        host = resource.host
        if not host or host in self.paged:
            return None
        is_known = resource.listings or resource.is_address or self.is_aimed
        return host if is_known or index_of(self.rulebook).named(resource) else ORDINARY

    def is_download(self, path: str) -> bool:
        """Whether a path may need a permit by its ending."""
        return bool(path) and careless_path(path).endswith(self.rulebook.download_suffixes)

    def steady_until(self, at: datetime) -> datetime:
        """The first instant after `at` at which time alone may change a verdict."""
        acts = index_of(self.rulebook).instants
        coming = [instant for instant in self.instants if instant > at]
        coming += acts[(later := bisect_right(acts, at)) : later + 1]
        if self.rulebook.slots or self.rulebook.days_off:
            coming.append(_next_minute(at, self.rulebook))
        return min(coming, default=END_OF_TIME)


def alike(rulebook: Rulebook, sessions: Iterable[SupervisedSession]) -> Alike:
    """What is alike under a rulebook while these sessions, and no others, are open."""
    sessions = tuple(sessions)
    targets = [target for session in sessions for target in _targets(session)]
    paged = index_of(rulebook).paged.union(target.host for target in targets if target.path)
    instants = {instant for session in sessions for instant in (session.opened, session.ends, session.lease_until)}
    instants |= {limit.until for session in sessions for limit in session.limits}
    is_aimed = bool(targets) or any(session.scene is not None for session in sessions)
    return Alike(rulebook, tuple(instants), paged, is_aimed)


def _names(session: SupervisedSession, person: str) -> bool:
    """Whether a measure of the session is on this person."""
    return person in session.paused or any(limit.person == person for limit in session.limits)


def _targets(session: SupervisedSession) -> tuple[Target, ...]:
    return (*(session.scene or ()), *session.denied, *session.opened_targets)


def _next_minute(at: datetime, rulebook: Rulebook) -> datetime:
    """The next full minute by the school's clock. The clock is changed at full minutes only, by the old time."""
    in_utc = at.astimezone(UTC)
    local = in_utc.astimezone(index_of(rulebook).zone)
    return in_utc + timedelta(seconds=60 - local.second, microseconds=-local.microsecond)
