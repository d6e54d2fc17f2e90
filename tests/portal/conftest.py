"""What all tests of the portal share: the cast, the present, and the last entry of the audit."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection
from django.utils import translation

from darbaza.portal.audit.models import AuditEntry
from tests.people import Cast, make_cast

AT = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
"""Ten in the morning at the school."""


@pytest.fixture(scope="session", autouse=True)
def no_session_outlives_the_tests(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """PostgreSQL drops no database in which a thread of some test still sits."""
    yield
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            others = "datname = current_database() AND pid <> pg_backend_pid()"
            cursor.execute(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {others}")  # noqa: S608 - ours


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
