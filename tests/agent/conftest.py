"""A portal that answers and stops with the test."""

from collections.abc import AsyncIterator

import pytest

from tests.agent.box import FakePortal


@pytest.fixture
async def portal() -> AsyncIterator[FakePortal]:
    portal = FakePortal()
    await portal.start()
    yield portal
    await portal.stop()
