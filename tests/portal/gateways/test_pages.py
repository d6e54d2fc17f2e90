"""*Why?* and the page of boxes."""

from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import pytest
from django.core.management import call_command

from darbaza.portal.gateways import boxes, publish
from darbaza.portal.gateways.actions import enrol_box
from darbaza.portal.gateways.models import Box, SnapshotRevision
from darbaza.portal.gateways.views import read_instant
from darbaza.portal.lessons import actions, seating
from darbaza.portal.verdicts.log import log
from darbaza.snapshot.spool import format_event, reference
from tests.portal.live import NOW, PIN, SOON, School, make_school, ruling, signed_in

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(minutes=5)


@pytest.fixture(autouse=True)
def surroundings(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.STATE = tmp_path
    monkeypatch.setattr("darbaza.clock.utc_now", lambda: LATER)


@pytest.fixture
def school() -> School:
    made = make_school()
    ruling("allow", host="kitep.test")
    publish.refresh(NOW)
    return made


def why(school: School, **asked: str) -> str:
    client = signed_in(school.aida)
    client.cookies["darbaza_language"] = "en"
    answer = client.get("/why/?" + urlencode(asked))
    assert answer.status_code == 200
    return answer.content.decode()


def test_why_tells_verdict_clause_ground_and_every_rule(school: School) -> None:
    page = why(school, host="https://kitep.test/book", device="127.0.1.1")
    assert "2.9" in page
    assert page.count("<tr") == 9
    actions.start_lesson(key=school.slot.key, by=school.aida, at=NOW)
    seating.sign_in(device=school.devices[0], student=school.bek, pin=PIN, at=NOW)
    page = why(school, host="kitep.test", device="127.0.1.1")
    assert "№ 2026-1" in page
    assert "/council/decisions/" in page
    assert school.bek.surname not in page


def test_why_answers_for_the_past_as_it_was(school: School) -> None:
    session = actions.start_lesson(key=school.slot.key, by=school.aida, at=NOW)
    seating.sign_in(device=school.devices[0], student=school.bek, pin=PIN, at=NOW)
    actions.end_lesson(session=session, by=school.aida, at=SOON + timedelta(minutes=1))
    then = why(school, host="kitep.test", device="127.0.1.1", at=SOON.isoformat())
    now = why(school, host="kitep.test", device="127.0.1.1")
    assert "№ 2026-1" in then.split('id="rules"')[0]
    assert "№ 2026-1" not in now.split('id="rules"')[0]
    assert "no lesson" in now.lower()


def test_a_minute_of_the_form_holds_what_was_decided_within_it() -> None:
    minute = NOW.replace(second=0, microsecond=0)
    written = minute.astimezone(ZoneInfo("Asia/Bishkek")).strftime("%Y-%m-%dT%H:%M")
    within = minute + timedelta(seconds=30)
    assert read_instant(written, within) == within
    assert minute + timedelta(seconds=59) < read_instant(written, LATER) < minute + timedelta(minutes=1)
    assert read_instant(minute.isoformat(), LATER) == minute


def test_why_answers_for_anybody_of_a_category(school: School) -> None:
    assert "№ 2026-1" in why(school, host="kitep.test", category="students-5-9")
    assert "№ 2026-1" not in why(school, host="belgisiz.test", category="students-5-9")


@pytest.mark.parametrize("asked", [
    {"host": "a b"}, {"host": "%00"}, {"host": "x" * 299}, {"host": "[::1"}, {"at": "junk", "host": "kitep.test"},
    {"device": "junk", "host": "kitep.test"}, {"category": "junk", "host": "kitep.test"}, {"reference": "JUNKJUNK"},
    {"at": "0001-01-01", "host": "kitep.test"}, {"at": "9999-12-31T23:59", "host": "kitep.test"}, {"host": "x" * 400},
])  # fmt: skip
def test_broken_questions_get_an_answer_in_words(school: School, asked: dict[str, str]) -> None:
    why(school, **asked)


def test_a_refusals_reference_is_found_and_explained(school: School) -> None:
    what = "deny\t2.9\t3\tno-lesson\t\tregulation\t\t\t1\t1"
    event = format_event(1, int(SOON.timestamp() * 1e6), "127.0.1.1\t\t", "GET", "kitep.test", 80, what)
    log().append("box", "f", 1, [event.decode().rstrip("\n")])
    page = why(school, reference=reference("f", 1).lower())
    assert "kitep.test" in page
    assert "2.9" in page


def test_why_is_for_staff_with_a_duty(school: School) -> None:
    assert signed_in(school.nobody).get("/why/").status_code == 403


def test_the_boxes_page_says_whether_access_is_up(school: School) -> None:
    client = signed_in(school.responsible)
    assert boxes.access_fact(LATER)[0] == "warn"
    enrol_box(name="box", by=None, at=NOW)
    assert boxes.access_fact(LATER)[0] == "warn"
    Box.objects.update(last_seen=LATER, revision=publish.refresh(LATER), health={"ok": True, "squid": {"up": True}})
    assert boxes.access_fact(LATER)[0] == "ok"
    assert "squid.up" in client.get("/boxes/").content.decode()
    Box.objects.update(health={"ok": True, "lists": {"waiting": 1, "held": ["ut1/games"], "complaint": ""}})
    assert boxes.access_fact(LATER)[0] == "warn"
    page = client.get("/boxes/").content.decode()
    assert "тизмелердин жаңылоолору адамдын чечимин күтөт" in page
    assert "ut1/games" in page
    Box.objects.update(health={"ok": False})
    assert boxes.access_fact(LATER)[0] == "bad"
    assert boxes.access_fact(LATER + timedelta(minutes=5))[0] == "bad"


def test_a_box_is_described_in_words_whatever_it_reports() -> None:
    squid = {"version": "5.7", "complaint": "", "failing": ["answers"]}
    health = {"engines": {"squid": squid, "dnsdist": {"version": "1.7.3", "complaint": "", "failing": []}}}
    told = dict(boxes.summary_of(health | {"disk": {"free": 83 * 10**9, "total": 270 * 10**9}}))
    assert told["squid"] == "5.7 · answers"
    assert told["dnsdist"] == "1.7.3 · works"
    assert told["Free on the disk"] == "83 of 270 GB"
    assert boxes.summary_of({"engines": "junk", "disk": {"free": "junk"}, "spool": None}) == ()


HEALTH: list[tuple[dict[str, Any], bool]] = [
    ({}, False),
    ({"engines": {"squid": {"complaint": "", "failing": [], "version": "5.7"}}, "cuts": {"able": True}}, False),
    ({"engines": {"squid": {"complaint": "port 3128 is taken"}}}, True),
    ({"engines": {"dnsdist": {"failing": ["answers"]}}}, True),
    ({"cuts": {"able": False}}, True),
    ({"ok": False}, True),
]


@pytest.mark.parametrize(("health", "fault"), HEALTH)
def test_a_fault_anywhere_in_a_report_counts(health: dict[str, Any], fault: bool) -> None:
    assert boxes.has_fault(health) is fault


def test_only_the_ict_person_takes_a_box_out_of_service(school: School) -> None:
    enrol_box(name="box", by=None, at=NOW)
    assert signed_in(school.responsible).post("/boxes/box/retire").status_code == 403
    assert signed_in(school.ict).get("/boxes/box/retire").status_code == 405
    signed_in(school.ict).post("/boxes/box/retire")
    assert Box.objects.get().retired_at == LATER


def test_commands_enrol_and_build(school: School, tmp_path: Path) -> None:
    call_command("enrol_box", "kg-1", "--token-file", tmp_path / "token", "--key-file", tmp_path / "key", verbosity=0)
    assert (tmp_path / "token").stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "key").read_text().startswith("ed25519 ")
    call_command("build_snapshot", "--output", tmp_path / "snapshot.dzb", verbosity=0)
    assert (tmp_path / "snapshot.dzb").read_bytes().startswith(b"darbaza 1 snapshot")
    assert SnapshotRevision.objects.count() == 1


@pytest.mark.bypass("X05")
@pytest.mark.parametrize(("free", "state"), [(10**8, "bad"), (10**10, "ok"), (True, "ok"), ("much", "ok")])
def test_a_full_disk_is_an_alarm_before_everything_is_refused(school: School, free: object, state: str) -> None:
    enrol_box(name="box", by=None, at=NOW)
    health = {"disk": {"free": free, "total": 10**11}}
    Box.objects.update(last_seen=LATER, revision=publish.latest_number(), health=health)
    assert boxes.access_fact(LATER)[0] == state
