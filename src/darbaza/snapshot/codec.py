"""Canonical bytes of a rulebook and of a presence: equal values give equal bytes, and each byte string one value.

JSON, fields in the order of their declaration, sets sorted, instants in UTC. Decoding refuses whatever encoding would
not have written, now or in an earlier form (`forms`): an unknown field, another order, a blank too many. So a signature
covers one meaning.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import fields, is_dataclass, replace
from datetime import UTC, datetime
from itertools import islice
from typing import Any, TypeVar

import msgspec

from darbaza.policy.rulebook import Rulebook
from darbaza.snapshot.checks import problems_of_presence, problems_of_rulebook
from darbaza.snapshot.errors import SnapshotError
from darbaza.snapshot.forms import earlier_forms
from darbaza.snapshot.presence import Presence

MAX_RULEBOOK_BYTES = 64 * 1024 * 1024
MAX_PRESENCE_BYTES = 8 * 1024 * 1024
REASONS_SHOWN = 5
REVISION = b'{"revision":'

T = TypeVar("T")


def encode(rulebook: Rulebook) -> bytes:
    """The canonical bytes of a rulebook. Raises SnapshotError if it would be refused by `decode`."""
    return _encode("rulebook", rulebook, problems_of_rulebook, MAX_RULEBOOK_BYTES)


def decode(data: bytes) -> Rulebook:
    """The rulebook in canonical bytes, of this form or an earlier one.

    Raises SnapshotError with all reasons (the first five are spelled out).
    """
    return _decode("rulebook", data, Rulebook, problems_of_rulebook, MAX_RULEBOOK_BYTES, earlier_forms)


def renumbered(data: bytes, revision: int) -> bytes:
    """The canonical bytes of a rulebook under another revision, which stands first in them.

    Raises SnapshotError for bytes that `encode` did not make, and for a number that is none.
    """
    head, comma, rest = data.partition(b",")
    if revision < 1 or not (head.startswith(REVISION) and head[len(REVISION) :].isdigit() and comma):
        raise SnapshotError(f"there is no rulebook that could become revision `{revision}`")
    return REVISION + str(revision).encode() + comma + rest


def encode_presence(presence: Presence) -> bytes:
    """The canonical bytes of a presence. Raises SnapshotError if it would be refused by `decode_presence`."""
    return _encode("presence", presence, problems_of_presence, MAX_PRESENCE_BYTES)


def decode_presence(data: bytes) -> Presence:
    """The presence in canonical bytes. Raises SnapshotError with the reasons."""
    return _decode("presence", data, Presence, problems_of_presence, MAX_PRESENCE_BYTES)


def canonical(value: Any) -> Any:
    """The same value with its tuples sorted and its instants in UTC, however its maker ordered them.

    The order of a rulebook's or a presence's tuples means nothing anywhere, so sorting them loses nothing.
    """
    if isinstance(value, datetime):
        return _in_utc(value)
    if isinstance(value, tuple):
        return tuple(sorted(map(canonical, value), key=_raw))
    if is_dataclass(value) and not isinstance(value, type):
        return type(value)(**{field.name: canonical(getattr(value, field.name)) for field in fields(value)})
    return value


def _in_utc(at: datetime) -> datetime:
    if at.utcoffset() is None:
        raise SnapshotError(f"instant `{at.isoformat()}` has no time zone; give an aware one")
    return at if at.tzinfo is UTC else at.astimezone(UTC)


def _raw(value: Any) -> bytes:
    return msgspec.json.encode(value, order="deterministic")


def _encode(name: str, value: T, problems: Any, limit: int) -> bytes:
    value = canonical(value)
    _refuse(name, problems(value))
    try:
        data = _raw(value)
    except (UnicodeEncodeError, TypeError, ValueError) as error:
        raise SnapshotError(f"the {name} can't be written: {error}") from error
    _check_size(name, data, limit)
    return data


def _decode(
    name: str,
    data: bytes,
    kind: type[T],
    problems: Any,
    limit: int,
    earlier: Callable[[T], Iterable[bytes]] = lambda _: (),
) -> T:
    _check_size(name, data, limit)
    try:
        # Made anew: a decoded dataclass without slots lacks what its bytes lack, and keeps their order of fields.
        made: Any = msgspec.json.decode(data, type=kind)
        value: T = replace(made)
    except (msgspec.MsgspecError, UnicodeDecodeError, ValueError, RecursionError) as error:
        raise SnapshotError(f"the {name} can't be read: {error}") from error
    if _raw(value) != data and data not in earlier(value):
        raise SnapshotError(f"the {name} is not in canonical form; it was not written by this version's portal")
    _refuse(name, problems(value))
    return value


def _check_size(name: str, data: bytes, limit: int) -> None:
    if len(data) > limit:
        raise SnapshotError(f"the {name} has {len(data)} bytes; at most {limit} are taken")


def _refuse(name: str, problems: Iterator[str]) -> None:
    """Raise with the reasons, if there is any."""
    shown = list(islice(problems, REASONS_SHOWN))
    if shown:
        more = sum(1 for _ in problems)
        rest = f"; and {more} more" if more else ""
        raise SnapshotError(f"the {name} is refused: {'; '.join(shown)}{rest}")
