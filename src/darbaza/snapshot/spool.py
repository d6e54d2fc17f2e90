r"""Verdict events on their way from the engines' helpers to the portal: lines of append-only files, in order, once.

One file per writer's life (or per 32 MiB), named `<unix ms>-<pid>.spool`; one event a line, TAB between the fields:

    n at_us device person session method host port outcome clause rank message category
    ground_kind ground_ref ground_entry revision epoch [manner] crc32

`n` counts from 1 in each file, so (box, file, n) names an event for ever and shipping it twice does no harm. `crc32`
(eight hexadecimal digits) covers the line before its last TAB. Values are printable ASCII; every other character, `%`
and TAB stand as the %XX of their UTF-8. Only hosts are written, never paths. `manner` stands only where the browser
said how a page came to be asked for: `visit`, `page` or `shown` (`engines.squid.config`).

A writer holds a lock on its file while it lives, which tells a line that is still being written from one that a crash
tore. Whatever is lost (a torn or damaged line, a file that vanished) is passed on as a *gap mark*, an event with the
outcome `gap`, so that the log says that something is missing instead of closing ranks.
"""

import contextlib
import fcntl
import hashlib
import os
import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote_to_bytes
from zlib import crc32

from darbaza.policy.request import Asker
from darbaza.policy.verdict import Verdict
from darbaza.snapshot.errors import SnapshotError

COUNTS = frozenset({19, 20})
"""How many fields a line has: `manner` may follow the others."""
MAX_VALUE = 512
"""Characters of one value that are kept; a host has 253 at most, what is longer is an attack or a fault."""
MIN_CHUNK = 256 * 1024
"""Bytes read at once, more than the longest line has."""
MAX_FILE = 32 * 1024 * 1024
MAX_PENDING = 100_000
"""Events kept in memory while the disk refuses them; later ones are dropped and leave a gap."""

SUFFIX = ".spool"
FILE_NAME = re.compile(r"(\d{13})-(\d{1,10})\.spool")
GAP = "gap"
TORN = "spool-torn"
DAMAGED = "spool-damaged"
LOST = "spool-lost"

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
REFERENCE_MASK = 2**40 - 1
REFERENCE_STEP = 679_891_637_639
"""Odd, hence every event of a file has another reference, and near the golden section, hence they lie far apart."""
PAIRS = tuple(first + second for first in CROCKFORD for second in CROCKFORD)


class VerdictEvent(NamedTuple):
    """One line read. `at` is aware; texts hold no character that does not print (those became U+FFFD)."""

    n: int
    at: datetime
    device: str
    person: str
    session: str
    method: str
    host: str
    port: int
    outcome: str
    clause: str
    rank: int
    message: str
    category: str
    ground_kind: str
    ground_ref: str
    ground_entry: str
    revision: int
    epoch: int
    manner: str = ""

    @property
    def is_gap(self) -> bool:
        """Whether this marks events that were lost; `message` then says how, and most fields are empty."""
        return self.outcome == GAP


# Writing. The helper writes an event per request, so what repeats is formatted once: `who` per device, `what` per
# verdict; `Resource`s come from the wire and are checked each time.


def escape(value: str) -> str:
    """A value as it stands in a line: printable ASCII, everything else as %XX; at most 512 characters are kept."""
    if value.isascii() and value.isprintable() and "%" not in value and len(value) <= MAX_VALUE:
        return value
    return "".join(c if " " <= c <= "~" and c != "%" else _percent(c) for c in value[:MAX_VALUE])


def _percent(character: str) -> str:
    return "".join(f"%{byte:02X}" for byte in character.encode("utf-8", "surrogatepass"))


def format_who(asker: Asker) -> str:
    """The fields device, person and session of a line; keep it as long as the asker stands."""
    session = asker.session.id if asker.session else ""
    return f"{escape(asker.device)}\t{escape(asker.person)}\t{escape(session)}"


def format_what(verdict: Verdict, revision: int, epoch: int) -> str:
    """The fields from outcome to epoch of a line; verdicts repeat, so keep it by verdict while the epoch lasts."""
    ground = verdict.ground
    return (
        f"{verdict.outcome}\t{escape(verdict.clause)}\t{verdict.rank:d}\t{verdict.message}\t{escape(verdict.category)}"
        f"\t{ground.kind}\t{escape(ground.ref)}\t{escape(ground.entry)}\t{revision}\t{epoch}"
    )


def format_event(n: int, at_us: int, who: str, method: str, host: str, port: int | str, what: str) -> bytes:
    """One line with its newline, in about a microsecond.

    `at_us` is in microseconds since 1970; `who` and `what` are preformatted, `method` and `port` taken as they are:
    a known method, a number. `host` may hold anything.
    """
    if not (host.isascii() and host.isprintable() and "%" not in host and len(host) <= MAX_VALUE):
        host = escape(host)
    line = f"{n}\t{at_us}\t{who}\t{method}\t{host}\t{port}\t{what}".encode("ascii")
    return b"%b\t%08x\n" % (line, crc32(line))


def format_gap(n: int, why: str) -> str:
    """The line, without newline, that stands for event `n` which was lost."""
    line = f"{n}\t0\t\t\t\t\t\t0\t{GAP}\t\t0\t{why}\t\t\t\t\t0\t0"
    return f"{line}\t{crc32(line.encode('ascii')):08x}"


def reference(file: str, n: int) -> str:
    """The eight characters by which people cite a refusal; letters that look like digits are left out.

    A file's events have references of their own each, far apart; those of two files meet by chance only.
    """
    return nth_reference(_first_reference(file), n)


def nth_reference(first: int, n: int) -> str:
    """The reference of event `n` of the file whose events begin at `first` (`SpoolWriter.first_reference`)."""
    number = first + n * REFERENCE_STEP & REFERENCE_MASK
    return PAIRS[number >> 30] + PAIRS[number >> 20 & 1023] + PAIRS[number >> 10 & 1023] + PAIRS[number & 1023]


@lru_cache(maxsize=64)
def _first_reference(file: str) -> int:
    return int.from_bytes(hashlib.blake2b(file.encode(), digest_size=5).digest())


class SpoolWriter:
    """Appends events to this process's own file. Never raises for a disk that refuses: it keeps, then drops.

    Call `add` per event and `flush` per batch. Not for several threads.
    """

    def __init__(self, directory: Path, now_ms: int) -> None:
        """Begin a file in `directory` (made if need be), named by `now_ms`, milliseconds since 1970."""
        directory.mkdir(parents=True, exist_ok=True)
        self.directory = directory
        self.dropped = 0
        self.n = 0
        self._pending: list[bytes] = []
        self._tail = b""
        self._size = 0
        self._open(now_ms)

    def _open(self, now_ms: int) -> None:
        """Take the first free name, so that a clock set back never makes two files one."""
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_CLOEXEC
        while True:
            name = f"{now_ms:013d}-{os.getpid()}{SUFFIX}"
            try:
                self._descriptor = os.open(self.directory / name, flags, 0o640)
            except FileExistsError:
                now_ms += 1
                continue
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            self.file, self.n, self._size, self.first_reference = name, 0, 0, _first_reference(name)
            return

    def add(self, at_us: int, who: str, method: str, host: str, port: int | str, what: str) -> int:
        """Note one event and return its `n`; `flush` writes it. See `format_event`."""
        self.n = n = self.n + 1
        if len(self._pending) < MAX_PENDING:
            self._pending.append(format_event(n, at_us, who, method, host, port, what))
        else:
            self.dropped += 1
        return n

    def add_all(self, bodies: Sequence[str]) -> None:
        """Note many events at once, each formatted up to its checksum and numbered on from `n`; all ASCII."""
        self.n += len(bodies)
        for body in bodies:
            line = body.encode("ascii")
            self._pending.append(b"%b\t%08x\n" % (line, crc32(line)))

    def flush(self) -> bool:
        """Write what was added; False if the disk refused, in which case the next flush tries again."""
        data = self._tail + b"".join(self._pending)
        written = 0
        try:
            while written < len(data):
                written += os.write(self._descriptor, memoryview(data)[written:])
        except OSError:
            return False
        finally:
            self._keep(data, written)
        return True

    def discard(self) -> None:
        """Forget the events that the disk refused: nothing was answered by them. A half-written line is still due."""
        self.n -= len(self._pending) + self.dropped
        self._pending, self.dropped = [], 0

    def sync(self) -> None:
        """Bring what was written down to the disk; may be called from another thread. OSError if the disk refuses."""
        os.fdatasync(self._descriptor)

    def _keep(self, data: bytes, written: int) -> None:
        """After a partial write the rest, mid-line or not, is what must come next in the file."""
        self._size += written
        if written == len(data):
            self._tail, self._pending = b"", []
        else:
            cut = data.find(b"\n", written) + 1
            self._tail, self._pending = data[written:cut], data[cut:].splitlines(keepends=True)

    def rotate_if_full(self, now_ms: int) -> None:
        """Begin another file once this one has 32 MiB; call it between batches."""
        if self._size >= MAX_FILE and not self._pending and not self._tail:
            self.close()
            self._open(now_ms)

    def close(self) -> None:
        """Flush and let the file go."""
        self.flush()
        os.close(self._descriptor)


# Reading.


def parse_line(line: str | bytes) -> VerdictEvent:
    """The event in a line, with or without its newline. Raises SnapshotError if the line is damaged."""
    raw = (line.encode("utf-8", "surrogatepass") if isinstance(line, str) else line).removesuffix(b"\n")
    body, _, crc = raw.rpartition(b"\t")
    if crc != b"%08x" % crc32(body):
        raise SnapshotError(f"spool line `{_shown(raw)}` is damaged: its checksum does not fit")
    values = body.split(b"\t")
    if len(values) + 1 not in COUNTS:
        raise SnapshotError(f"spool line `{_shown(raw)}` has {len(values) + 1} fields, not {min(COUNTS)}")
    try:
        return _event([_unescape(value) for value in values])
    except (ValueError, OverflowError) as error:
        raise SnapshotError(f"spool line `{_shown(raw)}` can't be read: {error}") from error


def _event(values: Sequence[str]) -> VerdictEvent:
    n, at_us, device, person, session, method, host, port, outcome, clause, rank, *rest = values
    message, category, ground_kind, ground_ref, ground_entry, revision, epoch, *manner = rest
    return VerdictEvent(
        n=_number(n),
        at=EPOCH + timedelta(microseconds=_number(at_us)),
        device=device,
        person=person,
        session=session,
        method=method,
        host=host,
        port=_number(port),
        outcome=outcome,
        clause=clause,
        rank=_number(rank),
        message=message,
        category=category,
        ground_kind=ground_kind,
        ground_ref=ground_ref,
        ground_entry=ground_entry,
        revision=_number(revision),
        epoch=_number(epoch),
        manner=manner[0] if manner else "",
    )


def _number(value: str) -> int:
    if not (value.isascii() and value.isdigit()) or len(value) > 18:
        raise ValueError(f"`{value[:20]}` is no number")
    return int(value)


def _unescape(value: bytes) -> str:
    if b"%" not in value and value.isascii():
        text = value.decode("ascii")
    else:
        text = unquote_to_bytes(value).decode("utf-8", "replace")
    return text if text.isprintable() else "".join(c if c.isprintable() else "\ufffd" for c in text)


def _shown(raw: bytes) -> str:
    return escape(raw[:60].decode("utf-8", "replace"))


class Position(NamedTuple):
    """How far a reader is in a file: `n` events are done, and they end at byte `offset`."""

    file: str
    offset: int = 0
    n: int = 0


class Batch(NamedTuple):
    """Lines of one file without newlines, gap marks included; the first is event `first`. `after` is what follows.

    A batch may have no lines: then only the position moves, over bytes that are no events.
    """

    file: str
    first: int
    lines: list[str]
    after: Position


class SpoolReader:
    """Reads spool files in order, line by line.

    The reader holds no state: a position goes in, a batch with the next position comes out, so a crash between reading
    and acknowledging repeats a batch and loses none.
    """

    def __init__(self, directory: Path) -> None:
        """Read from `directory`, which may not exist yet."""
        self.directory = directory

    def files(self) -> list[str]:
        """The spool's files, oldest first."""
        try:
            names = os.listdir(self.directory)  # noqa: PTH208 - names are all that is wanted
        except FileNotFoundError:
            return []
        return sorted(name for name in names if FILE_NAME.fullmatch(name))

    def read(self, position: Position, limit: int = 2000, *, ended: bool = False) -> Batch | None:
        """The next at most `limit` lines of a file, or None while there is nothing new.

        `ended` says that the writer was gone (`is_ended`) before this call: then what has no end is torn, not awaited.
        """
        wanted = max(limit * 512, MIN_CHUNK)
        with (self.directory / position.file).open("rb") as file:
            file.seek(position.offset)
            chunk = file.read(wanted)
        lines, used = _sound_lines(chunk, position.n, limit)
        if len(lines) < limit and used < len(chunk):
            if len(chunk) == wanted:
                used = used or wanted
            elif ended:
                lines.append(format_gap(position.n + len(lines) + 1, TORN))
                used = len(chunk)
        if not lines and not used:
            return None
        after = Position(position.file, position.offset + used, position.n + len(lines))
        return Batch(position.file, position.n + 1, lines, after)

    def is_ended(self, name: str) -> bool:
        """Whether the file's writer is gone: only a living one holds the lock."""
        try:
            descriptor = os.open(self.directory / name, os.O_RDONLY | os.O_CLOEXEC)
        except FileNotFoundError:
            return True
        try:
            fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        finally:
            os.close(descriptor)
        return True

    def events(self, name: str) -> Iterator[VerdictEvent]:
        """The sound events of one file, for looking things up; damaged lines are passed over."""
        with (self.directory / name).open("rb") as file:
            for line in file:
                with contextlib.suppress(SnapshotError):
                    yield parse_line(line)


def lost(position: Position) -> Batch:
    """The gap mark for a file that vanished before its end was read."""
    n = position.n + 1
    return Batch(position.file, n, [format_gap(n, LOST)], Position(position.file, position.offset, n))


def _sound_lines(chunk: bytes, done: int, limit: int) -> tuple[list[str], int]:
    """Sound lines with consecutive numbers after `done`, gaps between them marked; and how many bytes they took.

    Damaged lines after the last sound one are not taken: only the next number tells how many events they were.
    """
    lines: list[str] = []
    used = start = 0
    while len(lines) < limit and (end := chunk.find(b"\n", start)) != -1:
        expected, found = done + len(lines) + 1, _numbered(chunk[start:end])
        if found > expected:
            lines += [format_gap(n, DAMAGED) for n in range(expected, min(found, expected + limit - len(lines)))]
            continue
        if found == expected:
            lines.append(chunk[start:end].decode("ascii"))
        start = end + 1
        used = start if found else used
    return lines, used


def _numbered(line: bytes) -> int:
    """The number of a line whose checksum fits, or 0; what fits its checksum is what a writer wrote."""
    body, _, crc = line.rpartition(b"\t")
    if crc != b"%08x" % crc32(body) or body.count(b"\t") + 2 not in COUNTS:
        return 0
    number = body[: body.index(b"\t")]
    return int(number) if number.isdigit() else 0
