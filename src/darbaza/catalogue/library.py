"""The lists a school holds: the last good version of each, updates that wait for a person, and how each got there.

One folder per list: the file as published, named by its checksum, and `state.json`. A new version takes effect only
after it was read from end to end and passed the guards; until then, and for ever if nobody accepts it, the version in
force stays. Whatever goes wrong is an outcome with its reason, and the next list is tried.
"""

import hashlib
import os
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
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
from darbaza.catalogue.fetch import Download, FetchError, download
from darbaza.catalogue.files import ListError
from darbaza.catalogue.readers import read
from darbaza.catalogue.sources import Role, Source, Sources, load_sources

COMPRESSIONS = ("", ".xz", ".gz")


class LibraryError(ValueError):
    """What was asked of the library cannot be done. The message says why and what to do instead."""


class Entry(msgspec.Struct, frozen=True):
    """A quarantined entry as it is kept: see `guards.Quarantined`."""

    entry: str
    reason: str
    of: str = ""


class Version(msgspec.Struct, frozen=True, kw_only=True):
    """One version of a list: its file's checksum, how people cite it, and what the guards said."""

    sha256: str
    name: str
    at: datetime
    etag: str = ""
    entries: int = 0
    added: int = 0
    removed: int = 0
    reasons: tuple[str, ...] = ()
    quarantined: tuple[Entry, ...] = ()
    accepted_by: str = ""


class ListState(msgspec.Struct, frozen=True, kw_only=True):
    """All that is known of one list. `problem` is why the last attempt failed, empty after a good one."""

    id: str
    active: Version | None = None
    held: Version | None = None
    released: tuple[str, ...] = ()
    problem: str = ""


class Status(StrEnum):
    """What became of one list in an import or a fetch."""

    ACCEPTED = "accepted"
    HELD = "held"
    UNCHANGED = "unchanged"
    REFUSED = "refused"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class Outcome:
    """One list's fate with its reason; `review` where its entries were looked at."""

    list: str
    status: Status
    detail: str = ""
    review: guards.UpdateReview | None = field(default=None, compare=False)


class Library:
    """The lists in one folder. `own_hosts` are hosts that no list may close: the school's, the portal's."""

    def __init__(
        self,
        root: Path,
        *,
        sources: Sources | None = None,
        categories: Categories | None = None,
        own_hosts: Iterable[str] = (),
    ) -> None:
        """Open or begin a library; nothing is read yet."""
        self._root = root
        self._sources = sources or load_sources()
        self._categories = categories or load()
        self._own_hosts = frozenset(own_hosts)

    # Taking lists in.

    def import_folder(self, folder: Path, at: datetime) -> list[Outcome]:
        """Take in every known list that lies in a folder; files that its manifest does not vouch for are refused.

        Lists of hosts that must stay open come first, so that the others are judged by them.
        """
        manifest = _manifest(folder)
        outcomes = []
        for source in sorted(self._used(), key=lambda source: (source.role is Role.LISTING, source.id)):
            file = _find(folder, source.file)
            if file is None:
                outcomes.append(Outcome(source.id, Status.MISSING, f"no file `{source.file}`"))
                continue
            vouched = manifest.get(file.relative_to(folder).as_posix())
            outcomes.append(self._take(source, file, vouched, at))
        return [outcome for outcome in outcomes if outcome.status is not Status.MISSING] or outcomes

    def _take(self, source: Source, file: Path, vouched: Mapping[str, Any] | None, at: datetime) -> Outcome:
        if vouched is not None and vouched.get("sha256") != _checksum(file):
            return self._failed(source, f"list `{file.name}` differs from its checksum in MANIFEST.json; copy it again")
        name = " ".join(str(vouched.get(key, "")) for key in ("date", "commit")) if vouched else ""
        return self.offer(source, file, name=name.strip(), at=at)

    def fetch(self, list_id: str, at: datetime, get: Callable[..., Download] = download) -> Outcome:
        """Ask a list's publisher for a newer version and take it in. Raises `SourceError` for an unknown list."""
        source = self._sources[list_id]
        if not source.url:
            return Outcome(source.id, Status.MISSING, "its publisher offers no address; import it from a folder")
        active = self.state(source.id).active
        folder = self._folder(source.id)
        folder.mkdir(parents=True, exist_ok=True)
        target = folder / ".download"
        try:
            got = get(source.url, target, etag=active.etag if active else "")
            if got.unchanged:
                return Outcome(source.id, Status.UNCHANGED, "the publisher has nothing newer")
            return self.offer(source, target, name=got.version or f"{at:%Y-%m-%d}", at=at, etag=got.etag)
        except FetchError as error:
            return self._failed(source, str(error))
        finally:
            target.unlink(missing_ok=True)

    def fetch_all(self, at: datetime) -> list[Outcome]:
        """Ask all publishers; each address is asked once even if several lists lie there."""
        return [self.fetch(source.id, at) for source in self._used() if source.url]

    def offer(self, source: Source, file: Path, *, name: str, at: datetime, etag: str = "") -> Outcome:
        """Take in one file as the newest version of a list: accepted, held for a person, unchanged or refused."""
        state, checksum = self.state(source.id), _checksum(file)
        if state.active and state.active.sha256 == checksum:
            return Outcome(source.id, Status.UNCHANGED)
        try:
            review = self._review(source, state, file)
        except ListError as error:
            return self._failed(source, str(error))
        version = _version(review, checksum, name, at, etag)
        self._keep(source.id, file, checksum)
        if review.held:
            self._write(msgspec.structs.replace(state, held=version, problem=""))
            return Outcome(source.id, Status.HELD, "; ".join(review.reasons), review)
        self._write(msgspec.structs.replace(state, active=version, held=None, problem=""))
        return Outcome(source.id, Status.ACCEPTED, f"{version.entries} entries", review)

    def _failed(self, source: Source, problem: str) -> Outcome:
        self._write(msgspec.structs.replace(self.state(source.id), problem=problem))
        return Outcome(source.id, Status.REFUSED, problem)

    # What the guards need.

    def _review(self, source: Source, state: ListState, file: Path) -> guards.UpdateReview:
        old = self._entries(source, self._file(source.id, state.active.sha256)) if state.active else None
        screen = guards.Screen(
            categories=tuple(self._categories[category] for category in source.categories),
            suffixes=guards.suffixes(),
            pins=self._pins if source.role is Role.LISTING else {},
            popular=self._popular if source.role is Role.LISTING else {},
            known=self._known_popular(state, old),
            released=frozenset(entry.encode() for entry in state.released),
        )
        return guards.review(old, self._entries(source, file), screen, is_feed=source.is_feed)

    def _entries(self, source: Source, file: Path) -> guards.Entries:
        return lambda: (block.entries() for block in read(file, source.format, member=source.member, root=source.root))

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
                for block in read(self._file(source.id, active.sha256), source.format):
                    yield from (name for name in map(bytes.decode, block.hosts) if name not in kept_out)

    # What people do.

    def accept_held(self, list_id: str, *, by: str, at: datetime) -> ListState:
        """Let a held update take effect, on the word of a named person. Raises `LibraryError` if none is held."""
        state = self.state(self._sources[list_id].id)
        if state.held is None:
            raise LibraryError(f"list `{list_id}` has no update that waits; see `darbaza lists show`")
        accepted = msgspec.structs.replace(state.held, accepted_by=by, at=at)
        changed = msgspec.structs.replace(state, active=accepted, held=None)
        self._write(changed)
        return changed

    def release(self, list_id: str, entry: str, *, by: str) -> ListState:
        """Let a quarantined entry take effect, on the word of a named person. Raises `LibraryError`."""
        state = self.state(self._sources[list_id].id)
        known = {found.entry for version in (state.active, state.held) if version for found in version.quarantined}
        if entry not in known:
            raise LibraryError(f"list `{list_id}` has no quarantined entry `{entry}`; see `darbaza lists show`")
        changed = msgspec.structs.replace(state, released=tuple(sorted({*state.released, entry})))
        self._write(changed)
        self._note(list_id, f"{entry} released by {by}")
        return changed

    def state(self, list_id: str) -> ListState:
        """What is known of a list. Raises `LibraryError` if its state file is damaged."""
        path = self._folder(list_id) / "state.json"
        try:
            return msgspec.json.decode(path.read_bytes(), type=ListState)
        except FileNotFoundError:
            return ListState(id=list_id)
        except msgspec.DecodeError as error:
            raise LibraryError(
                f"state `{path}` is damaged ({error}); import the list again after removing it"
            ) from error

    def states(self) -> list[ListState]:
        """All lists of which anything is known, by id."""
        states = [self.state(source.id) for source in self._sources]
        return [state for state in states if state.active or state.held or state.problem]

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
            dropped=frozenset(dropped),
            pinned=pinned - released if released else pinned,
        )

    def compile(self, target: Path) -> Meta:
        """Compile the versions in force to `target`. Raises `ListError`; `target` then stays as it was."""
        return compile_catalogue(self.parts(), target, self._categories)

    # Files.

    def _used(self) -> list[Source]:
        return [source for source in self._sources if not source.skip]

    def _folder(self, list_id: str) -> Path:
        return self._root / list_id

    def _file(self, list_id: str, checksum: str) -> Path:
        return self._folder(list_id) / f"{checksum[:16]}.list"

    def _keep(self, list_id: str, file: Path, checksum: str) -> None:
        target = self._file(list_id, checksum)
        target.parent.mkdir(parents=True, exist_ok=True)
        fresh = target.with_suffix(".new")
        shutil.copyfile(file, fresh)
        _put(fresh, target)

    def _write(self, state: ListState) -> None:
        """Write a list's state, then forget the files of versions that no longer stand in it."""
        folder = self._folder(state.id)
        folder.mkdir(parents=True, exist_ok=True)
        fresh = folder / "state.new"
        fresh.write_bytes(msgspec.json.format(msgspec.json.encode(state), indent=1) + b"\n")
        _put(fresh, folder / "state.json")
        kept = {self._file(state.id, version.sha256) for version in (state.active, state.held) if version}
        for file in folder.glob("*.list"):
            if file not in kept:
                file.unlink()
        if self._sources[state.id].role is not Role.LISTING:
            for derived in ("_pins", "_pinned", "_popular"):
                self.__dict__.pop(derived, None)

    def _note(self, list_id: str, line: str) -> None:
        with (self._folder(list_id) / "acts.log").open("a", encoding="utf-8") as file:
            file.write(line + "\n")


def _version(review: guards.UpdateReview, checksum: str, name: str, at: datetime, etag: str) -> Version:
    return Version(
        sha256=checksum,
        name=name,
        at=at,
        etag=etag,
        entries=review.change.after,
        added=review.added,
        removed=review.removed,
        reasons=review.reasons,
        quarantined=tuple(Entry(found.entry, found.reason, found.of) for found in review.quarantined),
    )


def _manifest(folder: Path) -> Mapping[str, Mapping[str, Any]]:
    """What `MANIFEST.json` of a folder says of each file, by path; empty if there is none."""
    path = folder / "MANIFEST.json"
    if not path.exists():
        return {}
    try:
        return {str(entry["path"]): entry for entry in msgspec.json.decode(path.read_bytes())}
    except (msgspec.DecodeError, KeyError, TypeError) as error:
        raise LibraryError(f"`{path}` is no manifest of lists ({error}); copy the folder again") from error


def _find(folder: Path, file: str) -> Path | None:
    candidates = (folder / (file + compression) for compression in COMPRESSIONS)
    return next((candidate for candidate in candidates if candidate.is_file()), None)


def _checksum(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _put(fresh: Path, target: Path) -> None:
    """Durable and at once."""
    with fresh.open("rb") as stream:
        os.fsync(stream.fileno())
    fresh.replace(target)
