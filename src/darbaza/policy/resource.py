"""What is asked for: a host, an optional path, and the categories that lists and officers put it in."""

import re
from dataclasses import dataclass
from typing import NamedTuple, Protocol


class Listing(NamedTuple):
    """One category of a resource and who said so: the list (or officer's act) and its entry that matched."""

    category: str
    source: str
    entry: str


class SeenFile(NamedTuple):
    """A file as its first bytes showed it: its kind, and its size in bytes, None where the site did not say it."""

    kind: str
    size: int | None


class Resource(NamedTuple):
    """A resource in canonical form (see `names`).

    `host` is a lower-case A-label name without trailing dot, or a canonical IP literal; empty when what was asked
    could not be read. `path` starts with `/`, or is empty where only the host is known, as in a TLS tunnel. `file` is
    what an answer turned out to carry; None before an answer is there, and where nobody sees what it carries.
    """

    host: str
    path: str = ""
    is_address: bool = False
    listings: tuple[Listing, ...] = ()
    file: SeenFile | None = None


UNREADABLE = Resource("")
"""A resource whose address could not be read; never let through for students."""


class Catalogue(Protocol):
    """The look-up that a caller uses to classify a resource before asking for a verdict."""

    def listings(self, host: str, path: str = "") -> tuple[Listing, ...]:
        """All categories of a canonical host (walking up its parents) and path, each with its source and entry."""
        ...  # pragma: no cover - a protocol

    def has_pages(self, host: str) -> bool:
        """Whether a path could add to what is said of a canonical host."""
        ...  # pragma: no cover - a protocol


@dataclass(frozen=True, slots=True)
class Target:
    """What a ruling, hold, scene or permit names: one path, one exact host, or a domain with all below it.

    `path` narrows to resources below that path of `host`. `subdomains` includes every name under `host`.
    """

    host: str
    path: str = ""
    subdomains: bool = True

    def covers(self, resource: Resource) -> bool:
        """Whether the resource lies within this target. A tunnel's path is unknown, so a path target covers none."""
        if self.host == resource.host:
            return not self.path or path_within(resource.path, self.path)
        return self.subdomains and not self.path and resource.host.endswith("." + self.host) and not resource.is_address

    def closes(self, resource: Resource) -> bool:
        """Whether the resource lies within this target as some site may read its path: what closes a page must not miss
        it under another spelling."""
        if self.covers(resource):
            return True
        is_of_page = bool(self.path and resource.path) and self.host == resource.host
        return is_of_page and path_within(careless_path(resource.path), careless_path(self.path))

    def touches(self, resource: Resource) -> bool:
        """Whether the resource may lie within this target: what closes at once must not miss a page inside a tunnel."""
        return self.closes(resource) or (bool(self.path) and not resource.path and self.host == resource.host)

    def __str__(self) -> str:
        """`example.test/path`, `=example.test` (exactly this host) or `example.test` (with all below it)."""
        return self.host + self.path if self.path else ("" if self.subdomains else "=") + self.host


_SLASH = re.compile("%2f", re.IGNORECASE)
_NO_MATTER = re.compile(r"(\.|%20)+$")


def bare_path(path: str) -> str:
    """A path as a careless site reads it: an escaped slash as a slash, and of each segment neither parameters (`;v=1`)
    nor streams (`::$DATA`), nor dots and blanks at its end, as on Windows."""
    segments = _SLASH.sub("/", path).split("/")
    return "/".join(_NO_MATTER.sub("", one.partition(";")[0].partition("::")[0]) for one in segments)


def careless_path(path: str) -> str:
    """The same, and letters without their case."""
    return bare_path(path).lower()


def path_within(path: str, prefix: str) -> bool:
    """Whether `path` is `prefix` or below it, whole segments only: `/a/b` lies within `/a`, `/ab` does not."""
    return path == prefix or path.startswith(prefix if prefix.endswith("/") else prefix + "/")
