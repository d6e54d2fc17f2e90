"""What `alike` calls the same is the same to `decide`, whatever the rulebook, the request and the time."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from darbaza.policy.alike import ORDINARY, Alike, alike
from darbaza.policy.decide import decide
from darbaza.policy.request import AccessRequest
from darbaza.policy.resource import Resource
from darbaza.policy.rulebook import BEGINNING, END_OF_TIME, Rulebook, Slot
from tests.policy import strategies as some
from tests.policy.test_decide_properties import ENDING, LESSON, situations

MICROSECOND = timedelta(microseconds=1)
NOBODYS = Resource("nobody-named-this.example")


def likeness(request: AccessRequest, rulebook: Rulebook) -> Alike:
    session = request.asker.session
    return alike(rulebook, [session] if session else [])


@given(situations())
@settings(max_examples=500)
def test_the_device_and_an_unnamed_persons_name_are_nothing_to_the_verdict(situation):
    request, rulebook = situation
    like = likeness(request, rulebook)
    other = replace(request.asker, device="127.0.9.9", attribution=None, person=request.asker.person and "other-person")
    if like.asker(other) != like.asker(request.asker):
        event("named by an act")
        other = replace(other, person=request.asker.person)
    assert like.asker(other) == like.asker(request.asker)
    assert decide(request._replace(asker=other), rulebook) == decide(request, rulebook)


@given(situations(), some.askers)
@settings(max_examples=500)
def test_askers_of_one_kind_get_one_verdict(situation, other):
    request, rulebook = situation
    other = replace(other, session=request.asker.session)
    like = likeness(request, rulebook)
    if like.asker(other) == like.asker(request.asker):
        event("alike")
        assert decide(request._replace(asker=other), rulebook) == decide(request, rulebook)


@given(situations(), st.sampled_from(some.PATHS))
@settings(max_examples=1000)
def test_of_a_resource_that_has_a_kind_the_path_is_nothing_to_the_verdict(situation, path):
    request, rulebook = situation
    like, resource = likeness(request, rulebook), request.resource
    kind = like.resource(resource)
    event(f"kind {'none' if kind is None else 'ordinary' if kind == ORDINARY else 'its own'}")
    if kind is None or like.is_download(path) or like.is_download(resource.path):
        return
    other = resource._replace(path=path)
    assert like.resource(other) == kind
    assert decide(request._replace(resource=other), rulebook) == decide(request, rulebook)


@given(situations())
@settings(max_examples=500)
def test_ordinary_resources_get_one_verdict(situation):
    request, rulebook = situation
    resource = request.resource._replace(listings=())
    like = likeness(request, rulebook)
    if like.resource(resource) != ORDINARY or like.is_download(resource.path):
        return
    event("ordinary")
    assert like.resource(NOBODYS) == ORDINARY
    ours, nobodys = (decide(request._replace(resource=asked), rulebook) for asked in (resource, NOBODYS))
    assert ours == nobodys


def test_only_a_host_that_nothing_names_is_ordinary():
    like = alike(Rulebook(1, "", ""), [])
    assert like.resource(NOBODYS) == ORDINARY
    assert like.resource(Resource("192.0.2.1", is_address=True)) == "192.0.2.1"
    assert like.resource(NOBODYS._replace(listings=(some.LISTINGS[0],))) == NOBODYS.host
    assert like.resource(Resource("")) is None


@pytest.mark.parametrize(
    "aim", [{"scene": ()}, {"denied": tuple(some.NEAR[:1])}, {"opened_targets": tuple(some.NEAR[:1])}]
)
def test_while_a_lesson_names_resources_of_its_own_no_host_is_ordinary(aim):
    session = replace(LESSON, **aim)
    assert alike(Rulebook(1, "", ""), [LESSON]).resource(NOBODYS) == ORDINARY
    assert alike(Rulebook(1, "", ""), [LESSON, session]).resource(NOBODYS) == NOBODYS.host


SECONDS = st.integers(0, 5 * 3600).map(lambda seconds: timedelta(seconds=seconds))


@given(situations(), SECONDS, st.floats(0, 1, exclude_max=True), st.timedeltas(MICROSECOND, timedelta(minutes=2)))
@settings(max_examples=1000)
def test_a_verdict_stands_until_time_alone_may_change_it(situation, shift, part, near):
    request, rulebook = situation
    at = request.at + shift - timedelta(hours=2)
    until = likeness(request, rulebook).steady_until(at)
    assert until > at
    event("for ever" if until == END_OF_TIME else "for a time")
    verdict = decide(request._replace(at=at), rulebook)
    for later in (at + (until - at) * part, at + near, until - MICROSECOND):
        if at <= later < until:
            assert decide(request._replace(at=later), rulebook) == verdict


@given(situations())
def test_no_beginning_and_no_end_is_passed_over(situation):
    request, rulebook = situation
    like, session = likeness(request, rulebook), request.asker.session
    acts = [act for name in ENDING for act in getattr(rulebook, name)]
    instants = {instant for act in acts for instant in (act.since, act.until)} - {BEGINNING}
    if session is not None:
        instants |= {session.opened, session.ends, session.lease_until}
    for instant in instants:
        assert like.steady_until(instant - MICROSECOND) == instant


def lesson_by_schedule(zone: str) -> Rulebook:
    slots = (Slot("mon-2", "cabinet-1", 0, 540, 585, some.GROUNDS[0]),)
    return Rulebook(1, "", "", zone, slots=slots)


def test_the_schedule_is_looked_at_again_each_minute_of_the_schools_clock():
    at = datetime(2026, 9, 7, 3, 44, 59, 999_999, tzinfo=UTC)
    assert alike(lesson_by_schedule("Asia/Bishkek"), []).steady_until(at) == at + MICROSECOND
    # This zone was 4 h 58 min 24 s ahead, and its minutes begin at second 36 of UTC's.
    before = datetime(1924, 1, 1, 0, 0, 10, tzinfo=UTC)
    assert alike(lesson_by_schedule("Asia/Bishkek"), []).steady_until(before) == before.replace(second=36)


def test_the_clocks_change_ends_a_minute():
    """At three in the morning of 25 October 2026 Berlin's clocks went back by an hour."""
    before = datetime(2026, 10, 25, 0, 59, 30, tzinfo=UTC)
    assert alike(lesson_by_schedule("Europe/Berlin"), []).steady_until(before) == datetime(2026, 10, 25, 1, tzinfo=UTC)
