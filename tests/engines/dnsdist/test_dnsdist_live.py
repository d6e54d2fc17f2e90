"""What a real dnsdist answers to students and to staff."""

import contextlib
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import dns.message
import dns.name
import dns.opcode
import dns.query
import dns.rcode
import dns.update
import pytest

from darbaza.engines.base import EngineError, Rendered
from darbaza.engines.dnsdist.engine import Dnsdist
from darbaza.engines.dnsdist.policy import DevicePolicy, DnsPolicy
from darbaza.engines.dnsdist.settings import DnsdistSettings

from .conftest import BOX, CATALOGUE, DOH, GAMBLING, STAFF, Running, Upstream, write_catalogue

pytestmark = pytest.mark.engine


def test_a_name_nobody_listed_is_answered(resolver: Running) -> None:
    assert resolver.addresses("kitep.test") == ["203.0.113.20"]


@pytest.mark.parametrize(
    "name", ["kumar.test", "a.b.kumar.test", "KuMaR.TeSt", "kumar.test.", "kabar.KUMAR.test", "x.kabar.kumar.test"]
)
def test_a_closed_category_is_no_name_for_students(resolver: Running, upstream: Upstream, name: str) -> None:
    assert resolver.rcode(name) == "NXDOMAIN"
    assert not [asked for asked, _ in upstream.asked if asked.endswith("kumar.test.")]


@pytest.mark.bypass("D01")
def test_a_doh_resolver_is_no_name_for_students(resolver: Running) -> None:
    assert resolver.rcode("dns.suroo.test") == "NXDOMAIN"


@pytest.mark.parametrize("name", ["uyat.test", "aralash.test"])
def test_a_category_above_the_thirty_second_bit_is_closed(resolver: Running, name: str) -> None:
    assert resolver.rcode(name) == "NXDOMAIN"
    assert resolver.rcode(name, source=STAFF) == "NXDOMAIN"


def test_an_open_category_is_answered(resolver: Running) -> None:
    assert resolver.addresses("kabar.test") == ["203.0.113.20"]


def test_a_similar_name_is_not_a_listed_one(resolver: Running) -> None:
    assert resolver.addresses("notkumar.test") == ["203.0.113.20"]


def test_an_unreadable_entry_closes(resolver: Running) -> None:
    assert resolver.rcode("buzuk.test") == "NXDOMAIN"


def test_staff_are_answered_where_students_are_not_whoever_asks_first(resolver: Running) -> None:
    for _ in range(3):
        assert resolver.rcode("kumar.test") == "NXDOMAIN"
        assert resolver.addresses("kumar.test", source=STAFF) == ["203.0.113.20"]


def test_an_unknown_device_is_bound_as_a_student(resolver: Running) -> None:
    assert resolver.rcode("kumar.test", source="127.0.99.1") == "NXDOMAIN"


@pytest.mark.bypass("D08")
@pytest.mark.parametrize("kind", ["HTTPS", "SVCB"])
def test_students_get_no_key_that_hides_the_host(resolver: Running, upstream: Upstream, kind: str) -> None:
    upstream.records["kitep.test.", kind] = [(kind, '1 . alpn="h2"')]
    assert resolver.addresses("kitep.test", kind) == []
    assert resolver.addresses("kitep.test", kind, source=STAFF) == ['1 . alpn="h2"']


@pytest.mark.bypass("D09")
@pytest.mark.parametrize("name", ["use-application-dns.net", "mask.icloud.com", "mask-h2.icloud.com"])
@pytest.mark.parametrize("kind", ["A", "AAAA", "HTTPS"])
def test_browsers_that_ask_whether_we_filter_are_told(resolver: Running, name: str, kind: str) -> None:
    assert resolver.rcode(name, kind) == "NXDOMAIN"


@pytest.mark.bypass("D09")
@pytest.mark.parametrize("source", ["127.0.1.1", STAFF])
def test_nobody_is_told_of_another_resolver(resolver: Running, upstream: Upstream, source: str) -> None:
    upstream.records["_dns.resolver.arpa.", "SVCB"] = [("SVCB", "1 dns.suroo.test.")]
    assert resolver.addresses("_dns.resolver.arpa", "SVCB", source=source) == []


@pytest.mark.parametrize("kind", ["ANY", "AXFR", "IXFR"])
def test_everything_at_once_is_refused(resolver: Running, upstream: Upstream, kind: str) -> None:
    before = len(upstream.asked)
    question = dns.message.make_query("kitep.test", kind) if kind != "IXFR" else ixfr()
    for ask in (dns.query.udp, dns.query.tcp) if kind == "ANY" else (raw_tcp,):
        assert ask(question, "127.0.0.1", port=resolver.port, timeout=2).rcode() == dns.rcode.REFUSED
    assert kind not in [asked for _, asked in upstream.asked[before:]]


def ixfr() -> dns.message.Message:
    question = dns.message.make_query("kitep.test", "IXFR")
    question.authority.append(dns.rrset.from_text("kitep.test.", 0, "IN", "SOA", ". . 1 1 1 1 1"))
    return question


def raw_tcp(question: dns.message.Message, host: str, *, port: int, timeout: float) -> dns.message.Message:
    """One question over TCP, without the client's own ideas about transfers."""
    wire = question.to_wire()
    with socket.create_connection((host, port), timeout) as connection:
        connection.sendall(len(wire).to_bytes(2) + wire)
        length = int.from_bytes(connection.recv(2))
        return dns.message.from_wire(connection.recv(length))


def test_updates_and_other_classes_are_refused(resolver: Running) -> None:
    update = dns.update.UpdateMessage("kitep.test")
    update.add("x", 60, "A", "203.0.113.99")
    assert dns.query.udp(update, "127.0.0.1", port=resolver.port, timeout=2).rcode() == dns.rcode.REFUSED
    chaos = dns.message.make_query("version.bind", "TXT", "CH")
    assert dns.query.udp(chaos, "127.0.0.1", port=resolver.port, timeout=2).rcode() == dns.rcode.REFUSED


@pytest.mark.bypass("D14")
@pytest.mark.parametrize("label", [b"kumar.test", b"kumar\x00test", b"k\xd1\x83mar", b"a b"])
def test_a_label_that_would_print_as_another_name_is_refused(
    resolver: Running, upstream: Upstream, label: bytes
) -> None:
    before = len(upstream.asked)
    question = dns.message.make_query(dns.name.Name([label, b"test", b""]), "A")
    assert dns.query.udp(question, "127.0.0.1", port=resolver.port, timeout=2).rcode() == dns.rcode.REFUSED
    assert len(upstream.asked) == before


@pytest.mark.parametrize("name", ["why", "darbaza", "WHY"])
def test_the_boxs_own_names_lead_to_the_box(resolver: Running, name: str) -> None:
    assert resolver.addresses(name) == [BOX]
    assert resolver.addresses(name, "AAAA") == []


PRIVATE4 = ["10.50.0.1", "127.0.0.1", "169.254.169.254", "172.16.0.1", "172.31.255.255", "192.168.1.1", "100.64.0.1"]
PRIVATE4 += ["0.0.0.0", "198.18.0.1", "224.0.0.1", "255.255.255.255"]
PRIVATE6 = ["::1", "::", "::ffff:10.50.0.1", "::ffff:203.0.113.1", "::10.50.0.1", "fe80::1", "fc00::1", "fdff::1"]
PRIVATE6 += ["fec0::1", "ff02::1", "64:ff9b::a32:1", "2002:a32:1::1", "fd09:0:1::1"]


@pytest.mark.bypass("D11")
@pytest.mark.parametrize("address", PRIVATE4 + PRIVATE6)
def test_an_answer_that_points_inside_is_stripped(resolver: Running, upstream: Upstream, address: str) -> None:
    kind, name = "AAAA" if ":" in address else "A", f"rebind-{address.replace(':', '-').replace('.', '-')}x.test"
    upstream.records[f"{name}.", kind] = [(kind, address)]
    for _ in range(2):  # the second answer comes from the cache
        assert resolver.addresses(name, kind) == []


@pytest.mark.bypass("D11")
def test_an_answer_behind_an_alias_or_a_sound_one_is_stripped_too(resolver: Running, upstream: Upstream) -> None:
    upstream.records["alias.test.", "A"] = [("CNAME", "inner.test."), ("A", "10.50.0.1")]
    upstream.records["two.test.", "A"] = [("A", "203.0.113.1"), ("A", "192.168.0.1")]
    assert resolver.addresses("alias.test") == []
    assert resolver.addresses("two.test") == []


@pytest.mark.parametrize(
    "address",
    [
        "203.0.113.1",
        "172.32.0.1",
        "11.0.0.1",
        "9.255.255.255",
        "2001:db8::1",
        "127.9.0.3",
        "fd09::7",
        "64:ff9b::cb00:7101",
    ],
)
def test_an_answer_outside_or_allowed_is_kept(resolver: Running, upstream: Upstream, address: str) -> None:
    kind, name = "AAAA" if ":" in address else "A", f"sound-{address.replace(':', '-').replace('.', '-')}x.test"
    upstream.records[f"{name}.", kind] = [("CNAME", "behind.sound.test."), (kind, address)]
    assert address in resolver.addresses(name, kind)


@pytest.mark.bypass("D19")
def test_a_connection_ends_at_its_limit(resolver: Running) -> None:
    wire = dns.message.make_query("kitep.test", "A").to_wire()
    answers = 0
    with socket.create_connection(("127.0.0.1", resolver.port), 5) as connection:
        reader = connection.makefile("rb")
        try:
            for _ in range(200):
                connection.sendall(len(wire).to_bytes(2) + wire)
                if len(head := reader.read(2)) < 2:
                    break
                reader.read(int.from_bytes(head))
                answers += 1
        except ConnectionError:
            pass  # closed while we wrote
    assert answers <= resolver.engine.settings.tcp_queries + 1  # dnsdist closes after the one that is too many
    assert resolver.addresses("kitep.test") == ["203.0.113.20"]


@pytest.mark.bypass("X11")
def test_one_client_cannot_ask_without_end_and_hurts_nobody_else(start: Callable[..., Running]) -> None:
    resolver = start(queries_per_second=20)
    answered = 0
    with socket.socket(type=socket.SOCK_DGRAM) as flood:
        flood.bind(("127.0.1.9", 0))
        for number in range(500):
            question = dns.message.make_query(f"n{number % 20}.kitep.test", "A").to_wire()
            flood.sendto(question, ("127.0.0.1", resolver.port))
        assert resolver.rcode("kitep.test", source="127.0.1.10") == "NOERROR"
        flood.settimeout(0.3)
        with contextlib.suppress(TimeoutError):
            while flood.recv(2048):
                answered += 1
    assert 20 <= answered <= 60


def test_a_stream_that_asks_too_much_is_refused(start: Callable[..., Running]) -> None:
    resolver = start(queries_per_second=5)
    rcodes = []
    with socket.create_connection(("127.0.0.1", resolver.port), 5, source_address=("127.0.1.9", 0)) as connection:
        for _ in range(30):
            wire = dns.message.make_query("kitep.test", "A").to_wire()
            connection.sendall(len(wire).to_bytes(2) + wire)
            rcodes.append(dns.message.from_wire(connection.recv(2 + int.from_bytes(connection.recv(2)))).rcode())
    assert rcodes.count(dns.rcode.REFUSED) >= 15


def test_a_client_from_elsewhere_is_not_answered(start: Callable[..., Running]) -> None:
    resolver = start(clients=("127.0.0.0/16",))
    with pytest.raises(dns.exception.Timeout):
        resolver.ask("kitep.test", source="127.9.0.1", timeout=0.3)


def test_without_a_resolver_behind_it_the_answer_is_a_failure_at_once(start: Callable[..., Running]) -> None:
    resolver = start(upstreams=("127.0.0.1:9",), ready=False)
    deadline = time.monotonic() + 8
    while resolver.rcode("kitep.test") != "SERVFAIL":
        assert time.monotonic() < deadline
        time.sleep(0.1)


@pytest.mark.bypass("X12")
def test_a_new_catalogue_is_in_force_within_two_seconds_and_no_question_is_lost(own: Running) -> None:
    lost, asked, done = [], [0], threading.Event()

    def keep_asking() -> None:
        while not done.is_set():
            asked[0] += 1
            try:
                own.ask(f"n{asked[0] % 50}.kitep.test", source="127.0.1.7", timeout=1)
            except dns.exception.Timeout:
                lost.append(asked[0])

    asker = threading.Thread(target=keep_asking)
    asker.start()
    try:
        assert own.addresses("zhany.test") == ["203.0.113.20"]
        write_catalogue(own.catalogue, {**CATALOGUE, "zhany.test": f"{1 << GAMBLING}:1"})
        began = time.monotonic()
        while own.rcode("zhany.test") != "NXDOMAIN":
            assert time.monotonic() - began < 2, "the new catalogue is not in force after 2 s"
            time.sleep(0.02)
    finally:
        done.set()
        asker.join()
    assert asked[0] > 100
    assert lost == []


def test_verify_is_well_only_while_the_resolver_is(own: Running) -> None:
    verified = own.engine.verify(closed_name="kumar.test", source="127.0.1.1")
    assert verified.is_well, verified.facts
    assert verified.version >= (1, 7, 3)
    assert not own.engine.verify(closed_name="kabar.test", source="127.0.1.1").is_well
    own.stop()
    assert not any(own.engine.verify().facts.values())


def test_a_broken_configuration_is_refused_and_the_last_good_one_stays(own: Running) -> None:
    engine = own.engine
    good = engine.generations.in_force()
    broken = Rendered("dnsdist.conf", {"dnsdist.conf": "setLocal('127.0.0.1:1'\n"})
    assert not engine.check(broken).is_good
    with pytest.raises(EngineError, match="the last good one stays"):
        engine.apply(broken, own.start)
    assert engine.generations.in_force() == good
    assert own.rcode("kumar.test") == "NXDOMAIN"


def test_a_configuration_that_does_not_come_up_is_taken_back(own: Running) -> None:
    engine, calls = own.engine, []

    def restart() -> None:
        calls.append(engine.generations.in_force())
        if len(calls) == 1:
            raise EngineError("dnsdist ended at once")
        own.start()

    good, other = (
        engine.generations.in_force(),
        Dnsdist(replace(engine.settings, tcp_queries=9), engine.places.policy.parent),
    )
    with pytest.raises(EngineError, match="ended at once"):
        engine.apply(other.render(), restart)
    assert calls[1] == good == engine.generations.in_force()
    assert own.rcode("kumar.test") == "NXDOMAIN"


@pytest.mark.bypass("X12")
def test_another_policy_is_in_force_within_two_seconds_without_a_restart(own: Running) -> None:
    engine, process = own.engine, own.process
    engine.renew(DnsPolicy(DevicePolicy(1 << DOH), {STAFF: DevicePolicy(0, is_student=False)}))
    eventually(lambda: own.rcode("kumar.test") == "NOERROR")
    assert own.rcode("suroo.test") == "NXDOMAIN"
    assert own.addresses("uyat.test", source=STAFF) == ["203.0.113.20"]
    assert own.process is process
    assert process is not None
    assert process.poll() is None
    assert not engine.apply(engine.render(), pytest.fail).changed


def eventually(is_so: Callable[[], bool], seconds: float = 2.0) -> None:
    """Wait until something is so."""
    end = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < end, "not so in time"
        time.sleep(0.02)


def test_a_missing_engine_is_named(settings: DnsdistSettings, tmp_path: Path) -> None:
    engine = Dnsdist(settings, tmp_path / "d", binary="dnsdist-that-nobody-has")
    with pytest.raises(EngineError, match="`dnsdist-that-nobody-has` is not installed"):
        engine.render()
