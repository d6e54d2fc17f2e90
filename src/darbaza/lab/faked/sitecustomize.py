"""Loaded by every Python in a lab with a clock of its own: sleeping works under libfaketime.

Python sleeps until an instant of the monotonic clock, which libfaketime 0.9.10 turns into one that no kernel takes
(EINVAL). Waiting for nothing takes as long and is left alone.
"""

import select
import time


def sleep(seconds: float) -> None:
    """As `time.sleep`."""
    select.select([], [], [], seconds)


time.sleep = sleep  # type: ignore[assignment]
