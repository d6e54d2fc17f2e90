"""The portal's database, migrated: made once for each state of the source, and copied by whoever needs it.

Migrations take a quarter of a minute of computing, and every demo, portal and pytest process would pay for it anew.
"""

import fcntl
import os
import shutil
import subprocess
import sys
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

from django import VERSION

ROOT = Path(__file__).resolve().parents[1]
KEPT = ROOT / "var" / "test"
PORTAL = ROOT / "src" / "darbaza" / "portal"


def lay_migrated_database(target: Path) -> None:
    """Lay a migrated SQLite in place of `target`, and of what an interrupted run may have left beside it."""
    target.parent.mkdir(parents=True, exist_ok=True)
    for stale in (target, *(target.with_name(f"{target.name}-{kind}") for kind in ("wal", "shm", "journal"))):
        stale.unlink(missing_ok=True)
    shutil.copyfile(migrated_database(), target)


def migrated_database() -> Path:
    """The file that is copied; the first who asks makes it, while the others wait."""
    KEPT.mkdir(parents=True, exist_ok=True)
    wanted = KEPT / f"migrated-{state_of_the_source()}.sqlite3"
    with (KEPT / "migrated.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not wanted.exists():
            for stale in KEPT.glob("migrated-*.sqlite3"):
                stale.unlink()
            make(wanted)
    return wanted


def make(wanted: Path) -> None:
    """Apply all migrations to an empty database, as a school's first start does."""
    with TemporaryDirectory(dir=KEPT) as state:
        (Path(state) / "secret_key").write_text("k" * 60)
        kept = {name: value for name, value in os.environ.items() if not name.startswith("DARBAZA_")}
        own = {
            "DARBAZA_STATE": state,
            "PYTHONPATH": str(ROOT / "src"),
            "DJANGO_SETTINGS_MODULE": "darbaza.portal.settings",
        }
        command = [sys.executable, "-m", "django", "migrate", "--verbosity", "0"]
        subprocess.run(command, env=kept | own, check=True)
        (Path(state) / "portal.sqlite3").rename(wanted)


def state_of_the_source() -> str:
    """A digest of Django's version and the portal's whole program text: what migrations and their signals may read."""
    digest = sha256(repr(VERSION).encode())
    for path in sorted(PORTAL.rglob("*.py")):
        digest.update(str(path.relative_to(PORTAL)).encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:16]


if __name__ == "__main__":
    migrated_database()
