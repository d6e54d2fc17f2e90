"""What all tests of the portal share: the cast, the present, and the last entry of the audit."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest
from django.utils import translation

from darbaza.portal.audit.models import AuditEntry
from tests.people import Cast, make_cast

AT = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
"""Ten in the morning at the school."""


@pytest.fixture
def cast(db: None) -> Cast:
    """The school's people."""
    return make_cast()


@pytest.fixture
def at() -> datetime:
    """The instant of the acts."""
    return AT


@pytest.fixture(autouse=True)
def in_english() -> Iterator[None]:
    """Messages are compared in English, and no test leaves its language behind."""
    with translation.override("en"):
        yield


@pytest.fixture
def last_entry(db: None) -> Callable[[], AuditEntry]:
    """The latest entry of the audit."""

    def latest() -> AuditEntry:
        return AuditEntry.objects.order_by("-number")[0]

    return latest
