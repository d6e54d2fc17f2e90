"""The lists a school holds: the last good version of each, updates that wait for a person, and how each got there.

One folder per list: the file as published, named by its checksum, and `state.json`. A new version takes effect only
after it was read from end to end and passed the guards; until then, and for ever if nobody accepts it, the version in
force stays. Whatever goes wrong is an outcome with its reason, and the next list is tried.
"""

import hashlib
import os
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from typing import Any

import msgspec

from darbaza.catalogue import guards
from darbaza.catalogue.categories import Categories, load
from darbaza.catalogue.compile import Meta, Part, compile_catalogue
from darbaza.catalogue.database import CatalogueDatabase
from darbaza.catalogue.fetch import Publishers
from darbaza.catalogue.files import ListError
from darbaza.catalogue.parcels import Parcel, Parcels
from darbaza.catalogue.readers import read
from darbaza.catalogue.reserved import Reserved, load_reserved
from darbaza.catalogue.sources import Format, Role, Source, Sources, load_sources
from darbaza.catalogue.wording import ListsError, Said, say

COMPRESSIONS = ("", ".xz", ".gz")
PARCELS = ".parcels"


class LibraryError(ListsError):
    """What was asked of the library cannot be done. The message says why and what to do instead."""


class Entry(msgspec.Struct, frozen=True):
    """A quarantined entry as it is kept: see `guards.Quarantined`."""

    entry: str
    reason: str
    of: str = ""

    @property
    def said(self) -> Said:
        """Why it stays out."""
        return say(f"kept-{self.reason}", of=self.of)


class Version(msgspec.Struct, frozen=True, kw_only=True):
    """One version of a list: its file's checksum and format, how people cite it, and what the guards said."""

    sha256: str
    name: str
    at: datetime
    format: Format | None = None
    entries: int = 0
    added: int = 0
    removed: int = 0
    holds: tuple[Said, ...] = ()
    quarantined: tuple[Entry, ...] = ()
    accepted_by: str = ""


class ListState(msgspec.Struct, frozen=True, kw_only=True):
    """All that is known of one list. `trouble` is why the last attempt failed, `checked` when one last succeeded."""

    id: str
    active: Version | None = None
    held: Version | None = None
    released: tuple[str, ...] = ()
    trouble: Said | None = None
    checked: datetime | None = None


class Status(StrEnum):
    """What became of one list in an import or a fetch."""

    ACCEPTED = "accepted"
    HELD = "held"
    UNCHANGED = "unchanged"
    REFUSED = "refused"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class Outcome:
    """One list's fate with its reasons; `review` where its entries were looked at."""

    list: str
    status: Status
    said: tuple[Said, ...] = ()
    review: guards.UpdateReview | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Offer:
    """A file offered as the newest version of a list."""

    file: Path
    name: str
    at: datetime
    format: Format | None = None


class Library:
    """The lists in one folder. `own_hosts` are hosts that no list may close: the school's, the portal's.

    `left_out` are lists, or publishers with all of theirs, that this school does not use.
    """

    def __init__(
        self,
        root: Path,
        *,
        sources: Sources | None = None,
        categories: Categories | None = None,
        reserved: Reserved | None = None,
        own_hosts: Iterable[str] = (),
        left_out: Iterable[str] = (),
    ) -> None:
        """Open or begin a library; nothing is read yet. Raises UnknownListError for a list left out that is none."""
        self.root = root
        self.sources = sources or load_sources()
        self._categories = categories or load()
        self._reserved = load_reserved() if reserved is None else reserved
        self._own_hosts = frozenset(own_hosts)
        self.left_out = frozenset[str]().union(*(self.sources.within(name) for name in left_out))

    # Taking lists in.

    def import_folder(self, folder: Path, at: datetime) -> list[Outcome]:
        """Take in every known list that lies in a folder; files that its manifest does not vouch for are refused.

        Lists of hosts that must stay open come first, so that the others are judged by them.
        """
        if not folder.is_dir():
            raise LibraryError("not-a-folder", path=str(folder))
        manifest = _manifest(folder)
        outcomes = []
        for source in self._in_order(self._used()):
            file = _find(folder, source.file)
            if file is None:
                outcomes.append(Outcome(source.id, Status.MISSING, (say("no-file", file=source.file),)))
                continue
            vouched = manifest.get(file.relative_to(folder).as_posix())
            outcomes.append(self._take(source, file, vouched, at))
        return [outcome for outcome in outcomes if outcome.status is not Status.MISSING] or outcomes

    def _take(self, source: Source, file: Path, vouched: Mapping[str, Any] | None, at: datetime) -> Outcome:
        if vouched is not None and vouched.get("sha256") != _checksum(file):
            return self._failed(source, say("differs-from-manifest", list=file.name))
        name = " ".join(str(vouched.get(key, "")) for key in ("date", "commit")) if vouched else ""
        return self.offer(source, Offer(file, name.strip() or f"{at:%Y-%m-%d}", at))

    def take_own(self, at: datetime) -> list[Outcome]:
        """Take in the lists that follow from `reserved.toml`: the suffixes that are a state's or its schools'."""
        outcomes = []
        for category in sorted({categories[0] for categories in self._reserved.values()}):
            names = sorted(name for name, categories in self._reserved.items() if categories[0] == category)
            source = self.sources[f"darbaza/{category}"]
            if source.id not in self.left_out:
                file = self._folder(source.id) / "own.new"
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_text("".join(f"{name}\n" for name in names))
                outcomes.append(self.offer(source, Offer(file, f"{at:%Y-%m-%d}", at)))
                file.unlink()
        return outcomes

    def fetch(self, publishers: Publishers, at: datetime, only: Sequence[str] = ()) -> list[Outcome]:
        """Ask publishers for newer versions, of all lists or of these; each address is asked once.

        Raises `UnknownListError`.
        """
        wanted = [self.sources[name] for name in only] or [source for source in self._used() if source.online]
        parcels = Parcels(self.root / PARCELS, publishers, at)
        got: dict[str, Parcel | ListsError] = {}
        return [self._fetched(source, parcels, got, at) for source in self._in_order(wanted)]

    def _fetched(self, source: Source, parcels: Parcels, got: dict[str, Parcel | ListsError], at: datetime) -> Outcome:
        online = source.online
        if online is None:
            return Outcome(source.id, Status.MISSING, (say("no-address"),))
        if online.url not in got:
            try:
                got[online.url] = parcels.get(online)
            except ListsError as error:
                got[online.url] = error
        parcel = got[online.url]
        if isinstance(parcel, ListsError):
            return self._failed(source, parcel.said)
        return self.offer(source, Offer(parcel.path, parcel.version, at, online.format))

    def offer(self, source: Source, offer: Offer) -> Outcome:
        """Take in one file as the newest version of a list: accepted, held for a person, unchanged or refused."""
        state, checksum = self.state(source.id), _checksum(offer.file)
        known = self._known(state, checksum, offer.at)
        if known is not None:
            return known
        try:
            review = self._review(source, state, offer)
        except ListError as error:
            return self._failed(source, error.said)
        version = _version(review, checksum, offer)
        self._keep(source.id, offer.file, checksum)
        state = msgspec.structs.replace(state, trouble=None, checked=offer.at)
        if review.held:
            self._write(msgspec.structs.replace(state, held=version))
            return Outcome(source.id, Status.HELD, review.reasons, review)
        self._write(msgspec.structs.replace(state, active=version, held=None))
        changed = say("entries", entries=version.entries, added=version.added, removed=version.removed)
        return Outcome(source.id, Status.ACCEPTED, (changed,), review)

    def _known(self, state: ListState, checksum: str, at: datetime) -> Outcome | None:
        """The outcome for a file that was looked at before; None for a new one."""
        if state.held and state.held.sha256 == checksum:
            self._write(msgspec.structs.replace(state, trouble=None, checked=at))
            return Outcome(state.id, Status.HELD, (say("still-held"), *state.held.holds))
        if state.active and state.active.sha256 == checksum:
            self._write(msgspec.structs.replace(state, held=None, trouble=None, checked=at))
            return Outcome(state.id, Status.UNCHANGED, (say("taken-back" if state.held else "nothing-newer"),))
        return None

    def _failed(self, source: Source, problem: Said) -> Outcome:
        self._write(msgspec.structs.replace(self.state(source.id), trouble=problem))
        return Outcome(source.id, Status.REFUSED, (problem,))

    # What the guards need.

    def _review(self, source: Source, state: ListState, offer: Offer) -> guards.UpdateReview:
        old = self._entries_of(source, state.active) if state.active else None
        screen = guards.Screen(
            categories=tuple(self._categories[category] for category in source.categories),
            suffixes=guards.suffixes(),
            pins=self._pins if source.role is Role.LISTING else {},
            popular=self._popular if source.role is Role.LISTING else {},
            known=self._known_popular(state, old),
            released=frozenset(entry.encode() for entry in state.released),
            reserved=self._reserved,
        )
        new = _entries(source, offer.file, offer.format)
        return guards.review(old, new, screen, is_feed=source.is_feed)

    def _entries_of(self, source: Source, version: Version) -> guards.Entries:
        return _entries(source, self._file(source.id, version.sha256), version.format)

    def _known_popular(self, state: ListState, old: guards.Entries | None) -> frozenset[bytes] | None:
        """Well-known sites in the version in force that were not kept out of it."""
        if old is None or state.active is None:
            return None
        present = {entry for block in old() for entry in block if entry in self._popular}
        return frozenset(present - {found.entry.encode() for found in state.active.quarantined})

    @cached_property
    def _pins(self) -> Mapping[bytes, str]:
        return guards.reach({*self._own_hosts, *self._hosts_of(Role.PIN)}, guards.suffixes())

    @cached_property
    def _pinned(self) -> frozenset[bytes]:
        return frozenset(self._pins)

    @cached_property
    def _popular(self) -> Mapping[bytes, str]:
        return guards.reach(self._hosts_of(Role.POPULAR), guards.suffixes())

    def _hosts_of(self, role: Role) -> Iterator[str]:
        for source, _, active in self._in_force():
            if source.role is role:
                kept_out = {found.entry for found in active.quarantined}
                for block in _blocks(source, self._file(source.id, active.sha256), active.format):
                    yield from (name for name in map(bytes.decode, block.hosts) if name not in kept_out)

    # What people do.

    def accept_held(self, list_id: str, *, by: str, at: datetime) -> ListState:
        """Let a held update take effect, on the word of a named person. Raises `LibraryError` if none is held."""
        state = self.state(self.sources[list_id].id)
        if state.held is None:
            raise LibraryError("none-held", list=list_id)
        accepted = msgspec.structs.replace(state.held, accepted_by=by, at=at)
        changed = msgspec.structs.replace(state, active=accepted, held=None)
        self._write(changed)
        self._note(list_id, f"{at.isoformat()} {accepted.name} {accepted.sha256} accepted by {by}")
        return changed

    def release(self, list_id: str, entry: str, *, by: str, at: datetime) -> ListState:
        """Let a quarantined entry take effect, on the word of a named person. Raises `LibraryError`."""
        state = self.state(self.sources[list_id].id)
        known = {found.entry for version in (state.active, state.held) if version for found in version.quarantined}
        if entry not in known:
            raise LibraryError("none-quarantined", list=list_id, entry=entry)
        changed = msgspec.structs.replace(state, released=tuple(sorted({*state.released, entry})))
        self._write(changed)
        self._note(list_id, f"{at.isoformat()} {entry} released by {by}")
        return changed

    def state(self, list_id: str) -> ListState:
        """What is known of a list. Raises `LibraryError` if its state file is damaged."""
        path = self._folder(list_id) / "state.json"
        try:
            return msgspec.json.decode(path.read_bytes(), type=ListState)
        except FileNotFoundError:
            return ListState(id=list_id)
        except msgspec.DecodeError as error:
            raise LibraryError("state-damaged", path=str(path), reason=str(error)) from error

    def states(self) -> list[ListState]:
        """All lists in use of which anything is known, by id."""
        states = [self.state(source.id) for source in self._used()]
        return [state for state in states if state.active or state.held or state.trouble]

    def change_held(self, list_id: str, most: int = 5) -> tuple[list[str], list[str]]:
        """Some of what a held update adds and removes, for whoever has to decide."""
        source, state = self.sources[list_id], self.state(list_id)
        if state.held is None:
            return [], []
        new = {entry for block in self._entries_of(source, state.held)() for entry in block}
        old = (
            {entry for block in self._entries_of(source, state.active)() for entry in block} if state.active else set()
        )
        return _some(new - old, most), _some(old - new, most)

    # What is compiled.

    def parts(self) -> list[Part]:
        """The versions in force, each with the entries that stay out of it."""
        return [self._part(*each) for each in self._in_force() if each[0].categories]

    def _in_force(self) -> Iterator[tuple[Source, ListState, Version]]:
        for source in self._used():
            state = self.state(source.id)
            if state.active:
                yield source, state, state.active

    def _part(self, source: Source, state: ListState, active: Version) -> Part:
        """A list to compile; pins that were set after its review are kept out as well."""
        closes = any(self._categories[category].closes for category in source.categories)
        pinned = self._pinned if closes and source.role is Role.LISTING else frozenset[bytes]()
        released = {entry.encode() for entry in state.released}
        dropped = {found.entry.encode() for found in active.quarantined} - released
        return Part(
            source=source,
            path=self._file(source.id, active.sha256),
            version=active.name,
            format=active.format,
            dropped=frozenset(dropped),
            pinned=pinned - released if released else pinned,
        )

    def compile(self, target: Path) -> Meta:
        """Compile the versions in force to `target`. Raises `ListError`, `LibraryError`; `target` then is as it was."""
        parts = self.parts()
        if not parts:
            raise LibraryError("nothing-to-compile")
        meta = compile_catalogue(parts, target, self._categories, approve=self._approve)
        self.root.mkdir(parents=True, exist_ok=True)
        _write_at_once(self.root / "compiled.json", msgspec.json.encode(self.fingerprint()))
        return meta

    def is_compiled(self, target: Path) -> bool:
        """Whether `target` was compiled from just what is in force now."""
        try:
            known = msgspec.json.decode((self.root / "compiled.json").read_bytes())
        except (OSError, msgspec.DecodeError):
            return False
        return target.exists() and known == self.fingerprint()

    def fingerprint(self) -> str:
        """What changes when a compilation would come out differently."""
        digest = hashlib.sha256(msgspec.json.encode(sorted(self._own_hosts)))
        for source, state, active in self._in_force():
            said = (source.id, source.categories, source.role, active.sha256, active.name, state.released)
            digest.update(msgspec.json.encode((said, active.quarantined)))
        return digest.hexdigest()

    def _approve(self, fresh: Path) -> None:
        """The last look before a database takes effect: whatever the guards did, it must not close the school's own."""
        released = {entry for state in self.states() for entry in state.released}
        within = guards.reach(self._own_hosts, guards.suffixes())
        with closing(CatalogueDatabase.open(fresh)) as database:
            for host in sorted(self._own_hosts):
                for category, _, entry in database.listings(host):
                    is_ours = entry.encode() in within and entry not in released
                    if is_ours and self._categories[category].closes:
                        raise LibraryError("would-close-own", host=host)

    # Files.

    def _used(self) -> list[Source]:
        return [source for source in self.sources if not source.skip and source.id not in self.left_out]

    def _in_order(self, sources: Iterable[Source]) -> list[Source]:
        return sorted(sources, key=lambda source: (source.role is Role.LISTING, source.id))

    def _folder(self, list_id: str) -> Path:
        return self.root / list_id

    def _file(self, list_id: str, checksum: str) -> Path:
        return self._folder(list_id) / f"{checksum[:16]}.list"

    def _keep(self, list_id: str, file: Path, checksum: str) -> None:
        """Keep a version: one file on the disk, in however many lists it is entered."""
        target = self._file(list_id, checksum)
        target.parent.mkdir(parents=True, exist_ok=True)
        fresh = target.with_suffix(".new")
        fresh.unlink(missing_ok=True)
        if self.root in file.parents:
            os.link(file, fresh)
        else:
            shutil.copyfile(file, fresh)
        _put(fresh, target)

    def _write(self, state: ListState) -> None:
        """Write a list's state, then forget the files of versions that no longer stand in it."""
        folder = self._folder(state.id)
        folder.mkdir(parents=True, exist_ok=True)
        _write_at_once(folder / "state.json", msgspec.json.format(msgspec.json.encode(state), indent=1) + b"\n")
        kept = {self._file(state.id, version.sha256) for version in (state.active, state.held) if version}
        for file in folder.glob("*.list"):
            if file not in kept:
                file.unlink()
        if self.sources[state.id].role is not Role.LISTING:
            for derived in ("_pins", "_pinned", "_popular"):
                self.__dict__.pop(derived, None)

    def _note(self, list_id: str, line: str) -> None:
        with (self._folder(list_id) / "acts.log").open("a", encoding="utf-8") as file:
            file.write(line + "\n")


def _blocks(source: Source, file: Path, form: Format | None) -> Iterator[Any]:
    return read(file, form or source.format, member=source.member, root=source.root)


def _entries(source: Source, file: Path, form: Format | None) -> guards.Entries:
    return lambda: (block.entries() for block in _blocks(source, file, form))


def _version(review: guards.UpdateReview, checksum: str, offer: Offer) -> Version:
    return Version(
        sha256=checksum,
        name=offer.name,
        at=offer.at,
        format=offer.format,
        entries=review.change.after,
        added=review.added,
        removed=review.removed,
        holds=review.reasons,
        quarantined=tuple(Entry(found.entry, found.reason, found.of) for found in review.quarantined),
    )


def _some(entries: set[bytes], most: int) -> list[str]:
    return [entry.decode("utf-8", "replace") for entry in sorted(entries)[:most]]


def _manifest(folder: Path) -> Mapping[str, Mapping[str, Any]]:
    """What `MANIFEST.json` of a folder says of each file, by path; empty if there is none."""
    path = folder / "MANIFEST.json"
    if not path.exists():
        return {}
    try:
        return {str(entry["path"]): entry for entry in msgspec.json.decode(path.read_bytes())}
    except (msgspec.DecodeError, KeyError, TypeError) as error:
        raise LibraryError("manifest-damaged", path=str(path), reason=str(error)) from error


def _find(folder: Path, file: str) -> Path | None:
    candidates = (folder / (file + compression) for compression in COMPRESSIONS)
    return next((candidate for candidate in candidates if candidate.is_file()), None)


def _checksum(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _write_at_once(target: Path, octets: bytes) -> None:
    fresh = target.with_name(target.name + ".new")
    fresh.write_bytes(octets)
    _put(fresh, target)


def _put(fresh: Path, target: Path) -> None:
    """Durable and at once."""
    with fresh.open("rb") as stream:
        os.fsync(stream.fileno())
    fresh.replace(target)
