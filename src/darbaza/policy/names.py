"""Host names and URLs in one canonical spelling, so that a rule on a host meets every spelling of that host.

Three readers with three needs. `canonical_host` reads what people, lists and browsers write: international names,
percent-escapes, addresses in any notation. `wire_host` reads what an engine is about to resolve and refuses whatever
the engine would take for another host than we do. `split_url` reads a whole URL. All of them are total over text and
bytes: a canonical value or `InvalidHost`. Standards: RFC 3986, UTS 46, the URL standard's notion of a host that ends
in a number, inet_aton(3).
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from functools import lru_cache
from ipaddress import AddressValueError, IPv6Address
from typing import NamedTuple

import idna

MAX_HOST, MAX_LABEL = 253, 63
"""Length limits of a name and of one label in octets (RFC 1035)."""

MAX_URL = 8192
"""The longest URL that is read, in octets: Squid's own limit."""


class InvalidHost(ValueError):  # noqa: N818  # what was read, a fact about the input, as the verdicts are
    """A host or URL that cannot be read in exactly one way. The message names the input and the remedy."""


class Host(NamedTuple):
    """A canonical host: `name` is a lower-case A-label name without final dot, or an address without brackets.

    `verbatim` tells that the text it was read from names this host to any resolver, apart from case and final dots;
    `is_mixed` that a label mixes scripts which no language mixes, as a look-alike name does.
    """

    name: str
    is_address: bool = False
    is_mixed: bool = False
    verbatim: bool = True


class Url(NamedTuple):
    """A URL without user information, query and fragment. `port` is the scheme's own if none is given, 0 if unknown."""

    scheme: str
    host: Host
    port: int
    path: str


_ORDINARY = re.compile(r"[a-z0-9_-][a-z0-9_.-]*\.[a-z]+").fullmatch
_LABELS = re.compile(r"[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})*").fullmatch
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*").fullmatch
_ESCAPE = re.compile(rb"%([0-9A-Fa-f]{2})")
_PORT = re.compile(r"[0-9]{1,5}").fullmatch
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://")
_UNRESERVED = frozenset(b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~")
_PORTS = {"http": 80, "ws": 80, "https": 443, "wss": 443, "ftp": 21}


def canonical_host(raw: str | bytes) -> Host:
    """The host that `raw` names: a name, an international name, or an address in any notation.

    Percent-escapes are decoded once. Raises `InvalidHost` for everything that is no host: controls, blanks, empty
    labels, invalid UTF-8, names that end in a number without being an address, names over 253 octets.
    """
    return _known_host(raw) if len(raw) <= MAX_HOST else _read_host(raw)


def _read_host(raw: str | bytes) -> Host:
    text = _text(raw)
    if _is_ordinary(text):
        return Host(text)
    if ":" in text or text.startswith("["):
        return _ipv6(text)
    if "%" in text:
        return _canonical_name(_decoded(text))._replace(verbatim=False)
    return _canonical_name(text)


_known_host = lru_cache(maxsize=16384)(_read_host)
"""Few hosts make most requests. Only readable ones of bounded length are kept: junk costs time and no memory."""


def _is_ordinary(text: str) -> bool:
    """Whether the text is a canonical name already; short enough that no label can be too long."""
    return len(text) <= MAX_LABEL and ".." not in text and "xn--" not in text and _ORDINARY(text) is not None


def wire_host(raw: str | bytes) -> Host:
    """The host that an engine will resolve for `raw`; `InvalidHost` where it would resolve another than we read."""
    host = canonical_host(raw)
    if host.verbatim:
        return host
    raise InvalidHost(f"host `{_shown(raw)}` is spelled as no engine resolves it; write `{host.name}`")


def split_url(raw: str | bytes) -> Url:
    """The parts of a URL in canonical form; without a scheme, `kitep.test/a` is read with scheme `` and port 0.

    User information, query and fragment are dropped. The path has its dot segments and repeated slashes removed and
    its unreserved characters decoded once. Raises `InvalidHost` for a bad host or port, controls, backslashes,
    malformed or doubled escapes.
    """
    if len(raw) > MAX_URL:
        raise InvalidHost(f"URL `{_shown(raw)}` is longer than {MAX_URL} octets; shorten it")
    text = raw if isinstance(raw, str) else raw.decode("utf-8", "surrogateescape")
    scheme, rest = "", text.strip(" ")
    if found := _SCHEME.match(rest):
        scheme, rest = found[1].lower(), rest[found.end() :]
    end = min((at for mark in "/?#" if (at := rest.find(mark)) != -1), default=len(rest))
    if "\\" in rest[:end]:  # browsers end the host there, Squid does not
        raise InvalidHost(f"URL `{_shown(raw)}` has a backslash before its path; write a slash")
    host, port = split_authority(rest[:end].rpartition("@")[2])
    path = rest[end:].partition("#")[0].partition("?")[0]
    return Url(scheme, host, port or _PORTS.get(scheme, 0), normal_path(path))


def split_authority(raw: str) -> tuple[Host, int]:
    """`host:port` as in a CONNECT request; port 0 where none is given. Raises `InvalidHost`."""
    name, colon, port = raw.rpartition(":")
    if not colon or raw.endswith("]"):
        return canonical_host(raw), 0
    if ":" in name and not name.startswith("["):
        raise InvalidHost(f"host `{_shown(raw)}` has more than one colon; put an IPv6 address in brackets")
    if not port:
        return canonical_host(name), 0
    if not _PORT(port) or not 1 <= int(port) <= 65535:
        raise InvalidHost(f"port `{_shown(port)}` is no number from 1 to 65535; correct it")
    return canonical_host(name), int(port)


def normal_path(raw: str) -> str:
    """A path by RFC 3986 section 6.2.2, or `/` for an empty one; idempotent. Raises `InvalidHost`.

    Refused are controls, blanks and backslashes (encoded controls too), escapes that are malformed, and escapes
    that hide another escape.
    """
    if not raw:
        return "/"
    data = raw.encode("utf-8", "surrogateescape") if _is_encodable(raw) else b"\\"
    if any(octet <= 0x20 or octet == 0x7F or octet == 0x5C for octet in data):
        raise InvalidHost(f"path `{_shown(raw)}` holds a blank, a control or a backslash; encode it")
    if b"%" in data:
        data = _path_escapes(data, raw)
    if not data.isascii():
        data = b"".join(b"%%%02X" % octet if octet >= 0x80 else bytes((octet,)) for octet in data)
    return _without_dot_segments(data.decode("ascii"))


def _path_escapes(data: bytes, raw: str) -> bytes:
    """Unreserved characters decoded, the others in upper case."""
    if data.count(b"%") != len(_ESCAPE.findall(data)):
        raise InvalidHost(f"path `{_shown(raw)}` has a malformed percent-escape; write `%25` for a percent sign")
    if re.search(rb"%25[0-9A-Fa-f]{2}", data):
        raise InvalidHost(f"path `{_shown(raw)}` is percent-encoded twice; encode it once")

    def decoded(found: re.Match[bytes]) -> bytes:
        octet = int(found[1], 16)
        if octet < 0x20 or octet == 0x7F:
            raise InvalidHost(f"path `{_shown(raw)}` holds an encoded control character; remove it")
        return bytes((octet,)) if octet in _UNRESERVED else b"%%%02X" % octet

    return _ESCAPE.sub(decoded, data)


def _without_dot_segments(path: str) -> str:
    """RFC 3986 section 5.2.4, with repeated slashes taken for one."""
    kept: list[str] = []
    segments = path.split("/")
    for segment in segments:
        if segment == "..":
            del kept[-1:]
        elif segment not in {"", "."}:
            kept.append(segment)
    is_folder = segments[-1] in {"", ".", ".."} and bool(kept)
    return "/" + "/".join(kept) + ("/" if is_folder else "")


def _text(raw: str | bytes) -> str:
    if isinstance(raw, bytes):
        try:
            return raw.decode("utf-8")
        except UnicodeDecodeError:
            raise InvalidHost(f"host `{_shown(raw)}` is not valid UTF-8; write it in UTF-8 or as an A-label") from None
    return raw


def _decoded(text: str) -> str:
    """Percent-escapes decoded, once."""
    try:
        data = text.encode("utf-8")
    except UnicodeEncodeError:
        raise InvalidHost(f"host `{_shown(text)}` is not valid Unicode; remove the stray surrogates") from None
    if data.count(b"%") != len(_ESCAPE.findall(data)):
        raise InvalidHost(f"host `{_shown(text)}` has a malformed percent-escape; remove it")
    return _text(_ESCAPE.sub(lambda found: bytes((int(found[1], 16),)), data))


def _canonical_name(text: str) -> Host:
    """A name or an IPv4 address from text without escapes."""
    name, mapped = text, False
    if not text.isascii():
        name, mapped = _to_ascii(text), True
    name = name.rstrip(".").lower()
    if not _LABELS(name) or len(name) > MAX_HOST:
        raise InvalidHost(f"host `{_shown(text)}` is no host name; check its characters, dots and length")
    if _NUMBER(name.rpartition(".")[2]):
        return Host(_ipv4(name, text), is_address=True, verbatim=not mapped)
    is_mixed = "xn--" in name and any(_mixes(label) for label in _unicode_labels(name))
    return Host(name, is_mixed=is_mixed, verbatim=not mapped)


def _to_ascii(text: str) -> str:
    """UTS 46 mapping and A-labels; labels that become ASCII by mapping need nothing more."""
    try:
        labels = idna.uts46_remap(text, std3_rules=False, transitional=False).split(".")
        return ".".join(label if label.isascii() else idna.alabel(label).decode("ascii") for label in labels)
    except (idna.IDNAError, UnicodeError, ValueError, IndexError):
        raise InvalidHost(f"host `{_shown(text)}` is no international name; check its characters") from None


def _ipv4(name: str, raw: str) -> str:
    """Dotted decimal of an address in the notations of inet_aton(3): one to four parts, decimal, octal or hex."""
    try:
        parts = [_number(part) for part in name.split(".")]
    except ValueError:
        parts = []
    if not 1 <= len(parts) <= 4 or any(part > 255 for part in parts[:-1]) or parts[-1] >= 256 ** (5 - len(parts)):
        raise InvalidHost(f"host `{_shown(raw)}` ends in a number and is no IPv4 address; correct it")
    value = parts[-1] + sum(part << 8 * (3 - at) for at, part in enumerate(parts[:-1]))
    return ".".join(str(value >> shift & 255) for shift in (24, 16, 8, 0))


def _number(part: str) -> int:
    if len(part) > 16:
        raise ValueError(part)
    if part.startswith("0x"):
        return int(part, 16)
    if not part.isdigit():
        raise ValueError(part)
    return int(part, 8 if part[0] == "0" else 10)


def _ipv6(text: str) -> Host:
    """An IPv6 address, with or without brackets; its zone is dropped, a mapped IPv4 address is the IPv4 address."""
    inner = text[1:-1] if text.startswith("[") and text.endswith("]") else text
    address, percent, zone = inner.partition("%")
    try:
        parsed = IPv6Address(address)
    except (AddressValueError, ValueError):
        raise InvalidHost(f"host `{_shown(text)}` is no IPv6 address; correct it") from None
    if percent and not _LABELS(zone.lower()):
        raise InvalidHost(f"host `{_shown(text)}` has a malformed zone; remove it")
    mapped = parsed.ipv4_mapped
    return Host(str(mapped or parsed), is_address=True)


def _is_encodable(text: str) -> bool:
    """Whether the text has no surrogates other than those that stand for undecodable octets."""
    try:
        text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return False
    return True


def _shown(raw: str | bytes) -> str:
    """Input as it stands in a message: printable ASCII, at most 80 characters."""
    text = raw if isinstance(raw, str) else raw.decode("latin-1")
    cut = text[:80].encode("ascii", "backslashreplace").decode("ascii")
    return "".join(mark if " " <= mark <= "~" else f"\\x{ord(mark):02x}" for mark in cut).replace("`", "'")


# Look-alike names: what a class teacher or the classification officer is warned of, never what a verdict rests on.

_TOGETHER = (
    frozenset({"LATIN", "CJK", "HIRAGANA", "KATAKANA"}),
    frozenset({"LATIN", "CJK", "BOPOMOFO"}),
    frozenset({"LATIN", "CJK", "HANGUL"}),
)
"""Scripts that one language writes in one word (UTS 39, highly restrictive)."""

_PAIRS = (
    "аaвbсcԁdеeғfһhіiӏlјjкkмmнhоoөoрpԛqгrѕsтtυuѵvԝwхxуyүyзzьb"  # Cyrillic
    "αaβbεeηnιiκkνvοoρpσoτtχxγyωw"  # Greek
    "օoսuոnռnհhցgզq"  # Armenian
    "0o1lıiłløođdħh"  # digits and Latin
)
_LOOKS: Mapping[int, str] = dict(zip(map(ord, _PAIRS[::2]), _PAIRS[1::2], strict=True))
"""The letters that look like a Latin one in an address bar, and the Latin letter (from UTS 39's confusables)."""


def skeleton(name: str) -> str:
    """What a canonical host looks like: two names with one skeleton are easily taken for each other."""
    plain = ".".join(_unicode_labels(name))
    bare = "".join(mark for mark in unicodedata.normalize("NFKD", plain) if not unicodedata.combining(mark))
    return bare.translate(_LOOKS).replace("rn", "m").replace("vv", "w")


def looks_like(name: str, known: Iterable[str]) -> str:
    """The first of the `known` canonical hosts that `name` could be taken for without being it or below it, or ``."""
    shape = skeleton(name)
    for other in known:
        is_same_site = name == other or name.endswith("." + other)
        if not is_same_site and (skeleton(other) == shape or shape.endswith("." + skeleton(other))):
            return other
    return ""


@lru_cache(maxsize=1024)
def _unicode_labels(name: str) -> tuple[str, ...]:
    """The labels as a reader sees them; a label that is no valid punycode stays as it is."""
    return tuple(_unicode_label(label) for label in name.split("."))


def _unicode_label(label: str) -> str:
    if not label.startswith("xn--"):
        return label
    try:
        return label[4:].encode("ascii").decode("punycode")
    except (UnicodeError, ValueError, OverflowError):
        return label


def _mixes(label: str) -> bool:
    scripts = {_script(mark) for mark in label if mark.isalpha()}
    return len(scripts) > 1 and not any(scripts <= together for together in _TOGETHER)


@lru_cache(maxsize=1024)
def _script(mark: str) -> str:
    """The script of a letter, by the first word of its Unicode name."""
    return unicodedata.name(mark, "UNKNOWN").split()[0].split("-")[0]
