"""Random damages to a chain of entries, as whoever holds the database could do them, each with what must be found."""

from collections.abc import Callable
from datetime import timedelta
from random import Random
from typing import NamedTuple

from darbaza.portal.audit import canonical
from darbaza.portal.audit.chain import Head, Mark, Row, digest_of, walk
from tests.portal.conftest import AT

Rows = list[Row]


class Damaged(NamedTuple):
    """A chain after the damage, and the numbers of which one must be named; the least is the first bad entry."""

    rows: Rows
    head: Head
    first: range


def chain_of(length: int) -> Rows:
    """A sound chain."""
    rows: Rows = []
    previous = canonical.GENESIS
    for number in range(1, length + 1):
        at = AT + timedelta(seconds=number)
        rows.append(
            sealed(Row(number, at, f"test:thing:{number % 7}", "a" * 12, f"thing {number}", "{}", previous, ""))
        )
        previous = rows[-1].digest
    return rows


def sealed(row: Row) -> Row:
    """A row with the digest of its content."""
    return row._replace(digest=digest_of(row))


def head_of(rows: Rows) -> Head:
    """The head that belongs to some rows."""
    return Head(rows[-1].number, rows[-1].digest) if rows else Head(0, canonical.GENESIS)


def resealed(rows: Rows, first: int) -> Rows:
    """A chain reckoned anew from a place on: numbers, links and digests all fit."""
    made = rows[:first]
    for row in rows[first:]:
        previous = made[-1].digest if made else canonical.GENESIS
        made.append(sealed(row._replace(number=len(made) + 1, previous=previous)))
    return made


def changed(row: Row, random: Random) -> Row:
    """A row with one field changed, and its digest left alone."""
    other = {
        "at": row.at + timedelta(microseconds=random.randint(1, 10**12)),
        "act": row.act + "x",
        "by": random.choice(["", "b" * 12]),
        "subject": row.subject.swapcase(),
        "detail": '{"a":1}',
        "previous": f"{random.getrandbits(256):064x}",
        "digest": f"{random.getrandbits(256):064x}",
    }
    field = random.choice(sorted(other))
    return row._replace(**{field: other[field]})


def edit(rows: Rows, random: Random) -> Damaged:
    """One field of one entry."""
    place = random.randrange(len(rows))
    return Damaged([*rows[:place], changed(rows[place], random), *rows[place + 1 :]], head_of(rows), found_at(place))


def edit_and_seal(rows: Rows, random: Random) -> Damaged:
    """One entry with a digest that fits: it shows at the next, or at the head."""
    place = random.randrange(len(rows))
    forged = sealed(rows[place]._replace(subject="forged"))
    return Damaged([*rows[:place], forged, *rows[place + 1 :]], head_of(rows), range(place + 1, place + 3))


def delete(rows: Rows, random: Random) -> Damaged:
    """One entry or several in a row, not the last."""
    place = random.randrange(len(rows) - 1)
    end = random.randint(place + 1, len(rows) - 1)
    return Damaged(rows[:place] + rows[end:], head_of(rows), found_at(place))


def cut(rows: Rows, random: Random) -> Damaged:
    """The tail, the head left as it was."""
    place = random.randrange(len(rows))
    return Damaged(rows[:place], head_of(rows), found_at(place))


def reorder(rows: Rows, random: Random) -> Damaged:
    """Two entries change places and numbers."""
    one, other = sorted(random.sample(range(len(rows)), 2))
    made = list(rows)
    made[one], made[other] = rows[other]._replace(number=one + 1), rows[one]._replace(number=other + 1)
    return Damaged(made, head_of(rows), found_at(one))


def insert(rows: Rows, random: Random) -> Damaged:
    """A forged entry in between, all numbers after it moved on, links and digests left alone."""
    place = random.randrange(len(rows))
    previous = rows[place - 1].digest if place else canonical.GENESIS
    forged = sealed(Row(place + 1, AT, "test:thing:forge", "", "forged", "{}", previous, ""))
    later = [row._replace(number=row.number + 1) for row in rows[place:]]
    return Damaged([*rows[:place], forged, *later], head_of(rows), range(place + 1, place + 3))


def add(rows: Rows, random: Random) -> Damaged:
    """Entries past the head."""
    forged = [row._replace(subject="forged") for row in rows[-random.randint(1, 9) :]]
    return Damaged(resealed(rows + forged, len(rows)), head_of(rows), found_at(len(rows)))


PLAIN: tuple[Callable[[Rows, Random], Damaged], ...] = (edit, edit_and_seal, delete, cut, reorder, insert, add)
"""Damages that the chain shows by itself."""


def rewrite(rows: Rows, random: Random) -> Damaged:
    """An entry changed, or taken out, and everything after it reckoned anew, the head as well."""
    place = random.randrange(len(rows))
    kept = random.random() < 0.5
    instead = [rows[place]._replace(subject="forged")] if kept else []
    made = resealed(rows[:place] + instead + rows[place + 1 :], place)
    return Damaged(made, head_of(made), range(place + 1, len(rows) + 1))


def cut_with_head(rows: Rows, random: Random) -> Damaged:
    """The tail, and the head set back to fit."""
    place = random.randrange(len(rows))
    return Damaged(rows[:place], head_of(rows[:place]), range(place + 1, len(rows) + 1))


def rebuild(rows: Rows, _random: Random) -> Damaged:
    """The whole chain from its first entry, every digest new."""
    made = resealed([row._replace(by="z" * 12) for row in rows], 0)
    return Damaged(made, head_of(made), range(1, len(rows) + 1))


HIDDEN = (rewrite, cut_with_head, rebuild)
"""Damages that fit in themselves: they show against paper only."""


def found_at(place: int) -> range:
    """The one entry that must be named, given where it stood in the list."""
    return range(place + 1, place + 2)


def is_found(damaged: Damaged, marks: tuple[Mark, ...] = ()) -> bool:
    """Whether the walk names one of the entries that it must name."""
    check = walk(damaged.rows, damaged.head, marks)
    return not check.intact and check.number in damaged.first
