"""All lists into one constant database, which Squid's helper and dnsdist read while the next one is being made.

Millions of names do not fit small memory at once. So names go to temporary files by their checksum, equal names into
the same file, and each file is merged alone. Equal lists make equal octets.

The file is a CDB (cdb.cr.yp.to). Its keys are lower-case names without final dot, `host/path` for pages, `net:` and a
network in its usual notation, and `META_KEY`. A value is `<bits>:<set>` in decimal: the categories' bits, which
dnsdist reads up to the colon, and the number of the set of lists that named the key. Bit 52 says that pages of that
host are listed. A reader in Lua must take the number modulo 2**32 before it uses bit operations.
"""

import os
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import IO
from zlib import crc32

import cdbx
import msgspec

from darbaza.catalogue.categories import Categories
from darbaza.catalogue.readers import Block, read
from darbaza.catalogue.sources import Format, Source

HAS_PATHS = 52
"""The bit of a host some of whose pages are listed."""

META_KEY = b"\0meta"
NETWORK = b"net:"

PARTITIONS = 16


class ListMeta(msgspec.Struct, frozen=True, kw_only=True):
    """One compiled list: what *Why?* shows of it. `entries` counts what went into the database."""

    id: str
    title: str
    licence: str
    version: str
    categories: tuple[str, ...]
    entries: int = 0
    skipped: dict[str, int] = {}


class Meta(msgspec.Struct, frozen=True, kw_only=True):
    """What the database says of itself. `lists[0]` is no list: it marks hosts with listed pages.

    `sets[n]` are the indexes of the lists in set `n`; `singles` the names of one label; `lengths` the prefix lengths of
    networks by IP version.
    """

    lists: tuple[ListMeta, ...]
    sets: tuple[tuple[int, ...], ...]
    singles: tuple[str, ...]
    lengths: dict[str, tuple[int, ...]]
    names: int = 0


@dataclass(frozen=True, slots=True)
class Part:
    """One list to compile: its file, its version as people cite it, and the hosts that guards keep out of it.

    `dropped` are the list's own, `pinned` those that all closing lists share; `format` is the file's, where that is not
    the source's.
    """

    source: Source
    path: Path
    version: str = ""
    format: Format | None = None
    dropped: frozenset[bytes] = frozenset()
    pinned: frozenset[bytes] = frozenset()


def compile_catalogue(
    parts: Sequence[Part], target: Path, categories: Categories, approve: Callable[[Path], None] = lambda _: None
) -> Meta:
    """Compile lists to the database `target`, which is replaced at once when all is done; a summary stands beside it.

    Raises `ListError` if a list cannot be read, and whatever `approve` raises of the new file: then `target` stays as
    it was.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    ordered = sorted(parts, key=lambda part: part.source.id)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".compile-") as folder:
        made = _Compilation(ordered, categories, Path(folder))
        made.distribute()
        fresh = Path(folder) / "catalogue.cdb"
        meta = made.merge(fresh)
        approve(fresh)
        summary = Path(folder) / "catalogue.json"
        summary.write_bytes(msgspec.json.format(msgspec.json.encode(_summary(meta)), indent=1) + b"\n")
        replace(fresh, target)
        replace(summary, target.with_suffix(".json"))
    return meta


def replace(fresh: Path, target: Path) -> None:
    """Put a file in the place of another, durable and at once, with a time of change later than the old one's.

    dnsdist 1.7 compares whole seconds and ignores a file that is not newer.
    """
    if target.exists():
        earliest = int(target.stat().st_mtime) + 1
        if fresh.stat().st_mtime < earliest:
            os.utime(fresh, (earliest, earliest))
    with fresh.open("rb") as file:
        os.fsync(file.fileno())
    fresh.replace(target)
    folder = os.open(target.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


class _Compilation:
    """One run: lists in, partitions on disk, database out."""

    def __init__(self, parts: Sequence[Part], categories: Categories, folder: Path) -> None:
        self._parts = parts
        self._files = [folder / f"{number}.part" for number in range(PARTITIONS)]
        self._counts: list[int] = []
        self._skipped: list[Counter[str]] = []
        bits = [1 << HAS_PATHS, *(categories.bits(*part.source.categories) for part in parts)]
        self._sets = _Sets(bits)
        self._singles: set[str] = set()
        self._lengths: dict[str, set[int]] = {"4": set(), "6": set()}

    def distribute(self) -> None:
        """Write every list's entries to the partition files, each under the list's number."""
        with ExitStack() as stack:
            files = [stack.enter_context(path.open("wb", buffering=1 << 17)) for path in self._files]
            for number, part in enumerate(self._parts, start=1):
                skipped: Counter[str] = Counter()
                count = 0
                for block in _kept(part):
                    count += self._put(files, number, block)
                    skipped.update(block.skipped)
                self._counts.append(count)
                self._skipped.append(skipped)

    def _put(self, files: Sequence[IO[bytes]], number: int, block: Block) -> int:
        _append(files, number, block.hosts)
        if block.pages:
            _append(files, number, block.pages)
            _append(files, 0, list(dict.fromkeys(page.partition(b"/")[0] for page in block.pages)))
        if block.networks:
            _append(files, number, [NETWORK + network for network in block.networks])
        self._note(block)
        return len(block.hosts) + len(block.pages) + len(block.networks)

    def _note(self, block: Block) -> None:
        for network in block.networks:
            self._lengths["6" if b":" in network else "4"].add(int(network.rpartition(b"/")[2]))
        self._singles.update(name.decode() for name in block.hosts if b"." not in name and b":" not in name)

    def merge(self, target: Path) -> Meta:
        """Merge the partitions one after the other into a new database."""
        maker = cdbx.CDB.make(str(target))
        names = 0
        for path in self._files:
            merged = self._merged(path)
            names += len(merged)
            self._emit(maker.add, merged)
        meta = self._meta(names)
        maker.add(META_KEY, msgspec.json.encode(meta))
        maker.commit().close()
        return meta

    def _merged(self, path: Path) -> Mapping[bytes, int]:
        """Every key of a partition with the number of its set of lists."""
        merged: dict[bytes, int] = {}
        known, extend = merged.get, self._sets.extend
        for number, names in _segments(path):
            alone = self._sets.alone(number)
            if not merged:
                merged.update(dict.fromkeys(names, alone))
                continue
            for name in names:
                before = known(name)
                merged[name] = alone if before is None else extend(before, number)
        return merged

    def _emit(self, add: Callable[[bytes, bytes], None], merged: Mapping[bytes, int]) -> None:
        values = self._sets.values()
        for name, number in merged.items():
            add(name, values[number])

    def _meta(self, names: int) -> Meta:
        marker = ListMeta(id="", title="", licence="", version="", categories=())
        lists = [
            ListMeta(
                id=part.source.id,
                title=part.source.title,
                licence=part.source.licence,
                version=part.version,
                categories=part.source.categories,
                entries=count,
                skipped=dict(sorted(skipped.items())),
            )
            for part, count, skipped in zip(self._parts, self._counts, self._skipped, strict=True)
        ]
        return Meta(
            lists=(marker, *lists),
            sets=self._sets.members(),
            singles=tuple(sorted(self._singles)),
            lengths={version: tuple(sorted(lengths, reverse=True)) for version, lengths in self._lengths.items()},
            names=names,
        )


class _Sets:
    """The distinct sets of lists, numbered in the order in which they are met."""

    def __init__(self, bits: Sequence[int]) -> None:
        self._bits = bits
        self._numbers: dict[tuple[int, ...], int] = {}
        self._members: list[tuple[int, ...]] = []
        self._extended: dict[tuple[int, int], int] = {}

    def alone(self, member: int) -> int:
        """The set of one list."""
        return self._number((member,))

    def extend(self, number: int, member: int) -> int:
        """A set with one list more."""
        made = self._extended.get((number, member))
        if made is None:
            made = self._number(tuple(sorted({*self._members[number], member})))
            self._extended[number, member] = made
        return made

    def _number(self, members: tuple[int, ...]) -> int:
        if members not in self._numbers:
            self._numbers[members] = len(self._members)
            self._members.append(members)
        return self._numbers[members]

    def values(self) -> list[bytes]:
        """What the database holds for each set."""
        return [b"%d:%d" % (self._union(members), number) for number, members in enumerate(self._members)]

    def _union(self, members: tuple[int, ...]) -> int:
        bits = 0
        for member in members:
            bits |= self._bits[member]
        return bits

    def members(self) -> tuple[tuple[int, ...], ...]:
        """The lists of each set."""
        return tuple(self._members)


def _kept(part: Part) -> Iterator[Block]:
    """A list's blocks without what the guards keep out."""
    source = part.source
    for block in read(part.path, part.format or source.format, member=source.member, root=source.root):
        for dropped in (part.dropped, part.pinned):
            if not dropped.isdisjoint(block.hosts):
                block.hosts = [name for name in block.hosts if name not in dropped]
        yield block


def _append(files: Sequence[IO[bytes]], number: int, names: Iterable[bytes]) -> None:
    shares: list[list[bytes]] = [[] for _ in files]
    puts = [share.append for share in shares]
    mask = len(files) - 1
    for name in names:
        puts[crc32(name) & mask](name)
    for file, share in zip(files, shares, strict=True):
        if share:
            file.write(b"\t%d\n%b\n" % (number, b"\n".join(share)))


def _segments(path: Path) -> Iterator[tuple[int, list[bytes]]]:
    """The lists' numbers and names in a partition, in the order in which they were written."""
    octets = path.read_bytes()
    start = 0
    while start < len(octets):
        head = octets.index(b"\n", start)
        end = octets.find(b"\t", head)
        end = len(octets) if end == -1 else end
        yield int(octets[start + 1 : head]), octets[head + 1 : end - 1].split(b"\n")
        start = end


def _summary(meta: Meta) -> Mapping[str, object]:
    """What `catalogue.json` says beside the database: names and lists, for people and for status pages."""
    return {"names": meta.names, "lists": meta.lists[1:]}
