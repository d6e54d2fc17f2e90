"""What publishers send, before it is opened: each address is asked once a run, however many lists lie in the file.

A parcel is kept as it came, with the publisher's tags and the checksum under which it came. Where a publisher offers
checksums, they are asked first: one small file tells for dozens of parcels that nothing changed. A parcel that its
checksum or signature does not vouch for is thrown away, and the last good one stays.
"""

import hashlib
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from urllib.parse import urlsplit

import msgspec

from darbaza.catalogue.fetch import Came, FetchError, Publishers, Tags, Wanted, check_room
from darbaza.catalogue.files import ListError, unpacked_pieces
from darbaza.catalogue.minisign import Signed, verify
from darbaza.catalogue.sources import Online
from darbaza.catalogue.wording import ListsError

MAX_SUMS = 1 << 20
MAX_SIGNATURE = 1 << 12
_ALGORITHMS = {32: "md5", 40: "sha1", 64: "sha256", 128: "sha512"}
_HEX = re.compile(r"[0-9a-fA-F]+").fullmatch


class _State(msgspec.Struct, frozen=True, kw_only=True):
    """The last good parcel from one address. `sum` is the publisher's checksum of it, `signed` when it was signed."""

    url: str
    tags: Tags = Tags()
    sum: str = ""
    signed: int = 0
    version: str = ""


@dataclass(frozen=True, slots=True)
class Parcel:
    """A good file from a publisher. `is_new` is whether it came in this run; `version` is how people cite it."""

    path: Path
    version: str
    tags: Tags
    is_new: bool


class Parcels:
    """The parcels in one folder, asked for in one run."""

    def __init__(self, root: Path, publishers: Publishers, at: datetime) -> None:
        """Nothing is asked yet; `at` names versions whose publisher gives no date."""
        self._root, self._publishers, self._at = root, publishers, at
        self._sums: dict[str, dict[str, str] | ListsError] = {}

    def get(self, online: Online) -> Parcel:
        """The newest good parcel from an address, or the last one if nothing is newer. Raises ListsError."""
        folder = self._root / hashlib.sha256(online.url.encode()).hexdigest()[:16]
        folder.mkdir(parents=True, exist_ok=True)
        check_room(folder, _name(online.url))
        state = _read(folder, online.url)
        body = folder / _name(online.url)
        expected = self._expected(online)
        has_body = body.exists()
        if has_body and expected and expected == state.sum:
            return Parcel(body, state.version, state.tags, is_new=False)
        fresh = folder / "fresh" / body.name
        fresh.parent.mkdir(exist_ok=True)
        tags = state.tags if has_body and not expected else Tags()
        came = self._publishers.get(Wanted(online.url, tags, online.redirects, is_signed=bool(online.key)), fresh)
        if came.unchanged:
            return Parcel(body, state.version, state.tags, is_new=False)
        return self._accepted(online, state, came, fresh, expected)

    def _accepted(self, online: Online, state: _State, came: Came, fresh: Path, expected: str) -> Parcel:
        """What came, if it is what its publisher vouches for; else it is thrown away."""
        folder = fresh.parent.parent
        try:
            check_sum(fresh, expected)
            signed = self._signed(online, fresh, state)
        except ListsError:
            fresh.unlink()
            raise
        version = _day(came.tags.modified) or f"{self._at:%Y-%m-%d}"
        state = _State(url=online.url, tags=came.tags, sum=expected, signed=signed.at, version=version)
        body = folder / fresh.name
        # The note is forgotten first: without it a body is asked for again, with a wrong one it might never be.
        (folder / "state.json").unlink(missing_ok=True)
        with fresh.open("rb") as stream:
            os.fsync(stream.fileno())
        fresh.replace(body)
        (folder / "state.json").write_bytes(msgspec.json.encode(state))
        return Parcel(body, version, came.tags, is_new=True)

    # What the publisher vouches for.

    def _expected(self, online: Online) -> str:
        """The published checksum as `sha256:…`, empty where the publisher offers none."""
        if not online.sums:
            return ""
        found = self._sums.get(online.sums)
        if found is None:
            found = self._sums[online.sums] = self._read_sums(online)
        if isinstance(found, ListsError):
            raise found
        name = _name(online.url)
        if name not in found:
            raise FetchError("sums-do-not-name", sums=online.sums, list=name)
        return found[name]

    def _read_sums(self, online: Online) -> dict[str, str] | ListsError:
        """Once a run, good or bad."""
        try:
            wanted = Wanted(online.sums, redirects=online.redirects, limit=MAX_SUMS)
            return parse_sums(self._publishers.text(wanted, self._root))
        except FetchError as error:
            return error

    def _signed(self, online: Online, fresh: Path, state: _State) -> Signed:
        """What the signature says. Raises FetchError, SignatureError."""
        if online.key is None:
            return Signed()
        wanted = Wanted(online.url + ".minisig", redirects=online.redirects, limit=MAX_SIGNATURE)
        signed = verify(fresh, self._publishers.text(wanted, self._root), online.key)
        if signed.file and signed.file != fresh.name:
            raise FetchError("signature-of-another-file", list=fresh.name, file=signed.file[:80])
        if signed.at < state.signed:
            raise FetchError("signature-older", list=fresh.name)
        return signed


def parse_sums(text: str) -> dict[str, str]:
    """Checksums by file name, from what `md5sum` and its kin write; the kind is told by the length."""
    found: dict[str, str] = {}
    for line in text.splitlines():
        digest, _, name = line.strip().partition(" ")
        name = name.strip().removeprefix("*").rpartition("/")[2]
        if name and _HEX(digest) and len(digest) in _ALGORITHMS:
            found[name] = f"{_ALGORITHMS[len(digest)]}:{digest.lower()}"
    return found


def check_sum(path: Path, expected: str) -> None:
    """Whether a file is what its publisher vouches for, as it came or unpacked. Raises FetchError."""
    if expected and expected not in _digests(path, expected.partition(":")[0]):
        raise FetchError("sum-differs", list=path.name)


def _digests(path: Path, algorithm: str) -> Iterator[str]:
    """The file's checksum, and that of its content: a text may have been packed for the way only."""
    with path.open("rb") as stream:
        raw = hashlib.file_digest(stream, lambda: hashlib.new(algorithm, usedforsecurity=False))
    yield f"{algorithm}:{raw.hexdigest()}"
    content = hashlib.new(algorithm, usedforsecurity=False)
    try:
        for piece in unpacked_pieces(path):
            content.update(piece)
    except ListError:
        return
    yield f"{algorithm}:{content.hexdigest()}"


def _name(url: str) -> str:
    return urlsplit(url).path.rpartition("/")[2] or "list"


def _day(modified: str) -> str:
    """The day of `Wed, 19 Aug 2026 10:00:00 GMT`; empty for anything else."""
    try:
        return f"{parsedate_to_datetime(modified):%Y-%m-%d}"
    except ValueError:
        return ""


def _read(folder: Path, url: str) -> _State:
    try:
        state = msgspec.json.decode((folder / "state.json").read_bytes(), type=_State)
    except (OSError, msgspec.DecodeError):
        return _State(url=url)
    return state if state.url == url else _State(url=url)
