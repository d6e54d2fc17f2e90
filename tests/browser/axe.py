"""Whether a page can be used by everybody, as far as a program can tell: axe-core's rules for WCAG 2.2 AA."""

from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
OPTIONS = {"runOnly": {"type": "tag", "values": RULES}, "resultTypes": ["violations"], "preload": False}
WIDTH = "document.documentElement.scrollWidth"
WIDER = """() => [...document.querySelectorAll("body *")].filter(node => node.getBoundingClientRect().right
    > document.documentElement.clientWidth && !node.closest(".scroll *")).map(node => node.outerHTML.slice(0, 120))"""
"""What reaches beyond the screen, but for what scrolls within a frame of its own."""


SETTLED = 300
"""Milliseconds after which a button under the pointer has its colours again."""


def barriers(page: Page, *, touched: bool = True) -> list[str]:
    """What axe-core finds on a page, and whether it is wider than the screen; one line each.

    From the top: a head that stays there covers a part of whatever is scrolled below it, which is no small target.
    A page that was only opened has nothing under the pointer (`touched=False`), so there is nothing to wait for.
    """
    if touched:
        page.mouse.move(0, 0)  # what moved under the pointer after a click is half-way between two colours
        page.wait_for_timeout(SETTLED)
    page.evaluate("scrollTo(0, 0)")
    found = [line for one in Axe().run(page, options=OPTIONS).response["violations"] for line in lines(one)]
    width, screen = page.evaluate(WIDTH), (page.viewport_size or {})["width"]
    return found if width <= screen else [*found, f"{page.url}: {width} px wide, by {page.evaluate(WIDER)}"]


def lines(violation: dict[str, Any]) -> list[str]:
    """A rule that is broken, at each of the places where it is."""
    return [
        f"{violation['id']} at {' '.join(map(str, node['target']))}: {node['html'][:160]}"
        for node in violation["nodes"]
    ]
