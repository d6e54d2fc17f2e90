"""The verdict log as one thing: today in SQLite, each older day in a Parquet file, one question over both.

A crash between writing a day's file and deleting its rows leaves both; readers take SQLite first and drop what they
see twice, and the next archiving merges. So a row is at no moment absent and never shown twice.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from darbaza.portal.verdicts.archive import Archive, DamagedDayError
from darbaza.portal.verdicts.rows import Judged, LoggedVerdict, Page, Question, day_bounds, day_of, position
from darbaza.portal.verdicts.today import Accepted, Gap, Reader, TodayLog
from darbaza.portal.verdicts.unruled import Asked

TODAY_FILE = "today.sqlite3"


@dataclass(frozen=True, slots=True)
class Archived:
    """What archiving did: the days moved into files, and those whose file is damaged and needs a person."""

    moved: tuple[date, ...]
    stuck: tuple[date, ...] = ()


class VerdictStore:
    """The log in one directory, its days cut in the school's `zone`."""

    def __init__(self, directory: Path, zone: ZoneInfo, read: Reader) -> None:
        """Use (and make) the log in `directory`; `read` parses a box's line."""
        self.zone = zone
        self._read = read
        self.today = TodayLog(directory / TODAY_FILE)
        self.archive = Archive(directory)

    def append(self, box: str, file: str, first: int, lines: Sequence[str]) -> Accepted | Gap:
        """Store a box's batch once, in order; see `TodayLog.append`."""
        return self.today.append(box, file, first, lines, self._read)

    def ask(self, question: Question) -> Page:
        """The newest rows that satisfy a question, at most `question.limit`, with the days that could not be read."""
        where, parameters = question.where(self.zone)
        wanted = question.limit + 1
        # SQLite before Parquet: a row that archiving moves meanwhile is then in one of them for certain.
        found = self.today.select(where, parameters, wanted)
        unreadable: list[date] = []
        for day in reversed(self.archived(question.first, question.last)):
            if _complete(found, wanted, day_bounds(day, self.zone)[1]):
                break
            try:
                found += self.archive.select([day], where, parameters, wanted)
            except DamagedDayError:
                unreadable.append(day)
        rows = sorted({position(row): row for row in found}.values(), key=position, reverse=True)
        return Page(tuple(rows[: question.limit]), len(rows) > question.limit, tuple(sorted(unreadable)))

    def every(self, question: Question, batch: int = 5000) -> Iterator[LoggedVerdict]:
        """All rows that satisfy a question, newest first, read in pages; for exports."""
        page = self.ask(replace(question, limit=batch))
        while page.rows:
            yield from page.rows
            if not page.more:
                return
            page = self.ask(replace(question, limit=batch, before=position(page.rows[-1])))

    def judged(self, day: date) -> Iterator[list[Judged]]:
        """All rows of a day, each once and in no order, in batches, with what a replay reads of each.

        Raises:
            DamagedDayError: the day's file cannot be read; rows that lie in SQLite may have been given by then.
        """
        bounds = day_bounds(day, self.zone)
        late = self.today.between(*bounds) if day in self.archived(day, day) else []
        if not late:
            yield from self.today.judged(*bounds)
            if self.archived(day, day):
                yield from self.archive.judged(day)
            return
        # A crash left rows in both: that day is merged, as archiving will do.
        merged = {position(row): row for row in [*self.archive.read_day(day), *late]}.values()
        yield [Judged._make(getattr(row, name) for name in Judged._fields) for row in merged]

    def unruled(self, day: date) -> list[Asked]:
        """Hosts of a day that nobody had ruled on, with who asked. Raises DamagedDayError.

        Lines that a crash left in both places count twice as requests until the next archiving, their people once.
        """
        found = {one.host: one for one in self.today.unruled(*day_bounds(day, self.zone))}
        if self.archived(day, day):
            for one in self.archive.unruled(day):
                found[one.host] = found[one.host].plus(one) if one.host in found else one
        return list(found.values())

    def archived(self, first: date, last: date) -> tuple[date, ...]:
        """The archived days of a range, oldest first."""
        return tuple(day for day in self.archive.days() if first <= day <= last)

    def archive_before(self, today: date) -> Archived:
        """Move every day before `today` out of SQLite into its file, merging with what is there.

        A day whose file cannot be read keeps its late lines in SQLite, and does not hold up the other days.
        """
        moved, stuck = [], []
        for day in self._days_before(today):
            rows = self.today.between(*day_bounds(day, self.zone))
            try:
                merged = {position(row): row for row in [*self.archive.read_day(day), *rows]}
            except DamagedDayError:
                stuck.append(day)
                continue
            self.archive.write_day(day, merged.values())
            self.today.forget(rows)
            moved.append(day)
        return Archived(tuple(moved), tuple(stuck))

    def _days_before(self, today: date) -> Iterator[date]:
        """The days before `today` that have rows in SQLite, oldest first."""
        since = self.today.next_instant(0)
        while since is not None and (day := day_of(since, self.zone)) < today:
            yield day
            since = self.today.next_instant(day_bounds(day, self.zone)[1])

    def purge_before(self, day: date) -> tuple[date, ...]:
        """Delete the files of all days before `day`; the days deleted."""
        gone = self.archived(date.min, day - timedelta(days=1))
        for old in gone:
            self.archive.delete_day(old)
        return gone


def _complete(found: Sequence[LoggedVerdict], wanted: int, before_us: int) -> bool:
    """Whether no older day can add to a page: it already holds enough rows that are newer than the day's end."""
    return sum(row.at_us >= before_us for row in found) >= wanted
