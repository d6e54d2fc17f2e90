"""Who asks, where, when, supervised by whom, and for what."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from darbaza.policy.resource import Resource, Target


class Attribution(StrEnum):
    """How a device came to be bound to a person; each has its confidence (2.7: nobody is accused on a guess)."""

    SIGN_IN = "sign-in"
    CARD = "card"
    SEATED = "seated"
    STAFF = "staff"


@dataclass(frozen=True, slots=True)
class TimeLimit:
    """How long one person may be online within a lesson (2.7): until this instant, exclusive and aware."""

    person: str
    until: datetime


@dataclass(frozen=True, slots=True)
class SupervisedSession:
    """What a supervisor opened: one class in one room, from `opened` (inclusive) to `ends` (exclusive), both aware.

    `lease_until` is how long the supervisor is known to be present (2.9). `slot` names the schedule's slot and
    `exception` a recorded exception; one of them must stand. `scene` narrows the lesson to its targets, `denied`
    closes targets for the lesson, `opened_targets` opens what a decision delegated (2.7, 2.8), `paused` holds the
    persons whose access the supervisor has paused, `limits` those whose time in this lesson is limited.
    """

    id: str
    room: str
    supervisor: str
    opened: datetime
    ends: datetime
    lease_until: datetime
    slot: str = ""
    exception: str = ""
    school_class: str = ""
    scene: tuple[Target, ...] | None = None
    denied: tuple[Target, ...] = ()
    opened_targets: tuple[Target, ...] = ()
    paused: frozenset[str] = frozenset()
    limits: tuple[TimeLimit, ...] = ()

    def ends_for(self, person: str) -> datetime:
        """When the lesson ends for one person: at its end, or before it where their time is limited."""
        return min([self.ends, *(limit.until for limit in self.limits if limit.person == person)])


@dataclass(frozen=True, slots=True)
class Asker:
    """The device and whoever is bound to it.

    `category` is the user category; `room` is empty for a device that stands in no room; `person` is an opaque id,
    empty while nobody has signed in. `session` is the supervised session of the room, if one is open. `acquainted` is
    the id of the text that the person has accepted (2.12), or empty.
    """

    device: str
    category: str
    room: str = ""
    person: str = ""
    session: SupervisedSession | None = None
    attribution: Attribution | None = None
    acquainted: str = ""


class AccessRequest(NamedTuple):
    """One question to the policy core. `at` is aware; any zone serves."""

    asker: Asker
    resource: Resource
    at: datetime
