"""What closes a page closes it in every spelling that some site takes for it; what opens one opens it to the letter."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from darbaza.policy.decide import decide
from darbaza.policy.request import AccessRequest, Asker
from darbaza.policy.resource import Resource, Target, bare_path, careless_path
from darbaza.policy.rulebook import DefaultRule, Effect, Rulebook, Ruling, UserCategory, UserKind
from darbaza.policy.verdict import Ground, GroundKind

AT = datetime(2026, 9, 7, 9, tzinfo=UTC)
DECISION = Ground(GroundKind.DECISION, "2026-14", "2026-09-01")
PAGE = Target("wiki.test", "/Games/chess")
SPELLINGS = (
    "/Games/chess", "/games/CHESS", "/games./chess", "/games/chess.", "/games/chess%20", "/games/chess.%20.",
    "/games;v=1/chess;v=2", "/games/chess::$DATA", "/games%2fchess", "/games%2Fchess/x", "/Games/chess/x;y",
)  # fmt: skip
OTHERS = ("/Games/chess2", "/Games", "/Games/che.ss", "/Games/chess:rules", "/x/Games/chess", "/Games%20/che")
paths = st.lists(st.sampled_from(("a", "A", "a.", "b%20", "c;v=1", "d::$x", "e%2fF", "", "..x")), max_size=4).map(
    lambda segments: "/" + "/".join(segments)
)


@pytest.mark.bypass("P13")
@pytest.mark.parametrize("path", SPELLINGS)
def test_a_page_that_is_closed_is_closed_in_every_spelling(path: str) -> None:
    assert PAGE.closes(Resource("wiki.test", path))
    assert not PAGE.closes(Resource("other.test", path))


@pytest.mark.parametrize("path", OTHERS)
def test_another_page_stays_as_it_is(path: str) -> None:
    assert not PAGE.closes(Resource("wiki.test", path))


@given(paths, paths)
def test_whatever_a_target_covers_it_closes(path: str, page: str) -> None:
    target, resource = Target("a.test", page), Resource("a.test", path)
    assert target.closes(resource) or not target.covers(resource)
    assert careless_path(careless_path(path)) == careless_path(path) == bare_path(path).lower()


def rulebook(effect: Effect, default: DefaultRule) -> Rulebook:
    adults = UserCategory("staff", UserKind.STAFF, default=default, default_ground=DECISION)
    return Rulebook(1, "school", "kg", user_categories=(adults,), rulings=(Ruling("staff", effect, DECISION, PAGE),))


@pytest.mark.parametrize("path", SPELLINGS)
def test_a_ruling_that_closes_holds_in_every_spelling_and_one_that_opens_in_its_own_alone(path: str) -> None:
    request = AccessRequest(Asker("10.0.0.1", "staff", person="aida"), Resource("wiki.test", path), AT)
    assert not decide(request, rulebook(Effect.DENY, DefaultRule.BLOCK_LIST)).allows
    is_opened = decide(request, rulebook(Effect.ALLOW, DefaultRule.ALLOW_LIST)).allows
    assert is_opened == PAGE.covers(request.resource)


def test_a_page_that_was_closed_only_by_its_likeness_can_be_opened_by_its_own_ruling() -> None:
    own = Ruling("staff", Effect.ALLOW, DECISION, Target("wiki.test", "/games/CHESS"))
    book = rulebook(Effect.DENY, DefaultRule.BLOCK_LIST)
    both = replace(book, rulings=(*book.rulings, own))
    for path, is_open in (("/games/CHESS", True), ("/Games/chess", False), ("/games/chess", False)):
        request = AccessRequest(Asker("10.0.0.1", "staff", person="aida"), Resource("wiki.test", path), AT)
        assert decide(request, both).allows is is_open


def test_neither_says_anything_of_other_pages() -> None:
    request = AccessRequest(Asker("10.0.0.1", "staff", person="aida"), Resource("wiki.test", "/Games"), AT)
    assert decide(request, rulebook(Effect.DENY, DefaultRule.BLOCK_LIST)).allows
