"""The last good version of each list stays in force, whatever its publisher does."""

import hashlib
import json
import threading
from collections.abc import Iterator
from datetime import datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from darbaza.catalogue import commands
from darbaza.catalogue.categories import CategoryError, load, parse
from darbaza.catalogue.database import CatalogueDatabase
from darbaza.catalogue.fetch import FetchError, download
from darbaza.catalogue.library import Library, LibraryError, Status
from darbaza.catalogue.sources import SourceError, Sources, load_sources, parse_sources
from darbaza.policy.rulebook import StatutoryScope

NAMES = "".join(f"n{number}.test\n" for number in range(400))


@pytest.fixture
def publisher() -> Iterator["Publisher"]:
    serving = Publisher()
    yield serving
    serving.close()


class Publisher:
    """A publisher on this machine; tests set what it answers."""

    def __init__(self) -> None:
        self.body, self.headers, self.asked = NAMES.encode(), {"ETag": '"1"', "Content-Type": "text/plain"}, []
        self.cut = 0
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                outer.asked.append(self.headers.get("If-None-Match"))
                unchanged = self.headers.get("If-None-Match") == outer.headers.get("ETag")
                self.send_response(304 if unchanged else 200)
                for name, value in outer.headers.items():
                    self.send_header(name, value)
                if not unchanged:
                    self.send_header("Content-Length", str(len(outer.body) + outer.cut))
                self.end_headers()
                if not unchanged:
                    self.wfile.write(outer.body)

            def log_message(self, *args: object) -> None:
                pass

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/list"
        self.thread = threading.Thread(target=self.server.serve_forever)
        self.thread.start()

    def close(self) -> None:
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


def sources(url: str = "") -> Sources:
    text = f"""
[school]
title = "School"
licence = "CC0-1.0"
format = "domains"
file = "{{source}}.domains"
url = "{url}"
[school.lists]
games = "games"
kept = {{ category = "education", role = "pin", url = "" }}
"""
    return parse_sources(text, load())


@pytest.fixture
def library(tmp_path: Path, publisher: Publisher) -> Library:
    return Library(tmp_path / "library", sources=sources(publisher.url))


def test_an_unchanged_list_is_not_sent_again(library: Library, publisher: Publisher, at: datetime) -> None:
    assert library.fetch("school/games", at).status is Status.ACCEPTED
    assert library.fetch("school/games", at).status is Status.UNCHANGED
    assert publisher.asked == [None, '"1"']


@pytest.mark.parametrize(
    ("body", "headers", "cut", "reason"),
    [
        (b"<html>sign in</html>", {"Content-Type": "text/html"}, 0, "web page"),
        (b"<html>sign in</html>", {"Content-Type": "text/plain"}, 0, "web page"),
        (NAMES.encode("utf-16"), {"Content-Type": "text/plain"}, 0, "UTF-16"),
        (NAMES.encode(), {"Content-Type": "text/plain"}, 99, "broke off|could not be fetched"),
    ],
)
def test_a_wrong_answer_leaves_the_list_in_force(
    library: Library, publisher: Publisher, at: datetime, body: bytes, headers: dict[str, str], cut: int, reason: str
) -> None:
    library.fetch("school/games", at)
    publisher.body, publisher.headers, publisher.cut = body, headers, cut
    outcome = library.fetch("school/games", at)
    assert outcome.status is Status.REFUSED
    state = library.state("school/games")
    assert state.active is not None
    assert state.active.entries == 400
    assert any(part in state.problem for part in reason.split("|"))


def test_a_silent_publisher_is_a_refusal(tmp_path: Path, at: datetime) -> None:
    library = Library(tmp_path, sources=sources("http://127.0.0.1:9/list"))
    assert library.fetch("school/games", at).status is Status.REFUSED


def test_a_list_over_the_limit_or_with_a_wrong_checksum_is_refused(tmp_path: Path, publisher: Publisher) -> None:
    with pytest.raises(FetchError, match="over 100"):
        download(publisher.url, tmp_path / "x", limit=100)
    with pytest.raises(FetchError, match="checksum"):
        download(publisher.url, tmp_path / "x", sha256="0" * 64)
    with pytest.raises(FetchError, match="neither http"):
        download("file:///etc/passwd", tmp_path / "x")


def test_a_held_update_waits_until_a_person_accepts_it(
    library: Library, publisher: Publisher, tmp_path: Path, at: datetime
) -> None:
    library.fetch("school/games", at)
    publisher.body, publisher.headers = b"n1.test\n" * 3, {"ETag": '"2"', "Content-Type": "text/plain"}
    assert library.fetch("school/games", at).status is Status.HELD
    assert "held" in commands.show_lists(library)[0]
    library.compile(tmp_path / "c.cdb")
    assert len(CatalogueDatabase.open(tmp_path / "c.cdb")) == 400
    library.accept_held("school/games", by="Айда", at=at)
    library.compile(tmp_path / "c.cdb")
    assert len(CatalogueDatabase.open(tmp_path / "c.cdb")) == 1
    assert "accepted by Айда" in "".join(commands.show_lists(library, "school/games"))
    with pytest.raises(LibraryError, match="no update"):
        library.accept_held("school/games", by="Айда", at=at)


def test_a_quarantined_entry_is_let_in_by_a_person_only(tmp_path: Path, at: datetime) -> None:
    folder = tmp_path / "lists"
    folder.mkdir()
    (folder / "games.domains").write_text("oyun.test\nmaektep.test\nedu.tw\n")
    library = Library(tmp_path / "library", sources=sources(), own_hosts=["portal.maektep.test", "maektep.test"])
    library.import_folder(folder, at)
    library.compile(tmp_path / "c.cdb")
    assert not CatalogueDatabase.open(tmp_path / "c.cdb").listings("maektep.test")
    library.release("school/games", "maektep.test", by="Айда")
    library.compile(tmp_path / "c.cdb")
    assert CatalogueDatabase.open(tmp_path / "c.cdb").listings("maektep.test")
    with pytest.raises(LibraryError, match="no quarantined"):
        library.release("school/games", "oyun.test", by="Айда")


def test_a_file_that_its_manifest_does_not_vouch_for_is_refused(tmp_path: Path, at: datetime) -> None:
    (tmp_path / "games.domains").write_text(NAMES)
    right = hashlib.sha256(NAMES.encode()).hexdigest()
    entry: dict[str, Any] = {"path": "games.domains", "sha256": "0" * 64, "date": "2026-08-17", "commit": "abc"}
    library = Library(tmp_path / "library", sources=sources())
    for checksum, status in (("0" * 64, Status.REFUSED), (right, Status.ACCEPTED)):
        (tmp_path / "MANIFEST.json").write_text(json.dumps([{**entry, "sha256": checksum}]))
        assert library.import_folder(tmp_path, at)[0].status is status


def test_a_damaged_state_is_told(library: Library, publisher: Publisher, tmp_path: Path, at: datetime) -> None:
    library.fetch("school/games", at)
    (tmp_path / "library/school/games/state.json").write_text("{")
    with pytest.raises(LibraryError, match="damaged"):
        library.state("school/games")


def test_the_lists_that_ship_with_the_product_are_invented(tmp_path: Path, at: datetime) -> None:
    library = Library(tmp_path / "library")
    outcomes = library.import_folder(Path(str(files("darbaza.catalogue") / "demo_lists")), at)
    assert {outcome.status for outcome in outcomes} == {Status.ACCEPTED}
    library.compile(tmp_path / "c.cdb")
    database = CatalogueDatabase.open(tmp_path / "c.cdb")
    assert database.listings("www.kumar.test")[0].category == "gambling"
    assert "gambling" in commands.which_lists(database, "http://kumar.test/x")[0]
    assert commands.which_lists(database, "belgisiz.test") == ["belgisiz.test: no list names it"]
    assert commands.which_lists(database, "a b") != []


@pytest.mark.timeout(300)
def test_all_published_lists_come_in_at_one_go(published: Path, tmp_path: Path, at: datetime) -> None:
    library = Library(tmp_path / "library")
    outcomes = library.import_folder(published, at)
    assert {outcome.status for outcome in outcomes} == {Status.ACCEPTED}
    assert len(outcomes) > 150
    meta = library.compile(tmp_path / "catalogue.cdb")
    assert meta.names > 600_000
    database = CatalogueDatabase.open(tmp_path / "catalogue.cdb")
    assert database.listings("edu.tw") == ()
    assert {listing.category for listing in database.listings("docs.google.com")} >= {"education"}
    assert {outcome.status for outcome in library.import_folder(published, at)} == {Status.UNCHANGED}


def test_the_classifier_is_whole() -> None:
    categories = load()
    assert len({category.bit for category in categories.by_id.values()}) == len(categories.by_id)
    assert all(
        set(category.names) == {"ky", "ru", "en"} and all(category.names.values())
        for category in categories.by_id.values()
    )
    assert {entry.category for entry in categories.statutory()} >= {"porn", "violence", "extremism", "gambling", "doh"}
    assert categories["porn"].scope is StatutoryScope.EVERYBODY
    assert {rule.category for rule in categories.permit_rules()} >= {"webmail", "downloads"}
    assert all(category.basis for category in categories.by_id.values() if category.scope)


def test_a_broken_classifier_or_mapping_is_told() -> None:
    entry = 'bit = {bit}\nkind = "neutral"\nclause = "2.11"\nky = "а"\nru = "а"\nen = "a"\n'
    with pytest.raises(CategoryError, match="different numbers"):
        parse("[a]\n" + entry.format(bit=1) + "[b]\n" + entry.format(bit=1))
    with pytest.raises(CategoryError, match="incomplete"):
        parse("[a]\nbit = 1\n")
    with pytest.raises(SourceError, match="unknown category"):
        parse_sources('[p]\ntitle="t"\nlicence="l"\nformat="hosts"\nfile="f"\n[p.lists]\nx = "nowhere"\n', load())
    with pytest.raises(SourceError, match="unknown"):
        load_sources()["no/such"]
