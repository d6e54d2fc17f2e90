"""Allow, Deny or Ask: what the policy core answers, and what the answer rests on."""

from dataclasses import dataclass
from enum import IntEnum, StrEnum


class Rank(IntEnum):
    """Which rule of decision settled the matter; the first that applies wins (docs/architecture.md)."""

    STATUTORY = 1
    HELD = 2
    SUPERVISION = 3
    PLACE_AND_TIME = 4
    LESSON = 5
    PERMIT = 6
    RULING = 7
    DEFAULT = 8


class GroundKind(StrEnum):
    """What kind of act or fact a verdict rests on."""

    REGULATION = "regulation"
    DECISION = "decision"
    ORDER = "order"
    PERMIT = "permit"
    LIST = "list"
    REGISTER = "register"
    REPORT = "report"
    SCHEDULE = "schedule"
    LESSON = "lesson"


@dataclass(frozen=True, slots=True)
class Ground:
    """The act behind a verdict: `ref` is its number as people cite it, `entry` the line of a list that matched.

    `date` is the act's ISO date, or empty where the ground is no dated act.
    """

    kind: GroundKind
    ref: str
    date: str = ""
    entry: str = ""

    def __str__(self) -> str:
        """`decision 2026-14 (2026-09-01)`, for logs and the command line."""
        entry = f": {self.entry}" if self.entry else ""
        date = f" ({self.date})" if self.date else ""
        return f"{self.kind} {self.ref}{date}{entry}"


REGULATION = Ground(GroundKind.REGULATION, "")
"""The clause itself is the ground: no act adds to it."""


class Message(StrEnum):
    """The sentence a reader is shown; translated where it is displayed, never here."""

    STATUTORY_CATEGORY = "statutory-category"
    STATE_REGISTER = "state-register"
    UNREADABLE_ADDRESS = "unreadable-address"
    ADDRESS_LITERAL = "address-literal"
    NAME_MISMATCH = "name-mismatch"
    NAME_MISSING = "name-missing"
    NAME_HIDDEN = "name-hidden"
    UNSAFE_SEARCH = "unsafe-search"
    METHOD_REFUSED = "method-refused"
    PORT_REFUSED = "port-refused"
    PROTOCOL_REFUSED = "protocol-refused"
    MORE_REFUSED = "more-refused"
    PRIVATE_DESTINATION = "private-destination"
    HELD = "held"
    NO_LESSON = "no-lesson"
    SIGN_IN_FIRST = "sign-in-first"
    STAFF_SIGN_IN_FIRST = "staff-sign-in-first"
    ACQUAINT_FIRST = "acquaint-first"
    SUPERVISOR_AWAY = "supervisor-away"
    ROOM_NOT_EQUIPPED = "room-not-equipped"
    DAY_OFF = "day-off"
    NOT_SCHEDULED = "not-scheduled"
    PAUSED = "paused"
    TIME_IS_UP = "time-is-up"
    DENIED_FOR_LESSON = "denied-for-lesson"
    OUTSIDE_SCENE = "outside-scene"
    OPENED_FOR_LESSON = "opened-for-lesson"
    NEEDS_PERMIT = "needs-permit"
    OTHER_FILE = "other-file"
    PERMITTED = "permitted"
    RULED_ALLOWED = "ruled-allowed"
    RULED_DENIED = "ruled-denied"
    TEACHER_MAY_OPEN = "teacher-may-open"
    NOT_RULED_ON = "not-ruled-on"
    NOT_DENIED = "not-denied"


FOR_A_PERMIT = frozenset({Message.NEEDS_PERMIT, Message.OTHER_FILE})
"""What a permission could lift."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer for one access request: who may pass, by which clause, on what ground.

    `clause` is a number of the clause register, `category` the resource category that settled it or empty.
    """

    clause: str
    ground: Ground
    rank: Rank
    message: Message
    category: str = ""

    @property
    def outcome(self) -> str:
        """`allow`, `deny` or `ask`, as logs and pages write it."""
        return type(self).__name__.lower()

    @property
    def allows(self) -> bool:
        """Whether the request passes; only an `Allow` does."""
        return isinstance(self, Allow)


@dataclass(frozen=True, slots=True)
class Allow(Verdict):
    """The request passes."""


@dataclass(frozen=True, slots=True)
class Deny(Verdict):
    """The request is refused."""


@dataclass(frozen=True, slots=True)
class Ask(Verdict):
    """The request is refused, and a permit (3.2, 3.3) could lift the refusal."""
