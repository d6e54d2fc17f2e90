"""What all tests share: Hypothesis tries the same examples in every run of CI, and new ones on a person's machine; and
their SQLite begins as a copy of one that is migrated already."""

import os
from importlib import import_module
from pathlib import Path

import pytest
from django.apps import AppConfig, apps
from django.db import connection
from django.db.models.signals import post_migrate
from hypothesis import HealthCheck, settings

from tests.migrated import lay_migrated_database

UNHURRIED = [HealthCheck.too_slow]
"""How fast examples come says nothing: these tests may run behind all others."""

settings.register_profile("ci", derandomize=True, deadline=None, print_blob=True, suppress_health_check=UNHURRIED)
settings.register_profile("dev", deadline=None, suppress_health_check=UNHURRIED)
settings.load_profile("ci" if os.environ.get("CI") else "dev")


def plant_again(sender: AppConfig, **_signal: object) -> None:
    """A test with transactions of its own empties the database behind it, also of what migrations planted."""
    if sender.label in PLANTED:
        module, plant = PLANTED[sender.label]
        getattr(import_module(module), plant)(apps, None)


PLANTED = {
    "audit": ("darbaza.portal.audit.migrations.0002_head", "plant"),
    "council": ("darbaza.portal.council.migrations.0003_user_categories", "plant"),
}

post_migrate.connect(plant_again)


def begins_as_a_copy() -> bool:
    """A test database on PostgreSQL is migrated from nothing, and so shows that the migrations hold there too."""
    return connection.vendor == "sqlite"


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None) -> None:
    """pytest-django's: what happens just before it makes its database, whose name is known by now."""
    if begins_as_a_copy():
        lay_migrated_database(Path(connection.settings_dict["TEST"]["NAME"]))


@pytest.fixture(scope="session")
def django_db_keepdb() -> bool:
    """pytest-django's: whether it takes the database that lies there."""
    return begins_as_a_copy()
