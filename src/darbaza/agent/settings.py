"""The box's settings, from `box.toml`. Whatever is missing, misspelt or of the wrong kind stops the start and is named.

    [box]
    name = "school-1"
    portal = "https://portal.example.test"   # or http://127.0.0.1:8000 on the same machine
    mode = "router"                          # how the box stands: router, bridge, proxy or dns; docs/operate tells
    http_ports = [80]                        # ports that students may reach, plain and TLS
    tls_ports = [443]
    allowed_private = []                     # private networks that may be reached

    [why]
    listen = "127.0.0.1:8010"

    [squid]                                  # leave a table out, and the engine is not run here
    listen = ["10.1.0.1:3128"]
    own_http = ["10.1.0.1:3133"]             # where the packet filter leads port 80 of the box: pages that say why
    downloads = "127.0.0.1:1344"             # where we look into what sites send over plain HTTP (3.3)

    [unbound]                                # the resolver; all its settings have defaults
    forwarders = []                          # resolvers to ask in place of the internet's own servers

    [dnsdist]                                # `upstreams` are [unbound], where that runs here
    listen = ["10.1.0.1:53"]
    upstreams = ["127.0.0.1:5301"]
    box = "10.1.0.1"

    [captive]
    listen = ["10.1.0.1:8011"]               # where devices ask the box itself: proxy file, RFC 8908

    [dnsmasq]                                # see darbaza/engines/dnsmasq/settings.py

    [lists]                                  # leave it out, and lists are updated by hand only
    window = "02:00-05:00"                   # when they are fetched, by the school's clock
    own_hosts = ["maektep.edu.kg"]           # what no list may close: the school's own sites; the portal is added
    leave_out = ["ut1/adult", "pornaway"]    # lists, or whole publishers, that are not used here
    sources = ""                             # a file with further publishers, in the form of catalogue/sources.toml
    folder = ""                              # take lists from this folder, which somebody else fills

Paths are relative to the folder of `box.toml`, which is the run directory. Secrets stand in files of their own:
`keys/token` (given by the portal at enrolment), `keys/portal.pub` (the portal's public keys) and `keys/peer.secret`
(made by the agent; Squid shows it to the why server and to a portal on this machine). What the council decides is
no setting: it comes in the rulebook.
"""

import os
import secrets
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import time
from enum import StrEnum
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import msgspec

from darbaza.engines.dnsdist.settings import DnsdistSettings
from darbaza.engines.dnsmasq.settings import DnsmasqSettings
from darbaza.engines.dnsmasq.settings import settings_of as dnsmasq_settings
from darbaza.engines.squid.settings import SquidSettings
from darbaza.engines.unbound.settings import UnboundSettings

TOKEN = Path("keys/token")
PORTAL_KEYS = Path("keys/portal.pub")
PEER_SECRET = Path("keys/peer.secret")
SPOOL = Path("spool")
CATALOGUE = Path("catalogue.cdb")
LISTS = Path("lists")
CONTROL_SOCKET = Path("agent.sock")

TABLES = {"box", "why", "captive", "squid", "dnsdist", "unbound", "dnsmasq", "lists", "nftables"}

OWN_HOSTS = ("darbaza", "why")
"""Hosts that no list may close on any box: the gateway's own."""

WEB_PORT = 80

LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


class SettingsError(ValueError):
    """`box.toml` can't be used; the text names the file, the setting and the remedy."""


class Mode(StrEnum):
    """How a box stands in the school's network. What each can promise, `darbaza doctor` tells."""

    ROUTER = "router"
    BRIDGE = "bridge"
    PROXY = "proxy"
    DNS = "dns"


@dataclass(frozen=True, slots=True, kw_only=True)
class BoxTable:
    """What concerns the box as a whole; sizes are in bytes."""

    name: str
    portal: str
    mode: Mode = Mode.PROXY
    http_ports: tuple[int, ...] = (80,)
    tls_ports: tuple[int, ...] = (443,)
    allowed_private: tuple[str, ...] = ()
    spool_limit: int = 2 * 1024**3


@dataclass(frozen=True, slots=True, kw_only=True)
class WhyTable:
    """Where the why server listens, `host:port`. Squid is its only client, unless it is the box's own port 80, as where
    the box answers for names only."""

    listen: str = "127.0.0.1:8010"


@dataclass(frozen=True, slots=True, kw_only=True)
class CaptiveTable:
    """Where whoever must sign in is led, and where devices reach the box without Squid, plain and with TLS.

    `certificate` is for the school's public name, with its key in the same file or in `key`; see docs/adr/0014.
    """

    sign_in: str = "http://darbaza/kirish/"
    listen: tuple[str, ...] = ()
    tls_listen: tuple[str, ...] = ()
    certificate: Path | None = None
    key: Path | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NftablesTable:
    """Where the gatekeeper listens, which alone may change the packet filter. How the box is wired stands in a file of
    its own that only root may write."""

    socket: Path = Path("/run/darbaza-gate/gate.sock")


@dataclass(frozen=True, slots=True, kw_only=True)
class ListsTable:
    """How this box keeps its lists. `window` is when they are fetched, `HH:MM-HH:MM` by the school's clock."""

    window: str = "02:00-05:00"
    own_hosts: tuple[str, ...] = ()
    leave_out: tuple[str, ...] = ()
    sources: str = ""
    folder: str = ""

    @property
    def hours(self) -> tuple[time, time]:
        """The window's ends. Raises SettingsError."""
        start, dash, end = self.window.partition("-")
        try:
            ends = time.fromisoformat(start.strip()), time.fromisoformat(end.strip())
        except ValueError:
            dash = ""
            ends = time(), time()
        if not dash or ends[0] == ends[1]:
            raise SettingsError(f"[lists]: window `{self.window}` is no span of time such as `02:00-05:00`")
        return ends

    def sources_in(self, run: Path) -> Path | None:
        """The file of further publishers, if there is one."""
        return run / self.sources if self.sources else None

    def folder_in(self, run: Path) -> Path | None:
        """The folder from which lists are taken, or None if they come from their publishers."""
        return run / self.folder if self.folder else None


@dataclass(frozen=True, slots=True, kw_only=True)
class BoxSettings:
    """All settings of one box. `squid` or `dnsdist` is None where that engine is not run, `lists` where nobody asked
    that they be updated."""

    run: Path
    box: BoxTable
    why: WhyTable
    squid: SquidSettings | None = None
    dnsdist: DnsdistSettings | None = None
    dnsmasq: DnsmasqSettings | None = None
    unbound: UnboundSettings | None = None
    captive: CaptiveTable = field(default_factory=CaptiveTable)
    lists: ListsTable | None = None
    nftables: NftablesTable | None = None

    @property
    def token(self) -> str:
        """The token by which the portal knows this box. Raises SettingsError if the file is missing or empty."""
        path = self.run / TOKEN
        text = _read(path, "enrol this box at the portal and put the token there").strip()
        if not text.isascii() or not text.isprintable() or " " in text or not text:
            raise SettingsError(f"`{path}` holds no token; enrol this box at the portal and put the token there")
        return text


def load(path: Path) -> BoxSettings:
    """Read and check `box.toml`. Raises SettingsError, EngineError or ValueError, each naming the setting."""
    run = path.parent.absolute()
    try:
        tables = tomllib.loads(_read(path, "write one; see the head of darbaza/agent/settings.py"))
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"`{path}` is no TOML: {error}") from error
    _refuse_unknown(path, "table", tables, TABLES)
    box = _table(path, tables, "box", BoxTable)
    _check_box(path, box)
    why = _table(path, tables, "why", WhyTable)
    split_endpoint(why.listen)
    captive = _captive(path, tables)
    return BoxSettings(
        run=run,
        box=box,
        why=why,
        captive=captive,
        squid=_squid(path, tables, box, why, captive),
        dnsdist=_dnsdist(path, tables),
        unbound=_unbound(path, tables),
        dnsmasq=_dnsmasq(path, tables, box),
        lists=_lists(path, tables, box) if "lists" in tables else None,
        nftables=_table(path, tables, "nftables", NftablesTable) if "nftables" in tables else None,
    )


def lists_table(path: Path) -> ListsTable:
    """What `box.toml` says of lists, whatever else is wrong in it. Raises SettingsError."""
    try:
        tables = tomllib.loads(_read(path, "write one; see the head of darbaza/agent/settings.py"))
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"`{path}` is no TOML: {error}") from error
    return _lists(path, tables, _table(path, tables, "box", BoxTable))


def _lists(path: Path, tables: Mapping[str, Any], box: BoxTable) -> ListsTable:
    """The table with the hosts that are the box's own by themselves."""
    lists: ListsTable = _table(path, tables, "lists", ListsTable)
    _ = lists.hours
    portal = urlsplit(box.portal).hostname or ""
    portals = (portal,) if "." in portal and portal not in LOOPBACK else ()
    return replace(lists, own_hosts=(*OWN_HOSTS, *portals, *lists.own_hosts))


def _captive(path: Path, tables: Mapping[str, Any]) -> CaptiveTable:
    captive: CaptiveTable = _table(path, tables, "captive", CaptiveTable)
    for endpoint in (*captive.listen, *captive.tls_listen):
        split_endpoint(endpoint)
    if captive.tls_listen and captive.certificate is None:
        raise SettingsError(f"`{path}`, [captive]: tls_listen needs a `certificate` for the school's public name")
    if urlsplit(captive.sign_in).scheme not in ("http", "https"):
        raise SettingsError(f"`{path}`, [captive]: sign_in `{captive.sign_in}` is no address of a page")
    return captive


def _dnsmasq(path: Path, tables: Mapping[str, Any], box: BoxTable) -> DnsmasqSettings | None:
    if "dnsmasq" not in tables:
        return None
    if box.mode is Mode.DNS:
        raise SettingsError(f"`{path}`: in mode `dns` no address is given out; take [dnsmasq] out or change the mode")
    dnsmasq = dnsmasq_settings(_as_table(path, tables, "dnsmasq"))
    if dnsmasq.proxy_pac and box.mode is not Mode.PROXY:
        raise SettingsError(f"`{path}`, [dnsmasq]: proxy_pac is for mode `proxy`; in mode `{box.mode}` take it out")
    return dnsmasq


def _squid(
    path: Path, tables: Mapping[str, Any], box: BoxTable, why: WhyTable, captive: CaptiveTable
) -> SquidSettings | None:
    if "squid" not in tables:
        return None
    given = {
        "http_ports": box.http_ports,
        "tls_ports": box.tls_ports,
        "allowed_private": box.allowed_private,
        "why": why.listen,
        "captive_page": captive.sign_in,
        **_search(tables),
        **_local_portal(box.portal),
        **tables["squid"],
    }
    run = path.parent.absolute()
    squid: SquidSettings = _settings(
        path, "squid", {**given, "run": str(run), "peer_secret": peer_secret(run)}, SquidSettings
    )
    return squid


def _search(tables: Mapping[str, Any]) -> dict[str, Any]:
    """Squid closes the same search engines and video sites as dnsdist, unless told otherwise."""
    names = {"unsafe_search", "restricted_video"}
    return {key: found for key, found in tables.get("dnsdist", {}).items() if key in names}


def _local_portal(url: str) -> dict[str, str]:
    """Squid passes `http://darbaza` to the portal itself if that is on this machine, unless told otherwise."""
    parts = urlsplit(url)
    return {"portal": f"127.0.0.1:{parts.port or 80}"} if parts.hostname in LOOPBACK and parts.scheme == "http" else {}


def _dnsdist(path: Path, tables: Mapping[str, Any]) -> DnsdistSettings | None:
    if "dnsdist" not in tables:
        return None
    shared = {"allowed_private": tables["box"].get("allowed_private", ()), "refusal": _refusal(path, tables)}
    given = {**shared, **_behind(path, tables), **tables["dnsdist"]}
    dnsdist: DnsdistSettings = _settings(
        path, "dnsdist", {**given, "catalogue": str(path.parent.absolute() / CATALOGUE)}, DnsdistSettings
    )
    return dnsdist


def _refusal(path: Path, tables: Mapping[str, Any]) -> str:
    """Closed names lead to the box where port 80 there tells why, by Squid or by ourselves; else they do not exist."""
    why: WhyTable = _table(path, tables, "why", WhyTable)
    tells = bool(_as_table(path, tables, "squid").get("own_http")) or split_endpoint(why.listen)[1] == WEB_PORT
    return str(_as_table(path, tables, "dnsdist").get("box", "")) if tells else ""


def _behind(path: Path, tables: Mapping[str, Any]) -> dict[str, Any]:
    """dnsdist asks the resolver of this box, and knows how to ask it for safe search, unless told otherwise."""
    unbound = _unbound(path, tables)
    return {"upstreams": unbound.listen, "safe_source": unbound.safe_client} if unbound else {}


def _unbound(path: Path, tables: Mapping[str, Any]) -> UnboundSettings | None:
    if "unbound" not in tables:
        return None
    shared = {"allowed_private": tables["box"].get("allowed_private", ())}
    video = tables.get("dnsdist", {}).get("restricted_video")
    given = {**shared, **({"restricted_video": video} if video else {}), **tables["unbound"]}
    unbound: UnboundSettings = _settings(path, "unbound", given, UnboundSettings)
    return unbound


def _table(path: Path, tables: Mapping[str, Any], name: str, kind: type[Any]) -> Any:
    return _settings(path, name, _as_table(path, tables, name), kind)


def _as_table(path: Path, tables: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    table = tables.get(name, {})
    if not isinstance(table, dict):
        raise SettingsError(f"`{path}`: `{name}` must be a table `[{name}]`")
    return table


def _settings(path: Path, name: str, table: Mapping[str, Any], kind: type[Any]) -> Any:
    """A table as its dataclass; unknown names are refused, for a misspelt setting would silently not be set."""
    _refuse_unknown(path, f"setting of [{name}]", table, {one.name for one in fields(kind)})
    try:
        return msgspec.convert(table, kind, dec_hook=_path)
    except msgspec.ValidationError as error:
        raise SettingsError(f"`{path}`, [{name}]: {error}") from error


def _path(kind: type[Any], value: Any) -> Any:
    if kind is Path and isinstance(value, str):
        return Path(value)
    raise NotImplementedError(f"{value!r} is no {kind.__name__}")


def _refuse_unknown(path: Path, what: str, given: Mapping[str, Any], known: set[str]) -> None:
    for name in sorted(set(given) - known):
        raise SettingsError(f"`{path}`: `{name}` is no {what}; known are {', '.join(sorted(known))}")


def _check_box(path: Path, box: BoxTable) -> None:
    for problem in _box_problems(box):
        raise SettingsError(f"`{path}`, [box]: {problem}")


def _box_problems(box: BoxTable) -> Iterator[str]:
    parts = urlsplit(box.portal)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.path.strip("/"):
        yield f"portal `{box.portal}` is no address such as `https://portal.example.test`"
    elif parts.scheme == "http" and parts.hostname not in LOOPBACK:
        yield f"portal `{box.portal}` is on another machine: use https, for the token goes over this line"
    if not box.name.strip():
        yield "name is empty; give the name under which the portal knows this box"
    for port in (*box.http_ports, *box.tls_ports):
        if not 1 <= port <= 65535:
            yield f"port `{port}` is not between 1 and 65535"


def split_endpoint(endpoint: str) -> tuple[str, int]:
    """Host and port of `host:port`. Raises SettingsError."""
    host, _, port = endpoint.rpartition(":")
    if not host or not port.isdigit() or int(port) > 65535:
        raise SettingsError(f"`{endpoint}` is no `host:port`, for example `127.0.0.1:8010`")
    return host.strip("[]"), int(port)


def peer_secret(run: Path) -> str:
    """The secret between Squid and the two local origins, made at first use and readable for the owner's group."""
    path = run / PEER_SECRET
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o640)
    except FileExistsError:
        held = _read(path, "remove it, and a new one is made").strip()
        if not held.isalnum() or not held.isascii():
            raise SettingsError(f"`{path}` is damaged; remove it, and a new one is made") from None
        return held
    secret = secrets.token_hex(24)
    with open(descriptor, "w", encoding="ascii") as file:  # noqa: PTH123 - a descriptor has no path
        file.write(secret + "\n")
    return secret


def _read(path: Path, remedy: str) -> str:
    try:
        return path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"`{path}` can't be read ({error}); {remedy}") from error
