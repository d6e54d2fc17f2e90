"""A school that was there before: days of its orders and decisions become instants, and nothing of it is lost."""

import json
import os
import subprocess
import sys
from datetime import UTC
from pathlib import Path

from darbaza.portal.school_time import day_begins
from tests.portal.council.old_school import DECEMBER, SEPTEMBER


def test_days_become_instants_of_the_school(tmp_path: Path) -> None:
    (tmp_path / "secret_key").write_text("k" * 60)
    environment = {name: value for name, value in os.environ.items() if not name.startswith("DARBAZA_")}
    ran = subprocess.run(
        [sys.executable, "-m", "tests.portal.council.old_school"],
        env=environment | {"DARBAZA_STATE": str(tmp_path), "DJANGO_SETTINGS_MODULE": "darbaza.portal.settings"},
        cwd=Path(__file__).parents[3],
        stdout=subprocess.PIPE,
        check=True,
    )
    september, december = (day_begins(day).astimezone(UTC).isoformat() for day in (SEPTEMBER, DECEMBER))
    assert json.loads(ran.stdout) == {
        "appointment": [september, december],
        "default": ["block-list", september, "teachers"],
        "decision": [september],
    }
