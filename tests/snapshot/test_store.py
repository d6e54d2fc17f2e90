"""Damaged, unsigned, older or senseless bundles are never activated, and the last good one stays."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from darbaza.policy.rulebook import Effect, Ruling
from darbaza.snapshot import codec, files
from darbaza.snapshot.envelope import PRESENCE, SNAPSHOT, generate_key, seal
from darbaza.snapshot.errors import SnapshotError
from darbaza.snapshot.store import (
    PRESENCE_FILE,
    PREVIOUS_FILE,
    SEEN_FILE,
    SNAPSHOT_FILE,
    SnapshotStore,
    read_rulebook,
)
from tests.snapshot.strategies import COUNCIL, lesson, lively, school

KEY, STRANGER = generate_key(), generate_key()
TRUSTED = (KEY.public_key(),)
NOTHING_IN_FORCE = "no rulebook is in force: nothing is let through until the portal sends one"


def sealed(revision: int) -> bytes:
    return seal(SNAPSHOT, codec.encode(school(revision)), KEY)


def sealed_presence(sequence: int) -> bytes:
    return seal(PRESENCE, codec.encode_presence(lively(sequence)), KEY)


@pytest.fixture
def store(tmp_path: Path) -> SnapshotStore:
    store = SnapshotStore(tmp_path, TRUSTED)
    store.accept(sealed(7))
    store.accept_presence(sealed_presence(3))
    return store


def test_a_newer_snapshot_is_activated_and_found_again_at_the_next_start(store: SnapshotStore) -> None:
    assert store.accept(sealed(8)).revision == 8
    again = SnapshotStore(store.directory, TRUSTED)
    assert (again.revision, again.sequence, again.complaints) == (8, 3, [])
    assert again.rulebook == codec.canonical(school(8))


def bit_flips(data: bytes) -> Iterator[bytes]:
    step = max(1, len(data) // 400)
    for position in [*range(350), *range(350, len(data) - 32, step), *range(len(data) - 32, len(data))]:
        yield data[:position] + bytes([data[position] ^ 1 << position % 8]) + data[position + 1 :]


def cuts(data: bytes) -> Iterator[bytes]:
    yield from (data[:length] for length in range(0, len(data), max(1, len(data) // 150)))
    yield from (data[length:] for length in (1, 20, 100))
    yield data + b"\0"


def senseless() -> Iterator[bytes]:
    """Bodies that a trusted key signed and that must not be activated all the same."""
    body = codec.encode(school(8))
    yield from (b"", b"{}", b"[]", b"\0", body + b" ", body.replace(b"Asia/Bishkek", b"Asia/Atlantis"))
    yield body.replace(b'"weekday":0', b'"weekday":8')
    yield body.replace(b'"revision":8', b'"revision":"8"')
    yield json.dumps(json.loads(body)).encode()
    both = replace(school(8), rulings=(Ruling("students", Effect.ALLOW, COUNCIL, category="news"),))
    yield codec.encode(both).replace(b'"category":"news"', b'"category":""')


def damaged_bundles() -> Iterator[bytes]:
    good = sealed(8)
    yield from bit_flips(good)
    yield from cuts(good)
    yield from (seal(SNAPSHOT, body, KEY) for body in senseless())
    yield seal(SNAPSHOT, codec.encode(school(8)), STRANGER)
    yield seal(PRESENCE, codec.encode(school(8)), KEY)
    yield codec.encode(school(8))
    yield from (sealed(revision) for revision in range(1, 8))


@pytest.mark.bypass("L13")
def test_of_many_hundred_damaged_bundles_none_is_activated_and_each_has_its_reason(store: SnapshotStore) -> None:
    before = (store.directory / SNAPSHOT_FILE).read_bytes()
    count = 0
    for bundle in damaged_bundles():
        with pytest.raises(SnapshotError) as refused:
            store.accept(bundle)
        assert len(str(refused.value)) > 20
        count += 1
    assert count > 800
    assert store.revision == 7
    assert (store.directory / SNAPSHOT_FILE).read_bytes() == before
    assert store.accept(sealed(8)).revision == 8


@pytest.mark.bypass("L12")
def test_a_replayed_snapshot_is_refused_after_a_restart_too(store: SnapshotStore) -> None:
    store.accept(sealed(9))
    again = SnapshotStore(store.directory, TRUSTED)
    for revision in (7, 8, 9):
        with pytest.raises(SnapshotError, match=f"`r{revision}` is not newer than `r9`"):
            again.accept(sealed(revision))


@pytest.mark.bypass("L12")
def test_a_replayed_presence_is_refused(store: SnapshotStore) -> None:
    store.accept_presence(sealed_presence(4))
    for sequence in (3, 4):
        with pytest.raises(SnapshotError, match=f"presence `{sequence}` is not newer than `4`"):
            store.accept_presence(sealed_presence(sequence))


def test_of_many_damaged_presences_none_is_taken(store: SnapshotStore) -> None:
    good = sealed_presence(4)
    for bundle in [*bit_flips(good), *cuts(good), seal(PRESENCE, b"{}", KEY), seal(PRESENCE, b"", STRANGER)]:
        with pytest.raises(SnapshotError):
            store.accept_presence(bundle)
    assert store.presence == codec.canonical(lively(3))


@pytest.mark.parametrize("length", [0, 1, 50, 400])
def test_a_snapshot_cut_on_the_disk_falls_back_to_the_one_before(store: SnapshotStore, length: int) -> None:
    store.accept(sealed(8))
    path = store.directory / SNAPSHOT_FILE
    path.write_bytes(path.read_bytes()[:length])
    again = SnapshotStore(store.directory, TRUSTED)
    assert again.revision == 7
    assert "fell back to `r7`" in again.complaints
    assert read_rulebook(path, TRUSTED).revision == 7


@pytest.mark.bypass("L12")
def test_after_a_fall_back_the_lost_revision_is_taken_again_but_none_before_it(store: SnapshotStore) -> None:
    store.accept(sealed(9))
    (store.directory / SNAPSHOT_FILE).write_bytes(b"")
    again = SnapshotStore(store.directory, TRUSTED)
    assert again.revision == 7
    with pytest.raises(SnapshotError, match="not newer than `r9`"):
        again.accept(sealed(8))
    assert again.accept(sealed(9)).revision == 9


def test_with_both_snapshots_damaged_the_box_starts_with_none(store: SnapshotStore) -> None:
    store.accept(sealed(8))
    for name in (SNAPSHOT_FILE, PREVIOUS_FILE):
        (store.directory / name).write_bytes(b"junk")
    again = SnapshotStore(store.directory, TRUSTED)
    assert again.rulebook is None
    assert [complaint.split("`")[1] for complaint in again.complaints[:2]] == [SNAPSHOT_FILE, PREVIOUS_FILE]
    assert again.complaints[2:] == [NOTHING_IN_FORCE]


def test_what_is_missing_is_named(store: SnapshotStore) -> None:
    for name in (SNAPSHOT_FILE, PRESENCE_FILE):
        (store.directory / name).unlink()
    again = SnapshotStore(store.directory, TRUSTED)
    assert again.complaints == [
        f"`{SNAPSHOT_FILE}` is missing",
        NOTHING_IN_FORCE,
        f"`{PRESENCE_FILE}` is missing, nobody is bound until the portal sends it",
    ]


def test_a_box_that_fell_back_is_behind_until_the_newer_rulebook_is_there_again(store: SnapshotStore) -> None:
    store.accept(sealed(8))
    (store.directory / SNAPSHOT_FILE).unlink()
    again = SnapshotStore(store.directory, TRUSTED)
    assert again.complaints == [f"`{SNAPSHOT_FILE}` is missing", "fell back to `r7`"]
    assert again.is_behind
    again.accept(sealed(8))
    assert not again.is_behind


def test_a_damaged_presence_binds_nobody_rather_than_somebody_of_before(store: SnapshotStore) -> None:
    store.accept_presence(sealed_presence(4))
    (store.directory / PRESENCE_FILE).write_bytes(sealed_presence(4)[:-1])
    again = SnapshotStore(store.directory, TRUSTED)
    assert again.presence is None
    with pytest.raises(SnapshotError, match="not newer than `4`"):
        again.accept_presence(sealed_presence(3))
    assert again.accept_presence(sealed_presence(4)).sequence == 4


@pytest.mark.bypass("L12")
def test_a_lost_memory_of_numbers_still_refuses_what_is_older_than_what_is_in_force(store: SnapshotStore) -> None:
    (store.directory / SEEN_FILE).write_text("{broken")
    again = SnapshotStore(store.directory, TRUSTED)
    assert any(SEEN_FILE in complaint for complaint in again.complaints)
    with pytest.raises(SnapshotError, match="not newer"):
        again.accept(sealed(6))


@pytest.mark.bypass("L13")
def test_a_box_that_trusts_another_key_uses_nothing_of_what_lies_there(store: SnapshotStore) -> None:
    again = SnapshotStore(store.directory, (STRANGER.public_key(),))
    assert again.rulebook is None
    assert again.presence is None


def test_a_disk_that_refuses_leaves_everything_as_it_was(store: SnapshotStore, monkeypatch: pytest.MonkeyPatch) -> None:
    before = (store.directory / SNAPSHOT_FILE).read_bytes()

    def full(path: Path, data: bytes, mode: int) -> None:
        path.write_bytes(data[:10])
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(files, "write_through", full)
    with pytest.raises(OSError, match="No space"):
        store.accept(sealed(8))
    assert store.revision == 7
    assert (store.directory / SNAPSHOT_FILE).read_bytes() == before
    assert not [path for path in store.directory.iterdir() if path.suffix == ".new"]


def test_paused_students_and_scenes_reach_the_box(store: SnapshotStore) -> None:
    presence = replace(lively(5), sessions=(lesson(paused=frozenset({"bek"}), scene=()),))
    taken = store.accept_presence(seal(PRESENCE, codec.encode_presence(presence), KEY))
    assert taken.sessions[0].paused == {"bek"}
    assert taken.sessions[0].scene == ()
