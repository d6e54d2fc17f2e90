"""Putting configurations in force on a live Squid, and going back when one does not hold."""

import socket
import time
from collections.abc import Iterator
from dataclasses import replace

import pytest

from darbaza.engines.base import EngineError, Rendered
from darbaza.engines.squid import adapter
from darbaza.engines.squid.adapter import Squid
from darbaza.engines.squid.config import render
from darbaza.engines.squid.world import LOOK_SECONDS
from tests.engines.squid.bed import Bed

pytestmark = pytest.mark.engine


@pytest.fixture
def own() -> Iterator[Bed]:
    """A Squid of a test's own, since reconfiguring disturbs."""
    bed = Bed("apply")
    try:
        yield bed.start()
    finally:
        bed.stop()


def page(bed: Bed) -> bytes:
    return bed.get(f"http://good.test:{bed.http}/")


def test_a_live_squid_verifies(own: Bed):
    verified = own.squid.verify()
    assert verified.is_well
    assert verified.version >= (5, 7)
    assert verified.facts == {"running": True, "listening": True, "refuses": True, "judges": True}


def test_a_squid_without_verdicts_is_not_well(own: Bed):
    (own.run / "snapshot.dzb").unlink()
    time.sleep(LOOK_SECONDS)
    facts = own.squid.verify().facts
    assert facts["refuses"]
    assert not facts["judges"]


def test_the_same_text_leaves_squid_alone(own: Bed):
    pid = own.squid.pid()
    assert not own.squid.apply().changed
    assert own.squid.pid() == pid


def test_a_change_is_taken_over_by_the_running_squid(own: Bed):
    changed = Squid(replace(own.settings, connections_per_client=64))
    before = own.squid.pid()
    applied = changed.apply()
    assert (applied.changed, applied.told) == (True, True)
    assert own.squid.pid() == before
    assert b"the page" in page(own)
    assert "client_ip_max_connections 64" in own.settings.configuration.read_text()


def test_a_refused_text_changes_not_one_byte(own: Bed):
    held = own.settings.configuration.read_bytes()
    rendered = render(own.settings)
    broken = Rendered("squid.conf", {**rendered.files, "squid.conf": rendered.files["squid.conf"] + "nonsense on\n"})
    with pytest.raises(EngineError, match="Squid refuses the configuration"):
        own.squid.apply(broken)
    assert own.settings.configuration.read_bytes() == held
    assert b"the page" in page(own)


def test_a_text_with_which_squid_does_not_come_back_is_taken_back(own: Bed, monkeypatch: pytest.MonkeyPatch):
    """The parser accepts a port that somebody else holds; the running Squid can't listen there."""
    monkeypatch.setattr(adapter, "CONFIRM_SECONDS", 1.5)
    held = own.settings.configuration.read_bytes()
    with socket.socket() as taken:
        taken.bind(("127.0.0.77", 0))  # bound and not listening: nobody can take it, and nobody answers there
        elsewhere = Squid(replace(own.settings, listen=(f"127.0.0.77:{taken.getsockname()[1]}",)))
        with pytest.raises(EngineError, match="the one before is in force again"):
            elsewhere.apply()
    assert own.settings.configuration.read_bytes() == held
    if own.process.poll() is not None:
        own.start_squid()  # as its supervisor would
    assert b"the page" in page(own)


def test_an_older_squid_is_refused(own: Bed, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(adapter, "OLDEST", (99,))
    with pytest.raises(EngineError, match="is older than 99"):
        own.squid.version()


def test_a_squid_that_does_not_run_is_told_nothing(own: Bed):
    own.process.kill()
    own.process.wait()
    applied = Squid(replace(own.settings, connections_per_client=32)).apply()
    assert (applied.changed, applied.told) == (True, False)
    assert not own.squid.verify().is_well
    own.start_squid()
    assert b"the page" in page(own)


def test_no_two_instances_meet(own: Bed):
    other = Bed("second")
    try:
        other.start()
        assert own.squid.pid() != other.squid.pid()
        assert b"the page" in other.get(f"http://good.test:{other.http}/")
        assert b"the page" in page(own)
        assert own.settings.folder not in other.settings.configuration.parents
    finally:
        other.stop()
