"""A signed zone of the lab's internet, with a name in it whose answer somebody forged on the way.

The box believes this zone's key and no other: whatever else the lab knows is unsigned, as most of the internet is. The
key is the same in every lab and worth nothing outside.
"""

from functools import cache

import dns.dnssec
import dns.dnssectypes
import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdataset
import dns.rdatatype
import dns.rrset
import dns.zone
from cryptography.hazmat.primitives.asymmetric import ec

ZONE = dns.name.from_text("imza.example.")
GENUINE, FORGED = "kol.imza.example", "jasalma.imza.example"
ADDRESS, FORGER = "203.0.113.30", "203.0.113.20"

_LIFETIME = 30 * 86400
_TEXT = f"""$TTL 60
@ IN SOA ns.root.test. nobody.root.test. 1 60 60 60 60
@ IN NS ns.root.test.
kol IN A {ADDRESS}
jasalma IN A {ADDRESS}
"""
_KEY = ec.derive_private_key(int.from_bytes(b"a key for nothing but the lab"), ec.SECP256R1())


def anchor() -> str:
    """The zone's key, as a resolver's file of trust anchors holds it."""
    return f"{ZONE} 3600 IN DNSKEY {_public().to_text()}\n"


def holds(name: dns.name.Name) -> bool:
    """Whether a name lies in the zone."""
    return name.is_subdomain(ZONE)


def reply(question: dns.message.Message) -> dns.message.Message:
    """The zone's answer with its signatures; to what is not there, its proof of that."""
    message, asked = dns.message.make_response(question, recursion_available=True), question.question[0]
    message.flags |= dns.flags.AA
    node = _zone().get_node(asked.name)
    if node is not None and node.get_rdataset(asked.rdclass, asked.rdtype) is not None:
        _put(message.answer, asked.name, asked.rdtype)
        return message
    if node is None:
        message.set_rcode(dns.rcode.NXDOMAIN)
    _put(message.authority, ZONE, dns.rdatatype.SOA)
    for name in _zone().nodes:
        _put(message.authority, name, dns.rdatatype.NSEC)
    return message


def _put(section: list[dns.rrset.RRset], name: dns.name.Name, kind: dns.rdatatype.RdataType) -> None:
    """Records and their signature, as the zone has them."""
    for covered, found in ((kind, dns.rdatatype.NONE), (dns.rdatatype.RRSIG, kind)):
        records = _zone().get_rdataset(name, covered, found)
        if records is not None:
            section.append(dns.rrset.from_rdata_list(name, records.ttl, list(records)))


def _public() -> dns.rdata.Rdata:
    return dns.dnssec.make_dnskey(_KEY.public_key(), dns.dnssectypes.Algorithm.ECDSAP256SHA256, flags=257)


@cache
def _zone() -> dns.zone.Zone:
    """The zone, signed for a month from the start of this process; then the forger comes."""
    zone = dns.zone.from_text(_TEXT, origin=ZONE, relativize=False)
    dns.dnssec.sign_zone(zone, keys=[(_KEY, _public())], lifetime=_LIFETIME)  # type: ignore[list-item] # it makes DNSKEYs
    zone.replace_rdataset(dns.name.from_text(FORGED), dns.rdataset.from_text("IN", "A", 60, FORGER))
    return zone
