"""The published lists that lie beside the repository, and publishers that serve whatever a test tells them."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from darbaza.catalogue.fetch import Patience, Publishers
from tests.catalogue.publisher import Publisher, serving

PUBLISHED = Path(__file__).parents[3] / "shared" / "data" / "lists"
IMPATIENT = Patience(silence=2.0, headers=1.0, look=0.4, slowest=200, pauses=(0.0,))


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


@pytest.fixture
def publisher(tmp_path: Path) -> Iterator[Publisher]:
    """A publisher on this machine."""
    with serving(tmp_path / "publisher") as made:
        yield made


@pytest.fixture
def publishers(publisher: Publisher) -> Iterator[Publishers]:
    """The line to it, with little patience."""
    line = Publishers(patience=IMPATIENT, tls=publisher.tls)
    yield line
    line.close()
