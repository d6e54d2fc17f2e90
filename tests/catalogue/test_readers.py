"""Every list format becomes the same entries, and what is no list is refused with its reason."""

import base64
import gzip
import io
import lzma
import tarfile
from collections import Counter
from pathlib import Path

import pytest

from darbaza.catalogue.files import ListError, blocks
from darbaza.catalogue.readers import Block, read
from darbaza.catalogue.sources import Format, load_sources


def entries(path: Path, form: Format, **options: str) -> Block:
    whole = Block()
    for block in read(path, form, **options):
        whole.hosts += block.hosts
        whole.pages += block.pages
        whole.networks += block.networks
        whole.skipped.update(block.skipped)
    return whole


def written(folder: Path, text: str | bytes) -> Path:
    path = folder / "list"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


@pytest.mark.parametrize(
    ("form", "text"),
    [
        (Format.DOMAINS, "# head\nkumar.test\nOyun.TEST. # games\r\n.tarmak.test\n*.bazar.test\n"),
        (
            Format.HOSTS,
            "127.0.0.1 localhost\n0.0.0.0 kumar.test\n0.0.0.0 oyun.test Tarmak.test\n::1 bazar.test # shop\n",
        ),
        (
            Format.ADGUARD,
            "! head\n||kumar.test^\n||oyun.test^$important\n||Tarmak.test^\n||bazar.test^\n@@||kitep.test^\n/x+/\n",
        ),
        (Format.DNSMASQ, "address=/kumar.test/0.0.0.0\nlocal=/oyun.test/\nserver=/tarmak.test/bazar.test/\nport=53\n"),
        (Format.TSV, "kumar.test\tKG\noyun.test\ntarmak.test\t\t\nbazar.test\n"),
        (Format.V2FLY, "kumar.test\nfull:oyun.test @cn\ndomain:tarmak.test\nbazar.test\nkeyword:x\nregexp:(a+)+$\n"),
    ],
)
def test_every_format_says_the_same(tmp_path: Path, form: Format, text: str) -> None:
    found = entries(written(tmp_path, text), form)
    assert set(found.hosts) == {b"kumar.test", b"oyun.test", b"tarmak.test", b"bazar.test"}


@pytest.mark.bypass("L05")
def test_expressions_are_counted_and_never_run(tmp_path: Path) -> None:
    found = entries(written(tmp_path, "keyword:x\nregexp:(a+)+$\nregexp:(.*a){25}\n"), Format.V2FLY)
    assert found.skipped == Counter({"regexp": 2, "keyword": 1})
    assert not found.hosts


def test_pages_lose_their_case_and_entries_with_a_query_are_skipped(tmp_path: Path) -> None:
    found = entries(written(tmp_path, "video.test/Clips/\nvideo.test/x?id=1\nkumar.test\n1.2.3.4/~a\n"), Format.URLS)
    assert found.pages == [b"video.test/clips", b"1.2.3.4/~a"]
    assert found.hosts == [b"kumar.test"]
    assert found.skipped["query"] == 1


def test_networks_keep_to_believable_widths(tmp_path: Path) -> None:
    found = entries(
        written(tmp_path, "10.1.2.3/24 # x\n0.0.0.0/0\n::/0\n2001:db8::/32\n10.9.9.9\n1.2.3.4/99\n"), Format.CIDR
    )
    assert found.networks == [b"10.1.2.0/24", b"2001:db8::/32"]
    assert found.hosts == [b"10.9.9.9"]
    assert found.skipped == Counter({"network too broad": 2, "no network": 1})


def test_an_include_that_closes_a_circle_is_entered_once(tmp_path: Path) -> None:
    text = (
        "### FILE a\nkumar.test @ads\noyun.test\ninclude:b\n### FILE b\ninclude:a @ads\ninclude:nowhere\nbazar.test\n"
    )
    found = entries(written(tmp_path, text), Format.V2FLY, root="a")
    assert set(found.hosts) == {b"kumar.test", b"oyun.test", b"bazar.test"}
    assert found.skipped["missing include"] == 1


def test_an_include_takes_only_the_attribute_it_names(tmp_path: Path) -> None:
    text = (
        "### FILE a\ninclude:b @ads\ninclude:c @-ads\n"
        "### FILE b\nkumar.test @ads\noyun.test\n### FILE c\nbazar.test @ads\nvideo.test\n"
    )
    found = entries(written(tmp_path, text), Format.V2FLY, root="a")
    assert set(found.hosts) == {b"kumar.test", b"video.test"}


def test_an_archive_serves_as_a_bundle_and_as_a_list(tmp_path: Path) -> None:
    path = tmp_path / "list.tar.gz"
    with tarfile.open(path, "w:gz") as archive:
        for name, text in (
            ("x-main/data/a", b"include:b\n"),
            ("x-main/data/b", b"kumar.test\n"),
            ("adult/domains", b"uyat.test\n"),
        ):
            entry = tarfile.TarInfo(name)
            entry.size = len(text)
            archive.addfile(entry, io.BytesIO(text))
    assert entries(path, Format.V2FLY, root="a").hosts == [b"kumar.test"]
    assert entries(path, Format.DOMAINS, member="adult/domains").hosts == [b"uyat.test"]
    with pytest.raises(ListError, match="holds no"):
        entries(path, Format.DOMAINS, member="adult/urls")


@pytest.mark.bypass("L11")
@pytest.mark.parametrize(
    ("octets", "reason"),
    [
        (b"<!DOCTYPE html><html>sign in</html>", "web page"),
        (b"\xef\xbb\xbf\n <HTML>", "web page"),
        ("kumar.test\n".encode("utf-16"), "UTF-16"),
        (b"kumar.test\x00\n", "NUL"),
        (b"PK\x03\x04....", "ZIP"),
        (b'{"error": "rate limit"}', "JSON"),
        (gzip.compress(b"kumar.test\n" * 9999)[:-20], "truncated or damaged"),
        (lzma.compress(b"kumar.test\n" * 9999)[:-20], "truncated or damaged"),
        (b"a" * 2_000_000, "line of over"),
    ],
)
def test_what_is_no_list_is_refused_with_its_reason(tmp_path: Path, octets: bytes, reason: str) -> None:
    with pytest.raises(ListError, match=reason):
        entries(written(tmp_path, octets), Format.DOMAINS)


def tarred(*members: tuple[str, bytes], kind: str = "w:gz", **options: object) -> bytes:
    """An archive as its maker wanted it, whatever that was."""
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode=kind) as archive:
        for name, content in members:
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            for option, value in options.items():
                setattr(entry, option, value)
            archive.addfile(entry, io.BytesIO(content))
    return made.getvalue()


@pytest.mark.parametrize("name", ["../../etc/cron.d/domains", "/etc/domains", "games/../../domains", "./../domains"])
def test_an_archive_with_a_path_that_leads_out_is_refused(tmp_path: Path, name: str) -> None:
    path = written(tmp_path, tarred((name, b"kumar.test\n"), ("games/domains", b"oyun.test\n")))
    with pytest.raises(ListError, match="unsafe name"):
        entries(path, Format.DOMAINS, member="games/domains")


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE, tarfile.CHRTYPE, tarfile.DIRTYPE])
def test_only_ordinary_files_of_an_archive_are_read(tmp_path: Path, kind: bytes) -> None:
    made = tarred(("games/domains", b""), type=kind, linkname="/etc/passwd")
    with pytest.raises(ListError, match="holds no"):
        entries(written(tmp_path, made), Format.DOMAINS, member="games/domains")


@pytest.mark.bypass("L06")
def test_an_archive_that_unpacks_without_end_is_stopped_wherever_its_weight_lies(tmp_path: Path) -> None:
    heavy = written(tmp_path, tarred(("ballast", b"\0" * 3_000_000), ("games/domains", b"kumar.test\n")))
    with pytest.raises(ListError, match="unpacks to over"):
        list(read(heavy, Format.DOMAINS, member="games/domains", limit=1 << 20))
    header = written(tmp_path, tarred(("a", b""), pax_headers={"comment": "x" * 3_000_000}))
    with pytest.raises(ListError, match="unpacks to over"):
        list(read(header, Format.DOMAINS, member="games/domains", limit=1 << 20))


@pytest.mark.bypass("L06")
def test_an_archive_of_countless_files_is_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("darbaza.catalogue.files.MAX_MEMBERS", 50)
    path = written(tmp_path, tarred(*((f"data/{number}", b"") for number in range(60))))
    with pytest.raises(ListError, match="over 50 files"):
        entries(path, Format.V2FLY, root="a")


@pytest.mark.bypass("L11")
@pytest.mark.parametrize("kind", ["w", "w:gz", "w:xz"])
@pytest.mark.parametrize("cut", [100, 700, 1300])
def test_an_archive_that_breaks_off_is_refused(tmp_path: Path, kind: str, cut: int) -> None:
    whole = tarred(("a/domains", b"kumar.test\n" * 100), ("games/domains", b"oyun.test\n" * 100), kind=kind)
    path = written(tmp_path, whole[: min(cut, len(whole) - 20)])
    with pytest.raises(ListError):
        entries(path, Format.DOMAINS, member="games/domains")


def test_the_released_text_of_v2fly_is_entered_at_its_list(tmp_path: Path) -> None:
    text = (
        'lists:\n  - name: "a"\n    length: 4\n    rules:\n      - "domain:kumar.test"\n'
        '      - "full:oyun.test:@cn,@ads"\n      - "keyword:x"\n      - "regexp:^(.+\\.)?a:1$"\n'
        '  - name: "a-b"\n    length: 1\n    rules:\n      - "domain:bazar.test"\n'
    )
    found = entries(written(tmp_path, text), Format.V2FLY_PLAIN, root="a")
    assert set(found.hosts) == {b"kumar.test", b"oyun.test"}
    assert found.skipped == Counter({"keyword": 1, "regexp": 1})
    assert entries(written(tmp_path, text), Format.V2FLY_PLAIN, root="a-b").hosts == [b"bazar.test"]
    with pytest.raises(ListError, match="holds no `b`"):
        entries(written(tmp_path, text), Format.V2FLY_PLAIN, root="b")


def test_the_released_text_says_what_the_bundle_says(published: Path, tmp_path: Path) -> None:
    """Built here from the packed bundle as its publisher's tool builds it: includes resolved, one section a list."""
    names = ("category-porn", "category-vpnservices", "category-social-media-!cn")
    whole = {name: entries(published / "v2fly/data-all.txt.xz", Format.V2FLY, root=name) for name in names}
    text = "lists:\n" + "".join(
        f'  - name: "{name}"\n    rules:\n' + "".join(f'      - "domain:{host.decode()}"\n' for host in block.hosts)
        for name, block in whole.items()
    )
    path = written(tmp_path, gzip.compress(text.encode()))
    for name in names:
        assert entries(path, Format.V2FLY_PLAIN, root=name).hosts == whole[name].hosts


def test_hosts_are_found_in_json(tmp_path: Path) -> None:
    text = '[{"d": "www.kumar.test", "rank": 1}, {"d": ["oyun.test", "bazar.test"]}, {"d": null}, {"d": "cut...."}]'
    found = entries(written(tmp_path, text), Format.JSON, member="d")
    assert set(found.hosts) == {b"www.kumar.test", b"oyun.test", b"bazar.test"}
    for wrong in ("{}", "[1]", '[{"x": 1}]', "[", "<html></html>", ""):
        with pytest.raises(ListError):
            entries(written(tmp_path, wrong), Format.JSON, member="d")


def test_hosts_are_found_in_csv(tmp_path: Path) -> None:
    found = entries(written(tmp_path, 'Domain name,Type\nkumar.test,City\n"oyun.test","a, b"\n'), Format.CSV)
    assert found.hosts == [b"kumar.test", b"oyun.test"]


def test_a_tree_of_files_is_read_from_behind_without_what_it_calls_abused(tmp_path: Path) -> None:
    made = tarred(
        ("x-master/lib/domains/test/kitep.txt", b"Kitep\n"),
        ("x-master/lib/domains/test/edu/bilim.txt", b"Bilim\n"),
        ("x-master/lib/domains/test/sold.txt", b"Sold\n"),
        ("x-master/lib/domains/abused.txt", b"sold.test\n"),
        ("x-master/lib/domains/tlds.txt", b"edu\n"),
        ("x-master/lib/swot.rb", b""),
        ("x-master/README.md", b""),
    )
    found = entries(written(tmp_path, made), Format.TREE, root="lib/domains")
    assert set(found.hosts) == {b"kitep.test", b"bilim.edu.test"}
    assert found.skipped == Counter({"abused": 1})


def stamp(kind: int, *parts: bytes) -> str:
    return "sdns://" + base64.urlsafe_b64encode(bytes([kind]) + b"\x07" + bytes(7) + b"".join(parts)).decode().rstrip(
        "="
    )


def packed(text: str, *, more: bool = False) -> bytes:
    return bytes([len(text) | 0x80 * more]) + text.encode()


def test_resolvers_are_named_by_their_stamps(tmp_path: Path) -> None:
    lines = [
        "# Resolvers",
        stamp(0x02, packed("9.9.9.9"), packed("h" * 32), packed("doh.kumar.test"), packed("/dns-query")),
        stamp(
            0x02, packed(""), packed("h" * 32, more=True), packed("i" * 32), packed("two.kumar.test:8443"), packed("/")
        ),
        stamp(0x05, packed("odoh.oyun.test"), packed("/dns-query")),
        stamp(0x85, packed(""), packed(""), packed("relay.oyun.test"), packed("/")),
        stamp(0x01, packed("9.9.9.9"), packed("k" * 32), packed("2.dnscrypt-cert.test")),
        "sdns://AgcAAAAA",
        "sdns://!!!!",
    ]
    found = entries(written(tmp_path, "\n".join(lines) + "\n"), Format.STAMPS)
    assert found.hosts == [b"doh.kumar.test", b"two.kumar.test", b"odoh.oyun.test", b"relay.oyun.test"]
    assert found.skipped == Counter({"no stamp": 2})


@pytest.mark.bypass("L06")
@pytest.mark.parametrize("compress", [gzip.compress, lzma.compress])
def test_a_list_that_unpacks_without_end_is_stopped(tmp_path: Path, compress) -> None:
    path = written(tmp_path, compress(b"kumar.test\n" * 1_000_000))
    with pytest.raises(ListError, match="unpacks to over"):
        list(blocks(path, limit=1 << 20))


@pytest.mark.bypass("L11")
def test_a_byte_order_mark_and_windows_line_ends_do_no_harm(tmp_path: Path) -> None:
    found = entries(written(tmp_path, b"\xef\xbb\xbfkumar.test\r\noyun.test\r\n\xff\xfe.test\r\n"), Format.DOMAINS)
    assert found.hosts == [b"kumar.test", b"oyun.test"]
    assert found.skipped["not UTF-8"] == 1


def test_every_published_file_is_mapped_or_skipped_with_a_reason(published: Path) -> None:
    mapped = {source.file for source in load_sources()}
    folders = (
        "ut1",
        "sinfonietta",
        "pornaway",
        "blocklistproject",
        "v2fly",
        "refilter",
        "phishing-database",
        "dibdot",
        "x4bnet",
        "clean",
        "policy",
    )
    files = {
        f.relative_to(published).as_posix().removesuffix(".xz")
        for name in folders
        for f in (published / name).rglob("*.xz")
    }
    assert files <= mapped


def test_a_flat_list_of_v2fly_equals_the_one_resolved_from_the_bundle(published: Path) -> None:
    flat = entries(published / "v2fly/flat/adult.domains.xz", Format.V2FLY)
    resolved = entries(published / "v2fly/data-all.txt.xz", Format.V2FLY, root="category-porn")
    assert set(flat.hosts) == set(resolved.hosts)


def test_three_notations_of_one_published_list_agree(published: Path) -> None:
    plain, adguard, dnsmasq = (
        set(entries(published / f"blocklistproject/drugs.{name}.xz", form).hosts)
        for name, form in (("domains", Format.DOMAINS), ("adguard", Format.ADGUARD), ("dnsmasq", Format.DNSMASQ))
    )
    assert plain == adguard == dnsmasq
    assert len(plain) > 20_000
