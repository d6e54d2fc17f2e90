"""Writes the clause corpus as data of the portal, which runs it as evidence: `src/darbaza/portal/evidence/corpus.json`.

`script/generate-docs` writes it; with `--check` it tells whether it still is what the corpus says.
"""

import json
import sys
from pathlib import Path
from typing import Any

import msgspec

from tests.clauses.corpus import Case, cases

TARGET = Path(__file__).parents[2] / "src" / "darbaza" / "portal" / "evidence" / "corpus.json"


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
    made = document()
    if "--check" not in sys.argv[1:]:
        TARGET.write_text(made, "utf-8")
        return 0
    if TARGET.exists() and TARGET.read_text("utf-8") == made:
        return 0
    sys.stderr.write(f"{TARGET.name} is not what the clause corpus says: run script/generate-docs\n")
    return 1


if __name__ == "__main__":
    sys.exit(main())
