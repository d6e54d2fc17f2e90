"""The vocabulary of a ruleset: rules with the reason beside them, chains, sets and tables, and their text.

Every rule carries its reason as a comment: `nft list ruleset` then explains itself on the box, and reading back tells
whether each rule stands where it was put.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule in nft's language, and why it is there in a few words."""

    text: str
    why: str

    def __str__(self) -> str:
        """As in a file."""
        return f'{self.text} comment "{self.why}"'


@dataclass(frozen=True, slots=True)
class Chain:
    """Rules in order. With a `hook` the kernel begins here, and `policy` meets what no rule decided."""

    name: str
    rules: tuple[Rule, ...] = ()
    kind: str = "filter"
    hook: str = ""
    priority: int = 0
    policy: str = ""

    def __str__(self) -> str:
        """As in a file."""
        head = (
            [f"type {self.kind} hook {self.hook} priority {self.priority}; policy {self.policy};"] if self.hook else []
        )
        return block(f"chain {self.name}", [*head, *map(str, self.rules)])


@dataclass(frozen=True, slots=True)
class NamedSet:
    """A set: the types of its key, its flags (`timeout`, `dynamic`), at most `size` elements that live `seconds`."""

    name: str
    key: tuple[str, ...]
    flags: tuple[str, ...]
    size: int
    seconds: int = 0

    def __str__(self) -> str:
        """As in a file."""
        lines = [f"type {' . '.join(self.key)}", f"size {self.size}", f"flags {','.join(self.flags)}"]
        return block(f"set {self.name}", [*lines, *([f"timeout {self.seconds}s"] if self.seconds else [])])


@dataclass(frozen=True, slots=True)
class Table:
    """A table of one family with its counters, sets and chains."""

    family: str
    name: str
    chains: tuple[Chain, ...]
    sets: tuple[NamedSet, ...] = ()
    counters: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        """Family and name, as nft names a table."""
        return f"{self.family} {self.name}"

    def __str__(self) -> str:
        """As in a file: made anew in one step, whether or not it was there."""
        counters = [f"counter {name} {{ }}" for name in self.counters]
        whole = block(f"table {self.title}", [*counters, *map(str, self.sets), *map(str, self.chains)])
        return f"table {self.title}\ndelete table {self.title}\n{whole}"


def block(head: str, lines: list[str]) -> str:
    """A head with braces around indented lines."""
    inside = "\n".join(lines).splitlines()
    return "\n".join([f"{head} {{", *(f"\t{line}" for line in inside), "}"])


def names(interfaces: tuple[str, ...]) -> str:
    """Interfaces as an anonymous set."""
    return "{ " + ", ".join(f'"{name}"' for name in interfaces) + " }"


def numbers(*values: object) -> str:
    """Ports, addresses or networks as an anonymous set."""
    return "{ " + ", ".join(map(str, values)) + " }"
