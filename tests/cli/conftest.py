"""A box's run directory with a school, a lesson under way and two lists; nothing runs."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from darbaza.catalogue.categories import load
from darbaza.catalogue.compile import Part, compile_catalogue
from darbaza.catalogue.sources import Format, Source
from darbaza.clock import utc_now
from darbaza.policy.rulebook import LessonException
from darbaza.snapshot import codec
from darbaza.snapshot.envelope import PRESENCE, SNAPSHOT, seal
from darbaza.snapshot.presence import Presence
from tests.agent.box import KEY, run_directory
from tests.snapshot.strategies import ORDER, lesson, school, seated

LISTS = {"education": "kitep.test\n", "gambling": "kumar.test\n", "games": "oyun.test\n"}


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """The run directory."""
    run = tmp_path / "box"
    run_directory(run, "http://127.0.0.1:9", 8010)
    now = utc_now()
    today = LessonException("today", "r1", now - timedelta(hours=1), now + timedelta(hours=1), ORDER)
    book = replace(school(), exceptions=(today,))
    end = now + timedelta(minutes=30)
    session = lesson(opened=now - timedelta(minutes=5), ends=end, lease_until=end, slot="", exception="today")
    present = Presence(3, 1, now, (session,), (seated(),))
    (run / "snapshot.dzb").write_bytes(seal(SNAPSHOT, codec.encode(book), KEY))
    (run / "presence.dzp").write_bytes(seal(PRESENCE, codec.encode_presence(present), KEY))
    parts = []
    for category, hosts in LISTS.items():
        path = tmp_path / f"{category}.domains"
        path.write_text(hosts)
        parts.append(Part(Source(f"test/{category}", category, "CC0-1.0", Format.DOMAINS, (category,), ""), path))
    compile_catalogue(parts, run / "catalogue.cdb", load())
    return run
