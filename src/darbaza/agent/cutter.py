"""Close the connections of devices whose access ended.

Squid asks about each new connection, so a tunnel that stands when a lesson ends would live on. Whenever the presence or
the rulebook changes, and each second because lessons end by the clock, every device's standing is compared with what it
was; where something closed, the device's proxy connections are cut. Browsers open new ones, which are judged.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from darbaza.policy.decide import decide
from darbaza.policy.index import index_of
from darbaza.policy.request import AccessRequest, Asker
from darbaza.policy.resource import Resource, Target
from darbaza.policy.rulebook import Rulebook
from darbaza.policy.verdict import Message, Rank

PROBE = Resource("why.invalid")
"""A resource that no act names, so that the verdict on it tells how the device itself stands."""

CLOSING = ("user_categories", "statutory", "register", "holds", "permit_rules", "rulings", "assignments", "inspections")
"""What of a rulebook can close something however it changes."""

OPENING = ("rooms", "slots", "exceptions", "permits")
"""What of a rulebook only opens, and so closes something only where an entry is gone."""


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
    if verdict.rank <= Rank.PLACE_AND_TIME or verdict.message is Message.PAUSED:
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


def is_narrower(before: Access, after: Access | None) -> bool:
    """Whether something that was open before may be closed after."""
    if after is None or (before.person, before.session) != (after.person, after.session):
        return True
    opens_less = not (before.opened <= after.opened and before.permits <= after.permits)
    return before.scene != after.scene or not after.denied <= before.denied or opens_less


def is_stricter(before: Rulebook | None, after: Rulebook | None) -> bool:
    """Whether something in the rulebook changed that can close a resource."""
    if before is None or after is None or before is after:
        return before is not after
    changed = any(getattr(before, name) != getattr(after, name) for name in CLOSING)
    return changed or any(set(getattr(before, name)) - set(getattr(after, name)) for name in OPENING)


class Watch:
    """Remembers each device's access, and tells whose connections must be cut."""

    def __init__(self) -> None:
        """Begin without knowing anybody."""
        self._rulebook: Rulebook | None = None
        self._access: dict[str, Access] = {}

    def ended(self, rulebook: Rulebook | None, askers: Mapping[str, Asker], at: datetime) -> list[str]:
        """The devices whose access ended or was narrowed since the last call, sorted."""
        now = {d: access for d, a in askers.items() if rulebook and (access := access_of(a, rulebook, at))}
        everybody = is_stricter(self._rulebook, rulebook)
        cut = [d for d, before in self._access.items() if everybody or is_narrower(before, now.get(d))]
        self._rulebook, self._access = rulebook, now
        return sorted(cut)
