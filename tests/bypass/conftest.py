"""The bypass catalogue as far as it concerns the explicit proxy. Each case is judged at the origin and in the log."""

from collections.abc import Iterator

import pytest

from tests.engines.squid.bed import STUDENT, Bed


@pytest.fixture(scope="module")
def running() -> Iterator[Bed]:
    bed = Bed("bypass")
    try:
        yield bed.start()
    finally:
        bed.stop()


@pytest.fixture
def bed(running: Bed) -> Bed:
    running.forget()
    return running


class Judgement:
    """What a case must have led to."""

    def __init__(self, bed: Bed) -> None:
        self.bed = bed

    def refused(self, host: str, clause: str = "", message: str = "", device: str = STUDENT) -> None:
        """No byte reached a site, and the log names device, clause and canonical host."""
        events = self.bed.wait_for_events(1, device)
        assert self.bed.bad.heard == b""
        assert self.bed.good.heard == b""
        assert self.bed.local.heard == b""
        assert events, "the log says nothing"
        last = events[-1]
        assert last.outcome in {"deny", "ask"}
        assert last.host == host
        assert last.clause == (clause or last.clause)
        assert last.clause
        assert last.message == (message or last.message)

    def reached_only_good(self, host: str = "good.test") -> None:
        """The allowed site was reached, the forbidden one was not, and the log says so."""
        assert self.bed.bad.heard == b""
        assert self.bed.good.heard
        assert [(e.outcome, e.host) for e in self.bed.events()][:1] == [("allow", host)]


@pytest.fixture
def judgement(bed: Bed) -> Judgement:
    return Judgement(bed)
