"""The rules that follow from a layout. Pure: equal layouts give equal text.

The order carries the meaning. *guard* sees a packet before anything else does and drops what no honest device sends:
another network's address, another device's, fragments, protocols beside TCP, UDP and ICMP, IPv6. *redirect* leads web
and names to this box. *input* lets a device reach only the services that are meant for it, and *forward* nothing at
all, save for ports that the layout opens to whoever holds a grant. A grant is a pair of MAC and address in a set, with
a time after which the kernel forgets it. It is tested for every packet, never only for a connection's first: so nothing
asks whether a connection is established before it has asked whether its device may still pass.
"""

from collections.abc import Iterator

from darbaza.engines.base import Rendered
from darbaza.engines.nftables.layout import GateLayout, Limits, Mode, Segment, used
from darbaza.engines.nftables.rules import Chain, NamedSet, Rule, Table, names, numbers

RULESET = "gate.nft"

NAME = "darbaza"
"""The name of our table in each family."""

MARK = "0x64617262"
"""What a bridge marks frames from the school's side with, so that the rules for packets know them."""

PAIR, ADDRESS = ("ether_addr", "ipv4_addr"), ("ipv4_addr",)
STUDENTS, STAFF = "students", "staff"
GROUPS = (STUDENTS, STAFF)

DOORS = (
    "six", "fragments", "options", "spoofed", "stolen", "protocols", "invalid", "rate", "crowd", "quic", "dot", "vpn",
    "clock", "ping", "other_tcp", "other_udp", "apart", "inside", "ended", "chatter", "stray",
)  # fmt: skip
"""What packets are counted by where they are refused."""

EARLIEST, MANGLE, REDIRECT, MASQUERADE = -450, -150, -100, 100
"""Priorities: before the kernel joins fragments, after it knows the connection, and its own two for translation."""

DEVICE = "ether saddr . ip saddr"
CLOSING_SECONDS = 5
"""How long a connection whose grant ended is silent before the packet filter closes the box's end of it by itself.

A reset towards the box's own socket leaves the client without a word. So whoever knows that socket comes first: the
agent dissolves it within milliseconds, and the client hears of it (`engines/squid/sockets.py`). Seconds and not
packets: a download that trickles sends many within the half second that an agent on a busy machine may take.
"""

EVENT_SECONDS = 60
EVENTS_PER_MINUTE = 60
"""How many different things one device is written down for; what goes beyond is one line that says so."""

ENOUGH = "enough was written down, but that there was more"


def render(layout: GateLayout) -> Rendered:
    """The whole ruleset as the one file that nft reads."""
    return Rendered(RULESET, {RULESET: text_of(tables(layout))})


def tables(layout: GateLayout) -> tuple[Table, ...]:
    """The tables of a layout, by family."""
    made = [_inet(layout), _arp(layout)]
    if layout.mode is Mode.BRIDGE:
        made.append(_bridge(layout))
    return tuple(made)


def closed() -> tuple[Table, ...]:
    """What stands until a layout's rules are verified: this box talks to itself and hears answers, nothing passes.

    Grants have a place here too, which no rule asks, so that they outlive a gatekeeper that dies while it starts.
    """
    answers = Rule("ct direction reply ct state established,related accept", "answers to the box itself")
    inet = (
        Chain("input", (LOOPBACK, answers), hook="input", policy="drop"),
        Chain("forward", hook="forward", policy="drop"),
    )
    return (
        Table("inet", NAME, inet, grant_sets("inet", Limits().devices)),
        Table("bridge", NAME, (Chain("forward", hook="forward", policy="drop"),)),
    )


def text_of(made: tuple[Table, ...]) -> str:
    """The tables in one file, which nft loads whole or not at all."""
    return "\n".join(map(str, made)) + "\n"


def grant_sets(family: str, size: int) -> tuple[NamedSet, ...]:
    """The sets that hold grants in a family: pairs, and their addresses alone for packets towards a device."""
    groups = GROUPS if family == "inet" else ("granted",)
    pairs = [NamedSet(group, PAIR, ("timeout",), size) for group in groups]
    return (*pairs, *(NamedSet(f"{group}_addresses", ADDRESS, ("timeout",), size) for group in groups))


LOOPBACK = Rule('iifname "lo" accept', "the box talks to itself")


class _Where:
    """How the rules of a mode tell where a packet comes from and goes to."""

    def __init__(self, layout: GateLayout) -> None:
        interfaces = tuple(segment.interface for segment in layout.segments)
        networks = [segment.network for segment in layout.segments]
        self.school = numbers(*networks)
        if layout.mode is Mode.BRIDGE:
            self.inside, self.outside = (f'iifname "{interfaces[0]}" meta mark {sign}{MARK}' for sign in ("", "!= "))
            self.outward, self.homeward = (f'oifname "{interfaces[0]}" ip daddr {s}{self.school}' for s in ("!= ", ""))
        elif layout.mode is Mode.ROUTER:
            self.inside, self.outside = f"iifname {names(interfaces)}", f'iifname "{layout.wan}"'
            self.outward, self.homeward = f'oifname "{layout.wan}"', f"oifname {names(interfaces)}"
        else:
            self.inside = f"iifname {names(interfaces)} ip saddr {self.school}"
            self.outside = f"iifname {names(interfaces)}"
            self.outward = self.homeward = ""


def _inet(layout: GateLayout) -> Table:
    where = _Where(layout)
    chains = (
        *_guard(layout, where),
        *_crowds(layout, where),
        *_redirect(layout, where),
        *_input(layout, where),
        *_forward(layout, where),
        *_output(layout, where),
        *_ends(),
    )
    size = layout.limits.devices
    return Table("inet", NAME, chains, (*grant_sets("inet", size), *_memory(size)), DOORS)


def _memory(size: int) -> tuple[NamedSet, ...]:
    """What the rules themselves write down: how much each device does, and what was refused to whom."""
    return (
        NamedSet("newcomers", ADDRESS, ("dynamic", "timeout"), size, 10),
        NamedSet("crowds", ADDRESS, ("dynamic",), size),
        NamedSet("lingering", (*ADDRESS, "inet_service"), EVENTS, 4 * size, EVENT_SECONDS),
        NamedSet("closing", (*ADDRESS, "inet_service"), EVENTS, 4 * size, CLOSING_SECONDS),
        NamedSet("talkers", ADDRESS, ("dynamic", "timeout"), size, EVENT_SECONDS),
        NamedSet("talkers_six", ("ether_addr",), ("dynamic", "timeout"), size, EVENT_SECONDS),
        NamedSet("refused", (*PAIR, "inet_proto", "inet_service", "ipv4_addr"), EVENTS, 2 * size, EVENT_SECONDS),
        NamedSet("refused_protocols", (*PAIR, "inet_proto", "ipv4_addr"), EVENTS, size, EVENT_SECONDS),
        NamedSet("refused_six", ("ether_addr", "inet_proto", "ipv6_addr"), EVENTS, size, EVENT_SECONDS),
        NamedSet("refused_more", (*PAIR, "inet_proto"), EVENTS, size, EVENT_SECONDS),
        NamedSet("refused_more_six", ("ether_addr", "inet_proto"), EVENTS, size, EVENT_SECONDS),
        NamedSet("impostors", PAIR, EVENTS, size, EVENT_SECONDS),
    )


EVENTS = ("dynamic", "timeout")


def _guard(layout: GateLayout, where: _Where) -> Iterator[Chain]:
    six = f"iifname {names(tuple(segment.interface for segment in layout.segments))} meta nfproto ipv6"
    asked, more = "ether saddr . meta l4proto . ip6 daddr", "@refused_more_six { ether saddr . meta l4proto }"
    begin = (
        Rule(f"{six} goto six", "no IPv6 from the school"),
        Rule(f"{where.inside} jump from_school", "what no honest device sends"),
    )
    yield Chain("guard", begin, hook="prerouting", priority=EARLIEST, policy="accept")
    yield Chain("from_school", (*_honest(layout), *_owners()))
    yield Chain(
        "six",
        (
            Rule("meta pkttype != host counter name chatter drop", "every system chatters"),
            Rule("counter name six", "count"),
            Rule(f"{asked} @refused_six drop", "stands there"),
            Rule(f"{_enough('talkers_six', 'ether saddr', more)} drop", ENOUGH),
            Rule(f"add @refused_six {{ {asked} }}", "write down"),
            Rule("drop", "no IPv6"),
        ),
    )
    yield Chain(
        "impostor",
        (
            Rule(f"add @impostors {{ {DEVICE} }}", "write down"),
            Rule("drop", "nobody's or somebody else's address"),
        ),
    )


def _honest(layout: GateLayout) -> Iterator[Rule]:
    yield Rule("meta pkttype != host udp sport 68 udp dport 67 return", "asks for an address")
    yield Rule("meta pkttype != host counter name chatter drop", "every system chatters")
    yield Rule("ip frag-off & 0x3fff != 0 counter name fragments goto whole", "fragments hide ports")
    yield Rule("ip hdrlength != 5 counter name options goto whole", "options choose another way")
    if layout.forwards:
        for segment in layout.segments:
            yield from _own_network(segment)
    yield Rule(
        "meta l4proto != { icmp, tcp, udp } counter name protocols goto silently", "tunnels: GRE, ESP, SCTP, 6in4"
    )


def _own_network(segment: Segment) -> Iterator[Rule]:
    here = f'iifname "{segment.interface}" ip saddr'
    yield Rule(f"{here} != {segment.network} counter name spoofed goto impostor", "an address of elsewhere")
    ends = numbers(segment.network.network_address, segment.box, segment.network.broadcast_address)
    yield Rule(f"{here} {ends} counter name spoofed goto impostor", "nobody's address, or the box's own")


def _owners() -> Iterator[Rule]:
    for group in GROUPS:
        stolen = f"ip saddr @{group}_addresses {DEVICE} != @{group}"
        yield Rule(f"{stolen} counter name stolen goto impostor", "granted to another card")


def _enough(talkers: str, key: str, more: str) -> str:
    """Matches a device that has been written down often enough for this minute, and adds to `more` that it went on.

    Only what is new may come here, or a program that tries one thing again and again would use up the rest.
    """
    rate = f"limit rate over {EVENTS_PER_MINUTE}/minute burst {EVENTS_PER_MINUTE} packets"
    return f"update @{talkers} {{ {key} {rate} }} add {more}"


def _ends() -> Iterator[Chain]:
    """Refused at once and aloud, so that a program falls back in place of waiting; or silently; written down both."""
    enough = _enough("talkers", "ip saddr", f"@refused_more {{ {DEVICE} . meta l4proto }}")
    limited, silenced = Rule(f"{enough} return", ENOUGH), Rule(f"{enough} drop", ENOUGH)
    asked, other = f"{DEVICE} . meta l4proto . th dport . ip daddr", f"{DEVICE} . meta l4proto . ip daddr"
    ported, portless = "meta l4proto { tcp, udp }", "meta l4proto != { tcp, udp }"
    known = (
        Rule(f"{ported} {asked} @refused return", "stands there"),
        Rule(f"{portless} {other} @refused_protocols return", "stands there"),
    )
    written = (
        Rule(f"{ported} add @refused {{ {asked} }}", "write down"),
        Rule(f"{portless} add @refused_protocols {{ {other} }}", "write down"),
    )
    note, mute = Rule("jump note", "for the log"), Rule("drop", "no answer")
    stands = Rule(f"{other} @refused_protocols drop", "stands there")
    yield Chain("note", (*known, limited, *written))
    yield Chain("silently", (note, mute))
    whole = Rule(f"add @refused_protocols {{ {other} }}", "write down, without a port")
    yield Chain("whole", (stands, silenced, whole, mute))
    reset = Rule("meta l4proto tcp reject with tcp reset", "at once")
    yield Chain("aloud", (note, reset, Rule("reject with icmp port-unreachable", "at once")))


def _crowds(layout: GateLayout, where: _Where) -> Iterator[Chain]:
    limits = layout.limits
    rate = f"limit rate over {limits.new_per_second}/second burst {limits.burst} packets"
    yield Chain(
        "flows",
        (Rule(f"{where.inside} jump crowd", "how much one device does"),),
        hook="prerouting",
        priority=MANGLE,
        policy="accept",
    )
    yield Chain(
        "crowd",
        (
            Rule("ct state invalid counter name invalid drop", "belongs to nothing"),
            Rule("ct state != new return", "only beginnings count"),
            Rule(f"update @newcomers {{ ip saddr {rate} }} counter name rate drop", "too many beginnings"),
            Rule(
                f"meta l4proto tcp add @crowds {{ ip saddr ct count over {limits.connections} }} "
                "counter name crowd drop",
                "too many at once",
            ),
        ),
    )


def _redirect(layout: GateLayout, where: _Where) -> Iterator[Chain]:
    rules = (Rule(f"{where.inside} meta nfproto ipv4 jump lead", "names and the web are answered here"),)
    yield Chain("arrivals", rules, kind="nat", hook="prerouting", priority=REDIRECT, policy="accept")
    yield Chain("lead", tuple(_to_services(layout)))
    ports = layout.ports
    if layout.forwards:
        yield Chain("judged", tuple(_led({80: ports.intercept_http, 443: ports.intercept_tls}, "judged page by page")))
        school = Rule(f"ip saddr {where.school} {where.outward} masquerade", "answers come back to the box")
        yield Chain("departures", (school,), kind="nat", hook="postrouting", priority=MASQUERADE, policy="accept")


def _to_services(layout: GateLayout) -> Iterator[Rule]:
    ports = layout.ports
    own = numbers(*(segment.box for segment in layout.segments))
    elsewhere = f"ip daddr != {own}"
    if ports.dns:
        asked = "meta l4proto { tcp, udp } th dport 53"
        yield Rule(f"{elsewhere} {asked} jump note", "asks somebody else for names: write down")
        yield Rule(f"{asked} redirect to :{ports.dns}", "names only from here")
    if ports.ntp:
        yield Rule(f"udp dport 123 redirect to :{ports.ntp}", "the time only from here")
    for rule in _led({80: ports.portal_http, 443: ports.portal_tls}, "portal"):
        yield Rule(f"ip daddr {own} {rule.text}", rule.why)
    if layout.forwards:
        for group in GROUPS:
            yield Rule(f"{DEVICE} @{group} goto judged", f"granted: {group}")
        yield from _led({80: ports.captive_http, 443: ports.captive_tls}, "nobody signed in: captive page")
    if ports.proxy and ports.captive_proxy:
        for group in GROUPS:
            yield Rule(f"{DEVICE} @{group} return", f"granted: {group}")
        yield Rule(f"ip daddr {own} tcp dport {ports.proxy} redirect to :{ports.captive_proxy}", "captive page")


def _led(ways: dict[int, int], why: str) -> Iterator[Rule]:
    """From a well-known port to the service for it, where it is run."""
    for port, service in ways.items():
        if service:
            yield Rule(f"tcp dport {port} redirect to :{service}", why)


def _input(layout: GateLayout, where: _Where) -> Iterator[Chain]:
    answers = Rule(f"{where.outside} ct direction reply ct state established,related accept", "answers to the box")
    rules = [LOOPBACK, Rule(f"{where.inside} goto to_box", "a device of the school"), answers]
    if layout.forwards:
        rules.append(Rule(f"{where.outside} icmp type echo-request limit rate 10/second accept", "the box is there"))
        neighbours = "icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert }"
        rules.append(Rule(f"{where.outside} {neighbours} accept", "the box's own line"))
    else:
        rules.append(Rule(f"{where.outside} udp sport 68 udp dport 67 accept", "asks for an address"))
    rules.append(Rule("counter name stray", "count"))
    yield Chain("input", tuple(rules), hook="input", policy="drop")
    yield Chain("to_box", tuple(_services(layout)))


def _services(layout: GateLayout) -> Iterator[Rule]:
    ports = layout.ports
    yield Rule("udp sport 68 udp dport 67 accept", "addresses")
    if ports.granted:
        yield from _proxy(layout)
    captive = used(ports.captive_http, ports.captive_tls, ports.captive_proxy)
    if captive:
        yield Rule(f"tcp dport {numbers(*captive)} ct status dnat accept", "captive page, only where it is led to")
    if ports.dns:
        yield Rule(f"meta l4proto {{ tcp, udp }} th dport {ports.dns} accept", "names")
    if ports.ntp:
        yield Rule(f"udp dport {ports.ntp} accept", "the time")
    public = used(ports.portal_http, ports.portal_tls, *ports.public)
    if public:
        yield Rule(f"tcp dport {numbers(*public)} accept", "portal")
    yield from _management(layout)
    yield Rule("icmp type echo-request limit rate 50/second accept", "the box is there")
    yield Rule("ct direction reply ct state established,related accept", "answers to the box")
    yield Rule("counter name inside goto aloud", "no service")


def _proxy(layout: GateLayout) -> Iterator[Rule]:
    """Before anything asks for the state of a connection: whoever lost the grant loses the connection."""
    ports = layout.ports
    for group in GROUPS:
        if ports.proxy:
            yield Rule(f"{DEVICE} @{group} tcp dport {ports.proxy} accept", f"granted: {group}")
        led = used(ports.intercept_http, ports.intercept_tls)
        if led and layout.forwards:
            yield Rule(f"{DEVICE} @{group} tcp dport {numbers(*led)} ct status dnat accept", f"granted: {group}")
    served = f"tcp dport {numbers(*ports.granted)}"
    yield Rule(f"{served} ct state new counter name ended goto aloud", "no grant")
    yield Rule(f"{served} counter name ended reject with tcp reset", "no grant any more")


def _management(layout: GateLayout) -> Iterator[Rule]:
    managing = [segment for segment in layout.segments if segment.manages]
    if managing and layout.ports.management:
        networks, ports = numbers(*(s.network for s in managing)), numbers(*layout.ports.management)
        yield Rule(f"ip saddr {networks} tcp dport {ports} accept", "management")


def _forward(layout: GateLayout, where: _Where) -> Iterator[Chain]:
    if not layout.forwards:
        refuse = Rule(f"{where.inside} goto refuse", "this box passes nothing on")
        yield Chain("forward", (refuse,), hook="forward", policy="drop")
        yield from _refusals()
        return
    rules = (
        Rule(f"{where.inside} {where.homeward} goto apart", "rooms do not meet"),
        Rule(f"{where.inside} {where.outward} goto outward", "from the school"),
        Rule(f"{where.outside} {where.homeward} goto homeward", "to the school"),
        Rule("counter name stray", "count"),
    )
    yield Chain("forward", rules, hook="forward", policy="drop")
    yield Chain("apart", (Rule("counter name apart goto aloud", "from device to device"),))
    yield Chain("outward", (*_opened(layout), Rule("goto refuse", "no other way out")))
    yield Chain("homeward", tuple(_answers(layout)))
    yield from _refusals()


def _opened(layout: GateLayout) -> Iterator[Rule]:
    for group, protocol, ports in _forwarded(layout):
        yield Rule(f"{DEVICE} @{group} {protocol} dport {numbers(*ports)} accept", f"granted: {group}")


def _answers(layout: GateLayout) -> Iterator[Rule]:
    for group in sorted({group for group, _, _ in _forwarded(layout)}):
        state = "ct direction reply ct state established,related"
        yield Rule(f"ip daddr @{group}_addresses {state} accept", f"answers: {group}")
    if layout.student_tcp or layout.staff_tcp:
        ended = "ct direction reply ct state established tcp flags & rst == 0"
        yield Rule(f"{ended} counter name ended reject with tcp reset", "the grant ended: the site closes too")
    yield Rule("counter name stray", "count")


def _forwarded(layout: GateLayout) -> Iterator[tuple[str, str, tuple[int, ...]]]:
    ways = ((STUDENTS, "tcp", layout.student_tcp), (STAFF, "tcp", layout.staff_tcp), (STAFF, "udp", layout.staff_udp))
    return ((group, protocol, used(*ports)) for group, protocol, ports in ways if ports)


def _refusals() -> Iterator[Chain]:
    yield Chain(
        "refuse",
        (
            Rule("udp dport { 80, 443 } counter name quic goto aloud", "QUIC: browsers fall back to TCP"),
            Rule("udp dport { 784, 853, 8853 } counter name dot goto aloud", "DNS over QUIC"),
            Rule("tcp dport 853 counter name dot goto aloud", "DNS over TLS"),
            Rule("udp dport { 500, 1194, 1701, 4500, 51820 } counter name vpn goto aloud", "tunnels"),
            Rule("tcp dport { 1194, 1723 } counter name vpn goto aloud", "tunnels"),
            Rule("udp dport 123 counter name clock goto aloud", "other clocks"),
            Rule("meta l4proto icmp counter name ping goto silently", "tunnels in pings"),
            Rule("meta l4proto tcp counter name other_tcp goto aloud", "any other port"),
            Rule("counter name other_udp goto aloud", "any other port"),
        ),
    )


def _output(layout: GateLayout, where: _Where) -> Iterator[Chain]:
    if not layout.ports.granted:
        return
    ended = " ".join(f"ip daddr != @{group}_addresses" for group in GROUPS)
    what = f"ip daddr {where.school} tcp sport {numbers(*layout.ports.granted)} tcp flags & rst == 0 {ended}"
    client, closed = "ip daddr . tcp dport", "reject with tcp reset"
    noted = f"add @lingering {{ {client} }} add @closing {{ {client} }}"
    rules = (
        Rule(f"{what} {client} @closing counter name ended drop", "the agent resets both ends"),
        Rule(f"{what} {client} @lingering counter name ended {closed}", "nobody did: the box's end closes"),
        Rule(f"{what} {noted} counter name ended drop", "the grant ended"),
    )
    yield Chain("output", rules, hook="output", policy="accept")


def _arp(layout: GateLayout) -> Table:
    """Nobody takes over the box's address, or a granted one, in the box's own memory of its neighbours."""
    own = numbers(*(segment.box for segment in layout.segments))
    interfaces = names(tuple(segment.interface for segment in layout.segments))
    rules = (Rule(f"iifname {interfaces} jump claims", "who says which address is theirs"),)
    chains = (Chain("input", rules, hook="input", policy="accept"), _claims(f"arp saddr ip {own}"))
    size = layout.limits.devices
    return Table("arp", NAME, chains, (*grant_sets("arp", size), _claimants(size)), ("claimed",))


def _claimants(size: int) -> NamedSet:
    return NamedSet("impostors", PAIR, EVENTS, size, EVENT_SECONDS)


def _claims(false: str) -> Chain:
    pair = "arp saddr ether . arp saddr ip"
    add = f"counter name claimed add @impostors {{ {pair} }}"
    return Chain(
        "claims",
        (
            Rule(f"{false} {add}", "says it is the gate: write down"),
            Rule(f"{false} drop", "says it is the gate"),
            Rule(f"arp saddr ip @granted_addresses {pair} != @granted {add}", "granted to another card: write down"),
            Rule(f"arp saddr ip @granted_addresses {pair} != @granted drop", "granted to another card"),
        ),
    )


def _bridge(layout: GateLayout) -> Table:
    """A bridge hands every packet of the school to the rules above, and passes on only what addresses need."""
    (segment,) = layout.segments
    school, router = names(layout.bridge_ports), f'"{layout.wan}"'
    pulled = f"ether type ip meta pkttype other ether daddr set {layout.bridge_mac} meta pkttype set host"
    guarded, asked = numbers(segment.box, layout.gateway), f"ip daddr {numbers('255.255.255.255', layout.gateway)}"
    chains = (
        Chain(
            "arrivals",
            (Rule(f"iifname {school} jump from_school", "the school's side"),),
            hook="prerouting",
            priority=-300,
            policy="accept",
        ),
        Chain(
            "from_school",
            (
                Rule(f"meta mark set {MARK}", "known to the rules for packets"),
                Rule("ether type vlan drop", "no second floor"),
                Rule("ether type arp jump claims", "who says which address is theirs"),
                Rule("ether type ip udp sport 67 counter name rogue drop", "a stranger gives out addresses"),
                Rule("ether type ip6 icmpv6 type { nd-router-advert, 137 } counter name rogue drop", "a false router"),
                Rule(f"ip daddr {layout.gateway} udp sport 68 udp dport 67 return", "addresses"),
                Rule(pulled, "through the rules for packets"),
            ),
        ),
        Chain(
            "forward",
            (
                Rule(f"iifname {school} oifname {school} counter name apart drop", "neighbours do not meet"),
                Rule(f"iifname {school} oifname {router} ether type arp accept", "addresses"),
                Rule(f"iifname {router} oifname {school} ether type arp accept", "addresses"),
                Rule(f"iifname {school} oifname {router} {asked} udp sport 68 udp dport 67 accept", "addresses"),
                Rule(f"iifname {router} oifname {school} udp sport 67 udp dport 68 accept", "addresses"),
            ),
            hook="forward",
            policy="drop",
        ),
        _claims(f"arp saddr ip {guarded}"),
    )
    size = layout.limits.devices
    return Table("bridge", NAME, chains, (*grant_sets("bridge", size), _claimants(size)), ("claimed", "rogue", "apart"))
