"""The clause register: complete, in three languages, and the only numbers that a verdict may cite."""

import ast
import inspect
import re

import pytest

from darbaza.policy import decide, index
from darbaza.policy.clauses import BY_VERDICT, CLAUSES, Enforcement, clause, is_clause
from darbaza.policy.clauses_text import DUTIES, WORDINGS

NUMBERS = [f"1.{n}" for n in range(1, 4)] + [f"2.{n}" for n in range(1, 18)] + [f"3.{n}" for n in range(1, 5)]


def cited_by_the_rules() -> set[str]:
    """The clause numbers written in the rules themselves."""
    source = inspect.getsource(decide) + inspect.getsource(index)
    constants = (node.value for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Constant))
    return {value for value in constants if isinstance(value, str) and re.fullmatch(r"\d\.\d+", value)}


def test_the_register_holds_every_clause_of_the_regulation_in_order():
    assert [entry.number for entry in CLAUSES] == NUMBERS
    assert list(WORDINGS) == list(DUTIES) == NUMBERS


@pytest.mark.parametrize("entry", CLAUSES, ids=lambda entry: entry.number)
def test_a_clause_is_worded_in_all_three_languages(entry):
    for text in (entry.wording, entry.duty):
        assert all(language.strip() for language in (text.ky, text.ru, text.en))
        assert len({text.ky, text.ru, text.en}) == 3


@pytest.mark.parametrize("entry", CLAUSES, ids=lambda entry: entry.number)
def test_a_translation_keeps_the_items_of_the_kyrgyz_list(entry):
    items = [language.count("\n– ") for language in (entry.wording.ky, entry.wording.ru, entry.wording.en)]
    assert len(set(items)) == 1
    assert "•" not in entry.wording.ky + entry.wording.ru + entry.wording.en


def test_every_clause_that_a_rule_writes_down_is_one_that_a_verdict_may_cite():
    cited = cited_by_the_rules()
    assert cited <= BY_VERDICT
    assert cited | {"3.2", "3.3"} == BY_VERDICT  # these two are cited by the rulebook's data


def test_only_a_number_of_the_regulation_is_a_clause():
    assert is_clause("2.9")
    assert not is_clause("2.18")
    assert clause("2.9").enforced_by is Enforcement.VERDICT
    assert clause("2.15").enforced_by is Enforcement.PUBLICATION
    assert clause("2.12").enforced_by is Enforcement.VERDICT
    with pytest.raises(KeyError, match=r"no clause `2\.18`"):
        clause("2.18")


def test_kyrgyz_is_the_authority_for_a_language_that_is_not_translated():
    wording = clause("2.9").wording
    assert wording.in_language("ru-RU") == wording.ru
    assert wording.in_language("en") == wording.en
    assert wording.in_language("uz") == wording.in_language("ky") == wording.ky


def test_a_clause_knows_its_chapter():
    assert [clause(number).chapter for number in ("1.1", "2.17", "3.4")] == [1, 2, 3]
