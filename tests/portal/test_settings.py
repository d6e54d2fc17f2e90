"""Settings fail loudly and name the remedy; nothing runs on a default secret."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from darbaza.portal import settings

ROOT = Path(__file__).resolve().parents[2]


def start(*command: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """`manage.py` as a deployment starts it, with this environment only."""
    given = {"PATH": os.environ["PATH"], **environment}
    return subprocess.run(
        [sys.executable, str(ROOT / "manage.py"), *command], env=given, capture_output=True, text=True, check=False
    )


def test_a_portal_without_a_state_directory_does_not_start() -> None:
    done = start("check")
    assert done.returncode != 0
    assert "`DARBAZA_STATE` is not set; name the directory" in done.stderr


def test_a_portal_without_its_key_does_not_start(tmp_path: Path) -> None:
    done = start("check", DARBAZA_STATE=str(tmp_path))
    assert done.returncode != 0
    assert f"secret file `{tmp_path}/secret_key` cannot be read" in done.stderr
    (tmp_path / "secret_key").write_text("short")
    assert "holds 5 characters; at least 50 are needed" in start("check", DARBAZA_STATE=str(tmp_path)).stderr


def test_a_deployment_passes_djangos_own_check(tmp_path: Path) -> None:
    (tmp_path / "secret_key").write_text("k3y" * 30 + "of many different 1etters")
    done = start("check", "--deploy", "--fail-level", "WARNING", DARBAZA_STATE=str(tmp_path))
    assert done.returncode == 0, done.stderr


def test_models_and_migrations_agree(tmp_path: Path) -> None:
    (tmp_path / "secret_key").write_text("k" * 60)
    done = start("makemigrations", "--check", "--dry-run", DARBAZA_STATE=str(tmp_path))
    assert done.returncode == 0, done.stdout


def test_a_database_is_named_by_a_url(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    secret = tmp_path / "password"
    secret.write_text("p@ss\n")
    monkeypatch.setenv("DARBAZA_DATABASE_URL", "postgresql://darbaza:no@db.test:5433/por%20tal")
    monkeypatch.setenv("DARBAZA_DATABASE_PASSWORD_FILE", str(secret))
    made = settings.database()
    wanted = {"NAME": "por tal", "USER": "darbaza", "PASSWORD": "p@ss", "HOST": "db.test", "PORT": "5433"}
    assert {name: made[name] for name in wanted} == wanted
    monkeypatch.setenv("DARBAZA_DATABASE_URL", "mysql://db.test/portal")
    with pytest.raises(ImproperlyConfigured, match="only postgresql"):
        settings.database()


def test_a_flag_is_zero_or_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DARBAZA_PLAIN_HTTP", "yes")
    with pytest.raises(ImproperlyConfigured, match="set it to `0` or `1`"):
        settings.env_flag("DARBAZA_PLAIN_HTTP")


def test_mail_goes_where_the_url_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DARBAZA_E_MAIL_URL", "smtps://post@mail.test")
    made = settings.e_mail()
    assert (made["EMAIL_HOST"], made["EMAIL_HOST_USER"], made["EMAIL_USE_SSL"]) == ("mail.test", "post", True)


def test_the_public_sites_own_name_is_an_address_and_not_the_portals(monkeypatch: pytest.MonkeyPatch) -> None:
    for value, said in (
        ("school.test", "to the form"),
        ("ftp://school.test", "to the form"),
        ("https://school.test/site", "to the form"),
        ("https://darbaza", "the portal's own name"),
    ):
        monkeypatch.setenv("DARBAZA_SITE_ADDRESS", value)
        with pytest.raises(ImproperlyConfigured, match=said):
            settings.site_address()
    monkeypatch.setenv("DARBAZA_SITE_ADDRESS", "https://school.test/")
    assert settings.site_address() == "https://school.test"
