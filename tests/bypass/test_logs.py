"""The verdict log under attack and after a crash: family X of the catalogue."""

import contextlib
import os
import signal
import threading
import time

import pytest

from darbaza.snapshot.spool import Position, SpoolReader, parse_line
from tests.bypass.conftest import Judgement
from tests.bypass.test_sessions import comes_back, helper_pid
from tests.engines.squid.bed import STUDENT, Bed, client_hello

pytestmark = pytest.mark.engine


def raw_log(bed: Bed) -> bytes:
    return b"".join(path.read_bytes() for path in sorted((bed.run / "spool").iterdir()))


@pytest.mark.bypass("X01")
@pytest.mark.parametrize(
    "junk", [b"\x1b[31mX\xff\xfe", b"\x1b]0;title\x07", b"\xe2\x80\xae", b"\x00\x01\x02", b"\x7f\x80\x9f"]
)
def test_escape_codes_and_bad_utf8_reach_no_terminal(bed: Bed, junk: bytes):
    bed.send(
        b"GET http://good.test:%d/%b HTTP/1.1\r\nHost: x\r\nUser-Agent: %b\r\nConnection: close\r\n\r\n"
        % (bed.http, junk, junk)
    )
    bed.send(b"GET http://%b.test:%d/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n" % (junk, bed.http))
    bed.send(b"%b http://good.test:%d/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n" % (junk, bed.http))
    bed.wait_for_events(2)
    assert all(byte in b"\n\t" or 0x20 <= byte <= 0x7E for byte in raw_log(bed))
    assert all(str(field).isprintable() for event in bed.events() for field in event)


@pytest.mark.bypass("X02")
@pytest.mark.parametrize(
    "forged",
    [
        b"a%0d%0a1\t2\tforged", b"a\r\n9\t9\tforged\r\n", b"a\n9\t9\tforged", b"a%09forged", b"a\tforged",
        b'" hst="forged', b"a%00b", b"a%0aOK", b"1%20OK%20tag=allow",
    ],
)  # fmt: skip
def test_no_line_and_no_field_can_be_forged(bed: Bed, forged: bytes):
    before = raw_log(bed).count(b"\n")
    bed.send(b"GET http://%b.test:%d/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n" % (forged, bed.http))
    bed.send(
        b"GET http://good.test:%d/%b HTTP/1.1\r\nHost: %b\r\nConnection: close\r\n\r\n" % (bed.http, forged, forged)
    )
    time.sleep(1.2)
    lines = raw_log(bed).splitlines()
    for line in lines:
        parse_line(line)
    assert len(lines) - before == len(bed.events())
    assert all(event.device == STUDENT for event in bed.events())
    assert not [event for event in bed.events() if event.outcome == "allow" and event.host != "good.test"]


@pytest.mark.bypass("X03")
@pytest.mark.parametrize("markup", ["<svg onload=alert(1)>", '"><script>alert(1)</script>', "{{7*7}}", "'-alert(1)-'"])
def test_markup_in_an_address_stays_out_of_log_and_page(bed: Bed, markup: str):
    answer = bed.send(
        f"GET http://bad.test:{bed.http}/{markup} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode()
    )
    answer += bed.send(
        f"GET http://{markup}.test:{bed.http}/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode()
    )
    assert markup.encode() not in answer
    assert b"<script" not in answer
    time.sleep(1.1)
    assert markup.encode() not in raw_log(bed)


@pytest.mark.bypass("X06")
def test_a_long_tunnel_is_in_the_log_when_it_begins(bed: Bed):
    begun = time.monotonic()
    link = bed.open_tunnel("good.test")
    link.sendall(client_hello("good.test"))
    events = bed.wait_for_events(1)
    assert [(event.host, event.outcome) for event in events] == [("good.test", "allow")]
    assert time.monotonic() - begun < 1
    link.close()


@pytest.mark.bypass("X07")
def test_a_crash_loses_nothing_that_was_answered(bed: Bed, judgement: Judgement):
    assert comes_back(bed)
    bed.forget()
    answered = []
    stop = threading.Event()

    def load() -> None:
        while not stop.is_set():
            with contextlib.suppress(OSError):  # a helper that has just been killed takes a moment to come back
                if b"the page" in bed.get(f"http://good.test:{bed.http}/"):
                    answered.append(1)

    threads = [threading.Thread(target=load) for _ in range(4)]
    for thread in threads:
        thread.start()
    for _ in range(3):
        time.sleep(0.4)
        bed.revive()
        os.kill(helper_pid(bed), signal.SIGKILL)
    time.sleep(0.3)
    stop.set()
    for thread in threads:
        thread.join()
    bed.revive()
    assert answered
    assert len([event for event in bed.events() if event.outcome == "allow"]) >= len(answered)


@pytest.mark.bypass("X07")
def test_a_line_torn_by_a_crash_is_marked_as_a_gap(bed: Bed):
    reader = SpoolReader(bed.run / "spool")
    old = reader.files()[0]
    assert reader.is_ended(old) or len(reader.files()) == 1
    torn = bed.run / "spool" / "0000000000001-1.spool"
    torn.write_bytes((bed.run / "spool" / old).read_bytes().splitlines(keepends=True)[0] + b"2\t17\tto")
    batch = reader.read(Position(torn.name), ended=True)
    assert batch is not None
    assert [parse_line(line).outcome for line in batch.lines][-1] == "gap"
    torn.unlink()
