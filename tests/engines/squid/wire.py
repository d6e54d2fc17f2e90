"""The same school on the wire: students' PCs, the box that all their packets pass, and sites on an internet.

Three networks, each a namespace. The box turns connections to ports 80 and 443 aside to Squid and forwards nothing, as
the packet filter does for devices that it lets in; those of `OUTSIDER` go to the captive ports.
"""

import contextlib
import itertools
import os
import socket
import ssl
from collections.abc import Iterator, Sequence

from tests.engines.squid.bed import Bed
from tests.netns import Namespaces

STUDENT, OTHER_STUDENT, ENROLLED, OUTSIDER, TEACHER = (f"10.50.1.{last}" for last in (11, 12, 13, 14, 19))
BOX, UPLINK = "10.50.1.1", "203.0.113.1"
GOOD, BAD, SPARE = "203.0.113.10", "203.0.113.20", "203.0.113.30"
WEB, TLS, CAPTIVE_WEB, CAPTIVE_TLS, OWN_WEB = 3129, 3130, 3131, 3132, 3133

RULES = f"""
table ip turned {{
  chain prerouting {{
    type nat hook prerouting priority dstnat
    ip daddr {BOX} tcp dport 80 redirect to :{OWN_WEB}
    ip saddr {OUTSIDER} tcp dport 80 redirect to :{CAPTIVE_WEB}
    ip saddr {OUTSIDER} tcp dport 443 redirect to :{CAPTIVE_TLS}
    iifname "room" tcp dport 80 redirect to :{WEB}
    iifname "room" tcp dport 443 redirect to :{TLS}
  }}
  chain forward {{
    type filter hook forward priority filter; policy drop
  }}
}}
"""

_runs = itertools.count()


class Wire(Bed):
    """A bed whose sites and students are other machines."""

    student, other_student, enrolled, teacher = STUDENT, OTHER_STUDENT, ENROLLED, TEACHER
    hosts = {
        GOOD: "good.test www.good.test ok.pages.test xn--e1aybc.test",
        BAD: "bad.test www.bad.test games123.pages.test nobody.test doh.test cloudflare-ech.com",
        BOX: "why darbaza inside.good.test",
        "169.254.169.254": "meta.good.test",
    }

    def __init__(self, name: str, **changes: object) -> None:
        """Lay the cables, then prepare."""
        self.networks = Namespaces(f"dzw{os.getpid() % 10000}{next(_runs)}")
        self._lay_cables()
        super().__init__(name, **self._on_the_wire(), **changes)

    def ports(self) -> tuple[int, int]:
        """The sites' ports."""
        return 80, 443

    @staticmethod
    def _on_the_wire() -> dict[str, object]:
        return {
            "listen": (f"{BOX}:3128",),
            "intercept_http": (f"{BOX}:{WEB}",),
            "intercept_tls": (f"{BOX}:{TLS}",),
            "captive_http": (f"{BOX}:{CAPTIVE_WEB}",),
            "captive_tls": (f"{BOX}:{CAPTIVE_TLS}",),
            "own_http": (f"{BOX}:{OWN_WEB}",),
            "networks": ("10.50.0.0/16",),
            "allowed_private": ("203.0.113.0/24",),
        }

    def _lay_cables(self) -> None:
        for name in ("pc", "box", "net"):
            self.networks.add(name)
        self.networks.cable("pc", "eth0", "box", "room")
        self.networks.cable("net", "eth0", "box", "wan")
        pc, box, net = (self.networks[name] for name in ("pc", "box", "net"))
        pc.ip(*(f"addr add {each}/24 dev eth0" for each in (STUDENT, OTHER_STUDENT, ENROLLED, OUTSIDER, TEACHER)))
        pc.ip(f"route add default via {BOX}")
        box.ip(f"addr add {BOX}/24 dev room", f"addr add {UPLINK}/24 dev wan")
        net.ip(*(f"addr add {each}/24 dev eth0" for each in (GOOD, BAD, SPARE)))
        box.run("nft", "-f", "-", given=RULES)

    def start(self) -> "Wire":
        """As the other bed, with Squid on the box."""
        with self.networks["box"].within():
            super().start()
        return self

    def start_sites(self) -> None:
        """Sites on the internet; the portal on the box."""
        self.local.start()
        with self.networks["net"].within():
            self.good.start()
            self.bad.start()

    def command(self) -> Sequence[str]:
        """Squid without the capabilities that the networks were made with."""
        return ["setpriv", "--inh-caps=-all", "--ambient-caps=-all", *self.settings.command]

    def stop(self) -> None:
        """Everything away."""
        super().stop()
        self.networks.close()

    def dial(self, address: str, port: int, source: str = STUDENT, timeout: float = 3) -> socket.socket:
        """A connection of a PC to any address."""
        with self.networks["pc"].within():
            return socket.create_connection((address, port), timeout=timeout, source_address=(source, 0))

    def connect(self, source: str = STUDENT, timeout: float = 5) -> socket.socket:
        """A connection to the proxy."""
        return self.dial(BOX, 3128, source, timeout)

    def say(self, address: str, *pieces: bytes, port: int = 80, source: str = STUDENT, timeout: float = 1.0) -> bytes:
        """Send bytes to an address and return all that comes until it closes or falls silent."""
        answer = b""
        with contextlib.suppress(TimeoutError, ConnectionError), self.dial(address, port, source, timeout) as link:
            for piece in pieces:
                link.sendall(piece)
            while data := link.recv(65536):
                answer += data
        return answer

    def browse(self, host: str, address: str, *, path: str = "/", source: str = STUDENT, headers: str = "") -> bytes:
        """A page over HTTP from an address."""
        head = f"GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n{headers}\r\n"
        return self.say(address, head.encode(), source=source)

    @contextlib.contextmanager
    def tls_to(
        self, address: str, sni: str | None, source: str = STUDENT, *, trusting: bool = False
    ) -> Iterator[ssl.SSLSocket]:
        """TLS to an address; `trusting` demands a certificate of the school's for the name."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        if trusting:
            context.load_verify_locations(self.settings.certificate.with_suffix(".crt"))
        else:
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        with self.dial(address, 443, source) as link, context.wrap_socket(link, server_hostname=sni) as inside:
            yield inside

    def browse_tls(
        self, address: str, sni: str | None, source: str = STUDENT, *, inner: str = "", trusting: bool = False
    ) -> bytes:
        """A page over TLS, or nothing if the connection was closed."""
        try:
            with self.tls_to(address, sni, source, trusting=trusting) as inside:
                inside.sendall(f"GET / HTTP/1.1\r\nHost: {inner or sni or address}\r\n\r\n".encode())
                return inside.recv(65536)
        except OSError:
            return b""
