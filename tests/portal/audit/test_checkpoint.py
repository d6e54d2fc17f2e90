"""Checkpoints: what paper bears of the chain, read again from a QR code or from somebody's typing."""

import contextlib
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from hypothesis import given
from hypothesis import strategies as st

from darbaza.portal import codes
from darbaza.portal.audit import checkpoint
from darbaza.portal.audit.checkpoint import Checkpoint, CheckpointError
from darbaza.portal.audit.models import AuditEntry, ChainHead
from tests.portal.audit.test_chain import tamper, write
from tests.portal.conftest import AT

numbers = st.integers(0, 2**63 - 1)
digests = st.binary(min_size=32, max_size=32).map(bytes.hex)


@given(st.binary(min_size=1, max_size=120))
def test_bytes_are_read_as_they_were_written(data: bytes) -> None:
    length = -(-len(data) * 8 // 5)
    assert codes.bytes_of(codes.written(data, length), len(data)) == data


def test_a_code_is_read_however_it_is_typed() -> None:
    typed = "k7qf 3м9т-ха2d\u2011О1Il"
    assert codes.normal(typed) == "k7qf3m9txa2d0111"


@given(numbers, digests)
def test_both_forms_name_the_entry_they_were_made_of(number: int, digest: str) -> None:
    made = Checkpoint(number, digest, AT)
    long, short = checkpoint.read(made.signed()), checkpoint.read(made.short())
    assert (long.mark, long.at, long.genuine) == ((number, digest), AT, True)
    assert short.mark.number == number
    assert digest.startswith(short.mark.begins)
    assert (len(short.mark.begins), short.genuine) == (20, None)


@given(numbers, digests, st.integers(0, 179), st.sampled_from(codes.ALPHABET))
def test_a_long_form_with_one_character_changed_is_not_genuine(
    number: int, digest: str, place: int, other: str
) -> None:
    code = Checkpoint(number, digest, AT).signed()
    forged = code[:place] + other + code[place + 1 :]
    if codes.bytes_of(forged, 112) == codes.bytes_of(code, 112):
        return
    with contextlib.suppress(CheckpointError):  # an instant that no calendar has
        assert checkpoint.read(forged).genuine is False


@pytest.mark.parametrize("slip", ["", "-", "12", "=", "1-K7QF", "1284-K7QF-3M9T-XA2D-8WQP-ZZ", "§" * 180, "u" * 180])
def test_what_is_no_checkpoint_is_refused_in_words(slip: str) -> None:
    with pytest.raises(CheckpointError):
        checkpoint.read(slip)


def test_a_slip_of_the_finger_is_no_rewritten_chain() -> None:
    short = Checkpoint(1284, "0123456789abcdef" * 4, AT).short()
    for slip in (short.replace("1284", "1248"), short[:6] + short[7] + short[6] + short[8:], short[:-1] + "0"):
        with pytest.raises(CheckpointError, match="is no checkpoint"):
            checkpoint.read(slip)


@pytest.mark.django_db
def test_the_command_prints_a_checkpoint_and_finds_it_again() -> None:
    write(4)
    out = StringIO()
    call_command("audit", "checkpoint", stdout=out)
    short, long, key = out.getvalue().split("\n")[:3]
    assert key == f"key {checkpoint.key_name()}"
    write(2)
    call_command("audit", "verify", "--checkpoint", short, "--checkpoint", long, stdout=out)
    assert "6 entries hold" in out.getvalue()
    assert "2 noted on paper stand" in out.getvalue()


@pytest.mark.django_db
def test_a_cut_tail_shows_against_a_checkpoint_even_if_the_head_was_set_back() -> None:
    write(5)
    paper = checkpoint.of_entry(AuditEntry.objects.get(number=5)).short()
    digest = AuditEntry.objects.get(number=4).digest
    tamper("DELETE FROM audit_auditentry WHERE number = 5")
    tamper("UPDATE audit_chainhead SET number = 4, digest = %s", digest)
    call_command("audit", "verify", stdout=StringIO())
    with pytest.raises(CommandError, match="entry `5` and all after it are cut off; entries up to 4 hold"):
        call_command("audit", "verify", "--checkpoint", paper, stdout=StringIO())


@pytest.mark.django_db
def test_an_entry_past_the_head_is_found() -> None:
    write(3)
    digest = AuditEntry.objects.get(number=2).digest
    tamper("UPDATE audit_chainhead SET number = 2, digest = %s", digest)
    with pytest.raises(CommandError, match="entry `3` was added past the head"):
        call_command("audit", "verify", stdout=StringIO())


@pytest.mark.django_db
def test_a_checkpoint_of_another_portal_is_not_taken() -> None:
    write(1)
    code = checkpoint.of_entry(AuditEntry.objects.get()).signed()
    forged = ("0" if code[-5] != "0" else "1").join((code[:-5], code[-4:]))
    with pytest.raises(CommandError, match="is not signed by the key of this portal"):
        call_command("audit", "verify", "--checkpoint", forged, stdout=StringIO())


@pytest.mark.django_db
def test_a_portal_without_acts_has_nothing_to_note() -> None:
    assert not ChainHead.objects.filter(number__gt=0).exists()
    with pytest.raises(CommandError, match="no entry yet"):
        call_command("audit", "checkpoint", stdout=StringIO())


@pytest.mark.django_db
@pytest.mark.parametrize("text", ["12", ":ab", "x:ab"])
def test_an_entry_that_is_written_wrongly_is_refused(text: str) -> None:
    with pytest.raises(CommandError, match="write its number, a colon and its digest"):
        call_command("audit", "verify", "--expect", text, stdout=StringIO())
