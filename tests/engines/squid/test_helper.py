"""The helper through its pipe: junk, damage, a disk that is full, a clock that runs out."""

import contextlib
import os
import resource
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from bench.rulebook import presence, rulebook, write_key, write_presence, write_snapshot

from darbaza.catalogue.categories import load
from darbaza.catalogue.compile import Part, compile_catalogue
from darbaza.catalogue.sources import Format, Source
from darbaza.engines.squid import helper as helper_module
from darbaza.engines.squid.helper import Helper, in_time, set_alarm
from darbaza.engines.squid.unread import UnreadLog, parse
from darbaza.engines.squid.world import LOOK_SECONDS
from darbaza.snapshot.envelope import generate_key
from darbaza.snapshot.spool import SpoolReader, VerdictEvent, reference
from tests.engines.squid.bed import NOW

KEY = generate_key()
GOOD = "127.0.1.1 good.test / - GET http 80 - -"


class Pipe:
    """A helper process over a run directory."""

    def __init__(self, run: Path, **how: object) -> None:
        self.run = run
        command = [sys.executable, "-m", "darbaza.engines.squid.helper", "--run", str(run)]
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, **how
        )

    def ask(self, *lines: str | bytes) -> list[str]:
        """One answer per line, without ids."""
        data = b"".join(
            b"%d %b\n" % (number, line.encode() if isinstance(line, str) else line) for number, line in enumerate(lines)
        )
        teller = threading.Thread(target=self._tell, args=(data,))  # a pipe may hold one page only
        teller.start()
        answers = [self.process.stdout.readline().decode() for _ in lines]
        teller.join()
        assert [answer.split(" ")[0] for answer in answers] == [str(number) for number in range(len(lines))]
        return [answer.partition(" ")[2].strip() for answer in answers]

    def _tell(self, data: bytes) -> None:
        self.process.stdin.write(data)
        self.process.stdin.flush()

    def events(self) -> list[VerdictEvent]:
        """Its log."""
        reader = SpoolReader(self.run / "spool")
        return [event for name in reader.files() for event in reader.events(name)]

    def close(self) -> int:
        """End it as Squid does, by closing the pipe; its exit status."""
        self.process.stdin.close()
        self.process.stdout.close()
        return self.process.wait(10)


def fill(run: Path) -> None:
    """All that a verdict needs."""
    devices = ["127.0.1.1", "127.0.1.2"]
    write_key(run, KEY)
    write_snapshot(run, rulebook(1, NOW, devices, ("good.test",)), KEY)
    write_presence(run, presence(1, NOW, devices), KEY)
    (run / "porn.domains").write_text("bad.test\n")
    part = Part(Source("test/porn", "porn", "CC0-1.0", Format.DOMAINS, ("porn",), ""), run / "porn.domains")
    compile_catalogue([part], run / "catalogue.cdb", load())


@pytest.fixture
def pipe(tmp_path: Path) -> Iterator[Pipe]:
    fill(tmp_path)
    made = Pipe(tmp_path)
    yield made
    assert made.close() == 0


def test_it_allows_refuses_and_logs(pipe: Pipe):
    allowed, refused = pipe.ask(GOOD, GOOD.replace("good", "bad"))
    first, second = pipe.events()
    file = SpoolReader(pipe.run / "spool").files()[0]
    assert allowed == "OK tag=allow"
    assert refused == f"ERR tag=deny message={reference(file, 2)} log=3.3"
    assert (first.n, first.host, first.outcome, first.person) == (1, "good.test", "allow", "student-0")
    assert (second.n, second.host, second.outcome, second.ground_ref) == (2, "bad.test", "deny", "test/porn")


@pytest.mark.parametrize(
    "junk",
    [
        b"",
        b" ",
        b"x",
        b"127.0.1.1",
        b"127.0.1.1 good.test / - GET http 80",
        b"127.0.1.1 good.test / - GET http 80 - - - -",
        b"127.0.1.1  good.test / - GET http 80 - -",
        b"127.0.1.1 good.test / - GET http 80 - sideways",
        b"127.0.1.1 good.test / - GET http eighty - -",
        b"127.0.1.1 good.test / - GET http 999999 - -",
        b"127.0.1.1 good.test / - GET http \xd9\xa8\xd9\xa0 - -",
        b"127.0.1 good.test / - GET http 80 - -",
        b"teacher good.test / - GET http 80 - -",
        b"\x00 good.test / - GET http 80 - -",
        b"127.0.1.1 go\x00od.test / - GET http 80 - -",
        b"127.0.1.1 good.test / - GE\x00T http 80 - -",
        b"127.0.1.1 go\xffod.test / - GET http 80 - -",
        b"\xff\xfe\x00\x01" * 100,
        b"127.0.1.1 good.test /" + b"a" * 64 * 1024 + b" - GET http 80 - -",
        b"a" * 64 * 1024,
        b"\x00" * 64 * 1024,
    ],
)
def test_a_line_that_cannot_be_read_in_one_way_gets_bh_and_harms_no_other(pipe: Pipe, junk: bytes):
    first, second, third = pipe.ask(GOOD, junk, GOOD)
    assert (first, third) == ("OK tag=allow", "OK tag=allow")
    assert second.startswith("BH")
    assert [event.n for event in pipe.events()] == [1, 2]


@pytest.mark.parametrize("path", [b"/\x00", b"/\xff\xfe%zz", b"/%252e%252e/x", b"/ok\\x"])
def test_a_path_that_hides_something_is_refused_and_told(pipe: Pipe, path: bytes):
    first, second, third = pipe.ask(GOOD, b"127.0.1.1 good.test " + path + b" - GET http 80 - -", GOOD)
    assert (first, third) == ("OK tag=allow", "OK tag=allow")
    assert second.startswith("ERR tag=deny")
    refused = pipe.events()[1]
    assert (refused.host, refused.outcome, refused.clause, refused.message) == (
        "good.test", "deny", "2.11", "unreadable-address",
    )  # fmt: skip


def test_a_line_that_never_ends_costs_bounded_memory(pipe: Pipe):
    for _ in range(200):
        pipe.process.stdin.write(b"9 " + b"a" * 100_000)
    pipe.process.stdin.write(b"\n")
    pipe.process.stdin.flush()
    assert b"BH" in pipe.process.stdout.readline()
    peak = int((Path(f"/proc/{pipe.process.pid}/status").read_text().partition("VmHWM:")[2]).split()[0])
    assert peak < 120_000
    assert pipe.ask(GOOD) == ["OK tag=allow"]


def test_lines_cut_anywhere_are_put_together(pipe: Pipe):
    for byte in b"7 " + GOOD.encode() + b"\n":
        pipe.process.stdin.write(bytes((byte,)))
        pipe.process.stdin.flush()
    assert pipe.process.stdout.readline() == b"7 OK tag=allow\n"


def test_a_flood_of_questions_is_answered_one_by_one(pipe: Pipe):
    answers = pipe.ask(*[GOOD] * 2000)
    assert set(answers) == {"OK tag=allow"}
    assert [event.n for event in pipe.events()] == list(range(1, 2001))


def test_without_anything_it_says_bh_and_judges_once_all_is_there(tmp_path: Path):
    pipe = Pipe(tmp_path)
    assert pipe.ask(GOOD) == ["BH tag=broken"]
    fill(tmp_path)
    time.sleep(LOOK_SECONDS)
    assert pipe.ask(GOOD) == ["OK tag=allow"]
    assert pipe.close() == 0


def test_a_snapshot_of_another_key_is_no_snapshot(pipe: Pipe):
    assert pipe.ask(GOOD) == ["OK tag=allow"]
    write_snapshot(pipe.run, rulebook(2, NOW, ["127.0.1.1"], ("good.test",)), generate_key())
    time.sleep(LOOK_SECONDS)
    assert pipe.ask(GOOD) == ["BH tag=broken"]


def test_a_presence_of_another_key_binds_nobody(pipe: Pipe):
    write_presence(pipe.run, presence(2, NOW, ["127.0.1.1"]), generate_key())
    time.sleep(LOOK_SECONDS)
    assert pipe.ask(GOOD)[0].endswith("log=2.9")


def test_a_new_presence_counts_within_its_look(pipe: Pipe):
    assert pipe.ask(GOOD) == ["OK tag=allow"]
    write_presence(pipe.run, presence(2, NOW, ["127.0.1.1"], is_open=False), KEY)
    time.sleep(LOOK_SECONDS)
    assert pipe.ask(GOOD)[0].endswith("log=2.9")
    assert pipe.events()[-1].epoch == 2


def test_a_disk_that_is_full_lets_nothing_through_and_loses_no_number(tmp_path: Path):
    fill(tmp_path)
    limit = 4096

    def with_small_files() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))

    pipe = Pipe(tmp_path, preexec_fn=with_small_files)
    answers = [pipe.ask(GOOD)[0] for _ in range(80)]
    assert answers[0] == "OK tag=allow"
    assert answers[-1] == "BH tag=broken"
    allowed = answers.count("OK tag=allow")
    assert len(pipe.events()) in {allowed, allowed + 1}
    assert pipe.close() == 0


def test_a_spool_that_cannot_be_opened_lets_nothing_through(tmp_path: Path):
    fill(tmp_path)
    (tmp_path / "spool").write_text("no folder")
    pipe = Pipe(tmp_path)
    assert pipe.ask(GOOD) == ["BH tag=broken"]
    (tmp_path / "spool").unlink()
    assert pipe.ask(GOOD) == ["OK tag=allow"]
    assert pipe.close() == 0


def test_a_batch_that_takes_too_long_is_cut_short(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    fill(tmp_path)
    helper = Helper(tmp_path, (80,), (443,))
    assert in_time(helper, ["1 " + GOOD]) == ["1 OK tag=allow"]
    monkeypatch.setattr(helper_module, "BATCH_SECONDS", 0.05)
    monkeypatch.setattr(helper, "_current", lambda _: time.sleep(5))
    monkeypatch.setattr(helper_module, "ALARM_SECONDS", 0.02)
    set_alarm(helper)
    begun = time.monotonic()
    try:
        assert in_time(helper, ["1 " + GOOD, "2 x"]) == ["1 BH tag=broken", "2 BH tag=broken"]
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
    assert time.monotonic() - begun < 1


def test_what_goes_wrong_inside_is_a_refusal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    fill(tmp_path)
    helper = Helper(tmp_path, (80,), (443,))
    assert helper.answer(["1 " + GOOD]) == ["1 OK tag=allow"]
    never_asked = GOOD.replace("good.test", "www.good.test")

    def fails(*_: object) -> None:
        raise RuntimeError("a fault nobody thought of")

    monkeypatch.setattr("darbaza.engines.squid.judge.decide", fails)
    assert helper.answer(["1 " + never_asked]) == ["1 BH tag=broken"]
    monkeypatch.setattr(helper, "_current", fails)
    assert helper.answer(["1 " + GOOD]) == ["1 BH tag=broken"]


def test_the_alarm_is_off_when_the_helper_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """At its end Python takes our handler away, and an alarm that still rings then kills (seen: status -14)."""
    fill(tmp_path)
    monkeypatch.setattr(helper_module, "ALARM_SECONDS", 60.0)
    monkeypatch.setattr(helper_module, "serve", lambda _helper: armed.append(signal.getitimer(signal.ITIMER_REAL)[0]))
    armed: list[float] = []
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGALRM)}
    try:
        helper_module.main(["--run", str(tmp_path)])
        left = signal.getitimer(signal.ITIMER_REAL)[0]
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        for number, handler in before.items():
            signal.signal(number, handler)
    assert armed[0] > 0
    assert left == 0


def test_interrupt_and_hang_up_do_not_end_it(pipe: Pipe):
    assert pipe.ask(GOOD) == ["OK tag=allow"]
    os.kill(pipe.process.pid, signal.SIGINT)
    assert pipe.ask(GOOD) == ["OK tag=allow"]


@pytest.mark.parametrize(
    ("line", "host", "message"),
    [
        ("127.0.1.1 CONNECT good.test 443 ERR_PROTOCOL_UNKNOWN 90 400 - -", "good.test", "protocol-refused"),
        ("127.0.1.1 GET - - - 90 400 10.50.1.1 3128", "", "unreadable-address"),
        ("127.0.1.1 GET GOOD.test. 80 - 90 400 203.0.113.10 80", "good.test", "unreadable-address"),
        ("127.0.1.1 - - - - 4 - 203.0.113.20 80", "203.0.113.20", "unreadable-address"),
        ("127.0.1.1 CONNECT good.test 443 ERR_CONFLICT_HOST 0 409 203.0.113.20 443", "good.test", "name-mismatch"),
        ("127.0.1.1 %3Cscript%3E a%0Ab 80 - 9 400 - -", "a%0Ab", "unreadable-address"),
    ],
)
def test_what_squid_refused_unread_is_understood(line: str, host: str, message: str):
    found = parse(line)
    assert found is not None
    assert (found.host, found.message) == (host, message)


@pytest.mark.parametrize(
    "line",
    [
        "",
        "a b",
        "a b c d e f g h i j",
        "a b c d e f g h \x1b",
        "127.0.1.1 GET ä 80 - 9 400 - -",
        "127.0.1.1 - - - - 0 000 203.0.113.20 80",
    ],
)
def test_junk_in_squids_own_log_is_passed_over(line: str):
    assert parse(line) is None


def test_the_rest_of_a_connection_that_was_refused_is_not_told_again(tmp_path: Path):
    path = tmp_path / "unread.log"
    log = UnreadLog(path)
    rest = "- - - - 315 - 203.0.113.20 443"
    refused = "CONNECT good.test 443 ERR_CONFLICT_HOST 0 409 203.0.113.20 443"
    other = rest.replace(".20", ".30")
    path.write_text(f"127.0.1.1 {refused}\n127.0.1.1 {rest}\n127.0.1.1 {other}\n127.0.1.2 {rest}\n")
    told = [("127.0.1.1", "good.test"), ("127.0.1.1", "203.0.113.30"), ("127.0.1.2", "203.0.113.20")]
    assert [(one.device, one.host) for one in log.read()] == told


def test_the_unread_log_is_read_line_by_line_and_emptied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    path = tmp_path / "unread.log"
    log = UnreadLog(path)
    assert log.read() == []
    line = "127.0.1.1 GET - - - 90 400 10.50.1.1 3128\n"
    path.write_text(line + line[:5])
    assert len(log.read()) == 1
    with path.open("a") as file:
        file.write(line[5:] + line * 100_000)
    assert sum(iter(lambda: len(log.read()), 0)) == 100_001
    assert path.stat().st_size == 0
    with contextlib.suppress(OSError):
        path.write_text(line)
    assert len(log.read()) == 1
