"""What a rulebook or a presence must be like to be activated, beyond having the right fields.

A good signature says who sent it, not that it makes sense. What these checks refuse would make the policy core answer
wrongly or stop the box: two things under one number, an instant without a zone, a name that can never match.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from darbaza.policy.request import SupervisedSession
from darbaza.policy.resource import Target
from darbaza.policy.rulebook import DayOff, Permit, Rulebook, Ruling, Slot
from darbaza.snapshot.presence import Presence

HOST = re.compile(r"[a-z0-9_](?:[a-z0-9._:-]{0,251}[a-z0-9_])?|[0-9a-f:]{2,39}")
MAC = re.compile(r"(?:[0-9a-f]{2}:){5}[0-9a-f]{2}")
PRINT = re.compile(r"[0-9a-f]{64}")
CLAUSE = re.compile(r"[1-9]\.\d{1,2}")
MINUTES_A_DAY = 24 * 60
LARGEST = 2**53
"""Numbers stay below what every reader of JSON keeps exactly."""


def problems_of_rulebook(rulebook: Rulebook) -> Iterator[str]:
    """Everything that speaks against activating a rulebook; nothing if it is sound."""
    if not 1 <= rulebook.revision < LARGEST:
        yield f"revision `{rulebook.revision}` is not a number from 1 to 2^53"
    yield from _zone_problems(rulebook.zone)
    yield from _repeated("user category", (c.id for c in rulebook.user_categories))
    yield from _repeated("room", (room.id for room in rulebook.rooms))
    yield from _repeated("slot", (slot.id for slot in rulebook.slots))
    yield from _repeated("exception", (exception.id for exception in rulebook.exceptions))
    yield from _repeated("device", (device.address for device in rulebook.devices))
    yield from _mac_problems(device.mac for device in rulebook.devices if device.mac)
    yield from _authority_problems(one for device in rulebook.devices for one in device.authorities)
    yield from _repeated("permit", (permit.id for permit in rulebook.permits))
    yield from _file_problems(rulebook.permits)
    for slot in rulebook.slots:
        yield from _slot_problems(slot)
    yield from _repeated("day off", (off.id for off in rulebook.days_off))
    for off in rulebook.days_off:
        yield from _day_off_problems(off)
    for ruling in rulebook.rulings:
        yield from _ruling_problems(ruling)
    yield from _target_problems(rulebook_targets(rulebook))
    yield from _clause_problems(rulebook)
    yield from _instant_problems(rulebook_instants(rulebook))


def problems_of_presence(presence: Presence) -> Iterator[str]:
    """Everything that speaks against taking over a presence; nothing if it is sound."""
    if not (1 <= presence.sequence < LARGEST and 0 <= presence.epoch < LARGEST):
        yield f"sequence `{presence.sequence}` and epoch `{presence.epoch}` are not numbers from 1 and from 0"
    yield from _repeated("session", (session.id for session in presence.sessions))
    yield from _repeated("device", (binding.device for binding in presence.bindings))
    yield from _instant_problems([("presence", presence.at)])
    yield from _instant_problems((f"binding of `{b.device}`", b.since) for b in presence.bindings)
    for session in presence.sessions:
        yield from _session_problems(session)


def _session_problems(session: SupervisedSession) -> Iterator[str]:
    name = f"session `{session.id}`"
    yield from _instant_problems((name, at) for at in (session.opened, session.ends, session.lease_until))
    yield from _instant_problems((f"limit in {name}", limit.until) for limit in session.limits)
    yield from _target_problems((name, t) for t in (*(session.scene or ()), *session.denied, *session.opened_targets))
    if not (session.id and session.room and session.supervisor):
        yield f"{name} lacks its id, room or supervisor"


def rulebook_targets(rulebook: Rulebook) -> Iterator[tuple[str, Target]]:
    """Every target that an act of the rulebook names, with the act's kind and ground."""
    yield from ((str(entry.ground), entry.target) for entry in rulebook.register)
    yield from ((str(hold.ground), hold.target) for hold in rulebook.holds)
    yield from ((str(assignment.ground), assignment.target) for assignment in rulebook.assignments)
    for permit in rulebook.permits:
        yield from ((f"permit `{permit.id}`", target) for target in permit.targets)
    yield from ((str(ruling.ground), ruling.target) for ruling in rulebook.rulings if ruling.target)
    for inspection in rulebook.inspections:
        yield from ((str(inspection.ground), target) for target in inspection.spared)


def rulebook_instants(rulebook: Rulebook) -> Iterator[tuple[str, datetime]]:
    """Every instant of the rulebook with the act it belongs to."""
    acts = (
        rulebook.rooms, rulebook.exceptions, rulebook.register, rulebook.holds, rulebook.permits, rulebook.rulings,
        rulebook.inspections,
    )  # fmt: skip
    for group in acts:
        for act in group:
            yield str(act.ground), act.since
            yield str(act.ground), act.until


def _zone_problems(name: str) -> Iterator[str]:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        yield f"time zone `{name}` is not known"


def _file_problems(permits: Iterable[Permit]) -> Iterator[str]:
    for permit in permits:
        if permit.file is not None and not 0 <= permit.file.least <= max(permit.file.most, permit.file.least) < LARGEST:
            yield f"permit `{permit.id}` is for files of `{permit.file.least}` to `{permit.file.most}` bytes"


def _repeated(what: str, ids: Iterable[str]) -> Iterator[str]:
    for name, count in Counter(ids).items():
        if count > 1:
            yield f"{what} `{name}` stands {count} times"
        elif not name:
            yield f"a {what} has no id"


def _authority_problems(fingerprints: Iterable[str]) -> Iterator[str]:
    known = set(fingerprints)
    yield from (
        f"`{one}` is no SHA-256 fingerprint of 64 small hex digits" for one in known if not PRINT.fullmatch(one)
    )


def _mac_problems(macs: Iterable[str]) -> Iterator[str]:
    known = list(macs)
    yield from _repeated("card", known)
    yield from (f"card `{mac}` is not written as `00:1a:2b:3c:4d:5e`" for mac in known if not MAC.fullmatch(mac))


def _slot_problems(slot: Slot) -> Iterator[str]:
    if not (0 <= slot.weekday <= 6 and 0 <= slot.starts < slot.ends <= MINUTES_A_DAY):
        yield f"slot `{slot.id}` has no such weekday or minutes"
    if any(monday.weekday() for monday in slot.weeks or ()):
        yield f"slot `{slot.id}` names a week by another day than its Monday"


def _day_off_problems(off: DayOff) -> Iterator[str]:
    if off.until < off.since or not off.name:
        yield f"day off `{off.id}` ends before it begins, or has no name"


def _ruling_problems(ruling: Ruling) -> Iterator[str]:
    if (ruling.target is None) == (not ruling.category):
        yield f"ruling by {ruling.ground} names both a resource and a category, or neither"


def _target_problems(targets: Iterable[tuple[str, Target]]) -> Iterator[str]:
    for owner, target in targets:
        if not HOST.fullmatch(target.host) or (target.path and not target.path.startswith("/")):
            yield f"{owner} names `{target}`, which is no canonical host and path"


def _clause_problems(rulebook: Rulebook) -> Iterator[str]:
    cited = [(closed.category, closed.clause) for closed in rulebook.statutory]
    cited += [(rule.category, rule.clause) for rule in rulebook.permit_rules]
    for category, clause in cited:
        if not CLAUSE.fullmatch(clause):
            yield f"category `{category}` cites clause `{clause}`, which the regulation has not"


def _instant_problems(instants: Iterable[tuple[str, datetime]]) -> Iterator[str]:
    for owner, at in instants:
        if at.utcoffset() != timedelta(0):
            yield f"{owner} has the instant `{at.isoformat()}`, which is not in UTC"
