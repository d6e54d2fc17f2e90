"""Lessons of every other week (2.4): week A and week B share the year between them, and neither opens the other's."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import event, given
from hypothesis import strategies as st

from darbaza.policy.decide import decide
from darbaza.policy.request import AccessRequest, Asker, Attribution, SupervisedSession
from darbaza.policy.resource import Resource, Target
from darbaza.policy.rulebook import Effect, Room, Rulebook, Ruling, Slot, UserCategory, UserKind
from darbaza.policy.verdict import Ground, GroundKind
from tests.policy.test_decide_properties import situations

ORDER = Ground(GroundKind.SCHEDULE, "2026-57")
FIRST = date(2026, 8, 31)
MONDAYS = tuple(FIRST + timedelta(weeks=number) for number in range(40))
HOURS = [-21600, -1, 0, 540 * 60 - 1, 540 * 60, 585 * 60 - 1, 585 * 60, 86399]
LESSON = SupervisedSession(
    "L-1", "room-1", "aida", datetime(2026, 1, 1, tzinfo=UTC), datetime(2028, 1, 1, tzinfo=UTC),
    datetime(2028, 1, 1, tzinfo=UTC), slot="s",
)  # fmt: skip


def opens(zone: str, weeks: tuple[date, ...] | None, at: datetime) -> bool:
    slot = Slot("s", "room-1", 0, 540, 585, ORDER, FIRST, MONDAYS[-1] + timedelta(days=6), weeks=weeks)
    rulebook = Rulebook(
        1, "", "", zone,
        user_categories=(UserCategory("students", UserKind.STUDENT),),
        rooms=(Room("room-1", ORDER),),
        slots=(slot,),
        rulings=(Ruling("students", Effect.ALLOW, ORDER, Target("kitep.test")),),
    )  # fmt: skip
    asker = Asker("127.0.1.1", "students", "room-1", "bek", LESSON, Attribution.SIGN_IN)
    return decide(AccessRequest(asker, Resource("kitep.test", "", is_address=False), at), rulebook).allows


@given(
    st.sampled_from(MONDAYS),
    st.sampled_from(HOURS),
    st.sampled_from(["Asia/Bishkek", "Europe/Berlin", "UTC"]),
    st.frozensets(st.sampled_from(MONDAYS)),
)
def test_of_two_lessons_that_take_turns_exactly_one_stands_where_a_weekly_one_would(
    monday: date, second: int, zone: str, of_a: frozenset[date]
) -> None:
    """However the weeks are shared out, at the first and the last second of the lesson, in every zone."""
    midnight = datetime.combine(monday, datetime.min.time(), ZoneInfo(zone))
    at = (midnight + timedelta(seconds=second)).astimezone(UTC)
    a, b = tuple(of_a), tuple(set(MONDAYS) - of_a)
    weekly = opens(zone, None, at)
    event("in the lesson" if weekly else "beside it")
    assert [opens(zone, a, at), opens(zone, b, at)].count(True) == weekly
    assert opens(zone, a, at) == (weekly and monday in of_a)


@given(situations(), st.lists(st.sampled_from(MONDAYS), max_size=3).map(tuple))
def test_narrowing_lessons_to_some_weeks_never_opens_anything(situation, weeks) -> None:
    request, rulebook = situation
    kept = {slot.id: tuple(one for one in weeks if slot.weeks is None or one in slot.weeks) for slot in rulebook.slots}
    fewer = replace(rulebook, slots=tuple(replace(slot, weeks=kept[slot.id]) for slot in rulebook.slots))
    assert not decide(request, fewer).allows or decide(request, rulebook).allows
