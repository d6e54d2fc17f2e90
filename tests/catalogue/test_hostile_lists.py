"""Family L of the bypass catalogue at the lists themselves: what a list must not be able to do, in any of its forms."""

import gzip
import subprocess
import sys
import time
from pathlib import Path

import pytest

from darbaza.catalogue.categories import load
from darbaza.catalogue.compile import Part, compile_catalogue
from darbaza.catalogue.database import CatalogueDatabase
from darbaza.catalogue.fetch import Publishers
from darbaza.catalogue.sources import Format, Source
from tests.catalogue.publisher import Publisher
from tests.catalogue.school import NAMES
from tests.catalogue.test_readers import entries, written
from tests.catalogue.test_update import School

LONG_HOST = ".".join(["a" * 60] * 4)


@pytest.fixture
def school(tmp_path: Path, publisher: Publisher, publishers: Publishers, at: object) -> School:
    return School(tmp_path, publisher, publishers, at)  # type: ignore[arg-type]


BOMBS = ("(a+)+$", "(.*a){25}", "^(([a-z])+.)+[A-Z]([a-z])+$", "(a|a)*b", "(?:a?){40}a{40}", "(x+x+)+y")


@pytest.mark.bypass("L05")
@pytest.mark.parametrize(
    ("form", "line"),
    [
        (Format.V2FLY, "regexp:{}"),
        (Format.V2FLY, "keyword:{}"),
        (Format.ADGUARD, "/{}/"),
        (Format.ADGUARD, "||{}^"),
        (Format.DOMAINS, "{}"),
        (Format.HOSTS, "0.0.0.0 {}"),
        (Format.URLS, "{}"),
        (Format.DNSMASQ, "address=/{}/0.0.0.0"),
        (Format.TSV, "{}\tKG"),
    ],
)
def test_no_expression_of_a_list_is_ever_run(tmp_path: Path, form: Format, line: str) -> None:
    """They are counted and left out, so that none can hang on a host, however long."""
    text = "".join(line.format(bomb) + "\n" for bomb in BOMBS) * 50
    began = time.process_time()
    found = entries(written(tmp_path, text), form)
    assert not [host for host in found.hosts if not set(host) <= set(b"abcdefghijklmnopqrstuvwxyz0123456789.-_")]
    assert sum(found.skipped.values()) + len(found.hosts) + len(found.pages) > 0
    assert time.process_time() - began < 2


@pytest.mark.bypass("L05")
def test_a_look_up_of_the_longest_host_costs_no_more_than_a_blink(tmp_path: Path) -> None:
    path = written(tmp_path, "".join(f"regexp:{bomb}\n" for bomb in BOMBS) + "kumar.test\n")
    compile_catalogue([part("bombs", path, Format.V2FLY)], tmp_path / "c.cdb", load())
    database = CatalogueDatabase.open(tmp_path / "c.cdb")
    began = time.process_time()
    for _ in range(200):
        assert database.listings(LONG_HOST, "/" + "a" * 2000) == ()
    assert (time.process_time() - began) / 200 < 0.005
    database.close()


def part(name: str, path: Path, form: Format = Format.DOMAINS, category: str = "games") -> Part:
    """A list in a category."""
    return Part(Source(f"test/{name}", name, "CC0-1.0", form, (category,), ""), path)


@pytest.mark.bypass("L06")
@pytest.mark.parametrize("packer", ["gzip", "zip"])
def test_a_bomb_of_gigabytes_stops_at_the_cap_and_within_the_memory(tmp_path: Path, packer: str) -> None:
    """Read in a process of its own, whose memory the kernel measures."""
    path = tmp_path / "list"
    block = b"kumar.test\n" * 95_325
    if packer == "gzip":
        one = gzip.compress(block, 6)
        path.write_bytes(one * 1000)  # a gigabyte, in members that follow one another
    else:
        path.write_bytes(b"PK\x03\x04" + bytes(4096))
    program = (
        "import sys; from pathlib import Path\n"
        "from darbaza.catalogue.files import ListError, blocks\n"
        "try:\n    for _ in blocks(Path(sys.argv[1])): pass\n"
        "except ListError as error: print(error)\n"
        "else: print('taken')\n"
        "print(next(line.split()[1] for line in open('/proc/self/status') if line.startswith('VmHWM')))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(path)], capture_output=True, text=True, timeout=60, check=True
    )
    reason, kibibytes = done.stdout.splitlines()
    assert "unpacks to over" in reason or "ZIP" in reason
    assert int(kibibytes) < 256 * 1024


@pytest.mark.bypass("L08")
@pytest.mark.parametrize(
    "names",
    [
        "www.kumar.test\nkumar.test\n.kumar.test\n",
        ".kumar.test\n*.kumar.test\nwww.kumar.test\n",
        "kumar.test\nkumar.test\nKUMAR.test.\n",
        "a.b.kumar.test\nb.kumar.test\nkumar.test\n",
    ],
)
def test_names_that_overlap_in_one_list_or_several_are_one_answer(tmp_path: Path, names: str) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    one.write_text(names)
    other.write_text("".join(reversed(names.splitlines(keepends=True))))
    compile_catalogue([part("one", one), part("other", other)], tmp_path / "c.cdb", load())
    database = CatalogueDatabase.open(tmp_path / "c.cdb")
    for host in ("www.kumar.test", "kumar.test") if "\nkumar" in names or names.startswith("kumar") else ():
        assert {listing.category for listing in database.listings(host)} == {"games"}
    assert database.listings("otherkumar.test") == ()
    database.close()


@pytest.mark.bypass("L11")
@pytest.mark.parametrize(
    ("body", "options"),
    [
        (b"", {}),
        (b"<!doctype html><title>Blocked</title>", {"kind": "text/plain"}),
        (b"  \r\n<HTML><body>sign in</body></HTML>", {}),
        (NAMES.encode("utf-16-le"), {}),
        (NAMES.encode("utf-32"), {}),
        (b"\0" * 4096, {}),
        (b"\x1f\x8b\x08\0" + b"x" * 100, {}),
        (gzip.compress(NAMES.encode())[:200], {}),
        (b"%PDF-1.7\n" + b"x" * 100, {}),
        (b'{"message": "Not Found"}', {}),
        (b"sign in", {"status": 302, "headers": {"Location": "/login"}}),
        (b"later", {"status": 503}),
    ],
)
def test_whatever_comes_in_place_of_a_list_the_old_one_stays_and_the_reason_is_shown(
    school: School, body: bytes, options: dict[str, object]
) -> None:
    school.update()
    assert school.categories("n1.test") == ["games"]
    school.publisher.put("/games", body, etag='"other"', **options)  # type: ignore[arg-type]
    school.update()
    assert school.categories("n1.test") == ["games"]
    state = school.library.state("school/games")
    assert state.active is not None
    assert state.active.entries == 400
    assert state.trouble is not None or state.held is not None
