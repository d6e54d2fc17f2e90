"""Writes the clause corpora as data of the portal, which runs them as evidence: `evidence/corpus.json` of access, and
`publications/examples.json` of the gate.

`script/generate-docs` writes them; with `--check` it tells whether they still are what the corpora say.
"""

import json
import sys
from pathlib import Path
from typing import Any

import msgspec

from darbaza.portal.publications.records import matter_json
from tests.clauses.corpus import Case, cases
from tests.clauses.publications import PublicationCase, publication_cases

PORTAL = Path(__file__).parents[2] / "src" / "darbaza" / "portal"
TARGET = PORTAL / "evidence" / "corpus.json"
EXAMPLES = PORTAL / "publications" / "examples.json"


def publication_document() -> str:
    """One line for each example of the gate."""
    return f"{array([written(publication_example(one)) for one in publication_cases()])}\n"


def publication_example(case: PublicationCase) -> dict[str, Any]:
    """One case: the matter as a placement's record holds it, and what is in force beside it."""
    in_force = {name: getattr(case.matter, name) for name in ("consents", "rules", "permission", "protected", "recent")}
    return {
        "clause": case.clause,
        "name": case.name,
        "at": case.at.isoformat(),
        "matter": matter_json(case.matter),
        "in_force": msgspec.to_builtins(in_force, order="deterministic"),
        "expected": list(case.expected),
    }


def document() -> str:
    """One line for each shared part and each example, so that a change shows as itself."""
    parts: dict[str, list[str]] = {}
    examples = [example(one, parts) for one in cases()]
    listed = ",\n".join(f'"{name}": {array(found)}' for name, found in parts.items())
    return f'{{"parts": {{\n{listed}\n}},\n"examples": {array([written(one) for one in examples])}}}\n'


def array(lines: list[str]) -> str:
    """An array with each of its values on a line."""
    return "[\n" + ",\n".join(lines) + "\n]"


def example(case: Case, parts: dict[str, list[str]]) -> dict[str, Any]:
    """One case; what its rulebook shares with others goes into `parts` once."""
    rulebook: dict[str, Any] = msgspec.to_builtins(case.rulebook, order="deterministic")
    expected = case.expected
    return {
        "clause": case.clause,
        "name": case.name,
        "request": msgspec.to_builtins(case.request, order="deterministic"),
        "rulebook": {name: place_of(written(value), parts.setdefault(name, [])) for name, value in rulebook.items()},
        "expected": {
            "outcome": expected.outcome,
            "clause": expected.clause,
            "rank": expected.rank.name,
            "message": expected.message,
        },
    }


def place_of(text: str, found: list[str]) -> int:
    """Where a part stands among those found; a new one is added."""
    if text not in found:
        found.append(text)
    return found.index(text)


def written(value: Any) -> str:
    """A value on one line."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def main() -> int:
    """Write the file, or with `--check` say whether it is current."""
    stale = [
        target for target, made in ((TARGET, document()), (EXAMPLES, publication_document())) if is_stale(target, made)
    ]
    for target in stale:
        sys.stderr.write(f"{target.name} is not what the clause corpus says: run script/generate-docs\n")
    return 1 if stale else 0


def is_stale(target: Path, made: str) -> bool:
    """Whether a file is not what it should be; without `--check` it is written anew."""
    if "--check" in sys.argv[1:]:
        return not target.exists() or target.read_text("utf-8") != made
    target.write_text(made, "utf-8")
    return False


if __name__ == "__main__":
    sys.exit(main())
