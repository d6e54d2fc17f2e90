"""Families P and W of the bypass catalogue on the wire, where the gate takes the page by itself."""

import pytest

from darbaza.lab.machines import Machine
from darbaza.lab.names import BAD, GOOD
from tests.lab.conftest import Lesson

pytestmark = [pytest.mark.engine, pytest.mark.netns, pytest.mark.timeout(180)]


def say(lesson: Lesson, address: str, head: str) -> bytes:
    """Raw HTTP to an address on port 80."""
    return lesson.bek.send(address, 80, head.encode("latin-1"), seconds=2)


@pytest.mark.bypass("P06")
@pytest.mark.parametrize("address", [BAD, "203.0.113.30", "8.8.8.8"])
def test_P06_an_allowed_host_header_opens_no_other_address(  # noqa: N802
    lesson: Lesson, home: Machine, address: str
):
    assert home.get("http://good.test/", address=address).status == 200
    assert lesson.bek.get("http://good.test/", address=address).origin in {"", "good"}
    lesson.silent()


@pytest.mark.bypass("P07")
@pytest.mark.parametrize("host", [BAD, "3405803796", "0313.0.0161.024", "0xcb.0.0x71.0x14", "203.0.28948"])
def test_P07_P01_no_reverse_name_and_no_spelling_opens_an_address(lesson: Lesson, host: str):  # noqa: N802
    assert b"X-Origin" not in say(lesson, BAD, f"GET / HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n")
    lesson.refused(BAD)


@pytest.mark.bypass("P03")
@pytest.mark.parametrize("host", ["BAD.TEST", "bad.test.", "Bad.Test:80"])
def test_P03_a_host_is_closed_however_it_is_written(lesson: Lesson, host: str):  # noqa: N802
    assert b"X-Origin" not in say(lesson, BAD, f"GET / HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n")
    lesson.refused("bad.test", clause="3.3")


@pytest.mark.bypass("P05")
@pytest.mark.parametrize(
    "head",
    [
        "GET http://bad.test/ HTTP/1.1\r\nHost: good.test\r\n\r\n",
        "GET http://good.test/ HTTP/1.1\r\nHost: bad.test\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: good.test\r\nHost: bad.test\r\n\r\n",
        "GET http://good.test@bad.test/ HTTP/1.1\r\nHost: good.test\r\n\r\n",
        "GET / HTTP/1.0\r\n\r\n",
        "GET /\r\n\r\n",
        "GET / HTTP/1.1\r\nHost : good.test\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: good.test\r\n folded\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: good.test\x00\r\n\r\n",
        "TRACE / HTTP/1.1\r\nHost: bad.test\r\n\r\n",
        "CONNECT bad.test:443 HTTP/1.1\r\nHost: bad.test\r\n\r\n",
    ],
)
def test_P04_P05_P08_P09_P15_no_play_with_a_request_reaches_the_forbidden_site(  # noqa: N802
    lesson: Lesson, head: str
):
    say(lesson, BAD, head)
    lesson.silent()


@pytest.mark.bypass("P10")
@pytest.mark.parametrize(
    "headers",
    [
        "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "Content-Length: 0\r\nContent-Length: 60\r\n\r\n",
        "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
        "Transfer-Encoding:\tchunked\r\n\r\n0\r\n\r\n",
    ],
)
def test_P10_a_request_inside_another_is_judged_by_itself(lesson: Lesson, headers: str):  # noqa: N802
    inner = "GET /smuggled HTTP/1.1\r\nHost: bad.test\r\n\r\n"
    say(lesson, GOOD, f"POST / HTTP/1.1\r\nHost: good.test\r\n{headers}{inner}")
    lesson.silent()
    assert b"Host: bad.test" not in lesson.lab.book.heard("good").partition(b"/smuggled")[2][:200]


@pytest.mark.bypass("P18")
@pytest.mark.parametrize("port", [22, 53, 80, 443, 3129, 3130, 3132, 5301, 8000, 8010])
@pytest.mark.parametrize("address", ["10.50.1.1", "203.0.113.1", "10.50.9.1"])
def test_P18_the_box_shows_students_nothing_of_its_own(lesson: Lesson, address: str, port: int):  # noqa: N802
    heard = lesson.bek.send(address, port, b"GET /readyz HTTP/1.1\r\nHost: 10.50.1.1:8000\r\n\r\n", seconds=1)
    assert not heard.startswith(b"HTTP/1.1 200"), heard[:80]
    lesson.silent()


@pytest.mark.bypass("P22")
@pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded", "X-Real-IP", "X-Darbaza-Device"])
def test_P22_a_forged_address_is_not_believed(lesson: Lesson, header: str):  # noqa: N802
    answer = lesson.bek.get("http://nobody.test/", headers={header: "10.50.9.11"})
    assert answer.origin == ""
    lesson.refused("nobody.test", clause="2.11")


@pytest.mark.bypass("W04")
@pytest.mark.parametrize("host", ["games123.pages.test", "other.pages.test", "pages.test"])
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_W04_what_is_allowed_to_one_tenant_is_not_to_another(lesson: Lesson, scheme: str, host: str):  # noqa: N802
    assert lesson.bek.get(f"{scheme}://{host}/").origin == ""
    lesson.refused(host, clause="2.11")


@pytest.mark.bypass("W01")
@pytest.mark.parametrize("host", ["bad-test.translate.goog", "translate.test"])
def test_W01_a_translator_is_no_proxy(lesson: Lesson, host: str):  # noqa: N802
    assert lesson.bek.get(f"https://{host}/", address=BAD).origin == ""
    lesson.refused(host)


@pytest.mark.bypass("W08")
def test_W08_each_hop_of_a_redirect_is_judged_anew(lesson: Lesson):  # noqa: N802
    first = lesson.bek.get("http://good.test/redirect?to=http://bad.test/")
    assert first.headers["location"] == "http://bad.test/"
    assert lesson.bek.get(first.headers["location"]).origin == ""
    lesson.refused("bad.test", clause="3.3")


@pytest.mark.bypass("W12")
@pytest.mark.parametrize("host", ["xn--80ak6aa92e.test", "xn--gd-jbca.test"])
def test_W12_a_name_that_only_looks_allowed_is_another_name(lesson: Lesson, host: str):  # noqa: N802
    assert lesson.bek.get(f"http://{host}/", address=BAD).origin == ""
    lesson.refused(host)
