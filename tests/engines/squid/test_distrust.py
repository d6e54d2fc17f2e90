"""A sign-in that the agent has declared void counts for nothing at the proxy, at once and without the portal."""

import time

from bench.rulebook import presence

from darbaza.engines.squid.world import LOOK_SECONDS
from darbaza.snapshot.distrust import DISTRUST_FILE, Distrusted, note_distrusted
from tests.engines.squid.bed import OTHER_STUDENT, STUDENT, Bed

PAGE = "http://good.test:{}/"


def test_whoever_signed_in_at_a_device_that_was_swapped_is_refused_and_no_other(bed: Bed):
    page = PAGE.format(bed.http)
    assert b"the page" in bed.get(page)
    seated = presence(1, bed.at, [STUDENT]).bindings[0]
    note_distrusted(bed.run, [Distrusted(STUDENT, seated.since)])
    bed.own(bed.run / DISTRUST_FILE)
    try:
        time.sleep(2 * LOOK_SECONDS)
        bed.good.forget()
        assert b"HTTP/1.1 403 " in bed.get(page)
        assert bed.good.heard == b""
        event = bed.events(STUDENT)[-1]
        assert (event.clause, event.person) == ("2.9", "")
        assert b"the page" in bed.get(page, source=OTHER_STUDENT)
    finally:
        (bed.run / DISTRUST_FILE).unlink()
    time.sleep(2 * LOOK_SECONDS)
    assert b"the page" in bed.get(page)


def test_a_damaged_note_leaves_nobody_signed_in(bed: Bed):
    (bed.run / DISTRUST_FILE).write_text("[")
    bed.own(bed.run / DISTRUST_FILE)
    try:
        time.sleep(2 * LOOK_SECONDS)
        assert b"HTTP/1.1 403 " in bed.get(PAGE.format(bed.http))
    finally:
        (bed.run / DISTRUST_FILE).unlink()
