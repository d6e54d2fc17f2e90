"""The compiled catalogue: which categories a resource is in, and which list and entry said so.

One memory-mapped file (see `compile` for its form), shared by all processes that open it. Names inherit from their
parents down to two labels, and from the few names of one label that lists may hold as a whole. Addresses have no
parents; they lie in networks.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import ip_address, ip_network
from pathlib import Path

import cdbx
import msgspec

from darbaza.catalogue.compile import HAS_PATHS, META_KEY, NETWORK, ListMeta, Meta
from darbaza.policy.resource import Listing


class CatalogueError(ValueError):
    """A file is no compiled catalogue. The message names the file and the remedy."""


@dataclass(frozen=True, slots=True)
class Sighting:
    """One list that names a resource: what *Why?* shows. `entry` is the list's entry, a parent of the host perhaps."""

    entry: str
    list: ListMeta


class CatalogueDatabase:
    """An open catalogue; implements `policy.resource.Catalogue`. A newer file does not change it."""

    __slots__ = ("_cdb", "_get", "_said", "_singles", "meta")

    def __init__(self, cdb: cdbx.CDB, meta: Meta) -> None:
        """Use `open`."""
        self._cdb = cdb
        self._get = cdb.get
        self._singles = frozenset(meta.singles)
        self._said: dict[bytes, tuple[tuple[tuple[str, str], ...], bool]] = {}
        self.meta = meta

    @classmethod
    def open(cls, path: Path) -> "CatalogueDatabase":
        """Map a compiled catalogue. Raises `CatalogueError`."""
        try:
            cdb = cdbx.CDB(str(path), mmap=True)
            octets = cdb.get(META_KEY)
            if octets is None:
                raise CatalogueError(f"catalogue `{path}` does not describe itself; compile it again")
            return cls(cdb, msgspec.json.decode(octets, type=Meta))
        except (OSError, msgspec.DecodeError) as error:
            raise CatalogueError(f"catalogue `{path}` cannot be opened ({error}); compile it again") from error

    def close(self) -> None:
        """Unmap the file."""
        self._cdb.close()

    def __len__(self) -> int:
        """How many names, pages and networks are listed."""
        return self.meta.names

    def listings(self, host: str, path: str = "") -> tuple[Listing, ...]:
        """All categories of a canonical host and path, each with its list and entry, the narrowest entry first."""
        get = self._get
        value = get(host)
        found = () if value is None else self._listings(value, host, path)
        last = host.rfind(".")
        if last == -1 or host[-1] <= "9":
            return found + self._of_address(host) if _is_address(host) else found
        dot = host.find(".")
        while dot != last:
            parent = host[dot + 1 :]
            value = get(parent)
            if value is not None:
                found += self._listings(value, parent, path)
            dot = host.find(".", dot + 1)
        top = host[last + 1 :]
        return found + self._listings(get(top), top, path) if top in self._singles else found

    def _listings(self, value: bytes, name: str, path: str) -> tuple[Listing, ...]:
        said = self._said.get(value)
        if said is None:
            said = self._said[value] = self._read(value)
        pairs, has_paths = said
        found = tuple([Listing(category, source, name) for category, source in pairs])
        return self._pages(name, path) + found if has_paths and path else found

    def _read(self, value: bytes) -> tuple[tuple[tuple[str, str], ...], bool]:
        bits, _, number = value.partition(b":")
        lists = [self.meta.lists[member] for member in self.meta.sets[int(number)]]
        pairs = tuple((category, said.id) for said in lists for category in said.categories)
        return pairs, bool(int(bits) >> HAS_PATHS & 1)

    def _pages(self, name: str, path: str) -> tuple[Listing, ...]:
        """Listed pages that a path is or lies below, the longest first."""
        found: tuple[Listing, ...] = ()
        page = (name + path.rstrip("/")).lower()
        while len(page) > len(name):
            value = self._get(page.encode("utf-8"))
            if value is not None:
                found += tuple([Listing(category, source, page) for category, source in self._read(value)[0]])
            page = page[: page.rfind("/")]
        return found

    def _of_address(self, host: str) -> tuple[Listing, ...]:
        return tuple(
            [
                Listing(category, source, entry)
                for entry, value in self._networks(host)
                for category, source in self._read(value)[0]
            ]
        )

    def _networks(self, host: str) -> Iterator[tuple[str, bytes]]:
        """The listed networks around an address and their values, the narrowest first."""
        version = "6" if ":" in host else "4"
        for length in self.meta.lengths.get(version, ()):
            entry = str(ip_network(f"{host}/{length}", strict=False))
            value = self._get(NETWORK + entry.encode("ascii"))
            if value is not None:
                yield entry, value

    def networks(self, address: str) -> tuple[str, ...]:
        """The listed networks around a canonical address, the narrowest first."""
        return tuple(entry for entry, _ in self._networks(address)) if _is_address(address) else ()

    def which(self, host: str, path: str = "") -> tuple[Sighting, ...]:
        """Every list that names a canonical host or what is above it, with the list's title, version and licence."""
        by_id = {said.id: said for said in self.meta.lists}
        found = dict.fromkeys((listing.entry, listing.source) for listing in self.listings(host, path))
        return tuple(Sighting(entry, by_id[source]) for entry, source in found)


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
