"""Whatever a draft breaks. Nothing is taken over from another process unchecked."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from itertools import combinations

from darbaza.portal.timetable.drafting.problem import Drafted, Problem, most_a_day, overlap
from darbaza.portal.timetable.drafting.reasons import Standing


def faults(problem: Problem, drafted: Drafted) -> Iterator[str]:
    """Every broken check, in plain words for the log; nothing for a sound draft."""
    standing = Standing(problem, ())
    for place in drafted.placed:
        demand = standing.demands.get(place.demand)
        if demand is None or place.period not in problem.periods or place.room not in demand.rooms:
            yield f"{place} is no place of the problem"
            return
        if place.period.shift != demand.shift:
            yield f"{place} lies in another shift"
    lessons = [*problem.kept, *map(standing.as_kept, drafted.placed)]
    new = len(problem.kept)
    for (first, one), (second, other) in combinations(enumerate(lessons), 2):
        if second < new or not overlap(one, other):
            continue
        for what in ("room", "teacher", "school_class"):
            if getattr(one, what) == getattr(other, what):
                yield f"{what} {getattr(one, what)} is taken twice, by lessons {first} and {second}"
    yield from _counts(problem, drafted)
    yield from _minutes(problem, drafted, standing)


def _counts(problem: Problem, drafted: Drafted) -> Iterator[str]:
    counted = Counter(place.demand for place in drafted.placed)
    by_day = Counter((place.demand, place.period.weekday) for place in drafted.placed)
    lacking = {one.demand: one.lessons for one in drafted.missing}
    for demand in problem.demands:
        if counted[demand.id] + lacking.get(demand.id, 0) != demand.lessons:
            yield f"demand {demand.id} has {counted[demand.id]} lessons and names {lacking.get(demand.id, 0)} missing"
        if any(by_day[demand.id, weekday] > most_a_day(problem, demand) for weekday in range(7)):
            yield f"demand {demand.id} has too many lessons on a day"


def _minutes(problem: Problem, drafted: Drafted, standing: Standing) -> Iterator[str]:
    minutes: defaultdict[tuple[str, int], int] = defaultdict(int)
    touched = set()
    for one in problem.kept:
        minutes[one.school_class, one.weekday] += one.minutes
    for place in drafted.placed:
        one = standing.as_kept(place)
        minutes[one.school_class, one.weekday] += one.minutes
        touched.add((one.school_class, one.weekday))
    for school_class, weekday in touched:
        most = problem.day_minutes.get(school_class)
        if most is not None and minutes[school_class, weekday] > most:
            yield f"class {school_class} is too long at the screen on weekday {weekday}"
