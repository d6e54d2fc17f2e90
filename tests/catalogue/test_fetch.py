"""A publisher over a bad line: what came is kept, what is not believable is refused, and nothing hangs."""

import gzip
import ssl
import time
from pathlib import Path

import pytest

from darbaza.catalogue.fetch import FetchError, Publishers, Tags, Wanted
from tests.catalogue.conftest import IMPATIENT
from tests.catalogue.publisher import Publisher

BODY = "".join(f"n{number}.test\n" for number in range(4000)).encode()


@pytest.fixture
def target(tmp_path: Path) -> Path:
    (tmp_path / "got").mkdir()
    return tmp_path / "got" / "list"


def refused(publishers: Publishers, wanted: Wanted, target: Path) -> str:
    with pytest.raises(FetchError) as caught:
        publishers.get(wanted, target)
    assert not target.exists()
    return caught.value.said.key


def test_a_file_comes_with_its_tags(publisher: Publisher, publishers: Publishers, target: Path) -> None:
    publisher.put("/a", BODY, etag='"1"', modified="Wed, 19 Aug 2026 10:00:00 GMT")
    came = publishers.get(Wanted(publisher.url("/a")), target)
    assert came.tags == Tags('"1"', "Wed, 19 Aug 2026 10:00:00 GMT")
    assert target.read_bytes() == BODY


@pytest.mark.parametrize("tags", [Tags('"1"'), Tags('W/"1"'), Tags("", "Wed, 19 Aug 2026 10:00:00 GMT")])
def test_what_is_not_newer_is_not_sent(publisher: Publisher, publishers: Publishers, target: Path, tags: Tags) -> None:
    publisher.put("/a", BODY, etag=tags.etag, modified=tags.modified)
    assert publishers.get(Wanted(publisher.url("/a"), tags), target).unchanged
    assert not target.exists()


def test_an_answer_that_nothing_is_newer_to_who_has_nothing_is_refused(
    publisher: Publisher, publishers: Publishers, target: Path
) -> None:
    publisher.put("/a", b"", status=304)
    assert refused(publishers, Wanted(publisher.url("/a")), target) == "answers-status"


def test_a_text_comes_packed_and_an_archive_as_it_is(
    publisher: Publisher, publishers: Publishers, target: Path
) -> None:
    publisher.put("/a", BODY, encoding="gzip")
    publisher.put("/a.tar.gz", gzip.compress(BODY))
    publishers.get(Wanted(publisher.url("/a")), target)
    assert gzip.decompress(target.read_bytes()) == BODY
    publishers.get(Wanted(publisher.url("/a.tar.gz")), target)
    assert publisher.asked[1].headers["Accept-Encoding"] == "identity"


def test_one_connection_serves_many_files(publisher: Publisher, publishers: Publishers, target: Path) -> None:
    for name in "abc":
        publisher.put(f"/{name}", BODY)
        publishers.get(Wanted(publisher.url(f"/{name}")), target)
    assert len({asked.connection for asked in publisher.asked}) == 1


def test_a_transfer_that_breaks_off_goes_on_from_where_it_was(
    publisher: Publisher, publishers: Publishers, target: Path
) -> None:
    publisher.put("/a", BODY, etag='"1"', cut=5_000)
    assert refused(publishers, Wanted(publisher.url("/a")), target) in {"broke-off", "unreachable"}
    publisher.asked.clear()
    publisher.pages["/a"].cut = -1
    line = Publishers(patience=IMPATIENT, tls=publisher.tls)  # the next night
    line.get(Wanted(publisher.url("/a")), target)
    line.close()
    (asked,) = publisher.asked
    assert int(asked.headers["Range"].removeprefix("bytes=").rstrip("-")) >= 5_000
    assert asked.headers["If-Range"] == '"1"'
    assert target.read_bytes() == BODY
    assert [path.name for path in target.parent.iterdir()] == ["list"]


def test_within_one_run_a_broken_transfer_is_tried_again(publisher: Publisher, target: Path) -> None:
    page = publisher.put("/a", BODY, etag='"1"', cut=10_000)

    def mend(_seconds: float) -> None:
        page.cut = -1

    line = Publishers(patience=IMPATIENT, tls=publisher.tls, pause=mend)
    line.get(Wanted(publisher.url("/a")), target)
    line.close()
    assert target.read_bytes() == BODY
    assert len(publisher.asked) == 2


def test_a_file_that_changed_meanwhile_is_taken_from_its_start(
    publisher: Publisher, publishers: Publishers, target: Path
) -> None:
    publisher.put("/a", BODY, etag='"1"', cut=5_000)
    refused(publishers, Wanted(publisher.url("/a")), target)
    publisher.put("/a", BODY[::-1], etag='"2"')
    publishers.get(Wanted(publisher.url("/a")), target)
    assert target.read_bytes() == BODY[::-1]


def test_a_rest_from_the_wrong_place_is_not_appended(
    publisher: Publisher, publishers: Publishers, target: Path
) -> None:
    publisher.put("/a", BODY, etag='"1"', cut=5_000)
    refused(publishers, Wanted(publisher.url("/a")), target)
    publisher.put("/a", BODY, etag='"1"', headers={"Content-Range": f"bytes 5-{len(BODY) - 1}/{len(BODY)}"})
    line = Publishers(patience=IMPATIENT, tls=publisher.tls)
    line.get(Wanted(publisher.url("/a")), target)  # the second attempt begins from the start
    line.close()
    assert target.read_bytes() == BODY


def test_an_answer_that_does_not_say_where_it_ends_is_not_believed(
    publisher: Publisher, publishers: Publishers, target: Path
) -> None:
    publisher.put("/a", BODY, headers={"Content-Length": "", "Connection": "close"})
    assert refused(publishers, Wanted(publisher.url("/a")), target) == "no-length"


@pytest.mark.bypass("L11")
@pytest.mark.parametrize("is_chunked", [False, True])
def test_a_truncated_answer_is_no_file(
    publisher: Publisher, publishers: Publishers, target: Path, is_chunked: bool
) -> None:
    publisher.put("/a", BODY, etag="", cut=1000, is_chunked=is_chunked)
    assert refused(publishers, Wanted(publisher.url("/a")), target) in {"broke-off", "unreachable"}


@pytest.mark.bypass("L11")
@pytest.mark.parametrize(
    ("options", "key"),
    [
        ({"kind": "text/html; charset=utf-8"}, "web-page"),
        ({"encoding": "br"}, "odd-encoding"),
        ({"status": 403}, "answers-status"),
        ({"status": 404}, "answers-status"),
        ({"status": 500}, "answers-status"),
        ({"status": 429, "retry_after": "3600"}, "answers-status"),
    ],
)
def test_what_is_no_file_is_refused(
    publisher: Publisher, publishers: Publishers, target: Path, options: dict[str, object], key: str
) -> None:
    publisher.put("/a", BODY, **options)
    assert refused(publishers, Wanted(publisher.url("/a")), target) == key


@pytest.mark.parametrize("is_chunked", [False, True])
def test_a_file_over_the_limit_is_refused_before_it_fills_the_disk(
    publisher: Publisher, publishers: Publishers, target: Path, is_chunked: bool
) -> None:
    publisher.put("/a", b"x" * (1 << 20), is_chunked=is_chunked)
    assert refused(publishers, Wanted(publisher.url("/a"), limit=1 << 18), target) == "too-big"
    assert sum(path.stat().st_size for path in target.parent.iterdir()) == 0


def test_a_slow_drip_ends_in_time_and_keeps_what_came(
    publisher: Publisher, publishers: Publishers, target: Path
) -> None:
    publisher.put("/a", BODY, etag='"1"', drip=0.02)
    began = time.monotonic()
    assert refused(publishers, Wanted(publisher.url("/a")), target) == "too-slow"
    assert time.monotonic() - began < 5
    assert (target.parent / "list.part").stat().st_size > 0


def test_a_head_that_drips_ends_in_time(publisher: Publisher, publishers: Publishers, target: Path) -> None:
    publisher.put("/a", b"", drip=0.05, drips_head=True)
    began = time.monotonic()
    assert refused(publishers, Wanted(publisher.url("/a")), target) in {"no-length", "unreachable"}
    assert time.monotonic() - began < 10


def test_only_https_is_spoken(publishers: Publishers, target: Path) -> None:
    for url in ("http://127.0.0.1/list", "file:///etc/passwd", "ftp://127.0.0.1/x", "https:///x"):
        assert refused(publishers, Wanted(url), target) == "not-https"


def test_a_publisher_may_lead_on_within_its_own_hosts(
    publisher: Publisher, publishers: Publishers, target: Path
) -> None:
    publisher.put("/a", b"", status=302, location="/b")
    publisher.put("/b", b"", status=307, location=publisher.url("/c", "localhost"))
    publisher.put("/c", BODY)
    publishers.get(Wanted(publisher.url("/a"), redirects=frozenset({"localhost"})), target)
    assert target.read_bytes() == BODY


@pytest.mark.bypass("L11")
@pytest.mark.parametrize(
    "location",
    ["https://localhost:{port}/c", "http://127.0.0.1/c", "https://user@127.0.0.1:{port}/c", "file:///etc/passwd", ""],
)
def test_nobody_is_followed_elsewhere(
    publisher: Publisher, publishers: Publishers, target: Path, location: str
) -> None:
    publisher.put("/a", b"", status=302, location=location.format(port=publisher.port))
    publisher.put("/c", BODY)
    assert refused(publishers, Wanted(publisher.url("/a")), target) in {"leads-away", "leads-on-and-on"}
    assert "/c" not in publisher.paths()


def test_a_circle_of_redirects_ends(publisher: Publisher, publishers: Publishers, target: Path) -> None:
    publisher.put("/a", b"", status=301, location="/b")
    publisher.put("/b", b"", status=301, location="/a")
    assert refused(publishers, Wanted(publisher.url("/a")), target) == "leads-on-and-on"


def test_a_certificate_nobody_vouches_for_is_refused(publisher: Publisher, target: Path) -> None:
    publisher.put("/a", BODY)
    line = Publishers(patience=IMPATIENT, tls=ssl.create_default_context())
    assert refused(line, Wanted(publisher.url("/a")), target) == "unreachable"
    assert publisher.paths() == []


def test_a_publisher_that_is_away_costs_two_files_and_no_more(target: Path) -> None:
    pauses: list[float] = []
    line = Publishers(patience=IMPATIENT, pause=pauses.append)
    said = [refused(line, Wanted(f"https://127.0.0.1:9/{name}"), target) for name in "abcd"]
    assert said == ["unreachable", "unreachable", "publisher-away", "publisher-away"]


def test_a_publisher_that_asks_to_wait_is_left_alone(
    publisher: Publisher, publishers: Publishers, target: Path
) -> None:
    publisher.put("/a", b"", status=429)
    publisher.put("/b", BODY)
    assert refused(publishers, Wanted(publisher.url("/a")), target) == "answers-status"
    assert refused(publishers, Wanted(publisher.url("/b")), target) == "publisher-busy"
    assert publisher.paths() == ["/a"]


def test_after_the_time_nobody_is_asked(publisher: Publisher, target: Path) -> None:
    line = Publishers(patience=IMPATIENT, tls=publisher.tls, until=time.monotonic() - 1)
    assert refused(line, Wanted(publisher.url("/a")), target) == "out-of-time"
    assert publisher.paths() == []
