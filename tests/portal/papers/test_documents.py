"""What the code of a paper vouches for: every fact on it, and nothing that is not on it."""

from datetime import date, datetime, timedelta

import pytest
from django.utils import translation

from darbaza.portal.audit import checkpoint
from darbaza.portal.audit.models import AuditEntry
from darbaza.portal.council.models import Order
from darbaza.portal.papers.documents import CODE_LENGTH, Document, gather
from darbaza.portal.papers.kinds import minutes
from tests.people import Cast
from tests.portal.papers import records


def document(kind: str, ref: str) -> Document:
    found = gather(kind, ref)
    assert found is not None
    return found


def test_a_code_is_the_same_in_every_language_and_on_every_day(cast: Cast, at: datetime) -> None:
    order = records.make_order(cast, at)
    codes = set()
    for language in ("ky", "ru", "en"):
        with translation.override(language):
            codes.add(document("order", order.ref).code)
    assert len(codes) == 1
    assert len(codes.pop()) == CODE_LENGTH


@pytest.mark.parametrize(
    "change", [{"text": "башка"}, {"number": 77}, {"in_force_until": date(2030, 1, 1)}, {"kind": "other"}]
)
def test_a_code_changes_with_whatever_stands_on_the_paper(cast: Cast, at: datetime, change: dict[str, object]) -> None:
    order = records.make_order(cast, at)
    before = document("order", order.ref).code
    Order.objects.filter(pk=order.pk).update(**change)
    order.refresh_from_db()
    assert document("order", order.ref).code != before


def test_a_repealed_order_is_another_paper_and_says_by_what(cast: Cast, at: datetime) -> None:
    order = records.make_order(cast, at)
    before = document("order", order.ref)
    later = records.make_order(cast, at + timedelta(days=1), repeals=order)
    after = document("order", order.ref)
    assert before.code != after.code
    assert after.facts["repealed_by"]["ref"] == later.ref
    assert document("order", later.ref).facts["repeals"][0]["ref"] == order.ref


def test_minutes_bear_the_checkpoint_of_the_act_that_closed_them(cast: Cast, at: datetime) -> None:
    sitting = records.hold_sitting(cast, at)
    facts = document("minutes", minutes.ref_of(sitting)).facts
    entry = AuditEntry.objects.get(act="council:sitting:close")
    read = checkpoint.read(facts["checkpoint"]["signed"])
    assert (read.mark.number, read.mark.begins, read.genuine) == (entry.number, entry.digest, True)
    records.make_order(cast, at)
    assert document("minutes", minutes.ref_of(sitting)).facts == facts, "the same minutes always print the same"


def test_an_extract_names_no_voter_and_nobody_who_proposed(cast: Cast, at: datetime) -> None:
    sitting = records.hold_sitting(cast, at, members=9)
    assert sitting.decision is not None
    whole, extract = str(document("minutes", minutes.ref_of(sitting)).facts), None
    extract = str(document("extract", sitting.decision.ref).facts)
    voters = {vote.member.short_name for item in sitting.items.all() for vote in item.votes.all()}
    signing = {sitting.chair.short_name, sitting.secretary.short_name}
    assert all(name in whole for name in voters)
    assert not any(name in extract for name in voters - signing)
    assert "Сыдыкова Жаңыл" in whole
    assert "Сыдыкова Жаңыл" not in extract


def test_the_list_of_appointments_is_that_of_its_day(cast: Cast, at: datetime) -> None:
    records.make_order(cast, at)
    holders = [row["person"] for row in document("duties", "2026-11-23").facts["rows"]]
    assert cast.timur.full_name in holders
    assert cast.timur.full_name not in [row["person"] for row in document("duties", "2026-11-22").facts["rows"]]
    assert not document("duties", "2019-01-01").facts["rows"]


def test_a_month_counts_every_act_and_seals_the_last(cast: Cast, at: datetime) -> None:
    records.hold_sitting(cast, at)
    facts = document("acts", "2026-11").facts
    counted = {row["act"]: row["count"] for row in facts["counts"]}
    assert facts["total"] == sum(counted.values()) == AuditEntry.objects.count()
    assert counted["council:sitting:close"] == 1
    assert facts["checkpoint"]["number"] == AuditEntry.objects.order_by("-number")[0].number
    assert [row["number"] for row in facts["acts"]] == sorted(row["number"] for row in facts["acts"])
    assert document("acts", "2026-10").facts["checkpoint"] is None


@pytest.mark.parametrize(
    ("kind", "ref"),
    [
        ("order", "2026"), ("order", "x-1"), ("order", "2026-99"), ("order", "9" * 30 + "-1"), ("minutes", "2026-1"),
        ("minutes", "parents-2026-1"), ("decision", ""), ("extract", "2026-1"), ("duties", "2026-13-01"),
        ("proposals", "next"), ("acts", "2026-13"), ("nothing", "2026-1"),
    ],
)  # fmt: skip
def test_there_is_no_document_without_its_record(db: None, kind: str, ref: str) -> None:
    assert gather(kind, ref) is None
