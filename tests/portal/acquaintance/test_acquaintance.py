"""The rules are read and accepted, on the screen or together on a sheet; which text, and by whom, is kept (2.12)."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from darbaza.portal.acquaintance import actions
from darbaza.portal.acquaintance.in_force import Circle, acceptance_of, circle_of, circles
from darbaza.portal.acquaintance.models import Acquaintance, Group, How, RulesText, Sheet
from darbaza.portal.acquaintance.rules import Rules, rules_at
from darbaza.portal.audit.models import AuditEntry
from darbaza.portal.council.models import RegulationVersion
from darbaza.portal.papers import rendering
from darbaza.portal.papers.documents import gather
from darbaza.portal.people.models import Person, PersonKind
from darbaza.portal.people.refusals import ActRefusedError
from darbaza.portal.people.rights import RightMissingError
from darbaza.portal.school_time import school_day
from tests.people import Cast

LastEntry = Callable[[], AuditEntry]
RECORDED = Path(__file__).parents[3] / "docs" / "what-we-record.md"


@pytest.fixture
def unread(cast: Cast) -> Cast:
    """The cast before anybody has read anything."""
    Acquaintance.objects.all().delete()
    return cast


def approve(cast: Cast, at: datetime) -> RegulationVersion:
    """Another version of the regulation, in force since a moment ago."""
    day = school_day(at)
    return RegulationVersion.objects.create(
        drafted_by=cast.zarina, drafted_at=at, act_kind="order", act_number="9", act_date=day,
        approved_by=cast.gulnara, approved_at=at, since=at - timedelta(minutes=1),
    )  # fmt: skip


def sheet_of(cast: Cast, at: datetime) -> Sheet:
    return actions.make_sheet(circle=Circle(Group.SCHOOL_CLASS, cast.seven), by=cast.saltanat, at=at)


def test_what_was_accepted_is_kept_with_its_whole_text(unread: Cast, at: datetime, last_entry: LastEntry) -> None:
    key = rules_at(at).id
    made = actions.accept_rules(person=unread.bek, key=key, language="ru", at=at)
    assert (made.how, made.language, made.text.key) == (How.SCREEN, "ru", key)
    assert (last_entry().act, last_entry().by) == ("acquaintance:rules:accept", unread.bek.public_id)
    assert {len(made.text.body[language]) for language in ("ky", "ru", "en")} == {2}
    assert actions.accept_rules(person=unread.bek, key=key, language="ky", at=at) == made
    assert AuditEntry.objects.filter(act="acquaintance:rules:accept").count() == 1


def test_another_version_of_the_regulation_is_read_anew_and_the_old_acceptance_stays(cast: Cast, at: datetime) -> None:
    before = acceptance_of(cast.bek, at)
    assert before is not None
    version = approve(cast, at)
    assert acceptance_of(cast.bek, at) is None
    with pytest.raises(ActRefusedError, match="changed since"):
        actions.accept_rules(person=cast.bek, key=before.text.key, language="ky", at=at)
    now = actions.accept_rules(person=cast.bek, key=rules_at(at).id, language="ky", at=at)
    assert (now.text.regulation, before.text.regulation) == (version.ref, "2020-09-15")
    assert RulesText.objects.count() == 2


def test_another_term_of_the_log_is_another_text_that_says_so(settings: Any, at: datetime) -> None:
    rules = Rules("2020-09-15", 90)
    assert replace(rules, days=30).id != rules.id
    for language in ("ky", "ru", "en"):
        told = " ".join(one.text for screen in replace(rules, days=30).screens(language) for one in screen.paragraphs)
        assert "30" in told
        assert "90" not in told
        assert "2020-09-15" in told
        assert not re.search(r"[{}]", told)


def test_the_rules_name_the_term_that_the_public_document_names(settings: Any) -> None:
    named = set(re.findall(r"\*\* (\d+)", RECORDED.read_text("utf-8")))
    assert named == {str(settings.VERDICT_LOG_DAYS)}


def test_whoever_has_left_accepts_nothing(cast: Cast, at: datetime) -> None:
    cast.bek.active = False
    with pytest.raises(ActRefusedError):
        actions.accept_rules(person=cast.bek, key=rules_at(at).id, language="ky", at=at)


def test_a_sheet_has_a_line_for_each_who_is_missing(unread: Cast, at: datetime, last_entry: LastEntry) -> None:
    actions.accept_rules(person=unread.bek, key=rules_at(at).id, language="ky", at=at)
    sheet = sheet_of(unread, at)
    assert [one["id"] for one in sheet.people] == [unread.cholpon.public_id]
    assert (last_entry().act, last_entry().subject) == ("acquaintance:sheet:make", "2026-1")
    actions.accept_rules(person=unread.cholpon, key=rules_at(at).id, language="ky", at=at)
    with pytest.raises(ActRefusedError, match="Everybody"):
        sheet_of(unread, at)


def test_who_signed_is_recorded_and_the_absent_stay_without_access(
    unread: Cast, at: datetime, last_entry: LastEntry
) -> None:
    sheet = sheet_of(unread, at)
    signed = [unread.bek.public_id]
    form: dict[str, Any] = {"signed": signed, "signed_on": school_day(at), "language": "ky", "by": unread.saltanat}
    actions.record_sheet(sheet=sheet, **form, at=at)
    held = acceptance_of(unread.bek, at)
    assert held is not None
    assert (held.how, held.sheet) == (How.SHEET, sheet)
    assert acceptance_of(unread.cholpon, at) is None
    assert (last_entry().act, last_entry().detail["signed"]) == ("acquaintance:sheet:record", signed)
    with pytest.raises(ActRefusedError, match="recorded already"):
        actions.record_sheet(sheet=sheet, **form, at=at)


@pytest.mark.parametrize("fault", ["nobody", "a stranger", "tomorrow", "before the print", "a language", "other rules"])
def test_a_sheet_that_cannot_be_so_is_refused_whole(unread: Cast, at: datetime, fault: str) -> None:
    sheet, day = sheet_of(unread, at), school_day(at)
    form: dict[str, Any] = {"signed": [unread.bek.public_id], "signed_on": day, "language": "ky"}
    form |= {
        "nobody": {"signed": []},
        "a stranger": {"signed": [unread.daniyar.public_id]},
        "tomorrow": {"signed_on": day + timedelta(days=1)},
        "before the print": {"signed_on": day - timedelta(days=1)},
        "a language": {"language": "uz"},
    }.get(fault, {})
    if fault == "other rules":
        approve(unread, at)
    with pytest.raises(ActRefusedError):
        actions.record_sheet(sheet=sheet, **form, by=unread.saltanat, at=at)
    assert not Acquaintance.objects.exists()


def test_only_the_own_class_teacher_and_the_ict_teacher_record(unread: Cast, at: datetime) -> None:
    sheet = sheet_of(unread, at)
    form: dict[str, Any] = {"signed": [unread.bek.public_id], "signed_on": school_day(at), "language": "ky"}
    eighth = Circle(Group.SCHOOL_CLASS, unread.eight)
    for by in (unread.aida, unread.gulnara, unread.jyldyz, unread.timur):
        with pytest.raises(RightMissingError):
            actions.record_sheet(sheet=sheet, **form, by=by, at=at)
    for circle in (eighth, Circle(Group.STAFF)):
        with pytest.raises(RightMissingError):
            actions.make_sheet(circle=circle, by=unread.saltanat, at=at)
        assert actions.make_sheet(circle=circle, by=unread.ermek, at=at).people
    actions.record_sheet(sheet=sheet, **form, by=unread.ermek, at=at)


def test_a_line_recorded_by_mistake_is_taken_back_with_a_reason(
    unread: Cast, at: datetime, last_entry: LastEntry
) -> None:
    sheet = sheet_of(unread, at)
    form: dict[str, Any] = {"signed": [unread.bek.public_id], "signed_on": school_day(at), "language": "ky"}
    (line,) = actions.record_sheet(sheet=sheet, **form, by=unread.saltanat, at=at)
    with pytest.raises(RightMissingError):
        actions.withdraw_acquaintance(acquaintance=line, reason="Башка бала", by=unread.aida, at=at)
    with pytest.raises(ActRefusedError, match="why"):
        actions.withdraw_acquaintance(acquaintance=line, reason=" ", by=unread.saltanat, at=at)
    later = at + timedelta(minutes=5)
    actions.withdraw_acquaintance(acquaintance=line, reason="Башка бала", by=unread.saltanat, at=later)
    assert last_entry().act == "acquaintance:line:withdraw"
    assert acceptance_of(unread.bek, at) is not None
    assert acceptance_of(unread.bek, later) is None
    own = actions.accept_rules(person=unread.bek, key=rules_at(at).id, language="ky", at=later)
    with pytest.raises(ActRefusedError, match="themselves"):
        actions.withdraw_acquaintance(acquaintance=own, reason="Жок", by=unread.saltanat, at=later)


def test_a_guest_is_in_a_circle_of_guests(cast: Cast, at: datetime) -> None:
    assert [one.group for one in circles(at)] == ["class", "class", "staff"]
    guest = Person.objects.create(kind=PersonKind.GUEST, surname="Конокбаев", given_name="Азиз")
    found = circle_of("guests")
    assert found is not None
    assert list(found.missing(at)) == [guest]
    assert circles(at)[-1] == found
    assert [circle_of(slug) for slug in ("class-0", "class-x", "everybody", "class-" + "9" * 30)] == [None] * 4


@pytest.mark.parametrize("language", ["ky", "ru", "en"])
def test_the_printed_sheet_bears_the_text_as_it_was_and_a_line_each(unread: Cast, at: datetime, language: str) -> None:
    sheet = sheet_of(unread, at)
    document = gather("acquaintance", sheet.ref)
    assert document is not None
    before = document.digest
    html = rendering.html_of(document, language)
    for screen in rules_at(at).screens(language):
        assert screen.title in html
    assert html.count('<tr><td class="number">') == 2
    assert unread.cholpon.full_name in html
    approve(unread, at)
    actions.accept_rules(person=unread.bek, key=rules_at(at).id, language="ky", at=at)
    again = gather("acquaintance", sheet.ref)
    assert again is not None
    assert again.digest == before
