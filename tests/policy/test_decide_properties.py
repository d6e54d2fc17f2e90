"""What holds of every rulebook and every request, however odd: Hypothesis looks for the one that breaks it."""

from dataclasses import fields, replace
from datetime import timedelta

import pytest
from hypothesis import assume, event, given, settings
from hypothesis import strategies as st

from darbaza.policy.clauses import is_clause
from darbaza.policy.decide import decide, explain
from darbaza.policy.index import index_of
from darbaza.policy.request import AccessRequest, Asker, SupervisedSession
from darbaza.policy.resource import Listing, Resource, SeenFile, Target
from darbaza.policy.rulebook import (
    Effect,
    FileScope,
    Room,
    Rulebook,
    StatutoryCategory,
    StatutoryScope,
    UserCategory,
    UserKind,
)
from darbaza.policy.verdict import REGULATION, Allow, Ask, Deny, Rank, Verdict
from tests.policy import strategies as some


@st.composite
def situations(draw) -> tuple[AccessRequest, Rulebook]:
    """A rulebook and a request: any at all, or one of a student in an open lesson, whom the later rules reach."""
    request, rulebook = draw(some.requests), draw(some.rulebooks)
    if draw(st.booleans()):
        return request, rulebook
    session, exception = draw(some.open_lessons)
    asker = Asker("127.0.1.1", "students-5-9", "cabinet-1", "bek", session, acquainted=rulebook.acquaintance)
    others = tuple(category for category in rulebook.user_categories if category.id != "students-5-9")
    rulebook = replace(
        rulebook,
        rooms=(Room("cabinet-1", REGULATION),),
        exceptions=(exception,),
        rulings=rulebook.rulings + draw(some.few(some.near_rulings)),
        statutory=draw(st.sampled_from([(), (), (), rulebook.statutory])),
        register=draw(st.sampled_from([(), (), (), rulebook.register])),
        holds=draw(st.sampled_from([(), (), (), rulebook.holds])),
        user_categories=(*others, UserCategory("students-5-9", UserKind.STUDENT, "students")),
    )
    at = session.opened + timedelta(minutes=draw(st.integers(0, 44)))
    return AccessRequest(asker, request.resource, at), rulebook


LESSON = SupervisedSession("L-1", "cabinet-1", "aida", some.NINE, some.STEPS[-1], some.STEPS[-1], exception="e-9")


def is_student(request: AccessRequest, rulebook: Rulebook) -> bool:
    return index_of(rulebook).standing(request.asker.category).kind is UserKind.STUDENT


@given(situations())
@settings(max_examples=500)
def test_every_pair_has_a_verdict_that_cites_a_clause_of_the_regulation(situation):
    verdict = decide(*situation)
    event(f"rank {verdict.rank.name}")
    assert type(verdict) in {Allow, Deny, Ask}
    assert is_clause(verdict.clause)
    assert isinstance(verdict.rank, Rank)


@given(situations())
def test_explaining_gives_the_same_verdict_and_names_the_rule_that_gave_it(situation):
    explained, verdict = explain(*situation), decide(*situation)
    assert explained.verdict == verdict
    assert [step.rank for step in explained.steps] == list(Rank)
    assert [step.verdict for step in explained.steps if step.won] == [verdict]
    earlier = [step.verdict for step in explained.steps if step.rank < verdict.rank]
    assert earlier == [None] * len(earlier)


@given(situations(), st.randoms(use_true_random=False))
@settings(max_examples=300)
def test_the_order_of_acts_means_nothing(situation, random):
    request, rulebook = situation
    shuffled = {}
    for field in fields(rulebook):
        value = getattr(rulebook, field.name)
        if isinstance(value, tuple):
            shuffled[field.name] = tuple(random.sample(value, len(value)))
    listings = request.resource.listings
    resource = request.resource._replace(listings=tuple(random.sample(listings, len(listings))))
    assert decide(request._replace(resource=resource), replace(rulebook, **shuffled)) == decide(request, rulebook)


@pytest.mark.bypass("S22")
@given(situations(), some.rulings)
@settings(max_examples=300)
def test_one_more_denial_never_opens_anything(situation, ruling):
    request, rulebook = situation
    denied = replace(rulebook, rulings=(*rulebook.rulings, replace(ruling, effect=Effect.DENY)))
    assert not decide(request, denied).allows or decide(request, rulebook).allows


@given(situations(), some.rulings)
@settings(max_examples=300)
def test_taking_an_allowance_away_never_opens_anything(situation, ruling):
    request, fewer = situation
    more = replace(fewer, rulings=(*fewer.rulings, replace(ruling, effect=Effect.ALLOW)))
    assert not decide(request, fewer).allows or decide(request, more).allows


@given(situations(), some.files)
@settings(max_examples=200)
def test_narrowing_a_permission_to_files_never_opens_anything(situation, files):
    request, rulebook = situation
    narrowed = tuple(replace(permit, file=files) for permit in rulebook.permits)
    wide = tuple(replace(permit, file=None) for permit in rulebook.permits)
    if decide(request, replace(rulebook, permits=narrowed)).allows:
        assert decide(request, replace(rulebook, permits=wide)).allows


@pytest.mark.parametrize(
    ("files", "seen", "is_it"),
    [
        (FileScope("program", 5, 5), SeenFile("program", 5), True),
        (FileScope("program", 5, 5), SeenFile("program", 6), False),
        (FileScope("program", 5, 5), SeenFile("archive", 5), False),
        (FileScope("program", 5, 5), SeenFile("program", None), False),
        (FileScope("program"), SeenFile("program", None), True),
        (FileScope("", 0, 9), SeenFile("archive", 9), True),
        (FileScope("", 0, 9), SeenFile("archive", 10), False),
        (FileScope(), SeenFile("multimedia", None), True),
    ],
)
def test_a_permission_is_for_files_of_its_kind_and_size_alone(files, seen, is_it):
    assert files.covers(seen) is is_it


@given(situations(), some.holds, some.registered)
def test_a_hold_or_an_entry_of_the_register_never_opens_anything(situation, hold, entry):
    request, rulebook = situation
    closed = replace(rulebook, holds=(*rulebook.holds, hold), register=(*rulebook.register, entry))
    assert not decide(request, closed).allows or decide(request, rulebook).allows


ENDING = ("rooms", "exceptions", "register", "holds", "permits", "rulings")


@given(situations())
@settings(max_examples=300)
def test_an_act_that_is_over_or_not_begun_counts_for_nothing(situation):
    request, rulebook = situation
    in_force = {
        name: tuple(act for act in getattr(rulebook, name) if act.since <= request.at < act.until) for name in ENDING
    }
    assert decide(request, replace(rulebook, **in_force)) == decide(request, rulebook)


@given(situations())
@settings(max_examples=300)
def test_no_student_is_allowed_at_or_after_the_end_of_lesson_or_lease(situation):
    request, rulebook = situation
    session = request.asker.session
    assume(session is not None and is_student(request, rulebook))
    for end in (session.ends, session.lease_until):
        for late in (timedelta(0), timedelta(microseconds=1), timedelta(days=1)):
            assert not decide(request._replace(at=end + late), rulebook).allows
    assert not decide(request._replace(at=session.opened - timedelta(microseconds=1)), rulebook).allows


@given(situations())
@settings(max_examples=300)
def test_a_student_without_a_lesson_in_that_room_is_never_allowed(situation):
    request, rulebook = situation
    assume(is_student(request, rulebook))
    alone = replace(request.asker, session=None)
    assert not decide(request._replace(asker=alone), rulebook).allows
    nowhere = replace(request.asker, room="", session=replace(request.asker.session or LESSON, room=""))
    assert not decide(request._replace(asker=nowhere), rulebook).allows
    assert decide(request._replace(asker=nowhere), rulebook).rank <= Rank.SUPERVISION
    if request.asker.session is not None:
        moved = replace(request.asker, room=request.asker.session.room + "-other")
        assert not decide(request._replace(asker=moved), rulebook).allows


@given(situations())
def test_nobody_in_particular_is_never_allowed_as_a_student(situation):
    request, rulebook = situation
    assume(is_student(request, rulebook))
    nobody = replace(request.asker, person="")
    assert not decide(request._replace(asker=nobody), rulebook).allows


@given(situations(), st.sampled_from(["", "rules-1"]))
def test_nobody_is_allowed_who_has_not_accepted_the_rules_in_force(situation, accepted):
    request, rulebook = situation
    unread = replace(request.asker, acquainted=accepted)
    verdict = decide(request._replace(asker=unread), replace(rulebook, acquaintance="rules-2"))
    assert not verdict.allows
    assert verdict.rank <= Rank.SUPERVISION


UNLAWFUL = StatutoryCategory("unlawful", StatutoryScope.EVERYBODY, "2.11", REGULATION)


@given(
    situations(),
    some.few(some.rulings),
    some.few(some.permits),
    some.few(some.assignments),
    some.few(some.exceptions, by_id=True),
    st.none() | some.sessions,
)
@settings(max_examples=300)
def test_nothing_opens_the_statutory_layer(situation, rulings, permits, assignments, exceptions, session):
    request, rulebook = situation
    rulebook = replace(rulebook, statutory=(*rulebook.statutory, UNLAWFUL))
    listed = (*request.resource.listings, Listing("unlawful", "list-1", "a.test"))
    request = request._replace(resource=request.resource._replace(listings=listed))
    richer = replace(
        rulebook,
        rulings=rulebook.rulings + rulings,
        permits=rulebook.permits + permits,
        assignments=rulebook.assignments + assignments,
        exceptions=exceptions,
    )
    asked = request._replace(asker=replace(request.asker, session=session))
    verdict = decide(asked, richer)
    assert not verdict.allows
    assert verdict.rank is Rank.STATUTORY


TENANTS = st.sampled_from(["x.a.test", "www.x.a.test"])


@given(
    situations(),
    st.lists(st.tuples(some.rulings, TENANTS), max_size=4),
    st.lists(st.tuples(some.permits, TENANTS), max_size=2),
    st.lists(st.tuples(some.assignments, TENANTS), max_size=2),
    st.lists(st.builds(Target, TENANTS), max_size=2).map(tuple),
    st.sampled_from(["y.a.test", "a.test", "xa.test"]),
)
@settings(max_examples=300)
def test_one_tenant_never_speaks_for_another(situation, rulings, permits, assignments, opened, neighbour):
    request, rulebook = situation
    resource = request.resource._replace(host=neighbour, is_address=False)
    tenants = replace(
        rulebook,
        rulings=rulebook.rulings + tuple(replace(r, target=Target(host), category="") for r, host in rulings),
        permits=rulebook.permits + tuple(replace(p, targets=(Target(host),)) for p, host in permits),
        assignments=rulebook.assignments + tuple(replace(a, target=Target(host)) for a, host in assignments),
    )
    asker = request.asker
    if asker.session is not None:
        opened += asker.session.opened_targets
        asker = replace(asker, session=replace(asker.session, opened_targets=opened))
    alone = decide(request._replace(resource=resource), rulebook)
    assert decide(AccessRequest(asker, resource, request.at), tenants) == alone


@given(situations())
def test_a_measure_of_the_supervisor_never_opens_anything(situation):
    request, rulebook = situation
    session = request.asker.session
    assume(session is not None and is_student(request, rulebook))

    def verdict(**measure) -> Verdict:
        asker = replace(request.asker, session=replace(session, **measure))
        return decide(request._replace(asker=asker), rulebook)

    before = decide(request, rulebook)
    assert not verdict(paused=session.paused | {request.asker.person}).allows
    assert not verdict(scene=()).allows
    for host in some.HOSTS:
        assert before.allows or not verdict(denied=(*session.denied, Target(host))).allows


@pytest.mark.parametrize("host", ["", "203.0.113.9"])
@given(situation=situations())
def test_without_a_permit_or_a_ruling_on_it_no_address_and_nothing_unreadable_is_allowed(host, situation):
    request, rulebook = situation
    bare = replace(rulebook, rulings=(), permits=(), assignments=())
    resource = Resource(host, request.resource.path, is_address=bool(host))
    assert not decide(request._replace(resource=resource), bare).allows


def test_a_session_with_its_times_the_wrong_way_round_opens_nothing():
    session = SupervisedSession(
        "L-1", "cabinet-1", "aida", some.NINE, some.NINE - timedelta(hours=1), some.NINE + timedelta(hours=1)
    )
    rulebook = Rulebook(1, "Ak-Zhol school", "2020-09-15", rooms=(Room("cabinet-1", REGULATION),))
    asker = Asker("127.0.1.1", "", "cabinet-1", "bek", session)
    assert decide(AccessRequest(asker, Resource("a.test"), some.NINE), rulebook).clause == "2.9"
