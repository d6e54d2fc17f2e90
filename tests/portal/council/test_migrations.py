"""A school that was there before: days of its orders and decisions become instants, and nothing of it is lost."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from darbaza.portal.school_time import day_begins

BEFORE = [("people", "0002_roster_draft"), ("council", "0006_agendaitem_replay")]
SEPTEMBER, DECEMBER = date(2026, 9, 1), date(2026, 12, 1)


@pytest.fixture
def back() -> Iterator[Any]:
    """The school's tables as they were; afterwards as they are."""
    executor = MigrationExecutor(connection)
    latest = executor.loader.graph.leaf_nodes()
    executor.migrate([("gateways", None), ("lessons", None), ("timetable", None), *BEFORE])
    yield executor.loader.project_state(BEFORE).apps
    MigrationExecutor(connection).migrate(latest)


@pytest.mark.timeout(1200)  # all migrations of all apps, back and forth
@pytest.mark.django_db(transaction=True)
def test_days_become_instants_of_the_school(back: Any) -> None:
    person = back.get_model("people", "Person").objects.create(kind="staff", surname="Исаков", given_name="Тимур")
    given = {"person": person, "duty": "teacher", "since": SEPTEMBER, "until": DECEMBER}
    back.get_model("people", "Appointment").objects.create(**given)
    at = day_begins(SEPTEMBER)
    decision = back.get_model("council", "Decision").objects.create(
        year=2026, number=1, date=SEPTEMBER, text="…", minutes_number="1", in_force_from=SEPTEMBER, entered_at=at
    )
    teachers = back.get_model("council", "UserCategory").objects.get(code="teachers")
    teachers.default_rule, teachers.decision = "block-list", decision
    teachers.save()
    executor = MigrationExecutor(connection)
    latest = executor.loader.graph.leaf_nodes()
    executor.migrate(latest)
    apps = MigrationExecutor(connection).loader.project_state(latest).apps
    appointment = apps.get_model("people", "Appointment").objects.get()
    assert (appointment.since, appointment.until) == (day_begins(SEPTEMBER), day_begins(DECEMBER))
    default = apps.get_model("council", "CategoryDefault").objects.get()
    assert (default.default_rule, default.since, default.user_category.code) == (
        "block-list", day_begins(SEPTEMBER), "teachers",
    )  # fmt: skip
    assert apps.get_model("council", "Decision").objects.get().in_force_from == day_begins(SEPTEMBER)
