"""Everything that must stand before the lab runs: the demo's school on the lab's addresses, its lists, its box.

`python -m darbaza.lab.prepare`, with the environment that `portal_environment` gives. Safe to run again.
"""

import os
import shutil
import sys
from datetime import datetime, time
from pathlib import Path

from darbaza.agent.settings import peer_secret
from darbaza.demo.places import Folders
from darbaza.demo.prepare import DEMO_LISTS, portal_environment, prepare_lists, prepare_portal
from darbaza.lab.names import NEIGHBOUR
from darbaza.lab.places import folders
from darbaza.lab.plan import STAFF_PCS, leased_pc, staff_pc, student_pc
from darbaza.lab.settings import BOX_TOML, GATE_LAYOUT, LAYOUT_TOML

NOON, LAST_MINUTE = time(12), time(23, 59)

SEARCH = (
    "google.com", "google.com.kh", "google.kg", "google.ru", "bing.com", "duckduckgo.com", "yandex.ru", "ya.ru",
    "ecosia.org", "pixabay.com", "search.brave.com", "search.yahoo.com", "startpage.com", "tineye.com",
)  # fmt: skip
VIDEO = ("youtube.com", "youtubei.googleapis.com", "youtube.googleapis.com", "youtube-nocookie.com")
"""Real names, which lead to nobody but the lab's own internet: a council that allows them, as many do."""

LISTED = {
    "education": ("good.test", "ok.pages.test", "xn--e1aybc.test", "cdn.test", *VIDEO),
    "reference": ("wiki.test", *SEARCH),
    "gambling": ("bad.test",),
    "circumvention": ("doh.test", "vpn.test", "relay.test", "translate.test", "translate.goog"),
}
"""The lab's own hosts in the demo's lists; whatever is in none of them nobody has ruled on."""


def prepare(places: Folders) -> None:
    """Bring everything into being, or up to date."""
    for folder in (places.portal, places.box / "keys", places.demo, places.log):
        folder.mkdir(parents=True, exist_ok=True)
    places.box.chmod(0o750)
    (places.box / "box.toml").write_text(BOX_TOML, encoding="utf-8")
    (places.box / GATE_LAYOUT).write_text(LAYOUT_TOML, encoding="ascii")
    (places.box / GATE_LAYOUT).chmod(0o644)
    peer_secret(places.box)
    prepare_portal(places, found)
    prepare_lists(places, lists(places.demo / "lists"))


def found(secrets: Path, at: datetime) -> bool:
    """The demo's school, on the lab's addresses and with two long lessons a day: no bell rings amid a test."""
    from darbaza.demo import school

    leased = leased_pc()
    hours = ((time(), NOON), (NOON, LAST_MINUTE))
    cards = {leased.address: leased.mac}
    ground = school.Ground(student_pc, staff_pc, STAFF_PCS, hours, absent=None, cards=cards, denied=(NEIGHBOUR,))
    return school.found(secrets, at, ground)


def lists(folder: Path) -> Path:
    """The demo's lists with the lab's hosts added, in a folder of their own."""
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(DEMO_LISTS, folder)
    for name, hosts in LISTED.items():
        with (folder / "demo" / f"{name}.domains").open("a", encoding="ascii") as file:
            file.writelines(f"{host}\n" for host in hosts)
    return folder


def environment(places: Folders) -> dict[str, str]:
    """The portal's settings in the lab."""
    return {**portal_environment(places), "DARBAZA_TRUSTED_ORIGINS": "http://127.0.0.1:8000,http://darbaza"}


def main() -> int:
    """Entry point."""
    places = folders()
    os.environ.update(environment(places))
    prepare(places)
    return 0


if __name__ == "__main__":
    sys.exit(main())
