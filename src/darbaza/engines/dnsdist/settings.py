"""What dnsdist is told, apart from anything the council decides: addresses, resolvers, limits."""

from dataclasses import dataclass
from pathlib import Path

from darbaza.engines.safesearch import RestrictedVideo

LOOPBACK = ("127.0.0.1", "::1")


@dataclass(frozen=True, slots=True, kw_only=True)
class DnsdistSettings:
    """What a deployment chooses. Addresses are `host:port`, networks are CIDR.

    `own_names` are answered with `box` and, over IPv6, `box6`: the portal, `why`, the host of the sign-in page.
    `own_clients` are addresses from which the box itself asks, for Squid; they are neither limited nor filtered, for
    Squid judges by itself. Whoever asks the resolvers behind from `safe_source` is answered search engines by their
    safe alias; without such a resolver, engines whose safe address is not fixed are closed. Squid must find what its
    clients find, so staff get safe search too, unless `staff_safe_search` is false where staff's traffic does not pass
    Squid. `refusal` is the IPv4 address on whose port 80 something tells why a name is closed: closed names lead there.
    Without one they do not exist. `unsafe_search` answers students' devices for engines that have no safe mode.
    `allowed_private` are private networks that answers may point into; any other private answer is stripped, or a page
    from outside could reach inside. `queries_per_second` is for one client, which may save up twice as many.
    `domain_budget` is in bytes: what one student's device may put into names below one registered domain that nobody
    asked for lately, and draw from it in answers that are no addresses.
    """

    listen: tuple[str, ...]
    upstreams: tuple[str, ...]
    catalogue: Path
    box: str
    box6: str = ""
    refusal: str = ""
    clients: tuple[str, ...] = ("127.0.0.0/8",)
    own_names: tuple[str, ...] = ("darbaza", "why")
    own_clients: tuple[str, ...] = LOOPBACK
    safe_source: str = ""
    restricted_video: RestrictedVideo = RestrictedVideo.STRICT
    staff_safe_search: bool = True
    unsafe_search: bool = False
    allowed_private: tuple[str, ...] = ()
    queries_per_second: int = 200
    domain_budget: int = 8192
    tcp_queries: int = 50
    tcp_connections: int = 20
    cached_answers: int = 200_000
