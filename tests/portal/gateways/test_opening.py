"""A student's page says that they have access once the gateway knows it, and not before."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from darbaza.portal.gateways.actions import enrol_box, retire_box
from darbaza.portal.gateways.models import Box
from darbaza.portal.lessons import actions, live
from darbaza.portal.lessons.views import captive
from tests.portal.live import NOW, PIN, SOON, School, make_school

pytestmark = pytest.mark.django_db

ACCESS, OPENING = "Интернет ачык", "Интернет ачылып жатат"


@pytest.fixture(autouse=True)
def surroundings(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.STATE = tmp_path
    monkeypatch.setattr("darbaza.clock.utc_now", lambda: SOON)
    monkeypatch.setattr(captive, "OPENS_WITHIN", 0.01)


@pytest.fixture
def school() -> School:
    school = make_school()
    actions.start_lesson(key=school.slot.key, by=school.aida, at=NOW)
    return school


@pytest.fixture
def token(school: School) -> str:
    """A box that has asked, and has nothing yet."""
    token = enrol_box(name="box", by=None, at=NOW)
    ask(token, 0)
    return token


def ask(token: str, sequence: int) -> None:
    query = {"revision": 0, "sequence": sequence, "wait": 0}
    Client().get("/api/gateway/v1/state", query, headers={"Authorization": f"Bearer {token}"})


def sign_in(pc: Client, school: School) -> str:
    """Where the page sends the browser after name and PIN."""
    answer = pc.post("/kirish/", {"student": school.bek.public_id, "pin": PIN})
    assert answer.status_code == 302
    return str(answer.headers["Location"])


def test_access_is_promised_when_the_box_has_taken_it(school: School, token: str) -> None:
    pc = Client(REMOTE_ADDR="127.0.1.1")
    waiting = sign_in(pc, school)
    page = pc.get(waiting)
    assert OPENING in page.content.decode()
    assert ACCESS not in page.content.decode()
    assert page.headers["Refresh"] == "1"

    ask(token, live.sequence() - 1)
    assert OPENING in pc.get(waiting).content.decode()
    ask(token, live.sequence())
    page = pc.get(waiting)
    assert ACCESS in page.content.decode()
    assert "Refresh" not in page.headers


def test_a_box_that_is_up_to_date_leads_straight_to_the_page(school: School, token: str) -> None:
    ask(token, live.sequence() + 5)
    assert sign_in(Client(REMOTE_ADDR="127.0.1.1"), school) == "/kirish/"


def test_no_box_in_touch_holds_nobody(school: School, token: str) -> None:
    Box.objects.update(last_seen=SOON - timedelta(seconds=21))
    assert sign_in(Client(REMOTE_ADDR="127.0.1.1"), school) == "/kirish/"


def test_a_retired_box_holds_nobody(school: School, token: str) -> None:
    retire_box(box=Box.objects.get(), by=school.ict, at=NOW)
    assert sign_in(Client(REMOTE_ADDR="127.0.1.1"), school) == "/kirish/"


@pytest.mark.parametrize("step", ["x", "-1", "9" * 400, "\x00", "²"])
def test_what_is_no_number_opens_the_page_as_it_is(school: School, token: str, step: str) -> None:
    pc = Client(REMOTE_ADDR="127.0.1.1")
    sign_in(pc, school)
    assert pc.get("/kirish/", {"step": step}).status_code == 200
