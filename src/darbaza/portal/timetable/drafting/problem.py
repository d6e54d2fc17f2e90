"""What the solver is asked and what it answers: values that travel as JSON between two processes.

Weekdays count from Monday as 0, times are minutes after midnight in the school's time, ends are exclusive.
"""

from enum import StrEnum

import msgspec


class Period(msgspec.Struct, frozen=True, order=True):
    """One place of the bells: a lesson number of a shift on a weekday."""

    weekday: int
    starts: int
    ends: int
    shift: int
    number: int


class Demand(msgspec.Struct, frozen=True):
    """Lessons a week that were asked for and accepted. `rooms` are those that may serve, `wish_…` what is wished.

    `minutes` is the time at the screen in one lesson; `grouped` says that no room has places for the whole class.
    """

    id: int
    school_class: str
    teacher: str
    shift: int
    lessons: int
    minutes: int
    rooms: tuple[str, ...]
    grouped: bool = False
    wish_room: str = ""
    wish_weekday: int | None = None
    wish_number: int | None = None


class Kept(msgspec.Struct, frozen=True):
    """A lesson that stands in the draft already; the solver works around it."""

    school_class: str
    teacher: str
    room: str
    weekday: int
    starts: int
    ends: int
    minutes: int


class Problem(msgspec.Struct, frozen=True):
    """Everything the solver knows. `day_minutes` is the most that a class may sit at a screen in a day."""

    periods: tuple[Period, ...]
    demands: tuple[Demand, ...]
    kept: tuple[Kept, ...] = ()
    day_minutes: dict[str, int] = {}


class Placed(msgspec.Struct, frozen=True, order=True):
    """One lesson of a demand, put into a room at a period."""

    demand: int
    period: Period
    room: str


class Blocker(StrEnum):
    """Why a place can't be had."""

    CLASS = "class"
    TEACHER = "teacher"
    SCREEN = "screen"
    SAME_DAY = "same-day"
    ROOM = "room"
    OTHERS = "others"
    NO_PERIOD = "no-period"


class Wish(StrEnum):
    """What a teacher may wish beyond the lessons themselves."""

    ROOM = "room"
    WEEKDAY = "weekday"
    NUMBER = "number"


class Missing(msgspec.Struct, frozen=True):
    """Lessons of a demand that found no place, with how many places each blocker took."""

    demand: int
    lessons: int
    blockers: dict[Blocker, int]


class Unkept(msgspec.Struct, frozen=True):
    """A wish that a placed lesson does not keep, with what stood at the places that would have kept it."""

    demand: int
    wish: Wish
    lessons: int
    blockers: dict[Blocker, int]


class Drafted(msgspec.Struct, frozen=True):
    """The answer. `proven` says that no better draft exists; otherwise the time was up."""

    placed: tuple[Placed, ...]
    missing: tuple[Missing, ...]
    unkept: tuple[Unkept, ...]
    proven: bool
    seconds: float


def overlap(one: Period | Kept, other: Period | Kept) -> bool:
    """Whether two stretches of the week share a minute."""
    return one.weekday == other.weekday and one.starts < other.ends and other.starts < one.ends


def most_a_day(problem: Problem, demand: Demand) -> int:
    """How many lessons of one demand may stand on one day: as few as its lessons can be spread over the week."""
    days = len({period.weekday for period in problem.periods if period.shift == demand.shift}) or 1
    return -(-demand.lessons // days)
