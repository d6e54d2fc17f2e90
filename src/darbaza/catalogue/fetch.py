"""Files from publishers over HTTPS: asked with the tags of the version at hand, bounded in size and time, resumed.

A school's line is slow and breaks. So connections are kept for a publisher's next file, texts come compressed, a
transfer that broke off goes on from where it was, and a publisher that does not answer is left alone for the rest of
the run. And a line may lie: only https is spoken, and an address leads only to hosts that are known as its publisher's.

What a publisher sends is believed to be a list only after it was read (see `files`); here only the transport is judged.
"""

import http.client
import re
import shutil
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO
from urllib.parse import SplitResult, urljoin, urlsplit

import msgspec

from darbaza.catalogue.wording import ListsError

MAX_OCTETS = 128 << 20
"""How much may come over the line for one file."""

AGENT = "darbaza (school gateway; list update)"
REDIRECTS = (301, 302, 303, 307, 308)
MOST_REDIRECTS = 5
BUSY = (429, 503)
ATTEMPTS = 3
FAILURES = 2
"""After so many files of one host that could not be reached, its other files are not asked for in this run."""

SPARE = 200 << 20
"""How much room must stay on the disk."""


class FetchError(ListsError):
    """A file could not be fetched. The message names the address and the reason."""


class _BrokenError(FetchError):
    """The line failed; the next attempt may go on from there."""


class Tags(msgspec.Struct, frozen=True):
    """By what a publisher tells one version of a file from another."""

    etag: str = ""
    modified: str = ""


@dataclass(frozen=True, slots=True)
class Patience:
    """How slow a publisher may be, in seconds and octets; tests are less patient."""

    silence: float = 20.0
    headers: float = 60.0
    look: float = 30.0
    slowest: int = 500
    pauses: tuple[float, ...] = (2.0, 10.0)


@dataclass(frozen=True, slots=True)
class Wanted:
    """One file to fetch. `tags` are those of the copy at hand, if it may be answered that nothing is newer.

    `is_signed` is whether every octet counts, so that it is not packed for the way.
    """

    url: str
    tags: Tags = field(default_factory=Tags)
    redirects: frozenset[str] = frozenset()
    limit: int = MAX_OCTETS
    is_signed: bool = False

    @property
    def name(self) -> str:
        """The file's name, as its publisher calls it."""
        return urlsplit(self.url).path.rpartition("/")[2] or urlsplit(self.url).netloc


@dataclass(frozen=True, slots=True)
class Came:
    """What came: nothing if `unchanged`."""

    unchanged: bool
    tags: Tags = field(default_factory=Tags)


class _Part(msgspec.Struct):
    """What is known of a transfer that broke off: it may only go on while the publisher's file has this tag."""

    url: str
    etag: str


class Publishers:
    """Connections to publishers during one run. `until` is the monotonic instant after which nothing is asked."""

    def __init__(
        self,
        *,
        patience: Patience | None = None,
        until: float = float("inf"),
        tls: ssl.SSLContext | None = None,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        """Nothing is connected yet."""
        self._patience = patience or Patience()
        self._until, self._pause = until, pause
        self._tls = tls or ssl.create_default_context()
        self._lines: dict[str, http.client.HTTPSConnection] = {}
        self._failures: dict[str, int] = {}
        self._busy: set[str] = set()

    def close(self) -> None:
        """Let the connections go."""
        for line in self._lines.values():
            line.close()
        self._lines.clear()

    def get(self, wanted: Wanted, target: Path) -> Came:
        """Fetch a file to `target`, unless nothing is newer. Raises `FetchError`; `target` then is as it was.

        What came until the line broke stays beside `target` and is not asked for again.
        """
        host = _parts(wanted.url).netloc
        for attempt in range(ATTEMPTS):
            self._may_ask(host)
            try:
                came = self._try(wanted, target)
            except _BrokenError:
                self._failures[host] = self._failures.get(host, 0) + 1
                if attempt + 1 == ATTEMPTS or self._failures[host] >= FAILURES * ATTEMPTS:
                    raise
                self._pause(self._patience.pauses[min(attempt, len(self._patience.pauses) - 1)])
            else:
                self._failures.pop(host, None)
                return came
        raise AssertionError("every attempt returns or raises")

    def text(self, wanted: Wanted, folder: Path) -> str:
        """A small file as text: checksums, signatures. Raises `FetchError`."""
        path = folder / "small"
        try:
            self.get(wanted, path)
            return path.read_text("utf-8", "replace")
        finally:
            path.unlink(missing_ok=True)

    def _may_ask(self, host: str) -> None:
        if time.monotonic() > self._until:
            raise FetchError("out-of-time")
        if host in self._busy:
            raise FetchError("publisher-busy", host=host)
        if self._failures.get(host, 0) >= FAILURES * ATTEMPTS:
            raise FetchError("publisher-away", host=host)

    def _try(self, wanted: Wanted, target: Path) -> Came:
        """One attempt. After whatever went wrong no connection is used again: nobody knows what it would say next."""
        transfer = _Transfer(wanted, target)
        try:
            with closing(self._final(wanted, transfer)) as answer:
                return self._taken(wanted, transfer, answer)
        except FetchError:
            self.close()
            raise
        except (OSError, http.client.HTTPException) as error:
            self.close()
            reason = str(error) or type(error).__name__
            raise _BrokenError("unreachable", url=wanted.url, reason=reason) from error

    # The answer.

    def _final(self, wanted: Wanted, transfer: "_Transfer") -> http.client.HTTPResponse:
        """The answer at the end of all redirects. Raises FetchError, OSError, HTTPException."""
        url, allowed = wanted.url, {_parts(wanted.url).hostname, *wanted.redirects}
        for _ in range(MOST_REDIRECTS + 1):
            answer = self._asked(url, transfer.headers())
            if answer.status not in REDIRECTS:
                return answer
            to = urljoin(url, answer.headers.get("Location", ""))
            answer.close()
            self._drop(url)  # its body is of no use and may be long
            parts = urlsplit(to)
            if parts.scheme != "https" or parts.username is not None or parts.hostname not in allowed:
                raise FetchError("leads-away", url=wanted.url, to=f"{parts.scheme}://{parts.netloc}")
            url = to
        raise FetchError("leads-on-and-on", url=wanted.url)

    def _asked(self, url: str, headers: dict[str, str]) -> http.client.HTTPResponse:
        """The answer's head. A kept connection may have been closed meanwhile: then a new one is asked."""
        parts = _parts(url)
        path = parts._replace(scheme="", netloc="", fragment="").geturl() or "/"
        kept = self._lines.get(parts.netloc)
        for line in [kept] * (kept is not None) + [None]:
            connection = line or self._connected(parts)
            try:
                with _bounded(connection, self._patience.headers):
                    connection.request("GET", path, headers=headers)
                    return connection.getresponse()
            except (OSError, http.client.HTTPException):
                self._drop(url)
                if line is None:
                    raise
        raise AssertionError("the last connection is new")

    def _connected(self, parts: SplitResult) -> http.client.HTTPSConnection:
        host = parts.hostname or ""
        made = http.client.HTTPSConnection(host, parts.port, timeout=self._patience.silence, context=self._tls)
        made.connect()
        self._lines[parts.netloc] = made
        return made

    def _drop(self, url: str) -> None:
        line = self._lines.pop(_parts(url).netloc, None)
        if line is not None:
            line.close()

    # The body.

    def _taken(self, wanted: Wanted, transfer: "_Transfer", answer: http.client.HTTPResponse) -> Came:
        if answer.status == http.HTTPStatus.NOT_MODIFIED and transfer.is_conditional:
            answer.read()
            return Came(True, wanted.tags)
        if answer.status in BUSY:
            self._busy.add(_parts(wanted.url).netloc)
        if answer.status not in (http.HTTPStatus.OK, http.HTTPStatus.PARTIAL_CONTENT):
            transfer.forget()
            raise _status_error(wanted.url, answer.status)
        _check_head(wanted, answer)
        with transfer.begun(answer) as file:
            try:
                self._copy(wanted, answer, file)
            except FetchError as error:
                if error.said.key == "too-big":
                    transfer.forget()
                raise
        answer.read()  # nothing is left; it sets the connection free for the next file
        return Came(False, transfer.finish(answer))

    def _copy(self, wanted: Wanted, answer: http.client.HTTPResponse, file: IO[bytes]) -> None:
        """Within the limits of size and speed. A drop every few seconds is no transfer."""
        looked, since = time.monotonic(), 0
        while octets := answer.read1(1 << 16):
            file.write(octets)
            since += len(octets)
            if file.tell() > wanted.limit:
                raise FetchError("too-big", list=wanted.name, limit=wanted.limit >> 20)
            now = time.monotonic()
            if now - looked > self._patience.look:
                if since < self._patience.slowest * (now - looked):
                    raise FetchError("too-slow", url=wanted.url)
                if now > self._until:
                    raise FetchError("out-of-time")
                looked, since = now, 0


def _status_error(url: str, status: int) -> FetchError:
    """A server's own trouble may pass in a moment, and so does a wrong place to go on from; a missing file does not."""
    passes = status == http.HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE or (status >= 500 and status not in BUSY)
    return (_BrokenError if passes else FetchError)("answers-status", url=url, status=status)


class _Transfer:
    """One attempt to bring a file to `target`, perhaps from where an earlier one broke off."""

    def __init__(self, wanted: Wanted, target: Path) -> None:
        self._wanted, self._target = wanted, target
        self._body = target.with_name(target.name + ".part")
        self._note = target.with_name(target.name + ".part.json")
        self._expected = -1
        self._known = self._read_note()
        self._size = self._body.stat().st_size if self._known and self._body.exists() else 0

    @property
    def is_conditional(self) -> bool:
        """Whether the publisher was asked for newer versions only."""
        return not self._size and bool(self._wanted.tags.etag or self._wanted.tags.modified)

    def headers(self) -> dict[str, str]:
        """What is asked. A file that is packed already is not packed again, and can be resumed."""
        is_whole = self._wanted.is_signed or _is_packed(self._wanted.url)
        asked = {"User-Agent": AGENT, "Accept-Encoding": "identity" if is_whole else "gzip"}
        if self._known and self._size:
            return {**asked, "Range": f"bytes={self._size}-", "If-Range": self._known.etag}
        tags = self._wanted.tags
        if tags.etag:
            return {**asked, "If-None-Match": tags.etag}
        return {**asked, "If-Modified-Since": tags.modified} if tags.modified else asked

    @contextmanager
    def begun(self, answer: http.client.HTTPResponse) -> Iterator[IO[bytes]]:
        """The file to write to, at the place where the answer goes on."""
        is_rest = answer.status == http.HTTPStatus.PARTIAL_CONTENT
        if is_rest and _range_start(answer) != self._size:
            self.forget()
            raise _BrokenError("broke-off", url=self._wanted.url, got=self._size, want="?")
        self._expected = _length(answer) + (self._size if is_rest else 0) if _length(answer) >= 0 else -1
        etag = answer.headers.get("ETag", "")
        if etag.startswith('"'):  # a weak tag does not vouch for every octet
            self._note.write_bytes(msgspec.json.encode(_Part(self._wanted.url, etag)))
        else:
            self._note.unlink(missing_ok=True)
        with self._body.open("ab" if is_rest else "wb") as file:
            yield file

    def finish(self, answer: http.client.HTTPResponse) -> Tags:
        """Put the whole file in its place. Raises `FetchError` if it is not whole."""
        size = self._body.stat().st_size
        if 0 <= self._expected != size:
            raise _BrokenError("broke-off", url=self._wanted.url, got=size, want=self._expected)
        self._body.replace(self._target)
        self._note.unlink(missing_ok=True)
        return Tags(answer.headers.get("ETag", ""), answer.headers.get("Last-Modified", ""))

    def forget(self) -> None:
        """Begin from the start the next time."""
        self._body.unlink(missing_ok=True)
        self._note.unlink(missing_ok=True)

    def _read_note(self) -> _Part | None:
        try:
            note = msgspec.json.decode(self._note.read_bytes(), type=_Part)
        except (OSError, msgspec.DecodeError):
            return None
        return note if note.url == self._wanted.url else None


def _check_head(wanted: Wanted, answer: http.client.HTTPResponse) -> None:
    """Refuse before anything is transferred what will be of no use. Raises `FetchError`.

    A head that was cut is a head without its last lines for `http.client`; so one that does not say where the body ends
    is never believed.
    """
    if answer.headers.get_content_type() in {"text/html", "application/xhtml+xml"}:
        raise FetchError("web-page", list=wanted.name)
    encoding = answer.headers.get("Content-Encoding", "identity").lower()
    if encoding not in {"identity", "gzip", "x-gzip"}:
        raise FetchError("odd-encoding", url=wanted.url, encoding=encoding[:40])
    if _length(answer) < 0 and not answer.chunked:
        raise _BrokenError("no-length", url=wanted.url)
    if _length(answer) > wanted.limit:
        raise FetchError("too-big", list=wanted.name, limit=wanted.limit >> 20)


def check_room(folder: Path, name: str) -> None:
    """Refuse to fill the disk, on which verdicts must be logged. Raises `FetchError`."""
    free = shutil.disk_usage(folder).free
    if free < SPARE:
        raise FetchError("no-room", list=name, free=free >> 20)


def _length(answer: http.client.HTTPResponse) -> int:
    declared = answer.headers.get("Content-Length", "")
    return int(declared) if declared.isdigit() else -1


def _range_start(answer: http.client.HTTPResponse) -> int:
    found = re.match(r"bytes (\d+)-", answer.headers.get("Content-Range", ""))
    return int(found[1]) if found else -1


def _is_packed(url: str) -> bool:
    return url.endswith((".gz", ".tgz", ".xz", ".zip")) or "/tar.gz/" in url


def _parts(url: str) -> SplitResult:
    parts = urlsplit(url)
    if parts.scheme != "https" or not parts.hostname:
        raise FetchError("not-https", url=url)
    return parts


@contextmanager
def _bounded(connection: http.client.HTTPSConnection, seconds: float) -> Iterator[None]:
    """A head must come in time: a socket's own time-out begins anew with every octet."""

    def cut() -> None:
        if connection.sock is not None:
            connection.sock.shutdown(socket.SHUT_RDWR)

    timer = threading.Timer(seconds, cut)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
