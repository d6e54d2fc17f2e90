"""The ways around names that the bypass catalogue lists and their kin, against a real dnsdist."""

import contextlib
import random
import socket
import time
from collections.abc import Callable

import dns.edns
import dns.exception
import dns.message
import dns.name
import dns.query
import dns.rcode
import pytest

from darbaza.engines.dnsdist.policy import DeniedTo, DevicePolicy, DnsPolicy
from darbaza.engines.dnsdist.refused import Reason, Refused, RefusedLog
from darbaza.engines.safesearch import RestrictedVideo, unsafe_hosts
from darbaza.policy.resource import Target

from .conftest import BOX, GAMBLING, NEWS, POLICY, STAFF, STUDENT, Running, Upstream

pytestmark = pytest.mark.engine

SQUID = "127.0.0.1"
"""From here the box itself asks."""


def refusals(resolver: Running, wanted: Callable[[Refused], bool]) -> list[Refused]:
    """The refusals in the log that are wanted, once there is one."""
    log, found = RefusedLog(resolver.engine.places.refused), []
    deadline = time.monotonic() + 4
    while not found and time.monotonic() < deadline:
        found += [refused for refused in log.read() if wanted(refused)]
        time.sleep(0.05)
    log.close()
    return found


@pytest.mark.bypass("D01")
@pytest.mark.bypass("D14")
@pytest.mark.parametrize(
    ("name", "source"),
    [
        ("kumar.test", "127.0.1.40"),
        ("A.kumar.TEST.", "127.0.1.41"),
        ("xn--80aa0cbo65f.kumar.test", "127.0.1.42"),
        ("_x.kumar.test", "127.0.1.43"),
    ],
)
def test_what_is_refused_is_logged_with_device_reason_and_canonical_name(
    resolver: Running, name: str, source: str
) -> None:
    resolver.rcode(name, source=source)
    found = refusals(resolver, lambda refused: refused.device == source)
    assert [(one.reason, one.kind, one.name) for one in found] == [(Reason.CLOSED, "A", name.lower().rstrip("."))]


@pytest.mark.bypass("D14")
def test_an_escaped_dot_is_logged_as_what_it_is(resolver: Running) -> None:
    question = dns.message.make_query(dns.name.Name([b"kumar.test", b""]), "A")
    answer = dns.query.udp(question, "127.0.0.1", port=resolver.port, source="127.0.1.60", timeout=2)
    assert answer.rcode() == dns.rcode.REFUSED
    assert [one.name for one in refusals(resolver, lambda one: one.device == "127.0.1.60")] == ["kumar%2etest"]


@pytest.mark.bypass("D09")
@pytest.mark.bypass("D11")
@pytest.mark.parametrize(
    ("name", "kind", "reason"),
    [("mask.icloud.com", "A", Reason.CANARY), ("inner.test", "A", Reason.PRIVATE), ("x.test", "NULL", Reason.TYPE)],
)
def test_other_refusals_are_logged_too(
    resolver: Running, upstream: Upstream, name: str, kind: str, reason: Reason
) -> None:
    upstream.records["inner.test.", "A"] = [("A", "10.50.0.1")]
    resolver.ask(name, kind, source="127.0.1.61")
    assert [one.name for one in refusals(resolver, lambda one: one.reason is reason)] == [name]


@pytest.mark.bypass("X05")
def test_a_device_gets_so_many_lines_and_the_last_says_that_there_was_more(resolver: Running) -> None:
    source = "127.0.1.62"
    for number in range(450):  # at least two hundred between one turn of the minute and the next
        resolver.rcode(f"n{number}.kumar.test", source=source)
        time.sleep(0.01)
    more = refusals(resolver, lambda one: one.device == source and one.reason is Reason.MORE)
    assert 1 <= len(more) <= 2
    assert {one.name for one in more} == {""}
    assert len(refusals(resolver, lambda one: one.device == source)) <= 400


@pytest.mark.bypass("D08")
def test_students_get_no_hidden_key_by_way_of_any_or_beside_an_answer(resolver: Running, upstream: Upstream) -> None:
    upstream.records["beside.test.", "A"] = [("A", "203.0.113.5"), ("HTTPS", '1 . alpn="h2"')]
    assert resolver.rcode("beside.test", "ANY") == "REFUSED"
    assert resolver.addresses("beside.test") == []


@pytest.mark.bypass("D11")
@pytest.mark.parametrize("hint", ["ipv4hint=10.50.0.1", "ipv6hint=::1", 'ipv4hint="203.0.113.1,192.168.0.1"'])
def test_an_address_hint_that_points_inside_is_stripped(resolver: Running, upstream: Upstream, hint: str) -> None:
    name = f"hint{len(hint)}.test"
    upstream.records[f"{name}.", "HTTPS"] = [("HTTPS", f'1 . alpn="h2" {hint}')]
    upstream.records[f"sound-{name}.", "HTTPS"] = [("HTTPS", '1 . alpn="h2" ipv4hint=203.0.113.1')]
    assert resolver.addresses(name, "HTTPS", source=STAFF) == []
    assert len(resolver.addresses(f"sound-{name}", "HTTPS", source=STAFF)) == 1


@pytest.mark.parametrize("name", ["bek.local", "a.onion", "localhost", "x.invalid"])
def test_names_that_nobody_outside_knows_stay_here(resolver: Running, upstream: Upstream, name: str) -> None:
    assert resolver.rcode(name) == "NXDOMAIN"
    assert f"{name}." not in [asked for asked, _ in upstream.asked]


@pytest.mark.parametrize("name", ["xn--80aswg.test", "_dmarc.kitep.test", "10.113.0.203.in-addr.arpa", "a-b.c_d.test"])
def test_honest_names_of_all_kinds_are_asked_for(resolver: Running, upstream: Upstream, name: str) -> None:
    kind = "PTR" if name.endswith("arpa") else "TXT"
    resolver.addresses(name, kind)
    assert (f"{name}.", kind) in upstream.asked


def test_the_case_of_a_question_comes_back(resolver: Running) -> None:
    for name in ("KiTeP.tEsT", "kItEp.TeSt"):
        assert resolver.ask(name).question[0].name.to_text() == f"{name}."


def test_an_alias_to_a_closed_name_is_answered_since_squid_decides_by_the_name(
    resolver: Running, upstream: Upstream
) -> None:
    upstream.records["cloak.test.", "A"] = [("CNAME", "kumar.test."), ("A", "203.0.113.9")]
    assert "203.0.113.9" in resolver.addresses("cloak.test")


def test_a_name_without_any_safe_mode_is_none_for_students(resolver: Running) -> None:
    for host in unsafe_hosts(RestrictedVideo.STRICT):
        assert resolver.rcode(host) == "NXDOMAIN"
        assert resolver.rcode(host, source=STAFF) == "NOERROR"
    assert resolver.rcode("x.search.brave.com") == "NXDOMAIN"


@pytest.mark.parametrize("source", [STUDENT, STAFF, SQUID])
@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("www.google.com", "216.239.38.120"),
        ("WWW.google.com.TR", "216.239.38.120"),
        ("www.youtube.com", "216.239.38.120"),
        ("ya.ru", "213.180.193.56"),
    ],
)
def test_search_and_video_are_safe_for_all_who_share_one_proxy(
    resolver: Running, host: str, address: str, source: str
) -> None:
    assert resolver.addresses(host, source=source) == [address]
    assert resolver.addresses(host, "AAAA", source=source) == []
    assert resolver.addresses(host, "HTTPS", source=source) == []


def test_an_engine_whose_safe_address_is_not_known_is_closed_without_a_resolver_that_knows(resolver: Running) -> None:
    assert resolver.rcode("www.bing.com") == "NXDOMAIN"


def test_the_box_asks_for_squid_unfiltered_and_unlimited(start: Callable[..., Running]) -> None:
    resolver = start(queries_per_second=5)
    rcodes = [resolver.rcode("kumar.test", source=SQUID) for _ in range(50)]
    assert rcodes == ["NOERROR"] * 50


def test_names_that_the_register_or_a_hold_closes_are_none_for_anybody(start: Callable[..., Running]) -> None:
    closed = frozenset({Target("held.test"), Target("only.test", subdomains=False)})
    resolver = start(DnsPolicy(POLICY.default, POLICY.devices, closed))
    for source in (STUDENT, STAFF):
        assert [resolver.rcode(name, source=source) for name in ("held.test", "a.held.test")] == ["NXDOMAIN"] * 2
        assert [resolver.rcode(name, source=source) for name in ("only.test", "a.only.test")] == ["NXDOMAIN", "NOERROR"]


def test_what_the_council_closes_gives_way_to_what_it_opens(start: Callable[..., Running]) -> None:
    chess = DevicePolicy(ruled=1 << GAMBLING, opened=1 << NEWS)
    resolver = start(DnsPolicy(DevicePolicy(ruled=1 << GAMBLING), {"127.0.1.70": chess}, opened=frozenset()))
    assert resolver.rcode("kumar.test") == "NXDOMAIN"
    assert resolver.rcode("kabar.kumar.test", source="127.0.1.70") == "NOERROR"
    resolver.stop()
    opened = start(DnsPolicy(DevicePolicy(ruled=1 << GAMBLING), opened=frozenset({Target("kumar.test")})))
    assert opened.rcode("www.kumar.test") == "NOERROR"


def test_a_host_that_the_council_closes_by_name_is_none_for_those_to_whom_it_does(
    start: Callable[..., Running],
) -> None:
    students, chess = DevicePolicy(group=1), DevicePolicy(group=1 << 40)
    policy = DnsPolicy(
        DevicePolicy(),
        {"127.0.1.71": students, "127.0.1.72": chess},
        opened=frozenset({Target("lesson.video.test"), Target("one.video.test", subdomains=False)}),
        permitted=frozenset({Target("mail.video.test")}),
        denied={
            "video.test": DeniedTo(below=1 | 1 << 40, exact=1),
            "lesson.video.test": DeniedTo(exact=1),
            "only.test": DeniedTo(exact=1),
        },
    )
    resolver = start(policy)
    expected = {
        "video.test": "71",
        "www.video.test": "71 72",
        "lesson.video.test": "71",
        "a.lesson.video.test": "",
        "one.video.test": "",
        "a.one.video.test": "71 72",
        "a.mail.video.test": "",
        "only.test": "71",
        "www.only.test": "",
    }
    for _ in range(2):  # the second time by heart
        for name, closed_to in expected.items():
            found = [one for one in ("70", "71", "72") if resolver.rcode(name, source=f"127.0.1.{one}") == "NXDOMAIN"]
            assert found == closed_to.split(), name


def test_without_a_policy_or_a_catalogue_only_the_box_is_found(start: Callable[..., Running]) -> None:
    resolver = start()
    resolver.stop()
    resolver.engine.places.policy.unlink()
    resolver.has_upstream = False
    resolver.start()
    assert resolver.rcode("kitep.test") == "SERVFAIL"
    assert resolver.addresses("why") == [BOX]
    resolver.engine.renew(POLICY)
    resolver.stop()
    resolver.catalogue.write_bytes(b"no database")
    resolver.start()
    assert resolver.rcode("kitep.test") == "SERVFAIL"
    assert resolver.addresses("darbaza") == [BOX]


def test_a_damaged_database_closes_and_breaks_nothing(start: Callable[..., Running]) -> None:
    resolver, noise = start(), random.Random(7)  # noqa: S311 - noise
    whole = resolver.catalogue.read_bytes()
    for _ in range(5):
        damaged = bytearray(whole)
        for _ in range(200):
            damaged[noise.randrange(len(damaged))] = noise.randrange(256)
        resolver.catalogue.with_suffix(".x").write_bytes(damaged)
        resolver.catalogue.with_suffix(".x").replace(resolver.catalogue)
        deadline = time.monotonic() + 1.2
        while time.monotonic() < deadline:
            resolver.ask(f"n{noise.randrange(1000)}.kumar.test", source=STAFF)
    assert resolver.process is not None
    assert resolver.process.poll() is None


def test_data_in_names_runs_dry_while_others_and_other_domains_are_answered(start: Callable[..., Running]) -> None:
    resolver, noise = start(), random.Random(3)  # noqa: S311 - noise

    def chunk() -> str:
        return ".".join("".join(noise.choices("abcdefghij0123456789", k=50)) for _ in range(3))

    rcodes = [resolver.rcode(f"{chunk()}.tunnel.co.uk", "TXT") for _ in range(60)]
    assert rcodes.count("NOERROR") < 30  # some 4 KB; without a limit it is 9 KB in this second, and every second
    assert rcodes[-1] == "REFUSED"
    assert resolver.rcode("kitep.co.uk") == "NOERROR"
    assert resolver.rcode(f"{chunk()}.tunnel.co.uk", source="127.0.1.81") == "NOERROR"
    assert resolver.rcode(f"{chunk()}.tunnel.co.uk", source=STAFF) == "NOERROR"
    assert refusals(resolver, lambda one: one.reason is Reason.TUNNEL)


def test_data_in_answers_runs_dry_even_under_one_name(start: Callable[..., Running], upstream: Upstream) -> None:
    resolver = start()
    for number in range(20):
        upstream.records[f"down{number}.tunnel.test.", "TXT"] = [("TXT", '"' + "x" * 200 + '" "' + "y" * 200 + '"')] * 2
    answered = [resolver.rcode(f"down{number % 20}.tunnel.test", "TXT") for number in range(60)]
    assert "REFUSED" in answered


def test_a_page_with_many_hosts_is_no_tunnel(resolver: Running) -> None:
    for number in range(150):
        assert resolver.rcode(f"img{number}.sabak.test", source="127.0.1.90") == "NOERROR"
    for _ in range(500):
        assert resolver.rcode("www.sabak.test", source="127.0.1.90") == "NOERROR"


@pytest.mark.parametrize("kind", ["NULL", "KEY", "TYPE65280", "SPF", "RP", "TKEY", "MAILB"])
def test_kinds_of_records_that_only_tunnels_ask_for_are_refused(resolver: Running, kind: str) -> None:
    assert resolver.rcode("kitep.test", kind) == "REFUSED"


def shapes() -> list[bytes]:
    """Questions that are none, or not quite."""
    plain = dns.message.make_query("kitep.test", "A").to_wire()
    head, name = plain[:12], plain[12:]
    return [
        b"",
        b"\0",
        plain[:11],
        plain[:20],
        head[:4] + b"\0\0" + head[6:],
        head[:4] + b"\0\x02" + head[6:] + name + name,
        plain + b"trailing data",
        plain[:12] + b"\xc0\x0c\0\x01\0\x01",
        plain[:12] + b"\xc0\xff\0\x01\0\x01",
        plain[:12] + b"\x3f" + b"a" * 5,
        plain[:12] + (b"\x3f" + b"a" * 63) * 5 + b"\0\0\x01\0\x01",
        plain[:2] + b"\x80\0" + plain[4:],
        plain[:10] + b"\0\x01" + plain[12:] + b"\0\0\x29\xff\xff\0\0\0\0\0\xff",
        plain[:10] + b"\0\x01" + plain[12:] + b"\0\0\xfa\0\xff\0\0\0\0\0\0",
        bytes(65000),
    ]


@pytest.mark.parametrize("shape", range(len(shapes())))
def test_a_malformed_question_gets_no_data_and_hurts_nobody(resolver: Running, shape: int) -> None:
    wire = shapes()[shape]
    with socket.socket(type=socket.SOCK_DGRAM) as sock:
        sock.bind(("127.0.1.95", 0))
        sock.settimeout(0.1)
        sock.sendto(wire, ("127.0.0.1", resolver.port))
        with contextlib.suppress(TimeoutError):
            answer = sock.recv(65535)
            assert answer[6:8] == b"\0\0"
            assert answer[3] & 15 != 0
    with socket.create_connection(("127.0.0.1", resolver.port), 2) as stream:
        stream.sendall(len(wire).to_bytes(2) + wire)
    assert resolver.rcode("kitep.test") == "NOERROR"


def test_random_bytes_hurt_nobody(resolver: Running) -> None:
    noise = random.Random(11)  # noqa: S311 - noise
    plain = dns.message.make_query("kitep.test", "A", use_edns=0).to_wire()
    with socket.socket(type=socket.SOCK_DGRAM) as sock:
        sock.bind(("127.0.1.96", 0))
        for _ in range(3000):
            wire = bytearray(plain)
            for _ in range(noise.randrange(1, 6)):
                wire[noise.randrange(len(wire))] = noise.randrange(256)
            sock.sendto(bytes(wire), ("127.0.0.1", resolver.port))
    for _ in range(9):
        with contextlib.suppress(dns.exception.Timeout):  # so much at once may fill dnsdist's socket on a busy machine
            assert resolver.rcode("kitep.test") == "NOERROR"
            return
    pytest.fail("no answer any more")


def is_closed(connection: socket.socket) -> bool:
    """Whether the other side ended a connection."""
    connection.settimeout(0.005)
    try:
        return connection.recv(1) == b""
    except TimeoutError:
        return False
    except ConnectionError:
        return True


@pytest.mark.bypass("X09")
@pytest.mark.bypass("D19")
def test_one_client_cannot_hold_every_connection(resolver: Running) -> None:
    with contextlib.ExitStack() as stack:
        held = [
            stack.enter_context(socket.create_connection(("127.0.0.1", resolver.port), 2, ("127.0.1.97", 0)))
            for _ in range(40)
        ]
        closed, deadline = 0, time.monotonic() + 5
        while closed < 15 and time.monotonic() < deadline:
            closed = sum(map(is_closed, held))
        assert closed >= 15
        question = dns.message.make_query("kitep.test", "A")
        answer = dns.query.tcp(question, "127.0.0.1", port=resolver.port, source="127.0.1.98", timeout=2)
        assert answer.rcode() == dns.rcode.NOERROR


def test_a_refusal_says_why_where_the_engine_can(resolver: Running) -> None:
    question = dns.message.make_query("kumar.test", "A", use_edns=0)
    answer = dns.query.udp(question, "127.0.0.1", port=resolver.port, source="127.0.1.99", timeout=2)
    said = [(one.code, one.text) for one in answer.options if isinstance(one, dns.edns.EDEOption)]
    assert said == ([(15, "http://why/")] if resolver.engine.version() >= (1, 9) else [])


REFUSAL = "127.0.0.99"


def test_a_closed_name_leads_to_the_refusal_page_for_a_few_seconds(start: Callable[..., Running]) -> None:
    own = start(refusal=REFUSAL)
    for name in ("kumar.test", "KUMAR.test", "a.b.kumar.test"):
        answer = own.ask(name, "A")
        (record,) = [one for found in answer.answer for one in found]
        assert (record.to_text(), answer.rcode()) == (REFUSAL, dns.rcode.NOERROR)
        assert 0 < answer.answer[0].ttl <= 5
    (logged,) = refusals(own, lambda refused: refused.name == "a.b.kumar.test")
    assert (logged.reason, logged.kind) == (Reason.CLOSED, "A")
    for kind in ("AAAA", "MX", "TXT", "HTTPS", "SVCB", "SRV"):
        answer = own.ask("kumar.test", kind)
        assert (answer.rcode(), answer.answer) == (dns.rcode.NOERROR, [])


def test_only_what_is_closed_leads_to_the_refusal_page(start: Callable[..., Running], upstream: Upstream) -> None:
    own = start(refusal=REFUSAL)
    assert own.rcode("use-application-dns.net") == "NXDOMAIN"
    assert own.rcode("printer.local") == "NXDOMAIN"
    for name in ("kitep.test", "kumar.test.kitep.test"):
        assert REFUSAL not in own.ask(name, "A").to_text()
    assert REFUSAL not in own.ask("kumar.test", "A", source=STAFF).to_text()
    assert [name for name, _ in upstream.asked if name == "kumar.test."] == ["kumar.test."], "only for staff"
