"""What boxes count over open connections: shown in the lesson while it is fresh, kept nowhere, and never trusted."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from darbaza.portal.gateways.actions import enrol_box
from darbaza.portal.gateways.models import Box
from darbaza.portal.lessons import actions, seating
from darbaza.portal.lessons.console import Tally, state_of
from darbaza.portal.lessons.views.console import Watch
from darbaza.portal.rooms import flows
from darbaza.portal.rooms.models import Flows
from tests.portal.live import NOW, PIN, School, make_school

pytestmark = [pytest.mark.django_db, pytest.mark.bypass("X06")]


@pytest.fixture
def school() -> School:
    return make_school()


def test_the_seat_says_how_much_is_under_way_until_the_count_is_old(school: School) -> None:
    session = actions.start_lesson(key=school.slot.key, by=school.aida, at=NOW)
    seating.sign_in(device=school.devices[0], student=school.bek, pin=PIN, at=NOW)
    seats = {device.address: 12_000_000 for device in school.devices}
    flows.take("box", {**seats, "192.0.2.1": 5}, NOW)
    flows.take("another", {school.devices[0].address: 1_000_000}, NOW)

    def said(seconds: int) -> list[str]:
        state = state_of(session, Tally(session.public_id), NOW + timedelta(seconds=seconds))
        return [seat.flow for seat in state.seats]

    assert "12" in said(1)[0]
    assert set(said(1)[1:]) == {""}, "nobody has signed in there"
    assert set(said(31)) == {""}
    flows.take("box", {}, NOW + timedelta(seconds=31))
    flows.take("another", {school.devices[0].address: 50_000}, NOW + timedelta(seconds=31))
    assert set(said(32)) == {""}, "every page takes as much"


def test_a_new_count_reaches_a_console_by_itself(
    school: School, settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.STATE = tmp_path
    monkeypatch.setattr("darbaza.portal.lessons.views.console.close_old_connections", lambda: None)
    session = actions.start_lesson(key=school.slot.key, by=school.aida, at=NOW)
    seating.sign_in(device=school.devices[0], student=school.bek, pin=PIN, at=NOW)
    watch = Watch(session, school.aida, -1, "en")
    assert watch.look(NOW)
    assert not watch.look(NOW + timedelta(seconds=4))
    flows.take("box", {school.devices[0].address: 3_000_000}, NOW + timedelta(seconds=5))
    told = watch.look(NOW + timedelta(seconds=8))
    (seat,) = json.loads(told.partition("data: ")[2])["seats"]
    assert (seat["device"], seat["flow"]) == (school.devices[0].address, "2.9\xa0MB and running")


@pytest.mark.parametrize("raw", [None, 5, [], "x", {"127.0.1.1": "9"}, {"127.0.1.1": -1}, {"127.0.1.1": True}])
def test_what_is_no_count_is_passed_over(school: School, raw: object) -> None:
    flows.take("box", raw, NOW)
    assert flows.counts(NOW) == {}


def test_the_count_comes_with_the_report_of_health_and_is_no_part_of_it(
    school: School, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("darbaza.clock.utc_now", lambda: NOW)
    token = enrol_box(name="box", by=None, at=NOW)
    for count in (7, 8):
        answer = Client().post(
            "/api/gateway/v1/health", json.dumps({"version": "1", "open": {"127.0.1.1": count}}),
            content_type="application/json", headers={"Authorization": f"Bearer {token}"},
        )  # fmt: skip
        assert answer.status_code == 200
    assert flows.counts(NOW) == {"127.0.1.1": 8}
    assert Flows.objects.count() == 1
    assert Box.objects.get().health == {"version": "1"}
