"""The rule language of V2Ray's domain lists: `domain:`, `full:`, `keyword:`, `regexp:`, `include:` and attributes.

`full:` names one exact host. It is read as `domain:`: what stands below an exact host belongs to whoever runs it.
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

_KINDS = frozenset({"domain", "full", "keyword", "regexp", "include"})


class Rule(NamedTuple):
    """One line: its kind, its value and its attributes without `@`."""

    kind: str
    value: str
    attributes: frozenset[str] = frozenset()


def parse(lines: Iterable[str]) -> list[Rule]:
    """The rules of one list; a kind that is not known becomes a rule of that kind, to be counted as skipped."""
    return [rule for line in lines if (rule := _rule(line))]


def resolve(lists: Mapping[str, list[str]], root: str) -> tuple[list[Rule], int]:
    """All rules of a list and of what it includes, each once, and how many included lists are missing.

    `lists` holds the lines of each list by its name; only those that are reached are parsed.

    A list that includes itself, at whatever remove, is entered once for each filter of attributes. `include:x @a`
    takes the rules of `x` with the attribute `a`, `include:x @-a` those without it.
    """
    found: dict[Rule, None] = {}
    missing: set[str] = set()
    waiting = [(root, frozenset[str](), frozenset[str]())]
    entered = set(waiting)
    while waiting:
        name, wanted, unwanted = waiting.pop()
        if name not in lists:
            missing.add(name)
        for rule in parse(lists.get(name, ())):
            if rule.kind == "include":
                step = (rule.value, wanted | _wanted(rule), unwanted | _unwanted(rule))
                if step not in entered:
                    entered.add(step)
                    waiting.append(step)
            elif wanted <= rule.attributes and not unwanted & rule.attributes:
                found[rule._replace(attributes=frozenset())] = None
    return list(found), len(missing)


def _rule(line: str) -> Rule | None:
    value, *marks = line.partition("#")[0].split() or [""]
    if not value:
        return None
    kind, colon, rest = value.partition(":")
    attributes = frozenset(mark[1:] for mark in marks if mark.startswith("@"))
    if not colon:
        return Rule("domain", value.lower(), attributes)
    return Rule(kind if kind in _KINDS else "unknown kind", rest if kind == "include" else rest.lower(), attributes)


def _wanted(rule: Rule) -> frozenset[str]:
    return frozenset(attribute for attribute in rule.attributes if not attribute.startswith("-"))


def _unwanted(rule: Rule) -> frozenset[str]:
    return frozenset(attribute[1:] for attribute in rule.attributes if attribute.startswith("-"))
