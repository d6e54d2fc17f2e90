"""Which lists there are: who publishes each, in what format, and which of our categories its entries belong to."""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from darbaza.catalogue.categories import Categories, load
from darbaza.catalogue.minisign import Key, read_key
from darbaza.catalogue.wording import ListsError


class SourceError(ValueError):
    """The mapping of sources is inconsistent."""


class UnknownListError(ListsError):
    """Somebody named a list that there is not."""


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
    CSV = "csv"
    JSON = "json"
    TREE = "tree"
    V2FLY_PLAIN = "v2fly-plain"
    STAMPS = "stamps"


class Role(StrEnum):
    """What a list is for besides its categories."""

    LISTING = "listing"
    PIN = "pin"
    POPULAR = "popular"


@dataclass(frozen=True, slots=True)
class Online:
    """Where and how a publisher offers a list at run time. Several lists may lie at one address.

    `sums` is the address of a file of checksums that names the list, `key` the key of its detached signature at
    `<url>.minisig`; `redirects` are the hosts to which the publisher's own may lead.
    """

    url: str
    format: Format
    sums: str = ""
    key: Key | None = None
    redirects: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Source:
    """One published list. `file` is its path in a folder of lists without compression suffix, of the format `format`.

    `member` is what is read of a file that holds more: a file inside a tar archive, a key of JSON; `root` where a
    bundle is entered.
    """

    id: str
    title: str
    licence: str
    format: Format
    categories: tuple[str, ...]
    file: str
    online: Online | None = None
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
        """The list with this id; `UnknownListError` if there is none."""
        try:
            return self.by_id[source]
        except KeyError:
            raise UnknownListError("unknown-list", list=source) from None

    def within(self, name: str) -> frozenset[str]:
        """The list with this id, or all of this publisher; `UnknownListError` if there is neither."""
        found = frozenset(source for source in self.by_id if source.startswith(f"{name}/"))
        return found or frozenset({self[name].id})

    def __iter__(self) -> Iterator[Source]:
        """The lists in the order of their ids."""
        return iter(self.by_id.values())


@lru_cache(maxsize=4)
def load_sources(further: Path | None = None) -> Sources:
    """The mapping that ships with the product; a file of the school's own adds publishers or takes their places.

    Raises `SourceError`, OSError.
    """
    text = files(__package__).joinpath("sources.toml").read_text("utf-8")
    return parse_sources(text, load(), further.read_text("utf-8") if further else "")


def parse_sources(text: str, categories: Categories, further: str = "") -> Sources:
    """A mapping from TOML. Raises `SourceError` for an unknown category, format or role, or an address not https."""
    made: dict[str, Source] = {}
    try:
        tables = {**tomllib.loads(text), **tomllib.loads(further)}
    except tomllib.TOMLDecodeError as error:
        raise SourceError(f"the sources of lists are no TOML: {error}") from error
    for publisher, table in tables.items():
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
            online=_online(name, table),
            member=table.get("member", "").replace("{source}", name),
            root=table.get("root", ""),
            role=Role(table.get("role", "listing")),
            is_feed=bool(table.get("feed", False)),
            skip=table.get("skip", ""),
        )
    except (KeyError, ValueError) as error:
        raise SourceError(f"list `{source}` is incomplete: {error}; see the head of sources.toml") from error


def _online(name: str, table: Mapping[str, Any]) -> Online | None:
    url = table.get("url", "").replace("{source}", name)
    if not url:
        return None
    sums = table.get("sums", "").replace("{url}", url)
    for address in (url, sums):
        if address and (urlsplit(address).scheme != "https" or not urlsplit(address).hostname):
            raise ValueError(f"`{address}` is no https address")
    return Online(
        url=url,
        format=Format(table.get("online_format", table["format"])),
        sums=sums,
        key=read_key(table["minisign"]) if "minisign" in table else None,
        redirects=frozenset(table.get("redirects", ())),
    )
