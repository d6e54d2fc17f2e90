"""The draft as an integer programme, solved by HiGHS.

A variable for each lesson that could stand somewhere; at most one at a time in a room, with a teacher, of a class; no
class longer at the screen in a day than it may. Most of all as many lessons as possible; among classes, the first
lesson of one weighs more than the third of another (2.3); after that, wishes.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator

import highspy

from darbaza.portal.timetable.drafting.problem import (
    Demand,
    Drafted,
    Kept,
    Period,
    Placed,
    Problem,
    most_a_day,
    overlap,
)
from darbaza.portal.timetable.drafting.reasons import Standing, missing, unkept

LESSON, FAIRNESS, WISH = 1000, 40, 3
"""A lesson outweighs any wish; a class's next lesson weighs `FAIRNESS` less than the one before."""
LEAST = 200
"""However many lessons a class has, one more is still worth this."""


class Model:
    """The programme as it grows: columns are binary variables with their worth, rows are limits on sums."""

    def __init__(self) -> None:
        """An empty programme that is to be made as great as possible, quietly and with one thread."""
        self.highs = highspy.Highs()  # type: ignore[no-untyped-call]
        for name, value in (("output_flag", False), ("threads", 1), ("random_seed", 0), ("mip_abs_gap", 0.5)):
            self.highs.setOptionValue(name, value)
        self.highs.setOptionValue("mip_rel_gap", 0.0)
        self.highs.changeObjectiveSense(highspy.ObjSense.kMaximize)
        self.columns = 0

    def column(self, worth: float) -> int:
        """A new binary variable; its number."""
        self.highs.addCol(worth, 0.0, 1.0, 0, [], [])
        self.highs.changeColIntegrality(self.columns, highspy.HighsVarType.kInteger)
        self.columns += 1
        return self.columns - 1

    def row(self, least: float, most: float, terms: Iterable[tuple[int, float]]) -> None:
        """The sum of these variables, each times its number, lies between two bounds."""
        columns, factors = zip(*terms, strict=True)
        self.highs.addRow(least, most, len(columns), list(columns), list(factors))

    def run(self, seconds: float, start: Iterable[int]) -> list[float]:
        """The values found within the time, beginning with these columns at one; empty if none were."""
        values = [0.0] * self.columns
        for column in start:
            values[column] = 1.0
        first = highspy.HighsSolution()
        first.col_value = values
        self.highs.setSolution(first)
        self.highs.setOptionValue("time_limit", seconds)
        self.highs.run()
        info = self.highs.getInfo()
        found = info.primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible
        return list(self.highs.getSolution().col_value) if found else []

    @property
    def is_proven(self) -> bool:
        """Whether nothing better exists."""
        return bool(self.highs.getModelStatus() == highspy.HighsModelStatus.kOptimal)


def solve(problem: Problem, seconds: float) -> Drafted:
    """The best draft found within so many seconds, with what it could not keep and why. Never breaks a check."""
    places = list(candidates(problem))
    if not places:
        return _answer(problem, (), proven=True, seconds=0.0)
    model, demands = Model(), {demand.id: demand for demand in problem.demands}
    columns = {place: model.column(_worth(place, demands[place.demand])) for place in places}
    _one_at_a_time(model, problem, columns)
    _spread(model, problem, columns)
    _screen_time(model, problem, columns)
    steps = _shares(model, problem, columns)
    start = first_fit(problem, places)
    taken = Counter(demands[place.demand].school_class for place in start)
    began = [columns[place] for place in start] + [
        step for school_class, of_class in steps.items() for step in of_class[: taken[school_class]]
    ]
    values = model.run(seconds, began)
    found = [place for place, column in columns.items() if values[column] > 0.5] if values else start
    placed = tuple(sorted(found))
    return _answer(problem, placed, proven=model.is_proven, seconds=model.highs.getRunTime())


def _answer(problem: Problem, placed: tuple[Placed, ...], *, proven: bool, seconds: float) -> Drafted:
    return Drafted(placed, missing(problem, placed), unkept(problem, placed), proven, round(seconds, 2))


def candidates(problem: Problem) -> Iterator[Placed]:
    """Every place where a lesson could stand beside those that are kept."""
    for demand in problem.demands:
        for period in problem.periods:
            if period.shift == demand.shift and not _is_kept_away(problem, demand, period):
                for room in demand.rooms:
                    if not any(kept.room == room and overlap(kept, period) for kept in problem.kept):
                        yield Placed(demand.id, period, room)


def first_fit(problem: Problem, places: Iterable[Placed]) -> list[Placed]:
    """A sound draft in one pass, so that the solver never ends with less: each lesson at the first place it may have.

    Demands take turns, so that nobody gets a second lesson while others wait for their first.
    """
    by_demand: defaultdict[int, list[Placed]] = defaultdict(list)
    for place in places:
        by_demand[place.demand].append(place)
    standing = Standing(problem, ())
    for turn in range(max((demand.lessons for demand in problem.demands), default=0)):
        for demand in problem.demands:
            if turn < demand.lessons:
                free = (one for one in by_demand[demand.id] if not standing.blocker(demand, one.period, one.room))
                if found := next(free, None):
                    standing.put(found)
    return standing.placed


def _is_kept_away(problem: Problem, demand: Demand, period: Period) -> bool:
    return any(
        overlap(kept, period) and (kept.school_class == demand.school_class or kept.teacher == demand.teacher)
        for kept in problem.kept
    )


def _worth(place: Placed, demand: Demand) -> float:
    period = place.period
    kept = (
        demand.wish_room == place.room,
        demand.wish_weekday == period.weekday,
        demand.wish_number == period.number,
    )
    return WISH * sum(kept)


def _one_at_a_time(model: Model, problem: Problem, columns: dict[Placed, int]) -> None:
    """Of all lessons under way when a period begins, one in each room, with each teacher, of each class.

    Two stretches that overlap share the instant at which the later one begins, so this forbids every overlap.
    """
    demands = {demand.id: demand for demand in problem.demands}
    owners: tuple[Callable[[Placed], Hashable], ...] = (
        lambda place: ("room", place.room),
        lambda place: ("teacher", demands[place.demand].teacher),
        lambda place: ("class", demands[place.demand].school_class),
    )
    instants = {(period.weekday, period.starts) for period in problem.periods}
    for owner in owners:
        groups: defaultdict[Hashable, list[Placed]] = defaultdict(list)
        for place in columns:
            groups[owner(place)].append(place)
        for places in groups.values():
            for weekday, at in instants:
                under_way = [
                    (columns[place], 1.0)
                    for place in places
                    if place.period.weekday == weekday and place.period.starts <= at < place.period.ends
                ]
                if len(under_way) > 1:
                    model.row(0, 1, under_way)


def _spread(model: Model, problem: Problem, columns: dict[Placed, int]) -> None:
    """No more lessons than were asked for, and no more on a day than the week makes necessary."""
    demands = {demand.id: demand for demand in problem.demands}
    by_day: defaultdict[tuple[int, int], list[tuple[int, float]]] = defaultdict(list)
    by_demand: defaultdict[int, list[tuple[int, float]]] = defaultdict(list)
    for place, column in columns.items():
        by_day[place.demand, place.period.weekday].append((column, 1.0))
        by_demand[place.demand].append((column, 1.0))
    for (demand, _weekday), terms in by_day.items():
        model.row(0, most_a_day(problem, demands[demand]), terms)
    for demand, terms in by_demand.items():
        model.row(0, demands[demand].lessons, terms)


def _screen_time(model: Model, problem: Problem, columns: dict[Placed, int]) -> None:
    """No class is longer at the screen in a day than the school's table says, with what it has already."""
    demands = {demand.id: demand for demand in problem.demands}
    terms: defaultdict[tuple[str, int], list[tuple[int, float]]] = defaultdict(list)
    for place, column in columns.items():
        demand = demands[place.demand]
        terms[demand.school_class, place.period.weekday].append((column, float(demand.minutes)))
    for (school_class, weekday), of_day in terms.items():
        if school_class in problem.day_minutes:
            left = problem.day_minutes[school_class] - minutes_kept(problem.kept, school_class, weekday)
            model.row(0, max(0, left), of_day)


def minutes_kept(kept: Iterable[Kept], school_class: str, weekday: int) -> int:
    """Minutes at the screen that a class has on a day already."""
    return sum(one.minutes for one in kept if one.school_class == school_class and one.weekday == weekday)


def _shares(model: Model, problem: Problem, columns: dict[Placed, int]) -> dict[str, list[int]]:
    """The columns of each class's first, second, third… lesson, each worth less than the one before.

    So hours go round fairly (2.3).
    """
    demands = {demand.id: demand for demand in problem.demands}
    made: dict[str, list[int]] = {}
    of_class: defaultdict[str, list[tuple[int, float]]] = defaultdict(list)
    for place, column in columns.items():
        of_class[demands[place.demand].school_class].append((column, 1.0))
    for school_class, terms in of_class.items():
        asked = sum(demand.lessons for demand in problem.demands if demand.school_class == school_class)
        had = sum(1 for kept in problem.kept if kept.school_class == school_class)
        steps = [model.column(max(LEAST, LESSON - FAIRNESS * (had + number))) for number in range(asked)]
        model.row(0, 0, [*terms, *((step, -1.0) for step in steps)])
        made[school_class] = steps
    return made
