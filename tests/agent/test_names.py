"""dnsdist is told what follows from the box's state, and what it refused gets into the verdict log."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import cdbx
import pytest

from darbaza.agent.engines import DnsdistWiring
from darbaza.agent.names import Names
from darbaza.agent.refusals import Refusals
from darbaza.agent.situation import Here, Situation
from darbaza.catalogue import categories
from darbaza.engines.dnsdist.settings import DnsdistSettings
from darbaza.policy.request import Asker
from darbaza.policy.resource import Target
from darbaza.policy.rulebook import Hold, Rulebook, UserCategory, UserKind
from darbaza.policy.verdict import REGULATION, Deny, Message, Rank
from darbaza.snapshot.presence import stranger
from darbaza.snapshot.spool import SpoolReader, SpoolWriter, VerdictEvent, format_what, format_who

AT = datetime(2026, 11, 24, 4, 0, tzinfo=UTC)
BOOK = Rulebook(
    7,
    "school",
    "regulation",
    user_categories=(UserCategory("staff", UserKind.STAFF), UserCategory("students", UserKind.STUDENT)),
    statutory=categories.load().statutory(),
    holds=(Hold(Target("held.test"), REGULATION, until=AT + timedelta(hours=1)),),
)


class Standing(Here):
    """A situation that a test sets, in place of one read from files."""

    def __init__(self) -> None:
        self.now = Situation(BOOK, None, None, {"10.1.9.1": Asker("10.1.9.1", "staff", person="aida")})

    @property
    def rulebook(self) -> Rulebook | None:
        return self.now.rulebook

    def asker(self, device: str) -> Asker:
        return self.now.askers.get(device) or stranger(device)

    def verdict(self, *_: object) -> None:
        return None


class Clock:
    """The time, as a test sets it."""

    def __init__(self) -> None:
        self.at = AT

    def __call__(self) -> datetime:
        return self.at


@pytest.fixture
def wiring(tmp_path: Path) -> DnsdistWiring:
    settings = DnsdistSettings(
        listen=("127.0.0.1:5300",), upstreams=("127.0.0.1:5301",), catalogue=tmp_path / "c.cdb", box="10.1.0.1"
    )
    return DnsdistWiring(settings, tmp_path)


def read(wiring: DnsdistWiring) -> cdbx.CDB:
    return cdbx.CDB(str(wiring.dnsdist.places.policy))


def test_dnsdist_is_told_once_and_again_when_something_is_another(wiring: DnsdistWiring, tmp_path: Path) -> None:
    here, clock = Standing(), Clock()
    names = Names(lambda: wiring, here, tmp_path / "spool", clock)
    assert names.tell()
    assert not names.tell()
    staff = categories.load().bits(*(c.category for c in BOOK.statutory if c.scope == "everybody"))
    assert read(wiring).get(b"\0a\x0a\x01\x09\x01") == f"{staff}:0:0:2:0".encode()
    assert read(wiring).get(b"held.test") == b"c"
    here.now = replace(here.now, askers={})
    assert names.tell()
    assert read(wiring).get(b"\0a\x0a\x01\x09\x01") is None
    here.now = replace(here.now)
    assert not names.tell()


def test_a_hold_that_ends_by_the_clock_ends_in_names_too(wiring: DnsdistWiring, tmp_path: Path) -> None:
    clock = Clock()
    names = Names(lambda: wiring, Standing(), tmp_path / "spool", clock)
    names.tell()
    clock.at = AT + timedelta(minutes=59)
    assert not names.tell()
    clock.at = AT + timedelta(minutes=60)
    assert names.tell()
    assert read(wiring).get(b"held.test") is None


def test_before_the_first_rulebook_what_leads_around_the_gate_is_closed(wiring: DnsdistWiring, tmp_path: Path) -> None:
    here = Standing()
    here.now = Situation()
    Names(lambda: wiring, here, tmp_path / "spool", Clock()).tell()
    closed = categories.load().bits("circumvention", "doh")
    assert read(wiring).get(b"\0d") == f"{closed}:0:0:3:0".encode()


def test_a_box_without_dnsdist_tells_nobody(tmp_path: Path) -> None:
    names = Names(lambda: None, Standing(), tmp_path / "spool", Clock())
    assert not names.tell()
    assert names.take_refusals() == 0
    assert not (tmp_path / "spool").exists()


def events(spool: Path) -> list[VerdictEvent]:
    reader = SpoolReader(spool)
    return [event for name in reader.files() for event in reader.events(name)]


def test_refusals_become_verdicts_with_device_person_clause_and_name(wiring: DnsdistWiring, tmp_path: Path) -> None:
    log = wiring.dnsdist.places.refused
    log.parent.mkdir(parents=True)
    second = int(AT.timestamp())
    log.write_text(f"{second} 0a010901 16 tunnel x%20y.tunnel.test\n{second} 0a010102 1 closed Kumar.test\nhalf")
    names = Names(lambda: wiring, Standing(), tmp_path / "spool", Clock())
    assert names.take_refusals() == 2
    assert names.take_refusals() == 0
    with log.open("a") as file:
        file.write(f" a line\n{second} 0a010102 1 private inner.test\n")
    assert names.take_refusals() == 1
    names.close()
    said = [
        (e.device, e.person, e.method, e.host, e.port, e.outcome, e.clause, e.message)
        for e in events(tmp_path / "spool")
    ]
    assert said == [
        ("10.1.9.1", "aida", "DNS", "x%20y.tunnel.test", 53, "deny", "2.11", "protocol-refused"),
        ("10.1.1.2", "", "DNS", "kumar.test", 53, "deny", "2.11", "not-ruled-on"),
        ("10.1.1.2", "", "DNS", "inner.test", 53, "deny", "2.11", "private-destination"),
    ]


def test_nothing_is_lost_or_repeated_when_the_file_is_renamed_or_the_agent_begun_anew(
    wiring: DnsdistWiring, tmp_path: Path
) -> None:
    log, second = wiring.dnsdist.places.refused, int(AT.timestamp())
    log.parent.mkdir(parents=True)

    def line(name: str) -> str:
        return f"{second} 0a010102 1 closed {name}\n"

    def begin() -> Names:
        return Names(lambda: wiring, Standing(), tmp_path / "spool", Clock())

    names = begin()
    log.write_text(line("a.test"))
    names.take_refusals()
    names.close()
    with log.open("a") as file:
        file.write(line("b.test"))
    log.rename(log.with_name("refused.log.old"))
    log.write_text(line("c.test"))
    names = begin()
    for _ in range(4):
        names.take_refusals()
    names.close()
    assert sorted(event.host for event in events(tmp_path / "spool")) == ["a.test", "b.test", "c.test"]


def refuse_elsewhere(spool: Path, host: str) -> None:
    """As Squid's helper does, a moment after the name was asked for."""
    writer = SpoolWriter(spool, int(AT.timestamp() * 1000))
    verdict = Deny("3.3", REGULATION, Rank.STATUTORY, Message.STATUTORY_CATEGORY, "gambling")
    at_us = int(AT.timestamp() * 1_000_000) + 200_000
    writer.add(at_us, format_who(stranger("10.1.1.2")), "CONNECT", host, 443, format_what(verdict, 7, 0))
    assert writer.flush()
    writer.close()


def test_a_closed_name_whose_connection_is_refused_at_the_box_is_one_line_in_the_log(tmp_path: Path) -> None:
    settings = DnsdistSettings(
        listen=("127.0.0.1:5300",), upstreams=("127.0.0.1:5301",), catalogue=tmp_path / "c.cdb", box="10.1.0.1",
        refusal="10.1.0.1",
    )  # fmt: skip
    wiring, clock, spool = DnsdistWiring(settings, tmp_path), Clock(), tmp_path / "spool"
    log, second = wiring.dnsdist.places.refused, int(AT.timestamp())
    log.parent.mkdir(parents=True)
    log.write_text(f"{second} 0a010102 1 closed followed.test\n{second} 0a010102 1 closed alone.test\n")
    names = Names(lambda: wiring, Standing(), spool, clock, Refusals(spool))
    assert names.take_refusals() == 0, "the connection may still come"
    refuse_elsewhere(spool, "followed.test")
    clock.at = AT + timedelta(seconds=4)
    names.take_refusals()
    with log.open("a") as file:
        file.write(f"{second + 4} 0a010102 1 closed wanted.test\n")
    assert names.take_refusals() == 0
    assert names.take_refusals(at_once=True) == 1
    names.close()
    assert [(e.method, e.host) for e in events(spool)] == [
        ("CONNECT", "followed.test"), ("DNS", "alone.test"), ("DNS", "wanted.test"),
    ]  # fmt: skip
