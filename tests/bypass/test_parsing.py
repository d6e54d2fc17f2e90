"""URL and HTTP parsing: family P of the catalogue."""

import contextlib

import pytest

from darbaza.policy.names import InvalidHost, canonical_host
from tests.bypass.conftest import Judgement
from tests.engines.squid.bed import BAD, STUDENT, TEACHER, Bed, client_hello

pytestmark = pytest.mark.engine


def ask(bed: Bed, url: str, host: str = "good.test", version: str = "HTTP/1.1") -> bytes:
    return bed.send(f"GET {url} {version}\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode("latin-1"))


@pytest.mark.bypass("P01")
@pytest.mark.parametrize(
    "spelling",
    ["2131298050", "0177.011.07.02", "0x7f.0x9.0x7.0x2", "127.591618", "127.9.1794", "0x7f090702", "0177.0x9.7.2", BAD],
)
def test_an_address_in_any_notation_is_refused_and_logged_in_one(bed: Bed, judgement: Judgement, spelling: str):
    assert ask(bed, f"http://{spelling}:{bed.http}/").startswith(b"HTTP/1.1 403 ")
    judgement.refused(BAD, "2.11", "address-literal")
    assert canonical_host(spelling).name == BAD


@pytest.mark.bypass("P01")
@pytest.mark.parametrize("spelling", ["[::ffff:127.9.7.2]", "[::ffff:7f09:702]", "[0:0:0:0:0:ffff:127.9.7.2]"])
def test_a_mapped_address_is_the_address_it_maps(bed: Bed, judgement: Judgement, spelling: str):
    ask(bed, f"http://{spelling}:{bed.http}/")
    judgement.refused(BAD, "2.11", "address-literal")


@pytest.mark.bypass("P03")
@pytest.mark.parametrize("spelling", ["BAD.TEST", "bad.test.", "Bad.Test.", "bAd.TeSt"])
def test_case_and_final_dot_change_nothing(bed: Bed, judgement: Judgement, spelling: str):
    ask(bed, f"http://{spelling}:{bed.http}/")
    judgement.refused("bad.test", "3.3")
    bed.tls_get(spelling, "bad.test")
    judgement.refused("bad.test", "3.3")


@pytest.mark.bypass("P04")
@pytest.mark.parametrize("user", ["good.test", "good.test:80", "a:b", "good.test%2f", "http:good.test"])
def test_the_host_is_what_follows_the_user_part(bed: Bed, judgement: Judgement, user: str):
    ask(bed, f"http://{user}@bad.test:{bed.http}/")
    judgement.refused("bad.test", "3.3")
    assert user.encode() not in b"".join(p.read_bytes() for p in (bed.run / "spool").iterdir()).replace(
        b"good.test\t", b""
    )


@pytest.mark.bypass("P04")
def test_a_forbidden_name_as_user_part_of_an_allowed_host_is_no_matter(bed: Bed, judgement: Judgement):
    assert b"the page" in ask(bed, f"http://bad.test@good.test:{bed.http}/")
    judgement.reached_only_good()


@pytest.mark.bypass("P05")
def test_the_url_decides_and_the_site_receives_that_host(bed: Bed, judgement: Judgement):
    ask(bed, f"http://good.test:{bed.http}/", host="bad.test")
    assert b"Host: bad.test" not in bed.good.heard
    judgement.reached_only_good()


@pytest.mark.bypass("P05")
@pytest.mark.parametrize(
    "headers",
    ["Host: good.test\r\n", "Host: good.test\r\nHost: good.test\r\n", "Host: bad.test\r\nHost: good.test\r\n", ""],
)
def test_an_allowed_host_header_opens_no_forbidden_url(bed: Bed, headers: str):
    bed.send(f"GET http://bad.test:{bed.http}/ HTTP/1.1\r\n{headers}Connection: close\r\n\r\n".encode())
    events = bed.wait_for_events()
    assert bed.bad.heard == b""
    assert bed.good.heard == b""
    assert [event.outcome for event in events] == ["deny"]


@pytest.mark.bypass("P07")
def test_no_reverse_name_opens_an_address(bed: Bed, judgement: Judgement):
    """No test of squid.conf asks for a reverse name, so no forged one can help: `-n` throughout."""
    ask(bed, f"http://{BAD}:{bed.http}/")
    judgement.refused(BAD, "2.11", "address-literal")
    text = bed.settings.configuration.read_text()
    assert all(" -n " in line for line in text.splitlines() if line.startswith("acl ") and " dstdom" in line)


@pytest.mark.bypass("P08")
@pytest.mark.parametrize(
    "request_bytes",
    [
        "GET http://bad.test:{port}/\r\n\r\n",
        "GET http://bad.test:{port}/ HTTP/1.0\r\n\r\n",
        "GET http://bad.test:{port}/ HTTP/1.0\r\nHost: good.test\r\n\r\n",
        "GET http://bad.test:{port}/ HTTP/1.2\r\nHost: good.test\r\n\r\n",
        "GET http://bad.test:{port}/ HTTP/2.0\r\nHost: good.test\r\n\r\n",
    ],
)
def test_other_versions_of_http_meet_the_same_verdict(bed: Bed, request_bytes: str):
    bed.send(request_bytes.format(port=bed.http).encode())
    events = bed.wait_for_events()
    assert bed.bad.heard == b""
    assert bed.good.heard == b""
    assert [event.outcome for event in events] == ["deny"]


@pytest.mark.bypass("P08")
@pytest.mark.parametrize(
    "head", ["GET / HTTP/1.0\r\n\r\n", "GET / HTTP/1.1\r\nHost: bad.test\r\n\r\n", "GET /\r\n\r\n"]
)
def test_a_request_without_a_host_in_its_url_goes_nowhere(bed: Bed, judgement: Judgement, head: str):
    answer = bed.send(head.encode())
    assert b" 200 " not in answer
    judgement.refused("", "2.11", "unreadable-address")


@pytest.mark.bypass("P09")
@pytest.mark.parametrize(
    "head",
    [
        b"GET http://bad.test:%d/ HTTP/1.1\r\nHost : good.test\r\n\r\n",
        b"GET http://bad.test:%d/ HTTP/1.1\nHost: good.test\n\n",
        b"GET http://bad.test:%d/ HTTP/1.1\rHost: good.test\r\r",
        b"GET http://bad.test:%d/ HTTP/1.1\r\nHost: good.test\r\n folded: x\r\n\r\n",
        b"GET http://bad.test:%d/\x00 HTTP/1.1\r\nHost: good.test\r\n\r\n",
        b"GET http://ba\x00d.test:%d/ HTTP/1.1\r\nHost: good.test\r\n\r\n",
        b"GET http://good.test\x00.bad.test:%d/ HTTP/1.1\r\nHost: good.test\r\n\r\n",
        b"GET http://bad.test\t.good.test:%d/ HTTP/1.1\r\nHost: good.test\r\n\r\n",
        b"GET http://good.test\t@bad.test:%d/ HTTP/1.1\r\nHost: good.test\r\n\r\n",
        b"GET http://good.test\\@bad.test:%d/ HTTP/1.1\r\nHost: good.test\r\n\r\n",
        b"GET http://bad.test\\.good.test:%d/ HTTP/1.1\r\nHost: good.test\r\n\r\n",
        b"GET http://bad%%2etest:%d/ HTTP/1.1\r\nHost: good.test\r\n\r\n",
        b"GET http://b%%61d.test:%d/ HTTP/1.1\r\nHost: good.test\r\n\r\n",
        b"GET http://\xef\xbd\x82ad.test:%d/ HTTP/1.1\r\nHost: good.test\r\n\r\n",
        b"GET http://bad\xe3\x80\x82test:%d/ HTTP/1.1\r\nHost: good.test\r\n\r\n",
        b"GET  http://bad.test:%d/  HTTP/1.1\r\nHost: good.test\r\n\r\n",
        b"\r\n\r\nGET http://bad.test:%d/ HTTP/1.1\r\nHost: good.test\r\n\r\n",
    ],
)
def test_no_play_with_syntax_reaches_a_forbidden_site(bed: Bed, head: bytes):
    answer = bed.send(head % bed.http)
    assert bed.bad.heard == b""
    assert b" 200 " not in answer.split(b"\r\n")[0]
    if b" 4" in answer[:13]:
        assert bed.wait_for_events()[-1].outcome == "deny"


SMUGGLED = "GET http://bad.test:{port}/smuggled HTTP/1.1\r\nHost: bad.test\r\n\r\n"


@pytest.mark.bypass("P10")
@pytest.mark.parametrize(
    "headers",
    [
        "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n",
        "Content-Length: 0\r\nContent-Length: 60\r\n\r\n",
        "Content-Length: +5\r\n\r\nhello",
        "Content-Length: 0x5\r\n\r\nhello",
        "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
        "Transfer-Encoding:\tchunked\r\n\r\n0\r\n\r\n",
        "Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
        "Transfer-Encoding: chunked\r\n\r\n0;x=y\r\n\r\n",
        "Transfer-Encoding: chunked\r\n\r\n0\r\nTrailer: x\r\n\r\n",
        "Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
    ],
)
def test_a_request_inside_another_is_judged_by_itself(bed: Bed, headers: str):
    head = f"POST http://good.test:{bed.http}/ HTTP/1.1\r\nHost: good.test\r\n{headers}"
    bed.send(head.encode() + SMUGGLED.format(port=bed.http).encode())
    bed.wait_for_events()
    assert bed.bad.heard == b""
    assert b"/smuggled" not in bed.good.heard or b"Host: bad.test" not in bed.good.heard.split(b"/smuggled")[0][-200:]
    assert not [event for event in bed.events() if event.host == "bad.test" and event.outcome == "allow"]


@pytest.mark.bypass("P12")
@pytest.mark.parametrize("port", ["22", "25", "8444", "0443", "65979", "", "443:22", "-1", "443x"])
def test_a_tunnel_to_another_port_reaches_nobody(bed: Bed, port: str):
    link = bed.connect()
    link.sendall(f"CONNECT good.test:{port} HTTP/1.1\r\nHost: good.test\r\n\r\n".encode())
    answer = link.recv(4096)
    if answer.startswith(b"HTTP/1.1 200 "):
        link.sendall(client_hello("good.test"))
    link.settimeout(2)
    with contextlib.suppress(OSError):
        link.recv(4096)
    link.close()
    assert bed.good.heard == b""
    assert bed.bad.heard == b""
    last = bed.wait_for_events()[-1]
    if port not in {"", "0443", "443:22", "-1", "443x"}:  # what Squid reads as 443, or not at all
        assert (last.outcome, last.message) in {("deny", "port-refused"), ("deny", "unreadable-address")}


@pytest.mark.bypass("P12")
@pytest.mark.parametrize("port", [22, 25, 3128, 8000])
def test_a_page_on_another_port_is_refused(bed: Bed, judgement: Judgement, port: int):
    assert ask(bed, f"http://good.test:{port}/").startswith(b"HTTP/1.1 403 ")
    judgement.refused("good.test", "2.11", "port-refused")


@pytest.mark.bypass("P13")
@pytest.mark.parametrize(
    "path",
    [
        "/closed", "/closed/", "/closed/x", "/ok/../closed", "/ok/%2e%2e/closed", "/ok/.%2e/closed/x", "//closed",
        "/./closed", "/%63losed", "/closed?x", "/closed/;x", "/closed#x", "/closed//x", "/ok/..//closed",
        "/closed/../closed", "/CLOSED", "/Closed/x", "/closed.", "/closed%20", "/closed;v=1", "/closed::$DATA",
    ],
)  # fmt: skip
def test_a_closed_path_is_closed_however_it_is_written(bed: Bed, path: str):
    assert ask(bed, f"http://good.test:{bed.http}{path}").startswith(b"HTTP/1.1 403 ")
    assert bed.good.heard == b""
    assert bed.events()[-1].outcome == "deny"


@pytest.mark.bypass("P13")
@pytest.mark.parametrize(
    "path", ["/%252e%252e/closed", "/ok/%252e%252e/closed", "/%2563losed", "/ok\\..\\closed", "/%00closed"]
)
def test_a_path_that_hides_something_is_refused(bed: Bed, path: str):
    answer = ask(bed, f"http://good.test:{bed.http}{path}")
    assert b" 200 " not in answer.split(b"\r\n")[0]
    assert bed.good.heard == b""


@pytest.mark.bypass("P15")
@pytest.mark.parametrize("method", ["TRACE", "PURGE", "PROPFIND", "LOCK", "MKCOL", "SEARCH", "BREW", "A" * 64])
def test_other_methods_are_refused(bed: Bed, method: str):
    for extra in ("", "Max-Forwards: 0\r\n"):
        head = f"{method} http://good.test:{bed.http}/ HTTP/1.1\r\nHost: good.test\r\n{extra}\r\n"
        answer = bed.send(head.encode())
        assert b" 200 " not in answer.split(b"\r\n")[0]
    assert bed.good.heard == b""
    assert {event.outcome for event in bed.wait_for_events(2)} == {"deny"}


@pytest.mark.bypass("P15")
def test_options_for_the_proxy_itself_says_nothing(bed: Bed):
    answer = bed.send(b"OPTIONS * HTTP/1.1\r\nHost: good.test\r\n\r\n")
    assert b" 200 " not in answer.split(b"\r\n")[0]
    assert bed.good.heard == b""


@pytest.mark.bypass("P15")
@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
def test_the_methods_of_the_web_pass(bed: Bed, judgement: Judgement, method: str):
    head = f"{method} http://good.test:{bed.http}/ HTTP/1.1\r\nHost: good.test\r\nContent-Length: 0\r\n\r\n"
    assert b" 200 " in bed.send(head.encode()).split(b"\r\n")[0]
    judgement.reached_only_good()


@pytest.mark.bypass("P17")
@pytest.mark.parametrize(
    "url",
    [
        "ftp://good.test/", "urn:good.test", "whois://good.test/", "gopher://good.test/",
        "cache_object://good.test/info", "cache_object://localhost/menu", "https://good.test/", "ws://good.test/", "file:///etc/passwd",
        "data:text/html,x", "coap://good.test/", "wais://good.test/", "javascript:alert(1)", "icap://good.test/",
    ],
)  # fmt: skip
def test_other_schemes_are_refused(bed: Bed, url: str):
    answer = ask(bed, url)
    assert b" 200 " not in answer.split(b"\r\n")[0]
    assert bed.good.heard == b""
    assert bed.wait_for_events()[-1].outcome == "deny"


@pytest.mark.bypass("P17")
@pytest.mark.parametrize(
    "url",
    [
        "/squid-internal-mgr/menu", "http://gateway.invalid:{port}/squid-internal-mgr/menu",
        "http://darbaza/squid-internal-mgr/menu", "http://good.test:{http}/squid-internal-mgr/info",
        "http://gateway.invalid/squid-internal-static/icons/SN.png", "http://127.0.0.1:{port}/squid-internal-mgr/config",
    ],
)  # fmt: skip
@pytest.mark.parametrize("source", [STUDENT, TEACHER])
def test_squids_own_pages_are_nobodys(bed: Bed, url: str, source: str):
    url = url.format(port=bed.endpoint()[1], http=bed.http)
    answer = bed.send(f"GET {url} HTTP/1.1\r\nHost: good.test\r\n\r\n".encode(), source=source)
    assert b"Cache Manager" not in answer
    assert b"http_access" not in answer
    assert b"image/png" not in answer


@pytest.mark.bypass("P18")
@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/", "http://127.0.0.1:{local}/api", "http://[::1]:{local}/", "http://169.254.169.254/latest",
        "http://localhost:{local}/", "http://0/", "http://0.0.0.0:{local}/", "http://10.50.0.1:8000/api",
        "http://[fe80::1]/", "http://gateway.invalid/",
    ],
)  # fmt: skip
@pytest.mark.parametrize("source", [STUDENT, TEACHER])
def test_the_box_and_its_network_are_no_site(bed: Bed, url: str, source: str):
    url = url.format(local=bed.local.http_port)
    answer = bed.send(f"GET {url} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode(), source=source)
    assert b" 200 " not in answer.split(b"\r\n")[0]
    assert bed.local.heard == b""
    if "gateway.invalid" not in url:  # to staff just a name that leads nowhere
        assert bed.wait_for_events(device=source)[-1].outcome == "deny"


@pytest.mark.bypass("P18")
def test_a_name_that_leads_to_the_box_is_refused_before_any_connection(bed: Bed):
    local = bed.local.http_port
    for host in ("localhost.test", "inside.good.test"):
        assert b" 200 " not in ask(bed, f"http://{host}:{local}/").split(b"\r\n")[0]
        assert b" 200 " not in bed.get(f"http://{host}:{bed.http}/", source=TEACHER).split(b"\r\n")[0]
    assert bed.local.heard == b""


@pytest.mark.bypass("P18")
@pytest.mark.parametrize(
    "url", ["http://darbaza:8000/", "http://darbaza:{local}/", "http://why:3128/", "ftp://darbaza/"]
)
def test_the_local_hosts_have_one_port_and_one_scheme(bed: Bed, url: str):
    answer = ask(bed, url.format(local=bed.local.http_port))
    assert answer.startswith(b"HTTP/1.1 403 ")
    assert bed.local.heard == b""


@pytest.mark.bypass("P18")
def test_the_local_hosts_take_no_tunnel_and_no_other_method(bed: Bed):
    bed.tls_get("darbaza", "darbaza", port=80)
    bed.tls_get("darbaza", "darbaza", port=443)
    assert b" 200 " not in bed.get("http://darbaza/", method="DELETE").split(b"\r\n")[0]
    assert bed.local.heard == b""


@pytest.mark.bypass("P22")
@pytest.mark.parametrize(
    "headers",
    [
        "X-Forwarded-For: 127.0.3.1\r\n", "Forwarded: for=127.0.3.1\r\n", "X-Real-IP: 127.0.3.1\r\n", "Via: 1.1 x\r\n",
        "Client-IP: 127.0.3.1\r\n", "X-Darbaza-Device: 127.0.3.1\r\nX-Darbaza-Peer: only-squid-and-portal-know\r\n",
    ],
)  # fmt: skip
def test_forged_addresses_are_not_believed(bed: Bed, judgement: Judgement, headers: str):
    assert bed.get(f"http://nobody.test:{bed.http}/", headers=headers).startswith(b"HTTP/1.1 403 ")
    judgement.refused("nobody.test", "2.11", "not-ruled-on")
    assert bed.events(TEACHER) == []


@pytest.mark.bypass("P22")
def test_a_proxy_protocol_line_is_not_believed(bed: Bed):
    line = f"PROXY TCP4 {TEACHER} 127.0.0.1 1 {bed.endpoint()[1]}\r\n"
    v2 = b"\r\n\r\n\x00\r\nQUIT\n\x21\x11\x00\x0c\x7f\x00\x03\x01\x7f\x00\x00\x01\x00\x01\x0c\x38"
    request = f"GET http://nobody.test:{bed.http}/ HTTP/1.1\r\nHost: nobody.test\r\n\r\n"
    for start in (line.encode(), v2):
        answer = bed.send(start + request.encode())
        assert b" 200 " not in answer.split(b"\r\n")[0]
    assert bed.bad.heard == b""
    assert bed.events(TEACHER) == []


@pytest.mark.bypass("P22")
def test_what_a_client_sends_of_our_headers_reaches_no_site(bed: Bed):
    bed.get(
        f"http://good.test:{bed.http}/", headers="X-Darbaza-Peer: x\r\nX-Darbaza-Device: y\r\nX-Forwarded-For: z\r\n"
    )
    assert b"X-Darbaza" not in bed.good.heard
    assert b"X-Forwarded-For" not in bed.good.heard


@pytest.mark.bypass("P01")
@pytest.mark.parametrize(
    "raw",
    [
        "bad.test", "BAD.test.", "127.1", "0x7f.1", "[::1]", "b%61d.test", "bad..test", ".bad.test", "bad_x.test",
        "a" * 64 + ".test", "1.2.3.4.5", "09.1.1.1",
    ],
)  # fmt: skip
def test_squid_and_the_normaliser_read_the_same_host(bed: Bed, raw: str):
    """Differential: whatever Squid passes on, the log holds our canonical form of it, or nothing was read."""
    ask(bed, f"http://{raw}:{bed.http}/")
    last = bed.wait_for_events()[-1]
    try:
        ours = canonical_host(raw).name
    except InvalidHost:
        ours = ""
    assert last.outcome == "deny"
    assert last.host in {ours, raw.lower(), ""}
    assert bed.bad.heard == b""
