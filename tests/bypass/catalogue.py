"""The catalogue of ways round the gate, and which tests bear the number of each."""

import ast
import tomllib
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

TESTS = Path(__file__).parents[1]
CATALOGUE = Path(__file__).with_name("catalogue.toml")


@dataclass(frozen=True, slots=True)
class Family:
    """Cases of one kind by number; `on_the_wire` says that each must be tried in the lab too."""

    letter: str
    title: str
    on_the_wire: bool
    cases: dict[str, str]


def families() -> tuple[Family, ...]:
    """The whole catalogue."""
    read = tomllib.loads(CATALOGUE.read_text("utf-8"))
    return tuple(
        Family(letter, family["title"], family.get("on_the_wire", False), family["cases"])
        for letter, family in read.items()
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
    """The tests of each number, as they stand in the source; a mark may stand at a test, a class or a parameter."""
    found: dict[str, list[Marked]] = defaultdict(list)
    for path in sorted(TESTS.rglob("test_*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                for number in _marks_of(node):
                    found[number].append(Marked(str(path.relative_to(TESTS)), node.name))
    return found


def _marks_of(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> Iterator[str]:
    for decorator in node.decorator_list:
        for inner in ast.walk(decorator):
            if isinstance(inner, ast.Call) and isinstance(inner.func, ast.Attribute) and inner.func.attr == "bypass":
                yield from (one.value for one in inner.args if isinstance(one, ast.Constant))
