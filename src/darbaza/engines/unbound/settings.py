"""What unbound is told, apart from anything the council decides: where it listens, whom it asks, whom it believes."""

from dataclasses import dataclass
from pathlib import Path

from darbaza.engines.safesearch import RestrictedVideo


@dataclass(frozen=True, slots=True, kw_only=True)
class UnboundSettings:
    """What a deployment chooses. Addresses to listen on are `host:port` on loopback: dnsdist asks, and nobody else.
    Whoever asks from `safe_client`, an address of loopback, is answered search engines by their safe alias.

    `forwarders` are resolvers to ask in place of the internet's own servers: `192.0.2.1`, `192.0.2.1@5353`, or
    `192.0.2.1@853#name` for one over TLS. `stubs` are zones with servers of their own, such as a domain controller's:
    `mektep.example=10.1.0.5`; answers from there are taken unsigned, and may point into private networks. `special`
    are names that RFC 6761 keeps off the internet and that are asked for all the same, `test` in a laboratory.
    `trust_anchor` and `root_hints` come with Debian's dns-root-data, which Debian renews when the root's key changes.
    `validates` is false only where the school must use a resolver that can't pass signatures on. An answer is kept for
    `kept_seconds` at least. `memory` is in MB.
    """

    listen: tuple[str, ...] = ("127.0.0.1:5301",)
    safe_client: str = "127.0.0.53"
    forwarders: tuple[str, ...] = ()
    stubs: tuple[str, ...] = ()
    special: tuple[str, ...] = ()
    trust_anchor: Path = Path("/usr/share/dns/root.key")
    root_hints: Path = Path("/usr/share/dns/root.hints")
    validates: bool = True
    restricted_video: RestrictedVideo = RestrictedVideo.STRICT
    allowed_private: tuple[str, ...] = ()
    kept_seconds: int = 30
    memory: int = 128
    threads: int = 1
    asks_over_ipv6: bool = True
