"""Attempts by a real browser: `bench/attempts.py [VISITS] [--keep FILE]`, in a network of its own:

    source script/lib.sh; in_own_network env PYTHONPATH=src:. "$python" bench/attempts.py

A Chromium with its background services on makes 500 ordinary page visits (lessons of 25) through a real Squid: pages
full of others' advertisements, frames, prefetches, films, workers; links, redirects and popups that end at closed
sites, tabs restored, a search engine that is closed. Then it plays deliberate patterns on the same pages. Printed are
the suspicions of both by the rule as it is by default: none of the first, each of the second. 1 if that does not hold.

`--keep` writes what the log said into a file that the tests replay (`tests/policy/recorded.tsv.gz`): hosts are the
invented ones, the browser's own calls home have invented names.
"""

import argparse
import gzip
import random
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from bench.browsing import ALLOWED, CLOSED, OUTSIDE, UNRULED, Browser, World, pause
from playwright.sync_api import sync_playwright

from darbaza.clock import utc_now
from darbaza.policy.attempts import LED_WITHIN, Asked, AttemptRule, acts_of, suspicion
from darbaza.snapshot.spool import VerdictEvent

LESSON = 25
LOOK = 0.5
"""Seconds that a person looks at a page; short, so that the windows of the rule hold more than they ever would."""
SAME_SITE = 10.5

Lessons = dict[str, list[Asked]]


def main(arguments: Sequence[str] | None = None) -> int:
    """Record, judge, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("visits", nargs="?", type=int, default=500)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--keep", type=Path)
    given = parser.parse_args(arguments)
    with World().plugged() as world, sync_playwright() as playwright:
        browser = Browser(playwright, world)
        try:
            recorder = Recorder(world, browser, random.Random(given.seed), given.keep)
            recorder.deliberate()
            recorder.ordinary(given.visits)
        finally:
            browser.remove()
    return report(recorder, given.visits)


class Recorder:
    """Plays lessons and cuts the log at their ends."""

    def __init__(self, world: World, browser: Browser, chance: random.Random, file: Path | None) -> None:
        """Begin with nothing recorded; each lesson goes to `file` as soon as it is over."""
        self._world, self._browser, self._chance, self._file = world, browser, chance, file
        self.lessons: Lessons = {}
        self.visits: Counter[str] = Counter()

    def ordinary(self, visits: int) -> None:
        """Lessons of ordinary visits."""
        for number in range(-(-visits // LESSON)):
            began = self._begin(number % 5 == 4)
            once = self._chance.sample(sorted(ONCE), 3)
            for step in range(min(LESSON, visits - number * LESSON)):
                name = once.pop() if once and step % 8 == 7 else self._chance.choice(sorted(OFTEN))
                {**OFTEN, **ONCE}[name](self)
                self.visits[name] += 1
                pause(LOOK)
            self._end(f"ordinary-{number + 1:02d}", began)

    def deliberate(self) -> None:
        """Each pattern in a lesson of its own, beside an ordinary page that goes on."""
        for name, play in DELIBERATE.items():
            began = self._begin(False)
            self._browser.type(self._allowed("https"), self._browser.tabs.new_page())
            pause(LED_WITHIN.seconds + 1)
            play(self)
            self._end(f"deliberate-{name}", began)

    def _begin(self, restores: bool) -> datetime:
        if restores:
            for host in ("kazino.test", "oyun.test", "tanish.test", "aktivdem.test"):
                self._browser.type(f"https://{host}/", self._browser.tabs.new_page())
            pause(1)
        began = utc_now()
        self._browser.restart(*(["--restore-last-session"] if restores else []))
        if restores:
            pause(3)
        return began

    def _end(self, name: str, began: datetime) -> None:
        pause(1.5)
        self._browser.tidy()
        self.lessons[name] = [asked(one) for one in self._world.said() if one.at >= began]
        print(f"{name}: {len(self.lessons[name])} lines, {verdict(self.lessons[name])}", flush=True)
        if self._file:
            keep(self.lessons, self._file)

    # What people do.

    def _allowed(self, scheme: str = "", path: str = "/") -> str:
        scheme = scheme or self._chance.choice(["http", "https"])
        return f"{scheme}://{self._chance.choice(ALLOWED)}{path}"

    def _some_closed(self) -> str:
        return self._chance.choice(sorted(host for host in CLOSED if host not in {"izde.test", "reklama1.test"}))

    def page(self) -> None:
        """Type or choose an allowed page."""
        self._browser.type(self._allowed())

    def link(self) -> None:
        """Follow a link of it."""
        self.page()
        self._browser.click("#within")

    def new_tab(self) -> None:
        """Open one in another tab; now and then all others are closed."""
        if len(self._browser.tabs.pages) > 2:
            self._browser.tidy()
        self._browser.type(self._allowed(), self._browser.tabs.new_page())

    def reload(self) -> None:
        """Reload a page whose parts are refused."""
        self.page()
        self._browser.do(lambda tab: tab.reload(timeout=8000, wait_until="domcontentloaded"))

    def linger(self) -> None:
        """Stay at a page whose frames change by themselves."""
        self.page()
        pause(3)

    def closed_link(self) -> None:
        """Follow a link that ends at a closed page, and go back."""
        self.page()
        self._browser.click("#closed")
        pause(LOOK)
        self._browser.do(lambda tab: tab.go_back(timeout=4000, wait_until="commit"))

    def silent_link(self) -> None:
        """The same by a link that says nothing of where it stood."""
        self.page()
        self._browser.click("#silent")

    def popup(self) -> None:
        """Click on a page that opens a closed one in a tab of its own."""
        self.page()
        self._browser.click("#pops")
        pause(LOOK)
        self._browser.tidy()

    def scripted(self) -> None:
        """A page that goes to a closed one by script."""
        self._browser.type(self._allowed(path=f"/script?to=https://{self._some_closed()}/"))

    def refreshed(self) -> None:
        """A page that goes to a closed one by itself after a second."""
        self._browser.type(self._allowed(path=f"/refresh?to=https://{self._some_closed()}/"))
        pause(1.5)

    def searched(self) -> None:
        """Search where the browser's search engine is closed."""
        self._browser.type(f"https://izde.test/search?q={self._chance.random()}")

    def mistyped(self) -> None:
        """An address that nobody has ruled on."""
        self._browser.type(f"https://jany{self._chance.randint(1, 3)}.test/")

    def moved(self) -> None:
        """An address that has moved to a closed place."""
        self._browser.type(self._allowed(path=f"/moved?to=https://{self._some_closed()}/"))

    def typed_closed(self) -> None:
        """One closed address by hand; everybody tries once."""
        self._browser.type(f"{self._chance.choice(['http', 'https'])}://{self._some_closed()}/")

    def tried_twice(self) -> None:
        """One closed address, and once more whether it is true."""
        host = self._some_closed()
        self._browser.type(f"https://{host}/")
        pause(1)
        self._browser.type(f"https://{host}/")

    def own_server(self) -> None:
        """The printer of the school."""
        self._browser.type("http://192.168.7.9/")

    # What is deliberate.

    def type_each(self, *addresses: str, apart: float = 2.6) -> None:
        """Addresses by hand, one after another."""
        for address in addresses:
            self._browser.type(address)
            pause(apart)


OFTEN: dict[str, Callable[[Recorder], None]] = {
    one.__name__: one
    for one in (
        Recorder.page, Recorder.link, Recorder.new_tab, Recorder.reload, Recorder.linger, Recorder.closed_link,
        Recorder.silent_link, Recorder.popup, Recorder.scripted, Recorder.refreshed, Recorder.searched,
        Recorder.mistyped,
    )
}  # fmt: skip
"""Any number of these in a lesson."""

ONCE: dict[str, Callable[[Recorder], None]] = {
    one.__name__: one for one in (Recorder.typed_closed, Recorder.tried_twice, Recorder.moved, Recorder.own_server)
}
"""At most one of each in a lesson."""


def _each(*addresses: str, apart: float = 2.6) -> Callable[[Recorder], None]:
    return lambda recorder: recorder.type_each(*addresses, apart=apart)


DELIBERATE: dict[str, Callable[[Recorder], None]] = {
    "one-after-another": _each(
        "https://kazino.test/", "https://oyun.test/", "https://tanish.test/", "https://aktivdem.test/"
    ),
    "one-after-another-plain": _each(
        "http://kazino.test/", "http://oyun.test/", "http://tanish.test/", "http://aktivdem.test/"
    ),
    "again-after-the-refusal": _each(*["https://oyun.test/"] * 4, apart=SAME_SITE),
    "again-by-other-spellings": _each(
        "http://oyun.test/", "https://oyun.test/a", "http://OYUN.test./", "https://oyun.test/?b", apart=SAME_SITE
    ),
    "ways-round": _each("https://vpn-bekar.test/", "https://proksi.test/"),
    "ways-round-plain": _each("http://aylanma.test/", "http://proksi.test/web"),
    "encrypted-names": _each("https://doh-jol.test/dns-query", "https://vpn-bekar.test/"),
    "bare-addresses": _each(*(f"http://{address}/" for address in OUTSIDE)),
    "bare-addresses-tls": _each(*(f"https://{address}/" for address in OUTSIDE)),
    "mirrors": _each("https://kazino.test/", "https://kazino1.test/", "https://kazino-zerkalo.test/"),
    "through-a-translator": _each("https://kazino.test/", "https://kazino-test.kotor.test/", "https://kazino77.test/"),
    "other-ports": _each("https://oyun.test/", "https://oyun.test:8443/", "http://oyun.test:8080/"),
}


def asked(event: VerdictEvent) -> Asked:
    """A line of the log as the rule reads it; as in the portal, with what lists say of a host that was ruled on."""
    allowed = event.outcome == "allow"
    listed = CLOSED.get(event.host, "")
    rule = AttemptRule()
    category = listed if listed in rule.harmless | rule.round_about else event.category
    is_tunnel = event.method == "CONNECT"
    return Asked(event.at, event.host, event.port, event.manner, allowed, event.message, category, "", is_tunnel)


def verdict(lines: Sequence[Asked]) -> str:
    """What the rule says, in a word or two."""
    found = suspicion(lines, AttemptRule(), at=lines[-1].at) if lines else None
    parts = ", ".join(one.part for one in found.evidence) if found else "nothing"
    return f"{len(acts_of(sorted(lines, key=lambda one: one.at), AttemptRule()))} acts, suspected: {parts}"


def report(recorder: Recorder, visits: int) -> int:
    """Print the figures; 1 if one is missed."""
    lessons = recorder.lessons
    false = [name for name, lines in lessons.items() if name.startswith("ordinary") and is_suspected(lines)]
    missed = [name for name, lines in lessons.items() if name.startswith("deliberate") and not is_suspected(lines)]
    lines = [one for name, each in lessons.items() if name.startswith("ordinary") for one in each]
    refused = [one for one in lines if not one.allowed]
    print("\nordinary visits:", ", ".join(f"{name} {count}" for name, count in sorted(recorder.visits.items())))
    print(f"{visits} ordinary page visits in {sum(n.startswith('o') for n in lessons)} lessons: {len(lines)} lines, "
          f"{len(refused)} refusals, of closed categories {sum(bool(one.category) for one in refused)}")  # fmt: skip
    print(f"false suspicions: {len(false)} {false or ''}")
    print(f"deliberate patterns suspected: {len(DELIBERATE) - len(missed)} of {len(DELIBERATE)} {missed or ''}")
    return 1 if false or missed else 0


def is_suspected(lines: Sequence[Asked]) -> bool:
    """Whether the rule suspects something at any time of a lesson."""
    instants = {one.at for one in lines if one.manner}
    return any(suspicion(lines, AttemptRule(), at=at) for at in instants)


def keep(lessons: Lessons, file: Path) -> None:
    """Write the recording."""
    own = {*ALLOWED, *CLOSED, *UNRULED, *OUTSIDE, "192.168.7.9"}
    names: dict[str, str] = {}
    rows = []
    for lesson, lines in lessons.items():
        for one in lines:
            host = one.host if one.host in own else names.setdefault(one.host, f"maker{len(names) + 1}.test")
            since = (one.at - lines[0].at) // timedelta(milliseconds=1)
            kind = "t" if one.tunnel else ""
            said = (lesson, since, host, one.port, one.manner, int(one.allowed), one.message, one.category, kind)
            rows.append("\t".join(map(str, said)))
    with gzip.GzipFile(file, "wb", mtime=0) as out:
        out.write("\n".join(rows).encode() + b"\n")


if __name__ == "__main__":
    began = time.monotonic()
    code = main()
    print(f"({time.monotonic() - began:.0f} s)")
    sys.exit(code)
