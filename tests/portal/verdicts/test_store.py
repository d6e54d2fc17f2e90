"""The verdict log's store: once, in order, whole, and never shown twice."""

import sqlite3
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import duckdb
import pytest

from darbaza.portal.verdicts.archive import Archive
from darbaza.portal.verdicts.rows import LoggedVerdict, Question, microseconds
from darbaza.portal.verdicts.store import VerdictStore
from darbaza.portal.verdicts.today import Accepted, Gap

BISHKEK = ZoneInfo("Asia/Bishkek")
TODAY = date(2026, 11, 23)
NINE = datetime(2026, 11, 23, 9, tzinfo=BISHKEK)


def read(box: str, file: str, n: int, line: str) -> LoggedVerdict:
    """A line of these tests: `hours before nine|host|outcome|person|device`."""
    hours, host, outcome, person, device = line.split("|")
    at = NINE.astimezone(UTC) - timedelta(hours=int(hours))
    return LoggedVerdict(
        box, file, n, f"REF{n:05d}", microseconds(at), device, person, "L1", "GET", host, 80, outcome,
        "2.6", 7, "ruled-denied", "games", "decision", "2026-14", "", 3, 9,
    )  # fmt: skip


@pytest.fixture
def store(tmp_path: Path) -> VerdictStore:
    return VerdictStore(tmp_path / "log", BISHKEK, read)


def line(hours: int = 0, host: str = "oyun.test", outcome: str = "deny", person: str = "bek") -> str:
    return f"{hours}|{host}|{outcome}|{person}|127.0.1.5"


def hosts(store: VerdictStore, **filters: object) -> list[str]:
    question = Question(first=date(2026, 11, 1), last=TODAY, **filters)  # type: ignore[arg-type] - a test's keywords
    return [row.host for row in store.ask(question).rows]


def test_a_batch_sent_twice_is_stored_once(store: VerdictStore) -> None:
    assert store.append("b", "f", 1, [line(), line(host="kumar.test")]) == Accepted(2)
    assert store.append("b", "f", 1, [line(), line(host="kumar.test")]) == Accepted(2)
    assert sorted(hosts(store)) == ["kumar.test", "oyun.test"]


def test_an_overlapping_batch_adds_only_its_new_lines(store: VerdictStore) -> None:
    store.append("b", "f", 1, [line(), line()])
    assert store.append("b", "f", 2, [line(), line(host="new.test")]) == Accepted(3)
    assert hosts(store).count("oyun.test") == 2
    assert hosts(store).count("new.test") == 1


@pytest.mark.bypass("X07")
def test_a_gap_is_refused_and_says_where_to_go_on(store: VerdictStore) -> None:
    store.append("b", "f", 1, [line()])
    assert store.append("b", "f", 3, [line()]) == Gap(2)
    assert len(hosts(store)) == 1


def test_boxes_and_files_are_counted_apart(store: VerdictStore) -> None:
    store.append("b", "f", 1, [line()])
    assert store.append("b", "g", 1, [line()]) == Accepted(1)
    assert store.append("c", "f", 1, [line()]) == Accepted(1)
    assert len(hosts(store)) == 3


@pytest.mark.bypass("X02")
def test_a_damaged_line_is_kept_aside_and_holds_nothing_up(store: VerdictStore) -> None:
    assert store.append("b", "f", 1, [line(), "torn", line(host="after.test")]) == Accepted(3)
    assert sorted(hosts(store)) == ["after.test", "oyun.test"]
    assert store.today.damaged() == 1


@pytest.mark.bypass("X07")
def test_a_crash_within_a_batch_stores_nothing_of_it(store: VerdictStore, tmp_path: Path) -> None:
    def dies(box: str, file: str, n: int, text: str) -> LoggedVerdict:
        if n == 2:
            raise MemoryError
        return read(box, file, n, text)

    dying = VerdictStore(tmp_path / "log", BISHKEK, dies)
    with pytest.raises(MemoryError):
        dying.append("b", "f", 1, [line(), line()])
    assert hosts(store) == []
    assert store.append("b", "f", 1, [line(), line()]) == Accepted(2)


def test_older_days_move_to_one_file_each_and_answer_as_before(store: VerdictStore) -> None:
    store.append("b", "f", 1, [line(hours) for hours in (0, 1, 10, 30, 60)])
    before = store.ask(Question(date(2026, 11, 1), TODAY)).rows
    assert store.archive_before(TODAY).moved == (date(2026, 11, 20), date(2026, 11, 22))
    assert store.ask(Question(date(2026, 11, 1), TODAY)).rows == before
    assert [path.name for path in sorted(store.archive.directory.glob("*.parquet"))] == [
        "2026-11-20.parquet",
        "2026-11-22.parquet",
    ]


def test_a_day_is_cut_at_the_schools_midnight(store: VerdictStore) -> None:
    store.append("b", "f", 1, [line(8), line(10)])  # 01:00 on the 23rd and 23:00 on the 22nd in Bishkek
    store.archive_before(TODAY)
    assert store.archive.days() == (date(2026, 11, 22),)
    assert len(store.ask(Question(TODAY, TODAY)).rows) == 1
    assert len(store.ask(Question(date(2026, 11, 22), date(2026, 11, 22))).rows) == 1


@pytest.mark.bypass("X07")
def test_a_crash_between_file_and_deletion_shows_no_row_twice(
    store: VerdictStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.append("b", "f", 1, [line(30), line(31)])
    monkeypatch.setattr(store.today, "forget", _crash)
    with pytest.raises(KeyboardInterrupt):
        store.archive_before(TODAY)
    assert store.archive.days() == (date(2026, 11, 22),)
    assert len(hosts(store)) == 2
    monkeypatch.undo()
    store.archive_before(TODAY)
    assert len(hosts(store)) == 2
    assert store.today.next_instant(0) is None


def _crash(_rows: object) -> None:
    raise KeyboardInterrupt


def test_a_crash_while_writing_leaves_no_half_file(store: VerdictStore, monkeypatch: pytest.MonkeyPatch) -> None:
    store.append("b", "f", 1, [line(30)])
    monkeypatch.setattr("darbaza.portal.verdicts.archive._sync", _crash)
    with pytest.raises(KeyboardInterrupt):
        store.archive_before(TODAY)
    assert list(store.archive.directory.glob("*.draft")) == []
    assert store.archive.days() == ()
    assert len(hosts(store)) == 1


def test_late_lines_join_their_day(store: VerdictStore) -> None:
    store.append("b", "f", 1, [line(30)])
    store.archive_before(TODAY)
    store.append("b", "f", 2, [line(31, host="late.test")])
    assert sorted(hosts(store)) == ["late.test", "oyun.test"]
    store.archive_before(TODAY)
    assert sorted(hosts(store)) == ["late.test", "oyun.test"]


def test_a_damaged_day_is_named_and_the_others_answer(store: VerdictStore) -> None:
    store.append("b", "f", 1, [line(30), line(60, host="older.test"), line(0, host="now.test")])
    moved = store.archive_before(TODAY).moved
    store.archive.path(moved[-1]).write_bytes(b"PAR1 not a parquet file")
    page = store.ask(Question(date(2026, 11, 1), TODAY))
    assert page.unreadable == (moved[-1],)
    assert sorted(row.host for row in page.rows) == ["now.test", "older.test"]


def test_a_damaged_day_keeps_its_late_lines_and_holds_up_no_other(store: VerdictStore) -> None:
    store.append("b", "f", 1, [line(60)])
    (damaged,) = store.archive_before(TODAY).moved
    store.archive.path(damaged).write_bytes(b"junk")
    store.append("b", "f", 2, [line(60, host="late.test"), line(30, host="other.test")])
    done = store.archive_before(TODAY)
    assert done.stuck == (damaged,)
    assert len(done.moved) == 1
    assert sorted(hosts(store)) == ["late.test", "other.test"]


def test_a_day_is_deleted_by_deleting_its_file(store: VerdictStore) -> None:
    store.append("b", "f", 1, [line(30), line(60)])
    older, newer = store.archive_before(TODAY).moved
    assert store.purge_before(newer) == (older,)
    assert store.archive.days() == (newer,)
    assert len(hosts(store)) == 1


HOSTILE = [
    "a'; DROP TABLE verdict; --",
    'b" OR 1=1',
    "<script>alert(1)</script>.test",
    "=cmd|' /C calc'!A0",
    "ноль\x00",
    "c\n\r\t,;",
]


@pytest.mark.bypass("X03")
@pytest.mark.parametrize("host", [host.replace("|", "!") for host in HOSTILE])
def test_hostile_text_is_only_text_today_and_archived(store: VerdictStore, host: str) -> None:
    store.append("b", "f", 1, [line(30, host=host), line(31)])
    assert hosts(store, host=host) == [host]
    store.archive_before(TODAY)
    assert hosts(store, host=host) == [host]
    assert len(hosts(store)) == 2


FILTERS: list[tuple[dict[str, object], int]] = [
    ({"host": "oyun.test"}, 2),
    ({"host": "yun.test"}, 0),
    ({"outcome": "allow"}, 1),
    ({"refused": True}, 2),
    ({"persons": ("aida",)}, 1),
    ({"persons": ()}, 0),
    ({"device": "127.0.1.5"}, 3),
    ({"device": "127.0.1.6"}, 0),
    ({"clause": "2.6"}, 3),
    ({"session": "L2"}, 0),
    ({"reference": "REF00001"}, 1),
    ({"limit": 2}, 2),
]


@pytest.mark.parametrize(("filters", "count"), FILTERS)
@pytest.mark.parametrize("hours", [0, 30])
def test_filters_answer_alike_today_and_archived(
    store: VerdictStore, filters: dict[str, object], count: int, hours: int
) -> None:
    lines = [line(hours), line(hours, host="deep.oyun.test", outcome="ask"), line(hours, "kitep.test", "allow", "aida")]
    store.append("b", "f", 1, lines)
    store.archive_before(TODAY)
    assert len(hosts(store, **filters)) == count


def test_pages_go_through_everything_once(store: VerdictStore) -> None:
    store.append("b", "f", 1, [line(hour % 70, host=f"h{hour}.test") for hour in range(200)])
    store.archive_before(TODAY)
    every = [row.host for row in store.every(Question(date(2026, 11, 1), TODAY), batch=7)]
    assert len(every) == 200
    assert len(set(every)) == 200


def test_a_session_is_summed_up_by_device(store: VerdictStore) -> None:
    store.append("b", "f", 1, [line(), line(host="kitep.test", outcome="allow")])
    (seat,) = store.today.summary("L1", store.today.last_id())
    assert (seat.host, seat.verdicts, seat.refusals, seat.clause) == ("kitep.test", 2, 1, "2.6")
    assert [row.host for _, row in store.today.after(1, "L1")] == ["kitep.test"]


def test_numbers_of_rows_never_come_back_after_archiving(store: VerdictStore) -> None:
    store.append("b", "f", 1, [line(30), line(31)])
    store.archive_before(TODAY)
    store.append("b", "f", 3, [line()])
    assert store.today.last_id() == 3


def test_another_process_may_read_while_a_batch_is_written(store: VerdictStore) -> None:
    store.append("b", "f", 1, [line()])
    writer = sqlite3.connect(store.today.path, isolation_level=None)
    writer.execute("BEGIN IMMEDIATE")
    try:
        assert len(hosts(store)) == 1
    finally:
        writer.rollback()
        writer.close()


def test_an_empty_archive_answers_nothing(tmp_path: Path) -> None:
    assert Archive(tmp_path).read_day(TODAY) == []


OLD = "DROP INDEX verdict_opened; ALTER TABLE verdict DROP COLUMN manner"


def test_a_log_from_before_manners_were_recorded_is_read_and_gone_on_with(store: VerdictStore) -> None:
    store.append("b", "f", 1, [line(hours=30), line()])
    store.archive_before(TODAY)
    with sqlite3.connect(store.today.path) as connection:
        connection.executescript(OLD)
    path = str(store.archive.path(date(2026, 11, 22)))
    duckdb.read_parquet(path).project("* EXCLUDE (manner)").write_parquet(f"{path}.old")
    Path(f"{path}.old").replace(path)
    again = VerdictStore(store.today.path.parent, BISHKEK, lambda *given: read(*given)._replace(manner="visit"))
    again.append("b", "f", 3, [line(host="new.test"), line(hours=31, host="late.test")])
    question = Question(first=date(2026, 11, 1), last=TODAY)
    assert [(row.host, row.manner) for row in again.ask(question).rows] == [
        ("new.test", "visit"), ("oyun.test", ""), ("oyun.test", ""), ("late.test", "visit"),
    ]  # fmt: skip
    again.archive_before(TODAY)
    assert [row.manner for row in again.ask(question).rows] == ["visit", "", "", "visit"]
    assert [row.host for row in again.today.opened("L1", 0)] == ["new.test"]
