"""Publishers on this machine: real HTTPS with a certificate of their own, and whatever a line can do to a file.

The same server is `127.0.0.1` and `localhost`, so that one publisher can lead to another.
"""

import datetime
import gzip
import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


@dataclass
class Page:
    """What lies at a path. `cut` is after how many octets the connection breaks, `drip` the seconds between octets."""

    body: bytes = b""
    etag: str = ""
    modified: str = ""
    kind: str = "text/plain"
    status: int = 200
    location: str = ""
    encoding: str = ""
    retry_after: str = ""
    cut: int = -1
    drip: float = 0.0
    drips_head: bool = False
    is_chunked: bool = False
    has_ranges: bool = True
    headers: dict[str, str] = field(default_factory=dict)


@dataclass
class Asked:
    """One request, as it arrived."""

    path: str
    headers: dict[str, str]
    connection: int


class Publisher:
    """One server; `pages` may change while it runs, `asked` is what it was asked."""

    def __init__(self, folder: Path) -> None:
        self.pages: dict[str, Page] = {}
        self.asked: list[Asked] = []
        self.authority = folder / "publisher.crt"
        _make_certificate(self.authority, folder / "publisher.key")
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.authority, folder / "publisher.key")
        self.server = _Server(("127.0.0.1", 0), type("Handler", (_Handler,), {"publisher": self}))
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True, do_handshake_on_connect=False)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    @property
    def tls(self) -> ssl.SSLContext:
        """How a client trusts this publisher."""
        return ssl.create_default_context(cafile=self.authority)

    def url(self, path: str, host: str = "127.0.0.1") -> str:
        return f"https://{host}:{self.port}{path}"

    def put(self, path: str, body: bytes | str, **options: object) -> Page:
        """Publish a file; its tag changes with it unless one is given."""
        octets = body.encode() if isinstance(body, str) else body
        options.setdefault("etag", f'"{hash(octets) & 0xFFFFFFFF:x}"')
        self.pages[path] = Page(octets, **options)
        return self.pages[path]

    def paths(self) -> list[str]:
        """What was asked for, in order; then it is forgotten."""
        paths = [asked.path for asked in self.asked]
        self.asked.clear()
        return paths

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()


@contextmanager
def serving(folder: Path) -> Iterator[Publisher]:
    """A publisher that lives as long as the block."""
    folder.mkdir(parents=True, exist_ok=True)
    publisher = Publisher(folder)
    try:
        yield publisher
    finally:
        publisher.close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_: object) -> None:
        """A client that goes away is what these tests are about."""


class _Handler(BaseHTTPRequestHandler):
    """Answers from its publisher's pages."""

    publisher: Publisher
    protocol_version = "HTTP/1.1"

    def setup(self) -> None:
        self.request.do_handshake()
        super().setup()

    def do_GET(self) -> None:
        self.publisher.asked.append(Asked(self.path, dict(self.headers), id(self.connection)))
        page = self.publisher.pages.get(self.path, Page(b"no such file", status=404))
        if page.drips_head:
            self._drip(b"HTTP/1.1 200 OK\r\nX-Slow: " + b"x" * 1000, page.drip)
            return
        self._answer(page)

    def _answer(self, page: Page) -> None:
        tag = self.headers.get("If-None-Match")
        since = self.headers.get("If-Modified-Since")
        if page.status == 200 and ((tag and tag == page.etag) or (since and since == page.modified)):
            self._head(page, 304, None)
            return
        body, encoding = self._encoded(page)
        status, start = page.status, 0
        wanted = self.headers.get("Range", "")
        if wanted and page.has_ranges and self.headers.get("If-Range") == page.etag:
            status, start = 206, int(wanted.removeprefix("bytes=").rstrip("-"))
        rest = body[start:]
        extra = {"Content-Range": f"bytes {start}-{len(body) - 1}/{len(body)}"} if status == 206 else {}
        self._head(page, status, None if page.is_chunked else len(rest), encoding, extra)
        self._send(page, rest)

    def _encoded(self, page: Page) -> tuple[bytes, str]:
        """Packed only for who asks for it; any other encoding is claimed whatever was asked."""
        if page.encoding != "gzip":
            return page.body, page.encoding
        if "gzip" in self.headers.get("Accept-Encoding", ""):
            return gzip.compress(page.body), "gzip"
        return page.body, ""

    def _head(
        self, page: Page, status: int, length: int | None, encoding: str = "", extra: dict[str, str] | None = None
    ) -> None:
        self.send_response(status)
        offered = {
            "ETag": page.etag,
            "Last-Modified": page.modified,
            "Content-Type": page.kind,
            "Location": page.location,
            "Content-Encoding": encoding,
            "Retry-After": page.retry_after,
            "Content-Length": "" if length is None else str(length),
            "Transfer-Encoding": "chunked" if page.is_chunked and status == 200 else "",
            **(extra or {}),
            **page.headers,
        }
        for name, value in offered.items():
            if value:
                self.send_header(name, value)
        self.end_headers()

    def _send(self, page: Page, body: bytes) -> None:
        if page.is_chunked:
            body = b"%x\r\n%b\r\n0\r\n\r\n" % (len(body), body)
        if page.drip:
            self._drip(body, page.drip)
        elif page.cut >= 0:
            self.wfile.write(body[: page.cut])
            self.wfile.flush()
            self.connection.shutdown(socket.SHUT_RDWR)
            self.close_connection = True
        else:
            self.wfile.write(body)

    def _drip(self, octets: bytes, seconds: float) -> None:
        for octet in octets:
            self.wfile.write(bytes([octet]))
            self.wfile.flush()
            time.sleep(seconds)

    def log_message(self, *args: object) -> None:
        pass


def _make_certificate(path: Path, key_path: Path) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "publisher.test")])
    now = datetime.datetime.now(datetime.UTC)  # noqa: TID251 - TLS looks at the real clock
    names = [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    path.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    key_path.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
