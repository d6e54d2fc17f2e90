"""What one line of the verdict log is, and how a question to the log is put.

A row holds hosts, never paths, and opaque ids, never names. Both databases that keep the log (`today`, `archive`) have
exactly these columns in this order, so that one WHERE clause serves both.
"""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

MICROSECONDS = 1_000_000


class LoggedVerdict(NamedTuple):
    """One verdict as a box gave it: (`box`, `file`, `n`) is its identity, `at_us` microseconds since 1970 UTC.

    `manner` is how the page came to be asked for, where the browser said so (`darbaza.policy.attempts.Manner`).
    """

    box: str
    file: str
    n: int
    reference: str
    at_us: int
    device: str
    person: str
    session: str
    method: str
    host: str
    port: int
    outcome: str
    clause: str
    rank: int
    message: str
    category: str
    ground_kind: str
    ground_ref: str
    ground_entry: str
    revision: int
    epoch: int
    manner: str = ""

    @property
    def at(self) -> datetime:
        """The instant of the verdict, aware, in UTC."""
        return datetime.fromtimestamp(self.at_us / MICROSECONDS, UTC)

    @property
    def allows(self) -> bool:
        """Whether the request passed."""
        return self.outcome == "allow"


COLUMNS = LoggedVerdict._fields
OLDEST_COLUMNS = COLUMNS[: COLUMNS.index("manner")]
"""The columns of a day that was archived before `manner` was recorded."""
INTEGERS = frozenset({"n", "at_us", "port", "rank", "revision", "epoch"})
COLUMN_LIST = ", ".join(COLUMNS)
NEWEST_FIRST = "at_us DESC, box DESC, file DESC, n DESC"


class Judged(NamedTuple):
    """What of a row tells who asked what, when and with what answer: all that a replay reads, a third of a row.

    `rank` and `message` say which rule settled it; the rest is as in `LoggedVerdict`.
    """

    at_us: int
    device: str
    person: str
    session: str
    host: str
    outcome: str
    rank: int
    message: str
    revision: int


JUDGED_LIST = ", ".join(Judged._fields)

Position = tuple[int, str, str, int]
"""Where a page ended: (at_us, box, file, n) of its last row."""


def position(row: LoggedVerdict) -> Position:
    """The place of a row in the log, newest last."""
    return (row.at_us, row.box, row.file, row.n)


def microseconds(at: datetime) -> int:
    """Microseconds since 1970 UTC of an aware instant."""
    delta = at - datetime(1970, 1, 1, tzinfo=UTC)
    return delta // timedelta(microseconds=1)


def day_bounds(day: date, zone: ZoneInfo) -> tuple[int, int]:
    """First microsecond of the school's `day` and the first after it."""
    start = datetime.combine(day, time(), zone)
    end = datetime.combine(day + timedelta(days=1), time(), zone)
    return microseconds(start), microseconds(end)


def day_of(at_us: int, zone: ZoneInfo) -> date:
    """The school's day on which an instant lies."""
    return datetime.fromtimestamp(at_us / MICROSECONDS, zone).date()


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of the log: a range of the school's days (both included) and any of the filters.

    `host` stands for the host and all below it. `persons` None means everybody; an empty tuple means nobody.
    `refused` keeps denials and asks together. `reference` is the eight characters of a refusal page.
    """

    first: date
    last: date
    device: str = ""
    devices: tuple[str, ...] | None = None
    host: str = ""
    outcome: str = ""
    clause: str = ""
    session: str = ""
    category: str = ""
    reference: str = ""
    persons: tuple[str, ...] | None = None
    refused: bool = False
    before: Position | None = None
    limit: int = 100

    def where(self, zone: ZoneInfo) -> tuple[str, list[object]]:
        """The WHERE clause and its parameters, in the SQL that SQLite and DuckDB share. Values are never spliced in."""
        since, until = day_bounds(self.first, zone)[0], day_bounds(self.last, zone)[1]
        clauses, values = ["at_us >= ?", "at_us < ?"], [since, until]
        parameters: list[object] = [*values]
        for column in ("device", "outcome", "clause", "session", "category", "reference"):
            if value := getattr(self, column):
                clauses.append(f"{column} = ?")
                parameters.append(value)
        if self.host:
            clauses.append("(host = ? OR substr(host, ?) = ?)")
            parameters += [self.host, -len(self.host) - 1, "." + self.host]
        if self.refused:
            clauses.append("outcome <> 'allow'")
        for column, among in (("person", self.persons), ("device", self.devices)):
            if among is not None:
                clauses.append(f"{column} IN ({', '.join('?' * len(among))})" if among else "1 = 0")
                parameters += among
        if self.before is not None:
            clauses.append("(at_us, box, file, n) < (?, ?, ?, ?)")
            parameters += self.before
        return " AND ".join(clauses), parameters


@dataclass(frozen=True, slots=True)
class Page:
    """An answer of the log: rows newest first, whether older ones follow, and the days whose file cannot be read."""

    rows: tuple[LoggedVerdict, ...]
    more: bool = False
    unreadable: tuple[date, ...] = field(default=())
