"""The clause corpus of publications through the gate; and that 2.14-2.17 have cases that pass and cases that do not."""

import pytest

from darbaza.policy.clauses import BY_PUBLICATION, is_clause
from darbaza.publication.gate import STANDING, judge_standing
from tests.clauses.corpus import CorpusError
from tests.clauses.publications import PublicationCase, publication_cases, publication_corpus, read, reasons

every_case = pytest.mark.parametrize("case", list(publication_cases()), ids=lambda case: f"{case.clause}: {case.name}")


@every_case
def test_the_gate_says_what_is_expected(case: PublicationCase):
    assert reasons(case.verdict) == case.expected
    assert all(is_clause(one.clause) for one in case.verdict.reasons)


@every_case
def test_what_stands_is_judged_alike_but_for_nature_and_volume(case: PublicationCase):
    kept = tuple(one for one in case.verdict.reasons if one.step in STANDING)
    assert judge_standing(case.matter, case.at).reasons == kept


def test_no_clause_on_publications_lacks_its_cases():
    assert {file.clause for file in publication_corpus()} >= BY_PUBLICATION


@pytest.mark.parametrize("file", publication_corpus(), ids=lambda file: file.clause)
def test_a_clause_has_a_publication_that_passes_one_that_does_not_and_a_reason_that_cites_it(file):
    assert {case.outcome for case in file.cases} == {"allow", "deny"}
    assert file.clause in {reason.split()[0] for case in file.cases for reason in case.expected}
    names = [case.name for case in file.cases]
    assert len(set(names)) == len(names)


def test_a_case_with_a_field_nobody_reads_is_refused(tmp_path):
    path = tmp_path / "2.15-odd.toml"
    path.write_text('clause = "2.15"\nabout = "-"\n[[case]]\ncase = "odd"\nwhom = "bek"\nexpect = "allow"\n')
    with pytest.raises(CorpusError, match="whom"):
        read(path)
