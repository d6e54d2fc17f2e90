"""A whole update against a publisher over TLS: everything bad that a publisher has sent, and what stands afterwards."""

import hashlib
import json
import lzma
import os
import subprocess
import sys
from contextlib import closing
from datetime import datetime
from pathlib import Path

import pytest

from darbaza.catalogue.database import CatalogueDatabase
from darbaza.catalogue.fetch import Publishers
from darbaza.catalogue.library import Library, LibraryError
from darbaza.catalogue.update import Done, alone, read_report, update
from tests.catalogue.publisher import Publisher
from tests.catalogue.school import NAMES, archive, sources

OWN = ("maektep.test", "portal.maektep.test")


class School:
    """A school's lists, its publisher, and its nightly update."""

    def __init__(self, root: Path, publisher: Publisher, publishers: Publishers, at: datetime) -> None:
        self.library = Library(root / "lists", sources=sources(publisher), own_hosts=OWN)
        self.target = root / "catalogue.cdb"
        self.publisher, self.publishers, self.at = publisher, publishers, at
        publisher.put("/games", NAMES)
        self.feeds(malware={"malware/domains": [b"zyyan.test"], "malware/urls": [b"video.test/zyyan"]})

    def feeds(self, **archives: dict[str, list[bytes]]) -> None:
        """Publish archives with their checksums, as UT1 does."""
        for name, files in archives.items():
            self.publisher.put(f"/{name}.tar.gz", archive(files))
        self.vouch()

    def vouch(self) -> None:
        """Publish the checksums of what lies there now."""
        lines = [
            f"{hashlib.md5(page.body, usedforsecurity=False).hexdigest()}  {path[1:]}\n"
            for path, page in self.publisher.pages.items()
            if path.endswith(".tar.gz")
        ]
        self.publisher.put("/MD5SUM.LST", "".join(lines))

    def update(self) -> Done:
        return update(self.library, self.target, self.publishers, self.at)

    def categories(self, host: str, path: str = "") -> list[str]:
        with closing(CatalogueDatabase.open(self.target)) as database:
            return [listing.category for listing in database.listings(host, path)]

    def names(self) -> int:
        with closing(CatalogueDatabase.open(self.target)) as database:
            return len(database)


@pytest.fixture
def school(tmp_path: Path, publisher: Publisher, publishers: Publishers, at: datetime) -> School:
    return School(tmp_path, publisher, publishers, at)


def test_all_lists_come_each_address_is_asked_once_and_the_database_takes_effect(school: School) -> None:
    done = school.update()
    assert school.publisher.paths() == ["/MD5SUM.LST", "/malware.tar.gz", "/games"]
    assert done.report.changed
    assert school.categories("n7.test") == ["games"]
    assert school.categories("zyyan.test") == ["malware"]
    assert school.categories("video.test", "/zyyan/1") == ["malware"]
    assert school.categories("edu.gov.kg") == ["government"]
    assert done.report.refused == ("feed/doh",)  # its archive is not among the checksums: said, and no reason to stop


def test_an_update_without_news_changes_nothing(school: School) -> None:
    school.update()
    before = school.target.stat()
    school.publisher.asked.clear()
    done = school.update()
    assert not done.report.changed
    assert school.publisher.paths() == ["/MD5SUM.LST", "/games"]
    assert (school.target.stat().st_ino, school.target.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_a_file_in_many_lists_lies_once_on_the_disk(school: School) -> None:
    school.update()
    kept = list((school.library.root / "feed/malware").glob("*.list"))
    other = list((school.library.root / "feed-urls/malware").glob("*.list"))
    assert kept[0].stat().st_ino == other[0].stat().st_ino


# The lines of bad input, one by one.


@pytest.mark.bypass("L02")
def test_an_empty_list_is_held(school: School) -> None:
    school.update()
    school.publisher.put("/games", "")
    done = school.update()
    assert done.report.held == ("school/games",)
    assert school.categories("n7.test") == ["games"]


@pytest.mark.bypass("L11")
def test_html_instead_of_a_list_is_refused_however_it_is_called(school: School) -> None:
    school.update()
    for kind in ("text/html", "text/plain", "application/octet-stream"):
        school.publisher.put("/games", "<!DOCTYPE html><title>Кирүү</title>", kind=kind, etag=f'"{kind}"')
        assert "school/games" in school.update().report.refused
        assert school.categories("n7.test") == ["games"]


@pytest.mark.bypass("L04")
@pytest.mark.bypass("L01")
def test_a_list_with_com_or_the_school_s_own_host_in_it_takes_effect_without_them(school: School) -> None:
    school.update()
    bad = "com\nkg\nedu.kg\ncom.kg\n.com\n*.com\nmaektep.test\nportal.maektep.test\nwww.portal.maektep.test\n"
    school.publisher.put("/games", NAMES + bad + "jany.test\n")
    assert school.update().report.held == ()
    assert school.categories("jany.test") == ["games"]
    for host in ("baary.com", "dukon.com.kg", "24.kg", "1.edu.kg", "maektep.test", "portal.maektep.test"):
        assert "games" not in school.categories(host), host
    state = school.library.state("school/games")
    assert {kept.entry for kept in state.active.quarantined} == {
        "com", "kg", "edu.kg", "com.kg", "maektep.test", "portal.maektep.test",
    }  # fmt: skip


@pytest.mark.bypass("L03")
def test_a_list_that_grows_twelvefold_is_held(school: School) -> None:
    school.update()
    school.publisher.put("/games", "".join(f"n{number}.test\n" for number in range(4800)))
    done = school.update()
    assert done.report.held == ("school/games",)
    assert school.categories("n4000.test") == []
    school.library.accept_held("school/games", by="Айда", at=school.at)
    school.update()
    assert school.categories("n4000.test") == ["games"]


@pytest.mark.bypass("L04")
@pytest.mark.bypass("L03")
@pytest.mark.bypass("L02")
@pytest.mark.parametrize(
    ("incident", "feed"),
    [("incident-emptied", "malware"), ("incident-x12", "doh"), ("incident-x6", "doh")],
)
def test_real_incidents_over_the_line_are_held_and_the_good_version_stays(
    school: School, published: Path, incident: str, feed: str
) -> None:
    versions = [lzma.decompress(file.read_bytes()) for file in sorted((published / "updates" / incident).glob("*.xz"))]
    school.feeds(**{feed: {f"{feed}/domains": versions[0].splitlines(), f"{feed}/urls": []}})
    assert f"feed/{feed}" not in school.update().report.held
    good = school.names()
    for version in versions[1:]:
        school.feeds(**{feed: {f"{feed}/domains": version.splitlines(), f"{feed}/urls": []}})
        assert f"feed/{feed}" in school.update().report.held
        assert school.names() == good


@pytest.mark.parametrize("name", ["normal-games", "normal-social", "normal-vpn"])
def test_ordinary_updates_over_the_line_pass(school: School, published: Path, name: str) -> None:
    for file in sorted((published / "updates" / name).glob("*.xz")):
        school.publisher.put("/games", lzma.decompress(file.read_bytes()), encoding="gzip")
        assert school.update().report.held == ()


@pytest.mark.bypass("L13")
def test_an_archive_that_differs_from_its_checksum_is_refused_with_all_its_lists(school: School) -> None:
    school.update()
    forged = archive({"malware/domains": [b"bashka.test"], "malware/urls": []})
    school.publisher.put("/malware.tar.gz", forged)
    sums = school.publisher.pages["/MD5SUM.LST"]
    sums.body, sums.etag = sums.body.replace(sums.body[:4], b"0000", 1), '"forged"'
    assert set(school.update().report.refused) >= {"feed/malware", "feed-urls/malware"}
    assert school.categories("zyyan.test") == ["malware"]
    assert school.categories("bashka.test") == []


@pytest.mark.bypass("L06")
def test_a_bomb_and_a_path_that_leads_out_are_refused(school: School) -> None:
    school.update()
    school.feeds(malware={"../../../etc/cron.d/x": [b"x"], "malware/domains": [b"x.test"]})
    assert "feed/malware" in school.update().report.refused
    school.feeds(malware={"ballast": [b"\0" * (300 << 20)], "malware/domains": [b"x.test"]})
    done = school.update()
    assert "feed/malware" in done.report.refused
    assert school.library.state("feed/malware").trouble.key == "unpacks-too-big"
    assert school.categories("zyyan.test") == ["malware"]


def test_a_publisher_that_is_away_leaves_everything_in_force(school: School) -> None:
    school.update()
    good = school.names()
    school.publisher.pages.clear()
    done = school.update()
    assert set(done.report.refused) == {"school/games", "feed/malware", "feed/doh", "feed-urls/malware"}
    assert school.names() == good


def test_the_first_update_without_a_publisher_makes_no_empty_database_over_a_good_one(
    tmp_path: Path, publisher: Publisher, publishers: Publishers, at: datetime
) -> None:
    library = Library(tmp_path / "lists", sources=sources(publisher), reserved={})
    (tmp_path / "c.cdb").write_bytes(b"from elsewhere")
    done = update(library, tmp_path / "c.cdb", publishers, at)
    assert done.report.problem is not None
    assert (tmp_path / "c.cdb").read_bytes() == b"from elsewhere"


def test_two_updates_at_once_are_one(school: School) -> None:
    with alone(school.library.root), pytest.raises(LibraryError, match="right now"):
        school.update()
    school.update()


def test_a_damaged_state_ends_no_update_of_the_machine(school: School) -> None:
    school.update()
    (school.library.root / "school/games/state.json").write_text("{")
    done = school.update()
    assert done.report.problem.key == "state-damaged"
    assert school.categories("n7.test") == ["games"]


def test_lists_come_from_a_folder_that_somebody_else_fills(school: School, tmp_path: Path) -> None:
    folder = tmp_path / "from-the-district"
    folder.mkdir()
    (folder / "games.domains").write_text("oyun.test\n")
    update(school.library, school.target, school.publishers, school.at, folder)
    assert school.categories("oyun.test") == ["games"]
    assert school.publisher.paths() == []


def test_the_process_that_the_agent_starts_leaves_its_report(tmp_path: Path, publisher: Publisher) -> None:
    """The real sources, whose publishers can't be reached from a test: nothing takes effect, and that is said."""
    run = subprocess.run(
        [
            sys.executable, "-m", "darbaza.catalogue.update", "--root", str(tmp_path / "lists"),
            "--target", str(tmp_path / "c.cdb"), "--own-host", "maektep.test", "--leave-out", "ut1/adult",
            "--seconds", "0",
        ],
        capture_output=True, text=True, timeout=60, env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )  # fmt: skip
    report = read_report(tmp_path / "lists")
    assert run.returncode == 1
    assert len(report.refused) > 100
    assert "refused ut1/games: the time for the update is over" in run.stderr
    assert report.names == len(json.loads((tmp_path / "c.json").read_text())["lists"]) + 3  # our own five suffixes


def test_an_update_yields_to_everything_else_also_in_a_session_of_its_own() -> None:
    """As the agent starts it: the kernel gives each session its share, however nice its processes are within."""
    program = "import os; from darbaza.catalogue.update import stay_small; stay_small(); "
    program += "print(os.sched_getscheduler(0), open('/proc/self/autogroup').read())"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, start_new_session=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    assert int(done.stdout.split()[0]) == os.SCHED_IDLE
    if "autogroup" in done.stdout:
        assert done.stdout.split()[-1] == "19"
