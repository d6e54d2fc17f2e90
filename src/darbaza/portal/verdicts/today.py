"""Today's part of the verdict log: one SQLite file of its own, written by boxes' batches and read by everybody.

A batch is one transaction that also moves the box's progress mark, so a batch sent twice changes nothing, and a batch
that skips lines is refused. It is not the portal's main database: a busy class must never make a governance act wait.
"""

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from darbaza.portal.verdicts.rows import (
    COLUMN_LIST,
    COLUMNS,
    INTEGERS,
    JUDGED_LIST,
    NEWEST_FIRST,
    Judged,
    LoggedVerdict,
)
from darbaza.portal.verdicts.unruled import NOT_RULED_ON, QUERY, Asked, gathered

_TABLE = ", ".join(f"{column} {'INTEGER' if column in INTEGERS else 'TEXT'} NOT NULL" for column in COLUMNS)
_ADDED = "ALTER TABLE verdict ADD COLUMN manner TEXT NOT NULL DEFAULT ''"
"""For a file that was begun before `manner` was recorded."""
_INDEX_OF_OPENED = "CREATE INDEX IF NOT EXISTS verdict_opened ON verdict (session, at_us) WHERE manner <> ''"
SCHEMA = f"""
CREATE TABLE IF NOT EXISTS verdict (id INTEGER PRIMARY KEY AUTOINCREMENT, {_TABLE}, UNIQUE (box, file, n));
CREATE INDEX IF NOT EXISTS verdict_at ON verdict (at_us);
CREATE INDEX IF NOT EXISTS verdict_person ON verdict (person, at_us);
CREATE INDEX IF NOT EXISTS verdict_session ON verdict (session, id);
CREATE INDEX IF NOT EXISTS verdict_reference ON verdict (reference);
CREATE TABLE IF NOT EXISTS progress (
    box TEXT NOT NULL, file TEXT NOT NULL, acked INTEGER NOT NULL, PRIMARY KEY (box, file)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS damaged (
    box TEXT NOT NULL, file TEXT NOT NULL, n INTEGER NOT NULL, line TEXT NOT NULL, why TEXT NOT NULL,
    PRIMARY KEY (box, file, n)) WITHOUT ROWID;
"""
BATCH = 5000
"""Rows that a replay takes at once."""
_INSERT = f"INSERT INTO verdict ({COLUMN_LIST}) VALUES ({', '.join('?' * len(COLUMNS))})"  # noqa: S608 - our names
_SELECT = f"SELECT {COLUMN_LIST} FROM verdict WHERE "  # noqa: S608 - column names are ours

Reader = Callable[[str, str, int, str], LoggedVerdict]
"""Makes a row of (box, file, n, line); raises ValueError if the line is damaged."""


@dataclass(frozen=True, slots=True)
class Accepted:
    """A batch was stored, or had been before: everything up to `acked` of that file is safe."""

    acked: int


@dataclass(frozen=True, slots=True)
class Gap:
    """A batch was refused because lines before it are missing: send from `expected` on."""

    expected: int


@dataclass(frozen=True, slots=True)
class SeatSummary:
    """What one device did in one supervised session: its latest host, and its refusals with the latest one's clause,
    category and reference."""

    device: str
    host: str
    verdicts: int
    refusals: int
    clause: str
    refused_last: bool
    category: str = ""
    reference: str = ""


class TodayLog:
    """The SQLite file. Every method opens its own connection, so any thread and any process may call it."""

    def __init__(self, path: Path) -> None:
        """Use (and make, with its directory) the file at `path`."""
        self.path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        with self._connected() as connection:
            connection.executescript(SCHEMA)
        with self._writing() as connection:  # whoever opens an older file at the same time waits here
            if "manner" not in {row[1] for row in connection.execute("PRAGMA table_info(verdict)")}:
                connection.execute(_ADDED)
            connection.execute(_INDEX_OF_OPENED)

    @contextmanager
    def _connected(self) -> Iterator[sqlite3.Connection]:
        connection = sqlite3.connect(self.path, timeout=20, isolation_level=None)
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = FULL")  # an acknowledged line survives a power cut
            yield connection
        finally:
            connection.close()

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        with self._connected() as connection:
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
            except BaseException:
                connection.rollback()
                raise
            connection.commit()

    def append(self, box: str, file: str, first: int, lines: Sequence[str], read: Reader) -> Accepted | Gap:
        """Store the lines numbered from `first`; those stored before are ignored, missing ones make a `Gap`.

        A damaged line is kept beside the log as it came: refusing it would stop the box's log for ever.
        """
        if first < 1:
            raise ValueError(f"first line `{first}` of `{file}` must be at least 1")
        with self._writing() as connection:
            acked = _acked(connection, box, file)
            if first > acked + 1:
                return Gap(acked + 1)
            fresh = [(first + i, line) for i, line in enumerate(lines) if first + i > acked]
            if not fresh:
                return Accepted(acked)
            _store(connection, box, file, fresh, read)
            last = fresh[-1][0]
            connection.execute("INSERT OR REPLACE INTO progress VALUES (?, ?, ?)", (box, file, last))
            return Accepted(last)

    def acked(self, box: str, file: str) -> int:
        """How many lines of a box's file are safe."""
        with self._connected() as connection:
            return _acked(connection, box, file)

    def select(self, where: str, parameters: Sequence[object], limit: int) -> list[LoggedVerdict]:
        """Rows that satisfy a clause, newest first."""
        with self._connected() as connection:
            query = f"{_SELECT}{where} ORDER BY {NEWEST_FIRST} LIMIT {limit:d}"
            return [LoggedVerdict._make(row) for row in connection.execute(query, tuple(parameters))]

    def last_id(self) -> int:
        """The number of the newest row ever stored; what a live screen remembers."""
        with self._connected() as connection:
            row = connection.execute("SELECT seq FROM sqlite_sequence WHERE name = 'verdict'").fetchone()
            return int(row[0]) if row else 0

    def after(self, last_id: int, session: str, limit: int = 5000) -> list[tuple[int, LoggedVerdict]]:
        """The rows of one supervised session that came after `last_id`, oldest first, with their numbers."""
        query = f"SELECT id, {COLUMN_LIST} FROM verdict WHERE session = ? AND id > ? ORDER BY id LIMIT ?"  # noqa: S608
        with self._connected() as connection:
            found = connection.execute(query, (session, last_id, limit)).fetchall()
        return [(int(row[0]), LoggedVerdict._make(row[1:])) for row in found]

    def opened(self, session: str, since_us: int) -> list[LoggedVerdict]:
        """The rows of a session from an instant on of which the browser said how they came to be, oldest first."""
        query = f"{_SELECT}session = ? AND at_us >= ? AND manner <> '' ORDER BY at_us, id"
        with self._connected() as connection:
            return [LoggedVerdict._make(row) for row in connection.execute(query, (session, since_us))]

    def summary(self, session: str, until_id: int) -> list[SeatSummary]:
        """Each device of a session up to row `until_id`."""
        query = """
            SELECT device, count(*), sum(outcome <> 'allow'), max(id), max(CASE WHEN outcome <> 'allow' THEN id END)
            FROM verdict WHERE session = ? AND id <= ? GROUP BY device"""
        named = "SELECT host, clause, category, reference FROM verdict WHERE id = ?"
        with self._connected() as connection:
            found = []
            for device, verdicts, refusals, newest, refused in connection.execute(
                query, (session, until_id)
            ).fetchall():
                host = connection.execute(named, (newest,)).fetchone()[0]
                why = connection.execute(named, (refused,)).fetchone()[1:] if refused else ("", "", "")
                clause, category, reference = why
                counts = (int(verdicts), int(refusals))
                found.append(SeatSummary(device, host, *counts, clause, newest == refused, category, reference))
            return found

    def damaged(self) -> int:
        """How many damaged lines boxes have sent."""
        with self._connected() as connection:
            return int(connection.execute("SELECT count(*) FROM damaged").fetchone()[0])

    def next_instant(self, since: int) -> int | None:
        """The earliest instant held here from `since` on, in microseconds, or None if there is none."""
        with self._connected() as connection:
            found = connection.execute("SELECT min(at_us) FROM verdict WHERE at_us >= ?", (since,)).fetchone()[0]
            return None if found is None else int(found)

    def between(self, since: int, until: int) -> list[LoggedVerdict]:
        """All rows of a span, oldest first."""
        with self._connected() as connection:
            query = f"{_SELECT}at_us >= ? AND at_us < ? ORDER BY at_us, box, file, n"
            return [LoggedVerdict._make(row) for row in connection.execute(query, (since, until))]

    def judged(self, since: int, until: int) -> Iterator[list[Judged]]:
        """All rows of a span in no order, in batches, with what a replay reads of each."""
        query = f"SELECT {JUDGED_LIST} FROM verdict WHERE at_us >= ? AND at_us < ?"  # noqa: S608 - our names
        with self._connected() as connection:
            found = connection.execute(query, (since, until))
            while rows := found.fetchmany(BATCH):
                yield [Judged._make(row) for row in rows]

    def unruled(self, since: int, until: int) -> list[Asked]:
        """Hosts of a span that nobody had ruled on."""
        with self._connected() as connection:
            query = QUERY.format("verdict", "AND at_us >= ? AND at_us < ?")
            return gathered(connection.execute(query, (NOT_RULED_ON, since, until)))

    def forget(self, rows: Sequence[LoggedVerdict]) -> None:
        """Delete exactly these rows: they stand in an archive file now. Lines that came meanwhile stay."""
        with self._writing() as connection:
            identities = [(row.box, row.file, row.n) for row in rows]
            connection.executemany("DELETE FROM verdict WHERE box = ? AND file = ? AND n = ?", identities)


def _acked(connection: sqlite3.Connection, box: str, file: str) -> int:
    row = connection.execute("SELECT acked FROM progress WHERE box = ? AND file = ?", (box, file)).fetchone()
    return int(row[0]) if row else 0


def _store(connection: sqlite3.Connection, box: str, file: str, fresh: Sequence[tuple[int, str]], read: Reader) -> None:
    rows = []
    for n, line in fresh:
        try:
            rows.append(read(box, file, n, line))
        except ValueError as error:
            connection.execute("INSERT INTO damaged VALUES (?, ?, ?, ?, ?)", (box, file, n, line, str(error)))
    connection.executemany(_INSERT, rows)
