"""Events reach the reader in order and once, whatever tears, damages or refuses; what is lost is marked."""

import errno
import lzma
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from darbaza.policy.decide import NO_LESSON
from darbaza.policy.request import Asker
from darbaza.policy.verdict import Ask, Ground, GroundKind, Message, Rank
from darbaza.snapshot import spool
from darbaza.snapshot.errors import SnapshotError
from darbaza.snapshot.spool import (
    Position,
    SpoolReader,
    SpoolWriter,
    format_event,
    format_gap,
    format_what,
    format_who,
    parse_line,
    reference,
)
from tests.snapshot.strategies import lesson

NAUGHTY = Path(os.environ.get("DARBAZA_SHARED", "/work/shared")) / "data/lists/text/naughty-strings.txt.xz"
WHO = format_who(Asker("127.0.1.1", "students", "r1", "bek", lesson()))
WHAT = format_what(NO_LESSON, 7, 1)
NOW = 1_788_753_600_000


def hostile_strings() -> list[str]:
    """Strings that broke other programs, with some of our own; the public collection where it lies beside us."""
    own = ["", "\t", "\n", "\r\n", "a\tb\nc", "%", "%00", "%zz", "\0", "\x1b[2J", "\u202egnp.exe", "\ud800", "х" * 9000]
    if NAUGHTY.exists():
        own += lzma.decompress(NAUGHTY.read_bytes()).decode("utf-8", "surrogateescape").splitlines()
    return own


def event(n: int = 1, host: str = "kitep.test") -> bytes:
    return format_event(n, NOW * 1000, WHO, "GET", host, 80, WHAT)


@pytest.fixture
def writer(tmp_path: Path):
    writer = SpoolWriter(tmp_path, NOW)
    yield writer
    writer.close()


def add(writer: SpoolWriter, count: int, host: str = "kitep.test") -> None:
    for _ in range(count):
        writer.add(NOW * 1000, WHO, "GET", host, 80, WHAT)
    assert writer.flush()


def read_all(directory: Path, name: str, limit: int = 2000, *, ended: bool = False) -> list[str]:
    """All lines of a file, read batch by batch."""
    reader, position, lines = SpoolReader(directory), Position(name), []
    while batch := reader.read(position, limit, ended=ended):
        assert batch.first == position.n + 1
        lines += batch.lines
        position = batch.after
    return lines


def test_an_event_is_read_as_it_was_written() -> None:
    verdict = Ask(
        "3.2", Ground(GroundKind.LIST, "ut1/mail", "", "poshta.test"), Rank.PERMIT, Message.NEEDS_PERMIT, "mail"
    )
    line = format_event(12, 1_788_753_600_123_456, WHO, "CONNECT", "poshta.test", "443", format_what(verdict, 118, 9))
    read = parse_line(line)
    assert (read.n, read.at.isoformat()) == (12, "2026-09-07T04:00:00.123456+00:00")
    assert (read.device, read.person, read.session) == ("127.0.1.1", "bek", "lesson-1")
    assert (read.method, read.host, read.port) == ("CONNECT", "poshta.test", 443)
    assert (read.outcome, read.clause, read.rank, read.message) == ("ask", "3.2", 6, "needs-permit")
    assert (read.category, read.ground_kind, read.ground_ref, read.ground_entry) == (
        "mail",
        "list",
        "ut1/mail",
        "poshta.test",
    )
    assert (read.revision, read.epoch, read.is_gap) == (118, 9, False)


def test_a_line_may_say_how_a_page_came_to_be_asked_for_and_need_not(tmp_path: Path, writer: SpoolWriter) -> None:
    body = event().decode().rpartition("\t")[0]
    writer.add_all([body, f"2{body[1:]}\tvisit", f"3{body[1:]}\tvisit\tmore"])
    writer.flush()
    lines = read_all(tmp_path, writer.file)
    assert [parse_line(line).manner for line in lines] == ["", "visit"]


@pytest.mark.bypass("X02")
@pytest.mark.parametrize("text", hostile_strings())
def test_a_hostile_host_stays_within_its_field(text: str) -> None:
    line = event(host=text)
    assert line.count(b"\n") == 1
    assert line.isascii()
    assert len(line) < 16_384
    read = parse_line(line)
    assert read.host.isprintable()
    assert (read.person, read.clause) == ("bek", "2.9")


@given(st.text())
def test_what_prints_is_read_back_exactly_and_the_rest_is_made_harmless(text: str) -> None:
    expected = "".join(c if c.isprintable() else "\ufffd" for c in text[: spool.MAX_VALUE])
    read = parse_line(event(host=text)).host
    if not any("\ud800" <= c <= "\udfff" for c in text):
        assert read == expected
    assert read.isprintable()


@given(st.binary(max_size=300))
def test_any_bytes_are_refused_and_nothing_else_is_raised(data: bytes) -> None:
    with pytest.raises(SnapshotError):
        parse_line(data)


@given(st.integers(0, 10_000), st.integers(0, 7))
def test_one_flipped_bit_is_always_noticed(position: int, bit: int) -> None:
    line = bytearray(event()[:-1])
    line[position % len(line)] ^= 1 << bit
    with pytest.raises(SnapshotError):
        parse_line(bytes(line))


def test_a_line_of_another_version_is_refused_by_its_field_count() -> None:
    body = b"1\t2\t3"
    with pytest.raises(SnapshotError, match="has 4 fields, not 19"):
        parse_line(body + b"\t%08x" % spool.crc32(body))


def test_a_number_that_is_none_is_named() -> None:
    body = event()[:-10].replace(b"\t80\t", b"\t-1\t")
    with pytest.raises(SnapshotError, match="`-1` is no number"):
        parse_line(body + b"\t%08x" % spool.crc32(body))


def test_events_are_numbered_and_read_in_order(tmp_path: Path, writer: SpoolWriter) -> None:
    add(writer, 5000)
    lines = read_all(tmp_path, writer.file, 1000)
    assert [parse_line(line).n for line in lines] == list(range(1, 5001))


def test_a_file_is_read_on_while_it_grows(tmp_path: Path, writer: SpoolWriter) -> None:
    reader = SpoolReader(tmp_path)
    assert reader.read(Position(writer.file)) is None
    add(writer, 2)
    first = reader.read(Position(writer.file))
    assert first is not None
    assert reader.read(first.after) is None
    add(writer, 1)
    second = reader.read(first.after)
    assert second is not None
    assert (second.first, len(second.lines)) == (3, 1)


def test_a_living_writer_s_half_line_is_awaited_and_a_dead_one_s_is_a_gap(tmp_path: Path) -> None:
    name = f"{NOW}-1.spool"
    whole, half = event(1), event(2)[:50]
    (tmp_path / name).write_bytes(whole + half)
    assert len(read_all(tmp_path, name)) == 1
    lines = read_all(tmp_path, name, ended=True)
    marks = [parse_line(line) for line in lines]
    assert [(mark.n, mark.is_gap, mark.message) for mark in marks[1:]] == [(2, True, spool.TORN)]


@pytest.mark.bypass("X07")
def test_damaged_lines_become_exactly_the_missing_numbers(tmp_path: Path) -> None:
    name = f"{NOW}-1.spool"
    junk = bytes(700) + b"\n" + b"\xff\xfe junk\n"
    (tmp_path / name).write_bytes(event(1) + junk + event(2) + junk + event(6) + junk)
    events = [parse_line(line) for line in read_all(tmp_path, name, limit=2)]
    assert [e.n for e in events] == [1, 2, 3, 4, 5, 6]
    assert [e.n for e in events if e.is_gap] == [3, 4, 5]
    ended = [parse_line(line) for line in read_all(tmp_path, name, ended=True)]
    assert [e.n for e in ended if e.is_gap] == [3, 4, 5, 7]


def test_a_megabyte_of_junk_is_stepped_over(tmp_path: Path) -> None:
    name = f"{NOW}-1.spool"
    (tmp_path / name).write_bytes(event(1) + bytes(2_000_000) + b"\n" + event(4))
    assert [parse_line(line).n for line in read_all(tmp_path, name, 100)] == [1, 2, 3, 4]


def test_a_line_written_twice_is_read_once(tmp_path: Path) -> None:
    name = f"{NOW}-1.spool"
    (tmp_path / name).write_bytes(event(1) + event(2) + event(2) + event(3))
    assert [parse_line(line).n for line in read_all(tmp_path, name)] == [1, 2, 3]


@given(st.data())
def test_whatever_happens_to_a_file_numbers_stay_gapless(tmp_path_factory, data: st.DataObject) -> None:
    whole = b"".join(event(n) for n in range(1, 30))
    start = data.draw(st.integers(0, len(whole)))
    end = data.draw(st.integers(start, len(whole)))
    harmed = whole[:start] + data.draw(st.binary(max_size=80)) + whole[end:]
    directory = tmp_path_factory.mktemp("spool")
    (directory / f"{NOW}-1.spool").write_bytes(harmed)
    limit = data.draw(st.integers(1, 50))
    events = [parse_line(line) for line in read_all(directory, f"{NOW}-1.spool", limit, ended=True)]
    assert [e.n for e in events] == list(range(1, len(events) + 1))
    sound = {line for line in whole.splitlines(keepends=True) if line in harmed}
    assert len([e for e in events if not e.is_gap]) >= len(sound) - 2


def test_two_writers_in_the_same_millisecond_have_two_files(tmp_path: Path) -> None:
    first, second = SpoolWriter(tmp_path, NOW), SpoolWriter(tmp_path, NOW)
    assert first.file != second.file
    assert SpoolReader(tmp_path).files() == [first.file, second.file]
    first.close()
    second.close()


def test_only_a_living_writer_holds_its_file(tmp_path: Path) -> None:
    program = (
        "import sys, pathlib; from darbaza.snapshot.spool import SpoolWriter;"
        f"w = SpoolWriter(pathlib.Path(sys.argv[1]), {NOW}); print(w.file, flush=True); sys.stdin.read()"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    with subprocess.Popen(
        [sys.executable, "-c", program, tmp_path], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment
    ) as child:
        assert child.stdout is not None
        name = child.stdout.readline().decode().strip()
        assert not SpoolReader(tmp_path).is_ended(name)
        child.kill()
        child.wait()
    assert SpoolReader(tmp_path).is_ended(name)


@pytest.mark.bypass("X05")
def test_a_full_disk_loses_nothing_once_there_is_room_again(
    tmp_path: Path, writer: SpoolWriter, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, room = os.write, [130]

    def write(descriptor: int, data: bytes) -> int:
        if room[0] == 0:
            raise OSError(errno.ENOSPC, "No space left on device")
        count = real(descriptor, bytes(data)[: room[0]])
        room[0] -= count
        return count

    monkeypatch.setattr(spool.os, "write", write)
    for _ in range(3):
        writer.add(NOW * 1000, WHO, "GET", "kitep.test", 80, WHAT)
    assert not writer.flush()
    assert not writer.flush()
    room[0] = 10**9
    add(writer, 2)
    assert [parse_line(line).n for line in read_all(tmp_path, writer.file)] == [1, 2, 3, 4, 5]


@pytest.mark.bypass("X05")
def test_a_disk_full_for_long_leaves_a_marked_gap_and_bounded_memory(
    tmp_path: Path, writer: SpoolWriter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spool, "MAX_PENDING", 10)
    for _ in range(15):
        writer.add(NOW * 1000, WHO, "GET", "kitep.test", 80, WHAT)
    assert writer.dropped == 5
    add(writer, 0)
    add(writer, 1)
    events = [parse_line(line) for line in read_all(tmp_path, writer.file)]
    assert [e.n for e in events if e.is_gap] == [11, 12, 13, 14, 15]


def test_a_full_file_is_followed_by_another(
    tmp_path: Path, writer: SpoolWriter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spool, "MAX_FILE", 500)
    first = writer.file
    add(writer, 10)
    writer.rotate_if_full(NOW + 60_000)
    add(writer, 1)
    assert writer.file != first
    assert SpoolReader(tmp_path).is_ended(first)
    assert [parse_line(line).n for line in read_all(tmp_path, writer.file)] == [1]


def test_a_gap_mark_is_a_sound_line() -> None:
    mark = parse_line(format_gap(44, spool.LOST))
    assert (mark.n, mark.is_gap, mark.message) == (44, True, "spool-lost")
    assert spool.lost(Position("x", 10, 43)).lines == [format_gap(44, spool.LOST)]


def test_a_reference_is_eight_letters_that_nobody_confuses() -> None:
    references = {reference(f"{NOW}-1.spool", n) for n in range(1, 5000)}
    assert len(references) == 4999
    assert all(len(r) == 8 and not set(r) - set(spool.CROCKFORD) for r in references)
    assert reference("1788753600000-1.spool", 1) == reference("1788753600000-1.spool", 1)
