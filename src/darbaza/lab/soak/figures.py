"""What was measured beside what must hold."""

import math
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured value and its bound: at most `limit`, or at least it where `at_least`. `unit` stands behind both.

    `limit` None is for what is told and not judged.
    """

    what: str
    value: float
    limit: float | None
    unit: str = ""
    at_least: bool = False

    @property
    def holds(self) -> bool:
        """Whether the value keeps to its bound. NaN never does."""
        if self.limit is None:
            return True
        return self.value >= self.limit if self.at_least else self.value <= self.limit

    @property
    def bound(self) -> str:
        """The bound in words."""
        if self.limit is None:
            return "-"
        return f"{'≥' if self.at_least else '≤'} {self.limit:g}{self.unit}"


@dataclass(slots=True)
class Report:
    """All figures of one part, and remarks that whoever reads them should know."""

    part: str
    figures: list[Figure] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)

    def at_most(self, what: str, value: float, limit: float, unit: str = "") -> None:
        """A value that must not be larger."""
        self.figures.append(Figure(what, value, limit, unit))

    def at_least(self, what: str, value: float, limit: float, unit: str = "") -> None:
        """A value that must not be smaller."""
        self.figures.append(Figure(what, value, limit, unit, at_least=True))

    def told(self, what: str, value: float, unit: str = "") -> None:
        """A value that is only told."""
        self.figures.append(Figure(what, value, None, unit))

    @property
    def missed(self) -> list[Figure]:
        """The figures that do not hold."""
        return [figure for figure in self.figures if not figure.holds]

    def table(self) -> str:
        """The figures as people read them."""
        rows = [(f.what, f"{f.value:.6g}{f.unit}", f.bound, verdict_on(f)) for f in self.figures]
        widths = [max(len(row[column]) for row in rows) for column in range(3)] if rows else [0, 0, 0]
        lines = [f"  {a:<{widths[0]}}  {b:>{widths[1]}}  {c:>{widths[2]}}  {d}" for a, b, c, d in rows]
        return "\n".join([self.part, *lines, *(f"  ({remark})" for remark in self.remarks)])


def verdict_on(figure: Figure) -> str:
    """`met`, `MISSED`, or nothing for what is only told."""
    if figure.limit is None:
        return ""
    return "met" if figure.holds else "MISSED"


def quantile(values: Iterable[float], share: float) -> float:
    """The value below which this share of all lies; NaN of none."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, math.ceil(share * len(ordered)) - 1)] if ordered else math.nan


def median(values: Sequence[float]) -> float:
    """The middle one."""
    return quantile(values, 0.5)


def load() -> str:
    """How busy this machine is, for whoever reads the figures."""
    return f"load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors"
