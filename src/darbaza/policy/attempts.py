"""When what a student opened looks like a deliberate attempt (2.7): a rule with numbers that the school sets.

It suspects and never finds: a supervisor who was there confirms or dismisses (docs/attempts.md). Five thoughts make it
fair to a child at a shared PC.

1. **Only what a person opened by its address counts:** the browser says so (`Manner`). Whatever a page or a program
   fetches by itself never does, however often: parts, frames, fetches ahead, redirects, popups, updates, telemetry. A
   tunnel's name alone says nothing either.
2. **Only what is known to be closed counts:** by law, by the council, by this lesson's supervisor. What nobody has
   ruled on may be anything, and what waits for an adult (held, needing a permission) is no matter of guilt.
3. **No single refusal counts,** whatever it was. Only a pattern within some minutes does.
4. **What a student told an adult about never counts** (3.4): reported, or asked to be opened.
5. **What came right after another page, or together with others, was led there** by that page, or by a browser that
   opens the tabs of yesterday again.

`suspicion` is total and pure: what is added that is not opened by a person never makes a suspicion, and what was judged
stays judged.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from darbaza.policy.verdict import Message

TYPICAL_PORTS = frozenset({80, 443})
LED_WITHIN = timedelta(seconds=10)
"""How long after something else began to open a page may have been led to: a slow line takes its time."""
TOGETHER = timedelta(seconds=2)
"""How close pages are that a browser opens at once."""
SLOW = timedelta(seconds=5)
"""From which delay on between a page's tunnel and the page the PC or the line counts as slow."""
SHOWN_WITHIN = timedelta(seconds=20)
"""How long after a page was refused its icon may be asked for."""
SAME_ACT = timedelta(seconds=10)
"""The same site opened again within this is the same act: a second click, a second try of the browser's own."""
LONGEST_LABEL = 40
SHORTEST_TELLING = 6
"""Characters from which on a name tells one site from others."""
MIRROR_WORDS = ("mirror", "zerkalo", "kuzgu", "unblocked", "unblock", "proxy", "proksi", "vpn", "bypass", "obhod")


_OWN = (
    "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "127.0.0.0/8", "169.254.0.0/16", "100.64.0.0/10",
    "::1/128", "fc00::/7", "fe80::/10",
)  # fmt: skip
OWN_NETWORKS = tuple(map(ip_network, _OWN))
"""Where a printer or the school's own server stands; a lesson may well send a child there."""


class Manner(StrEnum):
    """How a page came to be asked for, as far as the browser said so.

    `VISIT`: a person opened it by its address. `PAGE`: a document that no page led to, in a tab or in a frame. `SHOWN`:
    the page that refused it stood in a tab. `UNTOLD`: nothing was said.
    """

    UNTOLD = ""
    VISIT = "visit"
    PAGE = "page"
    SHOWN = "shown"


class Part(StrEnum):
    """The parts of the rule, each a pattern of its own."""

    AGAIN = "again"
    ONE_AFTER_ANOTHER = "one-after-another"
    WAY_ROUND = "way-round"
    ADDRESS = "address"
    MIRROR = "mirror"
    PORT = "port"


@dataclass(frozen=True, slots=True)
class Asked:
    """One request of a student's as the verdict log holds it; `reference` is how people cite it.

    `tunnel` says that it asked for a tunnel (CONNECT), of which no more is seen than the name.
    """

    at: datetime
    host: str
    port: int
    manner: str
    allowed: bool
    message: str
    category: str = ""
    reference: str = ""
    tunnel: bool = False


@dataclass(frozen=True, slots=True)
class AttemptRule:
    """The school's numbers. Each is how many acts within `window` a part takes; 0 leaves the part out.

    `round_about` are the categories of ways round the gate; those of `harmless` never count.
    """

    window: timedelta = timedelta(minutes=10)
    again: int = 4
    one_after_another: int = 4
    way_round: int = 2
    address: int = 3
    mirror: int = 2
    port: int = 2
    round_about: frozenset[str] = frozenset({"circumvention", "doh", "remote-control"})
    harmless: frozenset[str] = frozenset({"ads", "search", "shorteners", "infrastructure", "hosting"})


@dataclass(frozen=True, slots=True)
class Evidence:
    """What one part of the rule rests on: the acts of its window, oldest first."""

    part: Part
    asked: tuple[Asked, ...]


@dataclass(frozen=True, slots=True)
class Suspicion:
    """Something that a person who was there should look at. `evidence` has at least one entry."""

    evidence: tuple[Evidence, ...]

    @property
    def asked(self) -> tuple[Asked, ...]:
        """All acts of the evidence, each once, oldest first."""
        return tuple(sorted({one for each in self.evidence for one in each.asked}, key=_in_order))

    @property
    def since(self) -> datetime:
        """The first act."""
        return self.asked[0].at

    @property
    def until(self) -> datetime:
        """The last act."""
        return self.asked[-1].at


@dataclass(frozen=True, slots=True)
class _Act:
    """A page that a student opened by its address and was refused. `is_closed` says that it is known to be closed."""

    asked: Asked
    site: str
    is_closed: bool
    is_address: bool


CLOSED = frozenset(
    {Message.STATUTORY_CATEGORY, Message.STATE_REGISTER, Message.RULED_DENIED, Message.DENIED_FOR_LESSON}
)
"""What is known to be closed: by law, by the council, by the supervisor for this lesson."""

UNJUDGED = frozenset({Message.NOT_RULED_ON, Message.ADDRESS_LITERAL, Message.PORT_REFUSED, Message.OUTSIDE_SCENE})
"""Refusals that are no matter by themselves, but may belong to a pattern that is about something closed."""


def suspicion(
    asked: Iterable[Asked],
    rule: AttemptRule,
    *,
    at: datetime,
    judged: datetime | None = None,
    told: frozenset[str] = frozenset(),
) -> Suspicion | None:
    """What one student's requests of one lesson look like at an instant, or None.

    `asked` is in any order; what is later than `at` is not known yet. Everything up to `judged`, when a person judged
    this student last, is done with. `told` are hosts about which the student told an adult. All instants are aware.
    """
    known = sorted((one for one in asked if one.at <= at), key=_in_order)
    acts = [one for one in acts_of(known, rule, told) if judged is None or one.asked.at > judged]
    found = (Evidence(part, _pattern(part, acts, rule)) for part in Part)
    evidence = tuple(one for one in found if one.asked)
    return Suspicion(evidence) if evidence else None


def acts_of(known: Sequence[Asked], rule: AttemptRule, told: frozenset[str] = frozenset()) -> list[_Act]:
    """The refused pages that a student opened by their addresses, oldest first, from requests in order.

    What is one act is settled first, from what was opened alone; only then falls out what was led there or came
    together. So nothing that happens besides can make two acts of one, or put one in another's place.
    """
    opened = [one for one in known if _is_opened(one, known)]
    found = _each_once([act for one in opened if (act := _act(one, rule)) and not _is_told(one.host, told)])
    return [one for one in found if not _comes_together(one, opened) and not _is_led(one.asked, known, opened)]


def _each_once(acts: Iterable[_Act]) -> list[_Act]:
    """Acts without those that go on with the one before at the same door."""
    found: list[_Act] = []
    last: dict[tuple[str, int], datetime] = {}
    for one in acts:
        door, at = (one.site, one.asked.port), one.asked.at
        if door not in last or at - last[door] >= SAME_ACT:
            found.append(one)
            last[door] = at
    return found


def _in_order(one: Asked) -> tuple[datetime, str, int, str, str, str, str, bool, bool]:
    return one.at, one.host, one.port, one.manner, one.reference, one.message, one.category, one.allowed, one.tunnel


def _is_opened(one: Asked, known: Sequence[Asked]) -> bool:
    """Whether a person opened this; where the browser could not say so outright, its refusal stood in a tab, and what
    was asked of that door last was a document that no page led to."""
    if one.manner != Manner.SHOWN:
        return one.manner == Manner.VISIT
    since = one.at - SHOWN_WITHIN
    before = [
        each
        for each in known
        if since <= each.at <= one.at
        and (each.host, each.port, each.tunnel) == (one.host, one.port, False)
        and each.manner != Manner.SHOWN
    ]
    return bool(before) and before[-1].manner == Manner.PAGE


def _act(one: Asked, rule: AttemptRule) -> _Act | None:
    """A refused page as an act, unless it is of no matter whatever it belongs to."""
    if one.allowed or one.category in rule.harmless or one.message not in CLOSED | UNJUDGED:
        return None
    address = _address_of(one.host)
    if address is not None and any(address in network for network in OWN_NETWORKS):
        return None
    return _Act(one, site_of(one.host), one.message in CLOSED, address is not None)


def _address_of(host: str) -> IPv4Address | IPv6Address | None:
    """The address that stands in place of a name, if one does."""
    try:
        return ip_address(host.strip("[]"))
    except ValueError:
        return None


def site_of(host: str) -> str:
    """A host without what stands before the same site's name on telephones and by habit."""
    for before in ("www.", "m.", "mobile."):
        if host.startswith(before) and host.count(".") > 1:
            return host.removeprefix(before)
    return host


def _is_told(host: str, told: frozenset[str]) -> bool:
    return site_of(host) in {site_of(one) for one in told}


def _comes_together(act: _Act, opened: Sequence[Asked]) -> bool:
    """Whether pages of other sites were opened at the same moment: no hand is that quick, but a browser is."""
    at = act.asked.at
    return any(abs(one.at - at) <= TOGETHER and site_of(one.host) != act.site for one in opened)


def _is_led(act: Asked, known: Sequence[Asked], opened: Sequence[Asked]) -> bool:
    """Whether something that is allowed began to open just before and has led nowhere else, as an address that moved.

    A page over TLS begins with a tunnel, and what is inside nobody sees; so a tunnel may be one. Where the page itself
    took long to show, what led to it is given that time as well.
    """
    before = [one.at for one in opened if one.at < act.at]
    since = max([act.at - LED_WITHIN - 2 * _delay(act, known), *before[-1:]])
    return any(one.allowed and (one.manner or one.tunnel) and since <= one.at <= act.at for one in known)


def _delay(act: Asked, known: Sequence[Asked]) -> timedelta:
    """How long a page took from its tunnel until it was asked for, where that is long: an old PC, a weak line."""
    since = act.at - SHOWN_WITHIN
    tunnels = [one.at for one in known if one.tunnel and one.host == act.host and since <= one.at <= act.at]
    delay = act.at - max(tunnels) if tunnels else timedelta()
    return delay if delay >= SLOW else timedelta()


def _pattern(part: Part, acts: Sequence[_Act], rule: AttemptRule) -> tuple[Asked, ...]:
    """The acts of the first window in which a part is met, with all later ones that belong to it; none if never."""
    wanted = getattr(rule, part.replace("-", "_"))
    if wanted <= 0:
        return ()
    for end in range(len(acts)):
        within = [one for one in acts[: end + 1] if acts[end].asked.at - one.asked.at <= rule.window]
        met = _PATTERNS[part](within, wanted, rule)
        if met:
            later = [one for one in acts[end + 1 :] if one.asked.at - acts[end].asked.at <= rule.window]
            more = _PATTERNS[part]([*within, *later], wanted, rule)
            return tuple(one.asked for one in more or met)
    return ()


def _again(acts: Sequence[_Act], wanted: int, _rule: AttemptRule) -> list[_Act]:
    """The same closed site again and again."""
    of_site: dict[str, list[_Act]] = {}
    for one in acts:
        if one.is_closed:
            of_site.setdefault(one.site, []).append(one)
    return [one for one in acts if one.is_closed and len(of_site[one.site]) >= wanted]


def _one_after_another(acts: Sequence[_Act], wanted: int, _rule: AttemptRule) -> list[_Act]:
    """Different closed sites one after another."""
    closed = [one for one in acts if one.is_closed]
    return closed if len({one.site for one in closed}) >= wanted else []


def _way_round(acts: Sequence[_Act], wanted: int, rule: AttemptRule) -> list[_Act]:
    """Different sites that offer a way round the gate."""
    found = [one for one in acts if one.is_closed and one.asked.category in rule.round_about]
    return found if len({one.site for one in found}) >= wanted else []


def _address(acts: Sequence[_Act], wanted: int, _rule: AttemptRule) -> list[_Act]:
    """Bare addresses in place of names."""
    found = [one for one in acts if one.is_address]
    return found if len(found) >= wanted else []


def _mirror(acts: Sequence[_Act], wanted: int, _rule: AttemptRule) -> list[_Act]:
    """Names that stand for a site which was refused as closed before."""
    for base in acts:
        if not base.is_closed or base.is_address:
            continue
        likes = [one for one in acts if one.asked.at > base.asked.at and is_mirror(one.site, base.site)]
        if len({one.site for one in likes}) >= wanted:
            return [base, *likes]
    return []


def is_mirror(site: str, of: str) -> bool:
    """Whether a site's name is another's with little added, or holds it whole, as ways round write it."""
    if site == of or site.endswith(f".{of}"):
        return False
    if of.replace(".", "-") in site.replace(".", "-"):
        return True
    telling = max(of.split(".")[:-1] or [of], key=len)
    if not SHORTEST_TELLING <= len(telling) <= LONGEST_LABEL:
        return False
    return any(telling in label and _is_little(label.replace(telling, "", 1)) for label in site.split("."))


def _is_little(rest: str) -> bool:
    """Whether what a name has besides is a number, a letter or two, or a word for mirror."""
    rest = rest.replace("-", "")
    return len(rest) <= 2 or rest.isdecimal() or rest.rstrip("0123456789") in MIRROR_WORDS


def _port(acts: Sequence[_Act], wanted: int, _rule: AttemptRule) -> list[_Act]:
    """A closed site by ports that are not the usual ones."""
    closed = [one for one in acts if one.is_closed]
    doors = {one.site: set[int]() for one in closed}
    for one in closed:
        if one.asked.port not in TYPICAL_PORTS:
            doors[one.site].add(one.asked.port)
    return [one for one in closed if len(doors[one.site]) >= wanted]


_PATTERNS: dict[Part, Callable[[Sequence[_Act], int, AttemptRule], list[_Act]]] = {
    Part.AGAIN: _again,
    Part.ONE_AFTER_ANOTHER: _one_after_another,
    Part.WAY_ROUND: _way_round,
    Part.ADDRESS: _address,
    Part.MIRROR: _mirror,
    Part.PORT: _port,
}
