"""The chart of a replay: every bar lies within it, and it has no empty half."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from darbaza.portal.council.replays import HALF, Day, chart_of

counts = st.integers(0, 5) | st.integers(0, 10**6)


@given(st.lists(st.tuples(counts, counts, counts), max_size=14))
def test_the_chart_is_as_high_as_its_bars_and_no_higher(days: list[tuple[int, int, int]]) -> None:
    chart = chart_of([Day(date(2026, 11, 1) + timedelta(days=n), *one) for n, one in enumerate(days)])
    ups, downs = [bar.up for bar in chart.bars], [bar.down for bar in chart.bars]
    assert all(bar.up_y + bar.up == chart.middle for bar in chart.bars)
    assert all(bar.up_y >= 0 and chart.middle + 2 + bar.down <= chart.height for bar in chart.bars)
    assert (chart.middle, chart.height) == (max(ups, default=0), max(ups, default=0) + max(downs, default=0) + 2)
    assert max([*ups, *downs], default=0) in {0, HALF}
    assert [bool(bar.up) for bar in chart.bars] == [bool(gained + delegated) for gained, _lost, delegated in days]
    assert [bool(bar.down) for bar in chart.bars] == [bool(lost) for _gained, lost, _delegated in days]
