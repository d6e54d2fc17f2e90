"""What people agreed to have published about them, and whether that covers one piece of data (2.15-2.17).

One statement of one giver is a `Consent`: an agreement or a refusal, for kinds of data on channels for purposes.
Whether a piece of data is covered follows from all statements of its person, and the strictest of them decides:

- An agreement counts from the latest of four instants: when it was given, when the school recorded it, when its risks
  were explained and its term's beginning. Without an explanation that was understood it never counts (2.17). So a paper
  that bears an earlier day covers nothing that was published before the school had it.
- A refusal, and an agreement that was withdrawn, stand until the same giver agrees anew; no term ends them. One giver's
  refusal outweighs everybody else's agreement.
- What is required depends on the person: the own consent, that of a representative, or both. The own refusal always
  counts; a representative's word only as long as representatives speak for the person.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from darbaza.publication.kinds import NEVER, Channel, DataKind, Purpose


class Party(StrEnum):
    """As whom somebody speaks: for themselves, or as a parent or another legal representative."""

    OWN = "own"
    REPRESENTATIVE = "representative"


class Answer(StrEnum):
    """What a statement says."""

    AGREED = "agreed"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Giver:
    """Who made a statement. `id` is the same for all statements of one giver about one person."""

    id: str
    party: Party
    name: str = ""


@dataclass(frozen=True, slots=True)
class Explanation:
    """The risks as they were explained: which version of the text, in which language, by whom, when (2.17)."""

    version: str
    language: str
    by: str
    at: datetime
    understood: bool


@dataclass(frozen=True, slots=True)
class Consent:
    """One statement about one person. Instants are aware; a term is closed at its start and open at its end.

    `since` is the first instant of the first day at the school, `until` the first instant after the last day, None for
    an open end. `given_at` is when it was signed, `recorded_at` when the school had it. `lapsed_at` is from when it
    says nothing any more, as if it had never been made: the giver no longer speaks for the person, or it was recorded
    for somebody else. `required` is whose agreement the person's age asks for, and `left` whether the person is no
    longer at the school, on the day on which this was read.
    """

    id: str
    person: str
    answer: Answer
    kinds: frozenset[DataKind]
    channels: frozenset[Channel]
    purposes: frozenset[Purpose]
    giver: Giver
    given_at: datetime
    recorded_at: datetime
    since: datetime
    until: datetime | None = None
    withdrawn_at: datetime | None = None
    lapsed_at: datetime | None = None
    explanation: Explanation | None = None
    required: frozenset[Party] = frozenset({Party.OWN, Party.REPRESENTATIVE})
    left: bool = False

    def speaks_of(self, kind: DataKind, channel: Channel, purpose: Purpose) -> bool:
        """Whether a piece of data lies within the scope."""
        return kind in self.kinds and channel in self.channels and purpose in self.purposes

    def is_known(self, at: datetime) -> bool:
        """Whether the statement was given, recorded and not lapsed at an instant."""
        return self.heard_at <= at and (self.lapsed_at is None or at < self.lapsed_at)

    @property
    def heard_at(self) -> datetime:
        """From when the school could know of it."""
        return max(self.given_at, self.recorded_at)

    @property
    def is_explained(self) -> bool:
        """Whether the risks were explained and understood."""
        return self.explanation is not None and self.explanation.understood

    @property
    def counts_from(self) -> datetime | None:
        """From when an agreement counts; None for one that never does: a refusal, or without explanation."""
        if self.answer != Answer.AGREED or self.explanation is None or not self.explanation.understood:
            return None
        return max(self.heard_at, self.explanation.at, self.since)

    def denied_at(self, at: datetime) -> datetime | None:
        """Since when the statement is a no that its giver upholds, as known at an instant; None where it is none."""
        if self.answer == Answer.REFUSED:
            return self.heard_at
        return self.withdrawn_at if self.withdrawn_at is not None and self.withdrawn_at <= at else None


class Standing(StrEnum):
    """Whether a piece of data is covered, or why not."""

    COVERED = "covered"
    PROTECTED = "protected"
    NEVER = "never"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    NOT_EXPLAINED = "not-explained"
    NOT_YET = "not-yet"
    ENDED = "ended"
    LEFT = "left"
    OWN_MISSING = "own-missing"
    REPRESENTATIVE_MISSING = "representative-missing"
    MISSING = "missing"


CLAUSES = {Standing.PROTECTED: "2.14", Standing.NEVER: "2.14", Standing.NOT_EXPLAINED: "2.17"}
"""The clause behind each standing; 2.15 for all others."""


@dataclass(frozen=True, slots=True)
class Coverage:
    """The answer for one piece of data. `consents` are the ids of the statements that decide it, sorted.

    `until` is when it ends by itself if nobody says anything more; None without end, or if it isn't covered.
    """

    standing: Standing
    consents: tuple[str, ...] = ()
    until: datetime | None = None

    @property
    def covered(self) -> bool:
        """Whether it may be published."""
        return self.standing == Standing.COVERED

    @property
    def clause(self) -> str:
        """The clause on which the answer rests."""
        return CLAUSES.get(self.standing, "2.15")


def coverage(
    consents: Iterable[Consent],
    *,
    person: str,
    kind: DataKind,
    channel: Channel,
    purpose: Purpose,
    at: datetime,
    protected: frozenset[str] = frozenset(),
) -> Coverage:
    """Whether one kind of data of one person may stand on a channel for a purpose at an instant. Total.

    `consents` may hold statements about others too. `protected` are people of whom nothing is ever published.
    """
    if person in protected:
        return Coverage(Standing.PROTECTED)
    if kind in NEVER:
        return Coverage(Standing.NEVER)
    heard = [one for one in consents if one.person == person and one.is_known(at)]
    required = _required(heard)
    heard = [one for one in heard if one.giver.party in required | {Party.OWN}]
    said = [one for one in heard if one.speaks_of(kind, channel, purpose)]
    return _denied(said, at) or _gone(said) or _agreed(said, required, at)


def _required(heard: list[Consent]) -> frozenset[Party]:
    """Whose agreement is asked for: everybody's that any statement names; of nobody's word, nobody's is enough."""
    return frozenset[Party]().union(*(one.required for one in heard)) or frozenset(Party)


def _denied(said: list[Consent], at: datetime) -> Coverage | None:
    """The refusals and withdrawals that stand, if there are any."""
    standing = [one for one in said if _stands(one, said, at)]
    if not standing:
        return None
    refused = any(one.answer == Answer.REFUSED for one in standing)
    return Coverage(Standing.REFUSED if refused else Standing.WITHDRAWN, _ids(standing))


def _gone(said: list[Consent]) -> Coverage | None:
    """What was agreed to for the time at the school ends with it."""
    left = [one for one in said if one.left]
    return Coverage(Standing.LEFT, _ids(left)) if left else None


def _stands(one: Consent, said: list[Consent], at: datetime) -> bool:
    """Whether a statement is a no after which its giver has not agreed anew."""
    denied = one.denied_at(at)
    if denied is None:
        return False
    own = [other for other in said if other.giver.id == one.giver.id]
    return not any(_is_anew(other, one, denied) and _has_begun(other, at) for other in own)


def _is_anew(other: Consent, one: Consent, denied: datetime) -> bool:
    """Whether an agreement was both signed and heard of after a no: an older paper that turns up late lifts nothing."""
    signed = one.given_at if one.answer == Answer.REFUSED else denied
    return signed < other.given_at and denied < other.heard_at


def _has_begun(one: Consent, at: datetime) -> bool:
    begun = one.counts_from
    return begun is not None and begun <= at


def _agreed(said: list[Consent], required: frozenset[Party], at: datetime) -> Coverage:
    """What the agreements come to where nobody refuses."""
    live = [one for one in said if _is_live(one, at)]
    missing = required - {one.giver.party for one in live}
    if missing:
        return _lacking(said, missing, live, at)
    return Coverage(Standing.COVERED, _ids(live), _end(live, required))


def _is_live(one: Consent, at: datetime) -> bool:
    withdrawn = one.withdrawn_at is not None and one.withdrawn_at <= at
    return _has_begun(one, at) and not withdrawn and (one.until is None or at < one.until)


def _end(live: list[Consent], required: frozenset[Party]) -> datetime | None:
    """The first instant at which a required party has no agreement left."""
    ends = []
    for party in required:
        untils = [one.until for one in live if one.giver.party == party]
        known = [one for one in untils if one is not None]
        if len(known) == len(untils):
            ends.append(max(known))
    return min(ends, default=None)


def _lacking(said: list[Consent], missing: frozenset[Party], live: list[Consent], at: datetime) -> Coverage:
    """Why agreements of some parties are missing, from what they said that does not count."""
    dead = [one for one in said if one.giver.party in missing and one.answer == Answer.AGREED]
    for standing, found in (
        (Standing.NOT_EXPLAINED, [one for one in dead if not one.is_explained]),
        (Standing.NOT_YET, [one for one in dead if (begun := one.counts_from) is not None and begun > at]),
        (Standing.ENDED, [one for one in dead if one.until is not None and one.until <= at]),
    ):
        if found:
            return Coverage(standing, _ids(found))
    if not live:
        return Coverage(Standing.MISSING)
    lacking = Standing.OWN_MISSING if Party.OWN in missing else Standing.REPRESENTATIVE_MISSING
    return Coverage(lacking, _ids(live))


def _ids(consents: Iterable[Consent]) -> tuple[str, ...]:
    return tuple(sorted({one.id for one in consents}))
