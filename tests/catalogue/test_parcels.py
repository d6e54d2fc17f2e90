"""One address is asked once; what its checksum or signature does not vouch for never takes the place of a good one."""

import hashlib
from datetime import datetime
from pathlib import Path

import pytest

from darbaza.catalogue.fetch import Publishers
from darbaza.catalogue.minisign import read_key
from darbaza.catalogue.parcels import Parcels, parse_sums
from darbaza.catalogue.sources import Format, Online
from darbaza.catalogue.wording import ListsError
from tests.catalogue.publisher import Publisher
from tests.catalogue.test_minisign import HASHED, KEY, PLAIN

SIGNED = "a.test\nb.test\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "parcels"


def online(publisher: Publisher, path: str, **options: object) -> Online:
    return Online(publisher.url(path), Format.DOMAINS, **options)


def sums(publisher: Publisher, *, kind: str = "sha256", wrong: bool = False) -> None:
    """Publish checksums of every page there is."""
    lines = [
        f"{hashlib.new(kind, page.body + b'x' * wrong).hexdigest()}  {path.rpartition('/')[2]}\n"
        for path, page in publisher.pages.items()
    ]
    publisher.put("/SUMS", "".join(lines))


def refusal(parcels: Parcels, wanted: Online) -> str:
    with pytest.raises(ListsError) as caught:
        parcels.get(wanted)
    return caught.value.said.key


def test_an_unchanged_file_is_asked_with_its_tag_and_kept(
    publisher: Publisher, publishers: Publishers, folder: Path, at: datetime
) -> None:
    publisher.put("/a", "kumar.test\n", modified="Wed, 19 Aug 2026 10:00:00 GMT")
    first = Parcels(folder, publishers, at).get(online(publisher, "/a"))
    again = Parcels(folder, publishers, at).get(online(publisher, "/a"))
    assert (first.is_new, again.is_new) == (True, False)
    assert first.version == again.version == "2026-08-19"
    assert again.path.read_text() == "kumar.test\n"


def test_a_kept_file_that_is_gone_is_asked_for_as_if_never_seen(
    publisher: Publisher, publishers: Publishers, folder: Path, at: datetime
) -> None:
    publisher.put("/a", "kumar.test\n")
    Parcels(folder, publishers, at).get(online(publisher, "/a")).path.unlink()
    assert Parcels(folder, publishers, at).get(online(publisher, "/a")).is_new


@pytest.mark.parametrize("kind", ["md5", "sha1", "sha256", "sha512"])
def test_checksums_tell_for_many_files_that_nothing_changed(
    publisher: Publisher, publishers: Publishers, folder: Path, at: datetime, kind: str
) -> None:
    for name in "abc":
        publisher.put(f"/{name}", f"{name}.test\n")
    sums(publisher, kind=kind)
    wanted = [online(publisher, f"/{name}", sums=publisher.url("/SUMS")) for name in "abc"]
    for each in wanted:
        Parcels(folder, publishers, at).get(each)
    publisher.asked.clear()
    tonight = Parcels(folder, publishers, at)
    assert not any(tonight.get(each).is_new for each in wanted)
    assert publisher.paths() == ["/SUMS"]
    publisher.put("/b", "other.test\n")
    sums(publisher, kind=kind)
    tomorrow = Parcels(folder, publishers, at)
    assert [tomorrow.get(each).is_new for each in wanted] == [False, True, False]
    assert publisher.paths() == ["/SUMS", "/b"]


def test_a_wrong_checksum_leaves_the_last_good_file(
    publisher: Publisher, publishers: Publishers, folder: Path, at: datetime
) -> None:
    publisher.put("/a", "kumar.test\n")
    sums(publisher)
    wanted = online(publisher, "/a", sums=publisher.url("/SUMS"))
    good = Parcels(folder, publishers, at).get(wanted).path
    publisher.put("/a", "forged.test\n")
    sums(publisher, wrong=True)
    assert refusal(Parcels(folder, publishers, at), wanted) == "sum-differs"
    assert good.read_text() == "kumar.test\n"
    sums(publisher)
    assert Parcels(folder, publishers, at).get(wanted).is_new


def test_a_text_that_was_packed_for_the_way_has_the_checksum_of_its_content(
    publisher: Publisher, publishers: Publishers, folder: Path, at: datetime
) -> None:
    publisher.put("/a", "kumar.test\n" * 999, encoding="gzip")
    sums(publisher)
    assert Parcels(folder, publishers, at).get(online(publisher, "/a", sums=publisher.url("/SUMS"))).is_new


def test_without_the_checksums_nothing_is_believed_and_they_are_asked_for_once(
    publisher: Publisher, publishers: Publishers, folder: Path, at: datetime
) -> None:
    publisher.put("/a", "kumar.test\n")
    publisher.put("/SUMS", "<html>sign in</html>", kind="text/html")
    tonight = Parcels(folder, publishers, at)
    wanted = online(publisher, "/a", sums=publisher.url("/SUMS"))
    assert [refusal(tonight, wanted), refusal(tonight, wanted)] == ["web-page", "web-page"]
    assert publisher.paths() == ["/SUMS"]
    publisher.put("/SUMS", "0" * 64 + "  other\n")
    assert refusal(Parcels(folder, publishers, at), wanted) == "sums-do-not-name"


@pytest.mark.bypass("L13")
@pytest.mark.bypass("L12")
def test_a_signed_file_is_taken_and_a_forged_or_older_one_is_not(
    publisher: Publisher, publishers: Publishers, folder: Path, at: datetime
) -> None:
    publisher.put("/list.txt", SIGNED, encoding="gzip")
    publisher.put("/list.txt.minisig", PLAIN)
    wanted = online(publisher, "/list.txt", key=read_key(KEY))
    assert Parcels(folder, publishers, at).get(wanted).path.read_text() == SIGNED
    publisher.put("/list.txt", SIGNED, etag='"replayed"')
    publisher.put("/list.txt.minisig", HASHED)
    assert refusal(Parcels(folder, publishers, at), wanted) == "signature-older"
    publisher.put("/list.txt", SIGNED + "forged.test\n")
    assert refusal(Parcels(folder, publishers, at), wanted) == "signature-wrong"
    del publisher.pages["/list.txt.minisig"]
    assert refusal(Parcels(folder, publishers, at), wanted) == "answers-status"
    publisher.put("/other.txt", SIGNED)
    publisher.put("/other.txt.minisig", PLAIN)
    other = online(publisher, "/other.txt", key=read_key(KEY))
    assert refusal(Parcels(folder, publishers, at), other) == "signature-of-another-file"


def test_checksums_are_read_as_their_tools_write_them() -> None:
    text = f"{'a' * 32}  games.tar.gz\n{'B' * 64} *./lists/phishing.txt\nnot a sum\n{'c' * 31}  x\n"
    assert parse_sums(text) == {"games.tar.gz": "md5:" + "a" * 32, "phishing.txt": "sha256:" + "b" * 64}
