"""`darbaza audit`: the portal's own command, reached from here as well. The box itself holds no audit and no Django."""

import argparse
import os
import subprocess
import sys
from pathlib import Path

from darbaza.cli.words import CommandError, text

DEMO_STATE = Path("var/portal")


def command(options: argparse.Namespace) -> int:
    """Hand the arguments to the portal of this machine; its exit code is ours."""
    environment = {"DJANGO_SETTINGS_MODULE": "darbaza.portal.settings", **os.environ}
    if "DARBAZA_STATE" not in environment:
        if not DEMO_STATE.is_dir():
            raise CommandError(text("audit", "no-portal", options.lang))
        environment["DARBAZA_STATE"] = str(DEMO_STATE)
    arguments = options.arguments or ["verify"]
    return subprocess.run(
        [sys.executable, "-m", "django", "audit", *arguments], env=environment, check=False
    ).returncode
