"""The last good version of each list stays in force, whatever its publisher does."""

import hashlib
import json
import string
from datetime import datetime
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from darbaza.catalogue import commands
from darbaza.catalogue.categories import CategoryError, load, parse
from darbaza.catalogue.database import CatalogueDatabase
from darbaza.catalogue.fetch import Publishers
from darbaza.catalogue.library import Library, LibraryError, Outcome, Status
from darbaza.catalogue.sources import SourceError, UnknownListError, load_sources, parse_sources
from darbaza.catalogue.wording import LANGUAGES, Said, sentences
from darbaza.policy.rulebook import StatutoryScope
from tests.catalogue.publisher import Publisher
from tests.catalogue.school import NAMES, sources


@pytest.fixture
def library(tmp_path: Path, publisher: Publisher) -> Library:
    publisher.put("/games", NAMES)
    return Library(tmp_path / "library", sources=sources(publisher), own_hosts=["portal.maektep.test", "maektep.test"])


def fetched(library: Library, publishers: Publishers, at: datetime, name: str = "school/games") -> Outcome:
    (outcome,) = library.fetch(publishers, at, [name])
    return outcome


def names_in(library: Library, tmp_path: Path) -> int:
    """How many names are in force."""
    return library.compile(tmp_path / "c.cdb").names


def test_an_unchanged_list_is_not_sent_again(
    library: Library, publishers: Publishers, publisher: Publisher, at: datetime
) -> None:
    assert fetched(library, publishers, at).status is Status.ACCEPTED
    assert fetched(library, publishers, at).status is Status.UNCHANGED
    assert [asked.headers.get("If-None-Match") for asked in publisher.asked] == [None, publisher.pages["/games"].etag]


@pytest.mark.bypass("L11")
@pytest.mark.parametrize(
    ("body", "options", "key"),
    [
        (b"<html>sign in</html>", {"kind": "text/html"}, "web-page"),
        (b"\n <!DOCTYPE html><html>sign in</html>", {}, "web-page"),
        (NAMES.encode("utf-16"), {}, "another-kind"),
        (b'{"error": "rate limit"}', {}, "another-kind"),
        (NAMES.encode(), {"cut": 99}, "unreachable"),
        (NAMES.encode(), {"status": 404}, "answers-status"),
    ],
)
def test_a_wrong_answer_leaves_the_list_in_force(
    library: Library,
    publishers: Publishers,
    publisher: Publisher,
    at: datetime,
    body: bytes,
    options: dict[str, Any],
    key: str,
) -> None:
    fetched(library, publishers, at)
    publisher.put("/games", body, etag='"2"', **options)
    assert fetched(library, publishers, at).status is Status.REFUSED
    state = library.state("school/games")
    assert state.active is not None
    assert state.active.entries == 400
    assert state.trouble is not None
    assert state.trouble.key in {key, "broke-off" if key == "unreachable" else key}
    publisher.put("/games", NAMES, etag='"3"')
    fetched(library, publishers, at)
    assert library.state("school/games").trouble is None


@pytest.mark.bypass("L03")
@pytest.mark.bypass("L02")
def test_a_held_update_waits_until_a_person_accepts_it(
    library: Library, publishers: Publishers, publisher: Publisher, tmp_path: Path, at: datetime
) -> None:
    fetched(library, publishers, at)
    publisher.put("/games", "n1.test\n" * 3)
    assert fetched(library, publishers, at).status is Status.HELD
    assert fetched(library, publishers, at).said[0].key == "still-held"
    assert "HELD" in commands.show_lists(library, "en")[0]
    shown = "\n".join(commands.show_lists(library, "en", "school/games"))
    assert "removes, for example: n0.test, n10.test" in shown
    assert names_in(library, tmp_path) == 400
    library.accept_held("school/games", by="Айда", at=at)
    assert names_in(library, tmp_path) == 1
    assert "accepted by Айда" in "\n".join(commands.show_lists(library, "en", "school/games"))
    with pytest.raises(LibraryError, match="no update"):
        library.accept_held("school/games", by="Айда", at=at)


def test_a_publisher_that_takes_a_doubtful_update_back_leaves_nothing_to_decide(
    library: Library, publishers: Publishers, publisher: Publisher, at: datetime
) -> None:
    fetched(library, publishers, at)
    publisher.put("/games", "")
    assert fetched(library, publishers, at).status is Status.HELD
    publisher.put("/games", NAMES)
    assert fetched(library, publishers, at).said == (Said("taken-back"),)
    assert library.state("school/games").held is None


@pytest.mark.bypass("L01")
def test_a_quarantined_entry_is_let_in_by_a_person_only(library: Library, tmp_path: Path, at: datetime) -> None:
    folder = tmp_path / "lists"
    folder.mkdir()
    (folder / "games.domains").write_text("oyun.test\nmaektep.test\nedu.tw\n")
    library.import_folder(folder, at)
    library.compile(tmp_path / "c.cdb")
    assert not CatalogueDatabase.open(tmp_path / "c.cdb").listings("maektep.test")
    assert library.is_compiled(tmp_path / "c.cdb")
    library.release("school/games", "maektep.test", by="Айда", at=at)
    assert not library.is_compiled(tmp_path / "c.cdb")
    library.compile(tmp_path / "c.cdb")
    assert CatalogueDatabase.open(tmp_path / "c.cdb").listings("maektep.test")
    with pytest.raises(LibraryError, match="no quarantined"):
        library.release("school/games", "oyun.test", by="Айда", at=at)
    assert "maektep.test released by Айда" in (tmp_path / "library/school/games/acts.log").read_text()


@pytest.mark.bypass("L13")
def test_a_file_that_its_manifest_does_not_vouch_for_is_refused(library: Library, tmp_path: Path, at: datetime) -> None:
    (tmp_path / "games.domains").write_text(NAMES)
    right = hashlib.sha256(NAMES.encode()).hexdigest()
    entry: dict[str, Any] = {"path": "games.domains", "sha256": "0" * 64, "date": "2026-08-17", "commit": "abc"}
    for checksum, status in (("0" * 64, Status.REFUSED), (right, Status.ACCEPTED)):
        (tmp_path / "MANIFEST.json").write_text(json.dumps([{**entry, "sha256": checksum}]))
        assert library.import_folder(tmp_path, at)[0].status is status
    (tmp_path / "MANIFEST.json").write_text("{")
    with pytest.raises(LibraryError, match="no manifest"):
        library.import_folder(tmp_path, at)
    with pytest.raises(LibraryError, match="no folder"):
        library.import_folder(tmp_path / "nowhere", at)


def test_a_damaged_state_is_told(library: Library, publishers: Publishers, tmp_path: Path, at: datetime) -> None:
    fetched(library, publishers, at)
    (tmp_path / "library/school/games/state.json").write_text("{")
    with pytest.raises(LibraryError, match="damaged"):
        library.state("school/games")


def test_lists_that_a_school_leaves_out_are_neither_fetched_nor_compiled(
    library: Library, publishers: Publishers, publisher: Publisher, tmp_path: Path, at: datetime
) -> None:
    library.fetch(publishers, at)
    publisher.asked.clear()
    less = Library(library.root, sources=library.sources, left_out=["school/games"])
    less.fetch(publishers, at)
    assert "/games" not in publisher.paths()
    assert less.parts() == []
    assert "left out" in "\n".join(commands.show_lists(less, "en", is_all=True))
    with pytest.raises(UnknownListError, match="unknown"):
        Library(library.root, sources=library.sources, left_out=["school/gmaes"])


def test_without_any_list_the_old_database_stays(library: Library, tmp_path: Path) -> None:
    target = tmp_path / "c.cdb"
    target.write_bytes(b"the old one")
    with pytest.raises(LibraryError, match="no list is in force"):
        library.compile(target)
    assert target.read_bytes() == b"the old one"


@pytest.mark.bypass("L04")
def test_a_database_that_would_close_the_school_s_own_host_never_takes_effect(
    library: Library, publishers: Publishers, tmp_path: Path, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever is wrong with the guards: here they let everything through."""
    fetched(library, publishers, at)
    library.compile(tmp_path / "c.cdb")
    before = (tmp_path / "c.cdb").read_bytes()
    (tmp_path / "games.domains").write_text(NAMES + "maektep.test\n")
    monkeypatch.setattr("darbaza.catalogue.guards.Screen.quarantined", lambda *_: iter(()))
    monkeypatch.setattr(Library, "_pinned", frozenset())
    blind = Library(library.root, sources=library.sources, own_hosts=["maektep.test"])
    assert blind.import_folder(tmp_path, at)[0].status is Status.ACCEPTED
    with pytest.raises(LibraryError) as caught:
        blind.compile(tmp_path / "c.cdb")
    assert caught.value.said == Said("would-close-own", {"host": "maektep.test"})
    assert (tmp_path / "c.cdb").read_bytes() == before


def test_the_lists_that_ship_with_the_product_are_invented(tmp_path: Path, at: datetime) -> None:
    library = Library(tmp_path / "library")
    outcomes = library.import_folder(Path(str(files("darbaza.catalogue") / "demo_lists")), at)
    assert {outcome.status for outcome in outcomes} == {Status.ACCEPTED}
    library.compile(tmp_path / "c.cdb")
    database = CatalogueDatabase.open(tmp_path / "c.cdb")
    assert database.listings("www.kumar.test")[0].category == "gambling"
    assert "gambling" in commands.which_lists(database, "http://kumar.test/x", "en")[0]
    assert commands.which_lists(database, "belgisiz.test", "en") == ["belgisiz.test: no list names it"]
    assert commands.which_lists(database, "a b", "en") != []


def test_the_state_s_own_suffixes_are_in_their_categories(tmp_path: Path, at: datetime) -> None:
    library = Library(tmp_path / "library")
    assert {outcome.status for outcome in library.take_own(at)} == {Status.ACCEPTED}
    library.compile(tmp_path / "c.cdb")
    database = CatalogueDatabase.open(tmp_path / "c.cdb")
    assert [listing.category for listing in database.listings("edu.gov.kg")] == ["government"]
    assert [listing.category for listing in database.listings("www.1mektep.edu.kg")] == ["education"]
    assert database.listings("dukon.com.kg") == ()
    assert database.listings("dukon.kg") == ()


@pytest.mark.timeout(900)
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
    assert {listing.category for listing in database.listings("edu.gov.kg")} == {"education"}
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
    head = '[p]\ntitle="t"\nlicence="l"\nformat="hosts"\nfile="f"\n'
    with pytest.raises(SourceError, match="unknown category"):
        parse_sources(head + '[p.lists]\nx = "nowhere"\n', load())
    with pytest.raises(SourceError, match="no https address"):
        parse_sources(head + 'url="http://lists.test/x"\n[p.lists]\nx = "games"\n', load())
    with pytest.raises(SourceError, match="minisign"):
        parse_sources(head + 'url="https://lists.test/x"\nminisign="UldR"\n[p.lists]\nx = "games"\n', load())
    with pytest.raises(UnknownListError, match="unknown"):
        load_sources()["no/such"]


def test_every_list_in_use_has_an_address_or_says_why_not() -> None:
    used = [source for source in load_sources() if not source.skip]
    local = {source.id for source in used if source.online is None}
    assert {name.partition("/")[0] for name in local} == {"policy", "darbaza", "demo"}
    assert all(source.online.url.startswith("https://") for source in used if source.online)
    assert len({source.online.url for source in used if source.online and source.id.startswith("v2fly")}) == 1


def test_every_sentence_has_its_values_in_all_languages() -> None:
    for key, text in sentences().items():
        fields = {
            language: {name for _, name, _, _ in string.Formatter().parse(text[language]) if name}
            for language in LANGUAGES
        }
        assert fields["ky"] == fields["ru"] == fields["en"], key
    assert Said("of-a-later-version", {"list": "x"}).told("ky") == "of-a-later-version list=x"
