"""The two rulebooks that a replay compares: as councils have it in force on a day, and as it would be with a draft.

The draft is carried out by the same functions that adopt a decision, in a transaction that is rolled back: there is no
second notion of what a decision does, and what could not be adopted cannot be replayed either.
"""

from dataclasses import replace
from datetime import date, datetime
from typing import NamedTuple, TypeVar

from django.db import transaction

from darbaza.policy import rulebook
from darbaza.portal.council.actions import DecisionDraft, enact, new_decision
from darbaza.portal.council.categories import category_of_grade
from darbaza.portal.council.groups import HIGHEST_GRADE
from darbaza.portal.council.in_force import beginning
from darbaza.portal.council.models import Council
from darbaza.portal.gateways import rulebook as in_force
from darbaza.portal.people.models import Person
from darbaza.portal.school_time import school_day

Act = TypeVar("Act", rulebook.Ruling, rulebook.Hold, rulebook.StatutoryEntry)


class Ruleset(NamedTuple):
    """A rulebook in which all that councils have in force stands without dates, and each grade's user category."""

    book: rulebook.Rulebook
    grades: tuple[str, ...]


class Comparison(NamedTuple):
    """What is in force, and what would be."""

    before: Ruleset
    after: Ruleset


def compare(draft: DecisionDraft, *, begins: date, by: Person, at: datetime) -> Comparison:
    """Both rulesets at the instant from which the draft would be in force.

    Raises:
        ActRefusedError: the draft could not be adopted either; the reason is the same.
    """
    instant = max(at, beginning(begins))
    with transaction.atomic():
        before = ruleset(instant)
        decision = new_decision("", "", school_day(at), instant, Council.METHODOLOGICAL, by, at)
        enact(decision, draft)
        after = ruleset(instant)
        transaction.set_rollback(True)
    return Comparison(before, after)


def ruleset(at: datetime) -> Ruleset:
    """What is in force at an instant, freed from its dates so that it can be tried on any day."""
    grades = tuple(category_of_grade(grade) for grade in range(HIGHEST_GRADE + 1))
    return Ruleset(timeless(in_force.build(at), at), grades)


def timeless(book: rulebook.Rulebook, at: datetime) -> rulebook.Rulebook:
    """Rulings, holds and register entries that stand at an instant, as if they had always stood; the others not."""
    return replace(
        book,
        rulings=tuple(map(always, (one for one in book.rulings if stands(one, at)))),
        holds=tuple(map(always, (one for one in book.holds if stands(one, at)))),
        register=tuple(map(always, (one for one in book.register if stands(one, at)))),
    )


def stands(act: Act, at: datetime) -> bool:
    """Whether an act is in force at an instant."""
    return act.since <= at < act.until


def always(act: Act) -> Act:
    """An act without beginning and end."""
    return replace(act, since=rulebook.BEGINNING, until=rulebook.END_OF_TIME)
