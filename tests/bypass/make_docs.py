"""Writes docs/bypass.md: every way round the gate that is tried, and the tests that try it.

`script/generate-docs` runs it.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

from tests.bypass.catalogue import LAB, Family, Marked, families, marked

TARGET = Path(__file__).parents[2] / "docs" / "bypass.md"

HEAD = """# Ways round the gate, and the tests that close them

Made by `script/generate-docs` from `tests/bypass/catalogue.toml` and the marks at the tests; do not edit.

A way round has worked when a byte of it reaches a place where it must not: tests judge at the origin, never by what a
client is told. Tests in `tests/lab` and `tests/faults` try it on the wire, from a student's PC in a lesson, with the
whole box in between, and ask the verdict log for the device, the clause, the reason and the host in its canonical form.
For a few no packet of a PC plays a part; the table says so. What can't be closed is declared in
[THREAT_MODEL.md](../THREAT_MODEL.md) and tried all the same, so that it stays where it is declared to stay.
`script/lab` ([operate/lab.md](operate/lab.md)) is the same school for whoever wants to try by hand.
"""


def document() -> str:
    """The whole text."""
    found = marked()
    return "\n".join([HEAD, *(line for family in families() for line in section(family, found))])


def section(family: Family, found: dict[str, list[Marked]]) -> Iterator[str]:
    """One family."""
    yield f"## {family.letter}: {family.title}\n"
    yield "| Case | What is tried | Where |\n|---|---|---|"
    for number, title in family.cases.items():
        note = f" ({family.elsewhere[number]})" if number in family.elsewhere else ""
        yield f"| {number} | {title} | {where(found.get(number, ()))}{note} |"
    yield ""


def where(tests: Sequence[Marked]) -> str:
    """The files whose tests bear a number, those in the lab first."""
    files = sorted({test.file for test in tests}, key=lambda file: (not file.startswith(LAB), file))
    return ", ".join(f"[{file}](../tests/{file})" for file in files) or "outstanding"


if __name__ == "__main__":
    TARGET.write_text(document(), "utf-8")
