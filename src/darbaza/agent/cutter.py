"""Close the connections of devices whose access ended, and of those that lead to what was closed.

Squid asks about each new connection, so a tunnel that stands when a lesson ends would live on. Whenever the presence,
the rulebook or the catalogue changes, and each second because lessons end by the clock, every device's standing is
compared with what it was; where access ended, the device's proxy connections are cut. Browsers open new ones, which
are judged. A change that closes hosts, a teacher's measure among them, cuts those devices alone that may be connected
to one of them (see `opened`): nobody else's page breaks off because somewhere something was closed.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from darbaza.agent.situation import Situation
from darbaza.catalogue.database import CatalogueDatabase
from darbaza.policy.decide import decide
from darbaza.policy.index import index_of
from darbaza.policy.request import AccessRequest, Asker
from darbaza.policy.resource import Resource, Target
from darbaza.policy.rulebook import Rulebook
from darbaza.policy.verdict import Message, Rank

PROBE = Resource("why.invalid")
"""A resource that no act names, so that the verdict on it tells how the device itself stands."""

CLOSING_HOSTS = ("statutory", "register", "holds", "rulings", "assignments")
"""What of a rulebook can close a host however it changes: the verdict on each host tells whether it did."""

CLOSING = ("user_categories", "permit_rules", "download_suffixes", "inspections")
"""What of a rulebook can close a page or a download where the verdict on the whole host stays."""


STOPPED = frozenset({Message.PAUSED, Message.TIME_IS_UP})
"""Measures of the supervisor that leave one person nothing."""


@dataclass(frozen=True, slots=True)
class Access:
    """What a device may use at an instant: for whom, in which lesson, how narrowed."""

    person: str
    session: str
    scene: tuple[Target, ...] | None
    denied: frozenset[Target]
    opened: frozenset[Target]
    permits: frozenset[str] = frozenset()


def access_of(asker: Asker, rulebook: Rulebook, at: datetime) -> Access | None:
    """The access that a device has, or None if it has none."""
    verdict = decide(AccessRequest(asker, PROBE, at), rulebook)
    if verdict.rank <= Rank.PLACE_AND_TIME or verdict.message in STOPPED:
        return None
    session, permits = asker.session, permits_of(asker, rulebook, at)
    if session is None:
        return Access(asker.person, "", None, frozenset(), frozenset(), permits)
    denied, opened = frozenset(session.denied), frozenset(session.opened_targets)
    return Access(asker.person, session.id, session.scene, denied, opened, permits)


def permits_of(asker: Asker, rulebook: Rulebook, at: datetime) -> frozenset[str]:
    """The permissions of whoever sits there that are in force: they end by the clock, though nothing is changed."""
    found = index_of(rulebook).permits.get(asker.person, ()) if asker.person else ()
    return frozenset(permit.id for permit in found if permit.since <= at < permit.until)


def is_over(before: Access, after: Access | None) -> bool:
    """Whether access ended, or something of it that the verdict on a whole host does not tell."""
    if after is None or (before.person, before.session) != (after.person, after.session):
        return True
    return not before.permits <= after.permits or any(target.path for target in before.opened - after.opened)


def is_narrower(before: Access, after: Access) -> bool:
    """Whether a measure of the teacher may have closed hosts; the verdict on each tells whether it did."""
    return before.scene != after.scene or not (after.denied <= before.denied and before.opened <= after.opened)


def is_stricter(before: Rulebook | None, after: Rulebook | None, names: Collection[str]) -> bool:
    """Whether a part of the rulebook that can close something is another one."""
    if before is None or after is None or before is after:
        return before is not after
    return any(getattr(before, name) != getattr(after, name) for name in names)


def losers(before: Rulebook | None, after: Rulebook | None) -> frozenset[str]:
    """The persons of whose permits one was withdrawn or became another one."""
    if before is None or after is None or before is after:
        return frozenset()
    return frozenset(permit.person for permit in set(before.permits) - set(after.permits))


@dataclass(frozen=True, slots=True)
class Look:
    """Whose access ended, sorted; to whom a measure may have closed hosts, sorted; and whether something may have
    closed hosts to everybody."""

    ended: list[str]
    narrowed: list[str]
    closes_hosts: bool


class Watch:
    """Remembers each device's access, and tells whose connections must be cut."""

    def __init__(self) -> None:
        """Begin without knowing anybody."""
        self._rulebook: Rulebook | None = None
        self._catalogue: CatalogueDatabase | None = None
        self._access: dict[str, Access] = {}

    def look(self, here: Situation, at: datetime) -> Look:
        """What closed since the last call, now that things stand so."""
        before, rulebook = self._rulebook, here.rulebook
        now = {d: access for d, a in here.askers.items() if rulebook and (access := access_of(a, rulebook, at))}
        everybody, lost = is_stricter(before, rulebook, CLOSING), losers(before, rulebook)
        ended = {
            device
            for device, access in self._access.items()
            if everybody or access.person in lost or is_over(access, now.get(device))
        }
        staying = self._access.keys() & now.keys() - ended
        narrowed = sorted(device for device in staying if is_narrower(self._access[device], now[device]))
        closes = is_stricter(before, rulebook, CLOSING_HOSTS) or self._catalogue is not here.catalogue
        self._rulebook, self._catalogue, self._access = rulebook, here.catalogue, now
        return Look(sorted(ended), narrowed, closes)
