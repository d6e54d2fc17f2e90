"""Whether consents cover: no consent without explanation, the strictest decides, a withdrawal ends at its second."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TypeVar

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from darbaza.publication.consents import Answer, Consent, Coverage, Explanation, Giver, Party, Standing, coverage
from darbaza.publication.kinds import NEVER, Channel, DataKind, Purpose

T = TypeVar("T")
DAY = timedelta(days=1)
NOON = datetime(2026, 9, 10, 6, tzinfo=UTC)
MOTHER = Giver("g1", Party.REPRESENTATIVE, "Асанова Нургүл")
FATHER = Giver("g2", Party.REPRESENTATIVE, "Асанов Бакыт")
CHILD = Giver("own", Party.OWN)
REPRESENTATIVE = frozenset({Party.REPRESENTATIVE})
BOTH = frozenset(Party)


def agreed(giver: Giver = MOTHER, **changes: object) -> Consent:
    """The mother of `1` agreed to photos and surnames in the news on the school's site, from a day before noon."""
    base = Consent(
        id="c1",
        person="1",
        answer=Answer.AGREED,
        kinds=frozenset({DataKind.PHOTO, DataKind.SURNAME}),
        channels=frozenset({Channel.SITE}),
        purposes=frozenset({Purpose.NEWS}),
        giver=giver,
        given_at=NOON - DAY,
        recorded_at=NOON - DAY,
        since=NOON - DAY,
        until=NOON + 30 * DAY,
        explanation=Explanation("v1", "ky", "7", NOON - DAY, understood=True),
        required=REPRESENTATIVE,
    )
    return replace(base, **changes)  # type: ignore[arg-type]


def refused(giver: Giver = FATHER, **changes: object) -> Consent:
    """The same, refused by the father."""
    return agreed(giver, **{"id": "c2", "answer": Answer.REFUSED, "explanation": None, **changes})


def asked(
    *consents: Consent,
    at: datetime = NOON,
    kind: DataKind = DataKind.PHOTO,
    protected: frozenset[str] = frozenset(),
) -> Coverage:
    """What the statements come to for a photo of `1` in the news of the site."""
    return coverage(
        consents, person="1", kind=kind, channel=Channel.SITE, purpose=Purpose.NEWS, at=at, protected=protected
    )


def test_what_a_parent_agreed_to_after_an_explanation_is_covered_until_its_end() -> None:
    answer = asked(agreed())
    assert answer == Coverage(Standing.COVERED, ("c1",), NOON + 30 * DAY)
    assert answer.covered
    assert answer.clause == "2.15"


@pytest.mark.parametrize(
    ("consents", "standing"),
    [
        ([], Standing.MISSING),
        ([agreed(kinds=frozenset({DataKind.SURNAME}))], Standing.MISSING),
        ([agreed(channels=frozenset({Channel.TELEGRAM}))], Standing.MISSING),
        ([agreed(purposes=frozenset({Purpose.WORKS}))], Standing.MISSING),
        ([agreed(person="2")], Standing.MISSING),
        ([agreed(explanation=None)], Standing.NOT_EXPLAINED),
        ([agreed(explanation=Explanation("v1", "ky", "7", NOON - DAY, understood=False))], Standing.NOT_EXPLAINED),
        ([agreed(explanation=Explanation("v1", "ky", "7", NOON + DAY, understood=True))], Standing.NOT_YET),
        ([agreed(since=NOON + DAY)], Standing.NOT_YET),
        ([agreed(until=NOON)], Standing.ENDED),
        ([agreed(withdrawn_at=NOON)], Standing.WITHDRAWN),
        ([agreed(lapsed_at=NOON)], Standing.MISSING),
        ([agreed(left=True)], Standing.LEFT),
        ([agreed(left=True), refused(left=True)], Standing.REFUSED),
        ([agreed(), refused()], Standing.REFUSED),
        ([agreed(), refused(CHILD)], Standing.REFUSED),
        ([agreed(), agreed(FATHER, id="c2", withdrawn_at=NOON - timedelta(hours=1))], Standing.WITHDRAWN),
        ([agreed(required=BOTH)], Standing.OWN_MISSING),
        ([agreed(CHILD, required=BOTH)], Standing.REPRESENTATIVE_MISSING),
        ([agreed(required=frozenset({Party.OWN}))], Standing.MISSING),
    ],
)
def test_everything_else_says_why_it_is_not_covered(consents: list[Consent], standing: Standing) -> None:
    answer = asked(*consents)
    assert answer.standing == standing
    assert not answer.covered


def test_of_a_protected_person_nothing_is_ever_covered() -> None:
    assert asked(agreed(), protected=frozenset({"1"})) == Coverage(Standing.PROTECTED)


def test_document_numbers_are_published_of_nobody() -> None:
    assert asked(agreed(kinds=frozenset(DataKind)), kind=DataKind.DOCUMENT_NUMBER).standing == Standing.NEVER


def test_a_paper_that_is_dated_back_counts_from_when_the_school_had_it() -> None:
    paper = agreed(given_at=NOON - 20 * DAY, since=NOON - 20 * DAY)
    assert asked(paper, at=NOON - 2 * DAY).standing == Standing.MISSING
    assert asked(paper, at=NOON - DAY).covered


def test_an_older_paper_that_turns_up_late_lifts_no_refusal() -> None:
    late = agreed(given_at=NOON - 5 * DAY, recorded_at=NOON)
    assert asked(late, refused(MOTHER, given_at=NOON - 2 * DAY, recorded_at=NOON - DAY)).standing == Standing.REFUSED


def test_the_same_giver_who_agrees_anew_lifts_the_own_refusal_and_nobody_elses() -> None:
    anew = agreed(given_at=NOON - timedelta(hours=1), recorded_at=NOON - timedelta(hours=1))
    assert asked(refused(MOTHER), anew).covered
    assert asked(refused(FATHER), anew).standing == Standing.REFUSED


def test_both_together_are_covered_until_the_first_of_them_has_none_left() -> None:
    own = agreed(CHILD, id="c2", until=NOON + 3 * DAY, required=BOTH)
    assert asked(agreed(required=BOTH), own) == Coverage(Standing.COVERED, ("c1", "c2"), NOON + 3 * DAY)


def test_a_refusal_of_a_representative_binds_no_adult() -> None:
    alone = frozenset({Party.OWN})
    assert asked(agreed(CHILD, required=alone), refused(FATHER, required=alone)).covered


instants = st.integers(-100, 100).map(lambda hours: NOON + timedelta(hours=hours))


def subsets(of: list[T]) -> st.SearchStrategy[frozenset[T]]:
    """Some of them, at least one."""
    return st.frozensets(st.sampled_from(of), min_size=1)


consents = st.builds(
    Consent,
    id=st.integers(0, 99).map(str),
    person=st.sampled_from(["1", "2"]),
    answer=st.sampled_from(Answer),
    kinds=subsets([DataKind.PHOTO, DataKind.SURNAME, DataKind.DOCUMENT_NUMBER]),
    channels=subsets([Channel.SITE, Channel.TELEGRAM]),
    purposes=subsets([Purpose.NEWS, Purpose.WORKS]),
    giver=st.sampled_from([MOTHER, FATHER, CHILD]),
    given_at=instants,
    recorded_at=instants,
    since=instants,
    until=st.none() | instants,
    withdrawn_at=st.none() | instants,
    lapsed_at=st.none() | instants,
    explanation=st.none() | st.builds(Explanation, st.just("v1"), st.just("ky"), st.just("7"), instants, st.booleans()),
    required=subsets(list(Party)),
)
lists = st.lists(consents, max_size=6)
agreeable = st.lists(consents, max_size=3).map(
    lambda others: [agreed(id="m", until=None), agreed(CHILD, id="o", until=NOON + 2 * DAY), *others]
)


@given(lists, instants)
def test_no_consent_without_an_explanation_that_was_understood_ever_covers(found: list[Consent], at: datetime) -> None:
    bare = [replace(one, explanation=None) if one.is_explained else one for one in found]
    assert not asked(*bare, at=at).covered


@given(lists, instants, st.sampled_from([MOTHER, CHILD]))
def test_a_new_refusal_wins_over_whatever_was_agreed(found: list[Consent], at: datetime, giver: Giver) -> None:
    assert not asked(*found, refused(giver, given_at=at, recorded_at=at, required=BOTH), at=at).covered


@given(agreeable, instants)
def test_a_withdrawal_ends_at_its_very_instant(found: list[Consent], at: datetime) -> None:
    before = asked(*found, at=at)
    assume(before.covered)
    taken = [replace(one, withdrawn_at=at) if one.id in before.consents[:1] else one for one in found]
    assert not asked(*taken, at=at).covered


@given(agreeable, instants)
def test_what_is_covered_is_so_until_the_end_that_was_named_and_not_beyond(found: list[Consent], at: datetime) -> None:
    answer = asked(*found, at=at)
    assume(answer.covered)
    lasting = [replace(one, lapsed_at=None, withdrawn_at=None) for one in found if one.id in answer.consents]
    end = asked(*lasting, at=at).until
    assert end is None or (at < end and asked(*lasting, at=end - timedelta(microseconds=1)).covered)
    assert end is None or not asked(*lasting, at=end).covered


@given(lists, instants, st.randoms())
def test_the_order_of_statements_changes_nothing(found: list[Consent], at: datetime, chance: object) -> None:
    shuffled = list(found)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    assert asked(*found, at=at) == asked(*shuffled, at=at)


@given(lists, instants, st.sampled_from(sorted(NEVER)))
def test_what_is_never_published_and_of_whom_has_no_consent(found: list[Consent], at: datetime, kind: DataKind) -> None:
    assert not asked(*found, at=at, kind=kind).covered
    assert not asked(*found, at=at, protected=frozenset({"1"})).covered
