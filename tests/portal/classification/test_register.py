"""The state's register: a file applied whole or not at all, terms of two months, and proof within a day (2.11)."""

import io
import re
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import xlsxwriter
from django.utils.translation import override
from hypothesis import given
from hypothesis import strategies as st

from darbaza.policy.decide import decide
from darbaza.policy.request import AccessRequest
from darbaza.policy.resource import Resource
from darbaza.policy.verdict import Message
from darbaza.portal.classification import register_actions as actions
from darbaza.portal.classification.models import RegisterEntry, RegisterFile
from darbaza.portal.classification.preview import rules_now
from darbaza.portal.classification.register_file import months_later, plan_of
from darbaza.portal.classification.register_views import shown
from darbaza.portal.council.supposing import suppose
from darbaza.portal.gateways import carried_out, publish
from darbaza.portal.gateways.models import Box
from darbaza.portal.people.models import Person
from darbaza.portal.people.refusals import ActRefusedError
from darbaza.portal.people.rights import RightMissingError
from darbaza.portal.people.roster.reading import read
from darbaza.portal.school_time import day_begins
from tests.people import Cast

pytestmark = pytest.mark.django_db
HEAD = ("№", "Решение", "Дата решения", "Адрес сайта")
TODAY = date(2026, 11, 23)
ROWS = (
    HEAD,
    ("17", "Решение № 17", "06.11.2026", "uyat.test"),
    ("18", "Решение № 18", "2026-11-20", "http://a.test/x"),
)


def workbook(*rows: tuple[Any, ...]) -> bytes:
    file = io.BytesIO()
    with xlsxwriter.Workbook(file) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)
    return file.getvalue()


def taken_in(by: Person, at: datetime, *rows: tuple[Any, ...]) -> RegisterFile:
    sheet = read(workbook(*rows))
    return RegisterFile.objects.create(name="reestr.xlsx", sha256="0" * 64, rows=sheet.rows, by=by, at=at)


def answer(host: str, at: datetime, group: str = "teachers"):
    asker, rules = suppose(group, rules_now(at), at)
    return decide(AccessRequest(asker, Resource(host), at), rules)


def test_an_entry_closes_to_everybody_and_names_its_act(cast: Cast, at: datetime) -> None:
    file = taken_in(cast.ermek, at, *ROWS)
    assert actions.apply_register(file=file, by=cast.ermek, at=at) == 2
    for group in ("teachers", "students", "administration"):
        verdict = answer("www.uyat.test", at, group)
        assert verdict.message is Message.STATE_REGISTER
        assert (verdict.ground.ref, verdict.ground.date) == ("17", "2026-11-06")


def test_its_term_is_two_months_and_then_it_closes_nothing(cast: Cast, at: datetime) -> None:
    actions.apply_register(file=taken_in(cast.ermek, at, *ROWS), by=cast.ermek, at=at)
    ends = day_begins(date(2027, 1, 23)).astimezone(UTC)
    assert answer("uyat.test", ends - timedelta(seconds=1)).message is Message.STATE_REGISTER
    assert answer("uyat.test", ends).message is not Message.STATE_REGISTER


def test_a_term_of_the_files_own_is_kept_and_one_that_begins_later_waits(cast: Cast, at: datetime) -> None:
    rows = ((*HEAD, "с", "по"), ("9", "Чечим", "01.11.2026", "a.test", "25.11.2026", "01.03.2027"))
    actions.apply_register(file=taken_in(cast.ermek, at, *rows), by=cast.ermek, at=at)
    assert answer("a.test", at).message is not Message.STATE_REGISTER
    assert answer("a.test", at + timedelta(days=3)).message is Message.STATE_REGISTER
    assert RegisterEntry.objects.get().until == day_begins(date(2027, 3, 1))


BAD = [
    (("17", "Решение", "31.02.2026", "a.test"), "is no day"),
    (("17", "", "06.11.2026", "a.test"), "Number and decision"),
    (("17", "Решение", "06.11.2026", "kg"), "public suffix"),
    (("17", "Решение", "06.11.2026", "  "), "names no resource"),
    (("17", "Решение", "06.12.2026", "a.test"), "lies ahead"),
    (("17", "Решение", "06.11.2026", "uyat.test"), "stands in line 2"),
    (("17", "Решение", "06.11.2026", "http://[x"), "cannot be read"),
]


@pytest.mark.parametrize(("row", "said"), BAD)
def test_one_bad_line_and_nothing_is_applied(cast: Cast, at: datetime, row: tuple[str, ...], said: str) -> None:
    file = taken_in(cast.ermek, at, *ROWS, row)
    (problem,) = actions.plan_for(file).problems
    assert problem.line == 4
    assert said in str(problem.text)
    with pytest.raises(ActRefusedError, match="nothing was applied"):
        actions.apply_register(file=file, by=cast.ermek, at=at)
    assert not RegisterEntry.objects.exists()


def test_a_table_without_headings_or_without_lines_says_so(cast: Cast, at: datetime) -> None:
    assert "No line has the headings" in str(plan_of([("a", "b"), ("1", "2")], TODAY).problems[0].text)
    assert "no entries" in str(plan_of([HEAD], TODAY).problems[0].text)


def test_headings_may_be_kyrgyz_and_stand_below_a_title() -> None:
    rows = [("Мамлекеттик реестр",), ("Катар номери", "Чечим", "Чечимдин күнү", "Сайттын дареги"),
            ("3", "№ 3", "06.11.2026 10:00", "a.test, b.test")]  # fmt: skip
    found = plan_of(rows, TODAY)
    assert [one.host for one in found.entries] == ["a.test", "b.test"]
    assert not found.problems


@pytest.mark.parametrize("language", ["ky", "ru", "en"])
def test_the_headings_that_the_refusal_names_are_taken(language: str) -> None:
    with override(language):
        refusal = str(plan_of([("бир", "эки", "үч", "төрт")], TODAY).problems[0].text)
    headings = tuple(re.findall(r"[«“](.+?)[»”]", refusal))
    assert len(headings) == 4
    found = plan_of([headings, ("3", "№ 3", "06.11.2026", "a.test")], TODAY)
    assert [one.host for one in found.entries] == ["a.test"], found.problems


def test_a_file_is_applied_once_and_can_be_taken_back(cast: Cast, at: datetime) -> None:
    file = taken_in(cast.ermek, at, *ROWS)
    with pytest.raises(ActRefusedError, match="not applied"):
        actions.undo_register(file=file, by=cast.ermek, at=at)
    actions.apply_register(file=file, by=cast.ermek, at=at)
    with pytest.raises(ActRefusedError, match="applied already"):
        actions.apply_register(file=file, by=cast.ermek, at=at)
    with pytest.raises(RightMissingError):
        actions.undo_register(file=file, by=cast.aida, at=at)
    actions.undo_register(file=file, by=cast.ermek, at=at + timedelta(minutes=5))
    assert answer("uyat.test", at + timedelta(minutes=5)).message is not Message.STATE_REGISTER


def test_the_same_entry_in_a_newer_file_gets_its_term(cast: Cast, at: datetime) -> None:
    actions.apply_register(file=taken_in(cast.ermek, at, *ROWS), by=cast.ermek, at=at)
    later = at + timedelta(days=30)
    actions.apply_register(file=taken_in(cast.ermek, later, *ROWS), by=cast.ermek, at=later)
    standing = RegisterEntry.objects.filter(lifted_at__isnull=True, number="17")
    assert [one.until for one in standing] == [day_begins(date(2027, 2, 23))]


def test_only_whoever_may_takes_a_file_in(cast: Cast, at: datetime) -> None:
    for person in (cast.aida, cast.nurlan, cast.gulnara, cast.timur):
        with pytest.raises(RightMissingError):
            actions.apply_register(file=taken_in(person, at, *ROWS), by=person, at=at)


def test_it_is_carried_out_when_the_last_box_has_it_and_late_after_a_day(cast: Cast, at: datetime) -> None:
    boxes = [Box.objects.create(name=f"b{n}", token_hash=str(n), enrolled_at=at) for n in (1, 2)]
    publish.refresh(at - timedelta(hours=1))
    actions.apply_register(file=taken_in(cast.ermek, at, *ROWS), by=cast.ermek, at=at)
    number = publish.refresh(at)
    entry = RegisterEntry.objects.first()
    assert entry is not None
    carried_out.note(boxes[0], number, 0, at + timedelta(seconds=1))
    assert shown(entry, at, {}).carried_out is None
    carried_out.note(boxes[1], number + 1, 0, at + timedelta(hours=2))
    proof = shown(entry, at, {})
    assert proof.carried_out == at + timedelta(hours=2)
    assert proof.in_time
    late = Box.objects.create(name="b3", token_hash="3", enrolled_at=at)
    carried_out.note(late, number, 0, at + timedelta(hours=25))
    assert not shown(entry, at, {}).in_time


def test_an_older_revision_is_no_proof(cast: Cast, at: datetime) -> None:
    box = Box.objects.create(name="b", token_hash="1", enrolled_at=at)
    before = publish.refresh(at - timedelta(hours=1))
    actions.apply_register(file=taken_in(cast.ermek, at, *ROWS), by=cast.ermek, at=at)
    publish.refresh(at)
    carried_out.note(box, before, 0, at + timedelta(minutes=1))
    assert carried_out.everywhere_since(at) is None


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)), st.integers(1, 24))
def test_months_later_is_a_later_day_of_the_right_month(day: date, months: int) -> None:
    later = months_later(day, months)
    assert later.year * 12 + later.month == day.year * 12 + day.month + months
    assert later.day <= day.day
