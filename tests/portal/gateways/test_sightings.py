"""What a box tells of its devices: void sign-ins end, the console shows the seat, the page says what to do."""

import json
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import translation

from darbaza.portal.audit.models import AuditEntry
from darbaza.portal.gateways import rulebook
from darbaza.portal.gateways.actions import enrol_box
from darbaza.portal.lessons import actions, live, seating
from darbaza.portal.lessons.console import SeatState, Tally, state_of
from darbaza.portal.lessons.models import Binding, SupervisedSession
from darbaza.portal.rooms.models import Device, Sighting
from tests.portal.live import NOW, PIN, SOON, School, make_school

pytestmark = pytest.mark.django_db
THIEF, BEK = "00:00:5e:00:53:66", "00:00:5e:00:53:11"
ADDRESS = "127.0.1.1"


@pytest.fixture(autouse=True)
def surroundings(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.STATE = tmp_path
    monkeypatch.setattr("darbaza.clock.utc_now", lambda: SOON)


@pytest.fixture
def school() -> School:
    return make_school()


@pytest.fixture
def lesson(school: School) -> SupervisedSession:
    return actions.start_lesson(key=school.slot.key, by=school.aida, at=NOW)


@pytest.fixture
def token(school: School) -> str:
    return enrol_box(name="box", by=None, at=NOW)


@pytest.fixture
def bound(school: School, lesson: SupervisedSession) -> Binding:
    return seating.sign_in(device=school.devices[0], student=school.bek, pin=PIN, at=NOW)


def tell(token: str, devices: object, void: object = ()) -> Any:
    return Client().post(
        "/api/gateway/v1/sightings", json.dumps({"devices": devices, "void": void}), content_type="application/json",
        headers={"Authorization": f"Bearer {token}"},
    )  # fmt: skip


def swapped(fault: str = "other-card", mac: str = THIEF) -> dict[str, str]:
    return {
        "address": ADDRESS, "mac": mac, "fault": fault, "expected": BEK, "name": "kali", "since": NOW.isoformat(),
    }  # fmt: skip


def void(binding: Binding) -> dict[str, str]:
    return {"device": binding.device.address, "since": binding.since.isoformat()}


def test_a_void_sign_in_ends_and_is_recorded(token: str, bound: Binding) -> None:
    before = live.head()
    assert tell(token, [swapped()], [void(bound)]).json() == {"ok": True, "ended": 1}
    bound.refresh_from_db()
    assert (bound.ended, bound.ended_how) == (SOON, "doubt")
    entry = AuditEntry.objects.order_by("-number")[0]
    assert (entry.act, entry.by or None, entry.detail["device"]) == ("lessons:device:doubt", None, ADDRESS)
    assert entry.detail["doubt"] == "other-card"
    after = live.head()
    assert before is not None
    assert after is not None
    assert (after.sequence, after.epoch) == (before.sequence + 1, before.epoch + 1)


def test_a_sign_in_after_it_stands(token: str, bound: Binding) -> None:
    tell(token, [swapped()], [void(bound)])
    again = seating.sign_in(device=bound.device, student=bound.person, pin=PIN, at=SOON)
    assert tell(token, [], [void(bound)]).json()["ended"] == 0
    again.refresh_from_db()
    assert again.ended is None


def test_the_same_report_again_changes_nothing(token: str, bound: Binding) -> None:
    tell(token, [swapped()])
    head = live.head()
    tell(token, [swapped()])
    assert live.head() == head


def test_the_console_shows_the_seat_and_what_is_wrong(token: str, lesson: SupervisedSession, bound: Binding) -> None:
    def seat() -> SeatState:
        translation.activate("en")  # the pages of a test before may have left another
        return next(one for one in state_of(lesson, Tally(lesson.public_id), SOON).seats if one.device == ADDRESS)

    assert seat().state == "online"
    tell(token, [swapped()], [void(bound)])
    assert (seat().state, seat().word, seat().clause) == ("doubt", "look at this computer", "2.9")
    assert seat().host == "another computer at this address (2.9)"
    tell(token, [])
    assert seat().state == "free"


def test_the_console_says_which_seat_claims_an_address_while_its_owner_works_on(
    token: str, school: School, lesson: SupervisedSession, bound: Binding
) -> None:
    other = school.devices[1]
    assert other.seat is not None
    type(other).objects.filter(pk=other.pk).update(mac=THIEF)
    before = live.head()
    assert before is not None
    tell(token, [swapped("impostor")])
    translation.activate("en")
    seat = next(one for one in state_of(lesson, Tally(lesson.public_id), SOON).seats if one.device == ADDRESS)
    assert (seat.state, seat.name) == ("doubt", str(bound.person))
    assert seat.host == f"the computer at seat {other.seat.number} claims this address (2.9)"
    bound.refresh_from_db()
    assert bound.ended is None
    after = live.head()
    assert after is not None
    assert after.sequence > before.sequence, "consoles look anew"


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ("randomised", "Use device MAC"),
        ("no-card", "entered without its network card"),
        ("no-lease", "set by hand"),
        ("changed", "Sign in again"),
        ("twice", "two places"),
    ],
)
def test_the_sign_in_page_says_what_to_do(token: str, lesson: SupervisedSession, fault: str, said: str) -> None:
    tell(token, [swapped(fault)])
    client = Client(REMOTE_ADDR=ADDRESS)
    client.cookies["darbaza_language"] = "en"
    page = client.get("/kirish/").content.decode()
    assert said in page
    assert "Clause 2.9" in page
    assert said not in client.get("/kirish/", REMOTE_ADDR="127.0.1.2").content.decode()


@pytest.mark.parametrize("language", ["ky", "ru"])
def test_the_notice_stands_in_each_language(token: str, lesson: SupervisedSession, language: str) -> None:
    tell(token, [swapped("randomised")])
    client = Client(REMOTE_ADDR=ADDRESS)
    client.cookies["darbaza_language"] = language
    page = client.get("/kirish/").content.decode()
    assert {"ky": "түзмөк тармактык картасын жашырат", "ru": "скрывает свою сетевую карту"}[language] in page


@pytest.mark.parametrize(
    ("devices", "voided"),
    [
        ("x", []), ([{}], []), ([], "x"), ([], [{}]), ([], ["x"]), ([], [{"device": ADDRESS, "since": "x"}]),
        ([swapped()] * 301, []), ([{**swapped(), "mac": "x"}], []),
    ],
)  # fmt: skip
def test_broken_reports_are_refused(token: str, devices: object, voided: object) -> None:
    assert tell(token, devices, voided).status_code == 400
    assert not Sighting.objects.exists()


def test_a_stranger_reports_nothing(school: School) -> None:
    assert tell("wrong", []).status_code == 401


def test_the_rulebook_carries_the_cards(school: School) -> None:
    Device.objects.filter(address=ADDRESS).update(mac=BEK)
    cards = {device.address: device.mac for device in rulebook.build(NOW).devices}
    assert (cards[ADDRESS], cards["127.0.1.2"]) == (BEK, "")


@pytest.mark.bypass("S04")
def test_a_device_that_left_is_shown_at_its_seat_and_recorded_and_so_is_its_return(
    token: str, school: School, lesson: SupervisedSession, bound: Binding
) -> None:
    address = bound.device.address

    def seat() -> SeatState:
        with translation.override("en"):
            found = state_of(lesson, Tally(lesson.public_id), SOON)
        return next(one for one in found.seats if one.device == address)

    def entries() -> list[tuple[str, str, object]]:
        found = AuditEntry.objects.filter(act__in=["lessons:device:leave", "lessons:device:return"]).order_by("number")
        return [(one.act, one.subject, one.detail["device"]) for one in found]

    left = {"address": address, "mac": "", "fault": "gone", "expected": "", "name": "", "since": NOW.isoformat()}
    tell(token, [left])
    assert (seat().state, seat().word, seat().host) == ("gone", "left the network", "since 09:10")
    assert seat().name == str(school.bek)
    tell(token, [left])
    assert entries() == [("lessons:device:leave", lesson.public_id, address)]
    tell(token, [])
    assert seat().state == "online"
    assert entries()[1:] == [("lessons:device:return", lesson.public_id, address)]
    assert Binding.objects.filter(ended__isnull=True).exists(), "who comes back goes on"
