"""Replays on screen: asked for from a proposal, an agenda and the form of a decision; watched; printed with minutes."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from darbaza.portal.council.models import AgendaItem, Decision, Proposal, Sitting, UserCategory
from darbaza.portal.gateways import publish
from darbaza.portal.people.duties import Duty
from darbaza.portal.verdicts.log import log
from darbaza.portal.whatif import work
from darbaza.portal.whatif.models import Replay, ReplayState
from darbaza.snapshot.spool import format_event
from tests.portal.live import MONDAY, NOW, School, make_school, signed_in, staff

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def surroundings(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.STATE = tmp_path
    monkeypatch.setattr("darbaza.clock.utc_now", lambda: NOW)


@pytest.fixture
def begun(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The work is done here and at once, not beside the portal."""
    numbers: list[int] = []

    def start(pk: int) -> None:
        numbers.append(pk)
        work.work_on(Replay.objects.get(pk=pk))

    monkeypatch.setattr(work, "start", start)
    return numbers


@pytest.fixture
def school() -> School:
    made = make_school()
    publish.refresh(NOW)
    what = f"deny\t2.11\t8\tnot-ruled-on\t\tregulation\t\t\t{publish.latest_number()}\t1"
    who = f"127.0.3.1\t{made.aida.public_id}\t"
    line = format_event(1, int(NOW.timestamp()) * 1_000_000, who, "GET", "oyun.test", 80, what).decode().rstrip("\n")
    log().append("box", "1790000000000-7.spool", 1, [line])
    return made


@pytest.fixture
def item(school: School) -> AgendaItem:
    """An item on access of a sitting that is called."""
    chair, secretary = staff("Нурлан", Duty.COUNCIL_MEMBER), staff("Бегимай", Duty.COUNCIL_MEMBER)
    proposal = Proposal.objects.create(
        year=2026, number=1, subject="access", proposer="teacher", text="…", entered_by=school.aida, entered_at=NOW,
        effect="allow", target_host="oyun.test", user_category_id=group_pk("teachers"),
    )  # fmt: skip
    sitting = Sitting.objects.create(
        council="methodological", year=2026, number=1, date=MONDAY, chair=chair, secretary=secretary, called_at=NOW
    )
    return AgendaItem.objects.create(sitting=sitting, position=1, proposal=proposal)


def group_pk(code: str) -> int:
    return UserCategory.objects.get(code=code).pk


CHOSEN = {"user_category": "teachers", "effect": "allow", "days": "7"}


def test_a_proposal_is_tried_and_its_result_shown(school: School, item: AgendaItem, begun: list[int]) -> None:
    client = signed_in(school.director)
    answer = client.post(f"/whatif/proposal/{item.proposal_id}", CHOSEN)
    assert answer.headers["Location"] == f"/whatif/{begun[0]}/"
    page = client.get(answer.headers["Location"]).content.decode()
    assert "oyun.test" in page
    assert "1 (1)" in page
    assert 'hx-get="/whatif' not in page
    assert school.aida.surname not in page


def test_an_items_result_stands_in_its_sitting(school: School, item: AgendaItem, begun: list[int]) -> None:
    client = signed_in(item.sitting.chair)
    client.post(f"/whatif/item/{item.pk}", CHOSEN)
    item.refresh_from_db()
    assert item.replayed is not None
    assert item.replayed.total.gained.requests == 1
    Sitting.objects.update(state="open", opened_at=NOW)
    assert "oyun.test" in client.get(f"/council/sittings/{item.sitting_id}/").content.decode()


def test_closed_minutes_keep_what_was_printed(school: School, item: AgendaItem, begun: list[int]) -> None:
    client = signed_in(item.sitting.chair)
    client.post(f"/whatif/item/{item.pk}", CHOSEN)
    item.refresh_from_db()
    Sitting.objects.update(state="closed", closed_at=NOW)
    printed = item.replay
    client.post(f"/whatif/item/{item.pk}", CHOSEN | {"days": "1"})
    item.refresh_from_db()
    assert item.replay == printed
    page = client.get(f"/council/sittings/{item.sitting_id}/").content.decode()
    assert "мурунку трафикте сыналды" in page
    assert page.count("<svg viewBox") == 1


def test_the_form_of_a_decision_is_tried_without_being_entered(
    school: School, item: AgendaItem, begun: list[int]
) -> None:
    form = {
        "council": "methodological", "minutes_number": "1", "date": "2026-11-23", "in_force_from": "2026-11-23",
        "text": "…", "r-TOTAL_FORMS": "1", "r-INITIAL_FORMS": "0", "r-0-user_category": "teachers",
        "r-0-effect": "allow", "r-0-host": "oyun.test", "r-0-subdomains": "on",
    }  # fmt: skip
    client = signed_in(item.sitting.chair)
    answer = client.post("/whatif/decision", form)
    assert answer.status_code == 302, answer.content.decode()
    assert Replay.objects.get().found.total.gained.requests == 1  # type: ignore[union-attr]
    assert not Decision.objects.exists()
    assert client.post("/whatif/decision", form | {"date": "soon"}).status_code == 422


def test_a_page_asks_again_until_the_work_is_done_and_says_if_it_was_cut_off(
    school: School, item: AgendaItem, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(work, "start", lambda _pk: None)
    client = signed_in(school.director)
    address = client.post(f"/whatif/proposal/{item.proposal_id}", CHOSEN).headers["Location"]
    part = client.get(address, headers={"HX-Request": "true"}).content.decode()
    assert 'hx-trigger="every 1s"' in part
    assert "<html" not in part
    monkeypatch.setattr("darbaza.clock.utc_now", lambda: NOW + timedelta(minutes=2))
    assert "үзүлүп калды" in client.get(address).content.decode()


def test_a_proposal_on_something_else_cannot_be_tried(school: School, item: AgendaItem) -> None:
    Proposal.objects.update(subject="other", user_category=None, effect="", target_host="")
    assert signed_in(school.director).get(f"/whatif/proposal/{item.proposal_id}").status_code == 404


@pytest.mark.django_db(transaction=True)
def test_the_worker_says_what_it_cannot_do(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(CommandError, match="does not exist, or is done"):
        call_command("replay", "77")
    assert ReplayState.RUNNING == "running"
