"""Squid's helper as it is, but for its clock: the time is whatever the file `at` in the run directory says.

The product's helper takes no time from outside, since whoever could set its clock could open a lesson. So the corpus
brings its own entry point.
"""

import sys
from datetime import datetime
from pathlib import Path

from darbaza.engines.squid import helper


def main(run: Path) -> None:
    """Serve the helper's pipe by the clock of `run`."""
    helper.utc_now = lambda: datetime.fromisoformat((run / "at").read_text("ascii"))
    helper.main(["--run", str(run)])


if __name__ == "__main__":
    main(Path(sys.argv[1]))
