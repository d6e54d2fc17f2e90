"""Everything in force: user categories, rooms, schedule, statutory layer, holds, permits and council rulings.

A rulebook is a value. Equal rulebooks encode to equal bytes (`darbaza.snapshot`), so tuples are sorted by whoever
builds one; `decide` does not depend on their order. Intervals are closed at the start and open at the end.
"""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from enum import StrEnum

from darbaza.policy.resource import SeenFile, Target
from darbaza.policy.verdict import Ground

BEGINNING = datetime(1, 1, 1, tzinfo=UTC)
END_OF_TIME = datetime(9999, 12, 31, tzinfo=UTC)


class UserKind(StrEnum):
    """The ways in which the regulation treats people: 2.9 binds students, 2.10 frees staff and nobody else."""

    STUDENT = "student"
    STAFF = "staff"
    GUEST = "guest"


class DefaultRule(StrEnum):
    """What happens to a resource nobody ruled on (2.6, 2.11)."""

    ALLOW_LIST = "allow-list"
    BLOCK_LIST = "block-list"


class Effect(StrEnum):
    """What a council ruling does; `DELEGATE` leaves it to the supervisor of a lesson to open (2.7, 2.8)."""

    ALLOW = "allow"
    DENY = "deny"
    DELEGATE = "delegate"


class PermitKind(StrEnum):
    """What needs a named permission (3.2, 3.3)."""

    OWN_INFORMATION = "own-information"
    EMAIL = "email"
    DOWNLOAD = "download"


class StatutoryScope(StrEnum):
    """Whom a statutory closure binds."""

    STUDENTS = "students"
    EVERYBODY = "everybody"


@dataclass(frozen=True, slots=True)
class UserCategory:
    """A group of people for whom the council rules. A child category is narrower than its parent.

    `default_ground` is the decision that set the default; empty means that no decision was taken and 2.11 applies.
    """

    id: str
    kind: UserKind
    parent: str = ""
    default: DefaultRule = DefaultRule.ALLOW_LIST
    default_ground: Ground | None = None


@dataclass(frozen=True, slots=True)
class Room:
    """A room that an order equipped for internet work (2.5), while that order is in force."""

    id: str
    ground: Ground
    since: datetime = BEGINNING
    until: datetime = END_OF_TIME


@dataclass(frozen=True, slots=True)
class Slot:
    """One weekly slot of the schedule in force (2.4), in the school's own time.

    `weekday` is 0 for Monday; `starts` and `ends` are minutes after midnight, `ends` exclusive; `since` and `until`
    are the first and the last day on which the slot stands, `not_on` days between them from which its lesson was taken.
    `weeks` are the Mondays of the only weeks in which the slot stands, None where it stands in every week: which week
    is which, the school year's calendar says.
    """

    id: str
    room: str
    weekday: int
    starts: int
    ends: int
    ground: Ground
    since: date = date.min
    until: date = date.max
    not_on: tuple[date, ...] = ()
    weeks: tuple[date, ...] | None = None


@dataclass(frozen=True, slots=True)
class DayOff:
    """Days on which no slot stands (2.4): a holiday, a vacation, a day that was closed; both days belong to it.

    `name` is what the school calls it, in its own language.
    """

    id: str
    name: str
    since: date
    until: date
    ground: Ground


@dataclass(frozen=True, slots=True)
class LessonException:
    """A recorded exception from the schedule: a moved lesson, an event, open hours (2.7)."""

    id: str
    room: str
    since: datetime
    until: datetime
    ground: Ground


@dataclass(frozen=True, slots=True)
class StatutoryCategory:
    """A category that law or 3.3 closes; nothing opens it."""

    category: str
    scope: StatutoryScope
    clause: str
    ground: Ground


@dataclass(frozen=True, slots=True)
class StatutoryEntry:
    """A resource closed by the state's register, for everybody, while its entry is in force."""

    target: Target
    ground: Ground
    since: datetime = BEGINNING
    until: datetime = END_OF_TIME


@dataclass(frozen=True, slots=True)
class Hold:
    """A resource reported by accident (3.4) and not yet judged."""

    target: Target
    ground: Ground
    since: datetime = BEGINNING
    until: datetime = END_OF_TIME


@dataclass(frozen=True, slots=True)
class PermitRule:
    """Which category needs which kind of permit, from people of which kinds, by which clause."""

    category: str
    kind: PermitKind
    clause: str
    binds: frozenset[UserKind]


@dataclass(frozen=True, slots=True)
class FileScope:
    """Which files a permission to download is for (3.3): one kind or any (empty), from `least` to `most` bytes.

    `most` is 0 where any size will do. Both are the same where one file was seen and that file is meant.
    """

    kind: str = ""
    least: int = 0
    most: int = 0

    def covers(self, file: SeenFile) -> bool:
        """Whether a file is one of these. One whose size nobody knows is none where a size was said."""
        if self.kind and file.kind != self.kind:
            return False
        return not self.most or (file.size is not None and self.least <= file.size <= self.most)


@dataclass(frozen=True, slots=True)
class Permit:
    """A permission in force (3.2, 3.3): this person, this kind, these targets, this time; of files these, or any.

    One without targets lifts the need for a permission anywhere, but opens nothing that the council closes.
    """

    id: str
    person: str
    kind: PermitKind
    since: datetime
    until: datetime
    ground: Ground
    targets: tuple[Target, ...] = ()
    file: FileScope | None = None


@dataclass(frozen=True, slots=True)
class Ruling:
    """A council decision (2.6) on one resource or one category for one user category: exactly one of both is set."""

    user_category: str
    effect: Effect
    ground: Ground
    target: Target | None = None
    category: str = ""
    since: datetime = BEGINNING
    until: datetime = END_OF_TIME


@dataclass(frozen=True, slots=True)
class Assignment:
    """The classification officer's act (2.13): this target belongs to these categories, whatever lists say.

    Statutory categories that a list gives stay: nothing of the statutory layer is opened by an assignment.
    """

    target: Target
    categories: frozenset[str]
    ground: Ground


@dataclass(frozen=True, slots=True)
class Device:
    """A device the school knows: its address, and the room it stands in or empty.

    `mac` is its network card's address in small letters with colons, or empty; no other card may use `address` then.
    `trusts` says that a certificate of the school is installed on it, so that it can be shown a refusal inside TLS;
    `authorities` are the SHA-256 fingerprints of those that are, in small hex digits; none: any that a box signs with.
    """

    address: str
    room: str = ""
    kind: UserKind = UserKind.STUDENT
    mac: str = ""
    trusts: bool = False
    authorities: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Inspection:
    """A council's decision (2.6) that encrypted pages of these devices are looked into, save those of `spared`."""

    devices: tuple[str, ...]
    ground: Ground
    since: datetime
    until: datetime
    spared: tuple[Target, ...] = ()


@dataclass(frozen=True)
class Rulebook:
    """All that is in force at the school, numbered by `revision`. `zone` is the IANA name of the school's time.

    `acquaintance` is the id of the text that every user must have accepted (2.12); empty where none is asked for.
    """

    revision: int
    school: str
    regulation: str
    zone: str = "Asia/Bishkek"
    user_categories: tuple[UserCategory, ...] = ()
    rooms: tuple[Room, ...] = ()
    devices: tuple[Device, ...] = ()
    slots: tuple[Slot, ...] = ()
    exceptions: tuple[LessonException, ...] = ()
    statutory: tuple[StatutoryCategory, ...] = ()
    register: tuple[StatutoryEntry, ...] = ()
    holds: tuple[Hold, ...] = ()
    permit_rules: tuple[PermitRule, ...] = ()
    permits: tuple[Permit, ...] = ()
    rulings: tuple[Ruling, ...] = ()
    assignments: tuple[Assignment, ...] = ()
    download_suffixes: tuple[str, ...] = field(default=())
    days_off: tuple[DayOff, ...] = ()
    inspections: tuple[Inspection, ...] = ()
    acquaintance: str = ""
