"""What a replay of a draft found, as a value: counts only, no names; kept with the item of the agenda and its minutes.

Replays are made by `darbaza.portal.whatif`; here stands what of one can be read and printed.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any, NamedTuple

CHANGES = ("gained", "lost", "delegated")


class Count(NamedTuple):
    """How many requests, of how many people."""

    requests: int = 0
    people: int = 0


class Row(NamedTuple):
    """What would change for one group, class or host: opened, closed, or left to the teacher of the lesson."""

    name: str
    gained: Count = Count()
    lost: Count = Count()
    delegated: Count = Count()

    @property
    def weight(self) -> int:
        """Requests that would be answered otherwise."""
        return self.gained.requests + self.lost.requests + self.delegated.requests


class Day(NamedTuple):
    """Requests of one day that would be opened, closed, or left to the teacher."""

    day: date
    gained: int = 0
    lost: int = 0
    delegated: int = 0


class Bar(NamedTuple):
    """One day of the chart in units of its drawing: where the bars above and below the line begin, and how long."""

    day: date
    x: int
    up_y: int
    up: int
    down: int


@dataclass(frozen=True, slots=True)
class Result:
    """What a replay found. `watched` are hosts of schools, universities and the state, each with its category.

    `settled` requests were answered by a rule above the council's, `unknown` ones belong to lessons that are kept no
    more, `unlike` ones were answered otherwise then than they would be today.
    """

    first: date
    last: date
    records: int
    settled: int
    unknown: int
    unlike: int
    seconds: float
    total: Row
    groups: tuple[Row, ...]
    classes: tuple[Row, ...]
    hosts: tuple[Row, ...]
    more_hosts: int
    watched: tuple[tuple[str, str], ...]
    days: tuple[Day, ...]
    unreadable: tuple[date, ...] = ()
    pages: int = 0

    @property
    def changes_nothing(self) -> bool:
        """Whether no request would be answered otherwise."""
        return self.total.weight == 0

    @property
    def changed_days(self) -> tuple[Day, ...]:
        """The days on which something would have been answered otherwise."""
        return tuple(one for one in self.days if one.gained or one.lost or one.delegated)

    def to_json(self) -> dict[str, Any]:
        """For a JSON field."""
        plain = asdict(self)
        plain["days"] = [[one.day.isoformat(), one.gained, one.lost, one.delegated] for one in self.days]
        plain |= {name: getattr(self, name).isoformat() for name in ("first", "last")}
        plain["unreadable"] = [day.isoformat() for day in self.unreadable]
        return plain

    @classmethod
    def from_json(cls, plain: Mapping[str, Any]) -> "Result":
        """What `to_json` gave."""
        made = dict(plain)
        made |= {name: date.fromisoformat(plain[name]) for name in ("first", "last")}
        made["total"] = row(plain["total"])
        made |= {name: tuple(row(one) for one in plain[name]) for name in ("groups", "classes", "hosts")}
        made["days"] = tuple(Day(date.fromisoformat(one[0]), *one[1:]) for one in plain["days"])
        made["watched"] = tuple((one[0], one[1]) for one in plain["watched"])
        made["unreadable"] = tuple(date.fromisoformat(day) for day in plain["unreadable"])
        return cls(**made)

    def chart(self) -> "Chart":
        """The chart of the days."""
        return chart_of(self.days)


def row(plain: Sequence[Any]) -> Row:
    """A row from JSON."""
    return Row(plain[0], *(Count(*one) for one in plain[1:]))


STEP, HALF = 24, 60
"""How far apart the days of the chart stand, and the longest bar, in units of its drawing."""


@dataclass(frozen=True, slots=True)
class Chart:
    """Bars by day: what opens stands above the line (with what teachers may open), what closes below it."""

    width: int
    bars: tuple[Bar, ...]
    most: int
    middle: int
    height: int


def chart_of(days: Sequence[Day]) -> Chart:
    """The chart of these days; the longest bar fills its half, and above and below stands no more than bars need."""
    most = max((max(one.gained + one.delegated, one.lost) for one in days), default=0)
    bars = tuple(_bars(days, max(most, 1)))
    middle, below = max((bar.up for bar in bars), default=0), max((bar.down for bar in bars), default=0)
    raised = tuple(bar._replace(up_y=middle - bar.up) for bar in bars)
    return Chart(STEP * max(len(days), 1), raised, most, middle, middle + below + 2)


def _bars(days: Iterable[Day], most: int) -> Iterator[Bar]:
    for number, one in enumerate(days):
        up, down = (-(-count * HALF // most) for count in (one.gained + one.delegated, one.lost))
        yield Bar(one.day, number * STEP + 4, HALF - up, up, down)
