"""A supervisor who is away and comes back, in two browsers: the student is told, and presses nothing (2.9)."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect, sync_playwright

from tests.browser.axe import barriers
from tests.portal.lessons.running import Portal, portal_in

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]
SECRET = "s" * 32
GRACE = 30
"""Seconds: the shortest that a school may set."""


@pytest.fixture
def portal(tmp_path: Path) -> Iterator[Portal]:
    (tmp_path / "peer").write_text(SECRET)
    more = {"DARBAZA_GRACE_SECONDS": str(GRACE), "DARBAZA_PEER_SECRET_FILE": str(tmp_path / "peer")}
    with portal_in(tmp_path / "state", more) as running:
        yield running


def test_a_supervisor_away_pauses_the_students_with_a_notice_and_back_resumes_them(portal: Portal) -> None:
    address = f"http://127.0.0.1:{portal.port}"
    portal.run(
        "seating.seat_student(session=session, device=Device.objects.get(address='127.0.1.1'),"
        f" student=Person.objects.get(public_id='{portal.student}'), by=session.supervisor, at=at)"
    )
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        screen = {"width": 1024, "height": 768}
        desk = browser.new_context(viewport=screen)
        desk.add_cookies([{"name": "darbaza_session", "value": portal.cookies["aida"], "url": address}])
        at_seat = {"X-Darbaza-Device": "127.0.1.1", "X-Darbaza-Peer": SECRET}
        teacher, student = desk.new_page(), browser.new_context(viewport=screen, extra_http_headers=at_seat).new_page()
        asleep = "**/heartbeat"
        teacher.route(asleep, lambda route: route.abort())  # the PC sleeps, or its line is down
        teacher.goto(f"{address}/sabak/{portal.session}/")
        seat = teacher.locator("[data-device='127.0.1.1'] .word")
        expect(seat).to_contain_text("кирди")
        student.goto(f"{address}/kirish/")
        expect(student.locator(".note.ok")).to_be_visible()

        expect(teacher.locator("#away")).to_be_visible(timeout=(GRACE + 20) * 1000)
        expect(seat).to_contain_text("көзөмөл жок")
        student.goto(f"{address}/kirish/")
        expect(student.locator(".note.warn")).to_contain_text("көзөмөл жок")
        expect(student.locator(".note.warn")).to_contain_text("2.9")
        assert barriers(student) == []
        if pictures := os.environ.get("DARBAZA_PICTURES"):
            student.screenshot(path=f"{pictures}/away-student.png")
            teacher.screenshot(path=f"{pictures}/away-teacher.png", full_page=True)

        teacher.unroute(asleep)
        expect(teacher.locator("#away")).to_be_hidden(timeout=(GRACE + 20) * 1000)
        expect(student.locator(".note.ok")).to_be_visible(timeout=30_000)  # by itself
        browser.close()
