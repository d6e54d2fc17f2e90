"""Suspected attempts: what the supervisor is shown, what becomes of a word on it, and who hears of it (2.7)."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client

from darbaza.policy.attempts import Part
from darbaza.portal.asking.actions import Said as Wish
from darbaza.portal.asking.actions import ask
from darbaza.portal.audit.models import AuditEntry
from darbaza.portal.incidents import actions, judging
from darbaza.portal.incidents.judging import Numbers
from darbaza.portal.incidents.models import AttemptRuleVersion, Judgement, Notice
from darbaza.portal.incidents.reading import notices_for
from darbaza.portal.incidents.suspicions import rule_of, suspected_in, suspicion_of, version_in_force
from darbaza.portal.lessons import seating
from darbaza.portal.lessons.actions import start_lesson
from darbaza.portal.lessons.models import SupervisedSession
from darbaza.portal.lessons.views.console import Watch
from darbaza.portal.people.refusals import ActRefusedError
from darbaza.portal.people.rights import RightMissingError
from darbaza.portal.verdicts.log import log
from darbaza.snapshot.spool import crc32, reference
from tests.portal.live import NOW, PIN, School, make_school, signed_in

pytestmark = pytest.mark.django_db

LATER = NOW + timedelta(minutes=5)
HOSTS = ("kazino.test", "oyun.test", "tanish.test", "aktivdem.test")
CLOSED = "deny\t2.6\t7\truled-denied\t{}\tdecision\t2026-14\t\t1\t1"
WORD = "Төрт жабык сайтты терип көрдү"
FILE = "1790000000000-7.spool"
DEVICE = {"REMOTE_ADDR": "127.0.1.1"}


@pytest.fixture(autouse=True)
def surroundings(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.STATE = tmp_path
    monkeypatch.setattr("darbaza.clock.utc_now", lambda: LATER)
    monkeypatch.setattr("darbaza.portal.lessons.views.console.close_old_connections", lambda: None)


@pytest.fixture
def school() -> School:
    return make_school()


@pytest.fixture
def lesson(school: School) -> SupervisedSession:
    session = start_lesson(key=school.slot.key, by=school.aida, at=NOW)
    for place, who in zip(school.devices, (school.bek, school.cholpon), strict=False):
        seating.sign_in(device=place, student=who, pin=PIN, at=NOW)
    return session


def opened(
    school: School,
    lesson: SupervisedSession,
    *hosts: str,
    at: datetime = NOW,
    manner: str = "visit",
    category: str = "games",
) -> None:
    """Pages that Bek opened, half a minute apart, as the box's log tells it."""
    for number, host in enumerate(hosts):
        n = log().today.last_id() + 1
        us = int((at + timedelta(seconds=30 * number)).timestamp()) * 1_000_000
        who = f"{school.devices[0].address}\t{school.bek.public_id}\t{lesson.public_id}"
        body = f"{n}\t{us}\t{who}\tGET\t{host}\t443\t{CLOSED.format(category)}" + (f"\t{manner}" if manner else "")
        log().append("box", FILE, n, [f"{body}\t{crc32(body.encode()):08x}"])


@pytest.fixture
def suspected(school: School, lesson: SupervisedSession) -> SupervisedSession:
    opened(school, lesson, *HOSTS)
    return lesson


def confirm(school: School, lesson: SupervisedSession, **changes: Any) -> Judgement:
    given: dict[str, Any] = {"student": school.bek, "word": WORD, "by": school.aida, "at": LATER, **changes}
    return judging.confirm(session=lesson, **given)


def dismiss(school: School, lesson: SupervisedSession, **changes: Any) -> Judgement:
    given: dict[str, Any] = {"student": school.bek, "word": "", "by": school.aida, "at": LATER, **changes}
    return judging.dismiss(session=lesson, **given)


def test_a_pattern_stands_on_the_supervisors_console_and_on_nobody_elses(
    school: School, suspected: SupervisedSession
) -> None:
    own = signed_in(school.aida).get(f"/sabak/{suspected.public_id}/").content.decode()
    assert f"1 · {school.bek}" in own
    assert "kazino.test" in own
    watched = signed_in(school.responsible).get(f"/sabak/{suspected.public_id}/").content.decode()
    assert "kazino.test" not in watched
    assert "kazino.test" in Watch(suspected, school.aida, -1, "ky").look(LATER)
    assert "kazino.test" not in Watch(suspected, school.responsible, -1, "ky").look(LATER)


@pytest.mark.parametrize("manner", ["", "page"])
def test_what_a_page_asks_for_by_itself_stands_nowhere(school: School, lesson: SupervisedSession, manner: str) -> None:
    opened(school, lesson, *HOSTS * 3, manner=manner)
    assert suspected_in(lesson, LATER) == []


def test_what_was_reported_or_asked_for_is_no_attempt(school: School, lesson: SupervisedSession) -> None:
    opened(school, lesson, *["oyun.test"] * 6)
    assert len(suspected_in(lesson, LATER)) == 1
    ask(said=Wish("form", "oyun.test", "http://oyun.test/"), device=school.devices[0], at=LATER)
    assert suspected_in(lesson, LATER) == []


def test_a_confirmed_attempt_reaches_the_class_teacher_with_its_evidence(
    school: School, suspected: SupervisedSession
) -> None:
    made = confirm(school, suspected)
    (notice,) = notices_for(school.class_teacher, LATER)
    assert (notice, notice.text, notice.sent_by) == (made.notice, WORD, school.aida)
    assert notice.references == [reference(FILE, n) for n in range(1, 5)]
    assert [one["part"] for one in made.evidence] == [Part.ONE_AFTER_ANOTHER]
    page = signed_in(school.class_teacher).get("/notices/").content.decode()
    assert all(host in page for host in HOSTS)
    entry = AuditEntry.objects.get(act="incidents:attempt:confirm")
    assert entry.detail == {"student": school.bek.public_id, "class": "7-А", "parts": ["one-after-another"]}
    assert suspected_in(suspected, LATER) == []


def test_a_dismissed_one_stays_dismissed_and_nobody_hears_of_it(school: School, suspected: SupervisedSession) -> None:
    made = dismiss(school, suspected)
    assert (made.evidence, made.notice, Notice.objects.count()) == ([], None, 0)
    assert suspected_in(suspected, LATER) == []
    opened(school, suspected, "jany-oyun.test", at=LATER + timedelta(seconds=30))
    assert suspected_in(suspected, LATER + timedelta(minutes=1)) == []
    opened(school, suspected, *HOSTS, at=LATER + timedelta(minutes=1))
    assert len(suspected_in(suspected, LATER + timedelta(minutes=5))) == 1
    assert AuditEntry.objects.get(act="incidents:attempt:dismiss").detail == {}


@pytest.mark.parametrize("act", [confirm, dismiss])
def test_only_the_lessons_supervisor_judges(
    school: School, suspected: SupervisedSession, act: Callable[..., Judgement]
) -> None:
    for who in ("director", "class_teacher", "nobody", "ict"):
        with pytest.raises(RightMissingError):
            act(school, suspected, by=getattr(school, who))
    for who in ("bakyt", "responsible"):
        with pytest.raises(ActRefusedError):
            act(school, suspected, by=getattr(school, who))
    assert not Judgement.objects.exists()


@pytest.mark.parametrize("act", [confirm, dismiss])
def test_there_is_nothing_to_judge_where_nothing_is_suspected(
    school: School, suspected: SupervisedSession, act: Callable[..., Judgement]
) -> None:
    with pytest.raises(ActRefusedError):
        act(school, suspected, student=school.cholpon)
    act(school, suspected)
    with pytest.raises(ActRefusedError):
        act(school, suspected)


@pytest.mark.parametrize("word", ["", "ab", "x" * 301])
def test_who_confirms_says_what_they_saw(school: School, suspected: SupervisedSession, word: str) -> None:
    with pytest.raises(ActRefusedError):
        confirm(school, suspected, word=word)
    assert suspicion_of(suspected, school.bek, LATER) is not None


def test_the_consoles_buttons_judge(school: School, suspected: SupervisedSession) -> None:
    client, form = signed_in(school.aida), {"student": school.bek.public_id, "word": WORD}
    for name in ("confirm-attempt", "dismiss-attempt"):
        assert client.get(f"/sabak/{suspected.public_id}/{name}").status_code == 405
    client.post(f"/sabak/{suspected.public_id}/confirm-attempt", {**form, "student": "junk"})
    assert not Judgement.objects.exists()
    answer = client.post(f"/sabak/{suspected.public_id}/confirm-attempt", form, headers={"Accept": "application/json"})
    assert answer.json()["ok"]
    assert Judgement.objects.get().deliberate


@pytest.mark.parametrize(("name", "deliberate"), [("confirm", True), ("dismiss", False)])
def test_it_can_be_judged_after_the_lesson_too(
    school: School, suspected: SupervisedSession, name: str, deliberate: bool
) -> None:
    client, form = signed_in(school.aida), {"student": school.bek.public_id, "word": WORD}
    assert "kazino.test" in client.get("/notices/attempts/").content.decode()
    assert client.get(f"/notices/attempts/{suspected.public_id}/{name}").status_code == 405
    assert client.post(f"/notices/attempts/{suspected.public_id}/other", form).status_code == 404
    assert client.post(f"/notices/attempts/{suspected.public_id}/{name}", form).status_code == 302
    assert Judgement.objects.get().deliberate is deliberate
    for who in ("director", "class_teacher", "nobody"):
        assert signed_in(getattr(school, who)).get("/notices/attempts/").status_code == 403


def test_the_notice_is_seen_talked_about_and_passed_on(school: School, suspected: SupervisedSession) -> None:
    notice = confirm(school, suspected).notice
    assert notice is not None
    client = signed_in(school.class_teacher)
    assert client.post(f"/notices/{notice.public_id}/referred").status_code == 302
    notice.refresh_from_db()
    assert (notice.referred_by, notice.seen_by, notice.talked_at) == (school.class_teacher, school.class_teacher, None)
    assert str(school.bek) not in client.get("/notices/").content.decode()
    with pytest.raises(ActRefusedError):
        actions.mark_referred(notice=notice, by=school.class_teacher, at=LATER)
    for who in ("aida", "director", "nobody"):
        with pytest.raises(RightMissingError):
            actions.mark_referred(notice=notice, by=getattr(school, who), at=LATER)
    assert AuditEntry.objects.filter(act="incidents:notice:refer").count() == 1


def test_the_student_adds_their_own_view_at_their_own_sign_in(school: School, suspected: SupervisedSession) -> None:
    notice = confirm(school, suspected).notice
    assert notice is not None
    page = Client().get("/men/", **DEVICE).content.decode()
    assert WORD in page
    assert "kazino.test" in page
    form = {"form": form_of(page), "notice": notice.public_id, "text": "<b>Рефератка</b> керек болчу"}
    other = {"REMOTE_ADDR": "127.0.1.2"}
    assert WORD not in Client().get("/men/", **other).content.decode()
    assert Client().post("/men/", form, **other).status_code == 403
    assert Client().post("/men/", {**form, "text": "x"}, **DEVICE).status_code == 403
    assert Client().post("/men/", form, **DEVICE).status_code == 302
    assert "&lt;b&gt;Рефератка" in signed_in(school.class_teacher).get("/notices/").content.decode()
    assert "&lt;b&gt;Рефератка" in signed_in(school.aida).get("/notices/attempts/").content.decode()
    entry = AuditEntry.objects.get(act="incidents:notice:answer")
    assert (entry.by, entry.detail) == (school.bek.public_id, {})
    with pytest.raises(ActRefusedError):
        actions.add_own_view(notice=notice, text="Мен эмес", student=school.cholpon, at=LATER)


def form_of(page: str) -> str:
    found = re.search(r'name="form" value="([^"]+)"', page)
    assert found
    return found[1]


def test_nobody_signed_in_sees_nobodys_notices(school: School, suspected: SupervisedSession) -> None:
    confirm(school, suspected)
    seating.sign_out(device=school.devices[0], at=LATER)
    assert WORD not in Client().get("/men/", **DEVICE).content.decode()
    assert WORD not in Client().get("/men/").content.decode()


def test_who_sent_a_notice_withdraws_it_and_its_evidence_is_gone(school: School, suspected: SupervisedSession) -> None:
    made = confirm(school, suspected)
    notice = made.notice
    assert notice is not None
    client = signed_in(school.aida)
    assert client.get(f"/notices/withdraw/{notice.public_id}").status_code == 405
    client.post(f"/notices/withdraw/{notice.public_id}", {"why": " "})
    assert Notice.objects.get().withdrawn_at is None
    for who in ("bakyt", "responsible"):
        with pytest.raises(ActRefusedError):
            actions.withdraw(notice=notice, why="Жаңылыптырмын", by=getattr(school, who), at=LATER)
    for who in ("director", "class_teacher", "nobody"):
        with pytest.raises(RightMissingError):
            actions.withdraw(notice=notice, why="Жаңылыптырмын", by=getattr(school, who), at=LATER)
    client.post(f"/notices/withdraw/{notice.public_id}", {"why": "Жаңылыптырмын"})
    notice.refresh_from_db()
    made.refresh_from_db()
    assert (notice.text, notice.refusals, notice.withdrawn_why, made.evidence, made.word) == (
        "", "", "Жаңылыптырмын", [], "",
    )  # fmt: skip
    everything = signed_in(school.class_teacher).get("/notices/?show=all").content.decode()
    assert "Жаңылыптырмын" in everything
    assert "kazino.test" not in everything
    for act in (actions.mark_seen, actions.mark_talked, actions.mark_referred):
        with pytest.raises(ActRefusedError):
            act(notice=notice, by=school.class_teacher, at=LATER)
    assert suspected_in(suspected, LATER) == []
    assert AuditEntry.objects.filter(act="incidents:notice:withdraw").count() == 1


def test_a_notice_is_forgotten_with_the_log_of_its_day(school: School, suspected: SupervisedSession) -> None:
    confirm(school, suspected)
    assert actions.forget_before(date(2026, 11, 23)) == 0
    call_command("archive_log", verbosity=0)
    assert Notice.objects.count() == 1
    assert actions.forget_before(date(2026, 11, 24)) == 2
    assert (Notice.objects.count(), Judgement.objects.count()) == (0, 0)


NUMBERS = Numbers(minutes=5, one_after_another=6, again=5, way_round=3, mirror=3, port=3, address=0)


def test_the_school_sets_the_numbers_of_the_rule(school: School, suspected: SupervisedSession) -> None:
    assert rule_of(version_in_force()).one_after_another == 4
    judging.set_rule(numbers=NUMBERS, why="Көп шек туудурат", by=school.responsible, at=LATER)
    rule = rule_of(version_in_force())
    assert (rule.window, rule.one_after_another, rule.address) == (timedelta(minutes=5), 6, 0)
    assert suspected_in(suspected, LATER) == []
    assert AuditEntry.objects.get(act="incidents:rule:set").detail["one_after_another"] == 6


@pytest.mark.parametrize("who", ["director", "aida", "class_teacher", "ict", "nobody"])
def test_only_the_responsible_person_sets_it(school: School, who: str) -> None:
    with pytest.raises(RightMissingError):
        judging.set_rule(numbers=NUMBERS, why="Көп шек туудурат", by=getattr(school, who), at=LATER)


@pytest.mark.parametrize(
    "change", [{"minutes": 1}, {"minutes": 46}, {"again": 1}, {"again": 21}, {"address": -1}, {"why": " "}]
)
def test_numbers_that_would_suspect_everybody_or_nobody_can_read_are_refused(school: School, change: dict) -> None:
    why = change.pop("why", "Көп шек туудурат")
    with pytest.raises(ActRefusedError):
        judging.set_rule(numbers=replace(NUMBERS, **change), why=why, by=school.responsible, at=LATER)
    assert not AttemptRuleVersion.objects.exists()


def test_everybody_reads_the_rule_with_its_versions(school: School) -> None:
    values = {name: getattr(NUMBERS, name) for name in NUMBERS.__dataclass_fields__}
    client = signed_in(school.responsible)
    assert client.post("/notices/attempts/rule", {**values, "why": ""}).status_code == 422
    assert client.post("/notices/attempts/rule", {**values, "why": "Көп шек туудурат"}).status_code == 302
    page = signed_in(school.nobody).get("/notices/attempts/rule").content.decode()
    assert "Көп шек туудурат" in page
    assert '<form method="post">' not in page
    assert '<form method="post">' in client.get("/notices/attempts/rule").content.decode()
    assert Client().get("/notices/attempts/rule").status_code == 302
    assert signed_in(school.aida).post("/notices/attempts/rule", {**values, "why": "Мен да"}).status_code == 403
