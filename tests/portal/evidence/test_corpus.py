"""The corpus that the portal runs is the corpus of the tests, and it notices a program that answers wrongly."""

import pytest

from darbaza.policy.verdict import Deny
from darbaza.portal.evidence import corpus
from tests.clauses.corpus import cases


def test_every_case_of_the_corpus_is_run_and_holds() -> None:
    found = corpus.run()
    assert found.pop(corpus.ALL) == (len(list(cases())),) * 2
    assert set(found) == {one.clause for one in cases()}
    assert all(passed == every for passed, every in found.values())


def test_the_examples_are_those_of_the_tests() -> None:
    for ours, theirs in zip(corpus.examples(), cases(), strict=True):
        assert (ours.clause, ours.request, ours.rulebook) == (theirs.clause, theirs.request, theirs.rulebook)
        assert ours.expected["outcome"] == theirs.expected.outcome


def test_a_program_that_answers_otherwise_fails_its_examples(monkeypatch: pytest.MonkeyPatch) -> None:
    real = corpus.decide

    def opened(request: object, rulebook: object) -> object:
        verdict = real(request, rulebook)  # type: ignore[arg-type] # handed on as they came
        closed = isinstance(verdict, Deny) and verdict.clause == "2.9"
        return real(corpus.examples()[0].request, corpus.examples()[0].rulebook) if closed else verdict

    monkeypatch.setattr(corpus, "decide", opened)
    passed, every = corpus.run()["2.9"]
    assert passed < every
