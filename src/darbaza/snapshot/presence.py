"""Who sits at which device, and which lessons are open: pushed by the portal, whole, at every change.

`askers` joins it with the rulebook's devices. A student or guest counts only in the session that the binding names:
when the lesson ends or another one opens in the room, the binding says nothing any more, even if nobody removed it.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from darbaza.policy.index import index_of
from darbaza.policy.request import Asker, Attribution, SupervisedSession
from darbaza.policy.rulebook import Device, Rulebook, UserKind

STAFF = "staff"
"""The user category of whoever sits at a staff device, until they sign in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Binding:
    """One person at one device since an instant; `session` is the supervised session it belongs to, or empty.

    `acquainted` is the id of the text that the person has accepted (2.12), or empty.
    """

    device: str
    person: str
    category: str
    attribution: Attribution
    since: datetime
    session: str = ""
    acquainted: str = ""


@dataclass(frozen=True, slots=True)
class Presence:
    """The state of all rooms at the instant `at`.

    `sequence` numbers the states without repeating; `epoch` changes whenever verdicts given before no longer hold.
    """

    sequence: int
    epoch: int
    at: datetime
    sessions: tuple[SupervisedSession, ...] = ()
    bindings: tuple[Binding, ...] = ()


def askers(rulebook: Rulebook, presence: Presence | None) -> dict[str, Asker]:
    """Every device the rulebook knows, by address, with its room, its lesson and whoever is bound to it.

    An address that is missing here is a device nobody knows: ask for `stranger(address)`.
    """
    sessions = open_sessions(presence.sessions if presence else ())
    bindings = unambiguous(rulebook, presence.bindings if presence else ())
    return {
        device.address: _asker(rulebook, device, sessions.get(device.room), bindings.get(device.address))
        for device in rulebook.devices
    }


def stranger(address: str) -> Asker:
    """A device the school does not know: bound as strictly as a student without a lesson."""
    return Asker(address, "")


def open_sessions(sessions: Iterable[SupervisedSession]) -> dict[str, SupervisedSession]:
    """The session of each room. The portal lets none overlap; of several the latest counts, narrowed by all."""
    found: dict[str, SupervisedSession] = {}
    for session in sorted(sessions, key=lambda s: (s.opened, s.id)):
        if session.room:
            before = found.get(session.room)
            found[session.room] = _stricter(session, before) if before and before.ends > session.opened else session
    return found


def _stricter(session: SupervisedSession, other: SupervisedSession) -> SupervisedSession:
    """A session as another one in the same room at the same time leaves it: what either closes is closed."""
    scenes = [one.scene for one in (session, other) if one.scene is not None]
    scene = tuple(target for target in scenes[0] if all(target in one for one in scenes)) if scenes else None
    return replace(
        session,
        ends=min(session.ends, other.ends),
        lease_until=min(session.lease_until, other.lease_until),
        scene=scene,
        denied=tuple(dict.fromkeys((*session.denied, *other.denied))),
        opened_targets=tuple(one for one in session.opened_targets if one in other.opened_targets),
        paused=session.paused | other.paused,
        limits=tuple(dict.fromkeys((*session.limits, *other.limits))),
    )


def unambiguous(rulebook: Rulebook, bindings: Iterable[Binding]) -> dict[str, Binding]:
    """Who is bound to each device. A device with two, a student or guest at two, is nobody's until a new sign-in."""
    given = tuple(bindings)
    at_device = Counter(one.device for one in given)
    supervised = Counter(one.person for one in given if _is_supervised(rulebook, one))
    return {
        one.device: one
        for one in given
        if at_device[one.device] == 1 and (supervised[one.person] <= 1 or not _is_supervised(rulebook, one))
    }


def _is_supervised(rulebook: Rulebook, binding: Binding) -> bool:
    return index_of(rulebook).standing(binding.category).is_supervised


def _asker(rulebook: Rulebook, device: Device, session: SupervisedSession | None, binding: Binding | None) -> Asker:
    if binding is None or not _counts(rulebook, session, binding):
        category = STAFF if device.kind is UserKind.STAFF else ""
        return Asker(device.address, category, device.room, session=session)
    who, how = binding.person, binding.attribution
    return Asker(device.address, binding.category, device.room, who, session, how, binding.acquainted)


def _counts(rulebook: Rulebook, session: SupervisedSession | None, binding: Binding) -> bool:
    """Clause 2.9: a student's or guest's binding lives in its session; staff answer for themselves (2.10)."""
    if not _is_supervised(rulebook, binding):
        return True
    return session is not None and binding.session == session.id
