"""A portal of its own behind granian, for benches that load it over the wire."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from socket import create_connection

ROOT = Path(__file__).parents[1]
TICKS = os.sysconf("SC_CLK_TCK")


def surroundings(state: Path) -> dict[str, str]:
    """The environment of a portal whose state lies in a folder."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith("DARBAZA_")}
    return kept | {
        "DARBAZA_STATE": str(state),
        "DARBAZA_PLAIN_HTTP": "1",
        "DJANGO_SETTINGS_MODULE": "darbaza.portal.settings",
        "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}",
    }


def begin(state: Path) -> None:
    """An empty portal in the place of what the folder held."""
    shutil.rmtree(state, ignore_errors=True)
    (state / "static").mkdir(parents=True)
    (state / "secret_key").write_text("bench-only-" * 6)
    for command in (["migrate", "-v0"], ["collectstatic", "-v0", "--noinput"]):
        subprocess.run([sys.executable, "-m", "django", *command], env=surroundings(state), check=True, cwd=ROOT)


@contextmanager
def served(state: Path, port: int) -> Iterator[int]:
    """The portal behind granian, once it can be reached; its process."""
    serving = f"-m granian --interface asginl --workers-kill-timeout 1 --port {port} darbaza.portal.asgi:application"
    with (state / "said").open("wb") as said:
        command = [sys.executable, *serving.split()]
        server = subprocess.Popen(command, env=surroundings(state), cwd=ROOT, stdout=said, stderr=said)
    try:
        _wait_for(port)
        yield server.pid
    finally:
        server.terminate()
        server.wait(20)


def _wait_for(port: int) -> None:
    for _ in range(600):
        try:
            create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return


def family(pid: int) -> list[int]:
    """A process and its children."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid, *(one for child in children for one in family(int(child)))]


def cpu(pid: int) -> float:
    """Seconds of CPU that a process and its children have used."""
    fields = [Path(f"/proc/{one}/stat").read_text().rpartition(")")[2].split() for one in family(pid)]
    return sum(int(one[11]) + int(one[12]) for one in fields) / TICKS
