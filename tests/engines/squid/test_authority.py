"""The school's certificate: made once, and never used when damaged."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from darbaza.engines.base import EngineError
from darbaza.engines.squid.authority import make_authority

NOW = datetime(2026, 9, 1, tzinfo=UTC)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    found = tmp_path / "authority.pem"
    make_authority(found, "Invented school", NOW)
    return found


def test_a_certificate_is_made_once(path: Path):
    before = path.read_bytes()
    make_authority(path, "Invented school", NOW)
    assert path.read_bytes() == before


def test_whatever_damages_it_is_told_with_the_file_and_the_remedy(path: Path):
    whole = path.read_bytes()
    lines = whole.splitlines(keepends=True)
    other = path.with_name("other.pem")
    make_authority(other, "Another school", NOW)
    own, foreign = (one.read_bytes().split(b"-----BEGIN PRIVATE") for one in (path, other))
    damaged = [b"", whole[: len(whole) // 2], b"".join(lines[:-3]), own[0] + b"-----BEGIN PRIVATE" + foreign[1]]
    letter = whole.index(b"\n", 200) - 5
    damaged.append(whole[:letter] + bytes([whole[letter] ^ 1]) + whole[letter + 1 :])
    for data in damaged:
        path.write_bytes(data)
        with pytest.raises(EngineError, match=r"`.*authority\.pem` is damaged .*remove it"):
            make_authority(path, "Invented school", NOW)
