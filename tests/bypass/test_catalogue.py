"""Every way round the gate that is known has a test that bears its number."""

import re

import pytest

from tests.bypass.catalogue import CATALOGUE, LAB, Family, families, marked, numbers
from tests.bypass.make_docs import TARGET


def test_every_number_has_a_test() -> None:
    assert set(numbers()) - set(marked()) == set()


def test_a_mark_at_a_whole_file_counts_for_each_of_its_tests() -> None:
    files = {test.file for test in marked()["S04"]}
    assert files >= {"agent/test_departures.py", "lab/test_sessions.py"}


def test_every_mark_is_a_number_of_the_catalogue() -> None:
    assert set(marked()) <= set(numbers())


@pytest.mark.parametrize("family", families(), ids=lambda family: family.letter)
def test_all_is_tried_on_the_wire_but_what_has_a_reason(family: Family) -> None:
    in_lab = {number for number, tests in marked().items() if any(test.file.startswith(LAB) for test in tests)}
    assert set(family.cases) - in_lab == set(family.elsewhere)
    assert all(family.elsewhere.values())


def test_the_document_lists_every_case_and_names_tests_that_are_there() -> None:
    text = TARGET.read_text("utf-8")
    for family in families():
        assert [f"| {number} | {title} |" in text for number, title in family.cases.items()] == [True] * len(
            family.cases
        )
    linked = set(re.findall(r"\(\.\./(tests/[a-z_0-9/]+\.py)\)", text))
    assert linked
    assert [path for path in linked if not (TARGET.parents[1] / path).is_file()] == []


def test_numbers_stand_in_their_family_and_each_once() -> None:
    assert all(number.startswith(family.letter) for family in families() for number in family.cases)
    assert len(numbers()) == len(set(numbers())) == 87
    assert CATALOGUE.read_text("utf-8").isascii()
