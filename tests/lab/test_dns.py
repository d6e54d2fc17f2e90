"""Family D of the bypass catalogue on the wire: names."""

import contextlib
import socket
from base64 import urlsafe_b64encode
from collections.abc import Iterator

import dns.edns
import dns.flags
import dns.message
import dns.name
import dns.opcode
import dns.rcode
import dns.rdataclass
import dns.rdatatype
import pytest

from darbaza.lab import signed
from darbaza.lab.machines import Machine
from darbaza.lab.names import BAD, NEIGHBOUR, TOOLS
from darbaza.lab.plan import ROOT4
from darbaza.lab.running import wait_until
from tests.lab.conftest import Lesson
from tests.lab.hello import hello
from tests.lab.six import over_ipv6

pytestmark = [pytest.mark.engine, pytest.mark.netns, pytest.mark.timeout(180)]

QUESTION = dns.message.make_query("bad.test", "A").to_wire()
ASKED = urlsafe_b64encode(QUESTION).decode().rstrip("=")
DOH = f"/dns-query?dns={ASKED}"


def told(message: dns.message.Message) -> list[str]:
    """The records of an answer."""
    return [str(record) for found in message.answer for record in found]


def heard(machine: Machine, question: dns.message.Message, **how: object) -> list[str]:
    """The records that came back; none if nobody answered."""
    with contextlib.suppress(OSError):
        return told(machine.query(question, **how))  # type: ignore[arg-type]
    return []


def raw(machine: Machine, wire: bytes) -> bytes:
    """What came back to a datagram at the gate's port for names."""
    with contextlib.suppress(OSError):
        return machine.udp(machine.pc.gate, 53, wire, seconds=0.3) or b""
    return b""


# D01: DNS over HTTPS by name.


@pytest.mark.bypass("D01")
def test_D01_a_resolver_over_https_has_no_address_and_no_tunnel(lesson: Lesson, home: Machine):  # noqa: N802
    assert home.get(f"https://doh.test{DOH}", address=TOOLS).origin == "tools", "the trick works outside"
    assert lesson.bek.resolve("doh.test") == lesson.bek.pc.gate  # where the refusal page is
    lesson.refused("doh.test", method="DNS")
    lesson.lab.forget()
    assert lesson.bek.get(f"https://doh.test{DOH}", address=TOOLS).status == 0
    assert lesson.bek.get("https://bad.test/", address=BAD).status == 0
    lesson.refused("doh.test", "bad.test", method="CONNECT")


@pytest.mark.bypass("D01")
@pytest.mark.parametrize("how", ["post", "http", "other host", "proxy", "websocket", "h2"])
def test_D01_no_other_way_of_asking_it_gets_through(lesson: Lesson, how: str):  # noqa: N802
    bek, asked = lesson.bek, {"Accept": "application/dns-message"}
    if how == "post":
        bek.fetch("POST", "https://doh.test/dns-query", address=TOOLS, body=QUESTION, headers=asked)
    elif how == "http":
        bek.get(f"http://doh.test{DOH}", address=TOOLS, headers=asked)
    elif how == "other host":  # by the name of an allowed site at the resolver's address
        assert bek.get(f"http://good.test{DOH}", address=TOOLS, headers=asked).origin != "tools"
    elif how == "proxy":
        assert lesson.proxied.get(f"https://doh.test{DOH}").origin == ""
    elif how == "websocket":
        upgrade = {"Upgrade": "websocket", "Connection": "Upgrade"}
        bek.get("http://doh.test/dns", address=TOOLS, headers=upgrade)
    else:
        bek.send(TOOLS, 443, hello("doh.test", alpn=("h2",)), seconds=1)
    host = "good.test" if how == "other host" else "doh.test"
    lesson.refused(host, reason="name-mismatch" if how == "other host" else "")


# D02: DNS over HTTPS by address.


@pytest.mark.bypass("D02")
@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize("address", [TOOLS, "1.1.1.1", "8.8.8.8"])
def test_D02_doh_by_address_reaches_nobody(lesson: Lesson, home: Machine, address: str, scheme: str):  # noqa: N802
    assert home.get(f"{scheme}://{address}{DOH}", address=address, sni="").status == 200
    assert lesson.bek.get(f"{scheme}://{address}{DOH}", address=address, sni="").origin == ""
    lesson.refused(address, clause="2.11", reason="address-literal name-missing not-ruled-on")


@pytest.mark.bypass("D02")
def test_D02_nor_by_address_through_the_proxy(lesson: Lesson):  # noqa: N802
    for written in ("1.1.1.1", "0x01010102", "16843011", "1.4", "[2606:4700:4700::1111]"):
        with contextlib.suppress(OSError), lesson.proxied.tunnel(f"{written}:443") as link:
            link.sendall(hello(None))
            assert link.recv(4096) == b""
    lesson.refused("1.1.1.1", "1.1.1.2", "1.1.1.3", "1.0.0.4", "2606:4700:4700::1111", clause="2.11")


@pytest.mark.bypass("D02")
@pytest.mark.parametrize("sni", ["1.1.1.1", "one.one.one.one", "dns.google"])
def test_D02_nor_by_a_name_in_the_hello_at_that_address(lesson: Lesson, sni: str):  # noqa: N802
    assert lesson.bek.send("1.1.1.1", 443, hello(sni, literal=True), seconds=1) == b""
    lesson.refused(sni, clause="2.11")


# D03: DNS over TLS and over QUIC.


@pytest.mark.bypass("D03")
def test_D03_dns_over_tls_and_quic_reaches_nobody(lesson: Lesson, home: Machine):  # noqa: N802
    servers = {853: "198.51.100.10", 8853: "198.51.100.11", 784: "198.51.100.12"}
    for port, server in servers.items():
        assert home.send(server, port, hello("dns.test"), seconds=0.3)
        assert lesson.bek.send(server, port, hello("dns.test"), seconds=0.3) == b""
    lesson.refused(*servers.values(), method="TCP", reason="protocol-refused port-refused")
    for port, server in servers.items():
        assert home.udp(server, port, b"hello")
        with contextlib.suppress(OSError):
            assert lesson.bek.udp(server, port, b"hello", seconds=0.3) is None
    lesson.refused(*servers.values(), method="UDP", reason="protocol-refused")


@pytest.mark.bypass("D03")
def test_D03_nor_on_the_ports_of_web_and_names(lesson: Lesson):  # noqa: N802
    for port in (443, 80):
        lesson.bek.send("198.51.100.13", port, hello("dns.test"), seconds=1)
    assert lesson.bek.send("198.51.100.13", 53, hello("dns.test"), seconds=0.5) == b""
    lesson.refused("198.51.100.13", method="TCP")
    lesson.refused("dns.test")


# D05: another resolver.


@pytest.mark.bypass("D05")
def test_D05_another_resolver_is_never_the_one_that_answers(lesson: Lesson, home: Machine):  # noqa: N802
    servers, question = (TOOLS, "8.8.8.8", "203.0.113.53"), dns.message.make_query("bad.test", "A")
    for server in servers:
        for over_tcp in (False, True):
            assert told(home.ask("bad.test", server=server, over_tcp=over_tcp)) == [BAD]
            assert BAD not in heard(lesson.bek, question, server=server, over_tcp=over_tcp, seconds=1)
    lesson.refused(*servers, method="UDP", reason="protocol-refused")
    lesson.refused(*servers, method="TCP", reason="protocol-refused")
    lesson.refused("bad.test", method="DNS", clause="3.3")


@pytest.mark.bypass("D05")
def test_D05_nor_one_that_listens_elsewhere(lesson: Lesson, home: Machine):  # noqa: N802
    """5353 and 5355: mDNS and LLMNR, sent to somebody outside."""
    servers = {f"198.51.100.{port % 100 + 20}": port for port in (54, 5353, 5355, 5301, 1052, 9956)}
    for server, port in servers.items():
        assert home.udp(server, port, QUESTION)
        with contextlib.suppress(OSError):
            assert lesson.bek.udp(server, port, QUESTION, seconds=0.3) is None
        lesson.bek.send(server, port, len(QUESTION).to_bytes(2, "big") + QUESTION, seconds=0.3)
    lesson.refused(*servers, method="UDP", reason="port-refused")
    lesson.refused(*servers, method="TCP", reason="port-refused")


@pytest.mark.bypass("D05")
def test_D05_what_is_called_into_the_room_goes_no_further(lesson: Lesson):  # noqa: N802
    """Every system chatters so; it ends at the box, and is no attempt at anything."""
    with lesson.bek.here():
        link = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    with link:
        link.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, 32)
        for group, port in (("224.0.0.251", 5353), ("224.0.0.252", 5355), ("239.255.255.250", 1900)):
            link.sendto(QUESTION, (group, port))
    lesson.silent()


@pytest.mark.bypass("D05")
def test_D05_no_resolver_answers_over_ipv6(lesson: Lesson):  # noqa: N802
    with over_ipv6(lesson) as gate:
        for server in ("2001:db8:113::28", f"{gate}%eth0"):
            for over_tcp in (False, True):
                question = dns.message.make_query("good.test", "A")
                assert heard(lesson.bek, question, server=server, over_tcp=over_tcp, seconds=0.3) == []
    lesson.refused("2001:db8:113::28", reason="protocol-refused")


# D08: keys for encrypted hellos.


@pytest.mark.bypass("D08")
def test_D08_no_key_for_encrypted_hellos_is_handed_out(lesson: Lesson, home: Machine):  # noqa: N802
    """Every browser asks so for every site: it is answered with nothing, and logged where a site is closed."""
    for kind in ("TYPE65", "TYPE64"):
        assert told(home.ask("good.test", kind, server="203.0.113.53"))
        for over_tcp in (False, True):
            answer = lesson.bek.ask("good.test", kind, over_tcp=over_tcp)
            assert (answer.rcode(), told(answer)) == (dns.rcode.NOERROR, [])
        assert told(lesson.bek.ask(f"{kind.lower()}.bad.test", kind)) == []
    closed = {"type64.bad.test", "type65.bad.test"}
    lesson.refused(*closed, method="DNS", clause="3.3")
    assert {event.host for event in lesson.lab.events(lesson.bek.pc.address)} == closed


ODD_KINDS = (255, 251, 252, 250, 10, 99, 249, 65280, 16777, 0, 13, 17, 29, 35, 37, 39, 42, 44, 52, 61, 256, 257, 65535)
"""Among them HINFO, RP, LOC, NAPTR, CERT, DNAME, APL, SSHFP, TLSA, OPENPGPKEY, URI, CAA."""


@pytest.mark.bypass("D08")
def test_D08_kinds_that_carry_anything_are_refused(lesson: Lesson):  # noqa: N802
    """ANY brings what else is refused one by one; transfers, NULL and private kinds are what tunnels use."""
    kinds = {f"type{number}.good.test": f"TYPE{number}" for number in ODD_KINDS}
    for name, kind in kinds.items():
        for over_tcp in (False, True):
            answer = lesson.bek.ask(name, kind, over_tcp=over_tcp)
            assert (answer.rcode(), told(answer)) == (dns.rcode.REFUSED, [])
    lesson.refused(*kinds, method="DNS", clause="2.11", reason="method-refused")


# D09: canaries.


@pytest.mark.bypass("D09")
def test_D09_browsers_are_told_that_the_network_filters(lesson: Lesson):  # noqa: N802
    """Below the name too; said once in ten minutes of one device, for programs ask by themselves."""
    canaries = ("use-application-dns.net", "mask.icloud.com", "mask-h2.icloud.com", "_dns.resolver.arpa")
    names = [f"{lesson.bek.pc.name}.{canary}" for canary in canaries]
    for name in (*canaries, *names):
        answer = lesson.bek.ask(name, "SVCB" if "_dns" in name else "A")
        assert told(answer) == []
        assert answer.rcode() == (dns.rcode.NOERROR if "_dns" in name else dns.rcode.NXDOMAIN)
    lesson.refused(*names, method="DNS", clause="2.11", reason="protocol-refused")


# D11: names that lead inward.


@pytest.mark.bypass("D11")
def test_D11_no_name_leads_inward(lesson: Lesson):  # noqa: N802
    inward = ("10.", "127.", "0.", "169.254.", "100.64.", "::", "fd", "fe80")
    for name in ("lan", "loop", "zero", "meta", "shared", "both", "six", "mapped", "ula", "link"):
        for kind in ("A", "AAAA"):
            question = dns.message.make_query(f"{name}.good.test", kind)
            assert not [one for one in heard(lesson.bek, question) if one.startswith(inward)]
    lesson.silent()


@pytest.mark.bypass("D11")
def test_D11_nor_does_a_page_of_such_a_name(lesson: Lesson):  # noqa: N802
    hosts = [f"{name}.good.test" for name in ("lan", "loop", "meta", "six")]
    for host in hosts:
        for address in (lesson.bek.pc.gate, "127.0.0.1", "203.0.113.30"):
            assert lesson.bek.get(f"http://{host}/", address=address, seconds=1).origin == ""
            assert lesson.bek.get(f"https://{host}/", address=address, seconds=1).origin == ""
        assert lesson.proxied.get(f"http://{host}/").origin == ""
    lesson.refused(*hosts, clause="2.11", reason="private-destination name-mismatch")


# D14: spellings.


@pytest.mark.bypass("D14")
def test_D14_a_name_is_closed_however_it_is_written(lesson: Lesson):  # noqa: N802
    for name in ("DOH.tEsT", "doh.test.", "sub.Doh.Test", "wWw.dOh.TeSt"):
        assert told(lesson.bek.ask(name)) == [lesson.bek.pc.gate]
    lesson.refused("doh.test", "sub.doh.test", "www.doh.test", method="DNS")


@pytest.mark.bypass("D14")
def test_D14_a_label_with_another_byte_is_no_name(lesson: Lesson):  # noqa: N802
    """And never stands in the log as the name that it would be printed as."""
    odd = {
        "bad%2etest": (b"bad.test",),
        "good%2etest%00.bad.test": (b"good.test\0", b"bad", b"test"),
        "bad%20test": (b"bad test",),
        "b%c3%a4d.test": (b"b\xc3\xa4d", b"test"),
        "%1b%5b31mbad.test": (b"\x1b[31mbad", b"test"),
        "bad%2f.test": (b"bad/", b"test"),
    }
    for labels in odd.values():
        assert heard(lesson.bek, dns.message.make_query(dns.name.Name([*labels, b""]), "A")) == []
    lesson.refused(*odd, method="DNS", clause="2.11", reason="unreadable-address")


def odd_forms() -> Iterator[tuple[str, bytes]]:
    """Questions that another reader might take for something else."""
    plain = dns.message.make_query("odd.good.test", "A")
    two = dns.message.make_query("odd.good.test", "A")
    two.question += dns.message.make_query("bad.test", "A").question
    yield "two questions", two.to_wire()
    yield "an answer", b"\0\1" + bytes([0x81, 0x80]) + plain.to_wire()[4:]
    for opcode in (dns.opcode.UPDATE, dns.opcode.NOTIFY, dns.opcode.IQUERY, dns.opcode.STATUS):
        asked = dns.message.make_query("odd.good.test", "A")
        asked.set_opcode(opcode)
        yield dns.opcode.to_text(opcode), asked.to_wire()
    for name, kind in (("CHAOS", dns.rdataclass.CH), ("HESIOD", dns.rdataclass.HS), ("any class", dns.rdataclass.ANY)):
        yield name, dns.message.make_query("odd.good.test", "TXT", rdclass=kind).to_wire()
    yield "bytes behind it", plain.to_wire() + b"secret"
    yield "a name that points at itself", plain.to_wire()[:12] + b"\xc0\x0c\0\1\0\1"
    yield (
        "a record of ours",
        plain.to_wire()[:11] + b"\1" + plain.to_wire()[12:] + b"\xc0\x0c\0\1\0\1\0\0\0\0\0\4\1\2\3\4",
    )


@pytest.mark.bypass("D14")
def test_D14_what_is_not_one_plain_question_is_answered_by_nobody(lesson: Lesson):  # noqa: N802
    """What dnsdist takes for no question at all, it drops."""
    for what, wire in odd_forms():
        back = raw(lesson.bek, wire)
        assert not back or back[6:8] == b"\0\0", what  # no record in the answer's part
    lesson.refused("odd.good.test", method="DNS", clause="2.11", reason="method-refused")


@pytest.mark.bypass("D14")
def test_D14_where_a_client_says_it_comes_from_is_nobodys_matter(lesson: Lesson):  # noqa: N802
    """EDNS client subnet and other options change no verdict and go to nobody."""
    option = dns.edns.ECSOption("10.50.9.11", 32)
    question = dns.message.make_query("bad.test", "A", use_edns=0, options=[option])
    assert heard(lesson.bek, question) == [lesson.bek.pc.gate]
    lesson.refused("bad.test", method="DNS", clause="3.3")
    question = dns.message.make_query("sub.good.test", "A", use_edns=0, options=[option])
    heard(lesson.bek, question)
    asked = [entry.data for entry in lesson.lab.book.entries() if b"\x03sub\x04good" in entry.data.lower()]
    assert asked, "the resolver asked for it"
    assert not [data for data in asked if option.to_wire() in data]


# D15: a hosts file.


@pytest.mark.bypass("D15")
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_D15_a_hosts_file_opens_nothing(lesson: Lesson, home: Machine, scheme: str):  # noqa: N802
    assert home.get(f"{scheme}://bad.test/", address=BAD).origin == "bad"
    assert lesson.bek.get(f"{scheme}://bad.test/", address=BAD).origin == ""
    assert lesson.bek.get(f"{scheme}://bad.test/", address="203.0.113.10").origin == ""
    lesson.refused("bad.test", clause="3.3")


# D19: limits, and what is carried in names.


@pytest.mark.bypass("D19")
def test_D19_a_connection_takes_so_many_questions_and_no_more(lesson: Lesson):  # noqa: N802
    wire = dns.message.make_query("good.test", "A").to_wire()
    framed = len(wire).to_bytes(2, "big") + wire
    back = lesson.bek.send(lesson.bek.pc.gate, 53, framed * 5000, seconds=1)
    assert back.count(b"\x04good\x04test") <= 100


@pytest.mark.bypass("D19")
def test_D19_nor_does_a_flood_of_questions_get_answers(lesson: Lesson):  # noqa: N802
    wire = dns.message.make_query("good.test", "A").to_wire()
    with lesson.bek.here():
        link = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    with link:
        for _ in range(20):
            for _ in range(100):
                link.sendto(wire, (lesson.bek.pc.gate, 53))
            wait_until(lambda: False, 0.01)
    lesson.refused("good.test", method="DNS", clause="2.11", reason="protocol-refused")
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


def test_a_neighbour_of_an_allowed_site_that_the_council_denies_by_name_has_another_address(
    lesson: Lesson, home: Machine
):
    """So no browser asks for it over the connection that it holds to the allowed site (RFC 9113, 9.1.1)."""
    bek = lesson.bek
    assert told(home.ask(NEIGHBOUR)) == told(bek.ask("good.test"))
    assert told(bek.ask(NEIGHBOUR)) == [bek.pc.gate]
    assert told(bek.ask("www.good.test")) == told(bek.ask("good.test"))
    assert bek.get(f"http://{NEIGHBOUR}/").status == 403
    assert lesson.refused(NEIGHBOUR, clause="2.6").message == "ruled-denied"
    assert bek.get(f"https://{NEIGHBOUR}/").origin != "good"


@pytest.mark.bypass("D19")
def test_D19_a_tunnel_in_names_carries_a_few_kilobytes_and_is_told(lesson: Lesson):  # noqa: N802
    """As iodine and dnscat do: fresh names below a domain of one's own, data in the answers. Where nobody has signed in
    names are answered too, or no system would show its sign-in page; within the same limits."""
    alone = lesson.lab.machine("room2-10")
    for machine, kind in ((lesson.bek, "A"), (lesson.bek, "TXT"), (lesson.bek, "MX"), (alone, "A")):
        domain, refused = f"{kind.lower()}.{machine.pc.name}.tunnel{kind.lower()}.test", 0
        for number in range(120):
            name = f"{number:04d}{'x' * 50}.{'y' * 60}.{'z' * 20}.{domain}"
            with contextlib.suppress(OSError):
                refused += machine.ask(name, kind, seconds=0.5).rcode() == dns.rcode.REFUSED
        assert refused > 60
    for machine in (lesson.bek, alone):
        last = lesson.refused(machine=machine, method="DNS", clause="2.11", reason="protocol-refused")
        assert ".tunnel" in last.host


# Not of the catalogue: an answer that somebody forged on the way to the box.


def test_what_a_zone_signed_is_believed_and_what_was_forged_on_the_way_is_not(lesson: Lesson, home: Machine):
    assert home.ask(signed.FORGED, server=ROOT4).answer[0][0].to_text() == signed.FORGER, "whoever checks nothing"
    assert lesson.bek.resolve(signed.GENUINE) == signed.ADDRESS
    assert lesson.bek.ask("jok.imza.example").rcode() == dns.rcode.NXDOMAIN
    assert lesson.bek.ask(signed.GENUINE, "HTTPS").rcode() == dns.rcode.NOERROR
    for insists in (False, True):
        question = dns.message.make_query(signed.FORGED, "A", use_edns=0)
        question.flags |= dns.flags.CD if insists else 0
        refused = lesson.bek.query(question, seconds=8)
        assert (refused.rcode(), told(refused)) == (dns.rcode.SERVFAIL, []), "and nobody can insist on it"
        codes = [one.code for one in refused.options if isinstance(one, dns.edns.EDEOption)]
        assert codes == [dns.edns.EDECode.DNSSEC_BOGUS]
