"""Pages of the log: filters, no names, CSV, and a child's history behind its purpose."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.core.management import CommandError, call_command
from django.test import Client

from darbaza.portal.audit.models import AuditEntry
from darbaza.portal.people.refusals import ActRefusedError
from darbaza.portal.people.rights import RightMissingError
from darbaza.portal.verdicts import actions
from darbaza.portal.verdicts.log import log
from darbaza.portal.verdicts.models import HistoryOpening
from darbaza.snapshot.spool import format_event, reference
from tests.portal.live import MONDAY, NOW, School, make_school, signed_in

pytestmark = pytest.mark.django_db
FILE = "1790000000000-7.spool"


@pytest.fixture(autouse=True)
def surroundings(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.STATE = tmp_path
    monkeypatch.setattr("darbaza.clock.utc_now", lambda: NOW)


@pytest.fixture
def school() -> School:
    made = make_school()
    rows = [
        line(1, made.bek.public_id, "kitep.test", "allow"),
        line(2, made.bek.public_id, "kumar.test", "deny", "3.3"),
        line(3, made.daniyar.public_id, "oyun.test", "deny"),
        line(4, "", "=cmd|'/C calc'!A0", "deny"),
        line(5, made.bek.public_id, "kechee.test", "deny", days=1),
    ]
    log().append("box", FILE, 1, rows)
    return made


def line(n: int, person: str, host: str, outcome: str, clause: str = "2.6", days: int = 0) -> str:
    at_us = int((NOW - timedelta(days=days)).timestamp() * 1_000_000) + n
    what = f"{outcome}\t{clause}\t7\truled-denied\tgames\tdecision\t2026-1\t\t1\t1"
    return format_event(n, at_us, f"127.0.1.{n}\t{person}\tL1", "GET", host, 80, what).decode().rstrip("\n")


def shown(client: Client, address: str = "/log/") -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_log_shows_classes_and_no_names(school: School) -> None:
    page = shown(signed_in(school.ict))
    assert "kumar.test" in page
    assert "7-А" in page
    assert school.bek.surname not in page
    assert school.bek.public_id not in page
    assert "kechee.test" not in page


FILTERS = [
    ("?outcome=allow", {"kitep.test"}),
    ("?outcome=refused", {"kumar.test", "oyun.test"}),
    ("?clause=3.3", {"kumar.test"}),
    ("?host=test", {"kitep.test", "kumar.test", "oyun.test"}),
    ("?host=KUMAR.test.", {"kumar.test"}),
    ("?device=127.0.1.3", {"oyun.test"}),
    ("?first=2026-11-22&last=2026-11-22", {"kechee.test"}),
    (f"?reference={reference(FILE, 2).lower()}", {"kumar.test"}),
    ("?outcome=x&first=junk&last=9999-99-99&school_class=x&before=1~2", {"kitep.test", "kumar.test", "oyun.test"}),
    ("?host=%00&device=%27%3B--", set()),
]


@pytest.mark.parametrize(("query", "hosts"), FILTERS)
def test_filters_stand_in_the_address(school: School, query: str, hosts: set[str]) -> None:
    page = shown(signed_in(school.ict), "/log/" + query).split("<tbody>")[1]
    found = {host for host in ("kitep.test", "kumar.test", "oyun.test", "kechee.test") if f">{host}</a>" in page}
    assert found == hosts


def test_a_class_is_a_filter(school: School) -> None:
    page = shown(signed_in(school.ict), f"/log/?school_class={school.eight.pk}").split("<tbody>")[1]
    assert "oyun.test" in page
    assert "kumar.test" not in page


def test_each_row_leads_to_why(school: School) -> None:
    assert "/why/?host=kumar.test&amp;device=127.0.1.2&amp;at=2026-11-23T" in shown(signed_in(school.ict))


@pytest.mark.parametrize("who", ["aida", "class_teacher", "nobody"])
@pytest.mark.parametrize("path", ["/log/", "/log/export.csv"])
def test_the_log_is_closed_to_others(school: School, who: str, path: str) -> None:
    assert signed_in(getattr(school, who)).get(path).status_code == 403


@pytest.mark.bypass("X03")
def test_the_export_is_inert_and_for_local_spreadsheets(school: School) -> None:
    answer = signed_in(school.ict).get("/log/export.csv?outcome=refused")
    text = async_to_sync(whole)(answer)
    assert text.startswith("\ufeff")
    rows = text.splitlines()
    assert len(rows) == 4
    assert any("'=cmd" in row for row in rows)
    assert all(row.count(";") == 6 for row in rows)
    assert school.bek.public_id not in text


async def whole(answer: Any) -> str:
    return b"".join([piece async for piece in answer.streaming_content]).decode()


def test_a_history_needs_a_purpose_which_is_recorded(school: School) -> None:
    client = signed_in(school.responsible)
    assert school.bek.public_id in shown(client, "/log/history")
    form = {"student": school.bek.public_id, "first": "2026-11-22", "last": "2026-11-23"}
    assert client.post("/log/history", {**form, "purpose": " "}).status_code == 422
    assert client.post("/log/history", {**form, "purpose": "x  y"}).status_code == 422
    assert not HistoryOpening.objects.exists()
    answer = client.post("/log/history", {**form, "purpose": "Ата-эненин суроосу"})
    page = shown(client, answer.url)  # type: ignore[attr-defined] # a redirect has one
    assert str(school.bek) in page
    assert "kechee.test" in page
    assert "oyun.test" not in page
    entry = AuditEntry.objects.get(act="verdicts:history:open")
    assert (entry.by, entry.subject) == (school.responsible.public_id, school.bek.public_id)
    assert entry.detail["purpose"] == "Ата-эненин суроосу"


def test_a_history_closes_after_half_an_hour(school: School, monkeypatch: pytest.MonkeyPatch) -> None:
    opening = open_for(school)
    monkeypatch.setattr("darbaza.clock.utc_now", lambda: NOW + timedelta(minutes=30))
    assert signed_in(school.responsible).get(f"/log/history/{opening.public_id}").status_code == 403


def test_a_history_is_open_to_nobody_else(school: School) -> None:
    opening = open_for(school)
    assert signed_in(school.class_teacher).get(f"/log/history/{opening.public_id}").status_code == 404
    assert signed_in(school.ict).get(f"/log/history/{opening.public_id}").status_code == 403


def open_for(school: School) -> HistoryOpening:
    return actions.open_history(
        student=school.bek, purpose="Ата-эненин суроосу", first=MONDAY, last=MONDAY, by=school.responsible, at=NOW
    )


def test_a_class_teacher_opens_histories_of_the_own_class_only(school: School) -> None:
    form = {"purpose": "Ата-эненин суроосу", "first": MONDAY, "last": MONDAY, "at": NOW}
    actions.open_history(student=school.bek, by=school.class_teacher, **form)  # type: ignore[arg-type] # keywords
    with pytest.raises(RightMissingError):
        actions.open_history(student=school.daniyar, by=school.class_teacher, **form)  # type: ignore[arg-type] # keywords
    page = shown(signed_in(school.class_teacher), "/log/history")
    assert school.bek.public_id in page
    assert school.daniyar.public_id not in page


@pytest.mark.parametrize("who", ["aida", "ict", "director", "nobody"])
def test_nobody_without_the_right_opens_a_history(school: School, who: str) -> None:
    with pytest.raises(RightMissingError):
        actions.open_history(
            student=school.bek, purpose="Кызыгуу үчүн", first=MONDAY, last=MONDAY, by=getattr(school, who), at=NOW
        )
    assert not AuditEntry.objects.filter(act="verdicts:history:open").exists()


def test_days_in_the_wrong_order_are_refused(school: School) -> None:
    with pytest.raises(ActRefusedError):
        actions.open_history(
            student=school.bek, purpose="Ата-эненин суроосу", first=MONDAY, last=date(2026, 11, 1),
            by=school.responsible, at=NOW,
        )  # fmt: skip


def test_the_nightly_command_archives_and_names_a_damaged_day(school: School) -> None:
    call_command("archive_log", verbosity=0)
    assert log().archive.days() == (date(2026, 11, 22),)
    assert "kechee.test" in shown(signed_in(school.ict), "/log/?first=2026-11-22")
    log().archive.path(date(2026, 11, 22)).write_bytes(b"junk")
    assert "22.11.2026" in shown(signed_in(school.ict), "/log/?first=2026-11-22")
    log().append("box", FILE, 6, [line(6, "", "late.test", "deny", days=1)])
    with pytest.raises(CommandError, match="2026-11-22"):
        call_command("archive_log", verbosity=0)


def test_the_nightly_command_deletes_days_past_their_term(school: School, settings: Any) -> None:
    settings.VERDICT_LOG_DAYS = 0
    call_command("archive_log", verbosity=0)
    assert log().archive.days() == ()
    assert "kechee.test" not in shown(signed_in(school.ict), "/log/?first=2026-11-22")
