"""The officer's queue: unknown hosts by how many people asked, in both parts of the log, and only what waits."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from darbaza.portal.classification import actions, waiting
from darbaza.portal.classification.actions import Named
from darbaza.portal.classification.models import ReportKind
from darbaza.portal.gateways.carried_out import held_updates
from darbaza.portal.gateways.models import Box
from darbaza.portal.people.duties import Duty
from darbaza.portal.school_time import school_day
from darbaza.portal.verdicts.log import log
from darbaza.snapshot.spool import format_event
from tests.people import Cast, make_staff, signed_in
from tests.portal.live import ruling

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def surroundings(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at: datetime) -> None:
    settings.STATE = tmp_path
    monkeypatch.setattr("darbaza.clock.utc_now", lambda: at)


def refuse(n: int, host: str, person: str, at: datetime, message: str = "not-ruled-on") -> None:
    what = f"deny\t2.11\t8\t{message}\t\tregulation\t\t\t1\t1"
    line = format_event(n, int(at.timestamp()) * 1_000_000, f"127.0.1.1\t{person}\t", "GET", host, 80, what)
    log().append("box", "1790000000000-7.spool", n, [line.decode().rstrip("\n")])


def names(at: datetime) -> list[tuple[str, int, int]]:
    asked, _unreadable = waiting.unknown_hosts(school_day(at))
    return [(one.host, len(one.people), one.requests) for one in asked]


def test_hosts_stand_by_how_many_people_asked_whichever_day_it_was(db: None, at: datetime) -> None:
    for n, (host, person) in enumerate([("a.test", "x"), ("a.test", "x"), ("a.test", "x"), ("b.test", "x")], start=1):
        refuse(n, host, person, at - timedelta(days=2))
    log().archive_before(school_day(at))
    refuse(5, "b.test", "y", at)
    assert names(at) == [("b.test", 2, 2), ("a.test", 1, 3)]


def test_what_other_rules_refused_and_what_is_long_past_does_not_wait(db: None, at: datetime) -> None:
    refuse(1, "kumar.test", "x", at, "statutory-category")
    refuse(2, "old.test", "x", at - timedelta(days=waiting.LOOK_BACK))
    assert names(at) == []


def test_what_is_assigned_or_ruled_on_waits_no_more_and_a_neighbour_does(cast: Cast, at: datetime) -> None:
    for n, host in enumerate(("www.sabak.test", "sabak.test", "oyun.test", "x.oyun.test", "kitep.test"), start=1):
        refuse(n, host, "x", at)
    officer = make_staff("Сатыбалдиева", "Алтынай", Duty.CLASSIFICATION_OFFICER)
    actions.assign(resources=[Named("sabak.test")], categories=["education"], reason="…", by=officer, at=at)
    actions.assign(
        resources=[Named("oyun.test", subdomains=False)], categories=["games"], reason="…", by=officer, at=at
    )
    ruling("deny", host="kitep.test")
    assert [host for host, _people, _requests in names(at)] == ["x.oyun.test"]


def test_a_damaged_day_is_named(db: None, at: datetime) -> None:
    refuse(1, "a.test", "x", at)
    day = school_day(at) - timedelta(days=1)
    log().archive.path(day).write_bytes(b"PAR1 torn")
    asked, unreadable = waiting.unknown_hosts(school_day(at))
    assert [one.host for one in asked] == ["a.test"]
    assert unreadable == [day]


def test_updates_that_boxes_hold_are_named_with_their_box(db: None, at: datetime) -> None:
    Box.objects.create(name="box", token_hash="1", enrolled_at=at, health={"lists": {"held": ["ut1/games"]}})
    Box.objects.create(name="odd", token_hash="2", enrolled_at=at, health={"lists": "?"})
    assert [(one.box, one.text) for one in held_updates()] == [("box", "ut1/games")]
    assert waiting.held_updates() == tuple(held_updates())


def test_the_officer_previews_in_bulk_and_assigns_what_was_shown(cast: Cast, at: datetime) -> None:
    ruling("allow", category="education")
    for n, host in enumerate(("a.test", "b.test"), start=1):
        refuse(n, host, "x", at)
    actions.report(kind=ReportKind.WRONG_REFUSAL, resource="a.test", by=cast.aida, at=at)
    client = signed_in(make_staff("Сатыбалдиева", "Алтынай", Duty.CLASSIFICATION_OFFICER))
    page = client.get("/classification/").content.decode()
    assert page.count('name="hosts"') == 2
    form = {"hosts": ["a.test", "b.test"], "typed": "c.test\nc.test", "first": "education", "reason": "Сабакка"}
    shown = client.post("/classification/preview", form).content.decode()
    assert [f'value="{host}"' in shown for host in ("a.test", "b.test", "c.test")] == [True] * 3
    assert client.post("/classification/preview", form | {"first": ""}).status_code == 422
    assert client.post("/classification/preview", form | {"typed": "kg"}).status_code == 422
    assert client.post("/classification/assign", form).status_code == 302
    assert names(at) == []
    assert 'name="hosts"' not in client.get("/classification/").content.decode()
