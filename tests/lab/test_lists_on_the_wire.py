"""Family L of the bypass catalogue on the wire: whatever comes in place of a list, nothing opens or closes by it.

All at once, each in another list's place: an update takes them in together, as it would from so many publishers.
Nothing has to be put back, since nothing is changed by it.
"""

import gzip
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from darbaza.agent.settings import CATALOGUE, LISTS
from darbaza.lab.names import BAD
from darbaza.lab.places import LabFolders
from darbaza.lab.running import wait_until
from tests.lab.conftest import Lesson

pytestmark = [pytest.mark.engine, pytest.mark.netns, pytest.mark.timeout(180)]

HOSTILE = {
    "gambling": ("bad.test", lambda _: b""),
    "porn": ("uyat.test", lambda _: b"<!DOCTYPE html><title>Please sign in</title>\n" * 20),
    "circumvention": ("proksi.test", lambda own: own.decode().encode("utf-16")),
    "games": ("oyun.test", lambda own: own + b"good.test\n" + b"".join(b"n%d.test\n" % n for n in range(5_000))),
    "violence": ("zombuluk.test", lambda _: gzip.compress(bytes(1 << 26), 1)),
    "social": ("tarmak.test", lambda own: own + b"(a+)+$\n/(.*a){25}/\nregexp:(a|a)*b\n" * 500),
    "webmail": ("poshta.test", lambda own: own + b"test\ncom\nkg\nlocalhost\n"),
    "shopping": ("bazar.test", lambda own: own + b"darbaza\nwhy\n"),
    "video": ("video.test", lambda own: own + b".video.test\nwww.video.test\n*.video.test\nvideo.test.\n"),
}
"""A host of each list, and what comes in the list's place."""

OPEN = ("good.test", "sabak.test", "kitep.test", "www.google.com")


def update(places: LabFolders, folder: Path) -> str:
    """One update by the very process that the agent starts; what it said."""
    command = [sys.executable, "-m", "darbaza.catalogue.update", "--root", str(places.box / LISTS)]
    command += ["--target", str(places.box / CATALOGUE), "--folder", str(folder)]
    command += ["--own-host", "darbaza", "--own-host", "why"]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False).stderr


@pytest.mark.bypass("L01")
@pytest.mark.bypass("L02")
@pytest.mark.bypass("L03")
@pytest.mark.bypass("L04")
@pytest.mark.bypass("L05")
@pytest.mark.bypass("L06")
@pytest.mark.bypass("L08")
@pytest.mark.bypass("L11")
def test_L_nothing_opens_or_closes_by_what_comes_in_place_of_a_list(lesson: Lesson, tmp_path: Path):  # noqa: N802
    places = lesson.lab.places
    shutil.copytree(places.demo / "lists", tmp_path / "lists")
    for name, (_, spoilt) in HOSTILE.items():
        file = tmp_path / "lists" / "demo" / f"{name}.domains"
        file.write_bytes(spoilt(file.read_bytes()))
    before = (places.box / CATALOGUE).stat().st_ino
    said = update(places, tmp_path / "lists")
    assert (places.box / CATALOGUE).stat().st_ino != before, said
    for name in ("gambling", "porn", "circumvention", "games", "violence"):
        assert f"demo/{name}" in said, "the last good one stays"
    wait_until(lambda: False, 1.5)  # dnsdist looks once a second
    lesson.lab.forget()
    for host in OPEN:
        assert lesson.bek.get(f"http://{host}/").origin in {"good", "safe"}, host
    assert lesson.bek.get("http://why/").status == 200
    for name, (host, _) in HOSTILE.items():
        assert lesson.bek.get(f"http://{host}/", address=BAD).origin == ""
        assert lesson.bek.get(f"https://{host}/", address=BAD).origin == ""
        assert lesson.refused(host, method="GET").category == name
        lesson.refused(host, method="CONNECT")
