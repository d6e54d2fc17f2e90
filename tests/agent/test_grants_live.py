"""The agent's part with a real gatekeeper and real packets: a lesson opens the way out, and its end closes it."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from darbaza.agent.grants import Grants
from darbaza.agent.situation import Situation
from darbaza.engines.nftables.attempts import Attempt, Door
from darbaza.policy.request import Asker
from darbaza.policy.rulebook import Device, Rulebook
from darbaza.snapshot.presence import Presence, askers, stranger
from darbaza.snapshot.spool import SpoolReader, VerdictEvent
from tests.engines.nftables.bed import GOOD, MACS, PC1, PC2, Street, is_open
from tests.engines.nftables.keeper import Keeper
from tests.snapshot.strategies import MONDAY, lively, school, seated

pytestmark = pytest.mark.netns

AT = MONDAY + timedelta(minutes=5)
BOOK = replace(school(), devices=(Device(PC1, "r1"), Device(PC2, "r1")))
LESSON = replace(lively(), bindings=(seated(PC1),))


@dataclass
class Stage:
    """Where the box stands: what the agent's own `Here` tells, and the clock."""

    rulebook: Rulebook | None = BOOK
    presence: Presence | None = LESSON
    at: datetime = AT
    macs: dict[str, str] = field(default_factory=lambda: {PC1: MACS["pc1"], PC2: MACS["pc2"]})

    @property
    def now(self) -> Situation:
        known = askers(self.rulebook, self.presence) if self.rulebook else {}
        return Situation(self.rulebook, self.presence, None, known)

    def asker(self, device: str) -> Asker:
        return self.now.askers.get(device) or stranger(device)


@pytest.fixture
def keeper() -> Iterator[Keeper]:
    street = Street()
    made = Keeper(street)
    try:
        yield made.start()
    finally:
        made.close()
        street.close()


@pytest.mark.bypass("S06")
def test_a_lesson_opens_the_way_and_its_end_closes_it(keeper: Keeper, tmp_path: Path) -> None:
    street, stage = keeper.street, Stage()
    grants = Grants(keeper.socket, stage, lambda: stage.macs, tmp_path, lambda: stage.at)  # type: ignore[arg-type] # stands for `Here`
    try:
        asyncio.run(grants.tell())
        assert (grants.granted, grants.complaint) == (1, "")
        assert street.ask("pc1", GOOD, 80) == "http"
        assert street.ask("pc2", GOOD, 80) == "captive-http"
        with street.connect("pc1", GOOD, 80) as link:
            assert link.recv(64) == b"http"
            asyncio.run(grants.tell())
            assert is_open(link)
            stage.presence = replace(LESSON, sessions=())
            asyncio.run(grants.tell())
            assert grants.granted == 0
            assert street.ask("pc1", GOOD, 80) == "captive-http"
            assert not is_open(link) or is_reset(link)
        assert street.wire.heard() == []
    finally:
        grants.close()


def test_what_an_earlier_life_of_the_agent_granted_is_taken_back(keeper: Keeper, tmp_path: Path) -> None:
    stage = Stage()
    for presence in (LESSON, None):
        stage.presence = presence
        grants = Grants(keeper.socket, stage, lambda: stage.macs, tmp_path, lambda: stage.at)  # type: ignore[arg-type] # stands for `Here`
        asyncio.run(grants.tell())
        grants.close()
        assert len(keeper.client.passing()) == (presence is LESSON)


@pytest.mark.bypass("S17")
def test_a_gatekeeper_that_was_away_is_brought_in_step(keeper: Keeper, tmp_path: Path) -> None:
    stage = Stage()
    grants = Grants(keeper.socket, stage, lambda: stage.macs, tmp_path, lambda: stage.at)  # type: ignore[arg-type] # stands for `Here`
    try:
        keeper.kill()
        asyncio.run(grants.tell())
        assert "is it running" in grants.complaint
        keeper.start()
        asyncio.run(grants.tell())
        assert grants.complaint == ""
        assert [str(one.address) for one in keeper.client.passing()] == [PC1]
    finally:
        grants.close()


def test_what_was_tried_stands_in_the_log_once_a_minute_with_device_and_destination(
    keeper: Keeper, tmp_path: Path
) -> None:
    street, stage = keeper.street, Stage()
    grants = Grants(keeper.socket, stage, lambda: stage.macs, tmp_path, lambda: stage.at)  # type: ignore[arg-type] # stands for `Here`

    async def a_while() -> None:
        keeping = asyncio.create_task(grants.keep())
        while not logged(tmp_path) or grants.standing is None:
            await asyncio.sleep(0.02)
        await asyncio.sleep(1.5)  # a look more: nothing new was tried, so nothing new is said
        keeping.cancel()
        await asyncio.gather(keeping, return_exceptions=True)

    try:
        for _ in range(3):
            assert street.ask("pc1", GOOD, 853) == "refused"
        asyncio.run(asyncio.wait_for(a_while(), 20))
        (event,) = logged(tmp_path)
        assert (event.device, event.person, event.method, event.host, event.port) == (PC1, "bek", "TCP", GOOD, 853)
        assert (event.outcome, event.clause, event.message) == ("deny", "2.11", "protocol-refused")
        assert grants.standing is not None
        assert all(grants.standing.facts.values())
    finally:
        grants.close()


def test_what_is_tried_over_ipv6_is_told_of_the_device_whose_card_it_was(tmp_path: Path) -> None:
    stage = Stage()
    grants = Grants(tmp_path / "nobody", stage, lambda: stage.macs, tmp_path, lambda: stage.at)  # type: ignore[arg-type] # stands for `Here`
    tried = [Attempt(Door.IPV6, mac, "", "udp", 0, "2001:db8::1", 60) for mac in (MACS["pc1"], "00:00:5e:00:53:7f")]
    assert grants._write(tried)
    assert grants._write([Attempt(Door.MORE, MACS["pc1"], PC1, "udp", 0, "", 60)])
    grants.close()
    known, other, more = logged(tmp_path)
    assert (known.device, known.person, known.host, known.message) == (PC1, "bek", "2001:db8::1", "protocol-refused")
    assert (other.device, other.person) == ("00:00:5e:00:53:7f", "")
    assert (more.device, more.person, more.method, more.host, more.message) == (PC1, "bek", "UDP", "", "more-refused")


def logged(folder: Path) -> list[VerdictEvent]:
    """The whole log."""
    reader = SpoolReader(folder)
    return [event for name in reader.files() for event in reader.events(name)]


def is_reset(link: object) -> bool:
    """Whether the next byte finds the connection gone."""
    try:
        link.send(b"x")  # type: ignore[attr-defined]
        link.send(b"x")  # type: ignore[attr-defined]
        return not link.recv(1)  # type: ignore[attr-defined]
    except ConnectionError:
        return True
