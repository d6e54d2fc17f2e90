"""What Squid is told, apart from anything the council decides: addresses, ports, folders, timeouts."""

import re
import sys
from dataclasses import dataclass, field
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path

from darbaza.engines.base import EngineError
from darbaza.engines.safesearch import RestrictedVideo

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
"""The methods of the web; CONNECT has rules of its own, all others are refused."""

PORTAL_HOST, WHY_HOST = "darbaza", "why"
"""The two names that Squid answers for from the box itself, so that anybody can sign in and ask why."""

_NAME = re.compile(r"[A-Za-z0-9]{1,32}").fullmatch
_ENDPOINT = re.compile(r"(?:[0-9.]+|\[[0-9a-f:]+\]):[0-9]{1,5}").fullmatch
_PLAIN = re.compile(r"[!-~]+").fullmatch


@dataclass(frozen=True, slots=True, kw_only=True)
class SquidSettings:
    """One Squid. `run` is the box's run directory, in which Squid has the folder `squid`.

    `name` tells instances on one machine apart. `listen` is where browsers find the proxy that are told of it.
    `intercept_http` and `intercept_tls` take what the packet filter turns aside from devices that it lets in,
    `captive_http` and `captive_tls` what it turns aside from all others: there is nothing there but the two local
    hosts, and every page leads to `captive_page`. `own_http` takes what devices send to port 80 of the box's own
    address, where names lead that DNS closes: nothing answers there but the box. `networks` are those whose devices
    may use the proxy at all. `allowed_private` are private addresses that may be a destination.
    `refuses_hidden_names` says that students get no tunnel whose hello carries an encrypted one (ECH): only for
    schools whose browsers are told not to send any, since others send one to every site. `unsafe_search` opens search
    engines to students that can't be held to a safe mode by name (`safesearch.toml`), and `restricted_video` says
    whether video sites count among them. `downloads` is where the ICAP service listens that looks into what sites
    send, or empty where nothing does. `portal` and `why` are the origins of the two local hosts, which know Squid by
    `peer_secret`. `site_authorities` are certificates that sites may bear beside the system's, where a council has
    encrypted pages looked into. `user` is whom Squid runs as when it is started as root. Durations are in seconds.
    """

    run: Path
    peer_secret: str
    name: str = "darbaza"
    listen: tuple[str, ...] = ("127.0.0.1:3128",)
    intercept_http: tuple[str, ...] = ()
    intercept_tls: tuple[str, ...] = ()
    captive_http: tuple[str, ...] = ()
    captive_tls: tuple[str, ...] = ()
    own_http: tuple[str, ...] = ()
    site_authorities: Path | None = None
    captive_page: str = "http://why/"
    refuses_hidden_names: bool = False
    unsafe_search: bool = False
    restricted_video: RestrictedVideo = RestrictedVideo.STRICT
    downloads: str = ""
    networks: tuple[str, ...] = ("127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7")
    http_ports: tuple[int, ...] = (80,)
    tls_ports: tuple[int, ...] = (443,)
    allowed_private: tuple[str, ...] = ()
    portal: str = "127.0.0.1:8000"
    why: str = "127.0.0.1:8010"
    dns_servers: tuple[str, ...] = ()
    hosts_file: Path | None = None
    user: str = "proxy"
    connections_per_client: int = 128
    python: Path = field(default_factory=lambda: Path(sys.executable))
    squid: str = "/usr/sbin/squid"
    certgen: str = "/usr/lib/squid/security_file_certgen"

    def __post_init__(self) -> None:
        """Raise EngineError for anything that squid.conf could read in another way than it is meant."""
        if not _NAME(self.name):
            raise EngineError(f"instance name `{self.name}` may hold only letters and digits; rename it")
        for endpoint in (*self.listen, *self.turned_aside, self.portal, self.why, *filter(None, (self.downloads,))):
            if not _ENDPOINT(endpoint):
                raise EngineError(f"`{endpoint}` is no `address:port`; write for example `127.0.0.1:3128`")
        words = (self.peer_secret, str(self.run), str(self.python), str(self.hosts_file or "none"), self.user)
        for word in (*words, self.captive_page):
            if not _PLAIN(word) or '"' in word or "%" in word:
                raise EngineError(f"`{word}` holds a blank or a sign that squid.conf cannot hold; choose another")
        for port in (*self.http_ports, *self.tls_ports):
            if not 1 <= port <= 65535:
                raise EngineError(f"port `{port}` is not between 1 and 65535; correct it")
        for text in (*self.networks, *self.allowed_private, *self.dns_servers):
            network(text)

    @property
    def turned_aside(self) -> tuple[str, ...]:
        """Where connections arrive that browsers meant for somebody else."""
        return (*self.intercept_http, *self.intercept_tls, *self.captive_http, *self.captive_tls, *self.own_http)

    @property
    def folder(self) -> Path:
        """Squid's own folder in the run directory."""
        return self.run / "squid"

    @property
    def configuration(self) -> Path:
        """The squid.conf in force; Squid is always started with this path."""
        return self.folder / "conf" / "current" / "squid.conf"

    @property
    def pid_file(self) -> Path:
        """Where Squid writes its process id."""
        return self.folder / "squid.pid"

    @property
    def certificate(self) -> Path:
        """The school's certificate and key in one file, which only Squid reads."""
        return self.folder / "authority.pem"

    @property
    def command(self) -> tuple[str, ...]:
        """How Squid is started: one process in the foreground, child of whoever starts it."""
        return (self.squid, "-N", "-f", str(self.configuration), "-n", self.name)


def network(text: str) -> IPv4Network | IPv6Network:
    """A network or a single address. Raises EngineError."""
    try:
        return ip_network(text)
    except ValueError:
        raise EngineError(f"`{text}` is no address or network; write for example `10.1.0.0/16`") from None
