"""Only what a trusted key signed, as the kind it was signed as, is ever opened."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from darbaza.snapshot import envelope
from darbaza.snapshot.envelope import PRESENCE, SNAPSHOT, generate_key, seal, unseal
from darbaza.snapshot.errors import SnapshotError

OLD, NEW, STRANGER = generate_key(), generate_key(), generate_key()


@given(st.binary(max_size=300))
def test_what_was_sealed_is_opened(body: bytes) -> None:
    assert unseal(SNAPSHOT, seal(SNAPSHOT, body, OLD), [OLD.public_key()]) == body


@pytest.mark.bypass("L13")
def test_while_a_key_changes_old_and_new_boxes_both_open_it() -> None:
    sealed = seal(SNAPSHOT, b"body", [OLD, NEW])
    assert unseal(SNAPSHOT, sealed, [OLD.public_key()]) == b"body"
    assert unseal(SNAPSHOT, sealed, [NEW.public_key()]) == b"body"


@pytest.mark.bypass("L13")
def test_a_stranger_s_signature_opens_nothing() -> None:
    with pytest.raises(SnapshotError, match="none of which this box trusts"):
        unseal(SNAPSHOT, seal(SNAPSHOT, b"body", STRANGER), [OLD.public_key(), NEW.public_key()])


@pytest.mark.bypass("L13")
def test_a_box_without_keys_opens_nothing() -> None:
    with pytest.raises(SnapshotError, match="none of which"):
        unseal(SNAPSHOT, seal(SNAPSHOT, b"body", OLD), [])


def test_a_presence_does_not_pass_as_a_snapshot() -> None:
    with pytest.raises(SnapshotError, match="this is a `presence`"):
        unseal(SNAPSHOT, seal(PRESENCE, b"body", OLD), [OLD.public_key()])


def rewritten(sealed: bytes, old: bytes, new: bytes) -> bytes:
    """An envelope changed by somebody who makes the checksum fit again."""
    changed = sealed[: -envelope.DIGEST].replace(old, new, 1)
    return changed + envelope.hashlib.sha256(changed).digest()


def test_the_kind_is_part_of_what_is_signed() -> None:
    forged = rewritten(seal(PRESENCE, b"body", OLD), b"presence", b"snapshot")
    with pytest.raises(SnapshotError, match=r"signature under key .* is wrong"):
        unseal(SNAPSHOT, forged, [OLD.public_key()])


def test_a_changed_body_with_a_fitting_checksum_is_refused() -> None:
    forged = rewritten(seal(SNAPSHOT, b"allow bek", OLD), b"allow bek", b"allow nur")
    with pytest.raises(SnapshotError, match="is wrong"):
        unseal(SNAPSHOT, forged, [OLD.public_key()])


@pytest.mark.bypass("L13")
def test_one_wrong_signature_of_a_trusted_key_refuses_the_whole() -> None:
    sealed = seal(SNAPSHOT, b"body", [OLD, NEW])
    wrong = NEW.sign(b"another").hex().encode()
    right = envelope.take_apart(sealed).signatures[1][1].hex().encode()
    with pytest.raises(SnapshotError, match="is wrong"):
        unseal(SNAPSHOT, rewritten(sealed, right, wrong), [OLD.public_key(), NEW.public_key()])


@pytest.mark.bypass("L13")
def test_an_envelope_without_signatures_is_no_envelope() -> None:
    with pytest.raises(SnapshotError, match="no signed envelope"):
        unseal(SNAPSHOT, b"darbaza 1 snapshot 0 4\n\nbody" + bytes(32), [OLD.public_key()])


@given(st.binary(max_size=400))
def test_any_bytes_are_refused_and_nothing_else_is_raised(data: bytes) -> None:
    with pytest.raises(SnapshotError):
        unseal(SNAPSHOT, data, [OLD.public_key()])


@pytest.mark.parametrize("count", [0, 9])
def test_an_envelope_takes_one_to_eight_keys(count: int) -> None:
    with pytest.raises(SnapshotError, match="1 to 8 keys"):
        seal(SNAPSHOT, b"", [OLD] * count)


def test_a_key_file_may_hold_several_keys_and_comments(tmp_path: Path) -> None:
    path = tmp_path / "portal.pub"
    lines = ["# the portal's keys", envelope.public_line(OLD.public_key()), envelope.public_line(NEW.public_key()), ""]
    path.write_text("\n".join(lines))
    assert [envelope.key_id(key) for key in envelope.read_public_keys(path)] == [
        envelope.key_id(OLD.public_key()),
        envelope.key_id(NEW.public_key()),
    ]


@pytest.mark.parametrize("text", ["", "# none", "ed25519 short", "rsa AAAA", "ed25519 " + "A" * 43 + "=\x00"])
def test_a_key_file_with_anything_else_is_refused_by_name(tmp_path: Path, text: str) -> None:
    path = tmp_path / "portal.pub"
    path.write_text(text)
    with pytest.raises(SnapshotError, match=r"portal\.pub"):
        envelope.read_public_keys(path)


def test_a_missing_key_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(SnapshotError, match="nowhere"):
        envelope.read_public_keys(tmp_path / "nowhere")


def test_a_signing_key_is_written_for_its_owner_only_and_never_over_another(tmp_path: Path) -> None:
    path = tmp_path / "signing.pem"
    envelope.write_private_key(path, OLD)
    assert path.stat().st_mode & 0o777 == 0o600
    assert envelope.key_id(envelope.read_private_key(path).public_key()) == envelope.key_id(OLD.public_key())
    with pytest.raises(FileExistsError):
        envelope.write_private_key(path, NEW)


def test_a_file_that_is_no_signing_key_is_named(tmp_path: Path) -> None:
    path = tmp_path / "signing.pem"
    path.write_text("nonsense")
    with pytest.raises(SnapshotError, match=r"signing\.pem"):
        envelope.read_private_key(path)
