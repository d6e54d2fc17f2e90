"""The portal's keys change: the next is learnt from the one before, in order, and a retired one never comes back."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from darbaza.policy.rulebook import LessonException
from darbaza.snapshot import codec, keyring
from darbaza.snapshot.envelope import PRESENCE, SNAPSHOT, PrivateKey, generate_key, public_line, read_public_keys, seal
from darbaza.snapshot.errors import SnapshotError
from darbaza.snapshot.keyring import KEYRING, Keyring, change_keys, follow, parse_keyring, read_keyring
from darbaza.snapshot.store import PRESENCE_FILE, PREVIOUS_FILE, SNAPSHOT_FILE, SnapshotStore
from darbaza.snapshot.store import read_presence as presence_in
from darbaza.snapshot.store import read_rulebook as rulebook_in
from tests.snapshot.strategies import ORDER, school
from tests.snapshot.test_presence import lively

pytestmark = pytest.mark.bypass("L13")
SINCE = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)
OLD, NEXT, THIRD, STRANGER = (generate_key() for _ in range(4))


def change(number: int, trusted: list[PrivateKey], signers: list[PrivateKey]) -> bytes:
    return seal(KEYRING, Keyring(number, tuple(key.public_key() for key in trusted)).text().encode(), signers)


BOTH, ALONE = change(1, [OLD, NEXT], [OLD, NEXT]), change(2, [NEXT], [OLD, NEXT])
LATER = [change(3, [NEXT, THIRD], [NEXT, THIRD]), change(4, [THIRD], [NEXT, THIRD])]


def now_by(*signers: PrivateKey) -> tuple[bytes, bytes]:
    rules, present = codec.encode(school(7)), codec.encode_presence(lively(3))
    return seal(SNAPSHOT, rules, signers), seal(PRESENCE, present, signers)


@pytest.fixture
def key_file(tmp_path: Path) -> Path:
    path = tmp_path / "portal.pub"
    path.write_text(public_line(OLD.public_key()) + "\n")
    return path


@pytest.fixture
def store(tmp_path: Path) -> SnapshotStore:
    made = SnapshotStore(tmp_path / "run", [OLD.public_key()])
    rules, present = now_by(OLD)
    made.accept(rules)
    made.accept_presence(present)
    return made


def trusted(path: Path) -> tuple[int, set[str]]:
    found = read_keyring(path)
    return found.number, set(found.names)


def names(*keys: PrivateKey) -> set[str]:
    return set(Keyring(0, tuple(key.public_key() for key in keys)).names)


def test_a_box_goes_from_the_old_key_over_both_to_the_new_one(store: SnapshotStore, key_file: Path) -> None:
    change_keys(store, key_file, [BOTH], now_by(OLD, NEXT))
    assert trusted(key_file) == (1, names(OLD, NEXT))
    change_keys(store, key_file, [ALONE], now_by(NEXT))
    assert trusted(key_file) == (2, names(NEXT))
    with pytest.raises(SnapshotError, match="none of which this box trusts"):
        store.accept(seal(SNAPSHOT, codec.encode(school(8)), OLD))
    assert store.accept(seal(SNAPSHOT, codec.encode(school(8)), NEXT)).revision == 8
    assert SnapshotStore(store.directory, read_public_keys(key_file)).complaints == []


def test_a_box_that_was_away_for_two_changes_of_keys_recovers_at_once(store: SnapshotStore, key_file: Path) -> None:
    change_keys(store, key_file, [BOTH, ALONE, *LATER], now_by(THIRD))
    assert trusted(key_file) == (4, names(THIRD))
    again = SnapshotStore(store.directory, read_public_keys(key_file))
    assert (again.revision, again.sequence, again.complaints) == (7, 3, [])


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ([ALONE, BOTH], "not newer"),
        ([BOTH, ALONE, BOTH], "not newer"),
        ([LATER[0]], "none of which this box trusts"),
        ([change(1, [OLD, STRANGER], [STRANGER])], "none of which this box trusts"),
        ([change(1, [STRANGER], [OLD])], "none of which this box trusts"),
        ([change(1, [OLD, NEXT], [STRANGER, NEXT])], "none of which this box trusts"),
        ([BOTH[:-40]], "damaged"),
        ([b""], "no signed envelope"),
        ([seal(SNAPSHOT, b"keyring 1\n", OLD)], "`snapshot` where a `keyring` is wanted"),
        ([seal(KEYRING, b"\xff", OLD)], "no text"),
        ([seal(KEYRING, b"keyring 1\n", OLD)], "holds no key"),
        ([change(0, [OLD, NEXT], [OLD, NEXT])], "not newer"),
    ],
)
def test_a_wrong_missing_foreign_or_retired_key_changes_nothing(
    store: SnapshotStore, key_file: Path, changes: list[bytes], reason: str
) -> None:
    before = key_file.read_bytes()
    with pytest.raises(SnapshotError, match=reason):
        change_keys(store, key_file, changes, now_by(NEXT))
    assert key_file.read_bytes() == before
    assert rulebook_in(store.directory / SNAPSHOT_FILE, [OLD.public_key()]).revision == 7


def test_one_wrong_signature_under_a_trusted_name_refuses_the_change() -> None:
    sealed = bytearray(change(1, [OLD, NEXT], [OLD, NEXT]))
    start = sealed.index(b" ", sealed.index(b"\n")) + 1
    sealed[start] = ord("1") if sealed[start] != ord("1") else ord("2")
    with pytest.raises(SnapshotError):
        follow(Keyring(0, (OLD.public_key(),)), [bytes(sealed)])


@pytest.mark.parametrize("sealed", [now_by(STRANGER), now_by(OLD)[::-1], (b"", b"")])
def test_without_rules_by_the_new_key_the_old_one_is_trusted_on(
    store: SnapshotStore, key_file: Path, sealed: tuple[bytes, bytes]
) -> None:
    with pytest.raises(SnapshotError):
        change_keys(store, key_file, [BOTH, ALONE], sealed)
    assert trusted(key_file) == (0, names(OLD, NEXT))
    assert rulebook_in(store.directory / SNAPSHOT_FILE, read_public_keys(key_file)).revision == 7
    change_keys(store, key_file, [BOTH, ALONE], now_by(NEXT))
    assert trusted(key_file) == (2, names(NEXT))


@pytest.mark.parametrize("survives", range(8))
def test_wherever_a_power_cut_falls_the_key_file_opens_what_lies_there(
    store: SnapshotStore, key_file: Path, monkeypatch: pytest.MonkeyPatch, survives: int
) -> None:
    written = 0

    def write(path: Path, data: bytes, mode: int = 0o640) -> None:
        nonlocal written
        if written == survives:
            raise OSError("the power is cut")
        written += 1
        path.write_bytes(data)

    monkeypatch.setattr(keyring, "write_atomically", write)
    monkeypatch.setattr("darbaza.snapshot.store.write_atomically", write)
    try:
        change_keys(store, key_file, [BOTH, ALONE], now_by(NEXT))
    except OSError:
        assert written == survives
    else:
        assert written == 5
    keys = read_public_keys(key_file)
    assert rulebook_in(store.directory / SNAPSHOT_FILE, keys).revision == 7
    assert presence_in(store.directory / PRESENCE_FILE, keys).sequence == 3


def test_the_rules_before_are_not_left_under_a_key_that_is_worth_nothing(store: SnapshotStore, key_file: Path) -> None:
    change_keys(store, key_file, [BOTH, ALONE], now_by(NEXT))
    (store.directory / SNAPSHOT_FILE).write_bytes(b"damaged")
    assert rulebook_in(store.directory / PREVIOUS_FILE, [NEXT.public_key()]).revision == 7
    assert SnapshotStore(store.directory, read_public_keys(key_file)).revision == 7


def test_rules_of_the_same_number_and_another_content_are_refused(store: SnapshotStore, key_file: Path) -> None:
    extra = LessonException("today", "r1", SINCE, SINCE + timedelta(hours=1), ORDER)
    other = seal(SNAPSHOT, codec.encode(replace(school(7), exceptions=(extra,))), NEXT)
    with pytest.raises(SnapshotError, match="another one"):
        change_keys(store, key_file, [BOTH, ALONE], (other, now_by(NEXT)[1]))


@pytest.mark.parametrize("text", ["", "keyring 1\n", "keyring 0\ned25519 x\n", "keyring 1\nkeyring 2\n"])
def test_a_key_file_that_cannot_be_read_is_refused(text: str) -> None:
    with pytest.raises(SnapshotError):
        parse_keyring(text)


def test_more_keys_than_four_are_not_trusted_at_once() -> None:
    with pytest.raises(SnapshotError, match="at most 4"):
        parse_keyring("".join(f"{public_line(generate_key().public_key())}\n" for _ in range(5)))
