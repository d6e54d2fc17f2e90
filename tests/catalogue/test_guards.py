"""Updates that no one would believe wait for a person; ordinary ones pass; some entries never take effect."""

from pathlib import Path

import pytest

from darbaza.catalogue.categories import load
from darbaza.catalogue.guards import (
    Change,
    Reason,
    Screen,
    UpdateReview,
    compare,
    hold_reasons,
    reach,
    review,
    suffixes,
)
from darbaza.catalogue.readers import read
from darbaza.catalogue.reserved import ReservedError, load_reserved, parse_reserved
from darbaza.catalogue.sources import Format
from darbaza.catalogue.wording import told


def screen(category: str, **options) -> Screen:
    return Screen((load()[category],), suffixes(), options.pop("pins", {}), options.pop("popular", {}), **options)


def replayed(published: Path, name: str, category: str, *, is_feed: bool = False) -> list[UpdateReview]:
    """Each version of a packed list against the last one that was accepted."""
    popular = reach(
        (e.decode() for b in read(published / "clean/moz-top500.domains.xz", Format.DOMAINS) for e in b.hosts),
        suffixes(),
    )
    reviews, old = [], None
    for file in sorted((published / "updates" / name).glob("*.xz")):

        def new(file: Path = file):
            return (block.entries() for block in read(file, Format.DOMAINS))

        known = None if old is None else frozenset(entry for block in old() for entry in block)
        reviews.append(review(old, new, screen(category, popular=popular, known=known), is_feed=is_feed))
        old = new if reviews[-1].accepted else old
    return reviews


@pytest.mark.parametrize(
    ("name", "category"), [("normal-games", "games"), ("normal-social", "social"), ("normal-vpn", "circumvention")]
)
def test_ordinary_updates_pass(published: Path, name: str, category: str) -> None:
    assert all(seen.accepted for seen in replayed(published, name, category))


@pytest.mark.bypass("L03")
@pytest.mark.bypass("L02")
@pytest.mark.parametrize(
    ("name", "category", "is_feed", "reason"),
    [
        ("incident-emptied", "malware", True, "published empty"),
        ("incident-x12", "doh", False, "adds"),
        ("incident-x6", "gambling", False, "adds"),
    ],
)
def test_incidents_are_held_and_the_old_version_stays(
    published: Path, name: str, category: str, is_feed: bool, reason: str
) -> None:
    first, *later = replayed(published, name, category, is_feed=is_feed)
    assert first.accepted
    assert all(seen.held for seen in later)
    assert reason in told(later[0].reasons, "en")


@pytest.mark.bypass("L04")
def test_well_known_sites_added_by_mistake_stay_out(published: Path) -> None:
    seen = replayed(published, "incident-popular-added", "malware", is_feed=True)[1]
    assert len(seen.quarantined) == 2
    assert {kept.reason for kept in seen.quarantined} == {Reason.POPULAR}


@pytest.mark.bypass("L03")
@pytest.mark.bypass("L02")
@pytest.mark.parametrize(
    ("change", "is_feed", "held"),
    [
        (Change(1000, 900, 0, 100), False, False),
        (Change(1000, 899, 0, 101), False, True),
        (Change(1000, 1500, 500, 0), False, False),
        (Change(1000, 1501, 501, 0), False, True),
        (Change(1000, 400, 0, 600), True, False),
        (Change(1000, 4001, 3001, 0), True, True),
        (Change(0, 0, 0, 0), False, True),
        (Change(0, 9, 9, 0), False, False),
        (Change(100, 150, 100, 50), False, False),
        (Change(100, 40, 0, 60), False, True),
        (Change(3, 0, 0, 3), False, True),
    ],
)
def test_thresholds(change: Change, is_feed: bool, held: bool) -> None:
    assert bool(hold_reasons(change, is_feed=is_feed)) is held


def test_a_comparison_in_slices_equals_one_in_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    old, new = [b"%d.test" % n for n in range(500)], [b"%d.test" % n for n in range(100, 900)]
    monkeypatch.setattr("darbaza.catalogue.guards.SLICE", 70)
    assert compare(lambda: [old], lambda: [new]) == Change(500, 800, 400, 100)


def kept_out(category: str, *hosts: bytes, **options) -> dict[str, Reason]:
    return {found.entry: found.reason for found in screen(category, **options).quarantined(hosts)}


@pytest.mark.bypass("L01")
def test_public_suffixes_stay_out_but_those_a_category_wants() -> None:
    assert kept_out("porn", b"edu.tw", b"com", b"porn", b"foo.ck", b"www.ck", b"uyat.test") == {
        "edu.tw": Reason.PUBLIC_SUFFIX, "com": Reason.PUBLIC_SUFFIX, "foo.ck": Reason.PUBLIC_SUFFIX,
    }  # fmt: skip
    assert kept_out("games", b"porn", b"printer") == {"porn": Reason.PUBLIC_SUFFIX, "printer": Reason.SINGLE_LABEL}


def test_suffixes_kept_for_the_state_and_for_schools_may_stand_in_their_own_lists_only() -> None:
    reserved = load_reserved()
    hosts = (b"gov.kg", b"edu.kg", b"com.kg", b"gov.pl", b"kg")
    out = Reason.PUBLIC_SUFFIX
    assert kept_out("government", *hosts, reserved=reserved) == dict.fromkeys(("edu.kg", "com.kg", "gov.pl", "kg"), out)
    assert kept_out("education", *hosts, reserved=reserved) == dict.fromkeys(("com.kg", "gov.pl", "kg"), out)
    for closing in ("games", "malware", "porn", "foreign-register"):
        assert set(kept_out(closing, *hosts, reserved=reserved)) == {host.decode() for host in hosts}


def test_every_reserved_suffix_is_one_stands_in_opening_categories_and_has_its_source() -> None:
    for suffix, categories in load_reserved().items():
        assert suffixes().is_icann(suffix), suffix
        assert "." in suffix
        assert all(load()[category].opens for category in categories)
    with pytest.raises(ReservedError, match="lacks for, rule, source, seen"):
        parse_reserved('["com.kg"]\ncategories = ["education"]\n')


@pytest.mark.bypass("L15")
@pytest.mark.bypass("L01")
def test_a_suffix_shared_by_strangers_may_close_and_never_open() -> None:
    assert kept_out("hosting", b"github.io") == {}
    assert kept_out("education", b"github.io", b"kitep.github.io") == {"github.io": Reason.SHARED_SUFFIX}


@pytest.mark.bypass("L04")
def test_a_pinned_host_and_its_own_parents_stay_open() -> None:
    pins = reach(["portal.maektep.edu.kg", "bolum.github.io"], suffixes())
    hosts = (b"maektep.edu.kg", b"portal.maektep.edu.kg", b"jaman.maektep.edu.kg", b"github.io", b"bolum.github.io")
    assert set(kept_out("games", *hosts, pins=pins)) == {"maektep.edu.kg", "portal.maektep.edu.kg", "bolum.github.io"}
    assert kept_out("education", *hosts[:3], pins=pins) == {}


@pytest.mark.bypass("L04")
def test_a_well_known_site_may_be_in_its_kind_and_no_update_may_add_it() -> None:
    popular = reach(["tarmak.test"], suffixes())
    assert kept_out("social", b"tarmak.test", popular=popular) == {}
    assert kept_out("malware", b"tarmak.test", popular=popular) == {"tarmak.test": Reason.POPULAR}
    assert kept_out("social", b"tarmak.test", popular=popular, known=frozenset()) == {"tarmak.test": Reason.POPULAR}
    assert (
        kept_out("social", b"tarmak.test", popular=popular, released=frozenset({b"tarmak.test"}), known=frozenset())
        == {}
    )


@pytest.mark.bypass("L01")
def test_the_real_public_suffixes_in_lists_are_found(published: Path) -> None:
    known = suffixes()
    lines = [line for octets in _lines(published / "clean/public-suffix-in-lists.tsv.xz") for line in octets]
    marked = [line.split("\t")[:2] for line in lines if line]
    agreed = sum((known.is_icann(name) if section == "icann" else known.is_private(name)) for name, section in marked)
    assert agreed >= 0.97 * len(marked)  # the two copies of the list are weeks apart


def _lines(path: Path):
    from darbaza.catalogue.files import blocks

    return (octets.decode().split("\n") for octets in blocks(path))
