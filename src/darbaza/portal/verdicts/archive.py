"""The older days of the verdict log: one Parquet file a day, written and read by an in-memory DuckDB.

A day is deleted by deleting its file. Rows reach DuckDB through Python, because its SQLite reader is a download; no
extension is ever loaded from outside, and no text of a row is ever part of a statement.
"""

import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import duckdb

from darbaza.portal.verdicts.rows import (
    COLUMNS,
    INTEGERS,
    JUDGED_LIST,
    NEWEST_FIRST,
    OLDEST_COLUMNS,
    Judged,
    LoggedVerdict,
)
from darbaza.portal.verdicts.unruled import NOT_RULED_ON, QUERY, Asked, gathered

BATCH = 5000
SETTINGS: dict[str, str | bool | int | float | list[str]] = {
    "threads": 1,
    "memory_limit": "512MB",
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
}
_TABLE = ", ".join(f"{column} {'BIGINT' if column in INTEGERS else 'VARCHAR'}" for column in COLUMNS)


class DamagedDayError(Exception):
    """A day's file cannot be read; the message names it."""


class Archive:
    """The directory of daily Parquet files."""

    def __init__(self, directory: Path) -> None:
        """Use (and make) the directory."""
        self.directory = directory
        directory.mkdir(parents=True, exist_ok=True)

    def path(self, day: date) -> Path:
        """Where a day's file lies."""
        return self.directory / f"{day.isoformat()}.parquet"

    def days(self) -> tuple[date, ...]:
        """The days that have a file, oldest first."""
        return tuple(sorted(date.fromisoformat(path.stem) for path in self.directory.glob("????-??-??.parquet")))

    def read_day(self, day: date) -> list[LoggedVerdict]:
        """All rows of a day, oldest first; none if it has no file."""
        return self.select([day], "1 = 1", [], None)[::-1]

    def select(
        self, days: Sequence[date], where: str, parameters: Sequence[object], limit: int | None
    ) -> list[LoggedVerdict]:
        """Rows of these days that satisfy a clause, newest first; `limit` None means all.

        Raises:
            DamagedDayError: a file is there and cannot be read.
        """
        files = [str(self.path(day)) for day in days if self.path(day).exists()]
        if not files:
            return []
        tail = f" LIMIT {limit:d}" if limit is not None else ""
        try:
            with _memory() as connection:
                rows = f"SELECT {_columns(connection, files)} FROM read_parquet(?, union_by_name = true)"  # noqa: S608
                query = f"{rows} WHERE {where} ORDER BY {NEWEST_FIRST}{tail}"
                found = connection.execute(query, [files, *parameters]).fetchall()
        except duckdb.Error as error:
            raise DamagedDayError(f"log of `{', '.join(map(str, days))}` cannot be read: {error}") from error
        return [LoggedVerdict._make(row) for row in found]

    def judged(self, day: date) -> Iterator[list[Judged]]:
        """All rows of a day in no order, in batches, with what a replay reads of each.

        Raises:
            DamagedDayError: the file cannot be read.
        """
        query = f"SELECT {JUDGED_LIST} FROM read_parquet(?)"  # noqa: S608 - column names are ours
        try:
            with _memory() as connection:
                found = connection.execute(query, [str(self.path(day))])
                while rows := found.fetchmany(BATCH):
                    yield [Judged._make(row) for row in rows]
        except duckdb.Error as error:
            raise DamagedDayError(f"log of `{day}` cannot be read: {error}") from error

    def unruled(self, day: date) -> list[Asked]:
        """Hosts of a day that nobody had ruled on. Raises DamagedDayError if the file cannot be read."""
        try:
            with _memory() as connection:
                found = connection.execute(
                    QUERY.format("read_parquet(?)", ""), [str(self.path(day)), NOT_RULED_ON]
                ).fetchall()
        except duckdb.Error as error:
            raise DamagedDayError(f"log of `{day}` cannot be read: {error}") from error
        return gathered(found)

    def write_day(self, day: date, rows: Iterable[LoggedVerdict]) -> None:
        """Replace a day's file by these rows, whole or not at all, and durable when this returns."""
        final = self.path(day)
        draft = final.with_suffix(f".{os.getpid()}.draft")
        try:
            with _memory() as connection:
                connection.execute(f"CREATE TABLE verdict ({_TABLE})")
                _feed(connection, sorted(rows, key=lambda row: (row.at_us, row.box, row.file, row.n)))
                connection.execute("COPY verdict TO " + _quoted(draft) + " (FORMAT parquet, COMPRESSION zstd)")
            _sync(draft)
            draft.replace(final)
            _sync(self.directory)
        finally:
            draft.unlink(missing_ok=True)

    def delete_day(self, day: date) -> None:
        """Delete a day."""
        self.path(day).unlink(missing_ok=True)


@contextmanager
def _memory() -> Iterator[duckdb.DuckDBPyConnection]:
    connection = duckdb.connect(":memory:", config=SETTINGS)
    try:
        yield connection
    finally:
        connection.close()


def _columns(connection: duckdb.DuckDBPyConnection, files: Sequence[str]) -> str:
    """What is read of some files: days from before a column was recorded hold an empty text in its place."""
    described = "DESCRIBE SELECT * FROM read_parquet(?, union_by_name = true)"
    there = {str(row[0]) for row in connection.execute(described, [files]).fetchall()}
    late = [column for column in COLUMNS if column not in OLDEST_COLUMNS]
    read = [f"coalesce({column}, '') AS {column}" if column in there else f"'' AS {column}" for column in late]
    return ", ".join([*OLDEST_COLUMNS, *read])


def _feed(connection: duckdb.DuckDBPyConnection, rows: Sequence[LoggedVerdict]) -> None:
    """Insert by columns: a hundred thousand rows a second, where row by row it would be a thousand."""
    insert = "INSERT INTO verdict SELECT " + ", ".join(["unnest(?)"] * len(COLUMNS))
    for start in range(0, len(rows), BATCH):
        connection.execute(insert, [list(column) for column in zip(*rows[start : start + BATCH], strict=True)])


def _quoted(path: Path) -> str:
    """A path as an SQL literal: COPY takes no parameter for its target."""
    return "'" + str(path).replace("'", "''") + "'"


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
