"""The classifier of resources: which categories there are, what each is closed or opened by, and its names."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from importlib.resources import files

from darbaza.policy.rulebook import PermitKind, PermitRule, StatutoryCategory, StatutoryScope, UserKind
from darbaza.policy.verdict import Ground, GroundKind

MAX_BIT = 51
"""The highest bit of a category. Bit 52 is `database.HAS_PATHS`; a 53-bit number is still exact in Lua."""


class CategoryError(ValueError):
    """The classifier's file is inconsistent."""


class Kind(StrEnum):
    """What a category means for the rules; `categories.toml` explains each."""

    STATUTORY = "statutory"
    CIRCUMVENTION = "circumvention"
    ABUSE = "abuse"
    NON_EDUCATIONAL = "non-educational"
    PERMIT = "permit"
    EDUCATION = "education"
    NEUTRAL = "neutral"


@dataclass(frozen=True, slots=True)
class Category:
    """One category. `scope` is None where no statutory closure exists, `permit` None where no permission is needed."""

    id: str
    bit: int
    kind: Kind
    clause: str
    names: Mapping[str, str]
    scope: StatutoryScope | None = None
    basis: str = ""
    permit: PermitKind | None = None
    binds: frozenset[UserKind] = frozenset()
    welcomes_popular: bool = True
    suffixes: frozenset[str] = frozenset()

    @property
    def opens(self) -> bool:
        """Whether rulings on it usually open: its entries must never be broader than one site."""
        return self.kind is Kind.EDUCATION

    @property
    def closes(self) -> bool:
        """Whether being listed in it usually closes a resource."""
        return self.kind not in {Kind.EDUCATION, Kind.NEUTRAL}

    def statutory(self) -> StatutoryCategory | None:
        """This category's entry in a rulebook's statutory layer, with its basis as the ground."""
        if self.scope is None:
            return None
        ground = Ground(GroundKind.REGULATION, self.basis)
        return StatutoryCategory(self.id, self.scope, self.clause, ground)

    def permit_rule(self) -> PermitRule | None:
        """This category's permit rule for a rulebook."""
        return PermitRule(self.id, self.permit, self.clause, self.binds) if self.permit else None


@dataclass(frozen=True, slots=True)
class Categories:
    """All categories by id, in the order of their bits."""

    by_id: Mapping[str, Category]

    def __getitem__(self, category: str) -> Category:
        """The category with this id; `KeyError` if there is none."""
        return self.by_id[category]

    def statutory(self) -> tuple[StatutoryCategory, ...]:
        """The statutory layer as a rulebook holds it, sorted by category."""
        closed = (self.by_id[name].statutory() for name in sorted(self.by_id))
        return tuple(entry for entry in closed if entry)

    def permit_rules(self) -> tuple[PermitRule, ...]:
        """The permit rules as a rulebook holds them, sorted by category."""
        rules = (self.by_id[name].permit_rule() for name in sorted(self.by_id))
        return tuple(rule for rule in rules if rule)

    def bits(self, *names: str) -> int:
        """The set of these categories as the compiled database writes it."""
        return sum(1 << self.by_id[name].bit for name in set(names))


@lru_cache(maxsize=1)
def load() -> Categories:
    """The classifier that ships with the product."""
    return parse(files(__package__).joinpath("categories.toml").read_text("utf-8"))


def parse(text: str) -> Categories:
    """A classifier from TOML. Raises `CategoryError` if a bit is used twice or a category is incomplete."""
    made = sorted((_category(name, table) for name, table in tomllib.loads(text).items()), key=lambda c: c.bit)
    bits = [category.bit for category in made]
    if len(set(bits)) != len(bits) or not all(0 <= bit <= MAX_BIT for bit in bits):
        raise CategoryError(f"bits must be different numbers from 0 to {MAX_BIT}; renumber the newest category")
    return Categories({category.id: category for category in made})


def _category(name: str, table: Mapping[str, object]) -> Category:
    try:
        return Category(
            id=name,
            bit=int(str(table["bit"])),
            kind=Kind(str(table["kind"])),
            clause=str(table["clause"]),
            names={language: str(table[language]) for language in ("ky", "ru", "en")},
            scope=StatutoryScope(str(table["scope"])) if "scope" in table else None,
            basis=str(table.get("basis", "")),
            permit=PermitKind(str(table["permit"])) if "permit" in table else None,
            binds=frozenset(UserKind(kind) for kind in _words(table.get("binds"))),
            welcomes_popular=table.get("popular", "natural") == "natural",
            suffixes=frozenset(_words(table.get("suffixes"))),
        )
    except (KeyError, ValueError) as error:
        raise CategoryError(f"category `{name}` is incomplete: {error}; see the head of categories.toml") from error


def _words(value: object) -> list[str]:
    return [str(word) for word in value] if isinstance(value, list) else []
