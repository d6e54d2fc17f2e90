"""`python -m tests.portal.council.old_school`: a school of before the terms were instants, and what becomes of it.

Migrates the empty database of `DARBAZA_STATE` to that time, writes an appointment, a decision and a default of it,
migrates past the change, and says what stands there then as JSON. Only the apps concerned are migrated, for speed.
"""

import json
import sys
from datetime import date

import django
from django.apps.registry import Apps
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

BEFORE = [("people", "0002_roster_draft"), ("council", "0006_agendaitem_replay")]
AFTER = [("people", "0004_midnights"), ("council", "0009_defaults_stand_alone")]
SEPTEMBER, DECEMBER = date(2026, 9, 1), date(2026, 12, 1)


def migrate(targets: list[tuple[str, str]]) -> Apps:
    """Bring the database to a time; the models of then."""
    executor = MigrationExecutor(connection)
    executor.migrate(targets)
    return MigrationExecutor(connection).loader.project_state(targets).apps


def write(apps: Apps) -> None:
    """A teacher for one term, and a decision on what teachers may open."""
    from darbaza.portal.school_time import day_begins

    person = apps.get_model("people", "Person").objects.create(kind="staff", surname="Исаков", given_name="Тимур")
    given = {"person": person, "duty": "teacher", "since": SEPTEMBER, "until": DECEMBER}
    apps.get_model("people", "Appointment").objects.create(**given)
    entered = day_begins(SEPTEMBER)
    decision = apps.get_model("council", "Decision").objects.create(
        year=2026, number=1, date=SEPTEMBER, text="…", minutes_number="1", in_force_from=SEPTEMBER, entered_at=entered
    )
    teachers = apps.get_model("council", "UserCategory").objects.get(code="teachers")
    teachers.default_rule, teachers.decision = "block-list", decision
    teachers.save()


def what_stands(apps: Apps) -> dict[str, list[str]]:
    """The same records by the models of after the change."""
    appointment = apps.get_model("people", "Appointment").objects.get()
    default = apps.get_model("council", "CategoryDefault").objects.get()
    decision = apps.get_model("council", "Decision").objects.get()
    return {
        "appointment": [appointment.since.isoformat(), appointment.until.isoformat()],
        "default": [default.default_rule, default.since.isoformat(), default.user_category.code],
        "decision": [decision.in_force_from.isoformat()],
    }


if __name__ == "__main__":
    django.setup()
    write(migrate(BEFORE))
    json.dump(what_stands(migrate(AFTER)), sys.stdout)
