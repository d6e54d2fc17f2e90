"""Check, apply and verify: from a layout to rules that the kernel holds, and grants within them.

A ruleset is put in force whole or not at all, together with the grants that stood, so that renewing it cuts nobody. It
counts only once it was read back and found to be what was meant; until then, and whenever that fails, this machine
forwards nothing. Who may be granted what is not asked here: that is the agent's part.
"""

import json
import subprocess
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from ipaddress import IPv4Address
from pathlib import Path
from typing import Any

from darbaza.engines.base import Applied, Check, EngineError, Rendered, Verified, version_of
from darbaza.engines.nftables.attempts import Attempt, attempts_in
from darbaza.engines.nftables.layout import GateLayout, Mode
from darbaza.engines.nftables.readback import Listing, complaints, digest, strangers
from darbaza.engines.nftables.render import GROUPS, NAME, RULESET, closed, render, tables, text_of
from darbaza.engines.nftables.rules import Table

OLDEST = (1, 0, 6)
"""Debian 12's nftables."""

SYSTEM = Path("/proc/sys/net")
"""Where the kernel's settings for networks lie."""

REACHABLE_MS, FIRST_PROBE_SECONDS = 8000, 2
"""How soon the kernel asks again whether a device is there: who leaves the network is missed within half a minute."""

NFT_SECONDS = 5.0
FORWARDING = "ipv4/ip_forward"
FAMILIES = ("inet", "arp", "bridge")


@dataclass(frozen=True, slots=True)
class Grant:
    """This card at this address may pass, as one of a group, until the instant `until` of the gate's clock."""

    mac: str
    address: IPv4Address
    group: str
    until: float


class Gate:
    """This machine's packet filter. Needs CAP_NET_ADMIN; one process at a time may use it."""

    def __init__(self, *, nft: str = "nft", system: Path = SYSTEM, clock: Callable[[], float] = time.monotonic) -> None:
        """Nothing is changed yet. Times are those of `clock`, which must not jump."""
        self.nft, self.system, self.clock = nft, system, clock
        self.layout: GateLayout | None = None
        self.grants: dict[IPv4Address, Grant] = {}
        self._digest = ""

    def version(self) -> tuple[int, ...]:
        """The installed version. Raises EngineError for a missing engine or one older than `OLDEST`."""
        version = version_of([self.nft, "--version"], r"nftables v([\d.]+)")
        if version < OLDEST:
            found, oldest = (".".join(map(str, v)) for v in (version, OLDEST))
            raise EngineError(f"nftables `{found}` is older than {oldest}; install a newer one")
        return version

    def close(self) -> None:
        """Let nothing pass, whatever stood before. Raises EngineError if the kernel refuses even that."""
        self._set(FORWARDING, 0)
        now, made = self.clock(), closed()
        kept = [one for one in self.grants.values() if one.until > now]
        self._run(_whole(made) + _adding(made[:1], kept, now))
        self.layout, self._digest = None, ""

    def check(self, rendered: Rendered) -> Check:
        """Have nft and the kernel judge a ruleset. Nothing changes."""
        try:
            self._run(rendered.files[RULESET], "--check")
        except EngineError as error:
            return Check((str(error),))
        return Check()

    def apply(self, layout: GateLayout) -> Applied:
        """Put a layout in force with all grants. One that is refused leaves the last good one: EngineError."""
        rendered, before = render(layout), self.layout
        judged = self.check(rendered)
        if not judged.is_good:
            raise EngineError(f"the ruleset is refused, the last good one stays: {judged.complaints[0]}")
        try:
            self._put(layout)
        except EngineError as error:
            self._back(before)
            raise EngineError(f"the ruleset did not hold, what stood before is back: {error}") from error
        return Applied(rendered.digest, changed=before != layout, told=True)

    def _put(self, layout: GateLayout) -> None:
        """Rules, then the proof that they stand, then the kernel's settings; forwarding is the last of these."""
        self._forget_what_ended(layout)
        made = tables(layout)
        self._run(_whole(made) + _adding(made, self.grants.values(), self.clock()))
        listing = self.listing()
        wrong = complaints(made, listing)
        if wrong:
            raise EngineError(f"read back, {wrong[0]}")
        self.layout, self._digest = layout, digest(listing)
        for key, value in settings(layout).items():
            self._set(key, value)

    def _back(self, before: GateLayout | None) -> None:
        """After a failure: what stood before, or nothing passes."""
        self.close()
        if before is not None:
            try:
                self._put(before)
            except EngineError:
                self.close()

    def _forget_what_ended(self, layout: GateLayout) -> None:
        now = self.clock()
        self.grants = {a: one for a, one in self.grants.items() if one.until > now and layout.holds(a)}

    def verify(self) -> Verified:
        """Whether the kernel still holds what was put in force and forwards as it should, and nobody leads round it."""
        listing, layout = self.listing(), self.layout
        facts = {"a layout is in force": layout is not None, "every rule stands as it was put": self._stands(listing)}
        for key, value in settings(layout).items() if layout else [(FORWARDING, 0)]:
            if self._path(key).exists():
                facts[f"{key} is {value}"] = self._get(key) == value
        facts |= {f"nothing beside our rules translates or escapes: {found}": False for found in strangers(listing)}
        return Verified(self.version(), facts)

    def stands(self) -> bool:
        """Whether rules and forwarding are as they were put; the part of `verify` that is asked often."""
        forwards = self.layout is not None and self.layout.forwards
        return self._stands(self.listing()) and self._get(FORWARDING) == int(forwards)

    def _stands(self, listing: Listing) -> bool:
        return digest(listing) == self._digest if self.layout is not None else not complaints(closed(), listing)

    def grant(self, grants: Iterable[Grant]) -> None:
        """Let these pass, in one step. What they had before is replaced, also if another card had the address.

        Raises EngineError; then all is as before.
        """
        made, given = tables(self._in_force()), {one.address: one for one in grants}
        self._refuse_strange(given)
        replaced = [self.grants[address] for address in given if address in self.grants]
        self._run_again(_removing(made, [*replaced, *given.values()]) + _adding(made, given.values(), self.clock()))
        self.grants |= given

    def _refuse_strange(self, addresses: Iterable[IPv4Address]) -> None:
        layout = self._in_force()
        for address in addresses:
            if not layout.holds(address):
                raise EngineError(f"`{address}` is no device's address in any segment of the layout; correct either")

    def revoke(self, addresses: Iterable[IPv4Address]) -> int:
        """Let these pass no more, in one step; how many were granted. Raises EngineError."""
        gone = [self.grants[address] for address in set(addresses) if address in self.grants]
        if gone:
            self._run_again(_removing(tables(self._in_force()), gone))
        for one in gone:
            del self.grants[one.address]
        return len(gone)

    def revoke_all(self) -> int:
        """Let nobody pass; how many were granted. Raises EngineError."""
        made, count = tables(self._in_force()), len(self.grants)
        names = {(table.title, name) for table in made for group in GROUPS for name in _sets(table, group)}
        self._run("".join(f"flush set {title} {name}\n" for title, name in sorted(names)))
        self.grants = {}
        return count

    def granted(self) -> list[Grant]:
        """Who may pass, as the kernel has it. Raises EngineError."""
        now = self.clock()
        return [
            Grant(mac, IPv4Address(address), what["name"], now + left)
            for what in self._sets_listed()
            if what["family"] == "inet" and what["name"] in GROUPS
            for (mac, address), left in _elements(what)
        ]

    def adopt(self) -> None:
        """Take over the grants that the kernel holds, as after this process was started anew."""
        try:
            self.grants = {one.address: one for one in self.granted()}
        except (EngineError, LookupError, ValueError):
            self.grants = {}

    def attempts(self) -> list[Attempt]:
        """Who was refused what within the last minute. Raises EngineError."""
        return attempts_in(self._sets_listed(), _elements)

    def counters(self) -> dict[str, int]:
        """Packets by the name of the door that they were refused at. Raises EngineError."""
        counted: dict[str, int] = {}
        for entry in self._listed("counters"):
            if "counter" in entry and entry["counter"]["table"] == NAME:
                name = entry["counter"]["name"]
                counted[name] = counted.get(name, 0) + entry["counter"]["packets"]
        return counted

    def listing(self) -> Listing:
        """All rules that the kernel holds, others' too. Raises EngineError."""
        return self._listed("ruleset", "--terse", "--stateless")

    def _sets_listed(self) -> Iterator[dict[str, Any]]:
        return (e["set"] for e in self._listed("sets") if "set" in e and e["set"]["table"] == NAME)

    def _listed(self, what: str, *flags: str) -> Listing:
        said = _run([self.nft, *flags, "--json", "list", what], "")
        try:
            listing: Listing = json.loads(said)["nftables"]
        except (ValueError, LookupError, TypeError) as error:
            raise EngineError(f"`{self.nft}` answers what can't be read ({error}); is it nftables?") from error
        return listing

    def _in_force(self) -> GateLayout:
        if self.layout is None:
            raise EngineError("no layout is in force, everything is closed; correct the layout and load it")
        return self.layout

    def _run(self, text: str, *flags: str) -> None:
        _run([self.nft, *flags, "--file", "-"], text)

    def _run_again(self, text: str) -> None:
        """An element that ends between being seen and being removed spoils a step once, not twice."""
        try:
            self._run(text)
        except EngineError:
            self._run(text)

    def _path(self, key: str) -> Path:
        return self.system / key

    def _get(self, key: str) -> int:
        try:
            return int(self._path(key).read_text("ascii"))
        except (OSError, ValueError):
            return -1

    def _set(self, key: str, value: int) -> None:
        """An interface that is not there yet has no settings; it gets those of `default`."""
        path = self._path(key)
        if self._get(key) == value or (not path.exists() and key != FORWARDING):
            return
        try:
            path.write_text(f"{value}\n", "ascii")
        except OSError as error:
            raise EngineError(
                f"`{path}` can't be set to {value}: {error}; run the gatekeeper with CAP_NET_ADMIN"
            ) from error


def settings(layout: GateLayout) -> dict[str, int]:
    """What the kernel must be told beside the rules, by path below /proc/sys/net; in this order, forwarding last."""
    told: dict[str, int] = {"ipv6/conf/all/forwarding": 0}
    for interface in ("all", "default", *(segment.interface for segment in layout.segments)):
        told |= {
            f"ipv4/conf/{interface}/accept_redirects": 0,
            f"ipv4/conf/{interface}/accept_source_route": 0,
            f"ipv4/conf/{interface}/send_redirects": 0,
            f"ipv6/conf/{interface}/accept_redirects": 0,
        }
    for segment in layout.segments:
        told |= {
            f"ipv4/neigh/{segment.interface}/base_reachable_time_ms": REACHABLE_MS,
            f"ipv4/neigh/{segment.interface}/delay_first_probe_time": FIRST_PROBE_SECONDS,
        }
        told |= {f"ipv4/conf/{segment.interface}/arp_ignore": 1, f"ipv6/conf/{segment.interface}/accept_ra": 0}
        if layout.mode is Mode.ROUTER:
            told[f"ipv4/conf/{segment.interface}/rp_filter"] = 1
    if layout.mode is Mode.BRIDGE:
        told |= {f"bridge/bridge-nf-call-{table}": 0 for table in ("arptables", "ip6tables", "iptables")}
    return told | {FORWARDING: int(layout.forwards)}


def _whole(made: Iterable[Table]) -> str:
    """These tables, and none of ours in other families."""
    made = tuple(made)
    others = [f"{family} {NAME}" for family in FAMILIES if family not in {table.family for table in made}]
    return "".join(f"table {title}\ndelete table {title}\n" for title in others) + text_of(made)


def _sets(table: Table, group: str) -> tuple[str, str]:
    """The sets of a table that hold a group's pairs and addresses."""
    name = group if table.family == "inet" else "granted"
    return name, f"{name}_addresses"


def _adding(made: Iterable[Table], grants: Iterable[Grant], now: float) -> str:
    """Commands that add grants with the time that is left to them."""
    given = [(one, f" timeout {max(1, round(one.until - now))}s") for one in grants]
    return "".join(_commands("add", made, given))


def _removing(made: Iterable[Table], grants: Iterable[Grant]) -> str:
    """Commands that remove grants, whether or not they are there."""
    made, gone = tuple(made), [(one, "") for one in grants]
    return "".join((*_commands("add", made, gone), *_commands("delete", made, gone)))


def _commands(verb: str, made: Iterable[Table], given: list[tuple[Grant, str]]) -> Iterator[str]:
    """One command a set, however many grants there are."""
    for table in made:
        elements: dict[str, dict[str, str]] = {}
        for one, timeout in given:
            pairs, addresses = _sets(table, one.group)
            elements.setdefault(pairs, {})[f"{one.mac} . {one.address}"] = timeout
            elements.setdefault(addresses, {})[f"{one.address}"] = timeout
        for name, keys in elements.items():
            yield f"{verb} element {table.title} {name} {{ {', '.join(k + t for k, t in keys.items())} }}\n"


def _elements(what: dict[str, Any]) -> Iterator[tuple[tuple[Any, ...], int]]:
    """The elements of a listed set: their key, and for how many seconds they stay."""
    for element in what.get("elem", ()):
        inner = element.get("elem", {}) if isinstance(element, dict) else {}
        value = inner.get("val")
        if value is not None:
            yield tuple(value["concat"]) if isinstance(value, dict) else (value,), inner.get("expires", 0)


def _run(command: list[str], given: str) -> str:
    """What a command prints, with `given` as its input. Raises EngineError with what it complained of."""
    try:
        done = subprocess.run(command, input=given.encode("ascii"), capture_output=True, timeout=NFT_SECONDS)
    except FileNotFoundError:
        raise EngineError(f"`{command[0]}` is not installed; install nftables") from None
    except subprocess.TimeoutExpired:
        raise EngineError(f"`{' '.join(command)}` gave no answer in {NFT_SECONDS:g} s") from None
    if done.returncode:
        said = done.stderr.decode("utf-8", "replace").strip().splitlines()
        raise EngineError(said[0] if said else f"`{' '.join(command)}` ended with {done.returncode}")
    return done.stdout.decode("utf-8", "replace")
