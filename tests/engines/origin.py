"""Local sites that write down every raw byte they get: whether a way round worked is judged here, not at the client."""

import datetime
import socket
import ssl
import threading
from dataclasses import dataclass, field
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

BODY = b"the page\n"


@dataclass
class Origin:
    """One site on an address of its own, over HTTP and TLS. `received` are the raw bytes of each connection."""

    name: str
    address: str
    http_port: int
    tls_port: int
    certificate: Path
    received: list[bytearray] = field(default_factory=list)
    answers: dict[str, bytes] = field(default_factory=dict)
    _sockets: list[socket.socket] = field(default_factory=list)
    _tunnels: list[bytearray] = field(default_factory=list)

    def start(self) -> None:
        """Listen on both ports."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.certificate)
        for port, tls in ((self.http_port, None), (self.tls_port, context)):
            listening = socket.create_server((self.address, port), backlog=64)
            self._sockets.append(listening)
            threading.Thread(target=self._accept, args=(listening, tls), daemon=True).start()

    def stop(self) -> None:
        """Close everything."""
        for each in self._sockets:
            each.close()

    @property
    def heard(self) -> bytes:
        """All that arrived."""
        return b"".join(bytes(each) for each in self.received)

    def forget(self) -> None:
        """Begin anew; connections that Squid keeps open go on."""
        for each in self.received:
            each.clear()

    def begin(self) -> None:
        """A new test begins: what a tunnel of the one before still says does not count, however late it comes."""
        old = {id(log) for log in self._tunnels}
        self.received = [log for log in self.received if id(log) not in old]
        self.forget()

    def _accept(self, listening: socket.socket, tls: ssl.SSLContext | None) -> None:
        while True:
            try:
                link, _ = listening.accept()
            except OSError:
                return
            log = bytearray()
            self.received.append(log)
            if tls:
                self._tunnels.append(log)
            serve = self._serve_tls if tls else self._serve
            threading.Thread(target=serve, args=(link, log, tls), daemon=True).start()

    def _serve(self, link: socket.socket, log: bytearray, _tls: None = None) -> None:
        try:
            with link:
                while data := link.recv(65536):
                    log += data
                    self._answer(link, data)
        except OSError:
            return

    def _serve_tls(self, link: socket.socket, log: bytearray, tls: ssl.SSLContext) -> None:
        """TLS through memory, so that every byte on the wire is seen, whatever becomes of the handshake."""
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        channel, greeted = tls.wrap_bio(incoming, outgoing, server_side=True), False
        try:
            with link:
                while data := link.recv(65536):
                    log += data
                    incoming.write(data)
                    try:
                        if not greeted:
                            channel.do_handshake()
                            greeted = True
                        inner = channel.read(65536)
                        log += b"\n[inside] " + inner
                        channel.write(self._page(inner))
                    except ssl.SSLWantReadError:
                        pass
                    link.sendall(outgoing.read())
        except (OSError, ssl.SSLError):
            return

    def _answer(self, link: socket.socket, data: bytes) -> None:
        if b"\r\n\r\n" in data:
            link.sendall(self._page(data))

    def _page(self, request: bytes) -> bytes:
        target = request.split(b" ", 2)[1].decode("latin-1") if request.count(b" ") >= 2 else "/"
        if target in self.answers:
            return self.answers[target]
        head = f'HTTP/1.1 200 OK\r\nX-Origin: {self.name}\r\nAlt-Svc: h3=":443"\r\nContent-Length: {len(BODY)}\r\n\r\n'
        return head.encode() + BODY


def make_certificate(path: Path) -> None:
    """A self-signed certificate for any `.test` host, with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    who = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "origin.test")])
    begin = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(who)
        .issuer_name(who)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(begin)
        .not_valid_after(begin + datetime.timedelta(days=36500))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("good.test"), x509.DNSName("bad.test")]), False)
        .sign(key, hashes.SHA256())
    )
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(made.public_bytes(serialization.Encoding.PEM) + secret)
