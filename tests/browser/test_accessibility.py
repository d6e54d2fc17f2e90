"""Every page that a role can walk to, in Kyrgyz at 1024×768: nothing that axe-core finds, nothing wider than the
screen, no text left in another language, nothing that a menu or link leads to in vain."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

import pytest
from playwright.sync_api import Error, Page

from tests.browser.axe import barriers
from tests.browser.conftest import School
from tests.browser.steps import sign_in

pytestmark = [pytest.mark.browser, pytest.mark.engine, pytest.mark.timeout(900)]

ROLES = ("ikt", "direktor", "internet", "kenesh", "sydykova", "zavuch")
IN_THE_PERSONS_MENU = ("/accounts/password/change/", "/accounts/2fa/")
NO_PAGE = re.compile(r"/shown/|\.csv$|/logout/|/static/|^/kirish|^/captive|^/card|^/site/")
NO_PAGE_OF_THE_SITE = re.compile(r"^/(?!site/ky/)|\.xml$|^/site/f/")
IDS = re.compile(r"/(?:\d+|[0-9a-z]{12}|room-\d+|\d{4}-\d+)(?=/|$)")
LINKS = "links => links.map(link => link.href)"


class Shape(HTMLParser):
    """What a page is made of and what it links to: the same page with other rows need not be looked at twice."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.parts, self.links, self._is_in_main = set[str](), list[str](), False
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take in an element of the page's main part, and any link."""
        known = dict(attrs)
        self._is_in_main = self._is_in_main or tag == "main"
        if self._is_in_main:
            self.parts.add(f"{tag} {known.get('type') or ''}")
        if tag == "a" and known.get("href"):
            self.links.append(known["href"] or "")

    def handle_endtag(self, tag: str) -> None:
        """Leave the main part at its end."""
        self._is_in_main = self._is_in_main and tag != "main"


def kind_of(address: str) -> str:
    """The page that an address leads to, whatever it is about."""
    return IDS.sub("/*", urlsplit(address).path)


def walk(
    page: Page,
    school: School,
    begin: tuple[str, ...] = ("/", *IN_THE_PERSONS_MENU),
    no_page: re.Pattern[str] = NO_PAGE,
) -> Iterator[str]:
    """Open each kind of page that links lead to from the home page and the person's menu; its kind."""
    waiting, seen = [school.portal(path) for path in begin], set[str]()
    page.mouse.move(0, 0)
    while waiting:
        address = waiting.pop(0)
        kind = kind_of(address)
        if kind in seen or no_page.search(kind) or not address.startswith(school.portal("/")):
            continue
        seen.add(kind)
        try:
            answer = page.goto(address)
        except Error as download:
            assert "Download is starting" in str(download)  # noqa: PT017 - the browser's word is all there is
            continue
        assert answer is not None
        assert answer.status == 200, f"a link leads to {address}: {answer.status}"
        yield kind
        waiting += [link.partition("#")[0] for link in page.locator("a[href]:visible").evaluate_all(LINKS)]


def walk_without_looking(page: Page, school: School, looked_at: dict[str, set[str]]) -> Iterator[tuple[str, str, bool]]:
    """Fetch each kind of page that links lead to; its kind, its address, and whether anything in it is new to it."""
    waiting, seen = [school.portal(path) for path in ("/", *IN_THE_PERSONS_MENU)], set[str]()
    while waiting:
        address = waiting.pop(0)
        kind = kind_of(address)
        if kind in seen or NO_PAGE.search(kind) or not address.startswith(school.portal("/")):
            continue
        seen.add(kind)
        answer = page.request.get(address)
        assert answer.status == 200, f"a link leads to {address}: {answer.status}"
        if not answer.headers["content-type"].startswith("text/html"):
            continue
        shape = Shape(answer.text())
        yield kind, address, not shape.parts <= looked_at.get(kind, set())
        looked_at.setdefault(kind, set()).update(shape.parts)
        waiting += [urljoin(address, link).partition("#")[0] for link in shape.links]


def test_no_page_of_any_role_has_a_barrier(school: School) -> None:
    looked_at: dict[str, set[str]] = {}
    found: list[str] = []
    for role in ROLES:
        with school.page() as page:
            sign_in(page, school, role)
            page.mouse.move(0, 0)
            kinds = 0
            for kind, address, is_new in walk_without_looking(page, school, looked_at):
                kinds += 1
                if is_new:
                    page.goto(address)
                    found += [f"{role} {kind}: {barrier}" for barrier in barriers(page, touched=False)]
            assert kinds > 8, f"{role} came no further than {kinds} pages"
    assert found == []
    assert len(looked_at) > 60, f"the walk came to {len(looked_at)} pages"


def test_the_public_site_has_no_barrier_on_a_telephone_and_leaves_no_cookie(school: School) -> None:
    with school.page() as page:
        page.set_viewport_size({"width": 390, "height": 844})
        kinds = set[str]()
        for kind in walk(page, school, ("/site/ky/",), NO_PAGE_OF_THE_SITE):
            kinds.add(kind)
            assert barriers(page, touched=False) == []
        assert {"/site/ky/p/*/", "/site/ky/schedule/", "/site/ky/regulation/", "/site/ky/removal/"} <= kinds
        assert page.context.cookies() == []
