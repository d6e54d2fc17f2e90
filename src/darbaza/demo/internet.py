"""The demo's Internet: the invented sites over HTTP and TLS, a resolver that knows them, an authority of their own."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import cast

import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdatatype
import dns.rrset
from aiohttp import web
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from darbaza.demo.places import HOST, HTTP_PORT, INTERNET_DNS_PORT, TLS_PORT, Folders
from darbaza.demo.sites import ADDRESSES, BY_HOST, page

VALID = timedelta(days=397)
"""How long certificates are good; browsers take no longer ones."""

RENEW_BEFORE = timedelta(days=30)
DNS_SECONDS = 60


@asynccontextmanager
async def internet(folders: Folders, at: datetime) -> AsyncIterator[None]:
    """Run sites and resolver while the block lasts. Raises OSError where an address is taken."""
    context = certificates(folders.demo, at)
    folders.hosts.write_text(hosts_file(), encoding="ascii")
    runner = web.AppRunner(application(), access_log=None)
    await runner.setup()
    try:
        for address in ADDRESSES.values():
            await web.TCPSite(runner, address, HTTP_PORT).start()
            await web.TCPSite(runner, address, TLS_PORT, ssl_context=context).start()
        transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(
            Resolver, local_addr=(HOST, INTERNET_DNS_PORT)
        )
        try:
            yield
        finally:
            transport.close()
    finally:
        await runner.cleanup()


def application() -> web.Application:
    """All sites; which one is asked for stands in the request's Host."""
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", answer)
    return app


async def answer(request: web.Request) -> web.Response:
    """A page of the site asked for; what has no such page is 404."""
    host = (request.host or "").rpartition(":")[0] or request.host
    site = BY_HOST.get(host)
    if site is None:
        return web.Response(status=421, text="no such site here\n")
    if request.path.endswith((".exe", ".zip")):
        return web.Response(body=b"an invented file\n", content_type="application/octet-stream")
    return web.Response(text=page(site, request.path), content_type="text/html", charset="utf-8")


def hosts_file() -> str:
    """The sites' addresses as a hosts file."""
    return "".join(f"{address}\t{host}\n" for host, address in ADDRESSES.items())


class Resolver(asyncio.DatagramProtocol):
    """Answers for the invented sites over UDP; any other name does not exist."""

    transport: asyncio.DatagramTransport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the socket."""
        self.transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        """Answer one question; what is none is dropped."""
        try:
            self.transport.sendto(resolve(dns.message.from_wire(data)).to_wire(), addr)
        except (dns.exception.DNSException, ValueError):
            return


def resolve(question: dns.message.Message) -> dns.message.Message:
    """The answer to a question about one name."""
    reply = dns.message.make_response(question)
    reply.flags |= dns.flags.RA
    asked = question.question[0]
    name = asked.name.to_text(omit_final_dot=True).lower()
    address = ADDRESSES.get(name.removeprefix("www."))
    if address is None and asked.name != dns.name.root:
        reply.set_rcode(dns.rcode.NXDOMAIN)
    elif address is not None and asked.rdtype == dns.rdatatype.A:
        reply.answer.append(dns.rrset.from_text(asked.name, DNS_SECONDS, "IN", "A", address))
    return reply


def certificates(folder: Path, at: datetime, hosts: Iterable[str] = tuple(ADDRESSES)) -> ssl.SSLContext:
    """The sites' certificate, made at the first run with an authority of its own, anew before it runs out."""
    chain, authority = folder / "sites.pem", folder / "authority.pem"
    names = [name for host in hosts for name in (host, f"www.{host}")]
    if not _is_good(chain, at, names) or not authority.exists():
        folder.mkdir(parents=True, exist_ok=True)
        _make(authority, chain, at, names)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(chain)
    return context


def _is_good(chain: Path, at: datetime, wanted: Iterable[str]) -> bool:
    try:
        certificate = x509.load_pem_x509_certificate(chain.read_bytes())
    except (OSError, ValueError):
        return False
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    known = set(names.get_values_for_type(x509.DNSName)) >= set(wanted)
    return known and certificate.not_valid_after_utc - RENEW_BEFORE > at


def _make(authority: Path, chain: Path, at: datetime, hosts: Iterable[str]) -> None:
    root_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    root_name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Darbaza demo authority")])
    basics = x509.BasicConstraints(ca=True, path_length=0)
    root = (
        _builder(root_name, root_name, root_key, at)
        .add_extension(basics, critical=True)
        .sign(root_key, hashes.SHA256())
    )
    names = x509.SubjectAlternativeName([x509.DNSName(name) for name in hosts])
    leaf_name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Darbaza demo sites")])
    leaf = (
        _builder(leaf_name, root_name, key, at)
        .add_extension(names, critical=False)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(root_key.public_key()), critical=False)
        .sign(root_key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    pem = serialization.Encoding.PEM
    authority.write_bytes(root.public_bytes(pem))
    chain.touch(mode=0o600)
    chain.write_bytes(leaf.public_bytes(pem) + root.public_bytes(pem) + private)


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, at: datetime
) -> x509.CertificateBuilder:
    """What both certificates share."""
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(at - timedelta(days=1))
        .not_valid_after(at + VALID)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )
