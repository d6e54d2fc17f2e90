"""One Squid for all tests of a module."""

from collections.abc import Iterator

import pytest

from tests.engines.squid.bed import Bed


@pytest.fixture(scope="module")
def running() -> Iterator[Bed]:
    bed = Bed("live")
    try:
        yield bed.start()
    finally:
        bed.stop()


@pytest.fixture
def bed(running: Bed) -> Bed:
    running.begin()
    return running
