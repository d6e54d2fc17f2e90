"""Writes docs/clauses.md: every clause with its wording, what carries it out, and the cases that prove it.

`script/generate-docs` writes it; with `--check` it tells whether it still is what the register and the corpus say.
"""

import sys
from collections.abc import Iterator
from pathlib import Path

from darbaza.policy.clauses import CLAUSES, Clause, Enforcement
from tests.clauses.corpus import Case, ClauseFile, corpus
from tests.clauses.publications import PublicationCase, PublicationFile, publication_corpus

TARGET = Path(__file__).parents[2] / "docs" / "clauses.md"

HEAD = """# The regulation, clause by clause

Made by `script/generate-docs` from the clause register (`src/darbaza/policy/clauses.py`) and the clause corpus
(`tests/clauses/`); do not edit. The Kyrgyz wording is the regulation itself, the others are translations. Each case is
replayed through `decide`, through a signed snapshot and through the pipe of Squid's helper. Unless a case says
otherwise, Bek of class 7-b asks at 09:10 on Monday 7 September 2026 in an open lesson in cabinet 1; `_school.toml`
holds the rest of that school. Cases of publications (`tests/clauses/publication/`) are replayed through `gate.judge`.
"""

CARRIED_OUT = {
    Enforcement.VERDICT: "Carried out by verdicts: the gateway cites it.",
    Enforcement.PORTAL: "Carried out by people through the portal; no verdict cites it.",
    Enforcement.PUBLICATION: "Carried out by the gate for publications; no verdict cites it.",
}


def document() -> str:
    """The whole text."""
    files = {file.clause: file for file in corpus()}
    published = {file.clause: file for file in publication_corpus()}
    sections = (section(one, files.get(one.number), published.get(one.number)) for one in CLAUSES)
    return "\n".join([HEAD, *(line for lines in sections for line in lines)])


def section(clause: Clause, file: ClauseFile | None, published: PublicationFile | None) -> Iterator[str]:
    """One clause."""
    yield f"## {clause.number}\n"
    for language in (clause.wording.ky, clause.wording.ru, clause.wording.en):
        yield quoted(language)
    yield f"**{clause.duty.en}** {CARRIED_OUT[clause.enforced_by]}\n"
    if file is not None:
        yield f"{file.about} [`{file.path.name}`](../tests/clauses/{file.path.name})\n"
        yield "| Case | Asked for | Answer | Clause | On the ground of |\n|---|---|---|---|---|"
        yield from (row(case) for case in file.cases)
        yield ""
    if published is not None:
        yield f"{published.about} [`{published.path.name}`](../tests/clauses/publication/{published.path.name})\n"
        yield "| Publication | The gate | What is in the way |\n|---|---|---|"
        yield from (publication_row(case) for case in published.cases)
        yield ""


def quoted(text: str) -> str:
    """A text with its lists as a quotation."""
    return "\n".join("> " + line.replace("– ", "- ", 1) for line in text.split("\n")) + "\n"


def row(case: Case) -> str:
    """One case as a row of its clause's table."""
    expected = case.expected
    return f"| {case.name} | `{case.asked}` | {expected.outcome} | {expected.clause} | {expected.ground or '–'} |"


def publication_row(case: PublicationCase) -> str:
    """One case of a publication as a row."""
    return f"| {case.name} | {'closed' if case.expected else 'open'} | {', '.join(case.expected) or '–'} |"


def main(arguments: list[str]) -> int:
    """Write the document, or with `--check` compare it; the exit code."""
    text = document()
    if "--check" not in arguments:
        TARGET.write_text(text, "utf-8")
        return 0
    if TARGET.exists() and TARGET.read_text("utf-8") == text:
        return 0
    sys.stderr.write("docs/clauses.md is not what the register and the corpus say: run script/generate-docs\n")
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
