"""Looks at every change whether devices still are who they were, and takes sign-ins back that no longer hold.

What a device was known by when somebody signed in is written down (`identity.json`), so that neither a restart nor a
cut line makes a swapped device pass for the old one. A sign-in that was once in doubt stays void: only a new one helps.

A box that has lost its rulebook knows no device: then nobody has a grant, and nobody is called a stranger either.
"""

import logging
from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import msgspec

from darbaza.agent.departures import Departures, knock
from darbaza.agent.identity import CLAUSE, Fault, Finding, Identities, Mark, Neighbour, Seen, Terms, identities
from darbaza.agent.identity_sources import (
    Port,
    SourceError,
    Uplink,
    Wanderers,
    neighbours,
    ports,
    read_leases,
    uplinks,
)
from darbaza.policy.rulebook import Rulebook
from darbaza.snapshot.distrust import DISTRUST_FILE, Distrusted, note_distrusted, read_distrusted
from darbaza.snapshot.errors import SnapshotError
from darbaza.snapshot.files import write_atomically
from darbaza.snapshot.presence import Presence

logger = logging.getLogger(__name__)

MARKS_FILE = "identity.json"
MOST_REPORTED = 300
GONE = "gone"
"""In place of a fault: a device at which somebody has signed in is in the network no more."""
PATIENCE = timedelta(seconds=1)
"""A lease that was just given out may stand in the file a moment after its device is heard."""


class Remembered(msgspec.Struct):
    """By what a device was known when somebody signed in at it."""

    device: str
    since: datetime
    mac: str
    name: str = ""
    client: str = ""


@dataclass(frozen=True, slots=True)
class Looked:
    """What a look found: whether grants or sign-ins changed, and whether there is something new to report."""

    changed: bool = False
    news: bool = False


@dataclass(slots=True)
class Sources:
    """Where to look. `ignores_uplink` where the internet has an interface of its own: nobody of the school is there."""

    leases: Path | None = None
    ignores_uplink: bool = True
    neighbours: Callable[[], Iterable[Neighbour]] = neighbours
    ports: Callable[[], Iterable[Port]] = ports
    uplinks: Callable[[], Iterable[Uplink]] = uplinks
    knock: Callable[[Iterable[str]], None] = knock

    def in_school(self, registered: Mapping[str, str]) -> Iterator[Neighbour]:
        """The neighbours that are devices of the school; of IPv6 only what is registered, for each has many."""
        ways = tuple(self.uplinks())
        gateways = {way.gateway for way in ways}
        outside = {way.interface for way in ways} if self.ignores_uplink else set()
        for one in self.neighbours():
            is_theirs = one.interface in outside or one.address in gateways
            if not is_theirs and (":" not in one.address or one.address in registered):
                yield one


@dataclass(slots=True)
class _Memory:
    """What is kept between looks."""

    marks: dict[tuple[str, datetime], Mark] = field(default_factory=dict)
    distrusted: frozenset[Distrusted] = frozenset()
    since: dict[Finding, datetime] = field(default_factory=dict)
    settled: dict[Finding, datetime] = field(default_factory=dict)
    claims: dict[Finding, datetime] = field(default_factory=dict)
    left: dict[str, datetime] = field(default_factory=dict)


class IdentityWatch:
    """The devices of one box. `now` holds the latest judgement; see `identities`."""

    def __init__(self, run: Path, sources: Sources, terms: Terms) -> None:
        """Go on with what was written down in `run`. OSError if it can't be read."""
        self.terms, self.complaint = terms, ""
        self.now = Identities()
        self._run, self._sources = run, sources
        self._wanderers, self._departures = Wanderers(), Departures(sources.knock)
        self._memory = _Memory(_read_marks(run / MARKS_FILE), self._noted())

    def _noted(self) -> frozenset[Distrusted]:
        try:
            return read_distrusted(self._run / DISTRUST_FILE)
        except SnapshotError as error:
            logger.warning("%s", error)
            return frozenset()

    def heard(self, found: Iterable[Port], now: float) -> None:
        """The bridge heard MACs at ports, at the monotonic instant `now`."""
        for port in found:
            self._wanderers.heard(port, now)

    def look(
        self,
        rulebook: Rulebook | None,
        presence: Presence | None,
        at: datetime,
        now: float,
        *,
        is_behind: bool = False,
    ) -> Looked:
        """Judge anew; `presence` as the portal sent it, `now` monotonic. Raises OSError if nothing can be written.

        Where `rulebook` `is_behind` one that was in force before, a device that it does not know keeps its sign-in.
        """
        before, bindings = self.now, {b.device: b.since for b in (presence.bindings if presence else ())}
        if rulebook is None:
            self.now = Identities()
            return Looked(changed=bool(before.macs))
        registered = {device.address: device.mac for device in rulebook.devices}
        try:
            seen = self._seen(registered, now)
        except SourceError as error:
            self._complain(str(error))
            self.now = Identities()
            return Looked(changed=bool(before.macs))
        self.complaint = ""
        signed_in = {d: mark for d, since in bindings.items() if (mark := self._memory.marks.get((d, since)))}
        self.now = identities(registered, seen, self.terms, signed_in, at)
        self._remember(bindings)
        news = self._date_findings(at) | self._date_departures(bindings, seen, at, now)
        doubted = self._doubt(bindings, registered if is_behind else bindings)
        return Looked(changed=doubted or before.macs != self.now.macs, news=news)

    def _seen(self, registered: Mapping[str, str], now: float) -> Seen:
        leases = read_leases(self._sources.leases) if self._sources.leases else None
        self.heard(self._sources.ports(), now)
        return Seen(leases, tuple(self._sources.in_school(registered)), self._wanderers.now(now))

    def _complain(self, complaint: str) -> None:
        if complaint != self.complaint:
            logger.error("no grants: %s", complaint)
        self.complaint = complaint

    def _remember(self, bindings: Mapping[str, datetime]) -> None:
        """Write down what a device is known by at a sign-in; a name that is learned later is added."""
        kept: dict[tuple[str, datetime], Mark] = {}
        for device, since in bindings.items():
            mark, known = self.now.marks.get(device), self._memory.marks.get((device, since))
            if mark is not None and known is not None:
                kept[device, since] = Mark(known.mac, known.name or mark.name, known.client or mark.client)
            elif known or mark:
                kept[device, since] = known or mark or Mark("")
        if kept != self._memory.marks:
            self._memory.marks = kept
            lines = [Remembered(d, since, m.mac, m.name, m.client) for (d, since), m in sorted(kept.items())]
            write_atomically(self._run / MARKS_FILE, msgspec.json.encode(lines))

    def _date_findings(self, at: datetime) -> bool:
        """Since when each finding stands; whether others than before have settled."""
        memory, found = self._memory, self.now.faults.values()
        before, memory.since = memory.settled, {finding: memory.since.get(finding, at) for finding in found}
        memory.settled = {one: since for one, since in memory.since.items() if _is_settled(one, since, at)}
        return memory.settled.keys() != before.keys()

    def _date_departures(self, bindings: Mapping[str, datetime], seen: Seen, at: datetime, now: float) -> bool:
        """Since when whoever has signed in is gone from the network; whether others than before are."""
        before = self._memory.left
        gone = self._departures.look(bindings, (one.address for one in seen.neighbours), now)
        self._memory.left = {address: before.get(address, at) for address in gone}
        return before.keys() != gone

    def _doubt(self, bindings: Mapping[str, datetime], judged: Container[str]) -> bool:
        """Take back the sign-ins of devices in doubt, of those that can be `judged`; whether any was."""
        standing = {Distrusted(device, since) for device, since in bindings.items()}
        fresh = {
            Distrusted(finding.address, bindings[finding.address])
            for finding in self._memory.settled
            if finding.address in bindings and finding.address in judged
        }
        doubted = frozenset((self._memory.distrusted & standing) | fresh)
        if doubted == self._memory.distrusted:
            return False
        for one in sorted(doubted - self._memory.distrusted):
            fault = self.now.faults[one.device].fault
            logger.warning("the sign-in at `%s` counts no longer: %s (%s)", one.device, fault, CLAUSE)
        self._memory.distrusted = doubted
        note_distrusted(self._run, doubted)
        return True

    def claimed(self, claims: Iterable[tuple[str, str]], at: datetime) -> bool:
        """Cards that use or claim an address which is not theirs, as the packet filter has them of the last minute;
        whether others than before. The device that has the address by right keeps grant and sign-in: else anybody
        could put anybody out."""
        memory, macs = self._memory, self.now.macs
        found = [Finding(address, mac, Fault.IMPOSTOR, macs.get(address, "")) for address, mac in sorted(set(claims))]
        before, memory.claims = memory.claims, {finding: memory.claims.get(finding, at) for finding in found}
        return memory.claims.keys() != before.keys()

    def report(self) -> list[dict[str, str]]:
        """Everybody without identity, for the portal: contradictions first, then those that came last.

        Before all others whoever has signed in and left the network. Of one address one thing is told: what is wrong
        with its device, or else who claims it.
        """
        settled, wrong = self._memory.settled, {finding.address for finding in self._memory.settled}
        claims = {one: since for one, since in self._memory.claims.items() if one.address not in wrong}
        told = {one.address for one in (*settled, *claims)}
        left = [
            {"address": address, "mac": self.now.macs.get(address, ""), "fault": GONE, "expected": "", "name": "",
             "since": since.isoformat()}
            for address, since in sorted(self._memory.left.items()) if address not in told
        ]  # fmt: skip
        dated = sorted({**settled, **claims}.items(), key=lambda pair: pair[1], reverse=True)
        dated.sort(key=lambda pair: pair[0].fault in {Fault.STRANGER, Fault.RANDOMISED})
        found = [
            {
                "address": finding.address,
                "mac": finding.mac,
                "fault": finding.fault.value,
                "expected": finding.expected,
                "name": finding.name,
                "since": since.isoformat(),
            }
            for finding, since in dated
        ]
        return (left + found)[:MOST_REPORTED]

    def void(self) -> list[dict[str, str]]:
        """The sign-ins that count no longer, for the portal to take back."""
        return [{"device": one.device, "since": one.since.isoformat()} for one in sorted(self._memory.distrusted)]

    def health(self) -> dict[str, object]:
        """How it stands, for `darbaza status` and the portal's page of the boxes."""
        counted: dict[str, int] = {}
        for finding in self.now.faults.values():
            counted[finding.fault.value] = counted.get(finding.fault.value, 0) + 1
        return {
            "known": len(self.now.macs),
            "faults": counted,
            "left": len(self._memory.left),
            "void_sign_ins": len(self._memory.distrusted),
            "complaint": self.complaint,
        }


def _is_settled(finding: Finding, since: datetime, at: datetime) -> bool:
    return finding.fault is not Fault.NO_LEASE or at - since >= PATIENCE


def _read_marks(path: Path) -> dict[tuple[str, datetime], Mark]:
    try:
        found = msgspec.json.decode(path.read_bytes(), type=list[Remembered])
    except FileNotFoundError:
        return {}
    except (msgspec.MsgspecError, UnicodeDecodeError):
        logger.warning("`%s` can't be read; devices are remembered anew", path)
        return {}
    return {(one.device, one.since): Mark(one.mac, one.name, one.client) for one in found}
