"""The catalogue of ways round the gate, and which tests bear the number of each."""

import ast
import tomllib
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeGuard

TESTS = Path(__file__).parents[1]
CATALOGUE = Path(__file__).with_name("catalogue.toml")
LAB = ("lab/", "faults/")
"""Where tests run the whole school with its internet, which is the judge."""


@dataclass(frozen=True, slots=True)
class Family:
    """Cases of one kind by number; all must be tried in the lab, but for those `elsewhere`, with the reason why."""

    letter: str
    title: str
    cases: dict[str, str]
    elsewhere: dict[str, str]


def families() -> tuple[Family, ...]:
    """The whole catalogue."""
    read = tomllib.loads(CATALOGUE.read_text("utf-8"))
    return tuple(
        Family(letter, family["title"], family["cases"], family.get("elsewhere", {})) for letter, family in read.items()
    )


def numbers() -> list[str]:
    """Every number, in order."""
    return [number for family in families() for number in family.cases]


@dataclass(frozen=True, slots=True, order=True)
class Marked:
    """A test that bears a number: its file below `tests`, and its name."""

    file: str
    name: str


def marked() -> dict[str, list[Marked]]:
    """The tests of each number, as they stand in the source; a mark may stand at a whole file, a test or a class."""
    found: dict[str, list[Marked]] = defaultdict(list)
    for path in sorted(TESTS.rglob("test_*.py")):
        file, module = str(path.relative_to(TESTS)), ast.parse(path.read_text("utf-8"))
        for number in _marks_of_file(module):
            found[number] += [Marked(file, test.name) for test in module.body if _is_test(test)]
        for node in ast.walk(module):
            if isinstance(node, Named):
                for number in _numbers(node.decorator_list):
                    found[number].append(Marked(file, node.name))
    return found


Named = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


def _is_test(node: ast.stmt) -> TypeGuard[Named]:
    return isinstance(node, Named) and node.name.lower().startswith("test")


def _marks_of_file(module: ast.Module) -> Iterator[str]:
    for node in module.body:
        if isinstance(node, ast.Assign) and [ast.unparse(target) for target in node.targets] == ["pytestmark"]:
            yield from _numbers([node.value])


def _numbers(marks: Iterable[ast.expr]) -> Iterator[str]:
    for mark in marks:
        for inner in ast.walk(mark):
            if isinstance(inner, ast.Call) and isinstance(inner.func, ast.Attribute) and inner.func.attr == "bypass":
                yield from (str(one.value) for one in inner.args if isinstance(one, ast.Constant))
