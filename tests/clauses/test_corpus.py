"""The clause corpus through `decide` and through a signed snapshot; and that no enforceable clause lacks its cases."""

import pytest

from darbaza.policy.clauses import BY_VERDICT
from darbaza.policy.decide import decide, explain
from darbaza.policy.rulebook import Rulebook
from darbaza.snapshot.codec import encode
from darbaza.snapshot.envelope import SNAPSHOT, generate_key, seal
from darbaza.snapshot.store import SNAPSHOT_FILE, SnapshotStore, read_rulebook
from tests.clauses import make_docs
from tests.clauses.corpus import Case, CorpusError, cases, corpus, read

ENFORCED = BY_VERDICT | {"2.13", "3.1"}
"""The clauses that need cases: those a verdict cites; 2.13, whose assignments decide which ruling applies; and 3.1,
which the verdicts of others carry out: nobody works for anybody else."""

every_case = pytest.mark.parametrize("case", list(cases()), ids=lambda case: f"{case.clause}: {case.name}")


@every_case
def test_the_verdict_is_the_one_expected(case: Case):
    assert case.expected.differs(decide(case.request, case.rulebook)) == {}


@every_case
def test_why_says_what_the_gateway_did(case: Case):
    explained = explain(case.request, case.rulebook)
    won = [step for step in explained.steps if step.won]
    assert explained.verdict == decide(case.request, case.rulebook) == won[0].verdict
    assert len(won) == 1


@pytest.fixture(scope="module")
def key():
    return generate_key()


@every_case
def test_the_verdict_survives_a_signed_snapshot(case: Case, key, tmp_path):
    sealed = seal(SNAPSHOT, encode(case.rulebook), key)
    SnapshotStore(tmp_path, [key.public_key()]).accept(sealed)
    rulebook: Rulebook = read_rulebook(tmp_path / SNAPSHOT_FILE, [key.public_key()])
    assert case.expected.differs(decide(case.request, rulebook)) == {}


def test_no_enforceable_clause_lacks_its_cases():
    assert {file.clause for file in corpus()} == ENFORCED


@pytest.mark.parametrize("file", corpus(), ids=lambda file: file.clause)
def test_a_clause_has_a_case_that_opens_and_one_that_refuses(file):
    outcomes = {case.expected.outcome for case in file.cases}
    assert "allow" in outcomes
    assert outcomes & {"deny", "ask"}


@pytest.mark.parametrize("file", [file for file in corpus() if file.clause in BY_VERDICT], ids=lambda file: file.clause)
def test_the_cases_of_a_clause_include_verdicts_that_cite_it(file):
    assert file.clause in {case.expected.clause for case in file.cases}


@pytest.mark.parametrize("file", corpus(), ids=lambda file: file.clause)
def test_no_two_cases_of_a_clause_have_one_name(file):
    names = [case.name for case in file.cases]
    assert len(set(names)) == len(names)


def test_a_case_with_a_field_nobody_reads_is_refused(tmp_path):
    path = tmp_path / "2.9-odd.toml"
    path.write_text('clause = "2.9"\nabout = "-"\n[[case]]\ncase = "odd"\nwhom = "bek"\nask = "a.test"\n')
    with pytest.raises(CorpusError, match="whom"):
        read(path)


def test_a_file_named_after_another_clause_is_refused(tmp_path):
    path = tmp_path / "2.8-odd.toml"
    path.write_text('clause = "2.9"\nabout = "-"\n')
    with pytest.raises(CorpusError, match=r"2\.9"):
        read(path)


def test_the_clause_document_is_what_the_register_and_the_corpus_say():
    assert make_docs.TARGET.read_text("utf-8") == make_docs.document(), "run script/generate-docs"
