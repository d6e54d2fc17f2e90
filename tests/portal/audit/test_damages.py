"""Whatever is done to the chain is found; what fits in itself is found against paper. `bench/audit.py` does 10,000."""

from collections.abc import Callable
from random import Random

import pytest

from darbaza.portal.audit.chain import Fault, Mark, walk
from tests.portal.audit import damages
from tests.portal.audit.damages import Damaged, Rows

EACH = 60


@pytest.fixture(scope="module")
def rows() -> Rows:
    """A sound chain of 120 entries."""
    return damages.chain_of(120)


def noted(rows: Rows, number: int) -> Mark:
    """What a checkpoint on paper says of an entry."""
    return Mark(number, rows[number - 1].digest[:20])


def test_a_sound_chain_holds_with_all_that_was_noted_of_it(rows: Rows) -> None:
    check = walk(rows, damages.head_of(rows), [noted(rows, 40), noted(rows, 120)])
    assert (check.intact, check.checked, check.held) == (True, 120, 120)


@pytest.mark.parametrize("damage", damages.PLAIN, ids=lambda one: one.__name__)
def test_a_damage_is_found_and_the_first_bad_entry_named(damage: Callable[..., Damaged], rows: Rows) -> None:
    random = Random(2026)  # noqa: S311 - damages, not secrets
    missed = [one for one in (damage(rows, random) for _ in range(EACH)) if not damages.is_found(one)]
    assert not missed


@pytest.mark.parametrize("damage", damages.HIDDEN, ids=lambda one: one.__name__)
def test_a_chain_that_fits_in_itself_is_found_against_paper(damage: Callable[..., Damaged], rows: Rows) -> None:
    random, paper = Random(2026), (noted(rows, 60), noted(rows, 120))  # noqa: S311
    made = [damage(rows, random) for _ in range(EACH)]
    assert all(walk(one.rows, one.head).intact for one in made), "these show against paper only"
    assert all(damages.is_found(one, paper) for one in made)


def test_a_rewritten_chain_is_placed_between_two_papers(rows: Rows) -> None:
    made = damages.resealed([*rows[:79], rows[79]._replace(subject="forged"), *rows[80:]], 79)
    check = walk(made, damages.head_of(made), [noted(rows, 60), noted(rows, 120)])
    assert (check.fault, check.held, check.number) == (Fault.REWRITTEN, 60, 120)


def test_two_papers_that_contradict_each_other_do_not_both_stand(rows: Rows) -> None:
    check = walk(rows, damages.head_of(rows), [noted(rows, 60), Mark(60, "0" * 20)])
    assert (check.fault, check.number) == (Fault.REWRITTEN, 60)
