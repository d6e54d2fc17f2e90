"""Every list format in one shape: blocks of hosts, pages and networks, with what was skipped and why.

Lists hold millions of lines and nearly all are plain lower-case names: those pass through one regular expression in
bulk, the rest through `policy.names`. Expressions (`keyword:`, `regexp:`, `/…/`) are never evaluated: they are counted
as skipped, since a substring closes libraries and one expression can stop a gateway.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import msgspec

from darbaza.catalogue import stamps, v2fly
from darbaza.catalogue.files import MAX_OCTETS, ListError, archive_files, blocks, is_archive, whole
from darbaza.catalogue.sources import Format
from darbaza.policy.names import InvalidHost, canonical_host, split_url

_NAME = rb"[a-z0-9_-][a-z0-9_.-]{0,60}\.[a-z]{2,24}"
_ORDINARY = re.compile(_NAME).fullmatch
_IN_HOSTS = re.compile(rb"(?m)^(?:0\.0\.0\.0|127\.0\.0\.1)[ \t]+(" + _NAME + rb")$\n?")
_IN_ADGUARD = re.compile(rb"(?m)^\|\|(" + _NAME + rb")\^$\n?")
_IN_DNSMASQ = re.compile(rb"(?m)^(?:address|local)=/(" + _NAME + rb")/(?:0\.0\.0\.0|127\.0\.0\.1|::|#)?$\n?")

_BOILERPLATE = frozenset(
    {
        "localhost",
        "localhost.localdomain",
        "local",
        "broadcasthost",
        "ip6-localhost",
        "ip6-loopback",
        "ip6-localnet",
        "ip6-mcastprefix",
        "ip6-allnodes",
        "ip6-allrouters",
        "ip6-allhosts",
        "0.0.0.0",  # noqa: S104  # a name in a file, nothing is bound
        "127.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "fe80::1",
        "ff00::0",
        "ff02::1",
        "ff02::2",
        "ff02::3",
    }
)
"""What a hosts file says of the machine itself."""
_BROADEST = {4: 8, 6: 20}
"""The shortest prefix of a network that is believed: a longer reach is an error of the list."""

_PLAIN_MODIFIERS = frozenset({"important", "all", "document", "doc", ""})


@dataclass(slots=True)
class Block:
    """Part of a list: canonical hosts, pages as `host/path` in lower case, networks, and what was skipped by reason."""

    hosts: list[bytes] = field(default_factory=list)
    pages: list[bytes] = field(default_factory=list)
    networks: list[bytes] = field(default_factory=list)
    skipped: Counter[str] = field(default_factory=Counter)

    def entries(self) -> Iterator[bytes]:
        """All that the block lists."""
        yield from self.hosts
        yield from self.pages
        yield from self.networks

    def add_host(self, text: str) -> None:
        """One host as a list writes it: `*.` and dots around it mean the same: names inherit."""
        name = text.strip().removeprefix("*.").strip(".")
        try:
            host = canonical_host(name).name
        except InvalidHost:
            self.skipped["no host"] += 1
            return
        if host in _BOILERPLATE:
            self.skipped["boilerplate"] += 1
        else:
            self.hosts.append(host.encode("ascii"))

    def add_page(self, text: str) -> None:
        """One `host/path`; a query would have to be dropped and the entry would close more than it says."""
        if "?" in text:
            self.skipped["query"] += 1
            return
        try:
            url = split_url(text)
        except InvalidHost:
            self.skipped["no URL"] += 1
            return
        path = url.path.rstrip("/").lower()
        (self.pages if path else self.hosts).append((url.host.name + path).encode("ascii"))


def read(path: Path, form: Format, *, member: str = "", root: str = "", limit: int = MAX_OCTETS) -> Iterator[Block]:
    """A list in blocks. Raises `ListError` for a file that is no list; a bad line is counted, never raised.

    `member` is a file inside an archive or a key of JSON; `root` is where a bundle or a tree is entered.
    """
    bundle = BUNDLES.get(form)
    if bundle is not None:
        yield bundle(path, member or root, limit)
        return
    parse = PARSERS[form]
    for octets in blocks(path, member, limit):
        yield parse(octets)


def _domains(octets: bytes) -> Block:
    lines = octets.split(b"\n")
    lines.pop()
    if b".." in octets:
        return _slowly(lines, _domain_line, Block())
    found = Block(list(filter(_ORDINARY, lines)))
    if len(found.hosts) != len(lines):
        _slowly([line for line in lines if not _ORDINARY(line)], _domain_line, found)
    return found


def _in_bulk(octets: bytes, ordinary: re.Pattern[bytes], line: Callable[[Block, str], None]) -> Block:
    if b".." in octets:
        return _slowly(octets.split(b"\n"), line, Block())
    found = Block(ordinary.findall(octets))
    return _slowly(ordinary.sub(b"", octets).split(b"\n"), line, found)


def _slowly(lines: list[bytes], line: Callable[[Block, str], None], found: Block) -> Block:
    for octets in lines:
        if octets:
            try:
                text = octets.decode("utf-8").strip()
            except UnicodeDecodeError:
                found.skipped["not UTF-8"] += 1
                continue
            if text and not text.startswith(("#", "!", ";", "//")):
                line(found, text)
    return found


def _domain_line(found: Block, text: str) -> None:
    name = text.partition("#")[0].strip()
    if "/" in name or name.startswith("("):
        found.skipped["path or expression"] += 1
    else:
        found.add_host(name)


def _hosts_line(found: Block, text: str) -> None:
    first, *names = text.partition("#")[0].split() or [""]
    if not names:
        found.add_host(first)
    elif not _is_address(first):
        found.skipped["no address before the host"] += 1
    for name in names if _is_address(first) else ():
        found.add_host(name)


def _is_address(text: str) -> bool:
    try:
        return canonical_host(text).is_address
    except InvalidHost:
        return False


def _adguard_line(found: Block, text: str) -> None:
    if text.startswith(("[", "@@", "/")) or "##" in text:
        found.skipped["exception or expression"] += 1
        return
    pattern, _, modifiers = text.partition("$")
    name = pattern.removeprefix("||").removesuffix("^")
    if not _PLAIN_MODIFIERS.issuperset(modifiers.split(",")):
        found.skipped["modifier"] += 1
    elif "*" in name.removeprefix("*.") or "|" in name or "^" in name:
        found.skipped["exception or expression"] += 1
    elif "/" in name:
        found.add_page(name)
    else:
        _hosts_line(found, name)


def _dnsmasq_line(found: Block, text: str) -> None:
    option, _, value = text.partition("=")
    names = value.split("/")[1:-1]
    if option.strip() not in {"address", "local", "server"} or not names:
        found.skipped["other option"] += 1
        return
    for name in names:
        found.add_host(name)


def _url_line(found: Block, text: str) -> None:
    found.add_page(text)


def _cidr_line(found: Block, text: str) -> None:
    name = text.partition("#")[0].strip()
    if "/" not in name:
        found.add_host(name)
        return
    try:
        network = ip_network(name, strict=False)
    except ValueError:
        found.skipped["no network"] += 1
        return
    if network.prefixlen < _BROADEST[network.version]:
        found.skipped["network too broad"] += 1
    else:
        found.networks.append(str(network).encode("ascii"))


def _tsv_line(found: Block, text: str) -> None:
    found.add_host(text.partition("\t")[0])


def _csv_line(found: Block, text: str) -> None:
    found.add_host(text.partition(",")[0].strip('"'))


def _stamp_line(found: Block, text: str) -> None:
    if not text.startswith("sdns://"):
        return
    try:
        host = stamps.host_of(text)
    except ValueError:
        found.skipped["no stamp"] += 1
        return
    if host:
        found.add_host(host)


PARSERS: dict[Format, Callable[[bytes], Block]] = {
    Format.DOMAINS: _domains,
    Format.HOSTS: lambda octets: _in_bulk(octets, _IN_HOSTS, _hosts_line),
    Format.ADGUARD: lambda octets: _in_bulk(octets, _IN_ADGUARD, _adguard_line),
    Format.DNSMASQ: lambda octets: _in_bulk(octets, _IN_DNSMASQ, _dnsmasq_line),
    Format.URLS: lambda octets: _slowly(octets.split(b"\n"), _url_line, Block()),
    Format.CIDR: lambda octets: _slowly(octets.split(b"\n"), _cidr_line, Block()),
    Format.TSV: lambda octets: _slowly(octets.split(b"\n"), _tsv_line, Block()),
    Format.CSV: lambda octets: _slowly(octets.split(b"\n"), _csv_line, Block()),
    Format.STAMPS: lambda octets: _slowly(octets.split(b"\n"), _stamp_line, Block()),
}


def _v2fly(path: Path, root: str, limit: int) -> Block:
    """One list of the V2Ray rule language, with all it includes; `path` is a bundle, a flat list or an archive."""
    texts = _v2fly_texts(path, limit)
    flat = texts.pop("", None)
    if not texts and flat is not None:
        texts, root = {root: flat}, root
    if root not in texts:
        raise ListError("no-member", list=path.name, member=root)
    rules, missing = v2fly.resolve(texts, root)
    found = _of_rules(rules)
    found.skipped.update({"missing include": missing} if missing else {})
    return found


def _of_rules(rules: list[v2fly.Rule]) -> Block:
    found = Block()
    for rule in rules:
        if rule.kind in {"domain", "full"}:
            found.add_host(rule.value)
        else:
            found.skipped[rule.kind] += 1
    return found


def _v2fly_texts(path: Path, limit: int) -> dict[str, list[str]]:
    if is_archive(path):
        return {name: _decoded(octets) for name, octets in archive_files(path, "data", limit)}
    texts: dict[str, list[str]] = {}
    current = texts.setdefault("", [])
    for octets in blocks(path, limit=limit):
        for line in _decoded(octets):
            if line.startswith("### FILE "):
                current = texts.setdefault(line.removeprefix("### FILE ").strip(), [])
            else:
                current.append(line)
    if len(texts) > 1 and not any(line.strip() for line in texts[""]):
        del texts[""]
    return texts


def _decoded(octets: bytes) -> list[str]:
    return octets.decode("utf-8", "replace").split("\n")


def _v2fly_plain(path: Path, root: str, limit: int) -> Block:
    """One list of V2Fly's released text, where includes are resolved: a section of lines, so no YAML is parsed."""
    octets = whole(path, limit)
    head = octets.find(b'- name: "%b"\n' % root.encode())
    if head < 0:
        raise ListError("no-member", list=path.name, member=root)
    end = octets.find(b"- name: ", head + 1)
    section = octets[head : end if end >= 0 else len(octets)].decode("utf-8", "replace")
    lines = (line.strip() for line in section.split("\n"))
    return _of_rules(v2fly.parse(_plain_rule(line) for line in lines if line.startswith('- "')))


def _plain_rule(line: str) -> str:
    """`- "domain:host:@a,@b"` as the list itself would write it."""
    rule, _, marks = line.removeprefix('- "').removesuffix('"').partition(":@")
    return " ".join([rule, *(f"@{mark.strip('@')}" for mark in marks.split(",") if mark)])


def _json(path: Path, key: str, limit: int) -> Block:
    """Objects in an array, each with a host or an array of hosts under one key."""
    try:
        items: list[dict[str, Any]] = msgspec.json.decode(whole(path, limit), type=list[dict[str, Any]])
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ListError("damaged", list=path.name, reason=str(error)) from error
    if items and not any(key in item for item in items):
        raise ListError("no-member", list=path.name, member=key)
    found = Block()
    for item in items:
        value = item.get(key)
        for name in value if isinstance(value, list) else [value]:
            if str(name).endswith("..."):
                found.skipped["shortened"] += 1
            else:
                found.add_host(str(name or ""))
    return found


_TREE_EXTRAS = frozenset({"abused", "stoplist", "tlds"})
"""Files in the tree that are no host: hosts that have fallen into other hands, that prove nothing, and suffixes."""


def _tree(path: Path, root: str, limit: int) -> Block:
    """An archive whose paths are hosts from behind: `kg/auca.txt`. What its own `abused.txt` names is left out."""
    names: list[str] = []
    unwanted: set[str] = set()
    for file, content in archive_files(path, root, limit):
        stem = file.removesuffix(".txt")
        if stem in _TREE_EXTRAS:
            unwanted |= {line.strip() for line in _decoded(content)} if stem != "tlds" else set()
        elif "/" in stem and stem != file:
            names.append(".".join(reversed(stem.split("/"))))
    if not names:
        raise ListError("no-member", list=path.name, member=root)
    found = Block()
    for name in names:
        if name in unwanted:
            found.skipped["abused"] += 1
        else:
            found.add_host(name)
    return found


BUNDLES: dict[Format, Callable[[Path, str, int], Block]] = {
    Format.V2FLY: _v2fly,
    Format.V2FLY_PLAIN: _v2fly_plain,
    Format.JSON: _json,
    Format.TREE: _tree,
}
"""Formats of which a list is only a part, or that must be read whole."""
