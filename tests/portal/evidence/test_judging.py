"""The one rule of the matrix: nothing is met without evidence, and none past its term."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from darbaza.policy.clauses import CLAUSES
from darbaza.portal.evidence import register
from darbaza.portal.evidence.judging import SLACK, Control, Evidence, Standing, State, judge, standing_of

NOW = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
KINDS = ("a", "b", "c", "d")

kinds = st.sampled_from(KINDS)
ages = st.timedeltas(timedelta(days=-30), timedelta(days=900))
controls = st.lists(
    st.builds(Control, st.just("control"), st.lists(kinds, max_size=3, unique=True).map(tuple)), max_size=4
)
terms = st.dictionaries(kinds, st.timedeltas(timedelta(minutes=1), timedelta(days=500)))
evidence = st.dictionaries(
    kinds,
    st.builds(
        Evidence,
        st.just("kind"),
        st.one_of(st.none(), ages.map(lambda age: NOW - age)),
        st.booleans(),
        st.just("order"),
    ),
)


@given(controls, evidence, terms)
def test_a_clause_is_met_only_if_every_control_has_fresh_evidence_of_every_kind(
    needed: list[Control], found: dict[str, Evidence], counted: dict[str, timedelta]
) -> None:
    judged = judge("2.9", needed, found, counted, NOW)
    if judged.state is not State.MET:
        return
    assert needed
    for control in needed:
        assert control.kinds
        for kind in control.kinds:
            assert found[kind].holds
            assert found[kind].at is not None
            assert NOW - found[kind].at <= counted[kind]


@given(controls, terms)
def test_without_evidence_nothing_is_met_nor_partly(needed: list[Control], counted: dict[str, timedelta]) -> None:
    assert judge("2.9", needed, {}, counted, NOW).state is State.NOT


@given(controls, evidence, terms)
def test_once_every_term_is_over_nothing_is_met(
    needed: list[Control], found: dict[str, Evidence], counted: dict[str, timedelta]
) -> None:
    later = NOW + timedelta(days=30) + timedelta(days=501)
    assert judge("2.9", needed, found, counted, later).state is State.NOT


@given(controls, evidence, terms, kinds)
def test_taking_evidence_away_never_makes_a_clause_better(
    needed: list[Control], found: dict[str, Evidence], counted: dict[str, timedelta], gone: str
) -> None:
    order = [State.NOT, State.PARTLY, State.MET]
    less = {kind: one for kind, one in found.items() if kind != gone}
    before = order.index(judge("2.9", needed, found, counted, NOW).state)
    assert order.index(judge("2.9", needed, less, counted, NOW).state) <= before


def test_evidence_counts_to_the_last_instant_of_its_term() -> None:
    def standing(age: timedelta, *, holds: bool = True) -> Standing:
        return standing_of(Evidence("a", NOW - age, holds, "order"), timedelta(days=1), NOW)

    assert standing(timedelta(days=1)) is Standing.FRESH
    assert standing(timedelta(days=1, microseconds=1)) is Standing.STALE
    assert standing(-SLACK) is Standing.FRESH
    assert standing(-SLACK - timedelta(microseconds=1)) is Standing.STALE, "what lies ahead proves nothing"
    assert standing(timedelta(), holds=False) is Standing.FAILING
    assert standing_of(None, timedelta(days=1), NOW) is Standing.MISSING
    assert standing_of(Evidence("a", NOW, True, "order"), None, NOW) is Standing.MISSING
    assert standing_of(Evidence("a", None, False, "no-order"), timedelta(days=1), NOW) is Standing.FAILING


def test_every_clause_has_controls_and_every_kind_its_term_and_its_words() -> None:
    assert set(register.BY_CLAUSE) == {one.number for one in CLAUSES}
    assert all(register.BY_CLAUSE.values())
    for kind in register.kinds_needed():
        assert register.term_of(kind), kind
        assert kind.startswith((register.CORPUS, register.GATE)) or kind in register.KINDS, kind
    assert set(register.TERMS) == set(register.KINDS)
    assert {one.code for found in register.BY_CLAUSE.values() for one in found} == set(register.CONTROLS)
