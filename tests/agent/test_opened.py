"""Whose connections may lead to what was closed: told by the verdict log, and where it can't tell, they do."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from darbaza.agent.opened import HOSTS, Opened
from darbaza.agent.refusals import Refusals
from darbaza.agent.situation import Situation
from darbaza.engines.squid.judge import ENGINE
from darbaza.policy.request import Asker
from darbaza.policy.resource import Listing, Target
from darbaza.policy.rulebook import DefaultRule, Hold, Rulebook, UserCategory, UserKind
from darbaza.policy.verdict import REGULATION, Allow, Message, Rank
from darbaza.snapshot.spool import SpoolWriter, format_event, format_what, format_who
from tests.snapshot.strategies import COUNCIL

AT = datetime(2026, 9, 7, 4, 5, tzinfo=UTC)
US = 1_788_753_900_000_000
BEK, NUR = (Asker(f"10.0.0.{number}", "staff", person=f"p{number}") for number in (1, 2))
WHAT = format_what(Allow("2.11", REGULATION, Rank.DEFAULT, Message.NOT_RULED_ON), 7, 1)


class Lists:
    """A catalogue with one host of which a page is listed."""

    def listings(self, host: str, path: str = "") -> tuple[Listing, ...]:
        return (Listing("pages", "demo", host + path),) if host + path == "pages.test/bad" else ()

    def has_pages(self, host: str) -> bool:
        return host == "pages.test"


def here(*closed: str) -> Situation:
    """Everything is open to staff but these hosts."""
    staff = UserCategory("staff", UserKind.STAFF, default=DefaultRule.BLOCK_LIST, default_ground=COUNCIL)
    holds = tuple(Hold(Target(host), COUNCIL) for host in closed)
    book = Rulebook(7, "", "", user_categories=(staff,), holds=holds)
    return Situation(book, None, Lists(), {one.device: one for one in (BEK, NUR)})


def line(asker: Asker, host: str, at_us: int = US) -> str:
    return format_event(1, at_us, format_who(asker), "CONNECT", host, 443, WHAT).decode().rstrip("\n")


def led(opened: Opened, now: Situation) -> list[str]:
    return [one for one in opened.devices(now.askers) if opened.leads_to_closed(one, now, AT)]


@pytest.fixture
def opened() -> Opened:
    found = Opened()
    for asker, host in ((BEK, "kitep.test"), (BEK, "bad.test"), (NUR, "kitep.test")):
        found.note(line(asker, host))
    return found


def test_only_who_went_to_what_is_closed_now_is_led_there(opened: Opened) -> None:
    assert led(opened, here()) == []
    assert led(opened, here("bad.test")) == ["10.0.0.1"]
    assert led(opened, here("kitep.test")) == ["10.0.0.1", "10.0.0.2"]
    assert led(opened, here("elsewhere.test")) == []


def test_what_was_cut_leads_nowhere_and_what_was_opened_since_does(opened: Opened) -> None:
    cut = datetime.fromtimestamp(US / 1e6, UTC) + timedelta(seconds=1)
    opened.note(line(BEK, "kitep.test", US + 1_000_000))
    opened.forget(["10.0.0.1"], cut)
    assert led(opened, here("bad.test")) == []
    assert led(opened, here("kitep.test")) == ["10.0.0.1", "10.0.0.2"]


def test_a_host_of_which_pages_are_listed_may_be_closed(opened: Opened) -> None:
    opened.note(line(NUR, "pages.test"))
    assert led(opened, here()) == ["10.0.0.2"]


def test_without_rules_or_lists_everything_is_closed(opened: Opened) -> None:
    assert led(opened, replace(here(), rulebook=None)) == ["10.0.0.1", "10.0.0.2"]
    assert led(opened, replace(here(), catalogue=None)) == ["10.0.0.1", "10.0.0.2"]


def test_a_damaged_line_puts_everybody_in_doubt_until_they_are_cut(opened: Opened) -> None:
    opened.note(line(BEK, "kitep.test")[:-30])
    now = here()
    assert led(opened, now) == ["10.0.0.1", "10.0.0.2"]
    opened.forget(["10.0.0.2"], AT)
    assert led(opened, now) == ["10.0.0.1"]
    opened.note(line(BEK, "kitep.test"))
    assert led(opened, now) == ["10.0.0.1"]


def test_who_went_to_more_hosts_than_are_kept_is_in_doubt() -> None:
    opened = Opened()
    for number in range(HOSTS + 5):
        opened.note(line(BEK, f"n{number}.test"))
    opened.note(line(NUR, "kitep.test"))
    assert led(opened, here()) == ["10.0.0.1"]


@pytest.mark.parametrize("host", ["", "203.0.113.10", "a%0d%0aforged", '" hst="spoof', "\x1b[31mX\xff", "x" * 900])
@pytest.mark.parametrize("message", [Message.UNREADABLE_ADDRESS, Message.PROTOCOL_REFUSED, Message.NAME_MISMATCH])
def test_a_request_that_nobody_can_read_leads_nowhere(tmp_path: Path, host: str, message: Message) -> None:
    """It was refused: whoever sent it is connected to nothing by it, and in no doubt about the rest."""
    writer, refusals = SpoolWriter(tmp_path, US // 1000), Refusals(tmp_path)
    refusals.catch_up()
    write(writer, BEK, "kitep.test")
    writer.add(US, f"{BEK.device}\t\t", "", host, "0", format_what(ENGINE[message], 7, 1))
    assert writer.flush()
    refusals.catch_up()
    assert refusals.last(BEK.device)
    assert not refusals.opened.is_doubtful
    assert led(refusals.opened, here("bad.test")) == []
    assert led(refusals.opened, here("kitep.test")) == ["10.0.0.1"]


def write(writer: SpoolWriter, asker: Asker, host: str) -> None:
    writer.add(US, format_who(asker), "CONNECT", host, 443, WHAT)
    assert writer.flush()


def test_the_log_is_read_to_its_end_before_a_file_is_deleted(tmp_path: Path) -> None:
    writer, refusals = SpoolWriter(tmp_path, US // 1000), Refusals(tmp_path)
    refusals.catch_up()
    write(writer, BEK, "bad.test")
    refusals.leave(writer.file)
    (tmp_path / writer.file).unlink()
    refusals.catch_up()
    assert not refusals.opened.is_doubtful
    assert led(refusals.opened, here("bad.test")) == ["10.0.0.1"]


def test_a_file_that_somebody_took_away_is_a_doubt(tmp_path: Path) -> None:
    writer, refusals = SpoolWriter(tmp_path, US // 1000), Refusals(tmp_path)
    write(writer, BEK, "kitep.test")
    refusals.catch_up()
    (tmp_path / writer.file).unlink()
    refusals.catch_up()
    assert refusals.opened.is_doubtful
