"""Public suffixes that a registry keeps for the state or for schools: what lists of such sites may hold as a whole.

Everybody can register below `com.kg`, so a list that opens it opens the world; below `gov.kg` only authorities can,
and an allow-list of state sites without it is of no use. So these few suffixes, each with the registry's rule as its
source, are exempt from the quarantine of public suffixes, and only in the categories that open and that they are kept
for. Nothing is ever closed by one: a list that closes `gov.kg` is in error.
"""

import tomllib
from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files

Reserved = Mapping[str, tuple[str, ...]]
"""By suffix, the categories whose lists may hold it; the first is the one that it says by itself."""


class ReservedError(ValueError):
    """The file of reserved suffixes is inconsistent."""


@lru_cache(maxsize=1)
def load_reserved() -> Reserved:
    """The suffixes that ship with the product."""
    return parse_reserved(files(__package__).joinpath("reserved.toml").read_text("utf-8"))


def parse_reserved(text: str) -> Reserved:
    """Reserved suffixes from TOML. Raises `ReservedError` for one without its source."""
    made: dict[str, tuple[str, ...]] = {}
    for suffix, table in tomllib.loads(text).items():
        missing = [key for key in ("categories", "for", "rule", "source", "seen") if not table.get(key)]
        if missing:
            raise ReservedError(f"suffix `{suffix}` lacks {', '.join(missing)}; a suffix needs its registry's rule")
        made[suffix] = tuple(table["categories"])
    return made
