"""One street for all tests of a file."""

from collections.abc import Iterator

import pytest

from tests.engines.nftables.bed import Street


@pytest.fixture(scope="module")
def built() -> Iterator[Street]:
    street = Street()
    try:
        yield street
    finally:
        street.close()


@pytest.fixture
def street(built: Street) -> Street:
    built.apply()
    built.wire.heard()
    return built
