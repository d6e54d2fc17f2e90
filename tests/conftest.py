"""What all tests share: Hypothesis tries the same examples in every run of CI, and new ones on a person's machine."""

import os
from importlib import import_module

from django.apps import AppConfig, apps
from django.db.models.signals import post_migrate
from hypothesis import HealthCheck, settings

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
