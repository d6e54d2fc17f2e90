"""Lists become one file that answers who said what; replacing it is one step that dnsdist notices."""

import os
from pathlib import Path

import cdbx
import pytest

from darbaza.catalogue.categories import load
from darbaza.catalogue.compile import HAS_PATHS, Part, compile_catalogue, replace
from darbaza.catalogue.database import CatalogueDatabase, CatalogueError
from darbaza.catalogue.files import ListError
from darbaza.catalogue.sources import Format, Source
from darbaza.policy.resource import Listing


def part(folder: Path, name: str, category: str, text: str, form: Format = Format.DOMAINS, **options) -> Part:
    path = folder / f"{name}.list"
    path.write_text(text)
    return Part(
        Source(f"school/{name}", "School", "CC0-1.0", form, (category,), path.name), path, "2026-11-22", **options
    )


@pytest.fixture
def database(tmp_path: Path) -> CatalogueDatabase:
    parts = [
        part(tmp_path, "a", "gambling", "kumar.test\noyun.test\nkumar.kitep.test\n9.9.9.9\nlate.test\nporn\n"),
        part(tmp_path, "b", "games", "oyun.test\n"),
        part(tmp_path, "c", "video", "video.test/Clips\nkumar.test/vip\n", Format.URLS),
        part(tmp_path, "d", "circumvention", "10.1.0.0/16\n10.1.2.0/24\n2001:db8::/32\n", Format.CIDR),
        part(tmp_path, "e", "malware", "kitep.test\nlate.test\n", dropped=frozenset({b"kitep.test"})),
    ]
    compile_catalogue(parts, tmp_path / "catalogue.cdb", load())
    return CatalogueDatabase.open(tmp_path / "catalogue.cdb")


def categories(database: CatalogueDatabase, host: str, path: str = "") -> list[str]:
    return [listing.category for listing in database.listings(host, path)]


def test_a_host_has_what_its_lists_say_and_inherits_from_above(database: CatalogueDatabase) -> None:
    assert database.listings("www.oyun.test") == (
        Listing("gambling", "school/a", "oyun.test"),
        Listing("games", "school/b", "oyun.test"),
    )
    assert database.listings("kitep.test") == ()
    assert categories(database, "a.kumar.kitep.test") == ["gambling"]
    assert categories(database, "xkumar.test") == []


def test_a_top_level_name_is_known_only_where_a_list_holds_it(database: CatalogueDatabase) -> None:
    assert database.listings("a.b.porn")[0].entry == "porn"
    assert categories(database, "porn") == ["gambling"]
    assert categories(database, "test") == []
    assert categories(database, "") == []


def test_pages_are_known_by_whole_segments_in_any_case(database: CatalogueDatabase) -> None:
    assert database.listings("www.video.test", "/clips/1")[0].entry == "video.test/clips"
    assert categories(database, "video.test", "/CLIPS") == ["video"]
    assert categories(database, "video.test", "/clipsy") == []
    assert categories(database, "video.test") == []
    assert categories(database, "kumar.test", "/vip/x") == ["video", "gambling"]


def test_addresses_have_networks_and_no_parents(database: CatalogueDatabase) -> None:
    assert categories(database, "9.9.9.9") == ["gambling"]
    assert database.networks("10.1.2.3") == ("10.1.2.0/24", "10.1.0.0/16")
    assert [listing.entry for listing in database.listings("10.1.9.9")] == ["10.1.0.0/16"]
    assert categories(database, "2001:db8::1") == ["circumvention"]
    assert categories(database, "8.8.8.8") == []


def test_what_guards_keep_out_stays_out(database: CatalogueDatabase) -> None:
    assert categories(database, "kitep.test") == []
    assert categories(database, "late.test") == ["gambling", "malware"]


def test_which_list_which_version_which_entry(database: CatalogueDatabase) -> None:
    (seen,) = database.which("www.kumar.test")
    assert (seen.entry, seen.list.id, seen.list.version, seen.list.licence) == (
        "kumar.test",
        "school/a",
        "2026-11-22",
        "CC0-1.0",
    )


def test_dnsdist_reads_the_bits_before_the_colon(tmp_path: Path, database: CatalogueDatabase) -> None:
    bare = cdbx.CDB(str(tmp_path / "catalogue.cdb"))
    bits = int(bare.get("oyun.test").partition(b":")[0])
    assert bits == load().bits("gambling", "games")
    assert int(bare.get("video.test").partition(b":")[0]) == 1 << HAS_PATHS
    bare.close()


def test_equal_lists_make_equal_octets(tmp_path: Path) -> None:
    text = "".join(f"n{number}.test\n" for number in range(2000))
    made = []
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        parts = [part(tmp_path / name, "a", "games", text), part(tmp_path / name, "b", "video", text)]
        compile_catalogue(parts[::-1] if name == "two" else parts, tmp_path / name / "c.cdb", load())
        made.append((tmp_path / name / "c.cdb").read_bytes())
    assert made[0] == made[1]


def test_a_new_database_is_younger_than_the_old_one_in_whole_seconds(tmp_path: Path) -> None:
    target, fresh = tmp_path / "old", tmp_path / "fresh"
    target.write_bytes(b"old")
    os.utime(target, (4_000_000_000, 4_000_000_000))
    fresh.write_bytes(b"new")
    replace(fresh, target)
    assert target.read_bytes() == b"new"
    assert int(target.stat().st_mtime) > 4_000_000_000


def test_a_list_that_breaks_off_leaves_the_old_database(tmp_path: Path, database: CatalogueDatabase) -> None:
    before = (tmp_path / "catalogue.cdb").read_bytes()
    broken = part(tmp_path, "z", "games", "<html>")
    with pytest.raises(ListError):
        compile_catalogue([broken], tmp_path / "catalogue.cdb", load())
    assert (tmp_path / "catalogue.cdb").read_bytes() == before
    assert not list(tmp_path.glob(".compile-*"))


def test_an_open_database_stays_as_it_was_when_a_new_one_replaces_it(
    tmp_path: Path, database: CatalogueDatabase
) -> None:
    compile_catalogue([part(tmp_path, "y", "games", "jangy.test\n")], tmp_path / "catalogue.cdb", load())
    assert categories(database, "kumar.test") == ["gambling"]
    assert categories(CatalogueDatabase.open(tmp_path / "catalogue.cdb"), "kumar.test") == []


@pytest.mark.parametrize("octets", [b"", b"junk", b"\xff" * 4096])
def test_a_file_that_is_no_catalogue_is_refused(tmp_path: Path, octets: bytes) -> None:
    path = tmp_path / "junk.cdb"
    path.write_bytes(octets)
    with pytest.raises(CatalogueError, match="compile it again"):
        CatalogueDatabase.open(path)
