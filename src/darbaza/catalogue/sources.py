"""Which lists there are: who publishes each, in what format, and which of our categories its entries belong to."""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from importlib.resources import files
from typing import Any

from darbaza.catalogue.categories import Categories, load


class SourceError(ValueError):
    """The mapping of sources is inconsistent."""


class Format(StrEnum):
    """How a list is written."""

    DOMAINS = "domains"
    HOSTS = "hosts"
    ADGUARD = "adguard"
    DNSMASQ = "dnsmasq"
    URLS = "urls"
    V2FLY = "v2fly"
    CIDR = "cidr"
    TSV = "tsv"


class Role(StrEnum):
    """What a list is for besides its categories."""

    LISTING = "listing"
    PIN = "pin"
    POPULAR = "popular"


@dataclass(frozen=True, slots=True)
class Source:
    """One published list. `file` is its path in a folder of lists without compression suffix."""

    id: str
    title: str
    licence: str
    format: Format
    categories: tuple[str, ...]
    file: str
    url: str = ""
    member: str = ""
    root: str = ""
    role: Role = Role.LISTING
    is_feed: bool = False
    skip: str = ""


@dataclass(frozen=True, slots=True)
class Sources:
    """All lists by id (`publisher/source`), sorted."""

    by_id: Mapping[str, Source]

    def __getitem__(self, source: str) -> Source:
        """The list with this id; `SourceError` if there is none."""
        try:
            return self.by_id[source]
        except KeyError:
            raise SourceError(f"list `{source}` is unknown; add it to sources.toml") from None

    def __iter__(self) -> Iterator[Source]:
        """The lists in the order of their ids."""
        return iter(self.by_id.values())


@lru_cache(maxsize=1)
def load_sources() -> Sources:
    """The mapping that ships with the product."""
    return parse_sources(files(__package__).joinpath("sources.toml").read_text("utf-8"), load())


def parse_sources(text: str, categories: Categories) -> Sources:
    """A mapping from TOML. Raises `SourceError` for an unknown category, format or role."""
    made: dict[str, Source] = {}
    for publisher, table in tomllib.loads(text).items():
        for name, entry in table["lists"].items():
            own = {"category": entry} if isinstance(entry, str) else entry
            source = _source(f"{publisher}/{name}", name, {**table, **own})
            unknown = [category for category in source.categories if category not in categories.by_id]
            if unknown:
                raise SourceError(f"list `{source.id}` names the unknown category `{unknown[0]}`; see categories.toml")
            made[source.id] = source
    return Sources(dict(sorted(made.items())))


def _source(source: str, name: str, table: Mapping[str, Any]) -> Source:
    category = table.get("category", ())
    try:
        return Source(
            id=source,
            title=table["title"],
            licence=table["licence"],
            format=Format(table["format"]),
            categories=(category,) if isinstance(category, str) else tuple(category),
            file=table["file"].replace("{source}", name),
            url=table.get("url", "").replace("{source}", name),
            member=table.get("member", ""),
            root=table.get("root", ""),
            role=Role(table.get("role", "listing")),
            is_feed=bool(table.get("feed", False)),
            skip=table.get("skip", ""),
        )
    except (KeyError, ValueError) as error:
        raise SourceError(f"list `{source}` is incomplete: {error}; see the head of sources.toml") from error
