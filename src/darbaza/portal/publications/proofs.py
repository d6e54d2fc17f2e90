"""What the records of publications prove of clauses 2.14-2.16, and the examples of the gate, run in this program."""

import json
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
from django.urls import reverse

from darbaza.portal.evidence.judging import Evidence
from darbaza.portal.evidence.register import GATE
from darbaza.portal.papers.documents import day_text
from darbaza.portal.publications.aftermath import last_check
from darbaza.portal.publications.door import judged_now
from darbaza.portal.publications.models import Placement, TakeDown
from darbaza.portal.publications.records import matter_of
from darbaza.portal.school_time import school_day
from darbaza.publication.consents import Consent
from darbaza.publication.gate import Step, judge
from darbaza.publication.matter import CouncilRule, Matter, Permission

FILE = Path(__file__).with_name("examples.json")


def proofs(at: datetime) -> Iterator[Evidence]:
    """All of them; what the records do not hold is missing."""
    yield from checked(at)
    yield from compared()
    yield take_downs(at)
    yield from examples_run(at)


def checked(at: datetime) -> Iterator[Evidence]:
    """Whether of all that stands the facts were confirmed by others, and the personal data answered for."""
    placed = Placement.objects.filter(taken_down_at__isnull=True).select_related("publication")
    judged = judged_now(placed.prefetch_related("publication__checks"), at)
    if not judged:
        return
    good = sum(one.verdict.clear_of(Step.FACTS, Step.PERSONAL_DATA) for one in judged)
    latest = max(one.placement.placed_at for one in judged)
    values = {"count": good, "all": len(judged), "day": day_text(school_day(latest))}
    yield Evidence("checked", latest, good == len(judged), "checked", values, reverse("publications:list"))


def compared() -> Iterator[Evidence]:
    """The last comparison of what is public with what is consented."""
    one = last_check()
    if one is not None:
        values = {"count": one.looked_at, "closed": len(one.closed), "day": day_text(one.day)}
        yield Evidence("compared", one.at, True, "compared", values, reverse("publications:take-downs"))


def take_downs(at: datetime) -> Evidence:
    """Whether nothing that has to come down elsewhere is past its day."""
    waiting, settled = TakeDown.objects.filter(done_at__isnull=True), TakeDown.objects.filter(done_at__isnull=False)
    late = waiting.filter(due__lt=school_day(at), ceased_at__isnull=True).count()
    values = {"open": waiting.count(), "late": late, "count": settled.count()}
    return Evidence("take-downs", at, not late, "take-downs", values, reverse("publications:take-downs"))


def examples_run(at: datetime) -> Iterator[Evidence]:
    """How many examples of each clause the gate answers as it must."""
    passed, every = Counter[str](), Counter[str]()
    for clause, matter, instant, expected in examples():
        every[clause] += 1
        passed[clause] += [f"{one.clause} {one.why}" for one in judge(matter, instant).reasons] == expected
    for clause, count in every.items():
        values = {"passed": passed[clause], "all": count}
        yield Evidence(f"{GATE}{clause}", at, passed[clause] == count, "corpus", values)


Example = tuple[str, Matter, datetime, list[str]]


@cache
def examples() -> tuple[Example, ...]:
    """All examples: clause, matter, instant, and the reasons that must be given. The file is part of the program."""
    return tuple(read(one) for one in json.loads(FILE.read_text("utf-8")))


def read(data: dict[str, Any]) -> Example:
    """One example; raises for a file that is broken."""
    force = data["in_force"]
    matter = matter_of(
        data["matter"],
        consents=msgspec.convert(force["consents"], tuple[Consent, ...]),
        rules=msgspec.convert(force["rules"], tuple[CouncilRule, ...]),
        permission=msgspec.convert(force["permission"], Permission | None),
        protected=frozenset(force["protected"]),
        recent=force["recent"],
    )
    return data["clause"], matter, datetime.fromisoformat(data["at"]), data["expected"]
