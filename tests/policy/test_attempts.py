"""What looks like a deliberate attempt, and what never does (2.7)."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from darbaza.policy.attempts import Asked, AttemptRule, Manner, Part, Suspicion, is_mirror, suspicion
from darbaza.policy.verdict import Message

NINE = datetime(2026, 11, 23, 3, tzinfo=UTC)
RULE = AttemptRule()
END = NINE + timedelta(hours=1)

SITES = ("kazino.test", "oyun.test", "tanish.test", "aktivdem.test", "vpn-bekar.test", "proksi.test")
CATEGORIES = dict(zip(SITES, ("gambling", "games", "dating", "social", "circumvention", "circumvention"), strict=True))


def typed(seconds: float, host: str, message: Message = Message.RULED_DENIED, port: int = 443, **more: str) -> Asked:
    """A page opened by its address over TLS and refused."""
    category = more.get("category", CATEGORIES.get(host, ""))
    return Asked(NINE + timedelta(seconds=seconds), host, port, Manner.VISIT, False, message, category)


def plain(seconds: float, host: str, **more: object) -> list[Asked]:
    """The same without TLS: the page and, a moment later, its icon."""
    page = replace(typed(seconds, host, port=80), manner=Manner.PAGE, **more)  # type: ignore[arg-type]
    return [page, replace(page, at=page.at + timedelta(seconds=0.2), manner=Manner.SHOWN)]


def part_of(seconds: float, host: str, *, allowed: bool = False, manner: str = "") -> Asked:
    """A request that no person made."""
    message = Message.RULED_ALLOWED if allowed else Message.RULED_DENIED
    return Asked(NINE + timedelta(seconds=seconds), host, 443, manner, allowed, message, CATEGORIES.get(host, ""))


def seen(asked: list[Asked], rule: AttemptRule = RULE, **more: object) -> set[Part]:
    found = suspicion(asked, rule, at=END, **more)  # type: ignore[arg-type]
    return {one.part for one in found.evidence} if found else set()


PATTERNS: dict[str, tuple[list[Asked], Part]] = {
    "closed sites one after another": ([typed(20 * n, SITES[n]) for n in range(4)], Part.ONE_AFTER_ANOTHER),
    "the same without TLS": ([one for n in range(4) for one in plain(20 * n, SITES[n])], Part.ONE_AFTER_ANOTHER),
    "one site again and again": ([typed(15 * n, "oyun.test") for n in range(4)], Part.AGAIN),
    "the same over TLS and plain by turns": (
        [*plain(0, "oyun.test"), typed(20, "www.oyun.test"), *plain(40, "m.oyun.test"), typed(60, "oyun.test")],
        Part.AGAIN,
    ),
    "two ways round": ([typed(0, "vpn-bekar.test"), typed(30, "proksi.test")], Part.WAY_ROUND),
    "bare addresses": (
        [typed(30 * n, f"203.0.113.{n}", Message.ADDRESS_LITERAL, port=80) for n in range(3)],
        Part.ADDRESS,
    ),
    "mirrors": (
        [typed(0, "kazino.test"), *(typed(20 * n, f"kazino{n}.test", Message.NOT_RULED_ON) for n in (1, 2))],
        Part.MIRROR,
    ),
    "another port": ([typed(0, "oyun.test"), typed(5, "oyun.test", port=8080), typed(9, "oyun.test", port=8443)],
                     Part.PORT),
    "through a translator": (
        [
            typed(0, "kazino.test"),
            typed(20, "kazino-test.kotor.test", Message.NOT_RULED_ON),
            typed(40, "kazino.test.kotor2.test", Message.NOT_RULED_ON),
        ],
        Part.MIRROR,
    ),
    "what the supervisor closed, again and again": (
        [typed(30 * n, "kitep.test", Message.DENIED_FOR_LESSON) for n in range(4)],
        Part.AGAIN,
    ),
}  # fmt: skip


@pytest.mark.parametrize("pattern", PATTERNS)
def test_a_deliberate_pattern_is_suspected_for_what_it_is(pattern: str):
    asked, part = PATTERNS[pattern]
    assert part in seen(asked)


@pytest.mark.parametrize("pattern", PATTERNS)
def test_a_pattern_of_parts_frames_and_programs_is_none(pattern: str):
    """The very same requests, made by a page or a program."""
    asked, _part = PATTERNS[pattern]
    assert seen([replace(one, manner=Manner.UNTOLD) for one in asked]) == set()
    assert seen([replace(one, manner=Manner.PAGE) for one in asked if one.manner != Manner.SHOWN]) == set()


@pytest.mark.parametrize("pattern", PATTERNS)
def test_one_act_less_is_no_pattern(pattern: str):
    asked, _part = PATTERNS[pattern]
    opened = [one for one in asked if one.manner != Manner.SHOWN]
    assert seen([one for one in asked if one.at < opened[-1].at]) == set()


@pytest.mark.parametrize("pattern", PATTERNS)
def test_a_part_that_the_school_left_out_suspects_nobody(pattern: str):
    asked, _part = PATTERNS[pattern]
    off = AttemptRule(again=0, one_after_another=0, way_round=0, address=0, mirror=0, port=0)
    assert seen(asked, off) == set()


@pytest.mark.parametrize("pattern", PATTERNS)
def test_what_was_told_to_an_adult_is_no_attempt(pattern: str):
    asked, _part = PATTERNS[pattern]
    assert seen(asked, told=frozenset(one.host for one in asked)) == set()


@pytest.mark.parametrize("pattern", PATTERNS)
def test_a_pattern_drawn_out_over_hours_is_none(pattern: str):
    asked, _part = PATTERNS[pattern]
    slow = [replace(one, at=NINE + 40 * (one.at - NINE)) for one in asked]
    if "TLS" not in pattern and "port" not in pattern:
        assert suspicion(slow, RULE, at=NINE + timedelta(days=1)) is None


def tunnel(seconds: float, host: str) -> Asked:
    """A tunnel to an allowed site."""
    return replace(part_of(seconds, host, allowed=True), tunnel=True)


def followed(seconds: float, host: str) -> list[Asked]:
    """A link to a page without TLS: it says where it stood."""
    page, icon = plain(seconds, host)
    return [replace(page, manner=Manner.UNTOLD), icon]


INNOCENT = {
    "one refusal of the worst kind": [typed(0, "kazino.test", Message.STATUTORY_CATEGORY)],
    "three tries": [typed(30 * n, "oyun.test") for n in range(3)],
    "what nobody has ruled on, ten times": [typed(20 * n, "jany.test", Message.NOT_RULED_ON) for n in range(10)],
    "ten places that nobody has ruled on": [typed(20 * n, f"jany{n}.test", Message.NOT_RULED_ON) for n in range(10)],
    "impatience": [typed(n, "oyun.test") for n in range(9)],
    "tabs of yesterday": [typed(n / 10, host) for n, host in enumerate(SITES)],
    "searching where the search engine is closed": [
        typed(20 * n, "izde.test", Message.RULED_DENIED, category="search") for n in range(9)
    ],
    "an engine without a safe mode": [typed(20 * n, "izde.test", Message.UNSAFE_SEARCH) for n in range(9)],
    "what waits for an adult": [typed(20 * n, f"jaman{n}.test", Message.HELD) for n in range(9)],
    "what a permission would open": [typed(20 * n, f"kat{n}.test", Message.NEEDS_PERMIT) for n in range(9)],
    "nobody supervises": [typed(20 * n, SITES[n % 6], Message.SUPERVISOR_AWAY) for n in range(12)],
    "paused": [typed(20 * n, SITES[n % 6], Message.PAUSED) for n in range(12)],
    "the scene of the lesson": [typed(20 * n, f"b{n}.test", Message.OUTSIDE_SCENE) for n in range(12)],
    "the school's own server": [typed(20 * n, f"192.168.1.{n}", Message.ADDRESS_LITERAL) for n in range(9)],
    "ports of what nobody has ruled on": [typed(20 * n, "jany.test", Message.PORT_REFUSED, 3000 + n) for n in range(9)],
    "links that lead on to closed sites": [
        one for n in range(5) for one in (tunnel(60 * n, f"bar{n}.test"), typed(60 * n + 6, SITES[n]))
    ],
    "links that are followed, beside frames that hide where they stand": [
        one for n in range(5) for one in (plain(60 * n - 5, SITES[n])[0], *followed(60 * n, SITES[n]))
    ],
    "addresses that moved, on a slow line": [
        one
        for n in range(5)
        for one in (part_of(60 * n, f"bar{n}.test", allowed=True, manner="page"), typed(60 * n + 9, SITES[n]))
    ],
    "addresses that moved, on an old PC at its limits": [
        one
        for n in range(5)
        for one in (
            tunnel(90 * n, f"bar{n}.test"),
            replace(part_of(90 * n + 16, SITES[n]), tunnel=True),
            typed(90 * n + 24, SITES[n]),
        )
    ],
    "names that share a word": [
        typed(0, "mektep.test"),
        typed(20, "mektep-kitep.test", Message.NOT_RULED_ON),
        typed(40, "emektepter.test", Message.NOT_RULED_ON),
    ],
}


@pytest.mark.parametrize("what", INNOCENT)
def test_innocent_things_are_never_suspected(what: str):
    assert seen(INNOCENT[what]) == set()


def test_a_page_without_tls_counts_only_once_its_refusal_stood_in_a_tab():
    pages = [one for n in range(4) for one in plain(20 * n, SITES[n])]
    assert seen(pages) == {Part.ONE_AFTER_ANOTHER}
    assert seen(pages[:-1]) == set()


def test_another_page_that_asks_all_the_time_hides_nobody():
    """What a page asks for leads nowhere, and a page that has led somewhere leads nowhere else."""
    acts = [typed(60 + 2.5 * n, SITES[n]) for n in range(5)]
    chat = [part_of(second, "maek.test", allowed=True) for second in range(140)]
    assert seen([*acts, *chat, tunnel(59, "maek.test")]) == {Part.ONE_AFTER_ANOTHER}


def test_mirrors_are_told_from_other_names():
    assert all(is_mirror(name, "kazino.test") for name in ("kazino7.test", "kazino-zerkalo2.test", "ru.kazino.org"))
    assert not any(is_mirror(name, "kazino.test") for name in ("kazino.test", "blog.kazino.test", "kazinolar.test"))
    assert not is_mirror("oyun2.test", "oyun.test"), "short words stand in too many names"


moments = st.floats(0, 1500, allow_nan=False)
OTHERS = ("kazino1.test", "kazino2.test", "203.0.113.7", "203.0.113.8", "jany.test", "", "[::", "a")
hosts = st.sampled_from([*SITES, *OTHERS])
messages = st.sampled_from(list(Message))
manners = st.sampled_from(list(Manner))
ports = st.sampled_from([443, 8080, 8443])


@st.composite
def requests(draw: st.DrawFn, manners: st.SearchStrategy[str] = manners) -> Asked:
    message = draw(messages)
    return Asked(
        at=NINE + timedelta(seconds=draw(moments)),
        host=draw(hosts),
        port=draw(st.sampled_from([80, 443, 8080, 8443, 0])),
        manner=draw(manners),
        allowed=message == Message.RULED_ALLOWED,
        message=message,
        category=draw(st.sampled_from(["", *CATEGORIES.values(), "ads"])),
        tunnel=draw(st.booleans()),
    )


@st.composite
def opened(draw: st.DrawFn) -> list[Asked]:
    """Closed pages opened by hand, in such numbers that a suspicion is likely; some of them without TLS."""
    over_tls = [typed(draw(moments), draw(hosts), port=draw(ports)) for _ in range(draw(st.integers(0, 9)))]
    pages = [plain(draw(moments), draw(hosts)) for _ in range(draw(st.integers(0, 5)))]
    return [*over_tls, *(one for page in pages for one in page)]


def parts(found: Suspicion | None) -> set[Part]:
    return {one.part for one in found.evidence} if found else set()


@given(st.lists(requests(), max_size=30), st.integers(0, 5), moments)
def test_every_sequence_gets_an_answer_with_its_evidence(asked: list[Asked], number: int, seconds: float):
    rule = AttemptRule(*[timedelta(minutes=10), number, number, number, number, number, number])
    at = NINE + timedelta(seconds=seconds)
    found = suspicion(asked, rule, at=at)
    if found:
        assert set(found.asked) <= {one for one in asked if one.at <= at and not one.allowed}
        assert all(one.manner in {Manner.VISIT, Manner.SHOWN} for one in found.asked)
        assert all(len(one.asked) >= number > 0 for one in found.evidence)


@given(opened(), st.lists(requests(st.just("")), max_size=30), st.lists(requests(st.just("page")), max_size=9))
def test_what_no_person_opened_never_raises_suspicion(acts: list[Asked], noise: list[Asked], frames: list[Asked]):
    assert parts(suspicion([*acts, *noise, *frames], RULE, at=END)) <= parts(suspicion(acts, RULE, at=END))
    assert suspicion([*noise, *frames], RULE, at=END) is None


@given(opened(), opened(), moments)
def test_what_was_judged_stays_judged(before: list[Asked], after: list[Asked], seconds: float):
    """Whatever comes to light of the time before: only what was opened after the judgement counts anew."""
    judged = NINE + timedelta(seconds=seconds)
    assert suspicion(before, RULE, at=judged, judged=judged) is None
    found = suspicion([*before, *after], RULE, at=END, judged=judged)
    assert found is None or found.since > judged


@given(opened(), st.randoms(use_true_random=False))
def test_the_order_in_which_a_log_gives_its_rows_says_nothing(acts: list[Asked], chance):
    shuffled = list(acts)
    chance.shuffle(shuffled)
    assert suspicion(shuffled, RULE, at=END) == suspicion(acts, RULE, at=END)


@given(opened(), moments)
def test_nothing_is_known_before_it_happened(acts: list[Asked], seconds: float):
    at = NINE + timedelta(seconds=seconds)
    assert suspicion(acts, RULE, at=at) == suspicion([one for one in acts if one.at <= at], RULE, at=at)
