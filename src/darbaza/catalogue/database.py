"""The compiled catalogue: which categories a resource is in, and which list and entry said so.

One memory-mapped file (see `compile` for its form), shared by all processes that open it. Names inherit from their
parents down to two labels, and from the few names of one label that lists may hold as a whole. Addresses have no
parents; they lie in networks.
"""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from ipaddress import ip_address, ip_network
from pathlib import Path

import cdbx
import msgspec

from darbaza.catalogue.compile import HAS_PATHS, META_KEY, NETWORK, ListMeta, Meta
from darbaza.policy.resource import Listing

_LAST_OF_ADDRESSES = frozenset({"", *map(str, range(256))})
"""What follows the last dot of an address: a number, or nothing where there is no dot, as in IPv6."""


class CatalogueError(ValueError):
    """A file is no compiled catalogue. The message names the file and the remedy."""


@dataclass(frozen=True, slots=True)
class Sighting:
    """One list that names a resource: what *Why?* shows. `entry` is the list's entry, a parent of the host perhaps."""

    entry: str
    list: ListMeta


class CatalogueDatabase:
    """An open catalogue; implements `policy.resource.Catalogue`. A newer file does not change it."""

    __slots__ = ("_cdb", "_get", "_said", "listings", "meta")

    listings: Callable[..., tuple[Listing, ...]]
    """`listings(host, path="")`: all categories of a canonical host and path, each with its list and entry, the
    narrowest entry first. A closure: this is asked for every request, and attribute look-ups cost a quarter of it."""

    def __init__(self, cdb: cdbx.CDB, meta: Meta) -> None:
        """Use `open`."""
        self._cdb = cdb
        self._get: Callable[[str | bytes], bytes | None] = cdb.get
        self._said: dict[bytes, tuple[tuple[tuple[str, str], ...], bool]] = {}
        self.meta = meta
        self.listings = self._look_up()

    @classmethod
    def open(cls, path: Path) -> "CatalogueDatabase":
        """Map a compiled catalogue. Raises `CatalogueError`."""
        try:
            cdb = _mapped(path)
        except (OSError, EOFError, ValueError, OverflowError) as error:
            raise CatalogueError(f"catalogue `{path}` cannot be opened ({error}); compile it again") from error
        try:
            octets = cdb.get(META_KEY)
            return cls(cdb, msgspec.json.decode(octets or b"", type=Meta))
        except (OSError, EOFError, ValueError, OverflowError) as error:
            cdb.close()
            raise CatalogueError(f"catalogue `{path}` does not describe itself ({error}); compile it again") from error

    def close(self) -> None:
        """Unmap the file."""
        self._cdb.close()

    def __len__(self) -> int:
        """How many names, pages and networks are listed."""
        return self.meta.names

    def _look_up(self) -> Callable[..., tuple[Listing, ...]]:
        get, known = self._get, self._said.get
        make: Callable[..., Listing] = tuple.__new__  # what `Listing(…)` does after binding its arguments
        tops = _LAST_OF_ADDRESSES.union(self.meta.singles)

        def listings(host: str, path: str = "") -> tuple[Listing, ...]:
            found: tuple[Listing, ...] = ()
            name = host
            while True:
                value = get(name)
                if value is not None:
                    pairs, has_paths = known(value) or self._read(value)
                    if has_paths and path:
                        found += self._pages(name, path)
                    for category, source in pairs:
                        found += (make(Listing, (category, source, name)),)
                _, _, name = name.partition(".")
                if "." not in name:
                    break
            return found if name not in tops else found + self._at_top(host, name)

        return listings

    def has_pages(self, host: str) -> bool:
        """Whether a path could add to what `listings` says of a canonical host: a page of it or its parents is listed.

        Asked once for each host, so that it may cost a second walk.
        """
        name = host
        while name:
            value = self._get(name)
            if value is not None and (self._said.get(value) or self._read(value))[1]:
                return True
            name = name.partition(".")[2]
        return False

    def _at_top(self, host: str, top: str) -> tuple[Listing, ...]:
        """What is known of a name's last label, or of the networks around an address."""
        if top in self.meta.singles:
            return self.listings(top)
        return self._of_address(host) if _is_address(host) else ()

    def _read(self, value: bytes) -> tuple[tuple[tuple[str, str], ...], bool]:
        bits, _, number = value.partition(b":")
        lists = [self.meta.lists[member] for member in self.meta.sets[int(number)]]
        pairs = tuple((category, said.id) for said in lists for category in said.categories)
        known = self._said[value] = (pairs, bool(int(bits) >> HAS_PATHS & 1))
        return known

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


def _mapped(path: Path) -> cdbx.CDB:
    """The file, mapped; it is closed with the database or when nobody holds that any more."""
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        return cdbx.CDB(descriptor, close=True, mmap=True)
    except BaseException:
        os.close(descriptor)
        raise


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
