"""Consents are asked for, recorded, withdrawn and corrected; rights from orders in force; every act in the audit."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from importlib import import_module
from typing import Any

import pytest
from django.apps import apps

from darbaza.portal.audit.models import AuditEntry
from darbaza.portal.consents import actions, links, risks
from darbaza.portal.consents.actions import Term, Who
from darbaza.portal.consents.asked import REFUSED, UNDERSTOOD, ticks_of
from darbaza.portal.consents.changes import consents_changed
from darbaza.portal.consents.known import changed_since, consents_of, protected
from darbaza.portal.consents.models import KINDS, AgeRule, As, Link, Protection, Statement, Whose
from darbaza.portal.consents.standing import standing_of
from darbaza.portal.people import actions as people
from darbaza.portal.people.models import Person
from darbaza.portal.people.refusals import ActRefusedError
from darbaza.portal.people.rights import RightMissingError
from darbaza.portal.school_time import school_day
from darbaza.publication.consents import Standing, coverage
from darbaza.publication.kinds import NEVER, Channel, DataKind, Purpose
from tests.people import Cast, make_student
from tests.portal.consents.conftest import FATHER, MOTHER, TERM, Entered, ticks

LastEntry = Callable[[], AuditEntry]
DAY = timedelta(days=1)


def standing(
    person: Person, at: datetime, kind: DataKind = DataKind.PHOTO, channel: Channel = Channel.SITE
) -> Standing:
    """What the gate is told about one kind of data of a person, in the news."""
    ids = [str(person.pk)]
    found = consents_of(ids, at)
    return coverage(
        found, person=ids[0], kind=kind, channel=channel, purpose=Purpose.NEWS, at=at, protected=protected(ids)
    ).standing


def a_link(cast: Cast, at: datetime, person: Person | None = None, party: str = As.REPRESENTATIVE) -> Link:
    return actions.make_link(person=person or cast.bek, party=party, term=TERM, by=cast.jyldyz, at=at)[0]


def answer(link: Link, at: datetime, **changes: Any) -> Statement:
    given: dict[str, Any] = {"who": MOTHER, "ticks": ticks(), "language": "ky", "risks_key": risks.version()}
    return actions.answer_by_link(link=link, **(given | changes), at=at)


def test_every_kind_that_may_ever_be_published_is_asked() -> None:
    assert {code for code, _name in KINDS} == {one.value for one in DataKind if one not in NEVER}


def test_a_parent_agrees_by_link_and_withdraws_at_once(cast: Cast, at: datetime, last_entry: LastEntry) -> None:
    made = answer(a_link(cast, at), at)
    assert (last_entry().act, last_entry().subject) == ("consents:consent:give", cast.bek.public_id)
    assert last_entry().detail["risks"] == risks.version()
    assert standing(cast.bek, at) == Standing.COVERED
    actions.withdraw(statement=made, by=None, at=at + DAY)
    assert last_entry().act == "consents:consent:withdraw"
    assert standing(cast.bek, at + DAY - timedelta(microseconds=1)) == Standing.COVERED
    assert standing(cast.bek, at + DAY) == Standing.WITHDRAWN
    with pytest.raises(ActRefusedError, match="nothing here"):
        actions.withdraw(statement=made, by=None, at=at + DAY)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"ticks": ticks(f"1-{UNDERSTOOD - 1}")}, "understood the risks"),
        ({"risks_key": "older"}, "changed since"),
        ({"who": Who()}, "who you are"),
        ({"who": Who("mother", "A")}, "who you are"),
        ({"who": Who("neighbour", "Асанова Нургүл")}, "who you are"),
    ],
)
def test_without_explanation_or_giver_nothing_is_agreed(
    cast: Cast, at: datetime, changes: dict[str, Any], message: str
) -> None:
    with pytest.raises(ActRefusedError, match=message):
        answer(a_link(cast, at), at, **changes)
    assert not Statement.objects.exists()


def test_a_refusal_needs_no_reading(cast: Cast, at: datetime) -> None:
    answer(a_link(cast, at), at, ticks=REFUSED, risks_key="")
    assert standing(cast.bek, at) == Standing.REFUSED


def test_what_is_left_empty_is_refused(cast: Cast, at: datetime) -> None:
    answer(a_link(cast, at), at, ticks=ticks(f"1-6 15 20-24 {UNDERSTOOD}"))
    assert standing(cast.bek, at) == Standing.COVERED
    assert standing(cast.bek, at, kind=DataKind.PHONE) == Standing.REFUSED
    assert standing(cast.bek, at, channel=Channel.TELEGRAM) == Standing.REFUSED


def test_a_link_belongs_to_the_first_who_answers_and_lasts_as_long_as_the_consent(cast: Cast, at: datetime) -> None:
    link = a_link(cast, at)
    answer(link, at)
    link.refresh_from_db()
    again = answer(link, at + DAY, who=FATHER)
    assert again.representative is not None
    assert again.representative.name == MOTHER.name
    assert links.link_of(links.secret_of(link.nonce), at + timedelta(days=200)) == link
    assert links.link_of(links.secret_of(link.nonce), at + timedelta(days=400)) is None


@pytest.mark.parametrize("way", ["by a link", "on paper", "by a link that was closed"])
def test_no_link_lifts_in_anothers_name_what_they_refused_otherwise(
    cast: Cast, at: datetime, entered: Entered, way: str
) -> None:
    fathers, mothers = a_link(cast, at), a_link(cast, at)
    if way == "on paper":
        entered(who=FATHER, ticks="-")
    else:
        answer(fathers, at, who=FATHER, ticks=REFUSED)
    if way == "by a link that was closed":
        actions.close_link(link=fathers, by=cast.jyldyz, at=at)
    for _try in range(2):
        with pytest.raises(ActRefusedError, match="on paper at the school"):
            answer(mothers, at + DAY, who=FATHER)
        answer(mothers, at + DAY, who=FATHER, ticks=REFUSED)
    assert standing(cast.bek, at + DAY) == Standing.REFUSED
    entered(who=FATHER, signed_on=school_day(at + DAY + DAY), at=at + DAY + DAY)
    assert standing(cast.bek, at + DAY + DAY) == Standing.COVERED


def test_by_another_link_a_giver_agrees_to_no_more_than_on_paper_before_its_term_is_over(
    cast: Cast, at: datetime, entered: Entered
) -> None:
    entered(ticks=f"1-6 15 20-24 {UNDERSTOOD}")
    with pytest.raises(ActRefusedError, match="on paper at the school"):
        answer(a_link(cast, at), at + DAY)
    answer(a_link(cast, at), at + DAY, ticks=ticks(f"1-3 15 20-24 {UNDERSTOOD}"))
    assert standing(cast.bek, at + DAY) == Standing.REFUSED


def test_a_paper_of_the_day_lifts_no_withdrawal_of_that_day_and_one_of_the_next_does(
    cast: Cast, at: datetime, entered: Entered
) -> None:
    actions.withdraw(statement=answer(a_link(cast, at), at), by=None, at=at)
    entered(signed_on=school_day(at), at=at + timedelta(hours=1))
    assert standing(cast.bek, at + timedelta(hours=1)) == Standing.WITHDRAWN
    assert [one.state for one in standing_of([cast.bek], at + timedelta(hours=1))] == ["withdrawn"]
    entered(signed_on=school_day(at + DAY), at=at + DAY)
    assert standing(cast.bek, at + DAY) == Standing.COVERED
    assert [one.state for one in standing_of([cast.bek], at + DAY)] == ["agreed"]


def test_who_comes_back_is_asked_anew_and_what_was_refused_stands(cast: Cast, at: datetime, entered: Entered) -> None:
    entered()
    link = a_link(cast, at)
    secret = links.secret_of(link.nonce)
    people.let_leave(person=cast.bek, by=cast.zarina, at=at + DAY)
    people.let_return(person=cast.bek, by=cast.zarina, at=at + 3 * DAY)
    back = {"school_class": cast.seven, "since": school_day(at + 3 * DAY), "by": cast.zarina, "at": at + 3 * DAY}
    people.enrol_student(student=cast.bek, **back)
    assert standing(cast.bek, at + 3 * DAY) == Standing.MISSING
    assert [one.state for one in standing_of([cast.bek], at + 3 * DAY)] == ["silent"]
    assert links.link_of(secret, at + 3 * DAY) is None
    entered(who=FATHER, ticks="-", at=at + 3 * DAY)
    assert standing(cast.bek, at + 3 * DAY) == Standing.REFUSED
    entered(who=FATHER, signed_on=school_day(at + 4 * DAY), at=at + 4 * DAY)
    assert standing(cast.bek, at + 4 * DAY) == Standing.COVERED
    assert links.link_of(links.secret_of(a_link(cast, at + 4 * DAY).nonce), at + 4 * DAY) is not None


def test_what_was_recorded_before_there_were_seals_is_sealed_once(cast: Cast, at: datetime, entered: Entered) -> None:
    entered()
    ended = actions.protect(person=cast.bek, by=cast.gulnara, at=at)
    actions.end_protection(protection=ended, by=cast.gulnara, at=at)
    Statement.objects.update(seal="")
    assert standing(cast.bek, at) == Standing.MISSING
    Protection.objects.update(seal="")
    assert standing(cast.bek, at) == Standing.PROTECTED
    migration = import_module("darbaza.portal.consents.migrations.0003_statements_are_sealed")
    migration.seal_what_was_said(apps, None)
    assert standing(cast.bek, at) == Standing.COVERED


def test_a_change_of_class_ends_no_consent(cast: Cast, at: datetime, entered: Entered) -> None:
    entered()
    moved = {"school_class": cast.eight, "since": school_day(at + DAY), "by": cast.zarina, "at": at + DAY}
    people.enrol_student(student=cast.bek, **moved)
    assert standing(cast.bek, at + DAY) != Standing.MISSING


def test_a_link_whose_term_is_over_takes_no_answer_and_does_not_fail(cast: Cast, at: datetime) -> None:
    term = Term(school_day(at), school_day(at))
    link, _address = actions.make_link(person=cast.bek, party=As.REPRESENTATIVE, term=term, by=cast.jyldyz, at=at)
    for said in (ticks(), REFUSED):
        with pytest.raises(ActRefusedError, match="Ask the school for another"):
            answer(link, at + DAY, ticks=said)


def test_a_link_that_nobody_answers_expires_and_its_secret_is_not_kept(cast: Cast, at: datetime) -> None:
    link = a_link(cast, at)
    secret = links.secret_of(link.nonce)
    assert links.link_of(secret.upper(), at) == link
    assert secret not in (link.token_hash, link.nonce)
    assert links.link_of(secret, at + links.ANSWERED_WITHIN) is None
    actions.close_link(link=link, by=cast.jyldyz, at=at)
    assert links.link_of(secret, at) is None
    with pytest.raises(ActRefusedError, match="closed"):
        answer(link, at)


def test_who_guesses_addresses_is_slowed_down(db: None, at: datetime) -> None:
    assert [links.is_guessing("10.0.0.1", at) for _try in range(21)] == [False] * 20 + [True]
    assert not links.is_guessing("10.0.0.2", at)
    assert not links.is_guessing("10.0.0.1", at + links.WINDOW)


def test_one_parents_refusal_outweighs_the_others_agreement(cast: Cast, at: datetime, entered: Entered) -> None:
    entered()
    assert standing(cast.bek, at) == Standing.COVERED
    refusal = entered(who=FATHER, ticks="-")
    assert standing(cast.bek, at) == Standing.REFUSED
    actions.end_representative(
        representative=refusal.representative, reason="Сот чечими № 4", by=cast.jyldyz, at=at + DAY
    )
    assert standing(cast.bek, at + DAY) == Standing.COVERED


def test_a_paper_counts_from_its_entry_whatever_day_it_bears(cast: Cast, at: datetime, entered: Entered) -> None:
    made = entered(signed_on=date(2026, 9, 2))
    assert school_day(made.given_at) == date(2026, 9, 2)
    assert standing(cast.bek, at - timedelta(seconds=1)) == Standing.MISSING
    assert standing(cast.bek, at) == Standing.COVERED
    with pytest.raises(ActRefusedError, match="later than today"):
        entered(signed_on=school_day(at) + DAY)


def test_a_paper_without_the_tick_that_the_risks_were_understood_covers_nothing(
    cast: Cast, at: datetime, entered: Entered
) -> None:
    entered(ticks=f"1-{UNDERSTOOD - 1}")
    assert standing(cast.bek, at) == Standing.NOT_EXPLAINED


def test_a_paper_with_data_but_no_place_is_asked_again(entered: Entered) -> None:
    with pytest.raises(ActRefusedError, match="Асанов Бек"):
        entered(ticks="1-6")


@pytest.mark.parametrize("typed", ["26", "0", "3-1", "x", "1--2", "1,,99"])
def test_what_cannot_be_read_is_named(typed: str) -> None:
    with pytest.raises(ActRefusedError, match="names no lines"):
        ticks_of(typed)


def test_a_form_of_the_wrong_child_is_moved_and_both_records_stay(
    cast: Cast, at: datetime, entered: Entered, last_entry: LastEntry
) -> None:
    made = entered()
    moved = actions.move(statement=made, to=cast.cholpon, reason="Барактар алмашкан", by=cast.jyldyz, at=at + DAY)
    assert last_entry().act == "consents:consent:move"
    assert standing(cast.bek, at) == Standing.COVERED  # as it was known then
    assert standing(cast.bek, at + DAY) == Standing.MISSING
    assert standing(cast.cholpon, at) == Standing.MISSING
    assert standing(cast.cholpon, at + DAY) == Standing.COVERED
    made.refresh_from_db()
    assert (moved.corrects, made.reason) == (made, "Барактар алмашкан")
    assert changed_since(at, at + DAY) == {str(cast.bek.pk), str(cast.cholpon.pk)}


def test_from_the_age_of_the_table_the_student_agrees_too(cast: Cast, at: datetime, entered: Entered) -> None:
    form = {"person": cast.daniyar}
    entered(**form)
    assert standing(cast.daniyar, at) == Standing.OWN_MISSING  # he is in the 8th grade
    entered(**form, who=Who())
    assert standing(cast.daniyar, at) == Standing.COVERED
    actions.note_age(person=cast.daniyar, age=18, since=school_day(at), by=cast.jyldyz, at=at)
    entered(**form, who=FATHER, ticks="-")
    assert standing(cast.daniyar, at) == Standing.COVERED  # of age, he decides alone


def test_the_school_writes_the_table_of_ages_with_its_source(cast: Cast, at: datetime, entered: Entered) -> None:
    entered()
    heard: list[frozenset[str]] = []

    def hear(people: frozenset[str], **_signal: object) -> None:
        heard.append(people)

    consents_changed.connect(hear)
    try:
        rule = AgeRule(from_age=0, from_grade=0, whose=Whose.BOTH, source="Буйрук № 7")
        actions.set_ages(rules=[rule], by=cast.gulnara, at=at)
    finally:
        consents_changed.disconnect(hear)
    assert heard == [frozenset({str(cast.bek.pk)})]
    assert standing(cast.bek, at) == Standing.OWN_MISSING
    with pytest.raises(ActRefusedError, match="begins at the age of 0"):
        actions.set_ages(rules=[AgeRule(from_age=3, whose=Whose.OWN, source="x")], by=cast.gulnara, at=at)
    with pytest.raises(ActRefusedError, match="where that is written"):
        actions.set_ages(rules=[AgeRule(from_age=0, whose=Whose.OWN, source=" ")], by=cast.gulnara, at=at)


def test_of_a_protected_person_nothing_is_covered_and_the_audit_does_not_say_of_whom(
    cast: Cast, at: datetime, entered: Entered, last_entry: LastEntry
) -> None:
    entered()
    made = actions.protect(person=cast.bek, by=cast.gulnara, at=at)
    assert last_entry().subject == made.public_id
    assert cast.bek.public_id not in last_entry().detail_text
    assert standing(cast.bek, at) == Standing.PROTECTED
    with pytest.raises(ActRefusedError, match="already"):
        actions.protect(person=cast.bek, by=cast.jyldyz, at=at)
    actions.end_protection(protection=made, by=cast.jyldyz, at=at)
    assert standing(cast.bek, at) == Standing.COVERED


def test_staff_agree_for_themselves_and_nobody_for_them(cast: Cast, at: datetime) -> None:
    form: dict[str, Any] = {"ticks": ticks(), "term": TERM, "language": "ru", "risks_key": risks.version()}
    made = actions.answer_for_oneself(**form, by=cast.aida, at=at)
    assert made.explained_by == cast.jyldyz
    assert standing(cast.aida, at) == Standing.COVERED
    actions.withdraw(statement=made, by=cast.aida, at=at)
    assert standing(cast.aida, at) == Standing.WITHDRAWN
    with pytest.raises(ActRefusedError, match="spoken for"):
        a_link(cast, at, cast.aida)


@pytest.mark.parametrize(
    "term",
    [
        Term(date(2026, 9, 1), date(2026, 9, 30)),
        Term(date(2027, 1, 1), date(2026, 12, 31)),
        Term(date(2026, 9, 1), date(2030, 9, 1)),
    ],
)
def test_a_term_that_is_over_or_too_long_is_refused(cast: Cast, at: datetime, term: Term) -> None:
    with pytest.raises(ActRefusedError):
        actions.make_link(person=cast.bek, party=As.REPRESENTATIVE, term=term, by=cast.jyldyz, at=at)


def test_terms_that_begin_and_end_by_the_clock_are_changes(cast: Cast, at: datetime, entered: Entered) -> None:
    entered()
    ids = {str(cast.bek.pk)}
    assert changed_since(at, at + DAY) == frozenset()
    end = datetime(2027, 8, 31, 18, tzinfo=at.tzinfo)  # midnight at the school
    assert changed_since(end - timedelta(minutes=1), end) == ids
    assert standing(cast.bek, end - timedelta(seconds=1)) == Standing.COVERED
    assert standing(cast.bek, end) == Standing.ENDED


def test_a_set_has_a_page_and_a_link_for_each_student(cast: Cast, at: datetime, last_entry: LastEntry) -> None:
    made = actions.make_set(school_class=cast.seven, term=TERM, by=cast.jyldyz, at=at)
    assert [one["id"] for one in made.people] == [cast.bek.public_id, cast.cholpon.public_id]
    assert made.links.count() == 2
    assert last_entry().act == "consents:set:make"
    cast.eight.enrolments.all().delete()
    with pytest.raises(ActRefusedError, match="no students"):
        actions.make_set(school_class=cast.eight, term=TERM, by=cast.jyldyz, at=at)


def test_only_whoever_is_responsible_for_the_internet_records(cast: Cast, at: datetime, entered: Entered) -> None:
    made = entered()
    link = a_link(cast, at)
    strike: dict[str, Any] = {"statement": made, "reason": "ката"}
    acts: list[Callable[[Person], object]] = [
        lambda by: actions.make_link(person=cast.bek, party=As.REPRESENTATIVE, term=TERM, by=by, at=at),
        lambda by: actions.close_link(link=link, by=by, at=at),
        lambda by: actions.make_set(school_class=cast.seven, term=TERM, by=by, at=at),
        lambda by: actions.withdraw(statement=made, by=by, at=at),
        lambda by: actions.strike(**strike, by=by, at=at),
        lambda by: actions.move(**strike, to=cast.cholpon, by=by, at=at),
        lambda by: actions.end_representative(representative=made.representative, reason="х", by=by, at=at),
        lambda by: actions.note_age(person=cast.bek, age=14, since=school_day(at), by=by, at=at),
        lambda by: actions.record_papers(papers=[], told_=None, term=TERM, paper_set=None, by=by, at=at),
    ]
    before = AuditEntry.objects.count()
    others = [one for one in cast.staff().values() if one != cast.jyldyz]
    for act in acts:
        for by in others:
            with pytest.raises(RightMissingError):
                act(by)
    assert AuditEntry.objects.count() == before


def test_only_the_director_and_whoever_is_responsible_protect_and_keep_the_ages(cast: Cast, at: datetime) -> None:
    for by in cast.staff().values():
        if by in (cast.gulnara, cast.jyldyz):
            continue
        with pytest.raises(RightMissingError):
            actions.protect(person=cast.bek, by=by, at=at)
        with pytest.raises(RightMissingError):
            actions.set_ages(rules=[], by=by, at=at)
    made = Protection.objects.create(person=cast.bek, since=at, set_by=cast.gulnara)
    with pytest.raises(RightMissingError):
        actions.end_protection(protection=made, by=cast.ermek, at=at)


def test_nobody_explains_where_nobody_is_responsible(cast: Cast, at: datetime) -> None:
    cast.jyldyz.appointments.all().delete()
    form: dict[str, Any] = {"term": TERM, "language": "ky", "risks_key": risks.version(), "by": cast.aida, "at": at}
    with pytest.raises(ActRefusedError, match="Nobody is responsible"):
        actions.answer_for_oneself(ticks=ticks(), **form)
    assert actions.answer_for_oneself(ticks=REFUSED, **form).explained_by == cast.aida


def test_twins_have_statements_of_their_own(cast: Cast, at: datetime, entered: Entered) -> None:
    twin = make_student("Асанов", "Бек", cast.seven)
    entered()
    assert standing(twin, at) == Standing.MISSING


def test_a_month_before_its_last_day_a_consent_is_asked_for_anew(entered: Entered, cast: Cast, at: datetime) -> None:
    entered()
    last_month = datetime.combine(TERM.last_day - timedelta(days=29), at.timetz())
    for when, state, is_settled in (
        (at, "agreed", True),
        (last_month - DAY, "agreed", True),
        (last_month, "ending", False),
        (datetime.combine(TERM.last_day + DAY, at.timetz()), "ended", False),
    ):
        [stands] = standing_of([cast.bek], when)
        assert (stands.state, stands.is_settled) == (state, is_settled)
    assert standing(cast.bek, last_month) == Standing.COVERED, "it holds until then"
