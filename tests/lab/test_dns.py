"""Family D of the bypass catalogue on the wire: names."""

import contextlib
from base64 import urlsafe_b64encode

import dns.message
import dns.name
import dns.rcode
import pytest

from darbaza.lab.machines import Machine
from darbaza.lab.names import BAD
from darbaza.lab.running import wait_until
from tests.lab.conftest import Lesson
from tests.lab.hello import hello

pytestmark = [pytest.mark.engine, pytest.mark.netns, pytest.mark.timeout(180)]

TOOLS = "203.0.113.40"
QUESTION = dns.message.make_query("bad.test", "A").to_wire()
DOH = "/dns-query?dns=" + urlsafe_b64encode(QUESTION).decode().rstrip("=")


def told(message: dns.message.Message) -> list[str]:
    """The records of an answer."""
    return [str(record) for found in message.answer for record in found]


@pytest.mark.bypass("D01")
def test_D01_a_resolver_over_https_has_no_address_and_no_tunnel(lesson: Lesson, home: Machine):  # noqa: N802
    assert home.get(f"https://doh.test{DOH}", address=TOOLS).origin == "tools", "the trick works outside"
    assert lesson.bek.resolve("doh.test") == lesson.bek.pc.gate  # where the refusal page is
    lesson.lab.forget()
    assert lesson.bek.get(f"https://doh.test{DOH}", address=TOOLS).status == 0
    assert lesson.bek.get("https://bad.test/", address=BAD).status == 0
    lesson.refused("doh.test")


@pytest.mark.bypass("D02")
@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize("address", [TOOLS, "1.1.1.1", "8.8.8.8"])
def test_D02_doh_by_address_reaches_nobody(lesson: Lesson, home: Machine, address: str, scheme: str):  # noqa: N802
    assert home.get(f"{scheme}://{address}{DOH}", address=address, sni="").status == 200
    answer = lesson.bek.get(f"{scheme}://{address}{DOH}", address=address, sni="")
    assert answer.origin == ""
    lesson.refused()


@pytest.mark.bypass("D03")
@pytest.mark.parametrize("protocol", ["tcp", "udp"])
@pytest.mark.parametrize("port", [853, 8853, 784])
def test_D03_dns_over_tls_and_quic_reaches_nobody(lesson: Lesson, home: Machine, port: int, protocol: str):  # noqa: N802
    if protocol == "tcp":
        assert home.send(TOOLS, port, hello("dns.test"), seconds=1)
        assert lesson.bek.send(TOOLS, port, hello("dns.test"), seconds=1) == b""
    else:
        assert home.udp(TOOLS, port, b"hello")
        with contextlib.suppress(OSError):
            assert lesson.bek.udp(TOOLS, port, b"hello") is None
    lesson.refused(TOOLS)


@pytest.mark.bypass("D05")
@pytest.mark.parametrize("over_tcp", [False, True])
@pytest.mark.parametrize("server", [TOOLS, "8.8.8.8", "203.0.113.53"])
def test_D05_another_resolver_is_never_the_one_that_answers(  # noqa: N802
    lesson: Lesson, home: Machine, server: str, over_tcp: bool
):
    assert told(home.ask("bad.test", server=server, over_tcp=over_tcp)) == [BAD]
    with contextlib.suppress(OSError):
        assert BAD not in told(lesson.bek.ask("bad.test", server=server, over_tcp=over_tcp))
    lesson.silent()


@pytest.mark.bypass("D08")
@pytest.mark.parametrize("kind", ["TYPE65", "TYPE64"])
def test_D08_no_key_for_encrypted_hellos_is_handed_out(lesson: Lesson, home: Machine, kind: str):  # noqa: N802
    assert told(home.ask("good.test", kind, server="203.0.113.53"))
    answer = lesson.bek.ask("good.test", kind)
    assert (answer.rcode(), told(answer)) == (dns.rcode.NOERROR, [])


@pytest.mark.bypass("D09")
@pytest.mark.parametrize(
    "name", ["use-application-dns.net", "mask.icloud.com", "mask-h2.icloud.com", "_dns.resolver.arpa"]
)
def test_D09_browsers_are_told_that_the_network_filters(lesson: Lesson, name: str):  # noqa: N802
    answer = lesson.bek.ask(name, "SVCB" if name.startswith("_") else "A")
    assert told(answer) == []
    assert answer.rcode() == (dns.rcode.NOERROR if name.startswith("_") else dns.rcode.NXDOMAIN)


@pytest.mark.bypass("D11")
@pytest.mark.parametrize("name", ["lan", "loop", "zero", "meta", "shared", "both", "six", "mapped", "ula", "link"])
def test_D11_no_name_leads_inward(lesson: Lesson, name: str):  # noqa: N802
    inward = ("10.", "127.", "0.", "169.254.", "100.64.", "::", "fd", "fe80")
    for kind in ("A", "AAAA"):
        with contextlib.suppress(TimeoutError):
            assert not [one for one in told(lesson.bek.ask(f"{name}.good.test", kind)) if one.startswith(inward)]
    assert lesson.bek.get(f"http://{name}.good.test/", address="203.0.113.30").origin == ""
    lesson.silent()


@pytest.mark.bypass("D14")
@pytest.mark.parametrize("name", ["DOH.tEsT", "doh.test.", "sub.Doh.Test", "www.doh.test"])
def test_D14_a_name_is_closed_however_it_is_written(lesson: Lesson, name: str):  # noqa: N802
    assert told(lesson.bek.ask(name)) == [lesson.bek.pc.gate]


@pytest.mark.bypass("D14")
def test_D14_a_label_with_a_dot_is_no_name(lesson: Lesson):  # noqa: N802
    odd = dns.name.Name([b"good.test", b""])
    assert told(lesson.bek.query(dns.message.make_query(odd, "A"))) == []


@pytest.mark.bypass("D15")
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_D15_a_hosts_file_opens_nothing(lesson: Lesson, home: Machine, scheme: str):  # noqa: N802
    assert home.get(f"{scheme}://bad.test/", address=BAD).origin == "bad"
    assert lesson.bek.get(f"{scheme}://bad.test/", address=BAD).origin == ""
    lesson.refused("bad.test", clause="3.3")


@pytest.mark.bypass("D19")
def test_D19_a_connection_takes_so_many_questions_and_no_more(lesson: Lesson):  # noqa: N802
    wire = dns.message.make_query("good.test", "A").to_wire()
    framed = len(wire).to_bytes(2, "big") + wire
    heard = lesson.bek.send(lesson.bek.pc.gate, 53, framed * 5000, seconds=3)
    assert heard.count(b"\x04good\x04test") <= 100
    assert lesson.bek.resolve("good.test")


def test_a_name_that_dns_closes_leads_to_a_page_that_says_why_and_to_no_site(lesson: Lesson):
    bek, gate = lesson.bek, lesson.bek.pc.gate
    assert told(bek.ask("page.bad.test")) == [gate]
    assert told(bek.ask("page.bad.test", "AAAA")) == []
    answer = bek.get("http://page.bad.test/any/page?x=1", headers={"Accept": "text/html", "Accept-Language": "ru"})
    assert answer.status == 403
    assert "Пункт" in answer.text
    assert "3.3" in answer.text
    assert "page.bad.test" in answer.text
    assert 'href="http://why/' in answer.text
    refused = lesson.refused("page.bad.test", clause="3.3")
    assert (refused.method, refused.category) == ("DNS", "gambling")
    assert [event.host for event in lesson.lab.events(bek.pc.address)].count("page.bad.test") == 1


def test_an_encrypted_page_of_a_closed_name_is_closed_at_the_box_and_logged_once(lesson: Lesson):
    bek = lesson.bek
    assert bek.get("https://tls.bad.test/").status == 0
    assert lesson.refused("tls.bad.test", clause="3.3").method == "CONNECT"
    wait_until(lambda: False, 5)
    assert [event.host for event in lesson.lab.events(bek.pc.address)].count("tls.bad.test") == 1
    lesson.silent()
