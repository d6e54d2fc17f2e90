"""Verdicts that end, helpers that fail: S07 and S17 of the catalogue."""

import contextlib
import os
import re
import signal
import socket
import time
from pathlib import Path

import pytest

from darbaza.engines.squid.world import LOOK_SECONDS
from tests.bypass.conftest import Judgement
from tests.engines.squid.bed import ENROLLED, OTHER_STUDENT, STUDENT, TEACHER, Bed

pytestmark = pytest.mark.engine


def is_refused(bed: Bed) -> bool:
    """Whether nothing passes, over HTTP or TLS, for student, staff, or a device that trusts the school."""
    plain = [bed.get(f"http://good.test:{bed.http}/", source=who) for who in (STUDENT, TEACHER)]
    tunnels = [bed.tls_get("good.test", "good.test", source=who) for who in (STUDENT, ENROLLED, TEACHER)]
    return b"the page" not in b"".join(plain + tunnels) and bed.good.heard == b""


def whole_answer(link: socket.socket) -> bytes:
    """One answer with its body, however many pieces it comes in."""
    got = b""
    while b"\r\n\r\n" not in got and (piece := link.recv(65536)):
        got += piece
    head, _, body = got.partition(b"\r\n\r\n")
    length = int(re.search(rb"(?i)content-length: (\d+)", head)[1])
    while len(body) < length and (piece := link.recv(65536)):
        body += piece
    return head + body


def comes_back(bed: Bed, seconds: float = 30) -> bool:
    """Whether an allowed page opens again; a Squid that ended is started as its supervisor would."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        bed.revive()
        with contextlib.suppress(OSError):
            if b"the page" in bed.get(f"http://good.test:{bed.http}/"):
                return True
        time.sleep(0.1)
    return False


def helper_pid(bed: Bed, seconds: float = 30) -> int:
    """The helper, a child of Squid; one that was killed is back within moments."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        for folder in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                fields = (folder / "stat").read_text().rpartition(")")[2].split()
                if int(fields[1]) == bed.squid.pid() and b"squid.helper" in (folder / "cmdline").read_bytes():
                    return int(folder.name)
        time.sleep(0.02)
    raise AssertionError("no helper runs")


@pytest.mark.bypass("S07")
def test_a_verdict_does_not_outlive_the_change(bed: Bed, judgement: Judgement):
    for _ in range(3):
        assert b"the page" in bed.get(f"http://good.test:{bed.http}/")
    bed.seat(without=(STUDENT,))
    try:
        time.sleep(LOOK_SECONDS)
        bed.good.forget()
        for _ in range(3):
            assert bed.get(f"http://good.test:{bed.http}/").startswith(b"HTTP/1.1 403 ")
        assert bed.tls_get("good.test", "good.test") == b""
        judgement.refused("good.test", "2.9", "sign-in-first")
        assert b"the page" in bed.get(f"http://good.test:{bed.http}/", source=OTHER_STUDENT)
    finally:
        bed.seat()


@pytest.mark.bypass("S07")
def test_a_keep_alive_connection_is_judged_at_each_request(bed: Bed):
    request = f"GET http://good.test:{bed.http}/ HTTP/1.1\r\nHost: good.test\r\n\r\n".encode()
    assert comes_back(bed)  # whatever the test before had ended
    with bed.connect() as link:
        link.sendall(request)
        assert b"the page" in whole_answer(link)
        bed.seat(is_open=False)
        try:
            time.sleep(LOOK_SECONDS)
            link.sendall(request)
            assert whole_answer(link).startswith(b"HTTP/1.1 403 ")
        finally:
            bed.seat()


@pytest.mark.bypass("S17")
@pytest.mark.parametrize("name", ["snapshot.dzb", "catalogue.cdb", "keys/portal.pub"])
@pytest.mark.parametrize("damage", ["gone", "junk", "cut", "empty"])
def test_without_what_a_verdict_needs_nothing_passes(bed: Bed, name: str, damage: str):
    path = bed.run / name
    held, kept = path.read_bytes(), path.with_name("kept")
    path.rename(kept)
    if damage != "gone":
        path.write_bytes({"junk": b"junk" * 1000, "cut": held[: len(held) // 2], "empty": b""}[damage])
        bed.own(path)
    try:
        time.sleep(LOOK_SECONDS)
        assert is_refused(bed)
    finally:
        kept.replace(path)
    assert comes_back(bed)


@pytest.mark.bypass("S17")
@pytest.mark.parametrize("damage", [b"", b"junk", None])
def test_without_a_presence_nobody_is_bound(bed: Bed, damage: bytes | None):
    path = bed.run / "presence.dzp"
    path.unlink()
    if damage is not None:
        path.write_bytes(damage)
        bed.own(path)
    try:
        time.sleep(LOOK_SECONDS)
        assert is_refused(bed)
        assert bed.events()[-1].outcome == "deny"
    finally:
        bed.seat()
    assert comes_back(bed)


@pytest.mark.bypass("S17")
def test_a_helper_that_is_killed_opens_nothing_and_comes_back(bed: Bed):
    assert comes_back(bed)
    ended = 0
    for _ in range(12):
        os.kill(helper_pid(bed), signal.SIGKILL)
        answer = b""
        with contextlib.suppress(OSError):
            answer = bed.get(f"http://bad.test:{bed.http}/") + bed.tls_get("bad.test", "bad.test")
        assert b"the page" not in answer
        assert bed.bad.heard == b""
        ended += bed.revive()
    assert b"crashing too rapidly" not in (bed.run / "squid" / "cache.log").read_bytes()
    assert ended <= 1, "Squid must outlive its helpers, but for the assertion that `revive` tells of"
    assert comes_back(bed)


@pytest.mark.bypass("S17")
def test_a_helper_that_hangs_opens_nothing(bed: Bed):
    assert comes_back(bed)
    bed.good.forget()
    pid = helper_pid(bed)
    os.kill(pid, signal.SIGSTOP)
    try:
        assert is_refused(bed)
    finally:
        os.kill(pid, signal.SIGCONT)
    assert comes_back(bed)


@pytest.mark.bypass("S17")
def test_the_log_goes_on_without_a_gap_once_it_can_be_written(bed: Bed):
    assert comes_back(bed)
    numbers = [event.n for event in bed.all_events()]
    newest = max((bed.run / "spool").iterdir()).read_bytes().splitlines()
    assert [int(line.split(b"\t")[0]) for line in newest] == list(range(1, len(newest) + 1))
    assert numbers
