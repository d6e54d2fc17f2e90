"""Two states of the box in turn, so that a machine that grows busy meanwhile counts for both alike."""

import math
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass

from darbaza.lab.soak.crowd import ALLOWED, Attempt, Crowd, Kind, Outcome
from darbaza.lab.soak.figures import median, quantile

SETTLE_SECONDS = 1.0
"""At the head of each slot, not counted: what the slot before left behind."""


@dataclass(frozen=True, slots=True)
class Slot:
    """What a class saw in a while; `attempts` are those at allowed things by those who may."""

    attempts: tuple[Attempt, ...]

    def p95(self, *kinds: Kind) -> float:
        """The 95th percentile of what opened, in seconds."""
        return quantile((one.seconds for one in self.attempts if is_opened(one) and one.kind in kinds), 0.95)

    def count(self, outcome: Outcome) -> int:
        """How many ended so."""
        return sum(one.outcome is outcome for one in self.attempts)


@dataclass(frozen=True, slots=True)
class Pair:
    """A calm slot and the slot with what is tried beside it."""

    calm: Slot
    tried: Slot

    def ratio(self, *kinds: Kind) -> float:
        """The tried slot's 95th percentile, in the calm one's."""
        calm = self.calm.p95(*kinds)
        return self.tried.p95(*kinds) / calm if calm else math.nan


def pairs(
    crowd: Crowd,
    whose: frozenset[str],
    times: int,
    seconds: float,
    calm: Callable[[], AbstractContextManager[object]],
    tried: Callable[[], AbstractContextManager[object]],
) -> list[Pair]:
    """So many pairs, each half lasting so long; the half that comes first changes from pair to pair."""
    found = []
    for number in range(times):
        halves = [slot(crowd, whose, seconds, how) for how in ((calm, tried) if number % 2 else (tried, calm))]
        found.append(Pair(*(halves if number % 2 else reversed(halves))))
    return found


def slot(
    crowd: Crowd, whose: frozenset[str], seconds: float, how: Callable[[], AbstractContextManager[object]]
) -> Slot:
    """One while."""
    with how():
        time.sleep(SETTLE_SECONDS)
        began = time.monotonic()
        time.sleep(seconds)
        ended = time.monotonic()
    return Slot(tuple(one for one in crowd.since(began, *ALLOWED) if one.device in whose and one.began < ended))


def is_opened(attempt: Attempt) -> bool:
    """Whether an attempt got what it asked for."""
    return attempt.outcome is Outcome.OPENED


def ratios(found: Sequence[Pair], *kinds: Kind) -> tuple[float, float, float]:
    """Median, least and greatest of the pairs' ratios."""
    values = [pair.ratio(*kinds) for pair in found]
    return median(values), min(values), max(values)
