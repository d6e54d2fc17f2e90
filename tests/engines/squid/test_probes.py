"""Systems' own questions for the internet, through a real Squid: answered by the box, never sent out, never logged."""

import pytest

from darbaza.engines.squid.probes import PROBES
from tests.engines.squid.bed import STUDENT, Bed

EVERY = [f"http://{host}{probe.path}" for host, probes in PROBES.items() for probe in probes]


@pytest.mark.parametrize("url", EVERY)
def test_a_probe_is_answered_by_the_box_and_not_logged(bed: Bed, url: str):
    """None of these names is known here: where they lead to is never asked."""
    bed.local.forget()
    before = len(bed.events())
    assert b"the page" in bed.get(url, headers="X-Darbaza-Device: 127.0.3.1\r\n")
    heard = bed.local.heard.decode()
    assert f"X-Darbaza-Device: {STUDENT}\r\n" in heard
    assert f"Host: {url.split('/')[2]}\r\n" in heard
    assert "127.0.3.1" not in heard
    assert len(bed.events()) == before


def test_a_probe_is_answered_without_a_lesson(bed: Bed):
    bed.seat(is_open=False)
    try:
        assert b"the page" in bed.get("http://connectivitycheck.gstatic.com/generate_204")
        assert b"the page" in bed.get("http://detectportal.firefox.com/success.txt?ipv4")
        assert b"the page" in bed.get("http://connectivity-check.ubuntu.com./")
    finally:
        bed.seat()


@pytest.mark.parametrize(
    "url",
    [
        "http://www.google.com/",
        "http://www.google.com/gen_204/secret",
        "http://www.google.com:8080/gen_204",
        "http://www.google.com.bad.test/gen_204",
        "http://bad.test/http://www.google.com/gen_204",
    ],
)
def test_what_only_looks_like_a_probe_is_judged_and_logged(bed: Bed, url: str):
    bed.local.forget()
    before = len(bed.events())
    assert b"HTTP/1.1 403 " in bed.get(url)
    assert bed.local.heard == b""
    assert [event.outcome for event in bed.events()[before:]] == ["deny"]
