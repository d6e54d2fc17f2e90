"""The gate on matters of every kind: it never lets through what a consent does not cover, and never fails."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from darbaza.publication.clearing import cleared
from darbaza.publication.consents import Answer as Said
from darbaza.publication.consents import Consent, Explanation, Giver, Party, coverage
from darbaza.publication.findings import Box, Certainty, Finding, Span
from darbaza.publication.gate import Step, Why, fits, judge, judge_standing
from darbaza.publication.kinds import NAMES, Channel, DataKind, Purpose
from darbaza.publication.matter import (
    Answer,
    Answered,
    Checked,
    CouncilRule,
    Matter,
    Part,
    PartKind,
    Publisher,
    Seen,
    finding_keys,
    look_of,
)

NOW = datetime(2026, 11, 23, 4, tzinfo=UTC)
PEOPLE = ["bek", "cholpon", "aida"]
people = st.lists(st.sampled_from(PEOPLE), max_size=2, unique=True).map(tuple)
boxes = st.builds(Box, *[st.integers(0, 60)] * 2, *[st.integers(1, 60)] * 2)
hours = st.integers(-50, 50).map(lambda hour: NOW + timedelta(hours=hour))
findings = st.lists(
    st.one_of(
        st.builds(
            Finding,
            st.sampled_from(DataKind),
            people,
            st.sampled_from(Certainty),
            st.just("body"),
            st.builds(Span, st.integers(0, 9), st.integers(10, 19)),
        ),
        st.builds(Finding, st.just(DataKind.PHOTO), people, st.sampled_from(Certainty), st.just("p"), boxes),
    ),
    max_size=4,
).map(tuple)
answers = st.builds(Answered, st.sampled_from(Answer), people, st.sampled_from(["", "a street"]))


@st.composite
def agreements(draw: st.DrawFn) -> Consent:
    """A statement of some parent."""
    given_at, person = draw(hours), draw(st.sampled_from(PEOPLE))
    return Consent(
        id="c",
        person=person,
        answer=draw(st.sampled_from(Said)),
        kinds=draw(st.frozensets(st.sampled_from(DataKind))),
        channels=draw(st.frozensets(st.sampled_from(Channel))),
        purposes=draw(st.frozensets(st.sampled_from(Purpose))),
        giver=Giver(draw(st.sampled_from(["mother", "father"])), Party.REPRESENTATIVE),
        given_at=given_at,
        recorded_at=given_at,
        since=given_at,
        withdrawn_at=draw(st.none() | hours),
        explanation=draw(st.none() | st.just(Explanation("1", "ky", "j", given_at, understood=True))),
        required=frozenset({Party.REPRESENTATIVE}),
    )


@st.composite
def matters(draw: st.DrawFn) -> Matter:
    """A matter that is right in all but, perhaps, its personal data."""
    found = draw(findings)
    picture = Part(
        "p", PartKind.PICTURE, "c" * 64, 0, tuple(draw(st.lists(boxes, max_size=2))), draw(st.none() | boxes)
    )
    made = Matter(
        id="m",
        author="author",
        channel=draw(st.sampled_from(Channel)),
        purpose=draw(st.sampled_from([Purpose.NEWS, Purpose.ACHIEVEMENTS, Purpose.WORKS])),
        parts=(Part("body", PartKind.TEXT, "b" * 64, 50), picture),
        findings=found,
        answers={key: draw(answers) for key in finding_keys(found) if draw(st.booleans())},
        seen={"p": Seen("checker", look_of(picture), draw(people))},
        publisher=Publisher("jyldyz", True),
        consents=tuple(draw(st.lists(agreements(), max_size=4))),
        protected=draw(st.frozensets(st.sampled_from(PEOPLE), max_size=1)),
        rules=(CouncilRule("2026-1", True),),
    )
    return confirmed(made)


def confirmed(matter: Matter) -> Matter:
    """The matter with both checks of what it is."""
    facts = Checked("other", NOW, matter.content, "report")
    return replace(matter, facts=facts, personal_data=Checked("checker", NOW, matter.clearing))


@given(matters(), hours)
def test_whatever_passes_is_answered_covered_and_nobody_protected(matter: Matter, at: datetime) -> None:
    verdict = judge(matter, at)
    if not verdict.passes:
        assert all(reason.clause in {"2.6", "2.14", "2.15", "2.16", "2.17", "3.2"} for reason in verdict.reasons)
        return
    for key, finding in zip(finding_keys(matter.findings), matter.findings, strict=True):
        assert key in matter.answers
        if matter.answers[key].answer is Answer.CONSENT:
            assert (matter.answers[key].people[0], finding.kind) in verdict.uses
    for person, kind in verdict.uses:
        assert person not in matter.protected
        where = {"channel": matter.channel, "purpose": matter.purpose, "at": at}
        assert coverage(matter.consents, person=person, kind=kind, **where).covered


@given(matters(), hours)
def test_what_passed_and_loses_a_consent_does_not_stand(matter: Matter, at: datetime) -> None:
    verdict = judge_standing(matter, at)
    if verdict.passes and verdict.uses:
        assert not judge_standing(replace(matter, consents=()), at).passes


@given(matters(), hours, st.sampled_from(["parts", "findings", "answers", "seen", "channel"]))
def test_a_change_after_the_checks_closes_the_gate_until_it_is_checked_again(
    matter: Matter, at: datetime, what: str
) -> None:
    other = next(one for one in Channel if one is not matter.channel)
    more = Finding(DataKind.PHONE, (), Certainty.HINT, "body", Span(30, 40), "0555 123456")
    [text, picture] = matter.parts
    changed = {
        "parts": (replace(text, digest="d" * 64), picture),
        "findings": (*matter.findings, more),
        "answers": {**matter.answers, finding_keys(matter.findings)[0]: Answered(Answer.CONSENT, ("x",))}
        if matter.findings
        else None,
        "seen": {"p": replace(matter.seen["p"], people=(*matter.seen["p"].people, "new"))},
        "channel": other,
    }[what]
    if changed is not None:
        reasons = {reason.why for reason in judge(replace(matter, **{what: changed}), at).reasons}
        assert reasons & {Why.DATA_CHANGED, Why.FACTS_CHANGED}


@given(matters(), hours)
def test_nothing_is_let_out_by_nobody_and_nothing_unchecked(matter: Matter, at: datetime) -> None:
    for without in ("publisher", "facts", "personal_data"):
        assert not judge(replace(matter, **{without: None}), at).passes
    assert not judge(replace(matter, rules=()), at).clear_of(Step.COUNCIL)


def test_of_a_protected_person_the_reason_says_nothing_at_all() -> None:
    found = (Finding(DataKind.SURNAME, ("bek",), Certainty.SURE, "body", Span(0, 6), "Асанов"),)
    answered = {finding_keys(found)[0]: Answered(Answer.CONSENT, ("bek",))}
    matter = Matter(
        id="m",
        author="a",
        channel=Channel.SITE,
        purpose=Purpose.NEWS,
        parts=(Part("body", PartKind.TEXT, "b" * 64, 5),),
        findings=found,
        answers=answered,
        protected=frozenset({"bek"}),
    )
    [reason] = [one for one in judge(matter, NOW).reasons if one.step is Step.CONSENTS]
    assert (reason.why, reason.person, reason.part, reason.finding, reason.detail) == (Why.CANNOT, "", "", "", "")


@pytest.mark.parametrize("kind", sorted(set(DataKind) - NAMES))
def test_what_is_no_name_has_no_initials(kind: DataKind) -> None:
    part = Part("body", PartKind.TEXT, "b" * 64, 5)
    finding = Finding(kind, (), Certainty.SURE, "body", Span(0, 3), "7-А")
    assert not fits(finding, Answer.INITIALS, part)
    assert fits(finding, Answer.REMOVE, part)


def test_a_text_goes_out_without_what_was_taken_out_of_it() -> None:
    text = "Асанов Бек жеңди, Асанов Бек кубанды, байланыш 0555 123456."
    found = (
        Finding(DataKind.SURNAME, ("bek",), Certainty.SURE, "body", Span(0, 10), "Асанов Бек"),
        Finding(DataKind.SURNAME, ("bek",), Certainty.SURE, "body", Span(18, 28), "Асанов Бек"),
        Finding(DataKind.PHONE, (), Certainty.SURE, "body", Span(47, 58), "0555 123456"),
        Finding(DataKind.PHONE, (), Certainty.HINT, "body", Span(52, 58), "123456"),
    )
    first, second, phone, tail = finding_keys(found)
    answers = {first: Answered(Answer.INITIALS), phone: Answered(Answer.REMOVE), tail: Answered(Answer.REMOVE)}
    assert cleared(text, "body", found, answers) == "А. Б. жеңди, Асанов Бек кубанды, байланыш …."
    assert first != second
    assert cleared(text, "title", found, answers) == text


def test_what_is_taken_out_of_a_table_leaves_its_columns_where_they_are() -> None:
    text = "Асанов\tБек\t7-Б\t0555 1234"
    found = (
        Finding(DataKind.SURNAME, ("bek",), Certainty.SURE, "body", Span(0, 10), "Асанов\tБек"),
        Finding(DataKind.PHONE, ("bek",), Certainty.SURE, "body", Span(11, 24), "7-Б\t0555 1234"),
        Finding(DataKind.AGE, ("bek",), Certainty.HINT, "body", Span(9, 14), "к\t7-Б"),
    )
    name, phone, age = finding_keys(found)
    answers = {name: Answered(Answer.INITIALS), phone: Answered(Answer.REMOVE)}
    assert cleared(text, "body", found, answers) == "А.\tБ.\t…\t…"
    assert cleared(text, "body", found, answers | {age: Answered(Answer.REMOVE)}) == "…\t…\t…\t…"
