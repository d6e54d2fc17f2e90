"""Cut off from the portal, a lesson lives until its own end if its supervisor was there, and never longer."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from darbaza.snapshot.cutoff import (
    CUT_OFF_FILE,
    clear_cut_off,
    cut_off_since,
    note_cut_off,
    outlasting,
    read_cut_off,
)
from darbaza.snapshot.errors import SnapshotError
from tests.snapshot.strategies import MONDAY, lesson, lively

LEASE = MONDAY + timedelta(minutes=2)
LEASED = replace(lively(), sessions=(lesson(lease_until=LEASE),))


def test_a_lesson_whose_supervisor_was_there_lives_until_its_end() -> None:
    session = outlasting(LEASED, LEASE - timedelta(seconds=1)).sessions[0]
    assert session.lease_until == session.ends == lesson().ends


def test_a_lesson_whose_lease_had_run_out_stays_closed() -> None:
    assert outlasting(LEASED, LEASE) == LEASED


def test_with_a_portal_nothing_changes() -> None:
    assert outlasting(LEASED, None) is LEASED


def test_the_note_is_left_read_and_taken_away(tmp_path: Path) -> None:
    note_cut_off(tmp_path, MONDAY)
    assert cut_off_since(tmp_path) == MONDAY
    assert clear_cut_off(tmp_path)
    assert not clear_cut_off(tmp_path)
    assert cut_off_since(tmp_path) is None


@pytest.mark.parametrize(
    "note", [b"", b"{}", b"\xff", b'{"last_contact":"soon"}', b'{"last_contact":"2026-09-07T04:00:00"}']
)
def test_a_damaged_note_lengthens_no_lease(tmp_path: Path, note: bytes) -> None:
    (tmp_path / CUT_OFF_FILE).write_bytes(note)
    with pytest.raises(SnapshotError, match="leases run out as usual"):
        read_cut_off(tmp_path / CUT_OFF_FILE)
    assert cut_off_since(tmp_path) is None
