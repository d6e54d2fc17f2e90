"""A judge that keeps verdicts says and logs what one says that keeps nothing, for every world, line and instant."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from random import Random

from hypothesis import event, given, settings
from hypothesis import strategies as st

from darbaza.engines.squid import judge as judge_module
from darbaza.engines.squid.judge import Judge, other_readings
from darbaza.engines.squid.world import World, make_world
from darbaza.policy.decide import decide
from darbaza.policy.names import normal_path, wire_host
from darbaza.policy.request import AccessRequest, Attribution, SupervisedSession
from darbaza.policy.resource import Listing, Resource, Target
from darbaza.policy.rulebook import (
    Device,
    LessonException,
    Room,
    Rulebook,
    StatutoryCategory,
    StatutoryEntry,
    StatutoryScope,
    UserKind,
)
from darbaza.policy.verdict import REGULATION, Ground, GroundKind
from darbaza.snapshot.presence import Binding, Presence, stranger
from darbaza.snapshot.spool import EPOCH, format_what
from tests.policy import strategies as some

ROOMS = ("cabinet-1", "cabinet-2")
DEVICES = {f"127.0.1.{number}": ROOMS[number % 2] for number in range(1, 7)}
LISTS = {"b.test": ("gambling",), "x.a.test": ("games", "education"), "test": ("downloads",), "y.a.test": ("porn",)}
PAGES = {"b.test": {"/p": "porn"}, "nobody.test": {"/q": "porn"}}
HOSTS = [host for host in some.HOSTS if host] + some.ADDRESSES[:1] + ["A.test", "nobody.test", "unread%00able", "192.1"]
PATHS = ["-", "-", "/", "/p", "/p?q=1", "/p/q", "/P/f.ZIP", "/f.zip?q", "/f.zip%23x", "/q%23/p", "/%zz"]
ADDRESSES = [*DEVICES, "127.0.9.9", "127.0.9.8", "junk"]
WAYS = ["GET http 80 - - -", "GET http 80 - -", "GET http 80 page - -", "GET http 80 shown shown -",
        "CONNECT - 443 - - AAAA", "CONNECT - 443 - -", "CONNECT - 443 - intercepted -",
        "CONNECT - 22 - - -", "GET http 81 - - -",
        "GET http 80 - private -", "GET https 443 visit shown -", "GET http 80 - captive -", "junk"]  # fmt: skip


class Catalogue:
    """What lists say, by the same rule as the database: a name's parents count, and so do listed pages."""

    def listings(self, host: str, path: str = "") -> tuple[Listing, ...]:
        found = [Listing(category, "list-1", name) for name in above(host) for category in LISTS.get(name, ())]
        pages = [(name, page, category) for name in above(host) for page, category in PAGES.get(name, {}).items()]
        found += [Listing(category, "list-1", name + page) for name, page, category in pages if path.startswith(page)]
        return tuple(found)

    def has_pages(self, host: str) -> bool:
        return any(name in PAGES for name in above(host))


def above(host: str) -> list[str]:
    labels = host.split(".")
    return [".".join(labels[at:]) for at in range(len(labels))]


@dataclass
class Log:
    """Takes events as a spool's writer does."""

    first_reference: int = 7
    n: int = 0
    events: list[str] = field(default_factory=list)

    def add_all(self, bodies: Sequence[str]) -> None:
        self.n += len(bodies)
        self.events += bodies


@st.composite
def worlds(draw: st.DrawFn) -> World:
    """Any rulebook; a lesson in each of two rooms, one of them sound, and somebody at most devices."""
    rulebook: Rulebook = draw(some.rulebooks)
    sound, exception = draw(some.open_lessons)
    odd: SupervisedSession = replace(draw(some.sessions), id="L-2", room="cabinet-2")
    people = draw(st.lists(st.sampled_from(some.PERSONS), min_size=len(DEVICES), max_size=len(DEVICES)))
    groups = draw(st.lists(st.sampled_from(some.ANY_USER_CATEGORY), min_size=len(DEVICES), max_size=len(DEVICES)))
    bindings = tuple(
        Binding(device=device, person=person, category=group, attribution=Attribution.SIGN_IN, since=some.NINE,
                session="L-1" if room == "cabinet-1" else "L-2")
        for (device, room), person, group in zip(DEVICES.items(), people, groups, strict=True)
        if person
    )  # fmt: skip
    devices = tuple(
        Device(address, room, UserKind.STUDENT, trusts=address.endswith("4")) for address, room in DEVICES.items()
    )
    exceptions: tuple[LessonException, ...] = (exception, *(e for e in rulebook.exceptions if e.id != exception.id))
    closed = StatutoryCategory("porn", StatutoryScope.EVERYBODY, "3.3", REGULATION)
    rulebook = replace(
        rulebook,
        devices=devices,
        rooms=(Room("cabinet-1", REGULATION), *rulebook.rooms),
        statutory=draw(st.sampled_from([(closed,), rulebook.statutory])),
    )
    return make_world(
        replace(rulebook, exceptions=exceptions), Presence(1, 1, some.NINE, (sound, odd), bindings), Catalogue()
    )


def batches(pick: Random) -> Iterator[tuple[list[str], timedelta]]:
    """What is asked, and how much later than the batch before: sometimes earlier, as clocks are set."""
    for _ in range(6):
        yield [line(pick) for _ in range(40)], timedelta(seconds=pick.choice([-60, 0, 0, 1, 59, 300, 1200]))


def line(pick: Random) -> str:
    host = pick.choice(HOSTS)
    sni = pick.choice([host, host, "-", "b.test"])
    return f"{pick.randrange(99)} {pick.choice(ADDRESSES)} {host} {pick.choice(PATHS)} {sni} {pick.choice(WAYS)}"


def said(judge: Judge, asked: Sequence[str], at: datetime, log: Log) -> list[str]:
    return judge.answers(asked, at, (at - EPOCH) // timedelta(microseconds=1), log)  # type: ignore[arg-type]


@given(worlds(), st.randoms(use_true_random=True))
@settings(max_examples=200, deadline=None)
def test_kept_verdicts_are_the_verdicts_of_decide(world, pick):
    judge, kept, fresh, at = Judge(world, (80,), (443,)), Log(), Log(), some.NINE - timedelta(minutes=1)
    for batch, seconds in batches(pick):
        at += seconds  # sometimes back, as clocks are set
        answers = said(judge, batch, at, kept)
        event(f"kept {min(judge._kept_count, 3)}")
        assert answers == [said(Judge(world, (80,), (443,)), [line], at, fresh)[0] for line in batch]
        assert kept.events == fresh.events


@given(worlds(), st.randoms(use_true_random=True))
@settings(max_examples=100, deadline=None)
def test_a_plain_request_gets_what_decide_says(world, pick):
    judge, log, at = Judge(world, (80,), (443,)), Log(), some.NINE
    for batch, seconds in batches(pick):
        at += seconds
        for asked in batch:
            logged = len(log.events)
            _, address, host, path, _, way = asked.split(" ", 5)
            plain = way == "GET http 80 - - -" and "%" not in host + path and address != "junk"
            said(judge, [asked], at, log)
            if plain:
                assert by_decide(world, address, host, path, at) in {log.events[logged].split("\t", 8)[8], None}


def by_decide(world: World, address: str, host: str, path: str, at: datetime) -> str | None:
    """What the log should say, or None for an address that is allowed, which only Squid's helper refuses."""
    place, path = wire_host(host), "" if path == "-" else normal_path(path.partition("?")[0])
    asker = world.devices[address].asker if address in world.devices else stranger(address)
    resource = Resource(place.name, path, place.is_address, world.catalogue.listings(place.name, path))
    verdict = decide(AccessRequest(asker, resource, at), world.rulebook)
    return None if verdict.allows and place.is_address else format_what(verdict, world.revision, world.epoch)


@given(worlds(), st.randoms(use_true_random=True))
@settings(max_examples=30, deadline=None)
def test_full_tables_forget_and_go_on(world, pick):
    limits = judge_module.MAX_KEPT, judge_module.MAX_VERDICTS
    judge_module.MAX_KEPT, judge_module.MAX_VERDICTS = 3, 5
    try:
        judge, few, fresh = Judge(world, (80,), (443,)), Log(), Log()
        for batch, _ in batches(pick):
            answers = said(judge, batch, some.NINE, few)
            assert judge._kept_count <= 5
            assert len(judge._places) <= 3
            assert answers == [said(Judge(world, (80,), (443,)), [line], some.NINE, fresh)[0] for line in batch]
    finally:
        judge_module.MAX_KEPT, judge_module.MAX_VERDICTS = limits


def test_strangers_displace_nobody_and_paths_no_tunnel():
    """However many devices and pages pass by, a known device stays known, and a tunnel has no path."""
    at = datetime(2026, 9, 7, 3, 10, tzinfo=UTC)
    session = SupervisedSession("L-1", "cabinet-1", "aida", some.NINE, some.STEPS[-1], some.STEPS[-1], exception="e-9")
    book = Rulebook(1, "", "", devices=tuple(Device(address, room) for address, room in DEVICES.items()))
    judge = Judge(make_world(book, Presence(1, 1, at, (session,)), Catalogue()), (80,), (443,))
    known = next(address for address, room in DEVICES.items() if room == "cabinet-1")
    tunnel = f"1 {known} a.test - a.test CONNECT - 443 - - -"
    before, log = judge._callers[known], Log()
    strangers = [f"1 10.{n >> 16}.{n >> 8 & 255}.{n & 255} a.test /{n} - GET http 80 - - -" for n in range(70_000)]
    said(judge, [tunnel, *strangers, tunnel], at, log)
    assert judge._callers[known].asker == before.asker
    assert log.events[0].split("\t")[2:] == log.events[-1].split("\t")[2:]
    assert judge._path("-") == ""
    assert len(judge._callers) <= len(DEVICES) + judge_module.MAX_KEPT
    assert len(judge._paths) <= judge_module.MAX_KEPT


def test_verdicts_that_cite_entries_are_written_each_with_its_own_words():
    by_register, by_list = (Ground(kind, "1", "", "a.test") for kind in (GroundKind.REGISTER, GroundKind.LIST))
    closed = StatutoryCategory("games", StatutoryScope.EVERYBODY, "2.11", REGULATION)
    book = Rulebook(
        1,
        "",
        "",
        statutory=(closed,),
        register=(
            StatutoryEntry(Target("a.test"), by_register),
            StatutoryEntry(Target("b.test"), by_list),
        ),
    )
    log = Log()
    lines = [f"1 127.0.1.1 {host} / - GET http 80 - - -" for host in ("a.test", "b.test")]
    said(Judge(make_world(book, None, Catalogue()), (80,), (443,)), lines, some.NINE, log)
    assert [body.split("\t")[13:16] for body in log.events] == [["register", "1", "a.test"], ["list", "1", "a.test"]]


def test_a_closed_page_closes_its_host_in_a_tunnel_however_squid_writes_the_path():
    entry = StatutoryEntry(Target("a.test", "/p"), Ground(GroundKind.REGISTER, "1", "", "a.test/p"))
    log = Log()
    ways = [f"1 127.0.1.1 203.0.113.10 {path} a.test CONNECT - 443 - intercepted -" for path in ("/", "-", "/q")]
    ways += [f"1 127.0.1.1 a.test {path} a.test CONNECT - 443 - - -" for path in ("/", "-")]
    said(
        Judge(make_world(Rulebook(1, "", "", register=(entry,)), None, Catalogue()), (80,), (443,)),
        ways,
        some.NINE,
        log,
    )
    assert [body.split("\t")[13] for body in log.events] == ["register"] * 5


def test_a_path_is_allowed_only_if_every_reading_of_it_is():
    assert other_readings("/plain") == []
    assert other_readings("/a%2Fb") == ["/a/b"]
    assert other_readings("/a%23b%2fc") == ["/a", "/a%23b/c"]
