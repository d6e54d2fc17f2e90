"""Web proxies, mirrors, redirects and look-alike names: family W of the catalogue."""

import pytest

from tests.bypass.conftest import Judgement
from tests.engines.squid.bed import Bed

pytestmark = pytest.mark.engine


@pytest.mark.bypass("W01")
@pytest.mark.parametrize("host", ["bad-test.translate.test", "translate.test", "x.proksi.test"])
def test_a_translator_as_proxy_is_refused_as_such(bed: Bed, judgement: Judgement, host: str):
    bed.get(f"http://{host}:{bed.http}/translate?url=bad.test")
    judgement.refused(host, "2.6", "ruled-denied")
    assert bed.events()[-1].category == "circumvention"
    bed.tls_get(host, host)
    judgement.refused(host, "2.6", "ruled-denied")


@pytest.mark.bypass("W04")
@pytest.mark.parametrize("host", ["games123.pages.test", "pages.test", "notok.pages.test", "a.b.pages.test"])
def test_what_is_allowed_to_one_tenant_is_not_allowed_to_another(bed: Bed, judgement: Judgement, host: str):
    assert b"the page" in bed.get(f"http://ok.pages.test:{bed.http}/")
    bed.good.forget()
    assert bed.get(f"http://{host}:{bed.http}/").startswith(b"HTTP/1.1 403 ")
    judgement.refused(host, "2.11", "not-ruled-on")


@pytest.mark.bypass("W08")
@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 302 Found\r\nLocation: http://bad.test:%d/\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 307 Temporary Redirect\r\nLocation: http://bad.test:%d/\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nRefresh: 0; url=http://bad.test:%d/\r\nContent-Length: 0\r\n\r\n",
    ],
)
def test_each_hop_of_a_redirect_is_judged_anew(bed: Bed, judgement: Judgement, answer: bytes):
    bed.good.answers["/redirect?url=bad"] = answer % bed.http
    first = bed.get(f"http://good.test:{bed.http}/redirect?url=bad")
    target = next(line for line in first.split(b"\r\n") if b"bad.test" in line).split(b"http://")[1].decode()
    bed.good.forget()
    assert bed.get(f"http://{target}").startswith(b"HTTP/1.1 403 ")
    judgement.refused("bad.test", "3.3")


@pytest.mark.bypass("W08")
def test_a_shortener_that_nobody_ruled_on_is_closed(bed: Bed, judgement: Judgement):
    bed.get(f"http://short.test:{bed.http}/abc")
    judgement.refused("short.test", "2.11", "not-ruled-on")


@pytest.mark.bypass("W12")
@pytest.mark.parametrize(
    ("written", "canonical"),
    [
        ("xn--80ak6aa92e.test", "xn--80ak6aa92e.test"),  # all Cyrillic
        ("gооd.test", "xn--gd-jbca.test"),  # Cyrillic о twice
        ("ɡood.test", "xn--ood-0ec.test"),  # Latin script g
        ("góod.test", "xn--god-mna.test"),
        ("good․test", "good.test"),  # a one-dot leader is no dot
    ],
)
def test_a_name_that_only_looks_allowed_is_another_name(bed: Bed, written: str, canonical: str):
    bed.send(f"GET http://{written}:{bed.http}/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
    assert bed.good.heard == b""
    last = bed.wait_for_events()[-1]
    assert last.outcome == "deny"
    assert "good.test" not in last.host or last.host == canonical


@pytest.mark.bypass("W12")
def test_an_allowed_international_name_opens_by_its_a_label(bed: Bed, judgement: Judgement):
    assert b"the page" in bed.get(f"http://XN--E1AYBC.test:{bed.http}/")
    judgement.reached_only_good("xn--e1aybc.test")
