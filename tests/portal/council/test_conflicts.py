"""Rulings that say otherwise than a draft: each is shown with the one that would win, as the policy core has it."""

from datetime import datetime

import pytest

from darbaza.policy.resource import Listing
from darbaza.portal.council.conflicts import conflicts_of
from darbaza.portal.council.models import UserCategory
from darbaza.portal.council.targets import RulingDraft
from darbaza.portal.people.duties import Duty
from darbaza.portal.school_time import school_day
from tests.people import Cast, make_staff, signed_in
from tests.portal.live import ruling

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def lists(monkeypatch: pytest.MonkeyPatch) -> None:
    """A list of games with one host."""

    class Lists:
        def listings(self, host: str, _path: str = "") -> tuple[Listing, ...]:
            return (Listing("games", "ut1", host),) if host == "oyun.test" else ()

    monkeypatch.setattr("darbaza.portal.resources.current_catalogue", Lists)


def draft(effect: str, group: str = "students", **more: object) -> RulingDraft:
    return RulingDraft(UserCategory.objects.get(code=group), effect, **more)  # type: ignore[arg-type]


CASES = [
    # in force, drafted, does the draft win, why
    ({"category": "games"}, {"host": "oyun.test"}, True, "a ruling on a resource"),
    ({"host": "oyun.test"}, {"category": "games"}, False, "a ruling on a resource"),
    ({"host": "kitep.test"}, {"host": "www.kitep.test"}, True, "the longer host"),
    ({"host": "www.kitep.test"}, {"host": "kitep.test"}, False, "the longer host"),
    ({"host": "kitep.test"}, {"host": "kitep.test", "path": "/a"}, True, "on a page"),
    ({"host": "kitep.test"}, {"host": "kitep.test", "subdomains": False}, True, "exactly this host"),
    ({"host": "kitep.test"}, {"host": "kitep.test", "group": "students-5-9"}, True, "narrower user category"),
    ({"host": "kitep.test", "user_category": "students-5-9"}, {"host": "kitep.test"}, False, "narrower user category"),
    ({"category": "games"}, {"category": "games", "group": "students-5-9"}, True, "narrower user category"),
    ({"host": "kitep.test"}, {"host": "kitep.test"}, False, "the stricter one"),
]


@pytest.mark.parametrize(("stands", "drafted", "wins", "why"), CASES)
def test_a_conflict_names_the_winner_and_the_reason(
    at: datetime, stands: dict[str, str], drafted: dict[str, object], wins: bool, why: str
) -> None:
    made = ruling("deny", **stands)
    (conflict,) = conflicts_of(draft("allow", **drafted), at)  # type: ignore[arg-type]
    assert conflict.ruling == made
    assert conflict.draft_wins is wins
    assert why in str(conflict.reason)


def test_a_stricter_draft_wins_over_its_equal(at: datetime) -> None:
    ruling("allow", host="kitep.test")
    (conflict,) = conflicts_of(draft("deny", host="kitep.test"), at)
    assert conflict.draft_wins


NONE = [
    {"host": "other.test"},
    {"host": "kitep.test", "group": "teachers"},
    {"category": "education"},
    {"host": "itep.test"},
]


@pytest.mark.parametrize("drafted", NONE)
def test_rulings_on_other_things_or_other_people_are_no_conflict(at: datetime, drafted: dict[str, object]) -> None:
    ruling("deny", host="kitep.test")
    ruling("deny", category="games")
    assert conflicts_of(draft("allow", **drafted), at) == []  # type: ignore[arg-type]


def test_the_same_effect_and_a_ruling_that_is_over_are_no_conflict(at: datetime) -> None:
    made = ruling("deny", host="kitep.test")
    assert conflicts_of(draft("deny", host="kitep.test"), at) == []
    type(made).objects.filter(pk=made.pk).update(until=at)
    assert conflicts_of(draft("allow", host="kitep.test"), at) == []


def test_a_decision_is_entered_only_when_the_council_has_seen_the_conflict(cast: Cast, at: datetime) -> None:
    ruling("deny", category="games")
    day = school_day(at).isoformat()
    form = {
        "council": "methodological", "minutes_number": "7", "date": day, "in_force_from": day, "text": "…",
        "r-TOTAL_FORMS": "1", "r-INITIAL_FORMS": "0", "r-0-user_category": "students", "r-0-effect": "allow",
        "r-0-host": "oyun.test", "r-0-subdomains": "on",
    }  # fmt: skip
    client = signed_in(make_staff("Алиева", "Бегимай", Duty.COUNCIL_MEMBER))
    answer = client.post("/council/decisions/new", form)
    assert answer.status_code == 422
    assert "oyun.test" in answer.content.decode()
    assert 'name="sure"' in answer.content.decode()
    assert client.post("/council/decisions/new", form | {"sure": "1"}).status_code == 302
