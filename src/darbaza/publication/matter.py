"""A publication as the gate looks at it: its parts, what was found, what people answered and confirmed, and when."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from darbaza.policy.resource import UNREADABLE, Resource, Target
from darbaza.publication.consents import Consent
from darbaza.publication.findings import Box, Cell, Finding, Span
from darbaza.publication.kinds import Channel, Purpose


class PartKind(StrEnum):
    """What a part of a publication is."""

    TEXT = "text"
    PICTURE = "picture"
    ATTACHMENT = "attachment"


@dataclass(frozen=True, slots=True)
class Part:
    """One part. `digest` is the SHA-256 of its content as it was handed in, before anything was cleared.

    `words` are all that is read in it, a document's as well as a text's. Of a picture `blurred` and `crop` say what is
    done before it goes out, in pixels of the upright picture. `shows` is whether an attachment shows pictures, so that
    somebody has to look at it, and `pictured` on how many of its pages.
    """

    id: str
    kind: PartKind
    digest: str
    words: int = 0
    blurred: tuple[Box, ...] = ()
    crop: Box | None = None
    shows: bool = False
    pictured: int = 0

    @property
    def pictures(self) -> int:
        """How many pictures it counts as (2.6): a document as its pages that show some."""
        return 1 if self.kind is PartKind.PICTURE else self.pictured

    @property
    def is_looked_at(self) -> bool:
        """Whether a person must have looked at it as it goes out."""
        return self.kind is PartKind.PICTURE or self.shows


class Answer(StrEnum):
    """What a person answered about a finding."""

    CONSENT = "consent"
    BLUR = "blur"
    CROP = "crop"
    INITIALS = "initials"
    REMOVE = "remove"
    NOT_A_PERSON = "not-a-person"
    NOT_OURS = "not-ours"
    OUTSIDE = "outside"
    SCHOOLS = "schools"


STAYS = frozenset({Answer.CONSENT, Answer.NOT_A_PERSON, Answer.NOT_OURS})
"""The answers with which what was found in a picture goes out as it stands."""


class Ground(StrEnum):
    """On what somebody outside the school's lists is told of (2.15, 2.16; ADR 0082)."""

    CONSENT = "consent"
    DECEASED = "deceased"
    PUBLIC = "public"


@dataclass(frozen=True, slots=True)
class Outside:
    """Somebody outside the school's lists, and the ground on which they are told of.

    `how` says in words by what that is known: how the consent was given and where it lies, or by what somebody is known
    to be deceased, or why public. Of a consent `giver` is who gave it, they themselves or who speaks for them,
    `given_on` the day in ISO form, and `explained` whether the risks were explained to the giver (2.17).
    """

    who: str
    ground: Ground
    how: str
    giver: str = ""
    given_on: str = ""
    explained: bool = False

    @property
    def is_whole(self) -> bool:
        """Whether nothing of it is left out."""
        consent = bool(self.giver.strip() and self.given_on and self.explained)
        return bool(self.who.strip() and self.how.strip()) and (consent or self.ground is not Ground.CONSENT)


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer to a finding: `people` are the ids of those whose it is, if it stays by consent; `why` in words.

    `NOT_OURS` is somebody whom 2.15 and 2.16 do not name: neither of the school nor a parent, an author in a textbook.
    `SCHOOLS` is the school's own phone or address, as it entered them; nobody answers so, it follows (ADR 0083).
    `OUTSIDE` is somebody whom no list of the school holds, told of on a ground that is recorded in `outside`; `by` is
    who decided that.
    """

    answer: Answer
    people: tuple[str, ...] = ()
    why: str = ""
    by: str = ""
    outside: Outside | None = None


@dataclass(frozen=True, slots=True)
class Seen:
    """A person looked at a picture as it goes out and said who can be recognised: their ids, or nobody."""

    by: str
    digest: str
    people: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Checked:
    """A check of the whole by a person: `digest` is the `content` or the `clearing` that they saw.

    `source` is how it is known that the facts are right (2.14); empty for the check of personal data.
    """

    by: str
    at: datetime
    digest: str
    source: str = ""


@dataclass(frozen=True, slots=True)
class CouncilRule:
    """What a council's decision says of the nature and volume of what is published (2.6). None is no limit.

    An empty set of channels or purposes is every one. Words and pictures are those of the whole publication, documents
    included. `most_a_week` counts publications of seven days back.
    """

    ref: str
    allows: bool
    channels: frozenset[Channel] = frozenset()
    purposes: frozenset[Purpose] = frozenset()
    most_words: int | None = None
    most_pictures: int | None = None
    most_a_week: int | None = None

    def speaks_of(self, channel: Channel, purpose: Purpose) -> bool:
        """Whether it is about this channel and this purpose."""
        return (not self.channels or channel in self.channels) and (not self.purposes or purpose in self.purposes)


@dataclass(frozen=True, slots=True)
class Permission:
    """The permission to place own information (3.2): whose, where, in force from `since` until just before `until`.

    One that names no place opens none.
    """

    ref: str
    person: str
    since: datetime
    until: datetime
    places: frozenset[Target] = frozenset()

    def names(self, place: Resource) -> bool:
        """Whether it names an address, or something that the address lies within."""
        return any(one.covers(place) for one in self.places)


@dataclass(frozen=True, slots=True)
class Publisher:
    """Who places it, and whether an order in force makes them responsible for the internet (2.15)."""

    person: str
    is_responsible: bool


@dataclass(frozen=True, slots=True)
class Matter:
    """Everything that the gate looks at. Whatever is left out counts against it.

    `writers` are all who wrote in it besides its author. `answers` are kept by `finding_keys`, `seen` by the part of a
    picture, or of what shows some. `own_of` is whose own page it is (3.2), `place` the
    address at which that will stand, unreadable while it is not known. `until` is the first day on which it is no
    longer public, as an instant; `recent` how many went out on this channel for this purpose within the seven days
    before. `event_on` is the day that it announces, as an ISO date, empty for none.
    """

    id: str
    author: str
    channel: Channel
    purpose: Purpose
    parts: tuple[Part, ...]
    findings: tuple[Finding, ...] = ()
    answers: Mapping[str, Answered] = field(default_factory=dict)
    seen: Mapping[str, Seen] = field(default_factory=dict)
    facts: Checked | None = None
    personal_data: Checked | None = None
    publisher: Publisher | None = None
    own_of: str = ""
    place: Resource = UNREADABLE
    permission: Permission | None = None
    until: datetime | None = None
    consents: tuple[Consent, ...] = ()
    protected: frozenset[str] = frozenset()
    rules: tuple[CouncilRule, ...] = ()
    recent: int = 0
    writers: tuple[str, ...] = ()
    event_on: str = ""

    @property
    def content(self) -> str:
        """The digest of what was handed in, for which place, day and purpose: what a check of facts is about.

        The address of the school's own site is no part of it, which may get another name.
        """
        parts = [[part.id, part.kind, part.digest] for part in self.parts]
        there = [self.place.host, self.place.path] if self.place.host and self.channel is not Channel.SITE else []
        day = [self.event_on] if self.event_on else []
        return digest_of([self.id, self.channel, self.purpose, self.own_of, parts, *there, *day])

    @property
    def clearing(self) -> str:
        """The digest of what was handed in, what was found, what was answered and seen: what personal data is left."""
        edits = [
            [part.id, [_place(box) for box in part.blurred], _place(part.crop) if part.crop else ""]
            for part in self.parts
        ]
        answers = {key: said_in(one) for key, one in keyed(self.findings, self.answers).items()}
        seen = {part: [one.digest, sorted(one.people)] for part, one in self.seen.items()}
        return digest_of([self.content, edits, sorted(finding_keys(self.findings)), answers, seen])


def said_in(one: Answered) -> list[object]:
    """What an answer says, as its digest is made of it."""
    outside = one.outside
    ground = [getattr(outside, name) for name in Outside.__slots__] if outside else []
    return [one.answer, sorted(one.people), one.why, *([ground] if ground else [])]


def digest_of(value: object) -> str:
    """SHA-256 of a value as canonical JSON, in hexadecimal."""
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def text_digest(text: str) -> str:
    """SHA-256 of a text."""
    return hashlib.sha256(text.encode()).hexdigest()


def look_of(part: Part) -> str:
    """The digest of a picture as it goes out: its content with what is blurred and cropped."""
    return digest_of([part.digest, [_place(box) for box in part.blurred], _place(part.crop) if part.crop else ""])


def finding_keys(findings: Iterable[Finding]) -> list[str]:
    """A key for each finding: what was found, in which part, and which of several alike it is, counted from its start.

    A change elsewhere in a text leaves it alone, so that an answer is kept as a suggestion.
    """
    counted: dict[str, int] = {}
    keys = []
    for one in findings:
        place = "" if isinstance(one.where, Span) else _place(one.where)
        base = digest_of([one.part, one.kind, sorted(one.people), one.shown, place])[:24]
        counted[base] = counted.get(base, 0) + 1
        keys.append(f"{base}-{counted[base]}")
    return keys


def keyed(findings: Iterable[Finding], answers: Mapping[str, Answered]) -> dict[str, Answered]:
    """Of some answers those to findings that stand."""
    return {key: answers[key] for key in finding_keys(findings) if key in answers}


def _place(where: Span | Box | Cell) -> str:
    match where:
        case Span(start, end):
            return f"span:{start}:{end}"
        case Box(left, top, width, height):
            return f"box:{left}:{top}:{width}:{height}"
        case Cell(name):
            return f"cell:{name}"
