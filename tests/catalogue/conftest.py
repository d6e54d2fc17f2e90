"""The published lists that lie beside the repository; a test that needs them fails clearly without them."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

PUBLISHED = Path(__file__).parents[3] / "shared" / "data" / "lists"


@pytest.fixture(scope="session")
def published() -> Path:
    """The folder of real lists."""
    if not PUBLISHED.is_dir():
        pytest.fail(f"the published lists are missing: put them into {PUBLISHED}")
    return PUBLISHED


@pytest.fixture
def at() -> datetime:
    """The instant at which lists are taken in."""
    return datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
