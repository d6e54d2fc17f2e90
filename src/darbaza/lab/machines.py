"""A PC of the lab in a person's hands: sockets, questions to DNS, pages, sign-in. Everything goes over its own cable.

Synchronous, for tests and commands; each call makes its sockets inside the PC's namespace and then acts as any program.
"""

import contextlib
import http.client
import json
import re
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from html import unescape
from http.cookies import SimpleCookie
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import dns.message
import dns.query
import dns.rdatatype

from darbaza.lab.inside import inside, within
from darbaza.lab.plan import Pc, Plan

SECONDS = 5.0
FORM_SECONDS = 20.0
"""For the portal's forms: it writes to a disk to which others write as well, and answers in the end."""

FORM_TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')
SIGN_IN_PAGE = "http://darbaza/kirish/"
CAPTIVE_STATE = "http://darbaza/captive"
LEASE = ("busybox", "udhcpc", "-i", "eth0", "-f", "-q", "-n", "-t", "5", "-T", "1", "-O", "114")
TAKE_LEASE = """#!/bin/sh
[ "$1" = bound ] || exit 0
PATH=/usr/sbin:/usr/bin:/sbin:/bin
ip address replace "$ip/$mask" dev "$interface" && ip route replace default via "$router" && env > {told}
"""
"""What a DHCP client does with what it was given."""


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer over HTTP: status (0 if there was none), headers by lower-case name, body."""

    status: int
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""

    @property
    def text(self) -> str:
        """The body as text."""
        return self.body.decode("utf-8", "replace")

    @property
    def origin(self) -> str:
        """Which of the internet's origins answered, if one did."""
        return self.headers.get("x-origin", "")


NOTHING = Answer(0)


@dataclass(slots=True)
class Machine:
    """One PC, switched on. `proxy` is `host:port` of a proxy that its browser is told to use; empty for none."""

    plan: Plan
    pc: Pc
    proxy: str = ""
    cookies: dict[str, str] = field(default_factory=dict)

    @property
    def namespace(self) -> str:
        """Its network namespace."""
        return self.plan.namespace(self.pc.name)

    @contextlib.contextmanager
    def here(self) -> Iterator[None]:
        """Whatever socket the block makes is this PC's."""
        with inside(self.namespace):
            yield

    def run(self, *command: str, timeout: float = 20.0) -> subprocess.CompletedProcess[str]:
        """Run a program on this PC; it may fail."""
        return subprocess.run(
            within(self.namespace, command), capture_output=True, text=True, timeout=timeout, check=False
        )

    def ip(self, *arguments: str) -> None:
        """Run `ip` on this PC. Raises RuntimeError with what it says."""
        done = self.run("ip", *arguments)
        if done.returncode != 0:
            raise RuntimeError(f"`ip {' '.join(arguments)}` on {self.pc.name}: {done.stderr.strip()}")

    # Its address.

    def lease(self, folder: Path) -> dict[str, str]:
        """Ask the box for an address and take it, as any PC does; what was given, empty if nothing was.

        `opt114` is where the network says that one signs in (RFC 8910), in hexadecimal digits.
        """
        script, told = folder / "udhcpc.sh", folder / "told"
        script.write_text(TAKE_LEASE.format(told=told), encoding="ascii")
        script.chmod(0o755)
        told.unlink(missing_ok=True)
        self.run(*LEASE, "-s", str(script))
        lines = told.read_text("utf-8").splitlines() if told.exists() else []
        return dict(line.split("=", 1) for line in lines if "=" in line)

    # Sockets.

    def tcp(self, host: str, port: int, *, seconds: float = SECONDS, source: str = "") -> socket.socket:
        """A connection from this PC. Raises OSError."""
        with self.here():
            return socket.create_connection((host, port), seconds, (source, 0) if source else None)

    def udp(self, host: str, port: int, payload: bytes, *, seconds: float = 0.5) -> bytes | None:
        """Send a datagram; what came back, or None. Raises OSError if an ICMP error came back."""
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        with self.here():
            link = socket.socket(family, socket.SOCK_DGRAM)
        with link:
            link.settimeout(seconds)
            link.connect((host, port))
            link.send(payload)
            with contextlib.suppress(TimeoutError):
                return link.recv(65536)
        return None

    def send(self, host: str, port: int, data: bytes, *, seconds: float = 2.0) -> bytes:
        """Open a connection, say something, and listen until the other side ends or is silent; nothing if refused."""
        heard = b""
        with contextlib.suppress(OSError), self.tcp(host, port, seconds=seconds) as link:
            link.sendall(data)
            while piece := link.recv(65536):
                heard += piece
        return heard

    # DNS.

    def ask(
        self, name: str, kind: str = "A", *, server: str = "", over_tcp: bool = False, seconds: float = 2.0
    ) -> dns.message.Message:
        """Ask the gate, or a resolver of one's own choice. Raises TimeoutError, OSError."""
        return self.query(dns.message.make_query(name, kind), server=server, over_tcp=over_tcp, seconds=seconds)

    def query(
        self, question: dns.message.Message, *, server: str = "", over_tcp: bool = False, seconds: float = 2.0
    ) -> dns.message.Message:
        """Send a question as it is. Raises TimeoutError, OSError."""
        server = server or self.pc.gate
        family = socket.AF_INET6 if ":" in server else socket.AF_INET
        with self.here():
            link = socket.socket(family, socket.SOCK_STREAM if over_tcp else socket.SOCK_DGRAM)
        with link:
            link.settimeout(seconds)
            link.connect((server, 53))
            try:
                return _over(link, question, over_tcp, seconds)
            except dns.exception.Timeout as error:
                raise TimeoutError from error
            except EOFError as error:
                raise ConnectionResetError from error

    def resolve(self, name: str) -> str:
        """The first IPv4 address of a name as this PC is told, or an empty string."""
        with contextlib.suppress(OSError):
            for found in self.ask(name).answer:
                for record in found:
                    if record.rdtype == dns.rdatatype.A:
                        return str(record)
        return ""

    # Pages.

    def get(self, url: str, **how: object) -> Answer:
        """Open a page as a browser does; see `fetch`."""
        return self.fetch("GET", url, **how)  # type: ignore[arg-type]

    def fetch(
        self,
        method: str,
        url: str,
        *,
        address: str = "",
        sni: str | None = None,
        headers: dict[str, str] | None = None,
        body: bytes = b"",
        seconds: float = SECONDS,
    ) -> Answer:
        """Open a page: resolve (unless `address` is given), connect, ask; over TLS with `sni` in place of the host.

        An answer with status 0 stands for none: no such name, no connection, closed, silent.
        """
        parts = urlsplit(url)
        try:
            link = self._connect(parts.hostname or "", parts.port, parts.scheme == "https", address, sni, seconds)
            with contextlib.closing(http.client.HTTPConnection(parts.hostname or "", timeout=seconds)) as line:
                line.sock = link
                target = url if self.proxy and parts.scheme == "http" else parts._replace(scheme="", netloc="").geturl()
                line.request(
                    method, target or "/", body or None, {**self._own_headers(parts.hostname), **(headers or {})}
                )
                answer = line.getresponse()
                body = answer.read()
                found = Answer(answer.status, {name.lower(): value for name, value in answer.getheaders()}, body)
                self._keep_cookies(answer)
                return found
        except (OSError, http.client.HTTPException):
            return NOTHING

    def _connect(
        self, host: str, port: int | None, is_tls: bool, address: str, sni: str | None, seconds: float
    ) -> socket.socket:
        port = port or (443 if is_tls else 80)
        if self.proxy:
            link = self.tunnel(f"{host}:{port}", seconds) if is_tls else self.tcp(*self._proxy(), seconds=seconds)
        else:
            address = address or self.resolve(host)
            if not address:
                raise ConnectionError(f"`{host}` has no address")
            link = self.tcp(address, port, seconds=seconds)
        return tls(link, host if sni is None else sni) if is_tls else link

    def _proxy(self) -> tuple[str, int]:
        host, _, port = self.proxy.rpartition(":")
        return host, int(port)

    def tunnel(self, target: str, seconds: float = SECONDS) -> socket.socket:
        """A tunnel through the proxy. Raises OSError if it is refused."""
        link = self.tcp(*self._proxy(), seconds=seconds)
        link.sendall(f"CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n\r\n".encode())
        heard = b""
        while b"\r\n\r\n" not in heard and (piece := link.recv(1)):
            heard += piece
        if not heard.startswith(b"HTTP/1.1 200 "):
            link.close()
            raise ConnectionError(heard[:64].decode("latin-1"))
        return link

    def _own_headers(self, _host: str | None) -> dict[str, str]:
        held = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        return {"Accept-Language": "ky", "Connection": "close", **({"Cookie": held} if held else {})}

    def _keep_cookies(self, answer: http.client.HTTPResponse) -> None:
        for line in answer.headers.get_all("Set-Cookie") or []:
            for name, morsel in SimpleCookie(line).items():
                self.cookies[name] = morsel.value

    # The portal's pages.

    def post_form(self, page: str, to: str, fields: dict[str, str]) -> Answer:
        """Send a form as a browser does, with the token of the page on which it stands."""
        deadline = time.monotonic() + SECONDS
        while (token := self._token(page)) is None and time.monotonic() < deadline:
            time.sleep(0.1)
        body = urlencode({**fields, "csrfmiddlewaretoken": token or ""}).encode()
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Referer": page, "Origin": "http://darbaza"}
        return self.fetch("POST", to, body=body, headers=headers, seconds=FORM_SECONDS)

    def _token(self, page: str) -> str | None:
        found = FORM_TOKEN.search(self.get(page, seconds=FORM_SECONDS).text)
        return unescape(found[1]) if found else None

    def sign_in(self, student: str, pin: str) -> Answer:
        """Choose a name and type its PIN on the captive page."""
        return self.post_form(SIGN_IN_PAGE, SIGN_IN_PAGE, {"student": student, "pin": pin})

    def is_captive(self) -> bool:
        """Whether this PC must sign in before it reaches anything."""
        answer = self.get(CAPTIVE_STATE)
        return bool(json.loads(answer.body).get("captive", True)) if answer.status == 200 else True


def tls(link: socket.socket, sni: str, *, alpn: Sequence[str] = ()) -> ssl.SSLSocket:
    """TLS on a connection, believing any certificate: what reached which origin is judged there. `sni` may be empty."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    if alpn:
        context.set_alpn_protocols(list(alpn))
    try:
        return context.wrap_socket(link, server_hostname=sni or None)
    except BaseException:
        link.close()
        raise


def _over(link: socket.socket, question: dns.message.Message, over_tcp: bool, seconds: float) -> dns.message.Message:
    if over_tcp:
        return dns.query.tcp(question, "", timeout=seconds, sock=link)
    link.send(question.to_wire())
    while True:
        answer = dns.message.from_wire(link.recv(65536), ignore_trailing=True)
        if answer.id == question.id:
            return answer
