"""A small internet of names with a signed root of its own, served from one loopback address.

`.` and `test.` are signed, `com.` is delegated without a signature, and `bogus.test` bears one that does not fit.
"""

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import dns.dnssec
import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdataset
import dns.rdatatype
import dns.rrset
import dns.zone
from cryptography.hazmat.primitives.asymmetric import ec

from tests.engines.dnsdist.conftest import TcpHandler, TcpServer, UdpHandler
from tests.ports import free_port

ALGORITHM = dns.dnssec.Algorithm.ECDSAP256SHA256
LIFETIME = 30 * 86400
HEAD = "$TTL 60\n@ IN SOA ns.invalid. root.invalid. 1 60 60 60 60\n@ IN NS ns.invalid.\n"

TEST = """
kitep IN A 203.0.113.10
kitep IN AAAA 2001:db8::10
alias IN CNAME kitep
far IN CNAME far.com.
bogus IN A 203.0.113.66
rebind IN A 10.50.0.1
school IN A 10.1.0.7
hint IN HTTPS 1 . alpn="h2" ipv4hint="10.50.0.1"
"""
COM = """
far IN A 203.0.113.30
second 1 IN A 203.0.113.31
moment 0 IN A 203.0.113.32
mapped IN AAAA ::ffff:10.50.0.1
forcesafesearch.google IN A 203.0.113.38
strict.bing IN CNAME edge.bing
edge.bing IN A 203.0.113.39
safe.duckduckgo IN A 203.0.113.40
"""
KG = "sabak IN A 203.0.113.77\n"


class Internet:
    """The zones, the server that answers for all of them, and the key that proves the root."""

    def __init__(self) -> None:
        self.port = free_port()
        self.asked: list[tuple[str, str]] = []
        self.is_silent = False
        keys = {name: ec.generate_private_key(ec.SECP256R1()) for name in (".", "test.")}
        self.anchor = public(keys["."])
        proof = dns.dnssec.make_ds("test.", public(keys["test."]), "SHA256").to_text()
        root = f"test. IN NS ns.invalid.\ntest. IN DS {proof}\ncom. IN NS ns.invalid.\nkg. IN NS ns.invalid.\n"
        texts = {".": root, "test.": TEST, "com.": COM, "kg.": KG}
        zones = {name: dns.zone.from_text(HEAD + text, origin=name, relativize=False) for name, text in texts.items()}
        for name, key in keys.items():
            dns.dnssec.sign_zone(zones[name], keys=[(key, public(key))], lifetime=LIFETIME)
        self.zones = {dns.name.from_text(name): zone for name, zone in zones.items()}
        self._break(dns.name.from_text("bogus.test."))

    def _break(self, name: dns.name.Name) -> None:
        """Another address under the signature of the one before."""
        node = self.zones[dns.name.from_text("test.")].nodes[name]
        node.replace_rdataset(dns.rdataset.from_text("IN", "A", 60, "203.0.113.67"))

    def answer(self, wire: bytes) -> bytes:
        """The answer's bytes to a question's; nothing while the line is dead."""
        if self.is_silent:
            return b""
        question = dns.message.from_wire(wire)
        asked = question.question[0]
        self.asked.append((asked.name.to_text().lower(), dns.rdatatype.to_text(asked.rdtype)))
        reply = dns.message.make_response(question)
        reply.flags |= dns.flags.AA
        self._fill(reply, asked.name, asked.rdtype)
        return reply.to_wire()

    def _fill(self, reply: dns.message.Message, name: dns.name.Name, kind: dns.rdatatype.RdataType) -> None:
        zone = self._zone(name, kind)
        node = zone.nodes.get(name)
        alias = node.get_rdataset(dns.rdataclass.IN, dns.rdatatype.CNAME) if node else None
        found = node.get_rdataset(dns.rdataclass.IN, kind) if node else None
        if alias and kind != dns.rdatatype.CNAME:
            self._add(reply.answer, node, name, dns.rdatatype.CNAME)
        elif found:
            self._add(reply.answer, node, name, kind)
        else:
            is_there = any(other.is_subdomain(name) for other in zone.nodes)
            reply.set_rcode(dns.rcode.NOERROR if is_there else dns.rcode.NXDOMAIN)
            self._deny(reply, zone, name)

    def _zone(self, name: dns.name.Name, kind: dns.rdatatype.RdataType) -> dns.zone.Zone:
        """The deepest zone that holds a name; what proves a zone lies in the one above."""
        within = name.parent() if kind == dns.rdatatype.DS and name != dns.name.root else name
        return max((zone for origin, zone in self.zones.items() if within.is_subdomain(origin)), key=depth)

    @staticmethod
    def _add(section: list, node: dns.node.Node, name: dns.name.Name, kind: dns.rdatatype.RdataType) -> None:
        for rdataset in node.rdatasets:
            if rdataset.rdtype == kind or (rdataset.rdtype == dns.rdatatype.RRSIG and rdataset.covers == kind):
                section.append(dns.rrset.from_rdata_list(name, rdataset.ttl, list(rdataset)))

    def _deny(self, reply: dns.message.Message, zone: dns.zone.Zone, name: dns.name.Name) -> None:
        """The zone's head, and what proves that there is neither the name nor a wildcard for it."""
        self._add(reply.authority, zone.nodes[zone.origin], zone.origin, dns.rdatatype.SOA)
        wildcard = dns.name.from_text("*", zone.origin)
        for owner, node in zone.nodes.items():
            proof = node.get_rdataset(dns.rdataclass.IN, dns.rdatatype.NSEC)
            if proof and any(is_covered(each, owner, proof[0].next, zone.origin) for each in (name, wildcard)):
                self._add(reply.authority, node, owner, dns.rdatatype.NSEC)

    def write_anchor(self, path: Path) -> Path:
        """The root's key as a resolver's trust anchor."""
        path.write_text(f". 3600 IN DNSKEY {self.anchor.to_text()}\n")
        return path


def public(key: ec.EllipticCurvePrivateKey) -> dns.rdata.Rdata:
    """The DNSKEY of a private key, of the kind that signs keys and records alike."""
    return dns.dnssec.make_dnskey(key.public_key(), ALGORITHM, flags=257)


def is_covered(name: dns.name.Name, owner: dns.name.Name, after: dns.name.Name, origin: dns.name.Name) -> bool:
    """Whether a proof from `owner` to `after` speaks of a name; the last one goes round to the zone's head."""
    return owner == name or owner < name < after or (after == origin and owner < name)


def depth(zone: dns.zone.Zone) -> int:
    """How many labels a zone's name has."""
    return len(zone.origin.labels)


@contextmanager
def served() -> Iterator[Internet]:
    """An internet that answers over UDP and TCP."""
    made = Internet()
    address = ("127.0.0.1", made.port)
    with socketserver.ThreadingUDPServer(address, UdpHandler) as udp, TcpServer(address, TcpHandler) as tcp:
        udp.daemon_threads = True
        for server in (udp, tcp):
            server.upstream = made
            threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        yield made
        udp.shutdown()
        tcp.shutdown()
