"""Squid's second helper: `python -m darbaza.engines.squid.destination`. Whether a connection leads where its name says.

Asked only before a tunnel is looked into, since Squid connects to the site at that point and only later compares the
name with the address that the connection was turned aside from. Lines are `ID HOST SNI`: HOST is that address, or a
name where a browser asked the proxy, which Squid looks up by itself. The answer is `ID OK` if the name's addresses, as
Squid would look them up, hold that one; `ID ERR` if not, or if that can't be told.
"""

import argparse
import sys
import threading
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from ipaddress import ip_address
from pathlib import Path

import dns.exception
import dns.resolver

from darbaza.policy.names import InvalidHost, wire_host

THREADS = 8
SECONDS = 3.0


class Addresses:
    """Looks names up: first in a hosts file, then by DNS."""

    def __init__(self, hosts_file: Path | None, servers: Sequence[str]) -> None:
        """Ask `servers`, or those of the system if there are none."""
        self._hosts_file = hosts_file
        self._resolver = dns.resolver.Resolver(configure=not servers)
        if servers:
            self._resolver.nameservers = list(servers)
        self._resolver.lifetime = SECONDS
        self._resolver.cache = None

    def of(self, name: str) -> set[str]:
        """The addresses of a name; none if that can't be told."""
        return set(self._in_file(name)) or {found for kind in ("A", "AAAA") for found in self._asked(name, kind)}

    def _in_file(self, name: str) -> Iterable[str]:
        if self._hosts_file is not None:
            for line in self._hosts_file.read_text("utf-8").splitlines():
                address, *names = line.partition("#")[0].split() or [""]
                if name in names:
                    yield address

    def _asked(self, name: str, kind: str) -> list[str]:
        try:
            return [str(record) for record in self._resolver.resolve(f"{name}.", kind)]
        except (dns.exception.DNSException, OSError):
            return []


def leads_there(host: str, sni: str, addresses: Addresses) -> bool:
    """Whether a connection to `host` is one to the host named `sni`."""
    try:
        asked, named = wire_host(host.replace("%5B", "[").replace("%5D", "]")), wire_host(sni)
    except InvalidHost:
        return False
    if named.is_address:
        return False
    if not asked.is_address:
        return asked.name == named.name
    wanted = ip_address(asked.name)
    return any(ip_address(one) == wanted for one in addresses.of(named.name))


def answer(line: str, addresses: Addresses) -> str:
    """One answer to one line; whatever goes wrong is an ERR."""
    ident, _, rest = line.strip().partition(" ")
    host, _, sni = rest.partition(" ")
    try:
        return f"{ident} {'OK' if leads_there(host, sni.partition(' ')[0], addresses) else 'ERR'}"
    except (ValueError, OSError):
        return f"{ident} ERR"


def main() -> int:
    """Answer until Squid closes the pipe."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--hosts-file", type=Path)
    parser.add_argument("--servers", default="")
    given = parser.parse_args()
    addresses = Addresses(given.hosts_file, [one for one in given.servers.split(",") if one])
    lock = threading.Lock()

    def serve(line: str) -> None:
        said = answer(line, addresses)
        with lock:
            sys.stdout.write(said + "\n")
            sys.stdout.flush()

    with ThreadPoolExecutor(THREADS) as pool:
        for line in sys.stdin:
            pool.submit(serve, line)
    return 0


if __name__ == "__main__":
    sys.exit(main())
